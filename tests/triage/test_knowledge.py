"""The compiled clinical content, as the skill reads it."""

from __future__ import annotations

import json

import pytest

import shelf
from triage import Disposition, load
from triage.knowledge import CONTENT

KNOWLEDGE = load()
DANGER_FLAGS = [f"F{number:02}" for number in (*range(1, 27), *range(30, 44))]


def test_every_flag_of_the_clinical_reference_is_there() -> None:
    """The forty danger flags and the crisis rule are loaded; nobody has dropped one, or slipped one in."""
    assert [flag.id for flag in KNOWLEDGE.flags] == [*DANGER_FLAGS, "CRISIS"]


def test_nothing_is_lost_on_the_way() -> None:
    """Every entry and every rule of the compiled file is in the knowledge."""
    content = json.loads(shelf.read(CONTENT))
    for name in ("flags", "routine", "conditions"):
        entries = getattr(KNOWLEDGE, name)
        assert {entry.id: len(entry.rules) for entry in entries} == {
            id_: len(entry["rules"]) for id_, entry in content[name].items()
        }
    for name in ("danger", "details", "safety", "sites", "groups", "questions", "remedies"):
        assert set(getattr(KNOWLEDGE, name)) == set(content[name])


def test_every_word_of_a_rule_is_read() -> None:
    """A rule in the file and the rule that is followed say the same, word for word."""
    content = json.loads(shelf.read(CONTENT))
    names = {"with": "also"}
    for kind in ("flags", "routine", "conditions"):
        for entry in getattr(KNOWLEDGE, kind):
            for rule, written in zip(entry.rules, content[kind][entry.id]["rules"], strict=True):
                read = {name: value for name, value in rule._asdict().items() if value}
                assert read == {
                    names.get(word, word): frozenset(value) if isinstance(value, list) else value
                    for word, value in written.items()
                }


def test_a_flag_sends_for_help_and_a_trigger_does_not() -> None:
    """Each rule of a flag is URGENT or EMERGENCY and says what to do meanwhile; other rules have no level."""
    for flag in KNOWLEDGE.flags:
        assert flag.action, flag.id
        for rule in flag.rules:
            assert rule.level in {Disposition.URGENT, Disposition.EMERGENCY}, flag.id
    for entry in (*KNOWLEDGE.routine, *KNOWLEDGE.conditions):
        assert all(rule.level is None for rule in entry.rules)


def test_a_finding_is_a_finding_and_a_rule_is_not() -> None:
    """Reasons can be told apart."""
    assert KNOWLEDGE.is_finding("swelling")
    assert KNOWLEDGE.is_finding("hard_knot")
    assert not KNOWLEDGE.is_finding("F01")
    assert not KNOWLEDGE.is_finding("R01")
    assert not KNOWLEDGE.danger & KNOWLEDGE.details


def test_what_is_implied_or_personal_is_a_finding() -> None:
    """Neither makes up an id; and what is implied implies its own already, for it is looked up once."""
    assert all(KNOWLEDGE.is_finding(id_) for id_ in (*KNOWLEDGE.personal, *KNOWLEDGE.soft_plus, *KNOWLEDGE.noted))
    for id_, implied in KNOWLEDGE.implies.items():
        assert all(KNOWLEDGE.is_finding(other.removesuffix(".absent")) for other in (id_, *implied))
        for other in implied:
            assert set(KNOWLEDGE.implies.get(other, ())) <= set(implied), f"{id_}: {other}"


def test_groups_hold_sites() -> None:
    """A calf is a leg, an eyelid is not, and nothing odd belongs anywhere."""
    assert KNOWLEDGE.in_group("calf", "leg_group")
    assert not KNOWLEDGE.in_group("eyelid", "leg_group")
    assert not KNOWLEDGE.in_group(None, "leg_group")
    assert KNOWLEDGE.groups["limb_group"] == (KNOWLEDGE.groups["leg_group"] | KNOWLEDGE.groups["arm_group"])


def test_every_danger_finding_is_read_by_a_flag() -> None:
    """No sign is listened for in vain."""
    read = {id_ for flag in KNOWLEDGE.flags for rule in flag.rules for id_ in (*rule.any, *rule.also, *rule.all)}
    assert read >= KNOWLEDGE.danger


def test_a_missing_file_is_not_an_empty_knowledge() -> None:
    """Without content there is no triage: loading fails instead of knowing no danger."""
    with pytest.raises(FileNotFoundError):
        load("nothing.json")
