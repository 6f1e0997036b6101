"""`make run`: the speaker in the browser, on this computer only."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
from pathlib import Path
from typing import NoReturn

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

ROOT = Path(__file__).resolve().parent.parent
# What one computer remembers goes with the clone, and with "make clean".
PREFERENCES_FILE = ROOT / "build" / "preferences.sqlite3"
HOST = "127.0.0.1"
FIRST_PORT = 5000
PORTS_TO_TRY = 100
# What the log calls our addresses.
OURS = {
    "/": "page",
    "/api/turn": "turn",
    "/api/touch": "touch",
    "/api/voice": "voice",
    "/api/speech": "speech",
    "/api/parts": "parts",
    "/api/ears": "ears",
    "/api/hear": "hear",
}


class CannotStartError(Exception):
    """One line for the person who typed the command."""


class QuietHandler(WSGIRequestHandler):
    """Logs that a turn was taken and how long it took, never what was in it."""

    started: float | None = None  # a malformed request never starts

    def run_wsgi(self) -> None:
        self.started = time.perf_counter()
        super().run_wsgi()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # A path that is not ours may hold anything, so only ours are named.
        ours = OURS.get(getattr(self, "path", ""))
        status = str(getattr(code, "value", code))
        if ours is None and status < "400":
            return
        parts = [time.strftime("%H:%M:%S"), f"{ours or 'other':<6}", status]
        if self.started is not None:
            parts.append(f"{(time.perf_counter() - self.started) * 1000:.0f} ms")
        print("  ".join(parts) + "\n", end="", flush=True)  # in one piece, for there are several threads

    def log(self, type: str, message: str, *args: object) -> None:
        """Swallows the base class's messages: they quote the request."""


def wanted_port(setting: str | None) -> int | None:
    """The port asked for, or None where the choice is ours."""
    if not setting:
        return None
    if not re.fullmatch(r"[0-9]{1,5}", setting) or not 1 <= int(setting) <= 65535:
        raise CannotStartError(f"PORT is {setting!r}: use a number from 1 to 65535.")
    return int(setting)


def open_socket(wanted: int | None) -> socket.socket:
    """Listens on the port asked for, or on the first free one from 5000 up."""
    if wanted is not None:
        try:
            return _listen(wanted)
        except PermissionError:
            raise CannotStartError(
                f"Port {wanted} is not allowed to you: use one from 1024 up, such as PORT=5001."
            ) from None
        except OSError:
            raise CannotStartError(
                f"Port {wanted} is taken: stop what uses it, or choose another with PORT=."
            ) from None
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TO_TRY):
        try:
            return _listen(port)
        except OSError:
            continue
    last = FIRST_PORT + PORTS_TO_TRY - 1
    raise CannotStartError(f"Ports {FIRST_PORT} to {last} are all taken: choose another with PORT=.")


def _listen(port: int) -> socket.socket:
    # On macOS one may bind 127.0.0.1 beside a service that has the port on all addresses.
    if _somebody_answers(port):
        raise OSError("taken")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere this option would share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(socket.SOMAXCONN)
    except OSError:
        listener.close()
        raise
    return listener


def _somebody_answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def remember_in_the_clone() -> None:
    """Names a store for preferences, unless the environment does."""
    if "PREFERENCES_TABLE" not in os.environ:
        os.environ.setdefault("PREFERENCES_FILE", str(PREFERENCES_FILE))


def serve(listener: socket.socket) -> BaseWSGIServer:
    # These build the skill on import, with the store that the environment names by then.
    from server.conversation import Conversations
    from server.ears import ears
    from server.simulator import create_speaker_app
    from server.sound import sound
    from server.touch import touches
    from server.voice import Voice

    conversations = Conversations()
    app = create_speaker_app(conversations)
    app.register_blueprint(touches(conversations))
    app.register_blueprint(sound(Voice(), ears()))
    port = listener.getsockname()[1]
    server = make_server(
        HOST,
        port,
        app,
        threaded=True,
        request_handler=QuietHandler,
        fd=listener.fileno(),
    )
    listener.close()  # the server holds its own copy
    return server


def main() -> int:
    try:
        wanted = wanted_port(os.environ.get("PORT"))
        listener = open_socket(wanted)
    except CannotStartError as problem:
        print(problem, file=sys.stderr)
        return 1
    port = listener.getsockname()[1]
    remember_in_the_clone()
    signal.signal(signal.SIGTERM, _stop)
    try:
        server = serve(listener)
        moved = f" (port {FIRST_PORT} was taken)" if wanted is None and port != FIRST_PORT else ""
        print(
            f"Cramp Coach is at http://{HOST}:{port}{moved}. Ctrl-C stops it.",
            flush=True,
        )
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    print("\nStopped.", flush=True)
    return 0


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
