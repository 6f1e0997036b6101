"""Five Englishes from one source: each speaks its own words, and is listened to in its own words.

What a locale says otherwise, and what is said to it besides, is written in files of its name; all the rest is the
language's, and tested there. So these tests look at the differences.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.conversation import Device, locales, recognizer
from skill.hearing import ear
from speech import open_book
from tools.clinical import blanks
from tools.judge.samples import Sentence, deployed, filled
from tools.judge.score import is_alike
from tools.sentences import locales as listed
from tools.yamlfile import ROOT, read

KNOWN = listed()
ENGLISH = [locale for locale, entry in KNOWN.items() if entry["language"] == "en"]
DIALECTS = [path.stem for path in sorted((ROOT / "content" / "phrases").glob("*.yaml"))]
AMERICAN, BRITISH = ("en-US", "en-CA"), ("en-GB", "en-AU", "en-IN")

# What a listener would notice. Spelling counts: what is spoken is shown in the app as well.
AMERICANISMS = (
    r"toward|backward|outward|afterward|emergency room|ER|labor|color|center|canceled|pain relievers?|water pills?|"
    r"physical therap\w+|drugstore|gas|pants|vacation|Poison Control|gotten|chili|diaper|sneakers|fall season|Mom|OB"
)
BRITICISMS = (
    r"towards|backwards|outwards|afterwards|A and E|GP|surgery|labour|colour|centre|chilli|fortnight|chemist|trousers|"
    r"trainers|mum|nappy|wee|tummy|plaster|water tablets|painkillers?|neat vinegar|tens machine|sickness"
)
FOREIGN = {
    "en-US": BRITICISMS + "|physiotherap\\w+|cancelled|casualty|gynaecologist",
    "en-CA": BRITICISMS.replace("labour|colour|centre|", "")
    + "|labor|color|center|canceled|physical therap\\w+|emergency room",
    "en-GB": AMERICANISMS + "|gynaecologist|triple zero",
    "en-AU": AMERICANISMS + "|A and E|gynaecologist",
    "en-IN": AMERICANISMS + "|A and E|GP|midwife|pee|peeing|sickness|dizziness|faintness",
}
ENOUGH = 120  # sentences a locale: all of its differences would take half a minute


@cache
def spoken(locale: str) -> dict[str, tuple[str, ...]]:
    """Everything a locale says, by message id; what a source is called is its own name."""
    book = open_book(locale)
    said = {id_: tuple(words) for id_, words in book._messages.items() if not id_.startswith("source.")}
    for family, groups in book._signs.items():
        for group in groups:
            said |= {f"safety.{family}.{sign}": (words,) for sign, words in group["signs"].items()}
    return said


# ---- what is said


@pytest.mark.parametrize("locale", ENGLISH)
def test_every_locale_says_everything_with_the_same_blanks(locale: str) -> None:
    """Nothing is lost and nothing more is asked for than in neutral English."""
    neutral, said = spoken("en"), spoken(locale)
    assert said.keys() == neutral.keys()
    for id_, variants in said.items():
        assert {frozenset(blanks(words)) for words in variants} <= {frozenset(blanks(w)) for w in neutral[id_]}, id_


@pytest.mark.parametrize("locale", ENGLISH)
def test_no_locale_speaks_like_another(locale: str) -> None:
    """No word that a listener there would take for a foreigner's."""
    foreign = re.compile(rf"\b({FOREIGN[locale]})\b")
    heard = {id_: words for id_, variants in spoken(locale).items() for words in variants if foreign.search(words)}
    assert heard == {}


@pytest.mark.parametrize("locale", ENGLISH)
def test_every_locale_has_words_of_its_own(locale: str) -> None:
    """A list of foreign words that no locale ever said would prove nothing: each differs from neutral English."""
    assert {id_ for id_, words in spoken(locale).items() if words != spoken("en")[id_]}


