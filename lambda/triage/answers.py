"""What an answer means to the question that was asked: a yes, a no, a "don't know", a choice, findings; no words."""

from __future__ import annotations

from enum import StrEnum

from record import Record

from .knowledge import Knowledge
from .model import ABSENT, PRESENT, UNKNOWN, Episode, Findings, Form, Question, Value, merge

LONG_STANDING = 90 * 24 * 60  # minutes; a product rule: what has lasted three months is no new sign


class Reply(StrEnum):
    """The bare part of an answer."""

    NONE = "none"
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Answer(Record):
    """What one turn carries. `choice`: which of the options named, from 0; -1 for the last; None for no choice."""

    findings: Findings = {}
    reply: Reply = Reply.NONE
    choice: int | None = None
    correcting: bool = False


def put(episode: Episode, question: Question) -> Episode:
    """The episode once a question has been put."""
    asked, clarified = episode.asked, episode.clarified
    if question.id not in asked:
        asked = (*asked, question.id)
    if question.form != Form.ASK and question.id not in clarified:
        clarified = (*clarified, question.id)
    return episode._replace(asked=asked, clarified=clarified, open=question)


def settle(knowledge: Knowledge, episode: Episode, answer: Answer) -> Episode:
    """The episode after an answer. `open` stays set only where the question must be put once more.

    An answer fills the question that was asked, and whatever else it carries.
    """
    question, said = episode.open, answer.findings
    moves = question is not None and _names_another_site(knowledge, episode, question, said, answer)
    if question is not None and not moves and _is_in_passing(episode, question, said, answer):
        said = {id_: value for id_, value in said.items() if id_ not in {"site", "second_site"}}
    heard = _with_implied(knowledge, said)
    if question is not None and moves:
        asked = tuple(id_ for id_ in episode.asked if id_ != question.id)
        clarified = tuple(id_ for id_ in episode.clarified if id_ != question.id)
        dropped = episode.dropped + 1
        episode = episode._replace(asked=asked, clarified=clarified, open=None, dropped=dropped)
        question = None
    if question is None:
        return episode._replace(findings=_merged(knowledge, episode, heard, answer))
    meant, form = _meaning(knowledge, question, heard, answer)
    if form is not None and question.id in episode.clarified and question.form != Form.NARROW:
        meant, form = {**meant, **_given_up(knowledge, question, heard, answer)}, None
    findings = _merged(knowledge, episode, {**meant, **heard}, answer)
    if form is None:
        return episode._replace(findings=findings, open=None)
    left = tuple(id_ for id_ in question.fills if id_ not in findings) or question.fills
    again = question._replace(form=form, fills=left)
    return put(episode._replace(findings=findings), again)


def _with_implied(knowledge: Knowledge, heard: Findings) -> dict[str, Value]:
    """What was heard, and what it implies; no detail that was said otherwise in the same breath, but every danger."""
    findings = dict(heard)
    for said, value in heard.items():
        if value == PRESENT:
            for implied in knowledge.implies.get(said, ()):
                id_, _, opposite = implied.partition(".")
                if id_ in knowledge.danger and not opposite:
                    findings[id_] = PRESENT
                findings.setdefault(id_, ABSENT if opposite else PRESENT)
    named = {heard[key] for key in ("site", "second_site") if key in heard}
    if named and sum([not named.isdisjoint(sites) for sites in knowledge.regions.values()]) > 1:
        findings.setdefault("several_regions", PRESENT)  # "my calf and my hand" in one breath
    minutes = heard.get("duration_minutes")
    if isinstance(minutes, int) and minutes >= LONG_STANDING:
        findings.setdefault("long_standing", PRESENT)
    return findings


def _merged(knowledge: Knowledge, episode: Episode, heard: Findings, answer: Answer) -> dict[str, Value]:
    return merge(episode.findings, heard, correcting=answer.correcting, changing=knowledge.details)


def _names_another_site(
    knowledge: Knowledge, episode: Episode, question: Question, heard: Findings, answer: Answer
) -> bool:
    """Whether a safety question was met with another place: "no, my shoulder". That place has a question of its own."""
    site, known = heard.get("site"), episode.findings.get("site")
    if question.family not in knowledge.safety or site is None or known is None or site == known:
        return False
    if site in knowledge.sites[str(known)].narrow or any(id_ in heard for id_ in question.fills):
        return False
    return answer.correcting or answer.reply in {Reply.NONE, Reply.NO}


def _is_in_passing(episode: Episode, question: Question, heard: Findings, answer: Answer) -> bool:
    """Whether an answer names a place without complaining of it: "no, she can feel my hand"."""
    if "site" not in episode.findings or "site" in question.fills or answer.correcting:
        return False
    return answer.reply != Reply.NONE or any(id_ in heard for id_ in question.fills)


