"""A load for a web door: so many connections, each asking again as soon as it is answered.

Plain sockets and bytes made beforehand: a request costs it some hundredths of a millisecond, so the door is the slow
one. Every answer is read whole, and anything but 200 is an error.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from typing import NamedTuple


class Load(NamedTuple):
    """What came of it: answers, in how many seconds, and milliseconds to an answer."""

    answers: int
    seconds: float
    p50: float
    p99: float


class LoadError(Exception):
    """The door did not answer as it must."""


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json; charset=utf-8"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def put_load_on(port: int, request: bytes, *, seconds: float, connections: int = 4) -> Load:
    """Ask the door on this port of the loopback for so long. Raises LoadError."""
    times: list[list[float]] = [[] for _ in range(connections)]
    failures: list[str] = []
    until = time.perf_counter() + seconds

    def ask(mine: list[float]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while (begun := time.perf_counter()) < until:
                    connection.sendall(request)
                    status = _answer(connection)
                    if status != b"200":
                        raise LoadError(f"status {status.decode()}")
                    mine.append(time.perf_counter() - begun)
        except (OSError, LoadError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in times]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if failures:
        raise LoadError(failures[0])
    each = sorted(1000 * one for mine in times for one in mine)
    return Load(len(each), took, statistics.median(each), each[int(0.99 * len(each))])


def _answer(connection: socket.socket) -> bytes:
    """The status of one answer with a length, read to its end."""
    got = b""
    while (head := got.find(b"\r\n\r\n")) < 0:
        got += _more(connection)
    fields = got[:head].lower()
    at = fields.find(b"\r\ncontent-length:")
    if at < 0:
        raise LoadError("an answer without a length")
    left = head + 4 + int(fields[at + 17 :].split(b"\r\n", 1)[0]) - len(got)
    while left > 0:
        left -= len(_more(connection))
    return got[9:12]


def _more(connection: socket.socket) -> bytes:
    got = connection.recv(65536)
    if not got:
        raise LoadError("hung up")
    return got
