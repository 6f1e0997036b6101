"""The web service as it runs: a real server, over real sockets, from its start to its last answer."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.web import SettingError, Settings, main, settings
from tests.server.attacks import forged, honest
from tests.server.attacks.world import Knock, Request, World
from tools.amazon import SKILL_ID

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds for a server to start or to stop on a busy computer

# The production app, but for its skill, where a chain comes from and whom to trust.
APP = """
import logging, os, time
from pathlib import Path
from cryptography.x509 import load_pem_x509_certificate
from server import create_app
from tests.server.attacks.world import any_skill

logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
shelf = Path(os.environ["SHELF"])
skill = any_skill()

def slowly(handler_input, quick=skill.request_dispatcher.dispatch):
    if (handler_input.request_envelope.session and "wait" in (handler_input.request_envelope.session.attributes or {})):
        (shelf / "waiting").touch()
        time.sleep(1.0)
    return quick(handler_input)

skill.request_dispatcher.dispatch = slowly
app = create_app(
    skill,
    skill_id=os.environ["SKILL_ID"],
    download=lambda url: (shelf / url.rpartition("/")[2]).read_bytes(),
    roots=[load_pem_x509_certificate((shelf / "root.crt").read_bytes())],
)
app.logger.setLevel(logging.INFO)
"""
COMMANDS = {
    "granian": ["-c", "from server.web import *; serve(settings(), 'pretend:app')"],
    "gunicorn": ["-m", "gunicorn", "-c", str(ROOT / "server" / "gunicorn.conf.py"), "pretend:app"],
}


class Service:
    """A server in a process of its own, and how to knock at it."""

    def __init__(self, command: list[str], folder: Path, **environ: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        path = os.pathsep.join(map(str, (folder, ROOT / "lambda", ROOT)))
        environ = {"SKILL_ID": SKILL_ID, "PORT": str(self.port), "WORKERS": "1", "SHELF": str(folder), **environ}
        self._log = folder / f"log-{self.port}"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**os.environ, **environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def wait_until_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log
            with contextlib.suppress(OSError):
                if self.status(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log)

    def answer(self, raw: bytes, *, then_hang_up: bool = False) -> bytes:
        """Whatever comes back for these bytes until the server hangs up, or a moment after it has said all."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            with contextlib.suppress(OSError):  # a server may hang up before it has read all
                connection.sendall(raw)
                if then_hang_up:
                    connection.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(OSError):
                while more := connection.recv(65536):
                    got += more
            return got

    def status(self, raw: bytes, **how: bool) -> int:
        """The status of the answer; 0 where the server hung up without one."""
        found = re.match(rb"HTTP/1\.[01] ([0-9]{3})", self.answer(raw, **how))
        return int(found[1]) if found else 0

    def counted(self) -> Counter[str]:
        """What the lines of the log add up to."""
        found: Counter[str] = Counter()
        for line in re.findall(r"answered .*", self.log):
            for word, count in re.findall(r"([a-z]+) ([0-9]+)(?=[,)])", line):
                found[word] += int(count)
        return +found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        finally:
            self.process.kill()


def post(request: Request, *more: str, path: str = "/alexa", version: str = "1.1", length: bool = True) -> bytes:
    """A request as bytes on the wire; the connection is closed after its answer."""
    lines = [f"POST {path} HTTP/{version}", "Host: localhost", "Connection: close", *more]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines += [f"Content-Length: {len(request.body)}"] * length
    return "\r\n".join([*lines, "", ""]).encode() + request.body


@pytest.fixture(params=COMMANDS)
def service(request, amazon, tmp_path) -> Iterator[Service]:
    """Each of the servers that we have a configuration for, ready."""
    (tmp_path / "pretend.py").write_text(APP)
    (tmp_path / "root.crt").write_bytes(amazon.chain(amazon.root))
    (tmp_path / "chain-0.pem").write_bytes(amazon.chain())
    service = Service(COMMANDS[request.param], tmp_path)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.stop()


