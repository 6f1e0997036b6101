"""The requests that every function of the bench is asked: recorded from conversations with the pretend device."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

from server.conversation import Device

# Calm and urgent, short and long; a request carries the session that the turns before it left.
_CONVERSATIONS = (
    ("my calf just seized up", "no none of those", "about a minute", "yes"),
    ("is this a cramp", "my hamstring", "no", "it eased after a minute"),
    ("my foot is cramping", "i don't know", "no"),
    ("my lower back keeps twitching", "no", "since yesterday"),
    ("i've got a stitch in my side", "no", "yes please"),
    ("my thigh is sore after the gym", "no none of that", "two days"),
)
_LARGE = 20_000  # bytes


@dataclass(frozen=True)
class Turns:
    """Requests as JSON. `first` begins a triage, `triage` are turns of one, `large` is a heavy one, `saving` load and
    save what somebody prefers."""

    first: bytes
    triage: tuple[bytes, ...]
    large: bytes
    saving: tuple[bytes, ...]


def record() -> Turns:
    """Has the conversations, and keeps what was asked."""
    triage = [request for said in _CONVERSATIONS for request in _requests(*said)]
    saving = (*_requests("slower"), *_requests("faster"))
    return Turns(
        first=_wire(triage[0]),
        triage=tuple(_wire(request) for request in triage),
        large=_wire(_heavy(triage[0])),
        saving=tuple(_wire(request) for request in saving),
    )


def _requests(*said: str) -> list[dict[str, Any]]:
    device = Device(user="amzn1.ask.account.BENCH", screen=False)
    requests = []
    for text in said:
        turn = device.say(text)
        requests.append(turn["request"])
        if turn["ended"]:
            break
    return requests


def _heavy(request: dict[str, Any]) -> dict[str, Any]:
    """The same request with a slot of many values, each resolved by several authorities: as large as Alexa's get."""
    heavy = copy.deepcopy(request)
    slots = heavy["request"]["intent"]["slots"]
    name, slot = next((name, slot) for name, slot in slots.items() if slot.get("slotValue"))
    value = slot["slotValue"]
    values = value["values"] if value["type"] == "List" else [value]
    while len(_wire(heavy)) < _LARGE:
        values = [*values, copy.deepcopy(values[0])]
        slots[name]["slotValue"] = {"type": "List", "values": values}
    return heavy


def _wire(request: dict[str, Any]) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode()
