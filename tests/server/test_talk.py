"""The conversation in the terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest

import server.talk as door
from server.conversation import ConversationError


def reply(speech: str, **more: object) -> dict[str, object]:
    heard = {"intent": "CheckIntent", "slots": {}, "findings": {}}
    plain = {
        "session": "s1",
        "speech": speech,
        "ended": False,
        "assessment": None,
        "heard": heard,
    }
    return plain | more


class FakeDevice:
    """Gives the replies it was given, in order, and remembers what was asked."""

    def __init__(self, replies: Sequence[dict[str, object] | Exception]) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str | None, str | None]] = []
        self.locales: set[str] = set()

    def turn(self, session: str | None, user: str | None, locale: str, text: str | None) -> dict[str, object]:
        self.asked.append((session, text))
        self.locales.add(locale)
        answer = self.replies.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def spoken(device: FakeDevice, typed: str) -> str:
    out = io.StringIO()
    door.talk(device, "en-GB", io.StringIO(typed), out)
    return out.getvalue()


def test_it_opens_the_skill_and_ends_with_the_input() -> None:
    device = FakeDevice([reply("Hello there.")])
    out = spoken(device, "")
    assert device.asked == [(None, None)]
    assert device.locales == {"en-GB"}
    assert "coach  Hello there." in out
    assert "not medical advice" in out
    assert "emergency number" in out


def test_what_is_piped_in_reads_like_a_conversation() -> None:
    device = FakeDevice([reply("Hello."), reply("Which leg?"), reply("Still there?")])
    out = spoken(device, "My calf hurts\n\n")
    assert device.asked[1:] == [("s1", "My calf hurts"), ("s1", "")]
    assert out.index("you    My calf hurts") < out.index("coach  Which leg?")
    assert out.index("you    (silence)") < out.index("coach  Still there?")


def test_what_was_heard_takes_one_line() -> None:
    heard = {
        "intent": "CheckIntent",
        "slots": {
            "site": [{"value": "calves", "id": "calf"}],
            "odd": [{"value": "x", "id": None}],
        },
        "findings": {"pop": "absent", "numb": "unknown"},
    }
    out = spoken(FakeDevice([reply("Hello.", heard=heard)]), "")
    assert "heard  CheckIntent | site=calf odd=x | pop absent, numb unknown\n" in out


def test_an_assessment_and_an_emergency_can_be_told_from_the_rest() -> None:
    assessment = {"disposition": "EMERGENCY", "condition": None, "reasons": ["F01"]}
    out = spoken(FakeDevice([reply("Call now.", assessment=assessment, ended=True)]), "")
    assert "found  EMERGENCY | no condition | F01" in out
    assert "COACH! Call now." in out


def test_after_the_end_the_next_sentence_opens_a_new_session_and_silence_does_not() -> None:
    device = FakeDevice([reply("Bye.", ended=True), reply("Hello again.")])
    out = spoken(device, "\nhi\n")
    assert device.asked == [(None, None), (None, "hi")]
    assert out.index("session ended") < out.index("Hello again.")


def test_a_refusal_is_told_and_the_talk_goes_on() -> None:
    device = FakeDevice([reply("Hello."), ConversationError("Say less."), reply("Good.")])
    out = spoken(device, "long\nshort\n")
    assert "error  Say less." in out
    assert "coach  Good." in out
    assert device.asked[2] == ("s1", "short")


@pytest.mark.parametrize("end", [KeyboardInterrupt, EOFError])
def test_at_the_keyboard_both_ways_to_leave_end_quietly(
    end: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    def typed(prompt: str) -> str:
        raise end

    device = FakeDevice([reply("Hello.")])
    monkeypatch.setattr(door, "Conversations", lambda: device)
    monkeypatch.setattr("sys.stdin", Keyboard())
    monkeypatch.setattr("builtins.input", typed)
    assert door.main([]) == 0
    out, err = capsys.readouterr()
    assert "coach  Hello." in out
    assert err == ""


@pytest.mark.parametrize("wrong", ["xx", "en-gb", "en_GB", ""])
def test_a_locale_that_there_is_none_of_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    """Neutral English would answer, with no country's number, and look like the one that was asked for."""
    monkeypatch.setattr(door, "Conversations", lambda: FakeDevice([]))
    with pytest.raises(SystemExit):
        door.main(["--locale", wrong])
    assert "en-GB" in capsys.readouterr().err