def laid_out(row: Knock, number: int, amazon, shelf: Path) -> Request | None:
    """The request of a row, its chain on the server's shelf; None where it needs its own clock, past or trust."""
    world = World(amazon, number)
    begun = world.now
    request = row.makes(world)
    if world.was_knocked_at or world.roots != [amazon.root] or world.now - begun >= timedelta(seconds=1):
        return None
    for url, chain in world.shelf.items():
        name = url.rpartition("/")[2]
        if re.fullmatch(r"[a-z0-9-]+\.pem", name):
            (shelf / name).write_bytes(chain)
    return request


def test_the_corpus_over_real_sockets(service, amazon, tmp_path):
    """What is forged gets 400 and not a word, what is honest 200; the log of the end has counted it all."""
    expected: Counter[str] = Counter()
    unclear = 0  # letters beyond ASCII in a header: some servers do not hand on such a header
    for number, row in enumerate((*forged.ROWS, *honest.ROWS), 1):
        request = laid_out(row, number, amazon, tmp_path)
        if request is None:
            continue
        head, _, body = service.answer(post(request)).partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status == 431:  # a header that the server does not even read
            assert row.reason is not None, row.name
            continue
        assert (row.name, status) == (row.name, 200 if row.reason is None else 400)
        assert row.reason is None or body == b"", row.name
        if all(value.isascii() for _, value in request.headers):
            expected["answered" if row.reason is None else row.reason.value] += 1
        else:
            unclear += 1
    assert sum(expected.values()) > 200
    assert service.stop() == 0
    counted = service.counted()
    assert not expected - counted
    assert (counted - expected).keys() <= {"url", "headers"}
    assert (counted - expected).total() == unclear
    assert "Traceback" not in service.log


def test_oddities_of_http(service, amazon):
    """Broken, torn, smuggled: none gets in, none gets more than a few words, none is an error of ours."""
    good = World(amazon).request()
    unsigned = good.with_headers(Signature_256=None)
    double = good._replace(headers=(*unsigned.headers, ("Signature-256", "AAAA"), good.headers[1]))
    length = f"Content-Length: {len(good.body)}"
    get = b"GET /alexa HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    signed = post(good)
    in_chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(good.body), good.body)
    chunked = good._replace(body=in_chunks)
    huge = good._replace(body=b"40000\r\n" + b" " * 0x40000 + b"\r\n" + b"1\r\n \r\n0\r\n\r\n")
    refused, absent = {0, 400}, {0, 400, 404}
    rows: dict[str, tuple[bytes, set[int]]] = {
        "a GET": (get, {405}),
        "a HEAD": (get.replace(b"GET", b"HEAD"), {405}),
        "a method in small letters": (signed.replace(b"POST", b"post", 1), {0, 200, 400, 405}),
        "a method nobody knows": (signed.replace(b"POST", b"KNOCK", 1), {0, 400, 405}),
        "a method that is a tunnel": (
            signed.replace(b"POST /alexa", b"CONNECT evil.example:443", 1),
            {0, 400, 404, 405},
        ),
        "HTTP/1.0": (post(good, version="1.0"), {200}),
        "HTTP/0.9": (b"GET /alexa\r\n\r\n", refused | {405}),
        "HTTP/2 without asking": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", refused | {505}),
        "TLS": (bytes.fromhex("16030100c8010000c40303") + bytes(200), refused),
        "nothing but line ends": (b"\r\n" * 100, refused | {408}),
        "the whole address": (post(good, path="http://evil.example/alexa"), {200, 400, 404}),
        "another address": (post(good, path="/"), {404}),
        "two slashes": (post(good, path="//alexa"), absent | {200}),
        "a slash more": (post(good, path="/alexa/"), absent),
        "a way back": (post(good, path="/x/../alexa"), absent),
        "a null byte": (post(good, path="/alexa%00"), absent),
        "a bare null byte": (signed.replace(b"localhost", b"local\0host"), refused),
        "a bare line end": (signed.replace(b"localhost", b"local\nhost"), refused),
        "a header in two lines": (signed.replace(b"localhost", b"localhost\r\n more"), {0, 200, 400}),
        "no host": (signed.replace(b"Host: localhost\r\n", b""), {0, 200, 400}),
        "a host that is none": (signed.replace(b"localhost", b"\\<script>"), {0, 200, 400}),
        "a header without a name": (signed.replace(b"Host:", b": x\r\nHost:"), refused),
        "a space before the colon": (signed.replace(b"Host:", b"Host :"), refused | {200}),
        "underscores for hyphens": (post(good._replace(headers=_underscored(good))), {200, 400}),
        "two signatures, the good one last": (post(double), refused),
        "two signatures, the good one first": (post(good, "Signature-256: AAAA"), refused),
        "two URLs": (post(good, "SignatureCertChainUrl: https://evil.example/a.pem"), refused),
        "in chunks": (post(chunked, "Transfer-Encoding: chunked", length=False), {200}),
        "in chunks that never end": (post(huge, "Transfer-Encoding: chunked", length=False), refused),
        "chunks without a size": (post(good, "Transfer-Encoding: chunked", length=False), refused),
        "chunks of negative size": (
            post(chunked._replace(body=b"-1\r\n"), "Transfer-Encoding: chunked", length=False),
            refused,
        ),
        "an unknown transfer": (post(good, "Transfer-Encoding: zork"), refused | {501}),
        "a length that is none": (signed.replace(length.encode(), b"Content-Length: zork"), refused),
        "a negative length": (signed.replace(length.encode(), b"Content-Length: -1"), refused),
        "a length with a sign": (signed.replace(length.encode(), length.replace(": ", ": +").encode()), refused),
        "two lengths": (post(good, "Content-Length: 2"), refused),
        "a length too great by far": (signed.replace(length.encode(), b"Content-Length: 9999999999999"), refused),
        "no length": (post(good, length=False), refused | {411}),
        "one long header": (post(good, "X: " + "x" * 500_000), refused | {431}),
        "ten thousand headers": (post(good, *(f"X-{n}: x" for n in range(10_000))), refused | {431}),
        "a long address": (post(good, path="/" + "x" * 100_000), absent | {414, 431}),
        "unsigned": (post(unsigned), {400}),
    }
    never_whole = {"nothing but line ends", "TLS", "chunks without a size"}  # a server waits for the rest
    for name, (raw, allowed) in rows.items():
        status = service.status(raw, then_hang_up=name in never_whole)
        assert status in allowed, (name, status)
    torn = service.status(signed[:-10], then_hang_up=True)
    assert torn in refused
    assert service.answer(signed[:-10].replace(b"close", b"keep-alive"), then_hang_up=True).count(b"HTTP/1.1 200") == 0
    two = service.answer(signed.replace(b"close", b"keep-alive", 1) + signed)
    assert two.count(b"HTTP/1.1 200 OK") == 2
    smuggled = post(chunked._replace(body=b"0\r\n\r\n" + signed), "Transfer-Encoding: chunked")
    assert service.answer(smuggled).count(b"200 OK") <= 1
    assert service.status(signed) == 200
    assert "Traceback" not in service.log


