"""What a session keeps from turn to turn, as JSON in Alexa's session attributes, and nowhere else.

The attributes come back from outside: an older version of the skill, or somebody else, may have written them. What does
not fit is dropped, never trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from record import Record
from speech import Line
from triage import Assessment, Disposition, Episode, Form, Knowledge, Question, Reminder, Value, safety_family_of

from . import preferences, reminding
from .preferences import Preferences
from .reminding import Reminding

VERSION = 1
OFFERS = frozenset({"next_step", "coach", "ready", "easing", "resume", "anything_else", "check", "more", "reminder"})
_EASING = ("eased", "eases_with_stretch")  # what "is it easing?" asks
MOMENTS = frozenset({"wished", "position", "easing", "paused"})
_LONGEST = 80
_OF_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_OF_WORDS = f"{_OF_ID} ,'"  # in the blanks of a line; a mark of marks.py would be played
_MOST_BLANKS, _DEEPEST_BLANK = 8, 5


class Coaching(Record):
    """Where a coached stretch stands.

    `moment`: "wished" until it is known to be safe; "position" until the person is ready; "easing" from the hold on,
    until they say whether it helps; "paused". `held`: how many holds were begun on this side. `paused_at`: the moment
    that a pause interrupted. `switched`: whether the other side has had its turn.
    """

    moment: str
    held: int = 0
    paused_at: str = ""
    switched: bool = False

    @property
    def offer(self) -> str:
        """What is asked at this moment; "" before it has begun."""
        return {"position": "ready", "easing": "easing", "paused": "resume"}.get(self.moment, "")


class State(Record):
    """The session. `told` is the assessment of the episode; `now` the one that this very turn tells or raises."""

    episode: Episode = Episode()
    offer: str | None = None
    told: Assessment | None = None
    now: Assessment | None = None
    remedy: str = ""
    step: int = 0  # how many steps of the remedy were told
    coach: Coaching | None = None
    topic: str = ""  # the last question of knowledge, for "more"
    all_told: bool = False  # whether "more" of it was told, too
    scope: str = ""  # an out-of-scope complaint whose safety question is open
    turn: int = 0
    lost: int = 0  # turns in a row that were not understood
    lines: tuple[Line, ...] = ()  # what was said last, to say again
    preferences: Preferences | None = None  # None while nobody had to know them
    screen: bool = False  # whether a screen shows a scene, which must be taken away at the end
    reminder: Reminding = Reminding()

    @property
    def is_reminding(self) -> bool:
        """Whether the last question was about a reminder."""
        return self.offer == "reminder" and self.episode.open is None

    @property
    def may_stretch(self) -> bool:
        """Whether a turn may be about a stretch, without a wish for one: it was told, offered, or goes on."""
        return bool(self.step) or self.coach is not None or self.offer == "coach"

    @property
    def expecting(self) -> Sequence[str]:
        """The findings that are asked about now: words that only answer ("gone", "ow") mean one of these."""
        if self.episode.open is not None:
            return self.episode.open.fills
        return _EASING if self.offer == "easing" else ()

    def write(self) -> dict[str, Any]:
        """As session attributes."""
        question = self.episode.open
        return {
            "version": VERSION,
            "findings": dict(self.episode.findings),
            "asked": list(self.episode.asked),
            "clarified": list(self.episode.clarified),
            "dropped": self.episode.dropped,
            "question": None if question is None else question.id,
            "open": None if question is None else [question.family, question.form.value, list(question.fills)],
            "offer": self.offer,
            "told": _assessment_out(self.told),
            "assessment": _assessment_out(self.now),
            "remedy": self.remedy,
            "step": self.step,
            "coach": None if self.coach is None else list(self.coach),
            "topic": self.topic,
            "all_told": self.all_told,
            "scope": self.scope,
            "turn": self.turn,
            "lost": self.lost,
            "lines": [[line.id, dict(line.blanks)] for line in self.lines],
            "preferences": None if self.preferences is None else self.preferences._asdict(),
            "screen": self.screen,
            "reminder": self.reminder.write(),
        }


def read(attributes: object, knowledge: Knowledge) -> State:
    """The state in session attributes; a fresh one when they are not ours. Odd parts are dropped one by one."""
    if not isinstance(attributes, dict) or attributes.get("version") != VERSION:
        return State()
    episode = Episode(
        fitting(attributes.get("findings"), knowledge),
        _texts(attributes.get("asked")),
        _texts(attributes.get("clarified")),
        _question(attributes, knowledge),
        _count(attributes.get("dropped")),
    )
    told = {name: value for name, value in attributes.items() if name in _READERS and value != _BLANK[name]}
    return State(episode, **{name: _READERS[name](value, knowledge) for name, value in told.items()})


def fitting(given: object, knowledge: Knowledge) -> dict[str, Value]:
    """The findings that the content knows, with values that fit them."""
    findings: dict[str, Value] = {}
    for id_, value in given.items() if isinstance(given, dict) else ():
        if knowledge.is_finding(id_):
            fits = value in ("present", "absent", "unknown")
        elif not isinstance(value, (str, int)):
            fits = False
        elif id_ in {"site", "second_site"}:
            fits = value in knowledge.sites
        elif id_ == "duration_minutes":
            fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        elif id_ == "side":
            fits = value in ("left", "right", "both")
        elif id_ == "unclear_yes":
            fits = value in knowledge.safety
        else:
            fits = False
        if fits:
            findings[id_] = value
    return findings


def _question(attributes: Mapping[str, Any], knowledge: Knowledge) -> Question | None:
    id_, open_ = attributes.get("question"), attributes.get("open")
    if open_ is None:
        return None
    try:
        family, form, fills = open_
        question = Question(id_, family, Form(form), _texts(fills))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if not isinstance(id_, str) or not isinstance(family, str) or not question.fills:
        return None
    known = family in knowledge.safety or family in knowledge.questions
    if question.form == Form.NARROW:
        known = family.removeprefix("where_") in knowledge.questions["where"]["means"]
    if not known:
        return None
    if family in knowledge.safety:
        fits = safety_family_of(knowledge, id_) == family and set(question.fills) <= set(knowledge.safety[family].fills)
        return question if fits and question.form != Form.NARROW else None
    fits = id_ == ("where" if question.form == Form.NARROW else family)
    return question if fits and (question.form != Form.WHICH or family == "nature") else None


def _coaching(given: object) -> Coaching | None:
    if not isinstance(given, (list, tuple)) or len(given) != len(Coaching._fields):
        return None
    moment, held, paused_at, switched = given
    if not isinstance(moment, str) or not isinstance(paused_at, str):
        return None
    if moment not in MOMENTS or (paused_at not in {"position", "easing"} if moment == "paused" else paused_at != ""):
        return None
    return Coaching(moment, _count(held), paused_at, switched is True)


def _assessment_out(assessment: Assessment | None) -> dict[str, Any] | None:
    if assessment is None:
        return None
    return {
        "disposition": assessment.disposition.value,
        "condition": assessment.condition,
        "reasons": list(assessment.reasons),
        "remedy": assessment.remedy,
        "action": assessment.action,
        "reminder": assessment.reminder.value,
    }


def _assessment_in(given: object) -> Assessment | None:
    try:
        return Assessment(
            Disposition(given["disposition"]),  # type: ignore[index]
            _id(given["condition"]),  # type: ignore[index]
            _texts(given["reasons"]),  # type: ignore[index]
            _id(given["remedy"]),  # type: ignore[index]
            _id(given["action"]),  # type: ignore[index]
            Reminder(given["reminder"]),  # type: ignore[index]
        )
    except (TypeError, KeyError, ValueError):
        return None


def _id(given: object) -> str:
    """An id, or "". Raises ValueError for anything else."""
    if given == "" or _is_id(given):
        return str(given)
    raise ValueError("no id")


def _is_id(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and 0 < len(given) <= _LONGEST and not given.strip(_OF_ID)


def _texts(given: object) -> tuple[str, ...]:
    if not isinstance(given, (list, tuple)):
        return ()
    return tuple([text for text in given[:50] if _is_id(text)])


def _count(given: object) -> int:
    return min(given, 10_000) if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else 0


def _lines(given: object) -> tuple[Line, ...]:
    return tuple([Line(*line) for line in (given[:12] if isinstance(given, list) else ()) if _is_line(line)])


def _is_line(given: object, depth: int = 0) -> bool:
    """Whether something is a message id and its blanks, as far as shapes go; the words are the phrasebook's matter."""
    if not isinstance(given, list) or len(given) != 2 or depth > _DEEPEST_BLANK:
        return False
    id_, blanks = given
    if not _is_id(id_) or not isinstance(blanks, dict):
        return False
    return len(blanks) <= _MOST_BLANKS and all(
        _is_id(name) and _is_blank(value, depth) for name, value in blanks.items()
    )


def _is_blank(value: object, depth: int) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST and not value.strip(_OF_WORDS)
    return _is_line(value, depth + 1) or (isinstance(value, list) and len(_texts(value)) == len(value))


# Most of a session stands at its blank in most turns, and is not looked into then.
_READERS: Mapping[str, Callable[[Any, Knowledge], Any]] = {
    "offer": lambda given, _: given if isinstance(given, str) and given in OFFERS else None,
    "told": lambda given, _: _assessment_in(given),
    "remedy": lambda given, known: given if isinstance(given, str) and given in known.remedies else "",
    "step": lambda given, _: _count(given),
    "coach": lambda given, _: _coaching(given),
    "topic": lambda given, known: given if isinstance(given, str) and given in known.topics else "",
    "all_told": lambda given, _: given is True,
    "scope": lambda given, known: given if isinstance(given, str) and given in known.scope else "",
    "turn": lambda given, _: _count(given),
    "lost": lambda given, _: _count(given),
    "lines": lambda given, _: _lines(given),
    "preferences": lambda given, _: preferences.read(given),
    "screen": lambda given, _: given is True,
    "reminder": lambda given, _: reminding.read(given),
}
_BLANK = State().write()
