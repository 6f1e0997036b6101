"""HEARS AND REPLIES. The only room in the bundle that knows Alexa: requests to findings, steps to responses.

Asks `triage` what to do and `speech` for the words; decides no medical question and writes no sentence itself.
"""

from __future__ import annotations

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_core.skill import CustomSkill
from ask_sdk_core.skill_builder import CustomSkillBuilder

from store import Bounded

from .handlers import assessment, errors, launch
from .handlers.base import InOrder, Later
from .hearing import ear
from .turn import knowledge
from .unread import unread

# They stand in the order in which they are asked: danger first, whatever the intent. What a first complaint does not
# need comes later, when it is asked for.
_HANDLERS = (
    errors.SessionEnded(),
    Later("preferences.Disabled", may=lambda turn: turn.type == "AlexaSkillEvent.SkillDisabled"),
    Later("reminder.Allowed", may=lambda turn: bool(turn.caller.outcome)),
    errors.NoConversation(),
    assessment.Danger(),
    launch.Launch(),
    Later("builtins.Leave", "AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent", "ThanksIntent"),
    Later("builtins.StartOver", "AMAZON.StartOverIntent"),
    Later("builtins.Help", "AMAZON.HelpIntent"),
    Later("coach.Coach", "CoachIntent", may=lambda turn: turn.state.may_stretch),
    Later("builtins.Repeat", "AMAZON.RepeatIntent"),
    Later("knowledge.Resume", "ResumeIntent"),
    Later("knowledge.Source", "SourceIntent"),
    assessment.Answered(),
    Later("preferences.Prefer", "PreferIntent"),
    Later("preferences.ForgetMe", "ForgetMeIntent"),
    Later("reminder.Remind", "ReminderIntent"),
    Later("reminder.Agreed", may=lambda turn: turn.state.is_reminding),
    Later("reminder.Timed", "ReminderTimeIntent"),
    Later("reminder.List", "ListRemindersIntent"),
    Later("reminder.Cancel", "CancelReminderIntent"),
    Later("knowledge.Why", "WhyIntent"),
    Later("knowledge.JustAsking", "JustAskingIntent"),
    Later("knowledge.OutOfScope", "OutOfScopeIntent", may=lambda turn: "belly_cramps" in turn.heard.findings),
    Later("knowledge.Remedy", "RemedyIntent"),
    Later(
        "knowledge.Topic",
        *("DifferenceIntent", "WhatIsCrampIntent", "WhatIsSpasmIntent", "WhatIsStrainIntent", "WhatIsStitchIntent"),
        *("SorenessIntent", "NightCrampIntent", "CauseIntent", "HowLongItLastsIntent", "PreventIntent", "DoctorIntent"),
    ),
    Later("knowledge.More", "TellMeMoreIntent"),
    assessment.Offered(),
    Later("builtins.Steps", "AMAZON.NextIntent", "AMAZON.PreviousIntent", "ReadyIntent", "DoneIntent"),
    Later("builtins.Wait", "AMAZON.PauseIntent"),
    Later("builtins.NoStretch", "OtherSideIntent", "HowMuchMoreIntent"),
    assessment.Tell(),
    Later("builtins.Lost", may=lambda turn: True),
)


def build_skill(skill_id: str | None = None, *, store: AbstractPersistenceAdapter | None = None) -> CustomSkill:
    """The skill both doors hold; build it once. With `skill_id`, a request for another skill is refused.

    `store` keeps preferences from session to session, however it behaves: it is bounded here. Without one, they hold
    for a session.
    """
    knowledge(), ear("en")  # every turn needs them: the first one finds them read
    bounded = None if store is None else Bounded(store)
    builder = CustomSkillBuilder(persistence_adapter=bounded)  # type: ignore[arg-type]  # the kit takes None
    builder.skill_id = skill_id  # type: ignore[assignment]  # the kit declares it as None
    skill = builder.create()
    skill.request_dispatcher = InOrder(*_HANDLERS, sorry=errors.Sorry())  # type: ignore[assignment]  # any will do
    return skill


__all__ = ["build_skill", "unread"]
