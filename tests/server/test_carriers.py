"""What stands where a slot would, though nobody listed it."""

from __future__ import annotations

import pytest

from server.carriers import Carriers

CARRIERS = Carriers(
    [
        "does {remedy} help",
        "is {remedy} okay",
        "is it okay to take {remedy}",
        "about {remedy}",
        "{remedy}",
        "put {remedy} on {site}",
    ],
    "remedy",
)


@pytest.mark.parametrize(
    ("said", "carried"),
    [
        ("does dragon oil help", "dragon oil"),
        ("is it okay to take dragon oil", "dragon oil"),
        ("is dragon oil okay", "dragon oil"),
        ("does the oil of a dragon help", None),  # too long for a name
        ("does help", None),
        ("about dragon oil", None),  # one word beside it says too little
        ("put oil on it", None),  # carries another slot, too
        ("dragon oil", None),
        ("", None),
    ],
)
def test_a_value_is_what_a_whole_sample_leaves_over(said: str, carried: str | None) -> None:
    """The sample that says most is tried first; the slot alone, or nearly so, carries nothing."""
    words = said.split()
    span = CARRIERS.carried(words)
    assert (None if span is None else " ".join(words[span])) == carried
