"""The interaction model: within every limit and naming rule of the platform, or the build stops.

The rules: Amazon, "Create the interaction model for your skill" and "Interaction model schema".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools import models
from tools.build import MODELS
from tools.phrases import Language
from tools.sentences import locales
from tools.yamlfile import ContentError

# ---- the models that are deployed

DEPLOYED = {path.stem: path for path in sorted(MODELS.glob("*.json"))}
REQUIRED = {f"AMAZON.{name}Intent" for name in ("Help", "Stop", "Cancel", "NavigateHome", "Fallback")}
WORD = r"[^\W\d_]+(?:['.-][^\W\d_]+)*[.']?"
PLACE = r"\{[a-z_]+\}(?:'s)?"
SAMPLE = re.compile(rf"(?:{WORD}|{PLACE})(?: (?:{WORD}|{PLACE}))*")
NAME = re.compile(r"[A-Za-z_]+")
NOT_IN_SAMPLES = {"alexa", "amazon", "echo"}
LAUNCH_WORDS = {"ask", "begin", "launch", "load", "open", "play", "resume", "run", "start", "tell"}


@pytest.fixture(scope="module", params=DEPLOYED, name="deployed")
def _deployed(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One deployed language model."""
    text = DEPLOYED[request.param].read_text("utf-8")
    assert len(text.encode()) <= 1_500_000
    model = json.loads(text)
    assert set(model) == {"interactionModel"}
    return dict(model["interactionModel"]["languageModel"])


