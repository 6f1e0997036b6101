"""What is answered to a request that cannot be read: a spoken way out, or silence where nothing may be said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speech import Line, open_book

from .state import read
from .turn import knowledge

# Reports: the end of a session, skill events, what a screen, a player or the platform tells. Words would be refused
# (Amazon, "Request types reference", "Skill events in Alexa skills", "AudioPlayer interface reference").
_REPORTS = (
    "SessionEndedRequest",
    "Alexa.Presentation.",
    "AlexaSkillEvent.",
    "AudioPlayer.",
    "Messaging.",
    "PlaybackController.",
    "System.",
)


def unread(event: object) -> dict[str, Any]:
    """The response to an event, any JSON at all. A session that goes on keeps of its attributes what is ours."""
    request = event.get("request") if isinstance(event, Mapping) else None
    if isinstance(event, Mapping) and isinstance(request, Mapping) and takes_no_words(request.get("type")):
        session = event.get("session")
        attributes = session.get("attributes") if isinstance(session, Mapping) else None
        kept = read(attributes, knowledge()).write() if attributes else {}
        return {"version": "1.0", "sessionAttributes": kept, "response": {}}
    speech = f"<speak>{open_book('en').say(Line('sorry'))}</speak>"
    return {
        "version": "1.0",
        "response": {"outputSpeech": {"type": "SSML", "ssml": speech}, "shouldEndSession": True},
    }


def takes_no_words(type_: object) -> bool:
    """Whether a request is a report, also one of a kind that is newer than the kit."""
    return isinstance(type_, str) and type_.startswith(_REPORTS)
