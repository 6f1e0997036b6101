"""A pretend device: builds real requests, carries the session from turn to turn, and talks to the skill in process.

The page, the terminal and the dialogue tests share it. It knows silence, and when a session has ended.
"""

from __future__ import annotations

import html
import json
import re
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import lambda_function
from skill import state as session_state
from skill.turn import hear, knowledge

from .recognizer import Recognition, Recognizer

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "skill-package" / "interactionModels" / "custom"
COMPILED = ROOT / "lambda" / "compiled"
DEFAULT_LOCALE = "en-US"

_APPLICATION = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"


_TAG = re.compile(r"<[^>]*>")


class ConversationError(ValueError):
    """What a caller did wrong, in one line that is safe to show."""


def recognizer(locale: str) -> Recognizer:
    """The recogniser of a locale, from the model that is deployed for it."""
    path = MODELS / f"{locale}.json"
    return _recognizer(path if path.exists() else MODELS / f"{DEFAULT_LOCALE}.json")


@lru_cache(maxsize=8)
def _recognizer(path: Path) -> Recognizer:
    phrases = COMPILED / f"phrases.{path.stem.partition('-')[0]}.json"
    words = json.loads(phrases.read_text("utf-8"))["words"]
    return Recognizer(json.loads(path.read_text("utf-8")), words)


class Device:
    """One speaker with one session. Each turn gives what `POST /api/turn` returns.

    `clock` gives the time where the speaker stands, with its time zone.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        locale: str = DEFAULT_LOCALE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.session = str(uuid.uuid4())
        self.locale = locale
        self.ended = False
        self._user = user or f"amzn1.ask.account.{uuid.uuid4().hex.upper()}"
        self._clock = clock
        self._attributes: dict[str, Any] = {}
        self._started = False
        self._reprompt: str | None = None
        self._silent = False

    def open(self) -> dict[str, Any]:
        """Opens the skill: "Alexa, open cramp coach"."""
        return self._send({"type": "LaunchRequest"})

    def say(self, text: str) -> dict[str, Any]:
        """Says something."""
        return self.send(recognizer(self.locale).recognize(text, self._clock().date()))

    def send(self, recognition: Recognition) -> dict[str, Any]:
        """Sends what was recognised."""
        intent = {
            "name": recognition.intent,
            "confirmationStatus": "NONE",
            "slots": _slots(self.locale, recognition),
        }
        return self._send({"type": "IntentRequest", "intent": intent, "dialogState": "STARTED"})

    def silence(self) -> dict[str, Any]:
        """Nobody answers: the reprompt once, then the session ends."""
        if self._reprompt is not None and not self._silent:
            self._silent = True
            text = self._reprompt
            return self._turn(None, None, None, speech=text, ended=False)
        return self._send({"type": "SessionEndedRequest", "reason": "EXCEEDED_MAX_REPROMPTS"})

    def _send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self.ended:
            raise ConversationError("this session has ended; start a new one with session null")
        envelope = self._envelope(request)
        before = session_state.read(self._attributes, knowledge())
        response = lambda_function.lambda_handler(envelope, None)
        body = response["response"]
        self._attributes = dict(response.get("sessionAttributes") or {})
        self.ended = bool(body.get("shouldEndSession")) or request["type"] == "SessionEndedRequest"
        self._silent = False
        heard = _heard(envelope["request"], before, self._attributes.get("findings") or {})
        return self._turn(heard, envelope, response, speech=_spoken(body.get("outputSpeech")), ended=self.ended)

    def _turn(
        self,
        heard: dict[str, Any] | None,
        request: dict[str, Any] | None,
        response: dict[str, Any] | None,
        *,
        speech: str,
        ended: bool,
    ) -> dict[str, Any]:
        body = (response or {}).get("response", {})
        if response is not None:
            self._reprompt = _spoken((body.get("reprompt") or {}).get("outputSpeech")) or None
        told = self._attributes.get("assessment") if response is not None else None
        return {
            "session": self.session,
            "heard": heard or {"intent": None, "slots": {}, "findings": {}},
            "speech": speech,
            "ssml": (body.get("outputSpeech") or {}).get("ssml", f"<speak>{speech}</speak>" if speech else ""),
            "reprompt": None if ended else self._reprompt,
            "ended": ended,
            "assessment": told and {key: told[key] for key in ("disposition", "condition", "reasons")},
            "question": None if ended else self._attributes.get("question"),
            "offer": None if ended else self._attributes.get("offer"),
            "request": request,
            "response": response,
        }

    def _envelope(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request as Alexa sends it (Amazon, "Request and response JSON reference")."""
        new, self._started = not self._started, True
        application = {"applicationId": _APPLICATION}
        user = {"userId": self._user}
        return {
            "version": "1.0",
            "session": {
                "new": new,
                "sessionId": f"amzn1.echo-api.session.{self.session}",
                "application": application,
                "attributes": self._attributes,
                "user": user,
            },
            "context": {
                "System": {
                    "application": application,
                    "user": user,
                    "device": {"deviceId": "amzn1.ask.device.PRETEND", "supportedInterfaces": {}},
                    "apiEndpoint": "https://api.amazonalexa.com",
                }
            },
            "request": {
                "requestId": f"amzn1.echo-api.request.{uuid.uuid4()}",
                "timestamp": self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "locale": self.locale,
                **request,
            },
        }


