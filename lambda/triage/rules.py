"""Whether a rule holds for some findings, and which of them decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .model import ABSENT, PRESENT, Findings, Flag, Rule


def sites_of(findings: Findings) -> frozenset[str]:
    """The body sites that were named."""
    return frozenset(str(findings[key]) for key in ("site", "second_site") if key in findings)


def present(findings: Findings, ids: frozenset[str]) -> list[str]:
    """Those of the findings that are present, in a stable order."""
    if ids.isdisjoint(findings):
        return []
    return sorted(id_ for id_ in ids if findings.get(id_) == PRESENT)


def fired(flags: Iterable[Flag], findings: Findings) -> Iterator[tuple[Flag, Rule, list[str]]]:
    """The rules of flags that hold, in their order, each with the ids of the findings that make it hold.

    Every turn asks hundreds of them, and nearly all are about signs that nobody has: those are told apart first.
    """
    signs = {id_ for id_, value in findings.items() if value == PRESENT}
    for flag in flags:
        for rule in flag.rules:
            if rule.any and rule.any.isdisjoint(signs):
                continue
            reasons = deciding(rule, findings)
            if reasons is not None:
                yield flag, rule, reasons


def deciding(rule: Rule, findings: Findings, condition: str = "") -> list[str] | None:
    """The ids of the findings that make the rule hold; None when it does not hold.

    A rule over time never holds while the time is unknown, nor one over sites while the site is.
    """
    any_of = present(findings, rule.any)
    if rule.any and not any_of:
        return None
    also = present(findings, rule.also)
    if rule.also and not also:
        return None
    all_of = present(findings, rule.all)
    if len(all_of) < len(rule.all) or present(findings, rule.without):
        return None
    denied = sorted(id_ for id_ in rule.denied if findings.get(id_) == ABSENT) if rule.denied else []
    if len(denied) < len(rule.denied):
        return None
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
