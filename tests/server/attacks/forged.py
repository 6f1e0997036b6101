"""What somebody who is not Alexa may send, one row each: all are refused, by the check that is named."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from server.door import LARGEST_BODY
from server.refusal import Reason
from tests.server.attacks.world import FOLDER, Knock, Request, World, ago
from tools.amazon import DAY, SKILL_ID, Amazon, issue, rsa_key

R = Reason
GOOD_HOST = "s3.amazonaws.com"


def _signed(change: Callable[[dict[str, Any]], None]) -> Callable[[World], Request]:
    """An envelope with something changed before it was signed."""

    def make(world: World) -> Request:
        envelope = world.amazon.envelope()
        change(envelope)
        return world.request(envelope)

    return make


def _bytes(body: bytes | Callable[[bytes], bytes]) -> Callable[[World], Request]:
    """These bytes, or what is made of a good body, well signed."""
    return lambda world: world.request(body if isinstance(body, bytes) else body(world.amazon.body()))


def _tampered(change: Callable[[bytes], bytes]) -> Callable[[World], Request]:
    """A body that was changed after it was signed."""
    return lambda world: world.request().with_body(change)


def _headers(**changed: str | None) -> Callable[[World], Request]:
    return lambda world: world.request(**changed)


def _signature(change: Callable[[bytes], bytes | str]) -> Callable[[World], Request]:
    """The signature made into something else: other bytes, or another text in its header."""

    def make(world: World) -> Request:
        good = world.request()
        made = change(base64.b64decode(dict(good.headers)["Signature-256"]))
        return good.with_headers(Signature_256=made if isinstance(made, str) else base64.b64encode(made).decode())

    return make


def _own(sign: Callable[[rsa.RSAPrivateKey, bytes], bytes]) -> Callable[[World], Request]:
    """Alexa's key, another way of signing."""

    def make(world: World) -> Request:
        good = world.request()
        made = sign(world.amazon.key, good.body)
        return good.with_headers(Signature_256=base64.b64encode(made).decode())

    return make


def _url(url: str) -> Callable[[World], Request]:
    """A good request whose chain is said to be elsewhere; there, too, a good one would lie."""

    def make(world: World) -> Request:
        world.shelf[url] = world.amazon.chain()
        return world.request(SignatureCertChainUrl=url)

    return make


def _chain(lay: Callable[[Amazon], list[x509.Certificate] | bytes]) -> Callable[[World], Request]:
    """A good request with another chain on the shelf."""

    def make(world: World) -> Request:
        laid = lay(world.amazon)
        if isinstance(laid, bytes):
            world.put(pem=laid)
        else:
            world.put(*laid)
        return world.request()

    return make


def _impostor(world: World) -> Request:
    impostor = Amazon(world.amazon.now)
    world.put(pem=impostor.chain(impostor.leaf, impostor.between, impostor.root))
    signed = impostor.sign(body := world.amazon.body())
    return world.request(body, Signature_256=signed["Signature-256"])


def _weak(world: World) -> Request:
    small = Amazon(world.amazon.now, key=rsa_key(1024))
    world.put(world.amazon.signer(key=small.key), world.amazon.between)
    signed = small.sign(body := world.amazon.body())
    return world.request(body, Signature_256=signed["Signature-256"])


def _curve(world: World) -> Request:
    key = ec.generate_private_key(ec.SECP256R1())
    world.put(world.amazon.signer(key=key), world.amazon.between)
    signature = key.sign(body := world.amazon.body(), ec.ECDSA(SHA256()))
    return world.request(body, Signature_256=base64.b64encode(signature).decode())


def _sha1_certificate(amazon: Amazon) -> list[x509.Certificate]:
    """A signer's certificate that its issuer signed with SHA-1; the builder makes none, so its bytes are edited."""
    key = rsa_key()
    by = (amazon.root.subject, amazon.root_key)
    between = issue("RSA between", key=key, by=by, begins=amazon.now - DAY, ends=amazon.now + DAY)
    leaf = amazon.signer(by=(between.subject, key))
    sha256, sha1 = bytes.fromhex("06092a864886f70d01010b"), bytes.fromhex("06092a864886f70d010105")
    inner = leaf.tbs_certificate_bytes.replace(sha256, sha1)
    outer = leaf.public_bytes(Encoding.DER).replace(leaf.tbs_certificate_bytes, inner).replace(sha256, sha1)
    signature = key.sign(inner, padding.PKCS1v15(), SHA1())  # noqa: S303
    return [x509.load_der_x509_certificate(outer[: -len(signature)] + signature), between]


