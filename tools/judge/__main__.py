"""`make judge`: what our recogniser and two judges that know nothing of it make of sentences in new words.

The judges learn from the deployed interaction model alone. A sentence that all three miss shows a gap in the model;
one that only our recogniser misses shows a gap in the recogniser.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from server.conversation import recognizer
from server.recognizer import Recognizer
from tools.score import Share
from tools.yamlfile import ContentError

from .samples import Sentence, deployed, training
from .score import Case, cases, is_alike, new_wording, shares, thefts
from .slots import SlotJudge
from .words import WordJudge

SENTENCES = 600  # that a judge learns of each intent


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.judge", description=__doc__)
    parser.add_argument("--misses", action="store_true", help="show every sentence that some judge misses")
    parser.add_argument("--slots", action="store_true", help="judge the slot values too (a minute more)")
    chosen = parser.parse_args(arguments)
    model = deployed()
    try:
        told = cases(model)
    except ContentError as error:
        print(error, file=sys.stderr)
        return 2
    new = new_wording(told, model)
    print(
        f"{len(new)} invented sentences that are no samples ({len(told) - len(new)} more are, and count for nothing)."
    )
    ours = recognizer("en-US")
    texts = [case.text for case in new]
    heard = {"our recogniser": [ours.recognize(text).intent for text in texts]}
    learned = training(model, SENTENCES)
    heard["judge by words"] = WordJudge(learned).hear(texts)
    meant = _by_meaning(learned, texts)
    if meant is not None:
        heard["judge by meaning"] = meant
    _print_shares(new, heard)
    _print_intents(new, heard)
    _print_thefts(new, heard)
    if chosen.misses:
        _print_misses(new, heard)
    if chosen.slots:
        _print_slots(new, ours, SlotJudge(model))
    return 0


def _by_meaning(learned: Sequence[Sentence], texts: Sequence[str]) -> list[str] | None:
    """None where the packages of the group "judge" are not installed."""
    try:
        from .meaning import MeaningJudge
    except ImportError as error:
        print(f"No judge by meaning: {error}. To install it: make judge", file=sys.stderr)
        return None
    return MeaningJudge(learned).hear(texts)


def _print_shares(told: Sequence[Case], heard: Mapping[str, Sequence[str]]) -> None:
    for judge, intents in heard.items():
        print(f"\n{judge:30}{'share':>8}  {'95 % interval':^17}  {'n':>4}")
        for share in shares(told, intents):
            print(_line(share))


def _line(share: Share) -> str:
    low, high = share.interval
    return f"  {share.name:28}{share.hits / max(share.n, 1):8.1%}  {low:7.1%} - {high:7.1%}  {share.n:4}"


def _print_intents(told: Sequence[Case], heard: Mapping[str, Sequence[str]]) -> None:
    print("\nheard rightly, or alike" + " " * 7 + "".join(f"{judge:>18}" for judge in heard) + f"{'n':>6}")
    for intent in dict.fromkeys(case.intent for case in told):
        mine = [at for at, case in enumerate(told) if case.intent == intent]
        hits = [sum(is_alike(intent, intents[at]) for at in mine) for intents in heard.values()]
        print(f"  {intent:28}" + "".join(f"{hit:18}" for hit in hits) + f"{len(mine):6}")


def _print_thefts(told: Sequence[Case], heard: Mapping[str, Sequence[str]]) -> None:
    taken = {judge: thefts(told, intents) for judge, intents in heard.items()}
    total: Counter[tuple[str, str]] = sum(taken.values(), Counter())
    print("\ntaken by another" + " " * 37 + "".join(f"{judge:>18}" for judge in heard))
    for (intent, thief), count in total.most_common():
        if count > 1:
            row = "".join(f"{each[intent, thief]:18}" for each in taken.values())
            print(f"  {intent:24} -> {thief:23}{row}")


def _print_misses(told: Sequence[Case], heard: Mapping[str, Sequence[str]]) -> None:
    print("\nmissed by")
    for at, case in enumerate(told):
        wrong = {judge: intents[at] for judge, intents in heard.items() if not is_alike(case.intent, intents[at])}
        if wrong:
            who = "all" if len(wrong) == len(heard) else ", ".join(wrong)
            print(f"  {who}: {case.text!r} is {case.intent}, not {' or '.join(sorted(set(wrong.values())))}")


def _print_slots(told: Sequence[Case], ours: Recognizer, judge: SlotJudge) -> None:
    print(f"\nslot values found{'our recogniser':>31}{'judge by spelling':>18}{'n':>6}")
    wanted = [(case, slot, id_) for case in told for slot, id_ in case.slots.items()]
    by_us = {case.text: {(value.slot, value.id) for value in ours.recognize(case.text).slots} for case, _, _ in wanted}
    for name in dict.fromkeys(slot for _, slot, _ in wanted):
        mine = [(case, id_) for case, slot, id_ in wanted if slot == name]
        hits = sum((name, id_) in by_us[case.text] for case, id_ in mine)
        spelled = sum(id_ in judge.find(case.text, name) for case, id_ in mine)
        print(f"  {name:28}{hits:18}{spelled:18}{len(mine):6}")


if __name__ == "__main__":
    raise SystemExit(main())
