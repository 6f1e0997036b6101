"""However a peer behaves, a request ends in time: with its whole answer, or with an exception that quotes nothing."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import time
from binascii import crc32
from collections.abc import Callable, Iterator
from http.client import BadStatusLine, HTTPException, IncompleteRead
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from store import wire
from store.environment import Address
from store.wire import IDLE, LARGEST, AnswerError, RequestError, Wire

SLACK = 0.6  # seconds by which a busy computer may be late
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n\r\n{}"

Play = Callable[[socket.socket], None]  # what a peer does with one connection


def hear(connection: socket.socket) -> bytes:
    """One request, whole; nothing where the connection has ended."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        heard += (got := connection.recv(65536))
        if not got:
            return b""
    head, _, body = heard.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


class Peer:
    """Plays one part for each connection that comes, and then the last one again; keeps what it heard."""

    def __init__(self, *plays: Play) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self.tls: ssl.SSLContext | None = None
        self._plays = plays
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            play = self._plays[min(self.connections, len(self._plays) - 1)]
            self.connections += 1
            thread = threading.Thread(target=self._play, args=(play, connection), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _play(self, play: Play, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            connection.settimeout(5)
            if self.tls is not None:
                connection = stack.enter_context(self.tls.wrap_socket(connection, server_side=True))
            play(_Kept(connection, self.heard))  # type: ignore[arg-type]


class _Kept:
    """A connection that notes each request that was heard on it."""

    def __init__(self, connection: socket.socket, heard: list[bytes]) -> None:
        self._connection, self._heard = connection, heard

    def hear(self) -> bytes:
        request = hear(self._connection)
        if request:
            self._heard.append(request)
        return request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def says(*parts: bytes, pause: float = 0.0, times: int = 1000) -> Play:
    """Answers every request with these bytes, `times` times at most; then closes."""

    def play(connection: Any) -> None:
        for _ in range(times):
            if not connection.hear():
                return
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)

    return play


def hears_and_closes(connection: Any) -> None:
    """Takes a request, and closes without a word."""
    connection.hear()


def resets(connection: Any) -> None:
    """Takes a request, and drops the connection."""
    connection.hear()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def hangs(connection: Any) -> None:
    """Takes a request, and never answers."""
    connection.hear()
    connection.recv(1)


def then(*plays: Play) -> Play:
    """One part after the other, on the same connection."""

    def play(connection: Any) -> None:
        for one in plays:
            one(connection)

    return play


once = says(OK, times=1)


@pytest.fixture
def meet() -> Iterator[Callable[..., tuple[Peer, Wire]]]:
    """Makes a peer that plays these parts, and a wire to it."""
    opened: list[Peer | Wire] = []

    def of(*plays: Play, **settings: Any) -> tuple[Peer, Wire]:
        peer = Peer(*plays)
        made = Wire(Address("127.0.0.1", peer.port, tls=False), **settings)
        opened.extend([made, peer])
        return peer, made

    yield of
    for one in opened:
        one.close()


Meet = Callable[..., tuple[Peer, Wire]]


def send(wire_: Wire, body: bytes = b"{}") -> wire.Answer:
    return wire_.post({"Host": "example"}, body)


def test_a_request_is_what_it_should_be(meet: Meet) -> None:
    peer, made = meet(says(OK))
    answer = made.post({"Host": "example", "X-Amz-Target": "DynamoDB_20120810.GetItem"}, "{ü}".encode())
    assert answer == (200, "Mon, 23 Nov 2026 08:00:00 GMT", b"{}")
    assert peer.heard == [
        b"POST / HTTP/1.1\r\nHost: example\r\nX-Amz-Target: DynamoDB_20120810.GetItem\r\nContent-Length: 4\r\n\r\n"
        + "{ü}".encode()
    ]


def test_a_connection_serves_many_requests(meet: Meet) -> None:
    peer, made = meet(says(OK))
    for _ in range(5):
        send(made)
    assert (peer.connections, len(peer.heard)) == (1, 5)


def test_a_connection_that_has_rested_too_long_is_not_used_again(meet: Meet) -> None:
    """What lies between may have forgotten it without a word, and no answer would ever come."""
    now = [0.0]
    peer, made = meet(says(OK), clock=lambda: now[0])
    for waited, connections in ((0.0, 1), (IDLE - 1, 1), (IDLE, 2), (-5.0, 3)):
        now[0] += waited
        send(made)
        assert peer.connections == connections


@pytest.mark.parametrize(
    "ends",
    [once, then(once, hears_and_closes), then(once, resets)],
    ids=["closed while it rested", "closed when it was used", "reset when it was used"],
)
def test_a_connection_that_has_died_is_replaced_once(meet: Meet, ends: Play) -> None:
    """Lambda stops a process for minutes, and the other side does not wait for it."""
    peer, made = meet(ends, says(OK))
    send(made)
    time.sleep(0.05)
    assert send(made).status == 200
    assert peer.connections == 2


@pytest.mark.parametrize("ends", [hears_and_closes, resets])
def test_a_new_connection_that_dies_is_not_replaced(meet: Meet, ends: Play) -> None:
    peer, made = meet(ends)
    with pytest.raises(ConnectionError):
        send(made)
    assert peer.connections == 1


def test_there_is_never_a_third_attempt(meet: Meet) -> None:
    peer, made = meet(then(once, hears_and_closes), hears_and_closes)
    send(made)
    with pytest.raises(ConnectionError):
        send(made)
    assert (peer.connections, len(peer.heard)) == (2, 3)


@pytest.mark.parametrize(
    "begun",
    [b"H", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"],
    ids=["a letter", "a line", "half a body"],
)
def test_what_was_answered_in_part_is_not_sent_again(meet: Meet, begun: bytes) -> None:
    """It was carried out, or may have been, and whoever asks has to know."""
    peer, made = meet(then(once, says(begun, times=1)), says(OK))
    send(made)
    with pytest.raises((HTTPException, AnswerError)):
        send(made)
    assert peer.connections == 1


def test_a_kept_connection_that_hangs_is_not_replaced(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is up, and the request may be on its way."""
    peer, made = meet(then(once, hangs), says(OK))
    send(made)
    monkeypatch.setattr(wire, "ALL", 0.2)
    with pytest.raises(TimeoutError):
        send(made)
    assert peer.connections == 1


@pytest.mark.parametrize(
    "play",
    [
        hangs,
        says(*(bytes([letter]) for letter in OK), pause=0.1),
        says(b"HTTP/1.1 200 OK\r\n", *[b"X-More: of it\r\n"] * 90, pause=0.05),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", *[b"x"] * 5000, pause=0.05),
        says(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 5000, pause=0.02),
    ],
    ids=["says nothing", "one letter at a time", "headers without end", "a body in drops", "soon, soon"],
)
def test_a_peer_has_so_much_time_in_all(meet: Meet, play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit for each piece would let an answer in drops take for ever."""
    monkeypatch.setattr(wire, "ALL", 0.6)
    _, made = meet(play)
    began = time.perf_counter()
    with pytest.raises(TimeoutError):
        send(made)
    assert 0.5 < time.perf_counter() - began < 0.6 + SLACK


def test_nobody_listens(unused: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        send(Wire(Address("127.0.0.1", unused, tls=False)))


@pytest.fixture
def unused() -> int:
    """A port of the loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _ok(headers: bytes, body: bytes = b"{}") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"I am no web server\r\n", BadStatusLine),
        (b"\x00\xff" * 100 + b"\r\n", BadStatusLine),
        (b"HTTP/1.1 two hundred\r\n\r\n", BadStatusLine),
        (b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n", HTTPException),
        (_ok(b"X: " + b"x" * 70_000), HTTPException),
        (_ok(b"\r\n".join(b"X-%d: x" % number for number in range(200))), HTTPException),
        (_ok(b"X-Length: none"), AnswerError),
        (_ok(b"Content-Length: many"), AnswerError),
        (_ok(b"Content-Length: -2"), AnswerError),
        (_ok(b"Content-Length: 3"), AnswerError),
        (_ok(b"Content-Length: %d" % (LARGEST + 1), b"x" * (LARGEST + 1)), AnswerError),
        (_ok(b"Content-Length: 99999999999"), AnswerError),
        (_ok(b"Content-Length: 2\r\nx-amz-crc32: 1"), AnswerError),
        (_ok(b"Transfer-Encoding: chunked", b"%x\r\n" % (2 * LARGEST) + b"x" * 2 * LARGEST), AnswerError),
        (_ok(b"Transfer-Encoding: chunked", b"2\r\n{}\r\n"), IncompleteRead),
        (_ok(b"Transfer-Encoding: chunked", b"odd\r\n{}\r\n0\r\n\r\n"), IncompleteRead),
    ],
    ids=[
        *("no http", "noise", "no number", "a long line", "a long header", "many headers", "no length", "no number"),
        *("a negative length", "cut short", "too long", "never ends", "a wrong sum", "a chunk too long"),
        *("chunks that stop", "no chunk"),
    ],
)
def test_an_answer_that_is_not_whole_is_none(meet: Meet, answer: bytes, error: type[Exception]) -> None:
    peer, made = meet(says(answer, times=1), says(OK))
    with pytest.raises(error):
        send(made)
    assert send(made).body == b"{}"  # on another connection
    assert peer.connections == 2


def test_a_whole_answer_may_come_in_many_ways(meet: Meet) -> None:
    for answer in (
        _ok(b"content-length:2"),
        _ok(b"Content-Length: 2\r\nx-amz-crc32: %d" % crc32(b"{}")),
        _ok(b"Transfer-Encoding: chunked", b"1\r\n{\r\n1;odd=1\r\n}\r\n0\r\n\r\n"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    ):
        peer, made = meet(says(answer))
        assert send(made).body == send(made).body == b"{}"
        assert peer.connections == 1


@pytest.mark.parametrize("ending", [_ok(b"Content-Length: 2\r\nConnection: close"), OK.replace(b"1.1", b"1.0")])
def test_a_peer_that_will_close_is_taken_at_its_word(meet: Meet, ending: bytes) -> None:
    peer, made = meet(says(ending))
    send(made)
    send(made)
    assert peer.connections == 2


def test_what_nobody_asked_for_is_never_taken_for_an_answer(meet: Meet) -> None:
    """More than one answer to a request would be the answer to somebody else's."""
    told = threading.Event()

    def tells_more(connection: Any) -> None:
        connection.hear()
        connection.sendall(OK)
        connection.sendall(_ok(b"Content-Length: 5", b"other"))
        told.set()
        connection.hear()

    peer, made = meet(tells_more, says(OK))
    assert send(made).body == b"{}"
    assert told.wait(5)
    assert send(made).body == b"{}"
    assert peer.connections == 2


def test_a_redirect_is_not_followed(meet: Meet) -> None:
    peer, made = meet(says(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n"))
    assert send(made) == (307, "", b"")
    assert len(peer.heard) == 1


def test_threads_do_not_get_one_anothers_answers(meet: Meet) -> None:
    def echo(connection: Any) -> None:
        while request := connection.hear():
            body = request.partition(b"\r\n\r\n")[2]
            connection.sendall(_ok(b"Content-Length: %d" % len(body), body))

    _, made = meet(echo)
    got: dict[int, list[bytes]] = {}

    def one(number: int) -> None:
        got[number] = [send(made, b"%d/%d" % (number, turn)).body for turn in range(20)]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: [b"%d/%d" % (number, turn) for turn in range(20)] for number in range(8)}
    assert len(made._idle) <= wire.MOST_IDLE


@pytest.mark.parametrize("value", ["two\r\nlines", "two\nlines", "Grüße", "\x00"])
def test_a_header_that_http_cannot_carry_is_not_sent_and_not_quoted(meet: Meet, value: str) -> None:
    peer, made = meet(says(OK))
    with pytest.raises(RequestError) as raised:
        made.post({"Host": "example", "X-Amz-Security-Token": value}, b"")
    assert not raised.value.args
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert peer.connections == 0


# ---- certificates


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a root, and a server's certificate and key signed by it; gives their folder."""

    def of(host: str = "127.0.0.1", days: int = 1) -> Path:
        folder = tmp_path_factory.mktemp("ca")
        now = datetime.datetime.now(datetime.UTC)
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("invented root", "server")]
        try:
            san: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            san = x509.DNSName(host)
        for index, file in enumerate(("root", "server")):
            is_root = index == 0
            made = (
                x509.CertificateBuilder()
                .subject_name(names[index])
                .issuer_name(names[0])
                .public_key(keys[index].public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(days=9))
                .not_valid_after(now + datetime.timedelta(days=9 if is_root else days))
                .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[index].public_key()), critical=False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
            )
            if is_root:
                usage = dict.fromkeys(
                    "digital_signature content_commitment key_encipherment data_encipherment key_agreement crl_sign "
                    "encipher_only decipher_only".split(),
                    False,
                )
                made = made.add_extension(x509.KeyUsage(key_cert_sign=True, **usage), critical=True)
            else:
                made = made.add_extension(x509.SubjectAlternativeName([san]), critical=False)
            (folder / f"{file}.crt").write_bytes(made.sign(keys[0], hashes.SHA256()).public_bytes(Encoding.PEM))
        key = keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "server.key").write_bytes(key)
        return folder

    return of


@pytest.fixture
def meet_tls(ca: Callable[..., Path]) -> Iterator[Callable[..., tuple[Peer, Callable[..., Wire], Path]]]:
    """Makes a peer with a certificate, and what makes wires to it."""
    opened: list[Peer | Wire] = []

    def of(*plays: Play, **certificate: Any) -> tuple[Peer, Callable[..., Wire], Path]:
        folder = ca(**certificate)
        peer = Peer(*plays)
        peer.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        peer.tls.load_cert_chain(folder / "server.crt", folder / "server.key")

        def to(bundle: str = "") -> Wire:
            opened.append(Wire(Address("127.0.0.1", peer.port, tls=True), bundle))
            return opened[-1]  # type: ignore[return-value]

        opened.append(peer)
        return peer, to, folder / "root.crt"

    yield of
    for one in reversed(opened):
        one.close()


MeetTLS = Callable[..., tuple[Peer, Callable[..., Wire], Path]]


def test_a_certificate_of_our_roots_is_good(
    meet_tls: MeetTLS, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    peer, to, root = meet_tls(says(OK))
    monkeypatch.setattr(wire, "ROOTS", root)
    made = to()
    assert send(made).body == send(made).body == b"{}"
    assert peer.connections == 1
    assert caplog.messages == []


def test_a_bundle_may_take_the_place_of_our_roots(meet_tls: MeetTLS) -> None:
    peer, to, root = meet_tls(says(OK))
    assert send(to(str(root))).body == b"{}"
    assert peer.connections == 1


def test_roots_that_are_out_of_date_make_way_for_the_systems(
    meet_tls: MeetTLS, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Once: what the system trusts is loaded, said in a line, and stays."""
    peer, to, root = meet_tls(says(OK, times=1))
    monkeypatch.setenv("SSL_CERT_FILE", str(root))  # what OpenSSL takes for the system's
    made = to()
    for _ in range(3):
        assert send(made).body == b"{}"
    assert peer.connections == 4
    assert caplog.messages == ["the store of preferences: no root in amazon_roots.crt fits, so the system's are tried"]


def test_threads_that_find_the_roots_out_of_date_together_all_get_through(
    meet_tls: MeetTLS, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody is refused because another was the first to notice, and nobody puts the old ones back."""
    _, to, root = meet_tls(says(OK, times=1))
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    made = to()
    opened, together = made._open, threading.Barrier(4)

    def open_together(*given: Any) -> socket.socket:
        try:
            return opened(*given)
        except ssl.SSLCertVerificationError:
            together.wait(5)
            raise

    monkeypatch.setattr(made, "_open", open_together)
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(send(made).body)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [b"{}"] * 4
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("trusted", "certificate"),
    [(False, {}), (True, {"host": "127.0.0.2"}), (True, {"host": "example.com"}), (True, {"days": -1})],
    ids=["unknown root", "another address", "another name", "expired"],
)
@pytest.mark.parametrize("how", ["ours", "the system's", "a bundle"])
def test_a_certificate_that_is_not_good_gets_no_request(
    meet_tls: MeetTLS, monkeypatch: pytest.MonkeyPatch, trusted: bool, certificate: dict[str, Any], how: str
) -> None:
    """Whichever roots are in use, before and after others were tried."""
    peer, to, root = meet_tls(says(OK), **certificate)
    other = Path(wire.ROOTS)  # real roots that never signed this
    chosen = root if trusted else other
    monkeypatch.setattr(wire, "ROOTS", chosen if how == "ours" else other)
    monkeypatch.setenv("SSL_CERT_FILE", str(chosen if how == "the system's" else other))
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    made = to(str(chosen) if how == "a bundle" else "")
    for _ in range(2):
        with pytest.raises(ssl.SSLCertVerificationError):
            send(made)
    assert peer.heard == []


def test_a_handshake_that_never_ends_is_given_up(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "ALL", 0.6)
    peer, _ = meet(hangs)
    began = time.perf_counter()
    with pytest.raises(TimeoutError):
        send(Wire(Address("127.0.0.1", peer.port, tls=True)))
    assert time.perf_counter() - began < 0.6 + SLACK


def test_a_tls_connection_that_has_died_is_replaced(meet_tls: MeetTLS) -> None:
    for ends in (once, then(once, hears_and_closes), then(once, resets)):
        peer, to, root = meet_tls(ends, says(OK))
        made = to(str(root))
        send(made)
        time.sleep(0.05)
        assert send(made).status == 200
        assert peer.connections == 2


def test_nothing_is_trusted_unchecked(meet_tls: MeetTLS) -> None:
    _, to, root = meet_tls(says(OK))
    made = to(str(root))
    send(made)
    assert made._tls is not None
    assert made._tls.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert made._tls.verify_mode == ssl.CERT_REQUIRED
    assert made._tls.check_hostname