def slots(model: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each slot, with the name of its intent."""
    for intent in model["intents"]:
        for slot in intent.get("slots", ()):
            yield intent["name"], slot


def test_every_locale_has_a_model_and_nothing_else_has() -> None:
    """A locale that is offered can be understood."""
    assert set(DEPLOYED) == set(locales())


def test_the_number_of_intents_and_types_is_within_the_limits(deployed: dict[str, Any]) -> None:
    """At most 250 intents, and 350 intents and slot types together."""
    assert len(deployed["intents"]) <= 250
    assert len(deployed["intents"]) + len(deployed["types"]) <= 350


def test_the_invocation_name_is_cramp_coach(deployed: dict[str, Any]) -> None:
    """Two words, lower case, none of them a launch, wake or connecting word."""
    assert deployed["invocationName"] == "cramp coach"


def test_the_built_ins_that_certification_asks_for_are_there(deployed: dict[str, Any]) -> None:
    """Help, stop, cancel, home and fallback in each locale."""
    assert {intent["name"] for intent in deployed["intents"]} >= REQUIRED


def test_names_are_letters_and_underscores_and_used_once(deployed: dict[str, Any]) -> None:
    """No digits, no spaces, and no two intents, types, or slots of an intent, of the same name."""
    intents = [intent["name"] for intent in deployed["intents"]]
    types = [type_["name"] for type_ in deployed["types"]]
    in_intents = [(intent, slot["name"]) for intent, slot in slots(deployed)]
    for name in (*intents, *types, *(slot for _, slot in in_intents)):
        assert NAME.fullmatch(name.removeprefix("AMAZON.")), name
    for names in ([*intents, *types], in_intents):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_a_slot_has_one_type_in_all_intents(deployed: dict[str, Any]) -> None:
    """A slot name means the same everywhere, and its type exists; every type is used."""
    types: dict[str, str] = {}
    for intent, slot in slots(deployed):
        assert types.setdefault(slot["name"], slot["type"]) == slot["type"], intent
    own = {type_["name"] for type_ in deployed["types"]}
    assert {type_ for type_ in types.values() if not type_.startswith("AMAZON.")} == own


def test_a_built_in_type_is_one_that_carries_no_free_speech(deployed: dict[str, Any]) -> None:
    """No search query: it would record what people say of their health. A date and a time are of a reminder, and tell
    nothing of it."""
    built_in = {slot["type"] for _, slot in slots(deployed) if slot["type"].startswith("AMAZON.")}
    assert built_in <= {"AMAZON.DURATION", "AMAZON.NUMBER", "AMAZON.DATE", "AMAZON.TIME"}


def test_samples_are_what_the_platform_accepts(deployed: dict[str, Any]) -> None:
    """Letters, spaces, apostrophes, hyphens, full stops and slots: no digits, no commas, no question marks."""
    for intent in deployed["intents"]:
        own = {slot["name"] for slot in intent.get("slots", ())}
        for sample in intent["samples"]:
            assert SAMPLE.fullmatch(sample), f"{intent['name']}: {sample!r}"
            used = re.findall(r"\{([a-z_]+)\}", sample)
            assert set(used) <= own, f"{intent['name']}: {sample!r}"


def test_samples_hold_no_wake_and_no_launch_words(deployed: dict[str, Any]) -> None:
    """ "Alexa, open cramp coach" is the platform's to hear, not ours."""
    for intent in deployed["intents"]:
        for sample in intent["samples"]:
            words = sample.lower().split()
            assert not NOT_IN_SAMPLES & set(words), sample
            assert "cramp coach" not in sample.lower() or words[0] not in LAUNCH_WORDS, sample


def test_every_intent_of_ours_can_be_reached_and_no_sample_is_shared(
    deployed: dict[str, Any],
) -> None:
    """Each own intent has a sample, and no sentence belongs to two."""
    said: Counter[str] = Counter()
    for intent in deployed["intents"]:
        assert intent["samples"] or intent["name"].startswith("AMAZON."), intent["name"]
        said.update(sample.lower() for sample in intent["samples"])
    assert [sample for sample, count in said.items() if count > 1] == []


def test_built_in_intents_are_extended_without_slots(deployed: dict[str, Any]) -> None:
    """A built-in intent carries nothing of ours; danger has its own rivals among the samples."""
    for intent in deployed["intents"]:
        if intent["name"].startswith("AMAZON."):
            assert "slots" not in intent
            assert not any("{" in sample for sample in intent["samples"])


def test_every_type_has_values_with_ids(deployed: dict[str, Any]) -> None:
    """A custom type has a value, each value an id of its own that a program can hold on to."""
    for type_ in deployed["types"]:
        ids = [value["id"] for value in type_["values"]]
        assert ids, type_["name"]
        assert len(ids) == len(set(ids)), type_["name"]
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", id_) for id_ in ids), type_["name"]


def test_values_and_synonyms_are_short_and_named_once(deployed: dict[str, Any]) -> None:
    """140 characters at most, nothing empty, no sign that nobody can say, no two values of one name."""
    for type_ in deployed["types"]:
        names = [value["name"]["value"].lower() for value in type_["values"]]
        assert len(names) == len(set(names)), type_["name"]
        for value in type_["values"]:
            phrases = [value["name"]["value"], *value["name"]["synonyms"]]
            assert len(phrases) == len({phrase.lower() for phrase in phrases}), value["id"]
            for phrase in phrases:
                assert 0 < len(phrase) <= 140, phrase
                assert not re.search(r"[\d,!?/;|()\[\]{}]", phrase), f"{type_['name']}: {phrase!r}"


def test_danger_and_sites_may_be_several(deployed: dict[str, Any]) -> None:
    """ "Calf and foot", "swollen and hot", "ice and heat": such slots carry more than one value."""
    for intent, slot in slots(deployed):
        several = slot["name"] in {"site", "danger", "denied", "detail", "answer", "remedy"}
        assert slot.get("multipleValues", {}).get("enabled", False) is several, intent


def test_danger_fits_every_intent_of_ours(deployed: dict[str, Any]) -> None:
    """Whatever people ask, a danger they add can be carried."""
    for intent in deployed["intents"]:
        if not intent["name"].startswith("AMAZON."):
            assert "danger" in {slot["name"] for slot in intent["slots"]}, intent["name"]


def test_the_fallback_is_not_made_more_eager(deployed: dict[str, Any]) -> None:
    """What sounds like danger should reach an intent rather than the fallback."""
    sensitivity = deployed["modelConfiguration"]["fallbackIntentSensitivity"]
    assert sensitivity == {"level": "LOW"}


# ---- the builder

WORDS = "{families: {}, small: [my, is], light: [], denials: [no]}"
SITE = "calf: {name: calf, phrases: [calf, lower leg, calf]}"
DANGER = "swelling: {name: swollen, phrases: [swollen]}"
DETAIL = "hard_knot: {name: hard knot, phrases: [hard knot], as_answer: [hard one]}"
INTENTS = """
slots: {site: Site*, danger: Danger, answer: Answer}
types: {Site: sites, Danger: danger, Detail: details}
intents: {TellIntent: [site, danger, answer], AMAZON.YesIntent: []}
"""
SAID = """
invocation: cramp coach
intents:
  TellIntent: ["[my] {site}", "it is {danger}", "{answer}"]
  AMAZON.YesIntent: ["yep"]
"""


class Small:
    """A small skill in a folder of its own: change a file, then build it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {
            "xx.yaml": SAID,
            "intents.yaml": INTENTS,
            "xx/words.yaml": WORDS,
            "xx/sites.yaml": SITE,
            "xx/danger.yaml": DANGER,
            "xx/details.yaml": DETAIL,
        }

    def change(self, file: str, old: str, new: str) -> None:
        """Replaces a piece of a file."""
        assert old in self.files[file]
        self.files[file] = self.files[file].replace(old, new)

    def build(self, *locale_files: str) -> dict[str, Any]:
        """The interaction model; with the samples of a locale's files."""
        for name, text in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        language = Language("xx", models.intents()["types"], self.folder)
        files = [self.folder / name for name in locale_files]
        return dict(models.build(language, "xx", files)["interactionModel"]["languageModel"])


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Small:
    """A small, sound skill."""
    monkeypatch.setattr(models, "SOURCE", tmp_path)
    return Small(tmp_path)


def test_a_model_is_made_of_samples_and_phrases(small: Small) -> None:
    """Patterns are written out; slots carry one value or several; each value has its id and its synonyms once."""
    assert small.build() == {
        "invocationName": "cramp coach",
        "modelConfiguration": {"fallbackIntentSensitivity": {"level": "LOW"}},
        "intents": [
            {
                "name": "TellIntent",
                "slots": [
                    {"name": "site", "type": "Site", "multipleValues": {"enabled": True}},
                    {"name": "danger", "type": "Danger"},
                    {"name": "answer", "type": "Answer"},
                ],
                "samples": ["my {site}", "{site}", "it is {danger}", "{answer}"],
            },
            {"name": "AMAZON.YesIntent", "samples": ["yep"]},
        ],
        "types": [
            {
                "name": "Site",
                "values": [{"id": "calf", "name": {"value": "calf", "synonyms": ["lower leg"]}}],
            },
            {
                "name": "Danger",
                "values": [{"id": "swelling", "name": {"value": "swollen", "synonyms": []}}],
            },
            {
                "name": "Detail",
                "values": [{"id": "hard_knot", "name": {"value": "hard knot", "synonyms": []}}],
            },
            {
                "name": "Answer",
                "values": [{"id": "hard_one", "name": {"value": "hard one", "synonyms": []}}],
            },
        ],
    }


def test_of_phrases_that_are_heard_alike_the_first_stands_for_all(small: Small) -> None:
    """The size of a model is limited: what is heard by the same words is carried once, the name in any case."""
    small.change("xx/words.yaml", "families: {}", "families: {swollen: [swelling]}")
    alike = "[swollen, my swelling, puffed up, is puffed up, my puffed up]"
    small.change("xx/danger.yaml", "name: swollen, phrases: [swollen]", f"name: swollen, phrases: {alike}")
    (danger,) = (type_ for type_ in small.build()["types"] if type_["name"] == "Danger")
    assert danger["values"] == [{"id": "swelling", "name": {"value": "swollen", "synonyms": ["puffed up"]}}]


@pytest.mark.parametrize(
    "name",
    [
        "coach",
        "Cramp Coach",
        "ask coach",
        "open cramp coach",
        "the coach",
        "cramp app",
        "cramp skill",
        "coach for cramps",
        "alexa coach",
        "",
    ],
)
def test_a_name_the_platform_refuses_stops_the_build(small: Small, name: str) -> None:
    """One word, capitals, launch words, wake words, articles and connecting words."""
    small.change("xx.yaml", "invocation: cramp coach", f"invocation: '{name}'")
    with pytest.raises(ContentError, match=r"xx\.yaml: invocation: .* refused by the platform"):
        small.build()


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        pytest.param("xx.yaml", "yep", "yep, sure", "AMAZON.YesIntent: 'yep, sure': is not a sample", id="comma"),
        pytest.param("xx.yaml", "yep", "yes 2", "AMAZON.YesIntent: 'yes 2': is not", id="digits"),
        pytest.param("xx.yaml", "yep", "yep?", "AMAZON.YesIntent: 'yep?': is not", id="question"),
        pytest.param("xx.yaml", "yep", "yep | sure", "'yep | sure': is not a sample", id="bar"),
        pytest.param("xx.yaml", "it is {danger}", "it {is", "TellIntent: 'it {is': is not", id="open slot"),
        pytest.param(
            "xx.yaml",
            "it is {danger}",
            "(it is {danger}",
            "TellIntent: '(it is {danger}': no ')' to close it (see tools/patterns.py)",
            id="brackets",
        ),
        pytest.param(
            "xx.yaml",
            "it is {danger}",
            "it is {side}",
            "TellIntent: 'it is {side}': uses the slot side (list it under the intent",
            id="unknown slot",
        ),
        pytest.param(
            "xx.yaml",
            "yep",
            "MY {site}",
            "AMAZON.YesIntent: 'MY {site}': uses the slot site",
            id="slot in a built-in intent",
        ),
        pytest.param(
            "xx.yaml",
            '"{answer}"',
            "yep",
            "AMAZON.YesIntent: 'yep': is also a sample of TellIntent (keep it in one",
            id="shared sample",
        ),
        pytest.param(
            "xx.yaml",
            '["[my] {site}", "it is {danger}", "{answer}"]',
            "[]",
            "TellIntent: cannot be reached by voice (write at least one sample)",
            id="no sample",
        ),
        pytest.param(
            "xx.yaml",
            'AMAZON.YesIntent: ["yep"]',
            'AMAZON.YesIntent: ["yep"]\n  AMAZON.NoIntent: []',
            "AMAZON.NoIntent: is not declared (declare it in interaction-models/intents.yaml",
            id="undeclared intent",
        ),
        pytest.param(
            "intents.yaml",
            "AMAZON.YesIntent: []",
            "AMAZON.YesIntent: [], AMAZON.NoIntent: []",
            "xx.yaml: AMAZON.NoIntent: has no samples here (write what people say",
            id="forgotten intent",
        ),
        pytest.param(
            "xx/sites.yaml",
            "name: calf",
            f"name: {'calf ' * 29}",
            "xx/sites.yaml: calf: 'calf calf",
            id="long name",
        ),
    ],
)
def test_a_slip_stops_the_build(small: Small, file: str, old: str, new: str, says: str) -> None:
    """Each mistake is named with its file, its key and its remedy."""
    small.change(file, old, new)
    with pytest.raises(ContentError) as stopped:
        small.build()
    assert says in str(stopped.value)


