"""Finds the words of a message id in the compiled sentences of one locale."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import shelf
from record import Record

FORMS = frozenset({"ask", "again", "which"})
NEUTRAL = "en"  # words for a locale that is not ours: neutral English, and no emergency digits


class Line(Record):
    """Something to say: a message id and its blanks.

    Two are composed: `safety` from the signs still unanswered, `hold` from its seconds, style, pace and hosted
    (speech/holds.py), all of them text.
    """

    id: str
    blanks: Mapping[str, Any] = {}


class Phrasebook:
    """The sentences of one locale.

    `say` takes `turn`, the number of the turn, to vary what is heard often, and `other`, whether the person speaks for
    somebody else. An id without words raises KeyError: the build proves that every id has some.
    """

    def __init__(self, locale: str, content: Mapping[str, Any]) -> None:
        self.locale = locale
        self._messages: Mapping[str, Sequence[str]] = content["messages"]
        self._signs: Mapping[str, Any] = content["safety"]
        self._longest: dict[tuple[str, bool], int] = {}
        self.country: str | None = content["country"]
        self.emergency_number: str | None = content["emergency_number"]

    def has(self, id_: str) -> bool:
        """Whether there are words for an id."""
        return bool(self._messages.get(id_))

    def knows(self, line: Line) -> bool:
        """Whether a line can be said: for lines that come back from outside, of whatever shape."""
        try:
            fits = line.id != "safety" or line.blanks["form"] in FORMS
            inner = [value for value in line.blanks.values() if not isinstance(value, str)]
            if line.id != "safety":
                fits = all(len(value) == 2 and self.knows(Line(*value)) for value in inner)
            return fits and bool(self.say(line))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            return False

    def say(self, line: Line, turn: int = 0, *, other: bool = False) -> str:
        """The words of a line."""
        if line.id == "hold":
            from . import holds  # which few turns need

            return holds.compose(holds.read(line.blanks), self._messages, turn)
        if line.id == "safety":
            return self._safety(line.blanks["family"], line.blanks["fills"], line.blanks["form"], turn, other)
        words = self._pick(line.id, turn, other)
        if not line.blanks:
            return words.format()
        blanks = {
            name: self.say(Line(*value), turn, other=other) if isinstance(value, (list, tuple)) else value
            for name, value in line.blanks.items()
        }
        return words.format(**blanks)

    def longest(self, line: Line, *, other: bool = False) -> int:
        """How many words a line has, however it is varied. What is said without a blank is counted once."""
        known = self._longest.get((line.id, other))
        if known is None:
            known = max(len(self.say(line, turn, other=other).split()) for turn in range(4))
            if not line.blanks:
                self._longest[line.id, other] = known
        return known

    def _pick(self, id_: str, turn: int, other: bool = False) -> str:
        variants = self._messages[f"{id_}.other" if other and f"{id_}.other" in self._messages else id_]
        return variants[turn % len(variants)]

    def _safety(self, family: str, fills: Sequence[str], form: str, turn: int, other: bool) -> str:
        groups = [
            (
                group["ask_other"] if other and "ask_other" in group else group["ask"],
                [words for sign, words in group["signs"].items() if sign in fills],
            )
            for group in self._signs[family]
        ]
        groups = [(ask, words) for ask, words in groups if words]
        if form == "which":
            signs = self._listed([word for _, words in groups for word in words])
            return self._pick("safety_form.which", turn).format(signs=signs)
        asked = self._pick("list.group_or", 0).join(ask.format(signs=self._listed(words)) for ask, words in groups)
        question = f"{asked[0].upper()}{asked[1:]}?"
        return self._pick("safety_form.again", turn).format(question=question) if form == "again" else question

    def _listed(self, words: Sequence[str]) -> str:
        if len(words) == 1:
            return words[0]
        return self._pick("list.comma", 0).join(words[:-1]) + self._pick("list.or", 0) + words[-1]


@lru_cache(maxsize=8)
def open_book(locale: str) -> Phrasebook:
    """The phrasebook of a locale; neutral English where there is none. Only the locale asked for is read."""
    safe = locale.replace("-", "").isalpha() and len(locale) <= 8
    known = safe and shelf.has(f"speech.{locale}.json")
    return Phrasebook(locale, json.loads(shelf.read(f"speech.{locale if known else NEUTRAL}.json")))
