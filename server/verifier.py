"""Is this request from Alexa? The signature over its bytes and the certificates behind it.

It knows certificates and nothing of skills. The rules are Amazon's:
https://developer.amazon.com/docs/custom-skills/host-a-custom-skill-as-a-web-service.html
"""

from __future__ import annotations

import base64
import http.client
import posixpath
import re
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store

from server.kit import AbstractVerifier, VerificationException
from server.refusal import Reason, RefusedError

# Amazon's rules.
CHAIN_HOST = "s3.amazonaws.com"
CHAIN_FOLDER = "/echo.api/"
SIGNER = "echo-api.amazon.com"

# Ours. Alexa gives up on an answer after 8 s; a chain of four certificates is about 6 kB.
DOWNLOAD_SECONDS = 3.0
LARGEST_CHAIN = 64 * 1024
MOST_DOWNLOADS = 4  # at a time
MOST_WAITING = 32  # chains asked for and not yet there; more are refused at once
MOST_PATIENT = 2  # requests that wait so long, once a key is known: the threads of a server are few
BRIEF_SECONDS = 0.3  # for the others; a chain usually comes in less
KEY_LIFE = timedelta(hours=1)  # then Amazon is asked again
LONGEST_LIFE = timedelta(days=1)  # where Amazon cannot be asked
PAUSE = timedelta(minutes=1)  # between two attempts to ask before or after the hour
MOST_KEYS = 8
SMALLEST_KEY = 2048  # bits; the policy below asks it of authorities only

# Real paths are plain. An escape could mean one thing here and another there.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")
_PRINTABLE = re.compile(r"[!-~]+")  # urlsplit drops tabs and line ends without a word
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

Download = Callable[[str], bytes]
"""From the URL of a chain to its certificates as PEM, the signer's first. May raise anything."""


class Headers(Protocol):
    """The headers of a request, found by name in any case."""

    def get(self, key: str, /) -> str | None:
        """The value of the header, None when it is missing."""


@dataclass(frozen=True)
class _Signer:
    """A validated key: when its chain was fetched, when Amazon was last asked, when the first certificate ends."""

    key: RSAPublicKey
    fetched: datetime
    asked: datetime
    ends: datetime

    # A clock may be set back: what was done "in the future" was not done a moment ago.

    def is_fresh(self, now: datetime) -> bool:
        return -PAUSE < now - self.fetched < KEY_LIFE and now < self.ends

    def will_do(self, now: datetime) -> bool:
        """Whether it may serve on when Amazon cannot be reached."""
        return abs(now - self.fetched) < LONGEST_LIFE and now < self.ends

    def was_asked(self, now: datetime) -> bool:
        """Whether Amazon was asked a moment ago, so that it is too early to ask again."""
        return abs(now - self.asked) < PAUSE


