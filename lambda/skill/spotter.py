"""Finds the phrases of the content in what was said, and whether they were said, denied or left open.

Knows tries of folded words and the reach of a "no"; never what a phrase means. Used by the skill on the raw values of
slots, which Alexa may fill with other words than ours, and by the pretend device to fit spans to slots.

The reach of a denial follows the idea of NegEx (Chapman and others 2001, doi:10.1006/jbin.2001.1029): a cue denies what
follows it until a word turns the sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .wording import FULL, SMALL, Token, Wording

SAID, DENIED, OPEN = "said", "denied", "open"

_SKIPS = 2  # full words that may stand inside a phrase, one between two: "my chest is *oddly* tight"
_ENDS = (".", "?")
_REACH = 3  # full words, matched by nothing, that a denial may step over to the next sign

OTHER_TALK = "Detail/other_talk"  # talk of something else, which swallows every word it holds: "leg day", "off my chest"
WHOLE = frozenset({"Detail/strong_words", OTHER_TALK})  # figures of speech are heard word for word, or not at all

Trie = dict[str, Any]  # folded word -> Trie; "" -> list of ids


class Match(NamedTuple):
    """One phrase found. `start` and `end` count spoken words, end excluded."""

    id: str
    start: int
    end: int
    polarity: str  # SAID, DENIED or OPEN
    used: frozenset[int]  # the tokens it rests on


def plant(phrases: Iterable[tuple[str, str]], wording: Wording) -> Trie:
    """The trie of (phrase, id) pairs. A phrase of small words only is left out."""
    root: Trie = {}
    for phrase, id_ in phrases:
        node = root
        core = wording.core(phrase, whole=id_ in WHOLE)
        for word in core:
            node = node.setdefault(word, {})
        if core and id_ not in node.setdefault("", []):
            node[""].append(id_)
    return root


def _kind(id_: str) -> str:
    """What a phrase names: a place, a side, a sign ..."""
    type_ = id_.partition("/")[0]
    return "sign" if type_ in {"Danger", "Detail", "Answer"} else type_


class Spotter:
    """Spots phrases in speech. `words` is words.yaml as data, `trie` what `plant` made of the phrases."""

    def __init__(self, wording: Wording, words: Mapping[str, Any], trie: Trie) -> None:
        self._wording = wording
        self._trie = trie
        self._denials = {wording.fold(word) for word in words["denials"]}
        self._no_denial_before = {wording.fold(word) for word in words["no_denial_before"]}
        self._answer_no_before = {wording.fold(word) for word in words["answer_no_before"]}
        self._breaks = {wording.fold(word) for word in words["breaks"]}
        self._joins = {wording.fold(word) for word in words["joins"]}
        self._clause_starts = {wording.fold(word) for word in words["clause_starts"]}
        self._turns = {wording.fold(word) for word in words["turns"]}
        self._doubts = [tuple(wording.fold(word) for word in doubt.split()) for doubt in words["doubts"]]

    def spot(self, text: str) -> list[Match]:
        """Every phrase in the text, in order. Of two that rest on the same words, the longer one."""
        return self.spot_tokens(self._wording.tokens(text))

    def spot_tokens(self, tokens: Sequence[Token]) -> list[Match]:
        """As `spot`, for tokens made before."""
        found: dict[tuple[str, int], tuple[int, ...]] = {}
        for at, token in enumerate(tokens):
            node = self._trie.get(token.folded)
            if node is not None:
                self._walk(tokens, node, (at,), 0, found)
        rests = {(id_, at): frozenset(used) for (id_, at), used in found.items()}
        kept = [(id_, used) for (id_, _), used in rests.items() if not self._covered(id_, used, rests)]
        kept.sort(key=lambda match: (min(match[1]), max(match[1]), match[0]))
        # A bare "no" may be an answer of its own: it still denies what follows it.
        consumed = frozenset().union(*(used for id_, used in kept if _kind(id_) == "sign" or len(used) > 1))
        reach = self._reach(tokens, kept, consumed)
        return [
            Match(id_, tokens[min(used)].word, tokens[max(used)].word + 1, reach(used), used) for id_, used in kept
        ]

    def _covered(self, id_: str, used: frozenset[int], rests: Mapping[tuple[str, int], frozenset[int]]) -> bool:
        """Whether a longer phrase holds this one: other talk, a figure of speech, or one of its own kind.

        "Back of my leg" is no back; but a body part stays one inside a sign ("calf swollen"), and the other way round.
        """
        kind = _kind(id_)
        return any(
            used < longer and (other in WHOLE and (kind == "sign" or other == OTHER_TALK) or _kind(other) == kind) for (other, _), longer in rests.items()
        )

    def _walk(
        self,
        tokens: Sequence[Token],
        node: Trie,
        used: tuple[int, ...],
        skipped: int,
        found: dict[tuple[str, int], tuple[int, ...]],
    ) -> None:
        for id_ in node.get("", ()):
            if skipped and (id_ in WHOLE or skipped >= sum(tokens[at].weight == FULL for at in used)):
                continue
            best = found.get((id_, used[0]))
            if best is None or len(used) > len(best) or (len(used) == len(best) and used[-1] < best[-1]):
                found[id_, used[0]] = used
        if len(node) == ("" in node):
            return
        for at in range(used[-1] + 1, len(tokens)):
            token = tokens[at]
            if token.pause in _ENDS or token.folded in self._breaks or self._new_clause(tokens, at):
                return
            deeper = node.get(token.folded) if token.folded else None
            if deeper is not None:
                self._walk(tokens, deeper, (*used, at), skipped, found)
            if token.weight == FULL:
                skipped += 1
                if skipped > _SKIPS:
                    return

    def _reach(
        self, tokens: Sequence[Token], kept: Sequence[tuple[str, frozenset[int]]], consumed: frozenset[int]
    ) -> Any:
        """A function from the tokens of a match to its polarity."""
        polarity = [SAID] * len(tokens)
        state, steps, cue = SAID, 0, ""
        for at, token in enumerate(tokens):
            before = tokens[at - 1].folded if at else ""
            if token.pause in _ENDS or token.folded in self._turns and at not in consumed:
                state = SAID
            elif state != SAID and (self._new_clause(tokens, at) or before == "and" and token.folded == "it"):
                state = SAID
            elif state == DENIED and token.folded == "and" and cue == "not":
                state = SAID
            if at not in consumed and token.folded in self._denials:
                if self._doubt(tokens, at):
                    state, steps, cue = OPEN, 0, token.folded
                elif not self._is_answer_or_idiom(tokens, at):
                    state, steps, cue = DENIED, 0, token.folded
            elif at in consumed:
                steps = 0
            elif token.weight == FULL and state == DENIED:
                steps += 1
                if steps > _REACH:
                    state = SAID
            polarity[at] = state

        def of(used: frozenset[int]) -> str:
            first, last = min(used), max(used)
            inner = {polarity[at] for at in range(first, last + 1) if tokens[at].folded in self._denials and at not in used}
            if DENIED in inner:
                return DENIED
            if polarity[first] == SAID and self._denied_after(tokens, last, consumed):
                return DENIED
            if polarity[first] == SAID and self._asked(tokens, first):
                return OPEN
            return polarity[first]

        return of

    def _new_clause(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether another clause begins here: "no swelling, *my* leg is cold", "I can breathe fine and *my* shoulder"."""
        after = tokens[at].pause == "," or at > 0 and tokens[at - 1].folded in self._joins
        return after and tokens[at].folded in self._clause_starts

    def _doubt(self, tokens: Sequence[Token], at: int) -> bool:
        ahead = [token.folded for token in tokens[at : at + 4]]
        return any(tuple(ahead[: len(doubt)]) == doubt for doubt in self._doubts)

    def _is_answer_or_idiom(self, tokens: Sequence[Token], at: int) -> bool:
        if at + 1 >= len(tokens):
            return True
        after = tokens[at + 1]
        if after.folded in self._no_denial_before or after.pause in _ENDS:
            return True
        opens = at == 0 or tokens[at].pause != "" or tokens[at - 1].folded in {"no", "oh", "um", "well"}
        return (
            tokens[at].folded == "no" and opens and (after.pause == "," or after.folded in self._answer_no_before)
        )

    def _asked(self, tokens: Sequence[Token], first: int) -> bool:
        """Whether the speaker asks about the sign: "is it swollen, love?" says nothing yet."""
        start = max(first - 3, 0)
        asked = any(
            tokens[at].folded == "is" and tokens[at + 1].folded in {"it", "there"} for at in range(start, first - 1)
        )
        return asked and not any(tokens[at].weight == FULL for at in range(start + 2, first))

    @property
    def denials(self) -> frozenset[str]:
        """The folded words that deny."""
        return frozenset(self._denials)

    def _denied_after(self, tokens: Sequence[Token], last: int, consumed: frozenset[int]) -> bool:
        """"Swelling, no." and "fever? no": a denial that stands alone after the sign."""
        ahead = last + 1
        while ahead < len(tokens) and tokens[ahead].folded != "no":
            # Past a word of address ("swollen, love? no"), but only where a question was put.
            if tokens[ahead].weight == FULL and not (ahead + 1 < len(tokens) and tokens[ahead + 1].pause == "?"):
                return False
            if tokens[ahead].pause == ".":
                return False
            ahead += 1
        if ahead >= len(tokens) or ahead in consumed or tokens[ahead].folded not in {"no", "none", "nope"}:
            return False
        ends = ahead + 1 >= len(tokens) or tokens[ahead + 1].pause
        return bool(ends)
