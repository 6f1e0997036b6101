"""Walks the content: the next question, or the assessment."""

from __future__ import annotations

from collections.abc import Iterable

from .knowledge import Knowledge
from .model import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    Assessment,
    Disposition,
    Episode,
    Findings,
    Form,
    Question,
    Reminder,
    most_urgent,
)
from .rules import holding, signs_of, sites_of

MAX_QUESTIONS = 3

_REMINDERS = {
    Disposition.SELF_CARE: Reminder.SOFT,
    Disposition.ROUTINE: Reminder.FIRM,
    Disposition.URGENT: Reminder.STRONG,
    Disposition.EMERGENCY: Reminder.EMERGENCY,
}
GENERAL = "general"  # the family of the question that is asked while no place is known


def next_step(knowledge: Knowledge, episode: Episode) -> Question | Assessment:
    """The next question, or the assessment when a flag fires or enough is known.

    A danger flag ends the questions. Otherwise: out of breath from effort, the site, its safety question, then
    whichever of time and nature still matters; at most three questions, clarifications apart.
    """
    findings = episode.findings
    told = danger(knowledge, findings)
    if told is not None and told.disposition == Disposition.EMERGENCY:
        return told
    waits = episode.open is not None and told is None  # a question put once more is answered first
    if is_out_of_breath(findings) and "breathing" not in episode.asked and not waits:
        # Asked before any lesser flag is told; where no question is left, only a clear yes would have made it harmless.
        if episode.questions < MAX_QUESTIONS:
            return Question("breathing", "breathing", Form.ASK, tuple(knowledge.questions["breathing"]["fills"]))
        told = danger(knowledge, {**findings, "breath_not_settling": PRESENT})
    return told or episode.open or _question(knowledge, episode) or assess(knowledge, episode)


def worse(knowledge: Knowledge, episode: Episode) -> Question | None:
    """The question that goes with "see a doctor today": the signs that would make it an emergency; None when none do.

    The advice comes first, and waits for no answer (clinical reference, section 4); see docs/decisions/0015.
    """
    if episode.questions >= MAX_QUESTIONS:
        return None
    asked = {safety_family_of(knowledge, id_) for id_ in episode.asked}
    families = dict.fromkeys((*safety_families(knowledge, episode.findings), GENERAL))
    questions = [
        question._replace(fills=fills)
        for family in families
        if family not in asked and (question := safety_question(knowledge, family, episode.findings)) is not None
        if (fills := tuple(id_ for id_ in question.fills if _is_emergency(knowledge, episode, id_)))
    ]
    return max(questions, key=lambda question: len(question.fills), default=None)


def _is_emergency(knowledge: Knowledge, episode: Episode, sign: str) -> bool:
    told = danger(knowledge, {**episode.findings, sign: PRESENT})
    return told is not None and told.disposition == Disposition.EMERGENCY


def danger(knowledge: Knowledge, findings: Findings) -> Assessment | None:
    """The assessment when a flag fires on these findings alone; None when none does."""
    told = list(holding(knowledge.flags, findings))
    unclear = _unclear_yes(knowledge, findings)
    if not told:
        return unclear
    top = most_urgent(rule.level for _, rule, _ in told if rule.level is not None)
    if unclear is not None and most_urgent([top, unclear.disposition]) != top:
        return unclear
    leading = [(flag, rule, reasons) for flag, rule, reasons in told if rule.level == top]
    reasons = _unique([flag.id for flag, _, _ in leading] + [id_ for _, _, ids in leading for id_ in ids])
    flag, rule, _ = leading[0]
    return Assessment(top, flag.condition, reasons, "", rule.action or flag.action, _REMINDERS[top])


def safety_families(knowledge: Knowledge, findings: Findings) -> tuple[str, ...]:
    """The families of safety questions that fit, in the order they are asked.

    After hard effort or in the heat a limb is asked the effort's question instead of its own; the question about the
    heart, the spine or the belly is never hidden, but followed by it.
    """
    families = {knowledge.sites[site].safety for site in sites_of(findings) if site in knowledge.sites} or {GENERAL}
    signs = signs_of(findings)
    for id_, safety in knowledge.safety.items():
        if safety.when and not safety.when.isdisjoint(signs):
            families = {id_} if families <= safety.instead_of else {*families, id_}
    return tuple([id_ for id_ in knowledge.safety if id_ in families] if len(families) > 1 else families)


def safety_family_of(knowledge: Knowledge, question_id: str) -> str:
    """The family of a safety question's id; "" for other questions."""
    name = question_id.removesuffix("_safety")
    if name == question_id:
        return ""
    return knowledge.sites[name].safety if name in knowledge.sites else name


