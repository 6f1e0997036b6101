"""The content as the walk needs it, read from content/ itself: the skill's own reading of it is what is tested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ..patterns import expand
from ..yamlfile import ROOT, read

TRIAGE = ROOT / "content" / "triage"
PHRASES = ROOT / "content" / "phrases" / "en"
LEVELS = ("SELF_CARE", "ROUTINE", "URGENT", "EMERGENCY")  # in order of urgency


class Known(NamedTuple):
    """What is known of an episode: ids that were said or denied, the places in the order named, whole minutes."""

    present: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    sites: tuple[str, ...] = ()
    minutes: int | None = None


class Content(NamedTuple):
    """Ids and phrases. `phrases`: finding id -> what people say; a denied detail stands as "<id>.absent"."""

    danger: frozenset[str]
    details: frozenset[str]
    coached: frozenset[str]  # known from what the coach did
    personal: frozenset[str]
    implies: Mapping[str, list[str]]
    rules: tuple[tuple[str, Mapping[str, Any]], ...]  # flag id and rule
    groups: Mapping[str, list[str]]
    safety: Mapping[str, str]  # site -> family of its safety question
    fills: Mapping[str, list[str]]  # family -> signs it asks about, in spoken order
    risk: Mapping[str, list[str]]
    words: Mapping[str, Mapping[str, str]]  # family -> sign -> its words in the question
    phrases: Mapping[str, tuple[str, ...]]
    as_answer: Mapping[str, tuple[str, ...]]
    remedies: Mapping[str, tuple[str, ...]]  # topic -> what it is called
    scope: Mapping[str, tuple[str, ...]]
    numbers: frozenset[str]  # as sentences, of a hold that is counted


@lru_cache(maxsize=1)
def content() -> Content:
    """The content of this checkout, read once."""
    findings, sites = read(TRIAGE / "findings.yaml"), read(TRIAGE / "sites.yaml")
    safety = read(TRIAGE / "safety.yaml")
    speech = read(ROOT / "content" / "speech" / "en.yaml")
    phrases, as_answer = _phrases(PHRASES / "danger", PHRASES / "details")
    return Content(
        danger=frozenset(findings["danger"]),
        details=frozenset(findings["detail"]),
        coached=frozenset(findings["coached"]),
        personal=frozenset(findings["personal"]),
        implies=findings["implies"],
        rules=tuple(
            (id_, rule)
            for id_, flag in read(TRIAGE / "flags.yaml").items()
            for rule in flag["rules"]
            if "level" in rule
        ),
        groups=sites["groups"],
        safety={id_: site["safety"] for id_, site in sites["sites"].items()},
        fills={id_: entry["fills"] for id_, entry in safety.items()},
        risk={id_: entry["risk"] for id_, entry in safety.items()},
        words={
            family: {sign: words for group in groups for sign, words in group["signs"].items()}
            for family, groups in speech["safety"].items()
        },
        phrases=phrases,
        as_answer=as_answer,
        remedies=_phrases(PHRASES / "remedies.yaml")[0],
        scope=_phrases(PHRASES / "topics.yaml")[0],
        numbers=frozenset(f"{number}." for number in speech["hold"]["numbers"]),
    )


def level_of(known: Known) -> tuple[int, str]:
    """The highest level that a flag gives on what is known, and the flag; (-1, "") when none fires.

    Written anew from the explanation in flags.yaml, and on the cautious side: a rule over places counts for the place
    named last, and a rule that spares a place only while that place was never named.
    """
    known = _with_implied(known)
    fired = [(LEVELS.index(rule["level"]), flag) for flag, rule in content().rules if _holds(rule, known)]
    return max(fired, default=(-1, ""))


def _with_implied(known: Known) -> Known:
    present = known.present | {
        id_ for said in known.present for id_ in content().implies.get(said, ()) if id_ not in known.absent
    }
    if known.minutes is not None and known.minutes >= 90 * 24 * 60:
        present |= {"long_standing"}
    return known._replace(present=present)


def _holds(rule: Mapping[str, Any], known: Known) -> bool:
    def some(key: str) -> bool:
        return key not in rule or bool(known.present & set(rule[key]))

    def places(key: str) -> set[str]:
        return {site for name in rule.get(key, ()) for site in content().groups.get(name, [name])}

    if not (some("any") and some("with") and known.present >= set(rule.get("all", ()))):
        return False
    if known.present & set(rule.get("without", ())) or not known.absent >= set(rule.get("denied", ())):
        return False
    if "sites" in rule and not (known.sites and known.sites[-1] in places("sites")):
        return False
    if places("except_sites") & set(known.sites):
        return False
    bounds = {key: rule[key] for key in ("minutes_from", "minutes_over", "minutes_below") if key in rule}
    if not bounds:
        return True
    return known.minutes is not None and (
        bounds.get("minutes_from", 0) <= known.minutes
        and bounds.get("minutes_over", -1) < known.minutes < bounds.get("minutes_below", known.minutes + 1)
    )


def _phrases(*paths: Path) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    said: dict[str, list[str]] = {}
    answers: dict[str, list[str]] = {}
    for id_, entry in _entries(*paths):
        said.setdefault(id_, []).extend(entry.get("phrases", ()))
        answers.setdefault(id_, []).extend(entry.get("as_answer", ()))
    return _written_out(said), _written_out(answers)


def _entries(*paths: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in paths:
        for file in sorted(path.glob("*.yaml")) if path.is_dir() else [path]:
            yield from read(file, text=True).items()


def _written_out(patterns: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {
        id_: tuple(dict.fromkeys(text for pattern in lines for text in expand(pattern)))
        for id_, lines in patterns.items()
        if lines
    }
