"""What an answer means to the question that was asked."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from triage import (
    ABSENT,
    PRESENT,
    UNKNOWN,
    Answer,
    Episode,
    Form,
    Question,
    Reply,
    Value,
    load,
    next_step,
    put,
    safety_question,
    settle,
)
from triage.answers import LONG_STANDING

KNOWLEDGE = load()
LEG = KNOWLEDGE.safety["leg"].fills
YES, NO, DONT_KNOW = Answer(reply=Reply.YES), Answer(reply=Reply.NO), Answer(reply=Reply.UNKNOWN)
SILENCE = Answer()


def told(**findings: Value) -> Answer:
    """An answer that carries findings and no bare reply."""
    return Answer(findings)


def leg_safety(**known: Value) -> Episode:
    """An episode in which the safety question of a calf is open."""
    findings: dict[str, Value] = {"site": "calf", **known}
    question = safety_question(KNOWLEDGE, "leg", findings)
    assert question is not None
    return put(Episode(findings), question)


def after(id_: str, *answers: Answer, **known: Value) -> Episode:
    """The episode after a plain question was asked and answered; "where_leg" narrows."""
    if id_.startswith("where_"):
        question = Question("where", id_, Form.NARROW, ("site",))
    else:
        question = Question(id_, id_, Form.ASK, tuple(KNOWLEDGE.questions[id_]["fills"]))
    episode = put(Episode(known), question)
    for answer in answers:
        episode = settle(KNOWLEDGE, episode, answer)
    return episode


def form(episode: Episode) -> Form | None:
    """How the open question is to be put, if one is."""
    return None if episode.open is None else episode.open.form


def of(findings: Mapping[str, Value], value: str) -> set[str]:
    """The findings that have a value."""
    return {id_ for id_, known in findings.items() if known == value}


# ---- putting a question


def test_a_question_is_counted_once_however_often_it_is_put() -> None:
    """ "Which one?" and a plainer re-ask are the same question."""
    episode = leg_safety()
    assert episode.asked == ("calf_safety",)
    assert episode.clarified == ()
    again = settle(KNOWLEDGE, episode, DONT_KNOW)
    assert again.asked == ("calf_safety",)
    assert again.clarified == ("calf_safety",)


# ---- danger signs


def test_no_clears_every_sign_that_was_asked() -> None:
    """A plain no answers the whole list, and nothing beside it."""
    episode = settle(KNOWLEDGE, leg_safety(), NO)
    assert episode.open is None
    assert of(episode.findings, ABSENT) == set(LEG)


def test_no_with_a_sign_is_believed_for_the_rest_only() -> None:
    """ "No, but it is cold": cold counts, the others are denied."""
    answer = Answer({"cold_limb": PRESENT}, Reply.NO)
    episode = settle(KNOWLEDGE, leg_safety(), answer)
    assert of(episode.findings, PRESENT) == {"cold_limb"}
    assert of(episode.findings, ABSENT) == set(LEG) - {"cold_limb"}


@pytest.mark.parametrize("reply", [Reply.NONE, Reply.YES, Reply.UNKNOWN])
def test_a_sign_that_is_named_answers_the_question(reply: Reply) -> None:
    """Who names the sign is not asked which one."""
    episode = settle(KNOWLEDGE, leg_safety(), Answer({"swelling": PRESENT}, reply))
    assert episode.open is None
    assert of(episode.findings, PRESENT) == {"swelling"}


def test_a_bare_yes_is_asked_which_one() -> None:
    """A yes to a list is sorted out once."""
    episode = settle(KNOWLEDGE, leg_safety(), YES)
    assert form(episode) == Form.WHICH
    assert not of(episode.findings, PRESENT)


@pytest.mark.parametrize(("choice", "sign"), [(0, LEG[0]), (2, LEG[2]), (-1, LEG[-1])])
def test_the_first_one_is_the_first_one_asked(choice: int, sign: str) -> None:
    """ "The last one" counts in the order in which the signs were spoken."""
    which = settle(KNOWLEDGE, leg_safety(), YES)
    episode = settle(KNOWLEDGE, which, Answer(choice=choice))
    assert of(episode.findings, PRESENT) == {sign}


def test_the_first_one_skips_what_was_answered_before() -> None:
    """Signs that were left out of the question are left out of the count."""
    known = {LEG[0]: ABSENT}
    which = settle(KNOWLEDGE, leg_safety(**known), YES)
    episode = settle(KNOWLEDGE, which, Answer(choice=0))
    assert of(episode.findings, PRESENT) == {LEG[1]}


@pytest.mark.parametrize("choice", [len(LEG), -len(LEG) - 1])
def test_a_choice_that_was_not_offered_is_no_choice(choice: int) -> None:
    """ "The ninth one" names no sign."""
    which = settle(KNOWLEDGE, leg_safety(), YES)
    episode = settle(KNOWLEDGE, which, Answer(choice=choice))
    assert not of(episode.findings, PRESENT)
    assert episode.findings["unclear_yes"] == "leg"


@pytest.mark.parametrize("answer", [YES, DONT_KNOW, SILENCE])
def test_a_yes_that_stays_unclear_is_kept_as_such(answer: Answer) -> None:
    """After "which one?" the yes still stands."""
    episode = settle(KNOWLEDGE, settle(KNOWLEDGE, leg_safety(), YES), answer)
    assert episode.open is None
    assert episode.findings["unclear_yes"] == "leg"


def test_a_yes_is_not_taken_back_by_a_bare_no() -> None:
    """Yes, then no to "which one?": of two answers that conflict the riskier counts."""
    episode = settle(KNOWLEDGE, settle(KNOWLEDGE, leg_safety(), YES), NO)
    assert episode.findings.get("unclear_yes") == "leg"


def test_a_no_to_which_one_denies_the_sign_it_names_and_no_other() -> None:
    """ "No, not cold": the yes stands for one of the others."""
    answer = Answer({"cold_limb": ABSENT}, Reply.NO)
    episode = settle(KNOWLEDGE, settle(KNOWLEDGE, leg_safety(), YES), answer)
    assert episode.open is None
    assert episode.findings["unclear_yes"] == "leg"
    assert of(episode.findings, ABSENT) == {"cold_limb"}


def test_a_yes_is_taken_back_by_a_correction() -> None:
    """ "Sorry, I meant no" is believed."""
    sorry = Answer(reply=Reply.NO, correcting=True)
    episode = settle(KNOWLEDGE, settle(KNOWLEDGE, leg_safety(), YES), sorry)
    assert "unclear_yes" not in episode.findings
    assert of(episode.findings, ABSENT) == set(LEG)


@pytest.mark.parametrize("answer", [DONT_KNOW, SILENCE, told(hard_knot=PRESENT)])
def test_an_answer_that_does_not_answer_is_asked_once_more(answer: Answer) -> None:
    """What is not understood while danger is asked about is "unknown", never "no"."""
    episode = settle(KNOWLEDGE, leg_safety(), answer)
    assert form(episode) == Form.AGAIN
    assert not of(episode.findings, ABSENT)
    given_up = settle(KNOWLEDGE, episode, answer)
    assert given_up.open is None
    assert of(given_up.findings, UNKNOWN) == set(LEG)


def test_a_part_of_an_answer_leaves_the_rest_to_be_asked() -> None:
    """ "It isn't swollen" says nothing about the other signs."""
    episode = settle(KNOWLEDGE, leg_safety(), told(swelling=ABSENT))
    assert episode.open is not None
    assert episode.open.form == Form.AGAIN
    assert episode.open.fills == tuple(id_ for id_ in LEG if id_ != "swelling")
    given_up = settle(KNOWLEDGE, episode, DONT_KNOW)
    assert of(given_up.findings, UNKNOWN) == set(LEG) - {"swelling"}


def test_signs_denied_one_by_one_answer_the_question() -> None:
    """Who denies each sign by name has answered."""
    episode = settle(KNOWLEDGE, leg_safety(), Answer(dict.fromkeys(LEG, ABSENT)))
    assert episode.open is None
    assert of(episode.findings, ABSENT) == set(LEG)


def test_dont_know_then_no_is_no() -> None:
    """A look settles it."""
    episode = settle(KNOWLEDGE, settle(KNOWLEDGE, leg_safety(), DONT_KNOW), NO)
    assert of(episode.findings, ABSENT) == set(LEG)


def test_a_sign_said_before_is_not_denied_by_the_answer() -> None:
    """ "No" to a question does not take back a sign outside it."""
    episode = settle(KNOWLEDGE, leg_safety(both_sides=PRESENT), NO)
    assert episode.findings["both_sides"] == PRESENT


@pytest.mark.parametrize(
    "answer",
    [
        told(site="shoulder"),
        Answer({"site": "shoulder"}, Reply.NO),
        Answer({"site": "shoulder"}, Reply.NO, correcting=True),
    ],
)
@pytest.mark.parametrize("twice", [False, True])
def test_another_place_is_no_answer_about_the_danger_signs(answer: Answer, twice: bool) -> None:
    """ "No, my shoulder": nothing about the calf is denied, and the shoulder has a question of its own."""
    episode = settle(KNOWLEDGE, leg_safety(), DONT_KNOW) if twice else leg_safety()
    episode = settle(KNOWLEDGE, episode, answer)
    assert episode.findings == {"site": "shoulder"}
    assert episode.asked == episode.clarified == ()
    step = next_step(KNOWLEDGE, episode)
    assert isinstance(step, Question)
    assert step.id == "shoulder_safety"


def test_another_place_with_a_sign_answers_the_question() -> None:
    """ "My foot, and it's cold": the sign counts, and nothing is asked again."""
    episode = settle(KNOWLEDGE, leg_safety(), told(site="foot", cold_limb=PRESENT))
    assert episode.open is None
    assert episode.asked == ("calf_safety",)
    assert of(episode.findings, PRESENT) == {"cold_limb"}


def test_a_part_of_the_place_is_no_other_place() -> None:
    """ "No, just my calf", of a leg, denies the signs of the leg."""
    question = safety_question(KNOWLEDGE, "leg", {"site": "leg"})
    assert question is not None
    episode = settle(KNOWLEDGE, put(Episode({"site": "leg"}), question), Answer({"site": "calf"}, Reply.NO))
    assert episode.open is None
    assert episode.asked == ("leg_safety",)
    assert of(episode.findings, ABSENT) == set(LEG)


# ---- breathing


@pytest.mark.parametrize(
    "answer",
    [YES, told(breath_settles=PRESENT), told(eased=PRESENT)],
)
def test_only_a_clear_yes_makes_breath_harmless(answer: Answer) -> None:
    """It settles: then it was the effort."""
    episode = after("breathing", answer, winded=PRESENT)
    assert episode.open is None
    assert episode.findings["breath_settles"] == PRESENT
    assert "breath_not_settling" not in episode.findings


@pytest.mark.parametrize(
    "answers",
    [
        (NO,),
        (DONT_KNOW,),
        (SILENCE, SILENCE),
        (SILENCE, DONT_KNOW),
        (Answer({"breathless": PRESENT}, Reply.YES),),
        (Answer({"worse": PRESENT}, Reply.YES),),
        (told(breath_not_settling=PRESENT),),
    ],
)
def test_any_other_answer_about_breath_is_danger(answers: tuple[Answer, ...]) -> None:
    """No, perhaps, nothing, or "yes but": the breath is taken as not settling."""
    episode = after("breathing", *answers, winded=PRESENT)
    assert episode.open is None
    assert episode.findings["breath_not_settling"] == PRESENT


def test_silence_about_breath_is_asked_once_more() -> None:
    """Who is out of breath gets a second chance to answer, not a third."""
    assert form(after("breathing", SILENCE)) == Form.AGAIN


# ---- where


def test_a_place_answers_where() -> None:
    """The place is taken, and nothing is asked again."""
    episode = after("where", told(site="calf"))
    assert episode.open is None
    assert episode.findings["site"] == "calf"


def test_no_place_is_asked_once_more_and_then_left() -> None:
    """The second time the examples are named; then the coach goes on without it."""
    episode = after("where", DONT_KNOW)
    assert form(episode) == Form.AGAIN
    assert settle(KNOWLEDGE, episode, DONT_KNOW).open is None


MEANS = [
    (vague, said, meant)
    for vague, words in KNOWLEDGE.questions["where"]["means"].items()
    for said, meant in words.items()
]


@pytest.mark.parametrize(("vague", "said", "meant"), MEANS)
def test_a_plain_word_means_a_part_of_the_vague_place(vague: str, said: str, meant: str) -> None:
    """ "The back", of a leg, is no back."""
    assert after(f"where_{vague}", told(site=said), site=vague).findings["site"] == meant
    assert meant in KNOWLEDGE.sites[vague].narrow or meant == "quadriceps"


def test_a_place_that_stays_vague_keeps_its_name() -> None:
    """ "I don't know" to "which part?" is not asked again."""
    episode = after("where_leg", DONT_KNOW, site="leg")
    assert episode.open is None
    assert episode.findings["site"] == "leg"


# ---- how long


@pytest.mark.parametrize(("answer", "value"), [(YES, PRESENT), (NO, ABSENT)])
def test_yes_or_no_to_how_long_is_about_the_stretch(answer: Answer, value: str) -> None:
    """The bare part of the answer belongs to "does stretching ease it?"."""
    episode = after("how_long", answer)
    assert episode.open is None
    assert episode.findings == {"eases_with_stretch": value}


def test_a_time_and_a_no_are_both_taken() -> None:
    """ "Ten minutes, and no"."""
    episode = after("how_long", Answer({"duration_minutes": 10}, Reply.NO))
    assert episode.findings == {"duration_minutes": 10, "eases_with_stretch": ABSENT}


def test_what_was_said_of_the_stretch_is_not_overruled_by_a_bare_reply() -> None:
    """ "Yes, it has eased" is no word about the stretch."""
    assert after("how_long", Answer({"eased": PRESENT}, Reply.NO)).findings == {"eased": PRESENT}


def test_a_time_nobody_knows_is_left() -> None:
    """ "No idea" is an answer; silence is asked once more."""
    assert after("how_long", DONT_KNOW).open is None
    assert form(after("how_long", SILENCE)) == Form.AGAIN
    assert after("how_long", SILENCE, SILENCE).open is None


# ---- what it is like


def test_a_choice_says_what_it_is_like() -> None:
    """ "The second one" counts in the order in which they were named."""
    for at, sign in enumerate(KNOWLEDGE.questions["nature"]["choices"]):
        assert of(after("nature", Answer(choice=at)).findings, PRESENT) == {sign}
    last = KNOWLEDGE.questions["nature"]["choices"][-1]
    assert of(after("nature", Answer(choice=-1)).findings, PRESENT) == {last}


def test_a_yes_to_what_it_is_like_is_asked_which_one_once() -> None:
    """It never becomes an unclear danger: no danger was asked about."""
    episode = after("nature", YES)
    assert form(episode) == Form.WHICH
    given_up = settle(KNOWLEDGE, episode, YES)
    assert given_up.open is None
    assert "unclear_yes" not in given_up.findings


def test_none_of_them_is_taken_as_said() -> None:
    """ "No" to the three words denies the three, not what was never named."""
    episode = after("nature", NO)
    assert of(episode.findings, ABSENT) == set(KNOWLEDGE.questions["nature"]["choices"])


def test_what_it_is_like_may_stay_unknown() -> None:
    """ "I don't know" ends the question; silence is asked once more."""
    assert after("nature", DONT_KNOW).open is None
    assert form(after("nature", SILENCE)) == Form.AGAIN
    assert after("nature", SILENCE, SILENCE).open is None


# ---- beside the question


def test_without_a_question_what_is_heard_is_kept() -> None:
    """Somebody who tells everything in one breath is not asked it again."""
    episode = settle(KNOWLEDGE, Episode(), told(site="calf", hard_knot=PRESENT))
    assert episode.findings == {"site": "calf", "hard_knot": PRESENT}
    assert episode.asked == ()


def test_danger_said_in_any_answer_is_heard() -> None:
    """ "Five minutes, and my chest hurts": the danger counts, whatever was asked."""
    for id_ in ("where", "breathing", "nature", "how_long"):
        episode = after(id_, told(chest_pain=PRESENT), site="calf")
        assert episode.findings["chest_pain"] == PRESENT
        assert not isinstance(next_step(KNOWLEDGE, episode), Question)


def test_not_sure_of_the_rest_is_not_no() -> None:
    """ "It isn't swollen, but I don't know about the rest": asked twice, the rest is unknown, never denied."""
    not_sure = Answer({"swelling": ABSENT}, Reply.UNKNOWN)
    episode = settle(KNOWLEDGE, settle(KNOWLEDGE, leg_safety(), DONT_KNOW), not_sure)
    assert of(episode.findings, ABSENT) == {"swelling"}
    assert of(episode.findings, UNKNOWN) == set(LEG) - {"swelling"}


def test_what_may_change_is_believed_when_it_has_and_danger_is_not_unsaid() -> None:
    """ "It's easing", and later "it isn't": the later word counts. A swelling once said stays said."""
    before = Episode({"eased": PRESENT, "swelling": PRESENT})
    findings = settle(KNOWLEDGE, before, told(eased=ABSENT, swelling=ABSENT)).findings
    assert findings == {"eased": ABSENT, "swelling": PRESENT}


# ---- what one thing tells of another


@pytest.mark.parametrize("id_", sorted(KNOWLEDGE.implies))
def test_what_is_said_brings_what_it_implies(id_: str) -> None:
    """Somebody of seventy is past fifty, too; with or without a question open."""
    for episode in (Episode(), leg_safety()):
        findings = settle(KNOWLEDGE, episode, Answer({id_: PRESENT})).findings
        for implied in KNOWLEDGE.implies[id_]:
            other, _, opposite = implied.partition(".")
            assert findings[other] == (ABSENT if opposite else PRESENT)


@pytest.mark.parametrize("id_", sorted(KNOWLEDGE.implies))
@pytest.mark.parametrize("value", [ABSENT, UNKNOWN])
def test_what_is_not_said_implies_nothing(id_: str, value: str) -> None:
    """Somebody who is not seventy may be sixty."""
    assert settle(KNOWLEDGE, Episode(), Answer({id_: value})).findings == {id_: value}


def test_a_danger_is_implied_though_it_was_denied_in_the_same_breath() -> None:
    """Where answers conflict, the riskier one counts."""
    findings = settle(KNOWLEDGE, Episode(), Answer({"swelling": ABSENT, "fast_swelling": PRESENT})).findings
    assert findings["swelling"] == PRESENT


def test_what_is_said_otherwise_is_not_implied() -> None:
    """The person's own words go before what usually comes with them."""
    answer = Answer({"big_bruise": PRESENT, "bruise": ABSENT})
    assert settle(KNOWLEDGE, Episode(), answer).findings["bruise"] == ABSENT


