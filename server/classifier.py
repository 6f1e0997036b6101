"""Scores how fully the samples of each intent are heard in an utterance.

A sample counts by its words and pairs of words, rare ones more (the inverse of how many intents use them). What the
sample says weighs most, so that a long story with its question at the end is still that question.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from skill.wording import Wording

_SLOTS = re.compile(r"(\{[a-z_]+\})")
_SLOT_SIZE = 2  # a slot says as much as two words


class Score(NamedTuple):
    """An intent, how fully its best sample was heard (0 to 1), and the words of that sample."""

    intent: str
    value: float
    sample: frozenset[str]


class _Sample(NamedTuple):
    intent: str
    weights: Mapping[str, float]
    total: float
    words: frozenset[str]
    size: int


class Classifier:
    """Learns from (intent, sample) pairs; slots stand as {slot} in samples and utterances."""

    def __init__(self, said: Iterable[tuple[str, str]], wording: Wording) -> None:
        self._wording = wording
        drawn = [(intent, _features(self._line(sample))) for intent, sample in said]
        users: dict[str, set[str]] = defaultdict(set)
        for intent, features in drawn:
            for feature in features:
                users[feature].add(intent)
        intents = len({intent for intent, _ in drawn})
        self._rarity = {feature: math.log(1 + intents / len(by)) for feature, by in users.items()}
        self._samples: list[_Sample] = []
        self._index: dict[str, list[int]] = defaultdict(list)
        for intent, features in drawn:
            weights = {feature: self._rarity[feature] for feature in features}
            words = frozenset(feature for feature in features if " " not in feature)
            size = sum(_SLOT_SIZE if word.startswith("{") else 1 for word in words)
            for feature in weights:
                self._index[feature].append(len(self._samples))
            self._samples.append(_Sample(intent, weights, sum(weights.values()), words, size))

    def knows(self, word: str) -> bool:
        """Whether any sample holds a folded word."""
        return word in self._rarity

    def scores(self, lines: Iterable[Sequence[str]]) -> list[Score]:
        """The best score of each intent over several readings of an utterance, best first."""
        best: dict[str, Score] = {}
        for line in lines:
            heard = set(_features(line))
            total = sum(self._rarity.get(feature, 0.0) for feature in heard) or 1.0
            for number in {number for feature in heard for number in self._index.get(feature, ())}:
                sample = self._samples[number]
                shared = sum(weight for feature, weight in sample.weights.items() if feature in heard)
                spoken = len(sample.words & heard) / len(sample.words)
                value = 0.55 * shared / sample.total + 0.25 * spoken + 0.2 * shared / total
                value *= 1 - 0.35**sample.size
                if sample.intent not in best or value > best[sample.intent].value:
                    best[sample.intent] = Score(sample.intent, value, sample.words)
        return sorted(best.values(), key=lambda score: (-score.value, score.intent))

    def _line(self, sample: str) -> list[str]:
        line: list[str] = []
        for piece in _SLOTS.split(sample):
            if piece.startswith("{"):
                line.append(piece)
            else:
                line += [token.folded for token in self._wording.tokens(piece) if token.folded]
        return line


def _features(line: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours, each once."""
    return list(dict.fromkeys([*line, *(f"{one} {two}" for one, two in pairwise(line))]))
