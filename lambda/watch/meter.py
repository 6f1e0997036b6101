"""One line per request, and now and then one of levels, in CloudWatch's embedded metric format.

Amazon makes metrics of such lines by itself: nothing is called, so nobody waits (AWS, "Specification: Embedded metric
format", https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

from .classes import TURNS, class_of
from .logs import OURS, Tally, Wordless

NAMESPACE = "CrampCoach"
TURN = {  # of a request, with their units
    "ColdStarts": "Count",
    "Failures": "Count",
    "StoreFailures": "Count",
    "Turns": "Count",  # from here on only where somebody waits for an answer
    "Duration": "Milliseconds",
    "Fallbacks": "Count",
}
LEVELS = {  # of many requests together: disposition -> metric
    "EMERGENCY": "Emergency",
    "URGENT": "Urgent",
    "ROUTINE": "Routine",
    "SELF_CARE": "SelfCare",
    "INFO": "Info",
    "OUT_OF_SCOPE": "OutOfScope",
}
_STDOUT = 1
BATCH = 20  # conversations with an assessment: with fewer in a line, the line would be about somebody


class UnexpectedError(Exception):
    """An error that nobody foresaw, by its type. Lambda logs messages, and its own might quote what was said."""


class Meter:
    """Counts what passes a door. `write` takes a line; None, and nothing is counted.

    `function` is the name the numbers stand under. A meter may be used by several threads.
    """

    def __init__(
        self,
        write: Callable[[str], object] | None = None,
        function: str = "cramp-coach",
        *,
        tally: Tally | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.write = write
        self._function = function
        self._tally = tally or Tally()
        self._now = now
        self._lines: dict[str, str] = {}  # by class, with places for the time and the numbers
        self._lock = Lock()  # over what follows
        self._is_cold = True
        self._levels = dict.fromkeys(LEVELS, 0)
        self._conversations: set[int] = set()  # that they are of: hashes, which mean nothing outside this process

    def watched(self, handler: Callable[[Any, Any], dict[str, Any]]) -> Callable[[Any, Any], dict[str, Any]]:
        """A handler of requests, with its requests counted. An error that leaves it carries no words of its own."""

        def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
            began, response = time.perf_counter(), None
            try:
                response = handler(event, context)
            except Exception as error:
                # PermissionError is what the door itself raises, in words of ours. What an error says need not be
                # among its `args`, so it is asked what it says.
                if isinstance(error, PermissionError) or not _words(error):
                    raise
                raise UnexpectedError(type(error).__name__).with_traceback(error.__traceback__) from None
            finally:
                self.count(event, response, time.perf_counter() - began)
            return response

        lambda_handler.__doc__ = handler.__doc__
        return lambda_handler

    def count(self, event: Any, response: Mapping[str, Any] | None, seconds: float) -> None:
        """Counts a request and its answer, both as JSON data; None is no answer. Never raises over what they hold."""
        if self.write is None:
            return
        class_ = class_of(event)
        errors, store = self._tally.take()
        with self._lock:
            is_cold, self._is_cold = self._is_cold, False
            levels = self._told(event, response)
        failed = class_ == "error" or errors > 0 or response is None
        numbers: tuple[float, ...] = (int(is_cold), int(failed), store)
        if class_ in TURNS:
            numbers = (*numbers, 1, round(seconds * 1000, 1), int(class_ == "fallback"))
        self._line(class_, TURN, numbers)
        if levels:
            self._line("", LEVELS.values(), tuple(levels.values()))

    def _told(self, event: Any, response: Mapping[str, Any] | None) -> dict[str, int] | None:
        """Adds the level that an answer tells; all levels, and none is kept, once enough conversations were told one.

        One conversation may be told many; by itself it never fills a line. Those without an id count as one.
        """
        attributes = response.get("sessionAttributes") if response is not None else None
        told = attributes.get("assessment") if isinstance(attributes, dict) else None
        level = told.get("disposition") if isinstance(told, dict) else None
        if not isinstance(level, str) or level not in LEVELS:
            return None
        self._levels[level] += 1
        session = event.get("session") if isinstance(event, dict) else None
        self._conversations.add(hash(str(session.get("sessionId")) if isinstance(session, dict) else ""))
        if len(self._conversations) < BATCH:
            return None
        self._conversations.clear()
        levels, self._levels = self._levels, dict.fromkeys(LEVELS, 0)
        return levels

    def _line(self, class_: str, names: Iterable[str], numbers: tuple[float, ...]) -> None:
        """Writes a line of the first of some metrics, as many as there are numbers. It is laid out once for a class."""
        line = self._lines.get(class_)
        if line is None:
            line = self._lines[class_] = self._laid_out(class_, tuple(names)[: len(numbers)])
        if self.write is not None:
            self.write(line % (self._now() * 1000, *numbers))

    def _laid_out(self, class_: str, names: Sequence[str]) -> str:
        metrics = [{"Name": name, "Unit": TURN.get(name, "Count")} for name in names]
        directive = {"Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics}
        told = {"Function": self._function, **({"class": class_} if class_ else {})}
        line = json.dumps({"_aws": {"CloudWatchMetrics": [directive], "Timestamp": 0}, **told}).replace("%", "%%")
        places = "".join([f', "{name}": %s' for name in names])
        return line.replace('"Timestamp": 0', '"Timestamp": %d', 1).removesuffix("}") + places + "}\n"


def open_meter(environ: Mapping[str, str] = os.environ) -> Meter:
    """The meter of this process: it writes where Lambda runs us, and is silent elsewhere.

    There it also counts the errors we log, and takes the words from what other libraries log.
    """
    function = environ.get("AWS_LAMBDA_FUNCTION_NAME")
    if not function:
        return Meter()
    tally = Tally()
    logging.getLogger(OURS).addHandler(tally)
    for handler in logging.getLogger().handlers:  # the one of Lambda's runtime
        handler.addFilter(Wordless())
    return Meter(_print, function, tally=tally)


def _words(error: Exception) -> str:
    """What Lambda's runtime would log of an error beside its type."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever it is, it is no reason to let the first one through
        return "it cannot be said"


def _print(line: str) -> None:
    """To where `print` writes, past its layers: the runtime empties them after every line, while somebody waits."""
    os.write(_STDOUT, line.encode())
