"""The class of a request: a closed list, too coarse to tell who was in danger."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tools.yamlfile import read
from watch.classes import BY_INTENT, CLASSES, TURNS, class_of

INTENTS = set(read(Path(__file__).parents[2] / "interaction-models" / "intents.yaml")["intents"])


def asked(name: Any) -> dict[str, Any]:
    return {"request": {"type": "IntentRequest", "intent": {"name": name}}}


def test_every_intent_has_a_class_and_no_other_name_has() -> None:
    """A new intent is counted from its first day."""
    assert set(BY_INTENT) == INTENTS
    assert set(BY_INTENT.values()) <= TURNS


def test_danger_is_of_the_class_of_every_other_answer() -> None:
    """Whoever reads the log cannot tell a sign of danger from a "yes"."""
    told = (
        "DangerIntent",
        "DescribeIntent",
        "CheckCrampIntent",
        "DontKnowIntent",
        "AMAZON.YesIntent",
        "AMAZON.NoIntent",
    )
    assert {class_of(asked(name)) for name in told} == {"answer"}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"type": "LaunchRequest"}, "launch"),
        ({"type": "SessionEndedRequest", "reason": "USER_INITIATED"}, "end"),
        ({"type": "SessionEndedRequest"}, "end"),
        ({"type": "SessionEndedRequest", "reason": "ERROR", "error": {"message": "zebra"}}, "error"),
        ({"type": "System.ExceptionEncountered"}, "error"),
        ({"type": "Alexa.Presentation.APL.RuntimeError"}, "error"),
        ({"type": "Alexa.Presentation.APL.UserEvent"}, "navigation"),
        ({"type": "Connections.Response"}, "wish"),
        ({"type": "AlexaSkillEvent.SkillDisabled"}, "event"),
        ({"type": "zebra"}, "other"),
        ({"type": 7}, "other"),
        ({}, "other"),
        (None, "other"),
    ],
)
def test_each_kind_of_request(request_: Any, expected: str) -> None:
    assert class_of({"request": request_}) == expected


@pytest.mark.parametrize(
    "odd", [None, [], "zebra", 7, {}, {"request": []}, asked(None), asked(["zebra"]), asked("Zebra")]
)
def test_nothing_of_an_odd_request_becomes_a_class(odd: Any) -> None:
    """A class is never a word that came from outside."""
    assert class_of(odd) == "other"
    assert {"launch", "answer", "question", "navigation", "wish", "fallback"} == TURNS
    assert {"end", "event", "error", "other"} == CLASSES - TURNS
