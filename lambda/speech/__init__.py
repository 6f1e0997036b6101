"""SAYS. Message ids to the words of a locale.

Knows the compiled sentences. Must never know Alexa, SSML, or why a sentence is said.
"""

from .marks import Mark, parts, pause, plain, sound
from .phrasebook import Line, Phrasebook, open_book

__all__ = ["Line", "Mark", "Phrasebook", "open_book", "parts", "pause", "plain", "sound"]
