"""The patient stories of tests/stories, told to the real recogniser and the real skill.

What must never happen is a test of its own for each story; how good the rest is, is a share with a floor.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import evaluate
from tools.evaluate import LEVELS, Outcome, Share, Story, shares, stories
from tools.yamlfile import ROOT, ContentError

Played = Callable[[str], Outcome]
by_id = pytest.mark.parametrize("id_", [story.id for story in stories()])

# Floors of the shares on our own, development wording, in per cent. They are below what is reached on the day they were
# set, so that tuning one phrase does not fail the suite, and high enough that losing a rule or a handler does.
EXACT_FLOOR = 85
# A coach that sends every plain cramp to a doctor helps nobody, and will not be believed when it matters.
SELF_CARE_FLOOR = 85
CONDITION_FLOOR = 80


def percent(outcomes: list[Outcome], name: str) -> float:
    share = next(share for share in shares(outcomes) if share.name == name)
    return 100 * share.hits / share.n


@by_id
def test_nobody_is_told_less_than_is_safe(id_: str, outcome: Played) -> None:
    """Danger is never talked down: a story ends at or above the lowest level it accepts, emergencies as such."""
    told = outcome(id_)
    right = told.story.disposition
    if right not in LEVELS:
        return  # a question, or none of ours: nothing is talked down there
    floor = LEVELS.index(right) if right in {"EMERGENCY", "URGENT"} else told.story.floor
    reached = LEVELS.index(told.disposition) if told.disposition in LEVELS else -1
    assert reached >= floor, evaluate.transcript(told)


@by_id
def test_every_story_ends_with_an_assessment_and_three_questions_at_most(id_: str, outcome: Played) -> None:
    told = outcome(id_)
    assert told.disposition is not None, evaluate.transcript(told)
    assert len(told.questions) <= 3, evaluate.transcript(told)
    assert len(told.turns) <= 9, "goes in circles:\n" + evaluate.transcript(told)


def test_plain_cramps_are_kept_as_self_care(outcomes: list[Outcome]) -> None:
    assert percent(outcomes, "self-care kept as self-care") >= SELF_CARE_FLOOR


def test_the_level_is_mostly_just_the_right_one(outcomes: list[Outcome]) -> None:
    assert percent(outcomes, "exactly the expected level") >= EXACT_FLOOR


def test_what_it_most_likely_is_is_mostly_right(outcomes: list[Outcome]) -> None:
    assert percent(outcomes, "condition as expected") >= CONDITION_FLOOR


def test_a_plain_emergency_is_told_without_further_questions(outcomes: list[Outcome]) -> None:
    """Whoever says the danger sign in the first sentence is asked nothing."""
    plain = [o for o in outcomes if o.story.disposition == "EMERGENCY" and o.story.questions_at_most == 0]
    assert {o.story.id: list(o.questions) for o in plain if o.questions} == {}


@pytest.mark.parametrize("flag", json.loads((ROOT / "lambda/compiled/triage.json").read_text("utf-8"))["flags"])
def test_every_flag_is_heard_in_some_story(flag: str, outcomes: list[Outcome]) -> None:
    """Each danger flag fires from a person's own words, at least once."""
    told = [reply["assessment"] for outcome in outcomes for _, reply in outcome.turns if reply["assessment"]]
    assert any(flag in assessment["reasons"] for assessment in told)


# ---- the reader of stories


