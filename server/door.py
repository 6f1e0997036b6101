"""The web door: one address where a request is proven before anything in it is believed.

It knows HTTP and nothing of an envelope but that somebody else has checked it.
It decides nothing about what was said, and never writes it down.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from server.envelope import EnvelopeVerifier
from server.kit import AbstractVerifier, SkillAdapter
from server.readiness import Readiness
from server.refusal import Reason, RefusedError
from server.tally import Tally

if TYPE_CHECKING:
    from ask_sdk_core.skill import CustomSkill

    from server.verifier import Headers, SignatureVerifier

# Amazon states no limit for a request. What it carries of ours is the session, which counts in the
# 120 kB of the last response (request-and-response-json-reference.html).
LARGEST_BODY = 256 * 1024
LONGEST_CAUSES = 4
OURS = frozenset({"server", "cramp_coach"})  # loggers whose lines are written without values


class Checks(AbstractVerifier):
    """All checks in a row, made once: what a request has passed before the adapter reads it is not asked again."""

    def __init__(self, checks: Sequence[SignatureVerifier | EnvelopeVerifier]) -> None:
        self._checks = checks

    def verify(
        self,
        headers: Headers,
        serialized_request_env: str,
        deserialized_request_env: object = None,
    ) -> None:
        """Raise RefusedError unless every check passes, now or earlier in the same request with the same text."""
        if g.get("proven") == serialized_request_env:
            return
        for check in self._checks:
            check.verify(headers, serialized_request_env)
        g.proven = serialized_request_env


def open_door(skill: CustomSkill, skill_id: str, signature: SignatureVerifier) -> Flask:
    """The app with `POST /alexa`, and two addresses that only say 200: no pages, no files, no other method.

    The answer is the skill's, or 400 with an empty body for whatever cannot be answered: not
    signed, too old, for another skill, not an envelope, of a kind the kit or the skill does not
    know. Why is counted by `app.extensions["tally"]` and logged, in types and line numbers only.
    `/healthz` says that the process lives; `/readyz` that the skill has words, 503 when it has none.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # or it would answer with a redirect that quotes the host it was asked for
    app.logger.addFilter(forget_values)
    tally = app.extensions["tally"] = Tally(app.logger)
    # The kit's two switches are read once, by the adapter below: later they switch nothing.
    # Its own signature check refuses everything (see server.kit) and gives way to ours.
    app.config.update(
        ASK_SDK_VERIFY_SIGNATURE=False,
        ASK_SDK_VERIFY_TIMESTAMP=True,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
    )
    # The adapter has them too, but asks them only after it has built models from the body.
    checks = Checks([signature, EnvelopeVerifier(skill_id)])
    adapter = SkillAdapter(skill=skill, skill_id=skill_id, verifiers=[checks], app=app)

    def alexa() -> Response:
        begun = time.perf_counter()
        try:
            checks.verify(request.headers, _body())
            answer: Response = adapter.dispatch_request()
        except RefusedError as refusal:
            # What comes after the first of its kind is only counted: a stranger shall not fill the log.
            if tally.refused(refusal.reason):
                app.logger.warning("Request refused", exc_info=True)
        except HTTPException:  # the adapter's, which has logged it: what the kit itself cannot read or refuses
            tally.unanswered()
        except Exception:
            tally.unanswered()
            app.logger.exception("Request not answered")
        else:
            tally.answered(time.perf_counter() - begun)
            return answer
        return Response(status=400)

    app.register_error_handler(HTTPException, _without_a_page)
    app.add_url_rule("/alexa", view_func=alexa, methods=["POST"], provide_automatic_options=False)
    ready = app.extensions["readiness"] = Readiness(skill, skill_id)
    app.add_url_rule("/healthz", "healthz", Response, provide_automatic_options=False)
    app.add_url_rule(
        "/readyz", "readyz", lambda: Response(status=200 if ready else 503), provide_automatic_options=False
    )
    return app


def _without_a_page(error: HTTPException) -> Response:
    """Another address, another method: the status and what must go with it (Allow), without werkzeug's HTML."""
    return Response(status=error.code, headers=error.get_headers())


def _body() -> str:
    """The body as text. Raises RefusedError when it is too long, cut short or not plain UTF-8."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RefusedError(Reason.ENCODING)
    try:
        raw = request.get_data()
    except (BadRequest, RequestEntityTooLarge, OSError) as error:
        raise RefusedError(Reason.SIZE) from error
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(Reason.ENCODING) from error


def forget_values(record: logging.LogRecord) -> bool:
    """A log filter that keeps the types and frames of an exception and drops its words, and those of other libraries.

    The kit puts what it cannot read, which may be what a person said, into its exceptions, and the
    adapter and Flask log those in full. What else a library quotes, we cannot know.
    """
    if record.name.partition(".")[0] not in OURS:
        record.msg, record.args = f"{record.name}: words left out", ()
    if record.exc_info:
        error = record.exc_info[1]
        told: list[str] = []
        while error is not None and len(told) < LONGEST_CAUSES:
            told.append(_type_and_frame(error))
            error = error.__cause__
        record.msg, record.args = f"{record.getMessage()}: {' from '.join(told)}", ()
        record.exc_info = record.exc_text = None
    return True


def _type_and_frame(error: BaseException) -> str:
    name = type(error).__name__
    if isinstance(error, RefusedError):
        name += f"({error.reason})"
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return name
    frame, line = frames[-1]
    return f"{name} at {Path(frame.f_code.co_filename).name}:{line}"
