"""What the skill says: varied, in the right locale, and about nothing that was answered before."""

from __future__ import annotations

import string
from typing import Any

import pytest

from speech import Line, Phrasebook, open_book
from tools.build import COMPILED
from triage import Disposition, Form, Reminder, load

KNOWLEDGE = load()
LOCALES = sorted(path.name.removeprefix("speech.").removesuffix(".json") for path in COMPILED.glob("speech.*.json"))

SMALL: dict[str, Any] = {
    "country": "Freedonia",
    "emergency_number": "one one two",
    "messages": {
        "hello": ["Hi.", "Hello.", "Hey."],
        "told": ["See a doctor."],
        "told.other": ["They should see a doctor."],
        "in": ["In {country}, {number}."],
        "sorry": ["Sorry. {question}", "Pardon? {question}"],
        "safety_form.which": ["Which one: {signs}?", "Which of them: {signs}?"],
        "safety_form.again": ["Have a look. {question}", "Check once more. {question}"],
        "list.comma": [", "],
        "list.or": [" or "],
        "list.group_or": [", or "],
        "nothing": [],
    },
    "safety": {
        "leg": [
            {"ask": "is it {signs}", "signs": {"swelling": "swollen", "red_or_hot": "hot, red", "numbness": "numb"}},
            {"ask": "did you feel {signs}", "signs": {"pop": "a pop"}},
        ],
    },
}  # fmt: skip
BOOK = Phrasebook("xx-YY", SMALL)
LEG = ["swelling", "red_or_hot", "numbness", "pop"]


def safety(fills: list[str], form: str = "ask") -> Line:
    """The safety question of a leg."""
    return Line("safety", {"family": "leg", "fills": fills, "form": form})


# ---- variants and people


def test_variants_take_turns() -> None:
    """What is heard often is not heard the same way twice in a row, and comes round again."""
    assert [BOOK.say(Line("hello"), turn) for turn in range(4)] == ["Hi.", "Hello.", "Hey.", "Hi."]


def test_the_same_turn_says_the_same() -> None:
    """ "Say that again" is answered with the same words."""
    assert BOOK.say(Line("hello"), 5) == BOOK.say(Line("hello"), 5)


def test_somebody_else_is_spoken_of() -> None:
    """For somebody who asks on behalf of another, where there are words for it."""
    assert BOOK.say(Line("told"), other=True) == "They should see a doctor."
    assert BOOK.say(Line("told")) == "See a doctor."
    assert BOOK.say(Line("hello"), other=True) == "Hi."


def test_blanks_are_filled_with_words_or_with_lines() -> None:
    """A line within a line is said in the same turn, for the same person."""
    assert BOOK.say(Line("in", {"country": "Freedonia", "number": "one"})) == "In Freedonia, one."
    assert BOOK.say(Line("sorry", {"question": ["hello", {}]}), 1) == "Pardon? Hello."
    told = BOOK.say(Line("sorry", {"question": ("told", {})}), other=True)
    assert told == "Sorry. They should see a doctor."


def test_an_id_without_words_is_a_mistake() -> None:
    """Silence is never an answer: the build proves that it does not happen."""
    for id_ in ("goodbye", "nothing"):
        assert not BOOK.has(id_)
        with pytest.raises((KeyError, ZeroDivisionError)):
            BOOK.say(Line(id_))


# ---- the safety question


@pytest.mark.parametrize(
    ("fills", "says"),
    [
        (LEG, "Is it swollen, hot, red or numb, or did you feel a pop?"),
        (["swelling", "numbness", "pop"], "Is it swollen or numb, or did you feel a pop?"),
        (["numbness"], "Is it numb?"),
        (["pop"], "Did you feel a pop?"),
        (["pop", "swelling"], "Is it swollen, or did you feel a pop?"),
    ],
)
def test_a_safety_question_asks_only_what_is_open(fills: list[str], says: str) -> None:
    """Signs that were answered are left out; the rest keeps its order, whatever order it is given in."""
    assert BOOK.say(safety(fills)) == says


def test_a_safety_question_is_put_in_three_ways() -> None:
    """Whole; once more; and "which one?", which takes turns like everything else."""
    fills = ["swelling", "pop"]
    assert BOOK.say(safety(fills, "again")) == "Have a look. Is it swollen, or did you feel a pop?"
    assert BOOK.say(safety(fills, "which")) == "Which one: swollen or a pop?"
    assert BOOK.say(safety(fills, "which"), 1) == "Which of them: swollen or a pop?"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("family", sorted(KNOWLEDGE.safety))
