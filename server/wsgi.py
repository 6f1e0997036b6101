"""The production app, for any WSGI server: `server.wsgi:app`, started in the top folder of the repository.

It is made on import, once in each process, of what the environment says: SKILL_ID, and a store or none. Nothing of the
speaker in the browser is near it. A server that loads it before it forks shares what it has read.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

_SOURCES = str(Path(__file__).resolve().parent.parent / "lambda")  # the source root; no variable needed to find it
# The tables of words are sorted: one that is cut short loses "worst" among the first.
_COMPLAINT = "the worst headache of my life"
_LINE = "%(asctime)s %(levelname)s %(message)s"


def production() -> Flask:
    """The app, ready for its first visitor.

    Raises ValueError without SKILL_ID, and RuntimeError where something is missing or torn that a turn would need: the
    words to hear and to say, the rules, the authorities to trust.
    """
    if _SOURCES not in sys.path:
        sys.path.insert(0, _SOURCES)
    import fast  # noqa: F401  # before the kit, which it takes in hand
    from server import create_app
    from server.door import forget_values

    handler = logging.StreamHandler()
    handler.addFilter(forget_values)  # what libraries log may quote what a person said
    logging.basicConfig(level=logging.WARNING, format=_LINE, handlers=[handler])
    app = create_app() if _can_hear() else None
    if app is None or not app.extensions["readiness"]:
        raise RuntimeError("The skill has no words for somebody who opens it: is lambda/compiled there, and whole?")
    app.logger.setLevel(logging.INFO)
    return app


def _can_hear() -> bool:
    """Whether a complaint can be understood: a greeting reads neither the phrases nor the rules."""
    from skill.hearing import ear
    from skill.turn import knowledge

    try:
        heard = ear("en").hear({"danger": {"slotValue": {"type": "Simple", "value": _COMPLAINT}}})
        return any(knowledge().is_finding(finding) for finding in heard.findings)
    except Exception:
        logging.getLogger(__name__).exception("What the skill listens for cannot be read")
        return False


app = production()