def test_nobody_asks_a_man_whether_he_is_pregnant() -> None:
    """ "My son" cannot be; what is said plainly still goes first."""
    assert settle(KNOWLEDGE, Episode(), Answer({"male": PRESENT})).findings["pregnant"] == ABSENT
    both = Answer({"male": PRESENT, "pregnant": PRESENT})  # "my husband drives me: I'm pregnant"
    assert settle(KNOWLEDGE, Episode(), both).findings["pregnant"] == PRESENT


@pytest.mark.parametrize(
    ("site", "second", "several"),
    [
        ("calf", "hand_forearm", True),
        ("upper_arm", "foot", True),
        ("abdomen", "calf", True),
        ("calf", "foot", False),
        ("back_of_leg", "hip", False),
        ("calf", "neck", False),
        ("lower_back", "hand_forearm", False),
    ],
)
def test_two_regions_in_one_breath_are_several(site: str, second: str, several: bool) -> None:
    """Legs, arms and belly are regions of their own (F35); two places of one leg are not."""
    findings = settle(KNOWLEDGE, Episode(), Answer({"site": site, "second_site": second})).findings
    assert (findings.get("several_regions") == PRESENT) is several


def test_two_regions_in_two_breaths_are_not_several() -> None:
    """A second trouble that is told later is asked about, not counted."""
    first = settle(KNOWLEDGE, Episode(), Answer({"site": "calf"}))
    assert "several_regions" not in settle(KNOWLEDGE, first, Answer({"second_site": "hand_forearm"})).findings


