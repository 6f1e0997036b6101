"""The patient stories of tests/stories: reads them, and plays them to the simulated speaker."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from server.conversation import COMPILED, Device

from .yamlfile import ROOT, ContentError, read

STORIES = ROOT / "tests" / "stories"

LEVELS = ("SELF_CARE", "ROUTINE", "URGENT", "EMERGENCY")  # in order of urgency
ASIDE = ("OUT_OF_SCOPE", "INFO")
CONDITIONS = ("cramp", "spasm", "strain", "doms", "stitch", "other", "unclear")
MOST_QUESTIONS = 3

# Where in a story the sign of danger is said: in the first sentence; as an answer to the question about danger; beside
# another matter, after the advice or in another answer; with or after a question of knowledge.
POSITIONS = ("opening", "answer", "aside", "topic")
# minimised: somebody talks the sign down ("my coach says it's nothing"). worried: harmless, and sounds dreadful.
WORDINGS = ("minimised", "worried")
SPEAKERS = ("self", "other")

# What a person answers from. `which_one` answers a question that is put a second time, `other` an invitation to talk.
ANSWERS = ("where", "safety", "which_one", "nature", "how_long", "breathing", "other")
DONT_KNOW = "I don't know"

_KEYS = {
    *("id", "title", "opening", "answers", "later", "expect", "source"),
    *("sign", "speaker", "wording", "site", "threshold"),
}
_EXPECTED = {"disposition", "accept", "condition", "questions_at_most"}
_NEEDED = ("id", "title", "opening", "expect", "source")
_LONGEST = 14  # turns; a conversation that is still open then goes in circles


class Threshold(NamedTuple):
    """The limit a story stands beside: the rule or finding, and the side, or the minutes where the rule counts them."""

    of: str
    side: str
    minutes: int | None


class Story(NamedTuple):
    """A patient story: what a person says, what they would answer, and where it has to end.

    `flag` and `position`: the sign of danger it is about, and where it is said; "" where it is about none.
    """

    id: str
    title: str
    opening: str
    answers: Mapping[str, Sequence[str]]
    later: Sequence[str]
    disposition: str
    accept: frozenset[str]
    condition: str | None
    questions_at_most: int
    source: str
    flag: str = ""
    position: str = ""
    speaker: str = "self"
    wording: str = ""
    site: str = ""
    threshold: Threshold | None = None

    @property
    def floor(self) -> int:
        """The lowest level of urgency that is safe for this story; -1 where it is no complaint of a muscle."""
        if self.disposition not in LEVELS:
            return -1
        return min((LEVELS.index(level) for level in self.accept if level in LEVELS), default=-1)


class Outcome(NamedTuple):
    """How a story went. `disposition` and `condition` are None when nothing was told."""

    story: Story
    turns: Sequence[tuple[str, Mapping[str, Any]]]  # what was said, and the reply to it
    disposition: str | None
    condition: str | None
    questions: Sequence[str]  # ids, in the order in which they were first asked

    @property
    def is_safe(self) -> bool:
        """At or above the lowest level the story accepts; always so where the story is no complaint of a muscle."""
        return self.story.floor < 0 or urgency(self.disposition) >= self.story.floor

    @property
    def is_exact(self) -> bool:
        """Just the level that was expected."""
        return self.disposition == self.story.disposition

    @property
    def is_accepted(self) -> bool:
        """A level with which reasonable clinicians would agree."""
        return self.disposition in self.story.accept

    @property
    def is_condition_right(self) -> bool:
        """Beside an emergency, an urgent case or no case at all, "other" and "unclear" are equally right."""
        alike = {"other", "unclear"} if self.story.disposition not in {"ROUTINE", "SELF_CARE"} else set()
        return self.condition == self.story.condition or {self.condition, self.story.condition} <= alike

    @property
    def asks_enough(self) -> bool:
        """Not more questions than the story allows."""
        return len(self.questions) <= self.story.questions_at_most


def urgency(level: str | None) -> int:
    """The place of a level in LEVELS; -1 for none, and for what is no level of urgency."""
    return LEVELS.index(level) if level in LEVELS else -1


@cache
def content() -> Mapping[str, Any]:
    """The compiled clinical content: the ids that stories and utterances may name."""
    known: Mapping[str, Any] = json.loads((COMPILED / "triage.json").read_text("utf-8"))
    return known


def stories(path: Path = STORIES) -> list[Story]:
    """The stories of a file, or of all files in a folder. Raises ContentError, in one line, for anything odd."""
    told: dict[str, Story] = {}
    for file, number, entry in entries(path, "stories", "- id:"):
        story = _story(file, number, entry)
        if story.id in told:
            raise ContentError(file, story.id, "is the id of another story too", "give each story its own id")
        told[story.id] = story
    return list(told.values())


def entries(path: Path, what: str, beginning: str) -> Iterable[tuple[Path, int, object]]:
    """The entries of a YAML file or of a folder of them, each with its file and its number from 1."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ContentError(path, "", f"holds no {what}", "name a YAML file, or a folder of them")
    for file in files:
        given = read(file, text=True)
        if not isinstance(given, list):
            raise ContentError(file, "", f"is not a list of {what}", f"begin each entry with '{beginning}'")
        for number, entry in enumerate(given, 1):
            yield file, number, entry


