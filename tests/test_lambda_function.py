"""The AWS door: bare console events, wrong ids, malformed requests, and what is never logged."""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

import lambda_function
from skill.turn import Turn
from tools.yamlfile import ROOT

SKILL_ID = "amzn1.ask.skill.11111111-1111-1111-1111-111111111111"
SECRET = "zebra coloured wellington"  # something a person might say


def event(kind: str = "LaunchRequest", **request: Any) -> dict[str, Any]:
    """A bare event, as pasted into the console."""
    return {
        "version": "1.0",
        "session": {
            "new": True,
            "sessionId": "amzn1.echo-api.session.x",
            "application": {"applicationId": SKILL_ID},
            "attributes": {},
            "user": {"userId": "amzn1.ask.account.X"},
        },
        "context": {
            "System": {
                "application": {"applicationId": SKILL_ID},
                "user": {"userId": "amzn1.ask.account.X"},
                "device": {"deviceId": "x", "supportedInterfaces": {}},
            }
        },
        "request": {
            "type": kind,
            "requestId": "amzn1.echo-api.request.x",
            "timestamp": "2026-01-01T00:00:00Z",
            "locale": "en-US",
            **request,
        },
    }


def intent(name: str, **slots: Any) -> dict[str, Any]:
    filled = {slot: {"name": slot, "value": value, "confirmationStatus": "NONE"} for slot, value in slots.items()}
    return event("IntentRequest", intent={"name": name, "confirmationStatus": "NONE", "slots": filled})


def spoken(response: dict[str, Any]) -> str:
    return str(response["response"].get("outputSpeech", {}).get("ssml", ""))


