"""The lines of metrics: what they count, that Amazon can read them, and that nobody stands in them."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from triage import Disposition
from watch.logs import OURS, STORE, Tally
from watch.meter import BATCH, LEVELS, TURN, Meter, UnexpectedError, open_meter

ROOT = Path(__file__).parents[2]
SECRET = "my left calf zebra"

# AWS, "Specification: Embedded metric format", the schema at its end, with the members that may not be there refused.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
EMF = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "maxItems": 30,
                                    "items": {"type": "string", "minLength": 1, "maxLength": 250},
                                },
                            },
                            "Metrics": {
                                "type": "array",
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                        "Unit": {"enum": ["Milliseconds", "Count", "None"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}
SCHEMA = jsonschema.Draft202012Validator(EMF)


def launch() -> dict[str, Any]:
    return {"session": {"user": {"userId": SECRET}}, "request": {"type": "LaunchRequest", "requestId": SECRET}}


def heard(intent: str, conversation: object = 0) -> dict[str, Any]:
    slots = {"site": {"name": "site", "value": SECRET}}
    request = {"type": "IntentRequest", "intent": {"name": intent, "slots": slots}}
    return {"session": {"sessionId": f"{SECRET} {conversation}"}, "request": request}


def told(level: str) -> dict[str, Any]:
    """The response of a turn that tells a level."""
    assessment = {"disposition": level, "condition": "cramp", "reasons": [SECRET]}
    return {"sessionAttributes": {"assessment": assessment, "findings": {"site": SECRET}}, "response": {}}


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def meter(lines: list[str]) -> Meter:
    return Meter(lines.append, "cramp", now=lambda: 1_790_000_000.5)


def parsed(lines: list[str]) -> list[dict[str, Any]]:
    """The lines as Amazon reads them: one whole object each, by its schema, with every member that is named."""
    found = []
    for line in lines:
        assert line.endswith("\n")
        assert line.count("\n") == 1
        object_ = json.loads(line)
        SCHEMA.validate(object_)
        (directive,) = object_["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            assert type(object_[metric["Name"]]) in {int, float}
        assert all(isinstance(object_[name], str) for names in directive["Dimensions"] for name in names)
        found.append(object_)
    return found


# ---- a request


def test_a_turn_is_one_line_of_class_duration_and_counts(meter: Meter, lines: list[str]) -> None:
    meter.count(launch(), {"response": {}}, 0.01234)
    (line,) = parsed(lines)
    assert line.pop("_aws")["Timestamp"] == 1_790_000_000_500
    assert line == {
        "Function": "cramp",
        "class": "launch",
        "Turns": 1,
        "Duration": 12.3,
        "Fallbacks": 0,
        "ColdStarts": 1,
        "Failures": 0,
        "StoreFailures": 0,
    }


def test_only_the_first_request_of_a_process_is_a_cold_start(meter: Meter, lines: list[str]) -> None:
    for _ in range(3):
        meter.count(launch(), {}, 0)
    assert [line["ColdStarts"] for line in parsed(lines)] == [1, 0, 0]


def test_what_was_not_understood_is_counted(meter: Meter, lines: list[str]) -> None:
    for name in ("DescribeIntent", "AMAZON.FallbackIntent"):
        meter.count(heard(name), {}, 0)
    assert [(line["class"], line["Fallbacks"]) for line in parsed(lines)] == [("answer", 0), ("fallback", 1)]


@pytest.mark.parametrize("kind", ["SessionEndedRequest", "AlexaSkillEvent.SkillDisabled", "zebra"])
def test_where_nobody_waits_there_is_no_turn_and_no_duration(meter: Meter, lines: list[str], kind: str) -> None:
    """A session that ends is quick, and would make the others look quicker than they are."""
    meter.count({"request": {"type": kind}}, {}, 0)
    (line,) = parsed(lines)
    assert not {"Turns", "Duration", "Fallbacks"} & set(line)


def test_a_request_without_an_answer_is_a_failure(meter: Meter, lines: list[str]) -> None:
    meter.count(launch(), None, 0)
    assert parsed(lines)[0]["Failures"] == 1


def test_what_alexa_tells_of_an_error_is_a_failure(meter: Meter, lines: list[str]) -> None:
    meter.count({"request": {"type": "SessionEndedRequest", "reason": "ERROR"}}, {}, 0)
    assert parsed(lines)[0]["Failures"] == 1


# ---- levels


def test_a_level_is_told_with_many_others_or_not_at_all(meter: Meter, lines: list[str]) -> None:
    """A line that tells of one person's level could be joined with the request beside it."""
    for number in range(BATCH - 1):
        meter.count(heard("DangerIntent", number), told("EMERGENCY" if number == 0 else "SELF_CARE"), 0)
    assert not any("Emergency" in line for line in lines)
    meter.count(launch(), {"response": {}}, 0)
    assert not any("Emergency" in line for line in lines)
    meter.count(heard("DescribeIntent", "the last"), told("INFO"), 0)
    last = parsed(lines)[-1]
    assert {name: last[name] for name in LEVELS.values()} == {
        "Emergency": 1,
        "Urgent": 0,
        "Routine": 0,
        "SelfCare": BATCH - 2,
        "Info": 1,
        "OutOfScope": 0,
    }
    assert set(last) == {"_aws", "Function", *LEVELS.values()}


