"""MAKES THE KIT FAST. What we do to the Alexa kit so that a cold start and a turn take half as long, and nothing else.

A door imports it before the kit. It changes when code of the kit is loaded and how JSON becomes its models, never what
those models hold; it knows nothing of skill, triage, speech or store, and nobody needs it: with CRAMP_COACH_PLAIN_KIT=1
in the environment, or a kit of a version that was not tried, everything works the same, as the kit comes.
docs/decisions/0028-a-room-that-makes-the-kit-fast.md has the reasons and what each part gives.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from . import later

if TYPE_CHECKING:
    from .plans import Serializer

# The versions of the kit that tests/fast has seen; the one that is locked must be among them.
TRIED = {"ask_sdk_core": frozenset({"1.19.0"}), "ask_sdk_model": frozenset({"1.82.0"})}

_LOG = logging.getLogger("cramp_coach")


def _begin() -> bool:
    """Takes the kit in hand, before anybody imports it. False where it is left as it comes."""
    if os.environ.get("CRAMP_COACH_PLAIN_KIT") == "1":
        return False
    if not later.install(TRIED):
        _LOG.warning("the kit is not of a version that was tried: it is used as it comes, which is slower")
        return False
    return True


is_on = _begin()


def serializer() -> Serializer:
    """What reads and writes the kit's models: the kit's DefaultSerializer, or a quicker one that does the same.

    Beside `serialize` and `deserialize` it has `read`, for JSON that was parsed already.
    """
    from .plans import QuickSerializer, Serializer

    return QuickSerializer() if is_on else Serializer()


__all__ = ["TRIED", "is_on", "serializer"]
