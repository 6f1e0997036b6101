"""HUNTS for what people said, in everything that outlives a conversation.

Random conversations with a screen, reminders and preferences in them leave traces: rows of the store, lines of the log
and of metrics, cards, screens, reminders, permission tokens, addresses that were called. Each trace must have the one
shape it may have, and none may hold a finding, a place, a slot value or words that somebody said. The live screen of a
stretch may name its muscle and its step; what was said may not stand there either.

    python -m tools.walk.privacy --count 2000
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import lambda_function
from server.alexa_api import Alexa, Fault
from server.consent import AGAIN, QUESTION
from server.conversation import Device
from skill import build_skill
from skill import screen as skill_screen
from skill.preferences import VALUES
from speech import Line, open_book
from store.row import KEPT
from store.sqlite import SQLiteStore
from watch.classes import CLASSES
from watch.meter import BATCH, TURN
from watch.meter import LEVELS as LEVEL_METRICS

from .content import LEVELS, content
from .person import Person
from .promises import is_ours
from .run import listening
from .sayings import NO, SITES, YES

LONGEST = 24  # turns
ZONE = "Europe/London"  # of all devices here
USERS = 400  # people who come again and again
FAULTS = (
    *(Fault("status", status) for status in (400, 401, 404, 409, 429, 500, 503)),
    Fault("status", 403, "MAX_REMINDERS_EXCEEDED"),
    Fault("status", 403, "DEVICE_NOT_SUPPORTED"),
    Fault("cut"),
    Fault("broken", 200),
    Fault("status", 500, only="POST", done=True),
)
_WISHES = (
    *("remind me to call my doctor", "remind me about my {}", "remind me to see the doctor about my {} on friday"),
    *("remind me tomorrow at four", "set a reminder for monday morning", "remind me in two hours", "yes remind me"),
    *("tomorrow at ten", "in three hours then", "no reminder", "what reminders do I have", "cancel my reminder"),
    *("coach me", "hold the stretch with me", "I'm ready", "next", "the other side", "how much more", "carry on"),
    *("slower please", "faster", "count quietly", "count out loud", "short version", "full version", "forget me"),
    "my {} started on monday",
)
_CONSENTS = ("I approve", "no", "", "my {} hurts", "yes")
_PLAN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?: (?P<zone>\S+))?")
_CALL = re.compile(r"(GET /v2/devices/[\w.]+/settings/System\.timeZone|\w+ /v1/alerts/reminders(/[0-9a-f]{16})?)")
_LOG = re.compile(
    r"cramp_coach\.store: the store of preferences: [A-Za-z]+|"  # on a busy machine: "slow"
    # A web door in the same process tells once a minute.
    r"server\.door: answered \d+, unanswered \d+, refused \d+(?: \([a-z0-9 ,]+\))?(?:, slowest \d+ ms)?"
)
_WORD = re.compile(r"[a-z_']{4,}")
_TIMES = {"scheduledTime", "timeZoneId", "type", "offsetInSeconds"}


class Trace(NamedTuple):
    """Something a conversation left behind: where, and what."""

    where: str  # "log", "metric", "levels", "card", "token", "reminder", "call", "screen", "closing" or "row"
    what: Any


class Visit(NamedTuple):
    """A conversation: what was said and heard in it, and its traces."""

    said: frozenset[str]
    traces: tuple[Trace, ...]
    turns: int


class Leak(NamedTuple):
    """What was found, and where."""

    where: str
    found: str


class Visitor(Person):
    """Somebody who walks, and now and then wants a reminder, a stretch, or another manner."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        if self.random.random() < 0.6:
            self.plan = []  # an emergency ends what would leave more behind

    def speaks(self, reply: Mapping[str, Any]) -> str | None:
        """The next words; "" is silence, None the end."""
        random = self.random
        if reply["speech"].endswith((QUESTION, AGAIN)):
            return self._named(random.choice(_CONSENTS))
        if self.turns >= LONGEST:
            return None
        if reply["offer"] in {"reminder", "coach", "ready", "easing"} and random.random() < 0.6:
            self.turns += 1
            return random.choice((*YES, *YES, *NO))
        if self.turns and random.random() < 0.35:
            self.turns += 1
            return self._named(random.choice(_WISHES))
        return self.says(reply).text

    def _named(self, words: str) -> str:
        return words.format(self.random.choice(SITES[self.site]))


