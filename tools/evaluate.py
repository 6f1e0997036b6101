"""`make evaluate`: plays the patient stories of tests/stories through the simulated speaker, and scores the outcomes.

The stories are the project's own. Their wording was at hand while the phrases were written, so the scores are those of
development wording; words that nobody here has seen will score lower.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import statistics
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from server.conversation import Device

from .shares import Share, Z
from .walk.promises import PROMISES
from .walk.run import Walk, counted, numbered, played, table
from .yamlfile import ROOT, ContentError, read

STORIES = ROOT / "tests" / "stories"

LEVELS = ("SELF_CARE", "ROUTINE", "URGENT", "EMERGENCY")  # in order of urgency
ASIDE = ("OUT_OF_SCOPE", "INFO")
CONDITIONS = ("cramp", "spasm", "strain", "doms", "stitch", "other", "unclear")
MOST_QUESTIONS = 3

# What a person answers from. `which_one` answers a question that is put a second time, `other` an invitation to talk.
ANSWERS = ("where", "safety", "which_one", "nature", "how_long", "breathing", "other")
DONT_KNOW = "I don't know"

WALKS = 300  # random conversations beside the stories; `make walk` plays many more

_KEYS = {"id", "title", "opening", "answers", "later", "expect", "source"}
_EXPECTED = {"disposition", "accept", "condition", "questions_at_most"}
_NEEDED = ("id", "title", "opening", "expect", "source")
_LONGEST = 14  # turns; a conversation that is still open then goes in circles


class Story(NamedTuple):
    """A patient story: what a person says, what they would answer, and where it has to end."""

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

    @property
    def floor(self) -> int:
        """The lowest level of urgency that is safe for this story; -1 where there is none."""
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
        return self.story.floor < 0 or _urgency(self.disposition) >= self.story.floor

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


def stories(path: Path = STORIES) -> list[Story]:
    """The stories of a file, or of all files in a folder. Raises ContentError, in one line, for anything odd."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ContentError(path, "", "holds no stories", "name a YAML file, or a folder of them")
    told: dict[str, Story] = {}
    for file in files:
        entries = read(file, text=True)
        if not isinstance(entries, list):
            raise ContentError(file, "", "is not a list of stories", "begin each story with '- id:'")
        for number, entry in enumerate(entries, 1):
            story = _story(file, number, entry)
            if story.id in told:
                raise ContentError(file, story.id, "is the id of another story too", "give each story its own id")
            told[story.id] = story
    return list(told.values())


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


def shares(outcomes: Sequence[Outcome]) -> list[Share]:
    """The score table, without the questions."""

    def expected(*levels: str) -> list[Outcome]:
        return [outcome for outcome in outcomes if outcome.story.disposition in levels]

    emergencies, urgent, self_care = expected("EMERGENCY"), expected("URGENT"), expected("SELF_CARE")
    levelled = [outcome for outcome in outcomes if outcome.story.floor >= 0]
    judged = [outcome for outcome in outcomes if outcome.story.condition is not None]
    return [
        Share("EMERGENCY reached", sum(o.disposition == "EMERGENCY" for o in emergencies), len(emergencies)),
        Share("URGENT reached, or above", sum(_urgency(o.disposition) >= 2 for o in urgent), len(urgent)),
        Share("at or above the right level", sum(o.is_safe for o in levelled), len(levelled)),
        Share("self-care kept as self-care", sum(o.disposition == "SELF_CARE" for o in self_care), len(self_care)),
        Share("exactly the expected level", sum(o.is_exact for o in outcomes), len(outcomes)),
        Share("a level the story accepts", sum(o.is_accepted for o in outcomes), len(outcomes)),
        Share("condition as expected", sum(o.is_condition_right for o in judged), len(judged)),
        Share("within its questions", sum(_asks_enough(o) for o in outcomes), len(outcomes)),
    ]


