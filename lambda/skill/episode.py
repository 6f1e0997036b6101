"""Walks an episode by one step: asks the next question, or tells the assessment.

Knows what is said around a step and in which order; what the step is, is decided by `triage`.
"""

from __future__ import annotations

from collections.abc import Iterable

from speech import Line
from triage import (
    ABSENT,
    MAX_QUESTIONS,
    PRESENT,
    URGENCY,
    Answer,
    Assessment,
    Disposition,
    Episode,
    Findings,
    Form,
    Question,
    Stretch,
    Value,
    danger,
    forbidding,
    is_cleared,
    next_step,
    put,
    remedy_for,
    safety_families,
    safety_question,
    settle,
    steps_of,
    stretch_for,
    worse,
)
from triage import Reply as Said

from .reply import Reply, asking, ending
from .state import Coaching, State
from .turn import Turn

# Not said to somebody whose trouble is over, or goes on for days.
_NO_FIRST_AID = ("eased", "next_day_soreness", "frequent", "long_standing", "twitch", "at_night")

_SHORT_ANSWERS = frozenset({"AMAZON.YesIntent", "AMAZON.NoIntent"})

# Words of an assessment before its offer: a turn has 60 at most, the offer of a coach up to seven, another one six.
_ROOM, _ROOM_WITH_COACH = 54, 53


def take(turn: Turn) -> Episode:
    """The episode with what this turn says in it."""
    episode = turn.state.episode
    heard = turn.heard
    if is_new(turn, episode):
        told = turn.state.told
        urgent = told is not None and told.disposition == Disposition.URGENT
        # After "see a doctor today" it is the same conversation still: what was asked counts on.
        episode = Episode(_lasting(turn, episode.findings), dropped=episode.questions if urgent else 0)
    findings = dict(heard.findings)
    _take_site(turn, episode, findings)
    return settle(turn.knowledge, episode, Answer(findings, heard.reply, heard.choice, heard.correcting))


def _lasting(turn: Turn, findings: Findings) -> Findings:
    """What holds for the next trouble too: who the person is, and every sign of danger, for signs add up."""
    knowledge = turn.knowledge
    return {
        id_: value
        for id_, value in findings.items()
        if id_ in knowledge.personal or (id_ in knowledge.danger and value == PRESENT)
    }


def raises(turn: Turn) -> bool:
    """Whether this turn says something that means danger, beyond what was told already."""
    told = danger(turn.knowledge, take(turn).findings) if turn.heard.findings else None
    if told is None:
        return False
    before = turn.state.told
    return before is None or URGENCY.index(told.disposition) > URGENCY.index(before.disposition)


def keep(turn: Turn, reply: Reply) -> Reply:
    """The reply with the signs of this turn in its session, and their place, where its handler did not take them in.

    "Why do you ask, it's tingling" is answered first; but tingling that is no flag by itself may become one with what
    is said later. The signs of a pet are its own.
    """
    episode, known = reply.state.episode, turn.knowledge
    said = {id_: value for id_, value in turn.heard.findings.items() if id_ not in episode.findings}
    kept = {id_: value for id_, value in said.items() if id_ == "site" or (value == PRESENT and known.is_finding(id_))}
    if not set(kept) - {"site"} or turn.heard.topic == "pets":
        return reply
    taken = settle(known, episode._replace(open=None), Answer(kept))._replace(open=episode.open)
    return reply._replace(state=reply.state._replace(episode=taken))


def offer_reminder(turn: Turn, reply: Reply) -> Reply:
    """The reply with the offer of a reminder, where an appointment was advised and nothing better is left to offer.

    Once a session; and where somebody asked for one while a question was open, as soon as none is: who needs a doctor
    today is told so again first. Who leaves is let go, but a yes to "is it easing?", or a no to the next step, is no
    goodbye.
    """
    state, told = reply.state, reply.state.told
    done = reply.reprompt is None and turn.state.offer in {"next_step", "easing"} and turn.intent in _SHORT_ANSWERS
    last = reply.lines[-1].id if reply.lines else ""
    if told is None or told.disposition == Disposition.EMERGENCY or not (last == "offer.anything_else" or done):
        return reply
    if not state.reminder.wanted and (told.disposition != Disposition.ROUTINE or state.reminder.offered):
        return reply
    lines = tuple(line for line in reply.lines if line.id not in {"goodbye", "offer.anything_else"})
    if told.disposition == Disposition.URGENT and not any(line.id == "told.URGENT_still" for line in lines):
        lines = (Line("told.URGENT_still"), *lines)
    talk = state.reminder._replace(step="", wanted=False, offered=True)
    return asking(
        (*lines, Line("offer.reminder")), Line("offer.reprompt"), state._replace(offer="reminder", reminder=talk)
    )