def assess(knowledge: Knowledge, episode: Episode) -> Assessment:
    """The assessment of an episode in which no flag fires."""
    findings = episode.findings
    condition, reasons = _condition(knowledge, findings)
    level = Disposition.SELF_CARE
    decided: list[str] = []
    triggers: set[str] = set()
    for trigger, _, why in holding(knowledge.routine, findings, condition):
        if trigger.id not in triggers:  # the first of its rules that holds is enough
            triggers.add(trigger.id)
            level = Disposition.ROUTINE
            decided += [trigger.id, *why]
    doubt = _safety_in_doubt(knowledge, episode)
    if doubt is not None:
        level = most_urgent([level, doubt])
        decided.append("safety_unknown")
    reminder = _REMINDERS[level]
    if level == Disposition.SELF_CARE:
        if not knowledge.soft_plus.isdisjoint(signs_of(findings)):
            reminder = Reminder.SOFT_PLUS
        elif condition == "unclear" and not reasons:
            reminder = Reminder.FIRM
    action = "stop_and_rest" if level == Disposition.URGENT else ""
    return Assessment(
        level,
        condition,
        _unique([*decided, *reasons]),
        remedy_for(knowledge, findings, condition),
        action,
        reminder,
    )


def _question(knowledge: Knowledge, episode: Episode) -> Question | None:
    findings, asked = episode.findings, episode.asked
    full = episode.questions >= MAX_QUESTIONS
    sites = sites_of(findings)
    if not sites and "where" not in asked and findings.get("several_regions") != PRESENT and not full:
        return Question("where", "where", Form.ASK, ("site",))
    safety = None if full else _safety(knowledge, episode)
    if safety is not None:
        return safety
    if "where" not in episode.clarified and (not full or "where" in asked):
        for site in sorted(sites):
            if knowledge.sites[site].narrow and findings.get("next_day_soreness") != PRESENT:
                return Question("where", f"where_{site}", Form.NARROW, ("site",))
    return None if full else _nature_or_time(knowledge, episode)


def is_out_of_breath(findings: Findings) -> bool:
    """From effort, and not known to settle: asked about once."""
    if findings.get("breath_settles") == PRESENT:
        return False
    return findings.get("winded") == PRESENT or findings.get("breathless") == PRESENT


def safety_question(knowledge: Knowledge, family: str, findings: Findings) -> Question | None:
    """The safety question of a family, without the signs already answered; None when all are."""
    unasked = tuple(id_ for id_ in knowledge.safety[family].fills if id_ not in findings)
    if not unasked:
        return None
    site = str(findings.get("site", ""))
    own = site in knowledge.sites and knowledge.sites[site].safety == family
    return Question(f"{site if own else family}_safety", family, Form.ASK, unasked)


def _safety(knowledge: Knowledge, episode: Episode) -> Question | None:
    asked = {safety_family_of(knowledge, id_) for id_ in episode.asked}
    for family in safety_families(knowledge, episode.findings):
        question = None if family in asked else safety_question(knowledge, family, episode.findings)
        if question is not None:
            return question
    return None


def _nature_or_time(knowledge: Knowledge, episode: Episode) -> Question | None:
    findings, asked = episode.findings, episode.asked
    condition, _ = _condition(knowledge, findings)
    limb = any(knowledge.in_group(site, "limb_group") for site in sites_of(findings))
    undecided = condition == "unclear"
    wants_nature = undecided and "nature" not in asked and not _nature_known(findings)
    wants_time = (
        "how_long" not in asked and not _time_known(findings) and (undecided or condition in {"cramp", "spasm"})
    )
    how_long = Question("how_long", "how_long", Form.ASK, ("duration_minutes", "eases_with_stretch"))
    nature = Question("nature", "nature", Form.ASK, tuple(knowledge.questions["nature"]["fills"]))
    if wants_time and wants_nature:
        # A limb cramp is told by its minutes and by what a stretch does; a back or neck by what it is like.
        return how_long if limb else nature
    if wants_time:
        return how_long
    return nature if wants_nature else None


def _nature_known(findings: Findings) -> bool:
    return any(findings.get(id_) == PRESENT for id_ in ("hard_knot", "twitch", "tight_ache", "injury_moment"))


def _time_known(findings: Findings) -> bool:
    if "duration_minutes" in findings:
        return True
    if findings.get("sudden_grab") == PRESENT and findings.get("during_exercise") == PRESENT:
        return True  # somebody in the middle of it
    return any(findings.get(id_) == PRESENT for id_ in ("just_now", "eased", "frequent", "long_standing"))


