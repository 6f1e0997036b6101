"""Builds what ships to Lambda: build/bundle, a folder, and the same zipped.

Usage: python -m tools.bundle [--release] [--into FOLDER]     (make bundle, make bundle RELEASE=1, sam build)

The folder is lambda/ and the locked packages it needs, compiled for Lambda's own Python. The same sources and the same
Python give the same bytes. docs/decisions/0030-what-ships-and-in-what-form.md has the reasons for its form.
"""

from __future__ import annotations

import argparse
import ast
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from tools.bootstrap import LAMBDA, dotted, lambda_python

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lambda"
LOCK = SOURCE / "requirements.txt"
FOLDER = ROOT / "build" / "bundle"
LICENCES = "licences"

# Packages that come with the kit for its own client of Amazon's APIs alone; ours is skill/alexa.py. With them goes what
# needs them, so that whoever needs it one day is told by `check_imports`, and not by a person in pain.
LEFT_OUT = {"requests", "urllib3", "certifi", "charset_normalizer", "idna"}
LEFT_OUT_FILES = {
    "ask_sdk_core/api_client.py",
    "dateutil/tzwin.py",  # the zones of Windows
    "dateutil/tz/win.py",
    "dateutil/zoneinfo/dateutil-zoneinfo.tar.gz",  # a copy of all zones; a request's times are in UTC
    "dateutil/zoneinfo/rebuild.py",  # makes that copy
}
# Lambda's Python brings them (https://docs.aws.amazon.com/lambda/latest/dg/python-package.html).
LAMBDA_BRINGS = {"boto3", "botocore"}
# What is imported only where it is there: a path and a name.
DONE_WITHOUT = {
    ("dateutil/tz/tz.py", "dateutil.tz.win"),
    ("six.py", "StringIO"),  # in Python 2
}

_NATIVE = {".so", ".pyd", ".dylib", ".dll", ".a"}
_NOT_RUN = {"py.typed", "tests", "test"}  # of a package
_CACHES = re.compile(r"(__pycache__|.*\.py[cod]|\..*|.*~|.*\.swp)")  # of lambda/
_LICENCE = re.compile(r"(LICEN[CS]E|NOTICE|COPYING|AUTHORS)", re.IGNORECASE)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can hold
_LONG_AGO_SECONDS = 315_532_800


# Gives a bundle's first answer, and tells where `fast.linked` looks for the code of the modules that it took, and which
# they were. The door is there before anything is linked, and so is what links.
FIRST_EVENT = ROOT / "events" / "triage" / "complaint.json"
_FIRST_ANSWER = """
import json, os, sys
import lambda_function
from fast.linked import FILE
lambda_function.lambda_handler(json.load(sys.stdin), None)
folder = os.path.dirname(lambda_function.__file__)
there = {"lambda_function", "start", "fast", "fast.later", "fast.linked"}
specs = {name: getattr(module, "__spec__", None) for name, module in sys.modules.items() if name not in there}
print(json.dumps([FILE, {
    name: (
        os.path.relpath(spec.origin, folder),
        os.path.relpath(spec.cached, folder),
        spec.submodule_search_locations is not None,
    )
    for name, spec in sorted(specs.items())
    if spec is not None and (spec.origin or "").startswith(folder)
}]))
"""
# Writes that file, in a process of its own: what marshal writes tells what else is there that holds a string.
_LINK = """
import json, marshal, sys
file, modules = json.load(sys.stdin)
linked = {}
for name, (path, bytecode, is_package) in modules.items():
    with open(bytecode, "rb") as compiled:
        code = marshal.loads(compiled.read()[16:])  # behind the head that PEP 552 describes
    linked[name] = path, is_package, code
with open(file, "wb") as written:
    marshal.dump(linked, written)
"""


class BundleError(Exception):
    """Why nothing was built, in one line that says how to mend it."""


class Package(NamedTuple):
    """A locked package and what it takes along: paths in the bundle -> contents."""

    name: str
    version: str
    licence: str
    sources: Mapping[str, bytes]
    licences: Mapping[str, bytes]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tools.bundle", description="build what ships to Lambda")
    parser.add_argument("--release", action="store_true", help=f"refuse any Python but {dotted(LAMBDA)}")
    parser.add_argument("--into", type=Path, help="build there, and no zip", metavar="FOLDER")
    asked = parser.parse_args(arguments)
    try:
        python, version = choose_python(release=asked.release)
        if asked.into:
            build(asked.into, python)
        else:
            build(FOLDER, python)
            size = pack(FOLDER, FOLDER.with_suffix(".zip"))
            print(f"{FOLDER.relative_to(ROOT)}.zip: {size / 1e6:.2f} MB, with bytecode of Python {version}.")
    except BundleError as error:
        print(f"No bundle was built: {error}", file=sys.stderr)
        return 1
    return 0