def visit(seed: str, alexa: Alexa) -> Visit:
    """The conversation of a seed, with the skill as it is set up."""
    visitor = Visitor(seed)
    random = visitor.random
    device = Device(user=f"amzn1.ask.account.{random.randrange(USERS)}", screen=random.random() < 0.8, alexa=alexa)
    if random.random() < 0.6:
        alexa.grant(device._user)
    alexa.fault = random.choice(FAULTS) if random.random() < 0.3 else None
    alexa.calls.clear()
    said, traces, turns = set(), list[Trace](), 0
    counted: list[str] = []
    lambda_function._METER.write = counted.append
    words: str | None = None
    with listening() as logged:
        turn = device.open()
        while not device.ended:
            traces += _left(turn)
            traces += [Trace("reminder", alert) for alert in alexa.reminders(device._user)]
            words = visitor.speaks(turn)
            if words is None:
                break
            turns += 1
            turn = device.silence() if not words else device.say(words)
            said |= {words.lower(), *_heard(turn)}
        traces += _left(turn)
    lambda_function._METER.write = None
    alexa.fault = None
    for alert in alexa.reminders(device._user)[3:]:  # a list stays short
        alexa.remove(device._user, alert["alertToken"])
    traces += [Trace("log", line) for line in logged] + [Trace("call", call) for call in alexa.calls]
    traces += [Trace("levels" if '"class"' not in line else "metric", line) for line in counted]
    traces += _last_screen(turn, traces)
    return Visit(frozenset(said - {""}), tuple(traces), turns)


def leaks(visited: Visit) -> Iterator[Leak]:
    """What a conversation left behind and should not have."""
    for trace in visited.traces:
        if not _FITS[trace.where](trace.what):
            yield Leak(trace.where, f"not the shape it must have: {str(trace.what)[:200]}")
        text = json.dumps(trace.what).lower()
        yield from (Leak(trace.where, sentence) for sentence in visited.said if _is_telling(sentence, text))
        words = f" {_words(text)} "  # whole ones: "hip" is in "ownership"
        if trace.where not in {"screen", "levels"}:  # a line of levels names them all, and how many there were
            yield from (Leak(trace.where, id_) for id_ in _ids() if f" {id_} " in words)


def stored(rows: bytes, fresh: bytes, visits: Sequence[Visit]) -> Iterator[Leak]:
    """What the bytes of a store hold of what was said to it; `fresh` are those of one that nobody has used."""
    text = rows.decode("latin-1").lower()
    own = set(_WORD.findall(fresh.decode("latin-1").lower())) | {word for field in VALUES.values() for word in field}
    own |= {f"{one}{other}" for one in own | {""} for other in own}  # columns stand side by side
    said = {word for one in visits for sentence in one.said for word in _WORD.findall(sentence)}
    found = set(_WORD.findall(text)) - own - set(KEPT)
    yield from (Leak("row", word) for word in sorted(found & (said | _ids())))
    yield from (Leak("row", word) for word in sorted(_ids() - own) if len(word) > 4 and word in text)
    yield from (Leak("row", "a user id") for _ in range("amzn1" in text))


def _left(turn: Mapping[str, Any]) -> list[Trace]:
    """The traces of one response."""
    body = (turn["response"] or {}).get("response", {})
    found = [Trace("card", body["card"])] if "card" in body else []
    for directive in body.get("directives", ()):
        if directive.get("name") == "AskFor":
            found.append(Trace("token", directive))
        elif "closing" in _screen_of(directive):
            found.append(Trace("closing", directive))
        else:
            found.append(Trace("screen", directive))
    return found


def _last_screen(turn: Mapping[str, Any], traces: Sequence[Trace]) -> list[Trace]:
    """A live screen that a response left standing although it ended the session; silence can show nothing any more."""
    shown = [trace for trace in traces if trace.where in {"screen", "closing"}]
    answered = turn["response"] is not None and "outputSpeech" in turn["response"]["response"]
    left = bool(shown) and shown[-1].where == "screen" and turn["ended"] and answered
    return [Trace("closing", shown[-1].what)] if left else []


def _screen_of(directive: Mapping[str, Any]) -> str:
    """What kind of screen it is: a live one has steps."""
    return "coach" if "step" in directive.get("datasources", {}).get("coach", {}) else "closing"


def _heard(turn: Mapping[str, Any]) -> set[str]:
    """The slot values of a turn, as they were said."""
    return {value["value"].lower() for values in turn["heard"]["slots"].values() for value in values}


def _is_telling(sentence: str, text: str) -> bool:
    """Whether a text holds what somebody said, in so many words: two words may meet by chance."""
    return len(sentence.split()) > 2 and sentence in text


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z_]+", text))


