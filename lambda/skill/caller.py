"""What a request tells about the Alexa API: where it is, the key to it, and how a question for permission ended.

Plain values for one turn: never kept in the session, never logged.
"""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any

from ask_sdk_model import RequestEnvelope

from record import Record

REMINDERS = "alexa::alerts:reminders:skill:readwrite"
ASK_FOR = "AskFor"


class Caller(Record):
    """The device that asks (Amazon, "Request and response JSON reference", System object).

    `now` is the moment of the request, in UTC. `allowed`: the person's permission for reminders, None where the request
    does not tell. `outcome`: how Alexa's own question for it ended, "ACCEPTED", "DENIED" or "NOT_ANSWERED" (Amazon,
    "Set up voice permissions for reminders"), "ERROR" for anything else, "" where this request is no answer to it;
    `token` is then what was sent along with it, and `carded` whether Alexa has already put a card into the app.
    """

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    endpoint: str = ""
    access: str = ""
    device: str = ""
    locale: str = "en-US"
    allowed: bool | None = None
    outcome: str = ""
    token: str = ""
    carded: bool = False


def caller_of(envelope: RequestEnvelope) -> Caller:
    """The caller of a request; what it lacks stays empty, as in the console and on old devices."""
    request = envelope.request
    system = envelope.context.system if envelope.context is not None else None
    stamp = request.timestamp if request is not None else None
    now = _moment(stamp)
    locale = _text(request.locale if request is not None else None) or "en-US"
    if system is None:
        caller = Caller(now, locale=locale)
    else:
        caller = Caller(
            now,
            endpoint=_text(system.api_endpoint),
            access=_text(system.api_access_token),
            device=_text(system.device.device_id if system.device is not None else None),
            locale=locale,
            allowed=_allowed(system.user),
        )
    if request is not None and request.object_type == "Connections.Response":
        answer: Any = request
        if answer.name == ASK_FOR:
            payload = answer.payload if isinstance(answer.payload, dict) else {}
            code = _text(answer.status.code if answer.status is not None else None)
            status = _text(payload.get("status"))
            known = code == "200" and status in {"ACCEPTED", "DENIED", "NOT_ANSWERED"}
            caller = caller._replace(
                outcome=status if known else "ERROR",
                token=_text(answer.token),
                carded=payload.get("isCardThrown") is True,
            )
    return caller


def _allowed(user: Any) -> bool | None:
    permissions = user.permissions if user is not None else None
    scopes = permissions.scopes if permissions is not None else None
    scope = scopes.get(REMINDERS) if isinstance(scopes, dict) else None
    status = getattr(getattr(scope, "status", None), "value", None)
    return {"GRANTED": True, "DENIED": False}.get(str(status))


def _moment(stamp: object) -> datetime:
    """A timestamp in UTC; now, where there is none, or where a year more or less would leave the calendar."""
    try:
        moment = stamp.astimezone(UTC) if isinstance(stamp, datetime) and stamp.tzinfo else None
    except OverflowError:
        moment = None
    return moment if moment is not None and MINYEAR + 1 < moment.year < MAXYEAR - 1 else datetime.now(UTC)


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""
