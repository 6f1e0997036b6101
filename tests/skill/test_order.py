"""Handlers that are imported later answer exactly the turns that they would, had they been there from the beginning."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from server.conversation import Device
from skill import _HANDLERS
from skill.handlers import base
from skill.handlers.base import IntentHandler, Later
from skill.turn import turn_of
from tools.yamlfile import ROOT

if TYPE_CHECKING:
    from ask_sdk_core.handler_input import HandlerInput

    from skill.turn import Turn

LATER = [handler for handler in _HANDLERS if isinstance(handler, Later)]
TALKS = [
    ("my calf just seized up", "no none of those", "about a minute", "yes", "done", "ready", "it's easing", "no"),
    ("my calf is cramping", "why do you ask", "no", "a minute", "coach me", "ready", "pause", "resume", "stop"),
    ("i have period cramps", "no", "who says so"),
    ("my foot is cramping", "remind me tomorrow at nine", "no", "since last week", "yes", "at ten", "no"),
    ("is this a cramp", "my thigh", "i don't know", "no", "repeat", "help", "slower", "what helps", "more", "thanks"),
    ("does magnesium help", "tell me more", "list my reminders", "cancel my reminder", "yes", "zork"),
]


@pytest.mark.parametrize("later", [later for later in LATER if isinstance(later.handler, IntentHandler)])
def test_the_list_names_the_intents_of_a_handler(later: Later) -> None:
    assert isinstance(later.handler, IntentHandler)
    assert later.intents == later.handler.intents


@pytest.mark.parametrize("talk", TALKS, ids=[talk[0] for talk in TALKS])
def test_a_handler_is_asked_about_every_turn_it_takes(talk: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0

    def of_all(handler_input: HandlerInput) -> Turn:
        nonlocal taken
        turn = turn_of(handler_input)
        all_ = [(handler, handler.handler if isinstance(handler, Later) else handler) for handler in _HANDLERS]
        first = next(handler for handler, itself in all_ if itself.takes(turn))
        assert first.asks(turn.intent)
        assert first.takes(turn)
        taken += 1
        return turn

    monkeypatch.setattr(base, "turn_of", of_all)
    device = Device(user="amzn1.ask.account.ORDER", screen=False)
    for text in talk:
        if not device.ended:
            device.say(text)
    assert taken


def test_a_first_complaint_imports_no_handler_it_does_not_need() -> None:
    code = """
import json, sys
import lambda_function
lambda_function.lambda_handler(json.load(sys.stdin), None)
print(*(name for name in sys.modules if name.startswith("skill.handlers.")))
"""
    event = (ROOT / "events" / "triage" / "complaint.json").read_text("utf-8")
    done = subprocess.run(
        [sys.executable, "-c", code], input=event, cwd=ROOT / "lambda", capture_output=True, text=True, check=True
    )
    assert {name.rpartition(".")[2] for name in done.stdout.split()} == {"assessment", "base", "errors", "launch"}
