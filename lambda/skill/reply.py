"""Spoken words -> an Alexa response. The one place where SSML is written and text is escaped.

Every response asks and stays open, or ends: Alexa leaves the session's fate to the device when neither is said
(Amazon, "Manage the skill session", shouldEndSession).
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Directive, Response
from ask_sdk_model.ui import SimpleCard

from speech import Line, Mark, is_pause, parts, unstopped

from .state import State
from .turn import Turn

_LOG = logging.getLogger("cramp_coach")


def _https(address: str) -> str:
    """An https address without the slash at its end, "" for nowhere.

    Alexa plays nothing from anywhere else, and fails (Amazon, "SSML reference": audio). An address of another kind is a
    mistake of whoever deployed it: it is logged, and holds are spoken as if there were none, for nobody in pain should
    hear an apology for it.
    """
    if address and not _HTTPS.fullmatch(address):
        _LOG.error("AUDIO_BASE_URL is no https address with a plain path; holds are spoken instead")
        return ""
    return address.rstrip("/")


_HTTPS = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:443)?(/[A-Za-z0-9._~-]+)*/?")
# Where the sounds of tools/sounds.py are hosted; "" for nowhere.
AUDIO_BASE_URL = _https(os.environ.get("AUDIO_BASE_URL", ""))
SPEECH_LIMIT = 8000  # characters of outputSpeech (Amazon, "Request and response JSON reference")


class Reply(NamedTuple):
    """What to say, and the session after it. `reprompt` None ends the session.

    `card`: a message id whose ".title" and ".text" go on a card in the app's history: never about health.
    `directives`: what else the device is to do, as the kit's models.
    """

    lines: tuple[Line, ...]
    reprompt: Line | None
    state: State
    card: str = ""
    directives: tuple[Directive, ...] = ()


def asking(lines: Sequence[Line], reprompt: Line, state: State) -> Reply:
    """A reply that ends in a question and listens."""
    return Reply(tuple(lines), reprompt, state)


def ending(lines: Sequence[Line], state: State) -> Reply:
    """A reply that ends the session."""
    return Reply(tuple(lines), None, state)


def respond(handler_input: HandlerInput, turn: Turn, reply: Reply) -> Response:
    """The response, and the session attributes that go with it."""
    count = turn.state.turn
    state = reply.state._replace(turn=count + 1, lines=reply.lines)
    if handler_input.request_envelope.session is not None:  # a test event may lack one; then every turn is the first
        handler_input.attributes_manager.session_attributes = state.write()
    builder = handler_input.response_builder
    builder.speak(ssml(turn.book.say(line, count, other=turn.other) for line in reply.lines))
    if reply.card:
        title, text = (turn.book.say(Line(f"{reply.card}.{part}")) for part in ("title", "text"))
        builder.set_card(SimpleCard(title, text))
    for directive in reply.directives:
        builder.add_directive(directive)
    if reply.reprompt is None:
        return builder.set_should_end_session(True).response
    return builder.ask(ssml([turn.book.say(reply.reprompt, count, other=turn.other)])).response


def ssml(sentences: Iterable[str]) -> str:
    """Sentences as SSML, without the outer tag, which the kit adds. Text is escaped here and nowhere else.

    A pause takes the place of the stop or comma before it (speech/marks.py).
    """
    found = parts(" ".join(sentences))
    pieces = (
        _marked(part) if isinstance(part, Mark) else _escaped(part, is_paused=is_pause(after))
        for part, after in zip_longest(found, found[1:])
    )
    return " ".join(piece for piece in pieces if piece)


def _escaped(words: str, *, is_paused: bool) -> str:
    words = words[:SPEECH_LIMIT]
    return escape(unstopped(words) if is_paused else words, {'"': "&quot;"})


def _marked(mark: Mark) -> str:
    """A mark as SSML; a sound only where somebody hosts it."""
    if mark.pause:
        return f'<break time="{round(mark.pause * 1000)}ms"/>'
    return f"<audio src={quoteattr(f'{AUDIO_BASE_URL}/{mark.sound}.mp3')}/>" if AUDIO_BASE_URL else ""
