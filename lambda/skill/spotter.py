"""Finds the phrases of the content in what was said.

Knows phrases as folded core words (docs/decisions/0001); never what a phrase means. Used by the skill on the raw values
of slots, which Alexa may fill with other words than ours, and by the pretend device to fit spans to slots.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from record import Record

from .denials import OPEN, SAID, Denials
from .table import Lookup
from .whose import Whose
from .wording import FULL, Token, Wording

_SKIPS = 2  # full words that may stand inside a phrase: "my chest is *oddly* tight"
_ENDS = (".", "?")

# Talk of something else, which swallows every word it holds: "leg day", "off my chest".
OTHER_TALK = "Detail/other_talk"
WHOLE = frozenset({"Detail/strong_words", OTHER_TALK})  # figures of speech are heard word for word, or not at all

_DANGER = "Danger/"
_NAMED = ("Remedy", "Preference")
_NOES = frozenset({"Reply/no", "Correction/correction"})
_MILDER = ("Danger/winded", "Danger/breathless")  # "out of breath from running" is the one, and not the other
_FEARS = "Danger/fears_"  # "is it a clot?" names a fear; "is it swollen?" only asks

Index = Lookup
"""The rarest word of a phrase -> all phrases with that word, as "Type/id:core words|core words;Type/id:..."."""


class Match(Record):
    """One phrase found. `start` and `end` count spoken words, end excluded."""

    id: str
    start: int
    end: int
    polarity: str  # SAID, DENIED or OPEN
    used: frozenset[int]  # the tokens it rests on


def index(phrases: Iterable[tuple[str, str]], wording: Wording) -> dict[str, str]:
    """The index of (phrase, id) pairs. A phrase of small words only is left out."""
    cores = sorted({(id_, core) for phrase, id_ in phrases if (core := core_of(id_, phrase, wording))})
    common = Counter(word for _, core in cores for word in set(core))
    by_word: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for id_, core in cores:
        rarest = min(core, key=lambda word: (wording.weight(word) != FULL, common[word], word))
        by_word[rarest].setdefault(id_, []).append(" ".join(core))
    return {
        word: ";".join(f"{id_}:{'|'.join(said)}" for id_, said in by_id.items())
        for word, by_id in sorted(by_word.items())
    }


def core_of(id_: str, phrase: str, wording: Wording) -> tuple[str, ...]:
    """The words by which a phrase of "Type/id" is heard: in their order, or sorted where any order will do."""
    core = wording.core(phrase, whole=id_ in WHOLE)
    return core if _is_fixed(id_) or not wording.is_free(core) else tuple(sorted(core))


def is_near(skipped: int, full: int) -> bool:
    """Whether the words of a phrase, `full` of them full ones, stand close enough with others skipped between them."""
    return not skipped or (skipped < full and skipped <= _SKIPS)


def is_alike(one: str, other: str) -> bool:
    """Whether of two dangers the first may stand for the other: of all others, both are told."""
    return (one, other) == _MILDER or one.partition(".")[0] == other.partition(".")[0]


def _is_fixed(id_: str) -> bool:
    """Whether nothing may stand inside a phrase: figures of speech, and places ("back of my leg")."""
    return id_ in WHOLE or id_.startswith("Site/")


class _Phrase(Record):
    id: str
    core: tuple[str, ...]
    kind: str
    fixed: bool
    ordered: bool


class _Found(Record):
    id: str
    used: frozenset[int]
    kind: str
    broken: bool  # a denial stands inside it: "chest is *not* tight"


def _kind(id_: str) -> str:
    """What a phrase names: a place, a side, a sign ..."""
    type_ = id_.partition("/")[0]
    return "sign" if type_ in {"Danger", "Detail", "Answer"} else type_


class Spotter:
    """Spots phrases in speech. `words` is words.yaml as data, `phrases` what `index` made."""

    def __init__(self, wording: Wording, words: Mapping[str, Any], phrases: Index) -> None:
        self._wording = wording
        self._phrases = phrases
        self._read: dict[str, dict[str, list[_Phrase]]] = {}  # of our words, read from the index when first heard
        self._tells = {wording.fold(word) for word in words["tells"]}
        self._joins = {wording.fold(word) for word in words["joins"]}
        self._breaks = {wording.fold(word) for word in words["breaks"]}
        self.denials = Denials(wording, words)
        self._whose = Whose(wording, words)

    def spot(self, text: str) -> list[Match]:
        """Every phrase in the text, in order. Of two that rest on the same words, the longer one."""
        return self.spot_tokens(self._wording.tokens(text))

    def spot_tokens(self, tokens: Sequence[Token]) -> list[Match]:
        """As `spot`, for tokens made before."""
        found = {match for clause in self._clauses(tokens) for match in self._heard_in(tokens, clause)}
        sharing: dict[int, list[_Found]] = defaultdict(list)
        for match in found:
            for at in match.used:
                sharing[at].append(match)
        kept = [match for match in found if not any(_hides(other, match) for at in match.used for other in sharing[at])]
        kept.sort(key=lambda match: (min(match.used), max(match.used), match.id))
        # "Not really" and "wait, no" may be answers of their own: they still deny what follows at once.
        signs = (
            match.used
            for match in kept
            if match.kind == "sign" or (len(match.used) > 1 and (match.id not in _NOES or _ends(tokens, match)))
        )
        denied = self.denials.reach(tokens, frozenset().union(*signs))
        others = self._whose.set_aside(tokens, [match.used for match in kept if match.id.startswith("Site/")])

        def polarity(match: _Found) -> str:
            said = denied(match.used, feared=match.id.startswith(_FEARS))
            return OPEN if said == SAID and match.kind == "sign" and others(match.used) else said

        return [
            Match(match.id, tokens[min(match.used)].word, _end(tokens, max(match.used)), polarity(match), match.used)
            for match in kept
        ]

    def _clauses(self, tokens: Sequence[Token]) -> Iterator[range]:
        """The stretches of speech that no phrase reaches out of."""
        start = 0
        for at, token in enumerate(tokens):
            breaks = token.folded in self._breaks
            told = token.folded in self._tells  # "coughed, and *there* was blood" goes on
            if breaks or token.pause in _ENDS or (not told and self.denials.new_clause(tokens, at)):
                yield range(start, at)
                start = at + breaks
        yield range(start, len(tokens))

    def _heard_in(self, tokens: Sequence[Token], clause: range) -> Iterator[_Found]:
        places: dict[str, list[int]] = defaultdict(list)
        for at in clause:
            if tokens[at].folded:
                places[tokens[at].folded].append(at)
        heard = frozenset(places)
        for word, at_places in places.items():
            phrases = self._with(word)
            for phrase in phrases.get("", ()):
                for at in at_places:
                    yield _Found(phrase.id, frozenset((at,)), phrase.kind, broken=False)
            for phrase in (phrase for other in places for phrase in phrases.get(other, ())):
                if not heard.issuperset(phrase.core):
                    continue
                for at in at_places:
                    used = _gathered(phrase, word, at, places)
                    if used is not None and self._holds_together(tokens, phrase, used):
                        kept = frozenset(used)
                        yield _Found(phrase.id, kept, phrase.kind, self.denials.inside(tokens, kept))

    def _with(self, word: str) -> Mapping[str, Sequence[_Phrase]]:
        """The phrases whose rarest word this is, by another of their words; "" for those of one."""
        phrases = self._read.get(word)
        if phrases is None:
            line = self._phrases.get(word, "")
            if not line and self._wording.weight(word) == FULL:
                return {}  # somebody's own word: nothing of it is kept
            phrases = defaultdict(list)
            for phrase in self._parsed(line) if line else ():
                others = [part for part in phrase.core if part != word] or phrase.core[1:]  # "ten out of ten"
                phrases[others[0] if others else ""].append(phrase)
            self._read[word] = phrases
        return phrases

    def _parsed(self, line: str) -> Iterator[_Phrase]:
        for entry in line.split(";"):
            id_, _, cores = entry.partition(":")
            kind, fixed = _kind(id_), _is_fixed(id_)
            for said in cores.split("|"):
                core = tuple(said.split(" "))
                yield _Phrase(id_, core, kind, fixed, fixed or not self._wording.is_free(core))

    def _holds_together(self, tokens: Sequence[Token], phrase: _Phrase, used: Sequence[int]) -> bool:
        """Whether the words stand close enough: few other full words between them, none over a breath."""
        spread = sorted(used)
        skipped = 0
        for one, other in pairwise(spread):
            between = sum(tokens[at].weight == FULL for at in range(one + 1, other))
            if phrase.fixed and any(tokens[at].folded in self._joins for at in range(one + 1, other)):
                return False  # "my back and both legs" is no back of the legs
            if between and any(tokens[at].pause for at in range(one + 1, other + 1)):
                return False  # over a breath only without other words: "hurts when I twist, nothing else"
            skipped += between
        full = sum(tokens[at].weight == FULL for at in used)
        return is_near(skipped, full) and not (skipped and phrase.fixed)


def _ends(tokens: Sequence[Token], match: _Found) -> bool:
    """Whether a breath, or nothing at all, follows a phrase."""
    after = max(match.used) + 1
    return after >= len(tokens) or tokens[after].pause != ""


def _end(tokens: Sequence[Token], at: int) -> int:
    """The spoken word after a token; a token may be joined of several words ("hit the deck")."""
    while at + 1 < len(tokens) and not tokens[at + 1].folded:
        at += 1
    return tokens[at].word + 1


def _gathered(phrase: _Phrase, word: str, at: int, places: Mapping[str, Sequence[int]]) -> tuple[int, ...] | None:
    """Where the words of a phrase stand, nearest to one of them; None when they stand in an order it may not have."""
    if not phrase.ordered:
        used = tuple(min(places[part], key=lambda place: abs(place - at)) for part in phrase.core)
        return used if len(set(used)) == len(used) else None
    pivot = phrase.core.index(word)
    after, before = [at], [at]
    for part in phrase.core[pivot + 1 :]:
        nearest = next((place for place in places[part] if place > after[-1]), None)
        if nearest is None:
            return None
        after.append(nearest)
    for part in reversed(phrase.core[:pivot]):
        nearest = next((place for place in reversed(places[part]) if place < before[-1]), None)
        if nearest is None:
            return None
        before.append(nearest)
    return (*reversed(before), *after[1:])


def _hides(other: _Found, match: _Found) -> bool:
    """Whether another phrase takes this one's words.

    Talk of something else takes every word it holds. A longer phrase takes the words of a shorter one of its kind, of
    a mere answer, and a figure of speech those of a sign: "back of my leg" is no back. But a body part stays one inside
    a sign ("calf swollen"), and the other way round; and of two dangers both are told. "Out of breath, and not from
    running": a phrase with a "no" inside hides none that is said in full, and yields to it.
    """
    if other.id == OTHER_TALK != match.id and match.kind not in _NAMED:  # "a cold shower" stays one
        return bool(other.used & match.used)
    alike = other.kind == match.kind
    if other.id.startswith(_DANGER) and match.id.startswith(_DANGER):
        alike = is_alike(other.id, match.id)
    if not (alike or (other.id in WHOLE and match.kind == "sign") or match.id.startswith("Answer/")):
        return False
    if alike and match.broken != other.broken:
        return match.broken and other.used < match.used
    return match.used < other.used
