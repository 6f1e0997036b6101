"""The interaction model that is deployed, as sentences: its samples with the slots filled, the same way every time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from tools.yamlfile import ROOT

_MODELS = ROOT / "skill-package" / "interactionModels" / "custom"
_SLOT = re.compile(r"\{([a-z_]+)\}")
_BUILT_IN = {
    "AMAZON.DURATION": (
        "thirty seconds",
        "two minutes",
        "ten minutes",
        "half an hour",
        "an hour",
        "two days",
        "three weeks",
    ),
    "AMAZON.DATE": ("tomorrow", "monday", "next week", "next friday", "the first of december", "wednesday"),
    "AMAZON.TIME": ("nine", "half past three", "nine in the morning", "noon", "four o'clock", "seven p m"),
}
_ROUNDS = 40  # how often, at most, a sample is filled anew for an intent that has few


class Sentence(NamedTuple):
    """A sample as somebody would say it, and where it comes from."""

    intent: str
    text: str
    sample: str


def deployed(locale: str = "en-US") -> dict[str, Any]:
    """The language model in the very file that is deployed. Nothing else of the project is read here."""
    model = json.loads((_MODELS / f"{locale}.json").read_text("utf-8"))
    return dict(model["interactionModel"]["languageModel"])


def filled(model: Mapping[str, Any]) -> list[Sentence]:
    """Every sample once."""
    values = _values(model)
    return [
        Sentence(intent["name"], _fill(sample, _types(intent), values, 0), sample)
        for intent in model["intents"]
        for sample in intent["samples"]
    ]


def training(model: Mapping[str, Any], most: int) -> list[Sentence]:
    """Up to `most` different sentences of each intent, spread over its samples, which are filled as often as it takes.

    The same number for all, because nothing is known of how often each will be said.
    """
    values = _values(model)
    chosen: list[Sentence] = []
    for intent in model["intents"]:
        samples = sorted(intent["samples"], key=_number)
        mine: dict[str, Sentence] = {}
        for round_ in range(_ROUNDS):
            for sample in samples if len(mine) < most else ():
                text = _fill(sample, _types(intent), values, round_)
                mine.setdefault(text, Sentence(intent["name"], text, sample))
        chosen += list(mine.values())[:most]
    return chosen


def is_held_out(sentence: Sentence) -> bool:
    """Whether a sentence belongs to the tenth of the samples by which a judge measures its own sureness."""
    return _number(f"held out: {sentence.sample}") % 10 == 0


def _fill(sample: str, types: Mapping[str, str], values: Mapping[str, Sequence[Sequence[str]]], round_: int) -> str:
    def said(slot: re.Match[str]) -> str:
        type_ = types[slot[1]]
        number = _number(f"{sample} {slot.start()} {round_}")
        if type_ in _BUILT_IN:
            return _BUILT_IN[type_][number % len(_BUILT_IN[type_])]
        phrases = values[type_][number % len(values[type_])]  # each value alike, however many synonyms it has
        return phrases[number // len(values[type_]) % len(phrases)]

    return _SLOT.sub(said, sample)


def _types(intent: Mapping[str, Any]) -> dict[str, str]:
    return {slot["name"]: slot["type"] for slot in intent.get("slots", ())}


def _values(model: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    return {
        type_["name"]: [[value["name"]["value"], *value["name"]["synonyms"]] for value in type_["values"]]
        for type_ in model["types"]
    }


def _number(text: str) -> int:
    """A number that looks random and never changes."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
