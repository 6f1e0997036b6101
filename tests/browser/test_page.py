"""What a person does on the page: type, hear it speak, interrupt it, talk to it."""

from __future__ import annotations

import importlib.util
import io
import time
import wave
from array import array
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from server.ears import RATE, Ears, ears
from server.voice import Voice

pytest.importorskip("playwright", reason="playwright is not installed: use make browser")

TONE = 440  # Hz, of what the microphone hears in conftest.py
AUDIO = "document.getElementById('audio')"


def state(page: Any) -> str:
    return str(page.text_content("#state"))


def wait_for_state(page: Any, *words: str) -> None:
    page.wait_for_function("words => words.includes(document.getElementById('state').textContent)", arg=list(words))


def say(page: Any, text: str) -> None:
    page.fill("#say", text)
    page.press("#say", "Enter")


def replies(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".coach .words").all_text_contents()]


def posts(page: Any, address: str) -> list[Any]:
    """The requests to an address from now on."""
    seen: list[Any] = []
    page.on("request", lambda request: seen.append(request) if request.url.endswith(address) else None)
    return seen


# It speaks


def test_a_reply_is_heard_in_real_time_and_then_it_listens(page: Any) -> None:
    page.click("#open-first")
    page.wait_for_function(f"() => {AUDIO}.currentTime > 0.3")
    assert state(page) == "Speaking"
    assert page.evaluate(f"{AUDIO}.duration") > 2
    begun, at = time.monotonic(), page.evaluate(f"{AUDIO}.currentTime")
    page.wait_for_timeout(700)
    heard = page.evaluate(f"{AUDIO}.currentTime") - at
    assert heard == pytest.approx(time.monotonic() - begun, abs=0.3)
    wait_for_state(page, "Listening")
    assert page.is_hidden("#hush")


def test_who_opens_it_without_sound_hears_none_and_can_turn_it_on(page: Any) -> None:
    spoken = posts(page, "/api/speech")
    page.click("#open-silently")
    page.wait_for_selector(".coach .words")
    assert spoken == []
    assert page.get_attribute("#sound", "aria-checked") == "false"
    page.click("#sound")  # says the last reply
    page.wait_for_function(f"() => {AUDIO}.currentTime > 0.1")
    page.reload(wait_until="networkidle")
    assert page.get_attribute("#sound", "aria-checked") == "true"  # remembered in this tab


def test_who_types_first_hears_nothing(page: Any) -> None:
    spoken = posts(page, "/api/speech")
    say(page, "cramp in my left calf")
    page.wait_for_selector(".coach .words")
    assert spoken == []


@pytest.mark.parametrize("how", ["Escape", "typing", "the button", "a turn", "the switch", "talking"])
def test_speech_can_be_interrupted(page: Any, how: str) -> None:
    page.click("#open-first")
    page.wait_for_function(f"() => {AUDIO}.currentTime > 0.1")
    match how:
        case "Escape":
            page.fill("#say", "")
            page.keyboard.press("Escape")
        case "typing":
            page.keyboard.type("m")
        case "the button":
            page.click("#hush")
        case "a turn":
            page.click(".chip >> nth=2")
            page.wait_for_selector(".coach[data-disposition]")
        case "the switch":
            page.click("#sound")
        case _:
            page.click("#talk-button")
    if how != "a turn":  # which is answered aloud
        page.wait_for_function(f"() => {AUDIO}.paused")
        assert state(page) != "Speaking"
    assert len(replies(page)) == (2 if how == "a turn" else 1)


def test_escape_while_it_speaks_keeps_what_was_typed(page: Any) -> None:
    page.click("#open-first")
    page.wait_for_function(f"() => {AUDIO}.currentTime > 0.1")
    page.evaluate("document.getElementById('say').value = 'my calf'")
    page.press("#say", "Escape")
    assert page.input_value("#say") == "my calf"
    page.press("#say", "Escape")
    assert page.input_value("#say") == ""


def test_an_emergency_stays_an_emergency_while_it_is_spoken(page: Any) -> None:
    page.click("#open-first")
    page.wait_for_selector(".coach .words")
    say(page, "my chest feels tight")
    page.wait_for_function(f"() => {AUDIO}.currentTime > 0.1")
    assert state(page) == "Emergency. Session ended"
    assert "Emergency." in str(page.text_content("#alarm"))


def test_a_silence_is_shown_as_one(page: Any) -> None:
    page.route("**/api/turn", answer_with("<speak>Hold it. <break time='3s'/> Let go.</speak>"))
    page.click("#open-first")
    wait_for_state(page, "Giving you time")
    assert page.evaluate(f"{AUDIO}.duration") == pytest.approx(3.8, abs=0.2)


def test_a_voice_that_fails_leaves_the_words(page: Any, complaints: list[str]) -> None:
    page.route("**/api/turn", answer_with("<speak>Hello <b></speak>"))
    page.click("#open-first")
    page.wait_for_function("() => document.getElementById('sound-note').textContent.includes('heard')")
    assert replies(page) == ["Hello."]
    assert "400" in complaints.pop()


