"""The AWS door: what Lambda calls. Holds the one skill, and decides nothing."""

from __future__ import annotations

# isort: off
import start  # first, for it keeps the collector of garbage away
from fast import serializer  # and then, for it decides how the kit is loaded

# isort: on
import logging
import os
from typing import Any, cast

from ask_sdk_core.exceptions import AskSdkException, SerializationException
from ask_sdk_model import RequestEnvelope

from skill import build_skill, unread
from store import open_store
from watch import open_meter

_LOG = logging.getLogger("cramp_coach")
_SKILL_ID = os.environ.get("SKILL_ID") or None
_SKILL = build_skill(store=open_store())
_SERIALIZER = serializer()
_METER = open_meter()


@_METER.watched
def lambda_handler(event: Any, context: object) -> dict[str, Any]:
    """The response to one request of Alexa, as JSON data.

    Where SKILL_ID is set, a request for another skill raises PermissionError and says nothing. A request that cannot be
    read gets a spoken apology, and ends; a report, which is no conversation, gets no answer then.
    """
    if _SKILL_ID is not None and _application_id(event) != _SKILL_ID:
        raise PermissionError("the request is not for the skill in SKILL_ID")
    try:
        envelope = _SERIALIZER.read(event, RequestEnvelope)
        if envelope is None or envelope.request is None:
            raise SerializationException("no request")
        response = _SKILL.invoke(request_envelope=envelope, context=context)
        attributes = response.session_attributes
        if attributes is None:
            return cast(dict[str, Any], _SERIALIZER.serialize(response))
        response.session_attributes = {}  # they are JSON already, and would be gone through for nothing
        answer = cast(dict[str, Any], _SERIALIZER.serialize(response))
        answer["sessionAttributes"] = attributes
        return answer
    except (
        AskSdkException,
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # The type only: the message of a serialisation error quotes what a person said.
        _LOG.error("a request could not be read: %s", type(error).__name__)
        return unread(event)


def _application_id(event: Any) -> str | None:
    """The skill id a request is for; sample events of the AWS console carry it in the session only."""
    for path in (("context", "System", "application"), ("session", "application")):
        part = event
        for key in path:
            part = part.get(key) if isinstance(part, dict) else None
        if isinstance(part, dict):
            return str(part.get("applicationId"))
    return None


start.done()
