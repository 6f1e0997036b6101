"""Rows in a DynamoDB table, through boto3's low-level client.

boto3 is Lambda's own and never in the bundle; its import takes longer than a turn may wait, so it happens at the first
call, in the thread that makes it (docs/decisions/0025-how-long-a-turn-waits-for-the-store.md).
Region, endpoint and credentials come from the environment, as boto3 reads it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from typing import Any

from .adapter import RowStore
from .row import Row

_CONNECT = 0.5  # seconds
_READ = 1.0


class DynamoDBStore(RowStore):
    """The table has the key `person` and its time to live in `ttl`."""

    def __init__(self, table: str, **clock: Any) -> None:
        super().__init__(**clock)
        self._table = table
        self._made: Any = None
        self._lock = threading.Lock()

    @property
    def ready(self) -> bool:  # type: ignore[override]  # a plain attribute where there is nothing to load
        """Whether boto3 is loaded."""
        return self._made is not None

    def get(self, key: str) -> Mapping[str, Any] | None:
        answer = self._client().get_item(TableName=self._table, Key={"person": {"S": key}}, ConsistentRead=True)
        item = answer.get("Item")
        if item is None:
            return None
        return {name: _plain(value) for name, value in item.items() if name != "person"}

    def swap(self, key: str, row: Row, before: Mapping[str, Any] | None) -> bool:
        client = self._client()
        columns = {name: _wire(value) for name, value in row.write().items()}
        put = {"TableName": self._table, "Item": {"person": {"S": key}, **columns}, **_unless_changed(before)}
        try:
            client.put_item(**put)
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _client(self) -> Any:
        with self._lock:  # a session of boto3 is not safe among threads, a client is
            if self._made is None:
                import boto3
                from botocore.config import Config

                for name in ("boto3", "botocore", "urllib3"):  # they log requests in full, when asked for everything
                    logging.getLogger(name).setLevel(logging.WARNING)
                # One attempt: a turn does not wait for a second one.
                config = Config(connect_timeout=_CONNECT, read_timeout=_READ, retries={"total_max_attempts": 1})
                self._made = boto3.Session().client("dynamodb", config=config)
            return self._made


def _plain(value: Mapping[str, Any]) -> Any:
    """A value of the wire: a text, a whole number, or what else it is as it came."""
    (kind, content), *_ = value.items()
    if kind == "N" and re.fullmatch(r"-?\d{1,18}", content):
        return int(content)
    return content if kind == "S" else value


def _wire(value: Any) -> Any:
    """The way back."""
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": value} if isinstance(value, str) else value


def _unless_changed(before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The condition that a row still has the `at` it had, whatever that is. `at` is a reserved word there."""
    names = {"#at": "at"}
    if before is None or "at" not in before:
        return {"ConditionExpression": "attribute_not_exists(#at)", "ExpressionAttributeNames": names}
    return {
        "ConditionExpression": "#at = :was",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":was": _wire(before["at"])},
    }