@pytest.mark.parametrize(
    ("vague", "said_site", "means"),
    [
        ("leg", "back_of_leg", "hamstring"),
        ("leg", "foot", "foot"),
        ("back_of_leg", "quadriceps", "hamstring"),  # "above" the knee
        ("back_of_leg", "calf", "calf"),  # "below" it
        ("front_of_leg", "quadriceps", "quadriceps"),
        ("front_of_leg", "calf", "shin"),
        ("lower_leg", "back", "calf"),
        ("lower_leg", "quadriceps", "shin"),  # "the front"
        ("knee", "lower_back", "hamstring"),
        ("thigh", "adductor", "adductor"),
        ("hip", "lower_back", "glute"),
        ("hip", "quadriceps", "quadriceps"),
        ("back", "shoulder", "upper_back"),
        ("arm", "quadriceps", "upper_arm"),  # "above" the elbow
        ("arm", "calf", "hand_forearm"),
        ("side", "ribs", "ribs"),
        ("side", "back", "lower_back"),
        ("armpit", "chest", "ribs"),
        ("chin", "neck", "neck"),
    ],
)
def test_a_plain_word_is_read_by_the_place_it_narrows(vague: str, said_site: str, means: str) -> None:
    """ "Above" is a thigh where the leg is meant, and an upper arm where the arm is."""
    question = Question("where", f"where_{vague}", Form.NARROW, ("site",))
    episode = put(Episode({"site": vague}), question)
    assert settle(KNOWLEDGE, episode, Answer({"site": said_site})).findings["site"] == means