def questions_asked(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """How many different questions of triage were asked: mean with its 95 % interval, median, most."""
    asked = [len(outcome.questions) for outcome in outcomes]
    mean = statistics.fmean(asked)
    half = Z * statistics.stdev(asked) / math.sqrt(len(asked)) if len(asked) > 1 else 0.0
    return {
        "n": len(asked),
        "mean": mean,
        "low": mean - half,
        "high": mean + half,
        "median": statistics.median(asked),
        "most": max(asked),
    }


def missed(outcome: Outcome) -> list[str]:
    """What is wrong with an outcome, in words; empty when all is well."""
    story = outcome.story
    wrong = []
    if not outcome.is_accepted:
        way = "" if outcome.is_safe else ", TOO LOW"
        wrong.append(f"expected {story.disposition}, got {outcome.disposition or 'nothing'}{way}")
    if story.condition is not None and not outcome.is_condition_right:
        wrong.append(f"expected {story.condition}, got {outcome.condition or 'no condition'}")
    if not _asks_enough(outcome):
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


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate", description=__doc__)
    parser.add_argument("--stories", type=Path, default=STORIES, metavar="PATH", help="a file or folder of stories")
    parser.add_argument("--walks", type=int, metavar="N", help=f"random conversations; {WALKS} beside our own stories")
    parser.add_argument("--misses", action="store_true", help="show the conversations that went wrong")
    parser.add_argument("--json", action="store_true", help="print data, for machines")
    parser.add_argument("--strict", action="store_true", help="exit with status 1 when an EMERGENCY was missed")
    chosen = parser.parse_args(arguments)
    try:
        outcomes = _play_all(stories(chosen.stories))
    except ContentError as error:
        print(error, file=sys.stderr)
        return 2
    ours = chosen.stories == STORIES
    count = chosen.walks if chosen.walks is not None else WALKS if ours else 0
    walks = list(played(numbered("evaluate", count)))
    print(_data(outcomes, walks) if chosen.json else _report(outcomes, walks, misses=chosen.misses))
    lost = any(o.story.disposition == "EMERGENCY" != o.disposition for o in outcomes)
    return 1 if chosen.strict and lost else 0


def _play_all(told: Sequence[Story]) -> list[Outcome]:
    outcomes = []
    shows = sys.stderr.isatty()
    for number, story in enumerate(told, 1):
        if shows:
            print(f"\r{number} of {len(told)} stories", end="", file=sys.stderr, flush=True)
        outcomes.append(play(story))
    if shows:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return outcomes


def _report(outcomes: Sequence[Outcome], walks: Sequence[Walk], *, misses: bool) -> str:
    lines = [
        f"{len(outcomes)} patient stories, played through the simulated speaker.",
        "They are the project's own stories: development wording, not unseen wording, which would score lower.",
        "The simulated speaker only approximates what Alexa hears.",
        "",
        f"{'':30}{'share':>8}  {'95 % interval':^17}  {'n':>4}",
    ]
    for share in shares(outcomes):
        low, high = share.interval
        figure = f"{share.hits / share.n:8.1%}  {low:7.1%} - {high:7.1%}" if share.n else f"{'-':>8}{'':19}"
        lines.append(f"{share.name:30}{figure}  {share.n:4}")
    asked = questions_asked(outcomes)
    span = f"{asked['low']:7.2f} - {asked['high']:7.2f}"
    lines.append(f"{'questions asked, on average':30}{asked['mean']:8.2f}  {span}  {asked['n']:4}")
    lines.append(f"{'':30}median {asked['median']:g}, most {asked['most']}")
    wrong = sorted(
        ((outcome, missed(outcome)) for outcome in outcomes if missed(outcome)),
        key=lambda pair: (pair[0].is_safe, pair[0].is_accepted, -pair[0].story.floor),
    )
    lines += ["", f"{len(wrong)} stories went another way than expected" + (":" if wrong else ".")]
    for outcome, problems in wrong:
        lines.append(f"  {outcome.story.id}: {'; '.join(problems)}")
        if misses:
            lines += ["", textwrap.indent(transcript(outcome), "    "), ""]
    if wrong and not misses:
        lines.append("To read these conversations: python -m tools.evaluate --misses")
    if walks:
        lines += ["", f"{len(walks)} random conversations; for ten thousand: make walk", *table(walks)]
    return "\n".join(lines)


def _data(outcomes: Sequence[Outcome], walks: Sequence[Walk]) -> str:
    scores = {
        share.name: {"hits": share.hits, "n": share.n, "low": share.interval[0], "high": share.interval[1]}
        for share in shares(outcomes)
    }
    told = [
        {
            "id": outcome.story.id,
            "expected": outcome.story.disposition,
            "disposition": outcome.disposition,
            "condition": outcome.condition,
            "questions": list(outcome.questions),
            "wrong": missed(outcome),
        }
        for outcome in outcomes
    ]
    data: dict[str, Any] = {
        "wording": "development",
        "scores": scores,
        "questions": questions_asked(outcomes),
        "stories": told,
    }
    tested, broken = counted(walks)
    data["walks"] = {id_: {"broken": broken[id_], "n": tested[id_]} for id_ in PROMISES if tested[id_]}
    return json.dumps(data, indent=2)


def _urgency(level: str | None) -> int:
    return LEVELS.index(level) if level in LEVELS else -1


def _asks_enough(outcome: Outcome) -> bool:
    return len(outcome.questions) <= outcome.story.questions_at_most


def _outcome(replies: Iterable[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """The highest level that was told, the last time that it was; an aside counts where there is nothing else."""
    told = [reply["assessment"] for reply in replies if reply["assessment"]]
    if not told:
        return None, None
    top = max(told, key=lambda assessment: _urgency(assessment["disposition"]))["disposition"]
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


def _story(file: Path, number: int, entry: object) -> Story:
    if not isinstance(entry, Mapping):
        raise ContentError(file, f"story {number}", "is not a story", "begin it with '- id:'")
    id_ = str(entry.get("id") or f"story {number}")
    _refuse_unknown(file, id_, entry, _KEYS)
    for key in _NEEDED:
        if not entry.get(key):
            raise ContentError(file, id_, f"has no {key}", "every story needs one")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_):
        raise ContentError(file, id_, "is no id", "use small letters, digits and single hyphens")
    answers, expect = entry.get("answers") or {}, entry["expect"]
    if not isinstance(answers, Mapping) or not isinstance(expect, Mapping):
        raise ContentError(file, id_, "answers and expect must be mappings", "write them as 'key: value' lines")
    _refuse_unknown(file, id_, answers, set(ANSWERS))
    _refuse_unknown(file, id_, expect, _EXPECTED)
    disposition = str(expect.get("disposition"))
    accept = frozenset([disposition, *_texts(file, id_, "accept", expect.get("accept", []))])
    condition = expect.get("condition")
    most = expect.get("questions_at_most", str(MOST_QUESTIONS))
    for given, known in ((accept, (*LEVELS, *ASIDE)), ({condition or "other"}, CONDITIONS)):
        for value in sorted(given):
            if value not in known:
                raise ContentError(file, id_, f"expects {value!r}", f"use one of {', '.join(known)}")
    if most not in {"0", "1", "2", "3"}:
        raise ContentError(file, id_, f"questions_at_most is {most!r}", "use 0, 1, 2 or 3")
    return Story(
        id_,
        str(entry["title"]),
        str(entry["opening"]),
        {key: _texts(file, id_, key, value) for key, value in answers.items()},
        _texts(file, id_, "later", entry.get("later", [])),
        disposition,
        accept,
        condition,
        int(most),
        str(entry["source"]),
    )


def _refuse_unknown(file: Path, id_: str, given: Mapping[str, Any], known: set[str]) -> None:
    for key in given:
        if key not in known:
            raise ContentError(file, id_, f"has the unknown key {key!r}", f"use {', '.join(sorted(known))}")


def _texts(file: Path, id_: str, key: str, value: object) -> tuple[str, ...]:
    """One text, or a list of them."""
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise ContentError(file, id_, f"{key} is empty or no text", "write what the person says, or leave the key out")
    return tuple(texts)


if __name__ == "__main__":
    raise SystemExit(main())
