"""Two stores that must behave alike, a clock that a test can move, and requests of invented people."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from ask_sdk_model import Context, LaunchRequest, Request, RequestEnvelope, User
from ask_sdk_model.events.skillevents import SkillDisabledRequest
from ask_sdk_model.interfaces.system import SystemState
from moto.server import ThreadedMotoServer

from store import sqlite, wire
from store.adapter import RowStore
from store.dynamodb import DynamoDBStore
from store.row import KEPT
from store.sqlite import SQLiteStore

NOW = 1_800_000_000.0  # seconds since 1970: when these tests take place
PATIENT = 5.0  # seconds


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def envelope(user: str | None = "anna", at: float = 0.0, *, disabled: bool = False) -> RequestEnvelope:
    """A request of somebody, so many seconds after NOW; or the event that they disabled the skill then."""
    moment = datetime.fromtimestamp(NOW + at, UTC)
    made: Request = LaunchRequest(timestamp=moment)
    if disabled:
        made = SkillDisabledRequest(timestamp=moment, event_creation_time=moment)
    return RequestEnvelope(context=Context(system=SystemState(user=User(user_id=user))), request=made)


@pytest.fixture
def said() -> Callable[..., RequestEnvelope]:
    """Makes requests: who, how many seconds after NOW, and whether it says that they disabled the skill."""
    return envelope


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def dynamodb_server() -> Iterator[str]:
    """The address of a server on the loopback that speaks as DynamoDB does."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with socket.create_connection((host, port)) as first:  # what it loads when it is first asked takes a while
        first.sendall(b"POST / HTTP/1.0\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 2\r\n\r\n{}")
        first.recv(1)
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment of AWS in which nothing real can be reached."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "invented",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def amazon(dynamodb_server: str, aws: pytest.MonkeyPatch) -> Iterator[Any]:
    """Amazon's own client of the server, which looks at a table past all our code."""
    aws.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_server)
    client = boto3.Session().client("dynamodb")
    yield client
    client.close()


@pytest.fixture
def table(amazon: Any) -> str:
    """The name of a new table as in template.yaml."""
    name = f"preferences-{uuid.uuid4()}"
    amazon.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "person", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "person", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture
def make_store(
    request: pytest.FixtureRequest, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], RowStore]]:
    """Opens the store that is under test, as another process would; it has time, on a busy computer too."""
    monkeypatch.setattr(sqlite, "_BUSY", PATIENT)
    monkeypatch.setattr(wire, "ALL", PATIENT)
    opened: list[SQLiteStore | DynamoDBStore] = []
    table = "" if request.param == "sqlite" else request.getfixturevalue("table")

    def open_one() -> RowStore:
        if request.param == "sqlite":
            opened.append(SQLiteStore(tmp_path / "preferences.sqlite3", clock=clock))
        else:
            opened.append(DynamoDBStore(table, clock=clock))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a store runs on each of them."""
    if "make_store" in metafunc.fixturenames:
        metafunc.parametrize("make_store", ["sqlite", "dynamodb"], indirect=True)


@pytest.fixture
def store(make_store: Callable[[], RowStore]) -> RowStore:
    return make_store()


@pytest.fixture
def contents(request: pytest.FixtureRequest, store: RowStore) -> Callable[[], dict[str, dict[str, Any]]]:
    """Everything that the database holds, row by row, past all our code."""

    def of() -> dict[str, dict[str, Any]]:
        if isinstance(store, SQLiteStore):
            with store._open() as database:
                found = database.execute("SELECT * FROM preferences")
                names = [column[0] for column in found.description]
                rows = [dict(zip(names, row, strict=True)) for row in found]
        else:
            amazon, table = request.getfixturevalue("amazon"), request.getfixturevalue("table")
            items = amazon.scan(TableName=table)["Items"]
            rows = [{name: _plain(value) for name, value in item.items()} for item in items]
        return {row.pop("person"): {name: value for name, value in row.items() if value is not None} for row in rows}

    return of


@pytest.fixture
def put_raw(request: pytest.FixtureRequest, store: RowStore) -> Callable[[str, dict[str, Any]], None]:
    """Puts anything into a row, as somebody else might."""

    def put(key: str, columns: dict[str, Any]) -> None:
        if isinstance(store, SQLiteStore):
            names = [name for name in columns if name in {"at", "ttl", *KEPT}]
            with store._open() as database:
                database.execute(
                    f"INSERT OR REPLACE INTO preferences (person{''.join(f', {name}' for name in names)}) "  # noqa: S608
                    f"VALUES (?{', ?' * len(names)})",
                    (key, *(columns[name] for name in names)),
                )
            return
        item = {name: _wire(value) for name, value in columns.items()}
        amazon, table = request.getfixturevalue("amazon"), request.getfixturevalue("table")
        amazon.put_item(TableName=table, Item={"person": {"S": key}, **item})

    return put


def _plain(value: dict[str, Any]) -> Any:
    ((kind, content),) = value.items()
    return int(content) if kind == "N" else content


def _wire(value: Any) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    kind = {int: "N", float: "N", str: "S", bytes: "B"}[type(value)]
    return {kind: str(value) if kind == "N" else value}
