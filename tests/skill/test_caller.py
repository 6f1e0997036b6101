"""What a request tells of its moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from ask_sdk_model import LaunchRequest, RequestEnvelope

from skill.caller import caller_of


def at(moment: object) -> datetime:
    return caller_of(RequestEnvelope(request=LaunchRequest(timestamp=moment))).now  # type: ignore[arg-type]


def test_a_timestamp_is_read_in_utc() -> None:
    there = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=14)))
    assert at(there) == datetime(2026, 11, 22, 19, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment",
    [
        None,
        "2026-11-23",
        datetime(2026, 11, 23, 9, 30),  # noqa: DTZ001 - the kit may read one without a zone
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_moment_that_leaves_no_room_for_a_reminder_counts_as_now(moment: object) -> None:
    """Nothing overflows when an hour, or a year, is added to it."""
    now = at(moment)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
    now + timedelta(days=366)