# A browser's own voice

PRETEND_VOICES = """
const own = { name: "Ada", lang: "en-US", voiceURI: "ada", localService: true };
const remote = { name: "Far", lang: "en-US", voiceURI: "far", localService: false };
window.said = [];
class Utterance extends EventTarget { constructor(text) { super(); this.text = text; } }
const synthesis = new EventTarget();
synthesis.getVoices = () => [own, remote];
synthesis.cancel = () => said.push("cancel");
synthesis.speak = (utterance) => {
  said.push([utterance.text, utterance.rate, performance.now()]);
  if (utterance.text === "One.") setTimeout(() => utterance.dispatchEvent(new Event("end")), 100);
};
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
window.SpeechSynthesisUtterance = Utterance;
"""


def test_a_voice_of_the_browser_pauses_as_long_and_no_reply_leaves_this_computer(page: Any) -> None:
    page.add_init_script(PRETEND_VOICES)
    ssml = "<speak>One. <break time='1s'/><prosody rate='85%'>Two.</prosody></speak>"
    page.route("**/api/turn", answer_with(ssml))
    page.reload(wait_until="networkidle")
    assert page.locator("#voice option").all_text_contents() == ["Built in (hum)", "Ada (this browser)"]
    page.click("#open-silently")
    page.click("#settings summary")
    page.select_option("#voice", "ada")
    page.keyboard.press("Escape")
    page.click("#sound")
    page.wait_for_function("() => said.length === 2")
    (one, _, at), (two, rate, later) = page.evaluate("said")
    assert (one, two, rate) == ("One.", "Two.", 0.85)
    assert later - at == pytest.approx(1100, abs=250)
    page.click("#hush", timeout=2000)
    assert page.evaluate("said.at(-1)") == "cancel"


# It listens


def talk(page: Any, seconds: float = 2) -> None:
    page.click("#talk-button")
    wait_for_state(page, "Hearing you")
    page.wait_for_timeout(seconds * 1000)
    page.click("#talk-button")


def test_what_the_microphone_hears_arrives_whole_and_in_tune(page: Any, speaker: Any) -> None:
    talk(page, 2)
    page.wait_for_selector(".coach .words")
    samples = array("h", speaker.listener.recordings[0])
    assert len(samples) / RATE == pytest.approx(2, abs=0.7)
    rising = [sum(a < 0 <= b for a, b in pairwise(part)) for part in loud_tenths(samples)]
    assert len(rising) >= 3
    assert 10 * sum(rising) / len(rising) == pytest.approx(TONE, rel=0.05)


def loud_tenths(samples: array[int]) -> list[array[int]]:
    """The tenths of a second in which something is heard all the time."""
    size, quarter = RATE // 10, RATE // 40
    parts = [samples[at : at + size] for at in range(0, len(samples) - size, size)]
    return [part for part in parts if all(max(part[at : at + quarter]) > 500 for at in range(0, size, quarter))]


def test_what_was_heard_is_shown_answered_and_can_be_corrected(page: Any) -> None:
    page.click("#open-silently")
    page.wait_for_selector(".coach .words")
    talk(page, 1)
    page.wait_for_function("() => document.querySelectorAll('.coach .words').length === 2")
    assert "cramp in my left calf" in page.locator(".you").last.inner_text()
    page.get_by_text("Not what I said").click()
    assert page.input_value("#say") == "cramp in my left calf"


def test_who_wants_to_check_first_gets_the_words_to_send(page: Any) -> None:
    page.click("#open-silently")
    page.wait_for_selector(".coach .words")
    page.click("#settings summary")
    page.check("#check")
    talk(page, 1)
    page.wait_for_function("() => document.getElementById('say').value !== ''")
    assert len(replies(page)) == 1


def test_space_in_the_empty_field_is_held_to_talk(page: Any, speaker: Any) -> None:
    page.focus("#say")
    page.keyboard.down(" ")
    wait_for_state(page, "Hearing you")
    page.wait_for_timeout(1000)
    page.keyboard.up(" ")
    page.wait_for_selector(".coach .words")
    assert len(speaker.listener.recordings) == 1
    page.fill("#say", "my")
    page.press("#say", " ")
    assert page.input_value("#say") == "my "


def test_it_ends_by_itself_when_nothing_more_is_said(page: Any, speaker: Any) -> None:
    page.click("#talk-button")
    page.wait_for_selector(".coach .words")  # three seconds of hum, and two of silence
    assert len(speaker.listener.recordings) == 1


def test_escape_throws_a_recording_away(page: Any, speaker: Any) -> None:
    page.click("#talk-button")
    wait_for_state(page, "Hearing you")
    page.keyboard.press("Escape")
    wait_for_state(page, "Off")
    assert "Not sent" in str(page.text_content("#ear-note"))
    assert speaker.listener.recordings == []


