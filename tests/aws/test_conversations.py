"""Whole conversations with the built bundle, under Amazon's runtime client: the same words as in process.

A pretend device speaks to the function as it does to the skill in process, and carries the session from turn to turn.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import lambda_function
from server.conversation import Device
from tools.runtime import Environment, Result
from tools.yamlfile import read

FOLDER = Path(__file__).resolve().parents[1] / "dialogues"
SECRET = "zebra coloured wellington"  # something a person might say
SKILL_ID = "amzn1.ask.skill.11111111-1111-1111-1111-111111111111"


def dialogues() -> Iterator[tuple[str, str, list[str]]]:
    """Locale, name and the lines of a person, of every script but those that call Alexa, who is nowhere in here."""
    for path in sorted(FOLDER.glob("*/*.yaml")):
        if path.stem != "reminder":
            for script in read(path, text=True):
                yield path.parent.name, f"{path.stem}: {script['name']}", [t["U"] for t in script["turns"] if "U" in t]


DIALOGUES = {name: (locale, lines) for locale, name, lines in dialogues()}


class Line:
    """To an environment, from a device: keeps each result, and answers with its payload."""

    def __init__(self, function: Environment) -> None:
        self.function = function
        self.results: list[Result] = []

    def __call__(self, envelope: dict[str, Any]) -> dict[str, Any]:
        self.results.append(self.function.invoke(envelope))
        assert self.results[-1].error is None
        payload: dict[str, Any] = self.results[-1].payload
        return payload

    @property
    def log(self) -> str:
        return "\n".join(line for result in self.results for line in result.log)


def take(device: Device, said: str) -> dict[str, Any]:
    if said == "(opens)":
        return device.open()
    return device.silence() if said == "(silence)" else device.say(said)


def talk(function: Environment, *lines: str, **settings: Any) -> tuple[list[dict[str, Any]], Line]:
    """The turns of a new conversation, and what went over the line."""
    line = Line(function)
    device = Device(skill=line, **settings)
    return [take(device, said) for said in lines], line


def raw(kind: str = "LaunchRequest", **request: Any) -> dict[str, Any]:
    """A bare event, as pasted into the console."""
    application = {"application": {"applicationId": SKILL_ID}, "user": {"userId": "amzn1.ask.account.X"}}
    asked = {"requestId": "r", "timestamp": "2026-01-01T00:00:00Z", "locale": "en-US", "type": kind, **request}
    session = {"new": True, "sessionId": "s", "attributes": {}, **application}
    return {"version": "1.0", "session": session, "context": {"System": application}, "request": asked}


@pytest.mark.parametrize("name", DIALOGUES)
def test_conversation_is_the_same_as_in_process(function: Environment, name: str) -> None:
    """Each request gets the very response that it gets here: words, attributes, directives, everything."""
    locale, lines = DIALOGUES[name]
    line = Line(function)
    asked: list[dict[str, Any]] = []
    device = Device(locale=locale, skill=lambda envelope: (asked.append(envelope), line(envelope))[1])
    for said in lines:
        if not device.ended:
            take(device, said)
    assert asked
    for envelope, result in zip(asked, line.results, strict=True):
        here = lambda_function.lambda_handler(envelope, None)
        assert {**result.payload, "userAgent": ""} == {**here, "userAgent": ""}  # which names the version of Python
        heard = _phrases(envelope)
        assert not [words for words in heard if words in line.log.lower()]


def _phrases(envelope: dict[str, Any]) -> list[str]:
    """What was said of more than one word, as slots carry it."""
    found = re.findall(r"'value': '([^']+ [^']+)'", str(envelope["request"].get("intent", {})))
    return [words.lower() for words in found]


STRETCH = ("(opens)", "I've got a cramp in my calf", "no", "two minutes, stretching helps", "yes please", "yes")


def test_cramp_in_the_calf_is_stretched_until_it_eases(function: Environment) -> None:
    """Opened, asked for danger, told, held together, and ended well; the first turn that asks is whole."""
    turns, _ = talk(function, *STRETCH)
    assert "Cramp Coach" in turns[0]["speech"]
    assert [turn["question"] for turn in turns[1:3]] == ["calf_safety", "how_long"]
    assert turns[3]["assessment"]["disposition"] == "SELF_CARE"
    assert [turn["offer"] for turn in turns[3:5]] == ["coach", "easing"]
    assert "Ten. Nine. Eight." in turns[4]["speech"]
    assert turns[5]["ended"]


def test_emergency_is_told_at_once_and_ends_the_session(function: Environment) -> None:
    """In the first sentence, before anything else, with nothing asked."""
    (turn,), _ = talk(function, "I have a cramp in my chest and I can't breathe")
    assert turn["assessment"]["disposition"] == "EMERGENCY"
    assert turn["speech"].startswith("Call your local emergency number now.")
    assert (turn["ended"], turn["question"], turn["reprompt"]) == (True, None, None)


def test_reminder_without_a_permission_is_not_set(function: Environment) -> None:
    """Alexa asks, the person refuses, and the skill says so and goes on.

    It is agreed upon in process, where a stand-in for Amazon's API knows the time zone; a function trusts Amazon alone.
    """
    line = Line(function)

    def skill(envelope: dict[str, Any]) -> dict[str, Any]:
        refused = envelope["request"]["type"] == "Connections.Response"
        return line(envelope) if refused else lambda_function.lambda_handler(envelope, None)

    device = Device(skill=skill)
    turns = [take(device, said) for said in ("(opens)", "remind me to call my doctor", "yes", "no thanks")]
    assert "permission" in turns[2]["speech"]
    assert len(line.results) == 1
    assert "no reminder" in turns[3]["speech"]
    assert not turns[3]["ended"]


def test_nonsense_is_asked_about_and_the_session_goes_on(function: Environment) -> None:
    """What nobody understands is a fallback of Alexa's."""
    turns, _ = talk(function, "(opens)", "purple monkey dishwasher")
    assert turns[1]["heard"]["intent"] == "AMAZON.FallbackIntent"
    assert turns[1]["speech"]
    assert not turns[1]["ended"]


