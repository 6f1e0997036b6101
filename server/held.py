"""Finds the words of a hold in a reply, so that the page can show a long count in small type."""

from __future__ import annotations

import json
import re
from functools import lru_cache

import shelf

_MESSAGES = ("hold.numbers", "hold.cue", "hold.halfway", "hold.almost")
_FEWEST = 5  # sentences of a hold in a row; fewer may be said for another reason


def held(speech: str, locale: str) -> str:
    """The part of a reply in which a stretch is held, as it stands there; "" where none is.

    In a language that we don't speak there is none: a device may have one all the same.
    """
    sentences = _sentences(locale.partition("-")[0])
    found = sentences.search(speech) if sentences is not None else None
    return found[0].strip() if found else ""


@lru_cache(maxsize=4)
def _sentences(language: str) -> re.Pattern[str] | None:
    if not shelf.has(f"speech.{language}.json"):
        return None
    messages = json.loads(shelf.read(f"speech.{language}.json"))["messages"]
    known = {words.rstrip(".") for id_ in _MESSAGES for words in messages[id_]}
    choice = "|".join(re.escape(words) for words in sorted(known, key=len, reverse=True))
    return re.compile(rf"\b(?:(?:{choice})\.(?:\s+|$)){{{_FEWEST},}}")
