"""The manifest: made of texts, facts and a publisher's settings; valid by schema, with and without an endpoint."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from skill.caller import REMINDERS
from tools import manifest, sentences
from tools.build import MANIFEST, MODELS
from tools.skill_package import addressed
from tools.yamlfile import ROOT, ContentError, read

SCHEMA = json.loads((ROOT / "tools" / "skill_manifest.schema.json").read_text("utf-8"))
DEPLOYED: dict[str, Any] = json.loads(MANIFEST.read_text("utf-8"))
LOCALES = sentences.locales()
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:cramp-coach-Skill-1:live"
# Entries such as content/locales.yaml holds, for the countries whose numbers are spoken in every way there is.
ENTRIES = {
    "en-US": {"language": "en", "country": "the United States", "emergency_number": "nine one one"},
    "en-GB": {"language": "en", "country": "the United Kingdom", "emergency_number": "nine nine nine"},
    "en-AU": {"language": "en", "like": "en-GB", "country": "Australia", "emergency_number": "triple zero"},
    "en-IN": {"language": "en", "country": "India", "emergency_number": "double one two"},
}
# A model of one intent, with a slot.
MODEL: dict[str, Any] = {
    "interactionModel": {
        "languageModel": {
            "invocationName": "cramp coach",
            "intents": [
                {"name": "AMAZON.HelpIntent", "samples": []},
                {
                    "name": "CheckCrampIntent",
                    "slots": [{"name": "site", "type": "Site"}, {"name": "since", "type": "AMAZON.DURATION"}],
                    "samples": ["is this a cramp", "what's up with my {site}", "cramp for {since}"],
                },
                {
                    "name": "DifferenceIntent",
                    "slots": [],
                    "samples": ["what is the difference between a cramp and a spasm"],
                },
            ],
            "types": [
                {"name": "Site", "values": [{"id": "calf", "name": {"value": "calf", "synonyms": ["lower leg"]}}]}
            ],
        }
    }
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the texts of English, without those of a locale."""
    copied = tmp_path / "manifest"
    copied.mkdir()
    for name in ("en.yaml", "testing.yaml"):
        shutil.copy(manifest.FOLDER / name, copied / name)
    return copied


@pytest.fixture
def publisher(tmp_path: Path) -> Callable[..., Path]:
    """Writes a publisher's settings: those of the repository, changed."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "publisher.yaml"
        path.write_text(json.dumps({**read(manifest.PUBLISHER), **changes}), "utf-8")
        return path

    return write


def made(folder: Path, **publisher: Path) -> dict[str, Any]:
    """The manifest of some locales, from a folder of texts."""
    models = dict.fromkeys(ENTRIES, MODEL)
    return dict(manifest.build(ENTRIES, models, folder=folder, **publisher)["manifest"])


# ---- what is committed


def test_the_committed_manifest_is_valid() -> None:
    """By a schema that knows every key we use, and refuses all others."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(DEPLOYED, SCHEMA)


