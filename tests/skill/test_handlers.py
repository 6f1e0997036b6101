"""Every intent of the deployed model reaches a sensible reply in every state of a conversation; danger comes first."""

from __future__ import annotations

import json
from typing import Any

import pytest

import lambda_function
from skill import build_skill
from tools.yamlfile import ROOT

MODEL = json.loads((ROOT / "skill-package/interactionModels/custom/en-US.json").read_text("utf-8"))
LANGUAGE = MODEL["interactionModel"]["languageModel"]
INTENTS = {intent["name"]: {slot["name"] for slot in intent.get("slots", ())} for intent in LANGUAGE["intents"]}
TYPES = {type_["name"]: type_["values"] for type_ in LANGUAGE["types"]}
SLOT_TYPES = {slot["name"]: slot["type"] for intent in LANGUAGE["intents"] for slot in intent.get("slots", ())}

# Some intents never come from speech alone, or come without being declared: the platform sends them all the same.
SENT_BY_THE_PLATFORM = ("AMAZON.FallbackIntent", "AMAZON.NavigateHomeIntent", "AMAZON.StopIntent", "ZorkIntent")
LEAVE = {"AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent", "ThanksIntent"}


def envelope(intent: str, slots: dict[str, Any] | None = None, attributes: Any = None) -> dict[str, Any]:
    application = {"applicationId": "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"}
    user = {"userId": "amzn1.ask.account.INVENTED"}
    return {
        "version": "1.0",
        "session": {
            "new": attributes is None,
            "sessionId": "s",
            "application": application,
            "user": user,
            "attributes": attributes or {},
        },
        "context": {"System": {"application": application, "user": user, "device": {"supportedInterfaces": {}}}},
        "request": {
            "type": "IntentRequest",
            "requestId": "r",
            "timestamp": "2026-01-01T00:00:00Z",
            "locale": "en-US",
            "intent": {"name": intent, "confirmationStatus": "NONE", "slots": slots or {}},
        },
    }


def slot(name: str, id_: str | None, words: str) -> dict[str, Any]:
    filled: dict[str, Any] = {"name": name, "value": words, "confirmationStatus": "NONE"}
    if id_ is not None:
        authority = {
            "authority": f"amzn1.er-authority.{SLOT_TYPES[name]}",
            "status": {"code": "ER_SUCCESS_MATCH"},
            "values": [{"value": {"name": words, "id": id_}}],
        }
        filled["resolutions"] = {"resolutionsPerAuthority": [authority]}
    return {name: filled}


def reply(intent: str, slots: dict[str, Any] | None = None, attributes: Any = None) -> dict[str, Any]:
    response = lambda_function.lambda_handler(envelope(intent, slots, attributes), None)
    assert "went wrong" not in json.dumps(response["response"])
    return response


def after(*steps: tuple[str, dict[str, Any]]) -> Any:
    """The attributes of a session after some turns."""
    attributes: Any = None
    for intent, slots in steps:
        attributes = reply(intent, slots, attributes)["sessionAttributes"]
    return attributes


CALF = ("DescribeIntent", slot("site", "calf", "calf"))
NO, YES, DONT_KNOW = ("AMAZON.NoIntent", {}), ("AMAZON.YesIntent", {}), ("DontKnowIntent", {})
STATES = {
    "one-shot": None,
    "fresh": after(("AMAZON.StartOverIntent", {})),
    "where": after(("DescribeIntent", {})),
    "safety": after(CALF),
    "which sign": after(CALF, YES),
    "safety again": after(CALF, DONT_KNOW),
    "how long": after(CALF, NO),
    "breathing": after(("DescribeIntent", slot("site", "calf", "calf") | slot("danger", "winded", "puffed out"))),
    "which part": after(("DescribeIntent", slot("site", "leg", "leg")), NO),
    "self-care": after(
        CALF,
        NO,
        ("DescribeIntent", slot("duration", None, "PT2M") | slot("detail", "eases_with_stretch", "stretching helps")),
    ),
    "routine": after(
        CALF,
        DONT_KNOW,
        DONT_KNOW,
        ("DescribeIntent", slot("duration", None, "PT2M") | slot("detail", "eases_with_stretch", "stretching helps")),
    ),
    "urgent": after(CALF, ("DangerIntent", slot("danger", "swelling", "swollen"))),
    "knowledge": after(("DifferenceIntent", {})),
    "out of scope": after(("OutOfScopeIntent", slot("topic", "period_cramps", "period cramps"))),
    "lost": after(("AMAZON.FallbackIntent", {})),
}


