"""The patient stories of tests/stories, told to the real recogniser and the real skill.

What must never happen is a test of its own for each story; how good the rest is, is a share with a floor. The body of
stories itself is counted as well: every flag, every position, both sides of every threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

from tools.evaluate import FLAG_GROUPS, danger_shares, shares
from tools.score import Share
from tools.stories import LEVELS, POSITIONS, Outcome, Story, content, stories, transcript, urgency

Played = Callable[[str], Outcome]
STORIES = stories()
FLAGS = list(content()["flags"])
# The muscles of the clinical reference, section 6b.
SITES = (
    "calf foot hamstring quadriceps hand_forearm neck upper_back lower_back shoulder abdomen stitch glute adductor jaw "
    "eyelid ribs"
).split()

# Stories that end below their safe level today, and why. Each must go on failing, or be taken out of this list.
MISSED = {
    "shoulder-ache-on-the-hill": "an ache that only comes uphill, told after the assessment, is heard as on walking",
    "fainted-after-the-cramp": '"I did faint" is heard as feeling faint',
    "i-am-eight-and-cannot-walk": "an age that is a number alone is not heard",
    "calf-eased-after-a-quarter-of-an-hour": 'the time is lost beside "gone off"',
    "cramps-keep-spoiling-sleep": "heard as a question about sleep",
    "still-burning-after-cooling": "a second length of time about the cooling is not heard",
    "abs-laughing-cramp": "a belly muscle that cramped is taken for the bowel",
    "glute-sore-after-hill-sprints": "should-I-worry is answered as a question of knowledge",
}

by_id = pytest.mark.parametrize("id_", [story.id for story in STORIES])
by_id_but_missed = pytest.mark.parametrize(
    "id_",
    [
        pytest.param(story.id, marks=pytest.mark.xfail(strict=True, reason=MISSED[story.id]))
        if story.id in MISSED
        else story.id
        for story in STORIES
    ],
)
by_flag = pytest.mark.parametrize("flag", FLAGS)

# Floors of the shares on our own, development wording, in per cent. They are below what is reached on the day they were
# set, so that tuning one phrase does not fail the suite, and high enough that losing a rule or a handler does.
EXACT_FLOOR = 82
# A coach that sends every plain cramp to a doctor helps nobody, and will not be believed when it matters.
SELF_CARE_FLOOR = 74
CONDITION_FLOOR = 80
POSITION_FLOOR = 85


def percent(table: list[Share], name: str) -> float:
    return next(share for share in table if share.name == name).percent


# ---- where they end


@by_id_but_missed
def test_nobody_is_told_less_than_is_safe(id_: str, outcome: Played) -> None:
    """Danger is never talked down: a story ends at or above the lowest level it accepts, emergencies as such."""
    told = outcome(id_)
    right = told.story.disposition
    if right not in LEVELS:
        return  # a question, or none of ours: nothing is talked down there
    floor = LEVELS.index(right) if right in {"EMERGENCY", "URGENT"} else told.story.floor
    assert urgency(told.disposition) >= floor, transcript(told)


@by_id
def test_every_story_ends_with_an_assessment_and_three_questions_at_most(id_: str, outcome: Played) -> None:
    told = outcome(id_)
    assert told.disposition is not None, transcript(told)
    assert len(told.questions) <= 3, transcript(told)
    assert len(told.turns) <= 9, "goes in circles:\n" + transcript(told)


def test_plain_cramps_are_kept_as_self_care(outcomes: list[Outcome]) -> None:
    assert percent(shares(outcomes), "self-care kept as self-care") >= SELF_CARE_FLOOR


def test_the_level_is_mostly_just_the_right_one(outcomes: list[Outcome]) -> None:
    assert percent(shares(outcomes), "exactly the expected level") >= EXACT_FLOOR


def test_what_it_most_likely_is_is_mostly_right(outcomes: list[Outcome]) -> None:
    assert percent(shares(outcomes), "condition as expected") >= CONDITION_FLOOR


@pytest.mark.parametrize("position", POSITIONS)
def test_danger_is_heard_wherever_it_is_said(position: str, outcomes: list[Outcome]) -> None:
    assert percent(danger_shares(outcomes), f"said in the {position}") >= POSITION_FLOOR


def test_a_plain_emergency_is_told_without_further_questions(outcomes: list[Outcome]) -> None:
    """Whoever says the danger sign in the first sentence is asked nothing."""
    plain = [o for o in outcomes if o.story.disposition == "EMERGENCY" and o.story.questions_at_most == 0]
    assert {o.story.id: list(o.questions) for o in plain if o.questions} == {}


@by_flag
def test_every_flag_is_heard_in_some_story(flag: str, outcomes: list[Outcome]) -> None:
    """Each danger flag fires from a person's own words, at least once."""
    told = [reply["assessment"] for outcome in outcomes for _, reply in outcome.turns if reply["assessment"]]
    assert any(flag in assessment["reasons"] for assessment in told)


