"""How somebody likes to be coached, and that all of it is forgotten when they say so, or leave."""

from __future__ import annotations

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Response

from speech import Line

from ..episode import ask_again
from ..memory import NotForgottenError
from ..preferences import Preferences, change
from ..reply import Reply, asking
from ..turn import Turn
from .base import Handler, IntentHandler, silent

_ENDS = {"slower": "prefer.slowest", "faster": "prefer.fastest"}


class Prefer(IntentHandler):
    """Slower, quieter, shorter: said back in the new manner, remembered, and back to what was open."""

    intents = frozenset({"PreferIntent"})

    def reply(self, turn: Turn) -> Reply:
        wish = turn.heard.preference or ""
        preferences = turn.preferences
        changed = change(preferences, wish)
        if not changed:
            return self._ask(turn)
        wished = preferences._replace(**changed)
        if wished != preferences:
            ((field, value),) = changed.items()
            line = Line(f"prefer.{field}.{value}")
        else:
            line = Line(_ENDS.get(wish, "prefer.already"))
        if wished != preferences or not self._is_known(turn):
            turn.memory.save(changed)
        return ask_again(turn, turn.state._replace(now=None, lost=0, preferences=wished), (line,))

    @staticmethod
    def _ask(turn: Turn) -> Reply:
        """Which wish, once. Where something is open already, what can be wished is told, and that is asked again.

        A "no" to this question must never be taken for a "no" to a question about danger.
        """
        state = turn.state._replace(now=None, lost=0)
        if any(line.id.startswith("prefer.which") for line in turn.state.lines):
            return ask_again(turn, state, (Line("prefer.as_it_is"),))
        if state.episode.open is not None or state.offer is not None:
            return ask_again(turn, state, (Line("prefer.which_told"),))
        return asking([Line("prefer.which")], Line("prefer.reprompt"), state)

    @staticmethod
    def _is_known(turn: Turn) -> bool:
        return turn.state.preferences is not None or turn.memory.known is not None


class ForgetMe(IntentHandler):
    """Deletes what is stored, and says what never was. What was advised in this conversation still stands."""

    intents = frozenset({"ForgetMeIntent"})

    def reply(self, turn: Turn) -> Reply:
        lines = [Line("forget.done"), Line("forget.never")] if turn.memory.forget() else [Line("forget.failed")]
        state = turn.state._replace(now=None, lost=0, preferences=Preferences())
        return ask_again(turn, state, tuple(lines))


class Disabled(Handler):
    """Somebody disabled the skill (Amazon, "Use Skill Events"): what is stored about them goes. Nothing is said.

    The event may come late, twice, or after others; the store knows which write is the later one. Raises
    NotForgottenError where the store fails.
    """

    def takes(self, turn: Turn) -> bool:
        return turn.type == "AlexaSkillEvent.SkillDisabled"

    def answer(self, handler_input: HandlerInput, turn: Turn) -> Response:
        if not turn.memory.forget():
            raise NotForgottenError
        return silent(handler_input, {})
