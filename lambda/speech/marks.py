"""Marks in spoken text that are no words: a pause, a sound. They hold brackets, which no sentence of ours may.

`skill` turns them into SSML; `speech` only sets them and measures them.
"""

from __future__ import annotations

import re

from record import Record

_MARK = r"\[(?:(?P<pause>\d+(?:\.\d+)?)s|sound (?P<sound>[a-z0-9-]+))\]"


class Mark(Record):
    """A pause in seconds, or the name of a sound; the other one is empty."""

    pause: float = 0.0
    sound: str = ""


def pause(seconds: float) -> str:
    """The mark of a silence, to a hundredth of a second."""
    return f"[{seconds:.2f}s]"


def sound(name: str) -> str:
    """The mark of a hosted sound, named as its file is, without the ending."""
    return f"[sound {name}]"


def is_pause(part: str | Mark | None) -> bool:
    """Whether a part of a text is a silence."""
    return isinstance(part, Mark) and not part.sound


def unstopped(words: str) -> str:
    """Words without the stop or comma at their end: a pause takes its place, for only some voices would add the two."""
    return words.rstrip(" ,;:.")


def parts(text: str) -> list[str | Mark]:
    """Words and marks of a text, in order; words without the spaces around them."""
    if "[" not in text:  # most have no mark
        return [words] if (words := text.strip()) else []
    found: list[str | Mark] = []
    at = 0
    for match in re.finditer(_MARK, text):
        found += [text[at : match.start()].strip()]
        found += [Mark(float(match["pause"] or 0), match["sound"] or "")]
        at = match.end()
    found += [text[at:].strip()]
    return [part for part in found if part]


def plain(text: str) -> str:
    """The words alone."""
    return " ".join(part for part in parts(text) if isinstance(part, str))
