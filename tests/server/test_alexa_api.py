"""The stand-in of the Alexa API over real HTTP, and the skill's calls to it: in time, in bounds, to nobody else."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.alexa_api import Alexa, Fault, own_zone, shared, upcoming
from server.consent import AGAIN, QUESTION, Consent
from server.conversation import Conversations, Device
from server.simulator import create_speaker_app
from skill import alexa as calls
from skill.alexa import Api, Courier, TroubleError, allow_local
from skill.caller import Caller
from skill.reminder import due, later, zone_of
from skill.reminding import Plan

PATIENCE = 0.3  # seconds of a call, where nobody answers in time
SLACK = 0.7  # and what a busy machine may need on top


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls give up soon. Where an answer is wanted they may take as long as they do for people."""
    monkeypatch.setattr(calls, "EACH", PATIENCE)


@pytest.fixture
def amazon() -> Iterator[Alexa]:
    alexa = Alexa(zone="Europe/Berlin")
    alexa.grant("u")
    yield alexa
    alexa.close()


@pytest.fixture
def caller(amazon: Alexa) -> Caller:
    return Caller(now=datetime.now(UTC), endpoint=amazon.endpoint, access=amazon.key("u", "d"), device="d")


def ask(amazon: Alexa, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
    """One call to the stand-in with another client than the skill's."""
    connection = http.client.HTTPConnection(urlsplit(amazon.endpoint).netloc, timeout=5)
    headers = {"Authorization": f"Bearer {token or amazon.key('u', 'd')}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def body(**trigger: Any) -> dict[str, Any]:
    return {
        "requestTime": "2026-11-23T10:00:00.000Z",
        "trigger": trigger or {"type": "SCHEDULED_RELATIVE", "offsetInSeconds": 60},
        "alertInfo": {"spokenInfo": {"content": [{"locale": "en-US", "text": "call"}]}},
        "pushNotification": {"status": "ENABLED"},
    }


REMINDERS = "/v1/alerts/reminders"

# ---- the stand-in


def test_it_sets_reads_and_deletes(amazon: Alexa) -> None:
    status, made = ask(amazon, "POST", REMINDERS, body())
    assert status == 200
    assert set(made) == {"alertToken", "createdTime", "updatedTime", "status", "version", "href"}
    assert made["status"] == "ON"
    status, found = ask(amazon, "GET", REMINDERS)
    assert (status, found["totalCount"]) == (200, "1")
    status, one = ask(amazon, "GET", made["href"])
    assert (status, one) == (200, found["alerts"][0])
    assert ask(amazon, "DELETE", made["href"]) == (200, None)
    assert ask(amazon, "DELETE", made["href"])[0] == 404
    assert ask(amazon, "GET", made["href"])[0] == 404


@pytest.mark.parametrize("token", ["zork", "", "Bearer"])
def test_it_wants_its_key(amazon: Alexa, token: str) -> None:
    for method in ("GET", "POST"):
        status, error = ask(amazon, method, REMINDERS, body() if method == "POST" else None, token or " ")
        assert status == 401
        assert set(error) == {"code", "message"}
    assert ask(amazon, "GET", "/v2/devices/d/settings/System.timeZone", token=token or " ")[0] == 401


def test_it_wants_the_persons_permission_for_reminders_but_not_for_the_zone(amazon: Alexa) -> None:
    key = amazon.key("somebody else", "d")
    assert ask(amazon, "GET", REMINDERS, token=key)[0] == 401
    assert ask(amazon, "POST", REMINDERS, body(), key)[0] == 401
    assert ask(amazon, "DELETE", f"{REMINDERS}/x", token=key)[0] == 401
    assert ask(amazon, "GET", "/v2/devices/d/settings/System.timeZone", token=key) == (200, "Europe/Berlin")
    assert ask(amazon, "GET", "/v2/devices/other/settings/System.timeZone", token=key)[0] == 403


def test_one_person_never_sees_anothers(amazon: Alexa) -> None:
    ask(amazon, "POST", REMINDERS, body())
    amazon.grant("v")
    assert ask(amazon, "GET", REMINDERS, token=amazon.key("v", "d"))[1]["alerts"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        "zork",
        body(type="ZORK"),
        body(type="SCHEDULED_RELATIVE", offsetInSeconds=0),
        body(type="SCHEDULED_RELATIVE"),
        body(type="SCHEDULED_ABSOLUTE", scheduledTime="2020-01-01T09:00:00.000", timeZoneId="Europe/Berlin"),
        body(type="SCHEDULED_ABSOLUTE", scheduledTime="2090-01-01T09:00:00.000", timeZoneId="Mars/Phobos"),
        body(type="SCHEDULED_ABSOLUTE", scheduledTime="tomorrow", timeZoneId="Europe/Berlin"),
        body() | {"alertInfo": {"spokenInfo": {"content": []}}},
        body() | {"alertInfo": {"spokenInfo": {"content": [{"locale": "en-US", "text": " "}]}}},
        body() | {"requestTime": "now"},
    ],
)
def test_it_refuses_what_is_no_reminder(amazon: Alexa, wrong: Any) -> None:
    status, error = ask(amazon, "POST", REMINDERS, wrong)
    assert (status, error["code"]) == (400, "INVALID_ALERT_INFO")


def test_its_limits(amazon: Alexa) -> None:
    amazon.most = 1
    assert ask(amazon, "POST", REMINDERS, body())[0] == 200
    assert ask(amazon, "POST", REMINDERS, body())[0] == 403
    amazon.supports_reminders = False
    assert ask(amazon, "POST", REMINDERS, body())[1]["code"] == "DEVICE_NOT_SUPPORTED"


def test_an_unset_zone_is_204(amazon: Alexa) -> None:
    amazon.zone = ""
    assert ask(amazon, "GET", "/v2/devices/d/settings/System.timeZone") == (204, None)


def test_this_computer_has_a_zone() -> None:
    assert zone_of(own_zone()) is not None


def test_closing_lets_go_of_the_port(amazon: Alexa) -> None:
    assert ask(amazon, "GET", REMINDERS)[0] == 200
    server = amazon._server
    assert server is not None
    amazon.close()
    amazon.close()
    assert server.socket.fileno() == -1


# ---- the skill's calls


def test_the_calls_of_a_turn_leave_time_to_answer() -> None:
    """Alexa waits eight seconds, and the function is stopped after seven (template.yaml)."""
    assert Courier()._until - time.monotonic() <= 5.0


def test_a_zone_and_a_reminder_there_and_back(amazon: Alexa, caller: Caller) -> None:
    api = Api(caller)
    assert api.time_zone() == "Europe/Berlin"
    at = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT09:00")
    api.remind(Plan(at, "Europe/Berlin"), "your check-up call")
    api.remind(later(caller.now, timedelta(hours=1)), "your check-up call")
    first, second = api.reminders()
    assert second.plan == Plan(at, "Europe/Berlin")
    moment = due(first.plan)
    assert moment is not None
    assert abs(moment - caller.now - timedelta(hours=1)) < timedelta(seconds=5)
    api.cancel(first)
    assert [alert.token for alert in api.reminders()] == [second.token]


def test_a_zone_that_is_unset_is_empty(amazon: Alexa, caller: Caller) -> None:
    amazon.zone = ""
    assert Api(caller).time_zone() == ""


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://api.amazonalexa.com",
        "https://api.amazonalexa.com.evil.example",
        "https://evil.example/api.amazonalexa.com",
        "https://evil.example#api.amazonalexa.com",
        "https://user@api.amazonalexa.com",
        "https://api.amazonalexa.com:8443",
        "https://api.amazonalexa.com/v1",
        "https://api.amazonalexa.com?x=y",
        "https://amazonalexa.com",
        "https://[::1",
        "http://127.0.0.1:1",
        "http://localhost",
        "file:///etc/passwd",
        "https://169.254.169.254",
    ],
)
def test_a_request_can_send_us_nowhere_else(endpoint: str) -> None:
    with pytest.raises(TroubleError, match="absent"):
        Api(Caller(endpoint=endpoint, access="key"))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://api.amazonalexa.com",
        "https://api.amazonalexa.com/",
        "https://api.eu.amazonalexa.com",
        "https://api.fe.amazonalexa.com",
        "https://api.fe.amazon.com",
    ],
)
def test_the_documented_hosts_are_taken(endpoint: str) -> None:
    Api(Caller(endpoint=endpoint, access="key"))


