"""The kit's persistence interface over two operations: get a row, and swap it if it is still the one that was got.

A database only has to know those two. May block and may raise; `Bounded` is what stands between it and a turn.
"""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter

from .row import Row, forgotten, moment, person, read, renewed, saved

if TYPE_CHECKING:
    from ask_sdk_model import RequestEnvelope

_LOG = logging.getLogger("cramp_coach.store")
_TRIES = 3  # a swap is lost only to another one at the same time, by the same person


class ContendedError(Exception):
    """Others kept writing the same row."""


class RowStore(AbstractPersistenceAdapter):
    """Rows of preferences. `clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        # The last request that read a row, and what it got.
        self._read: tuple[Callable[[], object], Mapping[str, Any] | None] = (lambda: None, None)

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, object]:
        """What is remembered of a request's person; empty where nothing is."""
        key, now = person(request_envelope), self._clock()
        columns = self.get(key)
        self._read = weakref.ref(request_envelope), columns
        row = read(columns, now)
        if row is None:
            return {}
        longer = renewed(row, now)
        if longer is not None:
            try:
                self.swap(key, longer, columns)
            except Exception as error:  # noqa: BLE001 - whatever the database raises, what was read is good
                _LOG.warning("preferences were not renewed: %s", type(error).__name__)
        return dict(row.kept)

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: Mapping[str, object]) -> None:
        """Remembers what is named, beside what is remembered already; a later write stands.

        Raises ValueError for anything but preferences.
        """
        now = self._clock()
        at = moment(request_envelope, now)
        self._change(request_envelope, lambda row: saved(row, attributes, at, now))

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        """Forgets a request's person; what was saved later stands."""
        now = self._clock()
        at = moment(request_envelope, now)
        self._change(request_envelope, lambda row: forgotten(row, at, now))

    def _change(self, request_envelope: RequestEnvelope, change: Callable[[Row | None], Row | None]) -> None:
        key = person(request_envelope)
        request, columns = self._read
        for again in range(_TRIES):
            # What this request has read a moment ago is good enough: the swap fails if it is out of date.
            if again or request() is not request_envelope:
                columns = self.get(key)
            row = change(read(columns, self._clock()))
            if row is None or self.swap(key, row, columns):
                return
        raise ContendedError

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The columns of a row as they are, whatever they hold; None where there is no row."""
        raise NotImplementedError

    def swap(self, key: str, row: Row, before: Mapping[str, Any] | None) -> bool:
        """Puts a row in the place of what `get` gave; False, and nothing done, where its `at` has changed since."""
        raise NotImplementedError
