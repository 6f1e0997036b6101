"""The coach: every stretch is held, at most three times on a side, and never where it would do harm."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest

from server.conversation import Device
from server.recognizer import Recognition, SlotValue
from skill import coach as coach_module
from skill import reply as reply_module
from skill import state as session
from skill.state import Coaching
from triage import PRESENT, forbidding, load, stretch_for

KNOWN = load()
HELD = sorted(id_ for id_, remedy in KNOWN.remedies.items() if "hold" in remedy)
PLACES = {
    "calf": "calf",
    "foot": "foot",
    "hamstring": "hamstring",
    "quadriceps": "quad",
    "adductor": "groin",
    "glute": "glute",
    "hand_forearm": "forearm",
    "shoulder": "shoulder",
    "abdomen": "abs",
    "any_limb": "shin",
}
MOVES = (
    "AMAZON.NextIntent",
    "AMAZON.PreviousIntent",
    "AMAZON.RepeatIntent",
    "AMAZON.PauseIntent",
    "ResumeIntent",
    "ReadyIntent",
    "DoneIntent",
    "OtherSideIntent",
    "HowMuchMoreIntent",
    "CoachIntent",
    "WhatToDoIntent",
    "AMAZON.YesIntent",
    "AMAZON.NoIntent",
    "DontKnowIntent",
    "AMAZON.HelpIntent",
    "AMAZON.FallbackIntent",
    "WhyIntent",
    "SourceIntent",
)


def assessed(place: str) -> tuple[Device, dict[str, Any]]:
    """A device on which a cramp of a place has just been assessed as self-care."""
    device = Device()
    device.say(f"cramp in my {place}")
    for answer in ("no", "one minute", "a hard knot", "stretching helps"):
        reply = device.say(answer)
        if reply["assessment"]:
            assert reply["assessment"]["disposition"] == "SELF_CARE", reply["speech"]
            return device, reply
    raise AssertionError("no assessment")


def attributes(reply: dict[str, Any]) -> dict[str, Any]:
    return dict(reply["response"]["sessionAttributes"])


def holds(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """The blanks of the holds in a reply."""
    return [blanks for id_, blanks in attributes(reply)["lines"] if id_ == "hold"]


def intent(name: str) -> Recognition:
    return Recognition(name)


def test_every_stretch_of_the_content_has_a_place_in_this_test() -> None:
    """A new stretch is walked, too."""
    assert sorted(PLACES) == HELD
    assert {KNOWN.sites[site].remedy for site in ("calf", "shin", "glute")} <= set(HELD)


@pytest.mark.parametrize("remedy", HELD)
def test_a_yes_after_the_level_leads_to_the_hold(remedy: str) -> None:
    """In at most one more turn: position first, then as many seconds as the content says."""
    device, reply = assessed(PLACES[remedy])
    assert reply["offer"] == "coach"
    reply = device.say("yes")
    if not holds(reply):
        assert reply["offer"] == "ready"
        reply = device.say("ready")
    seconds = KNOWN.remedies[remedy]["hold"]["seconds"]
    assert [blanks["seconds"] for blanks in holds(reply)] == [str(seconds)]
    assert reply["offer"] == "easing"
    assert not reply["ended"]


@pytest.mark.parametrize("remedy", HELD)
def test_every_position_step_is_said_before_the_first_hold(remedy: str) -> None:
    """Nobody is told to hold what they were not led into."""
    device, reply = assessed(PLACES[remedy])
    said = [id_ for id_, _ in attributes(reply)["lines"]]
    told = {id_ for id_ in said if id_.startswith(("remedy.", "step."))}
    stretch = stretch_for(KNOWN, remedy, {})
    assert stretch is not None
    first = device.say("yes")
    told |= {id_ for id_, _ in attributes(first)["lines"]}
    missing = set(stretch.position) - told
    assert missing <= {stretch.position[0]}, "the first one was told when the signs were denied"


@pytest.mark.parametrize("seed", range(40))
def test_no_side_is_held_more_than_three_times(seed: int) -> None:
    """Whatever is said, in whatever order; and the session can always be left."""
    chance = random.Random(seed)  # noqa: S311 - a walk, no secret
    device, _ = assessed(PLACES[chance.choice(HELD)])
    held = 0
    for _ in range(40):
        reply = device.send(intent(chance.choice(MOVES)))
        if reply["ended"]:
            return
        if "coach.other_side" in {id_ for id_, _ in attributes(reply)["lines"]}:
            held = 0
        held += bool(holds(reply))
        assert held <= 3, reply["speech"]
        assert reply["reprompt"], "what stays open asks"
    assert device.send(intent("AMAZON.StopIntent"))["ended"]


@pytest.mark.parametrize("moves", [(), ("AMAZON.YesIntent",), ("AMAZON.YesIntent", "AMAZON.PauseIntent")])
@pytest.mark.parametrize(
    ("sign", "level"), [("chest_pain", "EMERGENCY"), ("pop", "URGENT"), ("numbness", "URGENT"), ("swelling", "URGENT")]
)
def test_a_sign_of_danger_ends_the_coach_at_every_moment(moves: tuple[str, ...], sign: str, level: str) -> None:
    device, _ = assessed("calf")
    for move in moves:
        device.send(intent(move))
    reply = device.send(Recognition("ReadyIntent", (SlotValue("danger", "", sign),)))
    assert reply["assessment"]["disposition"] == level
    assert attributes(reply)["coach"] is None
    assert not holds(reply)
    if not reply["ended"]:
        again = device.send(intent("CoachIntent"))
        assert not holds(again)
        assert any(id_.startswith("refuse.") for id_, _ in attributes(again)["lines"])


@pytest.mark.parametrize("remedy", HELD)
def test_what_forbids_a_stretch_has_words_and_stops_it(remedy: str) -> None:
    """The same words in the middle of it, where nothing more urgent is said."""
    for sign in KNOWN.remedies[remedy].get("avoid", ()):
        site = next(id_ for id_, site in KNOWN.sites.items() if site.remedy == remedy)
        assert forbidding(KNOWN, {"site": site, sign: PRESENT})
        device, _ = assessed(PLACES[remedy])
        device.say("yes")
        slot = "danger" if sign in KNOWN.danger else "detail"
        reply = device.send(Recognition("DescribeIntent", (SlotValue(slot, "", sign),)))
        assert not holds(reply)
        assert attributes(reply)["coach"] is None, sign


@pytest.mark.parametrize(
    "given",
    [None, [], ["hop", 1, "", False], ["paused", 1, "", False], ["paused", 1, "wished", False], "easing", [1, 2, 3, 4]],
)
def test_a_place_in_the_stretch_that_is_not_ours_is_dropped(given: object) -> None:
    attributes = {**session.State().write(), "coach": given}
    assert session.read(attributes, KNOWN).coach is None


def test_a_place_in_the_stretch_comes_back_as_it_was() -> None:
    for coaching in (Coaching("wished"), Coaching("position", 2), Coaching("paused", 1, "easing", True)):
        assert session.read(session.State(coach=coaching).write(), KNOWN).coach == coaching


@pytest.mark.parametrize("moment", ["position", "easing", "paused"])
def test_a_coach_without_a_stretch_lets_everything_else_go_on(moment: str) -> None:
    """As when the attributes come from another version: no error, and nothing is held."""
    device = Device()
    device.open()
    paused_at = "easing" if moment == "paused" else ""
    for name in MOVES:
        device._attributes = session.State(coach=Coaching(moment, 1, paused_at), offer="ready").write()
        device.ended = False
        reply = device.send(intent(name))
        assert "went wrong" not in reply["speech"]
        assert not holds(reply)


@pytest.mark.parametrize(("base", "seconds"), [("", 9), ("https://sounds.example", 75)])
def test_a_pause_waits_as_long_as_the_platform_lets_it(
    base: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In silence; with hosted sounds for more than a minute, at five sounds in a reprompt."""
    for module in (coach_module, reply_module):
        monkeypatch.setattr(module, "AUDIO_BASE_URL", base)
    device, _ = assessed("calf")
    device.say("yes")
    body = device.send(intent("AMAZON.PauseIntent"))["response"]["response"]
    waits = body["reprompt"]["outputSpeech"]["ssml"]
    breaks = sum(float(ms) / 1000 for ms in re.findall(r'<break time="(\d+)ms"/>', waits))
    sounds = [int(name) for name in re.findall(r"<audio src=[^>]*-(\d+)\.mp3", waits)]
    assert breaks + sum(sounds) == seconds
    assert breaks <= 10
    assert len(sounds) <= 5