def standing(turn: Turn) -> tuple[Line, ...]:
    """The advice to see a doctor that was given already, in a sentence; nothing where none was."""
    told = turn.state.told
    line = Line(f"told.{told.disposition}_still") if told is not None else None
    return (line,) if line is not None and turn.book.has(line.id) else ()


def still(turn: Turn) -> tuple[Line, ...]:
    """The advice that was given stands; the same sentence is not said twice in a row."""
    said = {line.id for line in turn.state.lines}
    lines = tuple(Line("noted") if line.id in said else line for line in standing(turn))
    return lines or (Line("unsure"),)


def advance(turn: Turn, before: tuple[Line, ...] = ()) -> Reply:
    """The reply after this turn was taken in: the next question, or the assessment. `before` is said first."""
    episode = take(turn)
    coach = turn.state.coach
    wish = coach if coach is not None and coach.moment == "wished" else None  # a stretch that has begun ends here
    state = turn.state._replace(episode=episode, offer=None, now=None, lost=0, coach=wish)
    if turn.heard.correcting and danger(turn.knowledge, episode.findings) is None:
        state = state._replace(told=None)  # what was told rested on what is now plainly taken back
    step = next_step(turn.knowledge, episode)
    if not isinstance(step, Question) and _was_told(turn, step) and _is_unsorted(episode):
        step = episode.open or step  # "see a doctor today" was told; a yes to worse signs is sorted out
    if not isinstance(step, Question) and _was_told(turn, step) and is_new(turn, turn.state.episode):
        step = _safety_of(turn, episode) or step  # what was told stands, but it may be worse
    if isinstance(step, Question):
        return _ask(turn, state, step, before)
    return tell(turn, state, step, before)


def ask_again(turn: Turn, state: State, before: tuple[Line, ...]) -> Reply:
    """The reply that leads back to what is open: the question, else the offer, a stretch, or an invitation."""
    question = state.episode.open
    if question is not None:
        return asking((*before, question_line(question)), reprompt_line(question), state)
    held = state.coach.offer if state.coach is not None else ""
    offer = state.offer or held or ("anything_else" if state.told is not None else "check")
    return asking((*before, Line(f"offer.{offer}")), Line("offer.reprompt"), state._replace(offer=offer))


def aside(turn: Turn, state: State, lines: tuple[Line, ...]) -> Reply:
    """The way back from an aside. A question that is passed over twice counts as unanswered: nobody is trapped."""
    if state.episode.open is None or turn.state.lost == 0:
        return ask_again(turn, state._replace(lost=1 if state.episode.open is not None else 0), lines)
    episode = settle(turn.knowledge, state.episode, Answer())
    state = state._replace(episode=episode, lost=0)
    step = next_step(turn.knowledge, episode)
    if isinstance(step, Question):
        return asking((*lines, question_line(step)), reprompt_line(step), state._replace(episode=put(episode, step)))
    return tell(turn, state, step)


def question_line(question: Question) -> Line:
    """The words of a question."""
    if question.id.endswith("_safety"):
        blanks = {
            "family": question.family,
            "fills": list(question.fills),
            "form": question.form.value,
        }
        return Line("safety", blanks)
    return Line(f"question.{question.family}.{question.form}")


def reprompt_line(question: Question) -> Line:
    """What is said when nobody answers: never the same sentence again."""
    if question.id.endswith("_safety"):
        return Line("safety_form.reprompt")
    return Line(f"question.{question.family}.reprompt")


def tell(turn: Turn, state: State, assessment: Assessment, before: tuple[Line, ...] = ()) -> Reply:
    """The reply that tells an assessment: what it sounds like, one step, the safety net, the reminder, an offer."""
    told = state.told
    state = state._replace(episode=state.episode._replace(open=None))
    if assessment.disposition in {Disposition.URGENT, Disposition.EMERGENCY}:
        state = state._replace(coach=None)  # nothing is stretched any more
    if assessment.disposition == Disposition.EMERGENCY:
        return _tell_emergency(turn, state._replace(told=assessment, now=assessment), assessment)
    lower = told is not None and URGENCY.index(told.disposition) > URGENCY.index(assessment.disposition)
    if told is not None and lower and not turn.heard.correcting:
        return ask_again(turn, state._replace(now=None), (*before, *still(turn)))
    if told is not None and told[:2] == assessment[:2] and assessment.disposition != Disposition.URGENT:
        offer = turn.state.offer if turn.state.offer != "easing" else "anything_else"
        return ask_again(turn, state._replace(told=assessment, now=None, offer=offer), (*before, Line("noted")))
    if assessment.disposition == Disposition.URGENT:
        if _was_told(turn, assessment):  # and is not told in full after every "it's been an hour"
            return ask_again(turn, state._replace(now=None, offer="anything_else"), (*before, *still(turn)))
        again = told is not None and told.disposition == Disposition.URGENT
        first = "told.URGENT_still" if again else "told.URGENT"
        lines = [
            Line(first),
            *_if_any(turn, f"action.{assessment.action}"),
            Line("reminder.strong"),
        ]
        state = state._replace(told=assessment, now=assessment, remedy="")
        question = worse(turn.knowledge, state.episode)
        if question is None:
            return ask_again(turn, state._replace(offer="anything_else"), tuple(lines))
        state = state._replace(episode=put(state.episode, question), offer=None)
        return asking([*lines, question_line(question)], reprompt_line(question), state)
    return _tell_level(turn, state, assessment, before)


