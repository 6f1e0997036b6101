"""Every limit of a response is noticed when it is broken, and a good response breaks none."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tools.limits import asks, faults, is_wordless

ASKING: dict[str, Any] = {
    "version": "1.0",
    "sessionAttributes": {"version": 1},
    "response": {
        "outputSpeech": {"type": "SSML", "ssml": "<speak>Is it easing?</speak>"},
        "reprompt": {"outputSpeech": {"type": "SSML", "ssml": "<speak>Say yes or no.</speak>"}},
        "shouldEndSession": False,
    },
}
ENDING: dict[str, Any] = {
    "version": "1.0",
    "response": {
        "outputSpeech": {"type": "SSML", "ssml": "<speak>Okay. Take care.</speak>"},
        "shouldEndSession": True,
    },
}
SILENT: dict[str, Any] = {"version": "1.0", "sessionAttributes": {}, "response": {}}
PICTURE = {
    "type": "Alexa.Presentation.APL.RenderDocument",
    "token": "screen",
    "document": {"type": "APL", "version": "1.9"},
}
ASK = {
    "type": "Connections.SendRequest",
    "name": "AskFor",
    "payload": {"permissionScope": "alexa::alerts:reminders:skill:readwrite"},
    "token": "2026-11-24T09:00 Europe/London",
}
SCREEN = {"Alexa.Presentation.APL": {"runtime": {"maxVersion": "2024.3"}}}


def event(type_: str = "IntentRequest", interfaces: Any = None) -> dict[str, Any]:
    return {
        "context": {"System": {"device": {"supportedInterfaces": interfaces or {}}}},
        "request": {"type": type_},
    }


def changed(response: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A response with parts of its body replaced, or left out where they are None."""
    made = copy.deepcopy(response)
    made["response"] = {key: part for key, part in {**made["response"], **body}.items() if part is not None}
    return made


def speech(text: str) -> dict[str, str]:
    return {"type": "SSML", "ssml": f"<speak>{text}</speak>"}


@pytest.mark.parametrize("response", [ASKING, ENDING])
def test_a_question_that_listens_and_a_goodbye_that_ends_are_fine(response: dict[str, Any]) -> None:
    assert faults(event(), response) == []


@pytest.mark.parametrize(
    "type_",
    [
        "SessionEndedRequest",
        "AlexaSkillEvent.SkillDisabled",
        "AudioPlayer.PlaybackStarted",
        "System.ExceptionEncountered",
        "Alexa.Presentation.APL.RuntimeError",
    ],
)
def test_reports_are_met_with_silence(type_: str) -> None:
    assert is_wordless(type_)
    assert faults(event(type_), SILENT) == []
    for response in (ASKING, ENDING):
        assert any("is answered" in fault for fault in faults(event(type_), response))


def test_a_picture_goes_to_a_screen_only() -> None:
    shown = changed(ASKING, directives=[PICTURE])
    assert faults(event(interfaces=SCREEN), shown) == []
    assert faults(event(), shown) == ["a picture is sent to a device without a screen"]


def test_alexa_asks_for_a_permission_alone() -> None:
    alone = changed(ENDING, outputSpeech=None, directives=[ASK])
    assert faults(event(), alone) == []
    assert "we speak or listen while Alexa asks for a permission" in faults(event(), changed(ENDING, directives=[ASK]))


def test_a_touch_that_is_none_of_ours_may_be_met_with_silence() -> None:
    assert faults(event("Alexa.Presentation.APL.UserEvent"), SILENT) == []
    assert faults(event("LaunchRequest"), SILENT) == ["it says nothing"]


