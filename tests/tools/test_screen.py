"""The documents for a screen: only what our renderers know, and nothing bound to nothing."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from tools import screen
from tools.yamlfile import ROOT, ContentError, read

COACH: dict[str, Any] = read(screen.SOURCE)["coach"]
RENDERER = (ROOT / "server/static/apl.js").read_text("utf-8")


def first(document: dict[str, Any]) -> dict[str, Any]:
    """The outermost component."""
    item: dict[str, Any] = document["mainTemplate"]["items"][0]
    return item


def test_the_documents_are_right() -> None:
    """What the build checks holds for what is committed."""
    for document in read(screen.SOURCE).values():
        screen.check(document)
    assert set(screen.compile_screen()) == {"coach", "closing", "figures"}


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ({"items": [{"type": "Sequence"}]}, "no component Sequence"),
        ({"opacity": 0.5}, "opacity"),
        ({"width": "${viewport.wide}"}, "viewport.wide is bound to nothing"),
        ({"width": "${paylod.coach}"}, "paylod.coach is bound to nothing"),
        ({"items": [{"type": "Text", "text": "${coach.symptom}"}]}, "coach.symptom"),
        ({"items": [{"type": "Text", "text": "x", "color": "@pink"}]}, "no colour @pink"),
        ({"items": [{"type": "Clock"}]}, "lacks"),
        ({"items": [{"type": "Clock", "size": 1, "spacing": 3}]}, "spacing"),
        ({"items": [{"type": "VectorGraphic", "source": "clock", "muscle": "red"}]}, "muscle"),
        ({"onMount": [{"type": "SetValue", "property": "nobody", "value": 1}]}, "nobody"),
        ({"onMount": [{"type": "SetValue", "property": "since", "value": 1, "delay": 9}]}, "delay"),
    ],
)
def test_what_a_renderer_does_not_know_is_refused(part: dict[str, Any], problem: str) -> None:
    document = copy.deepcopy(COACH)
    first(document).update(part)
    with pytest.raises(ValueError, match=re.escape(problem)):
        screen.check(document)


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"type": "text", "text": "7"}, "has a text"),
        ({"type": "path", "pathData": "M0 0", "opacity": 1}, "opacity"),
        ({"type": "group", "rotation": 9, "items": []}, "rotation"),
        ({"type": "path", "pathData": "M0 0", "fill": "${pink}"}, "pink is bound to nothing"),
    ],
)
def test_what_a_drawing_may_not_hold_is_refused(item: dict[str, Any], problem: str) -> None:
    graphic = {"type": "AVG", "version": "1.1", "width": 1, "height": 1, "parameters": [], "items": [item]}
    with pytest.raises(ValueError, match=re.escape(problem)):
        screen.check_graphic(graphic)


def test_the_page_draws_what_the_build_allows() -> None:
    """The renderer of the page names every component, property of a path, and command that a document may use."""
    drawing = RENDERER.partition("const DRAW = {")[2].partition("\n  };")[0]
    assert set(re.findall(r"^    ([A-Z]\w+)[(:]", drawing, re.MULTILINE)) == set(screen.COMPONENTS)
    paths = RENDERER.partition("const DRAWN = {")[2].partition("};")[0]
    assert set(re.findall(r"^  (\w+):", paths, re.MULTILINE)) == screen.DRAWN - {"type"}
    assert set(re.findall(r'command\.type === "(\w+)"', RENDERER)) == set(screen.COMMANDS)
    for property_ in set().union(*screen.COMPONENTS.values()) - {"type", "description", "scale", "align"}:
        assert re.search(rf"\b{property_}\b", RENDERER), property_


def test_a_touch_is_large_enough_for_a_finger() -> None:
    """48 dp at least on the smallest screens (Amazon, "Touch targets"), in every layout."""
    heights = re.findall(r"type: Keys, .*high: (\d+)", screen.SOURCE.read_text("utf-8"))
    assert len(heights) == 3
    assert min(map(int, heights)) >= 48


@pytest.mark.parametrize("theme", [0, 1])
def test_words_stand_out_from_the_paper(theme: int) -> None:
    """Contrast of text is 7 to 1 or more, on dark and on light (WCAG 2.2, 1.4.6)."""
    colours = COACH["resources"][theme]["colors"]
    for words, paper in (("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("on_accent", "accent")):
        assert contrast(colours[words], colours[paper]) >= 7, words
    assert contrast(colours["muscle"], colours["body"]) > 1.2
    assert contrast(colours["edge"], colours["paper"]) >= 3


def contrast(one: str, two: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_stretch_without_words_or_figure_stops_the_build() -> None:
    triage: dict[str, Any] = {"remedies": {"calf": {"hold": {"seconds": 30}}}, "sites": {"calf": {"safety": "leg"}}}
    messages = dict.fromkeys(
        [
            *(f"screen.{label}" for label in screen.LABELS),
            *(f"screen.moment.{moment}" for moment in screen.MOMENTS),
            "screen.danger.general",
            "screen.danger.leg",
            "screen.site.calf",
        ]
    )
    screen.check_words(Path("en.yaml"), messages, triage)
    for id_ in messages:
        with pytest.raises(ContentError, match=id_):
            screen.check_words(Path("en.yaml"), {key: None for key in messages if key != id_}, triage)
    triage["remedies"]["wing"] = {"hold": {"seconds": 30}}
    with pytest.raises(ContentError, match="wing: is held, and has no figure"):
        screen.check_words(Path("en.yaml"), {**messages, "screen.site.wing": None}, triage)