@lru_cache(maxsize=1)
def _ids() -> frozenset[str]:
    """The names of all that could be known about somebody's health, and what all places are called."""
    known = content()
    ids = {*known.danger, *known.details, *known.personal, *known.safety, *known.fills, *known.groups}
    places = {name for names in SITES.values() for name in names}
    return frozenset({id_.lower() for id_ in (*ids, *places, *LEVELS)} - {"count", "one"})


def _is_token(directive: Mapping[str, Any]) -> bool:
    plan = _PLAN.fullmatch(directive["token"])
    scope = {"@type", "@version", "permissionScope"}
    return plan is not None and plan["zone"] in {None, ZONE} and set(directive["payload"]) == scope


def _is_reminder(alert: Mapping[str, Any]) -> bool:
    (said,) = alert["alertInfo"]["spokenInfo"]["content"]
    label = {"locale": said["locale"], "text": open_book(said["locale"]).say(Line("remind.label"))}
    return bool(said == label and set(alert["alertInfo"]) == {"spokenInfo"} and set(alert["trigger"]) <= _TIMES)


def _is_metric(line: str) -> bool:
    """One request: its class, and numbers."""
    numbers = _numbers(line)
    return numbers.pop("class", None) in CLASSES and set(numbers) <= set(TURN) and _are_numbers(numbers)


def _is_levels(line: str) -> bool:
    """Many assessments together, and nothing about one of them."""
    numbers = _numbers(line)
    return set(numbers) == set(LEVEL_METRICS.values()) and _are_numbers(numbers) and sum(numbers.values()) >= BATCH


def _numbers(line: str) -> dict[str, Any]:
    """What a line of metrics holds beside what it says about itself, which is the same in all."""
    fields: dict[str, Any] = json.loads(line)
    about, function = fields.pop("_aws"), fields.pop("Function")
    (directive,) = about.pop("CloudWatchMetrics")
    named = {metric["Name"] for metric in directive["Metrics"]} == set(fields) - {"class"}
    same = set(about) == {"Timestamp"} and set(directive) == {"Namespace", "Dimensions", "Metrics"}
    return fields if named and same and function == "cramp-coach" else {}


def _are_numbers(fields: Mapping[str, Any]) -> bool:
    return all(type(value) in {int, float} for value in fields.values())


def _is_closing(directive: Mapping[str, Any]) -> bool:
    return bool(directive["datasources"] == {"coach": {"name": open_book("en-US").say(Line("screen.name"))}})


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "log": lambda line: _LOG.fullmatch(line) is not None,
    "metric": _is_metric,
    "levels": _is_levels,
    "card": is_ours,
    "token": _is_token,
    "reminder": _is_reminder,
    "call": lambda call: _CALL.fullmatch(call) is not None,
    "closing": _is_closing,
    "screen": lambda directive: directive["token"] == skill_screen.TOKEN,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.walk.privacy", description=__doc__)
    parser.add_argument("--seed", default="1", help="any word; the same seed walks the same way")
    parser.add_argument("--count", type=int, default=2_000, help="how many conversations")
    chosen = parser.parse_args(arguments)
    began, alexa = time.monotonic(), Alexa(zone=ZONE)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "preferences.sqlite3"
        store = SQLiteStore(file)
        lambda_function._SKILL = build_skill(store=store)
        visits = []
        for number in range(1, chosen.count + 1):
            visits.append(visit(f"{chosen.seed}/{number}", alexa))
            if number % max(chosen.count // 20, 1) == 0:
                print(f"{number} of {chosen.count} conversations", file=sys.stderr, flush=True)
        store.close()
        bytes_ = b"".join(each.read_bytes() for each in sorted(Path(folder).iterdir()))
        found = [*(leak for one in visits for leak in leaks(one)), *stored(bytes_, unused(), visits)]
    alexa.close()
    left = Counter(trace.where for one in visits for trace in one.traces)
    print(f"seed {chosen.seed}: {len(visits)} conversations, {sum(one.turns for one in visits)} turns,", end=" ")
    print(f"{time.monotonic() - began:.0f} seconds; {len(bytes_)} bytes of store; traces: {dict(left)}")
    for (where, what), count in Counter(found).most_common():
        print(f"{where}: {what} ({count} times)")
    print(f"{len(found)} things found that somebody said")
    return 1 if found else 0


def unused() -> bytes:
    """The bytes of a store of SQLite with nobody in it."""
    with tempfile.TemporaryDirectory() as folder:
        store = SQLiteStore(Path(folder) / "preferences.sqlite3")
        store.get("nobody")
        store.close()
        return b"".join(each.read_bytes() for each in Path(folder).iterdir())


if __name__ == "__main__":
    raise SystemExit(main())