def play(story: Story) -> Outcome:
    """Tells a story to the speaker: opens the skill, says the opening, answers questions, adds what comes later."""
    device = Device()
    turns: list[tuple[str, Mapping[str, Any]]] = [("", device.open())]
    later = list(story.later)
    used: Counter[str] = Counter()
    said: str | None = story.opening
    while said is not None and not device.ended and len(turns) < _LONGEST:
        reply = device.say(said)
        before = turns[-1][1]["question"]
        turns.append((said, reply))
        if device.ended:
            break
        if reply["question"] is not None:
            said = _answer(story, reply["question"], used, again=reply["question"] == before)
        elif any(turn["assessment"] for _, turn in turns):
            said = later.pop(0) if later else None
        else:
            said = _next(story.answers.get("other", ()), used, "other")
    disposition, condition = _outcome(reply for _, reply in turns)
    questions = dict.fromkeys(reply["question"] for _, reply in turns if reply["question"] is not None)
    return Outcome(story, turns, disposition, condition, list(questions))


def missed(outcome: Outcome) -> list[str]:
    """What is wrong with an outcome, in words; empty when all is well."""
    story = outcome.story
    wrong = []
    if not outcome.is_accepted:
        way = "" if outcome.is_safe else ", TOO LOW"
        wrong.append(f"expected {story.disposition}, got {outcome.disposition or 'nothing'}{way}")
    if story.condition is not None and not outcome.is_condition_right:
        wrong.append(f"expected {story.condition}, got {outcome.condition or 'no condition'}")
    if not outcome.asks_enough:
        wrong.append(f"asked {len(outcome.questions)} questions, expected {story.questions_at_most} at most")
    return wrong


def transcript(outcome: Outcome) -> str:
    """The conversation of a story, as it was heard and said."""
    lines = []
    for said, reply in outcome.turns[1:]:
        heard = ", ".join(f"{id_} {value}" for id_, value in reply["heard"]["findings"].items())
        told = reply["assessment"]
        lines.append(f"U: {said}")
        lines.append(f"   heard {reply['heard']['intent']}: {heard or 'no findings'}")
        if told:
            lines.append(f"   told  {told['disposition']}, {told['condition']}: {', '.join(told['reasons'])}")
        lines.append(f"A: {reply['speech']}")
    return "\n".join(textwrap.fill(line, 110, subsequent_indent="   ") for line in lines)


