"""SAYS. Message ids to the words of a locale.

Knows the compiled sentences. Must never know Alexa, SSML, or why a sentence is said.
How long they sound is asked of speech.duration, which few turns need.
"""

from .marks import Mark, is_pause, parts, pause, plain, sound, unstopped
from .pace import RATES
from .phrasebook import Line, Phrasebook, open_book

__all__ = [
    "RATES",
    "Line",
    "Mark",
    "Phrasebook",
    "is_pause",
    "open_book",
    "parts",
    "pause",
    "plain",
    "sound",
    "unstopped",
]
