"""COUNTS, for the operator: requests by class, how long they took, how many failed, how often each level was told.

Both doors hold it around the skill. It reads the JSON of a request and of its answer, and keeps numbers only: no word,
no id, no finding. Knows nothing of the kit or of our other rooms. docs/decisions/0032-what-is-logged-and-counted.md.
"""

from __future__ import annotations

from .meter import Meter, UnexpectedError, open_meter

__all__ = ["Meter", "UnexpectedError", "open_meter"]
