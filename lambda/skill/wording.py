"""Reads words of a language alike, however they are inflected, spelled or misheard.

Knows the small words and word families of one language (content/phrases/<language>/words.yaml); never what a word means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_PIECES = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\.{2,}|[.,;:!?…\n]")
_CONTRACTED = {
    "cannot": ("can", "not"),
    "can't": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "ain't": ("is", "not"),
    "cannae": ("can", "not"),
    "dinnae": ("do", "not"),
    "unable": ("can", "not"),
}
# Written without the apostrophe, as speech recognisers often do.
for _bare in "do does did is was were are has have had could would should wo ca ai".split():
    _CONTRACTED[_bare + "nt"] = _CONTRACTED.get(_bare + "n't", (_bare, "not"))

_PAUSES = {",": ",", "…": ",", "..": ",", "?": "?"}  # everything else ends a sentence
_DEEPER = ("", ",", ".", "?")

SMALL, LIGHT, FULL = 0, 1, 2


class Token(NamedTuple):
    """One word of speech. `word` counts spoken words from 0; a contraction gives two tokens with the same count."""

    word: int
    folded: str
    weight: int  # SMALL, LIGHT or FULL
    pause: str  # what stands before it: "" nothing, "," a breath, "." the end of a sentence, "?" of a question


class Wording:
    """The words of one language.

    `words` is words.yaml as data: families, small, light, denials, turns, doubts, ...
    """

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._head: dict[str, str] = {}
        self._joined: dict[str, list[tuple[str, ...]]] = {}
        for head, members in words["families"].items():
            stem = _strip(head)
            for member in (head, *members):
                if "-" in member:
                    parts = tuple(member.split("-"))
                    self._joined.setdefault(parts[0], []).append(parts)
                    self._head["".join(parts)] = stem
                self._head[member] = stem
                self._head.setdefault(_strip(member), stem)
        self._folds: dict[str, str] = {}
        self._small = {self.fold(word) for word in words["small"]} | set(words["small"])
        self._light = {self.fold(word) for word in words["light"]}

    def fold(self, word: str) -> str:
        """The form under which a word is compared: the head of its family, or the word without its ending."""
        folded = self._folds.get(word)
        if folded is None:
            stem = _strip(word)
            folded = self._head.get(word) or self._head.get(stem) or stem
            if len(self._folds) < 20_000:  # speech is unbounded, the memory of a warm function is not
                self._folds[word] = folded
        return folded

    def tokens(self, text: str) -> list[Token]:
        """The words of a spoken or typed text, in order."""
        spoken: list[tuple[int, str, str]] = []
        pause, count = "", 0
        for piece in _PIECES.findall(text.lower().replace("’", "'").replace("-", " ")):
            if not piece[0].isalnum():
                pause = max(pause, _PAUSES.get(piece[:2], "."), key=_DEEPER.index)
                continue
            for part in _open(piece):
                spoken.append((count, part, pause))
                pause = ""
            count += 1
        tokens = []
        at = 0
        while at < len(spoken):
            count, word, pause = spoken[at]
            parts = self._join(spoken, at)
            folded = self.fold("".join(parts))
            if folded in self._small or word in self._small and len(parts) == 1:
                weight = SMALL
            else:
                weight = LIGHT if folded in self._light else FULL
            tokens.append(Token(count, folded, weight, pause))
            # The later parts of a joined word keep their own count, so that spans stay whole.
            for more in range(1, len(parts)):
                tokens.append(Token(spoken[at + more][0], "", SMALL, ""))
            at += len(parts)
        return tokens

    def core(self, phrase: str, *, whole: bool = False) -> tuple[str, ...]:
        """A phrase as the folded words that must be heard, in order: without the small ones, unless it is taken whole."""
        return tuple(token.folded for token in self.tokens(phrase) if token.folded and (whole or token.weight != SMALL))

    def _join(self, spoken: Sequence[tuple[int, str, str]], at: int) -> tuple[str, ...]:
        word = spoken[at][1]
        for parts in self._joined.get(word, ()):
            if tuple(piece[1] for piece in spoken[at : at + len(parts)]) == parts:
                return parts
        return (word,)


def spoken_words(text: str) -> list[str]:
    """The spoken words of a text as they stand, numbered as `Token.word` numbers them."""
    pieces = _PIECES.findall(text.replace("’", "'").replace("-", " "))
    return [piece for piece in pieces if piece[0].isalnum()]


def _open(word: str) -> Iterable[str]:
    if word in _CONTRACTED:
        return _CONTRACTED[word]
    if word.endswith("n't"):
        return (word[:-3], "not")
    stem, _, ending = word.partition("'")
    if ending in {"s", "re", "ve", "ll", "d", "m"} and stem:
        return (stem,)
    return (word.replace("'", ""),)


def _strip(word: str) -> str:
    """A word without its plain English ending. Only has to be the same for all forms of a word, not to be a word."""
    for ending, least in (("ness", 7), ("ing", 6), ("ies", 5), ("ed", 5), ("ly", 6), ("es", 5), ("s", 4)):
        if len(word) >= least and word.endswith(ending):
            stem = word[: -len(ending)]
            if ending == "s" and stem[-1] in "sui":
                break
            if ending == "es" and not stem.endswith(("s", "x", "z", "ch", "sh", "o")):
                stem += "e"
            if ending == "ies":
                stem += "y"
            if ending in {"ing", "ed"}:
                if not any(letter in "aeiouy" for letter in stem) or stem[-1] == "e":
                    break
                if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsz":
                    stem = stem[:-1]
            word = stem
            break
    # Only long words lose their e ("squeeze", "squeezing"): a spin class is no spine.
    return word[:-1] if len(word) > 5 and word.endswith("e") else word
