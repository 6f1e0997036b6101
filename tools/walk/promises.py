"""What must hold in every conversation, checked after every turn against what the person was made to say.

The oracle reads the content by itself (`content`), keeps its own account of the episode, and asks the skill for nothing
but what it said, told and asked. Only one thing is taken from it: which findings it heard, to tell a sign that was not
heard from one that was heard and lost.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from speech import Line, open_book

from ..lint_speech import FORBIDDEN
from .content import LEVELS, Known, content, level_of
from .person import family_of
from .sayings import Said

PROMISES = {
    "end": "whoever goes on answering gets advice or a kind end",
    "questions": "at most three questions of triage in an episode",
    "heard": "a danger sign that was said is heard",
    "danger": "a danger sign that was heard is told in that very turn",
    "falls": "the level never falls without a correction or a fresh start",
    "unclear": "unclear is not no: a stubborn yes or don't-know is never self-care",
    "denied": "denied signs alone alarm nobody",
    "emergency": "an emergency is said first, ends, and holds no stretch",
    "forbidden": "no dose, no medicine unasked, no disease, no talking down",
    "length": "a sentence of 18 words, a turn of 60, at most",
    "reprompt": "a reprompt never says the same again",
    "repeats": "no sentence but a question three turns running",
    "response": "the response is valid, small, and asks or ends",
    "holds": "a stretch is held three times a side at most, only where it is calm, never with a sign in doubt",
    "silence": "no more than ten seconds of breaks and five sounds in a response",
    "log": "nothing is logged",
}
BY_EAR = frozenset({"heard", "denied"})  # as good as the hearing is; the others must never be broken
LONGEST_SENTENCE, LONGEST_TURN = 18, 60  # words
MOST_SILENCE, MOST_SOUNDS = 10, 5  # seconds of breaks; more, and nothing is spoken (Amazon, "SSML reference")
LARGEST = 24 * 1024  # bytes of a response with its session; the platform takes more today
MOST_QUESTIONS = 3
MOST_HOLDS = 3  # on a side
CALL = "Call your local emergency number now. This could be an emergency."

_URGENT = LEVELS.index("URGENT")
_ROUTINE = LEVELS.index("ROUTINE")
_WHICH = ("Which one:", "Which of them:")
_NEVER = re.compile(
    r"heart attack|\bstroke\b|blood clot|\bclot\b|thrombosis|aneurysm|meningitis|sepsis|tetanus|\bcancer\b|tumou?r"
    r"|compartment syndrome|cauda equina|kidney stone|appendicitis|ectopic|\brupture|nothing to worry|you're fine"
    r"|you are fine|don't worry|harmless|\bonly a\b|aspirin|dehydrat|safe to take|\bsorry to hear\b"
    r"|i('ll| will) call|i('ve| have) called|\bmilligram|\bdose of\b",
    re.IGNORECASE,
)
# A medicine is named only to answer a question that named it; topics whose answers name one.
_MEDICINES = {
    "quinine": {"quinine"},
    "tonic water": {"quinine"},
    "magnesium": {"magnesium"},
    "potassium": {"potassium", "bananas", "magnesium"},
    "salt tablet": {"salt"},
    "painkiller": {"painkillers"},
    "muscle relaxant": {"muscle_relaxants"},
    "ibuprofen": set(),
    "paracetamol": set(),
    "acetaminophen": set(),
    "diazepam": set(),
    "pickle juice": {"pickle_juice"},
}
_MOVES_IT = re.compile(r"\b(stretch|rub|massage|straighten|pull|press|lengthen)\b", re.IGNORECASE)
_BREAK = re.compile(r'<break time="(\d+)ms"/>')
_SPLIT = re.compile(r"(?<=[.!?])\s+")
_HELD = re.compile(r"<(?:break|audio)\b.*<(?:break|audio)\b[^>]*>", re.DOTALL)  # from the first silence to the last
_TAG = re.compile(r"<[^>]*>")


def silence(response: Mapping[str, Any]) -> tuple[float, int]:
    """Seconds of breaks in a response, and its sounds, each in the speech or its reprompt, whichever has more."""
    body = response["response"]
    spoken = (body, body.get("reprompt") or {})
    found = [str(part.get("outputSpeech", {}).get("ssml", "")) for part in spoken]
    breaks = [sum(float(ms) / 1000 for ms in _BREAK.findall(ssml)) for ssml in found]
    return max(breaks), max(ssml.count("<audio") for ssml in found)


class Reply(NamedTuple):
    """What came back. `response` None is a reprompt that the device says by itself; `heard`: finding -> value."""

    speech: str
    reprompt: str | None
    ended: bool
    assessment: Mapping[str, Any] | None
    question: str | None
    offer: str | None
    heard: Mapping[str, Any]
    response: Mapping[str, Any] | None
    logged: Sequence[str] = ()


def unheld(ssml: str) -> str:
    """The words of a turn without those that fill a hold: they are there to last."""
    return " ".join(_TAG.sub(" ", _HELD.sub(" ", ssml)).split())


class Broken(NamedTuple):
    """A promise that was broken, and how. `cause` is the sign that was not heard, where hearing failed."""

    promise: str
    how: str


def _is_alike(site: object, others: Sequence[str]) -> bool:
    """Whether the same signs matter at two places."""
    return any(content().safety.get(str(site)) == content().safety.get(other) for other in others)


def _names(text: str, topics: set[str]) -> bool:
    """Whether words name one of the topics, in passing."""
    return any(set(name.split()) <= set(text.lower().split()) for topic in topics for name in content().remedies[topic])


def _counted() -> set[str]:
    """The numbers of a count, as sentences."""
    return {f"{number}." for number in open_book("en")._messages["hold.numbers"]}


def is_ours(card: Mapping[str, Any]) -> bool:
    """Whether a card says what stands in the content, or only lets the person give a permission."""
    if card.get("type") == "AskForPermissionsConsent":
        return set(card) == {"type", "permissions"}
    book = open_book("en")
    ids = [f"card.{name}" for name in ("reminder_app", "reminder_elsewhere", "reminder_full", "reminder_forbidden")]
    shown = [(book.say(Line(f"{id_}.title")), book.say(Line(f"{id_}.text"))) for id_ in ids]
    return (card.get("title"), card.get("content")) in shown


class Watch:
    """Watches one conversation."""

    def __init__(self, *, is_plain: bool = False) -> None:
        self.is_plain = is_plain
        self.kept: dict[str, int] = {}  # promise -> how often it was put to the test
        self.signs = 0
        self.broken: list[Broken] = []
        self._known = Known()
        self._level = -1  # the highest level told since the start, or since what was told was taken back
        self.told = False
        self._ears = Known()  # the same as the skill says it heard it
        self._owned_up = -1  # the level of a failure that was reported
        self._asked: list[str] = []
        self._open: str | None = None
        self._speech = ""  # what was said last
        self._spoken: list[set[str]] = []
        self._topics: set[str] = set()
        self._doubt: tuple[str, str, frozenset[str]] = ("", "", frozenset())
        self._held = Counter[str]()  # side of a stretch -> how often it was held since an assessment
        self._doubtful = -1  # the lowest level that may be told while a sign is in doubt

    def turn(self, said: Said, reply: Reply) -> list[Broken]:
        """Takes a turn in; returns what it broke."""
        before = len(self.broken)
        if not said.session:  # a conversation of its own
            once = Watch()
            self.broken += once.turn(said._replace(session=True), reply)
            self.kept.update(once.kept)
            return self.broken[before:]
        self._take(said, reply)
        self._check_level(said, reply)
        self._check_questions(reply)
        self._check_holds(reply)
        self._check_words(said, reply)
        self._check_response(said, reply)
        self._open, self._speech = reply.question, reply.speech
        return self.broken[before:]

    def finish(self, *, ended: bool) -> list[Broken]:
        """The end of somebody who went on answering."""
        before = len(self.broken)
        self._test("end")
        if not ended and not self.told:
            self._break("end", "neither advice nor an end")
        return self.broken[before:]

    def _test(self, promise: str) -> None:
        self.kept[promise] = self.kept.get(promise, 0) + 1

    def _break(self, promise: str, how: str) -> None:
        self.broken.append(Broken(promise, how))

    # ---- what is known

    def _take(self, said: Said, reply: Reply) -> None:
        if said.topic:
            self._topics.add(said.topic)
        known = self._known
        aside = said.move == "just asking" and self._level < _ROUTINE
        if said.restarts or aside or said.topic == "pets":
            known, self._ears, self._asked, self._open = Known(), Known(), [], None
            self._owned_up = -1
            self._level = self._level if said.topic == "pets" else -1
            self._doubt, self._doubtful = ("", "", frozenset()), -1
        site = said.site or reply.heard.get("site")
        another = site and self._level >= 0 and self._open is None and site not in known.sites and not said.corrects
        if another and not (self._level == _URGENT and _is_alike(site, known.sites[-1:])):
            lasting = content().personal | content().danger  # another trouble; signs add up
            known, self._ears = (Known(one.present & lasting) for one in (known, self._ears))
            self._asked, self._doubtful = [], -1
        present, absent = known.present | set(said.present), known.absent - set(said.present)
        if said.corrects:
            present -= set(said.absent)
            self._doubt, self._doubtful = ("", "", frozenset()), -1
        absent |= set(said.absent) - present
        sites = known.sites
        for named in (said.site, reply.heard.get("site"), reply.heard.get("second_site"), said.site):
            if named:
                sites = (*(site for site in sites if site != named), str(named))
        # A phrase may hold a length of time of its own: "seized for half an hour".
        minutes = said.minutes if said.minutes is not None else reply.heard.get("duration_minutes", known.minutes)
        self._known = Known(frozenset(present), frozenset(absent), sites, minutes)
        self._hear(said, reply)
        if said.corrects:  # what rested on it may fall, no further than what is left
            self._level = min(self._level, level_of(self._known)[0])
        self._answer(said)

    def _hear(self, said: Said, reply: Reply) -> None:
        present = {id_ for id_, value in reply.heard.items() if value == "present"}
        absent = {id_ for id_, value in reply.heard.items() if value == "absent"}
        before = self._ears.present - (set(said.absent) | absent if said.corrects else set())
        minutes = reply.heard.get("duration_minutes", self._ears.minutes)
        sites = self._ears.sites
        for site in (reply.heard.get("second_site"), reply.heard.get("site")):
            if site:
                sites = (*(named for named in sites if named != site), str(site))
        self._ears = Known(before | present, frozenset(absent - present), sites, minutes)

    def _answer(self, said: Said) -> None:
        """What a bare answer means to the question that was open."""
        question, known = self._open, self._known
        if question == "breathing" and said.reply in {"no", "unknown"} and not said.present:
            self._known = known._replace(present=known.present | {"breath_not_settling"})
        asked = self._asked_signs()
        if not asked:
            return
        which = any(words in self._speech for words in _WHICH)
        if said.choice is not None and which and -len(asked) <= said.choice < len(asked):
            self._known = known._replace(present=known.present | {asked[said.choice]})
        bare = said.reply in {"yes", "unknown"} and not said.present and not said.absent
        if bare and self._doubt[:2] == (question, said.reply):
            self._known_doubt(said.reply, frozenset(asked))
        self._doubt = (question or "", said.reply, frozenset(asked)) if bare else ("", "", frozenset())

    def _known_doubt(self, reply: str, asked: frozenset[str]) -> None:
        """The same unclear answer twice: a yes is the highest sign asked about, a don't-know an appointment or more."""
        known = self._known
        if reply == "yes":
            levels = [level_of(known._replace(present=known.present | {id_}))[0] for id_ in asked]
            self._doubtful = max(self._doubtful, *levels)
        else:
            risk = known.present & set(content().risk[family_of(self._open or "")])
            self._doubtful = max(self._doubtful, _URGENT if risk else _ROUTINE)

    def _asked_signs(self) -> list[str]:
        """The signs that the open safety question named, as they were heard, in order."""
        words = content().words.get(family_of(self._open or ""), {})
        last = _SPLIT.split(self._speech)[-1]
        return [sign for sign, said in words.items() if said in last]

    # ---- levels

    def _check_level(self, said: Said, reply: Reply) -> None:
        told = str((reply.assessment or {}).get("disposition"))
        level = LEVELS.index(told) if told in LEVELS else -1
        self.told = self.told or level >= 0
        if level >= 0:
            self._test("falls")
            if level < self._level:
                self._break("falls", f"{told} after {LEVELS[self._level]}")
            if self._doubtful >= 0:
                self._test("unclear")
                if level < self._doubtful:
                    self._break("unclear", f"{told}, where doubt asks for {LEVELS[self._doubtful]}")
        self._level = max(self._level, level)
        self._check_danger(said, reply)
        if self.is_plain and level >= 0:
            self._test("denied")
            if level >= _URGENT:
                self._break("denied", f"{told}: {', '.join((reply.assessment or {})['reasons'])}")
        if told == "EMERGENCY":
            self._test("emergency")
            rest = reply.speech.replace("Don't rub it or stretch it.", "").replace("Don't stretch it.", "")
            if not reply.speech.startswith(CALL) or not reply.ended or _MOVES_IT.search(rest):
                self._break("emergency", reply.speech)

    def _check_danger(self, said: Said, reply: Reply) -> None:
        """What was said must be heard, and what was heard be told."""
        heard = {id_ for id_, value in reply.heard.items() if value == "present"}
        signs = set() if said.restarts else set(said.present)
        if signs:
            self._test("heard")
        for id_ in sorted(signs - heard):
            self._break("heard", f"{id_}: {said.text}")
        floor, flag = level_of(self._known)
        if floor < _URGENT:
            return
        self._test("danger")
        # Breath from effort is asked about before a lesser flag is told: its answer may be the higher one.
        waits = reply.question == "breathing"
        if floor <= max(self._level, self._owned_up) or (waits and floor == _URGENT):
            return
        told = LEVELS[self._level] if self._level >= 0 else "nothing"
        if level_of(self._ears)[0] > max(self._level, _URGENT if waits else -1):
            self._break("danger", f"{flag} asks for {LEVELS[floor]}; told {told}")
        elif not signs - heard:
            also = sorted(self._ears.present - self._known.present)
            self._break("heard", f"{flag} asks for {LEVELS[floor]}, told {told}; heard {', '.join(also)}: {said.text}")
        self._owned_up = floor  # once is enough

    def _check_questions(self, reply: Reply) -> None:
        if reply.question is None:
            return
        self._test("questions")
        if reply.question not in self._asked:
            self._asked.append(reply.question)
            if len(self._asked) > MOST_QUESTIONS:
                self._break("questions", ", ".join(self._asked))

    def _check_holds(self, reply: Reply) -> None:
        """What the session holds after a turn: a stretch goes on, or was held, only where that is right."""
        after = (reply.response or {}).get("sessionAttributes") or {}
        if reply.assessment is not None:
            self._held.clear()
        coach = after.get("coach")
        if self._level >= _URGENT and coach is not None:
            self._break("holds", f"the coach goes on after {LEVELS[self._level]}")
        if not any(id_ == "hold" for id_, _ in after.get("lines", ())):
            return
        self._test("holds")
        self._known, self._ears = (
            one._replace(present=one.present | {"stretching"}) for one in (self._known, self._ears)
        )
        side = "other" if coach and coach[-1] else "first"
        self._held[side] += 1
        if self._held[side] > MOST_HOLDS:
            self._break("holds", f"held {self._held[side]} times on the {side} side")
        if not 0 <= self._level < _URGENT or self._doubtful >= 0:
            self._break("holds", f"held after {LEVELS[self._level] if self._level >= 0 else 'nothing told'}")
        findings = after.get("findings", {})
        asked = content().fills.get(content().safety.get(str(findings.get("site")), ""), ())
        doubtful = sorted(id_ for id_ in asked if findings.get(id_) == "unknown")
        if doubtful:
            self._break("holds", f"held, and nobody knows of {', '.join(doubtful)}")

    # ---- words

    def _check_words(self, said: Said, reply: Reply) -> None:
        for promise in ("forbidden", "length", "reprompt", "repeats"):
            self._test(promise)
        for text in (reply.speech, reply.reprompt or ""):
            for pattern in (*FORBIDDEN, _NEVER.pattern):
                found = re.search(pattern, text, re.IGNORECASE)
                if found:
                    self._break("forbidden", f"{found.group()!r} in: {text}")
            for name, topics in _MEDICINES.items():
                if name in text.lower() and not topics & self._topics and not _names(said.text, topics):
                    self._break("forbidden", f"{name!r}, and nobody asked: {text}")
        sentences = [sentence for sentence in _SPLIT.split(reply.speech) if sentence]
        for sentence in sentences:
            if len(sentence.split()) > LONGEST_SENTENCE:
                self._break("length", f"{len(sentence.split())} words: {sentence}")
        output = {} if reply.response is None else reply.response["response"].get("outputSpeech") or {}
        said_apart = unheld(output.get("ssml", reply.speech))
        if len(said_apart.split()) > LONGEST_TURN:
            self._break("length", f"{len(said_apart.split())} words: {reply.speech}")
        if reply.response is None:
            return
        if reply.reprompt and {s.lower() for s in sentences} & {s.lower() for s in _SPLIT.split(reply.reprompt)}:
            self._break("reprompt", f"{reply.reprompt} after: {reply.speech}")
        if (
            said.move in {"repeat", "raw AMAZON.RepeatIntent"} or reply.assessment is not None
        ):  # what is told anew is told in full
            self._spoken = []
            return
        # A number of the count is no sentence.
        apart = {text for text in _SPLIT.split(said_apart) if text and not text.endswith("?")} - _counted()
        self._spoken = [*self._spoken[-2:], apart]
        if len(self._spoken) == 3:
            for sentence in set.intersection(*self._spoken):
                self._break("repeats", sentence)

    def _check_response(self, said: Said, reply: Reply) -> None:
        self._test("log")
        for line in reply.logged:
            self._break("log", line)
        response = reply.response
        if response is None:
            return
        self._test("response")
        body = response.get("response", {})
        size = len(json.dumps(response))
        if size > LARGEST:
            self._break("response", f"{size} bytes")
        if not said.text and said.request is None:
            return  # the end of a session takes no answer
        if "AskFor" in {directive.get("name") for directive in body.get("directives", ())}:
            if "outputSpeech" in body or body.get("shouldEndSession") is not True:
                self._break("response", "speaks or listens while Alexa asks for a permission")
            return
        wrong = sorted(set(body) - {"outputSpeech", "reprompt", "shouldEndSession", "card"})
        if "card" in body and not is_ours(body["card"]):
            wrong = ["a card that is none of ours"]
        if wrong or body.get("shouldEndSession") not in {True, False}:
            self._break("response", f"{wrong or 'leaves the end to the device'}")
        try:
            ElementTree.fromstring(body["outputSpeech"]["ssml"])  # noqa: S314 - our own output
        except (KeyError, ElementTree.ParseError) as error:
            self._break("response", f"{type(error).__name__} in its speech")
        self._test("silence")
        seconds, sounds = silence(response)
        if seconds > MOST_SILENCE or sounds > MOST_SOUNDS:
            self._break("silence", f"{seconds:.1f} s of breaks, {sounds} sounds: {reply.speech}")
        if not reply.speech or reply.speech.startswith("Sorry, something went wrong"):
            self._break("response", reply.speech or "says nothing")
        asks = "?" in _SPLIT.split(reply.speech)[-1] or re.search(
            r"\b(tell me|say|name|go ahead)\b", reply.speech, re.IGNORECASE
        )
        if reply.ended and (reply.reprompt or reply.speech.endswith("?")):
            self._break("response", f"asks, and ends: {reply.speech}")
        if not reply.ended and not (asks and reply.reprompt):
            self._break("response", f"listens, and asks nothing: {reply.speech}")
