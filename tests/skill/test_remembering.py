"""Whole conversations with a store behind them: one that remembers, one that fails, and one that nobody may touch."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter

import lambda_function
from server.conversation import Device
from skill import build_skill
from skill.memory import NotForgottenError
from skill.preferences import VALUES
from store import Bounded
from store.bounded import PATIENCE
from store.row import person
from store.sqlite import SQLiteStore
from tools.stories import play, stories
from tools.utterances import utterances

Serve = Callable[..., None]
MANY = 40  # random conversations
PATIENT = 5.0  # seconds: no store that works is too slow on a busy computer


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Puts a store behind the skill of the door; `patience` is what a turn has for it, in seconds."""

    def put(store: AbstractPersistenceAdapter | None, patience: float = PATIENT) -> None:
        monkeypatch.setitem(Bounded.__init__.__kwdefaults__, "patience", patience)
        monkeypatch.setattr(lambda_function, "_SKILL", build_skill(store=store))

    return put


@pytest.fixture
def store(serve: Serve, tmp_path: Path) -> Iterator[SQLiteStore]:
    """A store that works, behind the skill."""
    made = SQLiteStore(tmp_path / "preferences.sqlite3")
    serve(made)
    yield made
    made.close()


class Broken(AbstractPersistenceAdapter):
    """Notes that it was touched, and fails; after `seconds`, or when it is let."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.touched = 0
        self.go = threading.Event()
        self._seconds = seconds

    def _fail(self) -> Any:
        self.touched += 1
        self.go.wait(self._seconds)
        raise RuntimeError("my calf hurts")

    def get_attributes(self, request_envelope: object) -> dict[str, object]:
        return self._fail()  # type: ignore[no-any-return]

    def save_attributes(self, request_envelope: object, attributes: object) -> None:
        self._fail()

    def delete_attributes(self, request_envelope: object) -> None:
        self._fail()


def wait_for_stores() -> None:
    """Until no store works any more."""
    for thread in threading.enumerate():
        if thread.name == "store":
            thread.join(5)


def kept(turn: Mapping[str, Any]) -> Any:
    """The preferences in the session after a turn."""
    return turn["response"]["sessionAttributes"]["preferences"]


def disabled(user: str, kind: str = "SkillDisabled", seconds: float = 0.0) -> dict[str, Any]:
    """The event that somebody disabled the skill, or another one; so many seconds from now."""
    moment = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "version": "1.0",
        "context": {
            "System": {
                "application": {"applicationId": "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"},
                "user": {"userId": user},
                "apiEndpoint": "https://api.amazonalexa.com",
            }
        },
        "request": {
            "type": f"AlexaSkillEvent.{kind}",
            "requestId": "amzn1.echo-api.request.invented",
            "timestamp": moment,
            "eventCreationTime": moment,
            "eventPublishingTime": moment,
            "body": {"userInformationPersistenceStatus": "PERSISTED"},
        },
    }


# ---- wishes


def test_a_wish_is_said_back_in_its_own_manner_and_leads_back(store: SQLiteStore) -> None:
    device = Device(user="anna")
    asked = device.say("my calf just cramped up")
    slower = device.say("slower please")
    assert "<prosody" not in asked["ssml"]
    assert re.fullmatch(r'<speak><prosody rate="85%">[^<]*slow[^<]*</prosody></speak>', slower["ssml"])
    assert slower["question"] == "calf_safety"
    assert slower["reprompt"] not in slower["speech"]
    reprompt = slower["response"]["response"]["reprompt"]["outputSpeech"]["ssml"]
    assert reprompt.startswith('<speak><prosody rate="85%">')
    assert device.say("no")["ssml"].startswith('<speak><prosody rate="85%">')


@pytest.mark.parametrize(
    ("wish", "words", "field", "value"),
    [
        ("slower", "slow", "pace", "slow"),
        ("faster", "fast|speed up", "pace", "fast"),
        ("count quietly", "quietly", "count", "quiet"),
        ("short version", "short", "wording", "short"),
    ],
)
def test_a_wish_is_kept_from_session_to_session(
    store: SQLiteStore, wish: str, words: str, field: str, value: str
) -> None:
    said = Device(user="anna").say(wish)
    assert re.search(words, said["speech"], re.IGNORECASE)
    assert kept(said)[field] == value
    again = Device(user="anna").say(wish)
    assert re.search("as slow as|as fast as|how I'm doing it", again["speech"])
    assert kept(Device(user="bert").say("count out loud")) == {"pace": "normal", "count": "aloud", "wording": "full"}


def test_the_ends_of_the_pace_are_said() -> None:
    """Without any store, too: a session remembers by itself."""
    device = Device()
    paces = [device.say(wish)["speech"] for wish in ("slower", "slower", "faster", "faster", "faster")]
    assert "That's as slow as I go." in paces[1]
    assert "usual pace" in paces[2]
    assert "That's as fast as I go." in paces[4]
    back = device.say("normal speed")
    assert "<prosody" not in back["ssml"]


def test_what_is_stored_is_stepped_from(store: SQLiteStore) -> None:
    Device(user="anna").say("faster")
    assert "usual pace" in Device(user="anna").say("slower")["speech"]


def test_a_wish_is_stored_although_the_store_could_not_say_what_was_before(serve: Serve) -> None:
    """Back to the usual pace: nothing changes in the session, and perhaps everything in the store."""

    class Unread(Broken):
        saved: object = None

        def save_attributes(self, request_envelope: object, attributes: object) -> None:
            self.saved = attributes

    unread = Unread()
    serve(unread)
    Device().say("normal speed")
    wait_for_stores()
    assert unread.saved == {"pace": "normal"}


def test_a_fresh_start_is_no_other_person(store: SQLiteStore) -> None:
    device = Device(user="anna")
    device.say("slower")
    assert kept(device.say("start over"))["pace"] == "slow"


def test_danger_goes_first() -> None:
    reply = Device().say("slower and my chest hurts")
    assert reply["assessment"]["disposition"] == "EMERGENCY"


def test_a_wish_that_nobody_knows_is_asked_about_once() -> None:
    """A request of another version of the model, or a slot that did not resolve."""
    device, unknown = Device(), recognition("PreferIntent")
    first = device.send(unknown)
    assert first["speech"].endswith("What would you like?")
    assert "leave it as it is" in device.send(unknown)["speech"]
    assert kept(device.say("slower"))["pace"] == "slow"


def test_asking_which_wish_steals_no_answer() -> None:
    """Where a question about danger is open, a "no" is its answer."""
    device = Device()
    device.say("my calf just cramped up")
    told = device.send(recognition("PreferIntent"))
    assert "You can say slower" in told["speech"]
    assert told["question"] == "calf_safety"
    assert told["speech"].endswith("?")
    assert "leave it as it is" in device.send(recognition("PreferIntent"))["speech"]
    assert device.say("no")["heard"]["findings"]["swelling"] == "absent"


def recognition(intent: str) -> Any:
    from server.recognizer import Recognition

    return Recognition(intent, ())


# ---- being forgotten


def test_forget_me_deletes_and_says_so(store: SQLiteStore) -> None:
    device = Device(user="anna")
    device.say("slower")
    device.say("my calf just cramped up")
    forgotten = device.say("forget my settings")
    assert "I've forgotten your settings." in forgotten["speech"]
    assert "never stored" in forgotten["speech"]
    assert "<prosody" not in forgotten["ssml"]
    assert forgotten["question"] == "calf_safety"  # what may be dangerous is not forgotten
    assert kept(Device(user="anna").say("count quietly")) == {"pace": "normal", "count": "quiet", "wording": "full"}


def test_who_was_forgotten_may_wish_again(store: SQLiteStore) -> None:
    device = Device(user="anna")
    for said in ("faster", "forget me", "slower"):
        device.say(said)
    assert "as slow as" in Device(user="anna").say("slower")["speech"]


def test_forget_me_works_without_a_store() -> None:
    device = Device()
    device.say("slower")
    forgotten = device.say("forget me")
    assert "I've forgotten your settings." in forgotten["speech"]
    assert "<prosody" not in forgotten["ssml"]


def test_forget_me_is_honest_when_it_fails(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    serve(Broken())
    reply = Device().say("forget me")
    assert "couldn't delete your settings" in reply["speech"]
    assert "forgotten" not in reply["speech"]
    assert "Disabling the skill deletes them" in reply["speech"]
    assert caplog.messages == ["the store of preferences: RuntimeError"]


def test_disabling_the_skill_deletes(store: SQLiteStore) -> None:
    Device(user="anna").say("slower")
    Device(user="bert").say("slower")
    answer = lambda_function.lambda_handler(disabled("anna"), None)
    assert answer["response"] == {}
    lambda_function.lambda_handler(disabled("anna"), None)
    lambda_function.lambda_handler(disabled("carla"), None)
    assert "That's as slow" not in Device(user="anna").say("slower")["speech"]
    assert "That's as slow" in Device(user="bert").say("slower")["speech"]


def test_an_old_event_deletes_nothing_new(store: SQLiteStore) -> None:
    Device(user="anna").say("slower")
    lambda_function.lambda_handler(disabled("anna", seconds=-600), None)
    assert "That's as slow" in Device(user="anna").say("slower")["speech"]


def test_a_save_that_comes_after_the_event_brings_nothing_back(store: SQLiteStore) -> None:
    lambda_function.lambda_handler(disabled("anna"), None)
    Device(user="anna").say("slower")  # within the same moment, as a late save would
    assert "That's as slow" not in Device(user="anna").say("slower")["speech"]


def test_an_event_that_fails_fails_openly(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """So that the operator sees it, and Alexa may send it again; with nothing in it of anybody."""
    serve(Broken())
    with pytest.raises(NotForgottenError) as raised:
        lambda_function.lambda_handler(disabled("anna"), None)
    assert str(raised.value) == ""
    assert "anna" not in caplog.text


@pytest.mark.parametrize("kind", ["SkillEnabled", "SkillPermissionAccepted", "SkillPermissionChanged"])
def test_other_events_do_nothing(serve: Serve, kind: str) -> None:
    broken = Broken()
    serve(broken)
    assert lambda_function.lambda_handler(disabled("anna", kind), None)["response"] == {}
    assert broken.touched == 0


# ---- what is never touched, and never stored


@pytest.mark.parametrize("story", stories()[::20], ids=lambda story: story.id)
def test_who_wishes_nothing_touches_no_store(serve: Serve, story: Any) -> None:
    """From the opening to the assessment, and to an emergency."""
    broken = Broken()
    serve(broken)
    play(story)
    assert broken.touched == 0


def test_a_broken_store_ends_no_conversation(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    """Wishes hold for the session; a type is logged, and not what was said."""
    broken = Broken()
    serve(broken)
    device = Device()
    said = ("slower", "my calf just cramped up", "count quietly", "no", "faster", "two minutes")
    replies = [device.say(words) for words in said]
    assert all("went wrong" not in reply["speech"] for reply in replies)
    assert kept(replies[-1]) == {"pace": "normal", "count": "quiet", "wording": "full"}
    assert broken.touched
    assert set(caplog.messages) == {"the store of preferences: RuntimeError"}


def test_a_store_that_hangs_delays_one_turn_by_300_ms(serve: Serve) -> None:
    Device().say("slower")  # everything is loaded
    hanging = Broken(seconds=10)
    serve(hanging, PATIENCE)
    device = Device()
    times = []
    for words in ("slower", "count quietly", "my calf just cramped up", "short version", *("faster", "slower") * 3):
        began = time.perf_counter()
        assert device.say(words)["speech"]
        times.append(time.perf_counter() - began)
    assert PATIENCE == 0.3
    assert times[0] < 0.3 + 0.6
    assert sum(times) < 0.3 + 1.5  # nobody waits again: that would be 0.3 for each of ten
    hanging.go.set()
    wait_for_stores()  # its threads log when they end: in this test, not in the next


def test_nothing_but_preferences_is_ever_stored(store: SQLiteStore, tmp_path: Path) -> None:
    """After many random conversations, of people who tell everything and wish something now and then."""
    chance = random.Random(25)  # noqa: S311 - a walk, no secret
    told = [utterance.say for utterance in utterances()]
    wishes = ("slower", "faster", "count quietly", "count out loud", "short version", "forget me")
    users = [f"amzn1.ask.account.INVENTED{number}" for number in range(10)]
    for _ in range(MANY):
        device = Device(user=chance.choice(users))
        for _ in range(chance.randint(2, 6)):
            if not device.ended:
                device.say(chance.choice(wishes) if chance.random() < 0.4 else chance.choice(told))
    with store._open() as database:
        found = database.execute("SELECT * FROM preferences")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found]
    assert rows
    allowed = {field: {None, *values} for field, values in VALUES.items()}
    keys = {key_of(user) for user in users}
    for row in rows:
        assert row.pop("person") in keys
        assert type(row.pop("at")) is type(row.pop("ttl")) is int
        assert set(row) == set(VALUES)
        assert all(row[field] in allowed[field] for field in row)
    store.close()
    everything = b"".join(file.read_bytes() for file in tmp_path.iterdir()).lower()
    for word in (b"calf", b"cramp", b"pain", b"hurt", b"chest", b"leg", b"emergency", b"amzn1", b"invented"):
        assert word not in everything


def key_of(user: str) -> str:
    from ask_sdk_model import Context, RequestEnvelope, User
    from ask_sdk_model.interfaces.system import SystemState

    return person(RequestEnvelope(context=Context(system=SystemState(user=User(user_id=user)))))
