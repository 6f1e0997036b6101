"""The conversation scripts of tests/dialogues, through the real device; and the manners of every turn.

A "U:" line is really recognised, from the model that is deployed. An "A:" line checks the reply by its keys.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from server.conversation import Device
from skill import state
from skill.turn import knowledge
from speech import open_book
from tools.lint_speech import FORBIDDEN
from tools.stories import Outcome
from tools.walk.promises import MOST_SILENCE, MOST_SOUNDS, silence, unheld
from tools.yamlfile import read

FOLDER = Path(__file__).parent / "dialogues"
OPENS, SILENCE = "(opens)", "(silence)"
KEYS = {"says", "never", "tells", "untold", "question", "offer", "ended", "disposition", "condition"}

LONGEST_TURN = 60  # words; a turn that counts aloud is exempt
REMINDERS = {
    "SELF_CARE": ("reminder.soft", "reminder.soft_plus", "reminder.soft_plus.other", "reminder.firm"),
    "ROUTINE": ("reminder.firm",),
    "URGENT": ("reminder.strong",),
    "EMERGENCY": ("reminder.emergency", "reminder.emergency.other"),
    "INFO": ("reminder.soft", "topic.when_to_see_a_doctor.tell", "told.ROUTINE_still", "told.URGENT_still"),
    "OUT_OF_SCOPE": ("told.OUT_OF_SCOPE",),
}
# Clinical reference, section 9; beyond what the linter of sentences refuses.
NEVER = (
    "nothing to worry",
    "you're fine",
    "you are fine",
    "i'll call",
    "i have called",
    "aspirin",
    "because you're dehydrated",
    "heart attack",
    "stroke",
    "blood clot",
    "cancer",
)
CARDS = {texts[0] for id_, texts in open_book("en")._messages.items() if re.fullmatch(r"card\.\w+\.title", id_)}
INVITES = re.compile(r"\b(tell me|say|ask|name|try|go ahead)\b", re.IGNORECASE)


def scripts() -> Iterator[tuple[str, str, Sequence[Mapping[str, Any]]]]:
    for path in sorted(FOLDER.glob("*/*.yaml")):
        for script in read(path, text=True):
            yield path.parent.name, f"{path.stem}: {script['name']}", script["turns"]


SCRIPTS = {name: (locale, turns) for locale, name, turns in scripts()}


def take(device: Device, said: str) -> dict[str, Any]:
    """One line of a person."""
    if said == OPENS:
        return device.open()
    return device.silence() if said == SILENCE else device.say(said)


@cache
def played(name: str) -> list[tuple[str, dict[str, Any]]]:
    """What a person says in a script, and the replies; a line after the end of the session has none."""
    locale, turns = SCRIPTS[name]
    device = Device(locale=locale)
    lines = [turn["U"] for turn in turns if "U" in turn]
    return [(line, take(device, line)) for line in lines if not device.ended]


def speaks(locale: str, id_: str, speech: str) -> bool:
    """Whether a message was spoken, in any of its variants and whatever fills its blanks."""
    book = open_book(locale)
    variants = [variant for turn in range(4) if (variant := _words(book, id_, turn))]
    assert variants, f"no message {id_}"
    return any(re.search(re.sub(r"\\{\w+\\}", ".+", re.escape(words)), speech) for words in variants)


def _words(book: Any, id_: str, turn: int) -> str:
    variants = book._messages.get(id_, ())
    return str(variants[turn % len(variants)]) if variants else ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_conversation_goes_as_written(name: str) -> None:
    locale, turns = SCRIPTS[name]
    assert [next(iter(turn)) for turn in turns] == ["U", "A"] * (len(turns) // 2), "U and A take turns"
    assert all(len(turn) == 1 for turn in turns)
    told = []
    for (line, reply), turn in zip(played(name), turns[1::2], strict=False):
        heard = reply["heard"]
        told += [f"U: {line}", f"   {heard['intent']} {heard['findings']}", f"A: {reply['speech']}"]
        wrong = misses(locale, turn["A"] or {}, reply)
        assert not wrong, "\n".join([*told, *wrong])
    assert len(played(name)) == len(turns) // 2, "\n".join([*told, "has ended before its last line"])


def misses(locale: str, expected: Mapping[str, Any], reply: Mapping[str, Any]) -> list[str]:
    """What a reply lacks of what a script expects."""
    assert set(expected) <= KEYS, f"unknown keys: {sorted(set(expected) - KEYS)}"
    speech = reply["speech"]
    wrong = [f"does not say {part!r}" for part in expected.get("says", ()) if part.lower() not in speech.lower()]
    wrong += [f"says {part!r}" for part in expected.get("never", ()) if part.lower() in speech.lower()]
    wrong += [f"does not tell {id_}" for id_ in expected.get("tells", ()) if not speaks(locale, id_, speech)]
    wrong += [f"tells {id_}" for id_ in expected.get("untold", ()) if speaks(locale, id_, speech)]
    told = reply["assessment"] or {}
    for key, value in (
        ("question", reply["question"]),
        ("offer", reply["offer"]),
        ("disposition", told.get("disposition")),
        ("condition", told.get("condition")),
        ("ended", str(reply["ended"]).lower()),
    ):
        if key in expected:
            wanted = None if expected[key] == "null" else expected[key]
            if value != wanted:
                wrong.append(f"{key} is {value!r}, expected {wanted!r}")
    return wrong


# ---- manners: what holds for every turn of every conversation


def sentences(text: str) -> set[str]:
    return {sentence.strip().lower() for sentence in re.split(r"(?<=[.!?])\s+", text) if sentence.strip()}


def rudeness(locale: str, reply: Mapping[str, Any]) -> list[str]:
    """What is wrong with a spoken turn, in whatever conversation it was said."""
    response, speech = reply["response"], reply["speech"]
    if response is None or reply["request"]["request"]["type"] == "SessionEndedRequest":
        return []
    body = response["response"]
    if body.get("directives"):
        return _asks_for_more_than_it_may(body, speech)
    wrong = []
    reprompt = reply["reprompt"]
    if body.get("shouldEndSession") is not reply["ended"]:
        wrong.append("leaves the end of the session to the device")
    if not speech:
        wrong.append("says nothing")
    last = re.split(r"(?<=[.!?])\s+", speech)[-1]
    asks = speech.endswith("?") or bool(INVITES.search(last))
    if reply["ended"] and (speech.endswith("?") or body.get("reprompt")):
        wrong.append("asks, and ends")
    if not reply["ended"] and not asks:
        wrong.append("stays open, and asks nothing")
    if not reply["ended"] and not reprompt:
        wrong.append("listens without a reprompt")
    if reprompt and sentences(reprompt) & sentences(speech):
        wrong.append("says the same sentence again in its reprompt")
    for text in (speech, reprompt or ""):
        wrong += [f"matches {pattern!r}" for pattern in FORBIDDEN if re.search(pattern, text, re.IGNORECASE)]
        wrong += [f"says {words!r}" for words in NEVER if words in text.lower()]
    apart = unheld(body["outputSpeech"]["ssml"]) if "outputSpeech" in body else ""
    if len(apart.split()) > LONGEST_TURN:
        wrong.append(f"has {len(apart.split())} words")
    for sentence in re.split(r"(?<=[.!?])\s+", speech):
        if len(sentence.split()) > 26:  # a safety question names up to six signs
            wrong.append(f"a sentence of {len(sentence.split())} words: {sentence}")
    if "card" in body and body["card"].get("title") not in CARDS | {None}:
        wrong.append("shows a card that may tell what was said")
    seconds, sounds = silence(response)
    if seconds > MOST_SILENCE or sounds > MOST_SOUNDS:
        wrong.append(f"has {seconds:.1f} s of breaks and {sounds} sounds")
    ElementTree.fromstring(reply["ssml"])  # noqa: S314 - our own output
    return wrong + _unkept(response) + _level_unsaid(locale, reply)


def _unkept(response: Mapping[str, Any]) -> list[str]:
    """What the next turn would not read back of the session that this one sends; what was told is for this turn."""
    sent = {key: value for key, value in response.get("sessionAttributes", {}).items() if key != "assessment"}
    kept = json.loads(json.dumps(state.read(sent, knowledge()).write())) if sent else {}
    return [f"forgets its {key}" for key, value in sent.items() if kept.get(key) != value]


def _asks_for_more_than_it_may(body: Mapping[str, Any], speech: str) -> list[str]:
    """What is wrong with a response that lets Alexa ask for a permission: she speaks, and learns a time and a zone."""
    (asked,) = body["directives"]
    token = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?( [\w/+-]+)?"
    wrong = [] if re.fullmatch(token, asked["token"]) else [f"hands on {asked['token']!r}"]
    wrong += [] if body["shouldEndSession"] else ["listens while Alexa asks"]
    wrong += ["speaks over her"] if "outputSpeech" in body else []
    return wrong + ([] if speech.endswith((".", "?")) else ["she says nothing"])


def _level_unsaid(locale: str, reply: Mapping[str, Any]) -> list[str]:
    told, speech = reply["assessment"], reply["speech"]
    if told is None:
        return []
    wrong = []
    level = told["disposition"]
    if not any(speaks(locale, id_, speech) for id_ in REMINDERS[level]):
        wrong.append(f"{level} without its reminder")
    if level == "SELF_CARE" and not speaks(locale, "safety_net", speech):
        wrong.append("self-care without the safety net")
    if level == "EMERGENCY":
        if not speech.startswith(("Call your local emergency number now.",)):
            wrong.append("does not begin with the emergency call")
        if not reply["ended"]:
            wrong.append("goes on after an emergency")
    if level in {"SELF_CARE", "ROUTINE"} and reply["ended"]:
        wrong.append("ends where it should offer or ask")
    if level in {"EMERGENCY", "URGENT"} and re.search(r"\b(stretch|rub|massage) (it|gently)\b", speech):
        wrong += [] if re.search(r"\bdon't (rub|stretch)", speech, re.IGNORECASE) else ["advises to stretch or rub"]
    return wrong


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_turn_of_the_scripts_minds_its_manners(name: str) -> None:
    """A turn asks and listens, or ends; it repeats itself in no reprompt, frightens nobody, and is short."""
    for line, reply in played(name):
        wrong = rudeness(SCRIPTS[name][0], reply)
        assert not wrong, f"U: {line}\nA: {reply['speech']}\n" + "\n".join(wrong)


def test_every_turn_of_the_stories_minds_its_manners(outcomes: list[Outcome]) -> None:
    wrong = [
        f"{problems}\n  {outcome.story.id}: {said} -> {reply['speech']}"
        for outcome in outcomes
        for said, reply in outcome.turns
        if (problems := rudeness("en-US", reply))
    ]
    assert not wrong, "\n".join(wrong)


# ---- what can be said at any point

POINTS = {
    "at the start": (OPENS,),
    "where is it": (OPENS, "I've got a cramp"),
    "safety": (OPENS, "cramp in my calf"),
    "which sign": (OPENS, "cramp in my calf", "yes"),
    "safety again": (OPENS, "cramp in my calf", "I don't know"),
    "breathing": (OPENS, "my calf cramped on a run and I'm puffed out"),
    "how long": (OPENS, "cramp in my calf", "no"),
    "which part of the leg": (OPENS, "cramp in my leg", "no"),
    "the next step": (OPENS, "cramp in my calf", "no", "two minutes, stretching helps"),
    "urgent": (OPENS, "my calf is swollen and warm"),
    "knowledge": (OPENS, "what's the difference between a cramp and a spasm"),
    "out of scope": (OPENS, "I've got period cramps"),
    "lost": (OPENS, "purple monkey dishwasher"),
    "a fresh start": (OPENS, "cramp in my calf", "start over"),
}


@cache
def _at(point: str) -> tuple[Device, dict[str, Any]]:
    device = Device()
    return device, [take(device, line) for line in POINTS[point]][-1]


def at(point: str) -> tuple[Device, dict[str, Any]]:
    """A device that stands at a point of a conversation, and what it said last."""
    device, reply = _at(point)
    return copy.deepcopy(device), reply


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("said", ["stop", "cancel", "thanks", "goodbye"])
def test_one_word_leaves_at_any_point(point: str, said: str) -> None:
    reply = at(point)[0].say(said)
    assert reply["ended"]
    assert not rudeness("en-US", reply)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    "said",
    [
        "help",
        "repeat that",
        "why do you ask",
        "tell me more",
        "next",
        "go back",
        "what's the difference",
        "does magnesium help",
        "what's the weather",
        "flibberty gibbet zork",
        "yes",
        "no",
        "I don't know",
        "what should I do",
    ],
)
def test_anything_can_be_said_at_any_point(point: str, said: str) -> None:
    """Nothing is a trap: what was open stays open or moves on, and the reply has manners."""
    device, before = at(point)
    reply = device.say(said)
    assert not rudeness("en-US", reply), reply["speech"]
    if said in {"help", "repeat that", "what's the difference", "what's the weather", "why do you ask"}:
        assert reply["question"] == before["question"] or before["question"] is None


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(
    "said",
    [
        "my chest feels tight",
        "yes but my chest hurts",
        "no, my face is drooping",
        "next, my chest hurts",
        "thanks, but I can't breathe",
        "help, I can't breathe",
        "what causes cramps, my wee is brown",
        "does magnesium help, my foot's gone white and cold",
        "I want to kill myself",
    ],
)
def test_danger_is_heard_at_any_point(point: str, said: str) -> None:
    reply = at(point)[0].say(said)
    assert (reply["assessment"] or {}).get("disposition") == "EMERGENCY", (reply["heard"], reply["speech"])
    assert not rudeness("en-US", reply)


@pytest.mark.parametrize("locale", ["de-DE"])
def test_an_unknown_locale_gets_neutral_words_and_no_digits(locale: str) -> None:
    device = Device(locale=locale)
    device.open()
    reply = device.say("my chest feels tight")
    assert reply["assessment"]["disposition"] == "EMERGENCY"
    assert reply["speech"].startswith("Call your local emergency number now.")
    assert not re.search(r"nine|one one|\d", reply["speech"])


def test_what_is_heard_often_varies() -> None:
    """The reply to nonsense is not the same sentence twice in a row."""
    device = Device()
    device.open()
    spoken = [device.say("flibberty gibbet zork")["speech"] for _ in range(2)]
    assert spoken[0] != spoken[1]


def test_no_script_has_a_key_or_a_line_that_nobody_reads() -> None:
    for path in FOLDER.rglob("*"):
        assert path.is_dir() or (path.suffix == ".yaml" and path.parent.parent == FOLDER), path
    for path in FOLDER.glob("*/*.yaml"):
        for script in read(path, text=True):
            assert set(script) == {"name", "turns"}, script.get("name")
    assert len(SCRIPTS) == sum(1 for _ in scripts()), "two scripts have one name"
