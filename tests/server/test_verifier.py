"""Only what Alexa signed passes, and nothing that goes wrong on the way lets anything else pass."""

from __future__ import annotations

import base64
import http.client
import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from server import verifier as module
from server.kit import VerificationException
from server.verifier import SignatureVerifier, chain_url, download_chain, trusted_roots
from tools.amazon import rsa_key

BODY = '{"said": "Müller’s calf"}'
DAY = timedelta(days=1)


class Amazons:
    """A verifier, the network it sees, and its clock."""

    def __init__(self, amazon, roots=()) -> None:
        self.amazon = amazon
        self.now: datetime = amazon.now
        self.answer: Callable[[str], bytes] = lambda url: amazon.chain()
        self.downloaded: list[str] = []
        self.verifier = SignatureVerifier(download=self.download, roots=roots or [amazon.root], clock=lambda: self.now)

    def download(self, url: str) -> bytes:
        self.downloaded.append(url)
        return self.answer(url)

    def passes(self, body: str = BODY, **headers: str | None) -> bool:
        """Whether a good request passes, with some of its headers replaced, or left out by None."""
        good = self.amazon.sign(body)
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in (good | changed).items() if value is not None}
        return self.passes_with(body, sent)

    def passes_with(self, body: str, headers: dict[str, str]) -> bool:
        try:
            self.verifier.verify(headers, body)
        except VerificationException:
            return False
        return True


@pytest.fixture
def net(amazon) -> Amazons:
    return Amazons(amazon)


def test_a_signed_request_passes(net):
    """The signature is over the UTF-8 bytes of the body, whatever the language."""
    assert net.passes()
    assert net.downloaded == [net.amazon.url]


def test_a_changed_body_is_refused(net):
    """One byte is enough, and so is an empty body."""
    headers = net.amazon.sign(BODY)
    assert not net.passes_with(BODY + " ", headers)
    assert not net.passes_with(BODY.replace("calf", "Calf"), headers)
    assert not net.passes_with("", headers)


@pytest.mark.parametrize(
    "good",
    [
        "https://s3.amazonaws.com/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com:443/echo.api/echo-api-cert.pem",
        "https://s3.amazonaws.com/echo.api/../echo.api/echo-api-cert.pem",
        "HTTPS://S3.amazonaws.COM/echo.api/echo-api-cert.pem",
    ],
)
def test_amazons_own_examples_of_good_urls(good):
    """All spellings of one URL become one, which is the one downloaded and remembered."""
    assert chain_url(good) == "https://s3.amazonaws.com/echo.api/echo-api-cert.pem"


def test_a_chain_that_was_refused_is_not_remembered(net, amazon):
    """Nor is its URL: the next good chain there passes."""
    net.answer = lambda url: amazon.chain(amazon.leaf)
    assert not net.passes()
    net.answer = lambda url: amazon.chain()
    assert net.passes()


@pytest.mark.parametrize("error", [OSError, ValueError, RuntimeError, VerificationException])
def test_a_failed_download_is_a_refusal(net, amazon, error):
    """Whatever it raises, and once: the next request tries again."""

    def fail(url: str) -> bytes:
        raise error("no")

    net.answer = fail
    assert not net.passes()
    net.answer = lambda url: amazon.chain()
    assert net.passes()


def test_a_download_that_hangs_is_a_refusal(net, monkeypatch):
    """Alexa waits 8 s for its answer; we do not wait for a chain without end."""
    monkeypatch.setattr(module, "DOWNLOAD_SECONDS", 0.05)
    let_go = threading.Event()
    net.answer = lambda url: bytes(let_go.wait(10))
    begun = time.monotonic()
    assert not net.passes()
    assert time.monotonic() - begun < 5
    let_go.set()


def test_a_key_is_kept_for_an_hour_and_not_longer(net):
    """One download serves an hour of requests; then the chain is fetched and validated again."""
    assert all(net.passes() for _ in range(5))
    net.now += timedelta(minutes=59)
    assert net.passes()
    assert len(net.downloaded) == 1
    net.now += timedelta(minutes=2)
    assert net.passes()
    assert len(net.downloaded) == 2


