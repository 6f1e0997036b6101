"""When a reminder is due and how that is said; and the talk about one, from the wish to each way out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.alexa_api import Alexa, Fault
from server.conversation import Device
from skill import alexa as calls
from skill.reminder import (
    LATEST,
    SOONEST,
    _carried_zone,
    due,
    from_token,
    later,
    number,
    planned,
    token,
    when,
    working_day,
    zone_of,
)
from skill.reminding import Plan, Reminding, Wish, read, wished
from speech import Line, open_book
from tools.yamlfile import ROOT

Fail = Callable[[Fault], None]

BOOK = open_book("en-US")
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(ZONES)
YES, NO, UNSURE = "AMAZON.YesIntent", "AMAZON.NoIntent", "DontKnowIntent"


def spoken(plan: Plan, now: datetime) -> str:
    return BOOK.say(Line(*when(plan, now)))


# ---- when


@settings(deadline=None)  # the first look at a zone reads a file
@given(moments, zones)
def test_without_a_wish_it_is_nine_on_the_next_working_day(now: datetime, zone: str) -> None:
    plan = planned(Wish(), now, zone)
    assert isinstance(plan, Plan)
    at, today = datetime.fromisoformat(plan.at), now.astimezone(ZoneInfo(zone)).date()
    # No zone's clock skips nine in the morning on a working day of these years.
    assert at.time() == time(9)
    assert at.weekday() < 5
    assert timedelta() < at.date() - today <= timedelta(days=3)


wishes = st.builds(
    wished,
    st.one_of(
        st.just(""),
        st.dates(date(2020, 1, 1), date(2036, 12, 31)).map(date.isoformat),
        st.from_regex(r"20[23][0-9](-W[0-5][0-9](-WE)?|-(0[1-9]|1[0-2])(-XX)?|-(WI|SP|SU|FA))?", fullmatch=True),
        st.sampled_from(["PRESENT_REF", "202X", "????", "2026-02-30", "2026-W60"]),
    ),
    st.one_of(
        st.just(""), st.times().map(lambda at: f"{at:%H:%M}"), st.sampled_from(["MO", "AF", "EV", "NI", "?", "99:99"])
    ),
    st.sampled_from(["", "", "PT2H", "PT30M", "P3D", "P1W", "P2Y", "PT", "?"]),
)


@settings(deadline=None)
@given(moments, st.one_of(zones, st.sampled_from(["", "Mars/Phobos", "../etc/passwd"])), wishes)
def test_whatever_is_wished_it_lies_ahead_and_can_be_said(now: datetime, zone: str, wish: Wish) -> None:
    """A plan is at least a minute and at most a year away, comes back from a session and a token, and has words."""
    plan = planned(wish, now, zone)
    if isinstance(plan, str):
        assert plan in {"past", "far", "vague", "zone"}
        return
    moment = due(plan)
    assert moment is not None
    assert SOONEST <= moment - now <= LATEST
    assert read(json.loads(json.dumps(Reminding("agree", plan, wish).write()))) == Reminding("agree", plan, wish)
    assert from_token(token(plan)) == plan
    words = spoken(plan, now)
    assert not any(letter.isdigit() for letter in words)
    assert "{" not in words
    if plan.zone:
        # What the platform is told is a time that the clock there really shows.
        there = moment.astimezone(zone_of(plan.zone)).replace(tzinfo=None)
        assert there == datetime.fromisoformat(plan.at)


@pytest.mark.parametrize(
    ("wish", "at"),
    [
        (Wish(date="2026-11-24"), "2026-11-24T09:00"),
        (Wish(date="2026-11-28"), "2026-11-28T09:00"),  # a Saturday that was asked for
        (Wish(date="2026-11-24", time="16:30"), "2026-11-24T16:30"),
        (Wish(date="2026-11-23", time="18:00"), "2026-11-23T18:00"),
        (Wish(date="2026-11-23"), "2026-11-23T12:00"),
        (Wish(date="PRESENT_REF"), "2026-11-23T12:00"),
        (Wish(time="04:00"), "2026-11-23T16:00"),  # "at four"
        (Wish(time="07:00"), "2026-11-24T07:00"),
        (Wish(time="00:30"), "2026-11-24T00:30"),
        (Wish(time="09:59"), "2026-11-24T09:59"),
        (Wish(time="10:01"), "2026-11-23T10:01"),
        (Wish(time="MO"), "2026-11-24T09:00"),
        (Wish(time="AF"), "2026-11-23T15:00"),
        (Wish(date="2026-11-24", time="EV"), "2026-11-24T19:00"),
        (Wish(time="NI"), "2026-11-23T21:00"),
        (Wish(date="2026-W48"), "2026-11-24T09:00"),  # this week
        (Wish(date="2026-W49"), "2026-11-30T09:00"),
        (Wish(date="2026-W48-WE"), "2026-11-28T09:00"),
        (Wish(date="2026-11"), "2026-11-24T09:00"),
        (Wish(date="2027-05-XX"), "2027-05-03T09:00"),  # the first is a Saturday
        (Wish(duration="P3D"), "2026-11-26T09:00"),
        (Wish(duration="P1W"), "2026-11-30T09:00"),
        (Wish(date="2026-11-22"), "past"),
        (Wish(date="2026-11-23", time="08:00"), "past"),
        (Wish(date="2026-W47"), "past"),
        (Wish(date="2026-W47-WE"), "past"),
        (Wish(date="2026-10"), "past"),
        (Wish(date="2027"), "vague"),
        (Wish(date="2027-SP"), "vague"),
        (Wish(date="202X"), "vague"),
        (Wish(date="????"), "vague"),
        (Wish(time="?"), "vague"),
        (Wish(date="2028-01-03"), "far"),
        (Wish(duration="P2Y"), "far"),
    ],
)
def test_the_values_of_the_platform(wish: Wish, at: str) -> None:
    """On a Monday at ten in the morning, in a place on Greenwich time."""
    plan = planned(wish, MONDAY, "Europe/London")
    assert (plan.at if isinstance(plan, Plan) else plan) == at


def test_today_without_a_time_late_at_night_is_asked_about() -> None:
    assert planned(Wish(date="2026-11-23"), MONDAY.replace(hour=20), "Europe/London") == "past"


def test_an_early_hour_said_twice_is_meant() -> None:
    """ "At four" is proposed as the afternoon; "no, at four" then is the night."""
    first = planned(Wish(time="04:00"), MONDAY, "Europe/London")
    assert isinstance(first, Plan)
    second = planned(Wish(time="04:00"), MONDAY, "Europe/London", first)
    assert second == Plan("2026-11-24T04:00", "Europe/London")


def test_a_length_of_time_needs_no_zone() -> None:
    assert planned(Wish(duration="PT2H"), MONDAY, "") == Plan("2026-11-23T12:00:00")
    assert planned(Wish(duration="P3D"), MONDAY, "") == Plan("2026-11-26T10:00:00")
    assert planned(Wish(), MONDAY, "") == "zone"
    assert planned(Wish(date="2026-11-24"), MONDAY, "Mars/Phobos") == "zone"


def test_a_time_that_the_clock_skips_is_an_hour_later() -> None:
    """In Berlin the clock goes from two to three on 28 March 2027; a length of time counts real hours."""
    before = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)
    said_twice = Plan("2027-03-28T14:30", "Europe/Berlin")
    plan = planned(Wish(date="2027-03-28", time="02:30"), before, "Europe/Berlin", said_twice)
    assert plan == Plan("2027-03-28T03:30", "Europe/Berlin")
    night = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    assert due(later(night, timedelta(hours=2))) == datetime(2027, 3, 28, 2, 30, tzinfo=UTC)


def test_of_a_time_that_the_clock_shows_twice_the_first_is_meant() -> None:
    """In Berlin the hour from two to three comes twice on 25 October 2026."""
    assert due(Plan("2026-10-25T02:30", "Europe/Berlin")) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_turn_of_the_year() -> None:
    eve = datetime(2026, 12, 31, 22, 0, tzinfo=UTC)  # a Thursday; in Auckland it is Friday already
    assert planned(Wish(), eve, "Europe/London") == Plan("2027-01-01T09:00", "Europe/London")
    assert planned(Wish(), eve, "Pacific/Auckland") == Plan("2027-01-04T09:00", "Pacific/Auckland")


@given(st.dates(date(2020, 1, 1), date(2036, 1, 1)))
def test_working_days(day: date) -> None:
    found = working_day(day)
    assert found.weekday() < 5
    assert timedelta() <= found - day <= timedelta(days=2)


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
@pytest.mark.parametrize("month", [1, 7])
def test_the_copy_that_the_bundle_carries_agrees(name: str, month: int) -> None:
    """A small Linux image may have no zones of its own; dateutil's come with the kit."""
    noon = datetime(2026, month, 15, 12, tzinfo=UTC)
    carried = _carried_zone(name)
    assert carried is not None
    assert noon.astimezone(carried).utcoffset() == noon.astimezone(ZoneInfo(name)).utcoffset()


