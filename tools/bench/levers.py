"""What each thing that was done for speed gives: the bundle with that one taken out again, beside the bundle.

python -m tools.bench.levers [--rounds 9] [--requests 200]     (after "make bench" has set everything up)
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools import bundle
from tools.runtime import python_command

from . import functions
from .__main__ import lambda_python, tell
from .bundles import BUILT, BundleError
from .functions import Function, ratio
from .turns import record


def _as_it_is(_: Path) -> None:
    """Nothing is taken out of a folder."""


@dataclass(frozen=True)
class Lever:
    """How to do without: `edits` of the sources, as path -> (what stands there, what then does), `strip` for what was
    built of them, `variables` for the process.
    """

    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    strip: Callable[[Path], None] = _as_it_is
    variables: Mapping[str, str] = field(default_factory=dict)


def _to_sources(built: Path) -> None:
    for bytecode in [*built.rglob("*.pyc"), *built.glob("linked.*")]:
        bytecode.unlink()
    for name, version in bundle.locked():
        for path, content in bundle.package(name, version).sources.items():
            target = built / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _unlink(built: Path) -> None:
    for path in built.glob("linked.*"):
        path.unlink()


LEVERS: Mapping[str, Lever] = {
    "bytecode": Lever(strip=_to_sources, variables={"PYTHONDONTWRITEBYTECODE": "1"}),
    "the room `fast`, as a whole": Lever(variables={"CRAMP_COACH_PLAIN_KIT": "1"}),
    "of it, reading by plan": Lever(
        {"fast/__init__.py": ("return QuickSerializer() if is_on else Serializer()", "return Serializer()")}
    ),
    "of it, one linked file": Lever(strip=_unlink),
    "the collector at rest": Lever(
        {"start.py": ("gc.disable()\n", "pass\n"), "lambda_function.py": ("start.done()", "pass")}
    ),
    "handlers that wait": Lever(
        {"skill/handlers/base.py": ("self._handler: Handler | None = None\n", "self._handler = None; self.handler\n")}
    ),
    "records for named tuples": Lever(
        {"record.py": ("__all__ =", "from typing import NamedTuple as Record\n\n__all__ =")}
    ),
}
"""What is measured -> how to do without it."""


def without(lever: Lever, python: str, folder: Path) -> Path:
    """Builds the bundle without it in a folder. Raises BundleError where the sources are no longer what is edited."""
    with tempfile.TemporaryDirectory() as copied:
        source = Path(copied, "lambda")
        shutil.copytree(bundle.SOURCE, source)
        for path, (old, new) in lever.edits.items():
            text = (source / path).read_text("utf-8")
            if text.count(old) != 1:
                raise BundleError(
                    f"{path} has not one {old.strip()!r} to take out; see LEVERS in tools/bench/levers.py"
                )
            (source / path).write_text(text.replace(old, new), "utf-8")
        bundle.build(folder, python, source)
    lever.strip(folder)
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.bench.levers", description="Measures what each lever gives.")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is started (default 9)")
    parser.add_argument("--requests", type=int, default=200, help="warm requests in a round (default 200)")
    given = parser.parse_args()
    try:
        python = lambda_python()
        command = python_command(python)
        bundle.build(BUILT / "ours", str(python))
        asked = [Function("ours", BUILT / "ours", command)]
        for number, (name, lever) in enumerate(LEVERS.items()):
            folder = without(lever, str(python), BUILT / f"without {number}")
            asked.append(Function(name, folder, command, lever.variables))
        measured = functions.measure(asked, record(), rounds=given.rounds, requests=given.requests, tell=tell)
    except (BundleError, bundle.BundleError, functions.FunctionError) as error:
        print(f"the bench stopped: {error}", file=sys.stderr)
        return 1
    tell("")
    print("| without | cold | warm p50 | 20 kB p50 | memory |")
    print("| --- | --: | --: | --: | --: |")
    for name in LEVERS:
        ratios = [ratio(measured[name], measured["ours"], what) for what in ("cold", "warm", "large", "memory")]
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in ratios)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
