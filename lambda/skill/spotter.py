"""Finds the phrases of the content in what was said.

Knows tries of folded words; never what a phrase means. Used by the skill on the raw values of slots, which Alexa may
fill with other words than ours, and by the pretend device to fit spans to slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .denials import Denials
from .wording import FULL, Token, Wording

_SKIPS = 2  # full words that may stand inside a phrase: "my chest is *oddly* tight"
_ENDS = (".", "?")

# Talk of something else, which swallows every word it holds: "leg day", "off my chest".
OTHER_TALK = "Detail/other_talk"
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


def _is_fixed(id_: str) -> bool:
    """Whether no other word may stand inside a phrase: figures of speech, and places ("back of my leg")."""
    return id_ in WHOLE or id_.startswith("Site/")


def _is_answer(id_: str) -> bool:
    """Whether a phrase means something only as an answer: any longer phrase says it better."""
    return id_.startswith("Answer/")


class Spotter:
    """Spots phrases in speech. `words` is words.yaml as data, `trie` what `plant` made of the phrases."""

    def __init__(self, wording: Wording, words: Mapping[str, Any], trie: Trie) -> None:
        self._wording = wording
        self._trie = trie
        self._breaks = {wording.fold(word) for word in words["breaks"]}
        self.denials = Denials(wording, words)

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
        # "Out of breath, and not from running": a phrase with a "no" inside hides none that is said in full.
        whole = {key: used for key, used in rests.items() if not self.denials.inside(tokens, used)}
        broken = {
            key: used
            for key, used in rests.items()
            if key not in whole
            and not any(_kind(key[0]) == _kind(other[0]) and rest < used for other, rest in whole.items())
        }
        rests = {**whole, **broken}
        kept = [(id_, used) for (id_, _), used in rests.items() if not self._covered(id_, used, rests)]
        kept.sort(key=lambda match: (min(match[1]), max(match[1]), match[0]))
        # A bare "no" may be an answer of its own: it still denies what follows it.
        consumed = frozenset().union(*(used for id_, used in kept if _kind(id_) == "sign" or len(used) > 1))
        polarity = self.denials.reach(tokens, consumed)
        return [
            Match(id_, tokens[min(used)].word, tokens[max(used)].word + 1, polarity(used), used) for id_, used in kept
        ]

    def _covered(self, id_: str, used: frozenset[int], rests: Mapping[tuple[str, int], frozenset[int]]) -> bool:
        """Whether another phrase takes this one's words: other talk, a figure of speech, or a longer one of its kind.

        "Back of my leg" is no back; but a body part stays one inside a sign ("calf swollen"), and the other way round.
        """
        kind = _kind(id_)
        return any(
            (other == OTHER_TALK != id_ and used & longer and kind != "Remedy")  # "a cold shower"
            or (used < longer and (_kind(other) == kind or (other in WHOLE and kind == "sign") or _is_answer(id_)))
            for (other, _), longer in rests.items()
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
            if skipped and (_is_fixed(id_) or skipped >= sum(tokens[at].weight == FULL for at in used)):
                continue
            best = found.get((id_, used[0]))
            if best is None or len(used) > len(best) or (len(used) == len(best) and used[-1] < best[-1]):
                found[id_, used[0]] = used
        if len(node) == ("" in node):
            return
        before = skipped
        for at in range(used[-1] + 1, len(tokens)):
            token = tokens[at]
            if token.pause in _ENDS or token.folded in self._breaks or self.denials.new_clause(tokens, at):
                return
            if token.pause and skipped > before:
                return  # over a breath only without other words: "hurts when I twist, nothing else"
            deeper = node.get(token.folded) if token.folded else None
            if deeper is not None:
                self._walk(tokens, deeper, (*used, at), skipped, found)
            if token.weight == FULL:
                skipped += 1
                if skipped > _SKIPS:
                    return
