"""What the platform demands of a response, and what we promise beside it, checked against the request it answers.

The numbers are Amazon's: "Request and response JSON reference"
(https://developer.amazon.com/en-US/docs/alexa/custom-skills/request-and-response-json-reference.html) and "SSML
reference" (see tools/markup.py). The fuzzing, the sample events and the walks ask here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import ResponseEnvelope

from . import markup

LARGEST = 120 * 1024  # bytes of a response, session attributes included
LONGEST_SPEECH = 8000  # characters of outputSpeech
LONGEST_CARD = 8000  # characters of a card, title and all
MOST_BREAKS = 10.0  # seconds in a response; with more, nothing is spoken
MOST_SOUNDS = 5  # in a response
LONGEST_SOUNDS, LONGEST_SOUNDS_AGAIN = 240, 90  # seconds, in the speech and in a reprompt
SESSION_IS_OURS = frozenset({"LaunchRequest", "IntentRequest"})  # these are always answered with words

# May not be answered with words: the ends of sessions ("Request types reference", SessionEndedRequest), skill events
# ("Skill events in Alexa skills"), and what players and the platform report ("AudioPlayer interface reference").
_WORDLESS = re.compile(
    r"SessionEndedRequest|System\.ExceptionEncountered|Alexa\.Presentation\.\w+\.RuntimeError|Messaging\..*"
    r"|(AlexaSkillEvent|AlexaHouseholdListEvent|Reminders|AudioPlayer|PlaybackController|Alexa\.DataStore\..*)\..*"
)
_INVITES = re.compile(r"\b(tell me|say|name|go ahead)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_OURS = re.compile(r"/hold-(?:tick|quiet)-([1-9][0-9]?)\.mp3$")  # tools/sounds.py names them by their seconds
_PERMISSIONS = frozenset({"alexa::alerts:reminders:skill:readwrite"})
_APL, _ASK = "Alexa.Presentation.APL.RenderDocument", "Connections.SendRequest"


def faults(event: Any, response: Any) -> list[str]:
    """Everything that is wrong with a response to an event, a line each; none where it is right.

    `event` may be any JSON at all, a broken request included. No line quotes what was said.
    """
    try:
        text = json.dumps(response, ensure_ascii=False, allow_nan=False)
        raw = text.encode()
    except (TypeError, ValueError, RecursionError) as error:  # UnicodeEncodeError is a ValueError
        return [f"the response is no JSON: {type(error).__name__}"]
    if not isinstance(response, dict) or not isinstance(response.get("response"), dict):
        return ["there is no response in it"]
    found = [] if json.loads(text) == response else ["the response changes on its way through JSON"]
    if len(raw) > LARGEST:
        found.append(f"the response has {len(raw)} bytes")
    found += _envelope(response, text)
    body, type_ = response["response"], request_type(event)
    return [*found, *_spoken(body), *_card(body.get("card")), *_directives(event, body), *_session(type_, body)]


def request_type(event: Any) -> str:
    """The type of an event's request; "" for none."""
    request = event.get("request") if isinstance(event, dict) else None
    type_ = request.get("type") if isinstance(request, dict) else None
    return type_ if isinstance(type_, str) else ""


def is_wordless(type_: str) -> bool:
    """Whether a type of request may be answered with nothing but silence."""
    return bool(_WORDLESS.fullmatch(type_))


def asks(speech: str) -> bool:
    """Whether words leave the turn to the person: a question, or an invitation, at their end."""
    last = _SENTENCE.split(speech.strip())[-1]
    return "?" in last or bool(_INVITES.search(speech))


def has_screen(event: Any) -> bool:
    """Whether the device that sent an event shows APL."""
    part = event
    for name in ("context", "System", "device", "supportedInterfaces", "Alexa.Presentation.APL"):
        part = part.get(name) if isinstance(part, dict) else None
    return isinstance(part, dict)


@lru_cache(maxsize=1)
def _serializer() -> DefaultSerializer:
    return DefaultSerializer()


def _envelope(response: Mapping[str, Any], text: str) -> Iterator[str]:
    """Whether the kit's own models of Amazon's JSON read it, and lose nothing."""
    if response.get("version") != "1.0":
        yield "the version is not 1.0"
    if set(response) - {"version", "sessionAttributes", "userAgent", "response"}:
        yield "the envelope has keys that Amazon does not name"
    if not isinstance(response.get("sessionAttributes", {}), dict):
        yield "the session attributes are no object"
        return
    try:
        read: Any = _serializer().serialize(_serializer().deserialize(text, ResponseEnvelope))
        if read["response"] != response["response"]:
            yield "the kit's models read it otherwise"
    except Exception as error:  # noqa: BLE001 - whatever it is, the response cannot be read
        yield f"the kit's models cannot read it: {type(error).__name__}"


