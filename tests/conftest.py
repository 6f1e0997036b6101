"""What several tests share: the patient stories, each played once, and how Hypothesis searches."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import settings

from server.tally import Tally
from store import Bounded
from tools.stories import Outcome, Story, play, stories

# The suite finds the same on every machine and on every day; "long" is what "make fuzz" looks further with.
settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.register_profile("long", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "suite")


@pytest.fixture(autouse=True)
def doors_are_shut() -> Iterator[None]:
    """No web door tells its numbers a minute later, in the middle of another test."""
    yield
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and getattr(thread.function, "__func__", None) is Tally.tell:
            thread.cancel()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every store has time to answer: on a busy computer one that works would else be taken for a slow one."""
    monkeypatch.setitem(Bounded.__init__.__kwdefaults__, "patience", 5.0)


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
