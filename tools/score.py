"""A share with its interval: what every line of the score tables is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

Case = TypeVar("Case")

_Z = 1.959964  # of a 95 % interval


class Share(NamedTuple):
    """A part of a whole: `hits` of `n`, with its 95 % interval."""

    name: str
    hits: int
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson score interval, which holds for small numbers and for shares near 0 and 1."""
        if not self.n:
            return 0.0, 1.0
        share, z = self.hits / self.n, _Z
        middle = share + z * z / (2 * self.n)
        half = z * math.sqrt(share * (1 - share) / self.n + z * z / (4 * self.n * self.n))
        scale = 1 + z * z / self.n
        return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)

    @property
    def percent(self) -> float:
        """The share in per cent. Raises ZeroDivisionError where nothing was counted."""
        return 100 * self.hits / self.n

    @property
    def line(self) -> str:
        """One line of a table, under HEAD."""
        low, high = self.interval
        figure = f"{self.hits / self.n:8.1%}  {low:7.1%} - {high:7.1%}" if self.n else f"{'-':>8}{'':19}"
        return f"{self.name:42}{figure}  {self.n:4}"


HEAD = f"{'':42}{'share':>8}  {'95 % interval':^17}  {'n':>4}"


def share(name: str, cases: Iterable[Case], holds: Callable[[Case], bool]) -> Share:
    """How many of some cases something holds for."""
    told = [holds(case) for case in cases]
    return Share(name, sum(told), len(told))


def mean_interval(mean: float, deviation: float, n: int) -> tuple[float, float]:
    """The 95 % interval of a mean (normal approximation)."""
    half = _Z * deviation / math.sqrt(n) if n > 1 else 0.0
    return mean - half, mean + half
