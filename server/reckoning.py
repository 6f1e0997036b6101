"""When each part of a reply is said by the skill's own reckoning (speech/duration.py): its screens count by that.

A real voice is slower or faster, so the page asks of both how far a reply is.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from speech import pause
from speech.duration import heard

from .ssml import Part, Silence


def reckoned(parts: Sequence[Part]) -> list[tuple[float, float]]:
    """The seconds from and to which each part lasts, counted from the start of the reply."""
    found = []
    at = 0.0
    for part, after in zip_longest(parts, parts[1:]):
        begin = at
        if isinstance(part, Silence):
            at += part.seconds
        else:
            at += heard(f"{part.text} {pause(0)}" if isinstance(after, Silence) else part.text, part.rate)
        found.append((round(begin, 3), round(at, 3)))
    return found
