"""Whether a rule holds for some findings, and which of them decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from .model import ABSENT, PRESENT, Condition, Findings, Flag, Rule


def sites_of(findings: Findings) -> frozenset[str]:
    """The body sites that were named."""
    return frozenset([str(findings[key]) for key in ("site", "second_site") if key in findings])


def signs_of(findings: Findings) -> frozenset[str]:
    """The findings that are present."""
    return frozenset([id_ for id_, value in findings.items() if value == PRESENT])


_Ruled = TypeVar("_Ruled", Flag, Condition)
_Index = tuple[tuple[int, ...], dict[str, tuple[int, ...]], list[tuple[Any, Rule]]]
_MOST_INDEXES = 8  # a process has three lists of rules; a test may have its own
_indexes: dict[int, tuple[object, _Index]] = {}  # by identity: to hash hundreds of rules takes longer than to ask them


def holding(
    ruled: tuple[_Ruled, ...], findings: Findings, condition: str = ""
) -> Iterator[tuple[_Ruled, Rule, list[str]]]:
    """The rules of flags or conditions that hold, in their order, each with the ids of what makes it hold.

    Every turn asks hundreds of them, and nearly all are about signs that nobody has: only those are looked at that have
    one of their signs, or need none.
    """
    unsigned, by_sign, rules = _index_of(ruled)
    signs = signs_of(findings)
    asked = set(unsigned).union(*[by_sign[id_] for id_ in signs | sites_of(findings) if id_ in by_sign])
    for at in sorted(asked):
        one, rule = rules[at]
        reasons = deciding(rule, findings, condition, signs)
        if reasons is not None:
            yield one, rule, reasons


def _index_of(ruled: tuple[_Ruled, ...]) -> _Index:
    """Rules by their number: which are asked always, and which where a sign is present; made once for a list."""
    known = _indexes.get(id(ruled))
    if known is not None and known[0] is ruled:
        return known[1]
    rules = [(one, rule) for one in ruled for rule in one.rules]
    always: list[int] = []
    by_sign: dict[str, list[int]] = {}
    for at, (_, rule) in enumerate(rules):
        needs = rule.any or rule.also or sorted(rule.all)[:1] or rule.sites  # without one of these it cannot hold
        for id_ in needs:
            by_sign.setdefault(id_, []).append(at)
        if not needs:
            always.append(at)
    index = tuple(always), {id_: tuple(ats) for id_, ats in by_sign.items()}, rules
    if len(_indexes) >= _MOST_INDEXES:
        _indexes.clear()
    _indexes[id(ruled)] = ruled, index
    return index


def deciding(
    rule: Rule, findings: Findings, condition: str = "", signs: frozenset[str] | None = None
) -> list[str] | None:
    """The ids of the findings that make the rule hold; None when it does not hold.

    A rule over time never holds while the time is unknown, nor one over sites while the site is. `signs` are those of
    the findings, for who has them already.
    """
    if signs is None:
        signs = signs_of(findings)
    if (rule.any and rule.any.isdisjoint(signs)) or (rule.also and rule.also.isdisjoint(signs)):
        return None
    if not rule.all <= signs or not rule.without.isdisjoint(signs):
        return None
    if rule.denied and any(findings.get(id_) != ABSENT for id_ in rule.denied):
        return None
    if rule.sites or rule.except_sites:
        sites = sites_of(findings)
        if (rule.sites and not sites & rule.sites) or sites & rule.except_sites:
            return None
    if rule.conditions and condition not in rule.conditions:
        return None
    of_each = (rule.all, rule.any & signs, rule.also & signs, rule.denied)
    reasons = dict.fromkeys([id_ for ids in of_each for id_ in sorted(ids)])
    if rule.sites and not reasons:
        reasons["site"] = None
    if rule.minutes_from is not None or rule.minutes_over is not None or rule.minutes_below is not None:
        minutes = findings.get("duration_minutes")
        if not isinstance(minutes, int):
            return None
        if rule.minutes_from is not None and minutes < rule.minutes_from:
            return None
        if rule.minutes_over is not None and minutes <= rule.minutes_over:
            return None
        if rule.minutes_below is not None and minutes >= rule.minutes_below:
            return None
        reasons["duration_minutes"] = None
    return list(reasons)
