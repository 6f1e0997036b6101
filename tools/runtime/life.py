"""One life of an execution environment: a process, and the service's side of its Runtime API until it ends.

Amazon, "Using the Lambda runtime API for custom runtimes" (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html),
has the paths and what they answer.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .wire import Connection, Request, WireError

_API = "/2018-06-01/runtime"
_JSON = {"Content-Type": "application/json"}
_ACCEPTED = b'{"status":"OK"}'
_GLANCE = 0.25  # seconds between two looks at whether the process still lives
_SOON = 0.005  # the same once it has closed its output, which is about to be its end


class Life:
    """A process that was just started, with its own Runtime API on the loopback. Raises OSError where it cannot start.

    `asking` is the connection that waits for an event; `answer` says of the event handed out whether it went well, and
    what came of it; `failed` is what the client said when it could not start. All are None until `wait` has seen them.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.asking: Connection | None = None
        self.answer: tuple[bool, bytes] | None = None
        self.failed: dict[str, Any] | None = None
        self._request_id = ""
        self._connections: list[Connection] = []
        self._printed = bytearray()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._pipe, theirs = os.pipe()
        os.set_blocking(self._pipe, False)
        self._selector.register(self._pipe, selectors.EVENT_READ, self._listen)
        host, port = self._listener.getsockname()
        self.began = time.perf_counter()
        try:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}"},
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                process_group=0,
            )
        except OSError:
            self._close()
            raise
        finally:
            os.close(theirs)

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def exit_code(self) -> int | None:
        return self._process.poll()

    def wait(self, done: Callable[[], bool], until: float) -> bool:
        """Serves until something is so; False when it is not so by `until` (of perf_counter), or the process ended."""
        while not done():
            left = until - time.perf_counter()
            if left <= 0:
                return False
            # Only when nothing came is the process asked after: each question costs what an event hardly costs.
            if not self._serve_once(min(left, _SOON if self._pipe < 0 else _GLANCE)) and not self.alive():
                return self._serve_once(0) and done()
        return True

    def hand_out(self, request_id: str, headers: Mapping[str, str], body: bytes) -> None:
        """Gives the runtime that is asking an event."""
        if self.asking is None:
            raise RuntimeError("the runtime does not ask for an event")
        asking, self.asking, self.answer, self._request_id = self.asking, None, None, request_id
        asking.answer(200, headers, body)

    def signal(self, number: signal.Signals) -> None:
        """Sends the process, and what it may have started, a signal."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def taken(self) -> tuple[str, ...]:
        """The lines printed since the last time. What was printed before an answer is there when the answer is."""
        self._listen()
        text, self._printed = self._printed.decode("utf-8", "replace"), bytearray()
        return tuple(text.splitlines())

    def end(self) -> None:
        """Kills it, if it still lives; what it has printed can still be taken."""
        if self.alive():
            self.signal(signal.SIGKILL)
        self._process.wait()
        self._listen()
        self._close()

    def _serve_once(self, seconds: float) -> bool:
        """Waits for something to come, and serves it; whether something came."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            connection = Connection(self._listener.accept()[0])
            self._connections.append(connection)
            self._selector.register(connection, selectors.EVENT_READ, lambda: self._hear(connection))

    def _hear(self, connection: Connection) -> None:
        try:
            for request in connection.requests():
                self._serve(connection, request)
        except WireError:
            connection.open = False
        if not connection.open:
            if self.asking is connection:
                self.asking = None
            self._selector.unregister(connection)
            self._connections.remove(connection)
            connection.close()

    def _serve(self, connection: Connection, request: Request) -> None:
        route = request.path.removeprefix(_API) if request.path.startswith(_API) else ""
        match request.method, route:
            case "GET", "/invocation/next":
                self.asking = connection
            case "POST", "/init/error":
                self.failed = as_error(request.body)
                connection.answer(202, _JSON, _ACCEPTED)
            case "POST", ours if ours == f"/invocation/{self._request_id}/response":
                self.answer = (True, request.body)
                connection.answer(202, _JSON, _ACCEPTED)
            case "POST", ours if ours == f"/invocation/{self._request_id}/error":
                self.answer = (False, request.body)
                connection.answer(202, _JSON, _ACCEPTED)
            case "POST", other if other.startswith("/invocation/"):
                connection.answer(400, _JSON, b'{"errorMessage":"not this event","errorType":"InvalidRequestID"}')
            case _:
                connection.answer(404, _JSON, b'{"errorMessage":"no such path","errorType":"NotFound"}')

    def _listen(self) -> None:
        if self._pipe < 0:
            return
        try:
            while part := os.read(self._pipe, 64 * 1024):
                self._printed += part
        except BlockingIOError:
            return
        self._selector.unregister(self._pipe)  # closed by the other side: the process is about to end
        os.close(self._pipe)
        self._pipe = -1

    def _close(self) -> None:
        for connection in self._connections:
            connection.close()
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        self._selector.close()
        self._listener.close()


def as_error(body: bytes) -> dict[str, Any]:
    """What a client says of a failure: errorType, errorMessage, and more; also when it says nonsense."""
    data = read_json(body)
    return data if isinstance(data, dict) else {"errorType": "Runtime.Unknown", "errorMessage": ""}


def read_json(body: bytes) -> Any:
    """JSON as data; None where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None
