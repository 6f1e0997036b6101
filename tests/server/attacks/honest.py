"""What Alexa may send, one row each, however unusual: all are let in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from server.door import LARGEST_BODY
from tests.server.attacks.world import FOLDER, Knock, Request, World, ago
from tools.amazon import DAY, issue, rsa_key


def _signed(change: Callable[[dict[str, Any]], None] = lambda envelope: None) -> Callable[[World], Request]:
    def make(world: World) -> Request:
        envelope = world.amazon.envelope()
        change(envelope)
        return world.request(envelope)

    return make


def _kind(kind: str, **request: Any) -> Callable[[World], Request]:
    return lambda world: world.request(world.amazon.envelope(kind, **request))


def _said(value: str, *, ascii_only: bool) -> Callable[[World], Request]:
    """A slot with these words in it, as letters or as escapes."""

    def make(world: World) -> Request:
        slots = {"site": {"name": "site", "value": value, "confirmationStatus": "NONE"}}
        intent = {"name": "TellIntent", "confirmationStatus": "NONE", "slots": slots}
        envelope = world.amazon.envelope("IntentRequest", intent=intent)
        return world.request(json.dumps(envelope, ensure_ascii=ascii_only).encode())

    return make


def _renamed(rename: Callable[[str], str]) -> Callable[[World], Request]:
    """The names of the headers in another case."""

    def make(world: World) -> Request:
        good = world.request()
        return good._replace(headers=tuple((rename(name), value) for name, value in good.headers))

    return make


def _url(respell: Callable[[str], str]) -> Callable[[World], Request]:
    return lambda world: world.request(SignatureCertChainUrl=respell(world.url))


def _body(change: Callable[[bytes], bytes]) -> Callable[[World], Request]:
    return lambda world: world.request(change(world.amazon.body()))


def _at(seconds: float, zone: timezone = UTC, kind: str = "LaunchRequest") -> Callable[[World], Request]:
    then = lambda: (datetime.now(zone) + timedelta(seconds=seconds)).isoformat()  # noqa: E731
    return lambda world: world.request(world.amazon.envelope(kind, timestamp=then()))


def _with_its_root(world: World) -> Request:
    world.put(world.amazon.leaf, world.amazon.between, world.amazon.root)
    return world.request()


def _straight_from_the_root(world: World) -> Request:
    world.put(world.amazon.signer(by=(world.amazon.root.subject, world.amazon.root_key)))
    return world.request()


def _three_between(world: World) -> Request:
    amazon = world.amazon
    chain, by = [amazon.between], (amazon.between.subject, amazon.between_key)
    for name in ("Second", "Third"):
        key = ec.generate_private_key(ec.SECP256R1())
        chain.insert(0, issue(name, key=key, by=by, begins=amazon.now - DAY, ends=amazon.now + DAY))
        by = (chain[0].subject, key)
    world.put(amazon.signer(by=by), *chain)
    return world.request()


def _crossed(*, trusted: str) -> Callable[[World], Request]:
    def make(world: World) -> Request:
        older, crossed = world.amazon.cross_signed()
        world.put(world.amazon.leaf, world.amazon.between, crossed)
        world.roots[:] = [older if trusted == "older" else world.amazon.root]
        return world.request()

    return make


def _middle_in_the_wrong_place(world: World) -> Request:
    """One certificate more, of no use, between the signer and the one that issued it."""
    world.put(world.amazon.leaf, world.amazon.authority(), world.amazon.root, world.amazon.between)
    return world.request()


def _new_url(world: World) -> Request:
    world.let_in()
    world.url = f"{FOLDER}new-{world.number}.pem"
    world.put(world.amazon.signer(), world.amazon.between)
    return world.request()


def _renewed_under_its_url(world: World) -> Request:
    """Amazon lays a new certificate, with a new key, in the place of the old one: noticed before the hour is over."""
    world.let_in()
    world.now += timedelta(minutes=2)
    key = rsa_key()
    world.put(world.amazon.signer(key=key), world.amazon.between)
    body = world.amazon.body()
    signed = type(world.amazon)(world.amazon.now, key=key).sign(body)
    return world.request(body, Signature_256=signed["Signature-256"])


def _shelf_out_of_reach(world: World) -> Request:
    world.let_in()
    world.shelf.clear()
    world.now += timedelta(hours=3)
    return world.request()


def _again(world: World) -> Request:
    """Alexa did not get our answer, and sends the same bytes again."""
    request = world.request()
    for _ in range(3):
        assert world.send(request).status_code == 200
    return request


def _another_name_beside_it(world: World) -> Request:
    world.put(world.amazon.signer("other.amazon.com", "echo-api.amazon.com"), world.amazon.between)
    return world.request()


EVENT = "AlexaSkillEvent.SkillDisabled"

ROWS = (
    Knock("a launch", _signed()),
    Knock("names of headers in small letters", _renamed(str.lower)),
    Knock("names of headers in capitals", _renamed(str.upper)),
    Knock("the old header beside the new one", lambda w: w.request(Signature="AAAA")),
    Knock("the port said", _url(lambda url: url.replace(".com/", ".com:443/"))),
    Knock("the host in capitals", _url(lambda url: url.replace("s3.amazonaws", "S3.AmazonAWS"))),
    Knock("the scheme in capitals", _url(lambda url: url.replace("https", "HTTPS"))),
    Knock("a way back into the folder", _url(lambda url: url.replace("echo.api/", "echo.api/../echo.api/"))),
    Knock("a way through another folder", _url(lambda url: url.replace("echo.api/", "other/../echo.api/"))),
    Knock("a folder within the folder", _url(lambda url: url.replace("echo.api/", "echo.api/./"))),
    Knock("a chain that ends with its root", _with_its_root),
    Knock("a signer straight from the root", _straight_from_the_root),
    Knock("three authorities between", _three_between),
    Knock("a root signed by an older one, which is trusted", _crossed(trusted="older")),
    Knock("a root signed by an older one, itself trusted", _crossed(trusted="root")),
    Knock("certificates of no use among the others", _middle_in_the_wrong_place),
    Knock("a certificate for two names", _another_name_beside_it),
    Knock("a new certificate under a new URL", _new_url),
    Knock("a new certificate under the same URL", _renewed_under_its_url),
    Knock("Amazon's shelf out of reach for some hours", _shelf_out_of_reach),
    Knock("the same request four times", _again),
    Knock("149 seconds ago", _at(-148)),
    Knock("149 seconds ahead", _at(149)),
    Knock("in milliseconds", lambda w: w.request(w.amazon.envelope(timestamp=ago(5)[:-1] + ".123Z"))),
    Knock("in a zone far east", _at(0, timezone(timedelta(hours=14)))),
    Knock("in a zone far west", _at(0, timezone(timedelta(hours=-12)))),
    Knock("an event of fifty minutes ago", _at(-3000, kind=EVENT)),
    Knock("an event of an hour ago", _at(-3595, kind=EVENT)),
    Knock(
        "an event without a session",
        lambda w: w.request({k: v for k, v in w.amazon.envelope(EVENT).items() if k != "session"}),
    ),
    Knock("a session that is null", _signed(lambda e: e.update(session=None))),
    Knock("the end of a session", _kind("SessionEndedRequest", reason="USER_INITIATED")),
    Knock("an intent", _kind("IntentRequest", intent={"name": "AMAZON.YesIntent", "slots": None})),
    Knock("letters beyond ASCII", _said("Müllers Wade, 🦵, ふくらはぎ", ascii_only=False)),
    Knock("letters beyond ASCII as escapes", _said("Müllers Wade, 🦵, ふくらはぎ", ascii_only=True)),
    Knock("a null byte as an escape", _said("calf\0", ascii_only=True)),
    Knock("keys in another order, and signed so", lambda w: w.request(dict(reversed(w.amazon.envelope().items())))),
    Knock("fields that nobody knows", _signed(lambda e: e.update(unknown={"a": [1, 2.5, None, True]}))),
    Knock("a field of the kit that nobody knows", _signed(lambda e: e["context"].update({"Alexa.New": {"a": 1}}))),
    Knock("white space around it", _body(lambda body: b"\n " + body + b"\r\n")),
    Knock("a body as long as may be", _body(lambda body: body + b" " * (LARGEST_BODY - len(body)))),
    Knock(
        "a long session", _signed(lambda e: e["session"]["attributes"].update({str(n): "x" * 90 for n in range(1000)}))
    ),
    Knock("no content type", lambda w: w.request(Content_Type=None)),
    Knock("a form's content type", lambda w: w.request(Content_Type="application/x-www-form-urlencoded")),
    Knock("a content type with its charset", lambda w: w.request(Content_Type="application/json;charset=utf-8")),
    Knock("an encoding that changes nothing", lambda w: w.request(Content_Encoding="identity")),
    *(
        Knock(f"the locale {locale}", _kind("LaunchRequest", locale=locale))
        for locale in ("en-GB", "en-IN", "de-DE", "ja-JP", "xx-XX")
    ),
)