@pytest.mark.parametrize("service", ["granian"], indirect=True)
def test_who_only_holds_the_line_keeps_nobody_out(service, amazon):
    """A hundred connections that say nothing, or begin and never go on, are no reason not to answer others.

    gunicorn's threads wait for each of them: it needs a proxy that takes requests in whole.
    """
    with contextlib.ExitStack() as held:
        for number in range(100):
            line = held.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE))
            if number % 2:
                line.sendall(b"POST /alexa HTTP/1.1\r\nHost: x\r\nContent-Le")
        assert service.status(post(World(amazon).request())) == 200


def _underscored(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple((name.replace("-256", "_256"), value) for name, value in request.headers)


def test_a_stop_waits_for_the_answers_on_their_way(service, amazon, tmp_path):
    """SIGTERM: who has asked is answered, who comes later is not taken in, and all processes end."""
    envelope = amazon.envelope()
    envelope["session"]["attributes"]["wait"] = True
    slow = post(World(amazon).request(envelope))
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(service.status(slow)))
    asking.start()
    until = time.monotonic() + PATIENCE
    while not (tmp_path / "waiting").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert service.stop() == 0
    asking.join()
    assert answers == [200]
    assert service.counted() == {"answered": 1}
    with pytest.raises(ConnectionRefusedError):
        service.answer(slow)


