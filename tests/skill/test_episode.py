"""What is said around a step."""

from __future__ import annotations

import pytest

from skill.episode import _ROOM, _ROOM_WITH_COACH
from speech import Line, open_book

LONGEST_TURN = 60  # words


@pytest.mark.parametrize(
    ("offer", "room"),
    [
        ("coach", _ROOM_WITH_COACH),
        ("ready", _ROOM_WITH_COACH),
        *((offer, _ROOM) for offer in ("next_step", "easing", "anything_else")),
    ],
)
def test_the_offer_after_an_assessment_fits_into_the_turn(offer: str, room: int) -> None:
    longest = max(len(open_book("en").say(Line(f"offer.{offer}"), turn).split()) for turn in range(4))
    assert room + longest <= LONGEST_TURN
