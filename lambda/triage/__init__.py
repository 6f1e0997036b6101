"""DECIDES. Findings in; the next question, or an assessment, out. Pure: the same findings always give the same step.

Knows the compiled clinical content. Must never know a language, a clock, Alexa, Flask, or who is asking.
"""

from .answers import Answer, Reply, put, settle
from .asked import best_tested, cautions, fitting, subject
from .engine import (
    MAX_QUESTIONS,
    assess,
    danger,
    next_step,
    remedy_for,
    safety_families,
    safety_family_of,
    safety_question,
    steps_of,
    worse,
)
from .knowledge import Knowledge, load
from .model import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    URGENCY,
    Assessment,
    Disposition,
    Episode,
    Findings,
    Form,
    Question,
    Reminder,
    Site,
    Value,
    merge,
    most_urgent,
)
from .stretches import Stretch, forbidding, is_cleared, stretch_for

__all__ = [
    "ABSENT",
    "MAX_QUESTIONS",
    "PRESENT",
    "UNKNOWN",
    "URGENCY",
    "Answer",
    "Assessment",
    "Disposition",
    "Episode",
    "Findings",
    "Form",
    "Knowledge",
    "Question",
    "Reminder",
    "Reply",
    "Site",
    "Stretch",
    "Value",
    "assess",
    "best_tested",
    "cautions",
    "danger",
    "fitting",
    "forbidding",
    "is_cleared",
    "load",
    "merge",
    "most_urgent",
    "next_step",
    "put",
    "remedy_for",
    "safety_families",
    "safety_family_of",
    "safety_question",
    "settle",
    "steps_of",
    "stretch_for",
    "subject",
    "worse",
]
