"""How far a "no" reaches. A sign that is said must never be taken for denied; the other way round costs a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skill.wording import Wording

Polarities = Callable[[str], dict[str, str]]


def test_no_ordinary_word_folds_into_a_denial(words: dict[str, Any]) -> None:
    """ "Hardly" denies; "hard" does not, though an ending is all that is between them."""
    wording = Wording(words)
    ordinary = (
        "hard harder hardest noted noting notes knot knots known nones nice nod nosy nora nether withe zeros".split()
    )
    denials = {wording.fold(word): word for word in words["denials"]}
    assert {word: denials[wording.fold(word)] for word in ordinary if wording.fold(word) in denials} == {}


@pytest.mark.parametrize(
    "text",
    [
        "no swelling",
        "it isn't swollen",
        "it isn’t swollen",
        "its not swollen",
        "not swollen at all",
        "there's no swelling or anything",
        "without any swelling",
        "never swollen",
        "swelling? no",
        "swollen, no",
        "swollen, love? no",
        "neither swollen nor numb",
        "I can't see any swelling",
        "I don't think it's swollen",
        "no, no swelling",
        "nope, not swollen",
        "nobody said swollen",
    ],
)
def test_a_denied_sign_is_denied(polarities: Polarities, text: str) -> None:
    assert polarities(text)["swelling"] == "denied"


@pytest.mark.parametrize(
    "text",
    [
        "no swelling or numbness",
        "no swelling, no numbness",
        "no swelling, numbness or fever",
        "not swollen, not numb",
        "it's not swollen or numb",
        "it's not swollen, red or numb",
        "no swelling no numbness",
        "there isn't any swelling or any numbness",
        "without swelling and numbness",
    ],
)
def test_a_denial_reaches_along_a_list(polarities: Polarities, text: str) -> None:
    found = polarities(text)
    assert set(found.values()) == {"denied"}
    assert {"swelling", "numbness"} <= set(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no swelling but it's numb", "numbness"),
        ("no swelling, but my chest hurts", "chest_pain"),
        ("not swollen, my foot is cold", "cold_limb"),
        ("no swelling. It's numb", "numbness"),
        ("no swelling? it's numb", "numbness"),
        ("no swelling although it's numb", "numbness"),
        ("not swollen just numb", "numbness"),
        ("not swollen only numb", "numbness"),
        ("it's not the swelling because it's numb", "numbness"),
        ("no swelling and my leg is cold", "cold_limb"),
        ("it isn't swollen and it's numb", "numbness"),
        ("no, it's numb", "numbness"),
        ("no, my foot is cold", "cold_limb"),
        ("no my foot is cold", "cold_limb"),
        ("no it's swollen", "swelling"),
        ("nope, swollen", "swelling"),
        ("no, swollen", "swelling"),
        ("no actually it's swollen", "swelling"),
        ("no sorry my chest hurts", "chest_pain"),
        ("it won't stop swelling", "swelling"),
        ("I can't stop it swelling", "swelling"),
        ("no better and swollen", "swelling"),
        ("it's not only swollen", "swelling"),
        ("not just swollen", "swelling"),
        ("no wonder it's swollen", "swelling"),
        ("I can't walk, it's swollen", "swelling"),
        ("I can't breathe", "breathless"),
        ("it doesn't help, it's swollen", "swelling"),
        ("I've no idea why but it's swollen", "swelling"),
        ("not bending, numb is bad", "numbness"),
        ("it's hard to walk and swollen", "swelling"),
        ("a hard session left it swollen", "swelling"),
        ("hard chest pain", "chest_pain"),
        ("hard, swollen calf", "swelling"),
        ("I noted chest pain", "chest_pain"),
        ("noting chest pain", "chest_pain"),
        ("the doctor was no help and now it's swollen and numb", "numbness"),
        ("I did not sleep a wink last night because of work and then came swelling", "swelling"),
        ("no it's numb, no it's not swollen", "numbness"),
    ],
)
def test_what_is_said_beside_a_denial_is_said(polarities: Polarities, text: str, said: str) -> None:
    assert polarities(text)[said] == "said"


@pytest.mark.parametrize(
    "text",
    [
        "I'm not sure if it's swollen",
        "not sure about swelling",
        "I don't know if it's swollen",
        "I can't tell whether it's swollen",
        "no idea if it's swollen",
        "I haven't checked for swelling",
        "I haven't looked if it's swollen",
        "is it swollen, love?",
    ],
)
def test_a_doubt_neither_says_nor_denies(polarities: Polarities, text: str) -> None:
    assert polarities(text)["swelling"] == "open"


def test_a_denial_inside_a_sign_denies_it(polarities: Polarities) -> None:
    assert polarities("my chest does not hurt") == {"chest_pain": "denied"}
    assert polarities("my chest isn't tight") == {"chest_pain": "denied"}


def test_a_sign_that_holds_a_denial_is_said(polarities: Polarities) -> None:
    """ "Can't walk" is a sign, and its "not" denies nothing after it."""
    found = polarities("can't walk, swollen")
    assert found["cannot_bear_weight"] == "said"
    assert found["swelling"] == "said"


def test_a_denial_does_not_reach_across_a_long_story(polarities: Polarities) -> None:
    text = "there was no parking near the stadium entrance so we walked miles then swelling"
    assert polarities(text)["swelling"] == "said"


@pytest.mark.parametrize("gap", ["", ",", " and", " or", " and also", " or any"])
def test_every_sign_of_a_list_of_no_is_denied(polarities: Polarities, gap: str) -> None:
    found = polarities(f"no swelling{gap} no numbness{gap} no fever{gap} no chest pain")
    assert found == dict.fromkeys(["swelling", "numbness", "fever", "chest_pain"], "denied")
