"""Opening the skill without a question: who we are, in eight words what we are not, and what hurts."""

from __future__ import annotations

from speech import Line

from ..reply import Reply, asking
from ..state import State
from ..turn import Turn
from .base import TurnHandler


class Launch(TurnHandler):
    """Greets, and forgets whatever a session before it held."""

    def takes(self, turn: Turn) -> bool:
        return turn.type == "LaunchRequest"

    def reply(self, turn: Turn) -> Reply:
        return asking([Line("launch.hello")], Line("launch.reprompt"), State())
