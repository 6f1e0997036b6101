"""The sounds of a hosted hold: what Alexa demands of their files, and what an ear does.

The MP3 is read here by its frame headers, not by the library that wrote it (ISO/IEC 13818-3: MPEG-2, Layer III).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from speech import Line, Mark, open_book, parts
from speech.holds import SOUNDS
from tools.sounds import FRAME, HERTZ, LOUDEST, encoded, main, samples
from tools.yamlfile import ROOT

# The MPEG-2 columns of the tables for Layer III.
KILOBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
RATES = (22050, 24000, 16000)
SOME = ("hold-tick-3", "hold-tick-10", "hold-tick-15", "hold-quiet-4", "hold-quiet-7", "hold-quiet-15")


class Header(NamedTuple):
    version: int
    layer: int
    kilobits: int
    hertz: int
    channels: int
    length: int


def headers(data: bytes) -> Iterator[Header]:
    """Every frame of a file that is frames and nothing else."""
    at = 0
    while at < len(data):
        word = int.from_bytes(data[at : at + 4], "big")
        assert word >> 21 == 0x7FF, f"no frame at byte {at}"
        version = {0: 25, 2: 2, 3: 1}[word >> 19 & 3]
        layer = 4 - (word >> 17 & 3)
        kilobits, hertz = KILOBITS[word >> 12 & 15], RATES[word >> 10 & 3]
        length = 72 * 1000 * kilobits // hertz + (word >> 9 & 1)
        yield Header(version, layer, kilobits, hertz, 1 if word >> 6 & 3 == 3 else 2, length)
        at += length
    assert at == len(data), "the last frame is cut"


def seconds_of(name: str) -> int:
    return int(name.rpartition("-")[2])


@pytest.mark.parametrize("name", SOME)
def test_a_file_is_what_alexa_plays(name: str) -> None:
    """MPEG version 2, Layer III, 48 kbit/s, 24 kHz, mono; as long as its name says, within one frame."""
    frames = list(headers(encoded(samples(name))))
    assert {frame[:5] for frame in frames} == {(2, 3, 48, 24000, 1)}
    assert abs(len(frames) * FRAME / HERTZ - seconds_of(name)) <= FRAME / HERTZ


def test_the_same_sound_is_the_same_file() -> None:
    assert encoded(samples("hold-quiet-3")) == encoded(samples("hold-quiet-3"))


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_soft_and_falls_silent(name: str) -> None:
    """Nothing near clipping; nothing that an ear would hear as a click; the cut end is silent already."""
    made = samples(name)
    assert len(made) == seconds_of(name) * HERTZ
    assert 0.05 * LOUDEST < max(map(abs, made)) < 0.25 * LOUDEST
    assert max(abs(two - one) for one, two in pairwise(made)) < 0.06 * LOUDEST
    assert not any(made[-HERTZ // 20 :])


def test_quiet_is_quiet_until_a_chime() -> None:
    made = samples("hold-quiet-9")
    assert not any(made[: 8 * HERTZ])
    assert any(made[8 * HERTZ :])


def test_a_tick_comes_each_second() -> None:
    made = samples("hold-tick-7")
    assert all(any(made[second * HERTZ : (second + 1) * HERTZ]) for second in range(7))
    assert all(not any(made[round((second + 0.95) * HERTZ) : (second + 1) * HERTZ]) for second in range(7))


def test_every_sound_that_a_hold_plays_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Under the names that stand in the marks."""
    assert main([str(tmp_path)]) == 0
    assert f"{len(SOUNDS)} of {len(SOUNDS)} sounds" in capsys.readouterr().out
    written = {path.stem for path in tmp_path.glob("*.mp3")}
    assert written == set(SOUNDS) == {path.stem for path in tmp_path.iterdir()}
    blanks = {"style": "aloud", "pace": "slow", "hosted": "yes"}
    text = " ".join(open_book("en").say(Line("hold", {**blanks, "seconds": str(n)})) for n in range(10, 61))
    assert {part.sound for part in parts(text) if isinstance(part, Mark)} <= written


class _Template(yaml.SafeLoader):
    """Reads a template; its short functions, such as !Ref, become (name, argument)."""


_Template.add_multi_constructor("!", lambda loader, name, node: (name, _plain(loader, node)))


def _plain(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node, deep=True)


def test_the_stack_hosts_sounds_only_for_who_asks() -> None:
    """By default there is nothing but the function; it plays sounds once somebody says that they were uploaded."""
    template = yaml.load((ROOT / "template.yaml").read_text("utf-8"), _Template)  # noqa: S506 - derived from SafeLoader
    assert template["Parameters"]["Sounds"]["Default"] == "none"
    made = {name: entry for name, entry in template["Resources"].items() if name.startswith("Sounds")}
    assert {entry["Type"].split("::")[1] for entry in made.values()} == {"S3", "CloudFront"}
    assert {entry["Condition"] for entry in made.values()} == {"HostsSounds"}
    assert all(made["SoundsBucket"]["Properties"]["PublicAccessBlockConfiguration"].values())
    (statement,) = made["SoundsBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Principal"]) == ("s3:GetObject", {"Service": "cloudfront.amazonaws.com"})
    assert "${SoundsDistribution}" in statement["Condition"]["StringEquals"]["AWS:SourceArn"][1]
    distribution = made["SoundsDistribution"]["Properties"]["DistributionConfig"]
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    variables = template["Resources"]["SkillFunction"]["Properties"]["Environment"]["Variables"]
    condition, address, otherwise = variables["AUDIO_BASE_URL"][1]
    assert (condition, otherwise) == ("PlaysSounds", ("Ref", "AWS::NoValue"))
    assert address == ("Sub", "https://${SoundsDistribution.DomainName}")