def test_without_zones_of_the_system_the_carried_ones_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.ZoneInfo", lambda name: (_ for _ in ()).throw(OSError(name)))
    zone_of.cache_clear()
    assert planned(Wish(), MONDAY, "Europe/Berlin") == Plan("2026-11-24T09:00", "Europe/Berlin")
    zone_of.cache_clear()


@pytest.mark.parametrize("name", ["", "/etc/localtime", "../UTC", "Europe/../UTC", "a/b/c/d", "x" * 200, "Mars/Phobos"])
def test_no_zone(name: str) -> None:
    assert zone_of(name) is None


# ---- in words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-23T16:00", "today at four in the afternoon"),
        ("2026-11-23T12:00", "today at noon"),
        ("2026-11-24T09:00", "tomorrow, Tuesday, at nine in the morning"),
        ("2026-11-24T09:05", "tomorrow, Tuesday, at nine oh five in the morning"),
        ("2026-11-27T19:45", "on Friday at seven forty-five in the evening"),
        ("2026-11-29T21:30", "on Sunday at nine thirty at night"),
        ("2026-11-30T09:00", "on Monday, November thirtieth, at nine in the morning"),
        ("2027-01-21T12:15", "on Thursday, January twenty-first, at twelve fifteen in the afternoon"),
        ("2026-11-25T00:00", "on Wednesday at midnight"),
        ("2026-11-25T00:30", "on Wednesday at twelve thirty at night"),
    ],
)
def test_times_in_words(at: str, words: str) -> None:
    assert spoken(Plan(at, "Europe/London"), MONDAY) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=20), "in one minute"),
        (timedelta(minutes=30), "in thirty minutes"),
        (timedelta(seconds=3580), "in one hour"),
        (timedelta(minutes=90), "in one hour and thirty minutes"),
        (timedelta(hours=26, minutes=3), "in twenty-six hours and five minutes"),
        (timedelta(days=3), "in three days"),
        (timedelta(days=300), "in fifty-nine days"),
    ],
)
def test_lengths_in_words(length: timedelta, words: str) -> None:
    assert spoken(later(MONDAY, length), MONDAY) == words


