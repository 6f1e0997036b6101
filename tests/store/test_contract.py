"""What every store promises, whatever its database: SQLite, and what speaks as DynamoDB does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ask_sdk_model import RequestEnvelope

from store.adapter import ContendedError, RowStore
from store.row import DAY, LIFE, MARKED, Row, person

Said = Callable[..., RequestEnvelope]
Contents = Callable[[], dict[str, dict[str, Any]]]


def test_nobody_is_remembered_at_first(store: RowStore, said: Said, contents: Contents) -> None:
    assert store.get_attributes(said()) == {}
    assert contents() == {}


def test_what_is_saved_is_there_for_another_process(make_store: Callable[[], RowStore], said: Said) -> None:
    make_store().save_attributes(said(), {"pace": "slow", "count": "quiet"})
    assert make_store().get_attributes(said(at=60)) == {"pace": "slow", "count": "quiet"}


def test_people_are_kept_apart(store: RowStore, said: Said) -> None:
    store.save_attributes(said("anna"), {"pace": "slow"})
    store.save_attributes(said("bert"), {"pace": "fast"})
    store.delete_attributes(said("bert", 5))
    assert store.get_attributes(said("anna")) == {"pace": "slow"}
    assert store.get_attributes(said("bert")) == {}


def test_what_is_not_named_stays(store: RowStore, said: Said) -> None:
    """A save that could not read before must not wipe what it does not know."""
    store.save_attributes(said(), {"count": "quiet"})
    store.save_attributes(said(at=1), {"pace": "slow"})
    assert store.get_attributes(said()) == {"pace": "slow", "count": "quiet"}


def test_a_row_holds_nothing_else(store: RowStore, said: Said, contents: Contents, clock: Any) -> None:
    """Not even the user id: its hash."""
    store.save_attributes(said("anna"), {"pace": "slow", "count": "aloud", "wording": "short"})
    ((key, row),) = contents().items()
    now = int(clock.now)
    assert row == {"at": now * 1000, "ttl": now + LIFE, "pace": "slow", "count": "aloud", "wording": "short"}
    assert len(key) == 64
    assert "anna" not in f"{key}{row}"


@pytest.mark.parametrize(
    "attributes",
    [{"pain": "calf"}, {"pace": "slow", "site": "calf"}, {"pace": "my chest hurts"}, {"pace": 1}, {"pace": None}],
)
def test_anything_else_is_refused(
    store: RowStore, said: Said, contents: Contents, attributes: dict[str, object]
) -> None:
    with pytest.raises(ValueError):
        store.save_attributes(said(), attributes)
    assert contents() == {}


def test_forgotten_is_forgotten(store: RowStore, said: Said, contents: Contents, clock: Any) -> None:
    """What is left is a mark without any preference, for a day."""
    store.save_attributes(said(), {"pace": "slow"})
    store.delete_attributes(said(at=1))
    assert store.get_attributes(said(at=2)) == {}
    ((_, row),) = contents().items()
    assert set(row) == {"at", "ttl"}
    assert row["ttl"] <= clock.now + MARKED == clock.now + DAY


def test_somebody_unknown_can_be_forgotten_too(store: RowStore, said: Said) -> None:
    store.delete_attributes(said())
    store.delete_attributes(said())
    assert store.get_attributes(said()) == {}


def test_a_late_save_loses_to_a_later_one(store: RowStore, said: Said) -> None:
    store.save_attributes(said(at=-5), {"pace": "slow"})
    store.save_attributes(said(at=-9), {"pace": "fast"})
    assert store.get_attributes(said()) == {"pace": "slow"}


def test_a_late_save_does_not_bring_back_somebody_forgotten(store: RowStore, said: Said) -> None:
    store.delete_attributes(said(at=-5))
    store.save_attributes(said(at=-9), {"pace": "slow"})
    store.save_attributes(said(at=-5), {"pace": "slow"})  # at the same moment: forgetting wins
    assert store.get_attributes(said()) == {}
    store.save_attributes(said(at=-4), {"pace": "fast"})  # said after having been forgotten
    assert store.get_attributes(said()) == {"pace": "fast"}


def test_what_was_there_before_does_not_come_back_with_a_new_wish(store: RowStore, said: Said) -> None:
    store.save_attributes(said(at=-9), {"count": "quiet"})
    store.delete_attributes(said(at=-8))
    store.save_attributes(said(at=-7), {"pace": "slow"})
    assert store.get_attributes(said()) == {"pace": "slow"}


def test_a_late_event_spares_what_was_said_after_it(store: RowStore, said: Said) -> None:
    """Out of order, and twice."""
    store.save_attributes(said(at=-10), {"pace": "slow"})
    for _ in range(2):
        store.delete_attributes(said(at=-600, disabled=True))
        assert store.get_attributes(said()) == {"pace": "slow"}
    for _ in range(2):
        store.delete_attributes(said(at=-5, disabled=True))
        assert store.get_attributes(said()) == {}


def test_an_event_counts_a_little_later_than_it_says(store: RowStore, said: Said) -> None:
    """Its clock is another one; who left must not stay behind for half a year because of two seconds."""
    store.save_attributes(said(at=-10), {"pace": "slow"})
    store.delete_attributes(said(at=-12, disabled=True))
    assert store.get_attributes(said()) == {}
    store.save_attributes(said(at=-11), {"pace": "slow"})
    assert store.get_attributes(said()) == {}


def test_a_request_from_the_future_bars_nothing(store: RowStore, said: Said, clock: Any) -> None:
    store.save_attributes(said(at=10**9), {"pace": "slow"})
    clock.now += 1
    store.save_attributes(said(at=1), {"pace": "fast"})
    assert store.get_attributes(said()) == {"pace": "fast"}


def test_what_nobody_used_for_half_a_year_is_gone(store: RowStore, said: Said, clock: Any) -> None:
    """Also where the database has not removed it yet; and it does not come back with the next wish."""
    store.save_attributes(said(), {"pace": "slow"})
    clock.now += LIFE - 1
    assert RowStore.get_attributes(store, said()) == {"pace": "slow"}
    clock.now += 2 * LIFE
    assert store.get_attributes(said()) == {}
    store.save_attributes(said(at=3 * LIFE), {"count": "quiet"})
    assert store.get_attributes(said()) == {"count": "quiet"}


def test_use_prolongs_the_life(store: RowStore, said: Said, contents: Contents, clock: Any) -> None:
    """At most once a month: most loads write nothing."""
    store.save_attributes(said(), {"pace": "slow"})
    before = contents()
    clock.now += 10 * DAY
    store.get_attributes(said())
    assert contents() == before
    for _ in range(10):
        clock.now += 100 * DAY
        assert store.get_attributes(said()) == {"pace": "slow"}


def test_a_mark_is_not_prolonged(store: RowStore, said: Said, contents: Contents, clock: Any) -> None:
    store.delete_attributes(said())
    before = contents()
    clock.now += MARKED - 1
    store.get_attributes(said())
    assert contents() == before


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"at": "yesterday", "ttl": "never", "pace": "slow"},
        {"at": 1, "pace": "slow"},
        {"ttl": 4_000_000_000, "pace": "slow"},
        {"at": None, "ttl": None, "pace": None},
        {"at": b"\x00", "ttl": 4_000_000_000, "pace": b"\xff"},
        {"at": 1.5, "ttl": 4_000_000_000, "pace": "slow"},
        {"at": 1, "ttl": 4_000_000_000, "pace": "x" * 3000, "count": 7, "wording": "my calf hurts"},
    ],
    ids=lambda row: ",".join(row) or "empty",
)
def test_a_garbage_row_counts_as_none_and_is_replaced(
    store: RowStore, said: Said, put_raw: Callable[[str, dict[str, Any]], None], row: dict[str, Any]
) -> None:
    put_raw(person(said()), row)
    assert store.get_attributes(said()) == {}
    store.save_attributes(said(), {"count": "quiet"})
    assert store.get_attributes(said()) == {"count": "quiet"}
    put_raw(person(said()), row)
    store.delete_attributes(said())
    assert store.get_attributes(said()) == {}


def test_a_strange_value_leaves_the_others(
    store: RowStore, said: Said, put_raw: Callable[[str, dict[str, Any]], None]
) -> None:
    put_raw(person(said()), {"at": 1, "ttl": 4_000_000_000, "pace": "slow", "count": 7})
    assert store.get_attributes(said()) == {"pace": "slow"}


def test_a_request_without_a_user_is_nobody(store: RowStore, said: Said) -> None:
    with pytest.raises(ValueError):
        store.get_attributes(said(None))


def test_of_two_at_once_the_later_stands(make_store: Callable[[], RowStore], said: Said) -> None:
    """Two processes, many times; neither is lost, whichever comes first."""
    one, other = make_store(), make_store()
    for turn in range(10):
        saves = [
            lambda: one.save_attributes(said(at=-100 + 2 * turn), {"pace": "slow"}),  # noqa: B023 - joined below
            lambda: other.save_attributes(said(at=-99 + 2 * turn), {"pace": "fast"}),  # noqa: B023
        ]
        threads = [threading.Thread(target=save) for save in saves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.get_attributes(said()) == {"pace": "fast"}


def test_a_swap_is_refused_when_the_row_has_changed(make_store: Callable[[], RowStore], said: Said) -> None:
    one, other = make_store(), make_store()
    key = person(said())
    row = Row(1, 4_000_000_000, {"pace": "slow"})
    assert one.get(key) is None
    assert other.swap(key, row, None)
    assert not one.swap(key, row._replace(kept={"pace": "fast"}), None)
    before = one.get(key)
    assert other.swap(key, row._replace(at=2), before)
    assert not one.swap(key, row._replace(at=3), before)
    assert other.get_attributes(said()) == {"pace": "slow"}


def test_a_request_that_has_read_does_not_read_again(
    store: RowStore, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each reading is a wait; another request of the same person reads anew."""
    honest, read = store.get, list[str]()
    monkeypatch.setattr(store, "get", lambda key: read.append(key) or honest(key))
    request = said(at=1)
    assert store.get_attributes(request) == {}
    store.save_attributes(request, {"pace": "slow"})
    assert len(read) == 1
    store.save_attributes(said(at=2), {"pace": "fast"})
    assert len(read) == 2