def test_the_states_are_what_their_names_say() -> None:
    assert {name: attributes and attributes["question"] for name, attributes in STATES.items()} == {
        "one-shot": None,
        "fresh": None,
        "where": "where",
        "safety": "calf_safety",
        "which sign": "calf_safety",
        "safety again": "calf_safety",
        "how long": "how_long",
        "breathing": "breathing",
        "which part": "where",
        "self-care": None,
        "routine": None,
        "urgent": "general_safety",
        "knowledge": None,
        "out of scope": "belly_cramps_safety",
        "lost": None,
    }
    told = {
        name: attributes["told"]["disposition"] for name, attributes in STATES.items() if (attributes or {}).get("told")
    }
    assert told == {"self-care": "SELF_CARE", "routine": "ROUTINE", "urgent": "URGENT"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("intent", sorted({*INTENTS, *SENT_BY_THE_PLATFORM}))
def test_every_intent_gets_a_sensible_reply_in_every_state(intent: str, state: str) -> None:
    """Without any slot filled: the reply speaks, and asks or ends; leaving always ends."""
    body = reply(intent, {}, STATES[state])["response"]
    spoken = body["outputSpeech"]["ssml"]
    assert spoken.startswith("<speak>")
    assert len(spoken) > len("<speak></speak>") + 5
    assert isinstance(body["shouldEndSession"], bool)
    assert body["shouldEndSession"] != ("reprompt" in body)
    if intent in LEAVE:
        assert body["shouldEndSession"]
    if intent == "AMAZON.HelpIntent":
        assert not body["shouldEndSession"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("intent", sorted(name for name, slots in INTENTS.items() if "danger" in slots))
def test_danger_goes_first_in_every_intent_and_state(intent: str, state: str) -> None:
    response = reply(intent, slot("danger", "chest_pain", "my chest hurts"), STATES[state])
    assert response["sessionAttributes"]["assessment"]["disposition"] == "EMERGENCY"
    assert response["response"]["shouldEndSession"]


def test_every_intent_of_ours_can_carry_danger() -> None:
    """Built-in intents cannot have slots; each of the others has one for danger."""
    without = {name for name, slots in INTENTS.items() if "danger" not in slots and not name.startswith("AMAZON.")}
    assert without == set()


def test_every_intent_is_taken_by_a_handler_made_for_it() -> None:
    """No intent of the model falls through to "I didn't catch that", but the fallback itself."""
    texts = json.loads((ROOT / "lambda/compiled/speech.en.json").read_text("utf-8"))["messages"]
    lost = [words for id_ in ("fallback.open", "fallback.told") for words in texts[id_]]
    starts = tuple(f"<speak>{words.partition('{')[0].strip()}" for words in lost)
    taken = {
        intent
        for intent in INTENTS
        if not any(
            reply(intent, {}, STATES[state])["response"]["outputSpeech"]["ssml"].startswith(starts)
            for state in ("safety", "self-care")
        )
    }
    assert set(INTENTS) - taken == {"AMAZON.FallbackIntent"}


@pytest.mark.parametrize(("name", "type_"), sorted((n, t) for n, t in SLOT_TYPES.items() if t in TYPES))
def test_every_slot_value_of_the_model_is_understood(name: str, type_: str) -> None:
    """Each id that the model can send leads somewhere: no value is a dead end, none raises."""
    intent = next(i for i, slots in INTENTS.items() if name in slots)
    for value in TYPES[type_]:
        for state in ("one-shot", "safety"):
            reply(intent, slot(name, value["id"], value["name"]["value"]), STATES[state])


def test_every_danger_of_the_model_is_kept_as_a_finding() -> None:
    for value in TYPES["Danger"]:
        response = reply("DangerIntent", slot("danger", value["id"], "zork"))
        assert response["sessionAttributes"]["findings"].get(value["id"]) == "present", value["id"]


def test_every_denied_danger_is_kept_as_absent() -> None:
    for value in TYPES["Danger"]:
        response = reply("DescribeIntent", slot("denied", value["id"], "zork"))
        assert response["sessionAttributes"]["findings"].get(value["id"]) == "absent", value["id"]


def test_the_skill_is_built_once_and_can_be_built_for_one_id() -> None:
    assert build_skill() is not build_skill()
    assert lambda_function._SKILL is lambda_function._SKILL


@pytest.mark.parametrize(
    "type_",
    [
        "SessionEndedRequest",
        "System.ExceptionEncountered",
        "AlexaSkillEvent.SkillDisabled",
        "AudioPlayer.PlaybackStarted",
        "PlaybackController.NextCommandIssued",
        "Connections.Response",
        "SessionResumedRequest",
        "CanFulfillIntentRequest",
    ],
)
def test_what_is_no_conversation_is_taken_in_silence(type_: str) -> None:
    """Nothing may be said to these, and nothing may fail."""
    event = envelope("AMAZON.HelpIntent")
    event["request"] = {key: event["request"][key] for key in ("requestId", "timestamp", "locale")} | {"type": type_}
    body = lambda_function.lambda_handler(event, None)["response"]
    assert "outputSpeech" not in body
    assert "went wrong" not in json.dumps(body)


@pytest.mark.parametrize(
    ("type_", "kind", "logged"),
    [
        ("SessionEndedRequest", "INVALID_RESPONSE", "INVALID_RESPONSE"),
        ("SessionEndedRequest", "ENDPOINT_TIMEOUT", "ENDPOINT_TIMEOUT"),
        ("System.ExceptionEncountered", "INTERNAL_SERVICE_ERROR", "INTERNAL_SERVICE_ERROR"),
        ("SessionEndedRequest", None, "of no type that is known"),
    ],
)
def test_of_an_error_that_alexa_tells_the_log_has_the_type(
    caplog: pytest.LogCaptureFixture, type_: str, kind: str | None, logged: str
) -> None:
    """An alarm says that the log has it. The message stays out: it quotes the answer that could not be used."""
    event = envelope("AMAZON.HelpIntent")
    event["request"] = {key: event["request"][key] for key in ("requestId", "timestamp", "locale")}
    event["request"] |= {"type": type_, "error": {"type": kind, "message": "zebra"}}
    event["request"] |= {"reason": "ERROR"} if type_ == "SessionEndedRequest" else {"cause": {"requestId": "zebra"}}
    lambda_function.lambda_handler(event, None)
    assert caplog.messages == [f"Alexa tells of an error: {logged}"]


@pytest.mark.parametrize("reason", ["USER_INITIATED", "EXCEEDED_MAX_REPROMPTS"])
def test_an_ordinary_end_is_not_logged(caplog: pytest.LogCaptureFixture, reason: str) -> None:
    event = envelope("AMAZON.HelpIntent")
    event["request"] = {key: event["request"][key] for key in ("requestId", "timestamp", "locale")}
    event["request"] |= {"type": "SessionEndedRequest", "reason": reason}
    lambda_function.lambda_handler(event, None)
    assert caplog.messages == []


def test_starting_over_hears_what_is_said_with_it() -> None:
    """The platform gives this intent no slots; a request that has some all the same is heard."""
    told = after(("DangerIntent", slot("danger", "swelling", "swelling")))
    response = reply("AMAZON.StartOverIntent", slot("danger", "chest_pain", "chest pain"), told)
    assert response["sessionAttributes"]["assessment"]["disposition"] == "EMERGENCY"
    same = reply("AMAZON.StartOverIntent", slot("danger", "swelling", "swelling"), told)
    assert same["sessionAttributes"]["assessment"]["disposition"] == "URGENT"


def test_a_sign_said_with_a_question_is_kept_but_a_pets_is_its_own() -> None:
    for intent in ("WhyIntent", "TellMeMoreIntent", "AMAZON.RepeatIntent", "AMAZON.HelpIntent"):
        kept = reply(intent, slot("danger", "tingling", "tingling"))["sessionAttributes"]["findings"]
        assert kept == {"tingling": "present"}, intent
    pets = {**slot("topic", "pets", "my dog"), **slot("danger", "tingling", "tingling")}
    assert reply("OutOfScopeIntent", pets)["sessionAttributes"]["findings"] == {}


@pytest.mark.parametrize("name", ["site", "danger", "denied", "detail", "side"])
def test_an_id_that_the_content_does_not_hold_is_left_out(name: str) -> None:
    """A model of another version may send it: the words of its slot still count, and nobody hears an apology."""
    attributes = reply("DescribeIntent", slot("site", "calf", "calf"))["sessionAttributes"]
    for _ in range(3):
        response = reply("DescribeIntent", slot(name, "zork", "the zork"), attributes)
        attributes = response["sessionAttributes"]
        assert "zork" not in json.dumps(attributes)
    told = reply("DescribeIntent", slot(name, "zork", "chest pain"), attributes)["sessionAttributes"]["assessment"]
    assert (told or {}).get("disposition") == (None if name == "denied" else "EMERGENCY")
