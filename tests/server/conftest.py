"""The pretend Amazon of all tests of the web door."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tools.amazon import Amazon


@pytest.fixture(scope="session")
def amazon() -> Amazon:
    """One for all tests: its keys take a while to make."""
    return Amazon(datetime.now(UTC).replace(microsecond=0))
