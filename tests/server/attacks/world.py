"""What a row of the corpus is made with: Amazon, its shelf of chains, a door that is open to it, and a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_request_type
from cryptography import x509
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from server.door import open_door
from server.refusal import Reason
from server.verifier import SignatureVerifier
from tools.amazon import SKILL_ID, Amazon

FOLDER = "https://s3.amazonaws.com/echo.api/"


class Request(NamedTuple):
    """The bytes of a POST and its headers, in order, as often as they are sent."""

    body: bytes
    headers: tuple[tuple[str, str], ...]

    def with_headers(self, **changed: str | None) -> Request:
        """The same with some headers replaced, `_` for `-`, or left out by None."""
        new = {name.replace("_", "-"): value for name, value in changed.items()}
        kept = [(name, value) for name, value in self.headers if name not in new]
        return self._replace(headers=(*kept, *((name, value) for name, value in new.items() if value is not None)))

    def with_body(self, change: Callable[[bytes], bytes]) -> Request:
        """The same with another body, which nobody has signed."""
        changed = change(self.body)
        assert changed != self.body
        return self._replace(body=changed)


class Knock(NamedTuple):
    """A row: a name, what it does, and which check refuses it, or None where the door must answer."""

    name: str
    makes: Callable[[World], Request]
    reason: Reason | None = None


def any_skill() -> Any:
    """Says hello to whatever is asked: what a door lets in is not its business."""
    builder = SkillBuilder()

    @builder.request_handler(lambda handler_input: True)
    def hello(handler_input: Any) -> Any:
        if is_request_type("LaunchRequest")(handler_input) or is_request_type("IntentRequest")(handler_input):
            handler_input.response_builder.speak("Hello")
        return handler_input.response_builder.response

    return builder.create()


@dataclass
class World:
    """One row's own: a URL nobody else uses, what lies on the shelf, whom the door trusts, what time it has."""

    amazon: Amazon
    number: int = 0
    shelf: dict[str, bytes] = field(default_factory=dict)
    roots: list[x509.Certificate] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    downloads: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = f"{FOLDER}chain-{self.number}.pem"
        self.put()
        self.roots = self.roots or [self.amazon.root]
        self._client: FlaskClient | None = None

    def put(self, *certificates: x509.Certificate, pem: bytes | None = None) -> None:
        """Lay certificates on the shelf, the good ones by default."""
        self.shelf[self.url] = self.amazon.chain(*certificates) if pem is None else pem

    def download(self, url: str) -> bytes:
        self.downloads.append(url)
        return self.shelf[url]

    def request(self, body: bytes | dict[str, Any] | None = None, **headers: str | None) -> Request:
        """A request that Amazon signed, for the chain at this row's URL; the keywords as in `with_headers`."""
        raw = self.amazon.body() if body is None else json.dumps(body).encode() if isinstance(body, dict) else body
        signed = self.amazon.sign(raw) | {"SignatureCertChainUrl": self.url}
        sent = Request(raw, (("Content-Type", "application/json"), *signed.items()))
        return sent.with_headers(**headers)

    @property
    def client(self) -> FlaskClient:
        """The door of this row, opened when first knocked at."""
        if self._client is None:
            signature = SignatureVerifier(download=self.download, roots=self.roots, clock=lambda: self.now)
            self._client = open_door(any_skill(), SKILL_ID, signature).test_client()
        return self._client

    def send(self, request: Request) -> TestResponse:
        return self.client.post("/alexa", data=request.body, headers=Headers(list(request.headers)))

    def let_in(self, times: int = 1) -> None:
        """An honest request or more, answered."""
        for _ in range(times):
            assert self.send(self.request()).status_code == 200

    @property
    def was_knocked_at(self) -> bool:
        """Whether its door has a past: a row that needs one."""
        return self._client is not None

    @property
    def counts(self) -> dict[str, int]:
        return dict(self.client.application.extensions["tally"].counts)


def ago(seconds: float) -> str:
    """The time so many seconds ago, as Alexa writes it."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
