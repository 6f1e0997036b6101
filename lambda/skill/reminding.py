"""Where the talk about a reminder stands in a session, and what was wished. The reckoning is in reminder.py.

A plan holds a time and a time zone, and nothing about health.
"""

from __future__ import annotations

import re
from typing import Any

from record import Record

STEPS = frozenset({"", "agree", "when", "cancel"})
_WISHED = r"[0-9A-Z:?_-]{0,20}"


class Wish(Record):
    """What a person asked for: the values of AMAZON.DATE, AMAZON.TIME and AMAZON.DURATION; "" where unsaid."""

    date: str = ""
    time: str = ""
    duration: str = ""


class Plan(Record):
    """When a reminder is due: an ISO time to the minute on the clock of `zone`; with no zone, in UTC to the second.

    Without a zone it was wished as a length of time ("in two hours"), and is spoken so.
    """

    at: str = ""
    zone: str = ""


class Reminding(Record):
    """Where the talk about a reminder stands, in the session.

    `step`: "agree" while a time is proposed, "when" while one is asked for, "cancel" while cancelling is. `wanted`: it
    was asked for while a question of triage was open, and waits.
    """

    step: str = ""
    plan: Plan = Plan()
    wish: Wish = Wish()
    wanted: bool = False
    offered: bool = False

    def write(self) -> dict[str, Any]:
        """As a part of the session attributes."""
        return {
            "step": self.step,
            "at": self.plan.at,
            "zone": self.plan.zone,
            "wish": list(self.wish),
            "wanted": self.wanted,
            "offered": self.offered,
        }


def read(given: object) -> Reminding:
    """The talk as it stood; what does not fit is dropped part by part."""
    if not isinstance(given, dict):
        return Reminding()
    from .reminder import due  # few sessions talk of one

    step, plan = given.get("step"), Plan(_text(given.get("at")), _text(given.get("zone")))
    if due(plan) is None:
        plan = Plan()
    wish = given.get("wish")
    fits = isinstance(wish, list) and len(wish) == 3 and all(isinstance(part, str) for part in wish)
    return Reminding(
        step if isinstance(step, str) and step in STEPS else "",
        plan,
        wished(*wish) if fits and isinstance(wish, list) else Wish(),
        given.get("wanted") is True,
        given.get("offered") is True,
    )


def wished(*values: str) -> Wish:
    """A wish of the values that look like the platform's."""
    return Wish(*(value if re.fullmatch(_WISHED, value) else "" for value in values))


def _text(given: object) -> str:
    return given[:80] if isinstance(given, str) else ""
