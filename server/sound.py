"""The speaker's sound over HTTP: what it says as WAV, what it hears as text. For this computer only.

Registered with the speaker's app, whose protections hold here, too.  Nothing that is said or heard is kept.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from .ears import LONGEST_SECONDS, RATE, Ears, EarsError
from .reckoning import reckoned
from .simulator import LONGEST_ID, RefusedError, read_body, refuse_other_origins, text_or_none
from .ssml import LONGEST_SSML, SsmlError, parts_of
from .voice import TooLongError, Voice, VoiceError

LONGEST_RECORDING = round(LONGEST_SECONDS * RATE * 2)  # bytes


def sound(voice: Voice, ears: Ears) -> Blueprint:
    """The addresses /api/voice, /api/speech, /api/parts, /api/ears and /api/hear."""
    door = Blueprint("sound", __name__)

    @door.get("/api/voice")
    def tell_voice() -> Response:
        """Which voice the server has, null for none."""
        return jsonify(voice=voice.engine and voice.engine.name)

    @door.post("/api/speech")
    def speech() -> Response:
        """SSML as WAV. The header Speech-Marks tells where words are in it: a list of voice.Mark, in seconds."""
        ssml, locale = _wish()
        said = voice.say(ssml, locale)
        return Response(said.wav, mimetype="audio/wav", headers={"Speech-Marks": json.dumps(said.marks)})

    @door.post("/api/parts")
    def parts() -> Response:
        """SSML as a list of `{"text", "rate"}` and `{"seconds"}`, for the browser's own voices.

        Each has `due` and `over`, too: from when to when the skill reckons with it.
        """
        ssml, _ = _wish()
        found = parts_of(ssml)
        times = zip(found, reckoned(found), strict=True)
        return jsonify([{**part._asdict(), "due": due, "over": over} for part, (due, over) in times])

    @door.get("/api/ears")
    def tell_ears() -> Response:
        """Whether the server can hear: see Ears.state."""
        return jsonify(ears=ears.state)

    @door.post("/api/ears")
    def wake_ears() -> Response:
        """Somebody is about to speak: the recogniser is loaded meanwhile."""
        refuse_other_origins()
        ears.wake()
        return jsonify(ears=ears.state)

    @door.post("/api/hear")
    def hear() -> Response:
        """A recording as text: 16 kHz, mono, 16 bit, little-endian, no header."""
        refuse_other_origins("application/octet-stream", "a recording")
        request.max_content_length = LONGEST_RECORDING
        try:
            samples = request.get_data(cache=False)
        except RequestEntityTooLarge:
            raise RefusedError(f"The recording is too long: send at most {LONGEST_SECONDS:.0f} seconds.", 413) from None
        if len(samples) % 2:
            raise RefusedError("The recording has half a sample: send 16-bit samples.")
        return jsonify(text=ears.hear(samples) if samples else "")

    @door.errorhandler(SsmlError)
    @door.errorhandler(TooLongError)
    def not_speakable(problem: Exception) -> tuple[Response, int]:
        return jsonify(error=str(problem)), 400

    @door.errorhandler(VoiceError)
    @door.errorhandler(EarsError)
    def not_now(problem: Exception) -> tuple[Response, int]:
        return jsonify(error=str(problem)), 503

    return door


def _wish() -> tuple[str, str]:
    """The SSML that is to be spoken, and its locale."""
    refuse_other_origins()
    body = read_body()
    # Its length is judged with the markup; this only keeps out what is no text.
    ssml = text_or_none(body, "ssml", 2 * LONGEST_SSML)
    if ssml is None:
        raise RefusedError('There is no ssml: send {"ssml": "<speak>Hello</speak>"}.')
    return ssml, text_or_none(body, "locale", LONGEST_ID) or "en-US"
