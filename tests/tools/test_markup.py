"""The second opinion on SSML: what Alexa takes passes, and each way to be wrong is named."""

from __future__ import annotations

import pytest

from skill.reply import ssml
from tools.markup import read


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "Fish &amp; chips &lt;3 &quot;x&quot;",
        '<prosody rate="85%">Slowly <break time="500ms"/> now.</prosody>',
        '<prosody rate="x-slow" pitch="+10%" volume="-6dB">Low.</prosody>',
        "<p><s>One.</s><s>Two.</s></p>",
        '<break strength="strong"/>Now.',
        '<say-as interpret-as="digits">911</say-as>',
        '<say-as interpret-as="date" format="mdy">1/2/2026</say-as>',
        '<sub alias="aluminium">Al</sub> and <w role="amazon:VB">read</w>',
        '<phoneme alphabet="x-sampa" ph="pIkA:n">pecan</phoneme>',
        '<audio src="https://cdn.example/hold-tick-15.mp3"/>',
        '<audio src="soundbank://soundlibrary/animals/amzn_sfx_bear_groan_roar_01"/>',
        '<amazon:effect name="whispered">Hush.</amazon:effect>',
        '<amazon:emotion name="excited" intensity="low">Oh.</amazon:emotion>',
        '<lang xml:lang="en-GB"><voice name="Brian">Hello.</voice></lang>',
        '<emphasis level="strong">No.</emphasis>',
    ],
)
def test_what_amazon_names_is_taken(text: str) -> None:
    assert read(f"<speak>{text}</speak>").faults == ()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Hello.", "malformed"),
        ("<speak>Fish & chips</speak>", "malformed"),
        ("<speak>a < b</speak>", "malformed"),
        ("<speak>Half <s>a sentence</speak>", "malformed"),
        ("<speak>a</speak><speak>b</speak>", "malformed"),
        ("<p>No speak.</p>", "one pair of <speak>"),
        ("<speak><speak>Twice.</speak></speak>", "one pair of <speak>"),
        ("<speak></speak>", "says nothing"),
        ("<speak>  </speak>", "says nothing"),
        ("<speak>Fish &amp;amp; chips</speak>", "escaped twice"),
        ("<speak>a\ud800</speak>", "lone surrogate"),
        ("<speak>a\x00</speak>", "malformed"),
        ("<!DOCTYPE x><speak>a</speak>", "beside tags and words"),
        ("<speak>a<!-- b --></speak>", "beside tags and words"),
        ("<speak><![CDATA[a]]></speak>", "beside tags and words"),
        ("<speak>a<?b c?></speak>", "beside tags and words"),
        ("<speak><blink>a</blink></speak>", "the tag 'blink'"),
        ('<speak><p class="x">a</p></speak>', "the attribute 'class'"),
        ('<speak>a<break time="11s"/></speak>', "a 'time' that does not fit"),
        ('<speak>a<break time="500"/></speak>', "a 'time' that does not fit"),
        ('<speak>a<break strength="hefty"/></speak>', "a 'strength' that does not fit"),
        ('<speak>a<break time="1s">b</break></speak>', "words into 'break'"),
        ('<speak><audio src="https://x.example/a.mp3"><p>b</p></audio></speak>', "puts something into 'audio'"),
        ('<speak><audio src="http://x.example/a.mp3"/></speak>', "a 'src' that does not fit"),
        ('<speak><audio src="https://me:secret@x.example/a.mp3"/></speak>', "a 'src' that does not fit"),
        ('<speak><audio src="https://x.example:8443/a.mp3"/></speak>', "a 'src' that does not fit"),
        ("<speak>a<audio/></speak>", "'audio' too little: src"),
        ("<speak><prosody>a</prosody></speak>", "'prosody' too little"),
        ('<speak><prosody rate="10%">a</prosody></speak>', "a 'rate' that does not fit"),
        ('<speak><prosody pitch="+80%">a</prosody></speak>', "a 'pitch' that does not fit"),
        ('<speak><prosody volume="+9dB">a</prosody></speak>', "a 'volume' that does not fit"),
        ('<speak><say-as interpret-as="song">a</say-as></speak>', "that does not fit"),
        ('<speak><amazon:effect name="shouted">a</amazon:effect></speak>', "that does not fit"),
        ('<speak><emphasis level="strong"><voice name="Amy">a</voice></emphasis></speak>', "within another voice"),
        ("<speak><s>a<s>b</s></s></speak>", "'s' within 's'"),
        ("<speak><s>a<p>b</p></s></speak>", "'p' within 's'"),
        ("<speak>" + '<prosody rate="90%">' * 20 + "a" + "</prosody>" * 20 + "</speak>", "too many tags"),
    ],
)
def test_what_alexa_would_refuse_is_named(text: str, fault: str) -> None:
    assert fault in "; ".join(read(text).faults)


def test_what_is_in_it_is_counted() -> None:
    marked = read(
        '<speak>Hold <break time="500ms"/> and <break time="1.5s"/> <break strength="strong"/>'
        '<audio src="https://x.example/hold-tick-9.mp3"/> ease.</speak>'
    )
    assert marked.words == "Hold and ease."
    assert marked.breaks == pytest.approx(2.5)
    assert marked.sounds == ("https://x.example/hold-tick-9.mp3",)


@pytest.mark.parametrize("words", ["Fish & chips", "a < b > c", 'so "called"', "&amp;", "</speak>", "<break/>"])
def test_what_we_write_comes_back_as_it_was(words: str) -> None:
    """Escaped once and no more; only what was written as an entity is taken for one that was escaped twice."""
    marked = read(f"<speak>{ssml([words])}</speak>")
    assert marked.words == words
    assert marked.faults == (("is escaped twice",) if words == "&amp;" else ())
