"""How a person wants to be coached."""

from __future__ import annotations

from typing import NamedTuple


class Preferences(NamedTuple):
    """How a person wants to be coached."""

    pace: str = "normal"
    counting: str = "aloud"
    wording: str = "full"