def _chain_with(amazon: Amazon, **between: Any) -> list[x509.Certificate]:
    return [amazon.leaf, amazon.authority(**between)]


def _too_long_a_path(amazon: Amazon) -> list[x509.Certificate]:
    """Between may sign signers only, and has signed another authority."""
    between = amazon.authority(path_length=0)
    key = ec.generate_private_key(ec.SECP256R1())
    by = (between.subject, amazon.between_key)
    below = issue("Below", key=key, by=by, begins=amazon.now - DAY, ends=amazon.now + DAY)
    return [amazon.signer(by=(below.subject, key)), below, between]


def _by_a_signer(amazon: Amazon) -> list[x509.Certificate]:
    other = amazon.signer("other.example")
    return [amazon.signer(by=(other.subject, amazon.key)), other, amazon.between]


def _old_root(world: World) -> Request:
    begins, ends = world.amazon.now - 9 * DAY, world.amazon.now - DAY
    world.roots[:] = [issue("Root", key=world.amazon.root_key, begins=begins, ends=ends)]
    return world.request()


def _two_signatures(world: World) -> Request:
    good = world.request()
    return good._replace(headers=(("Signature-256", base64.b64encode(bytes(256)).decode()), *good.headers))


def _url_safe(world: World) -> Request:
    while True:
        good = world.request(world.amazon.envelope(requestId=str(world.now.microsecond)))
        text = dict(good.headers)["Signature-256"]
        if {"+", "/"} & set(text):
            return good.with_headers(Signature_256=text.replace("+", "-").replace("/", "_"))
        world.now += timedelta(microseconds=1)


def _cached_key_at_its_end(world: World) -> Request:
    world.put(world.amazon.signer(ends=world.now + timedelta(minutes=10)), world.amazon.between)
    world.let_in()
    world.now += timedelta(minutes=11)
    return world.request()


def _old_key_after_renewal(world: World) -> Request:
    """The chain was replaced; an hour later what the old key signs is worth nothing."""
    world.let_in()
    world.put(world.amazon.signer(key=rsa_key()), world.amazon.between)
    world.now += timedelta(minutes=61)
    return world.request()


def _missing(world: World) -> Request:
    world.shelf.clear()
    return world.request()


def _withdrawn_for_a_day(world: World) -> Request:
    world.let_in()
    del world.shelf[world.url]
    world.now += timedelta(hours=25)
    return world.request()


def _key_of_another_chain(world: World) -> Request:
    other = rsa_key()
    elsewhere = f"{FOLDER}other-{world.number}.pem"
    world.shelf[elsewhere] = world.amazon.chain(world.amazon.signer(key=other), world.amazon.between)
    return world.request(SignatureCertChainUrl=elsewhere)


def _application(where: str, value: Any) -> Callable[[World], Request]:
    def change(envelope: dict[str, Any]) -> None:
        inside = envelope["context"]["System"] if where == "context" else envelope["session"]
        inside["application"]["applicationId"] = value

    return _signed(change)


def _without(*path: str) -> Callable[[World], Request]:
    def change(envelope: dict[str, Any]) -> None:
        inside = envelope
        for name in path[:-1]:
            inside = inside[name]
        del inside[path[-1]]

    return _signed(change)


def _at(timestamp: Any, kind: str = "LaunchRequest") -> Callable[[World], Request]:
    return lambda world: world.request(world.amazon.envelope(kind, timestamp=timestamp()))


