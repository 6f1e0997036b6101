"""Random conversations: a bounded sample of them, and whether the walk would notice a broken promise at all."""

from __future__ import annotations

from typing import Any

import pytest

from tools.score import Share
from tools.walk.content import LEVELS, Known, level_of
from tools.walk.person import Person
from tools.walk.promises import BY_EAR, CALL, PROMISES, Reply, Watch
from tools.walk.run import Walk, counted, numbered, replay, shrunk, table, walk
from tools.walk.sayings import Said
from tools.yamlfile import ROOT, read

SAMPLE = 130
# Of the conversations that say a sign, those in which each was heard; of those that say none, those left alone. In per
# cent, and below what is reached on the day they were set: what the hearing misses is listed by `make walk`.
HEARD_FLOOR = 90
LEFT_ALONE_FLOOR = 85


@pytest.fixture(scope="module")
def walks() -> list[Walk]:
    return [walk(seed) for seed in numbered("suite", SAMPLE)]


# ---- the sample


def test_no_walk_breaks_a_promise_of_the_conversation(walks: list[Walk]) -> None:
    broken = [f"{one.seed} {found.promise}: {found.how}" for one in walks for found in one.broken]
    assert [line for line in broken if line.split()[1].rstrip(":") not in BY_EAR] == []


def test_the_walks_put_every_promise_to_the_test(walks: list[Walk]) -> None:
    assert set(counted(walks)[0]) == set(PROMISES)


@pytest.mark.parametrize(("promise", "floor"), [("heard", HEARD_FLOOR), ("denied", LEFT_ALONE_FLOOR)])
def test_what_rests_on_the_hearing_is_kept_mostly(promise: str, floor: int, walks: list[Walk]) -> None:
    tested, broken = counted(walks)
    found = [f"{one.seed}: {it.how}" for one in walks for it in one.broken if it.promise == promise]
    assert 100 * (1 - broken[promise] / tested[promise]) >= floor, "\n".join(found)


def test_the_walks_do_what_people_do(walks: list[Walk]) -> None:
    moves = {turn.said.move.partition(":")[0] for one in walks for turn in one.turns}
    assert moves >= {"opening", "no", "yes", "don't know", "silence", "topic", "remedy", "denial", "danger", "coach"}
    assert len(moves) > 40, sorted(moves)
    assert any(turn.said.request for one in walks for turn in one.turns)
    assert sum("<break" in str(turn.reply.response) for one in walks for turn in one.turns) >= 5, "holds"


def test_everything_that_is_planned_can_be_said() -> None:
    """What a rule knows from the coach, as that somebody is stretching, has no words."""
    plans = [(person, part) for number in range(2_000) for person in [Person(f"plan/{number}")] for part in person.plan]
    assert len(plans) > 1_000
    for person, part in plans:
        assert person._part(part).text


def test_a_walk_is_known_by_its_seed() -> None:
    first, second = walk("again/3"), walk("again/3")
    assert first == second
    assert first.turns
    assert first.turns != walk("again/4").turns


# ---- the oracle


@pytest.mark.parametrize(
    ("known", "level"),
    [
        (Known(), ""),
        (Known(frozenset({"chest_pain"})), "EMERGENCY"),
        (Known(frozenset({"swelling"}), sites=("calf",)), "URGENT"),
        (Known(frozenset({"swelling", "both_sides", "long_standing"}), sites=("calf",)), ""),
        (Known(frozenset({"fast_swelling", "blood_thinner"})), "EMERGENCY"),
        (Known(frozenset({"fast_swelling"})), "URGENT"),  # it implies swelling
        (Known(frozenset({"fever"}), sites=("calf",)), ""),
        (Known(frozenset({"fever"}), sites=("calf", "lower_back")), "URGENT"),
        (Known(frozenset({"spreading_pain"}), sites=("shoulder",)), "EMERGENCY"),
        (Known(frozenset({"spreading_pain"}), sites=("neck",)), ""),
        (Known(frozenset({"hard_knot"}), sites=("calf",), minutes=59), ""),
        (Known(frozenset({"hard_knot"}), sites=("calf",), minutes=60), "URGENT"),
        (Known(frozenset({"sudden_grab"}), frozenset({"eases_with_stretch"}), ("calf",), 61), "URGENT"),
    ],
)
def test_the_oracle_reads_the_flags_by_itself(known: Known, level: str) -> None:
    assert level_of(known)[0] == (LEVELS.index(level) if level else -1)


