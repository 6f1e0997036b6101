"""The door for touches: as well guarded as the one for words."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from server.conversation import ConversationError
from server.simulator import create_speaker_app
from server.touch import touches


class FakeScreen:
    """Remembers what was touched, and fails as told."""

    def __init__(self) -> None:
        self.touched: list[tuple[str, list[str]]] = []
        self.failure: Exception | None = None

    def turn(
        self, session: str | None, user: str | None, locale: str, text: str | None, *, screen: bool = False
    ) -> dict[str, object]:
        raise AssertionError("nothing is said here")

    def touch(self, session: str, arguments: list[str]) -> dict[str, object]:
        self.touched.append((session, arguments))
        if self.failure:
            raise self.failure
        return {"session": session, "ended": False}


@pytest.fixture
def screen() -> FakeScreen:
    return FakeScreen()


@pytest.fixture
def client(screen: FakeScreen) -> FlaskClient:
    app = create_speaker_app(screen)
    app.register_blueprint(touches(screen))
    return app.test_client()


def test_a_touch_reaches_the_device(client: FlaskClient, screen: FakeScreen) -> None:
    reply = client.post("/api/touch", json={"session": "s0", "arguments": ["next"]})
    assert reply.status_code == 200
    assert screen.touched == [("s0", ["next"])]
    assert list(json.loads(reply.data)) == ["session", "ended"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{", "JSON"),
        (b"{}", "session"),
        (b'{"session": 1}', "session"),
        (b'{"session": "s"}', "arguments"),
        (b'{"session": "s", "arguments": "next"}', "arguments"),
        (b'{"session": "s", "arguments": [1]}', "arguments"),
    ],
)
def test_a_bad_touch_gets_one_line_that_names_it(
    client: FlaskClient, screen: FakeScreen, body: bytes, named: str
) -> None:
    reply = client.post("/api/touch", data=body, content_type="application/json")
    assert reply.status_code == 400
    assert named in reply.get_json()["error"]
    assert "\n" not in reply.get_json()["error"]
    assert screen.touched == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_a_touch_is_taken_from_our_own_page_only(
    client: FlaskClient, screen: FakeScreen, headers: dict[str, str], status: int
) -> None:
    body = b'{"session": "s", "arguments": ["next"]}'
    reply = client.post("/api/touch", data=body, headers={"Content-Type": "application/json", **headers})
    assert reply.status_code == status
    assert screen.touched == []


def test_a_touch_after_the_end_is_told_so(client: FlaskClient, screen: FakeScreen) -> None:
    screen.failure = ConversationError("This session has ended: start a new one.")
    reply = client.post("/api/touch", json={"session": "old", "arguments": ["next"]})
    assert reply.status_code == 400
    assert reply.get_json() == {"error": "This session has ended: start a new one."}
