"""What several tests share: the patient stories, each played once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tools.stories import Outcome, Story, play, stories


@cache
def _stories() -> dict[str, Story]:
    return {story.id: story for story in stories()}


@cache
def _outcome(id_: str) -> Outcome:
    return play(_stories()[id_])


@pytest.fixture(scope="session")
def outcome() -> Callable[[str], Outcome]:
    """How the story with an id went."""
    return _outcome


@pytest.fixture(scope="session")
def outcomes(outcome: Callable[[str], Outcome]) -> list[Outcome]:
    """How all stories went."""
    return [outcome(id_) for id_ in _stories()]
