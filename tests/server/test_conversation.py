"""The pretend device and its sessions: the contract of POST /api/turn, and nothing that a device would not send."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from server.conversation import ConversationError, Conversations, Device
from server.simulator import FOR_THE_PAGE, create_speaker_app

_RUNTIME = {"maxVersion": "2024.3"}
KEYS = {
    "session",
    "heard",
    "speech",
    "alexa",
    "held",
    "ssml",
    "reprompt",
    "ended",
    "assessment",
    "question",
    "offer",
    "request",
    "response",
}


@pytest.fixture
def talk() -> Conversations:
    return Conversations()


def test_text_null_opens_the_skill(talk: Conversations) -> None:
    turn = talk.turn(None, None, "en-US", None)
    assert set(turn) == KEYS
    assert turn["heard"] == {"intent": "LaunchRequest", "slots": {}, "findings": {}}
    assert "Cramp Coach" in turn["speech"]
    assert turn["ended"] is False
    assert turn["assessment"] is turn["question"] is turn["offer"] is None
    assert turn["session"]


def test_a_first_text_opens_and_then_says_it(talk: Conversations) -> None:
    turn = talk.turn(None, None, "en-US", "cramp in my left calf")
    assert turn["request"]["session"]["new"] is False
    assert turn["heard"]["slots"]["site"] == [{"value": "calf", "id": "calf"}]
    assert turn["heard"]["slots"]["side"] == [{"value": "left", "id": "left"}]
    assert turn["heard"]["findings"]["site"] == "calf"
    assert turn["question"] == "calf_safety"


def test_a_session_goes_on_turn_by_turn(talk: Conversations) -> None:
    session = talk.turn(None, None, "en-US", "cramp in my calf")["session"]
    assert talk.turn(session, None, "en-US", "no")["question"] == "how_long"
    told = talk.turn(session, None, "en-US", "two minutes, stretching helps")
    assert told["session"] == session
    assert set(told["assessment"]) == {"disposition", "condition", "reasons"}
    assert told["assessment"]["disposition"] == "SELF_CARE"
    assert told["question"] is None
    assert told["offer"]


def test_every_turn_has_all_its_keys_and_plain_speech(talk: Conversations) -> None:
    session = None
    for text in (None, "my calf's cramping & I'm <scared>", "no", "", "what's the weather", "I don't know", "stop"):
        turn = talk.turn(session, None, "en-US", text)
        session = turn["session"]
        assert set(turn) == KEYS
        assert isinstance(turn["ended"], bool)
        assert "<" not in turn["speech"]
        assert turn["ssml"].startswith("<speak>")
    assert turn["ended"]


def test_an_emergency_ends_the_session(talk: Conversations) -> None:
    turn = talk.turn(None, None, "en-US", "chest pain")
    assert turn["assessment"]["disposition"] == "EMERGENCY"
    assert "F01" in turn["assessment"]["reasons"]
    assert turn["ended"]
    assert turn["question"] is turn["offer"] is turn["reprompt"] is None
    with pytest.raises(ConversationError):
        talk.turn(turn["session"], None, "en-US", "hello")


@pytest.mark.parametrize("session", ["", "zork", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_session_is_refused_in_one_line(talk: Conversations, session: str) -> None:
    with pytest.raises(ConversationError) as raised:
        talk.turn(session, None, "en-US", "hello")
    assert len(str(raised.value).splitlines()) == 1


def test_a_session_that_was_stopped_is_refused(talk: Conversations) -> None:
    session = talk.turn(None, None, "en-US", None)["session"]
    assert talk.turn(session, None, "en-US", "stop")["ended"]
    with pytest.raises(ConversationError):
        talk.turn(session, None, "en-US", "hello")


@pytest.mark.parametrize("silence", ["", "  ", "\n\t"])
def test_silence_is_the_reprompt_and_then_the_end(talk: Conversations, silence: str) -> None:
    asked = talk.turn(None, None, "en-US", "cramp in my calf")
    once = talk.turn(asked["session"], None, "en-US", silence)
    assert once["ssml"] == asked["response"]["response"]["reprompt"]["outputSpeech"]["ssml"]
    assert once["speech"] == asked["reprompt"]
    assert once["question"] == "calf_safety"
    assert not once["ended"]
    assert once["request"] is once["response"] is None
    twice = talk.turn(asked["session"], None, "en-US", silence)
    assert twice["ended"]
    assert twice["speech"] == ""
    assert twice["request"]["request"]["type"] == "SessionEndedRequest"
    assert twice["request"]["request"]["reason"] == "EXCEEDED_MAX_REPROMPTS"
    with pytest.raises(ConversationError):
        talk.turn(asked["session"], None, "en-US", silence)


def test_an_answer_after_silence_starts_the_patience_anew(talk: Conversations) -> None:
    session = talk.turn(None, None, "en-US", "cramp in my calf")["session"]
    talk.turn(session, None, "en-US", "")
    assert talk.turn(session, None, "en-US", "no")["question"] == "how_long"
    assert not talk.turn(session, None, "en-US", "")["ended"]


def test_the_same_user_is_the_same_person_and_others_are_not(talk: Conversations) -> None:
    def user(turn: dict[str, Any]) -> str:
        return str(turn["request"]["session"]["user"]["userId"])

    one, again = (talk.turn(None, "ann", "en-US", None) for _ in range(2))
    assert user(one) == user(again) == one["request"]["context"]["System"]["user"]["userId"]
    assert one["session"] != again["session"]
    assert user(talk.turn(None, None, "en-US", None)) != user(talk.turn(None, None, "en-US", None))


def test_a_new_session_of_the_same_user_remembers_no_symptom(talk: Conversations) -> None:
    talk.turn(None, "ann", "en-US", "my calf is swollen")
    turn = talk.turn(None, "ann", "en-US", "cramp in my foot")
    assert turn["assessment"] is None
    assert "swollen" in turn["speech"]


def test_the_oldest_session_is_forgotten_past_the_limit() -> None:
    talk = Conversations(limit=2)
    first, second = (talk.turn(None, None, "en-US", None)["session"] for _ in range(2))
    talk.turn(first, None, "en-US", "cramp in my calf")  # used last, so it stays
    third = talk.turn(None, None, "en-US", None)["session"]
    with pytest.raises(ConversationError):
        talk.turn(second, None, "en-US", "no")
    assert talk.turn(first, None, "en-US", "no")["question"] == "how_long"
    assert talk.turn(third, None, "en-US", "help")["speech"]


def test_sessions_do_not_mix_among_threads(talk: Conversations) -> None:
    replies: dict[str, dict[str, Any]] = {}

    def person(site: str) -> None:
        session = talk.turn(None, None, "en-US", f"cramp in my {site}")["session"]
        talk.turn(session, None, "en-US", "what's the difference")
        replies[site] = talk.turn(session, None, "en-US", "help")

    threads = [threading.Thread(target=person, args=(site,)) for site in ("calf", "foot", "neck", "hand", "hamstring")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = {site: turn["question"].removesuffix("_safety") for site, turn in replies.items()}
    assert asked == {
        "calf": "calf",
        "foot": "foot",
        "neck": "neck",
        "hand": "hand_forearm",
        "hamstring": "hamstring",
    }


def test_a_request_is_one_that_alexa_could_send() -> None:
    """One intent, its declared slots with their resolutions, and nowhere the sentence."""
    device = Device()
    opened = device.open()["request"]
    assert opened["session"]["new"] is True
    turn = device.say("well to be honest my calf has been swollen since the telly broke")
    request = turn["request"]["request"]
    assert turn["request"]["session"]["new"] is False
    assert turn["request"]["session"]["attributes"]["version"] == 1
    assert "telly" not in str(turn["request"])
    assert "honest" not in str(turn["request"])
    calf = request["intent"]["slots"]["site"]
    assert calf["slotValue"]["resolutions"]["resolutionsPerAuthority"][0]["status"]["code"] == "ER_SUCCESS_MATCH"
    assert all(slot["name"] == name for name, slot in request["intent"]["slots"].items())


def test_several_values_travel_as_a_list() -> None:
    turn = Device().say("my calf is swollen and there's chest pain")
    danger = turn["request"]["request"]["intent"]["slots"]["danger"]["slotValue"]
    assert danger["type"] == "List"
    assert {"swelling", "chest_pain"} <= {value["id"] for value in turn["heard"]["slots"]["danger"]}


def test_no_wish_is_still_there_after_the_end() -> None:
    device = Device()
    device.open()
    device.say("goodbye")
    assert device.ended
    with pytest.raises(ConversationError):
        device.say("cramp in my calf")


@pytest.mark.parametrize("text", ["x" * 100_000, "💔", "\u0000", "<speak>", "{danger}", "\\u0000", "'; --"])
def test_odd_text_is_answered(talk: Conversations, text: str) -> None:
    turn = talk.turn(None, None, "en-US", text)
    assert turn["speech"]
    assert "went wrong" not in turn["speech"]


def test_a_device_has_a_screen_while_it_is_asked_for(talk: Conversations) -> None:
    """The requests say so, and what the screen measures."""
    turn = talk.turn(None, None, "en-US", None, screen=True)
    context = turn["request"]["context"]
    assert context["System"]["device"]["supportedInterfaces"] == {"Alexa.Presentation.APL": {"runtime": _RUNTIME}}
    assert context["Viewport"]["shape"] == "RECTANGLE"
    context = talk.turn(turn["session"], None, "en-US", "help")["request"]["context"]
    assert context["System"]["device"]["supportedInterfaces"] == {}
    assert "Viewport" not in context


def test_a_turn_over_http_tells_others_no_more_than_was_agreed(talk: Conversations) -> None:
    """What the page needs besides goes to the page, which says whether it has a screen."""
    client = create_speaker_app(talk).test_client()

    def keys(**body: object) -> set[str]:
        return set(client.post("/api/turn", json={"session": None, "text": None, **body}).get_json())

    assert keys() == KEYS - set(FOR_THE_PAGE)
    assert keys(screen=False) == KEYS


def test_a_touch_is_a_turn(talk: Conversations) -> None:
    """It has the contract of every turn; one that ends the session ends it here, too."""
    session = talk.turn(None, None, "en-US", None, screen=True)["session"]
    turn = talk.touch(session, ["stop"])
    assert set(turn) == KEYS
    assert turn["request"]["request"]["type"] == "Alexa.Presentation.APL.UserEvent"
    assert turn["ended"]
    with pytest.raises(ConversationError):
        talk.touch(session, ["next"])


def test_tomorrow_follows_the_clock_of_the_device() -> None:
    """Where the speaker stands it is Tuesday already, and Monday in UTC; the request's own time stays UTC."""
    tuesday = datetime(2026, 11, 24, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    turn = Device(clock=lambda: tuesday).say("remind me tomorrow")
    assert turn["heard"]["slots"]["date"] == [{"value": "2026-11-25", "id": None}]
    assert turn["request"]["request"]["timestamp"] == "2026-11-23T23:30:00.000Z"
