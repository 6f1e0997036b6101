"""Sentences in words of their own, what they mean, and how well they are heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.score import Share
from tools.yamlfile import ROOT, ContentError, read

from .words import FALLBACK

CASES = ROOT / "tests" / "understanding" / "en-US.yaml"

# Intents between which it makes no difference to a person which of them was heard.
ALIKE = (
    # Told to the same handler; danger, sites and details are read from the slots, not from the intent.
    frozenset({"CheckCrampIntent", "DescribeIntent", "DangerIntent"}),
    # Turned away; the first says so more kindly.
    frozenset({"OutOfScopeIntent", FALLBACK}),
    # All of them leave.
    frozenset({"AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent", "ThanksIntent"}),
)


class Case(NamedTuple):
    """What somebody says, the intent it should have, and values it should carry: slot -> id."""

    intent: str
    text: str
    slots: Mapping[str, str]


def cases(model: Mapping[str, Any], path: Path = CASES) -> list[Case]:
    """The cases of a file. Raises ContentError for an intent, slot or id that the model does not have."""
    types = {type_["name"]: {value["id"] for value in type_["values"]} for type_ in model["types"]}
    slots = {
        intent["name"]: {slot["name"]: types.get(slot["type"], set()) for slot in intent.get("slots", ())}
        for intent in model["intents"]
    }
    found: list[Case] = []
    for intent, entries in read(path, text=True).items():
        if intent not in slots:
            raise ContentError(path, intent, "is no intent of the model", "rename it here as it was renamed there")
        for entry in entries:
            text, carried = next(iter(entry.items())) if isinstance(entry, Mapping) else (entry, {})
            for slot, id_ in carried.items():
                if id_ not in slots[intent].get(slot, ()):
                    raise ContentError(path, f"{intent}: {text}", f"{slot} has no {id_}", "use a slot and id it has")
            found.append(Case(intent, text, carried))
    return found


def new_wording(told: Sequence[Case], model: Mapping[str, Any]) -> list[Case]:
    """The cases that are no sample, word for word: only they show what is understood rather than learned by heart."""
    samples = {sample.lower() for intent in model["intents"] for sample in intent["samples"]}
    return [case for case in told if case.text.lower() not in samples]


def is_alike(wanted: str, heard: str) -> bool:
    """Whether a person would notice no difference."""
    return wanted == heard or any({wanted, heard} <= group for group in ALIKE)


def shares(told: Sequence[Case], heard: Sequence[str]) -> list[Share]:
    """How well a judge heard the cases."""
    pairs = [(case.intent, intent) for case, intent in zip(told, heard, strict=True)]
    ours = [pair for pair in pairs if pair[0] != FALLBACK]
    others = [pair for pair in pairs if pair[0] == FALLBACK]
    return [
        Share("intent heard, or one alike", sum(is_alike(*pair) for pair in ours), len(ours)),
        Share("intent heard exactly", sum(wanted == got for wanted, got in ours), len(ours)),
        Share("refused though it is ours", sum(got == FALLBACK for _, got in ours), len(ours)),
        Share("turned away as none of ours", sum(is_alike(*pair) for pair in others), len(others)),
    ]


def thefts(told: Sequence[Case], heard: Sequence[str]) -> Counter[tuple[str, str]]:
    """(intent, the one that took its sentence) -> how often."""
    return Counter(
        (case.intent, intent) for case, intent in zip(told, heard, strict=True) if not is_alike(case.intent, intent)
    )
