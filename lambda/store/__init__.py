"""REMEMBERS, per user: how somebody likes to be coached, and nothing else. Behind the kit's persistence interface.

Knows what a row may hold, which write wins, and how long to wait; knows nothing of speech, triage or the skill, and no
session. `docs/decisions/0026-what-a-row-holds-and-which-write-wins.md` has the rules.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter

from .bounded import Bounded, StoreError


def open_store(environ: Mapping[str, str] = os.environ) -> AbstractPersistenceAdapter | None:
    """The store that the environment names; None where it names none, and nothing outlives a session.

    PREFERENCES_TABLE is a DynamoDB table, PREFERENCES_FILE a file of SQLite. Nothing is imported, opened or asked
    before the store is first used.
    """
    if environ.get("PREFERENCES_TABLE"):
        from .dynamodb import DynamoDBStore

        return DynamoDBStore(environ["PREFERENCES_TABLE"])
    if environ.get("PREFERENCES_FILE"):
        from pathlib import Path

        from .sqlite import SQLiteStore

        return SQLiteStore(Path(environ["PREFERENCES_FILE"]).expanduser())
    return None


__all__ = ["Bounded", "StoreError", "open_store"]
