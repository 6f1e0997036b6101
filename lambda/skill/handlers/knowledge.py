"""Questions of knowledge, "why do you ask?", and what is not ours. None of them closes the episode."""

from __future__ import annotations

from speech import Line
from triage import (
    Assessment,
    Disposition,
    Episode,
    Question,
    Reminder,
    next_step,
    put,
    safety_question,
)

from ..episode import aside, ask_again, question_line, reprompt_line, take
from ..reply import Reply, asking
from ..state import State
from ..turn import Turn
from .assessment import more_of
from .base import IntentHandler

_TOPICS = {
    "DifferenceIntent": "difference",
    "WhatIsCrampIntent": "what_is_a_cramp",
    "WhatIsSpasmIntent": "what_is_a_spasm",
    "CauseIntent": "causes",
    "HowLongItLastsIntent": "how_long_it_lasts",
    "PreventIntent": "prevention",
    "DoctorIntent": "when_to_see_a_doctor",
}


def _informed(disposition: Disposition, topic: str) -> Assessment:
    return Assessment(disposition, "other", (topic,), "", "", Reminder.SOFT)


def _answer(turn: Turn, topic: str) -> Reply:
    """An answer in a breath or two, the soft reminder, and the way back to what was open."""
    state = turn.state._replace(episode=take_aside(turn), topic=topic, now=_informed(Disposition.INFO, topic), lost=0)
    lines = [Line(f"topic.{topic}.tell")]
    if topic != "when_to_see_a_doctor":
        lines.append(Line("reminder.soft"))
    if state.episode.open is not None:
        return aside(turn, state, tuple(lines))
    if state.told is None and _is_complaint(turn):
        step = next_step(turn.knowledge, state.episode)
        if isinstance(step, Question):
            state = state._replace(episode=put(state.episode, step), offer=None)
            return asking([*lines, question_line(step)], reprompt_line(step), state)
    offer = state.offer if state.told is not None and state.offer else "more"
    return ask_again(turn, state._replace(offer=offer), tuple(lines))


# Said of cramps in general as well: "how do I prevent leg cramps at night?"
_IN_GENERAL = frozenset({"site", "second_site", "at_night", "during_exercise", "frequent", "in_water"})


def _is_complaint(turn: Turn) -> bool:
    """Whether a question is about a muscle that troubles somebody: it names the place and says more of it."""
    return "site" in turn.heard.findings and bool(set(turn.heard.findings) - _IN_GENERAL)


def take_aside(turn: Turn) -> Episode:
    """The episode with what an aside says in it; the open question stays open."""
    episode = turn.state.episode
    taken = take(turn._replace(state=turn.state._replace(episode=episode._replace(open=None))))
    return taken._replace(open=episode.open)


class Topic(IntentHandler):
    """The difference, what it is, causes, how long, prevention, when to see a doctor."""

    intents = frozenset(_TOPICS)

    def reply(self, turn: Turn) -> Reply:
        told = turn.state.told
        if turn.intent == "DoctorIntent" and told is not None and turn.book.has(f"told.{told.disposition}_still"):
            return ask_again(
                turn,
                turn.state._replace(now=None, lost=0),
                (Line(f"told.{told.disposition}_still"),),
            )
        return _answer(turn, _TOPICS[turn.intent])


class Remedy(IntentHandler):
    """Does it help, is it safe? Never a dose."""

    intents = frozenset({"RemedyIntent"})

    def reply(self, turn: Turn) -> Reply:
        remedy = turn.heard.remedy
        if remedy not in turn.knowledge.topics:
            return aside(turn, turn.state._replace(now=None), (Line("scope.something_else"),))
        return _answer(turn, str(remedy))


class More(IntentHandler):
    """More about the last answer."""

    intents = frozenset({"TellMeMoreIntent"})

    def reply(self, turn: Turn) -> Reply:
        if turn.state.topic:
            return more_of(turn)
        return ask_again(turn, turn.state._replace(now=None, lost=0), ())


class JustAsking(IntentHandler):
    """Nothing hurts: the questions stop, and nothing is held against the person."""

    intents = frozenset({"JustAskingIntent"})

    def reply(self, turn: Turn) -> Reply:
        told = turn.state.told
        if told is not None and turn.book.has(f"told.{told.disposition}_still"):
            # Advice to see a doctor is not talked away.
            return ask_again(turn, turn.state._replace(now=None, lost=0), (Line(f"told.{told.disposition}_still"),))
        return asking([Line("just_asking")], Line("launch.reprompt"), State())


class Why(IntentHandler):
    """Answered from the rule's own reason: the open question's, else the one that decided."""

    intents = frozenset({"WhyIntent"})

    def reply(self, turn: Turn) -> Reply:
        return ask_again(turn, turn.state._replace(now=None, lost=0), (Line(self._reason(turn)),))

    def _reason(self, turn: Turn) -> str:
        question, told = turn.state.episode.open, turn.state.told
        ids = [question.family.partition("_")[0], question.family] if question is not None else []
        if question is None and told is not None:
            ids = [told.disposition, *reversed(told.reasons)]
        return next((f"why.{id_}" for id_ in reversed(ids) if turn.book.has(f"why.{id_}")), "why.nothing")


class OutOfScope(IntentHandler):
    """Not ours: one safety question where danger could hide behind it, then a kind redirect."""

    intents = frozenset({"OutOfScopeIntent"})

    def takes(self, turn: Turn) -> bool:
        return super().takes(turn) or _is_belly(turn)

    def reply(self, turn: Turn) -> Reply:
        topic = turn.heard.topic if turn.heard.topic in turn.knowledge.scope else "something_else"
        if _is_belly(turn) and turn.heard.topic is None:
            topic = "stomach_cramps"
        entry = turn.knowledge.scope[str(topic)]
        state = turn.state._replace(
            episode=take_aside(turn), now=_informed(Disposition.OUT_OF_SCOPE, str(topic)), lost=0
        )
        episode = state.episode
        if topic == "pets":  # no person's muscle: whatever was asked about it is over
            fresh = State(now=state.now, offer="check")
            lines = [Line("told.OUT_OF_SCOPE"), Line("scope.pets"), Line("offer.check")]
            return asking(lines, Line("launch.reprompt"), fresh)
        if episode.open is not None or state.told is not None:
            return aside(turn, state, (Line("told.OUT_OF_SCOPE"), Line(f"scope.{topic}")))
        family = entry.get("safety")
        if family:
            findings = {**episode.findings, entry["finding"]: "present"}
            question = safety_question(turn.knowledge, family, {**findings, "site": ""})
            if question is not None:
                state = state._replace(episode=put(episode._replace(findings=findings), question), scope=str(topic))
                return asking(
                    [Line("told.OUT_OF_SCOPE"), question_line(question)],
                    reprompt_line(question),
                    state,
                )
        lines = [Line("told.OUT_OF_SCOPE"), Line(f"scope.{topic}"), Line("offer.check")]
        return asking(lines, Line("launch.reprompt"), state._replace(offer="check"))


def _is_belly(turn: Turn) -> bool:
    """Whether somebody starts with cramps of womb or bowel, in words that name no muscle."""
    findings, state = turn.heard.findings, turn.state
    if findings.get("belly_cramps") != "present" or state.told is not None or state.episode.open is not None:
        return False
    return findings.get("site", "abdomen") == "abdomen" and "site" not in state.episode.findings