def test_with_endpoints_it_is_valid_too() -> None:
    """As the ASK CLI gets it: one function, one for each part of the world, or a web service."""
    west, east = ARN, ARN.replace("eu-west-1", "us-east-1")
    far = ARN.replace("eu-west-1", "ap-northeast-1")
    for addresses in ({"NA": west}, {"NA": east, "EU": west, "FE": far}, {"NA": "https://coach.example.org/alexa"}):
        jsonschema.validate(addressed(DEPLOYED, addresses), SCHEMA)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("manifestVersion",), "2.0"),
        (("surprise",), {}),
        (("publishingInformation", "category"), "HEALTH_AND_FITNES"),
        (("publishingInformation", "isAvailableWorldwide"), "no"),
        (("publishingInformation", "isAvailableWorldwide"), True),  # countries are listed beside it
        (("publishingInformation", "distributionCountries"), ["USA"]),
        (("publishingInformation", "distributionMode"), "public"),
        (("publishingInformation", "testingInstructions"), "x" * 4001),
        (("publishingInformation", "locales", "en-NZ"), {}),
        (("publishingInformation", "locales", "en-US", "summary"), "x" * 161),
        (("publishingInformation", "locales", "en-US", "description"), "x" * 4001),
        (("publishingInformation", "locales", "en-US", "examplePhrases"), ["Alexa, open cramp coach"]),
        (("publishingInformation", "locales", "en-US", "keyword"), []),
        (("publishingInformation", "locales", "en-US", "smallIconUri"), "icon-108.png"),
        (("privacyAndCompliance", "usesHealthInfo"), "false"),
        (("privacyAndCompliance", "locales"), {"en-US": {"privacyPolicyUrl": "http://example.org/privacy"}}),
        (("permissions",), [{"name": "alexa::alerts:reminder:skill:readwrite"}]),
        (("events",), {"subscriptions": [{"eventName": "SKILL_DISABLED"}]}),  # no endpoint
        (("events",), {"endpoint": {"uri": ARN}, "subscriptions": [{"eventName": "SkillDisabled"}]}),
        (("apis", "custom", "endpoint"), {"uri": "arn:aws:s3:::bucket"}),
        (("apis", "custom", "endpoint"), {"uri": ARN, "sslCertificateType": "Trusted"}),
        (("apis", "custom", "endpoint"), {"uri": "https://coach.example.org/alexa"}),  # what certificate?
        (("apis", "custom", "regions"), {"EU": {"endpoint": {"uri": ARN}}}),  # no default
        (("apis", "custom", "interfaces", 0, "type"), "APL"),
        (("apis", "custom", "interfaces", 0, "supportedViewports", 0, "mode"), "hub"),
    ],
)
def test_the_schema_sees_a_slip(place: tuple[Any, ...], value: Any) -> None:
    """What Amazon would refuse, or silently leave out, stops here."""
    wrong = copy.deepcopy(DEPLOYED)
    part = wrong["manifest"]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, SCHEMA)


def test_the_build_and_the_schema_know_the_same_limits() -> None:
    """The build names file and key; the schema has the last word."""
    shown = SCHEMA["$defs"]["shown"]["properties"]
    names = {"updates": "updatesDescription"}
    assert {key: shown[names.get(key, key)]["maxLength"] for key in manifest.LONGEST} == manifest.LONGEST
    assert shown["examplePhrases"]["minItems"] == shown["examplePhrases"]["maxItems"] == manifest.EXAMPLES
    assert shown["examplePhrases"]["items"]["maxLength"] == manifest.EXAMPLE
    assert (shown["keywords"]["maxItems"], shown["keywords"]["items"]["maxLength"]) == (
        manifest.KEYWORDS,
        manifest.KEYWORD,
    )
    told = SCHEMA["$defs"]["publishing"]["properties"]["testingInstructions"]
    assert told["maxLength"] == manifest.INSTRUCTIONS


def test_every_locale_is_shown_and_has_a_model() -> None:
    """A locale that is listed has a text and a model, and nothing else has; each in its own country."""
    publishing = DEPLOYED["manifest"]["publishingInformation"]
    models = {path.stem for path in MODELS.glob("*.json")}
    assert set(publishing["locales"]) == models == set(LOCALES)
    assert set(publishing["distributionCountries"]) == {locale[-2:] for locale in LOCALES}


def test_the_permission_is_the_one_that_the_skill_asks_for() -> None:
    """One, for reminders; a skill may ask only for what its manifest names."""
    assert DEPLOYED["manifest"]["permissions"] == [{"name": REMINDERS}]


def test_no_endpoint_is_committed() -> None:
    """An address belongs to somebody's account; without one there can be no events either."""
    assert "endpoint" not in DEPLOYED["manifest"]["apis"]["custom"]
    assert "events" not in DEPLOYED["manifest"]


