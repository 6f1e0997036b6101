"""SSML -> words and silences in order, for voices that know no SSML.

Understood are the tags that Alexa has (Amazon, "Speech Synthesis Markup Language (SSML) Reference").
A tag that only colours the voice is read for its words.  A hosted sound is left out, for we are offline: what
stands inside its tag, if anything, is said in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.parsers import expat

LONGEST_SSML = 8_000  # characters of outputSpeech (Amazon, "Request and response JSON reference")
LONGEST_BREAK = 10.0  # seconds (Amazon, SSML reference, "break")
DEEPEST = 20  # tags within tags

# Seconds.  Amazon names them after a comma, a sentence and a paragraph; our voices pause about so long there.
STRENGTHS = {"none": 0.0, "x-weak": 0.0, "weak": 0.25, "medium": 0.25, "strong": 0.5, "x-strong": 0.9}
# Amazon gives no numbers for these words.
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.5}
SLOWEST, FASTEST = 0.2, 3.0  # Amazon takes 20 % and more

_DIGITS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))
_SPELLED = frozenset({"characters", "spell-out"})
_BY_DIGIT = frozenset({"digits", "telephone"})
_TIME = re.compile(r"\+?([0-9]{1,6}(?:\.[0-9]{1,6})?)(s|ms)")
_PERCENT = re.compile(r"\+?([0-9]{1,4}(?:\.[0-9]{1,4})?)%")


class Words(NamedTuple):
    """Plain text, and how fast to say it: 1.0 is the voice's own pace, 0.85 is slower."""

    text: str
    rate: float = 1.0


class Silence(NamedTuple):
    """A pause, in seconds."""

    seconds: float


Part = Words | Silence


class SsmlError(ValueError):
    """What is wrong with the markup, in one line that quotes none of the words."""


def parts_of(ssml: str) -> list[Part]:
    """The words and silences of an SSML text with its outer `<speak>`. Raises SsmlError."""
    if len(ssml) > LONGEST_SSML:
        raise SsmlError(f"The SSML is too long, {len(ssml):,} characters: Alexa takes at most {LONGEST_SSML:,}.")
    reader = _Reader()
    parser = expat.ParserCreate()  # without namespaces, for Alexa declares none for "amazon:effect"
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.open
    parser.EndElementHandler = reader.close
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(ssml, True)
    except expat.ExpatError as problem:
        message = expat.ErrorString(problem.code)
        raise SsmlError(f"The SSML is malformed at character {problem.offset + 1}: {message}.") from None
    return _joined(reader.parts)


class _Scope(NamedTuple):
    """What holds inside a tag."""

    tag: str
    rate: float = 1.0
    say_as: str = ""
    instead: bool = False  # the words inside are already replaced, by an alias


class _Reader:
    """Collects the parts while the parser reads."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._scopes: list[_Scope] = []

    def refuse_doctype(self, *_: object) -> None:
        # A document type may define entities that grow without end.
        raise SsmlError("The SSML has a document type: leave it out.")

    def open(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._scopes:
            if tag != "speak":
                raise SsmlError("The SSML does not begin with <speak>.")
            self._scopes.append(_Scope(tag))
            return
        if len(self._scopes) >= DEEPEST:
            raise SsmlError(f"The SSML has more than {DEEPEST} tags within tags.")
        scope = self._scopes[-1]._replace(tag=tag)
        if tag == "break":
            self.parts.append(Silence(_pause(attributes)))
        elif tag == "prosody":
            scope = scope._replace(rate=_bounded(scope.rate * _rate(attributes.get("rate", "medium"))))
        elif tag == "say-as":
            scope = scope._replace(say_as=attributes.get("interpret-as", ""))
        elif tag == "sub" and "alias" in attributes:
            self.text(f" {attributes['alias']} ")
            scope = scope._replace(instead=True)
        self._scopes.append(scope)

    def close(self, tag: str) -> None:
        self._scopes.pop()
        if tag in {"s", "p"}:
            self.parts.append(Silence(STRENGTHS["strong" if tag == "s" else "x-strong"]))

    def text(self, text: str) -> None:
        scope = self._scopes[-1]
        if not scope.instead:
            self.parts.append(Words(_said_as(text, scope.say_as), scope.rate))


def _joined(parts: Sequence[Part]) -> list[Part]:
    """The same, with what belongs together in one piece, and without what is empty."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Silence):
            if isinstance(last, Silence):
                joined[-1] = Silence(last.seconds + part.seconds)
            elif part.seconds:
                joined.append(part)
        elif isinstance(last, Words) and last.rate == part.rate:
            joined[-1] = Words(last.text + part.text, part.rate)
        elif part.text.strip():
            joined.append(part)
    return [part if isinstance(part, Silence) else Words(" ".join(part.text.split()), part.rate) for part in joined]


def _pause(attributes: Mapping[str, str]) -> float:
    if "time" not in attributes:
        strength = attributes.get("strength", "medium")
        if strength not in STRENGTHS:
            raise SsmlError(f"A break has a strength that Alexa does not know: use one of {', '.join(STRENGTHS)}.")
        return STRENGTHS[strength]
    match = _TIME.fullmatch(attributes["time"])
    if not match:
        raise SsmlError('A break has a time that is none: write it as "2s" or "500ms".')
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if seconds > LONGEST_BREAK:
        raise SsmlError(f"A break is longer than {LONGEST_BREAK:.0f} seconds, and Alexa would refuse it.")
    return seconds


def _rate(rate: str) -> float:
    if rate in RATES:
        return RATES[rate]
    match = _PERCENT.fullmatch(rate)
    if not match:
        raise SsmlError(f'A prosody rate is none: use a percentage such as "85%", or one of {", ".join(RATES)}.')
    return float(match[1]) / 100


def _bounded(rate: float) -> float:
    return min(FASTEST, max(SLOWEST, rate))


def _said_as(text: str, how: str) -> str:
    if how in _BY_DIGIT:
        return " ".join(_DIGITS.get(character, character) for character in text)
    if how in _SPELLED:
        return ", ".join(_DIGITS.get(character, character.upper()) for character in text if not character.isspace())
    return text