@pytest.fixture
def only_ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The door as it is where SKILL_ID is set."""
    monkeypatch.setenv("SKILL_ID", SKILL_ID)
    yield importlib.reload(lambda_function)
    monkeypatch.delenv("SKILL_ID")
    importlib.reload(lambda_function)


def test_a_bare_console_event_works_without_any_environment_variable() -> None:
    """In a process of its own, started from the bundle root, with an empty environment."""
    events = [
        event(),
        intent("DescribeIntent", site="calf"),
        intent("DangerIntent", danger="chest pain"),
        intent("AMAZON.StopIntent"),
        event("SessionEndedRequest", reason="USER_INITIATED"),
    ]
    script = textwrap.dedent("""
        import json, sys
        from lambda_function import lambda_handler
        for event in json.load(sys.stdin):
            print(json.dumps(lambda_handler(event, None)))
    """)
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT / "lambda",
        env={"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {},
        input=json.dumps(events),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stderr == ""
    hello, asked, emergency, bye, ended = (json.loads(line) for line in ran.stdout.splitlines())
    assert "Cramp Coach" in spoken(hello)
    assert hello["response"]["shouldEndSession"] is False
    assert asked["sessionAttributes"]["question"] == "calf_safety"
    assert "Call your local emergency number now." in spoken(emergency)
    assert bye["response"]["shouldEndSession"] is True
    assert "outputSpeech" not in ended["response"]


def test_an_event_of_the_smallest_kind_is_enough() -> None:
    small = event()
    del small["session"]["attributes"], small["session"]["user"], small["context"]["System"]["device"]
    del small["request"]["requestId"]
    assert "Cramp Coach" in spoken(lambda_function.lambda_handler(small, None))


def test_an_event_without_a_session_is_no_trap() -> None:
    small = event()
    del small["session"]
    assert spoken(lambda_function.lambda_handler(small, None))


def test_the_right_skill_id_is_served(only_ours: Any) -> None:
    assert "Cramp Coach" in spoken(only_ours.lambda_handler(event(), None))


@pytest.mark.parametrize(
    "other", ["amzn1.ask.skill.22222222-2222-2222-2222-222222222222", "", None, 7, SKILL_ID + " ", []]
)
def test_a_wrong_skill_id_raises_and_says_nothing(only_ours: Any, other: Any) -> None:
    wrong = event()
    wrong["context"]["System"]["application"]["applicationId"] = other
    with pytest.raises(PermissionError) as raised:
        only_ours.lambda_handler(wrong, None)
    assert str(other) not in str(raised.value) or not other


@pytest.mark.parametrize("odd", [{}, None, [], "x", {"context": None}, {"context": {"System": []}}])
def test_an_event_without_an_id_raises_too_where_one_is_asked_for(only_ours: Any, odd: Any) -> None:
    with pytest.raises(PermissionError):
        only_ours.lambda_handler(odd, None)


def test_the_session_cannot_vouch_for_another_skill(only_ours: Any) -> None:
    """Where the context names a skill, that one counts."""
    wrong = event()
    wrong["context"]["System"]["application"] = {"applicationId": "amzn1.ask.skill.other"}
    assert wrong["session"]["application"]["applicationId"] == SKILL_ID
    with pytest.raises(PermissionError):
        only_ours.lambda_handler(wrong, None)
    wrong["context"]["System"]["application"] = {}
    with pytest.raises(PermissionError):
        only_ours.lambda_handler(wrong, None)


def test_a_sample_event_without_a_context_is_served(only_ours: Any) -> None:
    """The test events of the AWS console carry the skill id in the session only."""
    old = {key: part for key, part in event().items() if key != "context"}
    assert "Cramp Coach" in spoken(only_ours.lambda_handler(old, None))
    old["session"]["application"]["applicationId"] = "amzn1.ask.skill.other"
    with pytest.raises(PermissionError):
        only_ours.lambda_handler(old, None)


MALFORMED = {
    "nothing": None,
    "an empty event": {},
    "a list": [],
    "a text": "hello",
    "a number": 7,
    "no request": {key: part for key, part in event().items() if key != "request"},
    "a request that is a list": event() | {"request": []},
    "a request that is a text": event() | {"request": "LaunchRequest"},
    "no type": event() | {"request": {"requestId": "x", "timestamp": "2026-01-01T00:00:00Z"}},
    "an unknown type": event("ZorkRequest"),
    "a timestamp that is none": event(timestamp="yesterday"),
    "an intent that is a text": event("IntentRequest", intent="zork"),
    "slots that are a list": event("IntentRequest", intent={"name": "DescribeIntent", "slots": []}),
    "a session that is a text": event() | {"session": "x"},
    "not JSON at all": {"request": {1, 2}},
    "a loop": {},
}
MALFORMED["a loop"]["self"] = MALFORMED["a loop"]  # type: ignore[index]


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_event_gets_a_spoken_apology_and_ends(name: str) -> None:
    response = lambda_function.lambda_handler(MALFORMED[name], None)
    assert json.loads(json.dumps(response)) == response
    assert response["version"] == "1.0"
    assert "something went wrong" in spoken(response)
    assert "get medical help" in spoken(response)
    assert response["response"]["shouldEndSession"] is True


@pytest.mark.parametrize(
    "request_",
    [
        {"intent": None},
        {"intent": {"name": None, "slots": None}},
        {"intent": {"name": "DescribeIntent", "slots": {"site": None}}},
        {"intent": {"name": "DescribeIntent", "slots": {"site": {"name": "site", "value": None}}}},
        {"intent": {"name": "DescribeIntent"}},
        {},
    ],
)
def test_an_intent_with_parts_missing_is_not_understood_but_answered(request_: dict[str, Any]) -> None:
    body = lambda_function.lambda_handler(event("IntentRequest", **request_), None)["response"]
    assert body["outputSpeech"]["ssml"]
    assert isinstance(body["shouldEndSession"], bool)


@pytest.mark.parametrize(
    "locale", ["de-DE", "en-ZA", "", None, "xx", "../../etc/passwd", "en-US\n", "e" * 5000, "EN-us", 7]
)
def test_an_unknown_locale_gets_neutral_english_and_no_digits(locale: Any) -> None:
    danger = intent("DangerIntent", danger="chest pain")
    danger["request"]["locale"] = locale
    speech = spoken(lambda_function.lambda_handler(danger, None))
    assert speech.startswith("<speak>Call your local emergency number now.")
    assert "nine" not in speech
    assert not any(character.isdigit() for character in speech)


@pytest.mark.parametrize(
    ("locale", "number"),
    [
        ("en-US", "nine one one"),
        ("en-CA", "nine one one"),
        ("en-GB", "nine nine nine"),
        ("en-AU", "triple zero"),
        ("en-IN", "one one two"),
    ],
)
def test_a_known_locale_names_its_number(locale: str, number: str) -> None:
    danger = intent("DangerIntent", danger="chest pain")
    danger["request"]["locale"] = locale
    assert f"that's {number}." in spoken(lambda_function.lambda_handler(danger, None))


REPORTS = {
    "the end of a session": event("SessionEndedRequest", reason="ZORK"),
    "a skill event of a new kind": event("AlexaSkillEvent.ZorkHappened"),
    "a player's report of a new kind": event("AudioPlayer.Zork"),
    "a report without a time": event("System.ExceptionEncountered", timestamp="yesterday"),
    "a screen's report of a new kind": event("Alexa.Presentation.APL.Zork"),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_that_cannot_be_read_gets_no_word(name: str) -> None:
    """Alexa refuses words there. What is ours of the session goes on; what is not ours is not sent back."""
    report = json.loads(json.dumps(REPORTS[name]))
    report["session"]["attributes"] = {"version": 1, "remedy": "calf", "asked": ["\ud800"], "zork": float("nan")}
    response = lambda_function.lambda_handler(report, None)
    assert response["response"] == {}
    assert response["sessionAttributes"]["remedy"] == "calf"
    json.dumps(response, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "kind", ["SessionEndedRequest", "AlexaSkillEvent.SkillEnabled", "AlexaSkillEvent.SkillDisabled"]
)
def test_a_report_sends_nothing_back_that_it_did_not_read(kind: str) -> None:
    report = event(kind)
    report["session"]["attributes"] = {"version": 2, "zork": "\ud800"}
    response = lambda_function.lambda_handler(report, None)
    assert response["response"] == {}
    assert "zork" not in response["sessionAttributes"]


@pytest.mark.parametrize(("kind", "is_silent"), [("SessionEndedRequest", True), ("LaunchRequest", False)])
def test_our_own_mistake_is_silent_where_nothing_may_be_said(
    kind: str, is_silent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("skill.turn.read", fails)
    response = lambda_function.lambda_handler(event(kind), None)
    assert (response["response"] == {}) is is_silent
    assert ("something went wrong" in spoken(response)) is not is_silent


def test_what_is_nested_too_deeply_to_be_read_is_answered() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    for odd in (event() | {"more": deep}, {"request": deep}):
        assert spoken(lambda_function.lambda_handler(odd, None))
    while deep:  # or Python would take it apart by recursion
        deep = deep.pop("a")


def test_after_an_emergency_repeat_says_it_again_and_ends() -> None:
    """A session that was to end may be sent once more, by a touch say: it must not be left open with nothing asked."""
    told = lambda_function.lambda_handler(intent("DangerIntent", danger="chest pain"), None)
    again = intent("AMAZON.RepeatIntent")
    again["session"]["attributes"] = told["sessionAttributes"]
    response = lambda_function.lambda_handler(again, None)
    assert spoken(response) == spoken(told)
    assert response["response"]["shouldEndSession"] is True


def test_repeating_words_that_ask_nothing_leads_back_to_a_question() -> None:
    bye = lambda_function.lambda_handler(intent("AMAZON.StopIntent"), None)
    again = intent("AMAZON.RepeatIntent")
    again["session"]["attributes"] = bye["sessionAttributes"]
    response = lambda_function.lambda_handler(again, None)
    assert spoken(response).endswith("?</speak>")
    assert response["response"]["shouldEndSession"] is False


# ---- privacy


def talked(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], *events: Any) -> str:
    """Everything that was logged or printed while these events were served."""
    with caplog.at_level(logging.DEBUG):
        attributes: Any = {}
        for one in events:
            if isinstance(one, dict) and isinstance(one.get("session"), dict):
                one["session"]["attributes"] = attributes
            response = lambda_function.lambda_handler(one, None)
            attributes = response.get("sessionAttributes") or {}
    out, err = capfd.readouterr()
    # Arguments of a log line count too: a handler may print them.
    return out + err + caplog.text + "".join(repr(vars(record)) for record in caplog.records)


def test_nothing_that_a_person_said_is_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    log = talked(
        caplog,
        capfd,
        event(),
        intent("DescribeIntent", site=f"calf {SECRET}", danger=SECRET),
        intent("DangerIntent", danger=f"swollen {SECRET}"),
        intent("AMAZON.FallbackIntent"),
        intent("DangerIntent", danger=f"chest pain {SECRET}"),
    )
    assert "zebra" not in log
    for symptom in ("swell", "calf", "chest", "EMERGENCY", "URGENT", "amzn1.ask.account"):
        assert symptom not in log


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "IntentRequest", "intent": SECRET, "timestamp": "2026-01-01T00:00:00Z"},
        {"type": SECRET, "timestamp": "2026-01-01T00:00:00Z"},
        {"type": "LaunchRequest", "timestamp": SECRET},
        {"type": "IntentRequest", "timestamp": "2026-01-01T00:00:00Z", "intent": {"name": "X", "slots": [SECRET]}},
        {"type": "IntentRequest", "timestamp": "2026-01-01T00:00:00Z", "dialogState": SECRET, "intent": {"name": "X"}},
    ],
)
def test_not_even_when_a_request_cannot_be_read(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], broken: dict[str, Any]
) -> None:
    assert "zebra" not in talked(caplog, capfd, event() | {"request": broken})


def test_not_even_when_we_fail(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own mistake: the type and the place are logged, never the message, for it may hold what was said."""

    def fails(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("skill.handlers.base.respond", fails)
    log = talked(caplog, capfd, intent("DescribeIntent", site=SECRET))
    assert "RuntimeError" in log
    assert "zebra" not in log


def test_our_own_mistake_is_a_spoken_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("skill.handlers.base.respond", fails)
    response = lambda_function.lambda_handler(event(), None)
    assert "something went wrong" in spoken(response)
    assert "zebra" not in json.dumps(response)
    assert response["response"]["shouldEndSession"] is True


def test_two_people_never_hear_each_other() -> None:
    """Nothing is kept between requests but what the session brings back."""
    lambda_function.lambda_handler(intent("DangerIntent", danger="swollen calf"), None)
    other = lambda_function.lambda_handler(intent("DescribeIntent", site="foot"), None)
    assert other["sessionAttributes"]["findings"] == {"site": "foot"}


def test_what_was_said_is_let_go_with_the_request() -> None:
    """A warm process waits for the next person, perhaps for long: it does not wait for a collector of garbage, too."""
    gc.collect()
    before = len([one for one in gc.get_objects() if isinstance(one, Turn)])
    gc.disable()
    try:
        lambda_function.lambda_handler(intent("DangerIntent", danger=SECRET), None)
        lambda_function.lambda_handler(intent("PreferIntent", preference="slower"), None)
        assert len([one for one in gc.get_objects() if isinstance(one, Turn)]) == before
    finally:
        gc.enable()
