"""One file with the bytecode of many modules: tests/tools/test_bundle.py reads a real one."""

from __future__ import annotations

import marshal
from importlib.util import module_from_spec
from typing import TYPE_CHECKING

import pytest

from fast.linked import FILE, Linked

if TYPE_CHECKING:
    from pathlib import Path

CODE = compile("answer = 42", "linked_for_a_test.py", "exec")
CONTENT = marshal.dumps({"linked_for_a_test": ("linked_for_a_test.py", False, CODE)})


def test_a_linked_module_is_imported_as_from_its_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(CONTENT)
    spec = Linked(str(tmp_path)).find_spec("linked_for_a_test")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (module.answer, module.__file__) == (42, str(tmp_path / "linked_for_a_test.py"))


@pytest.mark.parametrize("name", ["linked", "linked.cpython-39", "linked.pypy311"])
def test_bytecode_of_another_python_is_not_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(CONTENT)
    assert Linked(str(tmp_path)).find_spec("linked_for_a_test") is None