@pytest.mark.parametrize("endpoint", ["https://127.0.0.1", "http://evil.example", "http://10.0.0.1:80", "zork"])
def test_only_the_loopback_can_stand_in(endpoint: str) -> None:
    with pytest.raises(ValueError):
        allow_local(endpoint)


def test_without_a_key_there_is_no_way(caller: Caller) -> None:
    with pytest.raises(TroubleError, match="absent"):
        Api(caller._replace(access=""))


def timed(call: Callable[[], object]) -> tuple[str, float]:
    """The kind of trouble that a call ends in, and after how many seconds."""
    began = time.monotonic()
    with pytest.raises(TroubleError) as trouble:
        call()
    return trouble.value.kind, time.monotonic() - began


@pytest.mark.parametrize("kind", ["slow headers", "slow body", "cut", "broken", "huge", "redirect"])
@pytest.mark.parametrize("what", ["zone", "set", "list", "cancel"])
def test_no_fault_takes_longer_than_a_call_may(
    request: pytest.FixtureRequest, amazon: Alexa, caller: Caller, kind: str, what: str
) -> None:
    if kind.startswith("slow"):
        request.getfixturevalue("hasty")
    amazon.fault = Fault(kind, 200)
    api = Api(caller)
    alert = calls.Alert("x", Plan())
    call = {
        "zone": api.time_zone,
        "set": lambda: api.remind(later(caller.now, timedelta(hours=1)), "x"),
        "list": api.reminders,
        "cancel": lambda: api.cancel(alert),
    }[what]
    if what == "cancel" and kind == "broken":  # a deletion is answered by its status alone
        call()
        return
    trouble, took = timed(call)
    assert trouble == "down"
    assert took < PATIENCE + SLACK


