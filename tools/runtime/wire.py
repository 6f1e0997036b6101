"""As much HTTP/1.1 as the runtime clients speak: requests in, answers out, over connections that stay open.

A server of the standard library would cost more per request than some of what is measured with it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_LONGEST_HEAD = 64 * 1024
_REASONS = {200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found"}


class WireError(ValueError):
    """What arrived is no HTTP that a runtime client would send."""


@dataclass(frozen=True)
class Request:
    """One request; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """One connection of a runtime client. `open` turns False when the client has closed it."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self.open = True
        self._came = bytearray()
        self._continued = False  # whether the request that is under way was told to go on

    def fileno(self) -> int:
        return self.sock.fileno()

    def requests(self) -> Iterator[Request]:
        """The requests that are complete by now. Raises WireError."""
        try:
            while part := self.sock.recv(256 * 1024):
                self._came += part
            self.open = False
        except BlockingIOError:
            pass
        except OSError:  # reset: a process that was killed does not say goodbye
            self.open = False
        while (request := self._next()) is not None:
            self._continued = False
            yield request

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Answers the request that came last. A client that is gone is not told."""
        head = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        self._send("\r\n".join(head).encode("ascii") + b"\r\n\r\n" + body)

    def close(self) -> None:
        self.open = False
        self.sock.close()

    def _send(self, data: bytes) -> None:
        try:
            sent = self.sock.send(data)
            if sent < len(data):
                self.sock.setblocking(True)
                self.sock.sendall(data[sent:])
                self.sock.setblocking(False)
        except OSError:
            self.open = False

    def _next(self) -> Request | None:
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            if len(self._came) > _LONGEST_HEAD:
                raise WireError("the head of a request does not end")
            return None
        first, *lines = self._came[:end].decode("latin-1").split("\r\n")
        parts = first.split(" ")
        if len(parts) != 3:
            raise WireError("a request does not begin with method, path and version")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            framed = _chunks(self._came, end + 4)
        else:
            after = end + 4 + _number(headers.get("content-length") or "0", 10)
            framed = (bytes(self._came[end + 4 : after]), after) if len(self._came) >= after else None
        if framed is None:
            # curl asks before it sends a long body, and waits for a second when nobody answers
            # (https://everything.curl.dev/http/post/expect100.html).
            if not self._continued and headers.get("expect", "").lower() == "100-continue":
                self._continued = True
                self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return None
        body, after = framed
        del self._came[:after]
        return Request(parts[0], parts[1], headers, body)


def _chunks(came: bytearray, at: int) -> tuple[bytes, int] | None:
    """A body in chunks and where it ends; None while it is not complete (RFC 9112, section 7.1)."""
    body = bytearray()
    while True:
        end = came.find(b"\r\n", at)
        if end < 0:
            return None
        size = _number(came[at:end].split(b";")[0].decode("latin-1"), 16)
        at = end + 2
        if size == 0:  # trailers, each on a line, up to an empty one
            end = came.find(b"\r\n\r\n", at - 2)
            return None if end < 0 else (bytes(body), end + 4)
        if len(came) < at + size + 2:
            return None
        body += came[at : at + size]
        at += size + 2


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError:
        number = -1
    if number < 0:
        raise WireError("a length is no number")
    return number
