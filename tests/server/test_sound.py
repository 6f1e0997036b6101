"""The doors of sound: what they take, what they refuse, and that they are as protected as the others."""

from __future__ import annotations

import io
import json
import wave
from array import array
from collections.abc import Sequence

import pytest
from flask.testing import FlaskClient

from server.ears import LONGEST_SECONDS, RATE, Ears, EarsError
from server.simulator import create_speaker_app
from server.sound import sound
from server.ssml import LONGEST_SSML, Words
from server.voice import Clip, Voice, VoiceError
from speech.duration import DRAWN_OUT, LETTER

RAW = "application/octet-stream"
HELLO = {"ssml": "<speak>Hello</speak>"}


class Beep:
    name = "beep"

    def say(self, words: Sequence[Words], locale: str, deadline: float) -> list[Clip]:
        if "hang" in words[0].text:
            raise VoiceError("The voice took too long.")
        return [Clip(array("h", [9_000] * RATE), RATE) for _ in words]


class NoDevice:
    def turn(self, session: str | None, user: str | None, locale: str, text: str | None) -> dict[str, object]:
        raise AssertionError("sound takes no turn")


class Recogniser:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def __call__(self, samples: bytes) -> str:
        self.heard.append(samples)
        return "my calf"


@pytest.fixture
def recogniser() -> Recogniser:
    return Recogniser()


def client_of(voice: Voice, ears: Ears) -> FlaskClient:
    app = create_speaker_app(NoDevice())
    app.register_blueprint(sound(voice, ears))
    return app.test_client()


@pytest.fixture
def client(recogniser: Recogniser) -> FlaskClient:
    return client_of(Voice(lambda: [Beep()]), Ears(lambda: recogniser))


def refuse() -> Recogniser:
    raise EarsError("It is broken.")


def test_speech_comes_as_wav_with_the_times_of_its_words(client: FlaskClient) -> None:
    reply = client.post("/api/speech", json={"ssml": '<speak>One<break time="2s"/>two</speak>', "locale": "en-GB"})
    assert reply.status_code == 200
    assert reply.mimetype == "audio/wav"
    assert reply.headers["Cache-Control"] == "no-store"
    assert [mark[:2] for mark in json.loads(reply.headers["Speech-Marks"])] == [[0.0, 1.0], [3.0, 4.0]]
    with wave.open(io.BytesIO(reply.data)) as file:
        assert file.getnframes() == 4 * RATE


def test_the_browsers_own_voices_get_words_and_silences(client: FlaskClient) -> None:
    ssml = '<speak><prosody rate="85%">One</prosody><break time="2s"/></speak>'
    assert client.post("/api/parts", json={"ssml": ssml}).get_json() == [
        {"rate": 0.85, "text": "One", "due": 0.0, "over": pytest.approx((3 * LETTER + DRAWN_OUT) / 0.85, abs=0.001)},
        {"seconds": 2.0, "due": pytest.approx(0.345, abs=0.001), "over": pytest.approx(2.345, abs=0.001)},
    ]


@pytest.mark.parametrize("path", ["/api/speech", "/api/parts"])
@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "no ssml"),
        ({"ssml": 7}, "ssml"),
        ({"ssml": "Hello"}, "malformed"),
        ({"ssml": "<speak>a & b</speak>"}, "malformed"),
        ({"ssml": f"<speak>{'a' * LONGEST_SSML}</speak>"}, "too long"),
        ({"ssml": "a" * 60_000}, "too long"),
    ],
)
def test_what_is_no_ssml_gets_400_and_one_line(
    client: FlaskClient, path: str, body: dict[str, object], named: str
) -> None:
    reply = client.post(path, json=body)
    assert reply.status_code == 400
    assert named in reply.get_json()["error"]


def test_a_voice_that_fails_is_not_the_callers_fault(client: FlaskClient) -> None:
    reply = client.post("/api/speech", json={"ssml": "<speak>hang</speak>"})
    assert (reply.status_code, reply.get_json()) == (503, {"error": "The voice took too long."})


def test_who_has_neither_voice_nor_ears_says_so(client: FlaskClient) -> None:
    assert client.get("/api/voice").get_json() == {"voice": "beep"}
    assert client.get("/api/ears").get_json() == {"ears": "asleep"}
    bare = client_of(Voice(list), Ears(None))
    assert bare.get("/api/voice").get_json() == {"voice": None}
    assert bare.post("/api/ears", json={}).get_json() == {"ears": "absent"}
    assert bare.post("/api/speech", json=HELLO).status_code == 503
    reply = bare.post("/api/hear", data=b"ab", content_type=RAW)
    assert reply.status_code == 503
    assert "make listen" in reply.get_json()["error"]


def test_a_recording_arrives_whole_and_comes_back_as_text(client: FlaskClient, recogniser: Recogniser) -> None:
    longest = b"ab" * round(LONGEST_SECONDS * RATE)
    reply = client.post("/api/hear", data=longest, content_type=RAW)
    assert (reply.status_code, reply.get_json()) == (200, {"text": "my calf"})
    assert recogniser.heard == [longest]
    assert client.post("/api/hear", data=b"", content_type=RAW).get_json() == {"text": ""}
    assert len(recogniser.heard) == 1


@pytest.mark.parametrize(
    ("data", "kind", "status", "named"),
    [
        (b"abc", RAW, 400, "half a sample"),
        (b"ab" * (round(LONGEST_SECONDS * RATE) + 1), RAW, 413, "at most 30 seconds"),
        (b"ab", "application/json", 400, RAW),
        (b"ab", "text/plain", 400, RAW),
        (b"ab", "", 400, RAW),
    ],
)
def test_what_is_no_recording_is_refused(
    client: FlaskClient, recogniser: Recogniser, data: bytes, kind: str, status: int, named: str
) -> None:
    reply = client.post("/api/hear", data=data, content_type=kind)
    assert reply.status_code == status
    assert named in reply.get_json()["error"]
    assert recogniser.heard == []


def test_ears_that_are_broken_say_so() -> None:
    reply = client_of(Voice(list), Ears(refuse)).post("/api/hear", data=b"ab", content_type=RAW)
    assert (reply.status_code, reply.get_json()) == (503, {"error": "It is broken."})


@pytest.mark.parametrize("path", ["/api/speech", "/api/parts", "/api/ears", "/api/hear"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost:5000", "Origin": "http://evil.example"}, 403),
        ({"Host": "localhost:5000", "Origin": "null"}, 403),
        ({"Host": "localhost:5000", "Origin": "http://localhost:5000", "Content-Type": "text/plain"}, 400),
    ],
)
def test_another_site_can_neither_speak_nor_listen(
    client: FlaskClient, recogniser: Recogniser, path: str, headers: dict[str, str], status: int
) -> None:
    kind = RAW if path == "/api/hear" else "application/json"
    reply = client.post(path, data=json.dumps(HELLO), headers={"Content-Type": kind, **headers})
    assert reply.status_code == status
    assert recogniser.heard == []


@pytest.mark.parametrize("path", ["/api/voice", "/api/ears"])
def test_another_name_for_this_computer_learns_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 403
