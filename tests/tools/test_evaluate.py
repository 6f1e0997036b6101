"""The readers of stories and utterances, and the score table they end in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import evaluate
from tools.evaluate import danger_shares, questions_asked, shares, utterance_shares
from tools.score import Share
from tools.stories import Outcome, Story, stories
from tools.utterances import Hearing, Utterance, listen, utterances
from tools.yamlfile import ContentError

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
        ({"sign": "F01"}, "must be mappings"),
        ({"sign": "{flag: F99, told: opening}"}, "sign has the flag 'F99'"),
        ({"sign": "{flag: F01}"}, "sign is told in the None"),
        ({"sign": "{flag: F01, told: somewhere}"}, "sign is told in the 'somewhere' (use one of opening, answer"),
        ({"sign": "{flag: F01, told: opening, by: me}"}, "unknown key 'by'"),
        ({"speaker": "nobody"}, "speaker is 'nobody'"),
        ({"wording": "loud"}, "wording is 'loud'"),
        ({"site": "elsewhere"}, "site is 'elsewhere'"),
        ({"threshold": "R03"}, "threshold is odd"),
        ({"threshold": "{of: R03}"}, "threshold is odd"),
        ({"threshold": "{of: R03, side: above, minutes: 3}"}, "threshold is odd"),
        ({"threshold": "{of: R99, side: above}"}, "threshold is of 'R99'"),
        ({"threshold": "{of: R03, side: left}"}, "threshold has the side 'left'"),
        ({"threshold": "{of: R03, minutes: ten}"}, "threshold has 'ten' minutes"),
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


# ---- the reader of utterances


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("just words", "is no utterance"),
        ("{say: ow, act: tell, sight: calf}", "unknown key 'sight'"),
        ("{act: tell}", "say is empty or no text"),
        ("{say: [ow, oh], act: tell}", "says several things"),
        ("{say: ow}", "act is None"),
        ("{say: ow, act: shout}", "act is 'shout'"),
        ("{say: ow, act: tell, site: elsewhere}", "site is 'elsewhere'"),
        ("{say: ow, act: tell, side: up}", "side is 'up'"),
        ("{say: ow, act: tell, flag: F01}", "danger needs both"),
        ("{say: ow, act: tell, flag: F99, level_min: URGENT}", "flag is 'F99'"),
        ("{say: ow, act: tell, flag: F01, level_min: ROUTINE}", "level_min is 'ROUTINE'"),
        ("{say: ow, act: tell, level_max: FINE}", "level_max is 'FINE'"),
        ("{say: ow, act: tell, flag: F01, level_min: URGENT, level_max: ROUTINE}", "danger or harmless"),
        ("{say: ow, act: tell}\n- {say: Ow, act: tell}", "says 'Ow' once more"),
    ],
)
def test_an_odd_utterance_is_refused_in_one_line(
    tmp_path: Path, line: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(f"- {line}\n", "utf-8")
    assert evaluate.main(["--utterances", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "odd.yaml: utterance" in err
    assert len(err.splitlines()) == 1


def test_no_utterances_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="holds no utterances"):
        utterances(tmp_path)


# ---- what an utterance was taken for


def heard(say: str, act: str, after: tuple[str, ...] = (), **expected: str) -> Hearing:
    wanted = {"site": "", "side": "", "flag": "", "level_min": "", "level_max": ""} | expected
    return listen(Utterance(say, act, after, **wanted))


def test_an_utterance_is_judged_by_act_place_and_side() -> None:
    hearing = heard("cramp in my left calf", "tell", site="calf", side="left")
    assert hearing.wrong == []
    other = heard("cramp in my left calf", "ask", site="foot", side="right", level_max="ROUTINE")
    assert other.wrong == ["meant ask, heard tell", "meant the foot, heard calf", "meant right, heard left"]


def test_danger_counts_when_it_is_told_at_once() -> None:
    """A question about danger is good, and no recognition."""
    told = heard("my chest hurts", "tell", flag="F01", level_min="EMERGENCY")
    asked = heard("cramp in my calf", "tell", flag="F30", level_min="URGENT")
    assert told.is_recognised
    assert asked.wrong == ["F30 needs URGENT, told nothing yet"]


def test_an_alarm_at_something_harmless_is_counted() -> None:
    hearing = heard("my chest hurts", "tell", level_max="ROUTINE")
    assert hearing.wrong == ["harmless, told EMERGENCY"]
    assert {line.name: line.hits for line in utterance_shares([hearing])}["harmless alarmed (*)"] == 1


def test_nonsense_after_a_question_counts_as_not_knowing() -> None:
    assert heard("bliblablub", "unknown", ("cramp in my calf",)).is_act_right
    assert heard("bliblablub", "tell").wrong == ["meant tell, heard nothing"]


# ---- the score table


def ended(expected: str, told: str | None, *, accept: tuple[str, ...] = (), **about: str) -> Outcome:
    story = Story("s", "", "", {}, (), expected, frozenset([expected, *accept]), "cramp", 3, "", **about)
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
        ended("SELF_CARE", "URGENT"),
        ended("ROUTINE", None),
        ended("INFO", "INFO"),
        ended("OUT_OF_SCOPE", "INFO", accept=("ROUTINE",)),
    ]
    counted = {share.name: (share.hits, share.n) for share in shares(outcomes)}
    assert counted["EMERGENCY reached"] == (1, 2)
    assert counted["URGENT reached, or above"] == (1, 1)
    assert counted["at or above the right level"] == (6, 7)
    assert counted["self-care kept as self-care"] == (1, 3)
    assert counted["harmless, told URGENT or EMERGENCY (*)"] == (1, 3)
    assert counted["exactly the expected level"] == (3, 9)
    assert counted["a level the story accepts"] == (5, 9)


def test_danger_is_counted_by_where_by_whom_and_of_what() -> None:
    outcomes = [
        ended("EMERGENCY", "EMERGENCY", flag="F01", position="opening"),
        ended("EMERGENCY", "ROUTINE", flag="F01", position="aside", wording="minimised"),
        ended("URGENT", "URGENT", flag="F42", position="aside", speaker="other"),
        ended("SELF_CARE", "SELF_CARE", speaker="other"),
    ]
    counted = {share.name: (share.hits, share.n) for share in danger_shares(outcomes) if share.n}
    assert counted == {
        "said in the opening": (1, 1),
        "said in the aside": (1, 2),
        "said of somebody else": (1, 1),
        "talked down": (0, 1),
        "heart, lungs, great vessels": (1, 2),
        "skin and muscle infection": (1, 1),
    }


def test_questions_have_a_mean_a_median_and_a_most() -> None:
    asked = [ended("SELF_CARE", "SELF_CARE")._replace(questions=["where"] * n) for n in (0, 1, 1, 3)]
    told = questions_asked(asked)
    assert (told["mean"], told["median"], told["most"], told["n"]) == (1.25, 1, 3, 4)
    assert told["low"] < 1.25 < told["high"]
    assert questions_asked(asked[:1])["low"] == 0


# ---- the command


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
    assert "utterances" not in out
    assert err == ""


def test_the_command_prints_utterances_by_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "some.yaml"
    path.write_text("- {say: cramp in my calf, act: tell, site: foot}\n- {say: 'no', act: stop, after: calf cramp}\n")
    assert evaluate.main(["--utterances", str(path), "--misses"]) == 0
    out = capsys.readouterr().out
    assert "2 single utterances" in out
    assert "'cramp in my calf': meant the foot, heard calf" in out
    assert "'no' (after 'calf cramp'): meant stop, heard no" in out
    assert "patient stories" not in out


def test_strict_fails_when_an_emergency_was_missed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = story_file(tmp_path, opening="what is a cramp")
    path.write_text(path.read_text("utf-8").replace("SELF_CARE", "EMERGENCY"), "utf-8")
    assert evaluate.main(["--stories", str(path)]) == 0
    assert evaluate.main(["--stories", str(path), "--strict", "--json"]) == 1
    out = capsys.readouterr().out
    data = json.loads(out[out.index("{") :])
    assert data["scores"]["EMERGENCY reached"]["hits"] == 0
    assert data["stories"][0]["wrong"] == ["expected EMERGENCY, got INFO, TOO LOW"]
    assert "utterances" not in data
