"""Is this request for our skill, and from just now? The outside of an envelope, before the kit makes models of it.

A signature proves only that Alexa sent a request once: anybody can have Alexa sign requests for a skill of their own,
and anybody who has seen a request can send it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from server.kit import EVENT_SECONDS, REQUEST_SECONDS, SKILL_EVENTS, AbstractVerifier
from server.refusal import Reason, RefusedError

if TYPE_CHECKING:
    from server.verifier import Headers


class EnvelopeVerifier(AbstractVerifier):
    """Passes an envelope that was made for our skill in the last 150 seconds; a skill event in the last hour.

    `SkillAdapter` takes the skill id but does not compare it. The kit compares the time, but raises TypeError where it
    has no zone, and lets an event come an hour early.
    """

    def __init__(self, skill_id: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """`skill_id` is the only one that passes; `clock` is aware of its zone."""
        self._skill_id = skill_id
        self._clock = clock

    def verify(
        self,
        headers: Headers,
        serialized_request_env: str,
        deserialized_request_env: object = None,
    ) -> None:
        """Raise RefusedError for what is no envelope, another skill's, or not of now.

        Reads the JSON itself, because it must know before the kit turns it into models.
        """
        try:
            envelope = _JSON.decode(serialized_request_env)
            asked = envelope["context"]["System"]["application"]["applicationId"]
            # Skill events have no session.
            session = envelope.get("session") or {}
            within = (session.get("application") or {}).get("applicationId", asked)
            request = envelope["request"]
            kind, sent = request.get("type"), request.get("timestamp")
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise RefusedError(Reason.ENVELOPE) from error
        if not asked == within == self._skill_id:
            raise RefusedError(Reason.SKILL)
        self._check_time(sent, is_event=isinstance(kind, str) and kind in SKILL_EVENTS)

    def _check_time(self, sent: object, *, is_event: bool) -> None:
        try:
            if not isinstance(sent, str):
                raise TypeError("no time")
            age = (self._clock() - datetime.fromisoformat(sent)).total_seconds()
        except (TypeError, ValueError, OverflowError) as error:  # without a zone it could mean any hour of the day
            raise RefusedError(Reason.TIME) from error
        if not -REQUEST_SECONDS <= age <= (EVENT_SECONDS if is_event else REQUEST_SECONDS):
            raise RefusedError(Reason.TIME)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
