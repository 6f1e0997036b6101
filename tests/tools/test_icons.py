"""The icons of the store: as large as Amazon wants them, and really drawn from their source."""

from __future__ import annotations

import json
import struct
import zlib
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import pytest

from tools import icons
from tools.manifest import ICONS
from tools.yamlfile import ROOT

CLOSE = 3  # of 255: other builds of the rasteriser may round otherwise


class Image(NamedTuple):
    """A picture of 8-bit red, green, blue and alpha, row by row."""

    width: int
    height: int
    rows: list[bytes]

    def pixel(self, x: int, y: int) -> tuple[int, ...]:
        return tuple(self.rows[y][4 * x : 4 * x + 4])


@cache
def image(data: bytes) -> Image:
    """A PNG as its pixels (https://www.w3.org/TR/png-3/); 8-bit RGBA without interlacing, or an error."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        header = body if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, *form = struct.unpack(">IIBBBBB", header)
    assert form == [8, 6, 0, 0, 0]
    raw, stride, rows = zlib.decompress(packed), 4 * width, [bytes(4 * width)]
    for y in range(height):
        line = raw[y * (stride + 1) : (y + 1) * (stride + 1)]
        rows.append(_unfiltered(line[0], line[1:], rows[-1]))
    return Image(width, height, rows[1:])


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    made = bytearray(line)
    for i in range(len(made)):
        left, up = (made[i - 4] if i >= 4 else 0), above[i]
        corner = above[i - 4] if i >= 4 else 0
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda value: abs(guess - value))
        made[i] = (made[i] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
    return bytes(made)


@pytest.mark.parametrize("size", icons.SIZES)
def test_an_icon_has_the_size_that_is_asked_for(size: int) -> None:
    """108 and 512 pixels, square, as PNG; Amazon refuses every other ("Skill manifest")."""
    drawn = image(icons.path_of(size).read_bytes())
    assert (drawn.width, drawn.height) == (size, size)


def test_the_manifest_names_these_icons() -> None:
    """Each address is a file of the package, the small one the small picture."""
    package = ROOT / "skill-package"
    sizes = {
        key: image((package / address.removeprefix("file://")).read_bytes()).width for key, address in ICONS.items()
    }
    assert sizes == {"smallIconUri": 108, "largeIconUri": 512}
    shown = json.loads((package / "skill.json").read_text("utf-8"))["manifest"]["publishingInformation"]["locales"]
    assert all(ICONS.items() <= text.items() for text in shown.values())


@pytest.mark.parametrize("size", icons.SIZES)
def test_an_icon_may_be_cut_to_a_circle(size: int) -> None:
    """Opaque to its corners, and what is drawn lies in the circle that the Alexa app may show of it."""
    drawn = image(icons.path_of(size).read_bytes())
    assert all(row[3::4] == b"\xff" * size for row in drawn.rows)
    middle, radius = (size - 1) / 2, 0.42 * size
    for y, row in enumerate(drawn.rows):
        ground = drawn.pixel(0, y)
        for x in range(size):
            if (x - middle) ** 2 + (y - middle) ** 2 > radius**2:
                assert max(abs(a - b) for a, b in zip(row[4 * x : 4 * x + 4], ground, strict=True)) <= CLOSE, (x, y)


@pytest.mark.parametrize("size", icons.SIZES)
def test_an_icon_is_not_blank(size: int) -> None:
    """A ring, a leg and a muscle: three colours that stand out from the ground, each on a fair share of it."""
    drawn = image(icons.path_of(size).read_bytes())
    pixels = [drawn.pixel(x, y) for y in range(size) for x in range(size)]
    teal = sum(green > 140 and green > red + 40 for red, green, _, _ in pixels)
    skin = sum(red > 240 and blue > 190 for red, _, blue, _ in pixels)
    orange = sum(red > 230 and blue < 120 for red, _, blue, _ in pixels)
    for share in (teal, skin, orange):
        assert 0.02 < share / len(pixels) < 0.3


def test_the_icons_are_drawn_from_their_source() -> None:
    """What is committed is what "make icons" draws, but for roundings."""
    pytest.importorskip("resvg_py", reason="it comes with the test tools")
    for size in icons.SIZES:
        ours, drawn = image(icons.path_of(size).read_bytes()), image(icons.drawn(size))
        worst = max(
            abs(a - b)
            for mine, other in zip(ours.rows, drawn.rows, strict=True)
            for a, b in zip(mine, other, strict=True)
        )
        assert worst <= CLOSE, f"{size}: to draw it anew, make icons"


def test_the_source_needs_nothing_from_elsewhere() -> None:
    """No font, no picture, no style sheet: it looks the same wherever it is drawn."""
    source = icons.SOURCE.read_text("utf-8")
    for part in ("<text", "<image", "<style", "href", "http://", "https://"):
        assert part not in source.replace('xmlns="http://www.w3.org/2000/svg"', ""), part


def test_the_reader_of_pictures_reads() -> None:
    """Every kind of line filter: a check that reads rubbish would prove nothing."""
    rows = [bytes(range(i, i + 16)) for i in (0, 7, 90, 3, 200)]
    above = bytes(16)
    assert _unfiltered(0, rows[0], above) == rows[0]
    for kind in range(5):
        for before, row in pairwise([above, *rows]):
            filtered = bytes(
                (row[i] - _guess(kind, row[i - 4] if i > 3 else 0, before[i], before[i - 4] if i > 3 else 0)) & 255
                for i in range(16)
            )
            assert _unfiltered(kind, filtered, before) == row


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    paeth = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
    return (0, left, up, (left + up) // 2, paeth)[kind]