# ---- what it is made of


def test_a_locale_differs_by_its_country_and_number(folder: Path) -> None:
    """One text; the number of each country in digits, however it is spoken."""
    shown = made(folder)["publishingInformation"]["locales"]
    for locale, number in {"en-US": "911", "en-GB": "999", "en-AU": "000", "en-IN": "112"}.items():
        assert f"({number} in {ENTRIES[locale]['country']})" in shown[locale]["description"]
    first, *rest = [
        text["description"].replace(ENTRIES[locale]["country"], "*")[:200] for locale, text in shown.items()
    ]
    assert rest == [first] * len(rest)


def test_a_locale_writes_only_what_differs(folder: Path) -> None:
    """Its own words take the place of the language's, its keywords are added; so do those of the locale it is like."""
    (folder / "en-GB.yaml").write_text("summary: A short British text.\nkeywords: [physio]", "utf-8")
    (folder / "en-AU.yaml").write_text("keywords: [corked]", "utf-8")
    shown = made(folder)["publishingInformation"]["locales"]
    assert shown["en-GB"]["summary"] == shown["en-AU"]["summary"] == "A short British text."
    assert shown["en-GB"]["keywords"] == [*shown["en-US"]["keywords"], "physio"]
    assert shown["en-AU"]["keywords"] == [*shown["en-GB"]["keywords"], "corked"]
    assert shown["en-GB"]["examplePhrases"] == shown["en-US"]["examplePhrases"]


def test_what_is_new_is_told_where_it_is_written(folder: Path) -> None:
    """Nowhere for a skill that is new itself; with the number and country of each locale."""
    assert "updatesDescription" not in made(folder)["publishingInformation"]["locales"]["en-US"]
    with (folder / "en.yaml").open("a", encoding="utf-8") as text:
        text.write("\nupdates: The number for {country} is {number}.\n")
    (folder / "en-GB.yaml").write_text("updates: British words.", "utf-8")
    manifest_ = made(folder)
    shown = manifest_["publishingInformation"]["locales"]
    assert shown["en-US"]["updatesDescription"] == "The number for the United States is 911."
    assert shown["en-GB"]["updatesDescription"] == shown["en-AU"]["updatesDescription"] == "British words."
    jsonschema.validate({"manifest": manifest_}, SCHEMA)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("en.yaml", "name: Cramp Coach", "name: Cramp Coach\nupdates: x", r"updates: has 1 characters \(2 to 4000\)"),
        ("en.yaml", "General", "x" * 160, r"en\.yaml: en-US: summary: has \d+ characters"),
        ("en.yaml", "name: Cramp Coach", "name: C", r"en-US: name: has 1 characters \(2 to 50\)"),
        ("en.yaml", "name: Cramp Coach", "", r"en\.yaml: name: is missing"),
        ("en.yaml", "name: Cramp Coach", "name: Cramp Coach\nslogan: x", r"slogan: is shown nowhere"),
        ("en.yaml", "({number} in", "({numbers} in", r"description: has a blank that nothing fills: \{numbers\}"),
        ("en.yaml", "is this a cramp", "is it a cramp", r"en-US: 'Alexa, ask .* is it a cramp': is no sample"),
        ("en.yaml", "Alexa, ask {name} is", "Alexa, tell {name} is", r"is no sample of this locale's model"),
        ("en.yaml", "Alexa, open {name}", "Alexa, launch {name}", r"examples: begin with 'Alexa, launch"),
        ("en.yaml", "  - Alexa, ask {name} is this a cramp\n", "", r"examples: are 2 \(write 3\)"),
        ("en.yaml", "  - spasm\n", "  - cramp\n", r"keywords: hold 'cramp' twice"),
        ("en.yaml", "  - spasm\n", "".join(f"  - word {n}\n" for n in range(30)), r"keywords: are 38 \(30 at most\)"),
        ("testing.yaml", "No account", "No account" + "x" * 4000, r"testing\.yaml: instructions: has \d+ characters"),
        ("en-GB.yaml", "", "name: Cramp Coach", r"en-GB\.yaml: name: is what is shown there anyway"),
        ("en-GB.yaml", "", "title: Cramp Coach", r"en-GB\.yaml: title: is shown nowhere"),
        ("en-ZZ.yaml", "", "summary: hello", r"en-ZZ\.yaml: is read by nobody"),
        ("notes.txt", "", "hello", r"notes\.txt: is read by nobody"),
    ],
)
def test_a_slip_stops_the_build(folder: Path, file: str, old: str, new: str, says: str) -> None:
    """With the file, what is wrong, and what to do."""
    path = folder / file
    text = path.read_text("utf-8") if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new, 1) if old else new, "utf-8")
    with pytest.raises(ContentError, match=says):
        made(folder)


