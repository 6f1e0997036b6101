"""Spoken dates and times -> the values of AMAZON.DATE and AMAZON.TIME ("tomorrow at half three" -> 2026-11-24, 03:30).

The values are those of Amazon, "Slot Type Reference": a day from today on (2026-11-24), a week (2026-W49), a weekend
(2026-W49-WE), a month (2026-12), a year (2027); a time (16:00), or a part of the day (MO, AF, EV, NI). That page does
not say which "at four" is: it comes out as said, 04:00, and the skill has to settle it. Parsers such as dateparser
give one moment, where the platform gives weeks and parts of days, so they are no stand-in for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from . import durations
from .durations import Duration

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_ONES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"),
    *("seventeenth", "eighteenth", "nineteenth"),
)
_ORDINALS = {word: number for number, word in enumerate((*_ONES, *_TEENS, "twentieth"), 1)} | {"thirtieth": 30}
_TENS = {"twenty": 20, "thirty": 30}
_PARTS = {"morning": "MO", "afternoon": "AF", "evening": "EV", "night": "NI", "tonight": "NI"}
_FIXED = {"noon": "12:00", "midday": "12:00", "midnight": "00:00"}
_PART_BEHIND = {"a m": "MO", "am": "MO", "p m": "AF", "pm": "AF", "at night": "NI", "tonight": "NI"} | {
    f"in the {word}": part for word, part in _PARTS.items()
}
_NUMBERS = {durations.number_in_words(number): number for number in range(60)}
_BEFORE_HOUR = {"at", "around", "about", "by", "for", "it", "no", "before", "after", "say", "till", "until", "to"}
_AFTER_HOUR = {"please", "then", "instead", "tomorrow", "today", "on", "next", "this", "but", "and", "is", *_WEEKDAYS}
_PAST = {"last", "since", "every", "each"}  # "last monday", "every morning": nothing that lies ahead
_AFTER = {"past", "after"}
_UNTIL = {"to", "till", "of", "before"}
_DAYS_AHEAD = 8 * 366  # until the next 29th of February, whatever the century

WORDS = frozenset(
    {*_WEEKDAYS, *_MONTHS, *_ORDINALS, *_PARTS, *_FIXED, "today", "tomorrow", "weekend", "fortnight", "o'clock"}
)
"""Words that are spelled as they stand."""


class When(NamedTuple):
    """What an utterance says of a date, a time and a while from now: the words they rest on, and their values."""

    slot: str  # "date", "time" or "duration"
    value: str
    start: int  # words, counted from 0
    end: int  # excluded


class _Clock(NamedTuple):
    """A time on a clock. `part` is the part of the day said with it, "" when none was."""

    hour: int
    minute: int
    part: str
    end: int
    start: int


def find(words: Sequence[str], today: date) -> list[When]:
    """A date, a time and a while from now in lower-case words; of several of a kind the first that is not denied."""
    words = [word.removesuffix("'s") for word in words]
    ahead = [When("duration", each.iso, each.start, each.end) for each in _ahead(words)]
    dates = list(_scan(words, lambda at: _date(words, at, today), ahead))
    times = _times(words, [*ahead, *dates])
    if not dates:
        dates = [When("date", today.isoformat(), *span) for span in _today(words)]
    dates, times = ([each for each in kind if words[max(each.start - 1, 0)] not in _PAST] for kind in (dates, times))
    return [found for kind in (dates, times, ahead) for found in _stated(words, kind)[:1]]


def clock_in_words(hour: int, minute: int) -> str:
    """A written time as it is spoken: 4:05 -> "four oh five"."""
    said = durations.number_in_words(hour)
    if minute == 0:
        return f"{said} o'clock" if hour <= 12 else f"{said} hundred"
    return f"{said} {'oh ' if minute < 10 else ''}{durations.number_in_words(minute)}"


def ordinal_in_words(number: int) -> str:
    """A day of a month as it is spoken: 21 -> "twenty first"."""
    by_number = {value: word for word, value in _ORDINALS.items()}
    tens = number // 10 * 10
    return by_number.get(number) or f"{durations.number_in_words(tens)} {by_number[number - tens]}"


def _today(words: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Where "tonight" and "this evening" stand: they name a day, too."""
    for at, word in enumerate(words):
        this = words[max(at - 1, 0)] == "this"
        if word == "tonight" or (this and word in _PARTS):
            yield at - this, at + 1


