"""What a screen shows beside the coach's words, what a touch on it says, and what is left on it at the end."""

from __future__ import annotations

import copy
import json
import logging
import re
from typing import Any

import pytest
from ask_sdk_core.skill import CustomSkill
from ask_sdk_core.skill_builder import SkillBuilder

import lambda_function
import shelf
from server.conversation import Device
from skill import screen
from skill.handlers import assessment, builtins, errors, launch
from skill.handlers.base import InOrder, TurnHandler
from skill.reply import Reply, asking
from skill.screen import Scene
from skill.state import State, read
from skill.turn import TOUCHES, Turn, knowledge
from speech import Line
from tools import figures
from tools.screen import MOMENTS, PAYLOAD

HELD = sorted(id_ for id_, remedy in knowledge().remedies.items() if "hold" in remedy)
CALF = Scene("calf", "hold", Line("remedy.calf.1"), seconds=30, lead=2.5, round=2, rounds=3)


class Holds(TurnHandler):
    """A coach of one line: every "next" shows a scene, "yes" goes on without one."""

    scene = CALF

    def takes(self, turn: Turn) -> bool:
        return turn.intent in {"AMAZON.NextIntent", "AMAZON.YesIntent"}

    def reply(self, turn: Turn) -> Reply:
        reply = asking([self.scene.line], Line("offer.reprompt"), turn.state)
        return reply._replace(scene=self.scene) if turn.intent == "AMAZON.NextIntent" else reply


def skill_with(coach: Holds) -> CustomSkill:
    handlers = (
        errors.SessionEnded(),
        errors.NoConversation(),
        assessment.Danger(),
        coach,
        launch.Launch(),
        builtins.Leave(),
        builtins.StartOver(),
        builtins.Lost(),
    )
    skill = SkillBuilder().create()
    skill.request_dispatcher = InOrder(*handlers, sorry=errors.Sorry())
    return skill


@pytest.fixture
def coach(monkeypatch: pytest.MonkeyPatch) -> Holds:
    """The one-line coach, in the place of the skill."""
    coach = Holds()
    monkeypatch.setattr(lambda_function, "_SKILL", skill_with(coach))
    return coach


@pytest.fixture
def device(coach: Holds) -> Device:
    """A device with a screen, open."""
    device = Device(screen=True)
    device.open()
    return device


def shown(turn: dict[str, Any]) -> dict[str, Any] | None:
    """The document that a turn shows, with its words."""
    directives = turn["response"]["response"].get("directives", [])
    assert len(directives) <= 1
    return directives[0] if directives else None


def words(turn: dict[str, Any]) -> dict[str, Any]:
    """The data source of the document that a turn shows."""
    directive = shown(turn)
    assert directive is not None
    found: dict[str, Any] = directive["datasources"]["coach"]
    return found


def test_a_scene_is_shown(device: Device) -> None:
    """The device gets the document, the figure of this stretch alone, and the step in the words that are spoken."""
    turn = device.say("next")
    directive = shown(turn)
    assert directive is not None
    assert directive["type"] == "Alexa.Presentation.APL.RenderDocument"
    assert set(directive["document"]["graphics"]) == {"clock", "figure"}
    assert directive["document"]["graphics"]["figure"] == figures.graphic(figures.figures()["calf"])
    assert set(words(turn)) == PAYLOAD
    assert words(turn)["step"] == turn["speech"]
    assert words(turn)["title"] == "Calf"
    assert words(turn)["round"] == "Round 2 of 3"
    assert words(turn)["now"] == "Hold"
    assert words(turn)["danger"].startswith("Get help for: swelling")
    assert (words(turn)["seconds"], words(turn)["lead"], words(turn)["running"]) == (30, 2.5, True)
    assert words(turn)["keep"] > 32.5