def _outcome(replies: Iterable[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """The highest level that was told, the last time that it was; an aside counts where there is nothing else."""
    told = [reply["assessment"] for reply in replies if reply["assessment"]]
    if not told:
        return None, None
    top = max(told, key=lambda assessment: urgency(assessment["disposition"]))["disposition"]
    last = [assessment for assessment in told if assessment["disposition"] == top][-1]
    return str(top), str(last["condition"])


def _answer(story: Story, question: str, used: Counter[str], *, again: bool) -> str:
    """What this person answers. A key that the story does not hold is something they do not know."""
    key = "safety" if question.endswith("_safety") else question
    if again and key in {"safety", "nature"} and "which_one" in story.answers:
        key = "which_one"
    return _next(story.answers.get(key, ()), used, key) or DONT_KNOW


def _next(answers: Sequence[str], used: Counter[str], key: str) -> str | None:
    """The next answer of a list; its last one is said again, but an invitation is taken up once only."""
    at = used[key]
    used[key] += 1
    if key == "other":
        return answers[at] if at < len(answers) else None
    return answers[min(at, len(answers) - 1)] if answers else None


# ---- the reader


def _story(file: Path, number: int, entry: object) -> Story:
    if not isinstance(entry, Mapping):
        raise ContentError(file, f"story {number}", "is not a story", "begin it with '- id:'")
    id_ = str(entry.get("id") or f"story {number}")
    refuse_unknown(file, id_, entry, _KEYS)
    for key in _NEEDED:
        if not entry.get(key):
            raise ContentError(file, id_, f"has no {key}", "every story needs one")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_):
        raise ContentError(file, id_, "is no id", "use small letters, digits and single hyphens")
    answers, expect, sign = entry.get("answers") or {}, entry["expect"], entry.get("sign") or {}
    if not all(isinstance(part, Mapping) for part in (answers, expect, sign)):
        raise ContentError(file, id_, "answers, expect and sign must be mappings", "write them as 'key: value' lines")
    refuse_unknown(file, id_, answers, set(ANSWERS))
    refuse_unknown(file, id_, expect, _EXPECTED)
    refuse_unknown(file, id_, sign, {"flag", "told"})
    disposition = str(expect.get("disposition"))
    accept = frozenset([disposition, *texts(file, id_, "accept", expect.get("accept", []))])
    for level in sorted(accept):
        one_of(file, id_, "expects", level, (*LEVELS, *ASIDE))
    condition = expect.get("condition")
    if condition is not None:
        one_of(file, id_, "expects", condition, CONDITIONS)
    most = expect.get("questions_at_most", str(MOST_QUESTIONS))
    one_of(file, id_, "questions_at_most is", most, ("0", "1", "2", "3"))
    if sign:
        one_of(file, id_, "sign has the flag", sign.get("flag"), content()["flags"])
        one_of(file, id_, "sign is told in the", sign.get("told"), POSITIONS)
    if "wording" in entry:
        one_of(file, id_, "wording is", entry["wording"], WORDINGS)
    if "site" in entry:
        one_of(file, id_, "site is", entry["site"], content()["sites"])
    return Story(
        id_,
        str(entry["title"]),
        str(entry["opening"]),
        {key: texts(file, id_, key, value) for key, value in answers.items()},
        texts(file, id_, "later", entry.get("later", [])),
        disposition,
        accept,
        condition,
        int(most),
        str(entry["source"]),
        str(sign.get("flag", "")),
        str(sign.get("told", "")),
        one_of(file, id_, "speaker is", entry.get("speaker", "self"), SPEAKERS),
        str(entry.get("wording", "")),
        str(entry.get("site", "")),
        _threshold(file, id_, entry["threshold"]) if "threshold" in entry else None,
    )


def _threshold(file: Path, id_: str, given: object) -> Threshold:
    if not isinstance(given, Mapping) or set(given) not in ({"of", "minutes"}, {"of", "side"}):
        raise ContentError(file, id_, "threshold is odd", "write {of: R03, minutes: ...} or {of: R01, side: ...}")
    of = one_of(
        file, id_, "threshold is of", given["of"], [*content()["flags"], *content()["routine"], *content()["details"]]
    )
    if "side" in given:
        return Threshold(of, one_of(file, id_, "threshold has the side", given["side"], ("below", "above")), None)
    minutes = given["minutes"]
    if not (isinstance(minutes, str) and minutes.isdecimal()):
        raise ContentError(file, id_, f"threshold has {minutes!r} minutes", "write a whole number")
    return Threshold(of, "", int(minutes))


def one_of(file: Path, id_: str, what: str, value: object, known: Iterable[str]) -> str:
    """The value, when it is one of those that are known. Raises ContentError."""
    choices = list(known)
    if value not in choices:
        shown = ", ".join(choices) if len(choices) < 12 else f"{', '.join(choices[:3])} ... {choices[-1]}"
        raise ContentError(file, id_, f"{what} {value!r}", f"use one of {shown}")
    return str(value)


def refuse_unknown(file: Path, id_: str, given: Mapping[str, Any], known: set[str]) -> None:
    """Raises ContentError for a key that nobody reads."""
    for key in given:
        if key not in known:
            raise ContentError(file, id_, f"has the unknown key {key!r}", f"use {', '.join(sorted(known))}")


def texts(file: Path, id_: str, key: str, value: object) -> tuple[str, ...]:
    """One text, or a list of them. Raises ContentError for anything else."""
    given = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and text.strip() for text in given):
        raise ContentError(file, id_, f"{key} is empty or no text", "write what the person says, or leave the key out")
    return tuple(given)