def _stated(words: Sequence[str], found: Sequence[When]) -> list[When]:
    """Without what is denied ("not tomorrow, friday"), unless nothing else is said."""

    def is_denied(each: When) -> bool:
        before = [word for word in words[: each.start] if word not in {"on", "at", "for", "in"}]
        return before[-1:] == ["not"]

    return [each for each in found if not is_denied(each)] or list(found)


def _scan(words: Sequence[str], read: Callable[[int], tuple[str, int] | None], taken: Iterable[When]) -> Iterable[When]:
    at = 0
    spans = [range(each.start, each.end) for each in taken]
    while at < len(words):
        found = None if any(at in span for span in spans) else read(at)
        if found is not None:
            yield When("date", found[0], at, found[1])
        at = found[1] if found is not None else at + 1


# ---- a while from now


def _ahead(words: Sequence[str]) -> list[Duration]:
    """Lengths of time that lie ahead: "in two hours", "three days from now", "in a fortnight's time"."""
    found: list[Duration] = []
    for start in range(len(words)):
        length = _length(words, start)
        if length is None or (found and start < found[-1].end):
            continue
        before, after = words[max(start - 2, 0) : start], words[length.end : length.end + 2]
        into = before[-1:] == ["in"] or (before[:1] == ["in"] and before[1:] in (["about"], ["another"], ["maybe"]))
        if into or after == ["from", "now"] or after[:1] in (["hence"], ["time"]):
            found.append(length)
    return found


def _length(words: Sequence[str], start: int) -> Duration | None:
    """A length of time that begins at a word; also those that are too loose for what has been going on."""
    if words[start : start + 2] == ["a", "fortnight"]:
        return Duration("P2W", start, start + 2)
    if (end := _said(words, start, "a couple of")) is not None:
        length = durations.length_at(["two", *words[end:]], 0)
        return length and Duration(length.iso, start, end - 1 + length.end)
    return durations.length_at(words, start)


# ---- dates


def _date(words: Sequence[str], at: int, today: date) -> tuple[str, int] | None:
    """The date that begins at a word, and where it ends."""
    return _near(words, at, today) or _weekday(words, at, today) or _period(words, at, today) or _day(words, at, today)


def _near(words: Sequence[str], at: int, today: date) -> tuple[str, int] | None:
    for said, days in (
        ("the day after tomorrow", 2),
        ("day after tomorrow", 2),
        ("a week from tomorrow", 8),
        ("a week from today", 7),
        ("a week tomorrow", 8),
        ("a week today", 7),
        ("tomorrow week", 8),
        ("today week", 7),
        ("tomorrow", 1),
        ("today", 0),
    ):
        if (end := _said(words, at, said)) is not None:
            return (today + timedelta(days)).isoformat(), end
    return None


def _weekday(words: Sequence[str], at: int, today: date) -> tuple[str, int] | None:
    """A day of the week: the next one, today counts. "Next friday" is that of next week, "friday week" one later."""
    weeks = 0
    start = at
    for said in ("a week from", "a week on", "a week", "week on"):
        if (end := _said(words, start, said)) is not None:
            weeks, at = 1, end
            break
    modifier = words[at] if at < len(words) and words[at] in {"next", "this", "coming"} else ""
    at += bool(modifier)
    if at >= len(words) or words[at] not in _WEEKDAYS:
        return None
    wanted = _WEEKDAYS.index(words[at])
    if modifier == "next":
        day = today + timedelta(7 - today.weekday() + wanted)
    else:
        day = today + timedelta((wanted - today.weekday()) % 7)
    at += 1
    if words[at : at + 1] == ["week"]:
        weeks, at = 1, at + 1
    elif words[at : at + 2] == ["next", "week"]:
        day, at = today + timedelta(7 - today.weekday() + wanted), at + 2
    return (day + timedelta(7 * weeks)).isoformat(), at


