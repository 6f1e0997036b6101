"""A DynamoDB that answers at once: as much of it as one load and one save need, so that what is measured is the asking.

It is reached over TLS, as the real one is, keeps rows in memory, checks no signature, and knows the one condition that
our saves carry.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import ssl
import tempfile
import threading
import zlib
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tools.amazon import DAY, issue

_HOST = "127.0.0.1"


class Table:
    """The endpoint, on the loopback, in a thread. `saves` counts what was put; `roots` is a file with its root."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.roots = Path(self._folder.name, "root.pem")
        self._tls = _certified(self.roots)
        self._listener = socket.create_server((_HOST, 0))
        self._rows: dict[str, Any] = {}
        self.saves = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"https://{_HOST}:{self._listener.getsockname()[1]}"

    def empty(self) -> None:
        """Forgets all rows."""
        self._rows.clear()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed: the end
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        came = b""
        try:
            connection = self._tls.wrap_socket(plain, server_side=True)
        except OSError:  # whoever asks does not trust us
            plain.close()
            return
        try:
            while part := connection.recv(64 * 1024):
                came += part
                while (end := came.find(b"\r\n\r\n")) >= 0:
                    headers = dict(line.lower().split(b": ", 1) for line in came[:end].split(b"\r\n")[1:])
                    after = end + 4 + int(headers.get(b"content-length", b"0"))
                    if len(came) < after:
                        break
                    status, answer = self._answer(headers[b"x-amz-target"], json.loads(came[end + 4 : after]))
                    came = came[after:]
                    connection.sendall(_response(status, answer))
        except OSError:  # an environment that was ended does not say goodbye
            pass
        finally:
            connection.close()

    def _answer(self, target: bytes, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        operation = target.rpartition(b".")[2]
        row = asked.get("Key") or asked.get("Item") or {}
        key = json.dumps(row.get("person") or row.get("id"))
        if operation == b"getitem":
            return 200, {"Item": self._rows[key]} if key in self._rows else {}
        if operation != b"putitem":
            return 400, {"__type": "com.amazon.coral.service#UnknownOperationException"}
        was = asked.get("ExpressionAttributeValues", {}).get(":was")
        at = self._rows.get(key, {}).get("at")
        if "ConditionExpression" in asked and at != was:
            return 400, {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}
        self._rows[key] = asked["Item"]
        self.saves += 1
        return 200, {}


def _certified(roots: Path) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate made on the spot; writes the root that it is signed by."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    begins = datetime.now(UTC) - DAY
    root = issue("Root", key=root_key, begins=begins, ends=begins + 30 * DAY)
    address = x509.IPAddress(ipaddress.ip_address(_HOST))
    own = issue(_HOST, key=key, by=(root.subject, root_key), begins=begins, ends=begins + 30 * DAY, sans=[address])
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    roots.write_bytes(root.public_bytes(Encoding.PEM))
    chain = roots.with_name("chain.pem")
    chain.write_bytes(secret + own.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


def _response(status: int, answer: dict[str, Any]) -> bytes:
    body = json.dumps(answer).encode()
    reason = "OK" if status == 200 else "Bad Request"
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n"
        f"x-amzn-RequestId: 0\r\nx-amz-crc32: {zlib.crc32(body)}\r\n\r\n"
    )
    return head.encode() + body
