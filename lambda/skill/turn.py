"""Reads a request once: locale, intent, what was heard, and the session so far."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Intent, IntentRequest

from record import Record
from speech import Phrasebook, open_book
from triage import PRESENT, Knowledge, load

from .caller import Caller, caller_of
from .hearing import Heard, ear
from .memory import Memory
from .preferences import Preferences
from .state import State, fitting, read

TOUCH = "Alexa.Presentation.APL.UserEvent"
# What a key on the screen says (Amazon, "Alexa.Presentation.APL Interface Reference", UserEvent).
TOUCHES = {"next": "AMAZON.NextIntent", "repeat": "AMAZON.RepeatIntent", "stop": "AMAZON.StopIntent"}


class Turn(Record):
    """One request as plain values. `intent` is "" for requests that are none; a touch is the intent it stands for.

    `memory` alone is no plain value: it asks the store, when somebody asks it.
    """

    type: str
    intent: str
    heard: Heard
    state: State
    knowledge: Knowledge
    book: Phrasebook
    memory: Memory
    caller: Caller = Caller()
    slots: Mapping[str, Any] = {}  # those that hold something, as in the request's JSON

    @property
    def preferences(self) -> Preferences:
        """How the person likes to be coached. The first to ask in a session may wait for the store, briefly."""
        known = self.state.preferences
        return known if known is not None else self.memory.load() or Preferences()

    @property
    def other(self) -> bool:
        """Whether the person speaks for somebody else, as far as is known now."""
        known, heard = self.state.episode.findings, self.heard.findings
        return any(heard.get(id_, known.get(id_)) == PRESENT for id_ in ("other_person", "child"))


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """The clinical content, read once."""
    return load()


def needed(event: Any) -> Any:
    """What is read of a request, which may be any JSON at all: to make models of the rest would take as long.

    Left out are slots that hold nothing, as most of an intent's do, what stands in the context beside System, and what
    nobody asks System, the session and the intent for. What is odd is left as it is.
    """
    if type(event) is not dict:
        return event
    some = dict(event)
    context, session, request = event.get("context"), event.get("session"), event.get("request")
    system = context.get("System") if type(context) is dict else None
    if type(system) is dict:
        some["context"] = {"System": _of(system, "user", "device", "apiEndpoint", "apiAccessToken")}
        if type(session) is dict and session.get("user") == system.get("user"):
            some["session"] = _of(session, "attributes")
    intent = request.get("intent") if type(request) is dict else None
    slots = intent.get("slots") if type(intent) is dict else None
    if type(slots) is dict and request is not None and intent is not None:
        held = {
            name: _once(slot)
            for name, slot in slots.items()
            if type(slot) is not dict or "value" in slot or "slotValue" in slot
        }
        some["request"] = {**request, "intent": {**_of(intent, "name"), "slots": held}}
    return some


def _once(slot: Any) -> Any:
    """A slot without the copy of its only value that Alexa sends for skills older than `slotValue`."""
    if type(slot) is not dict or type(slot.get("slotValue")) is not dict:
        return slot
    return _of(slot, "name", "value", "slotValue")


def _of(part: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: part[name] for name in names if name in part}


def hear(request: Mapping[str, Any], state: State, known: Knowledge) -> Heard:
    """What the JSON of a request says, in a session that stands at `state`.

    An id that the content does not hold, as from an interaction model of another version, is left out.
    """
    intent = request.get("intent")
    slots = intent.get("slots") if isinstance(intent, dict) else None
    if not slots or not isinstance(slots, dict) or not isinstance(intent, dict):
        return Heard()
    if intent.get("name") == "ReminderIntent" or (intent.get("name") == "ReminderTimeIntent" and state.is_reminding):
        slots = {name: slot for name, slot in slots.items() if name != "duration"}  # how long until then, no finding
    language = str(request.get("locale") or "en").partition("-")[0]
    heard = ear(language).hear(slots, state.expecting, known.sites)
    return heard._replace(findings=fitting(heard.findings, known))


def turn_of(handler_input: HandlerInput) -> Turn:
    """The turn of a request."""
    envelope = handler_input.request_envelope
    request = envelope.request
    known = knowledge()
    state = read(envelope.session.attributes if envelope.session is not None else None, known)
    intent = request.intent if isinstance(request, IntentRequest) else None
    locale = (request.locale if request is not None else None) or "en"
    slots = _slots(intent)
    return Turn(
        type=(request.object_type if request is not None else None) or "",
        intent=(intent.name if intent is not None else _touched(request)) or "",
        heard=hear({"locale": locale, "intent": {"name": intent and intent.name, "slots": slots}}, state, known),
        state=state,
        knowledge=known,
        book=open_book(locale),
        memory=Memory(handler_input.attributes_manager),
        caller=caller_of(envelope),
        slots=slots,
    )


def _touched(request: Any) -> str:
    """The intent that a touch stands for; "" for what is no touch on a key of ours."""
    if getattr(request, "object_type", None) != TOUCH:
        return ""
    match request.arguments:
        case [str(key)]:
            return TOUCHES.get(key, "")
    return ""


def _slots(intent: Intent | None) -> dict[str, Any]:
    """The slots that hold something, as in the request's JSON: each intent has some that do not."""
    slots: Mapping[str, Any] | None = intent.slots if intent is not None else None
    return {
        name: _plain(slot if slot.slot_value is None else {"value": slot.value, "slotValue": slot.slot_value})
        for name, slot in (slots or {}).items()
        if slot is not None and (slot.value is not None or slot.slot_value is not None)
    }


def _plain(given: Any) -> Any:
    """A model of the kit as JSON data; what it lacks is left out."""
    if type(given) is dict:
        return {name: _plain(part) for name, part in given.items()}
    names = getattr(given, "attribute_map", None)
    if names is not None:
        return {
            names[own]: value if type(value) is str else _plain(value)
            for own, value in vars(given).items()
            if value is not None and own in names
        }
    if isinstance(given, list):
        return [_plain(part) for part in given]
    return getattr(given, "value", given)  # an enumeration's own value
