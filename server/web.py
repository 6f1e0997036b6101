"""The web service: starts the production app on the server of our choice, and ends it gracefully.

Usage: SKILL_ID=amzn1.ask.skill… python -m server.web     (make serve)

HOST and PORT say where it listens, 127.0.0.1 and 8080 by default: TLS is the business of a proxy in front. WORKERS is
the number of processes. docs/web.md tells the rest, docs/decisions/0035 why this server.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

APP = "server.wsgi:app"
# Of each worker: a turn that waits for the store or the reminders leaves the others free. More, granian warns of.
THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
CONNECTIONS = 512  # of a worker at a time, idle ones too; more wait in the queue of the system
HEADER_BYTES = 16 * 1024  # of a request; a signature and a URL are about 500
HEADER_MILLISECONDS = 10_000
GRACE = 10  # seconds for the answers on their way; Alexa waits 8
RESPAWN_SECONDS = 1.0

_SKILL_ID = re.compile(r"amzn1\.ask\.skill\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as template.yaml has it


class SettingError(Exception):
    """A variable that cannot be used, in one line for the person who set it."""


@dataclass(frozen=True)
class Settings:
    """Where the service listens, and with how many processes."""

    host: str
    port: int
    workers: int

    @property
    def address(self) -> str:
        """Host and port in one, as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """What the environment says. Raises SettingError."""
    skill_id = environ.get("SKILL_ID", "").strip()
    if not skill_id:
        raise SettingError("SKILL_ID is missing: set it to the id of your skill (amzn1.ask.skill…).")
    if not _SKILL_ID.fullmatch(skill_id):
        raise SettingError(f"SKILL_ID is {skill_id!r}: use amzn1.ask.skill. and the 36 characters of your skill's id.")
    host = environ.get("HOST", "").strip() or "127.0.0.1"
    try:
        ip_address(host)
    except ValueError:  # granian takes no names
        raise SettingError(f"HOST is {host!r}: use an address, such as 127.0.0.1, 0.0.0.0 or ::1.") from None
    return Settings(
        host,
        _number(environ, "PORT", 8080, 65_535),
        _number(environ, "WORKERS", 2, 64),
    )


def _number(environ: Mapping[str, str], name: str, usual: int, most: int) -> int:
    given = environ.get(name, "").strip() or str(usual)
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(most))) or not 1 <= int(given) <= most:
        raise SettingError(f"{name} is {given!r}: use a number from 1 to {most}.")
    return int(given)


def check_free(chosen: Settings) -> None:
    """Raises SettingError where nobody may listen: granian would answer with a trace of its own stack."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # of the one before us, something may linger
            probe.bind((chosen.host, chosen.port))
    except OSError as error:
        raise SettingError(f"Nobody can listen on {chosen.address}: {error.strerror}.") from error


def serve(chosen: Settings, app: str = APP) -> None:
    """Serve until somebody says stop (SIGTERM, SIGINT): no more is taken in then, and what was taken in is answered."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    Granian(
        app,
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=THREADS,
        runtime_mode=RuntimeModes.mt,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        websockets=False,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_SECONDS,
        workers_kill_timeout=GRACE,
        log_level=LogLevels.error,  # the rest tells of processes that come and go
        log_access=False,  # the door tells once a minute what came, without a value
    ).serve()


def main() -> int:
    try:
        chosen = settings()
        check_free(chosen)
        import server.wsgi  # noqa: F401  # a mistake is told here, once, before the port is open
    except (SettingError, RuntimeError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Cramp Coach answers POST http://{chosen.address}/alexa. Ctrl-C stops it.", flush=True)
    serve(chosen)
    print("Stopped.", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
