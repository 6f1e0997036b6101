"""For the door that serves alone in its process: keeps the collector of garbage out of the start.

Nothing that is made while modules load and the skill is built is garbage, yet the collector looks through it again and
again. To import this, before anything else, stops it; `done` lets it go on, without what is there by then.
"""

from __future__ import annotations

import gc

gc.disable()


def done() -> None:
    """All is loaded that will stay."""
    gc.freeze()
    gc.enable()
