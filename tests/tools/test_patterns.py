"""Compact patterns, written out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.patterns import MOST, PatternError, expand

STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=150)


@pytest.mark.parametrize(
    ("pattern", "sentences"),
    [
        ("my calf", ["my calf"]),
        ("(my|the) calf", ["my calf", "the calf"]),
        ("[my] calf", ["my calf", "calf"]),
        ("(a|b) [c] d", ["a c d", "a d", "b c d", "b d"]),
        ("it (cramps|[really] hurts)", ["it cramps", "it really hurts", "it hurts"]),
        ("calf [cramp|spasm]", ["calf cramp", "calf spasm", "calf"]),
        ("(foot|feet)s", ["foots", "feets"]),
        ("  my   [very]  calf ", ["my very calf", "my calf"]),
        ("(a|a) b", ["a b"]),
        ("{site} [hurts]", ["{site} hurts", "{site}"]),
        ("[a]", ["a"]),
    ],
)
def test_a_pattern_stands_for_its_sentences(pattern: str, sentences: list[str]) -> None:
    """Alternatives in the order they are written, no sentence twice, none empty, spaces single."""
    assert expand(pattern) == sentences


@pytest.mark.parametrize("pattern", ["(a|b", "a)", "[a", "a]", "(a]", "[a)", "a (b [c)]"])
def test_brackets_must_match(pattern: str) -> None:
    """A bracket that is forgotten is an error, never a sentence."""
    with pytest.raises(PatternError):
        expand(pattern)


def test_a_line_that_says_too_much_is_refused() -> None:
    """A pattern stays readable: up to the limit it is written out, beyond it stops."""
    many = "|".join("abcdefghij")
    assert len(expand(f"({many}) ({many})")) == 100
    with pytest.raises(PatternError, match=str(MOST)):
        expand(f"({many}) ({many}) ({many})")


def test_a_line_that_explodes_stops_early() -> None:
    """A slip that stands for millions of sentences costs no memory."""
    with pytest.raises(PatternError, match="too many"):
        expand("(a|b|c|d) " * 12)


words = st.text("abc", min_size=1, max_size=2)


@STEADY
@given(st.lists(st.tuples(st.booleans(), st.lists(words, min_size=1, max_size=3)), max_size=4))
def test_every_sentence_takes_one_way_through_the_pattern(
    parts: list[tuple[bool, list[str]]],
) -> None:
    """Written out, a pattern holds exactly the combinations of its parts."""
    pattern = " ".join(("[{}]" if optional else "({})").format("|".join(choices)) for optional, choices in parts)
    expected = {""}
    for optional, choices in parts:
        ways = [*choices, ""] if optional else choices
        expected = {f"{before} {way}".strip() for before in expected for way in ways}
    made = expand(pattern)
    assert set(made) == expected - {""}
    assert len(made) == len(set(made))