def test_silence_ends_the_session_without_a_word(function: Environment) -> None:
    """The reprompt once; then Alexa says that the session has ended, and nothing may be answered."""
    turns, line = talk(function, "(opens)", "(silence)", "(silence)")
    assert turns[2]["ended"]
    assert "outputSpeech" not in line.results[-1].payload["response"]


def test_device_with_a_screen_gets_a_document(function: Environment) -> None:
    """While a stretch is held; and the one without gets none."""
    shown, _ = talk(function, *STRETCH, screen=True)
    plain, _ = talk(function, *STRETCH)
    kinds = [each["type"] for turn in shown for each in turn["response"]["response"].get("directives", [])]
    assert "Alexa.Presentation.APL.RenderDocument" in kinds
    assert not [turn for turn in plain if turn["response"]["response"].get("directives")]


def test_request_for_another_skill_is_an_error_that_says_nothing(start: Callable[..., Environment]) -> None:
    """Not a word for Alexa to speak; and the log has the kind of it, not what was sent."""
    function = start({"SKILL_ID": SKILL_ID})
    other = raw("IntentRequest", intent={"name": "X", "slots": {"a": {"name": "a", "value": SECRET}}})
    other["session"]["application"]["applicationId"] = other["context"]["System"]["application"]["applicationId"] = "b"
    refused = function.invoke(other)
    assert refused.payload is None
    assert refused.error is not None
    assert refused.error["errorType"] == "PermissionError"
    assert SECRET not in str(refused.error) + "".join(refused.log)
    assert "Cramp Coach" in str(function.invoke(raw()).payload)


@pytest.mark.parametrize(
    "event",
    [{}, [], None, "words", {"request": {}}, raw("NoSuchRequest"), raw(timestamp="yesterday"), raw(locale=[SECRET])],
    ids=["empty", "a list", "nothing", "words", "no type", "another type", "no time", "no locale"],
)
def test_malformed_event_gets_an_answer_and_no_error(function: Environment, event: Any) -> None:
    """An apology that ends the session, or at least nothing that breaks; the next event finds everything as it was."""
    result = function.invoke(event)
    assert result.error is None
    assert result.payload["version"] == "1.0"
    assert SECRET not in "".join(result.log)
    assert "Cramp Coach" in str(function.invoke(raw()).payload)


def test_malformed_request_is_apologised_for(function: Environment) -> None:
    """A person hears that it went wrong, and the session ends."""
    response = function.invoke({"version": "1.0", "request": {"type": "IntentRequest", "intent": SECRET}}).payload
    assert "sorry" in response["response"]["outputSpeech"]["ssml"].lower()
    assert response["response"]["shouldEndSession"] is True


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "fr-FR"])
def test_nothing_that_was_said_is_in_a_log_line(start: Callable[..., Environment], locale: str) -> None:
    """Not from a slot, known or not, nor from an attribute, nor where everything is logged and something fails."""
    function = start({"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"})
    slots = {name: {"name": name, "value": SECRET} for name in ("site", "answer", "danger", "sign", "remedy", "other")}
    events = [raw("IntentRequest", locale=locale, intent={"name": intent, "slots": slots}) for intent in _intents()]
    for event in events:
        event["session"]["attributes"] = {
            "version": 1,
            "findings": {SECRET: SECRET},
            "question": SECRET,
            "topic": SECRET,
        }
        event["session"]["user"]["userId"] = event["context"]["System"]["user"]["userId"] = f"{SECRET} {uuid.uuid4()}"
    events += [{**raw(), "request": SECRET}, raw("SessionEndedRequest", reason="ERROR", error={"message": SECRET})]
    lines = [line for event in events for line in function.invoke(event).log]
    assert SECRET not in "\n".join(lines)


def _intents() -> Sequence[str]:
    model = Path(__file__).resolve().parents[2] / "skill-package/interactionModels/custom/en-US.json"
    names = re.findall(r'"name": "([A-Z][\w.]*Intent|[A-Z]\w+)"', model.read_text())
    assert len(names) > 10
    return sorted(set(names))