def test_every_number_has_words() -> None:
    said = [BOOK.say(Line(*number(count))) for count in range(60)]
    assert len(set(said)) == 60


def test_the_longest_question_is_one_breath() -> None:
    plan = Plan("2027-09-29T19:45", "Europe/London")
    question = BOOK.say(Line("remind.agree", {"when": when(plan, MONDAY)}))
    assert len(question.split()) <= 18


# ---- what a session and a token may hold


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        "agree",
        {"step": "zork", "at": 5, "zone": [], "wish": "x", "wanted": 1, "offered": "yes"},
        {"step": ["agree"], "at": "tomorrow", "zone": "Europe/Berlin", "wish": [1, 2, 3]},
        {"at": "2026-11-24T09:00", "zone": "Mars/Phobos", "wish": ["<b>", "my chest hurts", "a" * 99]},
        {"at": "2026-11-24T09:00+01:00", "zone": "", "wish": ["", ""]},
        {"at": "9999-12-31T23:59", "zone": "Pacific/Kiritimati" * 9},
    ],
)
def test_odd_sessions_are_dropped(odd: object) -> None:
    assert read(odd) == Reminding()


@pytest.mark.parametrize(
    "odd", ["", "zork", "2026-11-24T09:00 Mars/Phobos", "chest pain", "x" * 5000, "0001-01-01 UTC\n"]
)
def test_odd_tokens_hold_no_plan(odd: str) -> None:
    assert from_token(odd) == Plan()


# ---- the talk


@pytest.fixture
def amazon() -> Iterator[Alexa]:
    """A stand-in of its own."""
    alexa = Alexa(zone="Europe/London")
    yield alexa
    alexa.close()


