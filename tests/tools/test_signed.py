"""Who counts as having signed: a name and a day, and neither is a stand-in."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tools.signed import is_signed


@pytest.mark.parametrize("day", ["2026-01-31", date(2026, 1, 31)])
def test_a_name_and_a_day_sign(day: Any) -> None:
    """The day may be quoted or bare: YAML makes a date of a bare one."""
    assert is_signed({"by": "Invented Person", "date": day})
    assert is_signed({"by": "Madonna", "date": day})


@pytest.mark.parametrize(
    "said",
    [
        None,
        True,
        "Invented Person",
        {},
        {"by": "Invented Person"},
        {"date": "2026-01-31"},
        {"by": None, "date": "2026-01-31"},
        {"by": "", "date": "2026-01-31"},
        {"by": "x", "date": "2026-01-31"},
        {"by": "Their Name", "date": "2026-01-31"},
        {"by": "TODO", "date": "2026-01-31"},
        {"by": "Invented Person", "date": None},
        {"by": "Invented Person", "date": "soon"},
        {"by": "Invented Person", "date": "31.1.2026"},
        {"by": "Invented Person", "date": "2999-01-31"},
    ],
)
def test_nothing_less_does(said: Any) -> None:
    """A placeholder, half a signature, or a day that is still to come settles nothing."""
    assert not is_signed(said)
