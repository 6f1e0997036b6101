"""How long a text sounds, in seconds: a model with four constants, all in the middle of three real voices.

Checked against them once, and again at any time, by `python -m tools.durations`; how well it fits is written down in
docs/decisions/0017-how-long-a-text-sounds.md. No voice on Alexa can be measured from here: this is the nearest we get.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import zip_longest
from math import fsum

from .marks import Mark, is_pause, parts, unstopped

# Letters beat syllables, and words add nothing to them: short words are spoken shorter than their syllables tell.
LETTER = 0.061
COMMA = 0.32  # the short silence within a sentence, and the syllable drawn out before it
STOP = 0.44  # the same between two sentences
DRAWN_OUT = 0.11  # the last syllable before a pause of ours, which takes the place of the stop or comma before it

_LETTERS = re.compile(r"[^\W\d_]")
_COMMAS = re.compile(r"[,;:]+(?=\s|$)")
_STOPS = re.compile(r"[.!?…]+(?=\s|$)")
_NAMED = r"\d+$"


def heard(text: str, rate: float = 1.0) -> float:
    """Seconds of a text with marks, until the next sentence could begin.

    `rate` stretches words and the pauses of punctuation, as voices do; a pause of ours and a sound stay as they are.
    A sound lasts as long as its name ends in. Raises ValueError for a sound whose name tells no seconds.
    """
    return _seconds(parts(text), rate, _counted)


def together(said: Sequence[str], rate: float = 1.0) -> float:
    """As `heard` of sentences and marks with spaces between. What is in a sentence is remembered: for the few of ours
    that are measured again and again, while a hold is put together.
    """
    found = [part for piece in said for part in (parts(piece) if "[" in piece else [piece]) if part]
    return _seconds(found, rate, _remembered)


def _seconds(found: Sequence[str | Mark], rate: float, count: Callable[[str], tuple[int, int, int]]) -> float:
    seconds = 0.0
    letters = commas = stops = 0
    for part, after in zip_longest(found, found[1:]):
        if not isinstance(part, str):
            seconds += _sounding(part.sound) if part.sound else part.pause
            continue
        is_paused = is_pause(after)
        more = count(unstopped(part) if is_paused else part)
        letters, commas, stops = letters + more[0], commas + more[1], stops + more[2]
        if not isinstance(after, str):
            # The same on every Python: 3.12 and later add up floats in another way.
            spoken = fsum((letters * LETTER, commas * COMMA, stops * STOP))
            seconds += (spoken + DRAWN_OUT if is_paused else spoken) / rate
            letters = commas = stops = 0
    return seconds


def _counted(words: str) -> tuple[int, int, int]:
    """Letters, commas and stops of words."""
    return len(_LETTERS.findall(words)), len(_COMMAS.findall(words)), len(_STOPS.findall(words))


_remembered = lru_cache(maxsize=512)(_counted)


def _sounding(name: str) -> float:
    told = re.search(_NAMED, name)
    if told is None:
        raise ValueError(f"the sound {name!r} does not end in its seconds")
    return float(told.group())
