"""What the server says aloud: how long it lasts, and that nothing odd can stop or crash it."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.ssml import SsmlError, Words
from server.voice import MARGIN, Clip, Engine, Espeak, Pico, Speech, TooLongError, Voice, VoiceError, engines

RATE = 1_000
TICK = array("h", [0] * 300 + [9_000] * 400 + [0] * 300)  # one second, 0.4 s of it loud


class Ticker:
    """Says each word as one second with quiet edges; slower words are longer."""

    name = "ticker"

    def __init__(self) -> None:
        self.said: list[Words] = []

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]:
        self.said += words
        return [Clip(TICK * len(text.split()), RATE) for text, _ in words]


class Broken:
    name = "broken"

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]:
        raise VoiceError("no")


def samples(speech: Speech) -> tuple[array[int], int]:
    with wave.open(io.BytesIO(speech.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return array("h", file.readframes(file.getnframes())), file.getframerate()


def spoken(inside: str, engine: Engine) -> Speech:
    return Voice(lambda: [engine]).say(f"<speak>{inside}</speak>", "en-US")


def seconds(inside: str, engine: Engine) -> float:
    data, rate = samples(spoken(inside, engine))
    return len(data) / rate


def test_a_break_is_exactly_as_long_as_was_asked() -> None:
    speech = spoken('one <break time="2s"/> two', Ticker())
    data, rate = samples(speech)
    (_, ends, _, over), (begins, _, due, _) = speech.marks
    assert begins - ends == due - over == 2
    assert set(data[round(ends * rate) : round(begins * rate)]) == {0}
    # The quiet edges beside it are gone but for a margin, the outer ones stay.
    assert ends == pytest.approx(0.3 + 0.4 + MARGIN)
    assert len(data) / rate == pytest.approx(2 * (0.7 + MARGIN) + 2)


def test_silence_alone_and_nothing_at_all_are_silent() -> None:
    assert seconds('<break time="3s"/>', Ticker()) == 3
    assert spoken("", Ticker()).marks == ()
    assert spoken("… 🦵 !", Ticker()).marks == ()


def test_an_engine_gets_plain_letters_and_no_markup_of_its_own() -> None:
    ticker = Ticker()
    spoken("It’s &lt;volume level=9&gt; café – “ice” &amp; heat \\pau=9\\ \U0001f9b5.", ticker)
    assert ticker.said[1:] == [Words('It\'s volume level=9 cafe - "ice" and heat pau=9 .')]


@pytest.mark.parametrize("inside", ["word " * 241, '<break time="10s"/>' * 25])
def test_what_would_last_too_long_is_refused(inside: str) -> None:
    with pytest.raises(TooLongError, match="240 seconds"):
        spoken(inside, Ticker())


def test_the_first_engine_that_really_speaks_is_taken_and_each_is_tried_once() -> None:
    ticker = Ticker()
    voice = Voice(lambda: [Broken(), ticker])
    assert voice.engine is voice.engine is ticker
    assert len(ticker.said) == 1


@pytest.mark.parametrize("found", [[], [Broken()]])
def test_without_an_engine_it_says_so(found: list[Engine]) -> None:
    voice = Voice(lambda: found)
    assert voice.engine is None
    with pytest.raises(VoiceError, match="no voice"):
        voice.say("<speak>Hello</speak>", "en-US")
    with pytest.raises(SsmlError):
        voice.say("<speak>Hello", "en-US")


# The engines as programs

PRETEND = """import sys, json
text = sys.stdin.read()
{act}
"""


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, act: str) -> Espeak:
    """A pretend espeak-ng that does something with `text` and `sys.argv`."""
    script = folder / "pretend.py"
    script.write_text(PRETEND.format(act=act))
    program = folder / "espeak-ng"
    # A shell in between: the first line of a script cannot name a Python whose path holds a space.
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{script}' \"$@\"\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return Espeak()


def test_what_is_said_goes_in_by_standard_input_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen.json"
    act = f"open({str(seen)!r}, 'w').write(json.dumps([sys.argv[1:], text]))\nsys.stdout.write(' ' * 46)"
    engine = pretend(tmp_path, monkeypatch, act)
    secret = "$(touch x); `touch y` --help"
    (clip,) = engine.say([Words(secret, 0.8)], "en-GB", time.monotonic() + 10)
    arguments, text = json.loads(seen.read_text())
    assert text == secret
    assert secret not in arguments
    assert arguments[-2:] == ["-s", "140"]
    assert "en-gb" in arguments
    assert len(clip.samples) == 1


@pytest.mark.parametrize("act", ["sys.exit(3)", "import time; time.sleep(60)"])
def test_a_program_that_fails_or_hangs_is_given_up(act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = pretend(tmp_path, monkeypatch, act)
    begun = time.monotonic()
    with pytest.raises(VoiceError) as caught:
        engine.say([Words("secret")], "en-US", begun + 0.5)
    assert time.monotonic() - begun < 5
    assert "secret" not in str(caught.value)


def test_a_program_that_is_not_there_is_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "espeak-ng" not in [engine.name for engine in engines()]
    with pytest.raises(VoiceError):
        Espeak().say([Words("hello")], "en-US", time.monotonic() + 5)


# The real ones, where they are


@pytest.mark.parametrize("engine", [Pico(), Espeak()], ids=lambda engine: engine.name)
def test_real_speech_is_loud_slower_when_asked_and_exact_in_its_silences(engine: Engine) -> None:
    if engine.name not in [found.name for found in engines()]:
        pytest.skip(f"{engine.name} is not on this computer")
    sentence = "Stop, and take the weight off it."
    plain = seconds(sentence, engine)
    assert 1.5 < plain < 4
    assert seconds(f'<prosody rate="85%">{sentence}</prosody>', engine) > 1.08 * plain
    assert seconds(f'<prosody rate="115%">{sentence}</prosody>', engine) < 0.95 * plain
    speech = spoken('Hold it. <break time="2s"/> Let go.', engine)
    data, rate = samples(speech)
    (_, ends, _, _), (begins, _, _, _) = speech.marks
    assert begins - ends == pytest.approx(2, abs=0.002)
    assert not any(data[round(ends * rate) + 2 : round(begins * rate) - 2])
    assert 8_000 < max(map(abs, data)) < 32_767  # loud, and never clipped


@pytest.mark.parametrize("text", ["é" * 200, "." * 300, "\\pause\\ w-" * 40])
def test_nothing_hangs_on_odd_text(text: str) -> None:
    """The package hangs on the first of these, and nobody can interrupt it from inside."""
    if "pico" not in [engine.name for engine in engines()]:
        pytest.skip("pico is not on this computer")
    begun = time.monotonic()
    with contextlib.suppress(VoiceError):
        Pico().say([Words(text)], "en-US", begun + 0.8)
    assert time.monotonic() - begun < 5
