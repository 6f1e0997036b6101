"""What the store shows of the skill, and what it declares (Amazon, "Skill manifest" and "Certification requirements").

Left out for now, because they would not be honest: the endpoint, the icons and the privacy policy's address.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.conversation import Device, recognizer
from skill.caller import REMINDERS
from tools.yamlfile import read

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "skill-package"
MANIFEST: dict[str, Any] = json.loads((PACKAGE / "skill.json").read_text("utf-8"))["manifest"]
LOCALES: dict[str, Any] = MANIFEST["publishingInformation"]["locales"]
DIGITS = {word: str(digit) for digit, word in enumerate("zero one two three four five six seven eight nine".split())}

# A health skill whose name, summary or keywords hold one of these is asked what it promises.
PROMISES = r"\b(cure|treat|diagnos|heal(s|ing|ed)?\b|doctor|medical|remed|relie[fv])"
# Said nowhere: claims, brands, and help that the skill cannot bring.
NEVER = (
    r"\b(cures?|guarantee\w*|life-?saving|saves? lives|best|proven|instantly|definitely|"
    r"just a cramp|amazon|echo|we (will )?call|calls? (for )?help)\b"
)


def texts(locale: str) -> dict[str, str]:
    """Every text that the store shows, by name."""
    shown = LOCALES[locale]
    return {
        "name": shown["name"],
        "summary": shown["summary"],
        "description": shown["description"],
        "keywords": ", ".join(shown["keywords"]),
    }


def spoken(locale: str) -> list[str]:
    """The words after the invocation name in each example phrase that has some."""
    name = invocation(locale)
    found = [re.fullmatch(rf"Alexa, ask {name} (.+)", said) for said in LOCALES[locale]["examplePhrases"]]
    return [match[1] for match in found if match]


def model(locale: str) -> dict[str, Any]:
    """The interaction model that is deployed for a locale."""
    path = PACKAGE / "interactionModels" / "custom" / f"{locale}.json"
    language: dict[str, Any] = json.loads(path.read_text("utf-8"))["interactionModel"]["languageModel"]
    return language


def invocation(locale: str) -> str:
    """The words that open the skill."""
    name: str = model(locale)["invocationName"]
    return name


def test_locales_agree() -> None:
    """A locale that is shown has a model and an emergency number, and the other way round."""
    models = {path.stem for path in (PACKAGE / "interactionModels" / "custom").glob("*.json")}
    assert set(LOCALES) == models == set(read(ROOT / "content" / "locales.yaml"))


def test_declarations() -> None:
    """The skill declares what it does: no health data, no personal data, no ads, nothing for children."""
    publishing, privacy = MANIFEST["publishingInformation"], MANIFEST["privacyAndCompliance"]
    assert MANIFEST["manifestVersion"] == "1.0"
    assert publishing["category"] == "HEALTH_AND_FITNESS"
    assert len(publishing["testingInstructions"]) <= 4000
    assert publishing["isAvailableWorldwide"] != bool(publishing.get("distributionCountries"))
    for flag in ("allowsPurchases", "containsAds", "isChildDirected", "usesHealthInfo", "usesPersonalInfo"):
        assert privacy[flag] is False, flag
    assert MANIFEST["permissions"] == [{"name": REMINDERS}]
    assert "endpoint" not in MANIFEST["apis"]["custom"]


@pytest.mark.parametrize("locale", LOCALES)
def test_lengths(locale: str) -> None:
    """No text is longer than the store takes."""
    shown = LOCALES[locale]
    assert 2 <= len(shown["name"]) <= 50
    assert len(shown["summary"]) <= 160
    assert len(shown["description"]) <= 4000
    assert len(shown["examplePhrases"]) == 3
    assert all(len(phrase) <= 200 for phrase in shown["examplePhrases"])
    assert len(shown["keywords"]) == len(set(shown["keywords"])) <= 30
    assert all(len(keyword) <= 150 for keyword in shown["keywords"])


@pytest.mark.parametrize("locale", LOCALES)
def test_the_name_is_the_one_that_is_said(locale: str) -> None:
    """The name in the store is the invocation name, and the first example opens the skill with it."""
    assert LOCALES[locale]["name"].lower() == invocation(locale)
    assert LOCALES[locale]["examplePhrases"][0] == f"Alexa, open {invocation(locale)}"


@pytest.mark.parametrize("locale", LOCALES)
def test_examples_are_samples(locale: str) -> None:
    """Each example is a sample of the deployed model, word for word: the commonest failure of certification."""
    owners = {sample: intent["name"] for intent in model(locale)["intents"] for sample in intent["samples"]}
    assert len(spoken(locale)) == 2
    for words in spoken(locale):
        assert words in owners, words
        assert recognizer(locale).recognize(words).intent == owners[words]


@pytest.mark.parametrize("locale", LOCALES)
def test_examples_are_answered_at_once(locale: str) -> None:
    """Said in one breath with the name, an example gets its answer, not a fallback, and the session stays open."""
    for words in spoken(locale):
        reply = Device(locale=locale).say(words)
        assert reply["question"] or reply["assessment"], words
        assert not reply["ended"]
        assert reply["reprompt"]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_description_says_what_the_skill_is_not(locale: str) -> None:
    """General information, no substitute for a professional, the emergency number, no calls, nothing stored."""
    description = LOCALES[locale]["description"]
    for words in (
        "for education only",
        "does not give medical advice",
        "not a substitute for advice, diagnosis or treatment by a professional",
        "call your local emergency number",
        "cannot call anyone for you",
        "does not store what you tell it",
    ):
        assert words in description, words


@pytest.mark.parametrize("locale", LOCALES)
def test_the_emergency_number_is_the_one_that_is_spoken(locale: str) -> None:
    """One number for a country, in the store and in the skill."""
    entry = read(ROOT / "content" / "locales.yaml")[locale]
    number = "".join(DIGITS[word] for word in entry["emergency_number"].split())
    assert re.findall(r"\d+", LOCALES[locale]["description"]) == [number]
    assert f"{number} in {entry['country']}" in LOCALES[locale]["description"]


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_promised(locale: str) -> None:
    """No claim, no brand, and no medical word where the policy looks first."""
    for name, text in texts(locale).items():
        assert not re.search(NEVER, text, re.IGNORECASE), name
        if name != "description":
            assert not re.search(PROMISES, text, re.IGNORECASE), name
