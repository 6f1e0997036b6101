"""What the operator of the web door is told: all of it, once, and nothing while nothing happens."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from server.refusal import Reason
from server.tally import Tally

LOG = logging.getLogger("tests.tally")


@pytest.fixture(autouse=True)
def _loud(caplog) -> None:
    caplog.set_level(logging.INFO, LOG.name)


def test_a_line_tells_what_came_since_the_one_before(caplog):
    """Answers with the slowest, refusals by their reasons, in the order of the checks."""
    tally = Tally(LOG)
    tally.answered(0.0123)
    tally.answered(0.002)
    tally.refused(Reason.TIME)
    tally.refused(Reason.URL)
    tally.refused(Reason.TIME)
    tally.tell()
    tally.unanswered()
    tally.tell()
    tally.tell()
    assert caplog.messages == [
        "answered 2, unanswered 0, refused 3 (url 1, time 2), slowest 12 ms",
        "answered 0, unanswered 1, refused 0",
    ]
    assert tally.counts == {"answered": 2, "unanswered": 1, "url": 1, "time": 2}


def test_the_first_of_a_kind_is_known(caplog):
    """Since the last line: that one is worth a line of its own."""
    tally = Tally(LOG)
    assert tally.refused(Reason.URL)
    assert not tally.refused(Reason.URL)
    assert tally.refused(Reason.CHAIN)
    tally.tell()
    assert tally.refused(Reason.URL)
    tally.tell()


def test_it_tells_by_itself(caplog):
    """An interval after the first, and again when more comes."""
    tally = Tally(LOG, interval=0.05)
    for expected in (1, 2):
        tally.refused(Reason.URL)
        until = time.monotonic() + 5
        while len(caplog.messages) < expected and time.monotonic() < until:
            time.sleep(0.01)
        assert caplog.messages == ["answered 0, unanswered 0, refused 1 (url 1)"] * expected


def test_many_threads_lose_nothing(caplog):
    """Each of them is counted, whoever tells in between."""
    tally = Tally(LOG)

    def count() -> None:
        for _ in range(200):
            tally.answered(0.001)
            tally.refused(Reason.SIZE)
        tally.tell()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.tell()
    assert tally.counts == {"answered": 1600, "size": 1600}
    told = [message.split(", ") for message in caplog.messages]
    assert sum(int(parts[0].split()[1]) for parts in told) == 1600