def test_every_sign_of_every_safety_question_is_spoken(locale: str, family: str) -> None:
    """Each sign has its own words; leave one out, and exactly its words are gone."""
    book, fills = open_book(locale), KNOWLEDGE.safety[family].fills
    single = {sign: book.say(Line("safety", {"family": family, "fills": [sign], "form": "which"})) for sign in fills}
    assert len(set(single.values())) == len(fills)
    for form in ("ask", "again", "which"):
        whole = book.say(Line("safety", {"family": family, "fills": list(fills), "form": form}))
        assert whole.endswith("?")
        assert whole[0].isupper()
        assert "{" not in whole
        for sign in fills:
            rest = [other for other in fills if other != sign]
            shorter = book.say(Line("safety", {"family": family, "fills": rest, "form": form}))
            assert len(shorter) < len(whole), sign


# ---- locales


@pytest.mark.parametrize("locale", ["fr-FR", "en-ZZ", "zz", "", "en-US-x", "../compiled/x", "en_US", "1", "e" * 99])
def test_an_unknown_locale_gets_neutral_english_and_no_number(locale: str) -> None:
    """Locale is not country: nobody is told another country's emergency number."""
    book = open_book(locale)
    assert book.locale == locale
    assert book.country is None
    assert book.emergency_number is None
    assert book.say(Line("told.EMERGENCY")).startswith("Call your local emergency number now.")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_sentence_holds_digits_or_a_number_of_its_own(locale: str) -> None:
    """The emergency number comes from the locale alone, in words."""
    book = open_book(locale)
    for id_, variants in book._messages.items():
        for variant in variants:
            assert not any(letter.isdigit() for letter in variant), id_
            assert "nine one one" not in variant, id_
    assert (book.country is None) == ("-" not in locale)
    assert (book.emergency_number is None) == ("-" not in locale)


def test_a_locale_of_ours_names_its_country_and_number() -> None:
    """As an example of a country by name."""
    book = open_book("en-US")
    assert (book.country, book.emergency_number) == ("the United States", "nine one one")
    blanks = {"country": book.country, "number": book.emergency_number}
    assert book.say(Line("told.emergency_number", blanks)) == "In the United States, that's nine one one."


# ---- lines that come back from outside


@pytest.mark.parametrize(
    "line",
    [
        Line("hello"),
        Line("in", {"country": "Freedonia", "number": "one"}),
        Line("sorry", {"question": ["hello", {}]}),
        Line("sorry", {"question": ["safety", {"family": "leg", "fills": ["pop"], "form": "ask"}]}),
        safety(LEG),
        safety(["pop"], "which"),
    ],
)
def test_a_line_of_ours_is_known(line: Line) -> None:
    """What was said can be said again."""
    assert BOOK.knows(line)
    assert BOOK.say(line)


STRANGE = [
    Line("goodbye"),
    Line("nothing"),
    Line("in"),
    Line("in", {"country": "Freedonia"}),
    Line("sorry", {"question": ["goodbye", {}]}),
    Line("sorry", {"question": ["hello"]}),
    Line("sorry", {"question": ["hello", {}, "more"]}),
    Line("sorry", {"question": ["hello", None]}),
    Line("sorry", {"question": ["hello", "odd"]}),
    Line("sorry", {"question": [["hello"], {}]}),
    Line("sorry", {"question": ["safety", {}]}),
    Line("safety"),
    Line("safety", {"family": "leg", "fills": [], "form": "ask"}),
    Line("safety", {"family": "arm", "fills": ["pop"], "form": "ask"}),
    Line("safety", {"family": "leg", "fills": ["pop"], "form": "shout"}),
    Line("safety", {"family": "leg", "fills": ["fever"], "form": "ask"}),
    Line("safety", {"family": "leg", "fills": 3, "form": "ask"}),
    Line("safety", {"family": ["leg"], "fills": ["pop"], "form": "ask"}),
    Line("safety", {"family": "leg", "fills": ["pop"], "form": ["ask"]}),
]


@pytest.mark.parametrize("line", STRANGE, ids=repr)
def test_a_strange_line_is_refused(line: Line) -> None:
    """A session written by an older version, or by somebody else, is dropped; it never breaks the skill."""
    assert not BOOK.knows(line)


# ---- completeness


