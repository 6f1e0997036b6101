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
from skill import screen as skill_screen
from skill import state as session_state
from skill.turn import hear, knowledge

from .alexa_api import Alexa, shared, upcoming
from .consent import Consent
from .held import held
from .recognizer import Recognition, Recognizer

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "skill-package" / "interactionModels" / "custom"
COMPILED = ROOT / "lambda" / "compiled"
DEFAULT_LOCALE = "en-US"

_APPLICATION = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"

# What a device with a small screen says of itself (Amazon, "Alexa.Presentation.APL Interface Reference", "Viewport").
_APL = {"runtime": {"maxVersion": "2024.3"}}
_VIEWPORT = {
    "shape": "RECTANGLE",
    "pixelWidth": 960,
    "pixelHeight": 480,
    "currentPixelWidth": 960,
    "currentPixelHeight": 480,
    "dpi": 160,
    "touch": ["SINGLE"],
}
_DEVICE = "amzn1.ask.device.PRETEND"

_TAG = re.compile(r"<[^>]*>")
_PAUSED = re.compile(r"(?<=\w)\s*<break [^>]*/>")  # the silence took the place of a stop


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

    `clock` gives the time where the speaker stands, with its time zone. `skill` answers a request of Alexa, as JSON
    data; without one, the AWS door does, in this process.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        locale: str = DEFAULT_LOCALE,
        screen: bool = False,
        alexa: Alexa | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        skill: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    ) -> None:
        self.session = str(uuid.uuid4())
        self.screen = screen
        self.locale = locale
        self.ended = False
        self._user = user or f"amzn1.ask.account.{uuid.uuid4().hex.upper()}"
        self._clock = clock
        self._skill = skill or (lambda envelope: lambda_function.lambda_handler(envelope, None))
        self._attributes: dict[str, Any] = {}
        self._started = False
        self._reprompt: str | None = None
        self._reprompt_ssml = ""
        self._silent = False
        self._alexa = alexa or shared()
        self._consent: Consent | None = None  # while Alexa herself asks for a permission

    def open(self) -> dict[str, Any]:
        """Opens the skill: "Alexa, open cramp coach"."""
        return self._send({"type": "LaunchRequest"})

    def say(self, text: str) -> dict[str, Any]:
        """Says something: to the skill, or to Alexa herself while she asks."""
        if self._consent is not None:
            return self._answer(self._consent, text)
        return self.send(recognizer(self.locale).recognize(text, self._clock().date()))

    def send(self, recognition: Recognition) -> dict[str, Any]:
        """Sends what was recognised."""
        intent = {
            "name": recognition.intent,
            "confirmationStatus": "NONE",
            "slots": _slots(self.locale, recognition),
        }
        return self._send({"type": "IntentRequest", "intent": intent, "dialogState": "STARTED"})

    def touch(self, arguments: list[Any]) -> dict[str, Any]:
        """Touches something on the screen that sends these (Amazon, "SendEvent Command")."""
        source = {"type": "TouchWrapper", "handler": "Press", "id": ""}
        event = {"type": "Alexa.Presentation.APL.UserEvent", "token": skill_screen.TOKEN, "arguments": arguments}
        return self._send({**event, "source": source, "components": {}})

    def silence(self) -> dict[str, Any]:
        """Nobody answers: the reprompt once, then the session ends."""
        if self._consent is not None:
            return self._answer(self._consent, "")
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
        response = self._skill(envelope)
        body = response["response"]
        self._attributes = dict(response.get("sessionAttributes") or {})
        self.ended = bool(body.get("shouldEndSession")) or request["type"] == "SessionEndedRequest"
        self._silent = False
        heard = _heard(envelope["request"], before, self._attributes.get("findings") or {})
        speech = _spoken(body.get("outputSpeech"))
        self._consent = Consent.asked_by(body)
        if self._consent is not None:  # the session goes on when she has her answer
            self.ended = False
            speech = f"{speech} {self._consent.question}".strip()
        return self._turn(heard, envelope, response, speech=speech, ended=self.ended)

    def _answer(self, consent: Consent, text: str) -> dict[str, Any]:
        """What comes of an answer to Alexa's own question: she asks again, or tells the skill."""
        outcome = consent.hear(text)
        if not outcome:
            return self._turn(None, None, None, speech=consent.question, ended=False)
        if outcome == "ACCEPTED":
            self._alexa.grant(self._user)
        self._consent = None
        return self._send(consent.response(outcome))

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
            again = (body.get("reprompt") or {}).get("outputSpeech")
            self._reprompt = _spoken(again) or None
            self._reprompt_ssml = (again or {}).get("ssml", "")
        asks = not ended and self._consent is None
        told = self._attributes.get("assessment") if response is not None else None
        alexa = None if self._consent is None else self._consent.question
        ssml = (body.get("outputSpeech") or {}).get("ssml", self._reprompt_ssml if speech else "")
        if alexa is not None:
            ssml = f"{ssml.removesuffix('</speak>') or '<speak>'} {html.escape(alexa)}</speak>"
        return {
            "session": self.session,
            "heard": heard or {"intent": None, "slots": {}, "findings": {}},
            "speech": speech,
            "alexa": alexa,  # the end of the speech, where she asks herself
            "held": held(speech, self.locale),
            "ssml": ssml,
            "reprompt": None if ended else self._reprompt,
            "ended": ended,
            "assessment": told and {key: told[key] for key in ("disposition", "condition", "reasons")},
            "question": self._attributes.get("question") if asks else None,
            "offer": self._attributes.get("offer") if asks else None,
            "request": request,
            "response": response,
        }

    def _envelope(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """A request as Alexa sends it (Amazon, "Request and response JSON reference")."""
        new, self._started = not self._started, True
        application = {"applicationId": _APPLICATION}
        user = {"userId": self._user, **self._alexa.permissions(self._user)}
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
                    "device": {
                        "deviceId": _DEVICE,
                        "supportedInterfaces": {"Alexa.Presentation.APL": _APL} if self.screen else {},
                    },
                    "apiEndpoint": self._alexa.endpoint,
                    "apiAccessToken": self._alexa.key(self._user, _DEVICE),
                },
                **({"Viewport": _VIEWPORT} if self.screen else {}),
            },
            "request": {
                "requestId": f"amzn1.echo-api.request.{uuid.uuid4()}",
                # Alexa's has whole seconds; a test may take two turns in one, and the store orders by it.
                "timestamp": self._clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
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

    def turn(
        self, session: str | None, user: str | None, locale: str, text: str | None, *, screen: bool = False
    ) -> dict[str, Any]:
        """One turn, as `POST /api/turn` takes and gives it. Raises ConversationError for an unknown or ended session.

        `text` None opens the skill, "" is silence; `screen`: whether the device has one, from now on.
        """
        with self._lock:
            if session is None:
                device = Device(user=user, locale=locale, screen=screen)
                self._devices[device.session] = device
                while len(self._devices) > self._limit:
                    self._devices.popitem(last=False)
                opened = device.open()
                return opened if text is None else self._said(device, text)
            known = self._known(session)
            known.screen = screen
            return known.open() if text is None else self._said(known, text)

    def touch(self, session: str, arguments: list[Any]) -> dict[str, Any]:
        """A touch on the screen, as a turn. Raises ConversationError for an unknown or ended session."""
        with self._lock:
            device = self._known(session)
            turn = device.touch(arguments)
            self._forget_ended(device)
            return turn

    def _known(self, session: str) -> Device:
        known = self._devices.get(session)
        if known is None:
            raise ConversationError("there is no such session; start a new one with session null")
        self._devices.move_to_end(session)
        return known

    def reminders(self, user: str) -> list[dict[str, str]]:
        """The reminders that are set for a person: when each would ring, and what it would say."""
        return upcoming(shared(), user)

    def _said(self, device: Device, text: str) -> dict[str, Any]:
        turn = device.say(text) if text.strip() else device.silence()
        self._forget_ended(device)
        return turn

    def _forget_ended(self, device: Device) -> None:
        if device.ended:
            self._devices.pop(device.session, None)


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
    coached = knowledge().coached  # known from what the coach did, not from what was said
    meant = {id_: value for id_, value in after.items() if known.get(id_) != value and id_ not in coached}
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
    marked = str(output.get("ssml", output.get("text", "")))
    text = html.unescape(_TAG.sub(" ", _PAUSED.sub(".", marked)))
    return " ".join(text.split())