@pytest.fixture
def fail(amazon: Alexa, monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Has the stand-in fail; a call gives up soon where it answers too late."""

    def at(fault: Fault) -> None:
        if fault.kind.startswith("slow"):
            monkeypatch.setattr(calls, "EACH", 0.6)
        amazon.fault = fault

    return at


@pytest.fixture
def device(amazon: Alexa) -> Device:
    """An open session of somebody who has given the permission."""
    made = Device(alexa=amazon)
    amazon.grant(made._user)
    made.open()
    return made


def say(device: Device, intent: str, **slots: str) -> dict[str, Any]:
    """An intent with built-in slots, as Alexa would send it."""
    return send(device, {"type": "IntentRequest", "dialogState": "STARTED", "intent": _intent(intent, slots)})


def send(device: Device, request: dict[str, Any]) -> dict[str, Any]:
    return device._send(request)


def _intent(name: str, slots: dict[str, str]) -> dict[str, Any]:
    filled = {slot: {"name": slot, "value": value, "confirmationStatus": "NONE"} for slot, value in slots.items()}
    return {"name": name, "confirmationStatus": "NONE", "slots": filled}


def tells(id_: str, reply: dict[str, Any]) -> bool:
    return any(words.partition("{")[0] in reply["speech"] for words in BOOK._messages[id_])


def goes_on(reply: dict[str, Any]) -> bool:
    """Whether the conversation is open and asks something."""
    return not reply["ended"] and reply["speech"].endswith("?") and bool(reply["reprompt"])


def card(reply: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = reply["response"]["response"].get("card") or {}
    return found


def urgent(device: Device) -> None:
    """Somebody was told to see a doctor today, and has answered what would make it worse."""
    assert device.say("my calf is swollen and warm")["assessment"]["disposition"] == "URGENT"
    device.say("no")


def routine(device: Device) -> dict[str, Any]:
    """Somebody was told to book an appointment, and wants no further step."""
    device.say("my eyelid has been twitching for three weeks")
    assert device.say("no")["assessment"]["disposition"] == "ROUTINE"
    return device.say("no")


def test_nothing_is_set_before_an_informed_yes(device: Device, amazon: Alexa) -> None:
    asked = say(device, "ReminderIntent", date=_tomorrow(), time="16:00")
    assert "to call your doctor tomorrow, " in asked["speech"]
    assert asked["speech"].endswith("at four in the afternoon?")
    assert asked["offer"] == "reminder"
    assert amazon.reminders(device._user) == []
    done = say(device, YES)
    assert tells("remind.done", done)
    assert goes_on(done)
    (alert,) = amazon.reminders(device._user)
    assert alert["trigger"] == {
        "type": "SCHEDULED_ABSOLUTE",
        "scheduledTime": f"{_tomorrow()}T16:00:00.000",
        "timeZoneId": "Europe/London",
    }
    assert alert["alertInfo"]["spokenInfo"]["content"] == [{"locale": "en-US", "text": "your check-up call"}]


def _tomorrow() -> str:
    return (datetime.now(ZoneInfo("Europe/London")) + timedelta(days=1)).date().isoformat()


def test_a_length_of_time_is_set_as_one_and_is_no_finding(device: Device, amazon: Alexa) -> None:
    asked = say(device, "ReminderIntent", duration="PT2H")
    assert asked["speech"].endswith("in two hours?")
    assert "duration_minutes" not in device._attributes["findings"]
    say(device, YES)
    (alert,) = amazon.reminders(device._user)
    assert alert["trigger"]["type"] == "SCHEDULED_RELATIVE"
    assert 7195 <= alert["trigger"]["offsetInSeconds"] <= 7200
    assert not any("timeZone" in call for call in amazon.calls)


def test_days_are_counted_to_nine_in_the_morning(device: Device, amazon: Alexa) -> None:
    assert "at nine in the morning?" in say(device, "ReminderIntent", duration="P3D")["speech"]
    say(device, YES)
    (alert,) = amazon.reminders(device._user)
    assert alert["trigger"]["type"] == "SCHEDULED_ABSOLUTE"


def test_a_no_asks_when_and_another_time_is_proposed_anew(device: Device, amazon: Alexa) -> None:
    say(device, "ReminderIntent")
    asked = say(device, NO)
    assert tells("remind.when_ask", asked)
    again = say(device, "ReminderTimeIntent", date=_tomorrow(), time="EV")
    assert again["speech"].endswith("at seven in the evening?")
    assert amazon.reminders(device._user) == []
    assert tells("remind.done", say(device, YES))


def test_two_noes_are_enough(device: Device) -> None:
    say(device, "ReminderIntent")
    say(device, NO)
    reply = say(device, NO)
    assert tells("remind.none", reply)
    assert goes_on(reply)


@pytest.mark.parametrize("between", ["help", "flibberty gibbet zork", "what's the weather", "why do you ask"])
def test_a_yes_after_something_else_was_said_is_not_informed(device: Device, amazon: Alexa, between: str) -> None:
    say(device, "ReminderIntent", time="16:00")
    device.say(between)
    say(device, YES)
    assert amazon.reminders(device._user) == []


def test_the_question_said_again_is_still_the_question(device: Device, amazon: Alexa) -> None:
    say(device, "ReminderIntent", time="16:00")
    assert device.say("say that again")["speech"].endswith("at four in the afternoon?")
    say(device, YES)
    assert len(amazon.reminders(device._user)) == 1


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"date": "2020-01-01"}, "remind.past"),
        ({"date": "2090-01-01"}, "remind.far"),
        ({"date": "2090"}, "remind.vague"),
        ({"time": "my chest is fine"}, "remind.vague"),
    ],
)
def test_a_time_that_will_not_do_is_asked_again(device: Device, slots: dict[str, str], words: str) -> None:
    reply = say(device, "ReminderIntent", **slots)
    assert tells(words, reply)
    assert tells("remind.when_ask", reply)


def test_a_time_without_a_value_is_asked_again_once(device: Device) -> None:
    say(device, "ReminderIntent")
    assert tells("remind.vague", say(device, "ReminderTimeIntent"))
    reply = say(device, "ReminderTimeIntent")
    assert tells("remind.none", reply)
    assert goes_on(reply)


@pytest.mark.parametrize("slots", [{"time": "16:00"}, {"date": "2026-11-23"}, {"duration": "PT2H"}, {}])
def test_a_time_out_of_the_blue_tells_of_a_complaint(device: Device, slots: dict[str, str]) -> None:
    """ "It started on Monday" and "on Monday" come alike: only where a reminder was talked about is it one's."""
    assert say(device, "ReminderTimeIntent", **slots)["question"] == "where"


def test_a_time_after_advice_is_no_reminder_before_one_was_talked_about(device: Device) -> None:
    device.say("my eyelid has been twitching for three weeks")
    told = device.say("no")
    assert told["assessment"]
    assert say(device, "ReminderTimeIntent", date=_tomorrow())["offer"] == told["offer"]


def test_a_time_for_a_reminder_that_was_turned_down_is_asked_about(device: Device, amazon: Alexa) -> None:
    say(device, "ReminderIntent")
    say(device, UNSURE)
    assert tells("remind.agree", say(device, "ReminderTimeIntent", time="16:00"))
    assert amazon.reminders(device._user) == []


@pytest.mark.parametrize(
    "said",
    [
        *("it started on Monday", "it began tonight", "it came on at half three", "it happened yesterday at ten"),
        *("it woke me at four", "since four this morning", "I did legs on Monday and my quads hurt", "last monday"),
        *("at four this morning my calf seized up", "I was squatting on monday", "nine o'clock this morning"),
        *("I had it in the morning", "my doctor's appointment is on monday and my calf hurts", "two days ago"),
    ],
)
@pytest.mark.parametrize("before", [(), ("my calf hurts",), ("cramp in my calf", "no", "just now")])
def test_a_complaint_with_a_time_in_it_stays_one(device: Device, said: str, before: tuple[str, ...]) -> None:
    device.open()
    for words in before:
        device.say(words)
    assert device.say(said)["offer"] != "reminder"


def test_a_time_of_day_is_not_nearer_than_its_day(device: Device) -> None:
    device.say("it happened yesterday at ten")
    assert device._attributes["findings"]["duration_minutes"] == 24 * 60


def test_a_number_of_days_is_no_number_of_sides(device: Device) -> None:
    device.say("two days ago")
    assert "both_sides" not in device._attributes["findings"]


@pytest.mark.parametrize("aside", ["WhyIntent", "AMAZON.HelpIntent"])
def test_a_no_to_another_question_turns_the_reminder_down(device: Device, aside: str) -> None:
    say(device, "ReminderIntent")
    say(device, aside)
    assert tells("remind.none", say(device, NO))


@pytest.mark.parametrize("talk", [("ReminderIntent",), ("ReminderIntent", NO)])
def test_no_reminder_cancels_none_that_is_set(device: Device, amazon: Alexa, talk: tuple[str, ...]) -> None:
    """The question for a time says "or say no reminder": what was set before is none of it."""
    say(device, "ReminderIntent")
    say(device, YES)
    for intent in talk:
        say(device, intent)
    assert tells("remind.none", device.say("no reminder"))
    assert len(amazon.reminders(device._user)) == 1


def test_a_reminder_that_was_asked_for_before_the_danger_comes_after_the_urgency(device: Device) -> None:
    device.say("cramp in my calf")
    say(device, "ReminderIntent")
    device.say("it's swollen")
    asked = device.say("no")
    assert tells("offer.reminder", asked)
    assert asked["speech"].startswith("Please still see a doctor today.")


def test_a_time_while_a_question_is_open_is_no_reminder(device: Device) -> None:
    device.say("cramp in my calf")
    assert say(device, "ReminderTimeIntent", time="16:00")["question"] == "calf_safety"
    device.say("no")
    answered = say(device, "ReminderTimeIntent", duration="PT5M")  # "for five minutes", heard as a time
    assert device._attributes["findings"]["duration_minutes"] == 5
    assert answered["offer"] != "reminder"


def test_a_length_out_of_the_blue_leads_back(device: Device) -> None:
    reply = say(device, "ReminderTimeIntent", duration="PT5M")
    assert goes_on(reply)


# ---- safety first


def test_danger_in_the_same_breath_is_danger(device: Device, amazon: Alexa) -> None:
    reply = device.say("remind me to call my doctor about my chest pain")
    assert reply["assessment"]["disposition"] == "EMERGENCY"
    assert reply["ended"]
    assert amazon.calls == []


@pytest.mark.parametrize("said", ["yes but my chest hurts", "no, my face is drooping", "at four but I can't breathe"])
def test_danger_is_heard_in_the_middle_of_it(device: Device, amazon: Alexa, said: str) -> None:
    say(device, "ReminderIntent")
    assert device.say(said)["assessment"]["disposition"] == "EMERGENCY"
    assert amazon.reminders(device._user) == []


def test_an_open_question_goes_first_and_the_wish_is_kept(device: Device) -> None:
    device.say("cramp in my calf every night for two months")
    waiting = say(device, "ReminderIntent", time="16:00")
    assert waiting["question"] == "calf_safety"
    assert tells("remind.first_this", waiting)
    device.say("no")
    device.say("hard knot, stretching helps")
    reply = device.say("no")
    while reply["offer"] != "reminder":
        reply = device.say("no")
        assert not reply["ended"]
    assert say(device, YES)["speech"].endswith("at four in the afternoon?")


def test_after_urgent_the_urgency_is_said_first_and_the_time_is_early(device: Device) -> None:
    urgent(device)
    for slots in ({}, {"date": _tomorrow()}):
        reply = say(device, "ReminderIntent", **slots)
        assert reply["speech"].startswith("Please still see a doctor today.")
        assert reply["speech"].endswith("in one hour?")
    assert say(device, "ReminderIntent", duration="PT30M")["speech"].endswith("in thirty minutes?")
    assert say(device, "ReminderIntent", duration="PT9H")["speech"].endswith("in one hour?")
    say(device, NO)
    chosen = say(device, "ReminderTimeIntent", date=_tomorrow(), time="09:00")["speech"]
    assert chosen.startswith("Please still see a doctor today.")
    assert chosen.endswith("nine in the morning?")


def test_urgent_never_offers_one(device: Device) -> None:
    device.say("my calf is swollen and warm")
    said = ["no", "yes", "nothing else has changed", "no"]
    replies = [device.say(words) for words in said if not device.ended]
    assert len(replies) > 2
    assert all(reply["offer"] != "reminder" for reply in replies)


def test_after_routine_it_is_offered_once(device: Device) -> None:
    offered = routine(device)
    assert offered["offer"] == "reminder"
    assert tells("offer.reminder", offered)
    declined = say(device, NO)
    assert tells("remind.none", declined)
    assert declined["offer"] == "anything_else"
    assert device.say("no")["ended"]


def test_who_says_goodbye_is_let_go(device: Device) -> None:
    device.say("my eyelid has been twitching for three weeks")
    device.say("no")
    assert device.say("goodbye")["ended"]


# ---- the permission


@pytest.fixture(params=[True, False], ids=["told", "untold"])
def stranger(amazon: Alexa, request: pytest.FixtureRequest) -> Device:
    """Somebody who was never asked, and has agreed to a time; requests may or may not tell of the permission."""
    amazon.tells_permission = request.param
    made = Device(alexa=amazon)
    made.open()
    say(made, "ReminderIntent", time="16:00")
    return made


def test_alexa_asks_in_her_own_words_and_learns_nothing_but_the_time(stranger: Device, amazon: Alexa) -> None:
    reply = stranger.say("yes")
    assert "permission" in reply["speech"]
    assert (reply["offer"], reply["question"], reply["ended"]) == (None, None, False)
    body = reply["response"]["response"]
    assert "outputSpeech" not in body
    assert body["shouldEndSession"] is True
    (directive,) = body["directives"]
    assert directive["type"] == "Connections.SendRequest"
    assert directive["name"] == "AskFor"
    assert directive["payload"] == {
        "@type": "AskForPermissionsConsentRequest",
        "@version": "1",
        "permissionScope": "alexa::alerts:reminders:skill:readwrite",
    }
    at, zone = directive["token"].split(" ")
    assert at.endswith("T16:00")
    assert zone == "Europe/London"


@pytest.mark.parametrize("keeps", [True, False], ids=["session kept", "session lost"])
def test_allowed_sets_it(stranger: Device, amazon: Alexa, *, keeps: bool) -> None:
    stranger.say("yes")
    if not keeps:
        stranger._attributes = {}
    reply = stranger.say("I approve")
    assert tells("remind.done", reply)
    assert goes_on(reply)
    assert len(amazon.reminders(stranger._user)) == 1


@pytest.mark.parametrize("keeps", [True, False], ids=["session kept", "session lost"])
@pytest.mark.parametrize("wish", [{"time": "16:00"}, {"duration": "PT2H"}])
def test_an_answer_that_comes_twice_sets_one(amazon: Alexa, wish: dict[str, str], *, keeps: bool) -> None:
    made = Device(alexa=amazon)
    made.open()
    say(made, "ReminderIntent", **wish)
    asked = made.say("yes")["response"]
    token_ = asked["response"]["directives"][0]["token"]
    amazon.grant(made._user)
    before = dict(made._attributes)
    for _ in range(3):
        made._consent = None
        made._attributes = dict(before) if keeps else {}
        assert tells("remind.done", send(made, {**ANSWER, "token": token_}))
    assert len(amazon.reminders(made._user)) == 1


@pytest.mark.parametrize("wish", [{"time": "16:00"}, {"duration": "PT2H"}])
def test_a_yes_that_comes_twice_sets_one(amazon: Alexa, wish: dict[str, str]) -> None:
    """Alexa may send a request again; another time is another reminder."""
    made = Device(alexa=amazon)
    amazon.grant(made._user)
    made.open()
    say(made, "ReminderIntent", **wish)
    before = dict(made._attributes)
    for _ in range(3):
        made._attributes = dict(before)
        assert tells("remind.done", made.say("yes"))
    assert len(amazon.reminders(made._user)) == 1
    say(made, "ReminderIntent", duration="PT26H")  # no time of day is that far away, whatever the clock says now
    assert tells("remind.done", made.say("yes"))
    assert len(amazon.reminders(made._user)) == 2


@pytest.mark.parametrize("fault", [Fault("status", 500, only="GET"), Fault("slow headers", only="GET")])
def test_what_is_set_already_is_a_question_that_may_stay_open(
    device: Device, amazon: Alexa, fail: Fail, fault: Fault
) -> None:
    fail(fault)
    assert tells("remind.done", send(device, {**ANSWER, "token": f"{_tomorrow()}T16:00 Europe/London"}))
    assert len(amazon.reminders(device._user)) == 1


def test_a_token_of_another_year_sets_nothing(device: Device, amazon: Alexa) -> None:
    assert tells("remind.far", send(device, {**ANSWER, "token": "2036-11-24T09:00 Europe/London"}))
    assert amazon.reminders(device._user) == []


def test_denied_is_fine(stranger: Device, amazon: Alexa) -> None:
    stranger.say("yes")
    reply = stranger.say("no")
    assert tells("remind.denied", reply)
    assert goes_on(reply)
    assert card(reply) == {}
    assert amazon.reminders(stranger._user) == []


def test_no_answer_gets_a_card(stranger: Device) -> None:
    stranger.say("yes")
    assert "permission" in stranger.silence()["speech"]
    reply = stranger.silence()
    assert tells("remind.not_answered", reply)
    assert goes_on(reply)
    assert card(reply)["type"] == "AskForPermissionsConsent"
    assert card(reply)["permissions"] == ["alexa::alerts:reminders:skill:readwrite"]


ANSWER = {
    "type": "Connections.Response",
    "name": "AskFor",
    "status": {"code": "200", "message": "OK"},
    "payload": {"status": "ACCEPTED", "permissionScope": "alexa::alerts:reminders:skill:readwrite"},
    "token": "",
}


@pytest.mark.parametrize(
    "odd",
    [
        {"status": {"code": "500", "message": "zork"}},
        {"status": {"code": "400", "message": "zork"}},
        {"status": None},
        {"payload": None},
        {"payload": {}},
        {"payload": {"status": "ZORK"}},
        {"payload": {"status": ["ACCEPTED"]}},
    ],
)
def test_an_odd_answer_sets_nothing_and_goes_on(device: Device, amazon: Alexa, odd: dict[str, Any]) -> None:
    reply = send(device, {**ANSWER, "token": f"{_tomorrow()}T16:00 Europe/London", **odd})
    assert tells("remind.not_asked", reply)
    assert goes_on(reply)
    assert card(reply)["type"] == "AskForPermissionsConsent"
    assert amazon.reminders(device._user) == []


def test_alexas_own_card_is_not_doubled(device: Device) -> None:
    reply = send(device, {**ANSWER, "payload": {"status": "NOT_ANSWERED", "isCardThrown": True}})
    assert card(reply) == {}


@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("2020-01-01T09:00 Europe/London", "remind.past"),
        ("2020-01-01T09:00:00", "remind.past"),
        ("", "remind.agree"),
        ("zork", "remind.agree"),
        (None, "remind.agree"),
    ],
)
def test_an_old_or_empty_token_sets_nothing(device: Device, amazon: Alexa, old: str | None, words: str) -> None:
    reply = send(device, {**ANSWER, "token": old})
    assert tells(words, reply)
    assert goes_on(reply)
    assert amazon.reminders(device._user) == []


