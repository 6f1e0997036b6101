"""`make walk`: thousands of random conversations, and what was promised of each."""

from __future__ import annotations

import argparse
import sys
import textwrap
import time
from collections.abc import Sequence

from .promises import BY_EAR, PROMISES
from .run import Turn, Walk, counted, numbered, played, shrunk, table, walk

SHOWN = 3  # broken conversations told in full, for each promise


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.walk", description=__doc__)
    parser.add_argument("--seed", default="1", help="any word; the same seed walks the same way")
    parser.add_argument("--count", type=int, default=10_000, help="how many conversations")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="replay one conversation, and print it")
    parser.add_argument("--all", action="store_true", help="print every broken conversation, not the first few")
    chosen = parser.parse_args(arguments)
    if chosen.only is not None:
        return _replay(walk(f"{chosen.seed}/{chosen.only}"))
    began, walks = time.monotonic(), []
    step = max(chosen.count // 20, 1)
    for done, one in enumerate(played(numbered(chosen.seed, chosen.count), chosen.jobs), 1):
        walks.append(one)
        if done % step == 0 or done == chosen.count:
            print(f"{done} of {chosen.count} conversations", file=sys.stderr, flush=True)
    print(f"seed {chosen.seed}: {len(walks)} conversations, {sum(one.length for one in walks)} turns,", end=" ")
    print(f"{time.monotonic() - began:.0f} seconds")
    print("\n".join(table(walks)))
    _show(walks, len(walks) if chosen.all else SHOWN)
    return 1 if set(counted(walks)[1]) - BY_EAR else 0


def _replay(one: Walk) -> int:
    print(transcript(one.turns))
    for broken in one.broken:
        print(f"BROKEN {broken.promise}: {broken.how}")
    return 1 if one.broken else 0


def _show(walks: Sequence[Walk], most: int) -> None:
    for promise in PROMISES:
        found = sorted(
            (one for one in walks if any(broken.promise == promise for broken in one.broken)),
            key=lambda one: one.number,
        )
        for one in found[:most]:
            how = next(broken.how for broken in one.broken if broken.promise == promise)
            seed, _, number = one.seed.partition("/")
            print(f"\n{promise}: {how}\n  to replay: python -m tools.walk --seed {seed} --only {number}; made short:")
            print(textwrap.indent(transcript(shrunk(one, promise)), "  "))
        if len(found) > most:
            print(f"\n{promise}: {len(found) - most} more; --all shows them")


def transcript(turns: Sequence[Turn]) -> str:
    """A conversation for people to read."""
    lines = []
    for said, reply in turns:
        heard = ", ".join(f"{id_} {value}" for id_, value in reply.heard.items())
        lines += [f"U: {said.text or '(silence)'}", f"   {said.move}; heard {heard or 'nothing'}"]
        if reply.assessment:
            lines.append(f"   told {reply.assessment['disposition']}: {', '.join(reply.assessment['reasons'])}")
        lines.append(f"A: {reply.speech}")
    return "\n".join(textwrap.fill(line, 110, subsequent_indent="   ") for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