def test_what_was_written_after_the_reading_is_not_lost(make_store: Callable[[], RowStore], said: Said) -> None:
    """What a request has read may be out of date when it saves or forgets."""
    one, other = make_store(), make_store()
    request = said(at=-9)
    assert one.get_attributes(request) == {}
    other.save_attributes(said(at=-10), {"count": "quiet"})
    one.save_attributes(request, {"pace": "slow"})
    assert other.get_attributes(said(at=-8)) == {"count": "quiet", "pace": "slow"}
    request = said(at=-7)
    one.get_attributes(request)
    other.save_attributes(said(at=-6), {"pace": "fast"})
    one.delete_attributes(request)
    assert other.get_attributes(said(at=-5)) == {"count": "quiet", "pace": "fast"}


def test_who_is_always_too_late_gives_up(
    store: RowStore, said: Said, monkeypatch: pytest.MonkeyPatch, contents: Contents
) -> None:
    monkeypatch.setattr(store, "swap", lambda *_: False)
    with pytest.raises(ContendedError):
        store.save_attributes(said(), {"pace": "slow"})
    assert contents() == {}


def test_what_cannot_be_prolonged_is_still_read(
    store: RowStore, said: Said, clock: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Reading and writing are throttled apart."""
    store.save_attributes(said(), {"pace": "slow"})
    clock.now += 100 * DAY

    def throttled(*_: object) -> bool:
        raise RuntimeError("slow down, anna")

    monkeypatch.setattr(store, "swap", throttled)
    assert store.get_attributes(said()) == {"pace": "slow"}
    ours = [record.getMessage() for record in caplog.records if record.name == "cramp_coach.store"]
    assert ours == ["preferences were not renewed: RuntimeError"]
