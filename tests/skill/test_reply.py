"""Words and marks become SSML that Alexa renders; sounds only where somebody hosts them."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from types import ModuleType
from xml.etree import ElementTree

import pytest

import skill.reply
from server.conversation import Device
from speech import Line, open_book, parts
from speech.duration import heard


@pytest.fixture
def reloaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """The module as it starts with an AUDIO_BASE_URL."""

    def start(address: str | None) -> ModuleType:
        if address is None:
            monkeypatch.delenv("AUDIO_BASE_URL", raising=False)
        else:
            monkeypatch.setenv("AUDIO_BASE_URL", address)
        return importlib.reload(skill.reply)

    yield start
    monkeypatch.undo()
    importlib.reload(skill.reply)


SOUND = ["Hold it. [sound hold-quiet-15]", "Well done."]


def test_text_is_escaped() -> None:
    assert skill.reply.ssml(['a < b & "c"']) == "a &lt; b &amp; &quot;c&quot;"


@pytest.mark.parametrize(
    ("sentences", "says"),
    [
        (["One. Two."], "One. Two."),
        (["Ten. [0.70s] Nine. [1.00s]"], 'Ten <break time="700ms"/> Nine <break time="1000ms"/>'),
        (["Ready,", "[1.00s] go."], 'Ready <break time="1000ms"/> go.'),
        (["Ready? [1.00s]"], 'Ready? <break time="1000ms"/>'),
        (["[0.50s]", "Go."], '<break time="500ms"/> Go.'),
    ],
)
def test_a_pause_takes_the_place_of_the_stop_before_it(sentences: list[str], says: str) -> None:
    """Voices differ in whether they add the two, and so would holds in their length."""
    assert skill.reply.ssml(sentences) == says


def test_without_a_host_there_are_no_sounds(reloaded) -> None:
    for address in (None, ""):
        module = reloaded(address)
        assert module.AUDIO_BASE_URL == ""
        assert module.ssml(SOUND) == "Hold it. Well done."


@pytest.mark.parametrize("address", ["https://d1.cloudfront.net", "https://d1.cloudfront.net/"])
def test_a_sound_is_played_from_its_host(address: str, reloaded) -> None:
    spoken = reloaded(address).ssml(SOUND)
    assert spoken == 'Hold it. <audio src="https://d1.cloudfront.net/hold-quiet-15.mp3"/> Well done.'


def test_a_host_may_have_a_folder(reloaded, caplog: pytest.LogCaptureFixture) -> None:
    assert reloaded("https://a.b.example:443/sounds/en_1").AUDIO_BASE_URL == "https://a.b.example:443/sounds/en_1"
    assert caplog.records == []


@pytest.mark.parametrize(
    "address",
    [
        "http://sounds.example",
        "sounds.example",
        "https://",
        "https://localhost",
        "https://me:secret@sounds.example",
        "https://sounds.example:8443",
        "https://sounds.example/a b",
        "https://sounds.example/?key=secret",
        'https://sounds.example/"/><audio',
        "https://sounds.example\nhttps://other.example",
        "HTTPS://sounds.example",
        "s3://bucket",
    ],
)
def test_an_address_alexa_cannot_play_from_is_nowhere(address: str, reloaded, caplog: pytest.LogCaptureFixture) -> None:
    """One clear line for the operator, without the address; the person hears a spoken hold."""
    with caplog.at_level(logging.DEBUG):
        module = reloaded(address)
    assert module.AUDIO_BASE_URL == ""
    assert module.ssml(SOUND) == "Hold it. Well done."
    assert [record.getMessage().partition(";")[0] for record in caplog.records] == [
        "AUDIO_BASE_URL is no https address with a plain path"
    ]
    assert address not in caplog.text


def test_an_address_is_quoted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in an attribute is escaped there, whatever let it through."""
    monkeypatch.setattr(skill.reply, "AUDIO_BASE_URL", 'https://a.example/"&<')
    root = ElementTree.fromstring(f"<speak>{skill.reply.ssml(SOUND)}</speak>")  # noqa: S314 - our own output
    assert root[0].attrib == {"src": 'https://a.example/"&</hold-quiet-15.mp3'}


@pytest.mark.parametrize("style", ["aloud", "quiet"])
def test_a_hold_is_ssml_of_few_breaks(style: str) -> None:
    """Every pause that was counted is rendered, and nothing more: its seconds are those of the model."""
    line = Line("hold", {"seconds": "30", "style": style, "pace": "normal", "hosted": "no"})
    text = open_book("en-US").say(line)
    root = ElementTree.fromstring(f"<speak>{skill.reply.ssml([text])}</speak>")  # noqa: S314 - our own output
    breaks = [float(element.attrib["time"].removesuffix("ms")) / 1000 for element in root]
    assert {element.tag for element in root} == {"break"}
    assert breaks == pytest.approx([part.pause for part in parts(text) if not isinstance(part, str)])
    assert sum(breaks) <= 9.5
    assert heard(text) == pytest.approx(30, rel=0.1)


def test_a_screen_that_fails_costs_no_words(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Not even an emergency's; the log tells the kind of the mistake alone."""

    def fail(*_: object, **__: object) -> None:
        raise KeyError("calf")

    monkeypatch.setattr(skill.reply, "change", fail)
    told = Device(screen=True).say("I have chest pain")
    assert told["assessment"]["disposition"] == "EMERGENCY"
    assert told["ended"]
    assert [record.getMessage() for record in caplog.records] == ["the screen failed: KeyError"]