def choose_python(*, release: bool) -> tuple[str, str]:
    """The Python whose bytecode ships, and its version. Raises BundleError where a release has not Lambda's own."""
    found = lambda_python()
    if found is not None and (tuple(found["version"][:2]) == LAMBDA or not release):
        if tuple(found["version"][:2]) != LAMBDA:
            print(f"Built with Python {dotted(found['version'])}, for tests only: Lambda has {dotted(LAMBDA)}.")
        return found["executable"], dotted(found["version"])
    if release and (chosen := os.environ.get("LAMBDA_PYTHON")):
        what = f"is Python {dotted(found['version'])}" if found else "does not start"
        raise BundleError(f"LAMBDA_PYTHON={chosen} {what}, and Lambda runs Python {dotted(LAMBDA)}; name that one.")
    if release:
        raise BundleError(
            f"Lambda runs Python {dotted(LAMBDA)}, and none was found here to compile with. "
            f"Install it (python.org), or name it: LAMBDA_PYTHON=/path/to/python{dotted(LAMBDA)}"
        )
    version = dotted(sys.version_info[:3])
    print(f"Built with Python {version}, for tests only: no Python {dotted(LAMBDA)}, as Lambda has it, was found.")
    return sys.executable, version


def build(folder: Path, python: str, source: Path = SOURCE) -> None:
    """Writes the bundle of `source` into a folder, in place of all that is there. Raises BundleError."""
    packages = [package(name, version) for name, version in locked()]
    ours = {path: (source / path).read_bytes() for path in sources(source)}
    theirs = {path: content for each in packages for path, content in each.sources.items()}
    if twice := ours.keys() & theirs.keys():
        raise BundleError(f"{min(twice)} is in lambda/ and in a package; rename ours.")
    check_imports({**theirs, **ours})
    with tempfile.TemporaryDirectory() as clean:
        _write(Path(clean, "ours"), ours)
        _compile(python, Path(clean, "ours"), "--invalidation-mode", "unchecked-hash")
        for each in packages:
            _write(Path(clean, each.name), each.sources)
            # "-o 2" leaves docstrings out, and assertions: some packages catch their own.
            level = "0" if any(map(_asserts, each.sources.values())) else "2"
            _compile(python, Path(clean, each.name), "--invalidation-mode", "unchecked-hash", "-b", "-o", level)
            for source in Path(clean, each.name).rglob("*.py"):
                source.unlink()
        _write(Path(clean, "ours", LICENCES), _licences(packages))
        for each in packages:
            shutil.copytree(Path(clean, each.name), Path(clean, "ours"), dirs_exist_ok=True)
        _link(python, Path(clean, "ours"))
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(Path(clean, "ours"), folder)
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o755 if path.is_dir() else 0o644)  # Lambda runs it as somebody else
        os.utime(path, (_LONG_AGO_SECONDS, _LONG_AGO_SECONDS))


def pack(folder: Path, target: Path) -> int:
    """Zips a folder, always to the same bytes, and gives their number."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3  # Unix, also where this is not one
            archive.writestr(entry, path.read_bytes(), compresslevel=9)
    return target.stat().st_size


def sources(folder: Path = SOURCE) -> list[str]:
    """What ships of lambda/: all of it but caches, and the lock, which tells what to take along."""
    there = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = [path.relative_to(folder) for path in there if path.relative_to(folder).as_posix() != LOCK.name]
    return [path.as_posix() for path in found if not any(_CACHES.fullmatch(part) for part in path.parts)]


def locked() -> list[tuple[str, str]]:
    """Names and versions of the locked packages that ship."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", LOCK.read_text("utf-8"), flags=re.MULTILINE)
    return [(name, version) for name, version in pins if name.replace("-", "_") not in LEFT_OUT]