def _meaning(
    knowledge: Knowledge, question: Question, heard: dict[str, Value], answer: Answer
) -> tuple[dict[str, Value], Form | None]:
    """What the answer adds to what was heard, and how the question must be put again, if it must."""
    if question.id == "where":
        return _where(knowledge, question, heard)
    if question.id == "breathing":
        return _breathing(heard, answer)
    if question.id == "how_long":
        return _how_long(heard, answer)
    if question.id == "nature":
        return _nature(knowledge, question, heard, answer)
    return _safety(question, heard, answer)


def _safety(question: Question, heard: dict[str, Value], answer: Answer) -> tuple[dict[str, Value], Form | None]:
    signs = [id_ for id_ in question.fills if heard.get(id_) == PRESENT]
    left = [id_ for id_ in question.fills if id_ not in heard]
    if answer.reply == Reply.NO and (question.form != Form.WHICH or answer.correcting):
        return dict.fromkeys(left, ABSENT), None
    if signs:
        return {}, None
    if question.form == Form.AGAIN and answer.reply == Reply.NONE and ABSENT in heard.values():
        return dict.fromkeys(left, ABSENT), None  # asked once more, and again a "no" to something: "no, no swelling"
    pointed = answer.choice is not None and question.form == Form.WHICH  # "the first time" points at nothing before
    if pointed and answer.choice is not None and -len(question.fills) <= answer.choice < len(question.fills):
        return {question.fills[answer.choice]: PRESENT}, None
    if answer.reply == Reply.YES or question.form == Form.WHICH:
        return {}, Form.WHICH
    return ({}, Form.AGAIN) if left or answer.reply == Reply.UNKNOWN else ({}, None)


def _where(knowledge: Knowledge, question: Question, heard: dict[str, Value]) -> tuple[dict[str, Value], Form | None]:
    if "site" not in heard:
        return {}, None if question.form == Form.NARROW else Form.AGAIN
    if question.form == Form.NARROW:
        vague = question.family.removeprefix("where_")
        means = knowledge.questions["where"]["means"].get(vague, {})
        heard["site"] = means.get(heard["site"], heard["site"])
        heard.pop("second_site", None)  # one place is being narrowed: "round the back of it" names no second one
    return {}, None


def _breathing(heard: dict[str, Value], answer: Answer) -> tuple[dict[str, Value], Form | None]:
    """Only a clear yes makes it harmless (DESIGN section 3)."""
    settling = answer.reply == Reply.YES or PRESENT in (
        heard.get("breath_settles"),
        heard.get("eased"),
    )
    troubled = any(heard.get(id_) == PRESENT for id_ in ("breath_not_settling", "breathless", "worse"))
    if settling and not troubled:
        return {"breath_settles": PRESENT}, None
    if answer.reply == Reply.NONE and not troubled:
        return {}, Form.AGAIN
    return {"breath_not_settling": PRESENT}, None


def _how_long(heard: dict[str, Value], answer: Answer) -> tuple[dict[str, Value], Form | None]:
    meant: dict[str, Value] = {}
    if answer.reply in {Reply.YES, Reply.NO} and "eases_with_stretch" not in heard and "eased" not in heard:
        meant["eases_with_stretch"] = PRESENT if answer.reply == Reply.YES else ABSENT
    if answer.reply == Reply.NONE and not heard and answer.choice is None:
        return {}, Form.AGAIN
    return meant, None


def _nature(
    knowledge: Knowledge, question: Question, heard: dict[str, Value], answer: Answer
) -> tuple[dict[str, Value], Form | None]:
    choices = knowledge.questions["nature"]["choices"]
    if any(heard.get(id_) == PRESENT for id_ in (*question.fills, "sudden_grab")):
        return {}, None
    if answer.choice is not None and -len(choices) <= answer.choice < len(choices):
        return {choices[answer.choice]: PRESENT}, None
    if answer.reply == Reply.YES:
        return {}, Form.WHICH
    if answer.reply == Reply.NO:
        return dict.fromkeys((id_ for id_ in choices if id_ not in heard), ABSENT), None
    if answer.reply == Reply.NONE and not heard:
        return {}, Form.AGAIN
    return {}, None


def _given_up(knowledge: Knowledge, question: Question, heard: dict[str, Value], answer: Answer) -> dict[str, Value]:
    """What stands when the question was put twice: never a "no"."""
    if question.id == "breathing":
        return {"breath_not_settling": PRESENT}
    if question.family not in knowledge.safety:
        return {}
    if answer.reply == Reply.YES or question.form == Form.WHICH:
        return {"unclear_yes": question.family}
    return dict.fromkeys((id_ for id_ in question.fills if id_ not in heard), UNKNOWN)
