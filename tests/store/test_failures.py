"""The ways in which a real store fails: each ends in time, as a StoreError, and is logged by its type alone."""

from __future__ import annotations

import http.server
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ask_sdk_model import RequestEnvelope

from store import Bounded, StoreError
from store.bounded import PATIENCE
from store.dynamodb import DynamoDBStore
from store.sqlite import SQLiteStore

Said = Callable[..., RequestEnvelope]
Fails = Callable[..., set[str]]
LONGEST = PATIENCE + 0.6  # seconds: the bound, and what a busy computer may add; what hangs takes longer
PATIENT = 5.0  # seconds: no store that fails by itself is taken for a slow one


@pytest.fixture
def fails(said: Said, caplog: pytest.LogCaptureFixture) -> Fails:
    """Has a store fail at loading, saving and deleting, in time; gives what was logged of it, without repetition."""

    def of(store: SQLiteStore | DynamoDBStore, patience: float = PATIENT) -> set[str]:
        bounded = Bounded(store, patience=patience, for_deletion=2.0)
        for ask, longest in (
            (lambda: bounded.get_attributes(said()), LONGEST),
            (lambda: bounded.save_attributes(said(), {"pace": "slow"}), LONGEST),
            (lambda: bounded.delete_attributes(said()), 2.0 + LONGEST),
        ):
            began = time.perf_counter()
            with pytest.raises(StoreError):
                ask()
            assert time.perf_counter() - began < longest
        for thread in threading.enumerate():
            if thread.name == "store":
                thread.join(5)
        ours = {record.getMessage() for record in caplog.records if record.name == "cramp_coach.store"}
        store.close()
        return {line.removeprefix("the store of preferences: ") for line in ours}

    return of


@pytest.fixture
def port() -> Iterator[int]:
    """A port of the loopback at which somebody listens, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def refusal() -> Iterator[Callable[[str], str]]:
    """Opens a server that answers every request with an error of DynamoDB's, and gives its address."""
    opened: list[http.server.HTTPServer] = []

    def open_one(error: str) -> str:
        class Refuse(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                body = b'{"__type": "com.amazonaws.dynamodb.v20120810#%s", "message": "anna"}' % error.encode()
                self.send_response(400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = http.server.HTTPServer(("127.0.0.1", 0), Refuse)
        opened.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield open_one
    for server in opened:
        server.shutdown()
        server.server_close()


def test_a_file_that_another_process_has_locked(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "preferences.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert fails(SQLiteStore(path)) == {"OperationalError"}
    other.close()


def test_a_file_that_is_no_database(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "preferences.sqlite3"
    path.write_bytes(b"my notes\n" * 1000)
    assert fails(SQLiteStore(path)) == {"DatabaseError"}
    assert path.read_bytes() == b"my notes\n" * 1000


def test_a_file_that_holds_another_table(fails: Fails, tmp_path: Path) -> None:
    path = tmp_path / "preferences.sqlite3"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE preferences (user TEXT)")
    other.close()
    assert fails(SQLiteStore(path)) == {"OperationalError"}


def test_a_folder_that_cannot_be(fails: Fails, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert fails(SQLiteStore(tmp_path / "file" / "preferences.sqlite3")) <= {"NotADirectoryError", "FileExistsError"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="this user may write anywhere")
def test_a_folder_that_is_read_only(fails: Fails, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert fails(SQLiteStore(tmp_path / "preferences.sqlite3")) == {"PermissionError"}
    tmp_path.chmod(0o700)


def test_a_file_that_may_not_be_written(fails: Fails, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("store.sqlite.os.open", refuse)
    assert fails(SQLiteStore(tmp_path / "preferences.sqlite3")) == {"PermissionError"}


def test_a_broken_file_does_no_harm_once_it_is_mended(said: Said, tmp_path: Path) -> None:
    path = tmp_path / "preferences.sqlite3"
    path.write_bytes(b"x" * 5000)
    store = SQLiteStore(path)
    with pytest.raises(sqlite3.DatabaseError):
        store.get_attributes(said())
    path.unlink()
    store.save_attributes(said(), {"pace": "slow"})
    assert store.get_attributes(said()) == {"pace": "slow"}
    store.close()


def test_a_table_that_is_missing(fails: Fails, aws: pytest.MonkeyPatch, dynamodb_server: str) -> None:
    aws.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_server)
    assert fails(DynamoDBStore("nowhere")) == {"ResourceNotFoundException"}


@pytest.mark.parametrize(
    "error",
    ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "InternalServerError"],
)
def test_a_table_that_is_throttled_or_broken(
    fails: Fails, aws: pytest.MonkeyPatch, refusal: Callable[[str], str], error: str
) -> None:
    aws.setenv("AWS_ENDPOINT_URL_DYNAMODB", refusal(error))
    assert fails(DynamoDBStore("preferences")) == {error}


@pytest.mark.parametrize("error", ["AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException"])
def test_a_role_that_may_not(fails: Fails, aws: pytest.MonkeyPatch, refusal: Callable[[str], str], error: str) -> None:
    aws.setenv("AWS_ENDPOINT_URL_DYNAMODB", refusal(error))
    assert fails(DynamoDBStore("preferences")) == {error}


def test_credentials_that_are_missing(fails: Fails, aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    assert fails(DynamoDBStore("preferences")) == {"NoCredentialsError"}


def test_a_region_that_is_missing(fails: Fails, aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_DEFAULT_REGION")
    assert fails(DynamoDBStore("preferences")) == {"NoRegionError"}


def test_nobody_at_the_address(fails: Fails, aws: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    aws.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{port}")
    assert fails(DynamoDBStore("preferences")) == {"ConnectionRefusedError"}


def test_a_server_that_hangs(fails: Fails, aws: pytest.MonkeyPatch, port: int) -> None:
    """One attempt, given up in time; nobody waits for that but who asked to be forgotten."""
    aws.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{port}")
    assert fails(DynamoDBStore("preferences"), PATIENCE) == {"slow", "TimeoutError"}
