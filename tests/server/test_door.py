"""`POST /alexa` answers what is proven, and everything else with 400 and not a word."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_intent_name, is_request_type
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server import create_app
from server.door import LARGEST_BODY

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

    def refuses(self, body: bytes | str | dict[str, Any], **other: Any) -> bool:
        """Whether the answer is 400 and empty, and the log holds a reason but no secret."""
        self.caplog.clear()
        answer = self.post(body, **other)
        log = logging.Formatter()
        lines = [log.format(record) for record in self.caplog.records]
        assert SECRET not in "".join(lines)
        assert all("\n" not in line for line in lines), lines
        return (answer.status_code, answer.data, len(lines)) == (400, b"", 1)


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


def test_what_is_not_properly_signed_is_refused(door, amazon):
    """No headers, a signature of something else, an empty URL, another host."""
    body = amazon.body()
    signed = amazon.sign(body)
    assert door.refuses(body, headers={})
    assert door.refuses(body, headers=amazon.sign(body + b" "))
    assert door.refuses(body, headers=signed | {"Signature-256": "no base64"})
    assert door.refuses(body, headers=signed | {"SignatureCertChainUrl": ""})
    assert door.refuses(body, headers=signed | {"SignatureCertChainUrl": "https://[x"})
    assert door.refuses(body, headers=signed | {"SignatureCertChainUrl": "https://x.example/a"})
    assert door.downloads == 1


def test_a_failed_download_is_refused(amazon, caplog):
    """It is not our server's error that a stranger named a chain that is not there."""
    door = Door(amazon, caplog)

    def fail(url: str) -> bytes:
        raise OSError(SECRET)

    door.download = fail
    app = create_app(door.skill, skill_id=SKILL_ID, download=fail, roots=[amazon.root])
    door.client = app.test_client()
    assert door.refuses(amazon.body())
    assert "VerificationException at verifier.py:" in caplog.text
    assert "from OSError at test_door.py:" in caplog.text


def test_nothing_is_read_before_it_is_proven(door, amazon, monkeypatch):
    """Neither unsigned bytes nor another skill's envelope reach the kit's models."""
    read: list[str] = []
    monkeypatch.setattr(door.skill.serializer, "deserialize", lambda payload, obj_type: read.append(payload))
    assert door.refuses(amazon.body(), headers={})
    another = amazon.envelope()
    another["context"]["System"]["application"]["applicationId"] = "amzn1.ask.skill.another"
    assert door.refuses(another)
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


@pytest.mark.parametrize("where", ["context", "session"])
@pytest.mark.parametrize("wrong", ["amzn1.ask.skill.another", "", None, 7, [SKILL_ID], {}])
def test_another_skills_request_is_refused(door, amazon, where, wrong):
    """Anybody can have Alexa sign requests for their own skill; both places must name ours."""
    envelope = amazon.envelope()
    system = envelope["context"]["System"] if where == "context" else envelope["session"]
    system["application"]["applicationId"] = wrong
    assert door.refuses(envelope)


def test_a_missing_skill_id_is_refused_and_a_missing_session_is_not(door, amazon):
    """Skill events come without a session, nothing comes without the context."""
    envelope = amazon.envelope()
    del envelope["session"]
    assert door.post(envelope).status_code == 200
    for gap in ("context", "System", "application", "applicationId"):
        envelope = amazon.envelope()
        inside = envelope
        for name in ("context", "System", "application", "applicationId"):
            if name == gap:
                del inside[name]
                break
            inside = inside[name]
        assert door.refuses(envelope)


# When


def at(seconds: float) -> str:
    """The time so many seconds from now, as Alexa writes it."""
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_request_is_good_for_150_seconds(door, amazon):
    """Both ways, because a clock may be wrong both ways."""
    for seconds in (-140, 140):
        assert door.post(amazon.body(timestamp=at(seconds))).status_code == 200
    for seconds in (-160, 160, -86_400, 86_400):
        assert door.refuses(amazon.body(timestamp=at(seconds)))


def test_a_skill_event_may_be_an_hour_old(door, amazon):
    """Alexa sends an event again until it is taken; a request in a conversation it does not."""
    event = "AlexaSkillEvent.SkillDisabled"
    assert door.post(amazon.body(event, timestamp=at(-3590))).status_code == 200
    assert door.refuses(amazon.body(event, timestamp=at(-3610)))
    assert door.refuses(amazon.body("SessionEndedRequest", timestamp=at(-3590)))