@pytest.mark.parametrize("session", [{"sessionId": SECRET}, {}, None, 7, {"sessionId": [SECRET]}])
def test_one_conversation_never_fills_a_line(meter: Meter, lines: list[str], session: Any) -> None:
    """However often it begins anew: the line would be about one person, at the time beside it."""
    event = {**heard("DescribeIntent"), "session": session}
    for _ in range(5 * BATCH):
        meter.count(event, told("URGENT"), 0)
    assert not any("Urgent" in line for line in lines)
    for number in range(BATCH - 1):
        meter.count(heard("DescribeIntent", number), told("SELF_CARE"), 0)
    assert (parsed(lines)[-1]["Urgent"], parsed(lines)[-1]["SelfCare"]) == (5 * BATCH, BATCH - 1)


def test_no_level_is_told_twice(meter: Meter, lines: list[str]) -> None:
    for number in range(5 * BATCH + 3):
        meter.count(heard("DescribeIntent", number), told("ROUTINE"), 0)
    assert sum(line.get("Routine", 0) for line in parsed(lines)) == 5 * BATCH


def test_every_level_has_a_metric() -> None:
    assert set(LEVELS) == {level.value for level in Disposition}


def test_a_line_is_the_same_whatever_was_told(lines: list[str]) -> None:
    """Emergency or self-care: beside the duration nothing differs, not even the length."""
    for level in ("EMERGENCY", "SELF_CARE"):
        Meter(lines.append, now=lambda: 0).count(heard("DangerIntent"), told(level), 0.01)
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    "odd",
    [{}, {"sessionAttributes": []}, {"sessionAttributes": {"assessment": SECRET}}, told(SECRET), told(7)],  # type: ignore[arg-type]
)
def test_an_odd_response_is_counted_and_not_quoted(meter: Meter, lines: list[str], odd: Any) -> None:
    for _ in range(BATCH):
        meter.count(launch(), odd, 0)
    assert len(parsed(lines)) == BATCH
    assert "zebra" not in "".join(lines)


def test_nothing_of_a_request_or_an_answer_is_in_a_line(meter: Meter, lines: list[str]) -> None:
    for number in range(BATCH):
        meter.count(launch() | heard("DescribeIntent", number), told("URGENT"), 0)
    assert "Urgent" in lines[-1]
    names = {*TURN, *LEVELS.values(), "_aws", "Function", "class"}
    assert all(set(line) <= names for line in parsed(lines))
    assert "zebra" not in "".join(lines)


