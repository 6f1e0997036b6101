"""Handlers of turns, and the one that the kit asks."""

from __future__ import annotations

from typing import Any

from ask_sdk_core.dispatch_components import AbstractRequestHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Response

from ..episode import keep, offer_reminder
from ..reply import Reply, respond
from ..turn import Turn, turn_of


def silent(handler_input: HandlerInput, attributes: dict[str, Any]) -> Response:
    """A response without a word. The session holds these attributes: the kit would send back whatever came in."""
    if handler_input.request_envelope.session is not None:
        handler_input.attributes_manager.session_attributes = attributes
    return handler_input.response_builder.response


class Handler:
    """Takes a turn when `takes` says so, and answers it."""

    def takes(self, turn: Turn) -> bool:
        raise NotImplementedError

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        raise NotImplementedError


class InOrder(AbstractRequestHandler):
    """Takes every request, and has it answered by the first of some handlers that takes its turn.

    The kit alone would ask each for itself, and each would have to find the turn: a tenth of an answer's time.
    """

    def __init__(self, *handlers: Handler) -> None:
        self._handlers = handlers

    def can_handle(self, handler_input: HandlerInput) -> bool:
        return True

    def handle(self, handler_input: HandlerInput) -> Response:
        turn = turn_of(handler_input)
        first = next(handler for handler in self._handlers if handler.takes(turn))
        return first.answer(handler_input, turn)


class TurnHandler(Handler):
    """Answers a turn with `reply`."""

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        return respond(handler_input, turn, offer_reminder(turn, keep(turn, self.reply(turn))))

    def reply(self, turn: Turn) -> Reply:
        raise NotImplementedError


class IntentHandler(TurnHandler):
    """Takes the intents it names."""

    intents: frozenset[str] = frozenset()

    def takes(self, turn: Turn) -> bool:
        return turn.intent in self.intents
