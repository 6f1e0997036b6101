"""The life of execution environments: cold and warm, hung and killed, several at a time with one table."""

from __future__ import annotations

import shutil
import socket
import statistics
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from server.conversation import Device
from skill.preferences import Preferences
from store.bounded import REST
from tools.runtime import Environment, Result

PATIENCE = 3 * REST  # seconds; a store that was slow, on a loaded machine, is left alone for one REST

# The handler, but for an event that makes it hang.
HANGS = """
import time
from lambda_function import lambda_handler

def handler(event, context):
    if "hang" in event:
        time.sleep(60)
    return lambda_handler(event, context)
"""


def speaker(function: Environment, **settings: Any) -> tuple[Device, list[Result]]:
    """A device that talks to an environment, and what comes of each turn."""
    results: list[Result] = []

    def skill(envelope: dict[str, Any]) -> dict[str, Any]:
        results.append(function.invoke(envelope))
        assert results[-1].error is None
        payload: dict[str, Any] = results[-1].payload
        return payload

    return Device(skill=skill, **settings), results


def pace(function: Environment, user: str) -> str:
    """The pace that somebody who comes back is known to like, seen when they tell another wish."""
    device, results = speaker(function, user=user)
    device.open()
    device.say("keep it short")
    return str(results[-1].payload["sessionAttributes"]["preferences"]["pace"])


def eventually(true: Callable[[], object]) -> bool:
    """Whether something comes true: a store is not waited for, so what it was told is there a little later."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.1)
    return False


def test_warm_turn_is_far_faster_than_a_cold_one(start: Callable[..., Environment]) -> None:
    """At least ten times, whatever the machine: what is loaded is kept."""
    function = start()
    device, results = speaker(function)
    device.open()
    for _ in range(15):
        device.say("what can you do")
    cold = (results[0].init_seconds or 0.0) + results[0].seconds
    assert [result.init_seconds for result in results[1:]] == [None] * 15
    assert cold > 10 * statistics.median(result.seconds for result in results[1:])


def test_session_goes_on_in_another_environment(start: Callable[..., Environment]) -> None:
    """Whichever environment gets a turn: all that is known travels with the request."""
    functions = [start(), start()]
    turns = iter([0, 1, 0, 1])
    device = Device(skill=lambda envelope: functions[next(turns)].invoke(envelope).payload)
    device.open()
    assert device.say("cramp in my calf")["question"] == "calf_safety"
    assert device.say("no")["question"] == "how_long"


def test_hung_handler_is_killed_and_the_next_turn_gets_a_fresh_environment(
    start: Callable[..., Environment], built: Path, tmp_path: Path
) -> None:
    """Nobody is left waiting for longer than the timeout, and one turn is all that is lost."""
    shutil.copytree(built, tmp_path / "bundle")
    (tmp_path / "bundle" / "hangs.py").write_text(HANGS)
    function = start(folder=tmp_path / "bundle", handler="hangs.handler", timeout=5)
    device, results = speaker(function)
    device.open()
    began = time.monotonic()
    hung = function.invoke({"hang": True})
    assert hung.error is not None
    assert hung.error["errorType"] == "Sandbox.Timedout"
    assert time.monotonic() - began < PATIENCE
    assert device.say("cramp in my calf")["question"] == "calf_safety"
    assert results[-1].init_seconds is not None


def test_bundle_that_cannot_be_loaded_is_an_error_of_its_start(
    start: Callable[..., Environment], built: Path, tmp_path: Path
) -> None:
    """Lambda tells what is missing; nothing is answered."""
    shutil.copytree(built, tmp_path / "bundle")
    (tmp_path / "bundle" / "lambda_function.py").unlink()
    shutil.rmtree(tmp_path / "bundle" / "__pycache__")
    result = start(folder=tmp_path / "bundle").invoke({})
    assert result.payload is None
    assert result.error is not None
    assert result.error["errorType"] == "Runtime.ImportModuleError"


def test_store_that_never_answers_costs_no_turn(start: Callable[..., Environment]) -> None:
    """Every turn is answered within the function's own timeout, also to forget, also in an environment that freezes."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        variables = {"PREFERENCES_TABLE": "preferences", "AWS_ENDPOINT_URL_DYNAMODB": address}
        device, results = speaker(start(variables, timeout=7, freeze=True))
        device.open()
        assert device.say("cramp in my calf")["question"] == "calf_safety"
        assert device.say("slower")["question"] == "calf_safety"
        assert device.say("no")["question"] == "how_long"
        device.say("forget me")
        assert "preferences were not" not in "".join(results[0].log)
    assert max(result.seconds for result in results) < 7


