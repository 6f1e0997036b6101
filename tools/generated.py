"""Files that are generated and committed: written where they differ from what is made now, or only compared."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.yamlfile import ROOT

_SHOWN = 12  # lines of a difference


def settle(made: Mapping[Path, str], there: Iterable[Path], *, check: bool) -> int:
    """Makes the files `there` those that were `made`, path -> text; with `check` only says what differs.

    Returns the exit status: 1 where a check found something.
    """
    stale = {path: text for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text}
    strays = [path for path in there if path not in made]
    if check:
        _tell(stale, strays)
        return 1 if stale or strays else 0
    for path in strays:
        path.unlink()
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    print(f"{len(made)} generated files, {len(stale)} written")
    return 0


def _tell(stale: Mapping[Path, str], strays: Iterable[Path]) -> None:
    for path in strays:
        print(f"{path.relative_to(ROOT)}: nothing makes this file; run: make build", file=sys.stderr)
    for path, text in stale.items():
        print(f"{path.relative_to(ROOT)}: not as the source would make it; run: make build", file=sys.stderr)
        old = path.read_text("utf-8").splitlines() if path.exists() else []
        differences = list(difflib.unified_diff(old, text.splitlines(), "committed", "built", lineterm="", n=0))
        for line in differences[:_SHOWN]:
            print(f"    {line[:160]}", file=sys.stderr)