class Conversations:
    """All open sessions of the pretend devices, in memory; the oldest is forgotten past `limit`. Safe among threads."""

    def __init__(self, *, limit: int = 1000) -> None:
        self._limit = limit
        self._devices: OrderedDict[str, Device] = OrderedDict()
        self._lock = threading.Lock()
        recognizer(DEFAULT_LOCALE)
        knowledge()

    def turn(self, session: str | None, user: str | None, locale: str, text: str | None) -> dict[str, Any]:
        """One turn: see `POST /api/turn` in DESIGN.md. Raises ConversationError for an unknown or ended session."""
        with self._lock:
            if session is None:
                device = Device(user=user, locale=locale)
                self._devices[device.session] = device
                while len(self._devices) > self._limit:
                    self._devices.popitem(last=False)
                opened = device.open()
                return opened if text is None else self._said(device, text)
            known = self._devices.get(session)
            if known is None:
                raise ConversationError("there is no such session; start a new one with session null")
            self._devices.move_to_end(session)
            return known.open() if text is None else self._said(known, text)

    def _said(self, device: Device, text: str) -> dict[str, Any]:
        turn = device.say(text) if text.strip() else device.silence()
        if device.ended:
            self._devices.pop(device.session, None)
        return turn


def _slots(locale: str, recognition: Recognition) -> dict[str, Any]:
    declared = recognizer(locale).slots_of(recognition.intent)
    slots: dict[str, Any] = {}
    for name, type_ in declared.items():
        values = [value for value in recognition.slots if value.slot == name]
        slots[name] = {"name": name, "confirmationStatus": "NONE", "source": "USER"}
        simple = [
            _simple(type_, value.words, value.id, recognizer(locale).name_of(type_, value.id)) for value in values
        ]
        if len(simple) == 1:
            slots[name] |= {key: part for key, part in simple[0].items() if key != "type"}
            slots[name]["slotValue"] = simple[0]
        elif simple:
            slots[name]["slotValue"] = {"type": "List", "values": simple}
    return slots


def _simple(type_: str, words: str, id_: str | None, name: str) -> dict[str, Any]:
    value: dict[str, Any] = {"type": "Simple", "value": words}
    if type_.startswith("AMAZON."):
        return value
    authority: dict[str, Any] = {"authority": f"amzn1.er-authority.{_APPLICATION}.{type_}"}
    if id_ is None:
        authority["status"] = {"code": "ER_SUCCESS_NO_MATCH"}
    else:
        authority |= {
            "status": {"code": "ER_SUCCESS_MATCH"},
            "values": [{"value": {"name": name, "id": id_}}],
        }
    return {**value, "resolutions": {"resolutionsPerAuthority": [authority]}}


def _heard(request: Mapping[str, Any], before: session_state.State, after: Mapping[str, Any]) -> dict[str, Any]:
    """What a turn was taken to say: what its slots carry, and what its answer meant to the question that was open."""
    intent = request.get("intent")
    if intent is None:
        return {"intent": request["type"], "slots": {}, "findings": {}}
    slots = {
        name: [{"value": value["value"], "id": _id_of(value)} for value in _values(slot)]
        for name, slot in intent["slots"].items()
        if "slotValue" in slot
    }
    known = before.episode.findings
    meant = {id_: value for id_, value in after.items() if known.get(id_) != value}
    return {
        "intent": intent["name"],
        "slots": slots,
        "findings": {**hear(request, before, knowledge()).findings, **meant},
    }


def _values(slot: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = slot["slotValue"]
    return list(given["values"]) if given["type"] == "List" else [given]


def _id_of(value: Mapping[str, Any]) -> str | None:
    authorities = value.get("resolutions", {}).get("resolutionsPerAuthority", [{}])
    values = authorities[0].get("values")
    return str(values[0]["value"]["id"]) if values else None


def _spoken(output: Mapping[str, Any] | None) -> str:
    """The words of an output speech, without its markup."""
    if not output:
        return ""
    text = html.unescape(_TAG.sub(" ", str(output.get("ssml", output.get("text", "")))))
    return " ".join(text.split())
