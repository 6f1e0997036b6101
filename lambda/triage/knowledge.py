"""Reads the compiled clinical content. The build has checked it: nothing is checked again, so that starting is fast."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shelf
from record import Record

from .model import Caution, Condition, Disposition, Flag, Rule, Safety, Site, Topic

CONTENT = "triage.json"

_LEVELS = {level.value: level for level in Disposition}


class Knowledge(Record):
    """All of content/triage. `danger`, `details` and `coached` are finding ids; `coached` ones are never heard.

    `groups` and `regions` map a name to its sites.

    `safety` is in the order in which of several questions one is asked first.
    """

    danger: frozenset[str]
    details: frozenset[str]
    coached: frozenset[str]
    personal: frozenset[str]
    implies: Mapping[str, Sequence[str]]
    soft_plus: frozenset[str]
    noted: tuple[str, ...]
    flags: tuple[Flag, ...]
    routine: tuple[Flag, ...]
    conditions: tuple[Condition, ...]
    safety: Mapping[str, Safety]
    sites: Mapping[str, Site]
    groups: Mapping[str, frozenset[str]]
    regions: Mapping[str, frozenset[str]]
    questions: Mapping[str, Mapping[str, Any]]
    remedies: Mapping[str, Mapping[str, Any]]
    topics: Mapping[str, Topic]
    cautions: Mapping[str, Caution]
    scope: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Sequence[str]]  # "flags.F01" -> tags of content/sources.yaml

    def is_finding(self, id_: str) -> bool:
        """Whether an id names a finding, not a rule."""
        return id_ in self.danger or id_ in self.details or id_ in self.coached

    def in_group(self, site: object, group: str) -> bool:
        """Whether a site belongs to a group."""
        return site in self.groups[group]


def load(name: str = CONTENT) -> Knowledge:
    """The knowledge in a compiled file."""
    content = json.loads(shelf.read(name))
    return Knowledge(
        danger=frozenset(content["danger"]),
        details=frozenset(content["details"]),
        coached=frozenset(content["coached"]),
        personal=frozenset(content["personal"]),
        implies=content["implies"],
        soft_plus=frozenset(content["soft_plus"]),
        noted=tuple(content["noted"]),
        flags=tuple(_flag(id_, entry) for id_, entry in content["flags"].items()),
        routine=tuple(_flag(id_, entry) for id_, entry in content["routine"].items()),
        conditions=tuple(
            Condition(id_, entry["weigh"] == "against", _rules(entry), entry["remedy"], entry["remedy_with"])
            for id_, entry in content["conditions"].items()
        ),
        safety={
            id_: Safety(
                tuple(entry["fills"]),
                frozenset(entry["risk"]),
                frozenset(entry.get("when", ())),
                frozenset(entry.get("instead_of", ())),
            )
            for id_, entry in content["safety"].items()
        },
        sites={
            id_: Site(entry["safety"], entry["first_aid"], entry["remedy"], tuple(entry.get("narrow", ())))
            for id_, entry in content["sites"].items()
        },
        groups={id_: frozenset(sites) for id_, sites in content["groups"].items()},
        regions={id_: frozenset(sites) for id_, sites in content["regions"].items()},
        questions=content["questions"],
        remedies=content["remedies"],
        topics={id_: _topic(entry) for id_, entry in content["topics"].items()},
        cautions={
            id_: Caution(id_, entry["told"] == "instead", _rules(entry)) for id_, entry in content["cautions"].items()
        },
        scope=content["scope"],
        sources=content["sources"],
    )


def _flag(id_: str, entry: Mapping[str, Any]) -> Flag:
    return Flag(id_, entry.get("action", ""), entry.get("condition", "other"), _rules(entry))


def _topic(entry: Mapping[str, Any]) -> Topic:
    return Topic(
        entry.get("evidence", ""),
        tuple(entry.get("cautions", ())),
        entry.get("rather", {}),
        frozenset(entry.get("about", ())),
    )


def _rules(entry: Mapping[str, Any]) -> tuple[Rule, ...]:
    return tuple(_rule(rule) for rule in entry["rules"])


def _rule(rule: Mapping[str, Any]) -> Rule:
    """A rule says only what it asks for; there are hundreds, and the first turn of a process waits for them."""
    parts: dict[str, Any] = {name: frozenset(value) if type(value) is list else value for name, value in rule.items()}
    if "level" in parts:
        parts["level"] = _LEVELS[parts["level"]]
    if "with" in parts:
        parts["also"] = parts.pop("with")
    return Rule(**parts)
