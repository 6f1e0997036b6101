"""Getting about: leave, help, repeat, next, start over; and what to say when a turn was not understood."""

from __future__ import annotations

from speech import Line
from triage import Answer, Disposition, Question, next_step, settle

from .. import coach
from ..episode import advance, aside, ask_again, question_line, raises, reprompt_line, tell
from ..reply import Reply, asking, ending
from ..state import State
from ..turn import Turn
from .assessment import leave, more_of, next_of
from .base import IntentHandler, TurnHandler

_PATIENCE = 3  # turns in a row that may be lost before we let a person go


class Leave(IntentHandler):
    """Stop, cancel, go home and goodbye leave the skill (certification test 4.13)."""

    intents = frozenset({"AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent", "ThanksIntent"})

    def reply(self, turn: Turn) -> Reply:
        return leave(turn)


class StartOver(IntentHandler):
    """Forgets the episode, and hears what is said with it."""

    intents = frozenset({"AMAZON.StartOverIntent"})

    def reply(self, turn: Turn) -> Reply:
        fresh = turn._replace(state=State(turn=turn.state.turn))
        if raises(fresh):
            return advance(fresh)
        return asking([Line("start_over")], Line("launch.reprompt"), State())


class Help(IntentHandler):
    """What can be said now."""

    intents = frozenset({"AMAZON.HelpIntent"})

    def reply(self, turn: Turn) -> Reply:
        question = turn.state.episode.open
        if coach.is_on(turn.state):
            return coach.aside(turn, Line("coach.help"))
        if question is not None:
            line = question_line(question)
            lines = [Line("help_open", {"question": [line.id, dict(line.blanks)]})]
            return asking(lines, reprompt_line(question), turn.state._replace(now=None, lost=0))
        return asking([Line("help")], Line("launch.reprompt"), turn.state._replace(now=None, lost=0))


class Repeat(IntentHandler):
    """Says the last reply again, in other words where there are some."""

    intents = frozenset({"AMAZON.RepeatIntent"})

    def reply(self, turn: Turn) -> Reply:
        state = turn.state._replace(now=None, lost=0)
        if not state.lines or not all(turn.book.knows(line) for line in state.lines):
            return asking([Line("nothing_to_repeat")], Line("launch.reprompt"), state)
        if state.told is not None and state.told.disposition == Disposition.EMERGENCY:
            return tell(turn, state, state.told)
        question = state.episode.open
        if question is None and not _asks(turn, state.lines[-1]):
            return ask_again(turn, state, state.lines)
        return asking(
            state.lines,
            Line("offer.reprompt") if question is None else reprompt_line(question),
            state,
        )


def _asks(turn: Turn, line: Line) -> bool:
    return line.id == "tell_me" or "?" in turn.book.say(line, turn.state.turn)


class Steps(IntentHandler):
    """Next and back through the steps of a remedy."""

    intents = frozenset({"AMAZON.NextIntent", "AMAZON.PreviousIntent", "ReadyIntent", "DoneIntent"})

    def reply(self, turn: Turn) -> Reply:
        state = turn.state
        if state.offer == "more" and state.episode.open is None:
            return more_of(turn)
        if state.episode.open is not None or state.told is None:
            return ask_again(turn, state._replace(now=None), ()) if state.episode.open else advance(turn)
        if not state.remedy:
            return ask_again(turn, state._replace(now=None, lost=0), (Line("steps.none"),))
        if turn.intent == "AMAZON.PreviousIntent":
            turn = turn._replace(state=state._replace(step=max(state.step - 2, 0)))
        return next_of(turn)


def passed_over(turn: Turn, line: Line) -> Reply:
    """A word, and back to what is open; a question that is passed over again counts as unanswered."""
    if turn.state.episode.open is not None:
        return aside(turn, turn.state._replace(now=None), (line,))
    return ask_again(turn, turn.state._replace(now=None, lost=0), (line,))


class Wait(IntentHandler):
    """A moment to look, or to sit down: what is open stays open, and counts as no answer."""

    intents = frozenset({"AMAZON.PauseIntent"})

    def reply(self, turn: Turn) -> Reply:
        return passed_over(turn, Line("take_your_time"))


class NoStretch(IntentHandler):
    """The other side, or how many more, while no stretch is going on."""

    intents = frozenset({"OtherSideIntent", "HowMuchMoreIntent"})

    def reply(self, turn: Turn) -> Reply:
        return passed_over(turn, Line("coach.not_on"))


class Lost(TurnHandler):
    """Everything else: what was not understood, what no handler knows. Never a "no", never a trap."""

    def takes(self, turn: Turn) -> bool:
        return True

    def reply(self, turn: Turn) -> Reply:
        lost = turn.state.lost + 1
        state = turn.state._replace(now=None, lost=lost)
        episode = state.episode
        if episode.open is not None:
            episode = settle(turn.knowledge, episode, Answer())
            step = next_step(turn.knowledge, episode)
            if isinstance(step, Question) and episode.open is not None:
                line = question_line(step)
                lines = [Line("fallback.told", {"question": [line.id, dict(line.blanks)]})]
                return asking(lines, reprompt_line(step), state._replace(episode=episode))
            reply = advance(turn._replace(state=state))
            return reply._replace(state=reply.state._replace(lost=lost))
        if lost > _PATIENCE:
            return ending([Line("goodbye")], state)
        if state.offer is not None:
            lines = [Line("fallback.told", {"question": [f"offer.{state.offer}", {}]})]
            return asking(lines, Line("offer.reprompt"), state)
        return asking([Line("fallback.open")], Line("launch.reprompt"), state)
