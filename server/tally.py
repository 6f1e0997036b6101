"""What the web door tells its operator: how many were answered and refused, and why, once a minute.

One line in the log instead of one for every request: anybody can send requests, and nobody shall fill a disk with them.
It holds counts, words of a closed list and milliseconds, never a value.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from multiprocessing.util import Finalize

from server.refusal import Reason

INTERVAL = 60.0  # seconds


class Tally:
    """Counts since the start, and since the last line. Safe among threads, and quiet while nothing happens."""

    def __init__(self, log: logging.Logger, interval: float = INTERVAL) -> None:
        self._log = log
        self._interval = interval
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._at_end: Finalize | None = None
        self._told: Counter[str] = Counter()
        self._slowest = 0.0
        self.counts: Counter[str] = Counter()  # "answered", "unanswered", and the reasons

    def answered(self, seconds: float) -> None:
        """A request was let in and answered, after so long."""
        with self._lock:
            self.counts["answered"] += 1
            self._slowest = max(self._slowest, seconds)
            self._set_timer()

    def unanswered(self) -> None:
        """A request was let in, and the skill or the kit had no answer."""
        with self._lock:
            self.counts["unanswered"] += 1
            self._set_timer()

    def refused(self, reason: Reason) -> bool:
        """A request was not let in; whether it is the first of its kind since the last line."""
        with self._lock:
            self.counts[reason] += 1
            self._set_timer()
            return self.counts[reason] == self._told[reason] + 1

    def tell(self) -> None:
        """Write the line now, if there is anything to tell. Called by its timer, and when the process ends."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            new = self.counts - self._told
            slowest, self._slowest = self._slowest, 0.0
            self._told = self.counts.copy()
        if new:
            self._log.info("%s", _line(new, slowest))

    def _set_timer(self) -> None:
        # Not before there is something to count, so that it runs in the process that counts and not in its parent.
        if self._at_end is None:
            self._at_end = Finalize(None, self.tell, exitpriority=0)  # atexit is not called where a server forks
        if self._timer is None:
            self._timer = threading.Timer(self._interval, self.tell)
            self._timer.daemon = True
            self._timer.start()


def _line(new: Counter[str], slowest: float) -> str:
    refused = {reason.value: new[reason] for reason in Reason if new[reason]}
    parts = [f"answered {new['answered']}", f"unanswered {new['unanswered']}", f"refused {sum(refused.values())}"]
    if refused:
        parts[-1] += f" ({', '.join(f'{reason} {count}' for reason, count in refused.items())})"
    if new["answered"]:
        parts.append(f"slowest {slowest * 1000:.0f} ms")
    return ", ".join(parts)