def test_the_real_thing_starts_by_its_own_command(tmp_path):
    """With nothing but SKILL_ID: the real skill, ready, no simulator, nobody let in unsigned."""
    service = Service(["-m", "server.web"], tmp_path)
    try:
        service.wait_until_ready()
        assert service.log.startswith(f"Cramp Coach answers POST http://127.0.0.1:{service.port}/alexa.")
        assert service.status(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == 404
        assert service.status(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == 200
        assert service.status(post(Request(b"{}", ()))) == 400
        assert service.status(post(Request(b"{}", ()), path="/api/turn")) == 404
    finally:
        assert service.stop() == 0
    assert service.counted() == {"headers": 1}
    assert service.log.endswith("Stopped.\n")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SKILL_ID": ""}, "SKILL_ID is missing: set it to the id of your skill (amzn1.ask.skill…)."),
        (
            {"SKILL_ID": "amzn1.ask.skill.YOURS"},
            "SKILL_ID is 'amzn1.ask.skill.YOURS': use amzn1.ask.skill. and the 36 characters of your skill's id.",
        ),
        ({"HOST": "zork"}, "HOST is 'zork': use an address, such as 127.0.0.1, 0.0.0.0 or ::1."),
        ({"PORT": "zork"}, "PORT is 'zork': use a number from 1 to 65535."),
        ({"PORT": "70000"}, "PORT is '70000': use a number from 1 to 65535."),
        ({"PORT": "9" * 5000}, f"PORT is '{'9' * 5000}': use a number from 1 to 65535."),
        ({"WORKERS": "0"}, "WORKERS is '0': use a number from 1 to 64."),
        ({"WORKERS": "²"}, "WORKERS is '²': use a number from 1 to 64."),
    ],
)
def test_a_setting_that_cannot_be_is_one_clear_line(environ, said, capsys, monkeypatch):
    """Before anything is loaded, and nothing is served then."""
    for name, value in ({"SKILL_ID": SKILL_ID} | environ).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=re.escape(said)):
        settings()
    assert main() == 1
    assert capsys.readouterr().err == f"{said}\n"


def test_a_port_that_is_taken_is_one_clear_line(capsys, monkeypatch):
    """Before anybody is told that it is served there."""
    monkeypatch.setenv("SKILL_ID", SKILL_ID)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"Nobody can listen on 127.0.0.1:{port}: ")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "name", ["phrases.en.tsv", "families.en.tsv", "phrases.en.json", "triage.json", "speech.en-US.json"]
)
def test_a_skill_that_is_torn_does_not_open(monkeypatch, name):
    """It would greet somebody, and break down at the first complaint."""
    monkeypatch.setenv("SKILL_ID", SKILL_ID)
    import shelf
    from server import wsgi
    from skill import hearing, turn
    from speech import phrasebook

    whole = shelf.read
    for kept in (hearing.ear, turn.knowledge, phrasebook.open_book):
        kept.cache_clear()
    monkeypatch.setattr(shelf, "read", lambda asked: whole(asked)[: 100 if asked == name else None])
    with pytest.raises(RuntimeError, match="lambda/compiled"):
        wsgi.production()


@pytest.mark.parametrize(
    ("environ", "bind"),
    [
        ({}, "127.0.0.1:8080"),
        ({"HOST": "", "PORT": " "}, "127.0.0.1:8080"),
        ({"HOST": "::1", "PORT": "81"}, "[::1]:81"),
    ],
)
def test_gunicorn_reads_the_same_settings(environ, bind, monkeypatch):
    """A HOST that was left blank is not the whole world."""
    for name in ("HOST", "PORT", "WORKERS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"SKILL_ID": SKILL_ID} | environ).items():
        monkeypatch.setenv(name, value)
    assert runpy.run_path(str(ROOT / "server" / "gunicorn.conf.py"))["bind"] == bind
    monkeypatch.setenv("SKILL_ID", " ")
    with pytest.raises(SystemExit, match="SKILL_ID is missing"):
        runpy.run_path(str(ROOT / "server" / "gunicorn.conf.py"))


def test_what_is_not_said_is_usual():
    """The loopback, because TLS is for a proxy in front."""
    assert settings({"SKILL_ID": SKILL_ID}) == Settings("127.0.0.1", 8080, 2)
    said = {"SKILL_ID": SKILL_ID, "HOST": "::1", "PORT": "1", "WORKERS": "64"}
    assert settings(said) == Settings("::1", 1, 64)
