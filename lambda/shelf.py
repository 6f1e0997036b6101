"""Opens what the build compiled from the content: the one place that knows where it lies.

Without pathlib, which the first turn of a process would wait for.
"""

from __future__ import annotations

import os

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compiled")  # noqa: PTH100, PTH118, PTH120


def has(name: str) -> bool:
    """Whether there is a file of that name."""
    return os.path.exists(os.path.join(_FOLDER, name))  # noqa: PTH110, PTH118


def read(name: str) -> bytes:
    """A file, whole. Raises FileNotFoundError."""
    with open(os.path.join(_FOLDER, name), "rb") as file:  # noqa: PTH118, PTH123
        return file.read()
