"""`make evaluate`: plays the patient stories and utterances of tests/, and random walks, and scores what came of them.

They are the project's own. Their wording was at hand while the phrases were written, so the scores are those of
development wording; words that nobody here has seen will score lower.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from .score import HEAD, Share, mean_interval, share
from .stories import POSITIONS, STORIES, Outcome, missed, play, stories, transcript, urgency
from .utterances import UTTERANCES, Hearing, listen, utterances
from .walk.promises import PROMISES
from .walk.run import Walk, counted, numbered, played, table
from .yamlfile import ContentError

WALKS = 300  # random conversations beside our own stories; `make walk` plays many more

Item = TypeVar("Item")
Result = TypeVar("Result")

# The flags of the clinical reference, by what they are about.
FLAG_GROUPS = {
    "heart, lungs, great vessels": ("F01", "F02", "F03", "F04"),
    "heat, water, hard effort": ("F05", "F06", "F07", "F08", "F36"),
    "limb: blood, pressure, injury": ("F09", "F10", "F30", "F31", "F33", "F39", "F40"),
    "spine and accidents": ("F11", "F21", "F37"),
    "brain, nerves, neck, temples": ("F12", "F13", "F14", "F34", "F41"),
    "jaw, poisons, medicines, collapse": ("F15", "F16", "F17", "F18", "F22", "F23", "F32"),
    "salts and kidneys": ("F19", "F35", "F38", "F43"),
    "belly and groin": ("F24", "F25", "F26"),
    "skin and muscle infection": ("F20", "F42"),
    "a crisis": ("CRISIS",),
}


def shares(outcomes: Sequence[Outcome]) -> list[Share]:
    """The score table of stories, without the questions."""

    def expected(*levels: str) -> list[Outcome]:
        return [outcome for outcome in outcomes if outcome.story.disposition in levels]

    levelled = [outcome for outcome in outcomes if outcome.story.floor >= 0]
    judged = [outcome for outcome in outcomes if outcome.story.condition is not None]
    return [
        share("EMERGENCY reached", expected("EMERGENCY"), lambda o: o.disposition == "EMERGENCY"),
        share("URGENT reached, or above", expected("URGENT"), lambda o: urgency(o.disposition) >= 2),
        share("at or above the right level", levelled, lambda o: o.is_safe),
        share("self-care kept as self-care", expected("SELF_CARE"), lambda o: o.disposition == "SELF_CARE"),
        share("harmless, told URGENT or EMERGENCY (*)", expected("SELF_CARE"), lambda o: urgency(o.disposition) >= 2),
        share("exactly the expected level", outcomes, lambda o: o.is_exact),
        share("a level the story accepts", outcomes, lambda o: o.is_accepted),
        share("condition as expected", judged, lambda o: o.is_condition_right),
        share("within its questions", outcomes, lambda o: o.asks_enough),
    ]


def danger_shares(outcomes: Sequence[Outcome]) -> list[Share]:
    """The stories with a sign of danger that end at or above their level: by where, by whom and of what it is said."""
    danger = [outcome for outcome in outcomes if outcome.story.flag]

    def reached(name: str, chosen: Sequence[Outcome]) -> Share:
        return share(name, chosen, lambda o: o.is_safe)

    return [
        *(reached(f"said in the {place}", [o for o in danger if o.story.position == place]) for place in POSITIONS),
        reached("said of somebody else", [o for o in danger if o.story.speaker == "other"]),
        reached("talked down", [o for o in danger if o.story.wording == "minimised"]),
        *(reached(name, [o for o in danger if o.story.flag in ids]) for name, ids in FLAG_GROUPS.items()),
    ]


def utterance_shares(hearings: Sequence[Hearing]) -> list[Share]:
    """The score table of single utterances."""

    def some(key: str) -> list[Hearing]:
        return [hearing for hearing in hearings if getattr(hearing.utterance, key)]

    danger = some("level_min")
    first, answers = ([h for h in danger if bool(h.utterance.after) == later] for later in (False, True))
    emergencies = [h for h in danger if h.utterance.level_min == "EMERGENCY"]
    elsewhere = [h for h in hearings if h.utterance.act == "out_of_scope"]
    return [
        share("act understood", hearings, lambda h: h.is_act_right),
        share("site", some("site"), lambda h: h.is_site_right),
        share("side", some("side"), lambda h: h.is_side_right),
        share("danger sentences recognised", danger, lambda h: h.is_recognised),
        share("  as the first sentence", first, lambda h: h.is_recognised),
        share("  as an answer", answers, lambda h: h.is_recognised),
        share("  emergencies only", emergencies, lambda h: h.is_recognised),
        share("out of scope turned away", elsewhere, lambda h: h.level == "OUT_OF_SCOPE"),
        share("harmless alarmed (*)", some("level_max"), lambda h: h.is_alarmed),
    ]


def questions_asked(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """How many different questions of triage were asked: mean with its 95 % interval, median, most."""
    asked = [len(outcome.questions) for outcome in outcomes]
    mean = statistics.fmean(asked)
    low, high = mean_interval(mean, statistics.stdev(asked) if len(asked) > 1 else 0.0, len(asked))
    return {
        "n": len(asked),
        "mean": mean,
        "low": low,
        "high": high,
        "median": statistics.median(asked),
        "most": max(asked),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.evaluate", description=__doc__)
    parser.add_argument("--stories", type=Path, metavar="PATH", help="play these stories alone: a file, or a folder")
    parser.add_argument("--utterances", type=Path, metavar="PATH", help="say these utterances alone")
    parser.add_argument("--walks", type=int, metavar="N", help=f"random conversations; {WALKS} beside our own stories")
    parser.add_argument("--misses", action="store_true", help="show the conversations that went wrong")
    parser.add_argument("--json", action="store_true", help="print data, for machines")
    parser.add_argument("--strict", action="store_true", help="exit with status 1 when an EMERGENCY was missed")
    chosen = parser.parse_args(arguments)
    both = chosen.stories is None and chosen.utterances is None
    try:
        told = stories(chosen.stories or STORIES) if both or chosen.stories else []
        said = utterances(chosen.utterances or UTTERANCES) if both or chosen.utterances else []
        outcomes = list(_counting(play, told, "stories"))
        hearings = list(_counting(listen, said, "utterances"))
    except ContentError as error:
        print(error, file=sys.stderr)
        return 2
    count = chosen.walks if chosen.walks is not None else WALKS if both else 0
    walks = list(played(numbered("evaluate", count)))
    print(_data(outcomes, hearings, walks) if chosen.json else _report(outcomes, hearings, walks, misses=chosen.misses))
    lost = any(o.story.disposition == "EMERGENCY" != o.disposition for o in outcomes)
    return 1 if chosen.strict and lost else 0


def _counting(each: Callable[[Item], Result], items: Sequence[Item], what: str) -> Iterator[Result]:
    shows = sys.stderr.isatty()
    for number, item in enumerate(items, 1):
        if shows:
            print(f"\r{number} of {len(items)} {what}", end="", file=sys.stderr, flush=True)
        yield each(item)
    if shows:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _report(outcomes: Sequence[Outcome], hearings: Sequence[Hearing], walks: Sequence[Walk], *, misses: bool) -> str:
    lines = [
        "Played through the simulated speaker, which only approximates what Alexa hears.",
        "The wording is the project's own: development wording, not unseen wording, which would score lower.",
        "(*): less is better.",
    ]
    if outcomes:
        lines += ["", f"{len(outcomes)} patient stories", HEAD, *(line.line for line in shares(outcomes))]
        asked = questions_asked(outcomes)
        span = f"{asked['low']:7.2f} - {asked['high']:7.2f}"
        lines.append(f"{'questions asked, on average':42}{asked['mean']:8.2f}  {span}  {asked['n']:4}")
        lines.append(f"{'':42}median {asked['median']:g}, most {asked['most']}")
        lines += ["", "danger that ends at or above its level", HEAD]
        lines += [line.line for line in danger_shares(outcomes) if line.n]
    if hearings:
        lines += ["", f"{len(hearings)} single utterances", HEAD, *(line.line for line in utterance_shares(hearings))]
    if walks:
        lines += ["", f"{len(walks)} random conversations; for ten thousand: make walk", *table(walks)]
    if outcomes:
        lines += _wrong_stories(outcomes, misses=misses)
    if hearings:
        lines += _wrong_utterances(hearings, misses=misses)
    return "\n".join(lines)


def _wrong_stories(outcomes: Sequence[Outcome], *, misses: bool) -> list[str]:
    wrong = sorted(
        ((outcome, missed(outcome)) for outcome in outcomes if missed(outcome)),
        key=lambda pair: (pair[0].is_safe, pair[0].is_accepted, -pair[0].story.floor),
    )
    lines = ["", f"{len(wrong)} stories went another way than expected" + (":" if wrong else ".")]
    for outcome, problems in wrong:
        lines.append(f"  {outcome.story.id}: {'; '.join(problems)}")
        if misses:
            lines += ["", textwrap.indent(transcript(outcome), "    "), ""]
    if wrong and not misses:
        lines.append("To read these conversations: python -m tools.evaluate --misses")
    return lines


def _wrong_utterances(hearings: Sequence[Hearing], *, misses: bool) -> list[str]:
    wrong = [hearing for hearing in hearings if hearing.wrong]
    lines = ["", f"{len(wrong)} utterances were heard in another way than expected" + (":" if wrong else ".")]
    for hearing in wrong:
        before = f" (after {' / '.join(hearing.utterance.after)!r})" if hearing.utterance.after else ""
        lines.append(f"  {hearing.utterance.say!r}{before}: {'; '.join(hearing.wrong)}")
        if misses:
            heard = hearing.reply["heard"]
            lines.append(f"    heard {heard['intent']}: {heard['findings'] or 'no findings'}")
    return lines


def _data(outcomes: Sequence[Outcome], hearings: Sequence[Hearing], walks: Sequence[Walk]) -> str:
    data: dict[str, Any] = {"wording": "development"}
    if outcomes:
        data["scores"] = _scores(shares(outcomes))
        data["danger"] = _scores(danger_shares(outcomes))
        data["questions"] = questions_asked(outcomes)
        data["stories"] = [
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
    if hearings:
        data["utterance_scores"] = _scores(utterance_shares(hearings))
        data["utterances"] = [
            {
                "say": hearing.utterance.say,
                "after": list(hearing.utterance.after),
                "level": hearing.level,
                "wrong": hearing.wrong,
            }
            for hearing in hearings
        ]
    if walks:
        tested, broken = counted(walks)
        data["walks"] = {id_: {"broken": broken[id_], "n": tested[id_]} for id_ in PROMISES if tested[id_]}
    return json.dumps(data, indent=2)


def _scores(table: Sequence[Share]) -> dict[str, dict[str, float]]:
    return {
        line.name.strip(): {"hits": line.hits, "n": line.n, "low": line.interval[0], "high": line.interval[1]}
        for line in table
    }


if __name__ == "__main__":
    raise SystemExit(main())