def _spoken(body: Mapping[str, Any]) -> Iterator[str]:
    breaks, sounds = 0.0, 0
    again = body.get("reprompt")
    if again is not None and (not isinstance(again, dict) or set(again) - {"outputSpeech", "directives"}):
        yield "the reprompt is none"
        again = None
    parts = (("speech", body, LONGEST_SOUNDS), ("reprompt", again or {}, LONGEST_SOUNDS_AGAIN))
    for name, part, longest in parts:
        output = part.get("outputSpeech")
        if output is None:
            continue
        if not isinstance(output, dict) or output.get("type") != "SSML" or not isinstance(output.get("ssml"), str):
            yield f"the {name} is no SSML"
            continue
        if len(output["ssml"]) > LONGEST_SPEECH:
            yield f"the {name} has {len(output['ssml'])} characters"
        marked = markup.read(output["ssml"])
        for fault in marked.faults:
            yield f"the {name} {fault}"
        if "{" in marked.words or "[" in marked.words:
            yield f"the {name} holds a blank or a mark that nobody filled"
        seconds = [_OURS.search(address) for address in marked.sounds]
        if not all(seconds):
            yield f"the {name} has a sound that is none of ours"
        elif sum(int(match[1]) for match in seconds if match) > longest:
            yield f"the sounds of the {name} last longer than {longest} seconds"
        breaks += marked.breaks
        sounds += len(marked.sounds)
    if breaks > MOST_BREAKS:
        yield f"it has {breaks:.1f} seconds of breaks"
    if sounds > MOST_SOUNDS:
        yield f"it has {sounds} sounds"


def _card(card: Any) -> Iterator[str]:
    if card is None:
        return
    kind = card.get("type") if isinstance(card, dict) else None
    if kind == "Simple":
        if set(card) != {"type", "title", "content"} or not all(isinstance(part, str) for part in card.values()):
            yield "the card is not whole"
        elif len(card["title"]) + len(card["content"]) > LONGEST_CARD:
            yield "the card is too long"
        elif "<" in card["title"] + card["content"]:
            yield "the card holds markup"
    elif kind == "AskForPermissionsConsent":
        asked = card.get("permissions")
        if set(card) != {"type", "permissions"} or not isinstance(asked, list) or not asked:
            yield "the card asks for no permission"
        elif not _PERMISSIONS.issuperset(asked):
            yield "the card asks for a permission that the manifest does not have"
    else:
        yield "the card is of a kind that we do not send"


def _directives(event: Any, body: Mapping[str, Any]) -> Iterator[str]:
    given = body.get("directives")
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(directive, dict) for directive in given):
        yield "the directives are no list"
        return
    kinds = [directive.get("type") for directive in given]
    for directive in given:
        if directive.get("type") == _APL:
            if not has_screen(event):
                yield "a picture is sent to a device without a screen"
            if not directive.get("token") or directive.get("document", {}).get("type") != "APL":
                yield "a picture without a token or a document"
        elif directive.get("type") == _ASK:
            scope = directive.get("payload", {}).get("permissionScope")
            if (
                directive.get("name") != "AskFor"
                or scope not in _PERMISSIONS
                or not isinstance(directive.get("token"), str)
            ):
                yield "a question to Alexa that is none of ours"
            if "outputSpeech" in body or "reprompt" in body or body.get("shouldEndSession") is not True:
                yield "we speak or listen while Alexa asks for a permission"
        else:
            yield "a directive of a kind that we do not send"
    if len(kinds) != len(set(map(str, kinds))):
        yield "the same directive twice"


def _session(type_: str, body: Mapping[str, Any]) -> Iterator[str]:
    """A question leaves the session open and listens, a goodbye closes it; silence where nothing may be said."""
    unknown = set(body) - {"outputSpeech", "reprompt", "card", "directives", "shouldEndSession"}
    if unknown:
        yield "the response has keys that we do not send"
    if is_wordless(type_):
        if set(body) - {"shouldEndSession"} or body.get("shouldEndSession") is False:
            yield f"{type_} is answered"
        return
    ended = body.get("shouldEndSession")
    speaks = "outputSpeech" in body
    if _ASK in [directive.get("type") for directive in body.get("directives") or () if isinstance(directive, dict)]:
        return  # Alexa speaks
    if not speaks:
        if type_ in SESSION_IS_OURS:
            yield "it says nothing"
        elif set(body) - {"shouldEndSession"}:
            yield "it says nothing, and does something"
        return
    if not isinstance(ended, bool):
        yield "it leaves the end of the session to the device"
    output = body["outputSpeech"]
    words = markup.read(output["ssml"]).words if isinstance(output, dict) and "ssml" in output else ""
    if ended is False and not (asks(words) and body.get("reprompt")):
        yield "it listens, and asks nothing"
    if ended is True and (body.get("reprompt") or words.endswith("?")):
        yield "it asks, and ends"
