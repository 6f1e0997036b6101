"""Is this request from Alexa? The signature over its bytes and the certificates behind it.

It knows certificates and nothing of skills. The rules are Amazon's:
https://developer.amazon.com/docs/custom-skills/host-a-custom-skill-as-a-web-service.html
"""

from __future__ import annotations

import base64
import http.client
import posixpath
import re
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store

from server.kit import AbstractVerifier, VerificationException

# Amazon's rules.
CHAIN_HOST = "s3.amazonaws.com"
CHAIN_FOLDER = "/echo.api/"
SIGNER = "echo-api.amazon.com"

# Ours. Alexa gives up on an answer after 8 s; a chain of four certificates is about 6 kB.
DOWNLOAD_SECONDS = 3.0
LARGEST_CHAIN = 64 * 1024
MOST_DOWNLOADS = 4  # at a time
KEY_LIFE = timedelta(hours=1)
MOST_KEYS = 8

# Real paths are plain. An escape could mean one thing here and another there.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

Download = Callable[[str], bytes]
"""From the URL of a chain to its certificates as PEM, the signer's first. May raise anything."""


class Headers(Protocol):
    """The headers of a request, found by name in any case."""

    def get(self, key: str, /) -> str | None:
        """The value of the header, None when it is missing."""


@dataclass(frozen=True)
class _Signer:
    """A verified key, and until when it may be believed without asking again."""

    key: RSAPublicKey
    until: datetime


class SignatureVerifier(AbstractVerifier):
    """Passes a request that Alexa signed, and nothing else.

    The chain is downloaded and validated once and its key kept for an hour, but never past the
    end of any certificate in the chain, so an expired chain and a withdrawn one are both noticed.
    Only keys of validated chains are kept, and no more than eight.
    There is no revocation check, as in Amazon's own kits.
    May be used by several threads at a time.
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
        self._signers: dict[str, _Signer] = {}
        self._lock = threading.Lock()

    def verify(
        self,
        headers: Headers,
        serialized_request_env: str,
        deserialized_request_env: object = None,
    ) -> None:
        """Return when the headers prove the text; raise VerificationException otherwise.

        `serialized_request_env` is the body, decoded from UTF-8 without replacing anything,
        so that encoding it gives back the bytes that were signed.
        `deserialized_request_env` is not looked at: it is not to be trusted yet.
        """
        try:
            # The old SHA-1 header, `Signature`, proves nothing any more and is not read.
            signature = base64.b64decode(headers.get("Signature-256") or "", validate=True)
            if not signature:
                raise VerificationException("No signature")
            url = chain_url(headers.get("SignatureCertChainUrl") or "")
            body = serialized_request_env.encode()
            self._key(url).verify(signature, body, PKCS1v15(), SHA256())
        except VerificationException:
            raise
        except Exception as error:
            # Whatever went wrong on the way (junk base64, no network, a torn PEM, a chain that
            # leads nowhere, a forged signature), the request is not proven.
            raise VerificationException("Not proven") from error

    def _key(self, url: str) -> RSAPublicKey:
        now = self._clock()
        signer = self._signers.get(url)
        if signer is None or signer.until <= now:
            signer = self._validate(self._chain(url), now)
            with self._lock:
                self._signers.pop(url, None)
                while len(self._signers) >= MOST_KEYS:
                    del self._signers[next(iter(self._signers))]
                self._signers[url] = signer
        return signer.key

    def _chain(self, url: str) -> bytes:
        # In a thread, because name lookup and a host with many addresses keep no time limit;
        # in a small pool, because anybody can make us download: an unsigned request is enough.
        download = self._downloads.submit(self._download, url)
        try:
            return download.result(DOWNLOAD_SECONDS)
        finally:
            download.cancel()

    def _validate(self, pem: bytes, now: datetime) -> _Signer:
        """The key of the first certificate, once the chain leads from it to a trusted root.

        The policy checks dates, signatures, usages and the name; but it would let `*.amazon.com`
        stand for the name, where Amazon's rule wants the name itself.
        """
        leaf, *others = x509.load_pem_x509_certificates(pem)
        policy = PolicyBuilder().store(self._store).time(now)
        chain = policy.build_server_verifier(x509.DNSName(SIGNER)).verify(leaf, others)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if SIGNER not in names.get_values_for_type(x509.DNSName):
            raise VerificationException("Another name")
        key = leaf.public_key()
        if not isinstance(key, RSAPublicKey):
            raise VerificationException("Another kind of key")
        ends = min(certificate.not_valid_after_utc for certificate in chain)
        return _Signer(key, min(ends, now + KEY_LIFE))


def chain_url(given: str) -> str:
    """The one URL that `given` stands for, `..` resolved; what is checked is what is downloaded.

    Raises VerificationException when the scheme, host, port or folder is not Amazon's, or when
    there is anything beside them: a query or a login would give one chain endlessly many names.
    """
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError as error:
        raise VerificationException("Not a URL") from error
    path = posixpath.normpath(parts.path)
    if (
        parts.scheme != "https"
        or parts.hostname != CHAIN_HOST
        or port not in (None, 443)
        or not path.startswith(CHAIN_FOLDER)
        or not _PLAIN_PATH.fullmatch(path)
        or any(mark in given for mark in "?#@")
    ):
        raise VerificationException("Not the URL of an Alexa chain")
    return f"https://{CHAIN_HOST}{path}"


def download_chain(url: str) -> bytes:
    """The bytes at a URL that `chain_url` gave: at most 64 KiB, and no slow trickle.

    No redirect is followed and no proxy asked.
    Raises VerificationException when the answer is not a plain 200, too long or too slow;
    OSError or http.client.HTTPException when there is none.
    """
    parts = urlsplit(url)
    trust = ssl.create_default_context(cafile=certifi.where())
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    connection = http.client.HTTPSConnection(parts.netloc, timeout=DOWNLOAD_SECONDS, context=trust)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise VerificationException("No chain there")
        chain = b""
        # A socket's timeout starts again with every byte, hence a deadline of our own as well.
        while block := response.read1(LARGEST_CHAIN):
            chain += block
            if len(chain) > LARGEST_CHAIN or time.monotonic() > deadline:
                raise VerificationException("Too long or too slow")
        return chain
    finally:
        connection.close()


def trusted_roots() -> list[x509.Certificate]:
    """The authorities that Mozilla trusts, from the certifi package: the same ones on every host.

    The system's own would differ from host to host, and SSL_CERT_FILE could replace them.
    One at a time, so that a root that cryptography refuses costs only itself. It warns of some that
    a later version will refuse (serial number 0); one of these is behind older chains of Amazon's.
    """
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for pem in _PEM.findall(Path(certifi.where()).read_bytes()):
            try:
                roots.append(x509.load_pem_x509_certificate(pem))
            except ValueError:
                continue
    return roots