def test_a_permission_that_is_still_missing_is_not_asked_for_again(amazon: Alexa) -> None:
    device = Device(alexa=amazon)
    device.open()
    reply = send(device, {**ANSWER, "token": f"{_tomorrow()}T16:00 Europe/London"})
    assert tells("remind.trouble.set.permission", reply)
    assert goes_on(reply)


def test_another_connection_is_answered_with_nothing(device: Device) -> None:
    assert send(device, {**ANSWER, "name": "Buy"})["response"]["response"] == {}


# ---- trouble


@pytest.mark.parametrize(
    ("fault", "words", "titled"),
    [
        (Fault("status", 400), "invalid", "card.reminder_app"),
        (Fault("status", 403, "MAX_REMINDERS_EXCEEDED"), "full", "card.reminder_full"),
        (Fault("status", 403, "DEVICE_NOT_SUPPORTED"), "device", "card.reminder_elsewhere"),
        (Fault("status", 403, "ZORK"), "forbidden", "card.reminder_forbidden"),
        (Fault("status", 404), "gone", "card.reminder_app"),
        (Fault("status", 409), "conflict", "card.reminder_app"),
        (Fault("status", 418), "invalid", "card.reminder_app"),
        (Fault("status", 429), "busy", "card.reminder_app"),
        (Fault("status", 500), "down", "card.reminder_app"),
        (Fault("status", 503, done=True), "down", "card.reminder_app"),
        (Fault("slow headers"), "down", "card.reminder_app"),
        (Fault("slow body", done=True), "down", "card.reminder_app"),
        (Fault("cut"), "down", "card.reminder_app"),
        (Fault("broken", 200, done=True), "down", "card.reminder_app"),
        (Fault("broken", 400), "invalid", "card.reminder_app"),
        (Fault("huge"), "down", "card.reminder_app"),
        (Fault("redirect"), "down", "card.reminder_app"),
    ],
    ids=lambda value: f"{value.kind} {value.status} {value.code}" if isinstance(value, Fault) else None,
)
def test_every_failure_has_its_words_its_card_and_a_way_on(
    device: Device, amazon: Alexa, fail: Fail, fault: Fault, words: str, titled: str
) -> None:
    say(device, "ReminderIntent", time="16:00")
    fail(fault)
    reply = say(device, YES)
    assert tells(f"remind.trouble.set.{words}", reply), reply["speech"]
    assert not tells("remind.done", reply)
    assert goes_on(reply)
    assert card(reply)["title"] == BOOK.say(Line(f"{titled}.title"))
    assert card(reply)["content"] == BOOK.say(Line(f"{titled}.text"))
    amazon.fault = None
    assert goes_on(say(device, "ReminderIntent"))


