"""The speaker in the browser: its page, its endpoint, and the command that starts them."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import server.__main__ as door
from server.conversation import ConversationError
from server.simulator import create_speaker_app

STATIC = Path(door.__file__).parent / "static"
PAGE = Path(door.__file__).parent / "templates" / "speaker.html"
SECRET = "my invented secret pain"


class FakeDevice:
    """Remembers what it was asked, and answers or fails as told."""

    def __init__(self, *, limit: int = 1000) -> None:
        self.calls: list[tuple[str | None, str | None, str, str | None]] = []
        self.screens: list[bool] = []
        self.failure: Exception | None = None

    def turn(
        self, session: str | None, user: str | None, locale: str, text: str | None, *, screen: bool = False
    ) -> dict[str, object]:
        self.calls.append((session, user, locale, text))
        self.screens.append(screen)
        if self.failure:
            raise self.failure
        return {
            "session": "s1",
            "heard": {"intent": "Zebra", "findings": {}},
            "ended": False,
        }

    def touch(self, session: str, arguments: list[str]) -> dict[str, object]:
        raise AssertionError("nothing is touched here")


@pytest.fixture
def device() -> FakeDevice:
    return FakeDevice()


@pytest.fixture
def client(device: FakeDevice) -> FlaskClient:
    return create_speaker_app(device).test_client()


def one_line_error(reply: TestResponse) -> str:
    body = reply.get_json()
    assert list(body) == ["error"]
    message = body["error"]
    assert isinstance(message, str)
    assert message
    assert "\n" not in message
    assert "Traceback" not in message
    return message


# The turn


def test_a_turn_reaches_the_device_whole_and_its_answer_comes_back_in_order(
    client: FlaskClient, device: FakeDevice
) -> None:
    reply = client.post(
        "/api/turn",
        json={
            "session": "s0",
            "user": "u",
            "locale": "en-GB",
            "text": "Hé, a “cramp”?",
            "more": 1,
        },
    )
    assert reply.status_code == 200
    assert device.calls == [("s0", "u", "en-GB", "Hé, a “cramp”?")]
    assert list(json.loads(reply.data)) == ["session", "heard", "ended"]


@pytest.mark.parametrize(
    ("body", "text"),
    [({}, None), ({"text": None}, None), ({"text": ""}, ""), ({"text": " "}, " ")],
)
def test_opening_and_silence_stay_apart(
    client: FlaskClient, device: FakeDevice, body: dict[str, object], text: str | None
) -> None:
    assert client.post("/api/turn", json=body).status_code == 200
    assert device.calls == [(None, None, "en-US", text)]


@pytest.mark.parametrize("text", ["a" * 3_000, "é" * 4_000, "\U0001f9b5" * 4_000])
def test_long_speech_is_taken(client: FlaskClient, device: FakeDevice, text: str) -> None:
    body = json.dumps({"text": text})  # escaped, so as long as it can be
    reply = client.post("/api/turn", data=body, content_type="application/json")
    assert reply.status_code == 200
    assert device.calls[0][3] == text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe\x00", "JSON"),
        (b"[" * 60_000, "JSON"),
        (b"[]", "object"),
        (b"null", "object"),
        (b'"text"', "object"),
        (b'{"text": 7}', "text"),
        (b'{"text": ["a"]}', "text"),
        (b'{"session": 1}', "session"),
        (b'{"user": {}}', "user"),
        (b'{"locale": true}', "locale"),
        (b'{"locale": null}', "locale"),
        (b'{"text": "\\ud800"}', "text"),
        (b'{"session": "' + b"x" * 256 + b'"}', "session"),
        (b'{"text": "' + b"x" * 4_001 + b'"}', "4,000"),
        (b'{"text": "' + b"x" * 70_000 + b'"}', "too large"),
    ],
)
def test_a_bad_body_gets_one_line_that_names_it(
    client: FlaskClient, device: FakeDevice, body: bytes, named: str
) -> None:
    reply = client.post("/api/turn", data=body, content_type="application/json")
    assert reply.status_code == 400
    assert named in one_line_error(reply)
    assert device.calls == []


def test_what_the_conversation_refuses_is_told_in_its_words(client: FlaskClient, device: FakeDevice) -> None:
    device.failure = ConversationError("This session has ended: start a new one.")
    reply = client.post("/api/turn", json={"session": "old", "text": "hi"})
    assert reply.status_code == 400
    assert one_line_error(reply) == "This session has ended: start a new one."


def test_a_crash_tells_its_type_and_place_and_nothing_that_was_said(
    client: FlaskClient, device: FakeDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    device.failure = KeyError(SECRET)
    reply = client.post("/api/turn", json={"text": SECRET})
    assert reply.status_code == 500
    one_line_error(reply)
    logged = "".join(capsys.readouterr())
    assert re.fullmatch(r"error: KeyError at test_simulator\.py:\d+\n", logged)
    assert SECRET not in logged + reply.text


@pytest.mark.parametrize(("body", "screen"), [({}, False), ({"screen": True}, True), ({"screen": "yes"}, False)])
def test_a_device_has_a_screen_when_the_page_says_so(
    client: FlaskClient, device: FakeDevice, body: dict[str, object], screen: bool
) -> None:
    assert client.post("/api/turn", json={"text": "hi", **body}).status_code == 200
    assert device.screens == [screen]


# Only this computer, only our page


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost", "LOCALHOST:5001", "[::1]:5000"])
def test_loopback_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:5000",
        "127.0.0.1.evil.example",
        "localhost.evil",
        "[::1",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/turn", "/static/main.js"])
def test_any_other_host_name_is_refused(client: FlaskClient, device: FakeDevice, host: str, path: str) -> None:
    reply = client.open(
        path,
        method="POST" if path == "/api/turn" else "GET",
        headers={"Host": host},
        json={"text": "hi"},
    )
    assert reply.status_code in (400, 403)
    assert device.calls == []


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:5000", 200),
        ("http://localhost:8080", 403),
        ("https://localhost:5000", 403),
        ("http://evil.example", 403),
        ("null", 403),
    ],
)
def test_a_turn_is_taken_from_our_own_page_only(
    client: FlaskClient, device: FakeDevice, origin: str, status: int
) -> None:
    headers = {"Host": "localhost:5000", "Origin": origin}
    reply = client.post("/api/turn", json={"text": "hi"}, headers=headers)
    assert reply.status_code == status
    assert len(device.calls) == (status == 200)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_foreign_form_can_send_is_refused(client: FlaskClient, device: FakeDevice, kind: str) -> None:
    reply = client.post("/api/turn", data=b'{"text": "hi"}', content_type=kind)
    assert reply.status_code == 400
    assert "application/json" in one_line_error(reply)
    assert device.calls == []


@pytest.mark.parametrize(("path", "status"), [("/api/turn", 405), ("/nowhere", 404)])
def test_a_wrong_way_in_is_told_where_the_doors_are(client: FlaskClient, path: str, status: int) -> None:
    reply = client.get(path)
    assert reply.status_code == status
    assert "/api/turn" in one_line_error(reply)


# The page


def test_the_page_says_what_it_is_not(client: FlaskClient) -> None:
    words = " ".join(re.sub(r"<[^>]+>", " ", client.get("/").text).split())
    for promise in (
        "not medical advice",
        "not a diagnosis",
        "call your local emergency number",
        "What you say is never stored",
        "holds what was typed",
    ):
        assert promise in words


def test_nothing_runs_or_loads_on_the_page_but_our_own_files(
    client: FlaskClient,
) -> None:
    reply = client.get("/")
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert reply.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", reply.text)
    for address in re.findall(r'(?:src|href)="([^"]*)"', reply.text):
        assert address.startswith(("/static/", "#"))


def test_every_file_of_the_page_is_used_and_served(client: FlaskClient) -> None:
    text = client.get("/").text
    used = set(re.findall(r'/static/([^"]+)"', text))
    for module in STATIC.glob("*.js"):
        used |= set(re.findall(r'from "\./([^"]+)"', module.read_text(encoding="utf-8")))
    assert used == {path.name for path in STATIC.iterdir()}
    for name in used:
        reply = client.get(f"/static/{name}", buffered=True)
        assert reply.status_code == 200
        if name.endswith(".js"):
            assert reply.mimetype == "text/javascript"


def test_every_element_the_scripts_ask_for_is_on_the_page() -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', PAGE.read_text(encoding="utf-8")))
    wanted = set()
    for module in STATIC.glob("*.js"):
        wanted |= set(re.findall(r'byId\("([^"]+)"\)', module.read_text(encoding="utf-8")))
    assert wanted
    assert wanted <= ids


def test_what_is_typed_never_becomes_markup() -> None:
    for module in STATIC.glob("*.js"):
        script = module.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


# The command


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_port_the_choice_is_ours(setting: str | None) -> None:
    assert door.wanted_port(setting) is None


@pytest.mark.parametrize("setting", ["1", "5000", "65535"])
def test_a_port_can_be_asked_for(setting: str) -> None:
    assert door.wanted_port(setting) == int(setting)


@pytest.mark.parametrize("setting", ["0", "65536", "-1", "abc", "5000 ", "5_000", "\u0665", "1e3"])
def test_a_port_that_is_none_ends_with_one_line(
    setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", setting)
    assert door.main() == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "1 to 65535" in err


def test_a_taken_port_that_was_asked_for_ends_with_one_line(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(taken))
    assert door.main() == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert f"Port {taken} is taken" in err


def test_a_taken_first_port_moves_us_to_the_next_free_one(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "FIRST_PORT", taken)
    with door.open_socket(None) as listener:
        host, port = listener.getsockname()
    assert host == "127.0.0.1"
    assert taken < port < taken + door.PORTS_TO_TRY


def test_the_log_tells_of_a_turn_and_not_what_was_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("server.conversation.Conversations", FakeDevice)
    monkeypatch.setattr(door, "FIRST_PORT", 0)  # any free port
    speaker = door.serve(door.open_socket(None))
    serving = threading.Thread(target=speaker.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        asking = http.client.HTTPConnection(*speaker.server_address[:2], timeout=5)
        headers = {"Content-Type": "application/json"}
        asking.request("POST", "/api/turn", json.dumps({"text": SECRET}), headers)
        assert asking.getresponse().read()
        asking.request("GET", "/?q=secret")
        assert asking.getresponse().read()
        asking.request("GET", "/secret")
        assert asking.getresponse().read()
        asking.close()
    finally:
        speaker.shutdown()
        serving.join()
        speaker.server_close()
    logged = "".join(capsys.readouterr())
    assert re.search(r"^\d\d:\d\d:\d\d  turn    200  \d+ ms$", logged, re.MULTILINE)
    assert "secret" not in logged
