"""What a session keeps: everything comes back as it was, and nothing that is not ours comes in."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from server.conversation import Device
from skill.state import VERSION, Coaching, State, read
from speech import Line
from triage import Assessment, Disposition, Episode, Form, Question, Reminder, load

KNOWN = load()
FULL = State(
    episode=Episode(
        {"site": "calf", "side": "left", "swelling": "absent", "duration_minutes": 5, "hard_knot": "present"},
        ("calf_safety", "how_long"),
        ("calf_safety",),
        Question("how_long", "how_long", Form.ASK, ("duration_minutes", "eases_with_stretch")),
    ),
    offer="next_step",
    told=Assessment(Disposition.SELF_CARE, "cramp", ("hard_knot",), "calf", "", Reminder.SOFT),
    remedy="calf",
    step=2,
    topic="difference",
    scope="period_cramps",
    turn=4,
    lost=1,
    lines=(Line("condition.cramp"), Line("help_open", {"question": ["question.how_long.ask", {}]})),
)


def through_json(state: State) -> dict[str, Any]:
    attributes: dict[str, Any] = json.loads(json.dumps(state.write()))
    return attributes


def test_a_full_session_comes_back_as_it_was() -> None:
    assert read(through_json(FULL), KNOWN) == FULL


def test_a_fresh_session_comes_back_as_it_was() -> None:
    assert read(through_json(State()), KNOWN) == State()


def test_an_assessment_of_this_turn_is_not_told_again_in_the_next() -> None:
    state = FULL._replace(now=FULL.told)
    assert read(through_json(state), KNOWN).now is None


@pytest.mark.parametrize(
    "turns", [["cramp in my calf"], ["cramp in my leg", "no"], ["calf cramp", "yes"], ["period cramps"]]
)
def test_every_state_of_a_real_conversation_survives(turns: list[str]) -> None:
    device = Device()
    device.open()
    for said in turns:
        attributes = device.say(said)["response"]["sessionAttributes"]
        once = read(attributes, KNOWN)
        again = once.write() | {"assessment": attributes["assessment"]}
        assert again == attributes


def test_attributes_stay_far_below_what_a_response_may_hold() -> None:
    """Alexa allows 24 KB of attributes and speech together."""
    device = Device()
    device.open()
    for said in ("cramp in my calf", "what's the difference", "why", "no", "two minutes, stretching helps"):
        device.say(said)
    full = dict.fromkeys(KNOWN.danger | KNOWN.details, "unknown")
    most = FULL._replace(episode=FULL.episode._replace(findings=full))
    assert len(json.dumps(most.write())) < 16_000


@pytest.mark.parametrize(
    "attributes",
    [
        None,
        [],
        "",
        7,
        {},
        {"version": VERSION + 1},
        {"version": "1"},
        {"version": None},
        {"findings": {"site": "calf"}},
    ],
)
def test_attributes_that_are_not_ours_are_a_fresh_session(attributes: object) -> None:
    assert read(attributes, KNOWN) == State()


ODD = [None, True, 7, -1, 2.5, "zork", "", [], ["zork"], [[]], [None], {}, {"zork": 1}, "x" * 100_000, [1] * 10_000]


@pytest.mark.parametrize("key", sorted(FULL.write()))
@pytest.mark.parametrize("odd", ODD, ids=[f"{type(odd).__name__}{number}" for number, odd in enumerate(ODD)])
def test_one_odd_part_is_dropped_and_the_rest_kept(key: str, odd: object) -> None:
    attributes = through_json(FULL)
    if key == "version":
        return
    attributes[key] = odd
    state = read(attributes, KNOWN)
    state.write()
    if key != "findings":
        assert state.episode.findings == FULL.episode.findings
    if key != "told":
        assert state.told == FULL.told


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("zork", "present"),
        ("swelling", "very"),
        ("swelling", True),
        ("swelling", None),
        ("swelling", ["present"]),
        ("site", "elbow_of_doom"),
        ("site", None),
        ("site", {}),
        ("site", ["calf"]),
        ("second_site", "F01"),
        ("side", "up"),
        ("side", []),
        ("duration_minutes", -5),
        ("duration_minutes", True),
        ("duration_minutes", "5"),
        ("duration_minutes", 2.5),
        ("unclear_yes", "zork"),
        ("unclear_yes", []),
        ("__class__", "present"),
    ],
)
def test_a_finding_that_does_not_fit_is_dropped(id_: str, value: object) -> None:
    attributes = through_json(FULL)
    attributes["findings"] = {id_: value, "numbness": "absent"}
    assert read(attributes, KNOWN).episode.findings == {"numbness": "absent"}


@pytest.mark.parametrize(
    "question",
    [
        ["leg", "ask", ["chest_pain"]],
        ["leg", "ask", []],
        ["leg", "shout", ["swelling"]],
        ["zork", "ask", ["swelling"]],
        ["leg", "ask"],
        [["leg"], "ask", ["swelling"]],
        [{}, "ask", ["swelling"]],
        ["leg", ["ask"], ["swelling"]],
        [None, "ask", ["swelling"]],
        "leg",
        {"leg": 1},
        ["leg", "narrow", ["swelling"]],
        ["where", "ask", ["site"]],  # another question's words under this one's id
    ],
)
def test_a_question_that_is_not_ours_is_not_open(question: object) -> None:
    attributes = through_json(FULL) | {"question": "calf_safety", "open": question}
    assert read(attributes, KNOWN).episode.open is None


@pytest.mark.parametrize(
    ("id_", "open_"),
    [
        ("vinegar", ["leg", "ask", ["swelling"]]),
        ("neck_safety", ["leg", "ask", ["swelling"]]),
        ("nature", ["how_long", "ask", ["duration_minutes"]]),
        ("how_long", ["how_long", "which", ["duration_minutes"]]),
        ("where_leg", ["where_leg", "narrow", ["site"]]),
        ("where", ["where", "narrow", ["site"]]),
    ],
)
def test_a_question_under_a_name_that_is_not_its_own_is_not_open(id_: str, open_: list[Any]) -> None:
    """There may be no words for it."""
    assert read(through_json(FULL) | {"question": id_, "open": open_}, KNOWN).episode.open is None


@pytest.mark.parametrize(
    ("id_", "open_"),
    [
        ("calf_safety", ["leg", "which", ["swelling", "pop"]]),
        ("effort_safety", ["effort", "again", list(KNOWN.safety["effort"].fills)]),
        ("nature", ["nature", "which", ["hard_knot"]]),
        ("where", ["where_leg", "narrow", ["site"]]),
    ],
)
def test_a_question_under_its_own_name_stays_open(id_: str, open_: list[Any]) -> None:
    question = read(through_json(FULL) | {"question": id_, "open": open_}, KNOWN).episode.open
    assert question is not None
    assert question.id == id_


@pytest.mark.parametrize(
    "coach", [[[], 0, "", False], [{}, 0, "", False], ["paused", 0, [], False], ["position", 0, {}, False], ["zork"]]
)
def test_a_coach_that_does_not_fit_is_no_coach(coach: list[Any]) -> None:
    assert read(through_json(FULL) | {"coach": coach}, KNOWN).coach is None


def test_a_coach_that_fits_goes_on() -> None:
    state = read(through_json(FULL) | {"coach": ["paused", 1, "easing", True]}, KNOWN)
    assert state.coach == Coaching("paused", 1, "easing", True)


HALF = "half a character \ud800"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("asked", [HALF]),
        ("clarified", ["x" * 1000]),
        ("lines", [[HALF, {}]]),
        ("lines", [["told.emergency_number", {"country": HALF, "number": "nine"}]]),
        ("lines", [["told.emergency_number", {"country": "[9.00s]", "number": "nine"}]]),
        ("lines", [["help_open", {f"b{number}": "x" for number in range(9)}]]),
        ("told", {**FULL.write()["told"], "condition": HALF}),
        ("told", {**FULL.write()["told"], "remedy": 7}),
    ],
)
def test_what_was_no_id_and_no_words_of_ours_is_not_kept(key: str, value: Any) -> None:
    """What is read is written again, and must fit into a response; a mark in brackets would be played."""
    kept = json.dumps(read(through_json(FULL) | {key: value}, KNOWN).write(), ensure_ascii=False).encode()
    assert b"half" not in kept
    assert b"xx" not in kept
    assert b"[9.00s]" not in kept
    assert len(kept) < 4000


@pytest.mark.parametrize(
    "lines", [[["zork", {}]], [["safety", {}]], [["help_open", {}]], [["safety", {"family": [], "form": {}}]]]
)
def test_a_line_nobody_knows_is_not_said_again(lines: list[Any]) -> None:
    """Asked to repeat, the coach falls back to an invitation, or says what it can."""
    device = Device()
    device.open()
    device._attributes = through_json(FULL) | {"lines": lines}
    reply = device.say("say that again")
    assert reply["speech"]
    assert "went wrong" not in reply["speech"]


def test_a_session_full_of_noise_is_still_a_conversation() -> None:
    """Whatever the attributes hold, danger is heard, and the apology for our own mistakes is never needed."""
    noise = random.Random(7)  # noqa: S311 - the same noise in every run
    for _ in range(40):
        attributes = through_json(FULL)
        for key in noise.sample(sorted(attributes), 4):
            if key != "version":
                attributes[key] = noise.choice(ODD)
        for said in ("no", "my chest feels tight", "next", "say that again"):
            device = Device()
            device._attributes = json.loads(json.dumps(attributes))
            reply = device.say(said)
            assert "went wrong" not in reply["speech"], (said, attributes)
            if "chest" in said:
                assert reply["ended"]
