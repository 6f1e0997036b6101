"""What a device with a screen shows while the coach holds a stretch, and what a touch on it says.

The documents and figures are compiled from content/screen, and read only where there is a screen. On it stand the name
of the muscle, the step, and the signs that everybody is told to look for: nothing that somebody said or answered.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import shelf
from record import Record
from speech import Line, plain

from .state import State
from .turn import TOUCHES, Turn

if TYPE_CHECKING:  # a device without a screen never pays for these modules
    from ask_sdk_core.handler_input import HandlerInput
    from ask_sdk_model import Directive

TOKEN = "screen"  # noqa: S105 - names what is shown, for Alexa's events; it must say nothing about anybody
_LONGEST_SILENCE = 60.0  # seconds after the last word in which a session may still be open, generously


class Scene(Record):
    """One moment of a stretch. Times are in seconds; `lead` is what is said before the count of a hold begins.

    `moment`: position, hold, ease, paused or after. `round` 0 shows no round, `seconds` 0 no clock.
    """

    remedy: str
    moment: str
    line: Line
    seconds: int = 0
    lead: float = 0.0
    round: int = 0
    rounds: int = 0


def change(
    handler_input: HandlerInput, turn: Turn, scene: Scene | None, state: State, *, ended: bool
) -> tuple[bool, tuple[Directive, ...]]:
    """Whether a scene is shown after this reply, and what tells the device so.

    A scene stays until there is another one, the session ends, or the talk moves on: something is told, or begun anew.
    Then the name of the skill takes its place, for what a screen shows outlives the session.
    """
    if not _has_screen(handler_input):
        return False, ()
    if scene is not None:
        return True, (_show("coach", _words(turn, scene), scene.remedy),)
    moved_on = ended or state.now is not None or state.remedy != turn.state.remedy
    if turn.state.screen and moved_on:
        return False, (_show("closing", {"name": turn.book.say(Line("screen.name"))}),)
    return turn.state.screen, ()


def _has_screen(handler_input: HandlerInput) -> bool:
    """Whether the device shows APL of our version (Amazon, "Alexa.Presentation.APL Interface Reference")."""
    part: Any = handler_input.request_envelope.context
    for name in ("system", "device", "supported_interfaces", "alexa_presentation_apl", "runtime", "max_version"):
        part = getattr(part, name, None)
    return isinstance(part, str) and _version(part) >= _version(_compiled()["coach"]["version"])


def _version(text: str) -> tuple[int, ...]:
    """ "1.9" -> (1, 9), and "2024.3" -> (2024, 3); what is no version comes before every one."""
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


def _show(name: str, words: dict[str, Any], remedy: str = "") -> Directive:
    from ask_sdk_model.interfaces.alexa.presentation.apl import RenderDocumentDirective

    document = dict(_compiled()[name])
    figure = _compiled()["figures"].get(remedy)
    if figure is not None:
        document["graphics"] = {**document["graphics"], "figure": figure}
    return RenderDocumentDirective(token=TOKEN, document=document, datasources={"coach": words})


def _words(turn: Turn, scene: Scene) -> dict[str, Any]:
    """The data source of a scene, flat: every name that content/screen may bind."""
    book, site = turn.book, turn.knowledge.sites.get(scene.remedy)
    label = {name: book.say(Line(f"screen.{name}")) for name in ("name", *TOUCHES, "left")}
    title, danger = Line(f"screen.site.{scene.remedy}"), Line(f"screen.danger.{site.safety if site else 'general'}")
    rounds = {"first": str(scene.round), "second": str(scene.rounds)}
    return {
        **label,
        "title": book.say(title) if book.has(title.id) else label["name"],
        "round": book.say(Line("screen.round", rounds)) if scene.round else "",
        "now": book.say(Line(f"screen.moment.{scene.moment}")),
        "step": plain(book.say(scene.line, turn.state.turn, other=turn.other)),
        "danger": book.say(danger if book.has(danger.id) else Line("screen.danger.general")),
        "figure": scene.remedy in _compiled()["figures"],
        "seconds": scene.seconds,
        "lead": scene.lead,
        "running": scene.moment == "hold",
        "keep": scene.lead + scene.seconds + _LONGEST_SILENCE,
    }


@lru_cache(maxsize=1)
def _compiled() -> dict[str, Any]:
    compiled: dict[str, Any] = json.loads(shelf.read("screen.json"))
    return compiled
