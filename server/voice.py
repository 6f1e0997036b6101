"""The speaker's own voice: SSML -> WAV, offline, with whichever engine this computer has.

An engine is a program that is started, fed by its standard input and stopped when it takes too long: never a shell,
nothing on the command line that was said, and nothing on disk.  It says words; silences are made here, so that a
break of two seconds is two seconds whichever engine speaks.
See docs/decisions/0019-an-offline-voice.md.
"""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import sys
import threading
import time
import unicodedata
import wave
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from .reckoning import reckoned
from .ssml import Part, Silence, Words, parts_of

LONGEST_SECONDS = 240.0  # of one reply (Amazon, "SSML reference": audio in a response, all together)
PATIENCE = 20.0  # seconds for an engine to say one reply; Pico needs a hundredth of what it says

LOUD = 300  # a sample of less, of 32,767, is no speech
MARGIN = 0.03  # seconds left before the first and after the last loud sample next to a silence

_PICO_RATE = 16_000  # samples a second
_PICO_VOLUME = 0.6  # at its own volume it clips
_PICO_PACE = 1.22  # at its own pace a hold lasts a sixth longer than it promises
_ESPEAK_PACE = 175  # words a minute, its own default
_WAV_HEADER = 44  # bytes before the samples that espeak-ng writes
_FOLDED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": ", ", "…": ".", "&": " and "})
_MARKUP = str.maketrans(dict.fromkeys("<>\\[]{}", " "))  # the engines have markup of their own


class VoiceError(Exception):
    """The voice could not say it, in one line that quotes none of the words."""


class TooLongError(VoiceError):
    """What was asked for lasts longer than Alexa would speak."""


class Clip(NamedTuple):
    """What an engine said: samples of 16 bits, and how many make a second."""

    samples: array[int]
    rate: int


class Engine(Protocol):
    """Says words. Raises VoiceError, and never takes much longer than `deadline` (of time.monotonic)."""

    name: str

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]: ...


class Mark(NamedTuple):
    """A piece of words: the seconds from and to which it sounds, and those that the skill reckons with."""

    begin: float
    end: float
    due: float
    over: float


class Speech(NamedTuple):
    """A WAV file, mono of 16 bits, and where the words are in it."""

    wav: bytes
    marks: tuple[Mark, ...]


class Pico:
    """SVOX Pico, from the package py-nanotts (Apache-2.0): on Linux it comes with `make run`."""

    name = "pico"

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]:
        wish = {
            "voice": "en-US" if locale in {"en-US", "en-CA"} else "en-GB",
            "volume": _PICO_VOLUME,
            "parts": [(text, rate * _PICO_PACE) for text, rate in words],
        }
        program = [sys.executable, "-I", str(Path(__file__).with_name("pico.py"))]
        said = _run(program, json.dumps(wish), deadline)
        clips, at = [], 0
        for _ in words:
            size = int.from_bytes(said[at : at + 4], "little")
            at += 4 + size
            clips.append(Clip(_samples(said[at - size : at]), _PICO_RATE))
        if at != len(said):
            raise VoiceError("The voice Pico broke off.")
        return clips


class Espeak:
    """eSpeak NG (GPL-3), called as a program where somebody has installed it."""

    name = "espeak-ng"

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]:
        voice = {"en-US": "en-us", "en-CA": "en-us"}.get(locale, "en-gb")
        clips = []
        for text, rate in words:
            pace = str(round(_ESPEAK_PACE * rate))
            program = [self.name, "--stdin", "--stdout", "-b", "1", "-v", voice, "-s", pace]
            said = _run(program, text, deadline)
            clips.append(Clip(_samples(said[_WAV_HEADER:]), int.from_bytes(said[24:28], "little")))
        return clips


def engines() -> list[Engine]:
    """The engines that seem to be here, the better one first."""
    found: list[Engine] = []
    if importlib.util.find_spec("py_nanotts"):
        found.append(Pico())
    if shutil.which(Espeak.name):
        found.append(Espeak())
    return found


