"""Hypothesis strategies for what may knock at a door: any JSON, and envelopes of Alexa with anything in them.

`envelopes` have the shape that Amazon documents and hostile content: slots nobody declared, ids nobody knows, session
attributes of another version or another program. `damaged` breaks the shape as well. The words come from content/.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from server.conversation import COMPILED
from skill.state import OFFERS

from .walk.content import content
from .walk.wire import intents
from .yamlfile import ROOT

SKILL_ID = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"
NEVER = object()  # stands for a key that is not there
LONGER = 40  # times as many examples with the profile "long"


def examples(few: int) -> settings:
    """The settings of a test that tries a few examples in the suite, and many with HYPOTHESIS_PROFILE=long."""
    many = few * (LONGER if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1)
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
    return settings(max_examples=many, suppress_health_check=slow)


@cache
def _of(options: tuple[Any, ...]) -> SearchStrategy[Any]:
    """One of some constants; the same strategy each time, for making one takes longer than drawing from it."""
    return st.sampled_from(options)


# ---- any JSON

_NUMBERS = (0, -1, 1, 2, 99, 10**6, -(10**9), 2**63, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"))
_TEXTS = (
    "",
    " ",
    "null",
    "true",
    "present",
    "__class__",
    "{0.__class__}",
    "{",
    "[0.30s]",
    "[sound hold-tick-9]",
    "<speak>",
    "</speak>",
    "&amp;",
    "\x00",
    "\ud800",
    "\u202e",
    "😀",
    "\u017f",
    "x" * 9000,
    "P" * 300,
    "9" * 5000,
    "../../etc/passwd",
)


@cache
def texts() -> SearchStrategy[str]:
    """Any text, half characters and odd ones included."""
    return st.one_of(_of(_TEXTS), st.text(st.characters(exclude_categories=()), max_size=12))


@cache
def scalars() -> SearchStrategy[Any]:
    """Anything in JSON that holds nothing; also numbers that only Python's JSON knows."""
    return st.one_of(st.none(), st.booleans(), _of(_NUMBERS), st.integers(), texts())


def _deep(kind: str) -> Any:
    made: Any = None
    for _ in range(150):
        made = [made] if kind == "list" else {"a": made}
    return made


