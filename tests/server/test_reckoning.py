"""A part of a reply lasts as long as the skill reckons: the sum is what a screen counts by."""

from __future__ import annotations

import pytest

from server.conversation import Device
from server.reckoning import reckoned
from server.ssml import parts_of
from server.voice import Voice

CALF = ("my left calf just seized up", "no", "about a minute, and yes, it's easing", "yes please")


def hold(*wishes: str) -> tuple[str, float, int]:
    """A hold of the calf: its SSML, and the lead and the seconds that its screen has."""
    device = Device(screen=True)
    device.open()
    for text in (*wishes, *CALF):
        out = device.say(text)
    scene = out["response"]["response"]["directives"][0]["datasources"]["coach"]
    return out["ssml"], scene["lead"], scene["seconds"]


@pytest.mark.parametrize("wishes", [(), ("slower",), ("faster",)])
def test_the_count_on_a_screen_and_the_one_that_is_said_begin_and_end_together(wishes: tuple[str, ...]) -> None:
    ssml, lead, seconds = hold(*wishes)
    parts = parts_of(ssml)
    last = max(place for place, part in enumerate(parts) if getattr(part, "text", "") == "One")
    assert reckoned(parts)[last][0] == pytest.approx(lead + seconds - 1, abs=0.1)


def test_parts_follow_one_another() -> None:
    times = reckoned(parts_of("<speak>One.<break time='2s'/>Two <prosody rate='50%'>three</prosody></speak>"))
    assert [over for _, over in times[:-1]] == [due for due, _ in times[1:]]
    assert times[1][1] - times[1][0] == pytest.approx(2)
    assert reckoned([]) == []


@pytest.mark.parametrize("wishes", [(), ("slower",), ("faster",), ("count quietly",)])
def test_the_built_in_voice_holds_about_as_long_as_it_promises(wishes: tuple[str, ...]) -> None:
    voice = Voice()
    if voice.engine is None or voice.engine.name != "pico":
        pytest.skip("pico is not on this computer")
    ssml, _, _ = hold(*wishes)
    last = voice.say(ssml, "en-US").marks[-1]
    assert last.end == pytest.approx(last.over, rel=0.12)