def test_a_redirect_is_not_followed(amazon: Alexa, caller: Caller) -> None:
    amazon.fault = Fault("redirect")
    timed(Api(caller).reminders)
    assert amazon.calls == [f"GET {REMINDERS}"]


@pytest.mark.parametrize(
    "answer", ["null", "[]", "5", '"x"', "{}", '{"alerts": 5}', '{"alerts": null}', "[" * 60_000, "\xff", "{} {}"]
)
def test_an_odd_list_is_no_list(monkeypatch: pytest.MonkeyPatch, caller: Caller, answer: str) -> None:
    with _answering(f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n{answer}") as endpoint:
        assert timed(Api(caller._replace(endpoint=endpoint)).reminders)[0] == "down"


def test_odd_reminders_in_a_list_are_left_out_one_by_one(caller: Caller) -> None:
    coming = {"type": "SCHEDULED_ABSOLUTE", "scheduledTime": "2090-01-01T09:00:00.000", "timeZoneId": "Europe/Berlin"}
    alerts = [
        5,
        {},
        {"alertToken": "completed", "status": "COMPLETED", "trigger": coming},
        {"alertToken": "new word", "status": "ZORK", "trigger": coming},
        {"alertToken": 7, "status": "ON", "trigger": coming},
        {"alertToken": "over", "status": "ON", "trigger": coming | {"scheduledTime": "2020-01-01T09:00:00.000"}},
        {"alertToken": "no time", "status": "ON", "trigger": {"offsetInSeconds": "x"}, "createdTime": 5},
        {"alertToken": "odd zone", "status": "ON", "trigger": coming | {"timeZoneId": ["x"]}},
        {"alertToken": "utc", "status": "ON", "trigger": coming | {"scheduledTime": "2089-01-01T09:00:00Z"}},
        {"alertToken": "good", "status": "ON", "trigger": coming},
    ]
    answer = json.dumps({"totalCount": "10", "alerts": alerts})
    with _answering(f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n{answer}") as endpoint:
        found = Api(caller._replace(endpoint=endpoint)).reminders()
    assert [alert.token for alert in found][:2] == ["utc", "good"]
    assert {alert.token for alert in found[2:]} == {"no time", "odd zone"}
    assert all(alert.plan == Plan() for alert in found[2:])


@pytest.mark.parametrize("answer", ['{"alertToken": "x", "status": "OFF"}', '{"status": "ON"}', "{}", "null", ""])
def test_it_is_set_only_where_the_answer_says_so(caller: Caller, answer: str) -> None:
    with _answering(f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n{answer}") as endpoint:
        api = Api(caller._replace(endpoint=endpoint))
        assert timed(lambda: api.remind(later(caller.now, timedelta(hours=1)), "x"))[0] == "down"


@pytest.mark.parametrize("headers", ["zork", "HTTP/1.1 999 X\r\n\r\n", "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 200])
def test_an_answer_that_is_no_http(caller: Caller, headers: str) -> None:
    with _answering(headers) as endpoint:
        assert timed(Api(caller._replace(endpoint=endpoint)).reminders)[0] == "down"


@pytest.mark.usefixtures("hasty")
def test_an_answer_in_drops_is_too_slow_even_in_its_headers(caller: Caller) -> None:
    with _answering("HTTP/1.1 200 OK\r\nX-Long: " + "x" * 1000, pause=0.02) as endpoint:
        kind, took = timed(Api(caller._replace(endpoint=endpoint)).reminders)
    assert (kind, took < PATIENCE + SLACK) == ("down", True)


def test_nobody_listens(caller: Caller) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    allow_local(endpoint)
    assert timed(Api(caller._replace(endpoint=endpoint)).reminders)[0] == "down"


@pytest.mark.usefixtures("hasty")
def test_a_tls_handshake_that_never_ends(monkeypatch: pytest.MonkeyPatch, caller: Caller) -> None:
    """The real host's name, led to a server that takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = silent.getsockname()
        connect = socket.create_connection
        monkeypatch.setattr(socket, "create_connection", lambda address, *more: connect(where, *more))
        kind, took = timed(Api(caller._replace(endpoint="https://api.amazonalexa.com")).reminders)
    assert (kind, took < PATIENCE + SLACK) == ("down", True)


@pytest.mark.usefixtures("hasty")
def test_a_name_that_is_never_found(monkeypatch: pytest.MonkeyPatch, caller: Caller) -> None:
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *any_: done.wait(5) and [])
    kind, took = timed(Api(caller._replace(endpoint="https://api.amazonalexa.com")).reminders)
    done.set()
    assert (kind, took < PATIENCE + SLACK) == ("down", True)


@pytest.mark.usefixtures("hasty")
def test_all_calls_of_a_turn_together_have_an_end(
    monkeypatch: pytest.MonkeyPatch, amazon: Alexa, caller: Caller
) -> None:
    monkeypatch.setattr(calls, "ALL", 2 * PATIENCE)
    amazon.fault = Fault("slow headers")
    api = Api(caller)
    assert sum(timed(api.reminders)[1] for _ in range(10)) < 2 * PATIENCE + 2 * SLACK


class _answering:  # noqa: N801 - reads as a verb
    """A server that answers every connection with the same bytes, a piece at a time."""

    def __init__(self, answer: str, pause: float = 0.0) -> None:
        self._answer, self._pause = answer.encode("latin-1"), pause

    def __enter__(self) -> str:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        endpoint = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        allow_local(endpoint)
        return endpoint

    def _serve(self) -> None:
        connection, _ = self._server.accept()
        with connection:
            try:
                connection.recv(65536)
                size = 1 if self._pause else len(self._answer) or 1
                for at in range(0, len(self._answer), size):
                    connection.sendall(self._answer[at : at + size])
                    time.sleep(self._pause)
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def __exit__(self, *problem: object) -> None:
        self._server.close()
        self._thread.join(2)


# ---- Alexa's own part, and the page


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("yes", "ACCEPTED"),
        ("I approve", "ACCEPTED"),
        ("yeah sure", "ACCEPTED"),
        ("no", "DENIED"),
        ("no thanks", "DENIED"),
        ("I don't approve", "DENIED"),
        ("I don’t approve", "DENIED"),
        ("stop", "DENIED"),
        ("purple", ""),
        ("", ""),
    ],
)
def test_alexa_takes_a_yes_or_a_no(said: str, outcome: str) -> None:
    consent = Consent("token", "scope")
    assert consent.question == QUESTION
    assert consent.hear(said) == outcome
    if not outcome:
        assert consent.question == AGAIN
        assert consent.hear("purple") == "NOT_ANSWERED"


@pytest.mark.parametrize("response", [{}, {"directives": []}, {"directives": [{"type": "Zork", "name": "AskFor"}]}])
def test_alexa_asks_only_when_told_to(response: dict[str, Any]) -> None:
    assert Consent.asked_by(response) is None


def test_a_newcomer_walks_the_whole_reminder_by_typing() -> None:
    """Over the door of the speaker: from the first words to the reminder on the page, and away again."""
    client = create_speaker_app(Conversations()).test_client()
    session = None
    user = f"newcomer-{time.monotonic_ns()}"
    replies = []
    for text in ("remind me to call my doctor", "yes", "I approve", "what reminders do I have", "cancel my reminder"):
        answer = client.post("/api/turn", json={"session": session, "user": user, "text": text}).get_json()
        session = answer["session"]
        replies.append(answer)
        if text == "I approve":
            (row,) = client.get("/api/reminders", query_string={"user": user}).get_json()["reminders"]
            assert row["says"] == "your check-up call"
            assert "T09:00:00" in row["when"]
    asked, alexa, done, listed, cancelled = (reply["speech"] for reply in replies)
    assert "nine in the morning?" in asked
    assert alexa == QUESTION
    assert replies[1]["reprompt"] is None
    assert done.startswith("Done.")
    assert "one reminder" in listed
    assert "canceled" in cancelled
    assert len({tuple(reply) for reply in replies}) == 1, "the keys of a turn stay as they are"
    assert client.get("/api/reminders", query_string={"user": user}).get_json() == {"reminders": []}
    assert client.get("/api/reminders").get_json() == {"reminders": []}
    assert client.get("/api/reminders", query_string={"user": "x" * 300}).status_code == 400


def test_a_copied_device_talks_to_the_same_alexa() -> None:
    assert Device()._alexa is shared()


def test_what_has_rung_is_not_shown(amazon: Alexa) -> None:
    wanted = body(type="SCHEDULED_ABSOLUTE", scheduledTime="2020-01-01T09:00:00.000", timeZoneId="Europe/Berlin")
    amazon.add("u", wanted)
    amazon.add("u", body())
    assert len(upcoming(amazon, "u")) == 1
