"""Imports from one file what a first answer needs: the bundle has that file, and a checkout has none.

To look for a module, open it and read it takes longer than to run it, a hundred times over. tools/bundle.py writes the
bytecode of those that a first answer imports one after the other, behind a line of JSON that tells where each lies.
The file's name tells whose bytecode it is: another Python does not find it, and imports what there is.
"""

from __future__ import annotations

import json
import marshal
import os
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

FILE = f"linked.{sys.implementation.cache_tag}"  # beside lambda_function.py


class Linked:
    """The modules in the file of a folder; none where there is no such file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._index: dict[str, tuple[str, bool, int, int]] = {}  # module -> its file, a package or not, from, to
        self._code = b""
        try:
            with open(os.path.join(folder, FILE), "rb") as file:  # noqa: PTH118, PTH123 - pathlib would take longer
                self._index = json.loads(file.readline())
                self._code = file.read()
        except FileNotFoundError:
            pass

    def find_spec(self, name: str) -> ModuleSpec | None:
        """The spec of a module, as its file would give it; None where it is not linked."""
        entry = self._index.get(name)
        if entry is None:
            return None
        path, is_package, start, end = entry
        file = os.path.join(self._folder, path)  # noqa: PTH118
        loader = _Loader(self._code[start:end])
        spec = ModuleSpec(name, loader, origin=file, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(file)]  # noqa: PTH120
        return spec


class _Loader:
    """Runs bytecode."""

    def __init__(self, code: bytes) -> None:
        self._code = code

    def create_module(self, spec: ModuleSpec) -> None:
        """Any module will do."""

    def exec_module(self, module: ModuleType) -> None:
        exec(marshal.loads(self._code), vars(module))  # noqa: S102, S302 - what the interpreter does with a file