def _now(zone: str) -> str:
    """What a clock shows now, with a zone it is not in."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S") + zone


EVENT = "AlexaSkillEvent.SkillDisabled"

ROWS = (
    # The headers
    Knock("neither header", _headers(Signature_256=None, SignatureCertChainUrl=None), R.HEADERS),
    Knock("no signature", _headers(Signature_256=None), R.HEADERS),
    Knock("no URL", _headers(SignatureCertChainUrl=None), R.HEADERS),
    Knock("an empty signature", _headers(Signature_256=""), R.HEADERS),
    Knock("an empty URL", _headers(SignatureCertChainUrl=""), R.HEADERS),
    Knock("the old header only", lambda w: w.request(Signature="AAAA", Signature_256=None), R.HEADERS),
    Knock("no base64", _headers(Signature_256="no base64!"), R.HEADERS),
    Knock("padding only", _headers(Signature_256="===="), R.HEADERS),
    Knock("base64 for URLs", _url_safe, R.HEADERS),
    Knock("base64 without its padding", _signature(lambda s: base64.b64encode(s).decode().rstrip("=")), R.HEADERS),
    Knock("base64 with a space", _signature(lambda s: base64.b64encode(s).decode().replace("=", " =", 1)), R.HEADERS),
    Knock("base64 with more after it", _signature(lambda s: base64.b64encode(s).decode() + "AAAA"), R.HEADERS),
    Knock("letters that are not ASCII", _signature(lambda s: "é" + base64.b64encode(s).decode()), R.HEADERS),
    Knock("two signatures, the good one last", _two_signatures, R.HEADERS),
    # The signature
    Knock("hexadecimal", _signature(lambda s: s.hex()), R.SIGNATURE),
    Knock("cut short", _signature(lambda s: s[:-6]), R.SIGNATURE),
    Knock("nothing but zeros", _signature(lambda s: bytes(len(s))), R.SIGNATURE),
    Knock("a bit flipped", _signature(lambda s: bytes([s[0] ^ 1]) + s[1:]), R.SIGNATURE),
    Knock("ten thousand bytes", _signature(lambda s: bytes(10_000)), R.SIGNATURE),
    Knock("SHA-1", _own(lambda key, body: key.sign(body, padding.PKCS1v15(), SHA1())), R.SIGNATURE),  # noqa: S303
    Knock(
        "the padding PSS",
        _own(lambda key, body: key.sign(body, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())),
        R.SIGNATURE,
    ),
    Knock("a key of Ed25519", _own(lambda key, body: ed25519.Ed25519PrivateKey.generate().sign(body)), R.SIGNATURE),
    Knock("of another body", lambda w: w.request(w.amazon.body()).with_body(lambda b: w.amazon.body("X")), R.SIGNATURE),
    Knock("a space more", _tampered(lambda body: body + b" "), R.SIGNATURE),
    Knock("a space less", _tampered(lambda body: body.replace(b": ", b":", 1)), R.SIGNATURE),
    Knock(
        "keys in another order",
        _tampered(lambda b: json.dumps(dict(sorted(json.loads(b).items()))).encode()),
        R.SIGNATURE,
    ),
    Knock("a byte order mark put before it", _tampered(lambda body: b"\xef\xbb\xbf" + body), R.SIGNATURE),
    Knock(
        "a letter written as an escape", _tampered(lambda body: body.replace(b"LaunchR", b"\\u004caunchR")), R.SIGNATURE
    ),
    Knock("a line end more", _tampered(lambda body: body + b"\n"), R.SIGNATURE),
    Knock("a second envelope behind it", _tampered(lambda body: body + body), R.SIGNATURE),
    Knock("torn", _tampered(lambda body: body[:-20]), R.SIGNATURE),
    Knock("emptied", _tampered(lambda body: b""), R.SIGNATURE),
    Knock("another intent", _tampered(lambda body: body.replace(b"Launch", b"Intent")), R.SIGNATURE),
    Knock("another person", _tampered(lambda body: body.replace(b"INVENTED", b"SOMEBODY")), R.SIGNATURE),
    Knock(
        "an old one given a new time",
        lambda w: w.request(w.amazon.body(timestamp="2026-01-01T00:00:00Z")).with_body(
            lambda body: body.replace(b"2026-01-01T00:00:00Z", ago(0).encode())
        ),
        R.SIGNATURE,
    ),
    Knock(
        "another skill's made into ours",
        lambda w: _application("context", "another")(w).with_body(lambda b: b.replace(b"another", SKILL_ID.encode())),
        R.SIGNATURE,
    ),
    Knock("the key of another chain", _key_of_another_chain, R.SIGNATURE),
    Knock("the old key an hour after its chain was renewed", _old_key_after_renewal, R.SIGNATURE),
    # The encoding and the size
    Knock("UTF-16", _bytes(lambda body: body.decode().encode("utf-16")), R.ENCODING),
    Knock(
        "UTF-32", _bytes(lambda body: body.decode().encode("utf-32-be").replace(b"\0\0\0v", b"\0\0\0\xff")), R.ENCODING
    ),
    Knock("Latin-1", _bytes(lambda body: body.replace(b"invented", b"M\xfcller", 1)), R.ENCODING),
    Knock(
        "a letter longer than it need be", _bytes(lambda body: body.replace(b"invented", b"\xc0\xaf", 1)), R.ENCODING
    ),
    Knock("half a pair of surrogates", _bytes(lambda body: body.replace(b"invented", b"\xed\xa0\x80", 1)), R.ENCODING),
    Knock("gzip", _bytes(gzip.compress), R.ENCODING),
    Knock(
        "gzip, and said so", lambda w: w.request(gzip.compress(w.amazon.body()), Content_Encoding="gzip"), R.ENCODING
    ),
    Knock("plain, and said to be gzip", _headers(Content_Encoding="gzip"), R.ENCODING),
    Knock(
        "deflate, and said so",
        lambda w: w.request(zlib.compress(w.amazon.body()), Content_Encoding="deflate"),
        R.ENCODING,
    ),
    Knock("a byte too long", _bytes(lambda body: body + b" " * (LARGEST_BODY + 1 - len(body))), R.SIZE),
    Knock("five megabytes", _bytes(lambda body: body + b" " * 5_000_000), R.SIZE),
    # The URL of the chain
    *(
        Knock(f"from {url or 'nowhere'}", _url(url), R.URL)
        for url in (
            "x",
            f"http://{GOOD_HOST}/echo.api/a.pem",
            f"ftp://{GOOD_HOST}/echo.api/a.pem",
            "file:///echo.api/a.pem",
            f"//{GOOD_HOST}/echo.api/a.pem",
            f"https:/{GOOD_HOST}/echo.api/a.pem",
            f"https://{GOOD_HOST}:444/echo.api/a.pem",
            f"https://{GOOD_HOST}:80/echo.api/a.pem",
            f"https://{GOOD_HOST}:/echo.api/a.pem",
            f"https://{GOOD_HOST}:0443/echo.api/a.pem",
            f"https://{GOOD_HOST}:443x/echo.api/a.pem",
            f"https://{GOOD_HOST}:-443/echo.api/a.pem",
            f"https://{GOOD_HOST}:65979/echo.api/a.pem",
            f"https://{GOOD_HOST}:٤٤٣/echo.api/a.pem",
            f"https://someone@{GOOD_HOST}/echo.api/a.pem",
            f"https://{GOOD_HOST}@evil.example/echo.api/a.pem",
            f"https://{GOOD_HOST}:443@evil.example/echo.api/a.pem",
            f"https://evil.example\\@{GOOD_HOST}/echo.api/a.pem",
            f"https://evil.example/{GOOD_HOST}/echo.api/a.pem",
            f"https://evil.example#@{GOOD_HOST}/echo.api/a.pem",
            f"https://evil.example?@{GOOD_HOST}/echo.api/a.pem",
            f"https://{GOOD_HOST}./echo.api/a.pem",
            f"https://{GOOD_HOST}.evil.example/echo.api/a.pem",
            f"https://evil{GOOD_HOST}/echo.api/a.pem",
            f"https://evil.{GOOD_HOST}/echo.api/a.pem",
            "https://s3-amazonaws.com/echo.api/a.pem",
            "https://s3.eu-west-1.amazonaws.com/echo.api/a.pem",
            "https://ѕ3.amazonaws.com/echo.api/a.pem",  # noqa: RUF001
            "https://s3.amazonaws。com/echo.api/a.pem",
            "https://s３.amazonaws.com/echo.api/a.pem",  # noqa: RUF001
            "https://[s3.amazonaws.com]/echo.api/a.pem",
            "https://[::1]/echo.api/a.pem",
            "https://127.0.0.1/echo.api/a.pem",
            f"https://{GOOD_HOST}/EcHo.aPi/a.pem",
            f"https://{GOOD_HOST}/ECHO.API/a.pem",
            f"https://{GOOD_HOST}/echo.apis/a.pem",
            f"https://{GOOD_HOST}/echo.api",
            f"https://{GOOD_HOST}/echo.api/",
            f"https://{GOOD_HOST}/echo.api/..",
            f"https://{GOOD_HOST}/echo.api/../evil/a.pem",
            f"https://{GOOD_HOST}/evil/echo.api/a.pem",
            f"https://{GOOD_HOST}//echo.api/a.pem",
            f"https://{GOOD_HOST}/echo.api/%2e%2e/evil/a.pem",
            f"https://{GOOD_HOST}/echo.api/..%2fevil/a.pem",
            f"https://{GOOD_HOST}/echo%2eapi/a.pem",
            f"https://{GOOD_HOST}/echo.api/..\\evil\\a.pem",
            f"https://{GOOD_HOST}/echo.api/a.pem?again=1",
            f"https://{GOOD_HOST}/echo.api/a.pem?",
            f"https://{GOOD_HOST}/echo.api/a.pem#again",
            f"https://{GOOD_HOST}/echo.api/a.pem;again",
            f"https://{GOOD_HOST}/echo.api/a b.pem",
            f"https://{GOOD_HOST}/echo.api/a\tb.pem",
            f"https://{GOOD_HOST}/echo.api/ä.pem",
            f"https://{GOOD_HOST}/echo.api/a.pem, https://{GOOD_HOST}/echo.api/a.pem",
        )
    ),
    # The chain
    Knock("a chain that is not there", _missing, R.DOWNLOAD),
    Knock("a chain withdrawn for a day", _withdrawn_for_a_day, R.DOWNLOAD),
    Knock("an impostor's, complete to his root", _impostor, R.CHAIN),
    Knock("nothing", _chain(lambda a: b""), R.CHAIN),
    Knock("a page of errors", _chain(lambda a: b"<html>NoSuchKey</html>"), R.CHAIN),
    Knock("junk in PEM", _chain(lambda a: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), R.CHAIN),
    Knock("torn in its last certificate", _chain(lambda a: a.chain()[:-200]), R.CHAIN),
    Knock("DER", _chain(lambda a: a.leaf.public_bytes(Encoding.DER)), R.CHAIN),
    Knock("without its middle", _chain(lambda a: [a.leaf]), R.CHAIN),
    Knock("the middle first", _chain(lambda a: [a.between, a.leaf]), R.CHAIN),
    Knock("the root alone", _chain(lambda a: [a.root]), R.CHAIN),
    Knock("signed by itself", _chain(lambda a: [a.signer(by=(a.signer().subject, a.key))]), R.CHAIN),
    Knock("a signer that is an authority", _chain(lambda a: [a.signer(authority=True), a.between]), R.CHAIN),
    Knock("issued by a signer", _chain(_by_a_signer), R.CHAIN),
    Knock("a middle that is no authority", _chain(lambda a: _chain_with(a, authority=False)), R.CHAIN),
    Knock("a longer path than was allowed", _chain(_too_long_a_path), R.CHAIN),
    Knock(
        "names that the middle may not sign", _chain(lambda a: _chain_with(a, permitted=["amazon.example"])), R.CHAIN
    ),
    Knock("an expired signer", _chain(lambda a: [a.signer(ends=a.now - DAY / 2), a.between]), R.CHAIN),
    Knock("a signer of tomorrow", _chain(lambda a: [a.signer(begins=a.now + DAY), a.between]), R.CHAIN),
    Knock("an expired middle", _chain(lambda a: _chain_with(a, begins=a.now - 9 * DAY, ends=a.now - DAY / 2)), R.CHAIN),
    Knock("a middle of tomorrow", _chain(lambda a: _chain_with(a, begins=a.now + DAY)), R.CHAIN),
    Knock("an expired root", _old_root, R.CHAIN),
    Knock("a kept key past the end of its certificate", _cached_key_at_its_end, R.CHAIN),
    Knock("another host of Amazon's", _chain(lambda a: [a.signer("api.amazon.com"), a.between]), R.CHAIN),
    Knock("a wildcard", _chain(lambda a: [a.signer("*.amazon.com"), a.between]), R.CHAIN),
    Knock("a longer name", _chain(lambda a: [a.signer("echo-api.amazon.com.evil.example"), a.between]), R.CHAIN),
    Knock("a shorter name", _chain(lambda a: [a.signer("amazon.com"), a.between]), R.CHAIN),
    Knock("its name in the subject only", _chain(lambda a: [a.signer(sans=[]), a.between]), R.CHAIN),
    Knock(
        "its name as a URI",
        _chain(lambda a: [a.signer(sans=[_uri("https://echo-api.amazon.com")]), a.between]),
        R.CHAIN,
    ),
    Knock("for clients", _chain(lambda a: [a.signer(usage=ExtendedKeyUsageOID.CLIENT_AUTH), a.between]), R.CHAIN),
    Knock("for code", _chain(lambda a: [a.signer(usage=ExtendedKeyUsageOID.CODE_SIGNING), a.between]), R.CHAIN),
    Knock("a key on a curve", _curve, R.CHAIN),
    Knock("a key of 1024 bits", _weak, R.CHAIN),
    Knock("a certificate signed with SHA-1", _chain(_sha1_certificate), R.CHAIN),
    # The envelope
    *(
        Knock(f"signed, and {name}", _bytes(body), R.ENVELOPE)
        for name, body in {
            "empty": b"",
            "null": b"null",
            "a list": b"[]",
            "a number": b"7",
            "not a number": b"NaN",
            "an empty object": b"{}",
            "a form": b"request=launch",
            "in single quotes": b"{'version': '1.0'}",
            "nested too deep": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
            "a number of ten thousand digits": b"9" * 10_000,
            "full of null bytes": bytes(100),
            "with a context that is a text": b'{"context": "System"}',
        }.items()
    ),
    Knock("signed, and with a byte order mark", _bytes(lambda body: b"\xef\xbb\xbf" + body), R.ENVELOPE),
    Knock("signed, and torn", _bytes(lambda body: body[:-10]), R.ENVELOPE),
    Knock("signed, and two in a row", _bytes(lambda body: body + body), R.ENVELOPE),
    Knock("signed, and with a comma too many", _bytes(lambda body: body[:-1] + b",}"), R.ENVELOPE),
    Knock("signed, and with a number JSON lacks", _bytes(lambda b: b.replace(b"true", b"Infinity")), R.ENVELOPE),
    Knock("no request", _without("request"), R.ENVELOPE),
    Knock("a request that is a list", _signed(lambda e: e.update(request=[])), R.ENVELOPE),
    Knock("no context", _without("context"), R.ENVELOPE),
    Knock("a context that is null", _signed(lambda e: e.update(context=None)), R.ENVELOPE),
    Knock("a session that is a text", _signed(lambda e: e.update(session="new")), R.ENVELOPE),
    Knock("no skill id", _without("context", "System", "application", "applicationId"), R.ENVELOPE),
    # The skill
    *(
        Knock(f"skill id {value!r} in the {where}", _application(where, value), R.SKILL)
        for where in ("context", "session")
        for value in (
            "amzn1.ask.skill.another",
            "",
            None,
            7,
            [SKILL_ID],
            SKILL_ID.upper(),
            f"{SKILL_ID} ",
            f"{SKILL_ID}\0",
            SKILL_ID[:-1],
        )
    ),
    # The time
    Knock("sent again after 150 seconds", _at(lambda: ago(152)), R.TIME),
    Knock("from 150 seconds ahead", _at(lambda: ago(-153)), R.TIME),
    Knock("of yesterday", _at(lambda: ago(86_400)), R.TIME),
    Knock("of tomorrow", _at(lambda: ago(-86_400)), R.TIME),
    Knock("a time without a zone", _at(lambda: _now("")), R.TIME),
    Knock("a clock fourteen hours ahead", _at(lambda: _now("+14:00")), R.TIME),
    Knock("a clock twelve hours behind", _at(lambda: _now("-12:00")), R.TIME),
    Knock("a day without a time", _at(lambda: _now("")[:10]), R.TIME),
    Knock("the end of all years", _at(lambda: "9999-12-31T23:59:59Z"), R.TIME),
    Knock("the first of all years", _at(lambda: "0001-01-01T00:00:00+14:00"), R.TIME),
    Knock("a time that is a text", _at(lambda: "now"), R.TIME),
    Knock("a time that is empty", _at(lambda: ""), R.TIME),
    Knock("a time that is null", _at(lambda: None), R.TIME),
    Knock("a time in milliseconds", _at(lambda: int(datetime.now(UTC).timestamp() * 1000)), R.TIME),
    Knock("no time", _without("request", "timestamp"), R.TIME),
    Knock("an event past its hour", _at(lambda: ago(3605), EVENT), R.TIME),
    Knock("an event ahead of its time", _at(lambda: ago(-1800), EVENT), R.TIME),
    Knock("a session that ended ten minutes ago", _at(lambda: ago(600), "SessionEndedRequest"), R.TIME),
    Knock("what only looks like an event", _at(lambda: ago(600), f"{EVENT}X"), R.TIME),
    Knock("a kind that is a list of events", _at(lambda: ago(600), [EVENT]), R.TIME),  # type: ignore[arg-type]
)


def _uri(text: str) -> x509.GeneralName:
    return x509.UniformResourceIdentifier(text)
