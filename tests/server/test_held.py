"""The words of a hold are found in a reply, and nowhere else."""

from __future__ import annotations

import pytest

from server.conversation import Device
from server.held import held


@pytest.mark.parametrize(("wish", "begin", "end"), [("faster", "Thirty.", " One."), ("count quietly", "", ".")])
def test_a_hold_is_found_whole(wish: str, begin: str, end: str) -> None:
    device = Device()
    device.open()
    for text in (wish, "my left calf just seized up", "no", "about a minute, and yes, it's easing"):
        assert device.say(text)["held"] == ""
    out = device.say("yes please")
    before, found, after = out["speech"].partition(out["held"])
    assert found.startswith(begin)
    assert found.endswith(end)
    assert len(before.split()) < 12
    assert len(after.split()) < 12
    assert len(found.split()) > 30


def test_a_few_such_words_are_no_hold() -> None:
    assert held("Nice and steady. One. Two.", "en-US") == ""


def test_in_a_language_we_do_not_speak_there_is_none() -> None:
    assert held("Five. Four. Three. Two. One.", "en-US")
    assert held("Five. Four. Three. Two. One.", "de-DE") == ""
