"""Builds, in build/peers, the functions that ours is measured beside: from `sources/`, with packages at fixed versions.

Each carries the bytecode that `compileall` writes by default, and is made anew only when its sources or the Python
have changed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tools.yamlfile import ROOT

BUILT = ROOT / "build" / "peers"
_SOURCES = Path(__file__).parent / "sources"
# The packages of a peer whose handler is another one's.
_ALSO = {"hello, our packages": ("hello", ROOT / "lambda" / "requirements.txt")}


class BundleError(Exception):
    """A bundle cannot be built here; the message says why, in a line."""


def with_python(name: str, python: Path, tell: Callable[[str], None]) -> Path:
    """The folder of a peer in Python: its handler, its packages, their bytecode."""
    target = BUILT / name
    handler, requirements = _ALSO.get(name) or (name, _SOURCES / name / "requirements.txt")
    source = _SOURCES / handler / "lambda_function.py"
    version = subprocess.run([python, "-VV"], capture_output=True, text=True, check=True).stdout.strip()
    state = version + source.read_text() + (requirements.read_text() if requirements.exists() else "")

    def make() -> None:
        if requirements.exists():
            _pip(python, "--target", str(target), "-r", str(requirements))
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        # Not checked: some packages carry files that no Python 3 compiles.
        compile_all = [str(python), "-W", "ignore", "-m", "compileall", "-q", str(target)]
        subprocess.run(compile_all, capture_output=True, check=False)

    _once(target, state, make, lambda: tell(name))
    return target


def with_node(tell: Callable[[str], None]) -> Path:
    """The folder of the peer in Node. Raises BundleError where there is no Node."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise BundleError("Node is left out: no node and npm here")
    target = BUILT / "node"
    files = sorted((_SOURCES / "node").iterdir())
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout

    def make() -> None:
        shutil.copytree(_SOURCES / "node", target, dirs_exist_ok=True)
        done = subprocess.run(
            [npm, "install", "--omit=dev", "--no-audit", "--no-fund", "--silent"],
            cwd=target,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BundleError("Node is left out: npm could not install ask-sdk-core")

    _once(target, version + "".join(file.read_text() for file in files), make, lambda: tell("node"))
    return target


def _once(target: Path, state: str, make: Callable[[], None], tell: Callable[[], None]) -> None:
    """Makes a folder, unless it was made from the same before. What was half made is thrown away."""
    stamp, mark = target.parent / f"{target.name}.stamp", hashlib.sha256(state.encode()).hexdigest()
    if target.exists() and stamp.exists() and stamp.read_text() == mark:
        return
    tell()
    stamp.unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    make()
    stamp.write_text(mark)


def _pip(python: Path, *what: str) -> None:
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([python, "-m", "pip", "install", *quiet, *what], capture_output=True, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise BundleError(f"pip could not install {' '.join(what)}: {last[0]}")
