"""The requests that every function of the bench is asked: recorded from conversations with the pretend device."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime
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
_TIME = "2000-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Turns:
    """Requests as JSON, to be sent by way of `of_now`.

    `first` begins a triage, `triage` are turns of several, `large` is one from a full screen; `saving` are turns that
    load and save what somebody prefers.
    """

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
    """The same request from a device whose screen tells of everything that is on it: the largest that Alexa sends.

    The shape is that of Amazon, "APL visual context in the skill request"
    (https://developer.amazon.com/en-US/docs/alexa/alexa-presentation-language/apl-interface.html).
    """
    heavy = copy.deepcopy(request)
    shown: list[dict[str, Any]] = []
    heavy["context"]["Alexa.Presentation.APL"] = {
        "token": "shown",
        "version": "AriaRuntimeLibrary-1.0",
        "componentsVisibleOnScreen": [{**_component(0), "children": shown}],
    }
    while len(_wire(heavy)) < _LARGE:
        shown.append(_component(len(shown) + 1))
    return heavy


def _component(number: int) -> dict[str, Any]:
    return {
        "uid": f":{1000 + number}",
        "id": f"row{number}",
        "type": "text",
        "position": f"960x48+0+{48 * number}:0",
        "tags": {"focused": False, "clickable": True, "spoken": False, "ordinal": number},
        "entities": [],
        "visibility": 1.0,
    }


def _wire(request: dict[str, Any]) -> bytes:
    request["request"]["timestamp"] = _TIME
    return json.dumps(request, separators=(",", ":")).encode()


def of_now(request: bytes) -> bytes:
    """The request as if it were sent now: of two wishes the later one stands, and the others are not saved."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return request.replace(_TIME.encode(), now.encode())
