"""The clinical content: anything odd stops the build with file, key and remedy."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.clinical import FOLDER, blanks, compile_triage, finding_ids
from tools.yamlfile import ContentError, read

SIGNED = {
    "source": ["NHS"],
    "review": {"status": "draft", "reviewer": None, "date": "2026-11-23"},
}
FLAG = {
    **SIGNED,
    "title": "Swollen leg",
    "suggests": "clot",
    "action": "rest",
    "rules": [
        {"level": "URGENT", "any": ["swelling"], "sites": ["leg_group"]},
        {"level": "URGENT", "any": ["pop"], "action": "hurry"},
    ],
}
CONTENT: dict[str, Any] = {
    "findings": {
        "danger": {"swelling": "swollen", "pop": "a pop"},
        "detail": {"hard_knot": "hard knot", "eased": "has eased"},
        "coached": {"stretching": "stretches it with the coach"},
        "value": {"site": "body site", "duration_minutes": "minutes"},
        "personal": ["eased"],
        "noted": ["eased"],
        "soft_plus": ["eased"],
        "implies": {"pop": ["swelling"]},
    },
    "sites": {
        "groups": {"leg_group": ["foot", "calf"]},
        "regions": {"legs": ["leg_group"], "thighs": ["leg"]},
        "sites": {
            "calf": {"safety": "leg", "first_aid": "weight_off", "remedy": "calf"},
            "foot": {"safety": "leg", "first_aid": "weight_off", "remedy": "calf"},
            "leg": {
                "safety": "leg",
                "first_aid": "weight_off",
                "remedy": "calf",
                "narrow": ["calf", "foot"],
            },
        },
    },
    "flags": {"F30": FLAG},
    "routine": {"R03": {**SIGNED, "title": "Long", "rules": [{"any": ["hard_knot"], "minutes_over": 10}]}},
    "conditions": {
        "other": {**SIGNED, "weigh": "first", "rules": [{"any": ["eased"]}]},
        "cramp": {
            **SIGNED,
            "weigh": "against",
            "remedy": {"leg_group": "calf"},
            "remedy_with": {"pop": "calf"},
            "rules": [{"all": ["hard_knot"], "without": ["pop"], "minutes_below": 15}],
        },
    },
    "safety": {
        "leg": {**SIGNED, "fills": ["swelling", "pop"], "risk": ["eased"]},
        "effort": {**SIGNED, "fills": ["pop"], "risk": [], "when": ["eased"], "instead_of": ["leg"]},
    },
    "questions": {
        "where": {**SIGNED, "fills": ["site"], "means": {"leg": {"calf": "foot"}}},
        "nature": {**SIGNED, "fills": ["hard_knot", "eased"], "choices": ["hard_knot"]},
    },
    "remedies": {
        "calf": {
            **SIGNED,
            "steps": 2,
            "evidence": "A",
            "hold": {"position": [1], "at": 2, "seconds": 30, "rounds": 3},
            "avoid": ["swelling"],
            "after": "leg",
            "changes": [{"for": ["eased"], "leave_out": [1], "instead": {2: "slowly"}}],
        }
    },
    "topics": {
        "causes": {**SIGNED, "rather": {"eased": "heat"}, "about": ["cramp"]},
        "heat": {**SIGNED, "evidence": "B", "cautions": ["hot"]},
    },
    "cautions": {"hot": {**SIGNED, "told": "instead", "rules": [{"any": ["swelling"], "sites": ["leg_group"]}]}},
    "scope": {"pets": SIGNED, "period": {**SIGNED, "safety": "leg", "finding": "eased"}},
}

Change = Callable[[dict[str, Any]], object]


def compiled(folder: Path, change: Change = lambda content: None) -> dict[str, Any]:
    """The small content above, changed and compiled."""
    content = deepcopy(CONTENT)
    change(content)
    triage = folder / "triage"
    triage.mkdir()
    (folder / "sources.yaml").write_text('{"NHS": {}, "PRODUCT": {}}', "utf-8")
    for name, entries in content.items():
        (triage / f"{name}.yaml").write_text(yaml.safe_dump(entries, sort_keys=False), "utf-8")
    return compile_triage(triage)


def put(*path: str | int, to: Any) -> Change:
    """Sets a value deep in the content."""

    def change(content: dict[str, Any]) -> None:
        at: Any = content
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = to

    return change


def drop(*path: str | int) -> Change:
    """Takes a key out of the content."""

    def change(content: dict[str, Any]) -> None:
        at: Any = content
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return change


def test_sound_content_is_compiled(tmp_path: Path) -> None:
    """What a program needs is kept, groups are written out as sites, and the signatures stay behind."""
    made = compiled(tmp_path)
    assert made["danger"] == ["swelling", "pop"]
    assert made["details"] == ["hard_knot", "eased"]
    assert made["personal"] == ["eased"]
    assert made["implies"] == {"pop": ["swelling"]}
    assert made["flags"] == {
        "F30": {
            "action": "rest",
            "condition": "other",
            "rules": [
                {"level": "URGENT", "any": ["swelling"], "sites": ["calf", "foot"]},
                {"level": "URGENT", "any": ["pop"], "action": "hurry"},
            ],
        }
    }
    assert made["regions"] == {"legs": ["calf", "foot"], "thighs": ["leg"]}
    assert made["noted"] == made["soft_plus"] == ["eased"]
    assert made["safety"]["effort"] == {"fills": ["pop"], "risk": [], "when": ["eased"], "instead_of": ["leg"]}
    assert made["routine"] == {"R03": {"rules": [{"any": ["hard_knot"], "minutes_over": 10}]}}
    assert made["conditions"]["cramp"]["remedy"] == {"leg_group": "calf"}
    assert made["questions"]["where"] == {"fills": ["site"], "means": {"leg": {"calf": "foot"}}}
    assert made["conditions"]["cramp"]["remedy_with"] == {"pop": "calf"}
    assert made["remedies"] == {
        "calf": {
            "steps": 2,
            "hold": {"position": [1], "at": 2, "seconds": 30, "rounds": 3},
            "avoid": ["swelling"],
            "after": "leg",
            "changes": [{"for": ["eased"], "leave_out": [1], "instead": {"2": "slowly"}}],
        }
    }
    assert made["topics"] == {
        "causes": {"rather": {"eased": "heat"}, "about": ["cramp"]},
        "heat": {"evidence": "B", "cautions": ["hot"]},
    }
    assert made["cautions"] == {"hot": {"told": "instead", "rules": [{"any": ["swelling"], "sites": ["calf", "foot"]}]}}
    assert made["sources"]["cautions.hot"] == made["sources"]["flags.F30"] == SIGNED["source"]
    assert made["scope"] == {"pets": {}, "period": {"safety": "leg", "finding": "eased"}}
    assert "review" not in json.dumps(made)


def test_a_flag_may_say_what_it_is_told_as(tmp_path: Path) -> None:
    """A rupture is told as a strain; a flag that says nothing as "other", which is no cramp."""
    made = compiled(tmp_path, put("flags", "F30", "condition", to="cramp"))
    assert made["flags"]["F30"]["condition"] == "cramp"


def test_compiling_twice_gives_the_same(tmp_path: Path) -> None:
    """Nothing depends on the order in which Python happens to hold a set."""
    assert json.dumps(compiled(tmp_path)) == json.dumps(compile_triage(tmp_path / "triage"))


RULE = ("flags", "F30", "rules", 0)
REVIEW = ("flags", "F30", "review")
CALF = ("remedies", "calf")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        # findings
        (
            put("findings", "detail", "pop", to="a pop"),
            "findings.yaml: pop: stands in two lists (keep it in one of danger, detail and coached)",
        ),
        (put("findings", "personal", to=["x"]), "findings.yaml: personal: 'x' is no finding"),
        (put("findings", "implies", to={"x": ["pop"]}), "findings.yaml: implies: x: 'x' is no finding"),
        (put("findings", "implies", to={"pop": ["x"]}), "implies: pop: 'x' is no finding"),
        (put("findings", "others", to={}), "findings.yaml: has an unknown key 'others' (known are coached"),
        (drop("findings", "personal"), "findings.yaml: lacks 'personal' (compare"),
        (drop("findings", "implies"), "findings.yaml: lacks 'implies' (compare"),
        # sites
        (
            put("sites", "groups", "leg_group", to=["calf", "arm"]),
            "sites.yaml: leg_group: 'arm' is no site",
        ),
        (
            put("sites", "sites", "calf", "safety", to="arm"),
            "sites.yaml: calf: 'arm' is no safety question",
        ),
        (put("sites", "sites", "calf", "remedy", to="arm"), "sites.yaml: calf: 'arm' is no remedy"),
        (put("sites", "sites", "leg", "narrow", to=["arm"]), "sites.yaml: leg: 'arm' is no site"),
        (drop("sites", "sites", "calf", "first_aid"), "sites.yaml: calf: lacks 'first_aid'"),
        (put("sites", "sites", "calf", "side", to="x"), "calf: has an unknown key 'side'"),
        # rules
        (put(*RULE, "any", to=["swellin"]), "flags.yaml: F30: any: 'swellin' is no finding"),
        (put(*RULE, "with", to=["x"]), "flags.yaml: F30: with: 'x' is no finding"),
        (put(*RULE, "all", to=["x"]), "flags.yaml: F30: all: 'x' is no finding"),
        (put(*RULE, "without", to=["x"]), "flags.yaml: F30: without: 'x' is no finding"),
        (put(*RULE, "denied", to=["x"]), "flags.yaml: F30: denied: 'x' is no finding"),
        (put(*RULE, "sites", to=["arm"]), "flags.yaml: F30: sites: 'arm' is no site or group"),
        (put(*RULE, "except_sites", to=["arm"]), "F30: except_sites: 'arm' is no site or group"),
        (put(*RULE, "any", to="swelling"), "F30: any: 'swelling' is no list (write it as a list)"),
        (put(*RULE, "any_of", to=["swelling"]), "flags.yaml: F30: has an unknown key 'any_of'"),
        (put(*RULE, "minutes_from", to="60"), "F30: minutes_from: is '60' (a whole number above zero)"),
        (put(*RULE, "minutes_over", to=0), "F30: minutes_over: is 0 (a whole number above zero)"),
        (put(*RULE, "minutes_below", to=1.5), "F30: minutes_below: is 1.5 (a whole number above zero)"),
        (put(*RULE, to=["swelling"]), "flags.yaml: F30: is no mapping"),
        (
            put(*RULE, to={"level": "URGENT", "without": ["pop"]}),
            "flags.yaml: F30: has a rule that always holds (name the findings",
        ),
        *[
            (put(*RULE, key, to=[]), f"flags.yaml: F30: {key}: is empty (name something, or leave the line out)")
            for key in ("any", "with", "all", "without", "denied", "sites", "except_sites")
        ],
        (put("flags", "F30", "rules", to=[]), "flags.yaml: F30: has no rules (write one, or delete the entry)"),
        (put("routine", "R03", "rules", to=[]), "routine.yaml: R03: has no rules (write one"),
        (put("conditions", "cramp", "rules", to=[]), "conditions.yaml: cramp: has no rules (write one"),
        (put(*RULE, "level", to="ROUTINE"), "F30: has a rule of level ROUTINE (a flag's rule is"),
        (drop(*RULE, "level"), "F30: has a rule of level None (a flag's rule is one of"),
        (
            put("routine", "R03", "rules", 0, "level", to="URGENT"),
            "routine.yaml: R03: has a level (the file itself means ROUTINE; danger belongs",
        ),
        (put(*RULE, "conditions", to=["cramp"]), "flags.yaml: F30: has an unknown key 'conditions'"),
        (put(*RULE, "action", to=""), "flags.yaml: F30: action: is empty (name something"),
        (put("routine", "R03", "rules", 0, "action", to="x"), "R03: has an unknown key 'action'"),
        (put("routine", "R03", "rules", 0, "conditions", to=["gout"]), "R03: conditions: 'gout' is no condition"),
        # what would be heard, and lead to nothing
        (put("routine", "R03", "rules", 0, "conditions", to=[]), "routine.yaml: R03: conditions: is empty"),
        (
            put("findings", "danger", "limp", to="a limp"),
            "findings.yaml: danger: limp: no flag reads it (add a rule to flags.yaml, or delete it)",
        ),
        # lists without anything in them
        (put("safety", "leg", "fills", to=[]), "safety.yaml: leg: fills: is empty (name something"),
        (put("questions", "nature", "fills", to=[]), "questions.yaml: nature: fills: is empty"),
        (put("sites", "groups", "leg_group", to=[]), "sites.yaml: leg_group: is empty (name something"),
        (put("sites", "regions", "legs", to=[]), "sites.yaml: regions: legs: is empty"),
        (put("findings", "soft_plus", to=[]), "findings.yaml: soft_plus: is empty"),
        (put("findings", "soft_plus", to=["x"]), "findings.yaml: soft_plus: 'x' is no finding"),
        (put("findings", "noted", to=["x"]), "findings.yaml: noted: 'x' is no finding"),
        (put("sites", "regions", "legs", to=["arm"]), "sites.yaml: regions: legs: 'arm' is no site or group"),
        (put("findings", "implies", "pop", to=["x.absent"]), "implies: pop: 'x' is no finding"),
        # remedies
        (put(*CALF, "steps", to=0), "remedies.yaml: calf: steps: is 0 (a whole number above zero)"),
        (put(*CALF, "steps", to="2"), "remedies.yaml: calf: steps: is '2' (a whole number above zero)"),
        (put(*CALF, "hold", "seconds", to=0), "remedies.yaml: calf: hold: seconds: is 0 (a whole"),
        (put(*CALF, "hold", "seconds", to=61), "remedies.yaml: calf: hold: seconds: is 61 (from 10 to 60)"),
        (put(*CALF, "hold", "rounds", to=-1), "remedies.yaml: calf: hold: rounds: is -1 (a whole number above zero)"),
        (put(*CALF, "hold", "position", to=[]), "remedies.yaml: calf: hold: position: is empty"),
        (put(*CALF, "hold", "at", to=3), "remedies.yaml: calf: hold: 3 is no step"),
        (put(*CALF, "hold", "then", to=[2]), "remedies.yaml: calf: hold: has the steps [1, 2, 2] (each once"),
        (put(*CALF, "hold", "position", to=[2]), "remedies.yaml: calf: hold: has the steps [2, 2]"),
        (put(*CALF, "hold", "sides", to="left"), "remedies.yaml: calf: hold: sides is 'left' (both, or leave it out)"),
        (put(*CALF, "after", to="arm"), "remedies.yaml: calf: after: 'arm' is no safety question"),
        (put(*CALF, "changes", 0, "for", to=[]), "remedies.yaml: calf: changes: for: is empty"),
        (put(*CALF, "changes", 0, "for", to=["x"]), "calf: changes: for: 'x' is no finding"),
        (put(*CALF, "changes", 0, to={"for": ["eased"]}), "remedies.yaml: calf: changes: is empty"),
        (put(*CALF, "changes", 0, "leave_out", to=[3]), "remedies.yaml: calf: changes: 3 is no step"),
        (put(*CALF, "changes", 0, "instead", to={3: "slowly"}), "calf: changes: 3 is no step"),
        (
            put(*CALF, "changes", 0, "leave_out", to=[1, 2]),
            "remedies.yaml: calf: changes: leaves no step (forbid the remedy with 'avoid')",
        ),
        (put("conditions", "cramp", "remedy_with", to={"x": "calf"}), "cramp: 'x' is no finding"),
        (put("conditions", "cramp", "remedy_with", to={"pop": "arm"}), "cramp: 'arm' is no remedy"),
        # safety questions that are asked because of a finding
        (put("safety", "effort", "when", to=["x"]), "safety.yaml: effort: 'x' is no finding"),
        (put("safety", "effort", "instead_of", to=["arm"]), "safety.yaml: effort: 'arm' is no safety question"),
        (drop("safety", "effort", "when"), "effort: has 'instead_of' without 'when' (say when"),
        # signatures
        (drop("flags", "F30", "source"), "flags.yaml: F30: lacks 'source'"),
        (put("flags", "F30", "source", to=[]), "F30: has no source (name a tag of"),
        (put("flags", "F30", "source", to=["WEB"]), "flags.yaml: F30: 'WEB' is no source"),
        (drop("routine", "R03", "review"), "routine.yaml: R03: lacks 'review'"),
        (put(*REVIEW, "status", to="signed"), "F30: review: status is 'signed' (one of"),
        (put(*REVIEW, "status", to="reviewed"), "F30: review: status and reviewer do not agree"),
        (put(*REVIEW, "reviewer", to="Dr X"), "F30: review: status and reviewer do not agree"),
        (put(*REVIEW, "date", to="23 November"), "F30: review: date is '23 November' (write"),
        (put(*REVIEW, "date", to=20261123), "F30: review: date is 20261123 (write"),
        (drop(*REVIEW, "date"), "flags.yaml: F30: review: lacks 'date'"),
        (put(*REVIEW, "by", to="x"), "flags.yaml: F30: review: has an unknown key 'by'"),
        (put("topics", "causes", to={}), "topics.yaml: causes: lacks"),
        # the rest
        (drop("flags", "F30", "title"), "flags.yaml: F30: lacks 'title'"),
        (drop("flags", "F30", "action"), "flags.yaml: F30: lacks 'action'"),
        (put("flags", "F30", "condition", to="gout"), "flags.yaml: F30: 'gout' is no condition"),
        (put("conditions", "cramp", "weigh", to="last"), "cramp: weigh is 'last' (first: outranks"),
        (
            put("conditions", "cramp", "remedy", to={"arm": "calf"}),
            "conditions.yaml: cramp: 'arm' is no group of sites",
        ),
        (
            put("conditions", "cramp", "remedy", to={"any": "arm"}),
            "conditions.yaml: cramp: 'arm' is no remedy",
        ),
        (
            put("safety", "leg", "fills", to=["hard_knot"]),
            "safety.yaml: leg: 'hard_knot' is no danger finding",
        ),
        (put("safety", "leg", "risk", to=["x"]), "safety.yaml: leg: 'x' is no finding"),
        (
            put("questions", "nature", "fills", to=["x"]),
            "questions.yaml: nature: 'x' is no finding",
        ),
        (
            put("questions", "nature", "choices", to=["pop"]),
            "questions.yaml: nature: 'pop' is no finding it fills",
        ),
        (
            put("questions", "where", "means", to={"leg": {"calf": "toe"}}),
            "questions.yaml: where: 'toe' is no site",
        ),
        (put("remedies", "calf", "avoid", to=["x"]), "remedies.yaml: calf: 'x' is no finding"),
        (put("remedies", "calf", "evidence", to="D"), "calf: evidence is 'D' (A, B or C"),
        (put("remedies", "calf", "dose", to=2), "remedies.yaml: calf: has an unknown key 'dose'"),
        (put("scope", "period", "safety", to="arm"), "scope.yaml: period: 'arm' is no safety"),
        (put("scope", "period", "finding", to="x"), "scope.yaml: period: 'x' is no finding"),
        (put("topics", "heat", "evidence", to="D"), "heat: evidence is 'D' (A, B, C or"),
        (put("topics", "heat", "cautions", to=["x"]), "topics.yaml: heat: cautions: 'x' is no caution"),
        (put("topics", "heat", "cautions", to=[]), "cautions.yaml: hot: belongs to no topic"),
        (put("topics", "causes", "rather", to={"x": "heat"}), "causes: rather: 'x' is no finding"),
        (put("topics", "causes", "rather", to={"eased": "x"}), "causes: rather: 'x' is no topic"),
        (put("topics", "causes", "about", to=["gout"]), "causes: about: 'gout' is no condition"),
        (put("cautions", "hot", "told", to="loud"), "hot: told is 'loud' (instead: of the topic; beside"),
        (put("cautions", "hot", "rules", to=[]), "cautions.yaml: hot: has no rules"),
        (put("cautions", "hot", "rules", 0, "level", to="URGENT"), "hot: has a level (danger belongs into"),
        (drop("scope", "period", "safety"), "scope.yaml: period: lacks 'safety' (compare"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_slip_stops_the_build(tmp_path: Path, change: Change, says: str) -> None:
    """Each mistake is named with its file, its key and its remedy; none is taken for "false"."""
    with pytest.raises(ContentError) as stopped:
        compiled(tmp_path, change)
    assert says in str(stopped.value)


def test_a_file_that_nothing_reads_stops_the_build(tmp_path: Path) -> None:
    """A rule in a misnamed file would never be followed."""
    with pytest.raises(ContentError, match=r"flag\.yaml: nothing reads this file"):
        compiled(tmp_path, put("flag", to={}))


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_a_file_that_is_missing_stops_the_build(tmp_path: Path, name: str) -> None:
    """A skill without its flags, or any other file, is not built."""
    with pytest.raises(ContentError, match=rf"{name}\.yaml: is missing"):
        compiled(tmp_path, drop(name))


def test_a_review_that_names_who_signed_is_accepted(tmp_path: Path) -> None:
    """Reviewed, by somebody, on a day: the one honest way out of "draft"."""
    signed = {"status": "reviewed", "reviewer": "A. Clinician", "date": "2026-12-01"}
    assert "F30" in compiled(tmp_path, put(*REVIEW, to=signed))["flags"]


def test_every_finding_is_known() -> None:
    """The ids of danger and detail findings, and no values."""
    ids = finding_ids()
    assert {"swelling", "hard_knot"} <= ids
    assert "site" not in ids


def test_the_blanks_of_a_sentence_are_found() -> None:
    """So that no sentence asks for what nobody fills in."""
    assert blanks("In {country}, that's {number}.") == {"country", "number"}
    assert blanks("Nothing to fill in.") == set()


# ---- our own content


def test_nobody_has_signed_without_a_name() -> None:
    """Every entry of ours is honest: a draft, or signed by a named person on a day that has been."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for id_, entry in read(path).items():
            review = entry.get("review") if isinstance(entry, dict) else None
            if review is not None:
                assert review["status"] in {"draft", "reviewed"}, id_
                assert (review["reviewer"] is None) == (review["status"] == "draft"), id_


def test_every_source_says_how_it_was_read() -> None:
    """A source has a title, how much of it was read, and where it is; a choice of our own has no address."""
    for tag, source in read(FOLDER.parent / "sources.yaml").items():
        assert source["title"], tag
        assert source["read"] in {"full", "copy", "part", "none"}, tag
        assert bool(source.get("url")) == (source["read"] != "none"), tag
        assert all(url.startswith("http") for url in source.get("url", ())), tag
