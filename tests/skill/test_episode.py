"""What is said around a step."""

from __future__ import annotations

import pytest

from skill.episode import _ROOM
from speech import Line, open_book

LONGEST_TURN = 60  # words


@pytest.mark.parametrize("offer", ["coach", "ready", "next_step", "easing", "anything_else"])
def test_the_offer_after_an_assessment_fits_into_the_turn(offer: str) -> None:
    book = open_book("en")
    longest = max(len(book.say(Line(f"offer.{offer}"), turn).split()) for turn in range(4))
    assert _ROOM + longest <= LONGEST_TURN
