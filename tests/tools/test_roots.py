"""The roots that the store trusts first are Amazon's five, and no other."""

from __future__ import annotations

import hashlib
import ssl
import time

from store import wire
from tools import roots

# SHA-256 of the public keys, as Amazon publishes them: https://www.amazontrust.com/repository/
KEYS = {
    "fbe3018031f9586bcbf41727e417b7d1c45c2f47f93be372a17b96b50757d5a2",
    "7f4296fc5b6a4e3b35d3c369623e364ab1af381d8fa7121533c9d6c633ea2461",
    "36abc32656acfc645c61b71613c4bf21c787f5cabbee48348d58597803d7abc9",
    "f7ecded5c66047d28ed6466b543c40e0743abe81d109254dcf845d4c2c7853c5",
    "2b071c59a0a0ae76b0eadb2bad23bad4580b69c3601b630c2eaf0613afa83f92",
}


def test_the_file_is_what_certifi_has_today() -> None:
    """When this fails, certifi has changed one of them; look why, then: python -m tools.roots."""
    assert roots.FILE.read_text("utf-8") == roots.roots()
    assert roots.FILE == wire.ROOTS


def test_the_keys_are_those_that_amazon_publishes() -> None:
    assert sorted(hashlib.sha256(public_key(root)).hexdigest() for root in loaded()) == sorted(KEYS)


def test_none_is_about_to_expire() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(roots.FILE)
    for root in context.get_ca_certs():
        assert ssl.cert_time_to_seconds(str(root["notAfter"])) > time.time() + 365 * 86_400, root["subject"]


def loaded() -> list[bytes]:
    """The roots as OpenSSL takes them, in DER."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(roots.FILE)
    return context.get_ca_certs(binary_form=True)


def public_key(certificate: bytes) -> bytes:
    """Its SubjectPublicKeyInfo (RFC 5280, 4.1). One root has the serial number 0, which cryptography is to refuse."""
    begin, _ = inside(certificate, 0)
    begin, _ = inside(certificate, begin)
    for _ in ("version", "serial number", "signature", "issuer", "validity", "subject"):
        _, begin = inside(certificate, begin)
    return certificate[begin : inside(certificate, begin)[1]]


def inside(der: bytes, begin: int) -> tuple[int, int]:
    """Where the content of an element begins, and where it ends."""
    length = der[begin + 1]
    of_length = length - 128 if length > 128 else 0
    start = begin + 2 + of_length
    return start, start + (int.from_bytes(der[begin + 2 : start]) if of_length else length)
