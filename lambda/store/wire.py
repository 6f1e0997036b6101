"""Carries requests to DynamoDB and brings the answers: over TLS, in time, in bounds, on connections that are kept.

Knows HTTP and certificates, and nothing of tables, keys or signatures. Lambda stops a process between two requests, so
a connection may have died without a word: that is noticed, or the request is sent a second time.
docs/decisions/0029-a-small-client-for-dynamodb.md has the reasons.
"""

from __future__ import annotations

import io
import logging
import os
import socket
import ssl
import threading
import time
from binascii import crc32
from collections.abc import Callable, Mapping
from http.client import HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record import Record

from .environment import Address

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LOG = logging.getLogger("cramp_coach")

CONNECT = 0.5  # seconds
ALL = 1.4  # seconds for a request and its answer, with everything in it but the search for the host's name
LARGEST = 64 * 1024  # bytes of an answer; a row of ours has about 300
# Seconds for which a connection may wait for the next request. DynamoDB closes it after a minute (seen by others:
# https://github.com/aws/aws-sdk-java/issues/1365), and something in between may forget it in silence.
IDLE = 50.0
MOST_IDLE = 4
ROOTS = Path(__file__).with_name("amazon_roots.crt")


class AnswerError(Exception):
    """An answer that is cut short, too long, damaged, or none at all."""


class RequestError(Exception):
    """A header that HTTP cannot carry. It may be a key, so it is not quoted."""


class Answer(Record):
    status: int
    date: str
    body: bytes


class Wire:
    """The way to one address. Threads may share it; each has a connection to itself while it waits.

    `bundle` is a file of roots in place of ours, as AWS_CA_BUNDLE names one. `clock` gives seconds since 1970: a clock
    that only counts may stand still while a process does.
    """

    def __init__(self, address: Address, bundle: str = "", clock: Callable[[], float] = time.time) -> None:
        self._address, self._bundle, self._clock = address, bundle, clock
        self._idle: list[tuple[float, socket.socket]] = []  # appended and popped by several threads, which lists allow
        self._lock = threading.Lock()  # over what follows
        self._tls: ssl.SSLContext | None = None
        self._roots_may_be_old = not bundle

    def post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to a POST to "/". Raises OSError, HTTPException, AnswerError or RequestError.

        What was sent on a kept connection and not answered with a single byte is sent once more on a new one.
        """
        until = time.monotonic() + ALL
        request = _request({**headers, "Content-Length": str(len(body))}) + body
        kept = self._kept()
        if kept is not None:
            reader = _Reader(kept, until)
            try:
                return self._exchange(kept, reader, request)
            except TimeoutError:
                raise
            except OSError:  # of the connection, RemoteDisconnected included
                if reader.heard:
                    raise
        made = self._connect(until)
        return self._exchange(made, _Reader(made, until), request)

    def close(self) -> None:
        """Lets the kept connections go."""
        while self._idle:
            self._idle.pop()[1].close()

    def _exchange(self, connection: socket.socket, reader: _Reader, request: bytes) -> Answer:
        done = False
        try:
            connection.settimeout(reader.left())
            connection.sendall(request)
            with HTTPResponse(reader, method="POST") as response:  # type: ignore[arg-type]  # asks for makefile only
                response.begin()
                answer = _whole(response)
                done = not response.will_close
            return answer
        finally:
            if done and len(self._idle) < MOST_IDLE:
                self._idle.append((self._clock(), connection))
            else:
                connection.close()

    def _kept(self) -> socket.socket | None:
        """A connection that waits, as far as can be seen from here."""
        while True:
            try:
                since, connection = self._idle.pop()
            except IndexError:
                return None
            if 0 <= self._clock() - since < IDLE and _is_silent(connection):
                return connection
            connection.close()

    def _connect(self, until: float) -> socket.socket:
        if not self._address.tls:
            return self._open(until)
        tls = self._trust()
        try:
            return self._open(until, tls)
        except ssl.SSLCertVerificationError:
            other = self._trust(in_vain=tls)
            if other is tls:
                raise
        return self._open(until, other)

    def _trust(self, in_vain: ssl.SSLContext | None = None) -> ssl.SSLContext:
        """Whose certificates are believed; others, where there are others, than those that were tried `in_vain`."""
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context(cafile=self._bundle or os.fspath(ROOTS))
            elif self._tls is in_vain and self._roots_may_be_old:
                # Amazon may have moved on to other roots. The system's know them by then, and are as good, only slower
                # to load.
                self._roots_may_be_old = False
                self._tls = ssl.create_default_context()
                _LOG.warning("the store of preferences: no root in %s fits, so the system's are tried", ROOTS.name)
            return self._tls

    def _open(self, until: float, tls: ssl.SSLContext | None = None) -> socket.socket:
        left = _left(until)
        plain = socket.create_connection((self._address.host, self._address.port), min(CONNECT, left))
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is None:
                return plain
            plain.settimeout(_left(until))
            return tls.wrap_socket(plain, server_hostname=self._address.host)
        except BaseException:
            plain.close()
            raise


class _Reader(io.RawIOBase):
    """What comes from a connection up to a moment, however slowly; `heard` once anything came."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until
        self.heard = False

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        return _left(self._until)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._connection.settimeout(self.left())
        count = self._connection.recv_into(buffer)
        self.heard = self.heard or count > 0
        return count

    def makefile(self, *_: Any) -> io.BufferedReader:
        """As a socket would, for HTTPResponse."""
        return io.BufferedReader(self)


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _request(headers: Mapping[str, str]) -> bytes:
    """The head of a request."""
    if not all(text.isascii() and text.isprintable() for header in headers.items() for text in header):
        raise RequestError
    return "\r\n".join(["POST / HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def _whole(response: HTTPResponse) -> Answer:
    """An answer with all its bytes. Raises AnswerError or HTTPException."""
    if response.length is None and not response.chunked:
        raise AnswerError  # nobody could tell whether it is whole
    body = response.read(LARGEST + 1)
    if len(body) > LARGEST or response.length:
        raise AnswerError
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
    sum_ = response.getheader("x-amz-crc32")
    if sum_ is not None and sum_ != str(crc32(body)):
        raise AnswerError
    return Answer(response.status, response.getheader("date") or "", body)


def _is_silent(connection: socket.socket) -> bool:
    """Whether a connection is still open, and nothing has come that nobody asked for."""
    try:
        connection.setblocking(False)
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):  # nothing to read
        return True
    except OSError:
        return False
    return False  # a byte, or the end
