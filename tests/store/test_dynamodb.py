"""What DynamoDB says, and what it did not get to say, means what it should; and nothing secret shows."""

from __future__ import annotations

import email.utils
import http.client
import http.server
import json
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ask_sdk_model import RequestEnvelope

from store import dynamodb
from store.dynamodb import ClockError, DynamoDBError, DynamoDBStore
from store.row import Row, person
from store.wire import Wire

Said = Callable[..., RequestEnvelope]
Contents = Callable[[], dict[str, dict[str, Any]]]
SECRETS = ("AKIDINVENTED", "hush/hush+hush", "token-of-a-role", "0123456789abcdef")


class Answers:
    """A server that answers every request the same way, and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.body, self.date = 200, b"{}", time.time()
        self.heard: list[tuple[dict[str, str], bytes]] = []
        answers = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answers.heard.append((dict(self.headers.items()), body))
                self.send_response_only(answers.status)
                self.send_header("Date", email.utils.formatdate(answers.date, usegmt=True))
                self.send_header("Content-Length", str(len(answers.body)))
                self.end_headers()
                self.wfile.write(answers.body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def refuse(self, name: str, status: int = 400) -> None:
        """Answers with an error of DynamoDB's, and a message that must not be seen."""
        self.status = status
        self.body = json.dumps({"__type": f"com.amazon.coral.service#{name}", "message": " ".join(SECRETS)}).encode()


@pytest.fixture
def answers() -> Iterator[Answers]:
    made = Answers()
    yield made
    made.close()


@pytest.fixture
def store(answers: Answers) -> Iterator[DynamoDBStore]:
    made = DynamoDBStore("odd.Name-of_a.table", environ(answers.url))
    yield made
    made.close()


def environ(url: str) -> dict[str, str]:
    """An environment like Lambda's."""
    return {
        "AWS_ACCESS_KEY_ID": SECRETS[0],
        "AWS_SECRET_ACCESS_KEY": SECRETS[1],
        "AWS_SESSION_TOKEN": SECRETS[2],
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_DYNAMODB": url,
    }


def test_a_request_is_signed_and_names_its_operation(store: DynamoDBStore, answers: Answers) -> None:
    assert store.get("someone") is None
    ((headers, body),) = answers.heard
    assert headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem"
    assert headers["Content-Type"] == "application/x-amz-json-1.0"
    assert headers["X-Amz-Security-Token"] == SECRETS[2]
    assert f"/{headers['X-Amz-Date'][:8]}/us-east-1/dynamodb/aws4_request, " in headers["Authorization"]
    assert json.loads(body) == {
        "TableName": "odd.Name-of_a.table",
        "Key": {"person": {"S": "someone"}},
        "ConsistentRead": True,
    }


def test_keys_and_address_may_change_under_way(answers: Answers) -> None:
    """A process restored from a snapshot has another environment than the one that was stored."""
    around = environ(answers.url)
    store = DynamoDBStore("preferences", around)
    store.get("someone")
    around |= {
        "AWS_ACCESS_KEY_ID": "AKIDOTHER",
        "AWS_ENDPOINT_URL_DYNAMODB": answers.url.replace("127.0.0.1", "localhost"),
    }
    store.get("someone")
    store.close()
    hosts = [headers["Host"].partition(":")[0] for headers, _ in answers.heard]
    keys = ["AKIDOTHER" in headers["Authorization"] for headers, _ in answers.heard]
    assert (hosts, keys) == (["127.0.0.1", "localhost"], [False, True])


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ProvisionedThroughputExceededException", 400),
        ("ThrottlingException", 400),
        ("RequestLimitExceeded", 400),
        ("AccessDeniedException", 400),
        ("ExpiredTokenException", 400),
        ("UnrecognizedClientException", 400),
        ("InvalidSignatureException", 400),
        ("ResourceNotFoundException", 400),
        ("ValidationException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_an_error_has_its_name_and_nothing_else(store: DynamoDBStore, answers: Answers, name: str, status: int) -> None:
    answers.refuse(name, status)
    for ask in (lambda: store.get("someone"), lambda: store.swap("someone", Row(1, 2, {}), None)):
        with pytest.raises(DynamoDBError) as raised:
            ask()
        assert type(raised.value).__name__ == name
        assert not raised.value.args
        assert raised.value.__cause__ is raised.value.__context__ is None


@pytest.mark.parametrize("name", ["AnnaHasACramp", "", "DynamoDBError", "Exception", "x" * 5000])
def test_a_name_that_is_not_on_the_list_comes_into_no_log(store: DynamoDBStore, answers: Answers, name: str) -> None:
    answers.refuse(name)
    with pytest.raises(DynamoDBError) as raised:
        store.get("someone")
    assert type(raised.value) is DynamoDBError


def test_a_condition_that_fails_is_no_error(store: DynamoDBStore, answers: Answers) -> None:
    answers.refuse("ConditionalCheckFailedException")
    assert store.swap("someone", Row(1, 2, {}), None) is False


@pytest.mark.parametrize("name", ["InvalidSignatureException", "RequestExpired"])
@pytest.mark.parametrize("off", [-3600, 3600])
def test_a_wrong_clock_is_told_from_a_wrong_key(store: DynamoDBStore, answers: Answers, name: str, off: int) -> None:
    answers.refuse(name)
    with pytest.raises(DynamoDBError) as raised:
        store.get("someone")
    assert type(raised.value).__name__ == name
    answers.date += off
    with pytest.raises(ClockError):
        store.get("someone")


@pytest.mark.parametrize("date", ["", "today", "Mon, 99 Nov 2026 00:00:00 GMT", "Mon, 23 Nov 99999 00:00:00 GMT"])
def test_an_odd_date_is_no_wrong_clock(date: str) -> None:
    assert not dynamodb._is_off(date)


@pytest.mark.parametrize("status", [200, 301, 307, 400, 403, 500, 503])
@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"null", b'"x"', b"[" * 60_000, b"\xff\xfe", b'{"__type": 5}']
)
def test_an_answer_that_makes_no_sense_is_an_error(
    store: DynamoDBStore, answers: Answers, status: int, body: bytes
) -> None:
    answers.status, answers.body = status, body
    with pytest.raises(DynamoDBError):
        store.get("someone")


