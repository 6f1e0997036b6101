"""Calls out to the Alexa API: the device's time zone, and the skill's own reminders.

Imported when a reminder is talked about, and not before. The kit's service clients know paths and shapes; what they
call is ours, because the kit's own has no time limit (ask-sdk-core 1.19, api_client.py). A turn has eight seconds, so a
call has two, with everything in it, and all calls of a turn have five.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model.services import (
    ApiClient,
    ApiClientRequest,
    ApiClientResponse,
    ApiConfiguration,
    ServiceException,
)
from ask_sdk_model.services.reminder_management import (
    AlertInfo,
    PushNotification,
    PushNotificationStatus,
    ReminderManagementServiceClient,
    ReminderRequest,
    SpokenInfo,
    SpokenText,
    Status,
    Trigger,
    TriggerType,
)
from ask_sdk_model.services.ups import UpsServiceClient

from record import Record

from .caller import Caller
from .reminder import due, later
from .reminding import Plan

EACH = 2.0  # seconds of one call: name, connection, TLS, and the whole answer
ALL = 5.0  # seconds of all calls of a turn
LONGEST_ANSWER = 64 * 1024  # bytes

# Amazon, "Alexa Reminders API reference"; a later edition, "Reminders REST API reference", has api.fe.amazon.com.
_HOST = re.compile(r"api(\.[a-z]{2})?\.amazonalexa\.com|api\.(eu|fe)\.amazon\.com")
_TOO_MANY = re.compile(r"max|limit|exceed|too.?many", re.IGNORECASE)
_UNSUPPORTED = re.compile(r"device|support", re.IGNORECASE)
_KINDS = {400: "invalid", 401: "permission", 404: "gone", 409: "conflict", 429: "busy"}

_T = TypeVar("_T")
_Answer = tuple[int, list[tuple[str, str]], str]  # status, headers, body
_NEVER = datetime.max.replace(tzinfo=UTC)
_local: set[str] = set()


class TroubleError(Exception):
    """A call that came to nothing.

    `kind`: "absent" (the request carries no way to the API), "permission", "device" (it has no reminders), "full",
    "forbidden" (one of these two, we cannot tell which), "invalid", "gone", "conflict", "busy", or "down": no answer,
    or none that can be read, so that it may have been done all the same.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Alert(Record):
    """A reminder that is set. `plan` is empty where its time cannot be read."""

    token: str
    plan: Plan


def allow_local(endpoint: str) -> None:
    """Lets the simulator of this process stand in for the API, on the loopback. No request can do this."""
    url = urlsplit(endpoint)
    if url.scheme != "http" or url.hostname != "127.0.0.1":
        raise ValueError("not on the loopback")
    _local.add(endpoint)


class Api:
    """The API as one turn may use it."""

    def __init__(self, caller: Caller) -> None:
        """Raises TroubleError("absent") where the request names no API of Alexa's, or has no key to it."""
        if not caller.access or not _is_ours(caller.endpoint):
            raise TroubleError("absent")
        self._device = caller.device
        self._locale = caller.locale
        self._now = caller.now
        self._courier = Courier()
        configuration = ApiConfiguration(
            serializer=Plain(),
            api_client=self._courier,
            authorization_value=caller.access,
            api_endpoint=caller.endpoint,
        )
        self._reminders = ReminderManagementServiceClient(configuration)
        self._settings = UpsServiceClient(configuration)

    def time_zone(self) -> str:
        """The name of the device's time zone; "" where none is set (204)."""
        name = self._ask(lambda: self._settings.get_system_time_zone(self._device))
        return name if isinstance(name, str) else ""

    def remind(self, plan: Plan, text: str) -> None:
        """Sets a reminder that says `text`. Returns only where the API said that it is set."""
        moment = due(plan)
        if moment is None:
            raise TroubleError("invalid")
        if plan.zone:
            trigger = Trigger(
                object_type=TriggerType.SCHEDULED_ABSOLUTE,
                scheduled_time=f"{plan.at}:00.000",  # type: ignore[arg-type]  # the kit would leave the milliseconds out
                time_zone_id=plan.zone,
            )
        else:
            seconds = max(round((moment - self._now).total_seconds()), 1)
            trigger = Trigger(object_type=TriggerType.SCHEDULED_RELATIVE, offset_in_seconds=seconds)
        request = ReminderRequest(
            request_time=f"{self._now:%Y-%m-%dT%H:%M:%S}.000Z",  # type: ignore[arg-type]  # the same
            trigger=trigger,
            alert_info=AlertInfo(SpokenInfo([SpokenText(locale=self._locale, text=text)])),
            push_notification=PushNotification(PushNotificationStatus.ENABLED),
        )
        answer = _fields(self._ask(lambda: self._reminders.create_reminder(request)))
        if answer.get("status") != Status.ON.value or not answer.get("alertToken"):
            raise TroubleError("down")

    def reminders(self) -> list[Alert]:
        """The reminders of this skill that are still to come, the next one first."""
        alerts = _fields(self._ask(self._reminders.get_reminders)).get("alerts")
        if not isinstance(alerts, list):
            raise TroubleError("down")
        set_ = [_alert(alert) for alert in map(_fields, alerts) if alert.get("status") == Status.ON.value]
        coming = [(due(alert.plan) or _NEVER, alert) for alert in set_ if alert.token]
        return [alert for moment, alert in sorted(coming) if moment > self._now]

    def cancel(self, alert: Alert) -> None:
        """Deletes a reminder; one that is gone already counts as deleted."""
        try:
            self._ask(lambda: self._reminders.delete_reminder(alert.token))
        except TroubleError as trouble:
            if trouble.kind != "gone":
                raise

    def _ask(self, call: Callable[[], _T]) -> _T:
        """The answer to a call. Whatever the kit raises, the status tells what it was."""
        self._courier.status = 0
        try:
            return call()
        except ServiceException as problem:
            error = _fields(problem.body)
            said = f"{error.get('code')} {error.get('message')}"
        except (RecursionError, ValueError):
            said = ""  # an answer that cannot be read
        status = self._courier.status
        if status == 403:
            full, unsupported = _TOO_MANY.search(said), _UNSUPPORTED.search(said)
            raise TroubleError("full" if full else "device" if unsupported else "forbidden")
        raise TroubleError(_KINDS.get(status, "invalid" if 402 <= status < 500 else "down"))


