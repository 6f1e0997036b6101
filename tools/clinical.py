"""content/triage -> compiled/triage.json. Every mistake stops the build with file, key and remedy."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from speech.holds import LONGEST, SHORTEST

from .yamlfile import ROOT, ContentError, read

FOLDER = ROOT / "content" / "triage"
LEVELS = {"EMERGENCY", "URGENT"}
STATUSES = {"draft", "reviewed"}

_RULE_LISTS = {"any", "with", "all", "without", "denied"}
_FIRING = ("any", "with", "all")  # the lines of a rule that a sign makes hold
_RULE_MINUTES = {"minutes_from", "minutes_over", "minutes_below"}
_SIGNED = {"source", "review"}
_SOURCED = ("flags", "routine", "conditions", "safety", "questions", "remedies", "topics", "cautions")


def compile_triage(folder: Path = FOLDER) -> dict[str, Any]:
    """The clinical content as the data that `triage.knowledge` reads."""
    return _Content(folder).compiled()


class _Content:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {
            name: read(folder / f"{name}.yaml")
            for name in (
                "findings",
                "sites",
                "flags",
                "routine",
                "conditions",
                "safety",
                "questions",
                "remedies",
                "topics",
                "cautions",
                "scope",
            )
        }
        unread = {path.stem for path in folder.glob("*.yaml")} - set(self.files)
        for name in sorted(unread):
            self._stop(name, "", "nothing reads this file", "delete it, or read it in tools/clinical.py")
        self.sources = read(folder.parent / "sources.yaml")
        findings = self.files["findings"]
        self._keys(
            "findings",
            "",
            findings,
            {"danger", "detail", "coached", "value", "implies", "personal", "noted", "soft_plus"},
        )
        self.danger, self.details = list(findings["danger"]), list(findings["detail"])
        self.coached = list(findings["coached"])
        self.values = set(findings["value"])
        self.signs = {*self.danger, *self.details, *self.coached}
        twice = sorted(id_ for id_, times in Counter([*self.danger, *self.details, *self.coached]).items() if times > 1)
        if twice:
            self._stop("findings", twice[0], "stands in two lists", "keep it in one of danger, detail and coached")
        self._keys("sites", "", self.files["sites"], {"groups", "regions", "sites"})
        self.sites: Mapping[str, Any] = self.files["sites"]["sites"]
        self.groups: Mapping[str, list[str]] = self.files["sites"]["groups"]
        self.conditions = set(self.files["conditions"]) | {"unclear"}

    def compiled(self) -> dict[str, Any]:
        for group, sites in self.groups.items():
            self._some("sites", group, sites)
            self._known("sites", group, sites, self.sites, "site")
        compiled = {
            "danger": self.danger,
            "personal": self._people("personal"),
            "soft_plus": self._people("soft_plus"),
            "noted": self._people("noted"),
            "implies": self._implies(),
            "details": self.details,
            "coached": self.coached,
            "groups": self.groups,
            "regions": {id_: self._region(id_, parts) for id_, parts in self.files["sites"]["regions"].items()},
            "sites": {id_: self._site(id_, entry) for id_, entry in self.sites.items()},
            "flags": {id_: self._flag(id_, entry) for id_, entry in self.files["flags"].items()},
            "routine": {id_: self._routine(id_, entry) for id_, entry in self.files["routine"].items()},
            "conditions": {id_: self._condition(id_, entry) for id_, entry in self.files["conditions"].items()},
            "safety": {id_: self._safety(id_, entry) for id_, entry in self.files["safety"].items()},
            "questions": {id_: self._question(id_, entry) for id_, entry in self.files["questions"].items()},
            "remedies": {id_: self._remedy(id_, entry) for id_, entry in self.files["remedies"].items()},
            "topics": {id_: self._topic(id_, entry) for id_, entry in self.files["topics"].items()},
            "cautions": {id_: self._caution(id_, entry) for id_, entry in self.files["cautions"].items()},
            "scope": {id_: self._scope(id_, entry) for id_, entry in self.files["scope"].items()},
            "sources": {
                f"{name}.{id_}": entry["source"] for name in _SOURCED for id_, entry in self.files[name].items()
            },
        }
        self._no_sign_in_vain()
        return compiled

    def _no_sign_in_vain(self) -> None:
        """A danger sign that makes no rule hold would be heard, and lead to nothing."""
        rules = [rule for entry in self.files["flags"].values() for rule in entry["rules"]]
        read = {id_ for rule in rules for key in _FIRING for id_ in rule.get(key, ())}
        for id_ in self.danger:
            if id_ not in read:
                self._stop("findings", f"danger: {id_}", "no flag reads it", "add a rule to flags.yaml, or delete it")

    def _people(self, key: str) -> list[str]:
        people: list[str] = self.files["findings"][key]
        self._some("findings", key, people)
        self._known("findings", key, people, self.signs, "finding")
        return people

    def _implies(self) -> dict[str, list[str]]:
        implies: dict[str, list[str]] = self.files["findings"]["implies"]
        for id_, also in implies.items():
            plain = [one.removesuffix(".absent") for one in also]
            self._known("findings", f"implies: {id_}", [id_, *plain], self.signs, "finding")
        return implies

    def _region(self, id_: str, parts: list[str]) -> list[str]:
        key = f"regions: {id_}"
        self._some("sites", key, parts)
        self._known("sites", key, parts, {*self.groups, *self.sites}, "site or group")
        return self._written_out(parts)

    def _written_out(self, parts: Iterable[str]) -> list[str]:
        return sorted({site for part in parts for site in self.groups.get(part, [part])})

    def _site(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._keys("sites", id_, entry, {"safety", "first_aid", "remedy"}, {"narrow"})
        self._known("sites", id_, [entry["safety"]], self.files["safety"], "safety question")
        self._known("sites", id_, [entry["remedy"]], self.files["remedies"], "remedy")
        self._known("sites", id_, entry.get("narrow", ()), self.sites, "site")
        return dict(entry)

    def _flag(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("flags", id_, entry, {"title", "suggests", "action", "rules"}, {"condition"})
        self._known("flags", id_, [entry.get("condition", "other")], self.conditions, "condition")
        rules = [self._rule("flags", id_, rule, {"action"}) for rule in entry["rules"]]
        for rule in rules:
            if rule.get("level") not in LEVELS:
                self._stop(
                    "flags",
                    id_,
                    f"has a rule of level {rule.get('level')}",
                    f"a flag's rule is one of {sorted(LEVELS)}",
                )
        return {"action": entry["action"], "condition": entry.get("condition", "other"), "rules": rules}

    def _routine(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("routine", id_, entry, {"title", "rules"})
        rules = [self._rule("routine", id_, rule, {"conditions"}) for rule in entry["rules"]]
        if any("level" in rule for rule in rules):
            self._stop(
                "routine",
                id_,
                "has a level",
                "the file itself means ROUTINE; danger belongs into flags.yaml",
            )
        return {"rules": rules}

    def _condition(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("conditions", id_, entry, {"weigh", "rules"}, {"remedy", "remedy_with"})
        if entry["weigh"] not in {"first", "against"}:
            self._stop(
                "conditions",
                id_,
                f"weigh is {entry['weigh']!r}",
                "first: outranks; against: weighed against the others",
            )
        for where, remedy in entry.get("remedy", {}).items():
            self._known("conditions", id_, [where], {*self.groups, "any"}, "group of sites")
            self._known("conditions", id_, [remedy], self.files["remedies"], "remedy")
        for finding, remedy in entry.get("remedy_with", {}).items():
            self._known("conditions", id_, [finding], self.signs, "finding")
            self._known("conditions", id_, [remedy], self.files["remedies"], "remedy")
        return {
            "weigh": entry["weigh"],
            "rules": [self._rule("conditions", id_, rule) for rule in entry["rules"]],
            "remedy": entry.get("remedy", {}),
            "remedy_with": entry.get("remedy_with", {}),
        }

    def _safety(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("safety", id_, entry, {"fills", "risk"}, {"when", "instead_of"})
        self._some("safety", f"{id_}: fills", entry["fills"])
        self._known("safety", id_, entry["fills"], self.danger, "danger finding")
        self._known("safety", id_, entry["risk"], self.signs, "finding")
        self._known("safety", id_, entry.get("when", ()), self.signs, "finding")
        self._known("safety", id_, entry.get("instead_of", ()), self.files["safety"], "safety question")
        if "instead_of" in entry and not entry.get("when"):
            self._stop("safety", id_, "has 'instead_of' without 'when'", "say when it is asked")
        return {key: value for key, value in entry.items() if key not in _SIGNED}

    def _question(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("questions", id_, entry, {"fills"}, {"choices", "means"})
        self._some("questions", f"{id_}: fills", entry["fills"])
        self._known("questions", id_, entry["fills"], self.signs | self.values, "finding")
        self._known("questions", id_, entry.get("choices", ()), entry["fills"], "finding it fills")
        for site, words in entry.get("means", {}).items():
            self._known("questions", id_, [site, *words, *words.values()], self.sites, "site")
        return {key: value for key, value in entry.items() if key not in _SIGNED}

    def _remedy(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("remedies", id_, entry, {"steps", "evidence"}, {"hold", "avoid", "after", "changes"})
        self._positive("remedies", f"{id_}: steps", entry["steps"])
        if "hold" in entry:
            self._hold(id_, entry["steps"], entry["hold"])
        self._known("remedies", id_, entry.get("avoid", ()), self.signs, "finding")
        if entry["evidence"] not in {"A", "B", "C"}:
            self._stop(
                "remedies",
                id_,
                f"evidence is {entry['evidence']!r}",
                "A, B or C, as in the clinical reference",
            )
        if "after" in entry:
            self._known("remedies", f"{id_}: after", [entry["after"]], self.files["safety"], "safety question")
        changes = [self._change(id_, entry["steps"], change) for change in entry.get("changes", ())]
        written = {key: value for key, value in entry.items() if key not in {*_SIGNED, "evidence"}}
        return {**written, "changes": changes} if changes else written

    def _hold(self, id_: str, steps: int, hold: Any) -> None:
        """The stretch that the coach holds. Steps are counted from 1, and the position comes first."""
        key = f"{id_}: hold"
        self._keys("remedies", key, hold, {"position", "at", "seconds", "rounds"}, {"again", "then", "sides"})
        for part in ("at", "seconds", "rounds"):
            self._positive("remedies", f"{key}: {part}", hold[part])
        if not SHORTEST <= hold["seconds"] <= LONGEST:
            self._stop("remedies", f"{key}: seconds", f"is {hold['seconds']}", f"from {SHORTEST} to {LONGEST}")
        self._some("remedies", f"{key}: position", hold["position"])
        numbers = [*hold["position"], hold["at"], *hold.get("again", ()), *hold.get("then", ())]
        self._known("remedies", key, numbers, range(1, steps + 1), "step")
        if len(set(numbers)) < len(numbers) or hold["position"] != list(range(1, len(hold["position"]) + 1)):
            self._stop(
                "remedies", key, f"has the steps {numbers}", "each once, and the position from the first step on"
            )
        if hold.get("sides", "both") != "both":
            self._stop("remedies", key, f"sides is {hold['sides']!r}", "both, or leave it out")

    def _change(self, id_: str, steps: int, change: Any) -> dict[str, Any]:
        """What is different for some people. Steps are counted from 1."""
        key = f"{id_}: changes"
        self._keys("remedies", key, change, {"for"}, {"leave_out", "instead"})
        self._some("remedies", f"{key}: for", change["for"])
        self._known("remedies", f"{key}: for", change["for"], self.signs, "finding")
        numbers = [*change.get("leave_out", ()), *change.get("instead", ())]
        self._some("remedies", key, numbers)
        self._known("remedies", key, numbers, range(1, steps + 1), "step")
        if len(change.get("leave_out", ())) == steps:
            self._stop("remedies", key, "leaves no step", "forbid the remedy with 'avoid'")
        instead = {str(number): step for number, step in change.get("instead", {}).items()}
        return {**change, "instead": instead} if instead else dict(change)

    def _topic(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        topics = self.files["topics"]
        self._signed("topics", id_, entry, set(), {"evidence", "cautions", "rather", "about"})
        if entry.get("evidence", "C") not in {"A", "B", "C", "0"}:
            self._stop("topics", id_, f"evidence is {entry['evidence']!r}", 'A, B, C or "0", in quotes')
        self._known("topics", f"{id_}: cautions", entry.get("cautions", ()), self.files["cautions"], "caution")
        rather = entry.get("rather", {})
        self._known("topics", f"{id_}: rather", rather, self.signs, "finding")
        self._known("topics", f"{id_}: rather", list(rather.values()), topics, "topic")
        self._known("topics", f"{id_}: about", entry.get("about", ()), self.conditions, "condition")
        return {key: value for key, value in entry.items() if key not in _SIGNED}

    def _caution(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("cautions", id_, entry, {"told", "rules"})
        if entry["told"] not in {"instead", "beside"}:
            self._stop("cautions", id_, f"told is {entry['told']!r}", "instead: of the topic; beside: after it")
        if not any(id_ in topic.get("cautions", ()) for topic in self.files["topics"].values()):
            self._stop("cautions", id_, "belongs to no topic", "name it in topics.yaml, or delete it")
        rules = [self._rule("cautions", id_, rule) for rule in entry["rules"]]
        if any("level" in rule for rule in rules):
            self._stop("cautions", id_, "has a level", "danger belongs into flags.yaml")
        return {"told": entry["told"], "rules": rules}

    def _scope(self, id_: str, entry: Mapping[str, Any]) -> dict[str, Any]:
        self._signed("scope", id_, entry, set(), {"safety", "finding"})
        if "safety" in entry or "finding" in entry:
            self._keys("scope", id_, entry, {"safety"}, entry)
            self._known("scope", id_, [entry["safety"]], self.files["safety"], "safety question")
            self._known("scope", id_, [entry["finding"]] if "finding" in entry else [], self.signs, "finding")
        return {key: value for key, value in entry.items() if key not in _SIGNED}

    def _rule(self, name: str, id_: str, rule: Any, may: Iterable[str] = ()) -> dict[str, Any]:
        self._keys(name, id_, rule, set(), {"level", "sites", "except_sites", *may, *_RULE_LISTS, *_RULE_MINUTES})
        if not set(rule) - {"level", "without", "except_sites", "action"}:
            self._stop(
                name,
                id_,
                "has a rule that always holds",
                "name the findings, sites or minutes it needs",
            )
        for key in {"sites", "except_sites", "conditions", "action", *_RULE_LISTS} & set(rule):
            self._some(name, f"{id_}: {key}", rule[key])
        for key in _RULE_LISTS & set(rule):
            self._known(name, f"{id_}: {key}", rule[key], self.signs, "finding")
        for key in _RULE_MINUTES & set(rule):
            self._positive(name, f"{id_}: {key}", rule[key])
        self._known(name, f"{id_}: conditions", rule.get("conditions", ()), self.conditions, "condition")
        written = dict(rule)
        for key in {"sites", "except_sites"} & set(rule):
            self._known(name, f"{id_}: {key}", rule[key], {*self.groups, *self.sites}, "site or group")
            written[key] = self._written_out(rule[key])
        return written

    def _some(self, name: str, key: str, ids: Any) -> None:
        if not ids:
            self._stop(name, key, "is empty", "name something, or leave the line out")

    def _positive(self, name: str, key: str, number: Any) -> None:
        if type(number) is not int or number <= 0:
            self._stop(name, key, f"is {number!r}", "a whole number above zero")

    def _signed(
        self,
        name: str,
        id_: str,
        entry: Mapping[str, Any],
        needs: set[str],
        may: Iterable[str] = (),
    ) -> bool:
        """Every entry carries its sources, and an honest word on who has reviewed it, and when."""
        self._keys(name, id_, entry, needs | _SIGNED, may)
        self._known(name, id_, entry["source"], self.sources, "source")
        if "rules" in needs and not entry["rules"]:
            self._stop(name, id_, "has no rules", "write one, or delete the entry")
        if not entry["source"]:
            self._stop(
                name,
                id_,
                "has no source",
                "name a tag of content/sources.yaml; PRODUCT where no authority states it",
            )
        review = entry["review"]
        self._keys(name, f"{id_}: review", review, {"status", "reviewer", "date"})
        if review["status"] not in STATUSES:
            self._stop(
                name,
                f"{id_}: review",
                f"status is {review['status']!r}",
                f"one of {sorted(STATUSES)}",
            )
        if (review["status"] == "reviewed") != bool(review["reviewer"]):
            self._stop(
                name,
                f"{id_}: review",
                "status and reviewer do not agree",
                "a draft has reviewer: null; a review names who signed",
            )
        try:
            date.fromisoformat(review["date"])
        except (TypeError, ValueError):
            self._stop(
                name,
                f"{id_}: review",
                f"date is {review['date']!r}",
                'write "YYYY-MM-DD", in quotes',
            )
        return True

    def _keys(self, name: str, id_: str, entry: Any, needs: Iterable[str], may: Iterable[str] = ()) -> None:
        if not isinstance(entry, Mapping):
            self._stop(name, id_, "is no mapping", "compare the entry beside it")
        missing, unknown = (
            sorted(set(needs) - set(entry)),
            sorted(set(entry) - set(needs) - set(may)),
        )
        if missing:
            self._stop(name, id_, f"lacks {missing[0]!r}", "compare the entry beside it")
        if unknown:
            self._stop(
                name,
                id_,
                f"has an unknown key {unknown[0]!r}",
                f"known are {', '.join(sorted({*needs, *may}))}",
            )

    def _known(self, name: str, id_: str, ids: Any, known: Iterable[Any], what: str) -> None:
        if not isinstance(ids, list | tuple | dict):
            self._stop(name, id_, f"{ids!r} is no list", "write it as a list")
        for one in ids:
            if one not in known:
                self._stop(name, id_, f"{one!r} is no {what}", f"mend the name, or add the {what}")

    def _stop(self, name: str, key: str, problem: str, remedy: str) -> None:
        raise ContentError(self.folder / f"{name}.yaml", key, problem, remedy)


def finding_ids(folder: Path = FOLDER) -> set[str]:
    """Every finding that is present, absent or unknown."""
    findings = read(folder / "findings.yaml")
    return {*findings["danger"], *findings["detail"], *findings["coached"]}


_BLANK = re.compile(r"\{([a-z_]+)\}")


def blanks(text: str) -> set[str]:
    """The names of the blanks in a sentence."""
    return set(_BLANK.findall(text))
