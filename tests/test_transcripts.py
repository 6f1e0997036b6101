"""What the pages print as a conversation is what the skill says today."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.alexa_api import Alexa
from server.conversation import Device

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/house.md")
MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
_SPEAKERS = ("coach", "you", "alexa")


def _conversations() -> list[tuple[str, list[tuple[str, str]]]]:
    """Page and number of each, with who says what; a line that continues another is joined to it."""
    found = []
    for page in PAGES:
        for block in re.findall(r"```\n(coach|you)(  .*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL):
            said: list[tuple[str, str]] = []
            for line in "".join(block).splitlines():
                speaker, _, words = line.partition(" ")
                if speaker in _SPEAKERS:
                    said.append((speaker, words.strip()))
                else:
                    said[-1] = (said[-1][0], f"{said[-1][1]} {line.strip()}")
            found.append((f"{page} {len(found) + 1}", said))
    return found


@pytest.mark.parametrize(("name", "said"), _conversations(), ids=[name for name, _ in _conversations()])
def test_a_printed_conversation_is_what_is_said(name: str, said: list[tuple[str, str]]) -> None:
    """Every word of the coach and of Alexa; […] stands for what was left out."""
    device = Device(user=name, alexa=Alexa(zone="UTC"), clock=lambda: MONDAY)
    answer = device.open()["speech"]
    if said[0][0] == "you":
        answer = ""
    for speaker, words in said:
        if speaker == "you":
            assert not answer, f"not printed: {answer}"
            answer = device.say(words)["speech"]
        else:
            told, *rest = answer.split(words) if "[…]" not in words else _without(words, answer)
            assert rest, f"printed: {words}\nsaid: {answer}"
            assert not told.strip(), f"not printed: {told}"
            answer = "".join(rest).strip()
    assert not answer


def _without(words: str, answer: str) -> list[str]:
    pattern = ".*".join(re.escape(part.strip()) for part in words.split("[…]"))
    return re.split(pattern, answer, maxsplit=1, flags=re.DOTALL)


def test_the_conversations_are_found() -> None:
    """A cramp, danger, and a reminder: none is missed because a page changed its form."""
    assert len(_conversations()) == 3
