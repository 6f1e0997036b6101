"""content/screen/figures.yaml -> drawings of people: a pose of angles becomes paths in colours that have names.

A body is built from joints with fixed lengths, so every figure has the same proportions, whoever writes the pose. Limbs
are rows of round, tapering pieces; a muscle is a spindle on a limb. Angles are in degrees, 0 to the right, 90 up;
lengths are in units of the drawing, whose box is WIDTH by HEIGHT with the origin at the top left.

python -m tools.figures sheet.svg    writes all figures on one sheet, to be looked at in a browser
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from .yamlfile import ROOT, ContentError, read

SOURCE = ROOT / "content" / "screen" / "figures.yaml"
WIDTH, HEIGHT = 400, 320
COLOURS = ("body", "far", "shirt", "shorts", "hair", "muscle", "thing", "motion", "ground")
_BOX = f"M0 0L{WIDTH} 0L{WIDTH} {HEIGHT}L0 {HEIGHT}Z"
GAP = 5.0  # width of the line of background that sets one limb off from what lies behind it

UPPER_ARM, FOREARM, HAND = 43.0, 39.0, 13.0
THIGH, SHIN = 64.0, 61.0
TORSO, NECK, HEAD = 76.0, 31.0, 18.5
SHOULDERS, HIPS = 29.0, 13.0  # half the width of a body seen from the front


class Point(NamedTuple):
    """A place in the drawing, y downward."""

    x: float
    y: float

    def to(self, angle: float, length: float) -> Point:
        """The place at a distance in a direction."""
        return Point(self.x + length * math.cos(math.radians(angle)), self.y - length * math.sin(math.radians(angle)))


class Blob(NamedTuple):
    """A circle, one of a row that makes a limb."""

    at: Point
    radius: float


class Shape(NamedTuple):
    """A filled path, or a line where `width` is not 0; `halo` sets it off from what is behind it."""

    colour: str
    path: str
    width: float = 0.0
    halo: bool = True


def figures(source: Path = SOURCE) -> dict[str, tuple[Shape, ...]]:
    """Every drawing by its name, its shapes from the back to the front."""
    drawn: dict[str, tuple[Shape, ...]] = {}
    for name, pose in read(source).items():
        try:
            drawn[name] = tuple(_Body(pose).shapes())
        except (KeyError, TypeError, ValueError) as error:
            raise ContentError(source, name, f"cannot be drawn: {error}", "compare the pose beside it") from error
    return drawn


def graphic(shapes: Iterable[Shape]) -> dict[str, Any]:
    """A drawing as an Alexa Vector Graphic; its colours, and "paper" behind it, are parameters."""
    items: list[dict[str, Any]] = []
    for shape in shapes:
        if shape.halo:
            around = shape.width + 2 * GAP if shape.width else GAP
            items.append(_item("paper", shape.path, around, fill=not shape.width))
        items.append(_item(shape.colour, shape.path, shape.width, fill=not shape.width))
    return {
        "type": "AVG",
        "version": "1.1",
        "width": WIDTH,
        "height": HEIGHT,
        "parameters": [{"name": name, "type": "color", "default": "gray"} for name in ("paper", *COLOURS)],
        # A bust ends at the edge of the box, also where there is room beside it.
        "items": [{"type": "group", "clipPath": _BOX, "items": items}],
    }


def _item(colour: str, path: str, width: float, *, fill: bool) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "path", "pathData": path}
    if fill:
        item["fill"] = f"${{{colour}}}"
    if width:
        item |= {
            "stroke": f"${{{colour}}}",
            "strokeWidth": round(width, 1),
            "strokeLineCap": "round",
            "strokeLineJoin": "round",
        }
    return item


def sheet(drawn: Mapping[str, Iterable[Shape]], colours: Mapping[str, str], columns: int = 5) -> str:
    """All figures side by side, as SVG, in these colours."""
    cells = []
    for place, (name, shapes) in enumerate(drawn.items()):
        x, y = place % columns * WIDTH, place // columns * (HEIGHT + 40)
        paths = "".join(_svg(item, colours) for item in graphic(shapes)["items"][0]["items"])
        title = f'<text x="{WIDTH / 2}" y="{HEIGHT + 24}" text-anchor="middle" fill="{colours["body"]}">{name}</text>'
        inner = f'<svg width="{WIDTH}" height="{HEIGHT}">{paths}</svg>'
        cells.append(f'<g transform="translate({x} {y})">{inner}{title}</g>')
    box = f"0 0 {min(columns, len(cells)) * WIDTH} {-(-len(cells) // columns) * (HEIGHT + 40)}"
    paper = f'<rect width="100%" height="100%" fill="{colours["paper"]}"/>'
    font = 'font-family="sans-serif" font-size="20"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" {font}>{paper}{"".join(cells)}</svg>\n'


def _svg(item: Mapping[str, Any], colours: Mapping[str, str]) -> str:
    def colour(part: str) -> str:
        return colours[item[part][2:-1]] if part in item else "none"

    style = f'fill="{colour("fill")}" stroke="{colour("stroke")}"'
    if "stroke" in item:
        style += f' stroke-width="{item["strokeWidth"]}" stroke-linecap="round" stroke-linejoin="round"'
    return f'<path {style} d="{item["pathData"]}"/>'


class _Body:
    """One pose, worked out joint by joint."""

    def __init__(self, pose: Mapping[str, Any]) -> None:
        self.pose = pose
        self.size: float = pose.get("size", 1.0)
        self.facing: int = -1 if pose.get("facing") == "left" else 1
        self.front: bool = pose.get("view") == "front"
        self.joints: dict[str, Point] = {}
        hip = Point(*pose["hip"])
        lean: float = pose["torso"]
        shoulder = hip.to(lean, TORSO * self.size)
        self.joints |= {"hip": hip, "shoulder": shoulder, "head": shoulder.to(pose["head"], NECK * self.size)}
        for side, sign in (("near", 1), ("far", -1)):
            across = lean - 90 * sign
            wide = self.size if self.front else 0.0
            self._leg(side, hip.to(across, HIPS * wide))
            self._arm(side, shoulder.to(across, SHOULDERS * wide))

    def _leg(self, side: str, hip: Point) -> None:
        given = self.pose.get(f"{side}_leg")
        if given is None:
            return
        (thigh, shin, foot), (long, short, flat) = given["angles"], given.get("seen", (1, 1, 1))
        knee = hip.to(thigh, THIGH * self.size * long)
        ankle = knee.to(shin, SHIN * self.size * short)
        sole = _perpendicular(foot, shin)
        self.joints |= {
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_heel": ankle.to(sole, 5 * self.size).to(foot, -5 * self.size),
            f"{side}_ball": ankle.to(sole, 6 * self.size).to(foot, 19 * self.size * flat),
            f"{side}_toe": ankle.to(sole, 6 * self.size).to(foot, 29 * self.size * flat),
        }

    def _arm(self, side: str, shoulder: Point) -> None:
        given = self.pose.get(f"{side}_arm")
        if given is None:
            return
        upper, fore = UPPER_ARM * self.size, FOREARM * self.size
        if "to" in given:
            to = given["to"]
            target = self.joints[to] if isinstance(to, str) else Point(*to)
            target = Point(target.x + given.get("beside", (0, 0))[0], target.y + given.get("beside", (0, 0))[1])
            elbow = _elbow(shoulder, target, upper, fore, 1 if given.get("elbow", "left") == "left" else -1)
            fore_angle = _angle(elbow, target)
        else:
            long, short = given.get("seen", (1, 1))
            elbow = shoulder.to(given["angles"][0], upper * long)
            fore_angle, fore = given["angles"][1], fore * short
        wrist = elbow.to(fore_angle, fore)
        hand = given.get("hand", fore_angle)
        self.joints |= {
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": wrist,
            f"{side}_hand": wrist.to(hand, HAND * self.size),
        }

    def shapes(self) -> Iterable[Shape]:
        """From the back to the front."""
        yield from (self._thing(thing) for thing in self.pose.get("behind", ()))
        parts = {
            "far_leg": self._leg_shapes("far"),
            "far_arm": self._arm_shapes("far"),
            "torso": self._torso_shapes(),
            "head": self._head_shapes(),
            "near_leg": self._leg_shapes("near"),
            "near_arm": self._arm_shapes("near"),
            "muscles": [self._muscle(muscle) for muscle in self.pose.get("muscles", ())],
        }
        usual = ["far_arm", "far_leg", "head", "torso", "near_leg", "muscles", "near_arm"]
        facing_us = ["head", "far_leg", "near_leg", "torso", "far_arm", "near_arm", "muscles"]
        for part in self.pose.get("order", facing_us if self.front else usual):
            yield from parts[part]
        yield from (self._thing(thing) for thing in self.pose.get("before", ()))
        for arrow in self.pose.get("arrows", ()):
            yield from _arrow(arrow)

    def _row(self, *pieces: tuple[str | Point, float]) -> list[Blob]:
        return [Blob(self.joints[at] if isinstance(at, str) else at, radius * self.size) for at, radius in pieces]

    def _leg_shapes(self, side: str) -> list[Shape]:
        if f"{side}_knee" not in self.joints:
            return []
        hip, knee, ankle = (self.joints[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
        colour = "body" if side == "near" or self.front else "far"
        leg = self._row((hip, 18), (_between(hip, knee, 0.5), 16.5), (knee, 12.5))
        calf = self._row((knee, 12.5), (_between(knee, ankle, 0.3), 12.5), (ankle, 7.5))
        foot = self._row((f"{side}_heel", 7.5), (f"{side}_ball", 6.0), (f"{side}_toe", 4.8))
        instep = self._row((ankle, 7.5), (f"{side}_ball", 6.0))
        shapes = [Shape(colour, _rows(leg, calf, foot, instep))]
        short = self._row((hip, 19.5), (_between(hip, knee, 0.28), 19), (_between(hip, knee, 0.56), 18))
        return [*shapes, Shape("shorts", _rows(short), halo=False)]

    def _arm_shapes(self, side: str) -> list[Shape]:
        if f"{side}_elbow" not in self.joints:
            return []
        shoulder, elbow, wrist = (self.joints[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
        colour = "body" if side == "near" or self.front else "far"
        arm = self._row((shoulder, 11.5), (elbow, 8.8))
        fore = self._row((elbow, 8.8), (_between(elbow, wrist, 0.3), 8.8), (wrist, 6.2))
        hand = self._row((wrist, 6.2), (_between(wrist, self.joints[f"{side}_hand"], 0.4), 7), (f"{side}_hand", 5.2))
        sleeve = self._row((shoulder, 13), (_between(shoulder, elbow, 0.5), 11.5))
        return [Shape(colour, _rows(arm, fore, hand)), Shape("shirt", _rows(sleeve), halo=False)]

    def _torso_shapes(self) -> list[Shape]:
        hip, shoulder = self.joints["hip"], self.joints["shoulder"]
        if self.front:
            return [Shape("shirt", _rows(*self._front_rows())), *self._front_shorts()]
        bend = self.pose.get("back", 0.0) * self.size  # how far the back is rounded, to the back of the body
        across = self.pose["torso"] + 90 * self.facing
        belly = _between(hip, shoulder, 0.35).to(across, bend * 0.8)
        chest = _between(hip, shoulder, 0.72).to(across, bend * 0.7)
        shirt = self._row((hip, 18.5), (belly, 18), (chest, 19.5), (shoulder, 13.5))
        waistband = self._row((hip, 19), (_between(hip, shoulder, 0.12), 18.6))
        return [Shape("shirt", _rows(shirt)), Shape("shorts", _rows(waistband), halo=False)]

    def _front_rows(self) -> list[list[Blob]]:
        up = self.pose["torso"]
        hip, shoulder = self.joints["hip"], self.joints["shoulder"]
        waist, chest = _between(hip, shoulder, 0.4), _between(hip, shoulder, 0.75)
        rows = []
        for sign in (1, -1):
            across = up - 90 * sign
            rows.append(
                self._row(
                    (hip.to(across, HIPS * self.size), 17),
                    (waist.to(across, 11 * self.size), 16),
                    (chest.to(across, 15 * self.size), 18),
                    (shoulder.to(across, SHOULDERS * self.size), 12.5),
                )
            )
        left, right = (shoulder.to(up + turn, SHOULDERS * self.size) for turn in (90, -90))
        rows.append(self._row((hip, 17), (waist, 17), (chest, 18), (shoulder, 12)))
        rows.append(self._row((right, 12.5), (left, 12.5)))
        return rows

    def _front_shorts(self) -> list[Shape]:
        up, hip = self.pose["torso"], self.joints["hip"]
        row = self._row((hip.to(up - 90, HIPS * self.size), 18), (hip.to(up + 90, HIPS * self.size), 18))
        return [Shape("shorts", _rows(row), halo=False)]

    def _head_shapes(self) -> list[Shape]:
        head, size, up = self.joints["head"], self.size, self.pose.get("crown", self.pose["head"])
        neck = self._row(("shoulder", 9.5), (_between(self.joints["shoulder"], head, 0.8), 8.5))
        if self.front:
            face = Shape("body", _rows([Blob(head, HEAD * size)], neck))
            return [face, Shape("hair", _cap(head, HEAD * size, up, 96, 0.45), halo=False)]
        nose = head.to(up - 90 * self.facing, HEAD * size).to(up, -2 * size)
        face = Shape("body", _rows([Blob(head, HEAD * size)], [Blob(nose, 2.6 * size)], neck))
        return [face, Shape("hair", _cap(head, HEAD * size, up + 38 * self.facing, 98, 0.3), halo=False)]

    def _muscle(self, given: Mapping[str, Any]) -> Shape:
        start, end = (self.joints[name] if isinstance(name, str) else Point(*name) for name in given["along"])
        first, last = given.get("part", (0.1, 0.9))
        inner, outer = (width * self.size for width in given["bulge"])
        return Shape("muscle", _spindle(_between(start, end, first), _between(start, end, last), inner, outer))

    def _thing(self, given: Mapping[str, Any]) -> Shape:
        colour, width = given.get("colour", "thing"), given.get("width", 0)
        return Shape(colour, given["path"], width, halo=given.get("halo", False))


def _between(start: Point, end: Point, part: float) -> Point:
    return Point(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _angle(start: Point, end: Point) -> float:
    return math.degrees(math.atan2(start.y - end.y, end.x - start.x))


def _perpendicular(foot: float, shin: float) -> float:
    """The direction from the ankle to the sole: across the foot, away from the shin."""
    return foot - 90 if math.cos(math.radians(foot - 90 - shin)) > 0 else foot + 90


def _elbow(shoulder: Point, hand: Point, upper: float, fore: float, side: int) -> Point:
    """Where the elbow is when the wrist is at `hand`; an arm that is too short points there."""
    reach = math.dist(shoulder, hand)
    towards = _angle(shoulder, hand)
    if reach >= upper + fore:
        return shoulder.to(towards, upper)
    cosine = (upper**2 + reach**2 - fore**2) / (2 * upper * max(reach, 1e-6))
    return shoulder.to(towards + side * math.degrees(math.acos(max(-1.0, min(1.0, cosine)))), upper)


def _rows(*rows: Sequence[Blob]) -> str:
    """Rows of circles, each joined with the next by its tangents, as one path: overlaps are filled once."""
    return "".join(_capsule(*pair) for row in rows for pair in (pairwise(row) if len(row) > 1 else [(row[0], row[0])]))


def _capsule(one: Blob, two: Blob) -> str:
    """The hull of two circles, always turning the same way."""
    apart = math.dist(one.at, two.at)
    if apart <= abs(one.radius - two.radius) + 0.01:
        big = max(one, two, key=lambda blob: blob.radius)
        left, right, radius = big.at.to(180, big.radius), big.at.to(0, big.radius), _number(big.radius)
        return f"M{_at(left)}A{radius} {radius} 0 1 1 {_at(right)}A{radius} {radius} 0 1 1 {_at(left)}Z"
    towards = _angle(one.at, two.at)
    slope = math.degrees(math.acos((one.radius - two.radius) / apart))
    a, b = one.at.to(towards + slope, one.radius), two.at.to(towards + slope, two.radius)
    c, d = two.at.to(towards - slope, two.radius), one.at.to(towards - slope, one.radius)
    r1, r2 = _number(one.radius), _number(two.radius)
    return (
        f"M{_at(a)}L{_at(b)}A{r2} {r2} 0 {int(two.radius > one.radius)} 1 {_at(c)}"
        f"L{_at(d)}A{r1} {r1} 0 {int(one.radius > two.radius)} 1 {_at(a)}Z"
    )


def _cap(head: Point, radius: float, towards: float, half: float, depth: float) -> str:
    """The hair: the part of a head around a direction, with a rounded edge."""
    start, end = head.to(towards + half, radius), head.to(towards - half, radius)
    mid = head.to(towards, radius * depth)
    size = _number(radius)
    return f"M{_at(start)}A{size} {size} 0 {int(half > 90)} 1 {_at(end)}Q{_at(mid)} {_at(start)}Z"


def _spindle(start: Point, end: Point, left: float, right: float) -> str:
    """A muscle: from end to end, bulging to both sides; a negative bulge hollows that side."""
    towards, length = _angle(start, end), math.dist(start, end)
    sides = []
    for sign, bulge in ((1, left), (-1, right)):
        one = start.to(towards, length * 0.22).to(towards + 90 * sign, bulge * 1.3)
        two = start.to(towards, length * 0.78).to(towards + 90 * sign, bulge * 1.3)
        sides.append((one, two))
    (a, b), (d, c) = sides
    return f"M{_at(start)}C{_at(a)} {_at(b)} {_at(end)}C{_at(c)} {_at(d)} {_at(start)}Z"


def _arrow(given: Mapping[str, Any]) -> list[Shape]:
    """A curve from one point to another through a control point, with a head."""
    start, by, end = (Point(*given[name]) for name in ("from", "by", "to"))
    towards = _angle(by, end)
    neck = end.to(towards, -7)
    head = [end.to(towards, 5), end.to(towards + 132, 13), end.to(towards - 132, 13)]
    return [
        Shape("motion", f"M{_at(start)}Q{_at(by)} {_at(neck)}", 6.0),
        Shape("motion", f"M{_at(head[0])}L{_at(head[1])}L{_at(head[2])}Z"),
    ]


def _at(point: Point) -> str:
    return f"{_number(point.x)} {_number(point.y)}"


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".") if value else "0"


def main(arguments: list[str] | None = None) -> int:
    """Writes the sheet, in the colours of the light screen. Returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        print("Say where to: python -m tools.figures sheet.svg", file=sys.stderr)
        return 1
    light = read(SOURCE.with_name("coach.yaml"))["coach"]["resources"][1]["colors"]
    Path(given[0]).write_text(sheet(figures(), light), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
