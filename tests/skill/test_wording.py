"""Reads words alike, however they are inflected, spelled, joined or shortened."""

from __future__ import annotations

import time

import pytest

from skill.wording import FULL, LIGHT, SMALL, Wording, spoken_words
from tools.yamlfile import ROOT, read

WORDS = {
    "families": {
        "cramp": ["camp", "crimp"],
        "swell": ["swollen", "swelled", "swole"],
        "half": [],
        "charley-horse": ["charlie-horse"],
        "color": ["colour"],
    },
    "small": ["a", "the", "my", "is", "it", "i", "and", "of", "do", "did", "was", "in"],
    "light": ["really", "just"],
}


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording(WORDS)


def folded(wording: Wording, text: str) -> list[str]:
    return [token.folded for token in wording.tokens(text) if token.folded]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cramp", "cramps"),
        ("cramp", "cramping"),
        ("cramp", "cramped"),
        ("stop", "stopping"),
        ("twitch", "twitches"),
        ("twitch", "twitching"),
        ("squeeze", "squeezing"),
        ("numb", "numbness"),
        ("tight", "tightly"),
        ("calf", "calf's"),
        ("body", "bodies"),
        ("press", "presses"),
        ("swell", "swollen"),
        ("swell", "swelling"),
        ("color", "colour"),
        ("cramp", "camp"),
    ],
)
def test_forms_of_a_word_are_one_word(wording: Wording, one: str, other: str) -> None:
    assert folded(wording, one) == folded(wording, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("spin", "spine"),
        ("hip", "hop"),
        ("calf", "half"),
        ("pass", "pas"),
        ("his", "hi"),
        ("sting", "st"),
        ("red", "r"),
    ],
)
def test_different_words_stay_different(wording: Wording, one: str, other: str) -> None:
    assert folded(wording, one) != folded(wording, other)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("it isn't swollen", "it is not swollen"),
        ("it isnt swollen", "it is not swollen"),
        ("it isn’t swollen", "it is not swollen"),
        ("I can't pee", "I can not pee"),
        ("I cannot pee", "I can not pee"),
        ("I cant pee", "I can not pee"),
        ("I'm unable to pee", "I can not to pee"),
        ("it won't stop", "it will not stop"),
        ("it ain't numb", "it is not numb"),
        ("my calf's sore", "my calf sore"),
        ("I've cramped", "I cramped"),
        ("they're numb", "they numb"),
        ("MY CALF", "my calf"),
        ("calf-cramp", "calf cramp"),
    ],
)
def test_contractions_apostrophes_and_hyphens(wording: Wording, short: str, long: str) -> None:
    assert folded(wording, short) == folded(wording, long)


def test_joined_words_are_one_token_and_keep_their_count(wording: Wording) -> None:
    """What two words say together is one word; the span still covers both."""
    apart, joined = wording.tokens("a charley horse hurts"), wording.tokens("a charleyhorse hurts")
    assert folded(wording, "charley horse") == folded(wording, "charleyhorse") == folded(wording, "charlie horse")
    assert [token.word for token in apart] == [0, 1, 2, 3]
    assert apart[2].folded == ""
    assert [token.word for token in joined] == [0, 1, 2]


def test_a_contraction_is_two_tokens_of_one_word(wording: Wording) -> None:
    tokens = wording.tokens("it isn't red")
    assert [(token.word, token.folded) for token in tokens] == [(0, "it"), (1, "is"), (1, "not"), (2, "red")]


def test_small_and_light_words_weigh_less(wording: Wording) -> None:
    weights = [token.weight for token in wording.tokens("my calf is really sore")]
    assert weights == [SMALL, FULL, SMALL, LIGHT, FULL]


@pytest.mark.parametrize(
    ("text", "pauses"),
    [
        ("no, swollen", ["", ","]),
        ("no. swollen", ["", "."]),
        ("fever? no", ["", "?"]),
        ("no… swollen", ["", ","]),
        ("no... swollen", ["", ","]),
        ("no! swollen", ["", "."]),
        ("no; swollen", ["", "."]),
        ("no\nswollen", ["", "."]),
        ("no,? swollen", ["", "?"]),
        ("no swollen", ["", ""]),
    ],
)
def test_pauses_are_kept(wording: Wording, text: str, pauses: list[str]) -> None:
    assert [token.pause for token in wording.tokens(text)] == pauses


def test_the_core_of_a_phrase_leaves_the_small_words_out(wording: Wording) -> None:
    assert wording.core("my calf is swollen") == wording.core("calves swelling")[:0] + wording.core("calf swell")
    assert wording.core("a charley horse in my calf") == wording.core("charleyhorse calf")
    assert wording.core("it is the") == ()
    assert len(wording.core("it is my calf", whole=True)) == 4


def test_spoken_words_are_counted_as_tokens_count_them(wording: Wording) -> None:
    text = "It isn’t my calf-muscle, it's (honestly) the charley horse!"
    words = spoken_words(text)
    assert max(token.word for token in wording.tokens(text)) == len(words) - 1
    assert words[1] == "isn't"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "...",
        "'",
        "’’’",
        "n't",
        "'s",
        "-",
        "\x00",
        "\u202e\u200b\ufeff",
        "💪🦵",
        "\uff23\uff21\uff2c\uff26",
        "ÇA FAIT MAL",
        "\ud83d",
        "Ⅷ½²",
        "İstanbul ﬁ ß",
        "a\u0301" * 50,
        "مرحبا",
    ],
)
def test_odd_text_is_only_odd_words(wording: Wording, text: str) -> None:
    tokens = wording.tokens(text)
    assert all(token.weight in {SMALL, LIGHT, FULL} for token in tokens)
    wording.core(text)


@pytest.mark.parametrize(
    "text", ["calf " * 1000, "n't" * 2000, "a-" * 2500, "charley " * 600, "ing" * 1600, "." * 5000]
)
def test_long_text_is_read_in_no_time(wording: Wording, text: str) -> None:
    started = time.thread_time()  # of this thread: a busy computer changes nothing
    wording.tokens(text)
    assert time.thread_time() - started < 1


def test_the_memory_of_words_does_not_grow_without_end(wording: Wording) -> None:
    for number in range(25_000):
        wording.fold(f"zork{number}")
    assert len(wording._folds) <= 20_000
    assert wording.fold("swollen") == wording.fold("swell")


def test_our_own_families_do_not_contradict_each_other() -> None:
    """Every member of a family in the content is heard as its head, when it stands alone."""
    words = read(ROOT / "content" / "phrases" / "en" / "words.yaml", text=True)
    wording = Wording(words)
    wrong = {
        member: (head, wording.tokens(member.replace("-", " "))[0].folded)
        for head, members in words["families"].items()
        for member in members
        if len(wording.tokens(member.partition("-")[0])) == 1  # "cannot" is opened before it is joined
        if wording.tokens(member.replace("-", " "))[0].folded != wording.tokens(head.replace("-", " "))[0].folded
    }
    assert wrong == {}
