"""Plays walks, and makes a failing one short. A walk is known by its seed and number, and plays alike everywhere."""

from __future__ import annotations

import contextlib
import io
import logging
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import lambda_function
from server.conversation import DEFAULT_LOCALE, Device, recognizer
from server.recognizer import Recognition
from skill.state import read
from skill.turn import hear, knowledge

from ..score import Share
from .person import ANSWER, COACH_OFFERS, Person
from .promises import CALL, PROMISES, Broken, Reply, Watch
from .sayings import Said
from .wire import Stranger, envelope

RAW = 10  # every tenth walk sends raw requests
LOCALES = (DEFAULT_LOCALE,) * 6 + ("en-GB", "de-DE")


class Turn(NamedTuple):
    """What was said, and what came back."""

    said: Said
    reply: Reply


class Walk(NamedTuple):
    """A conversation. `kept` counts how often each promise was put to the test."""

    seed: str
    turns: tuple[Turn, ...]
    broken: tuple[Broken, ...]
    kept: Mapping[str, int]
    length: int  # turns, also where the turns themselves were let go

    @property
    def number(self) -> int:
        """Its number among the walks of its seed."""
        return int(self.seed.rpartition("/")[2])


class Speaker:
    """What a walk talks to: a pretend device for words, the bare door for raw requests."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.ended = False
        self._device = Device(locale=locale)
        self._attributes: dict[str, Any] = {}

    def open(self) -> Reply:
        """Opens the skill."""
        with listening() as logged:
            return _reply(self._device.open(), logged)

    def take(self, said: Said) -> Reply:
        """One turn."""
        with listening() as logged:
            if said.request is not None:
                reply = self._raw(said, logged)
            elif said.text:
                reply = _reply(self._device.send(_recognized(said.text)), logged)
            else:
                reply = _reply(self._device.silence(), logged)
        self.ended = reply.ended
        return reply

    def _raw(self, said: Said, logged: Sequence[str]) -> Reply:
        known = knowledge()
        heard = hear(said.request or {}, read(self._attributes if said.session else {}, known), known).findings
        event = envelope(said.request or {}, self._attributes if said.session else None, self.locale)
        response = lambda_function.lambda_handler(event, None)
        body = response.get("response", {})
        speech = _words(body.get("outputSpeech"))
        if said.session:
            attributes = self._attributes = dict(response.get("sessionAttributes") or {})
        else:  # there is nothing to look into but the words
            attributes = {"assessment": _told(speech)}
        told = attributes.get("assessment")
        return Reply(
            speech,
            _words((body.get("reprompt") or {}).get("outputSpeech")) or None,
            bool(body.get("shouldEndSession")),
            told,
            attributes.get("question"),
            attributes.get("offer"),
            {**heard, **(attributes.get("findings") or {})},
            response,
            logged,
        )


def walk(seed: str) -> Walk:
    """The walk of a seed."""
    number = int(seed.rpartition("/")[2])
    raw = number % RAW == 0
    person, stranger = Person(seed), Stranger(seed)
    speaker = Speaker(DEFAULT_LOCALE if raw else person.random.choice(LOCALES))
    watch = Watch(is_plain=person.is_plain and not raw)
    turns: list[Turn] = []
    reply = None if raw else speaker.open()._asdict()
    while not speaker.ended:
        if raw:
            said = stranger.sends()
        else:
            said = person.says(reply or {})
            coached = (reply or {}).get("offer") in COACH_OFFERS  # a stretch is gone through with
            done = (
                person.turns > person.pleases and watch.told and not coached
            ) or person.turns > person.pleases + ANSWER
            said = None if done else said
        if said is None:
            break
        answer = speaker.take(said)
        watch.turn(said, answer)
        turns.append(Turn(said, answer))
        reply = answer._asdict()
    if not raw:
        watch.finish(ended=speaker.ended)
    return Walk(seed, tuple(turns), tuple(watch.broken), watch.kept, len(turns))


def numbered(seed: str, count: int) -> list[str]:
    """The seeds of the first walks of a seed."""
    return [f"{seed}/{number}" for number in range(1, count + 1)]


def played(seeds: Sequence[str], jobs: int = 2) -> Iterator[Walk]:
    """The walks of some seeds, as they are done; only broken ones keep their turns."""
    if jobs < 2 or len(seeds) < 2 * jobs:
        yield from map(_brief, seeds)
        return
    with multiprocessing.Pool(jobs) as pool:
        yield from pool.imap_unordered(_brief, seeds, chunksize=min(25, len(seeds) // jobs))


def _brief(seed: str) -> Walk:
    one = walk(seed)
    return one if one.broken else one._replace(turns=())


def replay(said: Sequence[Said], locale: str, *, is_plain: bool = False) -> tuple[list[Turn], Watch]:
    """The same words once more, whatever is answered."""
    speaker = Speaker(locale)
    if said and said[0].request is None:
        speaker.open()
    watch = Watch(is_plain=is_plain)
    turns = []
    for one in said:
        if speaker.ended:
            break
        answer = speaker.take(one)
        watch.turn(one, answer)
        turns.append(Turn(one, answer))
    return turns, watch


def shrunk(found: Walk, promise: str) -> list[Turn]:
    """The shortest conversation we find that breaks the same promise: turns and words left out one by one."""
    person = Person(found.seed)
    raw = bool(found.turns and found.turns[0].said.request)
    locale = DEFAULT_LOCALE if raw else person.random.choice(LOCALES)
    plain = person.is_plain and not raw

    def breaks(said: Sequence[Said]) -> bool:
        return any(broken.promise == promise for broken in replay(said, locale, is_plain=plain)[1].broken)

    said = [turn.said for turn in found.turns]
    if not breaks(said):
        return list(found.turns)
    at = len(said) - 1
    while at >= 0:
        shorter = said[:at] + said[at + 1 :]
        if shorter and breaks(shorter):
            said = shorter
        elif said[at].plain and said[at].text != said[at].plain:
            plainer = [*said[:at], said[at]._replace(text=said[at].plain), *said[at + 1 :]]
            said = plainer if breaks(plainer) else said
        at = min(at, len(said)) - 1
    return replay(said, locale, is_plain=plain)[0]


def counted(walks: Sequence[Walk]) -> tuple[Counter[str], Counter[str]]:
    """For each promise: in how many conversations it was put to the test, and in how many it was broken."""
    tested: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for one in walks:
        tested.update(one.kept.keys())
        broken.update({found.promise for found in one.broken})
    return tested, broken


def table(walks: Sequence[Walk]) -> list[str]:
    """What was promised, how often it was broken, and how often it may be at most: 95 % interval, Wilson."""
    tested, broken = counted(walks)
    lines = [f"{'':74}{'broken':>6}  {'of':>6}  at most"]
    for id_, promise in PROMISES.items():
        if tested[id_]:
            kept = Share(id_, tested[id_] - broken[id_], tested[id_])
            lines.append(f"{promise:74}{broken[id_]:6}  {kept.n:6}  {1 - kept.interval[0]:7.2%}")
    return lines


@contextlib.contextmanager
def listening() -> Iterator[list[str]]:
    """Everything that is logged or printed meanwhile."""
    lines: list[str] = []

    class Catch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name}: {record.getMessage()}")

    root, catch, printed = logging.getLogger(), Catch(), io.StringIO()
    level = root.level
    root.addHandler(catch)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield lines
    finally:
        root.removeHandler(catch)
        root.setLevel(level)
        if printed.getvalue():
            lines.append(f"printed: {printed.getvalue()}")


@lru_cache(maxsize=20_000)
def _recognized(text: str) -> Recognition:
    return recognizer(DEFAULT_LOCALE).recognize(text)


def _words(output: Mapping[str, Any] | None) -> str:
    text = str((output or {}).get("ssml", "")).removeprefix("<speak>").removesuffix("</speak>")
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return text.strip()


def _told(speech: str) -> dict[str, Any] | None:
    level = "EMERGENCY" if speech.startswith(CALL) else "URGENT" if "seen by a doctor today" in speech else None
    return {"disposition": level, "reasons": []} if level else None


def _reply(turn: Mapping[str, Any], logged: Sequence[str]) -> Reply:
    response = turn["response"]
    known = (response or {}).get("sessionAttributes", {}).get("findings") or {}
    return Reply(
        turn["speech"],
        turn["reprompt"],
        turn["ended"],
        turn["assessment"],
        turn["question"],
        turn["offer"],
        {**turn["heard"]["findings"], **known},
        response,
        logged,
    )