def test_nothing_heard_is_said_and_nothing_is_sent(page: Any, speaker: Any) -> None:
    speaker.listener.text = ""
    talk(page, 1)
    page.wait_for_function("() => document.getElementById('ear-note').textContent.startsWith('Nothing was heard')")
    assert replies(page) == []


def test_a_refused_microphone_is_told_in_words(page: Any) -> None:
    page.evaluate("""
        () => {
          const refuse = () => Promise.reject(new DOMException("no", "NotAllowedError"));
          navigator.mediaDevices.getUserMedia = refuse;
        }
    """)
    page.click("#talk-button")
    page.wait_for_function("() => document.getElementById('ear-note').textContent.includes('not allowed')")


def test_without_the_extra_one_line_says_how_to_get_it(
    browser: Any, open_page: Callable[[Any, str], Any], serve: Callable[..., str]
) -> None:
    page = open_page(browser, serve(Voice(list), Ears(None)))
    page.click("#talk-button")
    assert "make listen" in str(page.text_content("#ear-note"))
    page.click("#open-first")  # and without a voice it still answers
    page.wait_for_selector(".coach .words")
    assert page.is_hidden("#sound")


# Silence


def test_who_spoke_is_asked_again_after_eight_seconds_and_who_types_never(page: Any) -> None:
    page.clock.install()
    page.click("#open-first")
    page.wait_for_selector(".coach .words")
    turns = posts(page, "/api/turn")
    settle(page)
    page.clock.run_for(20_000)
    assert turns == []
    page.evaluate("document.getElementById('talk-button').click()")
    wait_for_state(page, "Hearing you")
    page.wait_for_timeout(1000)
    page.evaluate("document.getElementById('talk-button').click()")
    page.wait_for_function("() => document.querySelectorAll('.coach .words').length === 2")
    settle(page)
    page.clock.run_for(7_000)
    assert len(turns) == 1
    page.clock.run_for(1_500)
    page.wait_for_function("() => document.querySelectorAll('.coach .words').length === 3")
    assert turns[1].post_data_json["text"] == ""
    settle(page)
    page.clock.run_for(20_000)
    assert len(turns) == 2  # once, and the session stays open


def settle(page: Any) -> None:
    """Waits until everything is said."""
    page.wait_for_function(f"() => {AUDIO}.duration && (!{AUDIO}.paused || {AUDIO}.ended)")
    page.evaluate(f"{AUDIO}.currentTime = {AUDIO}.duration - 0.05")
    wait_for_state(page, "Listening")


# With the real voice and the real ears


@pytest.mark.skipif(
    not importlib.util.find_spec("faster_whisper"), reason="the recogniser is not installed: make listen"
)
def test_a_spoken_sentence_goes_all_the_way(
    open_browser: Callable[[array[int], int], Any],
    open_page: Callable[[Any, str], Any],
    serve: Callable[..., str],
) -> None:
    voice = Voice()
    if voice.engine is None:
        pytest.skip("there is no voice on this computer to speak with")
    with wave.open(io.BytesIO(voice.say("<speak>My hamstring is cramping.</speak>", "en-US").wav)) as said:
        browser = open_browser(array("h", said.readframes(said.getnframes())), said.getframerate())
    page = open_page(browser, serve(voice, ears()))
    page.click("#talk-button")
    wait_for_state(page, "Hearing you")
    page.wait_for_selector(".coach .words", timeout=60_000)
    assert "hamstring" in page.locator(".you").last.inner_text().lower()
    browser.close()


def answer_with(ssml: str) -> Callable[[Any], None]:
    """Answers every turn with the same speech."""
    out = {"session": "s", "heard": {"intent": "x", "slots": {}, "findings": {}}, "speech": "Hello.", "ssml": ssml}
    rest = dict.fromkeys(("reprompt", "assessment", "question", "offer", "request", "response"))
    return lambda route: route.fulfill(json={**out, **rest, "ended": False})


# The English of its place


def test_a_device_moved_to_another_country_starts_over_and_speaks_its_english(page: Any) -> None:
    """The requests carry the locale, and what is said is that locale's."""
    say(page, "hello")
    page.wait_for_selector(".coach .words")
    page.click("#settings summary")
    page.select_option("#locale", label="United Kingdom")
    assert replies(page) == []
    say(page, "my chest feels tight")
    page.wait_for_selector(".coach .words")
    assert "In the United Kingdom, that's nine nine nine." in replies(page)[-1]


@pytest.mark.parametrize(("browsers", "ours"), [("en-AU", "en-AU"), ("en-NZ", "en-US"), ("de-DE", "en-US")])
def test_a_device_is_at_home_where_the_browser_is(browser: Any, speaker: Any, browsers: str, ours: str) -> None:
    context = browser.new_context(locale=browsers)
    page = context.new_page()
    page.goto(speaker.address)
    assert page.locator("#locale").input_value() == ours
    context.close()