@pytest.mark.parametrize("name", ["TellTwoIntent2", "Tell-Intent", "Tell Intent"])
def test_an_intent_name_the_platform_refuses_stops_the_build(small: Small, name: str) -> None:
    """Letters and underscores only."""
    small.change("intents.yaml", "TellIntent", name)
    small.change("xx.yaml", "TellIntent", name)
    with pytest.raises(ContentError, match=f"{name}: is not a name Alexa accepts"):
        small.build()


@pytest.mark.parametrize("file", ["xx/sites.yaml", "xx/danger.yaml"])
def test_a_type_without_values_stops_the_build(small: Small, file: str) -> None:
    """A slot type that nothing fills makes a model that the platform refuses."""
    del small.files[file]
    with pytest.raises(ContentError, match=rf"{file}: is missing"):
        small.build()


@pytest.mark.parametrize(
    ("limit", "most", "says"),
    [
        ("MODEL_BYTES", 100, "100 is the most"),
        ("INTENTS", 1, "too many intents"),
        ("INTENTS_AND_TYPES", 5, "too many intents"),
    ],
)
def test_a_model_beyond_a_limit_stops_the_build(
    small: Small, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, says: str
) -> None:
    """Tried with limits so low that the small skill is beyond them; the real ones are the platform's."""
    monkeypatch.setattr(models, limit, most)
    with pytest.raises(ContentError, match=says):
        small.build()


