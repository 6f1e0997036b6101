"""SAYS. Message ids to the words of a locale.

Knows the compiled sentences. Must never know Alexa, SSML, or why a sentence is said.
"""

from .duration import RATES, heard
from .marks import Mark, is_pause, parts, pause, plain, sound, unstopped
from .phrasebook import Line, Phrasebook, open_book

__all__ = [
    "RATES",
    "Line",
    "Mark",
    "Phrasebook",
    "heard",
    "is_pause",
    "open_book",
    "parts",
    "pause",
    "plain",
    "sound",
    "unstopped",
]
