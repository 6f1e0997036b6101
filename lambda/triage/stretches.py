"""The stretch that the coach holds with somebody: what it is for this person, and what forbids it."""

from __future__ import annotations

from record import Record

from .engine import is_out_of_breath, safety_families, step_ids
from .knowledge import Knowledge
from .model import ABSENT, PRESENT, Findings


class Stretch(Record):
    """A stretch with the ids of its sentences. `seconds` and `rounds`: how long to hold it, and how often at most.

    `position` leads into it, `again` into it another way; `then` is what follows once it eases. `both_sides`: it
    stretches left and right at once.
    """

    remedy: str
    position: tuple[str, ...]
    again: tuple[str, ...]
    then: tuple[str, ...]
    seconds: int
    rounds: int
    both_sides: bool


def stretch_for(knowledge: Knowledge, remedy: str, findings: Findings) -> Stretch | None:
    """The stretch of a remedy for this person; None where the remedy has none to hold."""
    hold = knowledge.remedies[remedy].get("hold") if remedy else None
    if hold is None:
        return None
    steps = step_ids(knowledge, remedy, findings)

    def words(part: str) -> tuple[str, ...]:
        return tuple(steps[number] for number in hold.get(part, ()) if number in steps)

    return Stretch(
        remedy,
        words("position"),
        words("again"),
        words("then"),
        hold["seconds"],
        hold["rounds"],
        "sides" in hold,
    )


def forbidding(knowledge: Knowledge, findings: Findings) -> str:
    """The finding for which the stretch of the named place must not be held; "" where none forbids it."""
    site = knowledge.sites.get(str(findings.get("site", "")))
    avoid = knowledge.remedies[site.remedy if site is not None else "any_limb"].get("avoid", ())
    return next((id_ for id_ in avoid if findings.get(id_) == PRESENT), "")


def is_cleared(knowledge: Knowledge, findings: Findings) -> bool:
    """Whether every sign of danger that is asked about at the named places was denied, and the breath has settled.

    "I don't know" denies nothing, and nor does a question that was passed over or never put.
    """
    signs = {id_ for family in safety_families(knowledge, findings) for id_ in knowledge.safety[family].fills}
    return not is_out_of_breath(findings) and all(findings.get(id_) == ABSENT for id_ in signs)