class Plain(DefaultSerializer):
    """Writes the kit's models, and reads plain JSON.

    The kit cannot read a single reminder: the type of AlertInfo.spoken_info in ask-sdk-model 1.82 names a module that
    does not exist, and a status it does not know would take the whole list away.
    """

    def deserialize(self, payload: str | None, obj_type: object) -> Any:
        """What is in a body; None where it is empty. Raises ValueError or RecursionError."""
        return json.loads(payload) if payload else None


class Courier(ApiClient):
    """Carries the kit's requests over HTTP: in time, in bounds, to one host, following no redirect."""

    def __init__(self) -> None:
        self.status = 0  # of the last answer; 0 where there was none
        self._until = monotonic() + ALL

    def invoke(self, request: ApiClientRequest) -> ApiClientResponse:
        """The answer. Raises OSError where there is none in time, and ValueError or HTTPException for an odd one."""
        left = min(EACH, self._until - monotonic())
        if left <= 0:
            raise TimeoutError("the turn has no time left")
        call = _Call(request, left)
        self.status, headers, body = call.outcome()
        return ApiClientResponse(headers=headers, status_code=self.status, body=body)


class _Call:
    """One exchange, in a thread of its own.

    No time limit of a socket covers the search for a name, or an answer that comes in drops.
    """

    def __init__(self, request: ApiClientRequest, seconds: float) -> None:
        self._request, self._seconds = request, seconds
        self._outcomes: SimpleQueue[_Answer | Exception] = SimpleQueue()
        self._socket: socket.socket | None = None
        self._given_up = False

    def outcome(self) -> _Answer:
        """The answer; raises what went wrong, or TimeoutError."""
        Thread(target=self._talk, daemon=True).start()
        try:
            outcome = self._outcomes.get(timeout=self._seconds)
        except Empty:
            self._hang_up()
            raise TimeoutError("no answer in time") from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _hang_up(self) -> None:
        """Wakes the thread, which may be waiting for the next drop, so that it ends."""
        self._given_up = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _talk(self) -> None:
        request, url = self._request, urlsplit(self._request.url)
        connection: HTTPConnection | None = None
        answer: HTTPResponse | None = None
        try:
            host, port = url.hostname or "", url.port
            if url.scheme == "https":
                connection = HTTPSConnection(host, port, timeout=self._seconds, context=_tls())
            else:  # only the stand-in on the loopback, see allow_local
                connection = HTTPConnection(host, port, timeout=self._seconds)
            connection.connect()
            # The connection lets go of its socket as soon as the headers are read, the answer only when it is closed.
            self._socket = connection.sock
            if self._given_up:
                return
            body = json.dumps(request.body).encode() if request.body else None
            connection.request(str(request.method), url.path, body, dict(request.headers or ()))
            answer = connection.getresponse()
            text = answer.read(LONGEST_ANSWER + 1)
            if len(text) > LONGEST_ANSWER:
                raise ValueError("the answer is too long")
            self._outcomes.put((answer.status, answer.getheaders(), text.decode()))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the turn must hear of it
            self._outcomes.put(problem)
        finally:
            for open_ in (answer, connection):
                if open_ is not None:
                    open_.close()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _is_ours(endpoint: str) -> bool:
    if endpoint in _local:
        return True
    try:
        url = urlsplit(endpoint)
        plain = url.scheme == "https" and url.port in {None, 443} and (url.path or "/", url.query) == ("/", "")
    except ValueError:
        return False
    return plain and url.netloc.partition(":")[0] == url.hostname and bool(_HOST.fullmatch(url.hostname or ""))


def _alert(reminder: Mapping[str, Any]) -> Alert:
    """A reminder of the API as ours; one that was set as a length of time counts from when it was made."""
    trigger, token = _fields(reminder.get("trigger")), reminder.get("alertToken")
    zone: Any = trigger.get("timeZoneId") or ""
    plan = Plan()
    with contextlib.suppress(ArithmeticError, LookupError, TypeError, ValueError):
        if trigger.get("scheduledTime"):
            at = datetime.fromisoformat(trigger["scheduledTime"])
            if at.tzinfo is not None:
                at, zone = at.astimezone(UTC).replace(tzinfo=None), ""
            plan = Plan(at.isoformat(timespec="minutes"), str(zone))
        else:
            plan = later(datetime.fromisoformat(reminder["createdTime"]), timedelta(seconds=trigger["offsetInSeconds"]))
    return Alert(token if isinstance(token, str) else "", plan if due(plan) is not None else Plan())


def _fields(given: object) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}