def test_a_number_that_is_no_number_stops_the_build(folder: Path) -> None:
    """Digits are derived from what is spoken, so that the two can never differ."""
    odd = {"en-US": {**ENTRIES["en-US"], "emergency_number": "nine eleven"}}
    with pytest.raises(ContentError, match="en-US: emergency_number: 'eleven' is no digit"):
        manifest.build(odd, {"en-US": MODEL}, folder=folder)


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("is this a cramp", True),
        ("Is this a Cramp", True),
        ("what's up with my calf", True),
        ("what's up with my lower leg", True),
        ("what's up with my elbow", False),  # no value of the slot
        ("whats up with my calf", False),
        ("is this a cramp please", False),
        ("cramp for two minutes", False),  # a slot of Amazon's: nobody here can say what fills it
        ("", False),
    ],
)
def test_a_sample_is_taken_word_for_word(words: str, is_one: bool) -> None:
    """The commonest reason why a skill is sent back: an example that is nearly a sample."""
    assert manifest.is_sample(words, MODEL) is is_one


# ---- what the publisher settles


def test_what_is_not_settled_is_not_declared(folder: Path, publisher: Callable[..., Path]) -> None:
    """No export declaration, no address of a policy: nobody here may give them."""
    for nobody in (None, {"by": None, "date": None}):
        unsettled = {"settled": {"export_compliance": nobody}, "privacy_policy_url": None, "terms_of_use_url": None}
        privacy = made(folder, publisher=publisher(**unsettled))["privacyAndCompliance"]
        assert privacy == manifest.DECLARED


def test_what_is_settled_is_declared_in_every_locale(folder: Path, publisher: Callable[..., Path]) -> None:
    """One policy for all of them: they are all in English."""
    settled = publisher(
        privacy_policy_url="https://coach.example.org/privacy",
        terms_of_use_url="https://coach.example.org/terms",
        settled={"export_compliance": {"by": "Invented Person", "date": "2026-01-31"}},
    )
    whole = made(folder, publisher=settled)
    assert whole["privacyAndCompliance"]["isExportCompliant"] is True
    addresses = {
        "privacyPolicyUrl": "https://coach.example.org/privacy",
        "termsOfUseUrl": "https://coach.example.org/terms",
    }
    assert whole["privacyAndCompliance"]["locales"] == dict.fromkeys(ENTRIES, addresses)
    jsonschema.validate({"manifest": whole}, SCHEMA)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"distribution": "PRIVATE"}, "distribution: is nothing that a publisher settles"),
        ({"settled": None}, "settled: is no list of questions"),
        ({"privacy_url": None}, "privacy_url: is nothing that a publisher settles"),
        ({"settled": {}}, "settled: lacks 'export_compliance'"),
    ],
)
def test_a_slip_in_the_settings_stops_the_build(
    publisher: Callable[..., Path], changes: dict[str, Any], says: str
) -> None:
    """A misspelt key would leave something unsettled, unseen."""
    with pytest.raises(ContentError, match=says):
        manifest.settings(publisher(**changes))
