"""How a person likes to be coached: three small wishes, the only thing we ever store. They say nothing about health."""

from __future__ import annotations

from typing import Any

from record import Record
from speech import RATES

# What each field may be, in order; the first word of `count` and `wording` is what we do unasked.
VALUES = {"pace": tuple(RATES), "count": ("aloud", "quiet"), "wording": ("full", "short")}

_STEPS = {"slower": -1, "faster": 1}
_SETS = {
    "normal_pace": ("pace", "normal"),
    "count_aloud": ("count", "aloud"),
    "count_quietly": ("count", "quiet"),
    "full_wording": ("wording", "full"),
    "short_wording": ("wording", "short"),
}


class Preferences(Record):
    """`pace`: slow, normal, fast. `count` of a hold: aloud, quiet. `wording`: full, short."""

    pace: str = "normal"
    count: str = "aloud"  # type: ignore[assignment]  # nobody counts in a named tuple
    wording: str = "full"


def read(given: object) -> Preferences | None:
    """The preferences in data from outside, what does not fit left out; None for anything but a mapping."""
    if not isinstance(given, dict):
        return None
    fits = {field: value for field, value in given.items() if field in VALUES and value in VALUES[field]}
    return Preferences(**fits)


def change(preferences: Preferences, id_: str) -> dict[str, Any]:
    """What a wish (its id in content/phrases) makes of which field; nothing for an id that we do not know.

    The pace goes a step at a time, and no further than it goes.
    """
    if id_ in _STEPS:
        paces = VALUES["pace"]
        at = paces.index(preferences.pace) + _STEPS[id_]
        return {"pace": paces[min(max(at, 0), len(paces) - 1)]}
    return dict([_SETS[id_]]) if id_ in _SETS else {}
