"""A pretend Amazon for the tests and the bench: an authority, a signing certificate, signed requests, made on the spot.

Nothing it signs is worth anything outside: a verifier has to be handed its root.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = timedelta(days=1)
SKILL_ID = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"


def issue(
    name: str,
    *,
    key: PrivateKey,
    by: tuple[x509.Name, PrivateKey] | None = None,
    begins: datetime,
    ends: datetime,
    sans: list[x509.GeneralName] | None = None,
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.SERVER_AUTH,
    authority: bool | None = None,
    path_length: int | None = None,
    permitted: list[str] | None = None,
) -> x509.Certificate:
    """A certificate: an authority's when there are no `sans`, self-signed when `by` nobody.

    `authority` says otherwise; an empty list of `sans` leaves the extension out, as None does with `usage`.
    `path_length` and `permitted`, names of hosts, are what an authority may sign.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, issuer_key = by or (subject, key)
    is_authority = sans is None if authority is None else authority
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_authority,
                key_cert_sign=is_authority,
                crl_sign=is_authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    if sans is not None and usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if permitted is not None:
        names = [x509.DNSName(host) for host in permitted]
        builder = builder.add_extension(x509.NameConstraints(names, None), critical=True)
    return builder.sign(issuer_key, SHA256())


def _curve_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key as Alexa's signer has one."""
    return rsa.generate_private_key(65537, bits)


@dataclass
class Amazon:
    """Signs as Amazon does. All its certificates are good `now`, for a day and more."""

    now: datetime
    key: rsa.RSAPrivateKey = field(default_factory=rsa_key)
    url: str = "https://s3.amazonaws.com/echo.api/echo-api-cert-1.pem"
    authority_key: Callable[[], PrivateKey] = _curve_key  # made faster than an RSA key; Node's adapter reads RSA only

    def __post_init__(self) -> None:
        self.root_key = self.authority_key()
        self.between_key = self.authority_key()
        begins, ends = self.now - DAY, self.now + 30 * DAY
        self.root = issue("Root", key=self.root_key, begins=begins, ends=ends)
        self.between = self.authority()
        self.leaf = self.signer()

    def authority(self, **other: Any) -> x509.Certificate:
        """The certificate between root and signer; the keywords replace what is good about it."""
        good: dict[str, Any] = {
            "by": (self.root.subject, self.root_key),
            "begins": self.now - DAY,
            "ends": self.now + 30 * DAY,
        }
        return issue("Between", key=self.between_key, **(good | other))

    def cross_signed(self) -> tuple[x509.Certificate, x509.Certificate]:
        """An older root, and our root's name and key signed by it."""
        key = ec.generate_private_key(ec.SECP256R1())
        begins, ends = self.now - DAY, self.now + DAY
        older = issue("Older root", key=key, begins=begins, ends=ends)
        by = (older.subject, key)
        return older, issue("Root", key=self.root_key, by=by, begins=begins, ends=ends)

    def signer(self, *names: str, key: PrivateKey | None = None, **other: Any) -> x509.Certificate:
        """A signing certificate; the keywords replace what is good about it."""
        sans = [x509.DNSName(name) for name in names or ["echo-api.amazon.com"]]
        good: dict[str, Any] = {
            "by": (self.between.subject, self.between_key),
            "begins": self.now - DAY,
            "ends": self.now + 2 * DAY,
            "sans": sans,
        }
        return issue("Signer", key=key or self.key, **(good | other))

    def local_host(self) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
        """A certificate for a TLS server on the loopback, and its key."""
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        return self.signer(sans=[address]), self.key

    def chain(self, *certificates: x509.Certificate) -> bytes:
        """The PEM text of the certificates, by default of a good chain without its root."""
        return b"".join(
            certificate.public_bytes(Encoding.PEM) for certificate in certificates or (self.leaf, self.between)
        )

    def sign(self, body: bytes | str) -> dict[str, str]:
        """The two headers that prove the body."""
        raw = body.encode() if isinstance(body, str) else body
        signature = self.key.sign(raw, padding.PKCS1v15(), SHA256())
        return {
            "SignatureCertChainUrl": self.url,
            "Signature-256": base64.b64encode(signature).decode(),
        }

    def envelope(self, kind: str = "LaunchRequest", **request: Any) -> dict[str, Any]:
        """A request as a device in use would send it, now; the keywords go into `request`."""
        application = {"applicationId": SKILL_ID}
        return {
            "version": "1.0",
            "session": {
                "new": True,
                "sessionId": "amzn1.echo-api.session.invented",
                "application": dict(application),
                "attributes": {},
                "user": {"userId": "amzn1.ask.account.INVENTED"},
            },
            "context": {
                "System": {
                    "application": dict(application),
                    "user": {"userId": "amzn1.ask.account.INVENTED"},
                    "device": {"deviceId": "invented", "supportedInterfaces": {}},
                    "apiEndpoint": "https://api.amazonalexa.com",
                }
            },
            "request": {
                "type": kind,
                "requestId": "amzn1.echo-api.request.invented",
                "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
                "locale": "en-US",
                **request,
            },
        }

    def body(self, kind: str = "LaunchRequest", **request: Any) -> bytes:
        """The same as the bytes of a POST."""
        return json.dumps(self.envelope(kind, **request)).encode()