def _condition(knowledge: Knowledge, findings: Findings) -> tuple[str, list[str]]:
    """What it most likely is, and the findings that decided; "unclear" when both or neither of two fit."""
    weighed: dict[str, list[str]] = {}
    for condition, _, reasons in holding(knowledge.conditions, findings):
        if not condition.weighed:
            return condition.id, reasons
        weighed.setdefault(condition.id, reasons)  # of its rules the first that holds
    if len(weighed) == 1:
        return next(iter(weighed.items()))
    return "unclear", [id_ for reasons in weighed.values() for id_ in reasons]


def _safety_in_doubt(knowledge: Knowledge, episode: Episode) -> Disposition | None:
    """The level when danger could not be asked about, or not be answered (DESIGN: "I don't know" is not "no")."""
    findings = episode.findings
    asked = {safety_family_of(knowledge, id_) for id_ in episode.asked}
    no_more = episode.questions >= MAX_QUESTIONS
    unasked = set(safety_families(knowledge, findings)) - asked if no_more else set()
    unknown = {id_ for id_, value in findings.items() if value == UNKNOWN}
    doubtful = {
        name
        for name, safety in knowledge.safety.items()
        if not unknown.isdisjoint(safety.fills)
        or (name in unasked and any(id_ not in findings for id_ in safety.fills))
    }
    if not doubtful:
        return None
    risky = any(findings.get(id_) == PRESENT for name in doubtful for id_ in knowledge.safety[name].risk)
    return Disposition.URGENT if risky else Disposition.ROUTINE


def remedy_for(knowledge: Knowledge, findings: Findings, condition: str | None = None) -> str:
    """The remedy that fits; "" where none is safe. Without a condition: for what it looks like so far."""
    if condition is None:
        condition, _ = _condition(knowledge, findings)
    remedy = _fitting(knowledge, findings, condition)
    entry = knowledge.remedies[remedy]
    if not signs_of(findings).isdisjoint(entry.get("avoid", ())):
        return ""
    cleared = knowledge.safety[entry["after"]].fills if "after" in entry else ()
    return remedy if all(findings.get(id_) == ABSENT for id_ in cleared) else ""


def _fitting(knowledge: Knowledge, findings: Findings, condition: str) -> str:
    site = str(findings.get("site", ""))
    for known in knowledge.conditions:
        if known.id == ("cramp" if condition == "unclear" else condition):  # the first aid of both is the same
            for id_, remedy in known.remedies_with.items():
                if findings.get(id_) == PRESENT:
                    return remedy
        if known.id == condition:
            for where, remedy in known.remedies.items():
                if where == "any" or site in knowledge.groups.get(where, ()):
                    return remedy
    return knowledge.sites[site].remedy if site in knowledge.sites else "any_limb"


def steps_of(knowledge: Knowledge, remedy: str, findings: Findings) -> tuple[str, ...]:
    """The steps of a remedy for this person, as ids of sentences; () for no remedy."""
    return tuple(step_ids(knowledge, remedy, findings).values()) if remedy else ()


def step_ids(knowledge: Knowledge, remedy: str, findings: Findings) -> dict[int, str]:
    """The steps of a remedy for this person by their numbers, from 1.

    What does harm to somebody is left out, or replaced: no heat on numb skin, say.
    """
    entry = knowledge.remedies[remedy]
    steps = {number: f"remedy.{remedy}.{number}" for number in range(1, entry["steps"] + 1)}
    signs = signs_of(findings)
    changes = [change for change in entry.get("changes", ()) if not signs.isdisjoint(change["for"])]
    for change in reversed(changes):  # of two, the one that stands first counts
        steps |= {int(number): f"step.{step}" for number, step in change.get("instead", {}).items()}
    left_out = {number for change in changes for number in change.get("leave_out", ())}
    return {number: id_ for number, id_ in steps.items() if number not in left_out}


def _unclear_yes(knowledge: Knowledge, findings: Findings) -> Assessment | None:
    """A yes to a list of signs that nobody could sort out: the highest level that one of them would bring."""
    family = findings.get("unclear_yes")
    if family not in knowledge.safety:
        return None
    known = {id_: value for id_, value in findings.items() if id_ != "unclear_yes"}
    told = [
        assessment
        for id_ in knowledge.safety[str(family)].fills
        if findings.get(id_) != ABSENT and (assessment := danger(knowledge, {**known, id_: PRESENT})) is not None
    ]
    if not told:
        return None
    top = most_urgent(assessment.disposition for assessment in told)
    leading = [assessment for assessment in told if assessment.disposition == top]
    flags = [id_ for assessment in leading for id_ in assessment.reasons if not knowledge.is_finding(id_)]
    return leading[0]._replace(reasons=_unique([*flags, "unclear_yes"]))


def _unique(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
