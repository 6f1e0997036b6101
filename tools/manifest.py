"""content/manifest, content/locales.yaml and publisher.yaml -> skill.json: what the store shows, and what we declare.

Fields, lengths and names: Amazon, "Skill manifest" (https://developer.amazon.com/en-US/docs/alexa/smapi/skill-manifest.html).
The endpoint is in no file of ours: tools/skill_package.py puts it into the copy that is deployed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .signed import is_signed
from .yamlfile import ROOT, ContentError, read

FOLDER = ROOT / "content" / "manifest"
PUBLISHER = ROOT / "publisher.yaml"
REMINDERS = "alexa::alerts:reminders:skill:readwrite"
ICONS = {"smallIconUri": "file://assets/images/icon-108.png", "largeIconUri": "file://assets/images/icon-512.png"}

# The longest that each text may be: in the machine-readable schema of the skill management API
# (https://github.com/alexa/ask-cli, test/integration/fixtures/smapi_spec.json).
LONGEST = {"name": 50, "summary": 160, "description": 4000, "updates": 4000}
EXAMPLES, EXAMPLE = 3, 200
KEYWORDS, KEYWORD = 30, 150
INSTRUCTIONS = 4000

# What Amazon asks every skill. We read no profile and no address, so usesPersonalInfo is false; usesHealthInfo means
# protected health information under HIPAA, and leads to a path of its own (docs/regulatory.md).
DECLARED = {
    "allowsPurchases": False,
    "containsAds": False,
    "isChildDirected": False,
    "usesHealthInfo": False,
    "usesPersonalInfo": False,
}
# Screens that the layout of content/screen is made for (Amazon, "Viewport profiles").
SCREENS = [
    {"mode": "HUB", "shape": "ROUND", "minWidth": 100, "maxWidth": 599, "minHeight": 100, "maxHeight": 599},
    {"mode": "HUB", "shape": "RECTANGLE", "minWidth": 960, "maxWidth": 1279, "minHeight": 100, "maxHeight": 599},
    {"mode": "HUB", "shape": "RECTANGLE", "minWidth": 960, "maxWidth": 1279, "minHeight": 600, "maxHeight": 959},
    {"mode": "HUB", "shape": "RECTANGLE", "minWidth": 1280, "maxWidth": 1920, "minHeight": 600, "maxHeight": 1279},
    {"mode": "HUB", "shape": "RECTANGLE", "minWidth": 1920, "maxWidth": 2560, "minHeight": 960, "maxHeight": 1279},
    {"mode": "TV", "shape": "RECTANGLE", "minWidth": 960, "maxWidth": 960, "minHeight": 540, "maxHeight": 540},
]

_DIGITS = {word: str(digit) for digit, word in enumerate("zero one two three four five six seven eight nine".split())}
_TIMES = {"double": 2, "triple": 3}
_TEXTS = {"name", "summary", "description", "examples", "keywords"}
_NEWS = "updates"  # what is new, which only a skill that is published already can say
_SETTINGS = {"privacy_policy_url", "terms_of_use_url", "settled"}
_SLOT = re.compile(r"\{([a-z_]+)\}")


def build(
    locales: Mapping[str, Any],
    models: Mapping[str, Any],
    *,
    folder: Path = FOLDER,
    publisher: Path = PUBLISHER,
) -> dict[str, Any]:
    """The manifest without an endpoint. `locales` as in content/locales.yaml, `models`: locale -> interaction model.

    Raises ContentError for a text that is too long, or an example that is no sample of its locale's model.
    """
    chosen = settings(publisher)
    _check_files(folder, locales)
    manifest: dict[str, Any] = {
        "manifestVersion": "1.0",
        "publishingInformation": {
            "category": "HEALTH_AND_FITNESS",
            "distributionMode": "PUBLIC",  # PRIVATE was for organisations; testers come by a beta test
            "isAvailableWorldwide": False,
            "distributionCountries": sorted({country_of(locale) for locale in locales}),
            "testingInstructions": _instructions(folder),
            "locales": {locale: _shown(folder, locale, locales[locale], models[locale]) for locale in locales},
        },
        "privacyAndCompliance": dict(DECLARED),
        "permissions": [{"name": REMINDERS}],
        "apis": {"custom": {"interfaces": [{"type": "ALEXA_PRESENTATION_APL", "supportedViewports": SCREENS}]}},
    }
    privacy = manifest["privacyAndCompliance"]
    if is_signed(chosen["settled"]["export_compliance"]):
        privacy["isExportCompliant"] = True
    addresses = {
        name: chosen[key]
        for name, key in (("privacyPolicyUrl", "privacy_policy_url"), ("termsOfUseUrl", "terms_of_use_url"))
        if chosen[key]
    }
    if addresses:
        privacy["locales"] = {locale: dict(addresses) for locale in locales}
    return {"manifest": manifest}


def text_of(manifest: Mapping[str, Any]) -> str:
    """The file as it is committed."""
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def settings(path: Path = PUBLISHER) -> dict[str, Any]:
    """publisher.yaml as data, checked for its keys alone: what is null, only publishing minds."""
    chosen = read(path)
    for key in sorted(_SETTINGS ^ set(chosen)):
        what = "is missing" if key in _SETTINGS else "is nothing that a publisher settles"
        raise ContentError(path, key, what, f"the keys are {', '.join(sorted(_SETTINGS))}")
    if not isinstance(chosen["settled"], Mapping):
        raise ContentError(path, "settled", "is no list of questions", "write each as a key, with null for not settled")
    if "export_compliance" not in chosen["settled"]:
        raise ContentError(path, "settled", "lacks 'export_compliance'", "write null until somebody has settled it")
    return dict(chosen)


def country_of(locale: str) -> str:
    """The country in whose store a locale is shown, as its two letters: "en-GB" -> "GB"."""
    return locale.partition("-")[2]


def digits(words: str) -> str:
    """A number as it is dialled, from the words that are spoken: "triple zero" -> "000"."""
    dialled, times = "", 1
    for word in words.split():
        if word in _TIMES:
            times = _TIMES[word]
        elif word in _DIGITS:
            dialled += _DIGITS[word] * times
            times = 1
        else:
            raise ValueError(f"{word!r} is no digit")
    return dialled


def texts(folder: Path, locale: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the store shows in a locale, with its blanks still in it: what its language has, then what differs there.

    What differs in the locale it is like (content/locales.yaml) differs there, too.
    """
    path = folder / f"{entry['language']}.yaml"
    shown = dict(read(path, text=True))
    for key in sorted(_TEXTS ^ (set(shown) - {_NEWS})):
        raise ContentError(path, key, "is missing" if key in _TEXTS else "is shown nowhere", "compare en.yaml")
    for own in (folder / f"{name}.yaml" for name in (entry.get("like"), locale) if name):
        for key, value in (read(own, text=True) if own.exists() else {}).items():
            if key not in _TEXTS | {_NEWS}:
                raise ContentError(own, key, "is shown nowhere", f"write one of {', '.join(sorted(_TEXTS))}")
            if value == shown.get(key):
                raise ContentError(own, key, "is what is shown there anyway", "take it out")
            shown[key] = [*shown[key], *value] if key == "keywords" else value
    return shown


