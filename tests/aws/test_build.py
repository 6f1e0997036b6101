"""What sam builds from the template: our bundle, to the byte, or nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from tools import bundle


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_sam_builds_is_our_bundle_to_the_byte(built: Path, lambda_python: Path, tmp_path: Path) -> None:
    """So what is tested anywhere is what is deployed."""
    bundle.build(tmp_path / "bundle", str(lambda_python))
    ours, sams = contents(tmp_path / "bundle"), contents(built)
    assert ours.keys() == sams.keys()
    assert not [path for path in ours if ours[path] != sams[path]]


def test_nothing_is_built_for_another_python_than_lambdas(
    sam: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """sam stops, and among its lines is one that says how to mend it."""
    other = tmp_path / "python"
    other.write_text('#!/bin/sh\necho \'{"version": [3, 12, 1], "missing": [], "executable": "/nowhere"}\'\n')
    other.chmod(0o755)
    done = sam(tmp_path / "build", LAMBDA_PYTHON=str(other))
    assert done.returncode != 0
    said = f"No bundle was built: LAMBDA_PYTHON={other} is Python 3.12.1, and Lambda runs Python 3.13; name that one."
    assert said in done.stdout + done.stderr
    assert not (tmp_path / "build" / "SkillFunction" / "lambda_function.py").exists()
