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
from typing import TYPE_CHECKING

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Response
from ask_sdk_model.ui import Reprompt, SsmlOutputSpeech

from record import Record
from speech import RATES, Line, Mark, is_pause, parts, unstopped
from triage import Disposition

from .screen import Scene, change
from .state import State
from .turn import Turn

if TYPE_CHECKING:
    from ask_sdk_model import Directive
    from ask_sdk_model.ui import Card

_LOG = logging.getLogger("cramp_coach")


def _https(address: str) -> str:
    """An https address without the slash at its end, "" for nowhere.

    Alexa plays nothing from anywhere else, and fails (Amazon, "SSML reference": audio). An address of another kind is a
    mistake of whoever deployed it: it is logged, and holds are spoken as if there were none, for nobody in pain should
    hear an apology for it.
    """
    if address and not re.fullmatch(_HTTPS, address):
        _LOG.error("AUDIO_BASE_URL is no https address with a plain path; holds are spoken instead")
        return ""
    return address.rstrip("/")


_HTTPS = r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:443)?(/[A-Za-z0-9._~-]+)*/?"
# Where the sounds of tools/sounds.py are hosted; "" for nowhere.
AUDIO_BASE_URL = _https(os.environ.get("AUDIO_BASE_URL", ""))
SPEECH_LIMIT = 8000  # characters of outputSpeech (Amazon, "Request and response JSON reference")


class Reply(Record):
    """What to say, and the session after it. `reprompt` None ends the session.

    `card`: a message id whose ".title" and ".text" go on a card in the app's history: never about health.
    `permission`: instead of that card, one by which the person can give a permission, named as in the manifest.
    `directives`: what else the device is to do, as the kit's models.
    `scene`: what a device with a screen shows beside it.
    No lines: Alexa speaks herself.
    """

    lines: tuple[Line, ...]
    reprompt: Line | None
    state: State
    card: str = ""
    permission: str = ""
    directives: tuple[Directive, ...] = ()
    scene: Scene | None = None


def asking(lines: Sequence[Line], reprompt: Line, state: State) -> Reply:
    """A reply that ends in a question and listens."""
    return Reply(tuple(lines), reprompt, state)


def ending(lines: Sequence[Line], state: State) -> Reply:
    """A reply that ends the session."""
    return Reply(tuple(lines), None, state)


def respond(handler_input: HandlerInput, turn: Turn, reply: Reply) -> Response:
    """The response, and the session attributes that go with it."""
    count = turn.state.turn
    ended = reply.reprompt is None
    # A fresh state is a fresh episode, not another person: what is known of their preferences stays.
    preferences = reply.state.preferences or turn.memory.known or turn.state.preferences
    rate = RATES[preferences.pace] if preferences is not None else 1.0
    if reply.state.now is not None and reply.state.now.disposition in {Disposition.URGENT, Disposition.EMERGENCY}:
        rate = min(rate, 1.0)  # what must be done at once is never hurried over
    try:
        shown, directives = change(handler_input, turn, reply.scene, reply.state, ended=ended)
    except Exception as error:  # noqa: BLE001 - nothing about a picture may cost the words, an emergency's least of all
        _LOG.error("the screen failed: %s", type(error).__name__)
        shown, directives = turn.state.screen, ()
    state = reply.state._replace(turn=count + 1, lines=reply.lines, preferences=preferences, screen=shown)
    if handler_input.request_envelope.session is not None:  # a test event may lack one; then every turn is the first
        handler_input.attributes_manager.session_attributes = state.write()
    response, other = handler_input.response_builder.response, turn.other
    if reply.lines:
        response.output_speech = _speech([turn.book.say(line, count, other=other) for line in reply.lines], rate)
    if reply.permission or reply.card:
        response.card = _card(turn, reply)
    if reply.directives or directives:
        response.directives = [*reply.directives, *directives]
    if reply.reprompt is not None:
        response.reprompt = Reprompt(_speech([turn.book.say(reply.reprompt, count, other=other)], rate))
    response.should_end_session = ended
    return response


def _speech(sentences: Iterable[str], rate: float) -> SsmlOutputSpeech:
    return SsmlOutputSpeech(ssml=f"<speak>{ssml(sentences, rate)}</speak>")


def _card(turn: Turn, reply: Reply) -> Card:
    from ask_sdk_model.ui import AskForPermissionsConsentCard, SimpleCard  # few turns have one

    if reply.permission:
        return AskForPermissionsConsentCard(permissions=[reply.permission])
    title, text = (turn.book.say(Line(f"{reply.card}.{part}")) for part in ("title", "text"))
    return SimpleCard(title, text)


def ssml(sentences: Iterable[str], rate: float = 1.0) -> str:
    """Sentences as SSML, without the outer tag. Text is escaped here and nowhere else.

    A pause takes the place of the stop or comma before it (speech/marks.py). `rate` is how fast they are said, 1.0 as
    the voice does by itself; Alexa takes 20 % and more (Amazon, "SSML reference", prosody).
    """
    text = " ".join(sentences)
    spoken = _with_marks(text) if "[" in text else _xml(text.strip()[:SPEECH_LIMIT])  # most have no mark
    return spoken if rate == 1.0 else f'<prosody rate="{round(rate * 100)}%">{spoken}</prosody>'


def _with_marks(text: str) -> str:
    found = parts(text)
    pieces = (
        _marked(part) if isinstance(part, Mark) else _escaped(part, is_paused=is_pause(after))
        for part, after in zip_longest(found, found[1:])
    )
    return " ".join(piece for piece in pieces if piece)


def _escaped(words: str, *, is_paused: bool) -> str:
    words = words[:SPEECH_LIMIT]
    return _xml(unstopped(words) if is_paused else words)


def _xml(text: str) -> str:
    """By hand: html brings two thousand names of letters along, xml.sax urllib and ssl; `translate` takes its time."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _marked(mark: Mark) -> str:
    """A mark as SSML; a sound only where somebody hosts it."""
    if mark.pause:
        return f'<break time="{round(mark.pause * 1000)}ms"/>'
    return f'<audio src="{_xml(AUDIO_BASE_URL)}/{mark.sound}.mp3"/>' if AUDIO_BASE_URL else ""
