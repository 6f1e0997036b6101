"""The hunt for what people said: a sample of it, with either store, and whether it would notice anything."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

import lambda_function
import skill.handlers.reminder as handler
import skill.screen
import watch.meter
from server.alexa_api import Alexa
from skill import build_skill
from speech import Line, Phrasebook
from store.dynamodb import DynamoDBStore
from store.sqlite import SQLiteStore
from tools.walk.privacy import ZONE, Leak, Visit, leaks, stored, unused, visit

SAMPLE = 40


@pytest.fixture
def amazon() -> Iterator[Alexa]:
    alexa = Alexa(zone=ZONE)
    yield alexa
    alexa.close()


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def hunted(amazon: Alexa, seeds: range, name: str = "suite") -> tuple[list[Visit], list[Leak]]:
    visits = [visit(f"{name}/{number}", amazon) for number in seeds]
    return visits, [leak for one in visits for leak in leaks(one)]


@pytest.fixture
def file(tmp_path: Path, patient: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a skill that remembers in SQLite does so."""
    made = SQLiteStore(tmp_path / "preferences.sqlite3")
    monkeypatch.setattr(lambda_function, "_SKILL", build_skill(store=made))
    yield tmp_path
    made.close()


def test_nothing_that_was_said_is_left(amazon: Alexa, file: Path) -> None:
    visits, found = hunted(amazon, range(SAMPLE))
    assert found == []
    assert list(stored(bytes_in(file), unused(), visits)) == []
    left = {trace.where for one in visits for trace in one.traces}
    assert left >= {"metric", "levels", "card", "token", "reminder", "call", "screen", "closing"}
    assert b"slow" in bytes_in(file)  # something was remembered


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Amazon's own client of a server on the loopback that speaks as DynamoDB does, where ours finds it, too."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    monkeypatch.setattr(logging.getLogger("werkzeug"), "disabled", True)  # that is the server, and not what is tried
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://{}:{}".format(*server.get_host_and_port()))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "invented")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = boto3.Session().client("dynamodb")
    yield client
    client.close()
    server.stop()


@pytest.mark.usefixtures("patient")
def test_nothing_that_was_said_is_in_the_table(amazon: Alexa, dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dynamodb.create_table(
        TableName="hunted",
        KeySchema=[{"AttributeName": "person", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "person", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    made = DynamoDBStore("hunted")
    monkeypatch.setattr(lambda_function, "_SKILL", build_skill(store=made))
    visits, found = hunted(amazon, range(20), "table")
    rows = dynamodb.scan(TableName="hunted")["Items"]
    made.close()
    assert found == []
    assert rows
    assert all(set(row) <= {"person", "at", "ttl", "pace", "count", "wording"} for row in rows)
    assert list(stored(json.dumps(rows).encode(), b"person at ttl pace count wording", visits)) == []


# ---- whether it would notice


def in_the_label(monkeypatch: pytest.MonkeyPatch) -> None:
    _said_instead(monkeypatch, "remind.label", "your calf")


def in_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = handler.token
    monkeypatch.setattr(handler, "token", lambda plan: f"{honest(plan)} site=calf")


def in_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = handler._listed

    def telling(turn: Any, alerts: Any) -> Any:
        print("reminders of", turn.state.episode.findings)
        return listed(turn, alerts)

    monkeypatch.setattr(handler, "_listed", telling)


def in_a_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch.meter, "class_of", lambda event: event["request"].get("intent", {}).get("name", "launch"))


def in_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level that is told at once is about one person."""
    monkeypatch.setattr(watch.meter, "BATCH", 1)


def on_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    _said_instead(monkeypatch, "card.reminder_app.title", "Your calf")


def on_the_screen_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    show = skill.screen._show

    def worse(name: str, words: dict[str, Any], remedy: str = "") -> Any:
        return show(name, {**words, "was": "calf"}, remedy)

    monkeypatch.setattr(skill.screen, "_show", worse)


def _said_instead(monkeypatch: pytest.MonkeyPatch, id_: str, words: str) -> None:
    say = Phrasebook.say

    def worse(self: Phrasebook, line: Line, count: int = 0, *, other: bool = False) -> str:
        return words if line.id == id_ else say(self, line, count, other=other)

    monkeypatch.setattr(Phrasebook, "say", worse)


@pytest.mark.parametrize(
    ("plant", "where"),
    [
        (in_the_label, "reminder"),
        (in_the_token, "token"),
        (in_the_log, "log"),
        (in_a_metric, "metric"),
        (in_a_line_of_its_own, "levels"),
        (on_a_card, "card"),
        (on_the_screen_afterwards, "closing"),
    ],
)
@pytest.mark.usefixtures("file")
def test_what_is_planted_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], where: str, amazon: Alexa, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    found = (leak for number in range(SAMPLE) for leak in leaks(visit(f"suite/{number}", amazon)))
    assert next(found).where == where


def test_what_is_planted_in_the_store_is_found(file: Path, amazon: Alexa) -> None:
    visits = [visit(f"suite/{number}", amazon) for number in range(5)]
    word = max((sentence for one in visits for sentence in one.said), key=len)
    for planted in (word, "chest_pain", "hamstring", "amzn1.ask.account.1"):
        assert list(stored(bytes_in(file) + planted.encode(), unused(), visits)), planted
