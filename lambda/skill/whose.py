"""Whose sign it is: what somebody else once had is not the speaker's.

"My dad had a heart attack, so I worry, but it's only my calf" tells of no heart attack. Only what is over or stays
(had, died, takes) is set aside, and only beside a place of the speaker's own: a husband who collapsed is the complaint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .wording import Token, Wording


class Whose:
    """Tells one's own signs from other people's old ones, in one language."""

    def __init__(self, wording: Wording, words: Mapping[str, Any]) -> None:
        def folded(key: str) -> frozenset[str]:
            return frozenset(wording.fold(word) for word in words[key])

        self._others, self._once, self._own = folded("others"), folded("once"), folded("own")
        self._joins = folded("joins") | folded("breaks")

    def set_aside(self, tokens: Sequence[Token], sites: Iterable[frozenset[int]]) -> Callable[[frozenset[int]], bool]:
        """A function from the tokens of a phrase to whether it tells of somebody else. `sites`: the places named."""
        heard = {token.folded for token in tokens}
        if self._others.isdisjoint(heard) or self._once.isdisjoint(heard):
            return lambda used: False  # as nearly always
        parts = self._parts(tokens)
        owned = [part for part in parts if self._own & {tokens[at].folded for at in part}]
        own = [part for part in owned if any(site <= set(part) for site in sites)]

        def others(used: frozenset[int]) -> bool:
            part = next(part for part in parts if min(used) in part)
            words = {tokens[at].folded for at in part}
            told = any(part is not other for other in own)
            return told and not self._others.isdisjoint(words) and not self._once.isdisjoint(words)

        return others

    def _parts(self, tokens: Sequence[Token]) -> list[range]:
        """The parts of what was said, between breaths and joining words."""
        if not tokens:
            return []
        starts = [at for at, token in enumerate(tokens) if at == 0 or token.pause or token.folded in self._joins]
        return [range(start, end) for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True)]
