"""Finds phrases in speech: across gaps, in other words of a family, never across clauses, and in bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from skill.spotter import Spotter

Polarities = Callable[[str], dict[str, str]]


def ids(spotter: Spotter, text: str) -> list[str]:
    return [match.id for match in spotter.spot(text)]


@pytest.mark.parametrize(
    "text",
    [
        "chest pain",
        "pain in my chest? no wait, chest pain",
        "my chest is oddly tight",
        "my chest feels really quite tight",
        "CHEST PAINS",
        "my chest's hurting",
        "my chest hurt",
        "chest is killing, chest pain",
        "my chest, it hurts",
    ],
)
def test_a_phrase_is_found_across_small_and_light_words(spotter: Spotter, text: str) -> None:
    assert "Danger/chest_pain" in ids(spotter, text)


@pytest.mark.parametrize(
    "text",
    [
        "my chest is fine. It hurts in my arm",
        "chest fine but hurts elsewhere",
        "my chest? hurts no",
        "I've a chest of drawers and wardrobe pain",
        "my chest has walls made from granite hurts",
        "the chest, my knee hurts",
    ],
)
def test_no_phrase_reaches_into_another_clause(spotter: Spotter, text: str) -> None:
    assert "Danger/chest_pain" not in ids(spotter, text)


def test_of_two_that_rest_on_the_same_words_the_longer_wins(spotter: Spotter) -> None:
    assert ids(spotter, "back of my leg") == ["Site/hamstring"]
    assert ids(spotter, "my back and my leg") == ["Site/back", "Site/leg"]
    assert ids(spotter, "rock hard").count("Detail/hard_knot") == 1
    assert ids(spotter, "calf swollen").count("Danger/swelling") == 1


def test_a_body_part_stays_one_inside_a_sign(spotter: Spotter) -> None:
    assert sorted(ids(spotter, "my calf is swollen")) == ["Danger/swelling", "Site/calf"]


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("I had to get it off my chest, it hurts", "Danger/chest_pain"),
        ("it was leg day, cold outside", "Site/leg"),
        ("it was chest day, tight schedule", "Danger/chest_pain"),
    ],
)
def test_other_talk_swallows_its_words(spotter: Spotter, text: str, absent: str) -> None:
    assert absent not in ids(spotter, text)


def test_a_figure_of_speech_is_taken_word_for_word(spotter: Spotter) -> None:
    assert "Detail/strong_words" in ids(spotter, "my calf is killing me")
    assert "Detail/strong_words" not in ids(spotter, "killing time, me")


@pytest.mark.parametrize("text", ["swollen is my calf", "it's all swollen, the calf", "swollen calf"])
def test_words_that_carry_a_meaning_each_may_come_in_any_order(spotter: Spotter, text: str) -> None:
    assert "Danger/swelling" in ids(spotter, text)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("I walk and can't complain", "Danger/cannot_bear_weight"),
        ("leg of my back", "Site/hamstring"),
        ("my back and my leg", "Site/hamstring"),
    ],
)
def test_denials_and_places_keep_their_order(spotter: Spotter, text: str, absent: str) -> None:
    assert absent not in ids(spotter, text)


def test_of_two_dangers_both_are_told(spotter: Spotter) -> None:
    assert {"Danger/red_or_hot", "Danger/swelling", "Danger/numbness"} <= set(ids(spotter, "numb, swollen red calf"))


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("do cramps make you numb", "open"),
        ("can dehydration give you chest pain", "open"),
        ("can you help chest pain", "said"),
        ("can someone help chest is tight", "said"),
        ("when is a spasm chest pain", "open"),
        ("does a cramp ever mean you get a fever", "open"),
        ("can feel cramp, chest pain", "said"),
        ("can't breathe, cramp", "said"),
        ("could it be a cramp, my chest hurts", "said"),
        ("why is my leg numb", "said"),
    ],
)
def test_a_question_in_general_tells_no_sign(polarities: Polarities, text: str, polarity: str) -> None:
    assert set(polarities(text).values()) == {polarity}


@pytest.mark.parametrize("apostrophe", ["'", "’", ""])
def test_apostrophes_of_all_kinds(polarities: Polarities, apostrophe: str) -> None:
    assert polarities(f"I can{apostrophe}t walk") == {"cannot_bear_weight": "said"}
    assert polarities(f"it isn{apostrophe}t swollen") == {"swelling": "denied"}


def test_spans_count_spoken_words(spotter: Spotter) -> None:
    matches = {
        match.id: (match.start, match.end) for match in spotter.spot("well I can't walk, my left calf is swollen")
    }
    assert matches["Danger/cannot_bear_weight"] == (2, 4)
    assert matches["Side/left"] == (5, 6)
    assert matches["Site/calf"] == (6, 7)


@pytest.mark.parametrize(
    "text",
    [
        "chest " * 660,
        "my chest is tight " * 220,
        "no swelling " * 330,
        "no no no no " * 330,
        "swollen red hot numb cold " * 150,
        "leg leg back of back of " * 160,
        "is it swollen? " * 260,
        "not sure " * 440,
        "can't walk can't breathe " * 160,
        "é" * 4000,
        "'" * 4000,
        "no," * 1333,
        "a " * 2000,
    ],
)
def test_four_thousand_characters_take_no_time(spotter: Spotter, text: str) -> None:
    started = time.process_time()
    spotter.spot(text[:4000])
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\u0000",
        "\u202eniap tsehc",
        "💔 chest 💔",
        "\ud83d\ude00"[:1],
        "ﬁﬂ",
        "İ" * 20,
        "ß" * 20,
        "½ ² Ⅷ",
        "\u200b\u200d\ufeff",
        "स्वागत",
        "胸が痛い",
        "<speak>&amp;</speak>",
        "{site} {danger}",
        "%s %d {0} ${x}",
        "'; drop table findings; --",
    ],
)
def test_hostile_text_finds_nothing_and_breaks_nothing(spotter: Spotter, text: str) -> None:
    assert not any(match.id.startswith("Danger/") for match in spotter.spot(text))


def test_a_sign_is_found_among_hostile_text(polarities: Polarities) -> None:
    assert polarities("💔\u200b my chest 😀 hurts\u0000") == {"chest_pain": "said"}
