"""The conversation about what hurts: danger in any turn, answers, and the yes or no to an offer."""

from __future__ import annotations

from speech import Line
from triage import ABSENT, PRESENT, Answer, Disposition, assess, danger, settle, steps_of
from triage import Reply as Said

from ..episode import advance, ask_again, raises, standing, still, take, tell
from ..reply import Reply, asking, ending
from ..state import State
from ..turn import Turn
from .base import TurnHandler

_SAID = {"AMAZON.YesIntent": Said.YES, "AMAZON.NoIntent": Said.NO, "DontKnowIntent": Said.UNKNOWN}
TELLING = frozenset({"CheckCrampIntent", "DescribeIntent", "DangerIntent", "WhatToDoIntent", "ProgressIntent", *_SAID})
_PROGRESS = {"eased": Said.YES, "partly": Said.YES, "still": Said.NO, "hurts": Said.NO}


def with_reply(turn: Turn) -> Turn:
    """The turn with the bare yes, no or don't-know that its intent stands for; "gone" is one to "is it easing?"."""
    said = _SAID.get(turn.intent)
    if turn.state.episode.open is None and turn.state.offer == "easing":
        said = said or _PROGRESS.get(turn.heard.progress)
    return turn if said is None else turn._replace(heard=turn.heard._replace(reply=said))


class Danger(TurnHandler):
    """Stands first: a sign of danger ends whatever the conversation was about."""

    def takes(self, turn: Turn) -> bool:
        return bool(turn.heard.findings) and raises(with_reply(turn))

    def reply(self, turn: Turn) -> Reply:
        return advance(with_reply(turn))


class Answered(TurnHandler):
    """An answer to the open question, whichever intent carries it: "stretching eases it" asks about no remedy."""

    def takes(self, turn: Turn) -> bool:
        question = turn.state.episode.open
        if question is None or turn.state.scope:
            return False
        return any(id_ in turn.heard.findings for id_ in question.fills)

    def reply(self, turn: Turn) -> Reply:
        return advance(with_reply(turn))


class Offered(TurnHandler):
    """A bare answer to what was offered, when no question of triage is open."""

    def takes(self, turn: Turn) -> bool:
        if turn.state.episode.open is not None or turn.state.offer is None or turn.intent not in TELLING:
            return False
        turn = with_reply(turn)
        says_more = set(turn.heard.findings) - {
            "eased",
            "eases_with_stretch",
            "worse",
            "still_locked",
        }
        return not says_more and (turn.heard.reply != Said.NONE or bool(turn.heard.findings))

    def reply(self, turn: Turn) -> Reply:
        turn = with_reply(turn)
        heard, state = turn.heard, turn.state
        eased = heard.findings.get("eased") == PRESENT or heard.findings.get("eases_with_stretch") == PRESENT
        if eased:
            return asking(
                [Line("easing.yes"), Line("offer.anything_else")],
                Line("offer.reprompt"),
                _offering(turn, "anything_else"),
            )
        if heard.findings:
            return advance(turn, (Line("easing.worse"),))
        if heard.reply == Said.UNKNOWN:
            if state.lost:
                return leave(turn)
            return ask_again(turn, _offering(turn, state.offer or "anything_else")._replace(lost=1), (Line("unsure"),))
        yes = heard.reply == Said.YES
        if state.offer == "next_step":
            return next_of(turn) if yes else leave(turn)
        if state.offer == "easing":
            return self._easing(turn, yes=yes)
        if state.offer == "more":
            return (
                more_of(turn)
                if yes
                else asking([Line("offer.check")], Line("launch.reprompt"), _offering(turn, "check"))
            )
        if state.offer == "check":
            return advance(turn._replace(heard=heard._replace(reply=Said.NONE))) if yes else leave(turn)
        if not yes:
            return leave(turn)
        return asking(
            [Line("tell_me")],
            Line("launch.reprompt"),
            turn.state._replace(offer=None, now=None, lost=0),
        )

    def _easing(self, turn: Turn, *, yes: bool) -> Reply:
        if yes:
            return ending([Line("easing.yes")], turn.state._replace(now=None))
        episode = settle(turn.knowledge, turn.state.episode, Answer({"eases_with_stretch": ABSENT}))
        state = turn.state._replace(episode=episode, offer=None, now=None, lost=0)
        assessment = danger(turn.knowledge, episode.findings) or assess(turn.knowledge, episode)
        if assessment.disposition == Disposition.SELF_CARE:
            lines = (Line("easing.no"), Line(f"reminder.{assessment.reminder}"))
            return ask_again(turn, state._replace(offer="anything_else"), lines)
        return tell(turn, state, assessment)


