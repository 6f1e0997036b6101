"""The clinical cases in tests/cases: what is known, and what must come of it.

A case is readable and writable without this file:

    name: a sentence that says what is promised
    findings: what is known: each sign present, absent or unknown; a site; minutes
    expect:
      disposition: what to do
      condition: what it is called (may be left out)
      reasons: flags, triggers and findings that must be among the reasons (may be left out)
      spares: flags and triggers that must not be, though the case comes near them (may be left out)
      not: what it must not be called, though the case comes near it (may be left out)

Every flag, every trigger for an appointment and every condition needs a case on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools.yamlfile import read
from triage import (
    Answer,
    Assessment,
    Disposition,
    Episode,
    Findings,
    Value,
    danger,
    load,
    settle,
)
from triage.engine import assess
from triage.model import Rule
from triage.rules import deciding, sites_of

CASES = Path(__file__).parents[1] / "cases"
FILES = (
    "appointment",
    "back",
    "belly_and_groin",
    "chest_and_breath",
    "head_and_neck",
    "heat_and_effort",
    "limb",
    "what_it_is",
    "whole_body",
)
KNOWLEDGE = load()
RULES = {entry.id: entry.rules for entry in (*KNOWLEDGE.flags, *KNOWLEDGE.routine)}
CONDITIONS = {entry.id: entry.rules for entry in KNOWLEDGE.conditions}
TIMES = ("minutes_from", "minutes_over", "minutes_below")


class Case(NamedTuple):
    """One case, and the file it stands in."""

    file: str
    name: str
    findings: dict[str, Value]
    disposition: str
    condition: str
    reasons: tuple[str, ...]
    spares: tuple[str, ...]
    never: tuple[str, ...]


def cases() -> Iterator[Case]:
    """Every case of every file."""
    for file in FILES:
        for entry in read(CASES / f"{file}.yaml"):
            expect: dict[str, Any] = entry["expect"]
            yield Case(
                file,
                entry["name"],
                entry["findings"],
                expect["disposition"],
                expect.get("condition", ""),
                tuple(expect.get("reasons", ())),
                tuple(expect.get("spares", ())),
                tuple(expect.get("not", ())),
            )


ALL = list(cases())


def heard(case: Case) -> Findings:
    """The findings of a case as they are taken in: with what they imply."""
    return settle(KNOWLEDGE, Episode(), Answer(case.findings)).findings


def told(case: Case) -> Assessment:
    """The assessment of a case when nothing more is asked."""
    findings = heard(case)
    return danger(KNOWLEDGE, findings) or assess(KNOWLEDGE, Episode(findings))


def ids(rule: Rule) -> frozenset[str]:
    """Everything a rule reads, sites apart."""
    timed = any(getattr(rule, word) is not None for word in TIMES)
    signs = rule.any | rule.also | rule.all | rule.without | rule.denied
    return signs | ({"duration_minutes"} if timed else set())


def near(case: Case, rules: tuple[Rule, ...]) -> bool:
    """Whether a case says something that one of the rules reads."""
    sites = sites_of(case.findings)
    return any(ids(rule) & set(case.findings) or rule.sites & sites for rule in rules)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.file}: {case.name}")
def test_case(case: Case) -> None:
    """What the case promises is what the person is told, and why."""
    assessment = told(case)
    assert assessment.disposition == case.disposition, assessment
    assert case.condition in {"", assessment.condition}, assessment
    assert set(case.reasons) <= set(assessment.reasons)
    assert not set(case.spares) & set(assessment.reasons)
    assert assessment.condition not in case.never


# ---- every case is sound


def test_every_case_file_is_read() -> None:
    """A file that nobody reads promises nothing: it is named here, or it goes."""
    found = {path.relative_to(CASES).as_posix() for path in CASES.rglob("*") if path.is_file()}
    assert found == {f"{file}.yaml" for file in FILES}


@pytest.mark.parametrize("file", FILES)
def test_every_word_of_a_case_is_known(file: str) -> None:
    """A misspelled key, finding, site, level or id fails by name instead of testing nothing."""
    for entry in read(CASES / f"{file}.yaml"):
        assert set(entry) == {"name", "findings", "expect"}, entry
        name, expect = entry["name"], entry["expect"]
        assert " " in name, name
        assert set(expect) <= {"disposition", "condition", "reasons", "spares", "not"}, name
        assert expect["disposition"] in set(Disposition), name
        known = {*CONDITIONS, "unclear"}
        assert {expect.get("condition", "unclear"), *expect.get("not", ())} <= known, name
        assert set(expect.get("spares", ())) <= set(RULES), name
        for reason in expect.get("reasons", ()):
            assert reason in RULES or reason in entry["findings"], f"{name}: {reason}"
        for id_, value in entry["findings"].items():
            assert fits(id_)(value), f"{name}: {id_}: {value}"


def fits(id_: str) -> Callable[[Any], bool]:
    """Whether a value is one that this finding may have."""
    if id_ in {"site", "second_site"}:
        return lambda value: value in KNOWLEDGE.sites
    if id_ == "duration_minutes":
        return lambda value: type(value) is int and value > 0
    if KNOWLEDGE.is_finding(id_):
        return lambda value: value in {"present", "absent", "unknown"}
    return lambda _: False


def test_every_case_has_its_own_name_and_findings() -> None:
    """No promise is made twice, in other words or the same."""
    names = [case.name for case in ALL]
    assert sorted(names) == sorted(set(names))
    known: dict[frozenset[tuple[str, Value]], str] = {}
    for case in ALL:
        other = known.setdefault(frozenset(case.findings.items()), case.name)
        assert other == case.name


# ---- completeness: a case on either side


@pytest.mark.parametrize("id_", RULES)
def test_every_flag_and_trigger_has_a_case_that_fires_it(id_: str) -> None:
    """Each rule of each flag and trigger is the reason in some case; a rule without one fails by name."""
    firing = [case for case in ALL if id_ in case.reasons]
    untested = [
        rule
        for rule in RULES[id_]
        if not any(deciding(rule, heard(case), told(case).condition) is not None for case in firing)
    ]
    assert untested == []


@pytest.mark.parametrize("id_", RULES)
def test_every_flag_and_trigger_has_a_case_nearby_that_it_spares(id_: str) -> None:
    """A case that says something the flag reads, and does not fire it."""
    sparing = [case for case in ALL if id_ in case.spares]
    assert sparing, f"{id_} has no case that it spares"
    for case in sparing:
        assert near(case, RULES[id_]), f"{case.name}: says nothing that {id_} reads"


@pytest.mark.parametrize("id_", [*CONDITIONS, "unclear"])
def test_every_condition_has_cases_on_either_side(id_: str) -> None:
    """Each rule of each condition names it in some case, and some case comes near and is not called so."""
    called = [case for case in ALL if case.condition == id_]
    assert called, f"nothing is called {id_}"
    for rule in CONDITIONS.get(id_, ()):
        assert any(deciding(rule, heard(case)) is not None for case in called), rule
    others = [case for case in ALL if id_ in case.never]
    assert others, f"{id_} has no case that comes near it"
    if id_ in CONDITIONS:
        assert all(near(case, CONDITIONS[id_]) for case in others)


def thresholds() -> Iterator[tuple[str, int, int]]:
    """Each time that decides something: the id, the last minute on one side, the first on the other."""
    for id_, rules in {**RULES, **CONDITIONS}.items():
        for rule in rules:
            if rule.minutes_over is not None:
                yield id_, rule.minutes_over, rule.minutes_over + 1
            for edge in (rule.minutes_from, rule.minutes_below):
                if edge is not None:
                    yield id_, edge - 1, edge


@pytest.mark.parametrize(("id_", "before", "after"), sorted(set(thresholds())))
def test_every_time_is_tested_to_the_minute(id_: str, before: int, after: int) -> None:
    """Where minutes decide, one case stands on the last minute before the threshold and one on the first after it."""
    timed = [
        case
        for case in ALL
        if id_ in {case.condition, *case.reasons, *case.spares, *case.never}
        or (id_ == "spasm" and case.condition == "cramp")
    ]
    minutes = {case.findings.get("duration_minutes") for case in timed}
    assert {before, after} <= minutes
