"""Walks an episode by one step: asks the next question, or tells the assessment.

Knows what is said around a step and in which order; what the step is, is decided by `triage`.
"""

from __future__ import annotations

from speech import Line
from triage import (
    ABSENT,
    PRESENT,
    URGENCY,
    Answer,
    Assessment,
    Disposition,
    Episode,
    Findings,
    Form,
    Question,
    Value,
    danger,
    next_step,
    put,
    remedy_for,
    safety_families,
    settle,
    steps_of,
)

from .reply import Reply, asking, ending
from .state import State
from .turn import Turn

# Not said to somebody whose trouble is over, or goes on for days.
_NO_FIRST_AID = ("eased", "next_day_soreness", "frequent", "long_standing", "twitch", "at_night")


def take(turn: Turn) -> Episode:
    """The episode with what this turn says in it."""
    episode = turn.state.episode
    heard = turn.heard
    if _is_new(turn, episode):
        kept = {id_: value for id_, value in episode.findings.items() if id_ in turn.knowledge.personal}
        episode = Episode(kept)
    findings = dict(heard.findings)
    _take_site(turn, episode, findings)
    return settle(turn.knowledge, episode, Answer(findings, heard.reply, heard.choice, heard.correcting))


def raises(turn: Turn) -> bool:
    """Whether this turn says something that means danger, beyond what was told already."""
    if not turn.heard.findings:
        return False
    told = danger(turn.knowledge, take(turn).findings)
    if told is None:
        return False
    before = turn.state.told
    return before is None or URGENCY.index(told.disposition) > URGENCY.index(before.disposition)


def advance(turn: Turn, before: tuple[Line, ...] = ()) -> Reply:
    """The reply after this turn was taken in: the next question, or the assessment. `before` is said first."""
    episode = take(turn)
    state = turn.state._replace(episode=episode, offer=None, now=None, lost=0)
    if turn.heard.correcting and danger(turn.knowledge, episode.findings) is None:
        state = state._replace(told=None)  # what was told rested on what is now plainly taken back
    step = next_step(turn.knowledge, episode)
    if isinstance(step, Question):
        return _ask(turn, state, step, before)
    return tell(turn, state, step, before)


def ask_again(turn: Turn, state: State, before: tuple[Line, ...]) -> Reply:
    """The reply that leads back to what is open: the question, else the offer, else an invitation."""
    question = state.episode.open
    if question is not None:
        return asking((*before, question_line(question)), reprompt_line(question), state)
    offer = state.offer or ("anything_else" if state.told is not None else "check")
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
    if assessment.disposition == Disposition.EMERGENCY:
        return _tell_emergency(turn, state._replace(told=assessment, now=assessment), assessment)
    lower = told is not None and URGENCY.index(told.disposition) > URGENCY.index(assessment.disposition)
    if told is not None and lower and not turn.heard.correcting:
        return ask_again(turn, state._replace(now=None), (*before, Line(f"told.{told.disposition}_still")))
    if told is not None and told[:2] == assessment[:2] and assessment.disposition != Disposition.URGENT:
        offer = turn.state.offer if turn.state.offer != "easing" else "anything_else"
        return ask_again(turn, state._replace(told=assessment, now=None, offer=offer), (*before, Line("noted")))
    if assessment.disposition == Disposition.URGENT:
        first = "told.URGENT_still" if told is not None and told.disposition == Disposition.URGENT else "told.URGENT"
        lines = [
            Line(first),
            *_if_any(turn, f"action.{assessment.action}"),
            Line("reminder.strong"),
        ]
        state = state._replace(told=assessment, now=assessment, remedy="")
        return ask_again(turn, state._replace(offer="anything_else"), tuple(lines))
    return _tell_level(turn, state, assessment, before)


def _tell_emergency(turn: Turn, state: State, assessment: Assessment) -> Reply:
    number = turn.book.emergency_number
    lines = [Line("told.EMERGENCY")]
    if number is not None:
        lines.append(Line("told.emergency_number", {"country": turn.book.country, "number": number}))
    lines += [Line(f"action.{assessment.action}"), Line("reminder.emergency")]
    return ending(lines, state)


def _tell_level(turn: Turn, state: State, assessment: Assessment, before: tuple[Line, ...]) -> Reply:
    lines = [*before]
    unknown = "safety_unknown" in assessment.reasons
    if unknown:
        lines.append(Line("told.safety_unknown"))
    lines.append(Line(f"condition.{assessment.condition}"))
    remedy = turn.knowledge.remedies.get(assessment.remedy, {})
    spoken = steps_of(turn.knowledge, assessment.remedy, state.episode.findings)
    steps = len(spoken)
    step = state.step if state.remedy == assessment.remedy else 0
    if state.episode.findings.get("eased") == PRESENT and "hold_seconds" in remedy:
        lines.append(Line("eased_care"))
        steps = 0
    elif step == 1 and "hold_seconds" in remedy and turn.state.told is None:
        lines.append(Line("keep_holding"))  # the stretch is on already: one thing at a time
    elif step < steps:
        lines.append(Line(spoken[step]))
        step += 1
    if not unknown:
        notes = [Line(f"note.{id_}") for id_ in turn.knowledge.noted if state.episode.findings.get(id_) == PRESENT]
        lines += _if_any(turn, f"caution.{assessment.remedy}") or notes[:1]  # a breath has room for one
    lines += [Line("safety_net"), Line(f"reminder.{assessment.reminder}")]
    offer = "next_step" if step < steps else "easing" if steps else "anything_else"
    state = state._replace(told=assessment, now=assessment, remedy=assessment.remedy, step=step, offer=offer)
    return asking([*lines, Line(f"offer.{offer}")], Line("offer.reprompt"), state)


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


def _is_new(turn: Turn, episode: Episode) -> bool:
    """Whether the turn is about another trouble: another site, once the first has been assessed."""
    site = turn.heard.findings.get("site")
    told = turn.state.told
    known = {episode.findings.get("site"), episode.findings.get("second_site")}
    if site is None or told is None or site in known or turn.heard.correcting or episode.open is not None:
        return False
    return told.disposition not in {Disposition.INFO, Disposition.OUT_OF_SCOPE}


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
