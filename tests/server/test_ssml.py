"""SSML becomes words and silences; what is no SSML gets one line that quotes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.ssml import LONGEST_SSML, Part, Silence, SsmlError, Words, parts_of
from skill.reply import ssml
from speech.marks import pause


def read(inside: str) -> list[Part]:
    return parts_of(f"<speak>{inside}</speak>")


@pytest.mark.parametrize(
    ("inside", "parts"),
    [
        ("", []),
        (" Hold it. ", [Words("Hold it.")]),
        ("you&apos;re &amp; I &#233;", [Words("you're & I é")]),
        ('One <break time="500ms"/> two', [Words("One"), Silence(0.5), Words("two")]),
        ('<break time="1.5s"/><break time="+2s"/>', [Silence(3.5)]),
        ('a<break strength="none"/>b', [Words("ab")]),
        ("a<break/>b", [Words("a"), Silence(0.25), Words("b")]),
        ('a<break strength="x-strong"/>', [Words("a"), Silence(0.9)]),
        ("<p><s>One.</s> Two.</p>", [Words("One."), Silence(0.5), Words("Two."), Silence(0.9)]),
        ('<prosody rate="85%">slow</prosody> not', [Words("slow", 0.85), Words("not")]),
        ('<prosody rate="slow"><prosody rate="50%">a</prosody></prosody>', [Words("a", 0.375)]),
        ('<prosody rate="1%">a</prosody>', [Words("a", 0.2)]),
        ('<prosody pitch="high">a</prosody> b', [Words("a b")]),
        ('Call <say-as interpret-as="digits">911</say-as>.', [Words("Call nine one one.")]),
        ('<say-as interpret-as="spell-out">mg 5</say-as>', [Words("M, G, five")]),
        ('<say-as interpret-as="cardinal">30</say-as>', [Words("30")]),
        ('the <sub alias="emergency room">ER</sub> now', [Words("the emergency room now")]),
        ('<amazon:effect name="whispered">psst</amazon:effect> <voice name="Ivy">you</voice>', [Words("psst you")]),
        ('now <audio src="https://a.example/a.mp3"/> on', [Words("now on")]),
        ('<audio src="soundbank://x">tick tock</audio>', [Words("tick tock")]),
        ("a<!-- no --><![CDATA[ <b> ]]>", [Words("a <b>")]),
    ],
)
def test_what_is_said_and_when_it_is_silent(inside: str, parts: list[Part]) -> None:
    assert read(inside) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "<speak>zebra",
        "<speak>zebra</speak><speak/>",
        "<speak>zebra & co</speak>",
        "<speak><b>zebra</speak>",
        "<talk>zebra</talk>",
        "<speak>\x00zebra</speak>",
        "<speak>&zebra;</speak>",
        '<!DOCTYPE speak [<!ENTITY zebra "zebra">]><speak>&zebra;</speak>',
        '<speak><break time="zebra"/></speak>',
        '<speak><break time="10001ms"/></speak>',
        '<speak><break time="-1s"/></speak>',
        '<speak><break time="&#1633;s"/></speak>',
        '<speak><break strength="zebra"/></speak>',
        '<speak><prosody rate="zebra">a</prosody></speak>',
        '<speak><prosody rate="-5%">a</prosody></speak>',
        "<speak>" + "<s>" * 30 + "zebra" + "</s>" * 30 + "</speak>",
        "<speak>" + "zebra " * LONGEST_SSML + "</speak>",
    ],
)
def test_what_is_no_ssml_gets_one_line_that_quotes_nothing(text: str) -> None:
    with pytest.raises(SsmlError) as caught:
        parts_of(text)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert "zebra" not in message


@settings(max_examples=50)
@given(st.text(max_size=200))
def test_anything_else_raises_nothing_else(text: str) -> None:
    for whole in (text, f"<speak>{text}</speak>"):
        try:
            parts = parts_of(whole)
        except SsmlError:
            continue
        assert all(part.seconds > 0 if isinstance(part, Silence) else part.text for part in parts)


def test_the_marks_of_our_replies_are_understood() -> None:
    said = ssml([f"Hold & breathe. {pause(2.5)} Now “rest”."])
    assert read(said) == [Words("Hold & breathe"), Silence(2.5), Words("Now “rest”.")]
