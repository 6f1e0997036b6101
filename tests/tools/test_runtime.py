"""The emulated Lambda: what comes of an event, whatever a runtime does. A client of our own stands in for Amazon's."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.runtime import Environment, InitError, python_command

# Speaks the Runtime API as a client does, and does to an event what the event says.
CLIENT = """
import http.client, json, os, sys, time

def ask(connection, method, path, body=None, **headers):
    connection.request(method, "/2018-06-01/runtime" + path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
start = sys.argv[1]
print("starting", flush=True)
if start == "broken":
    ask(api, "POST", "/init/error", json.dumps({"errorType": "ImportError", "errorMessage": "no such module"}))
    sys.exit(1)
if start == "exits":
    sys.exit(9)
while True:
    answer, body = ask(api, "GET", "/invocation/next")
    of = "/invocation/" + answer.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(body)
    print("the event", *event, flush=True)
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "exit" in event:
        os._exit(event["exit"])
    if "fail" in event:
        ask(api, "POST", of + "/error", json.dumps({"errorType": event["fail"], "errorMessage": "it failed"}))
    elif "stranger" in event:
        refused, said = ask(api, "POST", "/invocation/another/response", "{}")
        ask(api, "POST", of + "/response", json.dumps([refused.status, ask(api, "GET", "/nonsense")[0].status]))
    elif "chunks" in event:
        ask(api, "POST", of + "/response", (part for part in (b'{"in":', b' "parts"}')))
    elif "long" in event:
        api.putrequest("POST", "/2018-06-01/runtime" + of + "/response")
        api.putheader("Content-Length", "100002")
        api.putheader("Expect", "100-continue")
        api.endheaders()
        first = api.sock.recv(1000)
        api.sock.sendall(b'"' + b"x" * 100000 + b'"')
        answer = api.getresponse()
        answer.read()
        print("told:", first.decode().strip(), flush=True)
    else:
        seen = {name.lower(): value for name, value in answer.headers.items()}
        ask(api, "POST", of + "/response", json.dumps({"event": event, "headers": seen, "environ": dict(os.environ)}))
    if "die_after" in event:
        os._exit(7)
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Callable[..., Environment]]:
    """Makes environments with the stand-in client, and stops them in the end."""
    client = tmp_path / "client.py"
    client.write_text(CLIENT)
    made: list[Environment] = []

    def make(start: str = "well", **settings: Any) -> Environment:
        made.append(Environment(tmp_path, [sys.executable, str(client), start], **settings))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_first_event_starts_a_cold_environment_and_the_next_finds_it_warm(
    environment: Callable[..., Environment],
) -> None:
    """The time to come up is told with the first event only, and both get their own answer."""
    function = environment()
    cold, warm = function.invoke({"number": 1}), function.invoke({"number": 2})
    assert cold.init_seconds is not None
    assert cold.init_seconds > 0
    assert warm.init_seconds is None
    assert [result.payload["event"] for result in (cold, warm)] == [{"number": 1}, {"number": 2}]
    assert (cold.error, warm.error) == (None, None)
    assert json.loads(warm.body) == warm.payload


def test_event_carries_what_the_service_tells_about_it(environment: Callable[..., Environment]) -> None:
    """Its id, when it must be done, whose function it is for, a trace, and the client's context if there is one."""
    function = environment(timeout=5)
    now = time.time() * 1000
    result = function.invoke({}, client_context={"custom": {"of": "a test"}})
    headers = result.payload["headers"]
    assert headers["lambda-runtime-aws-request-id"] == result.request_id
    assert 4_000 < int(headers["lambda-runtime-deadline-ms"]) - now < 10_000
    assert headers["lambda-runtime-invoked-function-arn"].startswith("arn:aws:lambda:")
    assert headers["lambda-runtime-trace-id"].startswith("Root=1-")
    assert json.loads(headers["lambda-runtime-client-context"]) == {"custom": {"of": "a test"}}
    assert "lambda-runtime-client-context" not in function.invoke({}).payload["headers"]