class SignatureVerifier(AbstractVerifier):
    """Passes a request that Alexa signed, and nothing else.

    A chain is downloaded and validated once and its key kept for an hour, for a day where Amazon's shelf cannot be
    reached, but never past the end of any certificate in the chain. While one request asks for it anew, the others go
    on with the key that is known. A signature that does not fit has the chain fetched anew, once a minute at most:
    Amazon may have put a new certificate under the same URL.
    Only keys of validated chains are kept, and no more than eight. There is no revocation check, as in Amazon's own
    kits. May be used by several threads at a time; who needs the same chain waits for the same download.
    """

    def __init__(
        self,
        *,
        download: Download,
        roots: Iterable[x509.Certificate],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`download` fetches a chain, `roots` are believed, `clock` is aware of its zone."""
        self._download = download
        self._store = Store(list(roots))
        self._clock = clock
        self._downloads = ThreadPoolExecutor(MOST_DOWNLOADS, "chain")
        self._coming: dict[str, Future[bytes]] = {}
        self._waiting = 0
        self._signers: dict[str, _Signer] = {}
        self._lock = threading.Lock()
        self._renewing = threading.Lock()  # held by the one who asks for a known chain anew

    def verify(
        self,
        headers: Headers,
        serialized_request_env: str,
        deserialized_request_env: object = None,
    ) -> None:
        """Return when the headers prove the text; raise RefusedError, a VerificationException, otherwise.

        `serialized_request_env` is the body, decoded from UTF-8 without replacing anything,
        so that encoding it gives back the bytes that were signed.
        `deserialized_request_env` is not looked at: it is not to be trusted yet.
        """
        try:
            # The old SHA-1 header, `Signature`, proves nothing any more and is not read.
            signature = base64.b64decode(headers.get("Signature-256") or "", validate=True)
            body = serialized_request_env.encode()
        except ValueError as error:  # also a lone surrogate, which no bytes decode to
            raise RefusedError(Reason.HEADERS) from error
        given = headers.get("SignatureCertChainUrl")
        if not signature or not given:
            raise RefusedError(Reason.HEADERS)
        url = chain_url(given)
        signer = self._signer(url)
        try:
            signer.key.verify(signature, body, PKCS1v15(), SHA256())
        except InvalidSignature as error:
            renewed = self._renewed_early(url, signer)
            if renewed is None:
                raise RefusedError(Reason.SIGNATURE) from error
            try:
                renewed.key.verify(signature, body, PKCS1v15(), SHA256())
            except InvalidSignature:
                raise RefusedError(Reason.SIGNATURE) from error

    def _signer(self, url: str) -> _Signer:
        now = self._clock()
        signer = self._signers.get(url)
        if signer is None:
            return self._fetch(url, now)
        if signer.is_fresh(now):
            return signer
        if not signer.will_do(now):
            return self._fetch(url, now)
        if signer.was_asked(now) or not self._renewing.acquire(blocking=False):
            return signer
        try:
            return self._fetch(url, now)
        except RefusedError as refusal:
            if refusal.reason is not Reason.DOWNLOAD:
                raise
            self._keep(url, replace(signer, asked=now))
            return signer
        finally:
            self._renewing.release()

    def _renewed_early(self, url: str, signer: _Signer) -> _Signer | None:
        """The signer as Amazon has it now, or None: asked a moment ago, out of reach, or proves nothing any more."""
        with self._renewing:  # whoever comes meanwhile waits, for he may be signed with the key that is on its way
            known = self._signers.get(url)
            if known is None or known.fetched != signer.fetched:  # another thread was faster
                return known
            now = self._clock()
            if known.was_asked(now):
                return None
            self._keep(url, replace(known, asked=now))
            try:
                return self._fetch(url, now)
            except RefusedError:
                return None

    def _fetch(self, url: str, now: datetime) -> _Signer:
        """The signer at a URL, kept from now on; what no longer proves anything is forgotten."""
        chain = self._chain(url)
        try:
            signer = self._validate(chain, now)
        except Exception as error:  # a torn PEM, a chain that leads nowhere: not proven
            with self._lock:
                self._signers.pop(url, None)
            raise RefusedError(Reason.CHAIN) from error
        self._keep(url, signer)
        return signer

    def _keep(self, url: str, signer: _Signer) -> None:
        with self._lock:
            self._signers.pop(url, None)
            while len(self._signers) >= MOST_KEYS:
                del self._signers[next(iter(self._signers))]
            self._signers[url] = signer

    def _chain(self, url: str) -> bytes:
        # In a thread, because name lookup and a host with many addresses keep no time limit;
        # in a small pool, because anybody can make us download: an unsigned request is enough.
        with self._lock:
            coming = self._coming.get(url)
            if coming is None:
                if len(self._coming) >= MOST_WAITING:
                    raise RefusedError(Reason.DOWNLOAD)
                coming = self._coming[url] = self._downloads.submit(self._download, url)
                coming.add_done_callback(lambda _: self._coming.pop(url, None))
            # Strangers who name chains that hang must not hold every thread: others stand behind them.
            may_wait = self._waiting < MOST_PATIENT or not self._signers
            self._waiting += 1
        try:
            return coming.result(DOWNLOAD_SECONDS if may_wait else min(BRIEF_SECONDS, DOWNLOAD_SECONDS))
        except Exception as error:  # whatever a download raises, there is no chain
            raise RefusedError(Reason.DOWNLOAD) from error
        finally:
            with self._lock:
                self._waiting -= 1

    def _validate(self, pem: bytes, now: datetime) -> _Signer:
        """The key of the first certificate, once the chain leads from it to a trusted root.

        The policy checks dates, signatures, usages and the name; but it would let `*.amazon.com`
        stand for the name, where Amazon's rule wants the name itself, and believes a root past its end.
        """
        leaf, *others = x509.load_pem_x509_certificates(pem)
        policy = PolicyBuilder().store(self._store).time(now)
        chain = policy.build_server_verifier(x509.DNSName(SIGNER)).verify(leaf, others)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        key = leaf.public_key()
        begins = max(certificate.not_valid_before_utc for certificate in chain)
        ends = min(certificate.not_valid_after_utc for certificate in chain)
        if (
            SIGNER not in names.get_values_for_type(x509.DNSName)
            or not isinstance(key, RSAPublicKey)
            or key.key_size < SMALLEST_KEY
            or not begins <= now < ends
        ):
            raise RefusedError(Reason.CHAIN)
        return _Signer(key, fetched=now, asked=now, ends=ends)


def chain_url(given: str) -> str:
    """The one URL that `given` stands for, `..` resolved; what is checked is what is downloaded.

    Raises RefusedError when the scheme, host, port or folder is not Amazon's, or when
    there is anything beside them: a query or a login would give one chain endlessly many names.
    """
    try:
        parts = urlsplit(given)
    except ValueError as error:
        raise RefusedError(Reason.URL) from error
    path = posixpath.normpath(parts.path)
    if (
        not _PRINTABLE.fullmatch(given)
        or parts.scheme != "https"
        or parts.netloc.lower() not in {CHAIN_HOST, f"{CHAIN_HOST}:443"}
        or not path.startswith(CHAIN_FOLDER)
        or not _PLAIN_PATH.fullmatch(path)
        or any(mark in given for mark in "?#")
    ):
        raise RefusedError(Reason.URL)
    return f"https://{CHAIN_HOST}{path}"


def download_chain(url: str) -> bytes:
    """The bytes at a URL that `chain_url` gave: whole, at most 64 KiB, and no slow trickle.

    No redirect is followed and no proxy asked.
    Raises VerificationException when the answer is not a plain 200, too long, too slow or cut short;
    OSError or http.client.HTTPException when there is none.
    """
    parts = urlsplit(url)
    trust = ssl.create_default_context(cafile=certifi.where())
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    connection = http.client.HTTPSConnection(parts.netloc, timeout=DOWNLOAD_SECONDS, context=trust)
    try:
        connection.connect()
        # A socket's timeout starts again with every byte, hence a deadline of our own as well.
        with _hung_up_at(deadline, connection.sock):
            connection.request("GET", parts.path)
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise VerificationException("No chain there")
            chain = b""
            while block := response.read1(LARGEST_CHAIN):
                chain += block
                if len(chain) > LARGEST_CHAIN:
                    raise VerificationException("Too long")
        if response.length or time.monotonic() > deadline:  # bytes that were promised and did not come
            raise VerificationException("Cut short, or too slow")
        return chain
    finally:
        connection.close()


@contextmanager
def _hung_up_at(deadline: float, connection: socket.socket) -> Iterator[None]:
    """Ends a connection from our side at a moment, whatever is being read from it then."""

    def hang_up() -> None:
        with suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # TLS stays up, so that nothing is read without it

    timer = threading.Timer(max(deadline - time.monotonic(), 0), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def trusted_roots() -> list[x509.Certificate]:
    """The authorities that Mozilla trusts, from the certifi package: the same ones on every host.

    The system's own would differ from host to host, and SSL_CERT_FILE could replace them.
    One at a time, so that a root that cryptography refuses costs only itself. It warns of some that
    a later version will refuse (serial number 0); one of these is behind older chains of Amazon's.
    Raises RuntimeError where there is none.
    """
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            bundle = Path(certifi.where()).read_bytes()
        except OSError:
            bundle = b""
        for pem in _PEM.findall(bundle):
            try:
                roots.append(x509.load_pem_x509_certificate(pem))
            except ValueError:
                continue
    if not roots:
        raise RuntimeError("There is no authority to trust: is the package certifi whole?")
    return roots