class Tell(TurnHandler):
    """Somebody tells what is wrong, or answers what was asked."""

    def takes(self, turn: Turn) -> bool:
        if turn.intent not in TELLING:
            return False
        bare = turn.intent in _SAID and turn.state.episode.open is None
        return not bare

    def reply(self, turn: Turn) -> Reply:
        turn = with_reply(turn)
        if turn.state.scope and turn.state.episode.open is not None:
            return scoped(turn)
        if turn.state.told is not None and turn.state.episode.open is None and _adds_nothing(turn):
            if turn.intent == "WhatToDoIntent" and turn.state.remedy:
                return next_of(turn)
            return ask_again(turn, turn.state._replace(now=None, lost=0), still(turn))
        return advance(turn)


def scoped(turn: Turn) -> Reply:
    """The answer to the one safety question of a complaint that is not ours."""
    episode = take(turn)
    state = turn.state._replace(episode=episode, now=None, lost=0)
    if episode.open is not None:
        return ask_again(turn, state, ())
    unknown = any(value == "unknown" for value in episode.findings.values())
    lines = [Line(f"scope.{turn.state.scope}")]
    if unknown:
        lines = [Line("told.safety_unknown"), *lines, Line("reminder.firm")]
    return asking(
        [*lines, Line("offer.check")],
        Line("launch.reprompt"),
        state._replace(scope="", offer="check"),
    )


def next_of(turn: Turn) -> Reply:
    """The next step of the remedy; after the last one, whether it is easing."""
    state = turn.state
    steps = steps_of(turn.knowledge, state.remedy, state.episode.findings)
    if state.step >= len(steps):
        return asking(
            [Line("steps.last"), Line("offer.easing")],
            Line("offer.reprompt"),
            _offering(turn, "easing"),
        )
    line = Line(steps[state.step])
    offer = "next_step" if state.step + 1 < len(steps) else "easing"
    return asking(
        [line, Line(f"offer.{offer}")],
        Line("offer.reprompt"),
        _offering(turn, offer)._replace(step=state.step + 1),
    )


def more_of(turn: Turn) -> Reply:
    """More about the last question of knowledge; when that was told too, a kind word that there is no more."""
    state = turn.state
    # A session of another version may offer more, and no longer say of what.
    line = Line(f"topic.{state.topic}.more") if state.topic and not state.all_told else Line("more.used_up")
    offer = "check" if state.told is None else state.offer if state.offer not in {None, "more"} else "anything_else"
    return ask_again(turn, state._replace(offer=offer, all_told=True, now=None, lost=0), (line,))


def leave(turn: Turn) -> Reply:
    """A friendly end; the doctor is not forgotten where one was advised."""
    said = {line.id for line in turn.state.lines}
    lines = [line for line in standing(turn) if line.id not in said]
    return ending([*lines, Line("goodbye")], turn.state._replace(now=None))


def _offering(turn: Turn, offer: str) -> State:
    return turn.state._replace(offer=offer, now=None, lost=0)


def _adds_nothing(turn: Turn) -> bool:
    known = turn.state.episode.findings
    return all(known.get(id_) == value for id_, value in turn.heard.findings.items())
