"""Rows in a DynamoDB table, through its HTTP API.

What that needs of the standard library takes tens of milliseconds to load, so it is loaded by the first call, in the
thread that makes it. Region, address and keys come from the environment, under the names that AWS's clients read.
docs/decisions/0029-a-small-client-for-dynamodb.md says why it is no client of AWS's.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .adapter import RowStore
from .row import Row

if TYPE_CHECKING:
    from .environment import Address, Identity
    from .wire import Answer, Wire

_SKEW = 240  # seconds; AWS refuses signatures that are five minutes off


class DynamoDBError(Exception):
    """A request that DynamoDB did not carry out. The name of the class says why; nothing else is kept of its answer."""


class ClockError(DynamoDBError):
    """The clock of this computer is wrong, so that no signature is valid."""


# Anything else is a plain DynamoDBError, so that only names of this list can come into a log.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
_ERRORS: dict[str, type[DynamoDBError]] = {
    name: type(name, (DynamoDBError,), {})
    for name in (
        "AccessDeniedException ConditionalCheckFailedException ExpiredTokenException IncompleteSignatureException "
        "InternalFailure InternalServerError InvalidClientTokenId InvalidSignatureException "
        "ItemCollectionSizeLimitExceededException LimitExceededException MissingAuthenticationTokenException "
        "ProvisionedThroughputExceededException ReplicatedWriteConflictException RequestExpired RequestLimitExceeded "
        "ResourceInUseException ResourceNotFoundException SerializationException ServiceUnavailable "
        "ThrottlingException TransactionConflictException UnrecognizedClientException ValidationException"
    ).split()
}
_CONDITION = _ERRORS["ConditionalCheckFailedException"]
_OF_TIME = {"InvalidSignatureException", "RequestExpired"}


class DynamoDBStore(RowStore):
    """The table has the key `person` and its time to live in `ttl`."""

    def __init__(self, table: str, environ: Mapping[str, str] = os.environ, **clock: Any) -> None:
        super().__init__(**clock)
        self._table, self._environ = table, environ
        self._lock = threading.Lock()  # over what follows
        self._identity: Identity | None = None
        self._wires: dict[tuple[Address, str], Wire] = {}

    def get(self, key: str) -> Mapping[str, Any] | None:
        item = self._ask("GetItem", Key={"person": {"S": key}}, ConsistentRead=True).get("Item")
        if item is None:
            return None
        return {name: _plain(value) for name, value in item.items() if name != "person"}

    def swap(self, key: str, row: Row, before: Mapping[str, Any] | None) -> bool:
        columns = {name: _wire(value) for name, value in row.write().items()}
        try:
            self._ask("PutItem", Item={"person": {"S": key}, **columns}, **_unless_changed(before))
        except _CONDITION:
            return False
        return True

    def close(self) -> None:
        """Lets kept connections go; new ones are made when they are needed."""
        with self._lock:
            for wire in self._wires.values():
                wire.close()

    def _ask(self, operation: str, **fields: Any) -> dict[str, Any]:
        """The answer to one operation. Raises DynamoDBError, or what `environment` and `wire` raise."""
        from .environment import Identity, address, region
        from .signing import signed
        from .wire import Wire

        environ = self._environ
        where, bundle = address(environ), environ.get("AWS_CA_BUNDLE", "")
        with self._lock:
            identity = self._identity = self._identity or Identity()
            wire = self._wires.get((where, bundle)) or self._wires.setdefault((where, bundle), Wire(where, bundle))
        body = json.dumps({"TableName": self._table, **fields}, separators=(",", ":")).encode()
        headers = {
            "Host": where.header,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        }
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        headers = signed(headers, body, identity.credentials(environ), region=region(environ), moment=moment)
        return _fields(wire.post(headers, body))


def _fields(answer: Answer) -> dict[str, Any]:
    """What an answer holds. Raises DynamoDBError."""
    try:
        fields = json.loads(answer.body)
    except (RecursionError, ValueError):
        fields = None
    if not isinstance(fields, dict):
        raise DynamoDBError
    if answer.status == 200 and "__type" not in fields:  # which only an error has
        return fields
    name = str(fields.get("__type")).rpartition("#")[2]
    if name in _OF_TIME and _is_off(answer.date):
        raise ClockError
    raise _ERRORS.get(name, DynamoDBError)


def _is_off(date: str) -> bool:
    """Whether our clock differs from that of an answer's Date by more than AWS lets pass."""
    from email.utils import parsedate_to_datetime

    try:
        return abs(parsedate_to_datetime(date).timestamp() - time.time()) > _SKEW
    except (OverflowError, ValueError):
        return False


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
