"""content/screen -> compiled/screen.json: the documents for a device with a screen, and the figures they show.

The documents keep to the part of the Alexa Presentation Language that the page of the speaker can draw, too
(server/static/apl.js): what is not listed here stops the build. Every binding must resolve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import figures
from .yamlfile import ROOT, ContentError, read

SOURCE = ROOT / "content" / "screen" / "coach.yaml"
MOMENTS = ("position", "hold", "ease", "paused", "after")
LABELS = ("name", "round", "left", "next", "repeat", "stop")
LONGEST_FIGURE = 13_000  # characters of an Alexa Vector Graphic: it travels with every response

# What is bound from outside: the words (skill/screen.py), and what every document knows.
PAYLOAD = frozenset("title round now step danger left next repeat stop name figure seconds lead running keep".split())
GIVEN = frozenset(
    {"viewport.theme", "viewport.shape", "viewport.width", "viewport.height", "elapsedTime", "String.length"}
) | {f"Math.{name}" for name in ("min", "max", "ceil", "floor")}

_ALL = frozenset(
    "type when description width height grow shrink spacing position left top display bind onMount "
    "accessibilityLabel role paddingLeft paddingRight paddingTop paddingBottom".split()
)
COMPONENTS = {
    "Container": _ALL | {"items", "direction", "alignItems", "justifyContent"},
    "Frame": _ALL | {"items", "backgroundColor", "borderRadius", "borderWidth", "borderColor"},
    "Text": _ALL | frozenset("text color fontSize fontWeight lineHeight maxLines textAlign textAlignVertical".split()),
    "TouchWrapper": _ALL | {"items", "onPress"},
    "VectorGraphic": _ALL | {"source", "scale", "align"},
}
COMMANDS = {"SetValue": {"type", "property", "value"}, "SendEvent": {"type", "arguments"}}
DRAWN = {
    "type",
    "pathData",
    "pathLength",
    "fill",
    "stroke",
    "strokeWidth",
    "strokeLineCap",
    "strokeLineJoin",
    "strokeDashArray",
    "strokeDashOffset",
}
_DOCUMENT = {"type", "version", "description", "background", "resources", "graphics", "layouts", "mainTemplate"}

_BINDING = re.compile(r"\$\{([^}]*)\}")
_TEXT = re.compile(r"'[^']*'")
_NAME = re.compile(r"[A-Za-z_][\w.]*")


def compile_screen() -> dict[str, Any]:
    """The documents and, by remedy, the figures."""
    documents = read(SOURCE)
    for name, document in documents.items():
        try:
            check(document)
        except ValueError as error:
            raise ContentError(SOURCE, name, str(error), "keep to what tools/screen.py lists") from error
    drawn = {name: figures.graphic(shapes) for name, shapes in figures.figures().items()}
    for name, drawing in drawn.items():
        if len(str(drawing)) > LONGEST_FIGURE:
            raise ContentError(figures.SOURCE, name, "is too large to send", f"{LONGEST_FIGURE} characters at most")
    return {**documents, "figures": drawn}


def check_words(path: Path, messages: Mapping[str, Any], triage: Mapping[str, Any]) -> None:
    """Every stretch that is held has a figure, a name and its danger signs; every label has words."""
    drawn = figures.figures()
    needed = {f"screen.{label}" for label in LABELS} | {f"screen.moment.{moment}" for moment in MOMENTS}
    needed |= {"screen.danger.general"}
    for id_, remedy in triage["remedies"].items():
        if "hold" in remedy:
            needed |= {f"screen.site.{id_}"}
            if id_ in triage["sites"]:
                needed |= {f"screen.danger.{triage['sites'][id_]['safety']}"}
            if id_ not in drawn:
                raise ContentError(figures.SOURCE, id_, "is held, and has no figure", "draw the pose")
    for id_ in sorted(needed - set(messages)):
        raise ContentError(path, id_, "has no words for the screen", "write them under 'screen'")


def check(document: Mapping[str, Any]) -> None:
    """Raises ValueError for the first thing in a document that our renderers do not know, or that binds to nothing."""
    _known("document", document, _DOCUMENT)
    colours = {name for resource in document.get("resources", ()) for name in resource["colors"]}
    for resource in document.get("resources", ()):
        _known("resource", resource, {"description", "when", "colors"})
        _resolve(resource, set())
    for graphic in document.get("graphics", {}).values():
        check_graphic(graphic)
    _resolve(document["background"], set())
    walk = _Walk(document, colours)
    main = document["mainTemplate"]
    walk.items(main["items"], set(main["parameters"]))


def check_graphic(graphic: Mapping[str, Any]) -> None:
    """Raises ValueError for what is wrong with an Alexa Vector Graphic."""
    _known("graphic", graphic, {"type", "version", "width", "height", "parameters", "items"})
    parameters = {parameter["name"] for parameter in graphic["parameters"]}
    for item in _paths(graphic["items"]):
        _known("path", item, DRAWN)
        _resolve(item, parameters)


def _paths(items: list[Any]) -> Iterator[Mapping[str, Any]]:
    for item in items:
        if item["type"] == "group":
            _known("group", item, {"type", "clipPath", "items"})
            yield from _paths(item["items"])
        elif item["type"] == "path":
            yield item
        else:
            raise ValueError(f"a graphic has a {item['type']}")


class _Walk:
    """Goes through components as a renderer does, with what is bound where."""

    def __init__(self, document: Mapping[str, Any], colours: set[str]) -> None:
        self.layouts: Mapping[str, Any] = document.get("layouts", {})
        self.graphics: Mapping[str, Any] = document.get("graphics", {})
        self.colours = colours

    def items(self, items: list[Any], names: set[str]) -> None:
        for item in items:
            self.item(item, names)

    def item(self, item: Mapping[str, Any], names: set[str]) -> None:
        kind = item["type"]
        if kind in self.layouts:
            layout = self.layouts[kind]
            _known(f"layout {kind}", item, {"type", "when", *layout["parameters"]})
            missing = set(layout["parameters"]) - set(item)
            if missing:
                raise ValueError(f"layout {kind} lacks {sorted(missing)}")
            self.values(item, names)
            self.items(layout["items"], names | set(layout["parameters"]))
            return
        if kind not in COMPONENTS:
            raise ValueError(f"there is no component {kind}")
        extra: set[str] = set()
        if kind == "VectorGraphic":
            source = self.graphics.get(item["source"])
            extra = set(figures.COLOURS) | {"paper"} if source is None else {p["name"] for p in source["parameters"]}
        _known(kind, item, COMPONENTS[kind] | extra)
        names = set(names)
        for bound in item.get("bind", ()):
            _resolve(bound["value"], names)
            names.add(bound["name"])
        for command in (*item.get("onMount", ()), *item.get("onPress", ())):
            _known("command", command, COMMANDS[command["type"]])
            _resolve(command, names)
            if command["type"] == "SetValue" and command["property"] not in names:
                raise ValueError(f"SetValue of {command['property']}, which is not bound")
        self.values({key: value for key, value in item.items() if key not in {"items", "bind"}}, names)
        self.items(item.get("items", []), names)

    def values(self, item: Mapping[str, Any], names: set[str]) -> None:
        _resolve(item, names)
        for text in _texts(item):
            if text.startswith("@") and text[1:] not in self.colours:
                raise ValueError(f"there is no colour {text}")


def _known(what: str, given: Mapping[str, Any], known: set[str] | frozenset[str]) -> None:
    odd = set(given) - known
    if odd:
        raise ValueError(f"a {what} has {sorted(odd)}")


def _resolve(value: Any, names: set[str]) -> None:
    """Every name in the bindings of a value is bound, or given."""
    for text in _texts(value):
        for expression in _BINDING.findall(text):
            for name in _NAME.findall(_TEXT.sub("", expression)):
                root, _, rest = name.partition(".")
                bound = root in names and (root != "coach" or rest in PAYLOAD)
                if not bound and name not in GIVEN and not (name == "payload.coach" and "payload" in names):
                    if name.removeprefix("payload.coach.") in PAYLOAD and "payload" in names:
                        continue
                    raise ValueError(f"{name} is bound to nothing in {text!r}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