@cache
def anything() -> SearchStrategy[Any]:
    """Any JSON, small mostly; now and then deep or wide."""
    odd = st.sampled_from(["list", "object"]).map(_deep) | st.just(list(range(3000)))
    nested = st.recursive(
        scalars(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
        max_leaves=8,
    )
    return st.one_of(nested, nested, nested, odd)


# ---- sessions


@lru_cache(maxsize=1)
def _sessions() -> tuple[str, ...]:
    """Session attributes as the skill itself writes them, from the sample events; as JSON, for they get broken."""
    answers = (json.loads(path.read_text("utf-8")) for path in sorted((ROOT / "events").glob("*/*.answer.json")))
    written = (json.dumps(answer["sessionAttributes"]) for answer in answers if answer.get("sessionAttributes"))
    return tuple(dict.fromkeys(written))


@lru_cache(maxsize=1)
def _triage() -> Mapping[str, Any]:
    compiled: dict[str, Any] = json.loads((COMPILED / "triage.json").read_text("utf-8"))
    return compiled


@lru_cache(maxsize=1)
def _messages() -> tuple[str, ...]:
    return tuple(sorted(json.loads((COMPILED / "speech.en.json").read_text("utf-8"))["messages"]))


@lru_cache(maxsize=1)
def _ids() -> tuple[str, ...]:
    """Every id of the content, whatever it is the id of."""
    groups = [part for part in _triage().values() if isinstance(part, dict | list)]
    ids = {id_ for group in groups for id_ in group if isinstance(id_, str)}
    return (*sorted(ids), *_messages(), "left", "ask", "which", "narrow", "SELF_CARE", "URGENT")


@st.composite
def broken(draw: DrawFn, given: Any, most: int = 3) -> Any:
    """A copy of JSON data in which a few parts are gone, moved, replaced by other ids or by anything."""
    made = copy.deepcopy(given)
    for _ in range(draw(st.integers(1, most))):
        places = list(_places(made))
        if not places:
            return draw(anything())
        holder, key = draw(st.sampled_from(places))
        what = draw(_of(("gone", "id", "number", "anything", "anything", "copy")))
        if what == "gone":
            del holder[key]
        elif what == "copy":
            other, at = draw(st.sampled_from(places))
            if isinstance(other, dict) or at < len(other):
                holder[key] = copy.deepcopy(other.get(at) if isinstance(other, dict) else other[at])
        else:
            drawn = {"id": _of(_ids()), "number": _of(_NUMBERS)}.get(what, anything())
            holder[key] = copy.deepcopy(draw(drawn))
    return made


def _places(data: Any) -> Any:
    """Every place in JSON data, as what holds it and the key or index there."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in list(items):
        yield data, key
        yield from _places(part)


@st.composite
def _strange_session(draw: DrawFn) -> dict[str, Any]:
    """Attributes with the names of ours, put together by somebody else: each part fits by itself, or does not."""
    ids = _of(_ids())
    made: dict[str, Any] = json.loads(draw(_of(_sessions())))
    for key in draw(st.lists(st.sampled_from(sorted(made)), max_size=6)):
        value = made[key]
        if isinstance(value, dict):
            made[key] = {**value, **draw(st.dictionaries(ids, ids | scalars(), max_size=3))}
        elif isinstance(value, list):
            made[key] = draw(st.lists(ids | scalars() | st.lists(ids, max_size=3), max_size=5))
        elif isinstance(value, bool):
            made[key] = not value
        else:
            other = json.loads(draw(_of(_sessions())))
            made[key] = draw(st.one_of(st.just(other.get(key)), ids, st.integers(-5, 12_000)))
    return made


@st.composite
def _fitting_session(draw: DrawFn) -> dict[str, Any]:
    """Attributes of which each part is one that we write, but no conversation leads to all of them."""
    known, some = _triage(), _of
    safety, questions = known["safety"], known["questions"]
    family = draw(some((None, None, None, *safety, *questions, "where_leg", "where_thigh")))
    fills = (safety.get(family) or questions.get(family) or {"fills": ["site"]})["fills"]
    form = "narrow" if str(family).startswith("where_") else draw(some(("ask", "again", "which", "narrow")))
    asked = st.lists(some((*(f"{id_}_safety" for id_ in (*known["sites"], *safety)), *questions)), max_size=3)
    made: dict[str, Any] = {
        "version": 1,
        "findings": draw(_findings()),
        "asked": draw(asked),
        "clarified": draw(asked),
        "dropped": draw(st.integers(0, 3)),
        "question": draw(some((family, f"{family}_safety", "calf_safety", "where"))) if family else None,
        "open": [family, form, draw(st.lists(some(tuple(fills)), max_size=6, unique=True))] if family else None,
        "offer": draw(some((None, *sorted(OFFERS)))),
        "told": draw(st.none() | _told()),
        "remedy": draw(some(("", *known["remedies"]))),
        "step": draw(st.integers(0, 9)),
        "coach": draw(_coach()),
        "topic": draw(some(("", *known["topics"]))),
        "all_told": draw(st.booleans()),
        "scope": draw(some(("", "", "", *known["scope"]))),
        "turn": draw(st.integers(0, 40)),
        "lost": draw(st.integers(0, 4)),
        "lines": [[id_, {}] for id_ in draw(st.lists(some(_messages()), max_size=4))],
        "preferences": draw(st.sampled_from((None, {"pace": "fast", "count": "quiet", "wording": "short"}))),
        "screen": draw(st.booleans()),
        "reminder": draw(_reminding()),
    }
    if made["coach"] and draw(st.booleans()):  # what a stretch needs, so that it goes on
        site = draw(some(tuple(sorted(set(known["remedies"]) & set(known["sites"])))))
        cleared = dict.fromkeys(safety[known["sites"][site]["safety"]]["fills"], "absent")
        calm = {"disposition": "SELF_CARE", "condition": "cramp", "reasons": [], "action": "", "reminder": "soft"}
        made |= {"told": {**calm, "remedy": site}, "remedy": site, "question": None, "open": None}
        made["findings"] = {**made["findings"], **cleared, "site": site}
    return made


@st.composite
def _findings(draw: DrawFn) -> dict[str, Any]:
    known, some = _triage(), _of
    ids = [*known["danger"], *known["details"], *known["personal"], *known["coached"]]
    made: dict[str, Any] = draw(st.dictionaries(some(tuple(ids)), some(("present", "absent", "unknown")), max_size=5))
    for key in draw(st.lists(some(("site", "second_site", "duration_minutes", "unclear_yes", "side")), max_size=3)):
        places = sorted(known["safety"] if key == "unclear_yes" else known["sites"])
        values = {"duration_minutes": (0, 5, 61, 10**6, 10**30), "side": ("left", "both")}
        made[key] = draw(some(values.get(key, tuple(places))))
    return made


@st.composite
def _told(draw: DrawFn) -> dict[str, Any]:
    known, some = _triage(), _of
    return {
        "disposition": draw(some(("SELF_CARE", "SELF_CARE", "ROUTINE", "URGENT", "EMERGENCY", "INFO", "OUT_OF_SCOPE"))),
        "condition": draw(some((*known["conditions"], "unclear"))),
        "reasons": draw(st.lists(some((*known["flags"], *known["routine"], *known["danger"])), max_size=3)),
        "remedy": draw(some(("", *known["remedies"]))),
        "action": draw(some(("", *(flag["action"] for flag in known["flags"].values())))),
        "reminder": draw(some(("soft", "soft_plus", "firm", "strong", "emergency"))),
    }


@st.composite
def _coach(draw: DrawFn) -> list[Any] | None:
    moment = draw(_of((None, "wished", "position", "easing", "paused")))
    if moment is None:
        return None
    paused_at = draw(_of(("position", "easing"))) if moment == "paused" else ""
    return [moment, draw(st.integers(0, 5)), paused_at, draw(st.booleans())]


@st.composite
def _reminding(draw: DrawFn) -> dict[str, Any]:
    wishes = (["", "", ""], ["2026-11-24", "09:00", ""], ["", "", "PT5M"], ["9999-12-31", "MO", ""])
    return {
        "step": draw(_of(("", "agree", "when", "cancel"))),
        "at": draw(_of(("", "2026-11-24T09:00", "9999-12-31T23:59", "0001-01-01T00:00"))),
        "zone": draw(_of(("", "Europe/London", "No/Where"))),
        "wish": draw(st.sampled_from(wishes)),
        "wanted": draw(st.booleans()),
        "offered": draw(st.booleans()),
    }


@cache
def sessions() -> SearchStrategy[dict[str, Any]]:
    """Session attributes: our own, of another version, damaged, another program's, or none."""
    own = st.builds(json.loads, _of(_sessions()))
    other_version = st.builds(lambda made, version: {**made, "version": version}, own, scalars())
    return st.one_of(
        own,
        _of(_sessions()).flatmap(lambda made: broken(json.loads(made))),
        _strange_session(),
        _fitting_session(),
        _fitting_session(),
        other_version,
        st.dictionaries(texts(), anything(), max_size=3),
        st.just({}),
    ).filter(lambda made: isinstance(made, dict))


# ---- what is said

_SLOTS = (
    "site side danger denied detail duration since reply progress choice answer correction remedy topic preference"
    " date time nobody_knows"
).split()
_WIRE = (  # values of Amazon's own types, and what only looks like them
    "PT5M P1D PT999999999H P1Y2M3W4DT5H6M7S PT 2026-11-24 2026-W48 2026-W48-WE 2026-11 2026-11-XX 2026 202X"
    " 9999-12-31 0000-00-00 2026-WI PRESENT_REF 09:00 25:99 MO AF EV NI ? -1 0 1 2 99 yes no not_sure swelling.absent"
).split()
_CODES = ("ER_SUCCESS_MATCH", "ER_SUCCESS_NO_MATCH", "ER_ERROR_TIMEOUT", "ER_ERROR_EXCEPTION")


@lru_cache(maxsize=1)
def _phrases() -> tuple[str, ...]:
    return tuple(phrase for phrases in content().phrases.values() for phrase in phrases[:4])


@st.composite
def _value(draw: DrawFn, slot: str) -> dict[str, Any]:
    """A simple value as Alexa sends it."""
    words = draw(st.one_of(_of(_phrases()), _of(tuple(_WIRE)), texts()))
    made: dict[str, Any] = {"type": "Simple", "value": words}
    code = draw(_of((*_CODES, "ER_SUCCESS_MATCH", "")))
    if code:
        authority: dict[str, Any] = {"authority": f"amzn1.er-authority.{slot}", "status": {"code": code}}
        if code == "ER_SUCCESS_MATCH":
            id_ = draw(st.one_of(_of(_ids()), _of(tuple(_WIRE)), texts()))
            authority["values"] = [{"value": {"name": words, "id": id_}}]
        made["resolutions"] = {"resolutionsPerAuthority": [authority]}
    return made


@st.composite
def _slot(draw: DrawFn, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "confirmationStatus": "NONE", "source": "USER"}
    values = draw(st.lists(_value(name), max_size=3))
    if len(values) == 1 and draw(st.booleans()):
        made |= {key: part for key, part in values[0].items() if key != "type"}
    if len(values) == 1:
        made["slotValue"] = values[0]
    elif values:
        made["slotValue"] = {"type": "List", "values": values}
    return made


@cache
def _some_of(options: tuple[str, ...]) -> SearchStrategy[list[str]]:
    return st.lists(_of(options), max_size=3, unique=True)


@st.composite
def _intent(draw: DrawFn) -> dict[str, Any]:
    name = draw(_of((*intents(), "MadeUpIntent", "AMAZON.FallbackIntent", "AMAZON.ScrollUpIntent")))
    declared = intents().get(name, ())
    some = _some_of(tuple(declared)) if declared else st.just([])
    any_ = _some_of(tuple(_SLOTS))
    slots = {slot: draw(_slot(slot)) for slot in draw(some | some | any_)}
    return {"name": name, "confirmationStatus": "NONE", "slots": slots}


@cache
def _token() -> SearchStrategy[str]:
    return st.sampled_from(("2026-11-24T09:00 Europe/London", "2026-11-24T09:00:00", "screen", "")) | texts()


@st.composite
def _request(draw: DrawFn) -> dict[str, Any]:
    """A request of any type that a custom skill can be sent, without its head."""
    kind = draw(_of(_KINDS))
    if kind == "IntentRequest":
        return {"intent": draw(_intent()), "dialogState": draw(_of(("STARTED", "COMPLETED")))}
    if kind == "CanFulfillIntentRequest":
        return {"type": kind, "intent": draw(_intent()), "dialogState": "STARTED"}
    if kind == "SessionEndedRequest":
        reason = draw(_of(("USER_INITIATED", "ERROR", "EXCEEDED_MAX_REPROMPTS")))
        failed = {"error": {"type": "INVALID_RESPONSE", "message": draw(texts())}} if reason == "ERROR" else {}
        return {"type": kind, "reason": reason, **failed}
    if kind == "Alexa.Presentation.APL.UserEvent":
        key = st.sampled_from((["next"], ["repeat"], ["stop"], ["stop", 1], [], None))
        arguments = draw(key | key | st.lists(scalars(), max_size=3))
        source = {"type": "TouchWrapper", "handler": "Press", "id": ""}
        return {"type": kind, "token": draw(_token()), "arguments": arguments, "source": source, "components": {}}
    if kind == "Alexa.Presentation.APL.RuntimeError":
        error = {"type": "LIST_ERROR", "reason": "INVALID_OPERATION", "message": draw(texts()), "listId": "x"}
        return {"type": kind, "token": draw(_token()), "errors": draw(st.sampled_from(([], [error])))}
    if kind == "Connections.Response":
        status = draw(_of(("ACCEPTED", "DENIED", "NOT_ANSWERED", "", None, 7)))
        payload: Any = {"permissionScope": "alexa::alerts:reminders:skill:readwrite", "status": status}
        payload |= draw(st.sampled_from(({}, {"isCardThrown": True}, {"isCardThrown": "yes"})))
        return {
            "type": kind,
            "name": draw(_of(("AskFor", "AskFor", "Buy", ""))),
            "status": draw(st.sampled_from(({"code": "200", "message": "OK"}, {"code": "500", "message": ""}, None))),
            "payload": draw(st.just(payload) | st.just(payload) | st.dictionaries(texts(), scalars(), max_size=2)),
            "token": draw(_token()),
        }
    if kind == "System.ExceptionEncountered":
        error = {"type": "INVALID_RESPONSE", "message": draw(texts())}
        return {"type": kind, "error": error, "cause": {"requestId": "x"}}
    if kind.startswith("AudioPlayer."):
        failed = {"error": {"type": "MEDIA_ERROR_UNKNOWN", "message": draw(texts())}} if "Failed" in kind else {}
        return {"type": kind, "token": draw(_token()), "offsetInMilliseconds": 0, **failed}
    if kind.startswith("AlexaSkillEvent."):
        body = {"userInformationPersistenceStatus": "NOT_PERSISTED", "acceptedPermissions": []}
        return {"type": kind, "eventCreationTime": "2026-11-23T00:00:00Z", "body": body if "Dis" in kind else {}}
    return {"type": kind}


_KINDS = (
    *("IntentRequest",) * 14,
    *("LaunchRequest",) * 2,
    "SessionEndedRequest",
    "CanFulfillIntentRequest",
    *("Alexa.Presentation.APL.UserEvent",) * 2,
    "Alexa.Presentation.APL.RuntimeError",
    *("Connections.Response",) * 2,
    "System.ExceptionEncountered",
    "AudioPlayer.PlaybackStarted",
    "AudioPlayer.PlaybackFailed",
    "PlaybackController.NextCommandIssued",
    "AlexaSkillEvent.SkillEnabled",
    "AlexaSkillEvent.SkillDisabled",
    "AlexaSkillEvent.SkillPermissionChanged",
    "Messaging.MessageReceived",
    "Display.ElementSelected",
    "Alexa.Presentation.HTML.Message",
)

_LOCALES = ("en-US", "en-US", "en-GB", "en-AU", "en-CA", "en-IN", "de-DE", "en", "xx-XX", "")
_TIMES = (
    "2026-11-23T00:00:00Z",
    "2026-11-23T09:30:00+14:00",
    "2026-03-29T01:30:00.123Z",
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "2026-11-23",
)
_VERSIONS = ("2024.3", "1.9", "1.0", "", "a.b", "9" * 30, None)


@st.composite
def envelopes(draw: DrawFn, times: SearchStrategy[Any] | None = None) -> dict[str, Any]:
    """A request in its envelope, in Amazon's shape ("Request and response JSON reference"), with anything in it."""
    request = draw(_request())
    application = {"applicationId": SKILL_ID}
    user: dict[str, Any] = {"userId": "amzn1.ask.account.INVENTED"}
    told = draw(_of(("GRANTED", "DENIED", "")))
    if told:
        user["permissions"] = {"scopes": {"alexa::alerts:reminders:skill:readwrite": {"status": told}}}
    screen = draw(_of((NEVER, NEVER, *_VERSIONS)))
    interfaces = {} if screen is NEVER else {"Alexa.Presentation.APL": {"runtime": {"maxVersion": screen}}}
    system = _some(
        draw,
        {
            "application": application,
            "user": user,
            "device": {"deviceId": "invented", "supportedInterfaces": interfaces},
            "person": {"personId": "amzn1.ask.person.INVENTED"},
            "apiEndpoint": draw(_of(("https://api.amazonalexa.com", "https://api.eu.amazonalexa.com", ""))),
            "apiAccessToken": "invented",
        },
        "application",
    )
    head = {
        "type": "IntentRequest",
        "requestId": "amzn1.echo-api.request.invented",
        "timestamp": draw(_of(_TIMES) if times is None else times),
        "locale": draw(_of(_LOCALES)),
    }
    made: dict[str, Any] = {"version": "1.0", "context": {"System": system}, "request": {**head, **request}}
    if draw(st.integers(0, 9)):  # skill events and pasted events have none
        made["session"] = {
            "new": draw(st.booleans()),
            "sessionId": "amzn1.echo-api.session.invented",
            "application": application,
            "attributes": draw(sessions()),
            "user": user,
        }
    return made


def _some(draw: DrawFn, parts: Mapping[str, Any], *kept: str) -> dict[str, Any]:
    """The parts, now and then without one of them."""
    gone = draw(_of((None, None, *parts)))
    return {name: part for name, part in parts.items() if name != gone or name in kept}


@cache
def damaged() -> SearchStrategy[Any]:
    """An envelope with parts that Amazon would never send, or any JSON at all."""
    return st.one_of(envelopes().flatmap(lambda made: broken(made, 4)), envelopes().flatmap(broken), anything())


@cache
def answers() -> SearchStrategy[list[tuple[int, str]]]:
    """What the Alexa API answers to the calls of a turn, as status and body."""
    reminder = {
        "alertToken": "t",
        "createdTime": "2026-11-23T00:00:00.000Z",
        "status": "ON",
        "trigger": {"scheduledTime": "2026-11-24T09:00:00.000", "timeZoneId": "Europe/London"},
    }
    alerts = {"alerts": [reminder, reminder], "totalCount": "2"}
    bodies = st.sampled_from([reminder, alerts, "Europe/London", "America/New_York", "No/Where", {"code": "x"}])
    text = st.one_of(bodies, bodies, bodies.flatmap(broken), anything()).map(json.dumps) | texts()
    return st.lists(st.tuples(_of((200, 200, 200, 201, 204, 401, 403, 404, 429, 500)), text), max_size=3)
