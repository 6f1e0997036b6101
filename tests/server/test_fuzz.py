"""The web door, whatever knocks with a good signature: a valid answer, or 400 and not a word."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

import skill.alexa
from server import create_app
from tools import fuzz
from tools.limits import faults


@pytest.fixture(scope="module")
def client(amazon: Any) -> Iterator[FlaskClient]:
    """The production app with the real skill, a pretend Amazon, and no Alexa API."""

    def nobody(_: object) -> None:
        raise TimeoutError

    loggers = [logging.getLogger(name) for name in ("cramp_coach", "server.door")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(skill.alexa._Call, "outcome", nobody)
        for logger in loggers:
            patch.setattr(logger, "disabled", True)  # a search prints too much
        app = create_app(skill_id=fuzz.SKILL_ID, download=lambda url: amazon.chain(), roots=[amazon.root])
        yield app.test_client()


def answered(client: FlaskClient, amazon: Any, body: bytes) -> dict[str, Any] | None:
    """What a signed body is answered; None where it is refused."""
    answer = client.post("/alexa", data=body, headers=amazon.sign(body), content_type="application/json")
    if answer.status_code == 400:
        assert len(answer.data.splitlines()) <= 1
        return None
    assert answer.status_code == 200
    made: dict[str, Any] = json.loads(answer.data)
    return made


def now(seconds: int = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@fuzz.examples(100)
@given(fuzz.envelopes(st.just("now")))
def test_a_request_in_amazons_shape_is_answered_within_the_limits(
    client: FlaskClient, amazon: Any, event: dict[str, Any]
) -> None:
    """Nothing is refused that was signed just now and is for us, whatever its slots and its session."""
    event["request"]["timestamp"] = now()
    response = answered(client, amazon, json.dumps(event).encode())
    if response is None:
        assert "NaN" in json.dumps(event) or "Infinity" in json.dumps(event)  # Python's JSON knows them, nobody else's
    else:
        assert faults(event, response) == []


@fuzz.examples(60)
@given(fuzz.damaged(), st.booleans())
def test_any_json_is_answered_within_the_limits_or_refused(
    client: FlaskClient, amazon: Any, event: Any, is_now: bool
) -> None:
    request = event.get("request") if isinstance(event, dict) else None
    if isinstance(request, dict) and is_now:
        request["timestamp"] = now()
    response = answered(client, amazon, json.dumps(event).encode())
    assert response is None or faults(event, response) == []


@fuzz.examples(40)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(client: FlaskClient, amazon: Any, body: bytes) -> None:
    """What says nothing of our skill is not for it."""
    assert answered(client, amazon, body) is None
