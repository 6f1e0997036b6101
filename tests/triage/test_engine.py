"""The walk through the questions: few, never asked twice, danger first, and always an end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    URGENCY,
    Answer,
    Assessment,
    Disposition,
    Episode,
    Findings,
    Form,
    Question,
    Reminder,
    Reply,
    Value,
    danger,
    load,
    next_step,
    put,
    remedy_for,
    safety_families,
    safety_question,
    settle,
    steps_of,
    worse,
)
from triage.engine import assess, safety_family_of

KNOWLEDGE = load()
STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=120)
MAX_QUESTIONS = 3
PUT_AT_MOST = 2 * MAX_QUESTIONS  # each question once, and once more in plainer words

SITES = sorted(KNOWLEDGE.sites)
DANGER = sorted(KNOWLEDGE.danger)
ASKED_ABOUT = sorted({sign for family in KNOWLEDGE.safety.values() for sign in family.fills})
MINUTES = [1, 9, 10, 11, 14, 15, 59, 60, 61, 10080, 10081, 20160, 20161, 30240, 30241]

values = st.sampled_from([PRESENT, ABSENT, UNKNOWN])


def some_findings(most: int) -> st.SearchStrategy[dict[str, Value]]:
    """Findings as people bring them: a site or none, a time or none, and a few signs."""
    return st.builds(
        lambda signs, site, minutes: {
            **signs,
            **({} if site is None else {"site": site}),
            **({} if minutes is None else {"duration_minutes": minutes}),
        },
        st.dictionaries(st.sampled_from(DANGER + sorted(KNOWLEDGE.details)), values, max_size=most),
        st.none() | st.sampled_from(SITES),
        st.none() | st.sampled_from(MINUTES),
    )


harmless = st.dictionaries(st.sampled_from(sorted(KNOWLEDGE.details)), values, max_size=3) | st.builds(
    lambda site: {"site": site}, st.sampled_from(SITES)
)
answers = st.builds(
    Answer,
    findings=harmless | some_findings(2) | st.just({}),
    reply=st.sampled_from(Reply),
    choice=st.none() | st.integers(-7, 7),
    correcting=st.booleans(),
)


def walk(episode: Episode, given_answers: Iterator[Answer]) -> tuple[list[Question], Assessment]:
    """The questions put, and the assessment at their end. One that was met with another place does not count."""
    questions: list[Question] = []
    while True:
        step = next_step(KNOWLEDGE, episode)
        if isinstance(step, Assessment):
            return questions, step
        questions.append(step)
        assert len(questions) <= PUT_AT_MOST, [question.id for question in questions]
        episode = settle(KNOWLEDGE, put(episode, step), next(given_answers, Answer()))
        if step.id not in episode.asked:
            questions = [question for question in questions if question.id != step.id]


def told(findings: Findings) -> Assessment:
    """What findings alone come to."""
    return danger(KNOWLEDGE, findings) or assess(KNOWLEDGE, Episode(findings))


def as_urgent(first: Disposition, second: Disposition) -> bool:
    """Whether the first is at least as urgent as the second."""
    return URGENCY.index(first) >= URGENCY.index(second)


# ---- the end


@STEADY
@given(known=some_findings(3), said=st.lists(answers, max_size=PUT_AT_MOST))
def test_three_questions_at_most_and_always_an_end(known: dict[str, Value], said: list[Answer]) -> None:
    """Whatever is known and answered: at most three questions, each put at most twice, then an assessment."""
    questions, assessment = walk(Episode(known), iter(said))
    ids = [question.id for question in questions]
    assert len(set(ids)) <= MAX_QUESTIONS
    assert all(ids.count(id_) <= 2 for id_ in ids)
    assert assessment.disposition in URGENCY[2:]
    assert assessment.condition in {*(c.id for c in KNOWLEDGE.conditions), "unclear"}
    assert isinstance(assessment.reminder, Reminder)
    assert assessment.remedy in {*KNOWLEDGE.remedies, ""}


def test_there_is_no_fourth_question() -> None:
    """Breath, place and danger have been asked: neither time nor nature is, however little is known."""
    said = [
        Answer(reply=Reply.YES),
        Answer({"site": "calf"}),
        Answer(reply=Reply.NO),
        Answer(reply=Reply.UNKNOWN),
    ]
    questions, assessment = walk(Episode({"winded": PRESENT}), iter(said))
    assert [question.id for question in questions] == ["breathing", "where", "calf_safety"]
    assert assessment.condition == "unclear"
    assert assessment.reminder == Reminder.FIRM


@STEADY
@given(known=some_findings(3), said=st.lists(answers, max_size=PUT_AT_MOST))
def test_questions_that_are_answered_are_not_asked_again(known: dict[str, Value], said: list[Answer]) -> None:
    """A question is put again only at once, and a safety question only asks about what nobody has answered."""
    episode, before = Episode(known), ""
    replies = iter(said)
    while isinstance(step := next_step(KNOWLEDGE, episode), Question):
        if step.id in episode.asked:
            assert step.id == before or step.form == Form.NARROW
        if step.family in KNOWLEDGE.safety and step.form == Form.ASK:
            assert not set(step.fills) & set(episode.findings)
        assert step.fills
        before = step.id
        episode = settle(KNOWLEDGE, put(episode, step), next(replies, Answer()))


@STEADY
@given(known=some_findings(5), sign=st.sampled_from(DANGER))
def test_a_danger_sign_never_lowers_the_level(known: dict[str, Value], sign: str) -> None:
    """One more sign of danger may raise the level; it never makes anything look harmless."""
    before, after = told(known), told({**known, sign: PRESENT})
    if known.get(sign) != UNKNOWN:
        assert as_urgent(after.disposition, before.disposition), (before, after)


@STEADY
@given(known=some_findings(4), families=st.sampled_from(sorted(KNOWLEDGE.safety)))
def test_an_unclear_yes_never_lowers_the_level(known: dict[str, Value], families: str) -> None:
    """A yes that nobody could sort out only ever adds urgency."""
    before, after = told(known), told({**known, "unclear_yes": families})
    assert as_urgent(after.disposition, before.disposition)


@STEADY
@given(known=some_findings(3))
def test_the_same_findings_give_the_same_step(known: dict[str, Value]) -> None:
    """Nothing but the findings decides: neither a clock nor the order in which they were said."""
    backwards = dict(reversed(known.items()))
    assert next_step(KNOWLEDGE, Episode(known)) == next_step(KNOWLEDGE, Episode(backwards))


# ---- danger first


@pytest.mark.parametrize("waiting", [False, True])
def test_danger_ends_the_questions(waiting: bool) -> None:
    """A flag is told at once, even while a question waits for its answer."""
    episode = Episode({"site": "calf"})
    if waiting:
        step = next_step(KNOWLEDGE, episode)
        assert isinstance(step, Question)
        episode = put(episode, step)
    episode = settle(KNOWLEDGE, episode, Answer({"chest_pain": PRESENT}))
    step = next_step(KNOWLEDGE, episode)
    assert isinstance(step, Assessment)
    assert step.disposition == Disposition.EMERGENCY
    assert step.reasons == ("F01", "chest_pain")
    assert step.reminder == Reminder.EMERGENCY
    assert step.action == "sit_down"
    assert step.remedy == ""


def test_the_highest_flag_is_told_and_gives_the_reasons() -> None:
    """Next to an emergency, a lesser flag is not mentioned."""
    assessment = danger(KNOWLEDGE, {"site": "calf", "swelling": PRESENT, "cold_limb": PRESENT})
    assert assessment is not None
    assert assessment.disposition == Disposition.EMERGENCY
    assert "F10" in assessment.reasons
    assert "F30" not in assessment.reasons


def test_no_flag_no_danger() -> None:
    """Findings that are no danger raise nothing by themselves."""
    assert danger(KNOWLEDGE, {}) is None
    assert danger(KNOWLEDGE, {"site": "calf", "hard_knot": PRESENT, "swelling": ABSENT}) is None


@pytest.mark.parametrize("sign", ["cold_sweat", "breathless", "dark_urine"])
def test_a_sign_that_is_danger_by_itself_needs_no_place(sign: str) -> None:
    """Cold sweat, breathlessness at rest and dark urine are danger with any cramp, wherever it is."""
    for site in ({}, {"site": "calf"}, {"site": "foot"}):
        assert danger(KNOWLEDGE, {**site, sign: PRESENT}) is not None


# ---- which question, in which order


def asked(findings: Findings, *before: str) -> str:
    """The id of the next question, or the disposition."""
    step = next_step(KNOWLEDGE, Episode(findings, asked=before))
    return step.id if isinstance(step, Question) else str(step.disposition)


def test_the_site_is_asked_first_and_only_when_unknown() -> None:
    """Nothing is asked about a place until the place is known; what was said is not asked."""
    assert asked({}) == "where"
    assert asked({"site": "calf"}) == "calf_safety"


def test_cramps_all_over_need_no_place() -> None:
    """Who aches after training in many places is not asked which one."""
    assert asked({"several_regions": PRESENT, "next_day_soreness": PRESENT}) == "effort_safety"


def test_without_a_place_the_general_signs_are_asked() -> None:
    """A site that stays unknown does not skip the safety question."""
    assert asked({}, "where") == "general_safety"


@pytest.mark.parametrize("sign", ["winded", "breathless"])
def test_breath_after_effort_is_asked_before_all_else(sign: str) -> None:
    """Out of breath from effort is checked once, first, and not again."""
    findings: dict[str, Value] = {"site": "calf", "during_exercise": PRESENT, sign: PRESENT}
    assert asked(findings) == "breathing"
    assert asked(findings, "breathing") == "calf_safety"
    assert asked({**findings, "breath_settles": PRESENT}) == "calf_safety"


@pytest.mark.parametrize("sign", ["winded", "breathless"])
def test_breath_that_nobody_could_ask_about_is_not_harmless(sign: str) -> None:
    """Only a clear yes makes breathlessness harmless; with the questions used up it counts as danger."""
    findings: dict[str, Value] = {"site": "calf", "during_exercise": PRESENT, sign: PRESENT}
    step = next_step(KNOWLEDGE, Episode(findings, asked=("where", "calf_safety", "nature")))
    assert isinstance(step, Assessment)
    assert step.disposition == Disposition.EMERGENCY


def test_breath_that_nobody_could_ask_about_is_not_hidden_by_a_lesser_flag() -> None:
    """One more sign, which by itself means a doctor today, does not turn an emergency into that."""
    findings: dict[str, Value] = {"site": "calf", "during_exercise": PRESENT, "winded": PRESENT, "pop": PRESENT}
    step = next_step(KNOWLEDGE, Episode(findings, asked=("where", "calf_safety", "nature")))
    assert isinstance(step, Assessment)
    assert step.disposition == Disposition.EMERGENCY


def test_a_vague_place_is_narrowed_after_the_danger_signs() -> None:
    """ "My leg" is asked about danger first, then narrowed once, and never a second time."""
    cleared = dict.fromkeys(KNOWLEDGE.safety["leg"].fills, ABSENT)
    step = next_step(KNOWLEDGE, Episode({"site": "leg", **cleared}, asked=("leg_safety",)))
    assert isinstance(step, Question)
    assert (step.id, step.family, step.form) == ("where", "where_leg", Form.NARROW)
    narrowed = Episode({"site": "leg", **cleared}, ("leg_safety", "where"), ("where",))
    after = next_step(KNOWLEDGE, narrowed)
    assert not isinstance(after, Question) or after.id != "where"


def test_narrowing_does_not_count_where_the_place_was_asked() -> None:
    """ "Which part of your leg?" clarifies "where?"; it is not a fourth question."""
    cleared = dict.fromkeys(KNOWLEDGE.safety["leg"].fills, ABSENT)
    spent = Episode({"site": "leg", **cleared}, ("where", "leg_safety", "how_long"))
    step = next_step(KNOWLEDGE, spent)
    assert isinstance(step, Question)
    assert step.form == Form.NARROW


def test_a_limb_is_asked_about_time_a_back_about_its_nature() -> None:
    """The last question is the one that splits what is left."""
    assert asked({"site": "calf"}, "calf_safety") == "how_long"
    assert asked({"site": "lower_back"}, "lower_back_safety") == "nature"


def test_what_is_known_needs_no_last_question() -> None:
    """A tear is a tear: neither its nature nor its minutes change what to do."""
    assert asked({"site": "calf", "injury_moment": PRESENT}, "calf_safety") == "SELF_CARE"


@pytest.mark.parametrize("sign", ["just_now", "eased"])
def test_a_cramp_that_just_began_or_has_gone_is_not_timed(sign: str) -> None:
    """Nobody in the middle of a cramp is asked how long it has lasted."""
    findings: dict[str, Value] = {
        "site": "calf",
        "hard_knot": PRESENT,
        "sudden_grab": PRESENT,
        sign: PRESENT,
    }
    assert asked(findings, "calf_safety") == "SELF_CARE"


# ---- the safety question


@pytest.mark.parametrize("site", SITES)
def test_every_place_has_its_danger_signs_asked(site: str) -> None:
    """The first question about any known place is about danger, and its id leads back to its family."""
    step = next_step(KNOWLEDGE, Episode({"site": site}))
    if site == "chest":  # F01: a "cramp in my chest" is danger already
        assert isinstance(step, Assessment)
        return
    assert isinstance(step, Question)
    assert step.id == f"{site}_safety"
    assert step.family == KNOWLEDGE.sites[site].safety
    assert step.fills == KNOWLEDGE.safety[step.family].fills
    assert safety_family_of(KNOWLEDGE, step.id) == step.family


def test_the_id_of_a_safety_question_names_its_family() -> None:
    """So that no family is asked twice, whatever the place was called before."""
    for family in KNOWLEDGE.safety:
        question = safety_question(KNOWLEDGE, family, {})
        assert question is not None
        assert safety_family_of(KNOWLEDGE, question.id) == family
    assert safety_family_of(KNOWLEDGE, "where") == ""
    assert safety_family_of(KNOWLEDGE, "how_long") == ""


def test_of_two_places_the_riskier_one_is_asked_about() -> None:
    """Heart and spine go before a limb, in whichever order they were said; no pair is without a question."""
    assert safety_families(KNOWLEDGE, {"site": "calf", "second_site": "shoulder"})[0] == "chest"
    assert safety_families(KNOWLEDGE, {"site": "calf", "second_site": "lower_back"})[0] == "back"
    for site, second in permutations(SITES, 2):
        family = safety_families(KNOWLEDGE, {"site": site, "second_site": second})[0]
        assert family == safety_families(KNOWLEDGE, {"site": second, "second_site": site})[0]
        assert family in {KNOWLEDGE.sites[site].safety, KNOWLEDGE.sites[second].safety}


@pytest.mark.parametrize("sign", ["heat", "next_day_soreness", "several_regions"])
def test_hard_effort_and_heat_are_asked_about_as_such(sign: str) -> None:
    """After effort or heat the question is about dark urine, confusion and faintness."""
    assert safety_families(KNOWLEDGE, {"site": "calf", sign: PRESENT})[0] == "effort"
    assert safety_families(KNOWLEDGE, {"site": "calf", sign: ABSENT})[0] == "leg"


HARD_EFFORT = ("heat", "next_day_soreness", "several_regions")


@pytest.mark.parametrize("site", ["jaw", "shoulder", "arm", "upper_back"])
@pytest.mark.parametrize("sign", ["heat", "next_day_soreness"])
def test_effort_does_not_hide_the_heart(site: str, sign: str) -> None:
    """A place that the heart may hurt in is asked about the heart, in the heat and after training as well."""
    step = next_step(KNOWLEDGE, Episode({"site": site, sign: PRESENT}))
    assert isinstance(step, Question)
    assert {"chest_pain", "breathless"} <= set(step.fills)


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("sign", HARD_EFFORT)
def test_effort_is_asked_about_only_where_a_limb_or_an_eyelid_hurts(site: str, sign: str) -> None:
    """Neither heat nor training nor cramps all over hide the question about heart, spine, belly or groin."""
    own = KNOWLEDGE.sites[site].safety
    expected = "effort" if own in {"leg", "hand", "eyelid"} else own
    assert safety_families(KNOWLEDGE, {"site": site, sign: PRESENT})[0] == expected


@pytest.mark.parametrize("sign", HARD_EFFORT)
def test_effort_does_not_hide_the_riskier_of_two_places(sign: str) -> None:
    """A sore calf next to a sore shoulder is asked about the heart; next to a sore hand about the effort."""
    assert safety_families(KNOWLEDGE, {"site": "calf", "second_site": "shoulder", sign: PRESENT})[0] == "chest"
    assert safety_families(KNOWLEDGE, {"site": "calf", "second_site": "hand_forearm", sign: PRESENT})[0] == "effort"


@pytest.mark.parametrize("site", ["jaw", "lower_back", "neck", "abdomen", "adductor"])
@pytest.mark.parametrize("sign", HARD_EFFORT)
def test_effort_is_asked_about_after_heart_spine_or_belly(site: str, sign: str) -> None:
    """Neither hides the other: with the danger signs of the place denied, those of the effort are asked about."""
    assert safety_families(KNOWLEDGE, {"site": site, sign: PRESENT}) == (KNOWLEDGE.sites[site].safety, "effort")
    if sign != "several_regions":  # F35: cramps all over are danger already
        cleared = dict.fromkeys(KNOWLEDGE.safety[KNOWLEDGE.sites[site].safety].fills, ABSENT)
        assert asked({"site": site, sign: PRESENT, **cleared}, f"{site}_safety") == "effort_safety"


@pytest.mark.parametrize("sign", HARD_EFFORT)
def test_effort_without_a_place_is_asked_about_as_such(sign: str) -> None:
    """Who hurts from the heat or from training, and cannot say where, is asked about the effort."""
    assert safety_families(KNOWLEDGE, {sign: PRESENT})[0] == "effort"


@pytest.mark.parametrize("sign", ["water_tablets", "new_medicine"])
def test_a_new_medicine_is_asked_about_after_the_place(sign: str) -> None:
    """Weakness, palpitations and vomiting, once the place is cleared; nobody else is asked."""
    cleared = dict.fromkeys(KNOWLEDGE.safety["leg"].fills, ABSENT)
    assert asked({"site": "calf", sign: PRESENT}) == "calf_safety"
    assert asked({"site": "calf", sign: PRESENT, **cleared}, "calf_safety") == "medicine_safety"
    assert asked({"site": "calf", sign: ABSENT, **cleared}, "calf_safety") == "how_long"
    assert safety_families(KNOWLEDGE, {sign: PRESENT}) == ("general", "medicine")
    assert safety_families(KNOWLEDGE, {"site": "calf", sign: PRESENT, "heat": PRESENT}) == ("effort", "medicine")


@pytest.mark.parametrize("family", sorted(KNOWLEDGE.safety))
def test_a_safety_question_leaves_out_what_was_said(family: str) -> None:
    """Each sign that was answered is left out; when all are, nothing is asked."""
    fills = KNOWLEDGE.safety[family].fills
    for answered in fills:
        question = safety_question(KNOWLEDGE, family, {answered: ABSENT})
        assert question is not None
        assert question.fills == tuple(id_ for id_ in fills if id_ != answered)
    assert safety_question(KNOWLEDGE, family, dict.fromkeys(fills, ABSENT)) is None


def families_and_findings() -> Iterator[tuple[str, dict[str, Value]]]:
    """Each safety question as it is asked: its family, and what is known by then."""
    for site, entry in KNOWLEDGE.sites.items():
        yield entry.safety, {"site": site}
    for sign in ("heat", "next_day_soreness"):
        yield "effort", {"site": "calf", sign: PRESENT}
    for sign in KNOWLEDGE.safety["medicine"].when:
        yield "medicine", {"site": "calf", sign: PRESENT}
    yield "general", {}
    for entry in KNOWLEDGE.scope.values():
        if "safety" in entry:
            yield entry["safety"], {entry["finding"]: PRESENT} if "finding" in entry else {}


@pytest.mark.parametrize(
    ("family", "known"),
    [
        pytest.param(family, known, id="-".join([family, *map(str, known.values())]))
        for family, known in families_and_findings()
    ],
)
def test_every_sign_that_is_asked_about_matters(family: str, known: dict[str, Value]) -> None:
    """A yes to any sign of a safety question is danger: nobody is asked, answers yes, and is told self-care."""
    in_vain = [
        sign
        for sign in KNOWLEDGE.safety[family].fills
        if sign != "breathless" and danger(KNOWLEDGE, {**known, sign: PRESENT}) is None
    ]
    assert in_vain == []


# ---- "I don't know" is not "no"


@pytest.mark.parametrize("site", [site for site in SITES if site != "chest"])
def test_dont_know_twice_is_never_self_care(site: str) -> None:
    """A safety question that stays unknown means an appointment; with a risk, a doctor today."""
    family = KNOWLEDGE.safety[KNOWLEDGE.sites[site].safety]
    unknown = iter([Answer(reply=Reply.UNKNOWN)] * PUT_AT_MOST)
    _, assessment = walk(Episode({"site": site}), unknown)
    assert assessment.disposition == Disposition.ROUTINE
    assert assessment.reminder == Reminder.FIRM
    assert "safety_unknown" in assessment.reasons
    for risk in sorted(family.risk - set(family.fills)):
        unknown = iter([Answer(reply=Reply.UNKNOWN)] * PUT_AT_MOST)
        _, assessment = walk(Episode({"site": site, risk: PRESENT}), unknown)
        assert assessment.disposition == Disposition.URGENT, risk
        assert assessment.reminder == Reminder.STRONG


@pytest.mark.parametrize("later", ["heat", "next_day_soreness"])
def test_an_unknown_danger_sign_is_not_forgotten(later: str) -> None:
    """What nobody could say about a leg stays unknown when the talk turns to training or the weather."""
    asked_twice: dict[str, Value] = {
        "site": "calf",
        "recent_immobility": PRESENT,
        **dict.fromkeys(KNOWLEDGE.safety["leg"].fills, UNKNOWN),
    }
    before = told(asked_twice)
    assert before.disposition == Disposition.URGENT
    cleared = dict.fromkeys(set(KNOWLEDGE.safety["effort"].fills) - set(asked_twice), ABSENT)
    after = told({**asked_twice, **cleared, later: PRESENT})
    assert as_urgent(after.disposition, before.disposition), after


def test_danger_signs_that_were_never_asked_about_are_unknown() -> None:
    """A place that is corrected when the questions are used up is not cleared by the answers about another."""
    findings: dict[str, Value] = {
        "site": "neck",
        "tight_ache": PRESENT,
        **dict.fromkeys(KNOWLEDGE.safety["leg"].fills, ABSENT),
    }
    step = next_step(KNOWLEDGE, Episode(findings, asked=("where", "calf_safety", "how_long")))
    assert isinstance(step, Assessment)
    assert step.disposition == Disposition.ROUTINE
    assert "safety_unknown" in step.reasons


@pytest.mark.parametrize("risk", sorted(KNOWLEDGE.safety["neck"].risk))
def test_danger_signs_that_were_never_asked_about_need_a_doctor_today_where_there_is_a_risk(risk: str) -> None:
    """The same place, the questions used up, and one more reason to fear the worst."""
    denied = dict.fromkeys(KNOWLEDGE.safety["leg"].fills, ABSENT)
    findings: dict[str, Value] = {"site": "neck", "tight_ache": PRESENT, risk: PRESENT, **denied}
    step = next_step(KNOWLEDGE, Episode(findings, asked=("where", "calf_safety", "how_long")))
    assert isinstance(step, Assessment)
    assert step.disposition == Disposition.URGENT


def test_danger_signs_that_can_still_be_asked_about_are_asked_about() -> None:
    """As long as a question is left nothing is in doubt: the new place gets its own safety question."""
    findings: dict[str, Value] = {
        "site": "neck",
        "tight_ache": PRESENT,
        **dict.fromkeys(KNOWLEDGE.safety["leg"].fills, ABSENT),
    }
    assert asked(findings, "where", "calf_safety") == "neck_safety"


def test_danger_signs_that_were_denied_unasked_are_in_no_doubt() -> None:
    """Who has denied each sign in their own words has answered, though nobody could ask."""
    findings: dict[str, Value] = {
        "site": "neck",
        "tight_ache": PRESENT,
        **dict.fromkeys(KNOWLEDGE.safety["neck"].fills, ABSENT),
    }
    step = next_step(KNOWLEDGE, Episode(findings, asked=("where", "calf_safety", "how_long")))
    assert isinstance(step, Assessment)
    assert step.disposition == Disposition.SELF_CARE
    assert "safety_unknown" not in step.reasons


@STEADY
@given(known=some_findings(3), said=st.lists(answers, max_size=PUT_AT_MOST))
def test_self_care_is_told_only_when_the_danger_signs_were_asked_about_or_answered(
    known: dict[str, Value], said: list[Answer]
) -> None:
    """Whatever was said, in whichever order: no place is called harmless before its own danger signs were cleared."""
    episode, replies = Episode(known), iter(said)
    while isinstance(step := next_step(KNOWLEDGE, episode), Question):
        episode = settle(KNOWLEDGE, put(episode, step), next(replies, Answer()))
    if step.disposition == Disposition.SELF_CARE:
        for family in safety_families(KNOWLEDGE, episode.findings):
            fills = KNOWLEDGE.safety[family].fills
            asked_about = family in {safety_family_of(KNOWLEDGE, id_) for id_ in episode.asked}
            assert asked_about or set(fills) <= set(episode.findings), family
            assert UNKNOWN not in {episode.findings.get(id_) for id_ in fills}, family


@pytest.mark.parametrize("site", [site for site in SITES if site != "chest"])
def test_nature_and_time_unknown_is_first_aid_and_a_firm_reminder(site: str) -> None:
    """With danger denied and nothing else to be learned: "unclear", never "nothing serious"."""
    cleared = dict.fromkeys(KNOWLEDGE.safety[KNOWLEDGE.sites[site].safety].fills, ABSENT)
    unknown = iter([Answer(reply=Reply.UNKNOWN)] * PUT_AT_MOST)
    _, assessment = walk(Episode({"site": site, **cleared}), unknown)
    if site == "stitch":  # its place alone says what it is
        assert assessment.condition == "stitch"
        return
    assert assessment.condition == "unclear"
    assert assessment.reminder == Reminder.FIRM


# ---- an unclear yes


@pytest.mark.parametrize("site", [site for site in SITES if site != "chest"])
@pytest.mark.parametrize("reply", Reply)
def test_an_unclear_yes_is_the_highest_level_of_its_signs(site: str, reply: Reply) -> None:
    """Yes, and no sign named at "which one?", not even by a "no": as urgent as the most dangerous of the signs."""
    family = KNOWLEDGE.sites[site].safety
    levels = [
        assessment.disposition
        for sign in KNOWLEDGE.safety[family].fills
        if (assessment := danger(KNOWLEDGE, {"site": site, sign: PRESENT})) is not None
    ]
    said = iter([Answer(reply=Reply.YES), Answer(reply=reply)])
    questions, assessment = walk(Episode({"site": site}), said)
    assert [question.form for question in questions] == [Form.ASK, Form.WHICH]
    assert assessment.disposition == max(levels, key=URGENCY.index)
    assert "unclear_yes" in assessment.reasons
    assert any(id_.startswith("F") for id_ in assessment.reasons)


def test_an_unclear_yes_leaves_out_signs_that_were_denied() -> None:
    """Who has denied the dangerous ones has said yes to what is left."""
    fills = KNOWLEDGE.safety["leg"].fills
    urgent: dict[str, Value] = {
        "site": "calf",
        "unclear_yes": "leg",
        **{sign: ABSENT for sign in fills if sign != "pop"},
    }
    assessment = danger(KNOWLEDGE, urgent)
    assert assessment is not None
    assert assessment.disposition == Disposition.URGENT
    assert assessment.reasons == ("F31", "unclear_yes")


def test_an_unclear_yes_does_not_hide_a_plain_emergency() -> None:
    """A flag that fires by itself gives the reasons when it is at least as urgent."""
    assessment = danger(KNOWLEDGE, {"site": "calf", "unclear_yes": "leg", "chest_pain": PRESENT})
    assert assessment is not None
    assert assessment.disposition == Disposition.EMERGENCY
    assert "F01" in assessment.reasons


# ---- the assessment


@pytest.mark.parametrize(
    ("findings", "reminder"),
    [
        ({"hard_knot": PRESENT}, Reminder.SOFT),
        ({"hard_knot": PRESENT, "over_65": PRESENT}, Reminder.SOFT_PLUS),
        ({"hard_knot": PRESENT, "over_65": ABSENT}, Reminder.SOFT),
        ({"hard_knot": PRESENT, "pregnant": PRESENT}, Reminder.SOFT_PLUS),
        ({"hard_knot": PRESENT, "child": PRESENT}, Reminder.SOFT_PLUS),
        ({"hard_knot": PRESENT, "diabetes": PRESENT}, Reminder.SOFT_PLUS),
        ({"hard_knot": PRESENT, "blood_thinner": PRESENT}, Reminder.SOFT_PLUS),
        ({"hard_knot": PRESENT, "frequent": PRESENT}, Reminder.FIRM),
        ({"hard_knot": PRESENT, "frequent": PRESENT, "over_65": PRESENT}, Reminder.FIRM),
        ({}, Reminder.FIRM),
        ({"swelling": PRESENT}, Reminder.STRONG),
        ({"cold_limb": PRESENT}, Reminder.EMERGENCY),
    ],
)
def test_the_reminder_fits_the_level_and_the_person(findings: dict[str, Value], reminder: Reminder) -> None:
    """Every result carries one reminder: stronger with the level, and warmer for those at risk."""
    assert told({"site": "calf", **findings}).reminder == reminder


@pytest.mark.parametrize("person", sorted(KNOWLEDGE.soft_plus - {"statin", "water_tablets"}))
def test_some_are_reminded_a_little_more_firmly(person: str) -> None:
    """An older person, a child, somebody pregnant, ill for long or on a medicine; nobody who says they are not."""
    cramp: dict[str, Value] = {"site": "calf", "hard_knot": PRESENT}
    assert told({**cramp, person: PRESENT}).reminder == Reminder.SOFT_PLUS
    assert told({**cramp, person: ABSENT}).reminder == Reminder.SOFT


@pytest.mark.parametrize(
    ("findings", "action"),
    [
        ({"site": "calf", "pop": PRESENT}, "keep_weight_off"),
        ({"site": "calf", "pop": PRESENT, "crack_heard": PRESENT}, "emergency_department"),
        ({"site": "calf", "bite_or_poison": PRESENT}, "poison_helpline"),
        ({"bite_or_poison": PRESENT, "spasms_spreading": PRESENT}, "sit_down"),
        ({"pregnant": PRESENT, "site": "abdomen"}, "maternity_unit"),
        ({"site": "calf", "diarrhoea": PRESENT}, "sip_fluids"),
        ({"site": "calf", "diarrhoea": PRESENT, "kidney_disease": PRESENT}, "kidney_team"),
    ],
)
def test_the_action_fits_the_rule(findings: Findings, action: str) -> None:
    """A rule may have an action of its own; nobody with kidney disease is told to drink."""
    assert told(findings).action == action


def test_a_tie_is_unclear() -> None:
    """A twitch that is a hard knot too could be either."""
    tie: dict[str, Value] = {"site": "neck", "tight_ache": PRESENT, "eases_with_stretch": PRESENT}
    assessment = told({**tie, "duration_minutes": 5})
    assert assessment.condition == "unclear"
    assert {"tight_ache", "eases_with_stretch"} <= set(assessment.reasons)


def cleared_for(remedy: str) -> dict[str, Value]:
    """The signs that have to be denied before a remedy is given."""
    family = KNOWLEDGE.remedies[remedy].get("after")
    return dict.fromkeys(KNOWLEDGE.safety[family].fills, ABSENT) if family else {}


@pytest.mark.parametrize("site", ["ribs", "chest", "shoulder", "armpit", "upper_back"])
def test_near_the_heart_a_remedy_waits_until_every_sign_is_denied(site: str) -> None:
    """One sign that nobody could tell, or asked about, and no steps are given."""
    remedy = KNOWLEDGE.sites[site].remedy
    cleared = cleared_for(remedy)
    assert set(cleared) == set(KNOWLEDGE.safety["chest"].fills)
    for sign in cleared:
        assert remedy_for(KNOWLEDGE, {"site": site, **cleared, sign: UNKNOWN}) == ""
        assert remedy_for(KNOWLEDGE, {"site": site, **{id_: ABSENT for id_ in cleared if id_ != sign}}) == ""
    assert remedy_for(KNOWLEDGE, {"site": site, **cleared}) == remedy


CHANGES = [
    (remedy, number, person)
    for remedy, entry in KNOWLEDGE.remedies.items()
    for number, change in enumerate(entry.get("changes", ()))
    for person in change["for"]
]


@pytest.mark.parametrize(("remedy", "number", "person"), CHANGES)
def test_steps_that_harm_somebody_are_left_out_or_replaced(remedy: str, number: int, person: str) -> None:
    """For that person only; for everybody else each step stands as it is written."""
    change = KNOWLEDGE.remedies[remedy]["changes"][number]
    usual = tuple(f"remedy.{remedy}.{step + 1}" for step in range(KNOWLEDGE.remedies[remedy]["steps"]))
    assert steps_of(KNOWLEDGE, remedy, {person: ABSENT}) == usual
    theirs = steps_of(KNOWLEDGE, remedy, {person: PRESENT})
    assert theirs
    for step in (*change.get("leave_out", ()), *change.get("instead", {})):
        assert f"remedy.{remedy}.{step}" not in theirs
    assert len(theirs) == len(usual) - len(change.get("leave_out", ()))
    assert {f"step.{step}" for step in change.get("instead", {}).values()} <= set(theirs)


@pytest.mark.parametrize(
    ("remedy", "person", "step"),
    [
        ("lower_back", "diabetes", "remedy.lower_back.3"),  # warmth on numb skin
        ("neck", "poor_circulation", "remedy.neck.2"),
        ("jaw", "numbness", "remedy.jaw.2"),
        ("upper_back", "diabetes", "remedy.upper_back.3"),
        ("strain", "diabetes", "remedy.strain.1"),  # ice on numb skin
        ("calf", "blood_thinner", "remedy.calf.4"),  # rubbing
        ("any_limb", "bruise", "remedy.any_limb.3"),
        ("calf", "over_65", "remedy.calf.3"),  # standing without a hold
        ("foot", "over_65", "remedy.foot.2"),
        ("heat_cramp", "kidney_disease", "remedy.heat_cramp.2"),  # drinking
        ("lower_back", "pregnant", "remedy.lower_back.1"),  # flat on the back
    ],
)
def test_what_the_reference_forbids_is_not_said(remedy: str, person: str, step: str) -> None:
    """Clinical reference 6c and 10, person by person."""
    assert step in steps_of(KNOWLEDGE, remedy, {})
    assert step not in steps_of(KNOWLEDGE, remedy, {person: PRESENT})


def test_two_changes_at_once() -> None:
    """Past 65 and on a blood thinner: each has its own step; no remedy has no steps."""
    assert steps_of(KNOWLEDGE, "calf", {"over_65": PRESENT, "blood_thinner": PRESENT}) == (
        "remedy.calf.1",
        "remedy.calf.2",
        "step.heel_down_holding_on",
        "step.walk_a_little",
    )
    assert steps_of(KNOWLEDGE, "", {}) == ()


def test_a_belly_is_not_stretched_in_pregnancy() -> None:
    """No lying stretch; nobody else is refused it."""
    assert remedy_for(KNOWLEDGE, {"site": "abdomen", "hard_knot": PRESENT, "pregnant": PRESENT}) == ""
    assert remedy_for(KNOWLEDGE, {"site": "abdomen", "hard_knot": PRESENT, "pregnant": ABSENT}) == "abdomen"


def test_a_cramp_in_the_heat_is_cooled_first() -> None:
    """The heat goes before the stretch of the muscle; out of the heat the muscle has its own."""
    cramp: dict[str, Value] = {"site": "calf", "hard_knot": PRESENT}
    assert remedy_for(KNOWLEDGE, {**cramp, "heat": PRESENT}) == "heat_cramp"
    assert remedy_for(KNOWLEDGE, {**cramp, "heat": ABSENT}) == "calf"


@pytest.mark.parametrize("site", SITES)
def test_a_remedy_is_never_what_the_person_must_avoid(site: str) -> None:
    """No stretch on a limb with a sign that forbids it; otherwise each place has its own first steps."""
    remedy = KNOWLEDGE.sites[site].remedy
    cleared = cleared_for(remedy)
    assert remedy_for(KNOWLEDGE, {"site": site, "hard_knot": PRESENT, **cleared}) == remedy
    for sign in KNOWLEDGE.remedies[remedy].get("avoid", ()):
        assert remedy_for(KNOWLEDGE, {"site": site, **cleared, sign: PRESENT}, "unclear") == ""


@pytest.mark.parametrize("condition", KNOWLEDGE.conditions, ids=lambda condition: condition.id)
def test_a_condition_with_its_own_remedy_goes_before_the_place(condition: object) -> None:
    """A strain is rested, not stretched."""
    found = next(known for known in KNOWLEDGE.conditions if known == condition)
    site = "calf"
    own = found.remedies.get("limb_group", found.remedies.get("any", "calf"))
    assert remedy_for(KNOWLEDGE, {"site": site}, found.id) == own


def test_a_remedy_without_a_place_suits_any_limb() -> None:
    """Nobody is shown the stretch of a muscle they did not name."""
    assert remedy_for(KNOWLEDGE, {}) == "any_limb"
    assert remedy_for(KNOWLEDGE, {"swelling": PRESENT}) == ""


def test_after_a_doctor_today_the_signs_of_an_emergency_are_asked_about() -> None:
    """The rules themselves say which: a swollen calf is worse with a sore chest, not with a red skin."""
    question = worse(KNOWLEDGE, Episode({"site": "calf", "swelling": PRESENT}))
    assert question is not None
    assert (question.id, "chest_pain" in question.fills, "red_or_hot" in question.fills) == (
        "general_safety",
        True,
        False,
    )
    assert (
        worse(KNOWLEDGE, Episode({"site": "calf", "swelling": PRESENT}, asked=("where", "calf_safety", "how_long")))
        is None
    )
