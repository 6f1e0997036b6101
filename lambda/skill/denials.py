"""How far a "no" reaches: which words of a sentence are said, denied, or left open.

Follows the idea of NegEx (Chapman and others 2001, doi:10.1006/jbin.2001.1029): a cue denies what follows it until a
word turns the sentence. Where it is doubtful, a sign counts as said: a missed one costs more than one asked about
twice. The words are those of content/phrases/<language>/words.yaml; what a phrase means is never known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .wording import FULL, LIGHT, SMALL, Token, Wording

SAID, DENIED, OPEN = "said", "denied", "open"

_ENDS = (".", "?")
_STEPS = 3  # full words, part of no phrase, that a denial may step over to the next sign
_AHEAD = 4  # words after a breath among which a verb shows that a clause of its own begins


class Denials:
    """The denials of one language."""

    def __init__(self, wording: Wording, words: Mapping[str, Any]) -> None:
        def folded(key: str) -> frozenset[str]:
            return frozenset(wording.fold(word) for word in words[key])

        def phrases(key: str) -> list[tuple[str, ...]]:
            return [tuple(wording.fold(word) for word in phrase.split()) for phrase in words[key]]

        self.words = folded("denials")
        self._bare_no = folded("bare_no")
        self._no_denial_before = folded("no_denial_before")
        self._answer_no_before = folded("answer_no_before")
        self._ability, self._perceives, self._sees = folded("ability"), folded("perceives"), folded("sees")
        self._turns, self._joins = folded("turns"), folded("joins")
        self._clause_starts, self._verbs = folded("clause_starts"), folded("verbs")
        self._doubts, self._asks = phrases("doubts"), phrases("asks")
        self._whether, self._people = folded("whether_words"), folded("people_in_general")
        self._cramps = folded("cramps_in_general")
        self._persons = folded("persons")
        self._absent = folded("absent")

    def reach(self, tokens: Sequence[Token], consumed: frozenset[int]) -> Callable[..., str]:
        """A function from the tokens of a phrase to its polarity. `consumed`: the tokens that some phrase rests on.

        With `feared`, asking is as good as telling: "is it a clot?".
        """
        states = self._states(tokens, consumed)

        def polarity(used: frozenset[int], *, feared: bool = False) -> str:
            first, last = min(used), max(used)
            inside = (at for at in range(first, last + 1) if at not in used and tokens[at].folded in self.words)
            if any(states[at] == DENIED for at in inside):
                return DENIED
            own = tokens[first].folded in self.words  # "no reason to live": its own "no" does not deny it
            state = states[first] if not own else states[first - 1] if first else SAID
            if state != SAID:
                return state
            if self._denied_after(tokens, last, consumed):
                return DENIED
            asked = self._in_general(tokens, first) or (not feared and self._asked(tokens, first))
            return OPEN if asked else SAID

        return polarity

    def inside(self, tokens: Sequence[Token], used: frozenset[int]) -> bool:
        """Whether a denial stands inside a phrase without being a part of it: "chest is *not* tight"."""
        return any(tokens[at].folded in self.words for at in range(min(used), max(used)) if at not in used)

    def new_clause(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether another clause begins here: "no swelling, *my* leg is cold", "in the snow and *now* my leg hurts"."""
        if tokens[at].pause != "," and (at == 0 or tokens[at - 1].folded not in self._joins):
            return False
        ahead = at
        while ahead + 1 < len(tokens) and tokens[ahead].weight == LIGHT and not tokens[ahead + 1].pause:
            ahead += 1
        return tokens[ahead].folded in self._clause_starts

    def _states(self, tokens: Sequence[Token], consumed: frozenset[int]) -> list[str]:
        states: list[str] = []
        state, steps, by_verb = SAID, 0, False
        for at, token in enumerate(tokens):
            if state != SAID and self._ends_here(tokens, at, by_verb):
                state = SAID
            if token.folded in self.words and (at not in consumed or self._unperceived(tokens, at)):
                if self._doubtful(tokens, at):
                    state, steps = OPEN, 0
                elif self._denies(tokens, at):
                    state, steps, by_verb = DENIED, 0, token.folded == "not"
            elif at in consumed:
                steps = 0
            elif token.weight == FULL and state == DENIED:
                steps += 1
                state = DENIED if steps <= _STEPS else SAID
            states.append(state)
        return states

    def _ends_here(self, tokens: Sequence[Token], at: int, by_verb: bool) -> bool:
        """Whether a denial reaches no further than the word before this one."""
        token = tokens[at]
        if token.pause in _ENDS or token.folded in self._turns:
            return True
        if self.new_clause(tokens, at) or (by_verb and token.folded in self._joins):
            return True
        return token.pause == "," and self._has_verb(tokens, at)

    def _has_verb(self, tokens: Sequence[Token], at: int) -> bool:
        """ "Not bending, headache *is* bad" begins anew; "not swollen, red or hot" goes on."""
        for ahead in range(at, min(at + _AHEAD, len(tokens))):
            if ahead > at and tokens[ahead].pause:
                return False
            if tokens[ahead].folded in self._verbs:
                return True
        return False

    def _doubtful(self, tokens: Sequence[Token], at: int) -> bool:
        ahead = tuple(token.folded for token in tokens[at : at + 4])
        return any(ahead[: len(doubt)] == doubt for doubt in self._doubts)

    def _denies(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether a denial word denies: not in "it won't stop", "I can't walk", nor "no" as an answer of its own."""
        if at + 1 >= len(tokens):
            return False
        after, before = tokens[at + 1], tokens[at - 1].folded if at else ""
        if after.folded in self._no_denial_before or after.pause in _ENDS:
            return False
        if before in self._ability and after.folded not in self._perceives:
            return False
        opens = at == 0 or tokens[at].pause != "" or before in self._bare_no
        answers = after.pause == "," or after.folded in self._answer_no_before
        return not (tokens[at].folded in self._bare_no and opens and answers)

    def _unperceived(self, tokens: Sequence[Token], at: int) -> bool:
        """ "I can't see any swelling" denies, though "can't see" is a phrase of its own."""
        able = at > 0 and tokens[at - 1].folded in self._ability
        return able and at + 2 < len(tokens) and tokens[at + 1].folded in self._sees

    def _asked(self, tokens: Sequence[Token], first: int) -> bool:
        """Whether the speaker only asks about the sign: "is it swollen, love?"."""
        before = tuple(token.folded for token in tokens[max(first - 4, 0) : first] if token.weight != FULL)
        return before != () and any(before[-len(asks) :] == asks for asks in self._asks)

    def _in_general(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether a sentence asks in general, about nobody of one's own: "does a twitch mean you had a stroke"."""
        start, end = at, at + 1
        while start and tokens[start].pause not in _ENDS:
            start -= 1
        if tokens[start].folded not in self._whether:
            return False
        while end < len(tokens) and tokens[end].pause not in _ENDS:
            end += 1
        words = [token.folded for token in tokens[start:end]]
        # Somebody out of breath leaves the "I" away: "can feel a cramp in my chest", "can't swallow".
        after = next((token.folded for token in tokens[start + 1 : end] if token.weight != SMALL), "")
        # And "can you help, chest pain" asks for help: who is asked right away is no person in general.
        people = words[1:2] and words[1] not in self._people and not self._people.isdisjoint(words)
        subject = after in self._cramps or bool(people)
        return subject and self._persons.isdisjoint(words)

    def _is_absent(self, tokens: Sequence[Token], last: int, consumed: frozenset[int]) -> bool:
        """ "Swelling *is not there*": so ends a clause, as they say in India; "seeing things that are not there" is all
        one sign.
        """
        words = [at for at in range(last + 1, len(tokens)) if tokens[at].folded]
        at = next((at for at in words if tokens[at].weight != SMALL), None)
        if at is None or at in consumed or tokens[at].folded not in self._absent:
            return False
        if any(tokens[before].pause for before in words if before <= at):
            return False
        after = next((token for token in tokens[at + 1 :] if token.folded), None)
        return after is None or after.pause != "" or after.folded in self._joins | self._turns

    def _denied_after(self, tokens: Sequence[Token], last: int, consumed: frozenset[int]) -> bool:
        """ "Swelling, no", "swollen, love? no", "swelling is not there": a denial that stands alone after the sign."""
        if self._is_absent(tokens, last, consumed):
            return True
        ahead = last + 1
        while ahead < len(tokens) and tokens[ahead].folded not in self._bare_no:
            addressed = ahead + 1 < len(tokens) and tokens[ahead + 1].pause == "?"
            if tokens[ahead].pause == "." or (tokens[ahead].weight == FULL and not addressed):
                return False
            ahead += 1
        if ahead >= len(tokens) or ahead in consumed:
            return False
        return ahead + 1 >= len(tokens) or tokens[ahead + 1].pause != ""