@pytest.mark.parametrize("junk", ["", SECRET, None, 1_700_000_000_000, [], {}, True, "9" * 30])
def test_a_timestamp_that_is_none_is_refused(door, amazon, junk):
    """Nor is one without a zone: it could mean any hour of the day."""
    assert door.refuses(amazon.body(timestamp=junk))
    naive = datetime.now(UTC).replace(tzinfo=None).isoformat()
    assert door.refuses(amazon.body(timestamp=naive))
    envelope = amazon.envelope()
    del envelope["request"]["timestamp"]
    assert door.refuses(envelope)


# What


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b"7",
        b"NaN",
        b'"' + SECRET.encode() + b'"',
        b"{}",
        b"{" + SECRET.encode(),
        b'\xff\xfe{"a": 1}',
        b"\xef\xbb\xbf{}",
        b'{"a": "\xed\xa0\x80"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 10_000,
        b'{"context": "' + SECRET.encode() + b'"}',
    ],
    ids=lambda body: repr(body[:16]),
)
def test_signed_bytes_that_are_no_envelope_are_refused(door, body):
    """What cannot be read is refused as what is not proven is: no error of ours, a mere warning."""
    assert door.refuses(body)
    assert [record.levelno for record in door.caplog.records] == [logging.WARNING]


def test_numbers_that_json_does_not_have_are_refused(door, amazon):
    """They would come back in our answer, which Alexa could not read."""
    for number in ("NaN", "Infinity", "-Infinity"):
        body = amazon.body().replace(b'"attributes": {}', b'"attributes": {"a": %s}' % number.encode())
        assert number.encode() in body
        assert door.refuses(body)


@pytest.mark.parametrize("depth", [300, 900, 3_000, 20_000])
def test_deep_nesting_never_breaks_the_server(door, amazon, depth):
    """A session so deep is answered or refused, never an error."""
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    body = amazon.body().replace(b'"attributes": {}', b'"attributes": {"a": %s}' % deep)
    assert door.post(body).status_code in (200, 400)
    if depth == 20_000:
        assert door.refuses(body)


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
    assert door.refuses(envelope)
    if isinstance(request_part, dict):
        envelope["request"] = {**request_part, "requestId": "r", "timestamp": at(0)}
        assert door.refuses(envelope)


def test_a_skill_that_breaks_says_nothing(door, amazon):
    """A handler's exception may hold what a person said: neither the answer nor the log has it."""
    assert door.refuses(amazon.body("IntentRequest", intent={"name": "BreakIntent"}))
    (record,) = door.caplog.records
    assert record.levelno == logging.ERROR
    assert "RuntimeError at test_door.py:" in record.getMessage()


def test_a_request_without_a_handler_is_refused(door, amazon):
    """The kit's own exception names the request; our log does not."""
    intent = {"name": "OtherIntent", "slots": {"site": {"name": "site", "value": SECRET}}}
    assert door.refuses(amazon.body("IntentRequest", intent=intent))


def test_a_body_beyond_the_limit_is_refused(door, amazon):
    """Stated or not: a length that is left out does not lift the limit."""
    envelope = amazon.envelope()
    envelope["padding"] = "x" * LARGEST_BODY
    raw = json.dumps(envelope).encode()
    assert door.post(raw).status_code == 400
    unstated = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = door.post(raw, environ_overrides={**unstated, "CONTENT_LENGTH": ""})
    assert (answer.status_code, answer.data) == (400, b"")


# The house


def test_there_is_one_address_and_one_method(door):
    """No page, no file, nothing that describes the door."""
    assert [rule.rule for rule in door.app.url_map.iter_rules()] == ["/alexa"]
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert door.client.open("/alexa", method=method).status_code == 405
    for path in ("/", "/alexa/", "/api/turn", "/static/main.js"):
        assert door.client.post(path).status_code == 404


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
        assert door.refuses(amazon.body(), headers={})
        assert door.refuses(amazon.body(timestamp=at(-160)))
        assert door.refuses(amazon.body("IntentRequest", intent={"name": "BreakIntent"}))


def test_the_stock_check_is_what_refuses_when_it_is_switched_on(door, amazon):
    """With the kit's own check on, nothing at all gets in: the stand-in fails closed."""
    door.app.config["ASK_SDK_VERIFY_SIGNATURE"] = True
    adapter = door.app.extensions["ASK_SDK_SKILL_ADAPTER"][SKILL_ID]
    adapter.init_app(door.app)
    assert door.refuses(amazon.body())