def test_a_permission_that_was_taken_away_is_asked_for_again(device: Device, amazon: Alexa) -> None:
    say(device, "ReminderIntent", time="16:00")
    amazon.fault = Fault("status", 401)
    assert "permission" in say(device, YES)["speech"]


@pytest.mark.parametrize(
    "fault", [Fault("status", 401), Fault("status", 500), Fault("slow headers"), Fault("broken", 200)]
)
def test_without_a_time_zone_hours_are_counted(device: Device, amazon: Alexa, fail: Fail, fault: Fault) -> None:
    fail(fault)
    reply = say(device, "ReminderIntent", date=_tomorrow())
    assert tells("remind.blind", reply)
    assert reply["speech"].endswith("in three hours?")
    amazon.fault = None
    assert tells("remind.done", say(device, YES))


@pytest.mark.parametrize("zone", ["", "Mars/Phobos"])
def test_a_zone_that_is_unset_or_unknown(device: Device, amazon: Alexa, zone: str) -> None:
    amazon.zone = zone
    assert tells("remind.blind", say(device, "ReminderIntent"))


@pytest.mark.parametrize("lacks", ["apiAccessToken", "apiEndpoint"])
@pytest.mark.parametrize("intent", ["ReminderIntent", "ListRemindersIntent", "CancelReminderIntent"])
def test_the_console_has_no_way_to_the_api(device: Device, amazon: Alexa, lacks: str, intent: str) -> None:
    envelope = device._envelope

    def bare(request: Any) -> dict[str, Any]:
        made = envelope(request)
        del made["context"]["System"][lacks]
        return made

    device._envelope = bare  # type: ignore[method-assign]
    reply = say(device, intent)
    what = {"ReminderIntent": "set", "ListRemindersIntent": "list", "CancelReminderIntent": "cancel"}[intent]
    assert tells(f"remind.trouble.{what}.absent", reply)
    assert goes_on(reply)
    assert amazon.calls == []


