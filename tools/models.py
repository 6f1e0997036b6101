"""interaction-models/ and content/phrases -> the interaction model that is deployed, within the limits of the platform.

Limits and naming rules: Amazon, "Create the interaction model for your skill" and "Interaction model schema".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .patterns import PatternError, expand
from .phrases import LONGEST, Language
from .yamlfile import ROOT, ContentError, read

SOURCE = ROOT / "interaction-models"
MODEL_BYTES = 1_500_000
_LINES = 5  # interactionModel, languageModel, types, type, values
INTENTS = 250
INTENTS_AND_TYPES = 350
ANSWER = "Answer"  # the slot type of words that mean something only as an answer ("as_answer" in content/phrases)
ANSWERED = ("Danger", "Detail", "Site")

_NAME = re.compile(r"(AMAZON\.)?[A-Za-z_]+")
_PIECE = r"(?:[^\W\d_]+(?:['.-][^\W\d_]+)*[.']?|\{[a-z_]+\}(?:'s)?)"
_SAMPLE = re.compile(rf"{_PIECE}(?: {_PIECE})*")
_LAUNCH_WORDS = {
    "run",
    "start",
    "play",
    "resume",
    "use",
    "launch",
    "ask",
    "open",
    "tell",
    "load",
    "begin",
    "enable",
}
_CONNECTING_WORDS = {
    "to",
    "from",
    "in",
    "using",
    "with",
    "about",
    "for",
    "that",
    "by",
    "if",
    "and",
    "whether",
}
_WAKE_WORDS = {"alexa", "amazon", "echo", "computer", "ziggy", "skill", "app"}


def intents() -> dict[str, Any]:
    """intents.yaml as data."""
    return dict(read(SOURCE / "intents.yaml", text=True))


def build(language: Language, language_code: str, locale_files: Iterable[Path] = ()) -> dict[str, Any]:
    """The interaction model of one language, as the platform's JSON.

    `locale_files` hold what a locale's people say besides; `language` has its phrases already.
    """
    declared = intents()
    path = SOURCE / f"{language_code}.yaml"
    said = read(path, text=True)
    _check_invocation(path, said["invocation"])
    for name in said["intents"]:
        if name not in declared["intents"]:
            raise ContentError(
                path,
                name,
                "is not declared",
                "declare it in interaction-models/intents.yaml, or mend the name",
            )
    for name in declared["intents"]:
        if name not in said["intents"]:
            raise ContentError(
                path,
                name,
                "has no samples here",
                "write what people say, or an empty list for a built-in intent",
            )
    model: dict[str, Any] = {
        "interactionModel": {
            "languageModel": {
                "invocationName": said["invocation"],
                "modelConfiguration": {"fallbackIntentSensitivity": {"level": "LOW"}},
                "intents": [
                    _intent(path, name, slots, said["intents"][name], declared["slots"])
                    for name, slots in declared["intents"].items()
                ],
                "types": [_type(name, language) for name in (*declared["types"], ANSWER)],
            }
        }
    }
    made = model["interactionModel"]["languageModel"]["intents"]
    for path in locale_files:
        _add_samples(path, made, declared)
    _check_limits(path, model)
    return model


def _add_samples(path: Path, made: list[dict[str, Any]], declared: Mapping[str, Any]) -> None:
    """Adds the samples of a locale's file to the intents. A line that adds none stops the build, by name."""
    by_name = {intent["name"]: intent for intent in made}
    for name, patterns in read(path, text=True)["intents"].items():
        if name not in by_name:
            raise ContentError(path, name, "is not declared", "mend the name: a locale has the intents of its language")
        known = {sample.lower() for sample in by_name[name]["samples"]}
        for pattern in patterns:
            samples = _intent(path, name, declared["intents"][name], [pattern], declared["slots"])["samples"]
            added = [sample for sample in samples if sample.lower() not in known]
            if not added:
                raise ContentError(
                    path, f"{name}: {pattern!r}", "adds no sample", "delete it: only what differs is written here"
                )
            by_name[name]["samples"] += added
            known |= {sample.lower() for sample in added}


def text_of(model: Mapping[str, Any]) -> str:
    """The JSON file as it is committed: the same input always gives the same bytes, a line for each slot value."""
    return _text(model, _LINES) + "\n"


