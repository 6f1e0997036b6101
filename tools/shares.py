"""A part of a whole with its 95 % interval, for whatever is measured here."""

from __future__ import annotations

import math
from typing import NamedTuple

Z = 1.959964  # of a 95 % interval


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
        share, z = self.hits / self.n, Z
        middle = share + z * z / (2 * self.n)
        half = z * math.sqrt(share * (1 - share) / self.n + z * z / (4 * self.n * self.n))
        scale = 1 + z * z / self.n
        return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)
