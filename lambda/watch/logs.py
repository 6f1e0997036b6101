"""What the log may hold. Our own lines are written without values; those of other libraries lose their words here.

Under Lambda's JSON format every line that comes by `logging` is one object, with its level and logger (AWS, "Using
Lambda advanced logging controls with Python").
"""

from __future__ import annotations

import logging

OURS = "cramp_coach"
STORE = "cramp_coach.store"
REQUEST_ID = "aws_request_id"  # Lambda's own, which its runtime writes on every line


class Tally(logging.Handler):
    """Counts our errors, and what went wrong with the store, as they are logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._errors = self._store = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Counts one line; the lock of the handler is held meanwhile."""
        if record.name == STORE:
            self._store += 1
        elif record.levelno >= logging.ERROR:
            self._errors += 1

    def take(self) -> tuple[int, int]:
        """How many errors, and failures of the store, there were since the last time."""
        self.acquire()
        try:
            taken = self._errors, self._store
            self._errors = self._store = 0
            return taken
        finally:
            self.release()


_OF_ANY_LINE = frozenset(vars(logging.makeLogRecord({})))


class Wordless(logging.Filter):
    """Takes the words from what other libraries log: a library may quote what it was sent, and we cannot know.

    Also what it says beside its message, with `extra`: Lambda's formatter writes all of that down
    (https://github.com/aws/aws-lambda-python-runtime-interface-client, lambda_runtime_log_utils.py).
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line through; of those that are not ours, only the logger, the level and the type of an error."""
        if record.name.partition(".")[0] != OURS:
            kind = record.exc_info[0] if record.exc_info else None
            record.msg = f"words left out{f', of a {kind.__name__}' if kind else ''}"
            record.args = record.exc_info = record.exc_text = record.stack_info = None
            for extra in vars(record).keys() - _OF_ANY_LINE - {REQUEST_ID}:
                delattr(record, extra)
        return True
