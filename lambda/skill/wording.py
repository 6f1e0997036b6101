"""Reads words of a language alike, however they are inflected, spelled or misheard.

Knows the small words and word families of one language (content/phrases/<language>/words.yaml); never what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from record import Record

from .table import Lookup

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

_MOST = 20_000  # words remembered

SMALL, LIGHT, FULL = 0, 1, 2


class Token(Record):
    """One word of speech. `word` counts spoken words from 0; a contraction gives two tokens with the same count."""

    word: int
    folded: str
    weight: int  # SMALL, LIGHT or FULL
    pause: str  # what stands before it: "" nothing, "," a breath, "." the end of a sentence, "?" of a question


class Wording:
    """The words of one language.

    `words` is words.yaml as data: families, small, light, denials, turns, doubts, ... The build works two parts out
    beforehand, for they take longer than a turn may: `families` is what `families_of` gives, and `folds` are words with
    their folded forms.

    What is worked out of a word is remembered for the next turn where `phrases`, by folded words, hold the word: then
    it is ours. Any other is somebody's own, and forgotten at once. Without `phrases`, as in the build, all are ours.
    """

    def __init__(
        self,
        words: Mapping[str, Any],
        families: Lookup | None = None,
        folds: Mapping[str, str] | None = None,
        phrases: Lookup | None = None,
    ) -> None:
        self._families: Lookup = families_of(words) if families is None else families
        self._phrases = phrases
        self._family: dict[str, tuple[str, list[tuple[str, ...]]]] = {}
        self._grammar = frozenset((*words.get("denials", ()), *words.get("bare_no", ()), *words["small"]))
        self._folds: dict[str, str] = dict(folds or {})
        self._read: dict[str, tuple[str, int]] = {}
        self._small = {self.fold(word) for word in words["small"]} | set(words["small"])
        self._denials = {self.fold(word) for word in words.get("denials", ())}
        self._light = {self.fold(word) for word in words["light"]}

    def fold(self, word: str) -> str:
        """The form under which a word is compared: the head of its family, or the word without its ending."""
        folded = self._folds.get(word)
        if folded is None:
            stem = _strip(word)
            if stem in self._grammar:
                stem = word  # "noted" is no "not", "ands" no "and"
            folded = self._family_of(word)[0] or self._family_of(stem)[0] or stem
            ours = self._phrases is None or self._phrases.get(folded, "") != ""
            if ours and len(self._folds) < _MOST:
                self._folds[word] = folded
        return folded

    def _family_of(self, word: str) -> tuple[str, list[tuple[str, ...]]]:
        """The head of a word's family, "" for none, and the joined words that begin with it, longest first."""
        family = self._family.get(word)
        if family is None:
            line = self._families.get(word, "")
            head, *joined = line.split(" ")
            family = head, [tuple(member.split("-")) for member in joined]
            if (line or word in self._folds) and len(self._family) < _MOST:
                self._family[word] = family
        return family

    def weight(self, folded: str) -> int:
        """How much a folded word carries: SMALL, LIGHT or FULL."""
        return SMALL if folded in self._small else LIGHT if folded in self._light else FULL

    def is_free(self, core: Sequence[str]) -> bool:
        """Whether words may change places: each carries a meaning ("swollen calf"), none denies ("can't feel it")."""
        if len(set(core)) < len(core):
            return False  # "ten out of ten"
        return all(self.weight(word) == FULL and word not in self._denials for word in core)

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
        tokens: list[Token] = []
        for folded, weight, taken in self._walk([word for _, word, _ in spoken]):
            (count, _, pause), *later = spoken[len(tokens) : len(tokens) + taken]
            tokens.append(Token(count, folded, weight, pause))
            # The later parts of a joined word keep their own count, so that spans stay whole.
            tokens += [Token(part[0], "", SMALL, "") for part in later]
        return tokens

    def core(self, phrase: str, *, whole: bool = False) -> tuple[str, ...]:
        """A phrase as the folded words that must be heard, in order: without the small ones, unless it is taken whole.

        A phrase is what content holds, words and spaces; there are tens of thousands, so punctuation is not looked for.
        """
        words = [part for word in phrase.lower().replace("-", " ").split() for part in _open(word)]
        return tuple(folded for folded, weight, _ in self._walk(words) if whole or weight != SMALL)

    def _walk(self, words: Sequence[str]) -> Iterator[tuple[str, int, int]]:
        """Each word as its folded form, its weight, and how many words it is made of ("throwing up" is one)."""
        at = 0
        while at < len(words):
            taken = self._joined_at(words, at)
            word = words[at] if taken == 1 else "".join(words[at : at + taken])
            read = self._read.get(word)
            if read is None:
                folded = self.fold(word)
                read = (folded, SMALL if word in self._small else self.weight(folded))
                if word in self._folds:
                    self._read[word] = read
            yield *read, taken
            at += taken

    def _joined_at(self, words: Sequence[str], at: int) -> int:
        joined = self._family_of(words[at])[1]
        if joined and at + 1 < len(words):
            second = words[at + 1]
            for parts in joined:
                if parts[1] == second and tuple(words[at : at + len(parts)]) == parts:
                    return len(parts)
        return 1


def families_of(words: Mapping[str, Any]) -> dict[str, str]:
    """Word -> the head of its family, and the joined words that begin with it: "throw throwing-up-again throwing-up".

    A word may have no head, or no joined words. Of what words.yaml says, only the families count here.
    """
    heads: dict[str, str] = {}
    joined: dict[str, list[tuple[str, ...]]] = {}
    unmarked = {*words["small"], *words["light"]}
    for head, members in words["families"].items():
        stem = _strip(head)
        for member in (head, *members):
            if "-" in member:
                parts = tuple(member.split("-"))
                joined.setdefault(parts[0], []).append(parts)
                heads["".join(parts)] = stem
            heads[member] = stem
            # "Balls" may be a word of its own, "ball" another; and "a bit" is not what "biting" comes from.
            if not member.endswith("s") and _strip(member) not in unmarked:
                heads.setdefault(_strip(member), stem)
    for group in joined.values():
        group.sort(key=len, reverse=True)  # "throwing up again" before "throwing up"
    return {
        word: " ".join([heads.get(word, ""), *("-".join(parts) for parts in joined.get(word, ()))])
        for word in sorted({*heads, *joined})
    }


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
    for ending, least in (
        ("ness", 7),
        ("ing", 6),
        ("ies", 5),
        ("ed", 5),
        ("ly", 6),
        ("es", 5),
        ("s", 4),
    ):
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
