"""Questions of knowledge: the fitting topic, what changes for a person, the better tested of two, and the sources."""

from __future__ import annotations

import pytest

from triage import (
    PRESENT,
    Assessment,
    Disposition,
    Episode,
    Form,
    Question,
    Reminder,
    assess,
    best_tested,
    cautions,
    danger,
    fitting,
    load,
    subject,
)
from triage.model import Rule

KNOWLEDGE = load()
REMEDIES = [id_ for id_, topic in KNOWLEDGE.topics.items() if topic.evidence]


def person(rule: Rule) -> dict[str, str | int]:
    """Somebody of whom just so much is known that a rule holds."""
    known: dict[str, str | int] = dict.fromkeys([*rule.all, *sorted(rule.any)[:1], *sorted(rule.also)[:1]], PRESENT)
    if rule.sites:
        known["site"] = sorted(rule.sites)[0]
    return known


def told(topic: str, **findings: str) -> list[str]:
    return [caution.id for caution in cautions(KNOWLEDGE, topic, findings)]


def test_many_remedies_can_be_asked_about() -> None:
    assert len(REMEDIES) >= 40


@pytest.mark.parametrize("id_", KNOWLEDGE.cautions)
def test_every_rule_of_a_caution_reaches_somebody(id_: str) -> None:
    """Each rule alone brings the caution up, with each topic that names it; and nobody hears it unasked for."""
    topics = [topic for topic, entry in KNOWLEDGE.topics.items() if id_ in entry.cautions]
    for topic in topics:
        assert id_ not in told(topic)
        for rule in KNOWLEDGE.cautions[id_].rules:
            assert id_ in [caution.id for caution in cautions(KNOWLEDGE, topic, person(rule))]


@pytest.mark.parametrize(
    ("topic", "findings", "first"),
    [
        ("pickle_juice", {"kidney_disease": PRESENT}, "salty_kidney"),
        ("pickle_juice", {"heart_disease": PRESENT}, "salty_heart"),
        ("pickle_juice", {"low_salt_diet": PRESENT}, "salty_heart"),
        ("salt", {"kidney_disease": PRESENT}, "salty_kidney"),
        ("potassium", {"kidney_disease": PRESENT}, "potassium_kidney"),
        ("magnesium", {"kidney_disease": PRESENT}, "supplements_kidney"),
        ("magnesium", {"pregnant": PRESENT}, "supplements_pregnant"),
        ("water", {"kidney_disease": PRESENT}, "fluids_limited"),
        ("water", {"drank_a_lot": PRESENT}, "drank_enough"),
        ("heat", {"diabetes": PRESENT}, "diabetic_skin"),
        ("heat", {"injury_moment": PRESENT}, "heat_on_injury"),
        ("heat", {"bruise": PRESENT}, "heat_on_injury"),
        ("ice", {"numbness": PRESENT}, "numb_skin"),
        ("ice", {"cold_limb": PRESENT}, "poor_blood_flow"),
        ("massage", {"blood_thinner": PRESENT}, "massage_thinner"),
        ("massage", {"swelling": PRESENT, "blood_thinner": PRESENT}, "massage_on_swelling"),
        ("massage_gun", {"site": "calf", "recent_immobility": PRESENT}, "massage_after_journey"),
        ("stretching", {"pop": PRESENT}, "stretch_on_injury"),
        ("stretching", {"pregnant": PRESENT, "site": "abdomen"}, "belly_stretch_pregnant"),
        ("stretching", {"over_65": PRESENT}, "older_balance"),
        ("painkillers", {"blood_thinner": PRESENT}, "painkillers_risk"),
        ("painkillers", {"child": PRESENT}, "painkillers_child"),
        ("chiropractor", {"site": "neck"}, "neck_cracking"),
    ],
)
def test_what_the_clinical_reference_demands_goes_first(topic: str, findings: dict[str, str], first: str) -> None:
    """Sections 6c and 10, person by person."""
    assert told(topic, **findings)[0] == first


def test_a_question_about_nights_or_twitches_gets_its_own_answer() -> None:
    assert fitting(KNOWLEDGE, "causes", {}) == "causes"
    assert fitting(KNOWLEDGE, "causes", {"at_night": PRESENT}) == "night_cramps"
    assert fitting(KNOWLEDGE, "causes", {"at_night": "absent"}) == "causes"
    assert fitting(KNOWLEDGE, "prevention", {"at_night": PRESENT}) == "night_prevention"
    assert fitting(KNOWLEDGE, "how_long_it_lasts", {"twitch": PRESENT}) == "how_long_twitches_last"


def test_of_two_remedies_the_better_tested_one_is_told() -> None:
    assert best_tested(KNOWLEDGE, ["soap", "stretching"], {}) == ("stretching", True)
    assert best_tested(KNOWLEDGE, ["soap", "herbs"], {}) == ("soap", False)


def test_what_a_person_should_leave_alone_is_never_the_better_one() -> None:
    """The best tested stretch is no answer after a pop."""
    assert best_tested(KNOWLEDGE, ["stretching", "rest"], {"pop": PRESENT}) == ("rest", False)


# ---- who says so


def test_every_rule_has_sources_that_can_be_found() -> None:
    kinds = {"flags": KNOWLEDGE.flags, "routine": KNOWLEDGE.routine, "conditions": KNOWLEDGE.conditions}
    ids = {f"{kind}.{entry.id}" for kind, entries in kinds.items() for entry in entries}
    for kind in ("safety", "questions", "remedies", "topics", "cautions"):
        ids |= {f"{kind}.{id_}" for id_ in getattr(KNOWLEDGE, kind)}
    assert set(KNOWLEDGE.sources) == ids
    assert all(KNOWLEDGE.sources.values())


def test_an_open_question_stands_before_what_was_told() -> None:
    question = Question("calf_safety", "leg", Form.ASK, ("swelling",))
    level = Assessment(Disposition.SELF_CARE, "cramp", ("hard_knot",), "calf", "", Reminder.SOFT)
    assert subject(KNOWLEDGE, question, level) == ("safety.leg",)
    assert subject(KNOWLEDGE, Question("where", "where_leg", Form.NARROW, ("site",)), None) == ("questions.where",)
    assert subject(KNOWLEDGE, None, None) == ()


def test_the_rules_that_decided_are_named_else_what_it_looks_like() -> None:
    urgent = danger(KNOWLEDGE, {"site": "calf", "swelling": PRESENT})
    assert subject(KNOWLEDGE, None, urgent) == ("flags.F30",)
    often = assess(KNOWLEDGE, Episode({"site": "calf", "frequent": PRESENT, "hard_knot": PRESENT}))
    assert subject(KNOWLEDGE, None, often)[0] == "routine.R01"
    plain = assess(KNOWLEDGE, Episode({"site": "calf", "hard_knot": PRESENT}))
    assert subject(KNOWLEDGE, None, plain) == ("conditions.cramp", "remedies.calf")
