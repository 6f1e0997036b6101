"""Rows in a file of SQLite, for a computer of one's own. Several processes may share the file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .adapter import RowStore
from .row import KEPT, Row

if TYPE_CHECKING:  # nothing is imported before the store is used
    import sqlite3

MEMORY = ":memory:"  # in place of a file: kept as long as the store itself
_BUSY = 0.2  # seconds to wait for another process
_COLUMNS = ("at", "ttl", *KEPT)
_TABLE = "CREATE TABLE IF NOT EXISTS preferences (person TEXT PRIMARY KEY, at INTEGER, ttl INTEGER, {})".format(
    ", ".join(f"{name} TEXT" for name in KEPT)
)
_GET = f"SELECT {', '.join(_COLUMNS)} FROM preferences WHERE person = ?"  # noqa: S608 - names of ours
_PUT = (
    f"INSERT OR REPLACE INTO preferences (person, {', '.join(_COLUMNS)}) "  # noqa: S608
    f"VALUES ({', '.join('?' * (1 + len(_COLUMNS)))})"
)


class SQLiteStore(RowStore):
    """The file is made when it is first needed, and readable by its owner only."""

    def __init__(self, path: Path | str, **clock: Any) -> None:
        super().__init__(**clock)
        self._path = path
        self._made: sqlite3.Connection | None = None
        self._lock = threading.Lock()  # one connection, one thread at a time

    def get(self, key: str) -> Mapping[str, Any] | None:
        with self._open() as database:
            return _row_of(database, key)

    def swap(self, key: str, row: Row, before: Mapping[str, Any] | None) -> bool:
        with self._open() as database:
            database.execute("BEGIN IMMEDIATE")  # nobody else writes from here on
            found = _row_of(database, key)
            same = (found or {}).get("at") == (before or {}).get("at") and (found is None) == (before is None)
            if same:
                columns = row.write()
                database.execute(_PUT, (key, *(columns.get(name) for name in _COLUMNS)))
                # DynamoDB removes what has expired by itself.
                database.execute("DELETE FROM preferences WHERE ttl <= ?", (int(self._clock()),))
            database.execute("COMMIT")
            # What was overwritten must not live on in the log beside the file. Not while another process reads.
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return same

    def close(self) -> None:
        """Lets the file go; it is opened again when it is needed."""
        with self._lock:
            self._drop()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The connection, to one thread; let go when something goes wrong, for the file may be another by then."""
        with self._lock:
            try:
                if self._made is None:
                    self._made = self._connect()
                yield self._made
            except BaseException:
                self._drop()
                raise

    def _connect(self) -> sqlite3.Connection:
        import sqlite3

        if self._path != MEMORY:
            path = Path(self._path)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        database = sqlite3.connect(self._path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            _keep_a_log(database)
            database.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten in the file
            database.execute(_TABLE)
        except BaseException:
            database.close()
            raise
        return database

    def _drop(self) -> None:
        made, self._made = self._made, None
        if made is not None:
            made.close()


def _keep_a_log(database: sqlite3.Connection) -> None:
    """Changes are written beside the file first, so that who reads waits for nobody.

    SQLite says at once, without waiting, that it is busy where another process does the same at that moment.
    """
    import sqlite3

    until = time.monotonic() + _BUSY
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return


def _row_of(database: sqlite3.Connection, key: str) -> dict[str, Any] | None:
    found = database.execute(_GET, (key,)).fetchone()
    return None if found is None else dict(zip(_COLUMNS, found, strict=True))
