"""Whether Alexa would take an SSML text, and what it holds: words, breaks, sounds. An independent second opinion.

It shares no code with what writes SSML (lambda/skill/reply.py) or speaks it (server/ssml.py), and allows what Amazon's
page names and nothing else: https://developer.amazon.com/en-US/docs/alexa/custom-skills/speech-synthesis-markup-language-ssml-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit
from xml.parsers import expat

DEEPEST = 20  # our own bound; the page names none
LONGEST_BREAK = 10.0  # seconds
SLOWEST = 20.0  # per cent of the voice's own pace
LOWEST, HIGHEST = -33.3, 50.0  # per cent of pitch
LOUDEST = 4.08  # dB

_BREAK_STRENGTHS = {"none": 0.0, "x-weak": 0.0, "weak": 0.25, "medium": 0.25, "strong": 0.5, "x-strong": 0.9}
_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)")
_PERCENT = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)%")
_DECIBEL = re.compile(r"([+-][0-9]+(?:\.[0-9]+)?)dB")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos|#\d+);")
_SAY_AS = (
    "characters spell-out cardinal number ordinal digits fraction unit date time telephone address interjection"
    " expletive"
).split()
_DATES = "mdy dmy ymd md dm ym my d m y".split()
# None of these may stand within another of them.
_APART = frozenset({"amazon:emotion", "amazon:domain", "voice", "emphasis"})


class Marked(NamedTuple):
    """What is in a text: its words, seconds of breaks, the addresses of its sounds, and what is wrong with it."""

    words: str
    breaks: float
    sounds: tuple[str, ...]
    faults: tuple[str, ...]


def read(ssml: str) -> Marked:
    """Reads a text with its outer `<speak>`. Never raises: whatever it holds, what is wrong stands in `faults`."""
    reader = _Reader()
    parser = expat.ParserCreate()  # without namespaces, for Alexa declares none for "amazon:effect"
    parser.buffer_text = True
    parser.StartElementHandler = reader.open
    parser.EndElementHandler = reader.close
    parser.CharacterDataHandler = reader.text
    for handler in (
        "StartDoctypeDeclHandler",
        "ProcessingInstructionHandler",
        "CommentHandler",
        "StartCdataSectionHandler",
        "XmlDeclHandler",
    ):
        setattr(parser, handler, reader.refuse)
    try:
        parser.Parse(ssml.encode(), True)
    except UnicodeEncodeError:
        reader.faults.append("holds half a character, a lone surrogate")
    except expat.ExpatError as problem:
        reader.faults.append(f"is malformed: {expat.ErrorString(problem.code)}")
    words = " ".join("".join(reader.words).split())
    if _ENTITY.search(words):
        reader.faults.append("is escaped twice")
    if not words and not reader.sounds:
        reader.faults.append("says nothing")
    return Marked(words, reader.breaks, tuple(reader.sounds), tuple(reader.faults))


def _one_of(*allowed: str) -> Callable[[str], bool]:
    return frozenset(allowed).__contains__


def _is_pause(value: str) -> bool:
    return 0 <= _seconds(value) <= LONGEST_BREAK


def _is_rate(value: str) -> bool:
    return value in {"x-slow", "slow", "medium", "fast", "x-fast"} or _number(_PERCENT, value, SLOWEST, 1000)


def _is_pitch(value: str) -> bool:
    return value in {"x-low", "low", "medium", "high", "x-high"} or _number(_PERCENT, value, LOWEST, HIGHEST)


def _is_volume(value: str) -> bool:
    return value in {"silent", "x-soft", "soft", "medium", "loud", "x-loud"} or _number(_DECIBEL, value, -100, LOUDEST)


def _is_sound(value: str) -> bool:
    """An address that Alexa plays from: https on its own port without a login, or her own library."""
    if value.startswith("soundbank://soundlibrary/"):
        return True
    try:
        url = urlsplit(value)
        return url.scheme == "https" and bool(url.hostname) and url.port in {None, 443} and "@" not in url.netloc
    except ValueError:
        return False


def _any(value: str) -> bool:
    return bool(value)


_INTENSITY = _one_of("low", "medium", "high")
# What may stand in which tag: attribute -> whether a value fits.  "!" after a tag: one of its attributes is needed.
_TAGS: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
    "speak": {},
    "p": {},
    "s": {},
    "break": {"strength": _one_of(*_BREAK_STRENGTHS), "time": _is_pause},
    "emphasis": {"level": _one_of("strong", "moderate", "reduced")},
    "prosody": {"rate": _is_rate, "pitch": _is_pitch, "volume": _is_volume},
    "phoneme": {"alphabet": _one_of("ipa", "x-sampa"), "ph": _any},
    "say-as": {"interpret-as": _one_of(*_SAY_AS), "format": _one_of(*_DATES)},
    "sub": {"alias": _any},
    "w": {"role": _one_of("amazon:VB", "amazon:VBD", "amazon:NN", "amazon:SENSE_1")},
    "voice": {"name": _any},
    "lang": {"xml:lang": re.compile(r"[a-z]{2}-[A-Z]{2}").fullmatch},  # type: ignore[dict-item]  # a match is true
    "audio": {"src": _is_sound},
    "amazon:effect": {"name": _one_of("whispered")},
    "amazon:emotion": {"name": _one_of("excited", "disappointed"), "intensity": _INTENSITY},
    "amazon:domain": {"name": _one_of("music", "conversational", "news", "long-form", "fun")},
}
_NEEDED = {
    "prosody": (),  # one of the three, see _Reader.open
    "phoneme": ("alphabet", "ph"),
    "say-as": ("interpret-as",),
    "sub": ("alias",),
    "w": ("role",),
    "voice": ("name",),
    "lang": ("xml:lang",),
    "audio": ("src",),
    "amazon:effect": ("name",),
    "amazon:emotion": ("name", "intensity"),
    "amazon:domain": ("name",),
}
_EMPTY = frozenset({"break", "audio"})


class _Reader:
    """Collects what is there, and what is wrong, while the parser reads."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.sounds: list[str] = []
        self.faults: list[str] = []
        self.breaks = 0.0
        self._open: list[str] = []

    def refuse(self, *_: object) -> None:
        self.faults.append("holds something beside tags and words")

    def open(self, tag: str, attributes: Mapping[str, str]) -> None:
        known = _TAGS.get(tag)
        if known is None:
            self.faults.append(f"has the tag {tag!r}, which Alexa does not know")
            known = {}
        for name, value in attributes.items():
            if name not in known:
                self.faults.append(f"gives {tag!r} the attribute {name!r}, which it does not have")
            elif not known[name](value):
                self.faults.append(f"gives {tag!r} a {name!r} that does not fit")
        missing = [name for name in _NEEDED.get(tag, ()) if name not in attributes]
        if missing or (tag == "prosody" and not attributes):
            self.faults.append(f"gives {tag!r} too little: {', '.join(missing) or 'nothing'}")
        self._place(tag)
        if tag == "break":
            self.breaks += _pause(attributes)
        elif tag == "audio":
            self.sounds.append(attributes.get("src", ""))
        self._open.append(tag)

    def _place(self, tag: str) -> None:
        if (tag == "speak") != (not self._open):
            self.faults.append("does not stand in one pair of <speak>")
        if len(self._open) >= DEEPEST:
            self.faults.append("has too many tags within tags")
        if self._open and self._open[-1] in _EMPTY:
            self.faults.append(f"puts something into {self._open[-1]!r}")
        within = set(self._open)
        if (tag == "p" and within & {"p", "s"}) or (tag == "s" and "s" in within):
            self.faults.append(f"has {tag!r} within {self._open[-1]!r}")
        if tag in _APART and within & _APART:
            self.faults.append(f"has {tag!r} within another voice")

    def close(self, tag: str) -> None:
        self._open.pop()
        self.words.append(" ")

    def text(self, text: str) -> None:
        if self._open[-1] in _EMPTY and text.strip():
            self.faults.append(f"puts words into {self._open[-1]!r}")
        self.words.append(text)


def _pause(attributes: Mapping[str, str]) -> float:
    if "time" in attributes:
        return max(_seconds(attributes["time"]), 0.0)
    return _BREAK_STRENGTHS.get(attributes.get("strength", "medium"), 0.0)


def _seconds(value: str) -> float:
    """Seconds of a break; -1 for what is no time."""
    match = _TIME.fullmatch(value)
    return float(match[1]) / (1000 if match[2] == "ms" else 1) if match else -1.0


def _number(pattern: re.Pattern[str], value: str, least: float, most: float) -> bool:
    match = pattern.fullmatch(value)
    return bool(match) and least <= float(match[1]) <= most  # type: ignore[index]  # only where there is one