def _period(words: Sequence[str], at: int, today: date) -> tuple[str, int] | None:
    """A week, a weekend, a month or a year."""
    for said, weeks in (("the week after next", 2), ("week after next", 2), ("next week", 1), ("this week", 0)):
        if (end := _said(words, at, said)) is not None:
            return _week(today + timedelta(7 * weeks)), end
    for said, weeks in (("next weekend", 1), ("this weekend", 0), ("the weekend", 0)):
        if (end := _said(words, at, said)) is not None:
            return f"{_week(today + timedelta(7 * weeks))}-WE", end
    for said, months in (("next month", 1), ("this month", 0)):
        if (end := _said(words, at, said)) is not None:
            year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
            return f"{year}-{month + 1:02}", end
    if (end := _said(words, at, "next year")) is not None:
        return str(today.year + 1), end
    if words[at] in _MONTHS and words[max(at - 1, 0)] in {"in", "next"}:
        month = _MONTHS.index(words[at]) + 1
        return f"{today.year + (month < today.month)}-{month:02}", at + 1
    return None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _day(words: Sequence[str], at: int, today: date) -> tuple[str, int] | None:
    """A day of a month: "the first of december", "december first", "december the first", "the third"."""
    start = at
    if words[at] in _MONTHS:
        month = _MONTHS.index(words[at]) + 1
        at += 1 + (words[at + 1 : at + 2] == ["the"])
        number = _ordinal(words, at) or _number(words, at)
        return None if number is None else _dated(today, number[0], month, number[1])
    if at and words[at - 1] in _TENS:
        return None  # the end of "thirty first"
    article = words[at] == "the"
    number = _ordinal(words, at + article) or (None if article else _number(words, at))
    if number is None:
        return None
    value, at = number
    of = words[at : at + 1] == ["of"]
    if at + of < len(words) and words[at + of] in _MONTHS:
        return _dated(today, value, _MONTHS.index(words[at + of]) + 1, at + of + 1)
    if of and words[at + 1 : at + 3] in (["next", "month"], ["this", "month"]):
        months = today.year * 12 + today.month - 1 + (words[at + 1] == "next")
        return _dated(date(months // 12, months % 12 + 1, 1), value, months % 12 + 1, at + 3)
    alone = words[at : at + 1] in ([], ["at"], ["please"], ["then"], ["in"], ["instead"])
    if article and alone and start and words[start - 1] in {"on", "for", "to", "it", "no"}:
        return _dated(today, value, 0, at)
    return None


def _dated(today: date, day: int, month: int, end: int) -> tuple[str, int] | None:
    """The first day on or after today that has this number, in this month (0: any). None: there is no such day."""
    for ahead in range(_DAYS_AHEAD):
        found = today + timedelta(ahead)
        if found.day == day and month in {0, found.month}:
            return found.isoformat(), end
    return None


def _ordinal(words: Sequence[str], at: int) -> tuple[int, int] | None:
    if at < len(words) and words[at] in _ORDINALS:
        return _ORDINALS[words[at]], at + 1
    if at + 1 < len(words) and words[at] in _TENS and words[at + 1] in _ONES:
        return _TENS[words[at]] + _ORDINALS[words[at + 1]], at + 2
    return None


def _number(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A number below sixty, and where it ends."""
    for length in (2, 1):
        number = _NUMBERS.get(" ".join(words[at : at + length])) if at + length <= len(words) else None
        if number is not None:
            return number, at + length
    return None


def _said(words: Sequence[str], at: int, phrase: str) -> int | None:
    """Where a phrase ends that begins at a word; None when it does not."""
    end = at + len(phrase.split())
    return end if " ".join(words[at:end]) == phrase else None


# ---- times


def _times(words: Sequence[str], taken: Sequence[When]) -> list[When]:
    """The times, clocks first: a part of the day said elsewhere belongs to the clock ("at four tomorrow afternoon")."""
    within = {at for each in taken for at in range(each.start, each.end)}
    free = [at for at in range(len(words)) if at not in within]
    clocks: list[_Clock] = []
    for at in free:
        clock = None if clocks and at < clocks[-1].end else _clock(words, at, bool(taken))
        if clock is not None and within.isdisjoint(range(clock.start, clock.end)):
            clocks.append(clock)
    on_clock = {at for clock in clocks for at in range(clock.start, clock.end)}
    parts = [When("time", _PARTS[words[at]], at, at + 1) for at in free if at not in on_clock and words[at] in _PARTS]
    whole = [When("time", _FIXED[words[at]], at, at + 1) for at in free if at not in on_clock and words[at] in _FIXED]
    said = [When("time", _on_day(clock, parts[0].value if parts else ""), clock.start, clock.end) for clock in clocks]
    return said or whole or parts


def _on_day(clock: _Clock, part: str) -> str:
    """A clock's time with the half of the day that was said; without one as it stands."""
    part, hour = clock.part or part, clock.hour
    late = part in {"AF", "EV"} or (part == "NI" and 5 <= hour < 12)
    if late and hour < 12:
        hour += 12
    elif part in {"MO", "NI"} and hour == 12:
        hour = 0
    return f"{hour:02}:{clock.minute:02}"


def _clock(words: Sequence[str], start: int, dated: bool) -> _Clock | None:
    """The time on a clock that begins at a word. A bare number is one only where the words beside it make it one."""
    past = _past(words, start)
    if past is not None:
        return _Clock(past.hour, past.minute, *_part(words, past.end), start=start)
    found = _number(words, start)
    if found is None or not 0 < found[0] < 24:
        return None
    before = words[start - 1] if start else ""
    hour, at = found
    minute, sure = 0, before in _BEFORE_HOUR
    more = _number(words, at + (words[at : at + 1] == ["oh"]))
    if words[at : at + 1] == ["o'clock"] or (hour > 12 and words[at : at + 1] == ["hundred"]):
        at, sure = at + 1, True
    elif more is not None and (more[0] < 10) == (words[at] == "oh"):
        minute, at, sure = more[0], more[1], True
    part, end = _part(words, at)
    # "At one", "tomorrow four" and "four" alone are times; "four days", "the one" and "two" (of them) are none.
    likely = sure or (dated and hour > 1) or (not before and hour > 2)
    ends = at == len(words) or words[at] in _AFTER_HOUR or minute > 0 or not words[at - 1].isalpha()
    return _Clock(hour, minute, part, end, start) if part or (likely and ends) else None


class _Past(NamedTuple):
    hour: int
    minute: int
    end: int


def _past(words: Sequence[str], at: int) -> _Past | None:
    """ "Half past three", "half three", "a quarter to nine", "twenty past four"."""
    at += words[at : at + 2] == ["a", "quarter"]
    if words[at] in {"half", "quarter"}:
        minutes, at = 30 if words[at] == "half" else 15, at + 1
    else:
        number = _number(words, at)
        if number is None or number[0] not in {5, 10, 20, 25}:
            return None
        minutes, at = number
        at += words[at : at + 1] == ["minutes"]
    relation = words[at] if at < len(words) and words[at] in {*_AFTER, *_UNTIL} else ""
    if not relation and minutes != 30:
        return None
    hour = _number(words, at + bool(relation))
    if hour is None or not 0 < hour[0] <= 12 or any(map(durations.is_unit, words[hour[1] : hour[1] + 1])):
        return None  # "ten to fifteen minutes"
    if relation in _UNTIL:
        return _Past((hour[0] - 2) % 12 + 1, 60 - minutes, hour[1])
    return _Past(hour[0], minutes, hour[1])


def _part(words: Sequence[str], at: int) -> tuple[str, int]:
    """The part of the day said right behind a clock's time ("" when none is), and where it ends."""
    at += words[at : at + 1] == ["o'clock"]
    for phrase, part in _PART_BEHIND.items():
        if (end := _said(words, at, phrase)) is not None:
            return part, end
    return "", at
