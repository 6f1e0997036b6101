"""Measures functions as Lambda runs them: the built bundle beside its peers, round by round, under the runtime client.

Of every round the ratio to a peer of the same round is taken, and of these the median: what else the computer does
changes from minute to minute, and hits neighbours alike.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.runtime import Environment

from .table import Table
from .turns import Turns, of_now


@dataclass(frozen=True)
class Function:
    """Something to measure: a bundle and how it is started. With a table, it is asked for turns that load and save."""

    name: str
    folder: Path
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    table: Table | None = None


@dataclass
class Measured:
    """What came of one function, an entry a round; times in milliseconds, memory in megabytes.

    `cold` runs from the start of the process to the answer of the first request; `init` is the part of it before that
    request was asked for, `cpu` the processor's time in it. `warm` and `large` are the times of single requests, `work`
    is the processor's time for a warm one: the quietest number on a busy computer.
    """

    cold: list[float] = field(default_factory=list)
    init: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    warm: list[list[float]] = field(default_factory=list)
    large: list[list[float]] = field(default_factory=list)

    def value(self, measure: str) -> list[float]:
        """A number a round: of single requests "warm" and "large" their median, "p99" what 99 of 100 stay below."""
        if measure == "p99":
            return [sorted(each)[int(0.99 * len(each))] for each in self.warm]
        if measure in {"warm", "large"}:
            return [statistics.median(each) for each in getattr(self, measure)]
        return list(getattr(self, measure))

    def median(self, measure: str) -> float:
        """The median over the rounds; p99 over all requests, for a round has few that are slow."""
        if measure == "p99":
            every = sorted(one for each in self.warm for one in each)
            return every[int(0.99 * len(every))]
        return statistics.median(self.value(measure))


class FunctionError(Exception):
    """A function did not answer. What it printed is in the message."""


def measure(
    functions: Sequence[Function],
    turns: Turns,
    *,
    rounds: int,
    requests: int,
    tell: Callable[[str], None],
) -> dict[str, Measured]:
    """Asks all functions in each round, in one order and then in the other, and keeps what it took.

    Raises FunctionError where one of them does not do what is measured.
    """
    measured = {function.name: Measured() for function in functions}
    for number in range(rounds):
        for function in functions if number % 2 == 0 else reversed(functions):
            tell(f"round {number + 1} of {rounds}: {function.name}")
            _round(function, turns, requests, measured[function.name])
    return measured


def ratio(ours: Measured, peer: Measured, what: str) -> float:
    """How much of the peer's it is: the median of the rounds' ratios, for p99 the ratio over all requests."""
    if what == "p99":
        return ours.median(what) / peer.median(what)
    pairs = zip(ours.value(what), peer.value(what), strict=True)
    return statistics.median(mine / theirs for mine, theirs in pairs)


def _round(function: Function, turns: Turns, requests: int, into: Measured) -> None:
    first, others = (turns.saving[0], turns.saving[1:]) if function.table else (turns.first, turns.triage)
    # A wish that is known already is not saved again, so the first one does not come twice in a row.
    if function.table is not None:
        function.table.empty()
    going_on = itertools.cycle((*others, first))
    with Environment(function.folder, function.command, variables=function.variables) as environment:

        def ask(event: bytes) -> float:
            return _asked(environment, function, event)

        init = environment.start()
        seconds = ask(first)
        usage = environment.usage()
        into.cold.append(1000 * init + seconds)
        into.init.append(1000 * init)
        into.cpu.append(1000 * usage.cpu_seconds if usage else 0.0)
        for _ in range(len(others) + 1):  # once through, so that what is read lazily is read
            ask(next(going_on))
        before = environment.usage()
        into.warm.append([ask(next(going_on)) for _ in range(requests)])
        after = environment.usage()
        into.work.append(1000 * (after.cpu_seconds - before.cpu_seconds) / requests if before and after else 0.0)
        if function.table is None:
            ask(turns.large)
            into.large.append([ask(turns.large) for _ in range(requests // 4)])
        usage = environment.usage()
        into.memory.append(usage.peak_bytes / 1e6 if usage else 0.0)


def _asked(environment: Environment, function: Function, event: bytes) -> float:
    """The milliseconds until an answer was there. Raises FunctionError where it is none, or nothing was saved."""
    saves = function.table.saves if function.table else 0
    result = environment.invoke(of_now(event))
    if result.error is not None or not isinstance(result.payload, dict) or "response" not in result.payload:
        raise FunctionError(f"{function.name} did not answer: {result.error}\n" + "\n".join(result.log))
    if function.table is not None and function.table.saves == saves:
        raise FunctionError(f"{function.name} answered, and saved nothing")
    return 1000 * result.seconds
