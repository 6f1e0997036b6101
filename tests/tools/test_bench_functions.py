"""The bench of functions: what is asked, what counts as an answer, and how ratios come of times."""

from __future__ import annotations

import http.client
import json
import ssl
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import lambda_function
from tools.bench import bundles, functions
from tools.bench.functions import Function, FunctionError, Measured, measure, ratio
from tools.bench.levers import LEVERS, Lever, without
from tools.bench.table import Table
from tools.bench.turns import Turns, of_now, record
from tools.bundle import SOURCE
from tools.runtime import Result, Usage


@pytest.fixture(scope="module")
def turns() -> Turns:
    """The requests, recorded once."""
    return record()


@pytest.fixture
def table() -> Iterator[Table]:
    """A table that listens."""
    with Table() as listening:
        yield listening


def asked(table: Table, operation: str, **what: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer of one request, without a signature: the table checks none."""
    address, trust = table.endpoint.removeprefix("https://"), ssl.create_default_context(cafile=table.roots)
    with closing(http.client.HTTPSConnection(address, timeout=5, context=trust)) as connection:
        connection.request("POST", "/", json.dumps(what), {"X-Amz-Target": f"DynamoDB_20120810.{operation}"})
        answer = connection.getresponse()
        return answer.status, json.load(answer)


def test_the_first_request_begins_a_triage_and_the_others_are_answered(turns: Turns) -> None:
    """What is timed is the work of the skill: a question, assessments, and no apology."""
    speech = [answer(event)["outputSpeech"]["ssml"] for event in turns.triage]
    assert answer(turns.first)["outputSpeech"]["ssml"].endswith("?</speak>")
    assert sum("sounds most like" in each for each in speech) >= 4
    assert not any("sorry" in each.lower() for each in speech)


def test_the_heavy_request_is_as_large_as_it_says_and_answered_alike(turns: Turns) -> None:
    """Twenty kilobytes from a full screen; the words are those of the same request without."""
    assert 20_000 <= len(turns.large) < 21_000
    assert answer(turns.large)["outputSpeech"]["ssml"].startswith("<speak>Stop")


def test_a_request_is_of_now(turns: Turns) -> None:
    """The time it carries is the time it is sent, in Alexa's form."""
    told = json.loads(of_now(turns.first))["request"]["timestamp"]
    assert abs(datetime.now(UTC) - datetime.fromisoformat(told)).total_seconds() < 10


def answer(event: bytes) -> dict[str, Any]:
    """The response of our own skill, in this process."""
    response: dict[str, Any] = lambda_function.lambda_handler(json.loads(of_now(event)), None)["response"]
    return response


def test_the_table_keeps_what_is_put_and_counts_it(table: Table) -> None:
    """Get, put, and the condition that the row has not changed since."""
    key, row = {"person": {"S": "a"}}, {"person": {"S": "a"}, "at": {"N": "1"}}
    assert asked(table, "GetItem", Key=key) == (200, {})
    assert asked(table, "PutItem", Item=row) == (200, {})
    assert asked(table, "GetItem", Key=key) == (200, {"Item": row})
    late = {"ConditionExpression": "#at = :was", "ExpressionAttributeValues": {":was": {"N": "0"}}}
    assert asked(table, "PutItem", Item=row, **late)[0] == 400
    assert table.saves == 1
    table.empty()
    assert asked(table, "GetItem", Key=key) == (200, {})
    assert asked(table, "Scan")[0] == 400


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """A round in which the computer was busy hits both, and does not count more than another."""
    ours = Measured(cold=[10, 100, 12], warm=[[1, 1, 9], [10, 10, 90], [1, 1, 1]])
    peer = Measured(cold=[20, 200, 20], warm=[[2, 2, 2], [20, 20, 20], [2, 2, 2]])
    assert ratio(ours, peer, "cold") == 0.5
    assert ratio(ours, peer, "warm") == 0.5
    assert ratio(ours, peer, "p99") == 90 / 20
    assert ours.median("cold") == 12


class Pretend:
    """An environment that answers at once; `saves` is what it puts into a table for each request."""

    payload: Any = {"response": {}}
    saves = 0
    table: Table | None = None

    def __init__(self, *_: object, **__: object) -> None:
        self.asked = 0

    def __enter__(self) -> Pretend:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to stop."""

    def start(self) -> float:
        return 0.1

    def usage(self) -> Usage:
        return Usage(cpu_seconds=0.05 + 0.001 * self.asked, peak_bytes=20_000_000)

    def invoke(self, event: bytes) -> Result:
        self.asked += 1
        if self.table is not None:
            self.table.saves += self.saves
        return Result(self.payload, b"{}", None, 0.002, None, (), "id")


def test_what_is_measured(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Milliseconds and megabytes, an entry for each round, every function in every round."""
    monkeypatch.setattr(functions, "Environment", Pretend)
    told: list[str] = []
    pair = [Function(name, Path(), []) for name in ("one", "two")]
    measured = measure(pair, turns, rounds=2, requests=8, tell=told.append)
    assert told == [f"round {at} of 2: {name}" for at, name in ((1, "one"), (1, "two"), (2, "two"), (2, "one"))]
    one = measured["one"]
    assert one.cold == pytest.approx([102, 102])
    assert one.init == pytest.approx([100, 100])
    assert (len(one.warm[0]), len(one.large[0])) == (8, 2)
    assert one.median("warm") == pytest.approx(2)
    assert one.median("work") == pytest.approx(1)
    assert one.median("memory") == pytest.approx(20)


def test_no_answer_is_no_result(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that says nothing is named, and nothing is measured."""
    monkeypatch.setattr(Pretend, "payload", None)
    monkeypatch.setattr(functions, "Environment", Pretend)
    with pytest.raises(FunctionError, match="one did not answer"):
        measure([Function("one", Path(), [])], turns, rounds=1, requests=1, tell=lambda _: None)


@pytest.mark.parametrize("saves", [0, 1])
def test_a_turn_that_saved_nothing_is_no_result(
    turns: Turns, table: Table, monkeypatch: pytest.MonkeyPatch, saves: int
) -> None:
    """What is compared with a load and a save must have loaded and saved."""
    monkeypatch.setattr(Pretend, "table", table)
    monkeypatch.setattr(Pretend, "saves", saves)
    monkeypatch.setattr(functions, "Environment", Pretend)
    one = Function("one", Path(), [], table=table)
    if saves:
        assert measure([one], turns, rounds=1, requests=3, tell=lambda _: None)["one"].large == []
    else:
        with pytest.raises(FunctionError, match="saved nothing"):
            measure([one], turns, rounds=1, requests=3, tell=lambda _: None)


@pytest.mark.parametrize("name", LEVERS)
def test_what_a_lever_takes_out_is_there_to_be_taken_out(name: str) -> None:
    for path, (there, _) in LEVERS[name].edits.items():
        assert (SOURCE / path).read_text("utf-8").count(there) == 1, path


def test_a_lever_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(bundles.BundleError, match=r"record\.py has not one 'as it was' to take out"):
        without(Lever({"record.py": ("as it was", "")}), sys.executable, tmp_path / "bundle")