def test_what_one_environment_saves_another_reads(start: Callable[..., Environment], table: dict[str, str]) -> None:
    """And what one forgets, the other has forgotten."""
    one, other = start(table), start(table)
    user = f"amzn1.ask.account.{uuid.uuid4().hex.upper()}"
    assert pace(other, user) == Preferences().pace
    device, _ = speaker(one, user=user)
    device.open()
    device.say("slower")
    assert eventually(lambda: pace(other, user) != Preferences().pace)
    leaving, _ = speaker(other, user=user)
    leaving.open()
    leaving.say("forget me")
    assert eventually(lambda: pace(one, user) == Preferences().pace)


def test_who_disables_the_skill_is_forgotten(start: Callable[..., Environment], table: dict[str, str]) -> None:
    """The event is answered without a word, and nothing that was preferred is left in the table."""
    function = start(table)
    user = f"amzn1.ask.account.{uuid.uuid4().hex.upper()}"
    device, _ = speaker(function, user=user)
    device.open()
    device.say("slower")
    assert eventually(lambda: "pace" in str(_rows(table)))
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    system = {"application": {"applicationId": "a"}, "user": {"userId": user}}
    event = {
        "type": "AlexaSkillEvent.SkillDisabled",
        "requestId": "r",
        "timestamp": moment,
        "eventCreationTime": moment,
    }
    told = function.invoke({"version": "1.0", "context": {"System": system}, "request": event})
    assert told.error is None
    assert "outputSpeech" not in told.payload.get("response", {})
    assert eventually(lambda: "pace" not in str(_rows(table)))


def test_environments_work_at_the_same_time_with_one_table(
    start: Callable[..., Environment], table: dict[str, str]
) -> None:
    """Each person gets their own answers, and each wish is kept, however the turns fall together."""
    users = [f"amzn1.ask.account.{uuid.uuid4().hex.upper()}" for _ in range(3)]
    failed: list[BaseException] = []

    def talk(user: str) -> None:
        try:
            device, _ = speaker(start(table), user=user)
            device.open()
            device.say("slower")
            assert device.say("cramp in my calf")["question"] == "calf_safety"
            assert device.say("no")["question"] == "how_long"
            assert eventually(lambda: take_time(device))
        except BaseException as error:  # noqa: BLE001 - a thread has nobody to tell
            failed.append(error)

    def take_time(device: Device) -> bool:
        device.say("what can you do")
        return len(_rows(table)) == len(users)

    threads = [threading.Thread(target=talk, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert str(_rows(table)).count("'pace'") == len(users)


def _rows(table: dict[str, str]) -> list[dict[str, Any]]:
    session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
    client = session.client("dynamodb", endpoint_url=table["AWS_ENDPOINT_URL_DYNAMODB"])
    rows: list[dict[str, Any]] = client.scan(TableName=table["PREFERENCES_TABLE"])["Items"]
    return rows


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells")
def test_memory_leaves_room_in_what_the_template_gives(function: Environment) -> None:
    """Half of it at most, after a conversation."""
    device, _ = speaker(function)
    device.open()
    device.say("cramp in my calf")
    usage = function.usage()
    assert usage is not None
    assert usage.peak_bytes < 256 * 1024 * 1024
