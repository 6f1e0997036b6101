"""Whether a rule holds for some findings, and which of them decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from .model import ABSENT, PRESENT, Condition, Findings, Flag, Rule


def sites_of(findings: Findings) -> frozenset[str]:
    """The body sites that were named."""
    return frozenset(str(findings[key]) for key in ("site", "second_site") if key in findings)


def present(findings: Findings, ids: frozenset[str]) -> list[str]:
    """Those of the findings that are present, in a stable order."""
    if ids.isdisjoint(findings):
        return []
    found = [id_ for id_ in ids if findings.get(id_) == PRESENT]
    found.sort()
    return found


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
    asked = set(unsigned)
    for id_, value in findings.items():
        if value == PRESENT and id_ in by_sign:
            asked.update(by_sign[id_])
    for at in sorted(asked):
        one, rule = rules[at]
        reasons = deciding(rule, findings, condition)
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
        needs = rule.any or rule.also or sorted(rule.all)[:1]  # without one of these it cannot hold
        for id_ in needs:
            by_sign.setdefault(id_, []).append(at)
        if not needs:
            always.append(at)
    index = tuple(always), {id_: tuple(ats) for id_, ats in by_sign.items()}, rules
    if len(_indexes) >= _MOST_INDEXES:
        _indexes.clear()
    _indexes[id(ruled)] = ruled, index
    return index


def deciding(rule: Rule, findings: Findings, condition: str = "") -> list[str] | None:
    """The ids of the findings that make the rule hold; None when it does not hold.

    A rule over time never holds while the time is unknown, nor one over sites while the site is.
    """
    any_of = present(findings, rule.any) if rule.any else []
    if rule.any and not any_of:
        return None
    also = present(findings, rule.also) if rule.also else []
    if rule.also and not also:
        return None
    all_of = present(findings, rule.all) if rule.all else []
    if len(all_of) < len(rule.all) or (rule.without and present(findings, rule.without)):
        return None
    denied = sorted(id_ for id_ in rule.denied if findings.get(id_) == ABSENT) if rule.denied else []
    if len(denied) < len(rule.denied):
        return None
    if rule.sites or rule.except_sites:
        sites = sites_of(findings)
        if (rule.sites and not sites & rule.sites) or sites & rule.except_sites:
            return None
    if rule.conditions and condition not in rule.conditions:
        return None
    reasons = dict.fromkeys([*all_of, *any_of, *also, *denied])
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
