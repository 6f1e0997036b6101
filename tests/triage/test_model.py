"""The words of triage: what is more urgent than what, and what stays known when more is heard."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    URGENCY,
    Disposition,
    Episode,
    Reminder,
    Value,
    merge,
    most_urgent,
)

STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=100)

signs = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([PRESENT, ABSENT, UNKNOWN]))


def test_levels_are_ordered_by_what_must_be_done_first() -> None:
    """An ambulance goes before today, today before an appointment, an appointment before self-care."""
    assert URGENCY == (
        Disposition.INFO,
        Disposition.OUT_OF_SCOPE,
        Disposition.SELF_CARE,
        Disposition.ROUTINE,
        Disposition.URGENT,
        Disposition.EMERGENCY,
    )


def test_the_riskier_of_two_levels_is_followed() -> None:
    """Whatever the order in which rules are read, the more urgent level wins."""
    for first, second in permutations(Disposition, 2):
        expected = max(first, second, key=URGENCY.index)
        assert most_urgent([first, second]) is expected
    assert most_urgent(iter(Disposition)) is Disposition.EMERGENCY


def test_no_level_at_all_is_a_mistake_not_a_quiet_one() -> None:
    """Nobody is told "self-care" because no level was given."""
    with pytest.raises(ValueError):
        most_urgent([])


def test_levels_and_reminders_are_spelled_as_in_the_content() -> None:
    """The words of the content, of the web answer and of the code are the same."""
    assert [str(level) for level in Disposition] == [level.name for level in Disposition]
    assert [str(reminder) for reminder in Reminder] == [r.name.lower() for r in Reminder]


@pytest.mark.parametrize("heard", [ABSENT, UNKNOWN])
def test_a_sign_once_said_stays_said(heard: str) -> None:
    """A later "no" or "don't know" does not take a danger sign back."""
    assert merge({"swelling": PRESENT}, {"swelling": heard}) == {"swelling": PRESENT}


def test_a_plain_correction_takes_a_sign_back() -> None:
    """ "Sorry, I meant both legs" is believed."""
    assert merge({"swelling": PRESENT}, {"swelling": ABSENT}, correcting=True) == {"swelling": ABSENT}


def test_what_may_change_is_taken_back_without_a_correction() -> None:
    """ "It eased, and now it doesn't": only of what is named as changing is the later word believed."""
    changing = frozenset({"eased"})
    known: dict[str, Value] = {"eased": PRESENT, "swelling": PRESENT}
    assert merge(known, {"eased": ABSENT, "swelling": ABSENT}, changing=changing) == {
        "eased": ABSENT,
        "swelling": PRESENT,
    }
    assert merge(known, {"eased": UNKNOWN}, changing=changing) == known


@pytest.mark.parametrize("known", [PRESENT, ABSENT])
@pytest.mark.parametrize("correcting", [False, True])
def test_unknown_never_replaces_an_answer(known: str, correcting: bool) -> None:
    """Who has answered is not asked again because they later hesitate."""
    assert merge({"swelling": known}, {"swelling": UNKNOWN}, correcting=correcting) == {"swelling": known}


@pytest.mark.parametrize("known", [ABSENT, UNKNOWN])
def test_a_sign_may_be_said_late(known: str) -> None:
    """A sign that was denied or unclear before counts as soon as it is said."""
    assert merge({"swelling": known}, {"swelling": PRESENT}) == {"swelling": PRESENT}


def test_an_unknown_may_be_answered_later() -> None:
    """ "I had a look: no" replaces "I don't know"."""
    assert merge({"swelling": UNKNOWN}, {"swelling": ABSENT}) == {"swelling": ABSENT}


def test_a_newer_site_or_time_replaces_the_one_before() -> None:
    """Words and numbers are not signs: the last one said is meant."""
    known: dict[str, Value] = {"site": "leg", "duration_minutes": 5}
    assert merge(known, {"site": "calf", "duration_minutes": 20}) == {
        "site": "calf",
        "duration_minutes": 20,
    }


@STEADY
@given(known=signs, heard=signs)
def test_what_is_known_is_never_lost(known: dict[str, Value], heard: dict[str, Value]) -> None:
    """Without a correction: no finding vanishes, no sign is taken back, nothing is made up."""
    before = dict(known)
    merged = merge(known, heard)
    assert set(merged) == set(known) | set(heard)
    assert all(merged[id_] == PRESENT for id_, value in known.items() if value == PRESENT)
    assert all(merged[id_] in (known.get(id_), heard.get(id_)) for id_ in merged)
    assert known == before, "what was known is never changed in place"


@STEADY
@given(known=signs, heard=signs)
def test_saying_the_same_twice_changes_nothing(known: dict[str, Value], heard: dict[str, Value]) -> None:
    """A repeated sentence teaches nothing new."""
    once = merge(known, heard)
    assert merge(once, heard) == once


def test_a_fresh_episode_knows_nothing_and_cannot_be_changed() -> None:
    """Two people never share what one of them said."""
    episode = Episode()
    assert episode.findings == {}
    assert episode.asked == episode.clarified == ()
    assert episode.open is None
    with pytest.raises(AttributeError):
        episode.asked = ("where",)  # type: ignore[misc]
