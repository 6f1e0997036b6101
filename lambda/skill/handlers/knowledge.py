"""Questions of knowledge, "who says so?", "why do you ask?", the way back, and what is not ours.

None of them closes the episode.
"""

from __future__ import annotations

from collections.abc import Iterable

from speech import Line
from triage import (
    PRESENT,
    Assessment,
    Disposition,
    Episode,
    Question,
    Reminder,
    best_tested,
    cautions,
    fitting,
    next_step,
    put,
    safety_question,
    subject,
)

from ..episode import advance, aside, ask_again, question_line, reprompt_line, standing, take, what_helps
from ..reply import Reply, asking
from ..state import State
from ..turn import Turn
from .assessment import more_of
from .base import IntentHandler

_TOPICS = {
    "DifferenceIntent": "difference",
    "WhatIsCrampIntent": "what_is_a_cramp",
    "WhatIsSpasmIntent": "what_is_a_spasm",
    "WhatIsStrainIntent": "what_is_a_strain",
    "WhatIsStitchIntent": "what_is_a_stitch",
    "SorenessIntent": "soreness",
    "NightCrampIntent": "night_cramps",
    "CauseIntent": "causes",
    "HowLongItLastsIntent": "how_long_it_lasts",
    "PreventIntent": "prevention",
    "DoctorIntent": "when_to_see_a_doctor",
}
_UNKNOWN = "unknown_remedy"
_NAMED = 2  # sources that are named in one breath


def _informed(disposition: Disposition, topic: str) -> Assessment:
    return Assessment(disposition, "other", (topic,), "", "", Reminder.SOFT)


def _answer(turn: Turn, topic: str, before: tuple[Line, ...] = ()) -> Reply:
    """An answer in a breath or two, the reminder, and the way back to what was open."""
    state = turn.state._replace(
        episode=take_aside(turn), topic=topic, all_told=False, now=_informed(Disposition.INFO, topic), lost=0
    )
    lines = [*before, *_for_this_person(turn, topic, state)]
    if topic != "when_to_see_a_doctor":
        lines += standing(turn) or (Line("reminder.soft"),)
    if state.episode.open is not None:
        return aside(turn, state, tuple(lines))
    if state.told is None and _is_complaint(turn):
        step = next_step(turn.knowledge, state.episode)
        if isinstance(step, Question):
            state = state._replace(episode=put(state.episode, step), offer=None)
            return asking([*lines, question_line(step)], reprompt_line(step), state)
    offer = state.offer if state.told is not None and state.offer else "more"
    return ask_again(turn, state._replace(offer=offer), tuple(lines))


def _for_this_person(turn: Turn, topic: str, state: State) -> list[Line]:
    """What is told of a topic; a caution that holds for the person stands in its place, or beside it."""
    held = cautions(turn.knowledge, topic, state.episode.findings)
    forbidding = [Line(f"advice.{caution.id}") for caution in held if caution.instead]
    return forbidding[:1] or [Line(f"topic.{topic}.tell"), *(Line(f"advice.{caution.id}") for caution in held[:1])]


# Said of cramps in general as well: "how do I prevent leg cramps at night?"
_IN_GENERAL = frozenset({"site", "second_site", "at_night", "during_exercise", "frequent", "in_water"})


def _is_complaint(turn: Turn) -> bool:
    """Whether a question is about a muscle that troubles somebody: it names the place and says more of it."""
    said = set(turn.heard.findings) - turn.knowledge.personal
    return "site" in said and bool(said - _IN_GENERAL)


def take_aside(turn: Turn) -> Episode:
    """The episode with what an aside says in it; the open question stays open."""
    episode = turn.state.episode
    taken = take(turn._replace(state=turn.state._replace(episode=episode._replace(open=None))))
    return taken._replace(open=episode.open)


