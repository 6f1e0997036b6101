"""The ends of a conversation that are no turn of it: ended sessions, events, and our own mistakes."""

from __future__ import annotations

import logging
import traceback

from ask_sdk_core.dispatch_components import AbstractExceptionHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Response

from speech import Line, open_book

from ..memory import NotForgottenError
from ..reply import ssml
from ..turn import TOUCH, Turn
from ..unread import takes_no_words
from .base import Handler, silent

_LOG = logging.getLogger("cramp_coach")


class SessionEnded(Handler):
    """Nothing may be said any more, and nothing is kept. Where Alexa ended it over an error, the log gets its type."""

    def takes(self, turn: Turn) -> bool:
        return turn.type == "SessionEndedRequest"

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        _log_what_alexa_tells(handler_input)
        return silent(handler_input, {})


class NoConversation(Handler):
    """Skill events and other requests outside a conversation: taken, and answered with nothing.

    So is a touch that no key of ours sends. Of a screen that could not show its document, and of an answer that Alexa
    could not use, the log gets the type only.
    """

    def takes(self, turn: Turn) -> bool:
        return turn.type not in {"LaunchRequest", "IntentRequest"} and not turn.intent

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        if turn.type == "Alexa.Presentation.APL.RuntimeError":
            _LOG.error("the screen could not show its document: RuntimeError")
        _log_what_alexa_tells(handler_input)
        return silent(handler_input, turn.state.write())


class Sorry(AbstractExceptionHandler):
    """Our mistake: a spoken way out, or silence where nothing may be said; the session ends.

    Logs the type and the place, never a value: values hold what a person said.

    An event that failed is nobody's turn: it fails openly, so that it is seen, and may be sent again.
    """

    def can_handle(self, handler_input: HandlerInput, exception: Exception) -> bool:
        return not isinstance(exception, NotForgottenError)

    def handle(self, handler_input: HandlerInput, exception: Exception) -> Response:
        frame = traceback.extract_tb(exception.__traceback__)[-1]
        _LOG.error("%s at %s:%s", type(exception).__name__, frame.filename.rpartition("/")[2], frame.lineno)
        request = handler_input.request_envelope.request
        silence = silent(handler_input, {})
        type_ = request.object_type if request is not None else None
        if takes_no_words(type_) and type_ != TOUCH:
            return silence
        locale = request.locale if request is not None else None
        sorry = open_book(locale or "en").say(Line("sorry"))
        return handler_input.response_builder.speak(ssml([sorry])).set_should_end_session(True).response


def _log_what_alexa_tells(handler_input: HandlerInput) -> None:
    """The type of an error that a request tells of, one of a closed list: its message may quote our answer.

    Amazon, "Request types reference" (https://developer.amazon.com/en-US/docs/alexa/custom-skills/request-types-reference.html).
    """
    error = getattr(handler_input.request_envelope.request, "error", None)
    if error is not None:
        kind = getattr(error, "object_type", None)
        _LOG.error("Alexa tells of an error: %s", getattr(kind, "value", "of no type that is known"))