def test_a_key_is_not_kept_past_the_end_of_its_chain(net, amazon):
    """An expired certificate is noticed at once, also the one in the middle."""
    in_ten = amazon.now + timedelta(minutes=10)
    middle = amazon.authority(begins=amazon.now - DAY, ends=in_ten)
    for chain in (
        amazon.chain(amazon.signer(ends=in_ten), amazon.between),
        amazon.chain(amazon.leaf, middle),
    ):
        net = Amazons(amazon)
        net.answer = lambda url, chain=chain: chain
        assert net.passes()
        net.now += timedelta(minutes=9)
        assert net.passes()
        net.now += timedelta(minutes=2)
        assert not net.passes()


def test_a_key_serves_for_a_day_where_amazon_cannot_be_asked(net):
    """Its shelf is asked again each minute from the first hour on; what is signed meanwhile passes."""

    def fail(url: str) -> bytes:
        raise OSError

    assert net.passes()
    net.answer = fail
    for hours, downloads in ((2, 2), (0, 2), (20, 3)):
        net.now += timedelta(hours=hours)
        assert net.passes()
        assert len(net.downloaded) == downloads
    net.now += timedelta(hours=3)
    assert not net.passes()


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=9)])
def test_a_clock_that_was_set_back_keeps_no_key_any_longer(net, amazon, ahead):
    """What was fetched "in the future" is fetched again now, and a renewed key is not waited for until then."""
    long = amazon.signer(ends=amazon.now + 20 * DAY)
    net.answer = lambda url: amazon.chain(long, amazon.between)
    net.now += ahead
    assert net.passes()
    net.now -= ahead
    assert net.passes()
    assert len(net.downloaded) == 2
    net.now += timedelta(minutes=2)
    assert not net.passes_with(BODY, amazon.sign("another body"))
    assert len(net.downloaded) == 3


def test_only_one_waits_while_amazon_cannot_be_asked(net, monkeypatch):
    """Once a minute one request finds out that nobody answers; the others go on with the key that is known."""
    assert net.passes()
    net.now += timedelta(hours=2)
    asked, let_go = threading.Event(), threading.Event()

    def hang(url: str) -> bytes:
        asked.set()
        let_go.wait(10)
        raise OSError

    net.answer = hang
    answers: list[bool] = []
    first = threading.Thread(target=lambda: answers.append(net.passes()))
    first.start()
    assert asked.wait(5)
    begun = time.monotonic()
    assert all(net.passes() for _ in range(5))
    assert time.monotonic() - begun < 1.5
    assert first.is_alive()
    let_go.set()
    first.join()
    assert answers == [True]
    assert len(net.downloaded) == 2


def test_who_is_signed_with_a_key_on_its_way_waits_for_it(net, amazon):
    """When Amazon has renewed a certificate, nobody is refused who comes while the first one fetches it."""
    assert net.passes()
    new = rsa_key()
    net.now += timedelta(minutes=2)
    asked, let_go = threading.Event(), threading.Event()

    def renewed(url: str) -> bytes:
        asked.set()
        let_go.wait(5)
        return amazon.chain(amazon.signer(key=new), amazon.between)

    net.answer = renewed
    signature = base64.b64encode(new.sign(BODY.encode(), PKCS1v15(), SHA256())).decode()
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(net.passes(Signature_256=signature))) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert asked.wait(5)
    time.sleep(0.1)
    let_go.set()
    for thread in threads:
        thread.join()
    assert answers == [True] * 6
    assert len(net.downloaded) == 2


def test_a_chain_that_proves_nothing_any_more_is_forgotten(net, amazon):
    """Where Amazon can be asked, its answer counts, and not what was kept."""
    assert net.passes()
    net.now += timedelta(minutes=61)
    net.answer = lambda url: amazon.chain(amazon.leaf)
    assert not net.passes()
    net.answer = net.amazon.chain
    assert not net.passes()


