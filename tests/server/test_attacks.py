"""The corpus of the web door: nothing that is forged gets in, nothing that is honest is kept out.

The rows are in tests/server/attacks/: `forged.py` and `honest.py`.
"""

from __future__ import annotations

import logging

import pytest

from server.refusal import Reason
from tests.server.attacks import forged, honest
from tests.server.attacks.world import Knock, World

BEFORE_ANY_DOWNLOAD = {Reason.SIZE, Reason.ENCODING, Reason.HEADERS, Reason.URL}


def _name(row: Knock) -> str:
    return ascii(row.name)[1:-1]


@pytest.mark.parametrize("row", forged.ROWS, ids=_name)
def test_what_is_forged_is_refused(row: Knock, amazon, caplog):
    """With 400 and not a word, by the check that is meant to, before the skill or its models see it."""
    world = World(amazon)
    request = row.makes(world)
    before = world.counts
    caplog.clear()
    answer = world.send(request)
    assert (answer.status_code, answer.data) == (400, b"")
    counted = {reason: count - before.get(reason, 0) for reason, count in world.counts.items()}
    assert {reason: count for reason, count in counted.items() if count} == {row.reason: 1}
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert f"RefusedError({row.reason})" in caplog.text


@pytest.mark.parametrize("row", honest.ROWS, ids=_name)
def test_what_is_honest_is_let_in(row: Knock, amazon):
    """However unusual it looks."""
    world = World(amazon)
    answer = world.send(row.makes(world))
    assert answer.status_code == 200
    assert answer.json["version"] == "1.0"
    assert not any(world.counts.get(reason) for reason in Reason)


@pytest.mark.parametrize("row", [row for row in forged.ROWS if row.reason in BEFORE_ANY_DOWNLOAD], ids=_name)
def test_nothing_is_fetched_for_what_is_plainly_wrong(row: Knock, amazon):
    """Nor is a host that is not Amazon's ever asked."""
    world = World(amazon)
    world.send(row.makes(world))
    assert world.downloads == []


def test_every_check_is_attacked():
    """Each reason has rows, no two rows have one name, and there are as many as were promised."""
    assert {row.reason for row in forged.ROWS} == set(Reason)
    assert all(row.reason is None for row in honest.ROWS)
    names = [row.name for rows in (forged.ROWS, honest.ROWS) for row in rows]
    assert len(set(names)) == len(names)
    assert len(forged.ROWS) >= 60
    assert len(honest.ROWS) >= 20
