"""What only a file promises."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from ask_sdk_model import RequestEnvelope

from store.sqlite import MEMORY, SQLiteStore

Said = Callable[..., RequestEnvelope]


def test_nothing_is_made_before_it_is_needed(tmp_path: Path, said: Said) -> None:
    store = SQLiteStore(tmp_path / "a" / "b" / "preferences.sqlite3")
    assert list(tmp_path.iterdir()) == []
    assert store.get_attributes(said()) == {}
    assert (tmp_path / "a" / "b" / "preferences.sqlite3").exists()
    store.close()


def test_a_file_that_another_makes_at_the_same_moment_is_waited_for(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself does not wait there: of two that start together one would go without for half a minute."""
    monkeypatch.setattr("store.sqlite._BUSY", 5.0)
    path = tmp_path / "preferences.sqlite3"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE another (one)")
    ready = threading.Timer(0.05, lambda: other.execute("COMMIT"))
    ready.start()
    store = SQLiteStore(path)
    assert store.get_attributes(said()) == {}
    ready.join()
    store.close()
    other.close()


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of POSIX")
def test_the_file_is_its_owners(tmp_path: Path, said: Said) -> None:
    path = tmp_path / "new" / "preferences.sqlite3"
    store = SQLiteStore(path)
    store.save_attributes(said(), {"pace": "slow"})
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_what_is_forgotten_is_overwritten(tmp_path: Path, said: Said) -> None:
    """Not only unlinked: no byte of it is left, neither in the file nor in the log beside it."""
    path = tmp_path / "preferences.sqlite3"
    store = SQLiteStore(path)
    store.save_attributes(said(), {"pace": "slow", "count": "quiet"})
    store.close()
    assert b"quiet" in path.read_bytes()
    store.delete_attributes(said(at=1))
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    store.close()
    assert b"quiet" not in left
    assert b"slow" not in left


def test_expired_rows_go_with_the_next_write(tmp_path: Path, said: Said) -> None:
    now = 1.8e9
    store = SQLiteStore(tmp_path / "preferences.sqlite3", clock=lambda: now)
    store.save_attributes(said("anna"), {"count": "quiet"})
    now += 10**8
    store.save_attributes(said("bert"), {"pace": "slow"})
    store.close()
    assert b"quiet" not in (tmp_path / "preferences.sqlite3").read_bytes()


def test_memory_lasts_as_long_as_the_store(said: Said) -> None:
    store = SQLiteStore(MEMORY)
    store.save_attributes(said(), {"pace": "slow"})
    assert store.get_attributes(said()) == {"pace": "slow"}
    store.close()
    assert store.get_attributes(said()) == {}
    store.close()
