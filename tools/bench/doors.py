"""The web doors that the bench compares, each an app for any WSGI server: `tools.bench.doors:door_<name>`.

BENCH_AMAZON names a folder with `root.pem`, the one authority of the pretend Amazon, and `chain.pem`, what its URL
holds. Only where the chain comes from and whom to trust is replaced; all else that a door checks, it checks.
A door is made when it is asked for by name, in the server's own process.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_core.utils import is_request_type
from flask import Flask, Response, jsonify, request

if TYPE_CHECKING:
    from ask_sdk_core.skill import CustomSkill

SKILL_ID = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"  # as in tools.amazon


def _amazon(name: str) -> bytes:
    return Path(os.environ["BENCH_AMAZON"], name).read_bytes()


def hello_world() -> CustomSkill:
    """The skill that all doors answer with: one handler, one sentence."""
    builder = SkillBuilder()

    @builder.request_handler(can_handle_func=is_request_type("LaunchRequest"))
    def launch(handler_input: Any) -> Any:
        builder = handler_input.response_builder.speak("Welcome to the Alexa Skills Kit, you can say hello!")
        return builder.set_should_end_session(False).response

    return builder.create()


def floor() -> Flask:
    """Flask alone: reads the JSON and answers with a constant."""
    app = Flask(__name__)

    @app.post("/alexa")
    def alexa() -> Response:
        request.get_json()
        speech = {"type": "SSML", "ssml": "<speak>Welcome to the Alexa Skills Kit, you can say hello!</speak>"}
        return jsonify({"version": "1.0", "response": {"outputSpeech": speech, "shouldEndSession": False}})

    return app


def ours(skill: CustomSkill | None) -> Flask:
    """Our production app, with `skill` in it; the real one where that is None."""
    from cryptography.x509 import load_pem_x509_certificate

    from server import create_app

    chain = _amazon("chain.pem")
    roots = [load_pem_x509_certificate(_amazon("root.pem"))]
    return create_app(skill, skill_id=SKILL_ID, download=lambda url: chain, roots=roots)


def _stock(*, verified: bool) -> Flask:
    from tools.bench.stock import stock

    return stock(hello_world(), SKILL_ID, verified=verified, root=_amazon("root.pem"), chain=_amazon("chain.pem"))


_DOORS: dict[str, Callable[[], Flask]] = {
    "floor": floor,
    "stock_off": lambda: _stock(verified=False),
    "stock_on": lambda: _stock(verified=True),
    "ours_hello": lambda: ours(hello_world()),
    "ours_skill": lambda: ours(None),
}


def __getattr__(name: str) -> Flask:
    if not name.startswith("door_"):
        raise AttributeError(name)
    return _DOORS[name.removeprefix("door_")]()
