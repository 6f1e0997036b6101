"""Whether somebody stands for something: by their own name, on a day that has come. No signature is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

_NOBODY = re.compile(r"\b(todo|tbd|nobody|name|null|none|unknown)\b", re.IGNORECASE)


def is_signed(said: Any) -> bool:
    """Whether this is {by: a name, date: "2027-01-31"}, and that day has come."""
    return isinstance(said, Mapping) and is_name(said.get("by")) and is_past(said.get("date"))


def is_name(said: Any) -> bool:
    """Whether this may be somebody's name: a text that is no placeholder."""
    return isinstance(said, str) and len(said) > 2 and not _NOBODY.search(said)


def is_past(day: Any) -> bool:
    """Whether this is a day, as ISO 8601 has it, and not still to come."""
    try:
        return date.fromisoformat(str(day)) <= datetime.now(UTC).date()
    except ValueError:
        return False