SOUND = '<audio src="https://cdn.example/hold-tick-{}.mp3"/>'


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (None, "no response"),
        ({"version": "1.0"}, "no response"),
        ({**ENDING, "version": "1.1"}, "version"),
        ({**ENDING, "more": 1}, "keys that Amazon does not name"),
        ({**ENDING, "sessionAttributes": [1]}, "no object"),
        ({**ENDING, "sessionAttributes": {"x": float("nan")}}, "no JSON"),
        ({**ENDING, "sessionAttributes": {"x": "\ud800"}}, "no JSON"),
        ({**ENDING, "sessionAttributes": {1: 2}}, "changes on its way"),
        ({**ENDING, "sessionAttributes": {"x": "y" * 130_000}}, "bytes"),
        (changed(ENDING, shouldEndSession=None), "leaves the end"),
        (changed(ENDING, shouldEndSession="yes"), "leaves the end"),
        (changed(ENDING, card={"type": "Standard", "title": "x", "text": "y"}), "a kind that we do not send"),
        (changed(ENDING, card={"type": "Simple", "title": "x"}), "not whole"),
        (changed(ENDING, card={"type": "Simple", "title": "x", "content": "y" * 8000}), "too long"),
        (changed(ENDING, card={"type": "Simple", "title": "x", "content": "<b>"}), "markup"),
        (changed(ENDING, card={"type": "AskForPermissionsConsent", "permissions": []}), "no permission"),
        (changed(ENDING, card={"type": "AskForPermissionsConsent", "permissions": ["x"]}), "manifest"),
        (changed(ENDING, directives=[{"type": "Hint", "hint": {"text": "x"}}]), "directive of a kind"),
        (changed(ENDING, directives=[PICTURE, PICTURE]), "twice"),
        (changed(ENDING, directives=[{**PICTURE, "token": ""}]), "without a token"),
        (changed(ENDING, directives=[{**ASK, "name": "Buy"}]), "none of ours"),
        (changed(ENDING, extra=1), "keys that we do not send"),
        (changed(ENDING, outputSpeech={"type": "PlainText", "text": "x"}), "no SSML"),
        (changed(ENDING, outputSpeech=speech("x" * 8000)), "8015 characters"),
        (changed(ENDING, outputSpeech=speech("a & b")), "malformed"),
        (changed(ENDING, outputSpeech=speech("Hello {name}.")), "nobody filled"),
        (changed(ENDING, outputSpeech=speech("Hold [2.00s] on.")), "nobody filled"),
        (changed(ENDING, outputSpeech=speech('a<break time="6s"/>b<break time="6s"/>')), "12.0 seconds of breaks"),
        (changed(ENDING, outputSpeech=speech(SOUND.format(9) * 6)), "6 sounds"),
        (changed(ENDING, outputSpeech=speech(SOUND.format(99) * 3)), "longer than 240"),
        (changed(ENDING, outputSpeech=speech('<audio src="https://x.example/a.mp3"/>')), "none of ours"),
        (changed(ENDING, outputSpeech=speech("Is it easing?")), "asks, and ends"),
        (changed(ENDING, reprompt=ASKING["response"]["reprompt"]), "asks, and ends"),
        (changed(ASKING, reprompt=None), "asks nothing"),
        (changed(ASKING, outputSpeech=speech("Okay.")), "asks nothing"),
        (changed(ASKING, reprompt={"outputSpeech": speech(SOUND.format(60) * 2)}), "longer than 90"),
        (changed(ASKING, reprompt={"text": "x"}), "reprompt is none"),
        (
            changed(
                ASKING,
                outputSpeech=speech('Well?<break time="9s"/>'),
                reprompt={"outputSpeech": speech('So?<break time="2s"/>')},
            ),
            "11.0 seconds of breaks",
        ),
    ],
)
def test_what_the_platform_would_refuse_is_noticed(response: Any, fault: str) -> None:
    assert fault in "; ".join(faults(event(), response))


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"request": []}, {"request": {"type": []}}])
def test_any_event_may_be_answered(odd: Any) -> None:
    """An apology for what cannot be read is checked like any other answer."""
    assert faults(odd, ENDING) == []
    assert faults(odd, {}) != []


def test_no_fault_quotes_what_was_said() -> None:
    said = changed(ENDING, outputSpeech=speech("my secret pain & {name}?"), card={"type": "x", "title": "secret"})
    assert "secret" not in json.dumps(faults(event(), said))


@pytest.mark.parametrize(
    ("words", "does"),
    [("Is it easing?", True), ("Say ready when you are.", True), ("Tell me where.", True), ("Take care.", False)],
)
def test_what_leaves_the_turn_to_the_person(words: str, does: bool) -> None:
    assert asks(words) is does
