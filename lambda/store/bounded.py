"""Stands between a store and a turn: no load or save holds a turn up for longer than a moment.

The store works in a thread of its own, and what was not done in time goes on there: the result of a late load is there
for the next turn that asks, a late save is not made again. On Lambda every thread stands still between two requests, so
"goes on" means "during the next requests, if this process gets any".
docs/decisions/0025-how-long-a-turn-waits-for-the-store.md has the reasons and what was measured.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter

from .row import person

if TYPE_CHECKING:
    from ask_sdk_model import RequestEnvelope

_LOG = logging.getLogger("cramp_coach.store")

PATIENCE = 0.3  # seconds that all loads and saves of one request may wait together
FOR_DELETION = 3.0  # somebody who asks to be forgotten wants to know whether it was done; Alexa gives eight
REST = 30.0  # seconds after a failure in which nobody waits
FRESH = 120.0  # seconds for which the result of a late load is still true
MOST = 8  # threads at a time: a store that hangs must not collect more


class StoreError(Exception):
    """The store failed, or took too long. Its type was logged; there is nothing else to tell."""


class _Job:
    """Something that a store does, in a thread: `done` once it has ended, `failed` when that was no success."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.done = threading.Event()
        self.failed = False
        self.result: dict[str, object] = {}


class _Budget(threading.local):
    """What is left of the patience of the request that this thread serves."""

    request: Callable[[], object] | None = None
    left = 0.0


class Bounded(AbstractPersistenceAdapter):
    """Another store, with patience. Raises StoreError, and nothing else.

    `clock` gives seconds since 1970: a clock that only counts may stand still while a process does.
    """

    def __init__(
        self,
        store: AbstractPersistenceAdapter,
        *,
        patience: float = PATIENCE,
        for_deletion: float = FOR_DELETION,
        rest: float = REST,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._patience, self._for_deletion, self._rest, self._clock = patience, for_deletion, rest, clock
        self._budget = _Budget()
        self._lock = threading.Lock()  # over what follows
        self._loads: dict[str, _Job] = {}
        self._running = 0
        self._rests_until = 0.0

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, object]:
        """What the store remembers of a request's person, if it says so in time, or said so late to a turn before."""
        key, now = _key(request_envelope), self._clock()
        with self._lock:
            self._loads = {of: job for of, job in self._loads.items() if 0 <= now - job.began < FRESH}
            job, rests = self._loads.get(key), self._rests(now)
        if job is None:
            if rests:
                raise StoreError
            job = self._start(lambda: self._store.get_attributes(request_envelope))
            with self._lock:
                self._loads[key] = job
        try:
            self._wait(job, request_envelope)
        finally:
            if job.done.is_set():
                self._drop(key)
        return job.result

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: Mapping[str, object]) -> None:
        """Has the store remember something. After StoreError it may do so still."""
        self._drop(_key(request_envelope))  # a load that is under way would bring what was before
        kept = dict(attributes)
        self._wait(
            self._start(lambda: self._store.save_attributes(request_envelope, kept)),
            request_envelope,
        )

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """Has the store forget a request's person. After StoreError it may do so still, and nobody may count on it."""
        self._drop(_key(request_envelope))
        job = self._start(lambda: self._store.delete_attributes(request_envelope))
        if not job.done.wait(self._for_deletion):
            self._fail("slow")
        if job.failed or not job.done.is_set():
            raise StoreError

    def _start(self, work: Callable[[], dict[str, object] | None]) -> _Job:
        job = _Job(self._clock())
        with self._lock:
            if self._running >= MOST:
                raise StoreError
            self._running += 1
        try:
            threading.Thread(target=self._run, args=(job, work), name="store", daemon=True).start()
        except RuntimeError as error:  # no more threads
            with self._lock:
                self._running -= 1
            self._fail(type(error).__name__)
            raise StoreError from None
        return job

    def _run(self, job: _Job, work: Callable[[], dict[str, object] | None]) -> None:
        try:
            job.result = work() or {}
        except BaseException as error:  # noqa: BLE001 - whatever a store raises, the conversation goes on
            job.failed = True
            self._fail(type(error).__name__)  # the type only: a message may quote what was stored
        finally:
            with self._lock:
                self._running -= 1
            job.done.set()

    def _wait(self, job: _Job, request_envelope: RequestEnvelope) -> None:
        """Waits for a job as long as the request may. Raises StoreError where it has not succeeded by then."""
        budget = self._budget
        if budget.request is None or budget.request() is not request_envelope:
            budget.request, budget.left = weakref.ref(request_envelope), self._patience
        began = time.perf_counter()
        rests = self._rests(self._clock())
        done = job.done.wait(0 if rests else max(budget.left, 0))
        budget.left -= time.perf_counter() - began
        if not done and not rests:
            self._fail("slow")
        if job.failed or not done:
            raise StoreError

    def _rests(self, now: float) -> bool:
        return 0 < self._rests_until - now <= self._rest  # no longer, where the clock was set back

    def _fail(self, what: str) -> None:
        with self._lock:
            self._rests_until = self._clock() + self._rest
        _LOG.warning("the store of preferences: %s", what)

    def _drop(self, key: str) -> None:
        with self._lock:
            self._loads.pop(key, None)


def _key(request_envelope: RequestEnvelope) -> str:
    try:
        return person(request_envelope)
    except ValueError:
        raise StoreError from None
