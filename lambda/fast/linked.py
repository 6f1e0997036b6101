"""Imports from one file what a first answer needs: the bundle has that file, and a checkout has none.

To look for a module, open it and read it takes longer than to run it, a hundred times over. tools/bundle.py writes the
code of those that a first answer imports into one marshalled dictionary, where what they share stands once.
The file's name tells whose bytecode it is: another Python does not find it, and imports what there is.
"""

from __future__ import annotations

import marshal
import os
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType, ModuleType

FILE = f"linked.{sys.implementation.cache_tag}"  # beside lambda_function.py


class Linked:
    """The modules in the file of a folder; none where there is no such file."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._modules: dict[str, tuple[str, bool, CodeType]] = {}  # by name: its file, a package or not, its code
        try:
            with open(os.path.join(folder, FILE), "rb") as file:  # noqa: PTH118, PTH123 - pathlib would take longer
                self._modules = marshal.loads(file.read())  # noqa: S302 - what the interpreter does with a file
        except FileNotFoundError:
            pass

    def find_spec(self, name: str) -> ModuleSpec | None:
        """The spec of a module, as its file would give it; None where it is not linked."""
        linked = self._modules.get(name)
        if linked is None:
            return None
        path, is_package, code = linked
        file = os.path.join(self._folder, path)  # noqa: PTH118
        spec = ModuleSpec(name, _Loader(code), origin=file, is_package=is_package)  # type: ignore[arg-type]
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [os.path.dirname(file)]  # noqa: PTH120
        return spec


class _Loader:
    """Runs a module's code."""

    def __init__(self, code: CodeType) -> None:
        self._code = code

    def create_module(self, spec: ModuleSpec) -> None:
        """Any module will do."""

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, vars(module))  # noqa: S102 - what the interpreter does with a file