class Topic(IntentHandler):
    """The difference, what it is, causes, how long, prevention, night cramps, when to see a doctor."""

    intents = frozenset(_TOPICS)

    def reply(self, turn: Turn) -> Reply:
        if turn.intent == "DoctorIntent" and standing(turn):
            return ask_again(turn, turn.state._replace(now=None, lost=0), standing(turn))
        return _answer(turn, fitting(turn.knowledge, _TOPICS[turn.intent], turn.heard.findings))


class Remedy(IntentHandler):
    """Does it help, is it safe, is this one better than that? Never a dose."""

    intents = frozenset({"RemedyIntent"})

    def reply(self, turn: Turn) -> Reply:
        known = [id_ for id_ in dict.fromkeys(turn.heard.remedies) if id_ in turn.knowledge.topics and id_ != _UNKNOWN]
        if not turn.heard.remedies:
            return self._same(turn)
        if not known:
            return _answer(turn, _UNKNOWN)  # never echoed: a slot may hold anything
        if len(known) == 1:
            return _answer(turn, known[0])
        topic, better = best_tested(turn.knowledge, known, take_aside(turn).findings)
        return _answer(turn, topic, (Line("compare.better" if better else "compare.equal"),))

    @staticmethod
    def _same(turn: Turn) -> Reply:
        """More about the remedy asked about before: "does it work?"; without one, what is true of any."""
        topic = turn.knowledge.topics.get(turn.state.topic)
        return more_of(turn) if topic is not None and topic.evidence else _answer(turn, "when_to_see_a_doctor")


class More(IntentHandler):
    """More about the last answer; without one, about what was told."""

    intents = frozenset({"TellMeMoreIntent"})

    def reply(self, turn: Turn) -> Reply:
        state = turn.state._replace(now=None, lost=0)
        told = state.told
        if state.topic:
            return more_of(turn)
        if state.episode.open is not None or told is None:
            return ask_again(turn, state, (Line("more.nothing"),) if state.episode.open is None else ())
        if told.disposition != Disposition.SELF_CARE:
            return ask_again(turn, state, (_reason(turn), *standing(turn)))
        about = [id_ for id_, topic in turn.knowledge.topics.items() if told.condition in topic.about]
        return ask_again(turn, state._replace(topic=about[0]), (Line(f"topic.{about[0]}.tell"),))


class JustAsking(IntentHandler):
    """Nothing hurts: the questions stop, and nothing is held against the person."""

    intents = frozenset({"JustAskingIntent"})

    def reply(self, turn: Turn) -> Reply:
        if standing(turn):
            return ask_again(turn, turn.state._replace(now=None, lost=0), standing(turn))
        return asking([Line("just_asking")], Line("launch.reprompt"), State())


class Resume(IntentHandler):
    """Back to what was open before an aside; another place than before is another trouble."""

    intents = frozenset({"ResumeIntent"})

    def reply(self, turn: Turn) -> Reply:
        state = turn.state._replace(now=None, lost=0)
        findings = dict(turn.heard.findings)
        place = findings.pop("second_site", findings.get("site"))  # "back to my calf": the last place is meant
        if place is not None and not self._is_known(turn, str(place)):
            findings["site"] = place
            return advance(turn._replace(heard=turn.heard._replace(findings=findings)))
        if state.episode.open is not None:
            return ask_again(turn, state, (Line("resume.back"), *(standing(turn) if state.told is not None else ())))
        if state.told is None:
            return asking([Line("resume.nothing")], Line("launch.reprompt"), state._replace(offer=None))
        return ask_again(turn, state._replace(offer=what_helps(turn, state)), (Line("resume.back"), *standing(turn)))

    @staticmethod
    def _is_known(turn: Turn, place: str) -> bool:
        known = {turn.state.episode.findings.get(key) for key in ("site", "second_site")}
        return place in known or bool(known & set(turn.knowledge.sites[place].narrow))


