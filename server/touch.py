"""The door for touches on the speaker's screen, beside the one for words.

It knows HTTP; what a touch means is the skill's to say. Only under `make run`, like the page.
"""

from __future__ import annotations

import json
from typing import Protocol

from flask import Blueprint, Response

from server.simulator import LONGEST_ID, RefusedError, read_body, refuse_other_origins, text_or_none


class Screen(Protocol):
    """What can be touched: the pretend devices by their sessions."""

    def touch(self, session: str, arguments: list[str]) -> dict[str, object]: ...


def touches(screens: Screen) -> Blueprint:
    """`POST /api/touch` with `{"session": id, "arguments": ["next"]}`: the turn that follows, as from /api/turn."""
    door = Blueprint("touch", __name__)

    @door.post("/api/touch")
    def touch() -> Response:
        refuse_other_origins()
        body = read_body()
        session, arguments = text_or_none(body, "session", LONGEST_ID), body.get("arguments")
        if session is None:
            raise RefusedError("The session is missing: only a screen that shows something can be touched.")
        if not isinstance(arguments, list) or not all(isinstance(word, str) for word in arguments):
            raise RefusedError('The arguments are not a list of texts: send such as ["next"].')
        return Response(json.dumps(screens.touch(session, arguments)), mimetype="application/json")

    return door
