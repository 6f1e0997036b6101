"""A handler of turns: the kit's two methods around plain functions of a turn."""

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


class TurnHandler(AbstractRequestHandler):
    """Takes a turn when `takes` says so, and answers it with `reply`."""

    def can_handle(self, handler_input: HandlerInput) -> bool:
        return self.takes(turn_of(handler_input))

    def handle(self, handler_input: HandlerInput) -> Response:
        turn = turn_of(handler_input)
        return respond(handler_input, turn, offer_reminder(turn, keep(turn, self.reply(turn))))

    def takes(self, turn: Turn) -> bool:
        raise NotImplementedError

    def reply(self, turn: Turn) -> Reply:
        raise NotImplementedError


class IntentHandler(TurnHandler):
    """Takes the intents it names."""

    intents: frozenset[str] = frozenset()

    def takes(self, turn: Turn) -> bool:
        return turn.intent in self.intents