@pytest.mark.parametrize(
    "case",
    [case for path in sorted((ROOT / "tests" / "cases").glob("*.yaml")) for case in read(path)],
    ids=lambda case: case["name"],
)
def test_the_oracle_asks_for_no_more_than_the_cases_do(case: dict[str, Any]) -> None:
    """Cases were written by hand from the clinical reference: neither the engine nor the oracle had a say in them."""
    given = case["findings"]
    known = Known(
        frozenset(id_ for id_, value in given.items() if value == "present"),
        frozenset(id_ for id_, value in given.items() if value == "absent"),
        tuple(given[key] for key in ("second_site", "site") if key in given),
        given.get("duration_minutes"),
    )
    assert level_of(known)[0] <= LEVELS.index(case["expect"]["disposition"])


# ---- what the watch would notice


FINE = Reply("Is it easing?", "Say yes or no.", False, None, None, None, {}, None)


def response(speech: str, *, ended: bool = False, **more: Any) -> dict[str, Any]:
    body = {"outputSpeech": {"type": "SSML", "ssml": f"<speak>{speech}</speak>"}, "shouldEndSession": ended, **more}
    return {"version": "1.0", "response": body}


def assessed(level: str, *reasons: str) -> dict[str, Any]:
    return {"disposition": level, "condition": "other", "reasons": list(reasons)}


def seen(*turns: tuple[Said, Reply], plain: bool = False) -> set[str]:
    watch = Watch(is_plain=plain)
    return {broken.promise for said, reply in turns for broken in watch.turn(said, reply)}


CHEST = Said("danger", "chest pain", present=("chest_pain",))
CALF = Said("opening", "my calf", site="calf")


@pytest.mark.parametrize(
    ("turns", "promise"),
    [
        ([(CHEST, FINE)], "heard"),
        ([(CHEST, FINE._replace(heard={"chest_pain": "present"}))], "danger"),
        ([(CHEST, FINE._replace(speech="This sounds like a stroke."))], "forbidden"),
        ([(CALF, FINE._replace(speech="Take two tablets of ibuprofen. Is it easing?"))], "forbidden"),
        ([(CALF, FINE._replace(speech="It's just a cramp. Is it easing?"))], "forbidden"),
        ([(CALF, FINE._replace(speech=" ".join(["word"] * 19)))], "length"),
        ([(CALF, FINE._replace(speech=" ".join(["Word word word word."] * 16)))], "length"),
        ([(CALF, FINE._replace(logged=["root: my calf"]))], "log"),
        ([(CALF, FINE._replace(response=response("Is it easing?", card={})))], "response"),
        (
            [(CALF, FINE._replace(response=response("Is it easing?", card={"type": "Simple", "title": "x"})))],
            "response",
        ),
        ([(CALF, FINE._replace(response=response("Well.", directives=[{"name": "AskFor"}])))], "response"),
        ([(CALF, FINE._replace(response=response("<b")))], "response"),
        ([(CALF, FINE._replace(response=response("x") | {"sessionAttributes": {"x": "x" * 30_000}}))], "response"),
        ([(CALF, FINE._replace(speech="Hold it.", response=response("Hold it.")))], "response"),
        ([(CALF, FINE._replace(response=response('Hold it. <break time="5100ms"/> ' * 2)))], "silence"),
        ([(CALF, FINE._replace(response=response('Hold it. <audio src="https://x/y.mp3"/> ' * 6)))], "silence"),
        ([(CALF, FINE._replace(reprompt="Is it easing?", response=response("Is it easing?")))], "reprompt"),
        ([(CALF, FINE._replace(question=f"{site}_safety")) for site in ("calf", "jaw", "neck", "hand")], "questions"),
        (
            [(CALF, FINE._replace(assessment=assessed(level))) for level in ("URGENT", "SELF_CARE")],
            "falls",
        ),
        (
            [(CALF, FINE._replace(speech="Please see a doctor. Is it easing?", response=response("x")))] * 3,
            "repeats",
        ),
        ([(CALF, FINE._replace(speech=f"Hello. {CALL}", ended=True, assessment=assessed("EMERGENCY")))], "emergency"),
        ([(CALF, FINE._replace(speech=CALL, assessment=assessed("EMERGENCY")))], "emergency"),
        (
            [(CALF, FINE._replace(speech=f"{CALL} Stretch it.", ended=True, assessment=assessed("EMERGENCY")))],
            "emergency",
        ),
    ],
)
def test_a_broken_promise_is_noticed(turns: list[tuple[Said, Reply]], promise: str) -> None:
    assert promise in seen(*turns)