def test_every_vague_place_has_its_words() -> None:
    """Each is asked about, in the same order as it is written, and what it may be is exact."""
    vague = {id_ for id_, site in KNOWLEDGE.sites.items() if site.narrow}
    assert vague == set(KNOWLEDGE.questions["where"]["means"])
    for id_ in vague:
        assert not any(KNOWLEDGE.sites[exact].narrow for exact in KNOWLEDGE.sites[id_].narrow), id_


@pytest.mark.parametrize(("minutes", "long"), [(LONG_STANDING - 1, False), (LONG_STANDING, True)])
def test_three_months_are_long_standing(minutes: int, long: bool) -> None:
    """A complaint of ninety days is an old one, a day less is not."""
    findings = settle(KNOWLEDGE, Episode(), told(duration_minutes=minutes)).findings
    assert ("long_standing" in findings) is long
    assert LONG_STANDING == 90 * 24 * 60


def test_a_place_named_in_passing_is_no_complaint() -> None:
    """ "No, she can feel my hand" says nothing of a hand that hurts."""
    episode = settle(KNOWLEDGE, leg_safety(), Answer({"site": "hand_forearm", "numbness": ABSENT}, Reply.NO))
    assert episode.findings["site"] == "calf"
    assert "second_site" not in episode.findings


def test_a_correction_moves_the_complaint() -> None:
    episode = settle(KNOWLEDGE, leg_safety(), Answer({"site": "hamstring"}, Reply.NO, correcting=True))
    assert episode.findings["site"] == "hamstring"


def test_a_second_no_is_believed_though_it_names_one_sign() -> None:
    """Asked once more, "no, no swelling" means no to all of it; "not sure" still means nothing."""
    asked_again = settle(KNOWLEDGE, leg_safety(), told(swelling=ABSENT))
    assert form(asked_again) is Form.AGAIN
    assert settle(KNOWLEDGE, asked_again, told(swelling=ABSENT)).findings["cold_limb"] == ABSENT
    assert settle(KNOWLEDGE, asked_again, DONT_KNOW).findings["cold_limb"] == UNKNOWN
