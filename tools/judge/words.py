"""A judge by words: naive Bayes over words, pairs of words and pieces of words, with the standard library alone.

It knows no grammar, no synonyms beyond those it has read, and nothing of how our own recogniser works.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from .samples import Sentence, is_held_out

FALLBACK = "AMAZON.FallbackIntent"
REFUSED = 0.02  # the share of unlearned samples whose likeness counts as too little

_UNSEEN = 0.05  # added to every count, so that a new word excludes nothing
_PIECES = (3, 4)  # letters


class WordJudge:
    """Learns from sentences; says which intent a text is most like, or the fallback when it is like none."""

    name = "words"

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self._learn(sentence for sentence in sentences if not is_held_out(sentence))
        likeness = sorted(self._best(sentence.text)[1] for sentence in sentences if is_held_out(sentence))
        self._least = likeness[int(len(likeness) * REFUSED)] if likeness else -math.inf
        self._learn(sentences)

    def hear(self, texts: Iterable[str]) -> list[str]:
        """The intent of each text."""
        best = [self._best(text) for text in texts]
        return [intent if likeness >= self._least else FALLBACK for intent, likeness in best]

    def _learn(self, sentences: Iterable[Sentence]) -> None:
        self._count: Counter[str] = Counter()
        self._users: dict[str, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            self._count[sentence.intent] += 1
            for feature in features(sentence.text):
                self._users[feature][sentence.intent] += 1

    def _best(self, text: str) -> tuple[str, float]:
        """The likeliest intent, and the mean logarithm of the likelihoods of what was said."""
        said = features(text)
        total = dict.fromkeys(self._count, 0.0)
        for feature in said:
            users = self._users.get(feature, Counter())
            for intent, count in self._count.items():
                total[intent] += math.log((users[intent] + _UNSEEN) / (count + 1))
        intent = max(total, key=lambda each: (total[each], each))
        return intent, total[intent] / max(len(said), 1)


def features(text: str) -> frozenset[str]:
    """Words, pairs of neighbours (the ends count as neighbours), and pieces of words."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower())
    pairs = {f"{one} {two}" for one, two in pairwise(["", *words, ""])}
    pieces = {
        f"#{marked[at : at + size]}"
        for marked in (f"<{word}>" for word in words)
        for size in _PIECES
        for at in range(len(marked) - size + 1)
    }
    return frozenset(words) | pairs | pieces
