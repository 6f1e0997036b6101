"""The AWS door, whatever knocks: an answer within every limit of the platform, and never an exception."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

import lambda_function
import skill.alexa
from tools import fuzz
from tools.limits import faults

# What may be logged of a request that is well formed: that a screen failed, or the network.
EXPECTED = ("the screen could not show its document",)


class Api:
    """Stands in for the network: answers what it was told to, then nothing at all."""

    answers: list[tuple[int, str]] = []

    @classmethod
    def outcome(cls, _: object) -> tuple[int, list[tuple[str, str]], str]:
        if not cls.answers:
            raise TimeoutError
        status, text = cls.answers.pop(0)
        return status, [], text


@pytest.fixture(autouse=True, scope="module")
def no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skill.alexa._Call, "outcome", Api.outcome)
        yield


class Log(logging.Handler):
    """The lines logged since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return [line for line in lines if not line.startswith(EXPECTED)]


@pytest.fixture(scope="module")
def log() -> Iterator[Log]:
    log, logger = Log(), logging.getLogger("cramp_coach")
    logger.addHandler(log)
    yield log
    logger.removeHandler(log)


@fuzz.examples(400)
@given(fuzz.envelopes(), fuzz.answers())
def test_every_request_in_amazons_shape_is_answered_within_the_limits(
    log: Log, event: dict[str, Any], answers: list[tuple[int, str]]
) -> None:
    """And no handler breaks on it: an apology would be one within the limits, too."""
    log.taken()
    Api.answers = answers
    response = lambda_function.lambda_handler(event, None)
    assert faults(event, response) == []
    assert log.taken() == []