def is_sample(words: str, model: Mapping[str, Any]) -> bool:
    """Whether words are a sample of a model, with a value of the slot's own type in the place of each slot."""
    language = model["interactionModel"]["languageModel"]
    values = {type_["name"]: type_["values"] for type_ in language["types"]}
    for intent in language["intents"]:
        types = {slot["name"]: slot["type"] for slot in intent.get("slots", ())}
        for sample in intent["samples"]:
            if not words.lower().startswith(sample.partition("{")[0].lower()):
                continue
            slots = _SLOT.findall(sample)
            pattern = _SLOT.sub("(.+)", re.sub(r"[.'-]", lambda mark: re.escape(mark[0]), sample))
            filled = re.fullmatch(pattern, words, re.IGNORECASE)
            if filled and all(
                any(said.lower() == name.lower() for value in values.get(types[slot], ()) for name in _names(value))
                for slot, said in zip(slots, filled.groups(), strict=True)
            ):
                return True
    return False


def spoken(example: str, name: str) -> str:
    """The words of an example after the name that it calls; "" where it only opens the skill."""
    found = re.fullmatch(rf"Alexa, ask {re.escape(name)} (.+)", example)
    return found[1] if found else ""


def _names(value: Mapping[str, Any]) -> Iterator[str]:
    yield value["name"]["value"]
    yield from value["name"].get("synonyms", ())