# ---- what is set


def _set(device: Device, *times: str) -> None:
    for at in times:
        say(device, "ReminderIntent", date=_tomorrow(), time=at)
        assert tells("remind.done", say(device, YES))


def test_none_is_set(device: Device) -> None:
    assert tells("remind.list.none", say(device, "ListRemindersIntent"))
    assert tells("remind.list.none", say(device, "CancelReminderIntent"))


def test_the_next_three_are_read_in_order(device: Device) -> None:
    _set(device, "12:00", "09:00")
    say(device, "ReminderIntent", duration="PT2H")
    say(device, YES)
    _set(device, "15:00")
    speech = say(device, "ListRemindersIntent")["speech"]
    assert "four reminders" in speech
    first, second, third = (speech.index(words) for words in ("in two hours", "nine in the morning", "at noon"))
    assert first < second < third
    assert "three in the afternoon" not in speech


def test_one_is_cancelled_at_once(device: Device, amazon: Alexa) -> None:
    _set(device, "12:00")
    assert "one reminder, tomorrow" in say(device, "ListRemindersIntent")["speech"]
    assert tells("remind.cancelled.one", say(device, "CancelReminderIntent"))
    assert amazon.reminders(device._user) == []


@pytest.mark.parametrize(("answer", "left"), [(YES, 0), (NO, 2), (UNSURE, 2)])
def test_several_are_cancelled_after_a_yes(device: Device, amazon: Alexa, answer: str, left: int) -> None:
    _set(device, "12:00", "15:00")
    asked = say(device, "CancelReminderIntent")
    assert "two reminders" in asked["speech"]
    assert len(amazon.reminders(device._user)) == 2
    assert goes_on(say(device, answer))
    assert len(amazon.reminders(device._user)) == left