def test_the_limits_are_the_platforms() -> None:
    """1.5 MB, 250 intents, 350 intents and types, 140 characters."""
    assert models.MODEL_BYTES == 1_500_000
    assert (models.INTENTS, models.INTENTS_AND_TYPES, models.LONGEST) == (250, 350, 140)


def test_the_text_of_a_model_is_always_the_same(small: Small) -> None:
    """The same source gives the same bytes, with accents readable and a line at the end."""
    first, second = models.text_of(small.build()), models.text_of(small.build())
    assert first == second
    text = models.text_of({"a": "é"})
    assert json.loads(text) == {"a": "é"}
    assert "é" in text
    assert text.endswith("}\n")


# ---- what is said in a locale besides


def test_a_locale_adds_samples_to_the_intents_of_its_language(small: Small) -> None:
    """In its own model; those that are there already are not doubled, and the model of the language stays as it was."""
    small.files["xx-YY.yaml"] = "intents: {TellIntent: ['(my|me) {site}'], AMAZON.YesIntent: [aye]}"
    tell, yes = small.build("xx-YY.yaml")["intents"]
    assert tell["samples"] == ["my {site}", "{site}", "it is {danger}", "{answer}", "me {site}"]
    assert yes["samples"] == ["yep", "aye"]
    assert small.build()["intents"][1]["samples"] == ["yep"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("intents: {TellIntent: ['my {site}']}", r"xx-YY\.yaml: TellIntent: 'my \{site\}': adds no sample"),
        ("intents: {TallIntent: ['me {site}']}", r"xx-YY\.yaml: TallIntent: is not declared \(mend the name"),
        ("intents: {TellIntent: ['me {sight}']}", r"xx-YY\.yaml: TellIntent: .*uses the slot sight"),
        ("intents: {TellIntent: [yep]}", r"'yep'.* is also a sample of"),
    ],
)
def test_samples_of_a_locale_that_do_not_fit_stop_the_build(small: Small, text: str, wrong: str) -> None:
    """File, intent and sample are named."""
    small.files["xx-YY.yaml"] = text
    with pytest.raises(ContentError, match=wrong):
        small.build("xx-YY.yaml")