def test_threads_do_not_lose_a_turn(meter: Meter, lines: list[str]) -> None:
    def work(of: int) -> None:
        for number in range(100):
            meter.count(heard("DescribeIntent", (of, number)), told("INFO"), 0)

    threads = [threading.Thread(target=work, args=(of,)) for of in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = parsed(lines)
    assert sum(line.get("Turns", 0) for line in found) == 400
    assert sum(line.get("Info", 0) for line in found) == 400
    assert sum(line.get("ColdStarts", 0) for line in found) == 1


# ---- around a handler


def test_a_watched_handler_answers_as_before(meter: Meter, lines: list[str]) -> None:
    def handler(event: Any, context: Any) -> dict[str, Any]:
        """What it says."""
        return {"event": event, "context": context}

    watched = meter.watched(handler)
    assert watched(launch(), 7) == {"event": launch(), "context": 7}
    assert watched.__doc__ == "What it says."
    assert len(parsed(lines)) == 1


def test_a_silent_meter_only_passes_on() -> None:
    assert Meter().watched(lambda event, context: {"event": event})(7, None) == {"event": 7}


@pytest.mark.parametrize("write", [None, [].append])
def test_an_error_that_leaves_the_handler_loses_its_words(write: Any) -> None:
    """Lambda's runtime logs the message of such an error, and a message may quote what was said."""

    def handler(event: Any, context: Any) -> dict[str, Any]:
        try:
            raise KeyError(SECRET)
        except KeyError:
            raise RuntimeError(SECRET) from None

    with pytest.raises(UnexpectedError) as raised:
        Meter(write).watched(handler)(launch(), None)
    assert str(raised.value) == "RuntimeError"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert raised.traceback[-1].name == "handler"


class TalkativeError(Exception):
    """Has no `args`, and says something all the same."""

    def __str__(self) -> str:
        return SECRET


class BrokenError(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError(SECRET)


@pytest.mark.parametrize("error", [TalkativeError(), BrokenError()])
def test_an_error_loses_words_of_its_own_making_too(meter: Meter, error: Exception) -> None:
    """A text need not come from what the error was made with."""

    def handler(event: Any, context: Any) -> dict[str, Any]:
        raise error

    with pytest.raises(UnexpectedError) as raised:
        meter.watched(handler)(launch(), None)
    assert str(raised.value) == type(error).__name__


@pytest.mark.parametrize("error", [PermissionError("another skill"), LookupError()])
def test_an_error_in_our_own_words_or_none_passes(meter: Meter, lines: list[str], error: Exception) -> None:
    def handler(event: Any, context: Any) -> dict[str, Any]:
        raise error

    with pytest.raises(type(error)) as raised:
        meter.watched(handler)(launch(), None)
    assert raised.value is error
    assert parsed(lines)[0]["Failures"] == 1


# ---- what is logged


@pytest.fixture
def tally() -> Iterator[Tally]:
    made = Tally()
    logging.getLogger(OURS).addHandler(made)
    yield made
    logging.getLogger(OURS).removeHandler(made)


def test_an_error_that_was_logged_is_a_failure_and_the_store_counts_apart(tally: Tally, lines: list[str]) -> None:
    """An apology is an answer, so only the log tells that it was a failure."""
    meter = Meter(lines.append, tally=tally)
    logging.getLogger(STORE).warning("slow")
    logging.getLogger(STORE).warning("slow")
    meter.count(launch(), {}, 0)
    logging.getLogger(OURS).error("RuntimeError at x.py:7")
    meter.count(launch(), {}, 0)
    logging.getLogger(OURS).warning("not so bad")
    meter.count(launch(), {}, 0)
    counts = [(line["Failures"], line["StoreFailures"]) for line in parsed(lines)]
    assert counts == [(0, 2), (1, 0), (0, 0)]


def test_without_lambda_nothing_is_written_or_hooked() -> None:
    before = list(logging.getLogger(OURS).handlers)
    assert open_meter({}).write is None
    assert logging.getLogger(OURS).handlers == before


# A stand-in for the log handler of Lambda's runtime, then a turn, our own mistake and a talkative library.
ON_LAMBDA = """
import io, json, logging, sys
sys.path.insert(0, "lambda")
handler = logging.StreamHandler(sys.stdout)
usual = set(vars(logging.makeLogRecord({})))
class Json(logging.Formatter):  # with what was said by "extra", as Lambda's own
    def format(self, record):
        more = {key: value for key, value in vars(record).items() if key not in usual}
        line = {"level": record.levelname, "logger": record.name, "message": record.getMessage(), **more}
        return json.dumps(line, default=str)
def numbered(record):
    record.aws_request_id = "r-1"
    return True
handler.setFormatter(Json())
handler.addFilter(numbered)
logging.getLogger().addHandler(handler)
logging.getLogger().setLevel(logging.INFO)
import lambda_function
from skill.handlers import base
request = {"requestId": "r", "timestamp": "2026-01-01T00:00:00Z", "locale": "en-US"}
launch = {"version": "1.0", "session": {"new": True, "sessionId": "s", "application": {"applicationId": "a"},
    "user": {"userId": "u"}}, "context": {"System": {"application": {"applicationId": "a"}, "user": {"userId": "u"}}},
    "request": {"type": "LaunchRequest", **request}}
lambda_function.lambda_handler(launch, None)
logging.getLogger("urllib3.connectionpool").warning("sent %s", "zebra", extra={"body": "zebra"})
try:
    raise ValueError("zebra")
except ValueError:
    logging.getLogger("botocore.hooks").exception("zebra %s", "zebra")
def fails(*_):
    raise RuntimeError("zebra")
base.respond = fails
lambda_function.lambda_handler(launch, None)
lambda_function.lambda_handler({"zebra": "zebra"}, None)
"""


def test_on_lambda_every_line_is_an_object_without_a_word_that_was_said() -> None:
    environ = {"AWS_LAMBDA_FUNCTION_NAME": "cramp", "PATH": "/usr/bin"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", ON_LAMBDA],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    assert "zebra" not in run.stdout
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    counted = [line for line in objects if "_aws" in line]
    assert [(line["class"], line["Failures"], line["ColdStarts"]) for line in counted] == [
        ("launch", 0, 1),
        ("launch", 1, 0),
        ("other", 1, 0),
    ]
    assert {line["Function"] for line in counted} == {"cramp"}
    said = {(line["logger"], line["message"]) for line in objects if "_aws" not in line}
    assert ("urllib3.connectionpool", "words left out") in said
    assert ("botocore.hooks", "words left out, of a ValueError") in said
    ours = [message for logger, message in said if logger == OURS]
    assert any(message.startswith("RuntimeError at ") for message in ours)
    assert any(message.startswith("a request could not be read: ") for message in ours)
    assert len(said) == 4
    assert {line["aws_request_id"] for line in objects if "_aws" not in line} == {"r-1"}