@pytest.mark.parametrize("remedy", [*HELD, "neck"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_stretch_has_every_moment(coach: Holds, device: Device, remedy: str, moment: str) -> None:
    """It has words and a figure for each; only a hold counts; a response stays far below 120 kB."""
    coach.scene = Scene(remedy, moment, Line(f"remedy.{remedy}.1"), seconds=15)
    turn = device.say("next")
    said = words(turn)
    assert said["figure"] == (remedy in HELD)
    assert said["title"]
    assert said["now"]
    assert said["danger"]
    assert said["round"] == ""
    assert said["running"] == (moment == "hold")
    assert len(json.dumps(turn["response"])) < 40_000


def test_showing_one_figure_does_not_leave_it_for_the_next(coach: Holds, device: Device) -> None:
    """The compiled document is never changed."""
    device.say("next")
    coach.scene = coach.scene._replace(remedy="neck", line=Line("remedy.neck.1"))
    directive = shown(device.say("next"))
    assert directive is not None
    assert set(directive["document"]["graphics"]) == {"clock"}


def test_marks_of_pauses_are_not_shown(coach: Holds, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("speech.phrasebook.Phrasebook.say", lambda *_, **__: "Hold on. [1.50s] [sound tick] Good.")
    assert words(device.say("next"))["step"] == "Hold on. Good."


# Who gets it


def test_a_device_without_a_screen_gets_nothing(coach: Holds, monkeypatch: pytest.MonkeyPatch) -> None:
    """No directive, no bit in the session, and the documents are not even read."""
    screen._compiled.cache_clear()
    really = shelf.read
    monkeypatch.setattr(shelf, "read", lambda name: pytest.fail(name) if name == "screen.json" else really(name))
    device = Device()
    device.open()
    turn = device.say("next")
    assert shown(turn) is None
    assert turn["response"]["sessionAttributes"]["screen"] is False
    assert shown(device.say("stop")) is None


@pytest.mark.parametrize(
    ("version", "fits"),
    [("1.4", False), ("1.5", True), ("1.10", True), ("2024.3", True), ("1", False), ("", False), ("new", False)],
)
def test_an_older_runtime_gets_nothing(
    device: Device, monkeypatch: pytest.MonkeyPatch, version: str, fits: bool
) -> None:
    monkeypatch.setattr("server.conversation._APL", {"runtime": {"maxVersion": version}})
    assert (shown(device.say("next")) is not None) == fits


@pytest.mark.parametrize("apl", [{}, {"runtime": None}, {"runtime": {}}])
def test_a_device_that_names_no_version_gets_nothing(
    device: Device, monkeypatch: pytest.MonkeyPatch, apl: dict[str, Any]
) -> None:
    monkeypatch.setattr("server.conversation._APL", apl)
    turn = device.say("next")
    assert turn["speech"] != ""
    assert shown(turn) is None


# Touch


@pytest.mark.parametrize("key", TOUCHES)
def test_a_touch_is_taken_as_the_words(coach: Holds, key: str) -> None:
    """Touching a key and saying its word get the same reply."""
    replies = []
    for act in (lambda device: device.say(key), lambda device: device.touch([key])):
        device = Device(screen=True)
        device.open()
        device.say("next")
        turn = act(device)
        replies.append((turn["speech"], turn["ended"], shown(turn)))
    assert replies[0] == replies[1]
    assert replies[0][0]


@pytest.mark.parametrize("key", TOUCHES)
def test_a_touch_is_taken_by_the_real_skill(key: str) -> None:
    """Whatever the state: before anything was said, too."""
    device = Device(screen=True)
    device.open()
    turn = device.touch([key])
    assert turn["speech"]
    assert turn["ended"] == (key == "stop")


def test_the_keys_of_the_document_are_the_ones_that_are_read() -> None:
    document = json.loads(shelf.read("screen.json"))["coach"]
    sent = set(re.findall(r'"says": ?"(\w+)"', json.dumps(document)))
    assert sent == set(TOUCHES)


@pytest.mark.parametrize(
    "arguments",
    [[], ["dance"], ["next", "stop"], [None], [7], [["next"]], [{"next": 1}], 7, ["NEXT"], ["AMAZON.StopIntent"]],
)
def test_an_event_that_is_not_ours_is_answered_with_nothing(device: Device, arguments: Any) -> None:
    """The session stays as it was, and open."""
    before = device.say("next")["response"]["sessionAttributes"]
    turn = device.touch(arguments)
    assert turn["response"]["response"] == {}
    assert turn["response"]["sessionAttributes"] == before
    assert not turn["ended"]
    assert device.say("next")["speech"]


@pytest.mark.parametrize("kind", ["LIST_ERROR", "A_NEW_ERROR"])
def test_what_the_screen_could_not_show_is_logged_by_type_only(
    device: Device, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """It is answered with nothing, also when the kit does not know the error; the session goes on."""
    before = device.say("next")["response"]["sessionAttributes"]
    trouble = {"type": kind, "reason": "INTERNAL_ERROR", "message": "secret calf", "listId": "secret"}
    with caplog.at_level(logging.INFO):
        turn = device._send({"type": "Alexa.Presentation.APL.RuntimeError", "token": "screen", "errors": [trouble]})
    assert turn["response"]["response"] == {}
    assert turn["response"]["sessionAttributes"] == before
    assert "RuntimeError" in caplog.text or "SerializationException" in caplog.text
    assert "secret" not in caplog.text


# What is left


def test_the_end_leaves_the_name_of_the_skill_and_nothing_else(device: Device) -> None:
    """No site, no step, no sign of danger, no word of health outlives the session."""
    device.say("next")
    turn = device.say("stop")
    assert turn["ended"]
    assert words(turn) == {"name": "Cramp Coach"}
    left = shown(turn)
    assert left is not None
    assert left["token"] == "screen"
    texts = re.findall(r'"text": "([^"]*)"', json.dumps(left["document"]))
    assert texts == ["${payload.coach.name}"]
    assert "graphics" not in left["document"]


def test_danger_takes_the_stretch_off_the_screen(device: Device) -> None:
    """What is told then needs no picture of a stretch beside it."""
    device.say("next")
    turn = device.say("my chest hurts")
    assert turn["assessment"]["disposition"] == "EMERGENCY"
    assert words(turn) == {"name": "Cramp Coach"}


def test_a_word_in_between_leaves_the_scene(device: Device) -> None:
    """A reply without a scene changes nothing on the screen; the end still takes it away."""
    device.say("next")
    assert shown(device.say("yes")) is None
    assert shown(device.say("blue bananas sing")) is None
    assert words(device.say("stop")) == {"name": "Cramp Coach"}


def test_starting_over_takes_the_scene_away(device: Device) -> None:
    device._attributes["remedy"] = "calf"
    device.say("next")
    turn = device.say("start over")
    assert words(turn) == {"name": "Cramp Coach"}
    assert not turn["ended"]
    assert shown(device.say("stop")) is None, "it is gone already"


def test_nothing_was_shown_nothing_is_closed(device: Device) -> None:
    assert shown(device.say("stop")) is None


def test_the_session_remembers_that_something_is_shown() -> None:
    assert read(State(screen=True).write(), knowledge()).screen is True
    for odd in (None, "yes", 1, [True]):
        assert read({**State().write(), "screen": odd}, knowledge()).screen is False


def test_the_document_forgets_by_itself() -> None:
    """A session may end without a word to the skill; then what was shown goes after `keep` seconds."""
    document = json.loads(shelf.read("screen.json"))["coach"]
    outer = document["mainTemplate"]["items"][0]
    bound = {bind["name"]: bind["value"] for bind in outer["bind"]}
    assert bound["over"] == "${passed > coach.keep}"
    kept, forgotten = outer["items"][:-1], outer["items"][-1]
    assert all(item["display"] == "${over ? 'none' : 'normal'}" for item in kept)
    assert forgotten["display"] == "${over ? 'normal' : 'none'}"
    assert re.findall(r"coach\.\w+", json.dumps(forgotten)) == ["coach.name"]


def test_what_stands_on_the_screen_says_nothing_about_the_person(device: Device) -> None:
    """The words come from content and the scene: nothing that was heard reaches them."""
    plain = copy.deepcopy(words(device.say("next")))
    other = Device(screen=True)
    other.open()
    other._attributes["findings"] = {"over_65": "present", "diabetes": "present", "swelling": "absent"}
    assert words(other.say("next")) == plain
