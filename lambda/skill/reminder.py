"""When a reminder is due: what a person asked for -> a plan, and the plan -> words. Pure: no Alexa, no clock.

A plan holds a time and a time zone, and nothing about health.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from .hearing import minutes_of
from .reminding import Plan, Wish

LATEST = timedelta(days=365)  # the platform names no limit; within a year a date needs no year in words
SOONEST = timedelta(seconds=60)
EARLY = timedelta(hours=1)  # proposed to somebody who was told to see a doctor today
BLIND = timedelta(hours=3)  # proposed where the device has no time zone
OFFICE = time(9)

# Parts of the day of AMAZON.TIME, as hours (Amazon, "Slot type reference").
_PARTS = {"MO": 9, "AF": 15, "EV": 19, "NI": 21}
_DAWN, _DAY = 1, 7  # "at four" comes as 04:00, and is said of the afternoon: nobody's doctor answers before seven
_MOST_DAYS = 59  # that are counted in words where no date can be named
_ZONE = r"[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SATURDAY = 5
_DAY_LONG = 24 * 60  # minutes

_NONE = Plan()

Blank = list[Any]  # a message id and its blanks, as speech.Line nests them


def token(plan: Plan) -> str:
    """A plan as the token of a permission request: a time and a zone, and never a finding."""
    return f"{plan.at} {plan.zone}".strip()


def from_token(given: str) -> Plan:
    """The plan of a token; none where it is not ours."""
    at, _, zone = given[:80].partition(" ")
    plan = Plan(at, zone)
    return plan if due(plan) is not None else Plan()


@lru_cache(maxsize=8)
def zone_of(name: str) -> tzinfo | None:
    """A time zone by its name in the tz database ("Europe/Berlin"); None where it is unknown.

    The system's own data first. A small Linux image may have none (so had Lambda's for a while,
    https://github.com/amazonlinux/amazon-linux-2023/issues/615): then the copy in dateutil, which the kit brings along.
    """
    if not re.fullmatch(_ZONE, name):
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # only a reminder needs it

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return _carried_zone(name)


def _carried_zone(name: str) -> tzinfo | None:
    from dateutil.zoneinfo import get_zonefile_instance  # type: ignore[import-untyped]

    found = get_zonefile_instance().get(name)
    return found if isinstance(found, tzinfo) else None


def due(plan: Plan) -> datetime | None:
    """The moment of a plan, in UTC; None where it is no plan. A time that the clock skips moves on with the clock."""
    try:
        at = datetime.fromisoformat(plan.at)
        zone = zone_of(plan.zone) if plan.zone else UTC
        return None if zone is None or at.tzinfo is not None else at.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def later(now: datetime, length: timedelta) -> Plan:
    """The plan of a reminder in so much time."""
    return Plan((now + length).astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat())


def needs_zone(wish: Wish) -> bool:
    """Whether a wish means a time on the clock; a length under a day does not."""
    minutes = minutes_of(wish.duration)
    return minutes is None or minutes >= _DAY_LONG


def soon(wish: Wish, now: datetime) -> Plan:
    """The plan for somebody who needs a doctor today: the length that was wished, where it is short, else an hour."""
    minutes = minutes_of(wish.duration)
    wished_for = timedelta(minutes=minutes) if minutes is not None else EARLY
    return later(now, wished_for if wished_for <= 4 * EARLY else EARLY)


def planned(wish: Wish, now: datetime, zone_name: str, before: Plan = _NONE) -> Plan | str:
    """The plan that a wish comes to, or why none does: "past", "far", "vague", or "zone" where that is missing.

    `now` is a moment in UTC. `before`: the plan that was just proposed and refused; an early hour that is named a
    second time is meant as it was said.
    """
    minutes = minutes_of(wish.duration)
    zone = zone_of(zone_name) if zone_name else None
    if minutes is not None and (zone is None or minutes < _DAY_LONG):
        return _timely(later(now, timedelta(minutes=minutes)), now)
    if zone is None:
        return "zone"
    local = now.astimezone(zone).replace(tzinfo=None)
    hour = _hour(wish.time, before)
    if wish.time and hour is None:
        return "vague"
    if minutes is not None:
        return _timely(_at(local.date() + timedelta(days=minutes // _DAY_LONG), hour or OFFICE, zone_name), now)
    if wish.date and not _is_today(wish.date, local):
        day = _day(wish.date, local)
        return day if isinstance(day, str) else _timely(_at(day, hour or OFFICE, zone_name), now)
    if hour is not None:
        plan = _at(local.date(), hour, zone_name)
        if not wish.date and _timely(plan, now) == "past":
            plan = _at(local.date() + timedelta(days=1), hour, zone_name)
        return _timely(plan, now)
    if wish.date:
        return _some_time_today(local, zone_name)
    return _at(working_day(local.date() + timedelta(days=1)), OFFICE, zone_name)


def working_day(day: date) -> date:
    """The day itself, or the Monday after it."""
    return day + timedelta(days=max(7 - day.weekday(), 0)) if day.weekday() >= _SATURDAY else day


def _timely(plan: Plan, now: datetime) -> Plan | str:
    moment = due(plan)
    if moment is None or moment - now > LATEST:
        return "far"
    return plan if moment - now >= SOONEST else "past"


def _at(day: date, hour: time, zone_name: str) -> Plan:
    """A time on the clock of a zone; one that the clock skips, an hour later, as the platform would ring it."""
    zone = zone_of(zone_name)
    wall = datetime.combine(day, hour)
    there = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    return Plan(there.isoformat(timespec="minutes"), zone_name)


def _hour(said: str, before: Plan) -> time | None:
    if said in _PARTS:
        return time(_PARTS[said])
    match = re.fullmatch(r"(\d\d):(\d\d)(?::\d\d)?", said)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    hour = time(int(match[1]), int(match[2]))
    afternoon = hour.replace(hour=(hour.hour + 12) % 24)
    if not _DAWN <= hour.hour < _DAY or before.at.endswith(f"T{afternoon:%H:%M}"):
        return hour
    return afternoon


def _is_today(said: str, local: datetime) -> bool:
    return said in {"PRESENT_REF", local.date().isoformat()}


def _some_time_today(local: datetime, zone_name: str) -> Plan | str:
    """The full hour after the next one, while it is day."""
    hour = max(local.hour + 2, OFFICE.hour)
    return _at(local.date(), time(hour), zone_name) if hour <= _PARTS["NI"] else "past"


def _day(said: str, local: datetime) -> date | str:
    """The day of a value of AMAZON.DATE: a date, a week, a weekend, a month. What is wider is too vague."""
    today = local.date()
    tomorrow = working_day(today + timedelta(days=1))
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            day = date.fromisoformat(said)
            return "past" if day < today else day
        week = re.fullmatch(r"(\d{4})-W(\d\d)(-WE)?", said)
        if week:
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            if week[3]:
                days = [monday + timedelta(days=5), monday + timedelta(days=6)]
                return next((day for day in days if day > today), "past")
            return _within(monday, monday + timedelta(days=4), tomorrow)
        month = re.fullmatch(r"(\d{4})-(\d\d)(?:-XX)?", said)
        if month:
            first = date(int(month[1]), int(month[2]), 1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            return _within(working_day(first), last, tomorrow)
    except (ValueError, OverflowError):
        return "vague"
    return "vague"


def _within(first: date, last: date, tomorrow: date) -> date | str:
    day = max(first, tomorrow)
    return day if day <= last else "past"


# ---- in words


def when(plan: Plan, now: datetime) -> Blank:
    """When a plan is due, in words: the day as a person would name it now, or how long from now."""
    moment = due(plan)
    if moment is None:
        raise ValueError("no plan")
    if not plan.zone:
        return ["remind.when.in", {"span": _span(moment - now)}]
    zone = zone_of(plan.zone)
    there = moment.astimezone(zone)
    days = (there.date() - now.astimezone(zone).date()).days
    blanks = {"time": _clock(there.hour, there.minute)}
    if days == 0:
        return ["remind.when.today", blanks]
    blanks["weekday"] = [f"remind.weekday.{_WEEKDAYS[there.weekday()]}", {}]
    if days == 1:
        return ["remind.when.tomorrow", blanks]
    if 1 < days < 7:
        return ["remind.when.soon", blanks]
    month = [f"remind.month.{there.month}", {}]
    return ["remind.when.later", {**blanks, "month": month, "nth": [f"remind.nth.{there.day}", {}]}]


def number(count: int) -> Blank:
    """A number from 0 to 59 in words; a larger one counts as 59."""
    count = min(count, _MOST_DAYS)
    if count <= 20 or count % 10 == 0:
        return [f"remind.number.{count}", {}]
    tens, ones = count - count % 10, count % 10
    return ["remind.tens", {"tens": number(tens), "ones": number(ones)}]


def _span(length: timedelta) -> Blank:
    minutes = max(round(length.total_seconds() / 60), 1)
    if minutes > 60:
        minutes = round(minutes / 5) * 5
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return ["remind.span.days", {"count": number(round(hours / 24))}]
    parts = [
        [f"remind.span.{unit}{'' if count == 1 else 's'}", {"count": number(count)}]
        for unit, count in (("hour", hours), ("minute", rest))
        if count
    ]
    return parts[0] if len(parts) == 1 else ["remind.span.both", {"first": parts[0], "second": parts[1]}]


def _clock(hour: int, minute: int) -> Blank:
    if minute == 0 and hour in {0, 12}:
        return ["remind.time.noon" if hour else "remind.time.midnight", {}]
    spoken = number((hour - 1) % 12 + 1)
    if minute:
        between = "to_the_minute" if minute >= 10 else "oh"
        spoken = [f"remind.clock.{between}", {"hour": spoken, "minute": number(minute)}]
    part = "night"
    if 1 <= hour < 12:
        part = "morning"
    elif 12 <= hour < 18:
        part = "afternoon"
    elif 18 <= hour < 21:
        part = "evening"
    return [f"remind.time.{part}", {"clock": spoken}]
