"""What each wish changes, and what is left of preferences that come back from outside."""

from __future__ import annotations

import pytest

from skill.preferences import RATES, VALUES, Preferences, change, read
from store.row import KEPT, fitting
from tools.yamlfile import ROOT
from tools.yamlfile import read as read_yaml

WISHES = read_yaml(ROOT / "content" / "phrases" / "en" / "preferences.yaml", text=True)


def test_the_first_of_everything_is_what_nobody_asked_for() -> None:
    assert Preferences() == ("normal", "aloud", "full")
    assert all(getattr(Preferences(), field) in values for field, values in VALUES.items())
    assert Preferences._fields == tuple(VALUES)


def test_the_store_takes_every_preference_and_nothing_else() -> None:
    assert Preferences._fields == KEPT
    for field, values in VALUES.items():
        for value in values:
            assert fitting({field: value}) == {field: value}


def test_every_wish_of_the_content_changes_something() -> None:
    """From some preferences; and an id that the content does not hold changes nothing."""
    for wish in WISHES:
        ((field, value),) = change(Preferences("fast", "quiet", "short"), wish).items()
        assert value in VALUES[field]
    assert {field for wish in WISHES for field in change(Preferences(), wish)} == set(VALUES)
    assert change(Preferences(), "") == change(Preferences(), "calf") == {}


@pytest.mark.parametrize(
    ("pace", "wish", "then"),
    [
        ("normal", "slower", "slow"),
        ("slow", "slower", "slow"),
        ("fast", "slower", "normal"),
        ("normal", "faster", "fast"),
        ("fast", "faster", "fast"),
        ("slow", "faster", "normal"),
        ("slow", "normal_pace", "normal"),
    ],
)
def test_the_pace_goes_a_step_at_a_time(pace: str, wish: str, then: str) -> None:
    assert change(Preferences(pace), wish) == {"pace": then}


def test_the_rates_are_in_order_and_alexa_takes_them() -> None:
    assert list(RATES) == ["slow", "normal", "fast"]
    assert 0.2 < RATES["slow"] < RATES["normal"] == 1.0 < RATES["fast"] < 2.0


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (None, None),
        ("slow", None),
        (["slow"], None),
        ({}, Preferences()),
        ({"pace": "slow", "count": "quiet", "wording": "short"}, Preferences("slow", "quiet", "short")),
        ({"pace": "at once", "count": "quiet"}, Preferences(count="quiet")),
        ({"pace": None, "count": 7, "wording": ["short"], "site": "calf"}, Preferences()),
        ({1: "slow"}, Preferences()),
    ],
)
def test_what_does_not_fit_is_left_out(given: object, left: Preferences | None) -> None:
    assert read(given) == left


def test_what_is_written_is_read_again() -> None:
    asked = Preferences("slow", "quiet", "short")
    assert read(asked._asdict()) == asked
