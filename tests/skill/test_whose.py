"""Other people's old illnesses are set aside beside a place of one's own; their emergencies never are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Polarities = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(
    "text",
    [
        "my dad had chest pain last year, so I worry, but it's only my calf",
        "my brother had a swollen leg once, I've just got a cramp in my calf",
        "a girl at work had a fever and I'm paranoid, my back is stiff",
    ],
)
def test_what_somebody_else_once_had_is_set_aside(polarities: Polarities, text: str) -> None:
    assert "said" not in polarities(text).values()


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("my dad had chest pain and he's on the floor", "chest_pain"),
        ("my wife's leg is swollen, I don't know what to do", "swelling"),
        ("my son was running, my calf is swollen", "swelling"),
        ("my calf is swollen since I played with my mate", "swelling"),
        ("my husband can't breathe, my leg hurts too", "breathless"),
    ],
)
def test_what_is_going_on_now_is_the_complaint(polarities: Polarities, text: str, sign: str) -> None:
    assert polarities(text)[sign] == "said"
