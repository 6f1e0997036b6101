"""Handlers of turns, and the one that the kit asks."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
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


class Later(Handler):
    """A handler that is imported when a turn comes that it may take: most talks need few, and all wait for an import.

    `name`: its module here, and its class. It is asked about turns of some `intents`, and about those of which `may` is
    true; what it would say of any other one, nobody hears.
    """

    def __init__(self, name: str, *intents: str, may: Callable[[Turn], bool] | None = None) -> None:
        self._name, self._intents, self._may = name, frozenset(intents), may
        self._handler: Handler | None = None

    @property
    def handler(self) -> Handler:
        """The handler itself. Two threads may make two, which are the same: handlers hold nothing."""
        if self._handler is None:
            module, _, name = self._name.partition(".")
            self._handler = getattr(import_module(f".{module}", __package__), name)()
        return self._handler

    def may_take(self, turn: Turn) -> bool:
        """Whether the handler is asked about a turn at all."""
        return turn.intent in self._intents or (self._may is not None and self._may(turn))

    def takes(self, turn: Turn) -> bool:
        return self.may_take(turn) and self.handler.takes(turn)

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        return self.handler.answer(handler_input, turn)


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
