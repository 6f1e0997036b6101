"""The speaker in the browser: one page and the endpoint it talks to, for this computer only.

It knows HTTP and nothing of cramps. It must never be part of the production app.
"""

from __future__ import annotations

import json
import mimetypes
import sys
import traceback
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from server.conversation import ConversationError, locales

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_TEXT = 4_000
FOR_THE_PAGE = ("alexa", "held")  # what it needs to show a turn, and nobody else is told
LONGEST_ID = 255
LONGEST_BODY = 64 * 1024  # the longest text with every character escaped, and room to spare

# Windows takes the type of .js from its registry; where that is wrong, no module loads.
mimetypes.add_type("text/javascript", ".js")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
        "media-src 'self' blob:"  # speech is fetched, and played out of memory
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Device(Protocol):
    """What the page talks to: a pretend Alexa device that keeps the sessions."""

    def turn(
        self, session: str | None, user: str | None, locale: str, text: str | None, *, screen: bool = False
    ) -> dict[str, object]: ...

    def reminders(self, user: str) -> list[dict[str, str]]: ...


class RefusedError(Exception):
    """A request we will not take, with the one line that says why and what to do."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def create_speaker_app(conversations: Device) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY

    @app.before_request
    def only_this_computer() -> None:
        # Another site can point its own name at the loopback; the Host header gives it away.
        if _host_name(request.host) not in LOOPBACK_NAMES:
            raise RefusedError(
                "This speaker answers only as 127.0.0.1 or localhost: use that address.",
                403,
            )

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/")
    def page() -> str:
        return render_template("speaker.html", locales=locales())

    @app.post("/api/turn")
    def turn() -> Response:
        refuse_other_origins()
        body = read_body()
        session = text_or_none(body, "session", LONGEST_ID)
        user = text_or_none(body, "user", LONGEST_ID)
        text = text_or_none(body, "text", LONGEST_TEXT)
        locale = text_or_none({"locale": "en-US", **body}, "locale", LONGEST_ID)
        if locale is None:
            raise RefusedError("The locale is null: leave it out for en-US, or give one such as en-GB.")
        with_screen = {"screen": True} if body.get("screen") is True else {}
        answer = conversations.turn(session, user, locale, text, **with_screen)
        if "screen" not in body:  # only the page names it, on or off
            answer = {key: value for key, value in answer.items() if key not in FOR_THE_PAGE}
        # Not jsonify: it sorts, and the page shows request and response in the order they have.
        return Response(json.dumps(answer), mimetype="application/json")

    @app.get("/api/reminders")
    def reminders() -> Response:
        user = text_or_none({"user": request.args.get("user")}, "user", LONGEST_ID)
        return jsonify(reminders=[] if user is None else conversations.reminders(user))

    @app.errorhandler(RefusedError)
    def refused(problem: RefusedError) -> tuple[Response, int]:
        return jsonify(error=str(problem)), problem.status

    @app.errorhandler(ConversationError)
    def not_a_turn(problem: ConversationError) -> tuple[Response, int]:
        return jsonify(error=str(problem)), 400

    @app.errorhandler(HTTPException)
    def not_here(problem: HTTPException) -> tuple[Response, int]:
        return jsonify(error=f"{problem.name}: the page is at /, a turn is a POST to /api/turn."), (problem.code or 500)

    @app.errorhandler(Exception)
    def broken(problem: Exception) -> tuple[Response, int]:
        # Type and place only: the message of an exception may hold what somebody said.
        place = traceback.extract_tb(problem.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        print(f"error: {type(problem).__name__} at {where}", file=sys.stderr, flush=True)
        return jsonify(error="The skill failed on this turn. The terminal says where."), 500

    return app


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def refuse_other_origins(mimetype: str = "application/json", name: str = "JSON") -> None:
    """Refuses what another site's page could have sent; every POST begins with this."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        raise RefusedError(
            "This request comes from another site: only the speaker's own page may ask.",
            403,
        )
    # A form on another site can send anything but this type without asking first.
    if request.mimetype != mimetype:
        raise RefusedError(f"The body is not declared as {name}: send Content-Type: {mimetype}.")


def read_body() -> dict[str, object]:
    """The JSON object in the request."""
    try:
        body = json.loads(request.get_data())
    except RequestEntityTooLarge:
        raise RefusedError(f"The request is too large: send a text of at most {LONGEST_TEXT:,} characters.") from None
    except (ValueError, RecursionError):
        raise RefusedError('The body is not valid JSON: send an object such as {"text": "Hello"}.') from None
    if not isinstance(body, dict):
        raise RefusedError('The body is not a JSON object: send one such as {"text": "Hello"}.')
    return body


def text_or_none(body: dict[str, object], key: str, longest: int) -> str | None:
    """The text under a key of the body, None where there is none."""
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise RefusedError(f"The {key} is not text: send a string or null.")
    if len(value) > longest:
        raise RefusedError(f"The {key} is too long, {len(value):,} characters: send at most {longest:,}.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise RefusedError(f"The {key} holds half a character (a lone surrogate): send whole Unicode text.")
    return value
