"""The AWS door, whatever knocks: an answer within every limit of the platform, and never an exception.

A small search that is the same every day; `make fuzz` searches further. The web door has its own in tests/server/.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lambda_function
import skill.alexa
from server.conversation import Device
from tools import fuzz
from tools.limits import faults
from tools.walk.person import Person
from tools.walk.run import _recognized

# The only things that may be logged of a request that can be read: what Alexa itself tells of.
EXPECTED = ("the screen could not show its document", "Alexa tells of an error")
UNREADABLE = "a request could not be read"


class Api:
    """Stands in for the network: answers what it was told to, then nothing at all."""

    answers: list[tuple[int, str]] = []

    @classmethod
    def outcome(cls, _: object) -> tuple[int, list[tuple[str, str]], str]:
        if not cls.answers:
            raise TimeoutError
        status, text = cls.answers.pop(0)
        return status, [], text


class Log(logging.Handler):
    """The lines logged since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def taken(self) -> list[str]:
        """What nobody expects of a request that can be read: a handler that broke, most of all."""
        lines, self.lines = self.lines, []
        return [line for line in lines if not line.startswith(EXPECTED)]


@pytest.fixture(autouse=True, scope="module")
def no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skill.alexa._Call, "outcome", Api.outcome)
        yield


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    """The skill's log, and nothing of it on the screen: a search prints too much."""
    log, logger = Log(), logging.getLogger("cramp_coach")
    logger.addHandler(log)
    logger.propagate = False
    yield log
    logger.propagate = True
    logger.removeHandler(log)


@fuzz.examples(250)
@given(fuzz.envelopes(), fuzz.answers())
def test_a_request_in_amazons_shape_is_answered_within_the_limits(
    log: Log, event: dict[str, Any], answers: list[tuple[int, str]]
) -> None:
    """Whatever its slots, its session, its device, its time, and what the Alexa API answers. No handler breaks on it:
    the apology for that would be within the limits, too.
    """
    log.taken()
    Api.answers = answers
    response = lambda_function.lambda_handler(event, None)
    assert faults(event, response) == []
    assert log.taken() == []


@fuzz.examples(120)
@given(fuzz.damaged())
def test_any_json_is_answered_within_the_limits(log: Log, event: Any) -> None:
    """With an apology where it cannot be read; where it can, no handler breaks on it."""
    log.taken()
    Api.answers = []
    response = lambda_function.lambda_handler(event, None)
    assert faults(event, response) == []
    assert [line for line in log.taken() if not line.startswith(UNREADABLE)] == []


@fuzz.examples(60)
@given(fuzz.damaged(), st.sampled_from((fuzz.SKILL_ID, "amzn1.ask.skill.another")))
def test_a_skill_id_lets_no_other_skill_in(log: Log, event: Any, ours: str) -> None:
    """Any JSON is answered, or refused with PermissionError and nothing else."""
    log.taken()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lambda_function, "_SKILL_ID", ours)
        try:
            response = lambda_function.lambda_handler(event, None)
        except PermissionError:
            return
    assert ours == fuzz.SKILL_ID
    assert faults(event, response) == []


@fuzz.examples(6)
@given(st.integers(0, 10**9), st.data())
def test_a_conversation_survives_damage_to_its_session(log: Log, seed: int, data: st.DataObject) -> None:
    """Somebody walks through the dialogue, and between two turns parts of the session are lost or replaced."""
    log.taken()
    person, device = Person(f"fuzz/{seed}"), Device(locale="en-US", screen=seed % 2 == 0)
    turn = device.open()
    for _ in range(12):
        said = person.says(turn)
        if device.ended or said is None or not said.text:
            break
        if data.draw(st.integers(0, 2)) == 0:
            device._attributes = data.draw(fuzz.broken(device._attributes))
        Api.answers = []
        turn = device.send(_recognized(said.text))
        assert faults(turn["request"], turn["response"]) == []
        assert log.taken() == []
