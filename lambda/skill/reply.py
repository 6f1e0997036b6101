"""Spoken words -> an Alexa response. The one place where SSML is written and text is escaped.

Every response asks and stays open, or ends: Alexa leaves the session's fate to the device when neither is said
(Amazon, "Manage the skill session", shouldEndSession).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_model import Directive, Response
from ask_sdk_model.ui import AskForPermissionsConsentCard, SimpleCard

from speech import RATES, Line, Mark, parts
from triage import Disposition

from .screen import Scene, change
from .state import State
from .turn import Turn

# Where the sounds of tools/sounds are hosted, https and without a slash at the end; "" for nowhere.
AUDIO_BASE_URL = os.environ.get("AUDIO_BASE_URL", "").rstrip("/")
SPEECH_LIMIT = 8000  # characters of outputSpeech (Amazon, "Request and response JSON reference")


class Reply(NamedTuple):
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
    given = (reply.state.preferences, turn.memory.known, turn.state.preferences)
    preferences = next((known for known in given if known is not None), None)
    rate = RATES[preferences.pace] if preferences is not None else 1.0
    if reply.state.now is not None and reply.state.now.disposition in {Disposition.URGENT, Disposition.EMERGENCY}:
        rate = min(rate, 1.0)  # what must be done at once is never hurried over
    shown, directives = change(handler_input, turn, reply.scene, reply.state, ended=ended)
    state = reply.state._replace(turn=count + 1, lines=reply.lines, preferences=preferences, screen=shown)
    if handler_input.request_envelope.session is not None:  # a test event may lack one; then every turn is the first
        handler_input.attributes_manager.session_attributes = state.write()
    builder = handler_input.response_builder
    if reply.lines:
        builder.speak(ssml((turn.book.say(line, count, other=turn.other) for line in reply.lines), rate))
    if reply.permission:
        builder.set_card(AskForPermissionsConsentCard(permissions=[reply.permission]))
    elif reply.card:
        title, text = (turn.book.say(Line(f"{reply.card}.{part}")) for part in ("title", "text"))
        builder.set_card(SimpleCard(title, text))
    for directive in (*reply.directives, *directives):
        builder.add_directive(directive)
    if reply.reprompt is None:
        return builder.set_should_end_session(True).response
    return builder.ask(ssml([turn.book.say(reply.reprompt, count, other=turn.other)], rate)).response


def ssml(sentences: Iterable[str], rate: float = 1.0) -> str:
    """Sentences as SSML, without the outer tag, which the kit adds. Text is escaped here and nowhere else.

    `rate` is how fast they are said, 1.0 as the voice does by itself; Alexa takes 20 % and more (Amazon, "SSML
    reference", prosody).
    """
    pieces = (_marked(part) if isinstance(part, Mark) else _escaped(part) for text in sentences for part in parts(text))
    spoken = " ".join(piece for piece in pieces if piece)
    return spoken if rate == 1.0 else f'<prosody rate="{round(rate * 100)}%">{spoken}</prosody>'


def _escaped(words: str) -> str:
    return escape(words[:SPEECH_LIMIT], {'"': "&quot;"})


def _marked(mark: Mark) -> str:
    """A mark as SSML; a sound only where somebody hosts it."""
    if mark.pause:
        return f'<break time="{round(mark.pause * 1000)}ms"/>'
    return f"<audio src={quoteattr(f'{AUDIO_BASE_URL}/{mark.sound}.mp3')}/>" if AUDIO_BASE_URL else ""
