"""A stand-in for the Alexa API, over real HTTP on the loopback: reminders, the device's time zone, the permission.

It answers as Amazon's pages say ("Alexa Reminders API reference", "Device settings REST API reference"), and fails on
demand, so that what the skill does then can be tried. The codes of its 403 answers are invented: Amazon's are not
documented. Nothing is kept when the program ends, and no reminder ever rings.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, Response, jsonify, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from skill.alexa import allow_local
from skill.caller import REMINDERS

GRANTED, DENIED = "GRANTED", "DENIED"
MOST = 250  # reminders of a person; Amazon states a limit for Alexa Smart Properties only
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?")
_LONG = 60  # seconds; longer than any client of ours waits


class Fault(NamedTuple):
    """How the API fails: `kind` is "status", "slow headers", "slow body", "cut", "broken", "huge", or "redirect".

    `only`: the method that fails, "" for each. `done`: whether what was asked is done all the same.
    """

    kind: str
    status: int = 500
    code: str = ""
    only: str = ""
    done: bool = False


class Key(NamedTuple):
    """Whom an access token belongs to."""

    user: str
    device: str


class Alexa:
    """The part of Alexa behind the API, for all pretend devices of this program. Safe among threads."""

    def __init__(self, *, zone: str | None = None, tells_permission: bool = True) -> None:
        self.zone = own_zone() if zone is None else zone  # "": the device has none set
        self.tells_permission = tells_permission  # whether requests carry the state of the permission
        self.supports_reminders = True
        self.most = MOST
        self.fault: Fault | None = None
        self.calls: list[str] = []  # method and path of each
        self._permissions: dict[str, str] = {}
        self._reminders: dict[str, dict[str, dict[str, Any]]] = {}
        self._keys: dict[str, Key] = {}
        self._lock = threading.RLock()
        self._hung_up = threading.Event()
        self._server: BaseWSGIServer | None = None

    def __deepcopy__(self, memo: object) -> Alexa:
        return self  # a copied device still talks to the same Alexa

    @property
    def endpoint(self) -> str:
        """Where the API is; it starts to listen when first asked for."""
        with self._lock:
            if self._server is None:
                self._server = make_server("127.0.0.1", 0, create_api(self), threaded=True, request_handler=_Quiet)
                self._server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded kind
                threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
                allow_local(f"http://127.0.0.1:{self._server.server_port}")
                atexit.register(self.close)
            return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Stops listening, and lets go of whoever is kept waiting."""
        self._hung_up.set()
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            atexit.unregister(self.close)
            server.shutdown()
            server.server_close()

    def key(self, user: str, device: str) -> str:
        """A fresh access token, as each request of Alexa carries one."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._keys[token] = Key(user, device)
            while len(self._keys) > 10_000:
                del self._keys[next(iter(self._keys))]
        return token

    def owner(self, token: str) -> Key | None:
        return self._keys.get(token)

    def permission(self, user: str) -> str:
        """The person's permission for the skill's reminders: nobody has given it before they are asked."""
        return self._permissions.get(user, DENIED)

    def grant(self, user: str) -> None:
        """The person allows it."""
        self._permissions[user] = GRANTED

    def permissions(self, user: str) -> dict[str, Any]:
        """What a request tells of it, under "user"."""
        if not self.tells_permission:
            return {}
        return {"permissions": {"scopes": {REMINDERS: {"status": self.permission(user)}}}}

    def reminders(self, user: str) -> list[dict[str, Any]]:
        """What is set for a person, in the shape of the API."""
        with self._lock:
            return list(self._reminders.get(user, {}).values())

    def add(self, user: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        now = _stamp(datetime.now(UTC))
        alert = {
            "alertToken": secrets.token_hex(8),
            "createdTime": now,
            "updatedTime": now,
            "trigger": dict(wanted["trigger"]),
            "status": "ON",
            "alertInfo": wanted["alertInfo"],
            "pushNotification": wanted.get("pushNotification", {"status": "ENABLED"}),
            "version": "1",
        }
        with self._lock:
            self._reminders.setdefault(user, {})[alert["alertToken"]] = alert
        return alert

    def remove(self, user: str, token: str) -> bool:
        with self._lock:
            return self._reminders.get(user, {}).pop(token, None) is not None

    def wait(self) -> None:
        """Keeps somebody waiting until they, or we, have had enough."""
        self._hung_up.wait(_LONG)


def upcoming(alexa: Alexa, user: str) -> list[dict[str, str]]:
    """What is still to ring for a person, the next one first: {"when": local ISO time, "says": text}."""
    found = []
    for alert in alexa.reminders(user):
        moment = due(alert["trigger"], alert["createdTime"])
        zone = alert["trigger"].get("timeZoneId") or alexa.zone or "UTC"
        text = alert["alertInfo"]["spokenInfo"]["content"][0]["text"]
        if moment > datetime.now(UTC):
            found.append((moment, {"when": moment.astimezone(ZoneInfo(zone)).isoformat(), "says": text}))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def own_zone() -> str:
    """The time zone of this computer by its name; UTC where it does not tell."""
    with contextlib.suppress(OSError, ValueError, ZoneInfoNotFoundError):
        place = str(Path("/etc/localtime").resolve())
        _, found, name = place.partition("zoneinfo/")
        if found:
            return ZoneInfo(name).key
    return "UTC"


def shared() -> Alexa:
    """The one Alexa of this process: a forked one cannot use the server of its parent."""
    return _shared(os.getpid())


@cache
def _shared(process: int) -> Alexa:
    return Alexa()


def create_api(alexa: Alexa) -> Flask:
    """The API as a web application: JSON in and out, a bearer token with every call."""
    app = Flask(__name__)

    @app.before_request
    def trouble() -> Response | None:
        alexa.calls.append(f"{request.method} {request.path}")
        fault = _fault(alexa)
        return None if fault is None or fault.done else _fail(alexa, fault)

    @app.after_request
    def trouble_afterwards(answer: Response) -> Response:
        fault = _fault(alexa)
        return _fail(alexa, fault) if fault is not None and fault.done else answer

    @app.get("/v2/devices/<device>/settings/System.timeZone")
    def time_zone(device: str) -> Response:
        owner = _owner(alexa)
        if owner is None:
            return _error(401, "UNAUTHORIZED", "The authentication token is not valid.")
        if owner.device != device:
            return _error(403, "FORBIDDEN", "The authentication token does not have access to the resource.")
        return jsonify(alexa.zone) if alexa.zone else Response(status=204)

    @app.post("/v1/alerts/reminders")
    def create() -> Response:
        return _create(alexa)

    @app.get("/v1/alerts/reminders")
    def read_all() -> Response:
        user = _permitted(alexa)
        if isinstance(user, Response):
            return user
        alerts = alexa.reminders(user)
        return jsonify({"totalCount": str(len(alerts)), "alerts": alerts, "links": None})

    @app.get("/v1/alerts/reminders/<token>")
    def read_one(token: str) -> Response:
        user = _permitted(alexa)
        if isinstance(user, Response):
            return user
        found = [alert for alert in alexa.reminders(user) if alert["alertToken"] == token]
        return jsonify(found[0]) if found else _error(404, "ALERT_NOT_FOUND", "There is no such alert.")

    @app.delete("/v1/alerts/reminders/<token>")
    def delete(token: str) -> Response:
        user = _permitted(alexa)
        if isinstance(user, Response):
            return user
        return Response() if alexa.remove(user, token) else _error(404, "ALERT_NOT_FOUND", "There is no such alert.")

    return app


class _Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, type: str, message: str, *args: object) -> None: ...

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None: ...


def _owner(alexa: Alexa) -> Key | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return alexa.owner(token) if scheme == "Bearer" else None


def _permitted(alexa: Alexa) -> str | Response:
    """The user, where the token is good and the permission given."""
    owner = _owner(alexa)
    if owner is None or alexa.permission(owner.user) != GRANTED:
        return _error(401, "UNAUTHORIZED", "Request is not authorized/authenticated.")
    return owner.user


def _create(alexa: Alexa) -> Response:
    user = _permitted(alexa)
    if isinstance(user, Response):
        return user
    if not alexa.supports_reminders:
        return _error(403, "DEVICE_NOT_SUPPORTED", "Reminders are not supported on this device.")
    if len(alexa.reminders(user)) >= alexa.most:
        return _error(403, "MAX_REMINDERS_EXCEEDED", "The maximum number of reminders is reached.")
    wanted: Any = request.get_json(silent=True)
    wrong = wrong_with(wanted)
    if wrong:
        return _error(400, "INVALID_ALERT_INFO", wrong)
    alert = alexa.add(user, wanted)
    kept = {key: alert[key] for key in ("alertToken", "createdTime", "updatedTime", "status", "version")}
    return jsonify({**kept, "href": f"/v1/alerts/reminders/{alert['alertToken']}"})


def wrong_with(wanted: Any) -> str:
    """What is wrong with the body of a reminder; "" where nothing is."""
    try:
        datetime.fromisoformat(wanted["requestTime"])
        content = wanted["alertInfo"]["spokenInfo"]["content"]
        if not content or not all(part["text"].strip() and part["locale"] for part in content):
            return "The alert has no text."
        trigger = wanted["trigger"]
        if trigger["type"] == "SCHEDULED_RELATIVE":
            return "" if trigger["offsetInSeconds"] > 0 else "The offset is not positive."
        if trigger["type"] != "SCHEDULED_ABSOLUTE" or not _ISO.fullmatch(trigger["scheduledTime"]):
            return "The trigger is not valid."
        return "" if due(trigger, "") > datetime.now(UTC) else "The scheduled time is in the past."
    except (AttributeError, KeyError, TypeError, ValueError, ZoneInfoNotFoundError):
        return "The alert is not valid."


def due(trigger: Mapping[str, Any], created: str) -> datetime:
    """The moment at which a reminder would ring."""
    if trigger["type"] == "SCHEDULED_RELATIVE":
        return datetime.fromisoformat(created) + timedelta(seconds=trigger["offsetInSeconds"])
    at = datetime.fromisoformat(trigger["scheduledTime"])
    return at.replace(tzinfo=ZoneInfo(trigger["timeZoneId"])).astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(status: int, code: str, message: str) -> Response:
    answer = jsonify({"code": code, "message": message})
    answer.status_code = status
    return answer


def _fault(alexa: Alexa) -> Fault | None:
    """How the request at hand fails, if it does."""
    fault = alexa.fault
    return fault if fault is not None and fault.only in {"", request.method} else None


def _fail(alexa: Alexa, fault: Fault) -> Response:
    if fault.kind == "status":
        return _error(fault.status, fault.code, "")
    if fault.kind == "slow headers":
        alexa.wait()
        return Response(status=503)
    if fault.kind == "slow body":
        return Response(_in_drops(alexa), mimetype="application/json")
    if fault.kind == "cut":
        request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return Response()
    if fault.kind == "broken":
        return Response('{"alertToken": ', fault.status, mimetype="application/json")
    if fault.kind == "huge":
        return Response(json.dumps({"alertToken": "x" * 200_000}), mimetype="application/json")
    if fault.kind == "redirect":
        return Response(status=307, headers={"Location": f"{alexa.endpoint}/v1/elsewhere"})
    raise ValueError(fault.kind)


def _in_drops(alexa: Alexa) -> Iterator[bytes]:
    """An answer that never stops coming, each piece of it in time."""
    end = time.monotonic() + _LONG
    while time.monotonic() < end and not alexa._hung_up.is_set():
        yield b" "
        time.sleep(0.05)