def test_an_alarm_without_a_sign_is_noticed() -> None:
    assert seen((CALF, FINE._replace(assessment=assessed("URGENT", "F30"))), plain=True) == {"denied"}


def test_a_stubborn_yes_that_ends_in_self_care_is_noticed() -> None:
    asks = FINE._replace(speech="Is it swollen, hot, red, cold or numb, or did you feel a pop?", question="calf_safety")
    yes = Said("yes", "yes", reply="yes")
    which = asks._replace(speech="Which one: swollen, hot, red, cold, numb or a pop?")
    assert seen((CALF, asks), (yes, which), (yes, FINE._replace(assessment=assessed("SELF_CARE")))) == {"unclear"}
    # "The third" is what was named third: cold, an emergency.
    third = Said("choice", "the last", choice=2)
    assert "danger" in seen(
        (CALF, asks),
        (yes, which),
        (third, FINE._replace(assessment=assessed("URGENT"), heard={"cold_limb": "present"})),
    )


def test_what_was_plainly_taken_back_may_fall() -> None:
    swollen = Said("danger", "it's swollen", present=("swelling",), site="calf")
    urgent = FINE._replace(assessment=assessed("URGENT"), heard={"swelling": "present", "site": "calf"})
    back = Said("corrects a sign", "I meant no swelling", absent=("swelling",), corrects=True)
    low = FINE._replace(assessment=assessed("SELF_CARE"))
    assert seen((swollen, urgent), (back, low)) == set()
    assert seen((swollen, urgent), (Said("denial", "no swelling", absent=("swelling",)), low)) == {"falls"}


def test_somebody_who_is_never_answered_is_noticed() -> None:
    watch = Watch()
    watch.turn(CALF, FINE)
    assert [broken.promise for broken in watch.finish(ended=False)] == ["end"]
    assert watch.finish(ended=True) == []


def raw(intent: str, slot: str, words: str, *present: str) -> Said:
    slots = {slot: {"name": slot, "confirmationStatus": "NONE", "value": words}}
    request = {"type": "IntentRequest", "intent": {"name": intent, "confirmationStatus": "NONE", "slots": slots}}
    return Said(f"raw {intent}", f"{intent} {words}", present=present, request=request)


def test_a_sign_that_was_said_in_passing_is_kept_and_would_be_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tingling alone is no flag; with "tight as a drum", a few turns later, it is an emergency."""
    said = (
        raw("DescribeIntent", "site", "calf"),
        raw("WhyIntent", "danger", "tingling", "tingling"),
        raw("DangerIntent", "danger", "tight as a drum", "tight_as_drum"),
    )
    turns, watch = replay(said, "en-US")
    assert watch.broken == []
    assert [(turn.reply.assessment or {}).get("disposition") for turn in turns] == [None, None, "EMERGENCY"]
    monkeypatch.setattr("skill.handlers.base.keep", lambda turn, reply: reply)
    assert "danger" in {broken.promise for broken in replay(said, "en-US")[1].broken}


def test_a_failing_walk_is_made_short() -> None:
    """Among much else, somebody means something that no word of theirs says."""
    said = [
        Said("opening", "my calf has cramped up", site="calf"),
        Said("topic", "what causes cramps"),
        Said("danger", "um hello there, you know", "hello", present=("chest_pain",)),
        Said("no", "no", reply="no"),
    ]
    turns, watch = replay(said, "en-US")
    found = Walk("short/1", tuple(turns), tuple(watch.broken), watch.kept, len(turns))
    assert [turn.said.text for turn in shrunk(found, "heard")] == ["hello"]


def test_the_table_says_how_little_no_miss_proves() -> None:
    """No miss in 300 conversations still leaves room for one in a hundred: the rule of three, and a little more."""
    walks = [Walk(f"x/{number}", (), (), {"end": 1}, 1) for number in range(300)]
    header, line = table(walks)
    assert header.split() == ["broken", "of", "at", "most"]
    assert line.split()[-3:] == ["0", "300", "1.26%"]
    assert Share("", 300, 300).interval[0] == pytest.approx(0.9874, abs=1e-4)