def package(name: str, version: str) -> Package:
    """An installed package, file by file as its wheel has it. Raises BundleError.

    The set-up has compared the wheel with the lock's hashes, and pip has written down a hash of each of its files; so a
    file that was changed since, to try something out, is noticed here.
    """
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise BundleError(f"{name} is not installed; make sets it up: make bundle.") from None
    if installed.version != version:
        raise BundleError(f"{name} {installed.version} is installed, and {version} is locked; mend .venv: make clean.")
    if "Root-Is-Purelib: true" not in (installed.read_text("WHEEL") or ""):
        raise BundleError(f"{name} is not pure Python, and Lambda has another processor than this machine may have.")
    kept: dict[str, bytes] = {}
    licences: dict[str, bytes] = {}
    for file in installed.files or ():
        if file.hash is None or file.suffix in {".pyc"} or _NOT_RUN & set(file.parts):
            continue
        content = Path(str(file.locate())).read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).decode().rstrip("=")
        if digest != file.hash.value:
            raise BundleError(f"{file} of {name} was changed after it was installed; mend .venv: make clean.")
        if file.parts[0].endswith(".dist-info"):
            if _LICENCE.match(file.name):
                licences[f"{name}/{file.name}"] = content
        elif ".." in file.parts or file.suffix in _NATIVE:
            raise BundleError(f"{file} of {name} is nothing that a bundle can hold.")
        elif file.as_posix() not in LEFT_OUT_FILES:
            kept[file.as_posix()] = content
    stated = (installed.metadata.get_all("License-Expression") or []) + (installed.metadata.get_all("License") or [])
    return Package(name, version, (stated or ["not stated"])[0], kept, licences)


def check_imports(files: Mapping[str, bytes]) -> None:
    """Raises BundleError where a module imports what is not in the bundle, on whatever occasion."""
    for path, name in sorted(missing_imports(files) - DONE_WITHOUT):
        raise BundleError(f"{path} imports {name}, which does not ship; see LEFT_OUT in tools/bundle.py.")


def missing_imports(files: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """The paths of modules, each with something it imports that is neither among them, nor Python's, nor Lambda's."""
    modules = {_module(path): path for path in files if path.endswith(".py")}
    there = {name.partition(".")[0] for name in modules} | LAMBDA_BRINGS | set(sys.stdlib_module_names)
    gone = {_module(path) for path in LEFT_OUT_FILES if path.endswith(".py")} - modules.keys()
    return {
        (path, name)
        for module, path in modules.items()
        for name in _imports(files[path], module, is_package=path.endswith("__init__.py"))
        if name.partition(".")[0] not in there or name in gone
    }


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def _imports(source: bytes, module: str, *, is_package: bool) -> frozenset[str]:
    """Every module, and every name in a module, that a source imports when it runs."""
    found: set[str] = set()
    around = module.split(".") if is_package else module.split(".")[:-1]
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            nodes += node.orelse
            continue
        nodes += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = around[: len(around) + 1 - node.level] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            found.update([origin], (f"{origin}.{alias.name}" for alias in node.names))
    return frozenset(found)


def _asserts(source: bytes) -> bool:
    return re.search(rb"^\s*assert\b", source, re.MULTILINE) is not None


def _compile(python: str, folder: Path, *options: str) -> None:
    """Compiles a folder, each source under its path in the bundle."""
    command = [python, "-S", "-P", "-W", "ignore", "-m", "compileall", "-q", "-s", str(folder), *options, str(folder)]
    # A seed, for the order of a set is written into bytecode.
    environment = {"PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", os.defpath)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines() or ["it did not say why"]
        raise BundleError(f"{python} could not compile it: {said[-1]}")


def _link(python: str, folder: Path) -> None:
    """Writes the code of what a first answer imports into one file, for lambda/fast/linked.py."""
    _run(python, folder, _LINK, _run(python, folder, _FIRST_ANSWER, FIRST_EVENT.read_text("utf-8")))


def _run(python: str, folder: Path, script: str, given: str) -> str:
    """What a script prints that runs in a bundle with nothing else."""
    environment = {"PYTHONPATH": str(folder), "PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", os.defpath)}
    command = [python, "-S", "-P", "-B", "-W", "ignore", "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it did not say why"]
        raise BundleError(f"{python} could not run it: {said[-1]}")
    return done.stdout


def _licences(packages: list[Package]) -> dict[str, bytes]:
    """What those who made the packages ask for: their licences and notices, and a list of what is theirs."""
    lines = [f"{each.name} {each.version}: {each.licence}\n" for each in packages]
    files = {path: content for each in packages for path, content in each.licences.items()}
    return {"index.txt": "".join(lines).encode(), "cramp-coach/LICENSE": (ROOT / "LICENSE").read_bytes(), **files}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