def _is_unsorted(episode: Episode) -> bool:
    """Whether a yes to a list of signs waits for "which one?"."""
    return episode.open is not None and episode.open.form == Form.WHICH


def _was_told(turn: Turn, assessment: Assessment) -> bool:
    """Whether an urgent assessment holds nothing new."""
    told = turn.state.told
    return (
        told is not None
        and told.disposition == assessment.disposition == Disposition.URGENT
        and (set(assessment.reasons) <= set(told.reasons))
    )


def _safety_of(turn: Turn, episode: Episode) -> Question | None:
    """The safety question of a place that was just named, where one may still be asked."""
    findings = episode.findings
    if episode.questions >= MAX_QUESTIONS:
        return None
    questions = (
        safety_question(turn.knowledge, family, findings) for family in safety_families(turn.knowledge, findings)
    )
    return next((question for question in questions if question is not None), None)


def _tell_emergency(turn: Turn, state: State, assessment: Assessment) -> Reply:
    number = turn.book.emergency_number
    lines = [Line("told.EMERGENCY")]
    if number is not None:
        lines.append(Line("told.emergency_number", {"country": turn.book.country, "number": number}))
    lines += [Line(f"action.{assessment.action}"), Line("reminder.emergency")]
    return ending(lines, state)


def _tell_level(turn: Turn, state: State, assessment: Assessment, before: tuple[Line, ...]) -> Reply:
    unknown = "safety_unknown" in assessment.reasons
    spoken = steps_of(turn.knowledge, assessment.remedy, state.episode.findings)
    steps = len(spoken)
    step = state.step if state.remedy == assessment.remedy else 0
    first = [*before, *([Line("told.safety_unknown")] if unknown else []), Line(f"condition.{assessment.condition}")]
    notes = [Line(f"note.{id_}") for id_ in turn.knowledge.noted if state.episode.findings.get(id_) == PRESENT]
    last = [] if unknown else _if_any(turn, f"caution.{assessment.remedy}") or notes[:1]  # a breath has room for one
    last += [Line("safety_net"), Line(f"reminder.{assessment.reminder}")]
    now: list[Line] = []
    stretch = cleared_stretch(turn, state._replace(told=assessment, remedy=assessment.remedy))
    if stretch is not None and state.episode.findings.get("eased") == PRESENT:
        now = [Line("eased_care")]
    elif stretch is not None and step >= len(stretch.position) and turn.state.told is None:
        # The stretch is on already: one thing at a time. Who asked for the coach is about to hold it.
        now = [Line("keep_holding")] if state.coach is None else []
    elif step < steps:
        now = [Line(spoken[step])]
        if _words(turn, [*first, *now, *last]) > (_ROOM if stretch is None else _ROOM_WITH_COACH):
            now = []  # the warnings go first; the step is the next turn's
        else:
            step += 1
    wished = state.coach is not None
    state = state._replace(told=assessment, now=assessment, remedy=assessment.remedy, step=step, coach=None)
    offer = what_helps(turn, state)
    if wished and offer == "coach":
        offer, state = "ready", state._replace(coach=Coaching("position"))
    return asking([*first, *now, *last, Line(f"offer.{offer}")], Line("offer.reprompt"), state._replace(offer=offer))


def what_helps(turn: Turn, state: State) -> str:
    """The offer that goes on with the remedy: to hold its stretch together, its next step, or whether it is easing."""
    steps = len(steps_of(turn.knowledge, state.remedy, state.episode.findings))
    if cleared_stretch(turn, state) is not None:
        return "coach"
    return "next_step" if state.step < steps else "easing" if steps else "anything_else"


def cleared_stretch(turn: Turn, state: State) -> Stretch | None:
    """The stretch that may be held after what was told: none where a sign of danger forbids it, or is in doubt."""
    told, findings = state.told, state.episode.findings
    calm = told is not None and told.disposition in {Disposition.SELF_CARE, Disposition.ROUTINE}
    if not calm or not is_cleared(turn.knowledge, findings) or forbidding(turn.knowledge, findings):
        return None
    return stretch_for(turn.knowledge, state.remedy, findings)


