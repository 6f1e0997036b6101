"""A hold lasts as long as it promises, within what the platform renders, whoever hears it and in whatever turn."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import RATES, Line, Mark, open_book, parts, plain
from speech.duration import heard
from speech.holds import LONGEST_SOUND, SHORTEST_SOUND, SOUNDS, STYLES

BOOK = open_book("en-US")
NUMBERS = {word.lower(): number for number, word in enumerate(BOOK._messages["hold.numbers"], 1)}
CUES = set(BOOK._messages["hold.cue"])
LENGTHS = range(10, 61, 5)
TURNS = range(14)


def hold(seconds: int, style: str = "aloud", pace: str = "normal", hosted: str = "no") -> Line:
    return Line("hold", {"seconds": str(seconds), "style": style, "pace": pace, "hosted": hosted})


def marks(text: str) -> list[Mark]:
    return [part for part in parts(text) if isinstance(part, Mark)]


def numbers(text: str, rate: float = 1.0) -> list[tuple[float, int]]:
    """When each number begins, in seconds since the hold began, and the number."""
    return [
        (heard(text[: match.start()], rate), NUMBERS[match.group().lower()])
        for match in re.finditer(r"[A-Z][a-z]+(?:-[a-z]+)?(?=\.)", text)
        if match.group().lower() in NUMBERS
    ]


@pytest.mark.parametrize("pace", RATES)
@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("hosted", ["no", "yes"])
def test_a_hold_lasts_as_long_as_it_promises(style: str, pace: str, hosted: str) -> None:
    """Within a tenth, in every turn; and within the silence and the sounds that the platform renders."""
    for seconds in LENGTHS:
        for turn in TURNS:
            text = BOOK.say(hold(seconds, style, pace, hosted), turn)
            assert heard(text, RATES[pace]) == pytest.approx(seconds, rel=0.1), text
            assert sum(mark.pause for mark in marks(text)) <= 9.5, text
            assert sum(bool(mark.sound) for mark in marks(text)) <= 5, text


@given(
    st.integers(10, 60),
    st.sampled_from(sorted(STYLES)),
    st.sampled_from(sorted(RATES)),
    st.sampled_from(["yes", "no"]),
    st.integers(0, 500),
)
def test_every_other_length_does_too(seconds: int, style: str, pace: str, hosted: str, turn: int) -> None:
    """A clinician may write twelve seconds."""
    text = BOOK.say(hold(seconds, style, pace, hosted), turn)
    assert heard(text, RATES[pace]) == pytest.approx(seconds, rel=0.1)
    assert sum(mark.pause for mark in marks(text)) <= 9.5
    assert "{" not in text
    assert not any(letter.isdigit() for letter in plain(text))


@pytest.mark.parametrize("pace", RATES)
@pytest.mark.parametrize("seconds", LENGTHS)
def test_a_number_is_the_time_that_is_left(seconds: int, pace: str) -> None:
    """Within a second and a half at every number: a voice and a clock on a screen agree."""
    for turn in TURNS:
        told = numbers(BOOK.say(hold(seconds, pace=pace), turn), RATES[pace])
        assert [number for _, number in told][-5:] == [5, 4, 3, 2, 1]
        assert told[0] == (0, seconds)
        assert all(abs(seconds - at - number) <= 1.5 for at, number in told), told


@pytest.mark.parametrize("pace", RATES)
@pytest.mark.parametrize("seconds", [10, 15, 20, 30])
def test_the_last_ten_take_a_second_each(seconds: int, pace: str) -> None:
    """In the holds of our remedies."""
    told = numbers(BOOK.say(hold(seconds, pace=pace)), RATES[pace])[-10:]
    assert [number for _, number in told] == list(range(10, 0, -1))
    assert all(two - one == pytest.approx(1, abs=0.1) for (one, _), (two, _) in pairwise(told))


def test_a_quiet_hold_counts_nothing_and_says_little() -> None:
    """All the silence the platform allows is used, in long pieces."""
    for turn in TURNS:
        text = BOOK.say(hold(30, "quiet"), turn)
        assert not numbers(text)
        assert sum(mark.pause for mark in marks(text)) > 8
        assert max(mark.pause for mark in marks(text)) > 2
        assert len(marks(text)) <= 4
        assert any(words in text for words in BOOK._messages["hold.halfway"])
        assert any(words in text for words in BOOK._messages["hold.almost"])


@pytest.mark.parametrize("style", sorted(STYLES))
def test_halfway_is_halfway(style: str) -> None:
    for seconds in (30, 60) if style == "aloud" else LENGTHS:
        for turn in TURNS:
            text = BOOK.say(hold(seconds, style), turn)
            halfway = next(words for words in BOOK._messages["hold.halfway"] if words in text)
            assert heard(text[: text.index(halfway)]) == pytest.approx(seconds / 2, abs=2)


def test_no_cue_is_heard_twice_in_our_longest_hold() -> None:
    for style in STYLES:
        for pace in RATES:
            for turn in TURNS:
                text = BOOK.say(hold(30, style, pace), turn)
                assert all(text.count(cue) <= 1 for cue in CUES), text


def test_holds_differ_from_turn_to_turn() -> None:
    """Round after round, a person does not hear the same again."""
    for style in STYLES:
        said = [BOOK.say(hold(30, style), turn) for turn in TURNS]
        assert all(one != two for one, two in pairwise(said))
        assert BOOK.say(hold(30, style), 3) == BOOK.say(hold(30, style), 3)


@pytest.mark.parametrize(("style", "kind"), [("aloud", "hold-tick-"), ("quiet", "hold-quiet-")])
def test_a_hosted_hold_is_mostly_sound(style: str, kind: str) -> None:
    """Real quiet or a tick, broken by words at least each fifteen seconds; only sounds that are made."""
    for seconds in LENGTHS:
        found = marks(BOOK.say(hold(seconds, style, hosted="yes")))
        assert all(mark.sound.startswith(kind) and mark.sound in SOUNDS for mark in found)
        assert len(found) == -(-seconds // 15)
        assert sum(int(mark.sound.rpartition("-")[2]) for mark in found) >= 0.6 * seconds
    text = BOOK.say(hold(30, style, hosted="yes"), 0)
    assert text.startswith(f"[sound {kind}15] Fifteen seconds to go.")


def test_sounds_are_named_by_kind_and_seconds() -> None:
    assert len(SOUNDS) == len(set(SOUNDS)) == 2 * (LONGEST_SOUND - SHORTEST_SOUND + 1)
    assert {"hold-tick-15", "hold-quiet-3"} <= set(SOUNDS)


STRANGE: list[dict[str, Any]] = [
    {},
    {"seconds": "9"},
    {"seconds": "61"},
    {"seconds": "thirty"},
    {"seconds": ["hello", {}]},
    {"seconds": None},
    {"style": "loud"},
    {"style": ["aloud"]},
    {"pace": "turbo"},
    {"pace": ["slow", {}]},
    {"hosted": "maybe"},
    {"hosted": True},
]


@pytest.mark.parametrize("change", STRANGE, ids=repr)
def test_a_strange_hold_is_refused(change: dict[str, Any]) -> None:
    """As every line that comes back from outside in a session."""
    line = Line("hold", {**hold(30).blanks, **change} if change else {})
    assert not BOOK.knows(line)


def test_a_hold_of_ours_is_known() -> None:
    assert BOOK.knows(hold(30, "quiet", "slow", "yes"))
