"""The speaker's page in a real Chromium, with a microphone made of a file. Run by `make browser`, never by `make test`.

Nothing is downloaded: the Chromium is the machine's own, found on PATH or named by CHROMIUM.
"""

from __future__ import annotations

import math
import os
import shutil
import threading
import wave
from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from werkzeug.serving import make_server

from server.__main__ import QuietHandler
from server.conversation import Conversations
from server.ears import RATE, Ears
from server.simulator import create_speaker_app
from server.sound import sound
from server.ssml import Words
from server.touch import touches
from server.voice import Clip, Voice

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TONE = 440  # Hz, of what the microphone hears
FLAGS = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",  # says yes to the microphone
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Hum:
    """Stands in for a voice: every word lasts 0.2 s."""

    name = "hum"

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]:
        return [Clip(tone(0.2 * len(text.split()) / rate), RATE) for text, rate in words]


class Listener:
    """Stands in for the recogniser: keeps what came in, and hears the same in all of it."""

    def __init__(self) -> None:
        self.recordings: list[bytes] = []
        self.text = "cramp in my left calf"

    def __call__(self, samples: bytes) -> str:
        self.recordings.append(samples)
        return self.text


class Speaker(NamedTuple):
    """The running server, and what is inside."""

    address: str
    listener: Listener


def tone(seconds: float, rate: int = RATE) -> array[int]:
    """A hum that comes and goes as syllables do, for a steady one is taken for noise and removed."""
    count = round(seconds * rate)
    turn = 2 * math.pi / rate
    return array("h", (round(9000 * math.sin(TONE * turn * n) * math.sin(3 * turn * n) ** 2) for n in range(count)))


def write_wav(path: Path, samples: array[int], rate: int) -> Path:
    """A WAV file with half a second before the sound, and two after it."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(bytes(rate) + samples.tobytes() + bytes(4 * rate))
    return path


def chromium() -> str | None:
    """The machine's Chromium."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium all is skipped, for one reason that is told once."""
    if chromium() is None:
        reason = "no Chromium was found: install one, or name it: make browser CHROMIUM=/path/to/chromium"
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[array[int], int], Any]]:
    """Opens a Chromium whose microphone hears some samples once, at so many a second."""
    from playwright.sync_api import sync_playwright  # only "make browser" installs it

    program = chromium()
    root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []

    def launch(samples: array[int], rate: int) -> Any:
        wav = write_wav(tmp_path_factory.mktemp("microphone") / "said.wav", samples, rate)
        microphone = f"--use-file-for-fake-audio-capture={wav}%noloop"
        return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *root, microphone])

    with sync_playwright() as playwright:
        yield launch


@pytest.fixture(scope="session")
def browser(open_browser: Callable[[array[int], int], Any]) -> Iterator[Any]:
    """A Chromium whose microphone hears three seconds of a hum."""
    browser = open_browser(tone(3, 48_000), 48_000)
    yield browser
    browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Starts servers, and stops them after the test."""
    running = []

    def start(voice: Voice, ears: Ears) -> str:
        conversations = Conversations()
        app = create_speaker_app(conversations)
        app.register_blueprint(touches(conversations))
        app.register_blueprint(sound(voice, ears))
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def speaker(serve: Callable[..., str]) -> Speaker:
    """A speaker that hums and hears a cramp in everything."""
    listener = Listener()
    return Speaker(serve(Voice(lambda: [Hum()]), Ears(lambda: listener)), listener)


@pytest.fixture
def complaints() -> list[str]:
    """What the pages complained of; a test takes out what it expects."""
    return []


@pytest.fixture
def open_page(complaints: list[str]) -> Iterator[Callable[[Any, str], Any]]:
    """Opens the page at an address in a browser; the test fails when a page complained."""
    contexts = []

    def note(message: Any) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def start(browser: Any, address: str) -> Any:
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("console", note)
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.goto(address, wait_until="networkidle")  # it knows its voices and its ears
        return page

    yield start
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(browser: Any, speaker: Speaker, open_page: Callable[[Any, str], Any]) -> Any:
    """The open page of the speaker."""
    return open_page(browser, speaker.address)