class Broken(http.server.BaseHTTPRequestHandler):
    """Passes requests on, and closes without a word after the one that it was told to swallow."""

    protocol_version = "HTTP/1.1"
    onwards = ""
    swallow = 0  # the answer to the how-manieth PutItem is lost

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        host, port = self.onwards.removeprefix("http://").split(":")
        there = http.client.HTTPConnection(host, int(port), timeout=5)
        there.request("POST", "/", body, dict(self.headers.items()))
        answer = there.getresponse()
        got = answer.read()
        there.close()
        if self.headers["X-Amz-Target"].endswith("PutItem"):
            type(self).swallow -= 1
            if type(self).swallow == 0:
                self.close_connection = True
                return
        self.send_response_only(answer.status)
        self.send_header("Content-Length", str(len(got)))
        self.end_headers()
        self.wfile.write(got)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def broken(dynamodb_server: str) -> Iterator[str]:
    """The address of what passes requests on to a server that speaks as DynamoDB does."""
    Broken.onwards = dynamodb_server
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("first", [None, {"count": "quiet"}], ids=["a new row", "a row that is there"])
@pytest.mark.parametrize("does", ["save", "forget"])
def test_a_write_that_is_repeated_does_no_harm(
    broken: str, table: str, amazon: Any, said: Said, clock: Any, does: str, first: dict[str, str] | None
) -> None:
    """The first one was carried out and its answer lost: the second one's condition fails, and what stands is read."""
    store = DynamoDBStore(table, environ(broken), clock=clock)
    Broken.swallow = 0
    if first is not None:
        store.save_attributes(said(at=-20), first)
    Broken.swallow = 1
    store.get(person(said()))  # so that there is a connection to be kept
    if does == "save":
        store.save_attributes(said(at=-10), {"pace": "slow"})
    else:
        store.delete_attributes(said(at=-10))
    assert Broken.swallow < 0  # its answer was lost, and others came
    (row,) = amazon.scan(TableName=table)["Items"]
    kept = {**(first or {}), "pace": "slow"} if does == "save" else {}
    assert {name: value["S"] for name, value in row.items() if name in {"pace", "count"}} == kept
    assert row["at"] == {"N": str(int((clock.now - 10) * 1000))}
    store.close()


def test_a_write_that_is_repeated_undoes_nobody_elses(
    broken: str, table: str, said: Said, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the lost answer and the repetition somebody else writes: what is later stands."""
    store, other = DynamoDBStore(table, environ(broken), clock=clock), DynamoDBStore(table, clock=clock)
    Broken.swallow = 0
    store.save_attributes(said(at=-20), {"pace": "slow"})
    connect = Wire._connect

    def late(self: Wire, until: float) -> Any:
        """Somebody else is quicker than the second attempt."""
        monkeypatch.setattr(Wire, "_connect", connect)
        other.save_attributes(said(at=-5), {"pace": "fast"})
        return connect(self, until)

    monkeypatch.setattr(Wire, "_connect", late)
    Broken.swallow = 1
    store.save_attributes(said(at=-10), {"pace": "slow", "count": "quiet"})
    assert other.get_attributes(said()) == {"pace": "fast", "count": "quiet"}
    store.close()
    other.close()


@pytest.mark.parametrize(
    "trouble", ["error", "nobody", "noise", "a key that HTTP cannot carry", "no keys", "no region"]
)
def test_nothing_secret_shows(
    answers: Answers, aws: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    """No key, token, signature or attribute in any log or exception, however it fails."""
    caplog.set_level(logging.DEBUG)
    around = environ(answers.url)
    answers.refuse("ValidationException")
    if trouble == "nobody":
        around["AWS_ENDPOINT_URL_DYNAMODB"] = "http://127.0.0.1:1"
    elif trouble == "noise":
        answers.status, answers.body = 200, " ".join(SECRETS).encode()
    elif trouble == "a key that HTTP cannot carry":
        around["AWS_SESSION_TOKEN"] = f"ü{SECRETS[2]}\n"
    elif trouble == "no keys":
        aws.delenv("AWS_ACCESS_KEY_ID")
        del around["AWS_ACCESS_KEY_ID"]
    elif trouble == "no region":
        around["AWS_REGION"] = SECRETS[3]
        around["AWS_ENDPOINT_URL_DYNAMODB"] = ""
    store = DynamoDBStore("preferences", around)
    with pytest.raises(Exception) as raised:
        store.swap(SECRETS[3], Row(1, 2, {"pace": SECRETS[3]}), None)
    store.close()
    shown = "".join([*traceback.format_exception(raised.value), repr(raised.value), caplog.text])
    assert not [secret for secret in (*SECRETS, "Signature") if secret in shown]
