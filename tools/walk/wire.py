"""Raw requests: valid in shape, hostile in what they hold; straight to the door, past the recogniser."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from random import Random
from typing import Any

from server.conversation import MODELS

from .content import content
from .sayings import Said

_UNREAD = {"duration", "since", "choice", "remedy", "topic"}  # slots whose raw words carry no sign (docs/safety.md)


@lru_cache(maxsize=1)
def intents() -> Mapping[str, list[str]]:
    """The intents of the deployed model, with the slots each declares."""
    model = json.loads((MODELS / "en-US.json").read_text("utf-8"))
    language = model["interactionModel"]["languageModel"]
    return {intent["name"]: [slot["name"] for slot in intent.get("slots", ())] for intent in language["intents"]}


def envelope(request: Mapping[str, Any], attributes: Mapping[str, Any] | None, locale: str = "en-US") -> dict[str, Any]:
    """A request as Alexa sends it; without a session where `attributes` is None, as in a pasted test event."""
    application = {"applicationId": "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"}
    made: dict[str, Any] = {
        "version": "1.0",
        "context": {"System": {"application": application, "device": {"deviceId": "walk", "supportedInterfaces": {}}}},
        "request": {"requestId": "walk", "timestamp": "2026-11-23T00:00:00Z", "locale": locale, **request},
    }
    if attributes is not None:
        made["session"] = {
            "new": not attributes,
            "sessionId": "walk",
            "application": application,
            "attributes": dict(attributes),
            "user": {"userId": "walk"},
        }
    return made


class Stranger:
    """Sends what no device of ours would: slots an intent does not declare, ids nobody knows, lists, no session."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311 - a walk, no secret
        self.left = self.random.randint(2, 9)

    def sends(self) -> Said | None:
        """The next request and what it means; None when there is no more."""
        self.left -= 1
        if self.left < 0:
            return None
        random = self.random
        name = random.choice([*intents(), "MadeUpIntent", "CrampIntent"])
        slots: dict[str, Any] = {}
        present: list[str] = []
        for slot in random.sample(_SLOTS, random.choice((0, 1, 1, 2, 3, 5))):
            slots[slot], means = self._slot(slot)
            present += means
        if "denied" in slots and present:
            del slots["denied"]  # the same words said and denied: whose they are is for the slots to settle
        intent = {"name": name, "confirmationStatus": "NONE", "slots": slots}
        if not slots and random.random() < 0.5:
            del intent["slots"]
        request = {"type": "IntentRequest", "intent": intent, "dialogState": random.choice(("STARTED", "COMPLETED"))}
        return Said(
            f"raw {name}",
            _brief(name, slots),
            present=tuple(present),
            restarts=name == "AMAZON.StartOverIntent",
            leaves=name in {"AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent", "ThanksIntent"},
            request=request,
            session=random.random() > 0.08,
        )

    def _slot(self, slot: str) -> tuple[dict[str, Any], list[str]]:
        random = self.random
        values = [self._value(slot) for _ in range(random.choice((1, 1, 1, 2, 4)))]
        present = [id_ for _, id_ in values if id_]
        simple = [value for value, _ in values]
        made: dict[str, Any] = {"name": slot, "confirmationStatus": "NONE", "source": "USER"}
        if len(simple) == 1 and random.random() < 0.3:
            return {**made, **{key: part for key, part in simple[0].items() if key != "type"}}, present
        made["slotValue"] = simple[0] if len(simple) == 1 else {"type": "List", "values": simple}
        return made, present

    def _value(self, slot: str) -> tuple[dict[str, Any], str]:
        """One value, and the sign of danger it means, "" where none."""
        random = self.random
        sign = ""
        words = random.choice(("", "zork", "the calf thing", "PT5M", "P1D", "PT999999999H", "😀 <speak>", "x" * 300))
        id_ = random.choice(("", "no_such_id", "0", "99", "-1", "yes", "no", "calf", "swelling.absent", "difference"))
        if slot not in _UNREAD | {"denied"} and random.random() < 0.35:
            sign = random.choice(sorted(content().danger))
            words = random.choice(content().phrases[sign])
            id_ = random.choice(("", "", sign if slot == "danger" else "", "no_such_id" if slot != "danger" else ""))
        value: dict[str, Any] = {"type": "Simple", "value": words}
        status = "ER_SUCCESS_MATCH" if id_ else random.choice(("ER_SUCCESS_NO_MATCH", "ER_ERROR_TIMEOUT", ""))
        if status:
            authority: dict[str, Any] = {"authority": f"amzn1.er-authority.{slot}", "status": {"code": status}}
            if id_:
                authority["values"] = [{"value": {"name": words or "x", "id": id_}}]
            value["resolutions"] = {"resolutionsPerAuthority": [authority]}
        return value, sign


def _brief(name: str, slots: Mapping[str, Any]) -> str:
    """A request for people to read: "DescribeIntent site=calf/calf,zork"."""
    parts = [name]
    for slot, made in slots.items():
        given = made.get("slotValue", made)
        values = []
        for value in given.get("values", [given]):
            authority = value.get("resolutions", {}).get("resolutionsPerAuthority", [{}])[0]
            ids = [f"/{found['value']['id']}" for found in authority.get("values", ())]
            values.append(value["value"][:30] + "".join(ids))
        parts.append(f"{slot}={'|'.join(values)}")
    return " ".join(parts)


_SLOTS = [
    "site",
    "side",
    "danger",
    "denied",
    "detail",
    "duration",
    "since",
    "reply",
    "choice",
    "answer",
    "correction",
    "remedy",
    "topic",
    "nobody_knows",
]
