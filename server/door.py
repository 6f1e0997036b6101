"""The web door: one address where a request is proven before anything in it is believed.

It knows HTTP and the outside of an envelope.
It decides nothing about what was said, and never writes it down.
"""

from __future__ import annotations

import json
import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from server.kit import AbstractVerifier, SkillAdapter, VerificationException

if TYPE_CHECKING:
    from ask_sdk_core.skill import CustomSkill

    from server.verifier import Headers, SignatureVerifier

# Amazon states no limit for a request. What it carries of ours is the session, which counts in the
# 120 kB of the last response (request-and-response-json-reference.html).
LARGEST_BODY = 256 * 1024
LONGEST_CAUSES = 4


class SkillIdVerifier(AbstractVerifier):
    """Passes an envelope that was made for our skill.

    A signature proves only that Alexa sent the request; anybody can have Alexa sign requests for a
    skill of their own. `SkillAdapter` takes the id but does not compare it.
    """

    def __init__(self, skill_id: str) -> None:
        """`skill_id` is the only one that passes."""
        self._skill_id = skill_id

    def verify(
        self,
        headers: Headers,
        serialized_request_env: str,
        deserialized_request_env: object = None,
    ) -> None:
        """Raise VerificationException for another skill's envelope, or for none at all.

        Reads the JSON itself, because it must know before the kit turns it into models.
        """
        try:
            envelope = json.loads(serialized_request_env, parse_constant=_refuse_constant)
            asked = envelope["context"]["System"]["application"]["applicationId"]
            # Skill events have no session.
            session = envelope.get("session") or {}
            within = (session.get("application") or {}).get("applicationId", asked)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise VerificationException("Not an envelope") from error
        if not asked == within == self._skill_id:
            raise VerificationException("For another skill")


def open_door(skill: CustomSkill, skill_id: str, signature: SignatureVerifier) -> Flask:
    """The app with `POST /alexa` and nothing else: no pages, no files, no other method.

    The answer is the skill's, or 400 with an empty body for whatever cannot be answered: not
    signed, too old, for another skill, not an envelope, of a kind the kit or the skill does not
    know. Why is logged, in types and line numbers only.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.logger.addFilter(forget_values)
    # The kit's two switches are read once, by the adapter below: later they switch nothing.
    # Its own signature check refuses everything (see server.kit) and gives way to ours.
    app.config.update(
        ASK_SDK_VERIFY_SIGNATURE=False,
        ASK_SDK_VERIFY_TIMESTAMP=True,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
    )
    verifiers: list[SignatureVerifier | SkillIdVerifier] = [signature, SkillIdVerifier(skill_id)]
    adapter = SkillAdapter(skill=skill, skill_id=skill_id, verifiers=verifiers, app=app)

    def alexa() -> Response:
        try:
            body = request.get_data().decode()
            # The adapter asks the verifiers too, but only after it has built models from the body.
            # Asking twice is cheap, and the adapter by itself is never a way in.
            for verifier in verifiers:
                verifier.verify(request.headers, body)
            answer: Response = adapter.dispatch_request()
            return answer
        except HTTPException:
            pass  # a body beyond the limit; or the adapter's, which has logged its reason
        except (VerificationException, UnicodeDecodeError):
            app.logger.warning("Request refused", exc_info=True)
        except Exception:
            app.logger.exception("Request not answered")
        return Response(status=400)

    app.add_url_rule("/alexa", view_func=alexa, methods=["POST"], provide_automatic_options=False)
    return app


def forget_values(record: logging.LogRecord) -> bool:
    """A log filter that keeps the types and frames of an exception and drops its words.

    The kit puts what it cannot read, which may be what a person said, into its exceptions, and the
    adapter and Flask log those in full.
    """
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
    frames = list(traceback.walk_tb(error.__traceback__))
    if not frames:
        return name
    frame, line = frames[-1]
    return f"{name} at {Path(frame.f_code.co_filename).name}:{line}"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