def _text(value: Any, depth: int) -> str:
    """JSON with a line for each part down to a depth, and nothing spent on spaces below: the size counts."""
    if depth == 0 or not value or not isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, Mapping):
        parts = [f"{json.dumps(key)}: {_text(part, depth - 1)}" for key, part in value.items()]
        return "{\n" + ",\n".join(parts) + "\n}"
    return "[\n" + ",\n".join(_text(part, depth - 1) for part in value) + "\n]"


def _intent(
    path: Path, name: str, slots: list[str], patterns: list[str], declared: Mapping[str, str]
) -> dict[str, Any]:
    samples: dict[str, str] = {}
    for pattern in patterns:
        try:
            sentences = expand(pattern)
        except PatternError as error:
            raise ContentError(path, f"{name}: {pattern!r}", str(error), "see tools/patterns.py") from error
        for sample in sentences:
            if not _SAMPLE.fullmatch(sample):
                raise ContentError(
                    path,
                    f"{name}: {sample!r}",
                    "is not a sample Alexa accepts",
                    "letters, spaces, apostrophes and {slots} only",
                )
            for slot in re.findall(r"\{([a-z_]+)\}", sample):
                if slot not in slots:
                    raise ContentError(
                        path,
                        f"{name}: {sample!r}",
                        f"uses the slot {slot}",
                        "list it under the intent in intents.yaml",
                    )
            samples.setdefault(sample.lower(), sample)
    intent: dict[str, Any] = {"name": name}
    if not name.startswith("AMAZON."):
        intent["slots"] = [_slot(slot, declared[slot]) for slot in slots]
    return {**intent, "samples": list(samples.values())}


def _slot(name: str, type_: str) -> dict[str, Any]:
    slot: dict[str, Any] = {"name": name, "type": type_.removesuffix("*")}
    if type_.endswith("*"):
        slot["multipleValues"] = {"enabled": True}
    return slot


def _type(name: str, language: Language) -> dict[str, Any]:
    values = []
    entries = language.answers(ANSWERED) if name == ANSWER else language.types[name]
    for entry in entries:
        synonyms = language.synonyms(name, entry)
        values.append({"id": entry.id, "name": {"value": entry.name, "synonyms": synonyms}})
    return {"name": name, "values": values}


def _check_invocation(path: Path, name: str) -> None:
    words = name.split()
    forbidden = (_LAUNCH_WORDS | _CONNECTING_WORDS | _WAKE_WORDS | {"the", "a", "an", "of", "up", "at", "off"}) & set(
        words
    )
    if len(words) < 2 or forbidden or name != name.lower():
        raise ContentError(
            path,
            "invocation",
            f"{name!r} is refused by the platform",
            "two or more lower-case words, none of them a launch, connecting or wake word",
        )


def _check_limits(path: Path, model: Mapping[str, Any]) -> None:
    language = model["interactionModel"]["languageModel"]
    size = len(text_of(model).encode())
    if size > MODEL_BYTES:
        raise ContentError(
            path,
            "",
            f"makes a model of {size} bytes, {MODEL_BYTES} is the most",
            "shorten the patterns",
        )
    if len(language["intents"]) > INTENTS or len(language["intents"]) + len(language["types"]) > INTENTS_AND_TYPES:
        raise ContentError(
            path,
            "",
            "declares too many intents and slot types",
            f"{INTENTS} intents, {INTENTS_AND_TYPES} in all",
        )
    owner: dict[str, str] = {}
    for intent in language["intents"]:
        if not _NAME.fullmatch(intent["name"]):
            raise ContentError(path, intent["name"], "is not a name Alexa accepts", "letters and underscores only")
        if not intent["samples"] and not intent["name"].startswith("AMAZON."):
            raise ContentError(path, intent["name"], "cannot be reached by voice", "write at least one sample")
        for sample in intent["samples"]:
            other = owner.setdefault(sample.lower(), intent["name"])
            if other != intent["name"]:
                raise ContentError(
                    path,
                    f"{intent['name']}: {sample!r}",
                    f"is also a sample of {other}",
                    "keep it in one of the two",
                )
    for type_ in language["types"]:
        for value in type_["values"]:
            if len(value["name"]["value"]) > LONGEST:
                raise ContentError(
                    path,
                    f"{type_['name']}: {value['id']}",
                    "has too long a name",
                    f"{LONGEST} characters at most",
                )
