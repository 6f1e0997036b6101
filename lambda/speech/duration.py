"""How long a text sounds, in seconds: a model with four constants, all in the middle of three real voices.

Checked against them once, and again at any time, by `python -m tools.durations`; how well it fits is written down in
docs/decisions/0017-how-long-a-text-sounds.md. No voice on Alexa can be measured from here: this is the nearest we get.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from .marks import is_pause, parts, unstopped

# How fast the whole of the speech goes, for each pace that a person may ask for.
RATES = {"slow": 0.85, "normal": 1.0, "fast": 1.15}

# Letters beat syllables, and words add nothing to them: short words are spoken shorter than their syllables tell.
LETTER = 0.061
COMMA = 0.32  # the short silence within a sentence, and the syllable drawn out before it
STOP = 0.44  # the same between two sentences
DRAWN_OUT = 0.11  # the last syllable before a pause of ours, which takes the place of the stop or comma before it

_LETTERS = r"[^\W\d_]"
_COMMAS = r"[,;:]+(?=\s|$)"
_STOPS = r"[.!?…]+(?=\s|$)"
_NAMED = r"\d+$"


def heard(text: str, rate: float = 1.0) -> float:
    """Seconds of a text with marks, until the next sentence could begin.

    `rate` stretches words and the pauses of punctuation, as voices do; a pause of ours and a sound stay as they are.
    A sound lasts as long as its name ends in. Raises ValueError for a sound whose name tells no seconds.
    """
    found = parts(text)
    seconds = 0.0
    for part, after in zip_longest(found, found[1:]):
        if isinstance(part, str):
            seconds += _spoken(part, is_paused=is_pause(after)) / rate
        else:
            seconds += _sounding(part.sound) if part.sound else part.pause
    return seconds


def _spoken(words: str, *, is_paused: bool) -> float:
    if is_paused:
        return _spoken(unstopped(words), is_paused=False) + DRAWN_OUT
    return sum(
        len(re.findall(pattern, words)) * seconds
        for pattern, seconds in ((_LETTERS, LETTER), (_COMMAS, COMMA), (_STOPS, STOP))
    )


def _sounding(name: str) -> float:
    told = re.search(_NAMED, name)
    if told is None:
        raise ValueError(f"the sound {name!r} does not end in its seconds")
    return float(told.group())