# ---- what the body of stories holds


def test_the_body_of_stories_is_large_enough() -> None:
    harmless = [s for s in STORIES if s.disposition == "SELF_CARE"]
    assert len(STORIES) >= 340
    assert len(harmless) >= 90
    assert len([s for s in harmless if s.wording == "worried"]) >= 90


@by_flag
def test_every_flag_has_its_wordings_in_every_position(flag: str) -> None:
    """At the opening, as an answer, as an aside, with a question; talked down; by a third person. Five at least."""
    about = [story for story in STORIES if story.flag == flag]
    assert len(about) >= 5
    assert {story.position for story in about} == set(POSITIONS)
    assert any(story.speaker == "other" for story in about)
    assert any(story.wording == "minimised" for story in about)


@pytest.mark.parametrize("level", ["URGENT", "EMERGENCY"])
def test_each_level_of_danger_is_said_in_every_way(level: str) -> None:
    danger = [story for story in STORIES if story.flag and story.disposition == level]
    for position in POSITIONS:
        here = [story for story in danger if story.position == position]
        assert len(here) >= 10, position
    assert len([story for story in danger if story.speaker == "other"]) >= 10
    assert len([story for story in danger if story.wording == "minimised"]) >= 10


def test_the_sign_is_where_the_story_says() -> None:
    """An aside needs something said later or in another answer; an answer needs an answer."""
    for story in STORIES:
        if story.position == "aside":
            assert story.later, story.id
        if story.position == "answer":
            assert story.answers.get("safety") or story.answers.get("how_long"), story.id


def test_worried_words_are_about_every_site() -> None:
    """Each of the reference's 16 sites has five harmless stories in worried words: no place alone raises an alarm."""
    told: dict[str, int] = defaultdict(int)
    for story in STORIES:
        if story.wording == "worried" and story.disposition == "SELF_CARE":
            told[story.site] += 1
    assert {site: told[site] for site in SITES if told[site] < 5} == {}


def test_every_level_and_both_asides_have_stories() -> None:
    assert {story.disposition for story in STORIES} == {*LEVELS, "INFO", "OUT_OF_SCOPE"}


def limits() -> Iterator[tuple[str, int]]:
    """The limits in minutes of the content: the flag or trigger, and the last minute before it holds."""
    for part in ("flags", "routine"):
        for id_, entry in content()[part].items():
            for rule in entry["rules"]:
                if "minutes_over" in rule:
                    yield id_, rule["minutes_over"]
                if "minutes_from" in rule:
                    yield id_, rule["minutes_from"] - 1


# F30's day counts only where F39's hour, which means as much, has not been reached by what was said.
@pytest.mark.parametrize(("rule", "last"), sorted(set(limits()) - {("F30", 1439)}))
def test_a_threshold_in_minutes_has_a_story_close_by_on_both_sides(rule: str, last: int) -> None:
    beside = [s for s in STORIES if s.threshold and s.threshold.of == rule and s.threshold.minutes is not None]
    below = [s for s in beside if last / 2 < s.threshold.minutes <= last]
    above = [s for s in beside if last < s.threshold.minutes <= 2 * last + 1]
    assert below
    assert above
    levels = [min(urgency(s.disposition) for s in below), max(urgency(s.disposition) for s in above)]
    assert levels[0] < levels[1], "the level has to change where the limit is"


# R16 and R17 are the product's own, and stand in no clinical reference.
@pytest.mark.parametrize(
    "of", [*sorted(set(content()["routine"]) - {"R16", "R17"}), "F36", "F39", "over_40", "over_50", "over_65"]
)
def test_a_threshold_has_a_story_on_both_sides(of: str) -> None:
    beside = [story for story in STORIES if story.threshold and story.threshold.of == of]
    assert len({urgency(story.disposition) for story in beside}) >= 2
    sides = {story.threshold.side for story in beside}
    assert sides >= {"below", "above"} or "" in sides


def test_every_flag_is_in_one_group_of_the_score_table() -> None:
    grouped = [flag for flags in FLAG_GROUPS.values() for flag in flags]
    assert sorted(grouped) == sorted(FLAGS)


def story_named(id_: str) -> Story:
    return next(story for story in STORIES if story.id == id_)


def test_a_story_keeps_what_it_is_about() -> None:
    story = story_named("grandad-rubbing-his-chest")
    assert (story.flag, story.position, story.speaker, story.wording) == ("F01", "opening", "other", "minimised")
