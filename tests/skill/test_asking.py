"""Questions of knowledge in the skill: every topic and caution is told, shortly, and all can name their sources."""

from __future__ import annotations

from typing import Any

import pytest

from server.conversation import Device
from server.recognizer import Recognition, SlotValue
from skill import state as session
from speech import Line, open_book
from triage import PRESENT, Episode, Form, Question, load
from triage.model import Rule

KNOWLEDGE = load()
BOOK = open_book("en-US")
REMEDIES = [id_ for id_, topic in KNOWLEDGE.topics.items() if topic.evidence]
LEG = Question("calf_safety", "leg", Form.ASK, KNOWLEDGE.safety["leg"].fills)
LONGEST_TURN = 60


def device(state: session.State | None = None) -> Device:
    """A device in the middle of a session."""
    made = Device()
    made.open()
    if state is not None:
        made._attributes = state.write()
    return made


def ask(made: Device, remedy: str | None) -> dict[str, Any]:
    return made.send(Recognition("RemedyIntent", (SlotValue("remedy", "zork", remedy),)))


def says(reply: dict[str, Any], id_: str) -> bool:
    return any(words in reply["speech"] for words in BOOK._messages[id_])


def knowing(rule: Rule, **more: str) -> Episode:
    """An episode in which just so much is known that a rule holds."""
    signs = [*rule.all, *sorted(rule.any)[:1], *sorted(rule.also)[:1]]
    site = {"site": sorted(rule.sites)[0]} if rule.sites else {}
    return Episode({**dict.fromkeys(signs, PRESENT), **site, **more})


@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_remedy_is_told_then_more_then_no_more(remedy: str) -> None:
    made = device()
    told = ask(made, remedy)
    assert says(told, f"topic.{remedy}.tell")
    assert (told["assessment"]["disposition"], told["offer"]) == ("INFO", "more")
    assert says(made.say("tell me more"), f"topic.{remedy}.more")
    assert says(made.say("tell me more"), "more.used_up")


def test_more_of_what_a_session_has_lost_is_not_told() -> None:
    """It was kept by another version, which knew a topic that is gone."""
    made = Device(screen=False)
    made.say("what about cramps at night")
    assert made._attributes["offer"] == "more"
    made._attributes["topic"] = "gone"
    assert says(made.say("yes"), "more.used_up")


@pytest.mark.parametrize("remedy", REMEDIES)
def test_a_remedy_is_short_even_before_the_longest_question(remedy: str) -> None:
    """The question that was open follows the answer, and both are heard in one breath or two."""
    cautions = [KNOWLEDGE.cautions[id_] for id_ in KNOWLEDGE.topics[remedy].cautions]
    plain = Episode({"site": "calf"}, ("calf_safety",), (), LEG)
    known = [knowing(rule, site="calf") for caution in cautions for rule in caution.rules if not rule.sites]
    for episode in (plain, *(plain._replace(findings=one.findings) for one in known)):
        reply = ask(device(session.State(episode=episode)), remedy)
        assert len(reply["speech"].split()) <= LONGEST_TURN, reply["speech"]


@pytest.mark.parametrize("id_", KNOWLEDGE.cautions)
def test_every_caution_is_told_to_whom_it_holds_for(id_: str) -> None:
    """Alone where it forbids; else beside what is told to everybody."""
    caution = KNOWLEDGE.cautions[id_]
    topic = next(topic for topic, entry in KNOWLEDGE.topics.items() if id_ in entry.cautions)
    for rule in caution.rules:
        reply = ask(device(session.State(episode=knowing(rule))), topic)
        assert says(reply, f"advice.{id_}")
        assert says(reply, f"topic.{topic}.tell") is not caution.instead


def test_a_remedy_that_nobody_knows_is_never_echoed() -> None:
    reply = ask(device(), None)
    assert says(reply, "topic.unknown_remedy.tell")
    assert "zork" not in reply["speech"].lower()


def test_it_is_asked_about_the_same_remedy() -> None:
    """ "Does it work?" without a remedy is about the last one; before any, about cramps in general."""
    made = device()
    assert says(made.send(Recognition("RemedyIntent")), "topic.when_to_see_a_doctor.tell")
    ask(made, "bananas")
    assert says(made.send(Recognition("RemedyIntent")), "topic.bananas.more")


@pytest.mark.parametrize("key", KNOWLEDGE.sources)
def test_everything_that_decides_can_say_who_says_so(key: str) -> None:
    """Each source has a spoken name; only a rule of our own has none."""
    nameless = {tag for tag in KNOWLEDGE.sources[key] if not BOOK.has(f"source.{tag}")}
    assert nameless <= {"PRODUCT"}


@pytest.mark.parametrize("family", [*KNOWLEDGE.safety, *KNOWLEDGE.questions])
def test_every_question_can_say_why_and_who_says_so(family: str) -> None:
    fills = KNOWLEDGE.safety[family].fills if family in KNOWLEDGE.safety else KNOWLEDGE.questions[family]["fills"]
    id_ = f"{family}_safety" if family in KNOWLEDGE.safety else family
    question = Question(id_, family, Form.ASK, tuple(fills))
    made = device(session.State(episode=Episode({}, (id_,), (), question)))
    why = made.say("why do you ask")
    assert says(why, f"why.{family}")
    assert why["question"] == id_
    source = made.say("who says so")
    assert source["question"] == id_
    named = [
        BOOK.say(Line(f"source.{tag}")) for tag in KNOWLEDGE.sources.get(f"safety.{family}", ()) if tag != "PRODUCT"
    ]
    assert not named or named[0] in source["speech"]


def test_no_reason_is_made_up_for_nothing() -> None:
    """Before anything was asked or told, the answers are general."""
    made = device()
    assert says(made.say("why do you ask"), "why.nothing")
    assert says(made.say("who says so"), "sources.general")


def test_lines_that_come_back_from_outside_name_no_source() -> None:
    """The session is not trusted: an unknown caution or remedy in it names nothing, and raises nothing."""
    for id_ in ("advice.zork", "remedy.zork.1", "topic.zork.tell"):
        made = device(session.State(lines=(Line(id_),)))
        assert says(made.say("who says so"), "sources.general")
