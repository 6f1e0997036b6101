"""Spoken words -> an Alexa response. The one place where SSML is written and text is escaped.

Every response asks and stays open, or ends: Alexa leaves the session's fate to the device when neither is said
(Amazon, "Manage the skill session", shouldEndSession).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Response

from speech import Line

from .state import State
from .turn import Turn

SPEECH_LIMIT = 8000  # characters of outputSpeech (Amazon, "Request and response JSON reference")


class Reply(NamedTuple):
    """What to say, and the session after it. `reprompt` None ends the session."""

    lines: tuple[Line, ...]
    reprompt: Line | None
    state: State


def asking(lines: Sequence[Line], reprompt: Line, state: State) -> Reply:
    """A reply that ends in a question and listens."""
    return Reply(tuple(lines), reprompt, state)


def ending(lines: Sequence[Line], state: State) -> Reply:
    """A reply that ends the session."""
    return Reply(tuple(lines), None, state)


def respond(handler_input: HandlerInput, turn: Turn, reply: Reply) -> Response:
    """The response, and the session attributes that go with it."""
    count = turn.state.turn
    state = reply.state._replace(turn=count + 1, lines=reply.lines)
    if handler_input.request_envelope.session is not None:  # a test event may lack one; then every turn is the first
        handler_input.attributes_manager.session_attributes = state.write()
    builder = handler_input.response_builder
    builder.speak(ssml(turn.book.say(line, count, other=turn.other) for line in reply.lines))
    if reply.reprompt is None:
        return builder.set_should_end_session(True).response
    return builder.ask(ssml([turn.book.say(reply.reprompt, count, other=turn.other)])).response


def ssml(sentences: Iterable[str]) -> str:
    """Sentences as SSML, without the outer tag, which the kit adds. Text is escaped here and nowhere else."""
    text = " ".join(sentences)
    return escape(text[:SPEECH_LIMIT], {'"': "&quot;"})
