"""The bench of the web doors: what it counts is what was answered, and an answer that is none stops it."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tools.amazon import SKILL_ID, Amazon
from tools.bench import doors
from tools.bench.load import LoadError, post, put_load_on
from tools.bench.web import BASES, Round, _row, launch, table

REQUEST = post("/alexa", {"X": "y"}, b"{}")


class Page(http.server.BaseHTTPRequestHandler):
    """Answers as its address says, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = b"x" * 100_000 if self.path == "/alexa" else b""
        self.send_response(200 if self.path == "/alexa" else 400)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01}).start()
        yield server.server_port
        server.shutdown()


def test_a_load_counts_whole_answers(port):
    """Each answer is read to its end, and the times are those of single answers."""
    before = Page.asked
    load = put_load_on(port, REQUEST, seconds=0.2, connections=2)
    assert load.answers == Page.asked - before > 2
    assert 0 < load.p50 <= load.p99 < 200
    assert 0.2 <= load.seconds < 2


def test_an_answer_that_is_none_stops_the_bench(port):
    """A door that refuses would be a fast one."""
    with pytest.raises(LoadError, match="status 400"):
        put_load_on(port, post("/other", {}, b""), seconds=0.1)


def test_a_launch_is_what_a_device_with_a_screen_sends():
    """3 kB, signed, as it goes over the wire."""
    head, _, body = launch(Amazon(datetime.now(UTC))).partition(b"\r\n\r\n")
    assert head.startswith(b"POST /alexa HTTP/1.1\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert 2_500 < len(body) < 3_500


def test_ratios_are_taken_within_a_round():
    """A round in which all were slow says as much as another."""
    base = [Round(100, 1, 2, 0.5), Round(10, 1, 2, 0.5), Round(100, 1, 2, 0.5)]
    mine = [Round(200, 1, 2, None), Round(20, 1, 2, None), Round(150, 1, 2, None)]
    row = _row(mine, {BASES[0]: base, "mine": mine})
    assert row.ratios == {BASES[0]: 2.0}
    assert row.cpu is None
    assert table({BASES[0]: _row(base, {BASES[0]: base}), "mine": row}).splitlines()[-1] == (
        "| mine | 150 | 2.00 | 1.0 | 2.0 | - |"
    )


def test_the_peers_and_we_are_asked_for_the_same():
    """One skill id, whoever answers."""
    assert doors.SKILL_ID == SKILL_ID