@pytest.mark.parametrize("locale", ENGLISH)
def test_an_emergency_names_the_country_with_its_number(locale: str) -> None:
    """Locale is not country: the number is an example, of a country by name; and no other number is said."""
    reply = Device(locale=locale).say("my chest feels tight")["speech"]
    entry = KNOWN[locale]
    assert reply.startswith("Call your local emergency number now. This could be an emergency.")
    assert f"In {entry['country']}, that's {entry['emergency_number']}." in reply
    numbers = {other["emergency_number"] for other in KNOWN.values()} - {entry["emergency_number"]}
    assert not any(number in reply for number in numbers)


@pytest.mark.parametrize("locale", ["en-NZ", "en-IE", "en-ZA", "en"])
def test_an_english_nobody_listed_is_neutral_and_names_no_number(locale: str) -> None:
    """The words of the language, and no country's digits."""
    reply = Device(locale=locale).say("my chest feels tight")["speech"]
    assert reply.startswith("Call your local emergency number now.")
    assert not re.search(r"\b(nine|zero|one one|In the|In [A-Z])\b", reply)


def test_the_numbers_are_those_of_their_countries() -> None:
    """The worst mistake this skill could make stands here once more, so that nobody changes it in passing."""
    assert {locale: entry["emergency_number"] for locale, entry in KNOWN.items()} == {
        "en-US": "nine one one",
        "en-CA": "nine one one",
        "en-GB": "nine nine nine",
        "en-AU": "triple zero",
        "en-IN": "one one two",
    }


# ---- what is heard


