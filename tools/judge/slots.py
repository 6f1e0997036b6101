"""A judge of slot values: the value whose name or synonym is spelled most like some words of the sentence.

That is how entity resolution works as far as Amazon tells; it knows no inflection, no order and no denial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapidfuzz import fuzz, process

LONGEST = 7  # words of a span
LIKENESS = 85.0  # of 100: one letter in seven


class SlotJudge:
    """Finds the values of a slot type in a sentence."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._types = {slot["name"]: slot["type"] for intent in model["intents"] for slot in intent.get("slots", ())}
        self._values = {
            type_["name"]: {
                phrase.lower(): value["id"]
                for value in type_["values"]
                for phrase in (value["name"]["value"], *value["name"]["synonyms"])
            }
            for type_ in model["types"]
        }

    def find(self, text: str, slot: str) -> set[str]:
        """The ids that the words of a sentence resolve to, in the type of a slot."""
        words = text.lower().split()
        values = self._values[self._types[slot]]
        spans = {
            " ".join(words[start:end])
            for start in range(len(words))
            for end in range(start + 1, min(start + LONGEST, len(words)) + 1)
        }
        found = {values[span] for span in spans if span in values}
        for span in spans - values.keys():
            near = process.extractOne(span, values.keys(), scorer=fuzz.ratio, score_cutoff=LIKENESS)
            if near is not None:
                found.add(values[near[0]])
        return found
