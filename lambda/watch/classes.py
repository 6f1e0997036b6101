"""What class a request is of. A closed list, and coarse: whether somebody told of danger must not show in a log.

So everything that tells about a complaint is one class, "answer", from "yes" to "I have chest pain".
"""

from __future__ import annotations

from typing import Any

_INTENTS = {
    "answer": "CheckCrampIntent DescribeIntent DangerIntent ProgressIntent DontKnowIntent WhatToDoIntent "
    "AMAZON.YesIntent AMAZON.NoIntent",
    "question": "DifferenceIntent WhatIsCrampIntent WhatIsSpasmIntent WhatIsStrainIntent WhatIsStitchIntent "
    "SorenessIntent NightCrampIntent CauseIntent HowLongItLastsIntent PreventIntent DoctorIntent RemedyIntent "
    "TellMeMoreIntent JustAskingIntent WhyIntent SourceIntent OutOfScopeIntent",
    "navigation": "ResumeIntent ThanksIntent CoachIntent ReadyIntent DoneIntent OtherSideIntent HowMuchMoreIntent "
    "AMAZON.HelpIntent AMAZON.RepeatIntent AMAZON.NextIntent AMAZON.PreviousIntent AMAZON.PauseIntent "
    "AMAZON.StartOverIntent AMAZON.StopIntent AMAZON.CancelIntent AMAZON.NavigateHomeIntent",
    "wish": "PreferIntent ForgetMeIntent ReminderIntent ReminderTimeIntent ListRemindersIntent CancelReminderIntent",
    "fallback": "AMAZON.FallbackIntent",
}
BY_INTENT = {intent: class_ for class_, intents in _INTENTS.items() for intent in intents.split()}
_BY_TYPE = {
    "LaunchRequest": "launch",
    "Connections.Response": "wish",  # the answer to Alexa's question for the permission of reminders
    "Alexa.Presentation.APL.UserEvent": "navigation",
    "Alexa.Presentation.APL.RuntimeError": "error",
    "System.ExceptionEncountered": "error",
}
TURNS = frozenset({"launch", *_INTENTS})  # somebody waits for an answer
CLASSES = TURNS | {"end", "event", "error", "other"}


def class_of(event: Any) -> str:
    """One of CLASSES, whatever the request holds; "error" where Alexa or a screen tells us of one."""
    request = event.get("request") if isinstance(event, dict) else None
    if not isinstance(request, dict) or not isinstance(kind := request.get("type"), str):
        return "other"
    if kind == "IntentRequest":
        intent = request.get("intent")
        name = intent.get("name") if isinstance(intent, dict) else None
        return BY_INTENT.get(name, "other") if isinstance(name, str) else "other"
    if kind == "SessionEndedRequest":
        return "error" if request.get("reason") == "ERROR" else "end"
    if kind.startswith("AlexaSkillEvent."):
        return "event"
    return _BY_TYPE.get(kind, "other")
