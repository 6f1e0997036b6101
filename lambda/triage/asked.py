"""Questions of knowledge: which topic answers best, what changes for this person, and where a rule comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .engine import safety_family_of
from .knowledge import Knowledge
from .model import PRESENT, Assessment, Caution, Findings, Question
from .rules import deciding

_STRENGTH = "ABC0"  # of evidence, best first


def fitting(knowledge: Knowledge, topic: str, said: Findings) -> str:
    """The topic that answers better, from what was said with the question: cramps at night, a twitch."""
    for finding, rather in knowledge.topics[topic].rather.items():
        if said.get(finding) == PRESENT:
            return rather
    return topic


def cautions(knowledge: Knowledge, topic: str, findings: Findings) -> list[Caution]:
    """The cautions of a topic that hold for this person, in the order of the content."""
    known = [knowledge.cautions[id_] for id_ in knowledge.topics[topic].cautions]
    return [caution for caution in known if any(deciding(rule, findings) is not None for rule in caution.rules)]


def best_tested(knowledge: Knowledge, topics: Sequence[str], findings: Findings) -> tuple[str, bool]:
    """Of several remedies the one to tell about, and whether it is better tested than the rest.

    What this person should leave alone goes last, however well it is tested.
    """

    def rank(topic: str) -> tuple[bool, int]:
        forbidden = any(caution.instead for caution in cautions(knowledge, topic, findings))
        return forbidden, _STRENGTH.index(knowledge.topics[topic].evidence or "0")

    first, *others = sorted(topics, key=rank)
    return first, all(rank(first)[1] < rank(other)[1] for other in others)


def subject(knowledge: Knowledge, question: Question | None, told: Assessment | None) -> tuple[str, ...]:
    """The keys into `Knowledge.sources` of what decided: the open question, else the rules that were followed."""
    if question is not None:
        family = safety_family_of(knowledge, question.id)
        return (f"safety.{family}" if family else f"questions.{question.id}",)
    if told is None:
        return ()
    rules = [f"{kind}.{id_}" for id_ in told.reasons for kind in ("flags", "routine")]
    return _known(knowledge, rules) or _known(knowledge, [f"conditions.{told.condition}", f"remedies.{told.remedy}"])


def _known(knowledge: Knowledge, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if key in knowledge.sources)
