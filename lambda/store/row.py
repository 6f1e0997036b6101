"""What a row holds, how long, and which write wins. The same for every database; nothing here waits or fails.

Who speaks is the account, not the voice: the platform's event that a skill was disabled names no voice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from record import Record

if TYPE_CHECKING:
    from ask_sdk_model import RequestEnvelope

KEPT = ("pace", "count", "wording")  # the only attributes that are ever written

DAY = 86_400  # seconds
LIFE = 180 * DAY  # from the last use
RENEWAL = 30 * DAY  # a use prolongs the life this often, and not every time
MARKED = DAY  # how long a forgotten person's mark stands; no late write is that late
EVENT_LAG = 60_000  # milliseconds by which an event's clock may be behind that of requests

_WORD = r"[a-z]{1,16}"


class Row(Record):
    """One person's row. Without `kept` it is a mark: that person was forgotten `at` that moment.

    `at` is the moment of the request that wrote it, in milliseconds since 1970 by Alexa's clock: writes are ordered by
    it, in whatever order they arrive. `ttl` is in seconds since 1970 by ours, as DynamoDB takes it.
    """

    at: int
    ttl: int
    kept: Mapping[str, str]

    def write(self) -> dict[str, str | int]:
        """As plain columns."""
        return {"at": self.at, "ttl": self.ttl, **self.kept}


def person(envelope: RequestEnvelope) -> str:
    """The key of a request's person: SHA-256 of the user id, in hexadecimal. Raises ValueError where there is none."""
    from hashlib import sha256  # brings OpenSSL along, which a turn without a store never needs

    for holder in (envelope.context and envelope.context.system, envelope.session):
        if holder and holder.user and holder.user.user_id:
            return sha256(holder.user.user_id.encode()).hexdigest()
    raise ValueError("the request names no user")


def moment(envelope: RequestEnvelope, now: float) -> int:
    """When a request was made; `now`, in seconds, where it does not say or says the future.

    An event counts from its creation, for it may be delivered late, and a little later than it says.
    """
    request = envelope.request
    created = getattr(request, "event_creation_time", None)
    said = created or (request.timestamp if request is not None else None)
    latest = int(now * 1000)
    at = latest
    if isinstance(said, datetime) and said.tzinfo is not None:
        at = min(int(said.timestamp() * 1000), latest)
    return at + EVENT_LAG if created else at


def read(columns: Mapping[str, Any] | None, now: float) -> Row | None:
    """A row as it came back; None for one that is not there, has expired or makes no sense."""
    if columns is None:
        return None
    at, ttl = columns.get("at"), columns.get("ttl")
    if not isinstance(at, int) or not isinstance(ttl, int) or ttl <= now:
        return None
    return Row(at, ttl, fitting(columns))


def fitting(given: Mapping[str, Any]) -> dict[str, str]:
    """The attributes that may be in a row, where their values are a word."""
    return {key: given[key] for key in KEPT if isinstance(given.get(key), str) and re.fullmatch(_WORD, given[key])}


def saved(row: Row | None, attributes: Mapping[str, Any], at: int, now: float) -> Row | None:
    """The row after a save at a moment; None where something later stands, or the person was forgotten since.

    What is not named stays as it was. Raises ValueError for anything that may not be in a row.
    """
    fits = fitting(attributes)
    if fits != dict(attributes):
        raise ValueError("only preferences are stored")
    if row is not None and (at < row.at or (at == row.at and not row.kept)):
        return None
    return Row(at, int(now) + LIFE, {**(row.kept if row is not None else {}), **fits})


def forgotten(row: Row | None, at: int, now: float) -> Row | None:
    """The mark that takes a row's place; None where something later stands."""
    if row is not None and at < row.at:
        return None
    return Row(at, int(now) + MARKED, {})


def renewed(row: Row, now: float) -> Row | None:
    """The row with its life prolonged; None where that is not due yet."""
    ttl = int(now) + LIFE
    return row._replace(ttl=ttl) if row.kept and ttl - row.ttl >= RENEWAL else None