def _shown(folder: Path, locale: str, entry: Mapping[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    invocation = model["interactionModel"]["languageModel"]["invocationName"]
    raw = texts(folder, locale, entry)
    try:
        number = digits(entry["emergency_number"])
    except ValueError as error:
        raise ContentError("content/locales.yaml", locale, f"emergency_number: {error}", "write each digit") from error
    blanks = {"{number}": number, "{country}": entry["country"], "{name}": invocation}
    shown = {key: _filled(raw[key], blanks) for key in LONGEST if key in raw}
    examples = [_filled(example, blanks) for example in raw["examples"]]
    keywords = raw["keywords"]
    path = folder / f"{entry['language']}.yaml"
    _check(path, locale, shown, examples, keywords)
    if examples[0] != f"Alexa, open {invocation}":
        raise ContentError(path, f"{locale}: examples", f"begin with {examples[0]!r}", "open the skill, and no more")
    for example in examples[1:]:
        if not is_sample(spoken(example, invocation), model):
            raise ContentError(
                path,
                f"{locale}: {example!r}",
                "is no sample of this locale's model",
                "take its words from interaction-models, a slot filled with one of its values",
            )
    if _NEWS in shown:
        shown["updatesDescription"] = shown.pop(_NEWS)
    return {**shown, "examplePhrases": examples, "keywords": keywords, **ICONS}


def _filled(text: str, blanks: Mapping[str, str]) -> str:
    for blank, words in blanks.items():
        text = text.replace(blank, words)
    return text.strip()


def _check(path: Path, locale: str, shown: Mapping[str, str], examples: list[str], keywords: list[str]) -> None:
    measured = [(key, text, LONGEST[key]) for key, text in shown.items()]
    measured += [(f"examples: {text!r}", text, EXAMPLE) for text in examples]
    measured += [(f"keywords: {text!r}", text, KEYWORD) for text in keywords]
    for what, text, most in measured:
        if not 2 <= len(text) <= most:
            raise ContentError(path, f"{locale}: {what}", f"has {len(text)} characters", f"2 to {most}")
    if len(examples) != EXAMPLES:
        raise ContentError(path, f"{locale}: examples", f"are {len(examples)}", f"write {EXAMPLES}")
    if len(keywords) > KEYWORDS:
        raise ContentError(path, f"{locale}: keywords", f"are {len(keywords)}", f"{KEYWORDS} at most")
    for keyword in keywords:
        if keywords.count(keyword) > 1:
            raise ContentError(path, f"{locale}: keywords", f"hold {keyword!r} twice", "keep one")
    for key, text in shown.items():
        if left := re.search(r"\{\w*\}", text):
            raise ContentError(path, f"{locale}: {key}", f"has a blank that nothing fills: {left[0]}", "see its head")


def _instructions(folder: Path) -> str:
    path = folder / "testing.yaml"
    told = str(read(path, text=True)["instructions"]).strip()
    if len(told) > INSTRUCTIONS:
        raise ContentError(path, "instructions", f"has {len(told)} characters", f"{INSTRUCTIONS} at most")
    return told


def _check_files(folder: Path, locales: Mapping[str, Any]) -> None:
    read_ = {"testing", *locales, *(entry["language"] for entry in locales.values())}
    for path in sorted(folder.iterdir()):
        if path.suffix != ".yaml" or path.stem not in read_:
            raise ContentError(path, "", "is read by nobody", "name it as a locale of content/locales.yaml")