def needed() -> set[str]:
    """Every message that triage can ask for by an id of its own."""
    ids = {f"question.{id_}.ask" for id_ in KNOWLEDGE.questions}
    ids |= {f"question.{id_}.again" for id_ in KNOWLEDGE.questions}
    ids |= {f"question.{id_}.reprompt" for id_ in KNOWLEDGE.questions}
    ids |= {f"question.{id_}.which" for id_, entry in KNOWLEDGE.questions.items() if "choices" in entry}
    for id_, site in KNOWLEDGE.sites.items():
        ids.add(f"first_aid.{site.first_aid}")
        if site.narrow:
            ids |= {f"question.where_{id_}.narrow", f"question.where_{id_}.reprompt"}
    ids |= {f"safety_form.{form}" for form in (*Form, "reprompt") if form not in {Form.ASK, Form.NARROW}}
    ids |= {f"reminder.{reminder}" for reminder in Reminder}
    ids |= {f"told.{level}" for level in (Disposition.EMERGENCY, Disposition.URGENT, Disposition.OUT_OF_SCOPE)}
    ids |= {f"told.{level}_still" for level in (Disposition.URGENT, Disposition.ROUTINE)}
    ids |= {f"condition.{id_}" for id_ in ("unclear", *(condition.id for condition in KNOWLEDGE.conditions))}
    ids |= {f"action.{flag.action}" for flag in KNOWLEDGE.flags} | {"action.stop_and_rest"}
    ids |= {f"why.{flag.id}" for flag in KNOWLEDGE.flags} | {f"why.{family}" for family in KNOWLEDGE.safety}
    ids |= {f"why.{id_}" for id_ in KNOWLEDGE.questions} | {f"why.{trigger.id}" for trigger in KNOWLEDGE.routine}
    ids |= {f"why.{id_}" for id_ in ("unclear", *(condition.id for condition in KNOWLEDGE.conditions))}
    ids |= {f"why.{id_}" for id_ in ("safety_unknown", "unclear_yes", "nothing")}
    ids |= {f"advice.{id_}" for id_ in KNOWLEDGE.cautions}
    ids |= {f"evidence.{topic.evidence}" for topic in KNOWLEDGE.topics.values() if topic.evidence}
    ids |= {f"sources.{id_}" for id_ in ("one", "two", "own", "partly_own", "general", "remedy_unknown")}
    ids |= {"more.used_up", "more.nothing", "resume.back", "resume.nothing", "compare.better", "compare.equal"}
    ids |= {f"topic.{topic}.{part}" for topic in KNOWLEDGE.topics for part in ("tell", "more")}
    ids |= {f"scope.{id_}" for id_ in KNOWLEDGE.scope}
    for id_, remedy in KNOWLEDGE.remedies.items():
        ids |= {f"remedy.{id_}.{step}" for step in range(1, remedy["steps"] + 1)}
    return ids | {"safety_net", "told.emergency_number", "told.safety_unknown", "sorry"}


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_that_triage_decides_can_be_said(locale: str) -> None:
    """Every question in every form, every assessment, remedy and reason has words in every locale."""
    book = open_book(locale)
    assert sorted(id_ for id_ in needed() if not book.has(id_)) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_variants_fill_the_same_blanks(locale: str) -> None:
    """No variant, and no wording for somebody else, asks for a blank that the others do not have."""
    messages = open_book(locale)._messages
    for id_, variants in messages.items():
        itself = id_ in needed()  # "condition.other" is a condition
        base = messages.get(id_ if itself else id_.removesuffix(".other"))
        assert base is not None, f"{id_} has no wording for the person themself"
        assert len({frozenset(blanks(variant)) for variant in (*variants, *base)}) == 1, id_
        assert len(set(variants)) == len(variants), f"{id_}: the same variant twice"


def blanks(text: str) -> set[str]:
    """The blanks of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("locale", LOCALES)
def test_all_locales_of_a_language_say_the_same(locale: str) -> None:
    """A locale differs from its neutral language in country and number, until a file says otherwise."""
    neutral = open_book(locale.partition("-")[0])
    assert set(open_book(locale)._messages) == set(neutral._messages)
    assert set(open_book(locale)._signs) == set(neutral._signs) == set(KNOWLEDGE.safety)


def test_a_reprompt_is_never_the_question_again() -> None:
    """Who did not understand the words hears others."""
    for id_, variants in open_book("en")._messages.items():
        if id_.endswith(".reprompt"):
            asked = id_.removesuffix("reprompt")
            for form in Form:
                assert not set(variants) & set(open_book("en")._messages.get(f"{asked}{form}", ()))
