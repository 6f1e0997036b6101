"""`POST /alexa` answers what is proven, and everything else with 400 and not a word."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_intent_name, is_request_type
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import create_app
from server.door import LARGEST_BODY, forget_values

SKILL_ID = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"
SECRET = "my-invented-secret-pain"


def small_skill():
    """Greets, echoes the session, breaks when asked to, and knows nothing else."""
    builder = SkillBuilder()

    @builder.request_handler(is_request_type("LaunchRequest"))
    def launch(handler_input):
        return handler_input.response_builder.speak("Hello").response

    @builder.request_handler(is_intent_name("BreakIntent"))
    def break_down(handler_input):
        raise RuntimeError(SECRET)

    @builder.request_handler(is_request_type("AlexaSkillEvent.SkillDisabled"))
    def disabled(handler_input):
        return handler_input.response_builder.response

    return builder.create()


class Door:
    """The production app as Alexa meets it, and its log."""

    def __init__(self, amazon, caplog, skill=None) -> None:
        self.amazon = amazon
        self.caplog = caplog
        self.downloads = 0
        self.skill = skill or small_skill()
        self.app = create_app(self.skill, skill_id=SKILL_ID, download=self.download, roots=[amazon.root])
        self.client: FlaskClient = self.app.test_client()

    def download(self, url: str) -> bytes:
        self.downloads += 1
        return self.amazon.chain()

    def post(self, body: bytes | str | dict[str, Any], **other: Any) -> TestResponse:
        """The answer to a body, well signed unless `headers` say otherwise."""
        raw = json.dumps(body) if isinstance(body, dict) else body
        other.setdefault("headers", self.amazon.sign(raw))
        other.setdefault("content_type", "application/json")
        return self.client.post("/alexa", data=raw, **other)

    @property
    def counts(self) -> Counter[str]:
        return self.app.extensions["tally"].counts.copy()

    def refuses(self, body: bytes | str | dict[str, Any], why: str, **other: Any) -> bool:
        """Whether the answer is 400 and empty, it is counted under `why` alone, and the log has no secret."""
        self.caplog.clear()
        before = self.counts
        answer = self.post(body, **other)
        log = logging.Formatter()
        lines = [log.format(record) for record in self.caplog.records]
        assert SECRET not in "".join(lines)
        assert len(lines) <= 1
        assert all("\n" not in line for line in lines), lines
        assert self.counts - before == {why: 1}
        return (answer.status_code, answer.data) == (400, b"")


@pytest.fixture
def door(amazon, caplog) -> Door:
    return Door(amazon, caplog)


def test_a_signed_request_is_answered(door, amazon):
    """With the skill's own answer, as JSON."""
    answer = door.post(amazon.body())
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json["response"]["outputSpeech"]["ssml"] == "<speak>Hello</speak>"


def test_the_real_skill_is_behind_the_door(amazon, monkeypatch):
    """Started as in production, with the id from the environment, it opens with words."""
    monkeypatch.setenv("SKILL_ID", SKILL_ID)
    app = create_app(download=lambda url: amazon.chain(), roots=[amazon.root])
    body = amazon.body()
    answer = app.test_client().post("/alexa", data=body, headers=amazon.sign(body))
    assert answer.status_code == 200
    assert answer.json["response"]["outputSpeech"]["ssml"].startswith("<speak>")


def test_the_signature_is_over_the_bytes_whatever_the_type_says(door, amazon):
    """A form's content type does not hide the body from the check or from the skill."""
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        assert door.post(amazon.body(), content_type=kind).status_code == 200


# Who knocks


def test_a_failed_download_is_refused(amazon, caplog):
    """It is not our server's error that a stranger named a chain that is not there."""
    door = Door(amazon, caplog)

    def fail(url: str) -> bytes:
        raise OSError(SECRET)

    door.app = create_app(door.skill, skill_id=SKILL_ID, download=fail, roots=[amazon.root])
    door.client = door.app.test_client()
    assert door.refuses(amazon.body(), "download")
    assert "RefusedError(download) at verifier.py:" in caplog.text
    assert "from OSError at test_door.py:" in caplog.text