def _words(turn: Turn, lines: Iterable[Line]) -> int:
    """How many words some lines have, in their longest variants: they may be said again, in another one."""
    other = turn.other
    return sum([turn.book.longest(line, other=other) for line in lines])


def _ask(turn: Turn, state: State, question: Question, before: tuple[Line, ...]) -> Reply:
    lines = [*before]
    asked_before = turn.state.episode.asked
    findings = state.episode.findings
    if question.form in {Form.ASK, Form.NARROW}:
        if not asked_before and not before:
            lines += _first_aid(turn, findings)
        opened = turn.state.episode.open
        if opened is not None and opened.id.endswith("_safety") and _cleared(opened, findings):
            lines.append(Line("cleared"))
            lines += _stretch(turn, state)
            if len(lines) > 1:
                state = state._replace(remedy=remedy_for(turn.knowledge, findings), step=1)
    state = state._replace(episode=put(state.episode, question))
    return asking([*lines, question_line(question)], reprompt_line(question), state)


def _first_aid(turn: Turn, known: Findings) -> list[Line]:
    """One action that harms none of the look-alikes, for somebody in the middle of it."""
    minutes = known.get("duration_minutes", 0)
    if any(known.get(id_) == PRESENT for id_ in _NO_FIRST_AID) or (isinstance(minutes, int) and minutes > 60):
        return []
    if known.get("in_water") == PRESENT:
        return [Line("first_aid.water")]
    site = turn.knowledge.sites.get(str(known.get("site", "")))
    return [Line(f"first_aid.{site.first_aid}" if site else "first_aid.any")]


def _stretch(turn: Turn, state: State) -> list[Line]:
    """The first step of the remedy, once the danger signs are denied: nobody is interrogated while it hurts."""
    findings = state.episode.findings
    site = turn.knowledge.sites.get(str(findings.get("site", "")))
    if site is None or site.narrow or state.remedy or findings.get("eased") == PRESENT:
        return []
    steps = steps_of(turn.knowledge, remedy_for(turn.knowledge, findings), findings)
    return [Line(steps[0])] if steps else []


def _cleared(question: Question, findings: Findings) -> bool:
    return all(findings.get(id_) == ABSENT for id_ in question.fills)


def _if_any(turn: Turn, id_: str) -> list[Line]:
    return [Line(id_)] if turn.book.has(id_) else []


def is_new(turn: Turn, episode: Episode) -> bool:
    """Whether the turn is about another trouble: another site, once the first has been assessed."""
    site = turn.heard.findings.get("site")
    told = turn.state.told
    known = {episode.findings.get("site"), episode.findings.get("second_site")}
    if site is None or told is None or site in known or turn.heard.correcting:
        return False
    if episode.open is not None and (told.disposition != Disposition.URGENT or _answers(turn, episode.open)):
        return False
    if told.disposition == Disposition.URGENT and _families(turn, site) == _families(
        turn, episode.findings.get("site")
    ):
        return False  # the same signs matter there: "my foot won't move", after the swollen thigh, is more of the same
    return told.disposition not in {Disposition.INFO, Disposition.OUT_OF_SCOPE}


def _answers(turn: Turn, question: Question) -> bool:
    """Whether a turn answers a question, and names a place in passing: "no, she can feel my hand"."""
    return turn.heard.reply != Said.NONE or any(id_ in turn.heard.findings for id_ in question.fills)


def _families(turn: Turn, site: Value | None) -> tuple[str, ...]:
    return () if site is None else safety_families(turn.knowledge, {"site": site})


def _take_site(turn: Turn, episode: Episode, findings: dict[str, Value]) -> None:
    """A second site joins the first, unless it only names it better, or corrects it."""
    site, second = findings.get("site"), findings.get("second_site")
    sites = turn.knowledge.sites
    if site in sites and second in sites:
        # "The front of my thigh": the vague name of an exact place is no place of its own.
        if second in sites[str(site)].narrow:
            findings["site"] = second
        if second in sites[str(site)].narrow or site in sites[str(second)].narrow:
            del findings["second_site"]
    site, known = findings.get("site"), episode.findings.get("site")
    asked_where = episode.open is not None and episode.open.id == "where"
    if site is None or known is None or site == known or turn.heard.correcting or asked_where:
        return
    narrower = turn.knowledge.sites[str(known)].narrow if known in turn.knowledge.sites else ()
    if site in narrower:
        return
    wider = turn.knowledge.sites[str(site)].narrow if site in turn.knowledge.sites else ()
    if known in wider:
        findings["site"] = known
        return
    if safety_families(turn.knowledge, {"site": site}) == safety_families(turn.knowledge, {"site": known}):
        return  # the same signs matter: take the newer name
    findings["site"], findings["second_site"] = known, site