@cache
def additions(locale: str) -> list[Sentence]:
    """The samples that a locale's model has and the one of en-US has not, with their slots filled."""
    common = {(intent["name"], sample) for intent in deployed()["intents"] for sample in intent["samples"]}
    own = [each for each in filled(deployed(locale)) if (each.intent, each.sample) not in common]
    return own[:: max(len(own) // ENOUGH, 1)]


@pytest.mark.parametrize("locale", [locale for locale in ENGLISH if locale != "en-US"])
def test_the_samples_of_a_locale_are_heard_as_their_own_intent(locale: str) -> None:
    """Nine of ten, whatever fills their slots, as with those of the language (tests/test_understanding.py)."""
    lost = []
    for each in additions(locale):
        got = recognizer(locale).recognize(each.text)
        danger = any(value.slot == "danger" for value in got.slots)
        if not is_alike(each.intent, got.intent) and not (danger and got.intent == "DangerIntent"):
            lost.append(f"{each.intent}: {each.text} -> {got.intent}")
    assert len(additions(locale)) >= 5
    assert len(lost) <= len(additions(locale)) * 0.1, "\n".join(lost)


def signs(locale: str) -> Iterator[tuple[str, str]]:
    """The danger signs of a locale's own file, with each of the phrases as the model has them."""
    own = read(ROOT / "content" / "phrases" / f"{locale}.yaml", text=True).get("Danger", {})
    model: Mapping[str, Any] = next(type_ for type_ in deployed(locale)["types"] if type_["name"] == "Danger")
    common = next(type_ for type_ in deployed()["types"] if type_["name"] == "Danger")
    known = {synonym for value in common["values"] for synonym in value["name"]["synonyms"]}
    for value in model["values"]:
        if value["id"] in own:
            yield from ((value["id"], said) for said in value["name"]["synonyms"] if said not in known)


@pytest.mark.parametrize("locale", [locale for locale in DIALECTS if locale != "en-US"])
def test_danger_in_a_dialect_is_heard_there_and_by_the_skill_everywhere(locale: str) -> None:
    """Its model has it; and the skill, which reads raw words of any slot, knows the dialects of all."""
    said = list(signs(locale))
    assert len(said) >= 5
    for sign, phrase in said:
        slots = [(value.slot, value.id) for value in recognizer(locale).recognize(phrase).slots]
        assert ("danger", sign) in slots, f"{phrase}: {slots}"
        assert sign in ear("en").hear({"site": {"value": phrase}}).findings, phrase


@pytest.mark.parametrize(
    ("locale", "text", "findings"),
    [
        # A word that says one thing to one and another to the next is taken in company only.
        ("en-US", "cramp in the crook of my elbow", {"nausea", "injured"}),
        ("en-GB", "the wine was corked, and my calf is cramping", {"injured"}),
        ("en-IN", "I passed out of college, and my calf is cramping", {"collapse"}),
        ("en-CA", "I spilled a pop, and my calf is cramping", {"pop"}),
        ("en-US", "I'm carrying the bags for months, and my calf is cramping", {"pregnant"}),
        ("en-GB", "I'm getting fit, and my calf is cramping", {"seizure"}),
        ("en-US", "I'm stuffed after dinner, and my calf is cramping", {"injury_moment", "chest_pain"}),
        ("en-IN", "five minutes back my calf started cramping", {"second_site"}),
    ],
)
def test_words_of_one_dialect_raise_no_alarm_in_another(locale: str, text: str, findings: set[str]) -> None:
    """Because the skill knows them all at once."""
    heard = Device(locale=locale).say(text)["heard"]["findings"]
    assert not findings & {id_ for id_, value in heard.items() if value != "absent"}, heard


@pytest.mark.parametrize(
    "text", ["swelling is not there", "chest pain is not there", "my calf is paining but numbness is not there"]
)
def test_a_sign_that_is_not_there_is_denied(text: str) -> None:
    """As it is said in India; "seeing things that are not there" is a sign all the same."""
    heard = Device(locale="en-IN").say(text)["heard"]["findings"]
    assert "absent" in heard.values()
    assert "present" not in heard.values()
    seen = Device(locale="en-IN").say("he is seeing things that are not there")["heard"]["findings"]
    assert seen.get("confused") == "present"


# ---- one source


def test_the_speaker_offers_every_locale() -> None:
    """The default first; each has a model."""
    assert set(locales()) == set(KNOWN)
    assert locales()[0] == "en-US"


def test_a_locale_is_added_as_contributing_says(tmp_path: Path) -> None:
    """An entry in locales.yaml alone makes a model and sentences; files of its own change them, and nobody else's."""
    for folder in ("content", "interaction-models", "tools", "lambda"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "compiled"))
    shutil.copy(ROOT / "publisher.yaml", tmp_path)
    entry = {**KNOWN["en-GB"], "country": "New Zealand", "emergency_number": "one one one"}
    (tmp_path / "content" / "locales.yaml").write_text(yaml.safe_dump({"en-NZ": entry}), "utf-8")
    for folder in ("content/speech", "content/phrases", "content/manifest", "interaction-models"):
        for path in (tmp_path / folder).glob("en-*.yaml"):
            path.unlink()
    speech = "goodbye: [Okay. Take care eh.]\nsafety: {chest: {nausea: feeling crook}}\n"
    (tmp_path / "content" / "speech" / "en-NZ.yaml").write_text(speech, "utf-8")
    phrases = "Danger: {chest_pain: {phrases: [chest is munted]}}\n"
    (tmp_path / "content" / "phrases" / "en-NZ.yaml").write_text(phrases, "utf-8")
    samples = "intents: {AMAZON.YesIntent: [sweet as]}\n"
    (tmp_path / "interaction-models" / "en-NZ.yaml").write_text(samples, "utf-8")
    command = [sys.executable, "-m", "tools.build"]
    env = {"PYTHONPATH": "lambda:.", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    book = json.loads((tmp_path / "lambda/compiled/speech.en-NZ.json").read_text("utf-8"))
    assert (book["country"], book["emergency_number"]) == ("New Zealand", "one one one")
    assert book["messages"]["goodbye"] == ["Okay. Take care eh."]
    assert "Take care eh" not in (tmp_path / "lambda/compiled/speech.en.json").read_text("utf-8")
    model = (tmp_path / "skill-package/interactionModels/custom/en-NZ.json").read_text("utf-8")
    assert '"chest is munted"' in model
    assert '"sweet as"' in model
    assert "chest munt" in (tmp_path / "lambda/compiled/phrases.en.tsv").read_text("utf-8")
