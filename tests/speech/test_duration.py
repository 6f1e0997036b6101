"""How long a text sounds: what the model promises by itself, and that it lies near a real voice."""

from __future__ import annotations

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import RATES, pause
from speech.duration import COMMA, DRAWN_OUT, LETTER, STOP, heard, together
from tools.durations import errors, texts, voices

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("One.", 3 * LETTER + STOP),
        ("One, two.", 6 * LETTER + COMMA + STOP),
        ("Don't.", 4 * LETTER + STOP),
        ("Twenty-five.", 10 * LETTER + STOP),
        ("Is it? No!", 6 * LETTER + 2 * STOP),
        ("[1.50s]", 1.5),
        ("One. [1.00s]", 3 * LETTER + DRAWN_OUT + 1),  # the pause takes the place of the stop
        ("One, [1.00s] two.", 6 * LETTER + DRAWN_OUT + 1 + STOP),
        ("One. [sound hold-tick-12]", 3 * LETTER + STOP + 12),
        ("[sound hold-quiet-5] One.", 5 + 3 * LETTER + STOP),
    ],
)
def test_a_text_sounds_as_long_as_its_parts(text: str, seconds: float) -> None:
    assert heard(text) == pytest.approx(seconds)


def test_a_sound_that_tells_no_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="seconds"):
        heard("[sound chime]")


@given(WORDS, st.sampled_from(sorted(RATES.values())))
def test_the_rate_stretches_words_but_no_pause_of_ours(words: str, rate: float) -> None:
    assert heard(f"{words}.", rate) == pytest.approx(heard(f"{words}.") / rate)
    assert heard(f"{words} [2.00s]", rate) - 2 == pytest.approx((heard(f"{words} [2.00s]") - 2) / rate)


@given(WORDS, WORDS)
def test_sentences_add_up(one: str, two: str) -> None:
    assert heard(f"{one}. {two}.") == pytest.approx(heard(f"{one}.") + heard(f"{two}."))


@pytest.mark.skipif(importlib.util.find_spec("py_nanotts") is None, reason="SVOX Pico is for Linux")
def test_a_real_voice_takes_about_as_long() -> None:
    """One real voice, a third of the texts; the table of all of them is in docs/decisions/0017."""
    pico = next(iter(voices()))
    said = [text for text in texts() if not text.promised and text.kind != "numbers"][::3]
    said += [text for text in texts() if text.promised == 30 and text.rate == 1][:2]
    together, _ = errors(pico, said)
    assert pico.name == "SVOX Pico"
    assert abs(together) < 0.1


@given(
    st.lists(
        st.sampled_from(["Keep it there.", "Ten.", "Slowly, now.", "", "Well …", "So, so,", pause(0.5), pause(0)])
    ),
    st.sampled_from(sorted(RATES.values())),
)
def test_sentences_together_last_as_long_as_the_text_of_them(said: list[str], rate: float) -> None:
    assert together(said, rate) == heard(" ".join(said), rate)
