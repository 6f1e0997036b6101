"""What nobody should hear stops the build; what somebody must hear is there."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from skill.state import OFFERS
from tools.clinical import compile_triage
from tools.lint_speech import (
    LONGEST_MESSAGE,
    LONGEST_SENTENCE,
    check,
    sentences_of,
    spoken,
    words,
)
from tools.sentences import compile_speech, locales
from tools.yamlfile import ROOT, ContentError, read
from triage import Reminder

# What a small skill can decide, and the words for it.
TRIAGE: dict[str, Any] = {
    "flags": {"F30": {"action": "rest", "rules": [{"any": ["pop"]}, {"any": ["swelling"], "action": "hurry"}]}},
    "noted": ["diabetes"],
    "safety": {"leg": {"fills": ["swelling", "pop"]}},
    "conditions": {"cramp": {}},
    "sites": {"leg": {"first_aid": "stop", "narrow": ["calf"]}},
    "questions": {"nature": {"fills": ["knot"]}},
    "routine": {"R01": {}},
    "topics": {"causes": {}, "ice": {"evidence": "B"}},
    "cautions": {"numb": {}},
    "scope": {"pets": {}},
    "remedies": {
        "calf": {"steps": 2, "avoid": ["pop"], "changes": [{"for": ["diabetes"], "instead": {"2": "slowly"}}]}
    },
}
SPEECH: dict[str, Any] = {
    "hold": read(ROOT / "content" / "speech" / "en.yaml", text=True)["hold"],
    "action": {"rest": ["Rest it."], "hurry": ["Go now."]},
    "note": {"diabetes": ["Have your feet checked."]},
    "step": {"slowly": ["Hold it gently."]},
    "refuse": {"pop": ["After a pop, rest it."]},
    "why": {
        id_: ["It can mean more."]
        for id_ in ("F30", "R01", "leg", "nature", "cramp", "unclear", "safety_unknown", "unclear_yes", "nothing")
    },
    "evidence": {"B": ["It has been tested a little."]},
    "advice": {"numb": ["Not on numb skin."]},
    "condition": {"cramp": ["It sounds most like a cramp."], "unclear": ["It could be either."]},
    "first_aid": {"stop": ["Stop, and rest."]},
    "topic": {
        "causes": {"tell": ["Often it isn't clear."], "more": ["A doctor can check."]},
        "ice": {"tell": ["It may help."], "more": ["Wrap it."]},
    },
    "scope": {"pets": ["A vet can help."]},
    "remedy": {"calf": ["Straighten your leg.", "Hold it."]},
    "question": {
        "nature": {
            "ask": ["Is it a knot?"],
            "again": ["Is it hard?"],
            "which": ["Which one?"],
            "reprompt": ["Say knot."],
        },
        "where_leg": {"narrow": ["Is it your calf?"], "reprompt": ["Say calf."]},
    },
    "offer": {offer: ["Shall we?"] for offer in (*sorted(OFFERS), "reprompt")},
    "reminder": {str(strength): ["See a doctor."] for strength in Reminder},
    "safety_form": {
        "again": ["Have a look. {question}"],
        "which": ["Which one: {signs}?"],
        "reprompt": ["Yes or no?"],
    },
    "sorry": ["Sorry, say that again."],
    "safety": {
        "leg": [
            {"ask": "Is it {signs}", "signs": {"swelling": "swollen"}},
            {"ask": "did you feel {signs}", "ask_other": "did they feel {signs}", "signs": {"pop": "a pop"}},
        ]
    },
}


def lint(folder: Path, speech: dict[str, Any], triage: dict[str, Any] = TRIAGE) -> None:
    """Checks a language with these sentences."""
    (folder / "speech").mkdir(exist_ok=True)
    (folder / "speech" / "xx.yaml").write_text(json.dumps(speech), "utf-8")
    (folder / "sources.yaml").write_text(json.dumps({"PRODUCT": {"read": "none"}}), "utf-8")
    check("xx", triage, folder)


def said(sentence: str) -> dict[str, Any]:
    """The small skill, saying one more sentence."""
    return {**SPEECH, "extra": {"said": ["Fine.", sentence]}}


def test_sound_sentences_pass(tmp_path: Path) -> None:
    """The small skill above says everything it must, and nothing it must not."""
    lint(tmp_path, SPEECH)


@pytest.mark.parametrize(
    "sentence",
    [
        "It's only a cramp.",
        "That's just a cramp, really.",
        "This cures it.",
        "There's a cure.",
        "I diagnose a cramp.",
        "It's nothing serious.",
        "You don't need a doctor.",
        "There's no need for a doctor.",
        "There's no need to see a doctor.",
        "It's definitely a cramp.",
        "Certainly.",
        "Magnesium is safe to take.",
        "Stop your tablets.",
        "Stop taking your medicine today.",
        "Take two tablets.",
        "Take four hundred mg.",
        "One teaspoon of mustard helps.",
        "Drink as much as you can.",
        "Have plenty of water.",
        "Push through the pain.",
        "Walk it off.",
        "No pain, no gain.",
        "An ambulance is on its way.",
        "I called for help.",
        "I can call somebody.",
        "I've called an expert.",
        "Hold it for 30 seconds.",
        "Hold it <break/> now.",
        "Salt & water.",
    ],
)
def test_what_must_never_be_said_stops_the_build(tmp_path: Path, sentence: str) -> None:
    """Each forbidden sentence is named with its file and its id, in any variant."""
    with pytest.raises(ContentError, match=r"xx\.yaml: extra\.said: says ['\"]"):
        lint(tmp_path, said(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Stop, and take the weight off it.",
        "Call your local emergency number now.",
        "A pharmacist can tell you about tablets.",
        "It sounds most like a cramp.",
        "Hold it for thirty seconds.",
        "In {country}, that's {number}.",
        "I'm certain you should ask a doctor.",
    ],
)
def test_good_sentences_near_a_forbidden_one_pass(tmp_path: Path, sentence: str) -> None:
    """The check stops what is meant, not every word of it."""
    lint(tmp_path, said(sentence))


def of(count: int) -> str:
    """A sentence of so many words."""
    return " ".join(["rest"] * count).capitalize() + "."


def test_a_sentence_is_one_breath(tmp_path: Path) -> None:
    """Eighteen words pass, nineteen do not; a blank counts as one word."""
    lint(tmp_path, said(of(LONGEST_SENTENCE)))
    lint(tmp_path, said(of(LONGEST_SENTENCE - 1)[:-1] + " {country}."))
    with pytest.raises(ContentError, match=r"extra\.said: has a sentence of 19 words: 'Rest"):
        lint(tmp_path, said(of(LONGEST_SENTENCE + 1)))
    assert LONGEST_SENTENCE == 18


def test_a_message_is_short(tmp_path: Path) -> None:
    """However short its sentences, a message ends after forty words."""
    lint(tmp_path, said(" ".join([of(10)] * 4)))
    with pytest.raises(ContentError, match=r"extra\.said: has 41 words \(40 at most; split it\)"):
        lint(tmp_path, said(" ".join([of(10)] * 4 + ["Rest."])))
    assert LONGEST_MESSAGE == 40


def test_a_blank_that_nobody_fills_stops_the_build(tmp_path: Path) -> None:
    """A slip in a blank would be read aloud, or break the sentence."""
    with pytest.raises(ContentError, match=r"extra\.said: has the blank 'county' \(known blanks"):
        lint(tmp_path, said("In {county}, rest."))


NEEDED = [
    ("action", "rest"),
    ("why", "F30"),
    ("why", "leg"),
    ("condition", "cramp"),
    ("condition", "unclear"),
    ("first_aid", "stop"),
    ("topic", "causes", "tell"),
    ("topic", "causes", "more"),
    ("scope", "pets"),
    ("refuse", "pop"),
    ("question", "where_leg", "narrow"),
    ("question", "where_leg", "reprompt"),
    *[("question", "nature", form) for form in ("ask", "again", "which", "reprompt")],
    *[("offer", offer) for offer in (*sorted(OFFERS), "reprompt")],
    *[("reminder", str(strength)) for strength in Reminder],
    *[("safety_form", form) for form in ("again", "which", "reprompt")],
    ("sorry",),
]


@pytest.mark.parametrize("path", NEEDED, ids=".".join)
@pytest.mark.parametrize("empty", [False, True], ids=["gone", "empty"])
def test_everything_that_can_be_decided_has_words(tmp_path: Path, path: tuple[str, ...], empty: bool) -> None:
    """A sentence that is missing, or an empty list, is named by its id."""
    speech = deepcopy(SPEECH)
    at = speech
    for key in path[:-1]:
        at = at[key]
    if empty:
        at[path[-1]] = []
    else:
        del at[path[-1]]
    with pytest.raises(ContentError, match=rf"{'.'.join(path)}: has no words \(write the sentence"):
        lint(tmp_path, speech)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_remedy_has_as_many_steps_as_it_says(tmp_path: Path, steps: int) -> None:
    """Neither is a step promised that is not told, nor one told that is not counted."""
    triage = {**TRIAGE, "remedies": {"calf": {"steps": steps}}}
    with pytest.raises(ContentError, match=r"remedy\.calf"):
        lint(tmp_path, SPEECH, triage)


@pytest.mark.parametrize("fills", [["swelling"], ["pop", "swelling"], ["swelling", "pop", "fever"], ["fever", "pop"]])
def test_a_safety_question_names_its_signs_in_their_order(tmp_path: Path, fills: list[str]) -> None:
    """ "The first one" means the first one that was spoken; no sign is asked in vain, none left out."""
    with pytest.raises(ContentError, match=r"safety\.leg: names \['swelling', 'pop'\] \(name exac"):
        lint(tmp_path, SPEECH, {**TRIAGE, "safety": {"leg": {"fills": fills}}})


@pytest.mark.parametrize(
    ("sign", "says"),
    [
        ("swollen in 2 places", "says '2' (write numbers as words"),
        ("only a cramp", "says 'only a cramp'"),
        ("a {sign}", "has the blank 'sign'"),
        (" ".join(["big"] * 19), "has a sentence of 19 words"),
    ],
)
@pytest.mark.parametrize("where", ["sign", "ask"])
def test_the_words_of_a_safety_question_are_read_too(tmp_path: Path, where: str, sign: str, says: str) -> None:
    """What a safety question says is spoken like anything else, its signs as well."""
    speech = deepcopy(SPEECH)
    group = speech["safety"]["leg"][0]
    if where == "sign":
        group["signs"]["swelling"] = sign
    else:
        group["ask"] = sign
    with pytest.raises(ContentError, match=re.escape(f"xx.yaml: safety.leg: {says}")):
        lint(tmp_path, speech)


def test_words_and_sentences_are_counted_as_they_are_heard() -> None:
    """A contraction is one word; a colon ends no sentence."""
    assert words("Don't rub it, it's sore.") == ["Don't", "rub", "it", "it's", "sore"]
    assert sentences_of("Stop. Is it hot? Rest: now!") == ["Stop.", "Is it hot?", "Rest: now!"]


def test_every_variant_is_read() -> None:
    """The third way of saying something is checked like the first; joining words are no sentence."""
    made = {"messages": {"a": ["One.", "Two."], "list.or": [" or "]}}
    assert list(spoken(made)) == [("a", "One."), ("a", "Two.")]


# ---- our own sentences


@pytest.mark.parametrize("language", sorted({entry["language"] for entry in locales().values()}))
def test_our_own_sentences_pass(language: str) -> None:
    """Every sentence of every language we speak."""
    check(language, compile_triage())


@pytest.mark.parametrize("locale", sorted(locales()))
def test_the_sentences_of_a_locale_pass(locale: str) -> None:
    """What a locale says otherwise is held to the same rules, and so is all it says together: holds keep their time."""
    check(locale, compile_triage(), compiled=compile_speech(locales()[locale]["language"], locale))


@pytest.mark.parametrize("language", sorted({entry["language"] for entry in locales().values()}))
def test_what_is_heard_often_is_said_in_several_ways(language: str) -> None:
    """Three variants or more of a greeting and of what it sounds like."""
    messages = compile_speech(language, None)["messages"]
    for id_ in ("launch.hello", "condition.cramp", "condition.spasm", "question.where.ask"):
        assert len(set(messages[id_])) >= 3, id_


@pytest.mark.parametrize("language", sorted({entry["language"] for entry in locales().values()}))
def test_the_words_of_an_emergency_are_fixed(language: str) -> None:
    """An emergency is told in one way only: nobody gets a weaker variant."""
    messages = compile_speech(language, None)["messages"]
    for id_ in ("told.EMERGENCY", "told.emergency_number", "safety_net"):
        assert len(messages[id_]) == 1, id_
    if language == "en":
        assert messages["told.EMERGENCY"][0].startswith("Call your local emergency number now.")


# A drug, procedure or disease is named only to answer a question that named it ("topic", "advice", "source").
NAMED_ONLY_WHEN_ASKED = re.compile(
    r"\b(quinine|tonic|magnesium|potassium|statins?|ibuprofen|paracetamol|aspirin|relaxants?|"
    r"sleeping|injections?|pickle|electrolytes?|dehydrat\w*|thrombosis|clots?|strokes?|heart attack|"
    r"meningitis|tetanus|cancer|tumou?r|sepsis|embolism|aneurysm)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", sorted({entry["language"] for entry in locales().values()}))
def test_drugs_and_diseases_are_named_only_when_asked_for(language: str) -> None:
    """Outside of the answers about them, no drug is brought up, no disease is a finding, no cause is a fact."""
    compiled = compile_speech(language, None)
    named = [
        f"{id_}: {variant}"
        for id_, variant in spoken(compiled)
        if not id_.startswith(("topic.", "advice.", "source.")) and NAMED_ONLY_WHEN_ASKED.search(variant)
    ]
    assert named == []


# ---- holds


@pytest.mark.parametrize(
    ("id_", "words", "wrong"),
    [
        ("numbers", SPEECH["hold"]["numbers"][:59], r"hold\.numbers: ends before 60"),
        (
            "cue",
            ["Concentrate wholeheartedly upon comfortable, effortless, unhurried, continuous breathing. " * 4],
            r"hold\.cue: makes \d+",
        ),
        ("cue", [], r"hold\.cue: has no words"),
        ("almost", [], r"hold\.almost: has no words"),
    ],
)
def test_words_that_cannot_fill_a_hold_stop_the_build(id_: str, words: list[str], wrong: str, tmp_path: Path) -> None:
    """Every hold lasts as long as it promises, in every language."""
    with pytest.raises(ContentError, match=wrong):
        lint(tmp_path, {**SPEECH, "hold": {**SPEECH["hold"], id_: words}})