def test_nothing_of_this_machine_gets_into_the_function(
    environment: Callable[..., Environment], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its variables are Lambda's, and those it is configured with; ours stay outside, a secret or a proxy too."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    environ = environment(variables={"SKILL_ID": "a skill"}, memory=256).invoke({}).payload["environ"]
    assert environ["SKILL_ID"] == "a skill"
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environ["LAMBDA_TASK_ROOT"] == str(tmp_path.resolve())
    assert not {"AWS_PROFILE", "HTTPS_PROXY", "HOME"} & set(environ)


def test_error_of_the_function_is_the_result(environment: Callable[..., Environment]) -> None:
    """The environment goes on as it is."""
    function = environment()
    failed = function.invoke({"fail": "ValueError"})
    assert (failed.payload, failed.body) == (None, b"")
    assert failed.error == {"errorType": "ValueError", "errorMessage": "it failed"}
    assert function.invoke({}).init_seconds is None


def test_hanging_function_is_killed_at_its_timeout_and_the_next_event_starts_cold(
    environment: Callable[..., Environment],
) -> None:
    """It costs the timeout and no more, and the line that was printed before is kept."""
    function = environment(timeout=1.0)
    function.invoke({})
    hung = function.invoke({"sleep": 60})
    assert hung.error is not None
    assert hung.error["errorType"] == "Sandbox.Timedout"
    assert hung.error["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert 1.0 <= hung.seconds < 5
    assert hung.log == ("the event sleep",)
    assert not function.running
    assert function.invoke({}).init_seconds is not None


@pytest.mark.parametrize("event", [{"exit": 3}, {"die_after": 7}])
def test_runtime_that_dies_is_an_error_and_the_next_event_starts_cold(
    environment: Callable[..., Environment], event: dict[str, int]
) -> None:
    """Also where it died between two events: then the next one finds out, and the one after that starts anew."""
    function = environment()
    died = function.invoke(event)
    if "die_after" in event:
        assert died.error is None
        died = function.invoke({})
    assert died.error is not None
    assert died.error["errorType"] == "Runtime.ExitError"
    assert died.error["errorMessage"].endswith(f"exit status {next(iter(event.values()))}")
    assert function.invoke({}).error is None


def test_failed_start_is_told_in_the_words_of_the_client(environment: Callable[..., Environment]) -> None:
    """By `start` as an exception, by `invoke` as the error of the event; what was printed comes with it."""
    function = environment("broken")
    error = {"errorType": "ImportError", "errorMessage": "no such module"}
    with pytest.raises(InitError) as raised:
        function.start()
    assert (raised.value.error, raised.value.log) == (error, ("starting",))
    result = function.invoke({})
    assert (result.error, result.init_seconds, result.log) == (error, None, ("starting",))


def test_client_that_ends_before_it_asks_is_a_failed_start(environment: Callable[..., Environment]) -> None:
    """Whatever it ended of; the service has its exit status and no more."""
    result = environment("exits").invoke({})
    assert result.error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "Runtime exited with error: exit status 9",
    }


def test_log_lines_belong_to_the_event_that_printed_them(environment: Callable[..., Environment]) -> None:
    """With the first event comes what was printed while the environment came up."""
    function = environment()
    logs = [function.invoke({name: 1}).log for name in ("one", "two", "three")]
    assert logs == [("starting", "the event one"), ("the event two",), ("the event three",)]


def test_answers_arrive_however_a_client_sends_them(environment: Callable[..., Environment]) -> None:
    """In chunks, and a long one that asks first whether it may come: at once, and not after a second of waiting."""
    function = environment()
    assert function.invoke({"chunks": 1}).payload == {"in": "parts"}
    long = function.invoke({"long": 1})
    assert len(long.payload) == 100_000
    assert "told: HTTP/1.1 100 Continue" in (*long.log, *function.invoke({}).log)


def test_client_is_refused_what_the_service_would_refuse(environment: Callable[..., Environment]) -> None:
    """An answer to another event, and a path that is none."""
    assert environment().invoke({"stranger": 1}).payload == [400, 404]


def test_environments_at_the_same_time_keep_apart(environment: Callable[..., Environment]) -> None:
    """Each answers its own event, in a process of its own, while the others work."""
    results: list[Any] = []

    def turn(number: int) -> None:
        results.append(environment(variables={"NUMBER": str(number)}).invoke({"sleep": 0.2, "number": number}))

    threads = [threading.Thread(target=turn, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = {(each.payload["event"]["number"], each.payload["environ"]["NUMBER"]) for each in results}
    assert answers == {(0, "0"), (1, "1"), (2, "2")}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells")
def test_usage_is_of_the_process_that_runs(environment: Callable[..., Environment]) -> None:
    """Some time of a processor and some megabytes; none where nothing runs."""
    function = environment()
    assert function.usage() is None
    function.invoke({})
    usage = function.usage()
    assert usage is not None
    assert 0 < usage.cpu_seconds < 60
    assert 1_000_000 < usage.peak_bytes < 1_000_000_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the state of a process in /proc")
def test_frozen_environment_stands_still_between_events(environment: Callable[..., Environment]) -> None:
    """As on Lambda: it is stopped as soon as it asks for the next event, and goes on with that."""
    function = environment(freeze=True)
    assert function.invoke({}).error is None
    pid = next(int(child) for child in _children() if "client.py" in Path(f"/proc/{child}/cmdline").read_text())
    states = set()
    for _ in range(250):
        states.add(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0])
        if states == {"T"}:
            break
        time.sleep(0.02)
        states.clear()
    assert states == {"T"}
    assert function.invoke({}).error is None


def test_python_starts_amazons_client_with_the_handler() -> None:
    """As the image of Amazon's runtime does."""
    assert python_command("/usr/bin/python3.13") == [
        "/usr/bin/python3.13",
        "-m",
        "awslambdaric",
        "lambda_function.lambda_handler",
    ]


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
