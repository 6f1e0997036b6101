"""The coach: what a person says before, within and after a stretch that is held together."""

from __future__ import annotations

from speech import Line
from triage import ABSENT, PRESENT, Disposition, assess, forbidding
from triage import Reply as Said

from .. import coach
from ..episode import advance, ask_again, is_new, standing, take, tell
from ..reply import Reply
from ..state import Coaching
from ..turn import Turn
from .assessment import TELLING, next_of, with_reply
from .base import TurnHandler
from .preferences import Prefer

_STARTS = frozenset({"WhatToDoIntent", "AMAZON.NextIntent", "ReadyIntent", "DoneIntent"})
_MOVES = frozenset(
    {
        "AMAZON.NextIntent",
        "AMAZON.PreviousIntent",
        "AMAZON.RepeatIntent",
        "AMAZON.PauseIntent",
        "ResumeIntent",
        "ReadyIntent",
        "DoneIntent",
        "OtherSideIntent",
        "HowMuchMoreIntent",
        "HowLongItLastsIntent",
        "WhatToDoIntent",
        "PreferIntent",
    }
)
# Said of a muscle that a hold has not loosened: "still rock hard".
_STILL_THERE = frozenset({"still_locked", "hard_knot", "tight_ache", "sudden_grab", "said_severe"})
_COUNTS = frozenset({"count_aloud", "count_quietly"})
_STOPS = frozenset({"worse", "worse_on_stretch", "tingling"})


class Coach(TurnHandler):
    """Takes the wish for a coach, the yes or no to the offer of one, and everything that moves a stretch along."""

    def takes(self, turn: Turn) -> bool:
        state = turn.state
        if turn.intent == "CoachIntent":
            return True
        if state.is_reminding and turn.intent in TELLING:
            return False
        if state.episode.open is not None:
            # "Pull your toes toward your shin. How long has it been?" - "Okay, done."
            return turn.intent in _STARTS and bool(state.step) and coach.may_begin(turn)
        if coach.is_on(state):
            return coach.can_hold(turn) and (turn.intent in _MOVES or turn.intent in TELLING)
        if state.offer == "coach" and turn.heard.preference in _COUNTS:
            return coach.can_hold(turn)  # "Shall I count the hold with you?" - "Count quietly."
        if state.offer == "coach" and with_reply(turn).heard.reply != Said.NONE:
            return not turn.heard.findings
        return turn.intent in _STARTS and state.offer == "coach" and coach.can_hold(turn)

    def reply(self, turn: Turn) -> Reply:
        turn = with_reply(turn)
        if turn.intent == "CoachIntent" or turn.state.episode.open is not None:
            return self._wished(turn)
        if coach.is_on(turn.state):
            return self._told(turn) if turn.intent in TELLING else self._moved(turn)
        if turn.heard.reply == Said.NO:
            return ask_again(
                turn, turn.state._replace(offer="anything_else", now=None, lost=0), (Line("coach.declined"),)
            )
        if turn.intent == "PreferIntent":
            noted = Prefer().reply(turn)
            return coach.start(turn._replace(state=noted.state), noted.lines[:1])
        return coach.start(turn)

    @staticmethod
    def _wished(turn: Turn) -> Reply:
        """Nothing is stretched before the signs of danger are denied; where that has been done, we begin."""
        state = turn.state._replace(now=None, lost=0)
        told, question = state.told, state.episode.open
        if told is not None and told.disposition == Disposition.URGENT and not is_new(turn, state.episode):
            return ask_again(turn, state, (coach.refusal(turn, state), *standing(turn)))
        wishing = turn._replace(state=state._replace(coach=Coaching("wished")))
        if question is not None and not coach.may_begin(turn):
            return ask_again(wishing, wishing.state, (Line("coach.once_checked"),))
        if question is not None:
            return coach.at_once(wishing)
        if told is None or is_new(turn, state.episode):
            return advance(wishing)
        turn = turn._replace(state=state._replace(episode=take(turn)))
        if coach.is_on(state) and coach.can_hold(turn):
            return Coach._moved(turn)  # "count me in", "can we do that again"
        return coach.start(turn) if coach.can_hold(turn) else _refused(turn)

    @staticmethod
    def _moved(turn: Turn) -> Reply:
        moment = (turn.state.coach or Coaching("position")).moment
        match turn.intent:
            case "AMAZON.PauseIntent":
                return coach.wait(turn)
            case "PreferIntent":
                noted = Prefer().reply(turn)
                return coach.in_new_manner(turn._replace(state=noted.state), noted.lines[0])
            case "HowMuchMoreIntent" | "HowLongItLastsIntent":
                return coach.how_much_more(turn)
            case "OtherSideIntent":
                return coach.other_side(turn)
            case "AMAZON.PreviousIntent":
                return coach.previous(turn)
            case _ if moment == "paused":
                return coach.go_on(turn)
            case "DoneIntent" if moment == "easing":
                return coach.easing(turn)
            case "AMAZON.RepeatIntent" if moment == "position":
                return coach.previous(turn)
            case _ if moment == "position":
                return coach.ready(turn)
            case "ResumeIntent":
                return coach.aside(turn)
        return coach.hold(turn, turn.state)

    @staticmethod
    def _told(turn: Turn) -> Reply:
        """An answer, or something more about the muscle: what forbids the stretch ends it."""
        heard, state = turn.heard, turn.state
        if is_new(turn, state.episode):
            return advance(turn)
        episode = take(turn)
        taken = turn._replace(state=state._replace(episode=episode))
        present = {id_ for id_, value in heard.findings.items() if value == PRESENT}
        if present & _STOPS:
            stopped = taken.state._replace(coach=None, remedy="", offer=None, now=None, lost=0)
            assessment = assess(turn.knowledge, episode)._replace(remedy="")
            return tell(turn, stopped, assessment, (Line("coach.stopped"),))
        if forbidding(turn.knowledge, episode.findings):
            return _refused(taken)
        moment = (state.coach or Coaching("position")).moment
        said = [heard.findings.get(id_) for id_ in ("eased", "eases_with_stretch")]
        still = bool(present & _STILL_THERE) or ABSENT in said or heard.progress == "still"
        gone = heard.progress == "eased" and moment != "position" and not still  # "the other leg's gone, too"
        eased = PRESENT in said or gone
        if (heard.progress == "hurts" or present == {"strong_words"}) and moment != "paused":
            return coach.hurting(taken)
        if moment == "easing" and (heard.progress == "partly" or (eased and still)):
            return coach.partly_easing(taken)
        if eased:
            return coach.easing(taken)
        if moment == "easing" and (still or heard.reply in {Said.NO, Said.UNKNOWN}):
            return coach.not_easing(taken)
        if heard.reply == Said.YES:
            return {"position": coach.ready, "easing": coach.easing, "paused": coach.go_on}[moment](taken)
        if moment == "position" and heard.reply in {Said.NO, Said.UNKNOWN}:
            return coach.not_yet(taken)
        if moment == "paused" and heard.reply == Said.NO:
            return coach.wait(taken)
        return coach.aside(taken, *([Line("noted")] if heard.findings else []))


def _refused(turn: Turn) -> Reply:
    """Why not, and what is right instead: the next step where there is one, the doctor where one was advised."""
    state = turn.state._replace(coach=None, now=None, lost=0)
    reason = coach.refusal(turn, state)
    if reason.id in {"refuse.strain", "refuse.none"} and state.remedy:
        reply = next_of(turn._replace(state=state))
        return reply._replace(lines=(reason, *reply.lines))
    state = state._replace(offer="anything_else", remedy="")
    return ask_again(turn, state, (reason, *standing(turn)))