def test_a_signature_that_does_not_fit_asks_amazon_once_a_minute(net):
    """The chain may have been renewed under its URL; but who sends junk makes no more downloads than that."""
    assert net.passes()
    other = net.amazon.sign("another body")
    for seconds, downloads in ((10, 1), (60, 2), (10, 2), (0, 2), (60, 3)):
        net.now += timedelta(seconds=seconds)
        assert not net.passes_with(BODY, other)
        assert len(net.downloaded) == downloads
        assert net.passes()


def test_who_needs_the_same_chain_waits_for_the_same_download(net, amazon, monkeypatch):
    """Many requests that come at once after the start are one download."""
    monkeypatch.setattr(module, "DOWNLOAD_SECONDS", 30.0)
    let_go = threading.Event()
    answers: list[bool] = []

    def slow(url: str) -> bytes:
        let_go.wait(30)
        return amazon.chain()

    net.answer = slow
    threads = [threading.Thread(target=lambda: answers.append(net.passes())) for _ in range(12)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 20
    while net.verifier._waiting < 12 and time.monotonic() < until:
        time.sleep(0.01)
    let_go.set()
    for thread in threads:
        thread.join()
    assert answers == [True] * 12
    assert len(net.downloaded) == 1


def test_only_so_many_chains_are_waited_for(net, monkeypatch):
    """Who names ever new URLs is refused at once when the queue is full; it empties by itself."""
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    monkeypatch.setattr(module, "DOWNLOAD_SECONDS", 0.05)
    let_go, begun = threading.Event(), threading.Semaphore(0)

    def hang(url: str) -> bytes:
        begun.release()
        return bytes(let_go.wait(10))

    net.answer = hang
    for number in range(4):
        assert not net.passes(SignatureCertChainUrl=f"https://s3.amazonaws.com/echo.api/{number}.pem")
    assert begun.acquire(timeout=5)
    assert begun.acquire(timeout=5)
    assert len(net.downloaded) == 2
    let_go.set()


def test_strangers_who_name_chains_that_hang_do_not_hold_every_thread(net, monkeypatch):
    """Once a key is known two of them wait as long as one may, the others a moment; before that, everybody waits."""
    monkeypatch.setattr(module, "DOWNLOAD_SECONDS", 1.0)
    monkeypatch.setattr(module, "BRIEF_SECONDS", 0.05)
    let_go = threading.Event()
    known = net.amazon.chain()

    def hang(url: str) -> bytes:
        if url != net.amazon.url:
            let_go.wait(10)
        return known

    net.answer = hang
    assert net.passes()
    took: list[float] = []

    def knock(number: int) -> None:
        begun = time.monotonic()
        assert not net.passes(SignatureCertChainUrl=f"https://s3.amazonaws.com/echo.api/{number}.pem")
        took.append(time.monotonic() - begun)

    threads = [threading.Thread(target=knock, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    let_go.set()
    assert sum(seconds < 0.9 for seconds in took) == 6
    assert net.passes()


def test_a_kept_key_serves_only_its_url_and_the_list_of_keys_is_short(net):
    """A chain at another URL is another chain; the oldest of too many is forgotten."""
    urls = [f"https://s3.amazonaws.com/echo.api/{n}.pem" for n in range(module.MOST_KEYS + 1)]
    for url in urls:
        assert net.passes(SignatureCertChainUrl=url)
    assert net.downloaded == urls
    assert net.passes(SignatureCertChainUrl=urls[-1])
    assert net.downloaded == urls
    assert net.passes(SignatureCertChainUrl=urls[0])
    assert net.downloaded == [*urls, urls[0]]


def test_many_threads_may_ask(net):
    """What is right for one is right for all, and nothing breaks."""
    answers: list[bool] = []
    urls = [f"https://s3.amazonaws.com/echo.api/{n}.pem" for n in range(12)]
    bodies = [(BODY, True), ("{}", True), ("[]", False)]

    def ask(n: int) -> None:
        body, signed = bodies[n % 3]
        headers = net.amazon.sign(body if signed else "other")
        headers["SignatureCertChainUrl"] = urls[n % 12]
        answers.append(net.passes_with(body, headers) is signed)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(36)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 36


# The download itself, from a TLS server on the loopback.


class Page(http.server.BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        path = self.path.rpartition("/")[2]
        if path == "moved":
            self.send_response(302)
            self.send_header("Location", "/echo.api/plain")
            self.end_headers()
            return
        self.send_response(404 if path == "missing" else 200)
        if path == "slow-head":
            self.flush_headers()
            for _ in range(100):
                self.wfile.write(b"X: y\r\n")
                time.sleep(0.02)
        if path == "torn":
            self.send_header("Content-Length", "100")
        self.end_headers()
        if path == "endless":
            for _ in range(100):
                self.wfile.write(b"x" * 10_000)
        elif path == "trickle":
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.02)
        else:
            self.wfile.write(b"the chain")

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what these tests are about."""


@contextmanager
def tls_server(amazon, folder) -> Iterator[str]:
    certificate, key = amazon.local_host()
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + amazon.chain(certificate, amazon.between)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with Server(("127.0.0.1", 0), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01}).start()
        yield f"https://127.0.0.1:{server.server_port}/echo.api/"
        server.shutdown()


@pytest.fixture
def site(amazon, tmp_path) -> Iterator[str]:
    with tls_server(amazon, tmp_path) as url:
        yield url


@pytest.fixture
def believed(amazon, tmp_path, monkeypatch) -> None:
    """Makes the pretend Amazon the only authority of the download."""
    bundle = tmp_path / "roots.pem"
    bundle.write_bytes(amazon.chain(amazon.root))
    monkeypatch.setattr(certifi, "where", lambda: str(bundle))


@pytest.mark.usefixtures("believed")
def test_a_chain_is_downloaded(site, monkeypatch):
    """Directly: a proxy named in the environment is not asked."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert download_chain(site + "plain") == b"the chain"


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize("page", ["moved", "missing", "endless", "torn"])
def test_a_download_is_plain_whole_and_small(site, page):
    """No redirect is followed, no error page is taken for a chain, nothing long is kept, and no half for a whole.

    A half would be a chain that proves nothing, and cost the key that is known.
    """
    with pytest.raises(VerificationException):
        download_chain(site + page)


@pytest.mark.usefixtures("believed")
@pytest.mark.parametrize("page", ["trickle", "slow-head"])
def test_a_trickle_is_given_up(site, monkeypatch, page):
    """A byte now and then does not keep a download alive, nor does a header."""
    monkeypatch.setattr(module, "DOWNLOAD_SECONDS", 0.2)
    begun = time.monotonic()
    with pytest.raises((VerificationException, http.client.HTTPException, OSError)):
        download_chain(site + page)
    assert time.monotonic() - begun < 1.5


def test_a_download_from_a_stranger_is_refused(site, monkeypatch, tmp_path, amazon):
    """The host must prove its name to Mozilla's authorities; SSL_CERT_FILE adds no others."""
    own = tmp_path / "own.pem"
    own.write_bytes(amazon.chain(amazon.root))
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with pytest.raises(ssl.SSLCertVerificationError):
        download_chain(site + "plain")


def test_the_trusted_roots_hold_amazons():
    """The chains of Alexa end at one of these."""
    names = {
        attribute.value
        for root in trusted_roots()
        for attribute in root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    }
    assert {"Amazon Root CA 1", "Amazon Root CA 2"} <= names
    assert len(names) > 50


@pytest.mark.parametrize("left", [None, b"", b"# nobody\n"])
def test_without_anybody_to_trust_there_is_no_door(tmp_path, monkeypatch, left):
    """One line says which package is broken."""
    bundle = tmp_path / "roots.pem"
    if left is not None:
        bundle.write_bytes(left)
    monkeypatch.setattr(certifi, "where", lambda: str(bundle))
    with pytest.raises(RuntimeError, match="certifi"):
        trusted_roots()


def test_a_root_that_cannot_be_read_costs_only_itself(amazon, tmp_path, monkeypatch):
    """One bad entry in the list does not close the door."""
    bundle = tmp_path / "roots.pem"
    bad = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    bundle.write_bytes(b"# comment\n" + bad + amazon.chain(amazon.root) + bad)
    monkeypatch.setattr(certifi, "where", lambda: str(bundle))
    assert trusted_roots() == [amazon.root]
