"""The people on the screen: every stretch has one, whole, in its box, and small enough to travel."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import figures
from tools.figures import HEIGHT, WIDTH, Shape
from tools.yamlfile import ContentError, read

DRAWN = figures.figures()
BUSTS = {"hand_forearm", "shoulder"}  # they end at the edge of the box, below the chest
COMMAND = re.compile(r"([MLQCAZ])([^MLQCAZ]*)")
NUMBERS = {"M": 2, "L": 2, "Q": 4, "C": 6, "A": 7, "Z": 0}


def points(path: str) -> list[tuple[float, float]]:
    """Where the strokes of a path go; the path must be one that every renderer reads."""
    assert re.fullmatch(r"(M[-\d. LQCA]+Z?)+", path), path
    ends = []
    for command, text in COMMAND.findall(path):
        numbers = [float(number) for number in text.split()]
        assert len(numbers) == NUMBERS[command], path
        if numbers:
            ends.append((numbers[-2], numbers[-1]))
    return ends


def named(shapes: tuple[Shape, ...], colour: str) -> list[Shape]:
    return [shape for shape in shapes if shape.colour == colour]


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_lies_in_its_box(name: str) -> None:
    """Nothing is cut off but the lower half of a bust."""
    lowest = 1000 if name in BUSTS else HEIGHT
    for shape in DRAWN[name]:
        for x, y in points(shape.path):
            assert 0 <= x <= WIDTH, shape
            assert 0 <= y <= lowest, shape


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_a_person_with_one_muscle_in_sight(name: str) -> None:
    """It has a head with hair, clothes, and a muscle that no limb hides whole."""
    shapes = DRAWN[name]
    assert {"body", "hair", "shirt", "muscle"} <= {shape.colour for shape in shapes} <= set(figures.COLOURS)
    muscles = named(shapes, "muscle")
    for muscle in muscles:
        xs, ys = zip(*points(muscle.path), strict=True)
        assert max(max(xs) - min(xs), max(ys) - min(ys)) > 20, "too small to be seen from across a room"


def test_a_graphic_names_its_colours_and_sets_shapes_off() -> None:
    """A halo of paper lies under the shape; colours are parameters, so that one drawing serves dark and light."""
    graphic = figures.graphic([Shape("body", "M0 0L9 9Z"), Shape("ground", "M0 0L9 0", 6, halo=False)])
    halo, body, ground = graphic["items"][0]["items"]
    assert halo["fill"] == halo["stroke"] == "${paper}"
    assert body == {"type": "path", "pathData": "M0 0L9 9Z", "fill": "${body}"}
    assert ground["stroke"] == "${ground}"
    assert "fill" not in ground
    assert {parameter["name"] for parameter in graphic["parameters"]} == {"paper", *figures.COLOURS}
    assert json.loads(json.dumps(graphic)) == graphic


def test_every_body_has_the_same_proportions() -> None:
    """A leg that nothing foreshortens is as long in one pose as in the next, for its size."""
    for name, pose in read(figures.SOURCE).items():
        body = figures._Body(pose)
        if "near_leg" not in pose or "seen" in pose["near_leg"]:
            continue
        hip, knee, ankle = (body.joints[f"near_{joint}"] for joint in ("hip", "knee", "ankle"))
        assert abs(hip.x - knee.x) + abs(hip.y - knee.y) > 0
        length = ((hip.x - knee.x) ** 2 + (hip.y - knee.y) ** 2) ** 0.5
        shin = ((ankle.x - knee.x) ** 2 + (ankle.y - knee.y) ** 2) ** 0.5
        assert (length / body.size, shin / body.size) == pytest.approx((figures.THIGH, figures.SHIN)), name


def test_a_hand_reaches_what_it_is_told_to() -> None:
    """The wrist is at its target wherever the arm is long enough, and points there where it is not."""
    shoulder, target = figures.Point(0, 0), figures.Point(50, 20)
    elbow = figures._elbow(shoulder, target, 40, 35, 1)
    assert ((elbow.x - 50) ** 2 + (elbow.y - 20) ** 2) ** 0.5 == pytest.approx(35)
    far = figures._elbow(shoulder, figures.Point(300, 0), 40, 35, 1)
    assert far == pytest.approx((40, 0))


def test_the_sheet_shows_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is SVG that a browser reads, with every path in a colour of the screen."""
    assert figures.main([str(tmp_path / "sheet.svg")]) == 0
    root = ElementTree.parse(tmp_path / "sheet.svg").getroot()  # noqa: S314 - our own file
    svg = "{http://www.w3.org/2000/svg}"
    assert [text.text for text in root.iter(f"{svg}text")] == list(DRAWN)
    paths = list(root.iter(f"{svg}path"))
    assert len(paths) == sum(2 if shape.halo else 1 for shapes in DRAWN.values() for shape in shapes)
    for path in paths:
        colours = {path.get("fill"), path.get("stroke")} - {"none"}
        assert colours
        assert all(re.fullmatch("#[0-9A-F]{6}", colour or "") for colour in colours)
    assert figures.main([]) == 1
    assert "sheet.svg" in capsys.readouterr().err


@pytest.mark.parametrize("pose", ["{torso: 90, head: 90}", "{hip: [0, 0], torso: up, head: 90}"])
def test_a_pose_that_cannot_be_drawn_stops_the_build(pose: str, tmp_path: Path) -> None:
    source = tmp_path / "figures.yaml"
    source.write_text(f"odd: {pose}\n", "utf-8")
    with pytest.raises(ContentError, match="odd: cannot be drawn"):
        figures.figures(source)
