"""The screen of the device on the page, in step with the voice; reminders; and what the page keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server.ssml import parts_of

pytest.importorskip("playwright", reason="playwright is not installed: use make browser")

AUDIO = "document.getElementById('audio')"
CALF = ("my left calf just seized up", "no", "about a minute, and yes, it's easing")
COUNT = "#glass [role=timer]"


def say(page: Any, text: str) -> None:
    """Types it, and waits for the reply."""
    number = page.locator(".coach .words").count()
    page.fill("#say", text)
    page.press("#say", "Enter")
    page.wait_for_function("n => document.querySelectorAll('.coach .words').length > n", arg=number)


def hold(page: Any, *, sound: bool = False) -> None:
    """Opens the page's skill, and talks until the calf is held."""
    page.click("#open-first" if sound else "#open-silently")
    page.wait_for_selector(".coach .words")
    for text in (*CALF, "yes please"):
        say(page, text)


def count(page: Any) -> int:
    return int(page.text_content(COUNT))


def last_reply(page: Any) -> str:
    return str(page.locator(".coach .words").last.text_content())


def test_the_count_is_the_one_that_is_heard(page: Any) -> None:
    """The hum is faster than the skill reckons, so a clock of its own would soon be wrong by seconds."""
    page.click("#open-first")
    page.wait_for_selector(".coach .words")
    for text in CALF:
        say(page, text)
    with page.expect_response(lambda reply: "Ten" in (reply.request.post_data or "")) as spoken:
        say(page, "yes please")
    marks = json.loads(spoken.value.headers["speech-marks"])
    ssml = spoken.value.request.post_data_json["ssml"]
    texts = [part.text for part in parts_of(ssml) if hasattr(part, "text")]
    page.wait_for_function(f"() => {AUDIO}.currentTime > 0.2")
    assert count(page) == 30  # while it is still said how to stop
    for number, word in ((10, "Ten"), (7, "Seven"), (3, "Three")):
        page.evaluate(f"at => ({AUDIO}.currentTime = at)", marks[texts.index(word)][0] + 0.05)
        page.wait_for_timeout(250)
        assert count(page) == pytest.approx(number, abs=1)
        assert number - count(page) >= 0


def test_a_count_waits_for_the_voice(page: Any) -> None:
    page.route("**/api/speech", lambda route: None)  # never answered
    hold(page, sound=True)
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('#glass').textContent").count("30") == 1


def test_a_voice_that_fails_leaves_the_count_to_the_wall(page: Any, complaints: list[str]) -> None:
    page.click("#open-first")
    page.wait_for_selector(".coach .words")
    page.route("**/api/speech", lambda route: route.fulfill(status=503, json={"error": "No voice."}))
    for text in (*CALF, "yes please"):
        say(page, text)
    page.wait_for_function("() => document.querySelector('#glass [role=timer]').textContent < 30")
    assert any("503" in complaint for complaint in complaints)
    complaints.clear()


@pytest.mark.parametrize("how", ["Escape", "typing"])
def test_who_interrupts_the_voice_stops_the_count(page: Any, how: str) -> None:
    hold(page, sound=True)
    page.wait_for_function("() => document.querySelector('#glass [role=timer]').textContent < 29")
    page.keyboard.press("Escape") if how == "Escape" else page.keyboard.type("m")
    page.wait_for_timeout(150)
    stopped = count(page)
    page.wait_for_timeout(1500)
    assert count(page) == stopped


def test_without_sound_the_count_takes_its_real_time(page: Any) -> None:
    page.clock.install()
    hold(page)
    page.clock.run_for(500)
    assert count(page) == 30
    page.clock.run_for(10_000)
    before = count(page)
    assert 20 < before < 28  # some seconds are said before it begins
    assert page.text_content("#state") == "Giving you time"
    page.keyboard.type("my answer")
    page.clock.run_for(5_000)
    assert count(page) == before - 5  # to type beforehand interrupts nobody who is silent
    page.click("#screen-on")
    assert page.is_hidden("#screen")
    page.click("#screen-on")
    assert count(page) == before - 5  # and it does not begin anew
    page.keyboard.press("Escape")
    page.clock.run_for(5_000)
    assert count(page) == before - 5
    assert page.text_content("#state") == "Listening"
    page.clock.run_for(60_000)  # nobody is there any more
    assert page.locator(COUNT).first.is_hidden()


def test_what_is_touched_is_said(page: Any) -> None:
    hold(page)
    page.click("#glass button:has-text('Next')")
    page.wait_for_function("() => [...document.querySelectorAll('.you')].at(-1).textContent.includes('next')")
    page.wait_for_function("() => document.querySelectorAll('.coach .words').length === 6")
    page.click("#glass button:has-text('Stop')")
    page.wait_for_function("() => document.querySelectorAll('.coach .words').length === 7")


def test_when_the_session_ends_the_screen_has_the_name_and_nothing_else(page: Any) -> None:
    hold(page)
    say(page, "yes")
    page.wait_for_selector(".divider")
    assert page.text_content("#glass") == "Cramp Coach"
    say(page, "my chest feels tight")
    assert page.is_hidden("#screen")


def test_the_words_of_a_hold_are_all_there(page: Any) -> None:
    hold(page)
    assert last_reply(page).startswith("And hold.")
    assert "Three. Two. One." in str(page.text_content(".held"))
    assert last_reply(page).endswith("Is it easing?")


def test_a_reminder_is_asked_for_allowed_set_and_seen(page: Any) -> None:
    page.click("#open-silently")
    page.wait_for_selector(".coach .words")
    say(page, "remind me to call my doctor")
    assert page.is_hidden("#rings")
    say(page, "yes")
    assert "Alexa herself asks" in page.locator(".coach").last.inner_text()
    assert "permission" in last_reply(page)
    say(page, "I approve")
    page.wait_for_selector("#rings:not([hidden])")
    assert page.text_content("#rings-count") == "1 reminder set on this pretend device"
    assert page.is_hidden("#rings-list")
    page.click("#rings summary")
    assert "9:00 AM" in page.inner_text("#rings-list")
    page.keyboard.press("Escape")
    assert page.is_hidden("#rings-list")
    page.reload(wait_until="networkidle")
    say(page, "what reminders do I have")
    assert "nine in the morning" in last_reply(page)  # the same person


def test_alexas_question_is_heard(page: Any) -> None:
    page.click("#open-first")
    page.wait_for_selector(".coach .words")
    say(page, "remind me to call my doctor")
    with page.expect_request("**/api/speech") as spoken:
        say(page, "yes")
    assert "permission" in spoken.value.post_data_json["ssml"]


def test_the_page_forgets_its_person(page: Any) -> None:
    known = "localStorage.getItem('cramp-coach.person')"
    assert page.evaluate(known) is None  # who only looks is nobody
    page.click("#open-silently")
    page.wait_for_selector(".coach .words")
    assert page.evaluate(known)
    page.click("#settings summary")
    page.click("#forget")
    page.wait_for_function("() => document.querySelectorAll('.coach .words').length === 2")
    assert page.evaluate(known) is None
    say(page, "is this a cramp")
    assert page.evaluate(known) is None
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})").count("cramp-coach.person") == 0