@pytest.mark.parametrize("intent", ["ListRemindersIntent", "CancelReminderIntent"])
@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault("status", 401), "permission"), (Fault("status", 500), "down"), (Fault("cut"), "down")]
)
def test_a_list_that_cannot_be_had(device: Device, amazon: Alexa, intent: str, fault: Fault, kind: str) -> None:
    amazon.fault = fault
    reply = say(device, intent)
    what = "list" if intent.startswith("List") else "cancel"
    assert tells(f"remind.trouble.{what}.{kind}", reply)
    assert goes_on(reply)
    assert "directives" not in reply["response"]["response"]


@pytest.mark.parametrize("intent", ["ListRemindersIntent", "CancelReminderIntent"])
@pytest.mark.parametrize("code", ["", "MAX_REMINDERS_EXCEEDED", "DEVICE_NOT_SUPPORTED"])
def test_a_list_that_is_refused_is_no_reminder_that_is_not_set(
    device: Device, amazon: Alexa, intent: str, code: str
) -> None:
    amazon.fault = Fault("status", 403, code)
    assert card(say(device, intent))["title"] == BOOK.say(Line("card.reminder_app.title"))


def test_a_cancelling_that_is_unclear_is_not_called_done(device: Device, fail: Fail) -> None:
    _set(device, "12:00")
    fail(Fault("slow headers", only="DELETE"))
    reply = say(device, "CancelReminderIntent")
    assert tells("remind.trouble.cancel.down", reply)
    assert not tells("remind.cancelled.one", reply)


def test_one_that_is_gone_already_is_cancelled(device: Device, amazon: Alexa) -> None:
    _set(device, "12:00")
    amazon.fault = Fault("status", 404, only="DELETE")
    assert tells("remind.cancelled.one", say(device, "CancelReminderIntent"))


def test_an_open_question_stays_open_behind_a_list(device: Device) -> None:
    device.say("cramp in my calf")
    assert say(device, "ListRemindersIntent")["question"] == "calf_safety"


# ---- the bundle


SLOW = (
    *("boto3", "botocore", "requests", "urllib3", "sqlite3", "zoneinfo", "dateutil.zoneinfo", "http.client", "ssl"),
    *("skill.alexa", "ask_sdk_model.interfaces.alexa.presentation.apl"),
)


@pytest.mark.parametrize("store", ["", "PREFERENCES_TABLE", "PREFERENCES_FILE"])
def test_a_turn_that_needs_neither_a_reminder_nor_the_store_imports_nothing_of_them(store: str, tmp_path: Path) -> None:
    """From the launch to advice, in a process of its own: a cold start waits for every import."""
    script = (
        "import json, sys; sys.path[:0] = ['lambda']\n"
        "import lambda_function\n"
        "site = {'name': 'site', 'value': 'calf'}\n"
        "intents = [('DescribeIntent', {'site': site}), ('AMAZON.NoIntent', {}), *[('DontKnowIntent', {})] * 6]\n"
        "requests = [{'type': 'LaunchRequest'}, *({'type': 'IntentRequest', 'intent': {'name': name, 'slots': slots}}"
        " for name, slots in intents)]\n"
        "attributes = {}\n"
        "for request in requests:\n"
        "    body = {'requestId': 'r', 'timestamp': '2026-01-01T00:00:00Z', 'locale': 'en-US', **request}\n"
        "    user = {'userId': 'invented'}\n"
        "    session = {'new': True, 'sessionId': 's', 'attributes': attributes, 'application': {}, 'user': user}\n"
        "    said = lambda_function.lambda_handler({'version': '1.0', 'session': session, 'request': body}, None)\n"
        "    attributes = said['sessionAttributes']\n"
        "    assert 'wrong' not in str(said)\n"
        "    if attributes['assessment']: break\n"
        "else: raise AssertionError(said)\n"
        f"print([name for name in {SLOW!r} if name in sys.modules])\n"
    )
    environ = {**os.environ, **({store: str(tmp_path / "preferences")} if store else {})}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []
