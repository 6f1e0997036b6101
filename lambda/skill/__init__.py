"""HEARS AND REPLIES. The only room in the bundle that knows Alexa: requests to findings, steps to responses.

Asks `triage` what to do and `speech` for the words; decides no medical question and writes no sentence itself.
"""

from __future__ import annotations

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.skill import CustomSkill
from ask_sdk_core.skill_builder import CustomSkillBuilder

from store import Bounded

from .handlers import assessment, builtins, errors, knowledge, launch
from .handlers.base import InOrder
from .handlers.coach import Coach
from .handlers.preferences import Disabled, ForgetMe, Prefer
from .handlers.reminder import Agreed, Allowed, Cancel, List, Remind, Timed
from .unread import unread

# They stand in the order in which they are asked: danger first, whatever the intent.
_HANDLERS = (
    errors.SessionEnded(),
    Disabled(),
    Allowed(),
    errors.NoConversation(),
    assessment.Danger(),
    launch.Launch(),
    builtins.Leave(),
    builtins.StartOver(),
    builtins.Help(),
    Coach(),
    builtins.Repeat(),
    knowledge.Resume(),
    knowledge.Source(),
    assessment.Answered(),
    Prefer(),
    ForgetMe(),
    Remind(),
    Agreed(),
    Timed(),
    List(),
    Cancel(),
    knowledge.Why(),
    knowledge.JustAsking(),
    knowledge.OutOfScope(),
    knowledge.Remedy(),
    knowledge.Topic(),
    knowledge.More(),
    assessment.Offered(),
    builtins.Steps(),
    builtins.Wait(),
    builtins.NoStretch(),
    assessment.Tell(),
    builtins.Lost(),
)


def build_skill(skill_id: str | None = None, *, store: AbstractPersistenceAdapter | None = None) -> CustomSkill:
    """The skill both doors hold; build it once. With `skill_id`, a request for another skill is refused.

    `store` keeps preferences from session to session, however it behaves: it is bounded here. Without one, they hold
    for a session.
    """
    bounded = None if store is None else Bounded(store)
    builder = CustomSkillBuilder(persistence_adapter=bounded)  # type: ignore[arg-type]  # the kit takes None
    builder.skill_id = skill_id  # type: ignore[assignment]  # the kit declares it as None
    builder.add_request_handler(InOrder(*_HANDLERS))
    builder.add_exception_handler(errors.Sorry())
    return builder.create()


__all__ = ["build_skill", "unread"]
