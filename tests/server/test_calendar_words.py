"""Dates and times as they are spoken, and the values that the platform's own slots would carry. Today is a Monday."""

from __future__ import annotations

from datetime import date

import pytest

from server import calendar_words

MONDAY = date(2026, 11, 23)


def heard(text: str, today: date = MONDAY) -> dict[str, str]:
    """Slot -> value."""
    return {found.slot: found.value for found in calendar_words.find(text.split(), today)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("today", "2026-11-23"),
        ("tomorrow", "2026-11-24"),
        ("the day after tomorrow", "2026-11-25"),
        ("a week tomorrow", "2026-12-01"),
        ("on monday", "2026-11-23"),  # on or after today
        ("on wednesday", "2026-11-25"),
        ("this friday", "2026-11-27"),
        ("next monday", "2026-11-30"),
        ("next friday", "2026-12-04"),
        ("friday week", "2026-12-04"),
        ("a week on friday", "2026-12-04"),
        ("tuesday next week", "2026-12-01"),
        ("this week", "2026-W48"),
        ("next week", "2026-W49"),
        ("the week after next", "2026-W50"),
        ("at the weekend", "2026-W48-WE"),
        ("next weekend", "2026-W49-WE"),
        ("next month", "2026-12"),
        ("in january", "2027-01"),
        ("next year", "2027"),
        ("the first of december", "2026-12-01"),
        ("december first", "2026-12-01"),
        ("december the twenty first", "2026-12-21"),
        ("december twenty one", "2026-12-21"),
        ("twenty first december", "2026-12-21"),
        ("the second of january", "2027-01-02"),
        ("the third of next month", "2026-12-03"),
        ("on the thirtieth", "2026-11-30"),
        ("on the first at nine", "2026-12-01"),
        ("the twenty ninth of february", "2028-02-29"),
    ],
)
def test_a_date_is_a_day_a_week_a_month_or_a_year(text: str, value: str) -> None:
    assert heard(text)["date"] == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at four", "04:00"),  # as it was said: nobody knows which half of the day
        ("at four o'clock", "04:00"),
        ("four", "04:00"),
        ("half past three", "03:30"),
        ("half three", "03:30"),
        ("a quarter to nine", "08:45"),
        ("quarter of nine", "08:45"),
        ("quarter past twelve", "12:15"),
        ("ten to one", "12:50"),
        ("five minutes past six", "06:05"),
        ("twenty five past two pm", "14:25"),
        ("four thirty", "04:30"),
        ("at nine oh five", "09:05"),
        ("sixteen thirty", "16:30"),
        ("eighteen hundred", "18:00"),
        ("nine a m", "09:00"),
        ("nine am", "09:00"),
        ("nine p m", "21:00"),
        ("twelve am", "00:00"),
        ("twelve pm", "12:00"),
        ("four in the afternoon", "16:00"),
        ("half past seven in the evening", "19:30"),
        ("ten at night", "22:00"),
        ("two at night", "02:00"),
        ("eight o'clock in the morning", "08:00"),
        ("noon", "12:00"),
        ("at midnight", "00:00"),
        ("in the morning", "MO"),
        ("in the afternoon", "AF"),
        ("in the evening", "EV"),
        ("at night", "NI"),
    ],
)
def test_a_time_is_a_clocks_or_a_part_of_the_day(text: str, value: str) -> None:
    assert heard(text)["time"] == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("on monday morning", {"date": "2026-11-23", "time": "MO"}),
        ("tomorrow at four", {"date": "2026-11-24", "time": "04:00"}),
        ("tomorrow afternoon at four", {"date": "2026-11-24", "time": "16:00"}),
        ("at four tomorrow afternoon", {"date": "2026-11-24", "time": "16:00"}),
        ("nine a m on the first of december", {"date": "2026-12-01", "time": "09:00"}),
        ("tomorrow four", {"date": "2026-11-24", "time": "04:00"}),
        ("tonight", {"date": "2026-11-23", "time": "NI"}),
        ("at nine tonight", {"date": "2026-11-23", "time": "21:00"}),
        ("this evening", {"date": "2026-11-23", "time": "EV"}),
        ("this evening at seven", {"date": "2026-11-23", "time": "19:00"}),
        ("remind me in two hours", {"duration": "PT2H"}),
        ("in about an hour", {"duration": "PT1H"}),
        ("in a couple of days at ten", {"duration": "P2D", "time": "10:00"}),
        ("three days from now", {"duration": "P3D"}),
        ("in a week's time", {"duration": "P1W"}),
        ("in a fortnight", {"duration": "P2W"}),
        ("not tomorrow wednesday", {"date": "2026-11-25"}),
        ("tomorrow or wednesday", {"date": "2026-11-24"}),
        ("no five", {"time": "05:00"}),
        ("make it five instead", {"time": "05:00"}),
    ],
)
def test_a_date_and_a_time_stand_beside_each_other(text: str, values: dict[str, str]) -> None:
    assert heard(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one of them",
        "the second one",
        "the first",
        "both of my legs",
        "for four days",
        "ten to fifteen minutes",
        "give me a second",
        "half an hour",
        "an hour ago",
        "count to four slowly",
        "the thirty first of february",
        "i may have hurt it",
        "on the march",
        "last monday",
        "every morning",
        "two",
    ],
)
def test_what_names_no_time_ahead_is_none(text: str) -> None:
    assert heard(text) == {}


def test_a_year_ends_in_its_own_week() -> None:
    """ISO weeks belong to the year of their Thursday."""
    assert heard("this week", date(2027, 1, 1))["date"] == "2026-W53"
    assert heard("tomorrow", date(2026, 12, 31))["date"] == "2027-01-01"
    assert heard("next month", date(2026, 12, 31))["date"] == "2027-01"


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [(4, 0, "four o'clock"), (4, 5, "four oh five"), (16, 30, "sixteen thirty"), (18, 0, "eighteen hundred")],
)
def test_a_written_time_is_read_as_it_is_spoken(hour: int, minute: int, words: str) -> None:
    assert calendar_words.clock_in_words(hour, minute) == words
    assert heard(f"at {words}")["time"] == f"{hour:02}:{minute:02}"


@pytest.mark.parametrize("day", range(1, 32))
def test_every_day_of_a_month_has_its_number_in_words(day: int) -> None:
    said = calendar_words.ordinal_in_words(day)
    assert heard(f"the {said} of december")["date"] == f"2026-12-{day:02}"
