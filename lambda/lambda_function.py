"""The AWS door: what Lambda calls. Holds the one skill, and decides nothing."""

from __future__ import annotations

# First, for it decides how the kit is loaded.
from fast import serializer, start

# isort: split
import logging
import os
from typing import Any, cast

from ask_sdk_core.exceptions import AskSdkException, SerializationException
from ask_sdk_model import RequestEnvelope

from skill import build_skill
from speech import Line, open_book
from store import open_store

_LOG = logging.getLogger("cramp_coach")
_SKILL_ID = os.environ.get("SKILL_ID") or None
_SKILL = build_skill(store=open_store())
_SERIALIZER = serializer()


def lambda_handler(event: Any, context: object) -> dict[str, Any]:
    """The response to one request of Alexa, as JSON data.

    Where SKILL_ID is set, a request for another skill raises PermissionError and says nothing. A request that cannot be
    read gets a spoken apology, and ends; what a screen reports is no conversation, and gets no answer then.
    """
    if _SKILL_ID is not None and _application_id(event) != _SKILL_ID:
        raise PermissionError("the request is not for the skill in SKILL_ID")
    try:
        envelope = _SERIALIZER.read(event, RequestEnvelope)
        if envelope is None or envelope.request is None:
            raise SerializationException("no request")
        response = _SKILL.invoke(request_envelope=envelope, context=context)
        return cast(dict[str, Any], _SERIALIZER.serialize(response))
    except (AskSdkException, AttributeError, KeyError, TypeError, ValueError) as error:
        # The type only: the message of a serialisation error quotes what a person said.
        _LOG.error("a request could not be read: %s", type(error).__name__)
        return _nothing(event) if _is_from_screen(event) else _sorry()


def _application_id(event: Any) -> str | None:
    """The skill id a request is for; sample events of the AWS console carry it in the session only."""
    for path in (("context", "System", "application"), ("session", "application")):
        part = event
        for key in path:
            part = part.get(key) if isinstance(part, dict) else None
        if isinstance(part, dict):
            return str(part.get("applicationId"))
    return None


def _is_from_screen(event: Any) -> bool:
    """A touch, or an error of the document: newer devices may send kinds that the kit does not know."""
    request = event.get("request") if isinstance(event, dict) else None
    return isinstance(request, dict) and str(request.get("type")).startswith("Alexa.Presentation.")


def _nothing(event: Any) -> dict[str, Any]:
    """No word; the session goes on as it was, for attributes that are not sent back are lost."""
    session = event.get("session")
    attributes = session.get("attributes") if isinstance(session, dict) else None
    return {"version": "1.0", "sessionAttributes": attributes or {}, "response": {}}


def _sorry() -> dict[str, Any]:
    speech = f"<speak>{open_book('en').say(Line('sorry'))}</speak>"
    return {
        "version": "1.0",
        "response": {"outputSpeech": {"type": "SSML", "ssml": speech}, "shouldEndSession": True},
    }


start.done()
