"""A table of texts that is read where it lies: a line for each key, sorted, found by halving.

What people may say is over a megabyte, and a turn needs a dozen lines of it: to parse it all costs more than the turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Lookup(Protocol):
    """Texts by key: a table, or a plain mapping."""

    def get(self, key: str, default: str, /) -> str:
        """The text of a key."""


class Table:
    """Read-only: threads may share one. `lines` is what `written` made, in UTF-8."""

    def __init__(self, lines: bytes) -> None:
        self._lines = lines

    def get(self, key: str, default: str = "", /) -> str:
        """The text of a key; `default` where the table has none."""
        lines, wanted = self._lines, key.encode("utf-8", "surrogatepass")
        low, high = 0, len(lines)  # both at the beginning of a line, or at the end of all
        while low < high:
            start = max(lines.rfind(b"\n", low, (low + high) // 2) + 1, low)
            found = lines[start : lines.index(b"\t", start)]
            if found == wanted:
                return lines[start + len(found) + 1 : lines.index(b"\n", start)].decode()
            if found < wanted:
                low = lines.index(b"\n", start) + 1
            else:
                high = start
        return default


def written(texts: Mapping[str, str]) -> str:
    """A table as text. Raises ValueError for what does not fit on a line."""
    for key, text in texts.items():
        if "\t" in key or "\n" in key + text:
            raise ValueError(f"{key!r} does not fit on a line of a table")
    return "".join(f"{key}\t{text}\n" for key, text in sorted(texts.items()))
