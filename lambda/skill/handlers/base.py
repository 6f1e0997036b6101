"""Handlers of turns, and how they are asked."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

from ask_sdk_core.dispatch_components import AbstractExceptionHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Response
from ask_sdk_runtime.dispatch import AbstractRequestDispatcher

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

    intents: frozenset[str] = frozenset()

    def asks(self, intent: str) -> bool:
        """Whether the handler may take a turn of an intent at all, as far as its name tells."""
        return True

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
        self._name, self.intents, self._may = name, frozenset(intents), may
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
        return turn.intent in self.intents or (self._may is not None and self._may(turn))

    def asks(self, intent: str) -> bool:
        return intent in self.intents or self._may is not None

    def takes(self, turn: Turn) -> bool:
        return self.may_take(turn) and self.handler.takes(turn)

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        return self.handler.answer(handler_input, turn)


class InOrder(AbstractRequestDispatcher):
    """Has every request answered by the first of some handlers that takes its turn, and each error by `sorry`.

    The kit's own dispatcher would ask each handler for itself, and each would have to find the turn.
    """

    def __init__(self, *handlers: Handler, sorry: AbstractExceptionHandler) -> None:
        named = frozenset().union(*[handler.intents for handler in handlers])
        self._of = {intent: tuple([handler for handler in handlers if handler.asks(intent)]) for intent in named}
        self._others = tuple([handler for handler in handlers if handler.asks("")])
        self._sorry = sorry

    def dispatch(self, handler_input: HandlerInput) -> Response:  # type: ignore[override]  # the kit takes any input
        """The response. Raises an error that `sorry` does not handle."""
        try:
            turn = turn_of(handler_input)
            for handler in self._of.get(turn.intent, self._others):
                if handler.takes(turn):
                    return handler.answer(handler_input, turn)
            raise LookupError("no handler takes the turn")
        except Exception as error:
            if not self._sorry.can_handle(handler_input, error):
                raise
            return cast(Response, self._sorry.handle(handler_input, error))


class TurnHandler(Handler):
    """Answers a turn with `reply`."""

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        return respond(handler_input, turn, offer_reminder(turn, keep(turn, self.reply(turn))))

    def reply(self, turn: Turn) -> Reply:
        raise NotImplementedError


class IntentHandler(TurnHandler):
    """Takes the intents it names."""

    def takes(self, turn: Turn) -> bool:
        return turn.intent in self.intents