class Voice:
    """Says replies one at a time, with the first engine that really speaks."""

    def __init__(self, find: Callable[[], Iterable[Engine]] = engines) -> None:
        self._find = find
        self._lock = threading.Lock()

    @cached_property
    def engine(self) -> Engine | None:
        """The engine, or None where there is none; each is tried once, for a package may be there and not start."""
        for engine in self._find():
            try:
                if engine.say([Words("Ready.")], "en-US", time.monotonic() + PATIENCE)[0].samples:
                    return engine
            except VoiceError:
                continue
        return None

    def say(self, ssml: str, locale: str) -> Speech:
        """The reply as sound. Raises SsmlError, TooLongError, and VoiceError where there is no voice or it fails."""
        parts = list(_speakable(parts_of(ssml)))
        if sum(part.seconds for part in parts if isinstance(part, Silence)) > LONGEST_SECONDS:
            raise TooLongError(_TOO_LONG)
        words = [part for part in parts if isinstance(part, Words)]
        with self._lock:
            if self.engine is None:
                raise VoiceError("There is no voice on this computer.")
            clips = self.engine.say(words, locale, time.monotonic() + PATIENCE) if words else []
        said = iter(clips)
        pieces = [part if isinstance(part, Silence) else next(said) for part in parts]
        return _assembled(pieces, reckoned(parts), clips[0].rate if clips else _PICO_RATE)


_TOO_LONG = f"The speech would last more than {LONGEST_SECONDS:.0f} seconds: Alexa would not say it either."


def _assembled(pieces: Sequence[Clip | Silence], due: Sequence[tuple[float, float]], rate: int) -> Speech:
    """One recording. Beside a silence a clip loses its own quiet edge, so that the silence is as long as was asked."""
    samples = array("h")
    marks = []
    for place, piece in enumerate(pieces):
        if isinstance(piece, Silence):
            samples.frombytes(bytes(2 * round(piece.seconds * rate)))
        else:
            after_silence = place > 0 and isinstance(pieces[place - 1], Silence)
            before_silence = place + 1 < len(pieces) and isinstance(pieces[place + 1], Silence)
            begin = len(samples)
            samples.extend(_trimmed(piece.samples, round(MARGIN * rate), after_silence, before_silence))
            marks.append(Mark(round(begin / rate, 4), round(len(samples) / rate, 4), *due[place]))
        if len(samples) > LONGEST_SECONDS * rate:
            raise TooLongError(_TOO_LONG)
    if sys.byteorder == "big":
        samples.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(samples.tobytes())
    return Speech(file.getvalue(), tuple(marks))


def _trimmed(samples: array[int], margin: int, left: bool, right: bool) -> array[int]:
    begin, end = 0, len(samples)
    if left:
        begin = next((at for at in range(end) if abs(samples[at]) > LOUD), end)
    if right:
        end = next((at for at in range(end, begin, -1) if abs(samples[at - 1]) > LOUD), begin)
    return samples[max(0, begin - margin if left else 0) : min(len(samples), end + margin if right else end)]


def _run(program: Sequence[str], text: str, deadline: float) -> bytes:
    """What a program writes when it is given a text. Raises VoiceError."""
    left = deadline - time.monotonic()
    try:
        # Inside, the program is fixed and the text goes in by its standard input, so nothing said can be a command.
        done = subprocess.run(program, input=text.encode(), capture_output=True, timeout=max(left, 0.01), check=True)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise VoiceError("The voice took too long.") from None
    except (subprocess.CalledProcessError, OSError):
        raise VoiceError("The voice failed.") from None
    return done.stdout


def _samples(pcm: bytes) -> array[int]:
    samples = array("h")
    samples.frombytes(pcm[: len(pcm) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _speakable(parts: Iterable[Part]) -> Iterator[Part]:
    """The same in plain letters, without words in which nothing can be said."""
    for part in parts:
        if isinstance(part, Silence):
            yield part
        elif any(map(str.isalnum, plain := _plain(part.text))):
            yield Words(plain, part.rate)


def _plain(text: str) -> str:
    """Text in the letters that all engines know: no accents, no typography, no signs, nothing that is markup."""
    folded = unicodedata.normalize("NFKD", text.translate(_FOLDED)).translate(_MARKUP)
    return " ".join("".join(c if c.isprintable() else " " for c in folded if c.isascii()).split())