class Why(IntentHandler):
    """Answered from the rule's own reason: the open question's, a remedy's evidence, else what decided."""

    intents = frozenset({"WhyIntent"})

    def reply(self, turn: Turn) -> Reply:
        return ask_again(turn, turn.state._replace(now=None, lost=0), tuple(self._lines(turn)))

    def _lines(self, turn: Turn) -> Iterable[Line]:
        topic = _just_told(turn)
        if turn.state.episode.open is not None or not topic:
            return [_reason(turn)]
        evidence = turn.knowledge.topics[topic].evidence
        return [*([Line(f"evidence.{evidence}")] if evidence else []), *_named(turn, [f"topics.{topic}"])]


class Source(IntentHandler):
    """Who says so? The sources of what was just told, asked or decided; our own rules are called our own."""

    intents = frozenset({"SourceIntent"})

    def reply(self, turn: Turn) -> Reply:
        state = turn.state
        topic = _just_told(turn)
        if topic == _UNKNOWN:
            lines = [Line("sources.remedy_unknown")]
        elif topic:
            lines = _named(turn, _of_topic(turn, topic))
        else:
            lines = _named(turn, self._decided(turn)) or [Line("sources.general")]
        return ask_again(turn, state._replace(now=None, lost=0), tuple(lines))

    @staticmethod
    def _decided(turn: Turn) -> tuple[str, ...]:
        state = turn.state
        step = any(line.id == "hold" or line.id.startswith("remedy.") for line in state.lines)
        verdict = any(line.id.startswith(("condition.", "told.")) for line in state.lines)
        if step and not verdict and state.episode.open is None:
            return (f"remedies.{state.remedy}",)
        return subject(turn.knowledge, _asked(turn), state.told)


def _asked(turn: Turn) -> Question | None:
    """The open question; none where it only came along with advice, which is what a person wonders about."""
    return turn.state.episode.open if turn.state.told is None else None


def _just_told(turn: Turn) -> str:
    """The topic of the last reply; "" when it was about something else."""
    told = any(line.id.startswith(("topic.", "advice.", "evidence.", "more.used_up")) for line in turn.state.lines)
    return turn.state.topic if told else ""


def _of_topic(turn: Turn, topic: str) -> list[str]:
    """A caution that was told comes from its own sources, the topic from its."""
    advice = [
        f"cautions.{line.id.removeprefix('advice.')}" for line in turn.state.lines if line.id.startswith("advice.")
    ]
    return [key for key in advice if key in turn.knowledge.sources] or [f"topics.{topic}"]


def _named(turn: Turn, keys: Iterable[str]) -> list[Line]:
    """The sources of some entries by their spoken names, each name once."""
    tags = [tag for key in keys for tag in turn.knowledge.sources.get(key, ())]
    names = {turn.book.say(Line(f"source.{tag}")): f"source.{tag}" for tag in tags if turn.book.has(f"source.{tag}")}
    own = any(not turn.book.has(f"source.{tag}") for tag in tags)
    first, *others = [*list(names.values())[:_NAMED], ""]
    if not first:
        return [Line("sources.own")] if own else []
    line = Line("sources.one", {"first": [first, {}]})
    if others[0]:
        line = Line("sources.two", {"first": [first, {}], "second": [others[0], {}]})
    return [line, Line("sources.partly_own")] if own else [line]


def _reason(turn: Turn) -> Line:
    """The lay sentence kept with the rule."""
    question, told = _asked(turn), turn.state.told
    ids: list[str] = []
    if question is not None:
        ids = [question.family, question.family.partition("_")[0]]
    elif told is not None:
        doubt = [id_ for id_ in ("unclear_yes", "safety_unknown") if id_ in told.reasons]
        condition = [told.condition] if told.disposition == Disposition.SELF_CARE else []
        ids = [*doubt, *told.reasons, *condition, told.disposition]
    return next((Line(f"why.{id_}") for id_ in ids if turn.book.has(f"why.{id_}")), Line("why.nothing"))


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
            means = {entry["finding"]: PRESENT} if "finding" in entry else {}
            findings = {**episode.findings, **means}
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