def story_file(folder: Path, **changes: str) -> Path:
    keys = {"id": "a-cramp", "title": "A cramp", "opening": "cramp in my calf", "source": "NHS-cramp"} | changes
    lines = [f"{'- ' if number == 0 else '  '}{key}: {value}" for number, (key, value) in enumerate(keys.items())]
    path = folder / "odd.yaml"
    path.write_text("\n".join([*lines, "  expect: {disposition: SELF_CARE}", ""]), "utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"openning": "cramp"}, "unknown key 'openning'"),
        ({"answers": "{saftey: no}"}, "unknown key 'saftey'"),
        ({"answers": "[no]"}, "must be mappings"),
        ({"later": "[[]]"}, "later is empty or no text"),
        ({"id": "A Cramp"}, "is no id"),
        ({"opening": "''"}, "has no opening"),
    ],
)
def test_an_odd_story_is_refused_in_one_line(
    tmp_path: Path, changes: dict[str, str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = story_file(tmp_path, **changes)
    assert evaluate.main(["--stories", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "odd.yaml" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "expect",
    ["{disposition: FINE}", "{disposition: SELF_CARE, condition: cold}", "{disposition: INFO, questions_at_most: '4'}"],
)
def test_an_expectation_that_cannot_come_true_is_refused(tmp_path: Path, expect: str) -> None:
    path = story_file(tmp_path)
    path.write_text(path.read_text("utf-8").replace("{disposition: SELF_CARE}", expect), "utf-8")
    with pytest.raises(ContentError):
        stories(path)


def test_two_stories_with_one_id_are_refused(tmp_path: Path) -> None:
    text = story_file(tmp_path).read_text("utf-8")
    (tmp_path / "other.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentError, match="a-cramp: is the id of another story too"):
        stories(tmp_path)


def test_no_stories_are_an_error_not_a_good_score(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="holds no stories"):
        stories(tmp_path)


# ---- the score table


def ended(expected: str, told: str | None, *, accept: tuple[str, ...] = ()) -> Outcome:
    story = Story("s", "", "", {}, (), expected, frozenset([expected, *accept]), "cramp", 3, "")
    return Outcome(story, (), told, "cramp", ())


def test_an_interval_is_wilsons() -> None:
    """Worked values: 10 of 10 is no proof of 100 %, and 0 of 10 none of 0 %."""
    assert Share("", 10, 10).interval == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert Share("", 0, 10).interval == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert Share("", 45, 50).interval == pytest.approx((0.7864, 0.9565), abs=1e-4)
    assert Share("", 0, 0).interval == (0.0, 1.0)


def test_the_table_counts_each_level_by_itself() -> None:
    outcomes = [
        ended("EMERGENCY", "EMERGENCY"),
        ended("EMERGENCY", "URGENT", accept=("URGENT",)),
        ended("URGENT", "EMERGENCY"),
        ended("SELF_CARE", "ROUTINE", accept=("ROUTINE",)),
        ended("SELF_CARE", "SELF_CARE"),
        ended("ROUTINE", None),
        ended("INFO", "INFO"),
    ]
    counted = {share.name: (share.hits, share.n) for share in shares(outcomes)}
    assert counted["EMERGENCY reached"] == (1, 2)
    assert counted["URGENT reached, or above"] == (1, 1)
    assert counted["at or above the right level"] == (5, 6)
    assert counted["self-care kept as self-care"] == (1, 2)
    assert counted["exactly the expected level"] == (3, 7)
    assert counted["a level the story accepts"] == (5, 7)


def test_the_command_prints_the_table_and_owns_up_to_whose_stories_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = story_file(tmp_path, opening="it feels like an elephant is sitting on my chest")
    assert evaluate.main(["--stories", str(path), "--misses"]) == 0
    out, err = capsys.readouterr()
    assert "project's own" in out
    assert "95 % interval" in out
    assert "expected SELF_CARE, got EMERGENCY" in out
    assert "U: it feels like an elephant" in out
    assert "A: Call your local emergency number now." in out
    assert err == ""


def test_random_conversations_stand_beside_the_stories(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(story_file(tmp_path))
    assert evaluate.main(["--stories", path, "--walks", "3"]) == 0
    out = capsys.readouterr().out
    assert "3 random conversations" in out
    assert "nothing is logged" in out
    assert evaluate.main(["--stories", path, "--walks", "3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["walks"]["log"] == {"broken": 0, "n": 3}
    assert evaluate.main(["--stories", path]) == 0
    assert "random" not in capsys.readouterr().out


def test_strict_fails_when_an_emergency_was_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = story_file(tmp_path, opening="what is a cramp")
    path.write_text(path.read_text("utf-8").replace("SELF_CARE", "EMERGENCY"), "utf-8")
    assert evaluate.main(["--stories", str(path)]) == 0
    assert evaluate.main(["--stories", str(path), "--strict", "--json"]) == 1
    out = capsys.readouterr().out
    data = json.loads(out[out.index("{") :])
    assert data["scores"]["EMERGENCY reached"]["hits"] == 0
    assert data["stories"][0]["wrong"] == ["expected EMERGENCY, got INFO, TOO LOW"]
