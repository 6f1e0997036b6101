"""Which intent an utterance is: how fully one of its samples is heard, and how likely its samples together make it.

A sample counts by its words and pairs of words, rare ones more (the inverse of how many intents use them). What the
sample says weighs most, so that a long story with its question at the end is still that question. Beside it stands
naive Bayes over words and pairs, neighbours and next but one: it knows "how do i ... from coming back" from no one
sample, but from many.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, pairwise
from typing import NamedTuple

from skill.wording import Wording

_SLOTS = re.compile(r"(\{[a-z_]+\})")
_SLOT_SIZE = 2  # a slot says as much as two words
_UNSEEN = 0.001  # added to every count, so that a feature which an intent never had excludes nothing


class Score(NamedTuple):
    """An intent, how fully its best sample was heard (0 to 1), the words of that sample, and how likely it is.

    The likelihoods of all intents add up to 1. `whole`: the sample and the utterance hold the same words and pairs.
    """

    intent: str
    value: float
    sample: frozenset[str]
    likely: float
    whole: bool


class Classifier:
    """Learns from (intent, sample) pairs; slots stand as {slot} in samples and utterances."""

    def __init__(self, said: Iterable[tuple[str, str]], wording: Wording) -> None:
        self._wording = wording
        self._folded: dict[str, list[str]] = {}
        drawn: dict[tuple[str, frozenset[str]], tuple[str, ...]] = {}
        self._count: Counter[str] = Counter()
        users: dict[str, Counter[str]] = defaultdict(Counter)
        for intent, sample in said:
            line = self._line(sample)
            self._count[intent] += 1
            for feature in _patterns(line):
                users[feature][intent] += 1
            features = _features(line)
            drawn.setdefault((intent, frozenset(features)), features)
        self._rarity = {
            feature: math.log(1 + len(self._count) / len(users[feature]))
            for features in drawn.values()
            for feature in features
        }
        self._likely = {
            feature: [(intent, math.log((count + _UNSEEN) / _UNSEEN)) for intent, count in by.items()]
            for feature, by in users.items()
        }
        self._unlikely = {intent: math.log(_UNSEEN / (count + 1)) for intent, count in self._count.items()}
        self._index: dict[str, list[int]] = defaultdict(list)
        self._samples: list[_Sample] = []
        self._samples_of: dict[frozenset[str], set[str]] = defaultdict(set)
        for (intent, heard), features in drawn.items():
            self._samples_of[heard].add(intent)
            words = frozenset(feature for feature in features if " " not in feature)
            size = sum(_SLOT_SIZE if word.startswith("{") else 1 for word in words)
            for feature in features:
                self._index[feature].append(len(self._samples))
            total = sum(self._rarity[feature] for feature in features)
            self._samples.append(_Sample(intent, total, words, len(words), 1 - 0.35**size))

    def knows(self, word: str) -> bool:
        """Whether any sample holds a folded word."""
        return word in self._rarity

    def scores(self, lines: Sequence[Sequence[str]]) -> list[Score]:
        """The intents that share a word with the utterance, by several readings of it, best first."""
        best: dict[str, tuple[float, frozenset[str]]] = {}
        whole: set[str] = set()
        for line in lines:
            features = _features(line)
            whole |= self._samples_of.get(frozenset(features), frozenset())
            self._hear(features, best)
        likely = self._likelihoods(lines)
        scores = [Score(intent, *found, likely[intent], intent in whole) for intent, found in best.items()]
        return sorted(scores, key=lambda score: (not score.whole, -score.value - score.likely, score.intent))

    def _hear(self, features: Iterable[str], best: dict[str, tuple[float, frozenset[str]]]) -> None:
        """Puts into `best`, by intent, the sample heard most fully in a line, and how fully, if it is the best so far.

        Of the thousands of samples hundreds share a word with any line: this loop is most of what recognising takes.
        """
        heard = {feature: self._rarity[feature] for feature in features if feature in self._rarity}
        total = sum(heard.values()) or 1.0
        shared = [0.0] * len(self._samples)
        spoken = [0] * len(self._samples)
        for feature, rarity in heard.items():
            word = " " not in feature
            for number in self._index[feature]:
                shared[number] += rarity
                if word:
                    spoken[number] += 1
        reached = {intent: value for intent, (value, _) in best.items()}
        found: dict[str, frozenset[str]] = {}
        samples = zip(self._samples, shared, spoken, strict=True)
        for (intent, whole, words, many, size), share, count in compress(samples, spoken):
            value = (0.55 * share / whole + 0.25 * count / many + 0.2 * share / total) * size
            if value > reached.get(intent, 0.0):
                reached[intent], found[intent] = value, words
        best.update({intent: (reached[intent], words) for intent, words in found.items()})

    def _likelihoods(self, lines: Sequence[Sequence[str]]) -> Mapping[str, float]:
        """How likely each intent is: the mean over the readings, none of which knows better than another."""
        likely = dict.fromkeys(self._count, 0.0)
        for line in lines:
            known = [self._likely[pattern] for pattern in _patterns(line) if pattern in self._likely]
            total = {intent: each * len(known) for intent, each in self._unlikely.items()}
            for by in known:
                for intent, more in by:
                    total[intent] += more
            most = max(total.values(), default=0.0)
            # Patterns overlap, so they are no independent witnesses: they count as their square root.
            odds = {intent: math.exp((each - most) / math.sqrt(len(known) or 1)) for intent, each in total.items()}
            whole = sum(odds.values())
            for intent, each in odds.items():
                likely[intent] += each / whole / len(lines)
        return likely

    def _line(self, sample: str) -> list[str]:
        line: list[str] = []
        for piece in _SLOTS.split(sample):
            if piece.startswith("{"):
                line.append(piece)
            else:
                if piece not in self._folded:  # samples share their pieces
                    self._folded[piece] = [token.folded for token in self._wording.tokens(piece) if token.folded]
                line += self._folded[piece]
        return line


class _Sample(NamedTuple):
    intent: str
    total: float  # the rarity of all its features
    words: frozenset[str]
    many: int  # words
    size: float  # 0 to 1: a single word says little


def _features(line: Sequence[str]) -> tuple[str, ...]:
    """Words and pairs of neighbours, each once."""
    return tuple(dict.fromkeys([*line, *(f"{one} {two}" for one, two in pairwise(line))]))


def _patterns(line: Sequence[str]) -> set[str]:
    """Words, pairs of neighbours (the ends count as neighbours), and pairs with one word between them."""
    whole = ["", *line, ""]
    return {
        *line,
        *map(" ".join, pairwise(whole)),
        *(f"{one} _ {two}" for one, two in zip(whole, whole[2:], strict=False)),
    }
