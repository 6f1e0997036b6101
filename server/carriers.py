"""A slot of a custom type is no enumeration: Alexa fills it with unknown words, too, where the words around it fit.

Here that is done for one slot only, and with whole samples: "does dragon oil help".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_LONGEST = 4  # words of a value that nobody listed
_ONE_SIDED = 3  # words of a sample that has the slot at one end: "can i take dragon oil"


class _Carrier(NamedTuple):
    before: tuple[str, ...]
    after: tuple[str, ...]


class Carriers:
    """The samples of an intent that carry one value of `slot`, and nothing else."""

    def __init__(self, samples: Iterable[str], slot: str) -> None:
        self._by_first: dict[str, list[_Carrier]] = defaultdict(list)
        for sample in samples:
            before, found, after = sample.partition(f"{{{slot}}}")
            carrier = _Carrier(tuple(before.split()), tuple(after.split()))
            whole = carrier.before and (carrier.after or len(carrier.before) >= _ONE_SIDED)
            if found and whole and "{" not in before + after:
                self._by_first[carrier.before[0]].append(carrier)
        for carriers in self._by_first.values():
            # The sample that says most goes first: "is it okay to take ..." before "is ... okay".
            carriers.sort(key=lambda carrier: -len(carrier.before) - len(carrier.after))

    def carried(self, words: Sequence[str]) -> slice | None:
        """Where the slot's words stand in an utterance that is a whole sample else; None when it is none."""
        for before, after in self._by_first.get(words[0], ()) if words else ():
            start, end = len(before), len(words) - len(after)
            fits = tuple(words[:start]) == before and tuple(words[end:]) == after
            if fits and 0 < end - start <= _LONGEST:
                return slice(start, end)
        return None