def test_nothing_is_read_before_it_is_proven(door, amazon, monkeypatch):
    """Neither unsigned bytes nor another skill's envelope reach the kit's models."""
    read: list[str] = []
    monkeypatch.setattr(door.skill.serializer, "deserialize", lambda payload, obj_type: read.append(payload))
    assert door.refuses(amazon.body(), "headers", headers={})
    another = amazon.envelope()
    another["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    assert door.refuses(another, "skill")
    assert read == []


def test_the_adapter_by_itself_is_no_way_in(door, amazon):
    """Whoever gives the adapter an address of its own finds the same verifiers there."""
    adapter = door.app.extensions["ASK_SDK_SKILL_ADAPTER"][SKILL_ID]
    adapter.register(app=door.app, route="/other", endpoint="other")
    body = amazon.body()
    assert door.client.post("/other", data=body).status_code == 400
    another = amazon.envelope()
    another["session"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    raw = json.dumps(another)
    assert door.client.post("/other", data=raw, headers=amazon.sign(raw)).status_code == 400
    assert door.client.post("/other", data=body, headers=amazon.sign(body)).status_code == 200


# What


def at(seconds: float) -> str:
    """The time so many seconds from now, as Alexa writes it."""
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("depth", [300, 900, 3_000, 20_000])
def test_deep_nesting_never_breaks_the_server(door, amazon, depth):
    """A session so deep is answered or refused, never an error."""
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    body = amazon.body().replace(b'"attributes": {}', b'"attributes": {"a": %s}' % deep)
    assert door.post(body).status_code in (200, 400)
    if depth == 20_000:
        assert door.refuses(body, "envelope")


@pytest.mark.parametrize(
    "request_part",
    [
        None,
        SECRET,
        [],
        {},
        {"type": SECRET},
        {"type": 7},
        {"type": "AlexaSkillEvent.SkillAccountUnlinked"},
        {"type": "IntentRequest", "dialogState": SECRET},
        {"type": "IntentRequest", "intent": SECRET},
        {"type": "IntentRequest", "intent": {"name": "A", "confirmationStatus": SECRET}},
        {"type": "IntentRequest", "intent": {"name": "A", "slots": {"site": {"value": [SECRET]}}}},
        {"type": "IntentRequest", "intent": {"name": "A", "slots": [SECRET]}},
        {"type": "IntentRequest"},
        {"type": "IntentRequest", "intent": None},
    ],
)
def test_a_request_that_the_kit_or_the_skill_does_not_know_is_refused(door, amazon, request_part):
    """Signed and ours, but of a shape or type that nobody here can answer; also with no locale."""
    envelope = amazon.envelope()
    envelope["request"] = request_part
    assert door.refuses(envelope, "time" if isinstance(request_part, dict) else "envelope")
    if isinstance(request_part, dict):
        envelope["request"] = {**request_part, "requestId": "r", "timestamp": at(0)}
        assert door.refuses(envelope, "unanswered")


def test_a_skill_that_breaks_says_nothing(door, amazon):
    """A handler's exception may hold what a person said: neither the answer nor the log has it."""
    assert door.refuses(amazon.body("IntentRequest", intent={"name": "BreakIntent"}), "unanswered")
    (record,) = door.caplog.records
    assert record.levelno == logging.ERROR
    assert "RuntimeError at test_door.py:" in record.getMessage()


def test_a_request_without_a_handler_is_refused(door, amazon):
    """The kit's own exception names the request; our log does not."""
    intent = {"name": "OtherIntent", "slots": {"site": {"name": "site", "value": SECRET}}}
    assert door.refuses(amazon.body("IntentRequest", intent=intent), "unanswered")


def test_a_body_beyond_the_limit_is_refused(door, amazon):
    """Stated or not: a length that is left out does not lift the limit."""
    envelope = amazon.envelope()
    envelope["padding"] = "x" * LARGEST_BODY
    raw = json.dumps(envelope).encode()
    assert door.post(raw).status_code == 400
    unstated = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = door.post(raw, environ_overrides={**unstated, "CONTENT_LENGTH": ""})
    assert (answer.status_code, answer.data) == (400, b"")


def test_refusals_do_not_fill_the_log(door, amazon):
    """The first of each kind is logged with its place, the others are counted in one line."""
    for _ in range(5):
        door.post(amazon.body(), headers={})
        door.post(amazon.body(timestamp=at(-160)))
    assert len(door.caplog.records) == 2
    door.caplog.set_level(logging.INFO, door.app.logger.name)
    door.post(amazon.body())
    door.caplog.clear()
    door.app.extensions["tally"].tell()
    (line,) = [record.getMessage() for record in door.caplog.records]
    assert line.startswith("answered 1, unanswered 0, refused 10 (headers 5, time 5), slowest ")
    door.post(amazon.body(), headers={})
    assert [record.levelno for record in door.caplog.records] == [logging.INFO, logging.WARNING]


# The house


@pytest.mark.parametrize("name", ["urllib3.connectionpool", "root", "servers"])
def test_a_line_of_a_library_loses_its_words(name):
    """Of its failure the type and the place are left."""
    try:
        raise ValueError("my chest hurts")
    except ValueError:
        record = logging.LogRecord(name, logging.ERROR, __file__, 1, "read %s", ("my chest hurts",), sys.exc_info())
    assert forget_values(record)
    told = logging.Formatter("%(levelname)s %(message)s").format(record)
    assert f"{name}: words left out: ValueError at test_door.py:" in told
    assert "chest" not in told


def test_there_is_one_address_and_one_method(door):
    """No page, no file, nothing that describes the door; two addresses more that tell a watcher yes or no."""
    assert {rule.rule for rule in door.app.url_map.iter_rules()} == {"/alexa", "/healthz", "/readyz"}
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = door.client.open("/alexa", method=method)
        assert (answer.status_code, answer.data, answer.headers["Allow"]) == (405, b"", "POST")
    for path in ("/", "/alexa/", "/api/turn", "/static/main.js", "/metrics"):
        for ask in (door.client.post, door.client.get):
            answer = ask(path)
            assert (answer.status_code, answer.data) == (404, b"")


def test_the_watchers_addresses_say_nothing_but_yes(door):
    """Alive, and ready; to GET only, and without a word."""
    for path in ("/healthz", "/readyz"):
        answer = door.client.get(path)
        assert (answer.status_code, answer.data) == (200, b"")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert door.client.open(path, method=method).status_code == 405


def test_a_door_is_ready_when_its_skill_has_words(amazon):
    """Alive it is before; and what once had words is not asked again."""
    skill = small_skill()
    client = create_app(skill, skill_id=SKILL_ID, download=lambda url: b"", roots=[amazon.root]).test_client()
    dumb = SkillBuilder().create()
    other = create_app(dumb, skill_id=SKILL_ID, download=lambda url: b"", roots=[amazon.root]).test_client()
    assert client.get("/readyz").status_code == 200
    skill.request_dispatcher = dumb.request_dispatcher
    assert client.get("/readyz").status_code == 200
    for _ in range(2):
        answer = other.get("/readyz")
        assert (answer.status_code, answer.data) == (503, b"")
        assert other.get("/healthz").status_code == 200


def test_an_apology_is_no_readiness(amazon):
    """A skill that breaks down has words, too; but whoever hears them is sent away."""
    builder = SkillBuilder()

    @builder.request_handler(is_request_type("LaunchRequest"))
    def launch(handler_input):
        return handler_input.response_builder.speak("Sorry").set_should_end_session(True).response

    app = create_app(builder.create(), skill_id=SKILL_ID, download=lambda url: b"", roots=[amazon.root])
    assert app.test_client().get("/readyz").status_code == 503


@pytest.mark.parametrize("given", [None, "", "  "])
def test_no_skill_id_no_door(monkeypatch, given):
    """The one error names the variable to set."""
    monkeypatch.delenv("SKILL_ID", raising=False)
    with pytest.raises(ValueError, match="set SKILL_ID"):
        create_app(small_skill(), skill_id=given)
    monkeypatch.setenv("SKILL_ID", " ")
    with pytest.raises(ValueError, match="set SKILL_ID"):
        create_app(small_skill(), skill_id=given)


@pytest.mark.parametrize("name", ["ASK_SDK_VERIFY_SIGNATURE", "ASK_SDK_VERIFY_TIMESTAMP", "FLASK_DEBUG", "TESTING"])
def test_no_variable_and_no_setting_opens_the_door(amazon, caplog, monkeypatch, name):
    """Neither before the app is made nor after; nor does an error show its trace, either way."""
    for value in ("0", "1", "false"):
        monkeypatch.setenv(name, value)
        monkeypatch.setenv(f"FLASK_{name}", value)
        door = Door(amazon, caplog)
        door.app.config.update({name: False, "PROPAGATE_EXCEPTIONS": True, "TESTING": True})
        door.app.debug = True
        assert door.refuses(amazon.body(), "headers", headers={})
        assert door.refuses(amazon.body(timestamp=at(-160)), "time")
        assert door.refuses(amazon.body("IntentRequest", intent={"name": "BreakIntent"}), "unanswered")


def test_the_stock_check_is_what_refuses_when_it_is_switched_on(door, amazon):
    """With the kit's own check on, nothing at all gets in: the stand-in fails closed."""
    door.app.config["ASK_SDK_VERIFY_SIGNATURE"] = True
    adapter = door.app.extensions["ASK_SDK_SKILL_ADAPTER"][SKILL_ID]
    adapter.init_app(door.app)
    assert door.refuses(amazon.body(), "unanswered")
