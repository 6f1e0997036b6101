"""Makes the sounds of a hosted hold from nothing but sines, and writes them as the MP3 that Alexa plays.

python -m tools.sounds [folder]    writes build/sounds/hold-tick-10.mp3 and the others (make sounds)

Alexa takes MPEG version 2 at 48 kbit/s and 16, 22.05 or 24 kHz, over https, 240 s in a response (Amazon, "SSML
reference": audio). How they get to where she fetches them: docs/decisions/0018-where-the-sounds-are-hosted.md.
"""

from __future__ import annotations

import array
import math
import sys
from pathlib import Path

import lameenc

from speech.holds import SOUNDS

from .yamlfile import ROOT

FOLDER = ROOT / "build" / "sounds"
HERTZ = 24000
KILOBITS = 48
FRAME = 576  # samples in a frame of MPEG-2 Layer III
LOUDEST = 32767
# What the encoder puts before and after: two frames less to encode make a file as long as its name says.
_PADDING = 2 * FRAME

Samples = array.array  # of "h": 16 bits, mono


def samples(name: str) -> Samples[int]:
    """A sound by its name: "hold-tick-10" ticks softly each second, "hold-quiet-10" is silent until its last second."""
    kind, _, told = name.removeprefix("hold-").partition("-")
    seconds = int(told)
    made = array.array("h", bytes(2 * HERTZ * seconds))
    stroke, starts = (_TICK, range(seconds)) if kind == "tick" else (_CHIME, range(seconds - 1, seconds))
    for start in starts:
        first = round((start + 0.05) * HERTZ)
        made[first : first + len(stroke)] = stroke
    return made


def _stroke(tones: tuple[float, float], loudness: float, decay: float) -> Samples[int]:
    """A soft stroke on a bell: in within 10 ms, then falling away, and quite gone before the next second."""
    count = round(0.85 * HERTZ)
    made = array.array("h")
    for at in range(count):
        time = at / HERTZ
        envelope = min(1.0, time / 0.01) * math.exp(-time / decay) * (1 - at / count)
        wave = sum(math.sin(2 * math.pi * tone * time) for tone in tones) / len(tones)
        made.append(round(LOUDEST * loudness * envelope * wave))
    return made


_TICK = _stroke((880.0, 1320.0), loudness=0.10, decay=0.03)
_CHIME = _stroke((523.25, 783.99), loudness=0.12, decay=0.2)


def encoded(made: Samples[int]) -> bytes:
    """Samples as MP3, the same bytes each time."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(HERTZ)
    encoder.set_out_sample_rate(HERTZ)
    encoder.set_bit_rate(KILOBITS)
    encoder.set_quality(2)
    return bytes(encoder.encode(made[:-_PADDING].tobytes()) + encoder.flush())


def main(arguments: list[str]) -> int:
    """Writes every sound. Returns the exit status."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(SOUNDS, 1):
        (folder / f"{name}.mp3").write_bytes(encoded(samples(name)))
        print(f"\r{number} of {len(SOUNDS)} sounds", end="", flush=True)
    print(f" in {folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
