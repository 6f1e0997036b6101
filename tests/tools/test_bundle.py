"""What ships to Lambda: which files, in which form, always the same bytes, and enough of them to answer."""

from __future__ import annotations

import json
import marshal
import os
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from fast.linked import FILE
from tools import bundle
from tools.bundle import DONE_WITHOUT, BundleError, build, check_imports, choose_python, missing_imports, pack

MOST_BYTES = 3_300_000  # zipped

# Starts as Lambda does, but with nothing at all on the path except Python's own library and the bundle.
ALONE = """
import json, sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path] + [sys.argv[1]]
import lambda_function
answer = lambda_function.lambda_handler(json.loads(sys.argv[2]), None)
theirs = sys.modules["ask_sdk_core"].__file__
print(json.dumps([answer, theirs, lambda_function.__file__]))
"""

OPENED = """
import json, sys
sys.path.insert(0, sys.argv[1])
opened = []
def watch(event, arguments):
    if event == "open" and str(arguments[0]).startswith(sys.argv[1]) and str(arguments[0]).endswith((".py", ".pyc")):
        opened.append(arguments[0][len(sys.argv[1]) + 1 :])
sys.addaudithook(watch)
import lambda_function
lambda_function.lambda_handler(json.loads(sys.argv[2]), None)
names = [n for n in sys.modules if n.partition(".")[0] in {"skill", "triage", "speech", "store", "watch", "ask_sdk_model"}]
print(json.dumps([opened, names, [sys.modules["skill.turn"].__file__, list(sys.modules["skill"].__path__)]]))
"""  # noqa: E501


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle for the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("built") / "bundle"
    build(folder, sys.executable)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@cache
def sources() -> dict[str, bytes]:
    """All sources, ours and of the packages, before they are compiled."""
    packages = [bundle.package(*each) for each in bundle.locked()]
    ours = {path: (bundle.SOURCE / path).read_bytes() for path in bundle.sources()}
    return {**ours, **{path: content for each in packages for path, content in each.sources.items()}}


def test_all_of_lambda_ships_as_it_is(built: Path) -> None:
    """Each source beside its bytecode, each compiled content; only the lock stays behind."""
    shipped = contents(built)
    asked = subprocess.run(["git", "ls-files", "lambda"], cwd=bundle.ROOT, capture_output=True, text=True, check=False)
    listed = [line.removeprefix("lambda/") for line in asked.stdout.splitlines()] or bundle.sources()
    for path in set(listed) - {"requirements.txt"}:
        assert shipped[path] == (bundle.SOURCE / path).read_bytes(), path
        if path.endswith(".py"):
            folder, _, name = path.removesuffix(".py").rpartition("/")
            assert f"{folder}/__pycache__/{name}.{sys.implementation.cache_tag}.pyc".lstrip("/") in shipped, path
    assert "requirements.txt" not in shipped


def test_packages_ship_as_bytecode_alone_without_what_nothing_runs(built: Path) -> None:
    """No source, no tests, no notes of installers; nothing that only the kit's own client of Amazon's APIs needs."""
    theirs = {path for path in contents(built).keys() - {FILE, *bundle.sources()} if "__pycache__" not in path}
    assert {Path(path).suffix for path in theirs if not path.startswith("licences/")} == {".pyc"}
    tops = {path.partition("/")[0].removesuffix(".pyc") for path in theirs}
    assert tops == {"ask_sdk_core", "ask_sdk_model", "ask_sdk_runtime", "dateutil", "licences", "six"}


def test_bytecode_is_never_compared_with_a_source(built: Path) -> None:
    """Its header says unchecked, whatever times a zip gives to files (PEP 552)."""
    for path, content in contents(built).items():
        if path.endswith(".pyc"):
            assert content[4:8] == b"\x01\x00\x00\x00", path


def test_a_first_answer_reads_its_modules_from_one_file(built: Path) -> None:
    """All but the door and what links; and each is the code that lies in its own file."""
    event = bundle.FIRST_EVENT.read_text("utf-8")
    command = [sys.executable, "-I", "-S", "-c", OPENED, str(built), event]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    opened, names, where = json.loads(done.stdout)
    assert {path.partition("/")[0] for path in opened} <= {"__pycache__", "fast"}
    assert {"skill.turn", "triage.engine", "ask_sdk_model.slot"} <= set(names)
    assert where == [str(built / "skill" / "turn.py"), [str(built / "skill")]]
    linked = marshal.loads((built / FILE).read_bytes())  # noqa: S302 - we wrote it
    assert set(names) <= set(linked)
    for path, _, code in linked.values():
        folder, name = (built / path).parent, Path(path)
        file = folder / "__pycache__" / f"{name.stem}.{sys.implementation.cache_tag}.pyc"
        own = (built / path if path.endswith(".pyc") else file).read_bytes()[16:]
        assert code == marshal.loads(own), path  # noqa: S302


def test_a_bundle_without_that_file_answers_as_well(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(built, folder, ignore=shutil.ignore_patterns(FILE))
    event = bundle.FIRST_EVENT.read_text("utf-8")
    told = [
        json.loads(
            subprocess.run(
                [sys.executable, "-I", "-S", "-c", ALONE, str(each), event], capture_output=True, text=True, check=True
            ).stdout
        )[0]
        for each in (built, folder)
    ]
    assert told[0] == told[1]


def test_two_builds_are_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """Also from another process, into another folder; and so are the two zips."""
    again = tmp_path / "somewhere else" / "bundle"
    code = (
        "import sys; from pathlib import Path; from tools.bundle import build; build(Path(sys.argv[1]), sys.executable)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo", "PYTHONPATH": "lambda:."}
    subprocess.run([sys.executable, "-c", code, str(again)], cwd=bundle.ROOT, env=environment, check=True)
    assert contents(again) == contents(built)
    for name, folder in (("one.zip", built), ("two.zip", again)):
        pack(folder, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_zip_is_small_and_can_be_read_by_anybody(built: Path, tmp_path: Path) -> None:
    """Lambda runs it as somebody who owns none of it; what is larger takes longer to start."""
    assert pack(built, tmp_path / "bundle.zip") <= MOST_BYTES
    with zipfile.ZipFile(tmp_path / "bundle.zip") as archive:
        entries = archive.infolist()
        assert [entry.filename for entry in entries] == sorted(contents(built))
        assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("switch", [{}, {"CRAMP_COACH_PLAIN_KIT": "1"}])
def test_bundle_answers_with_nothing_else_installed(built: Path, switch: dict[str, str]) -> None:
    """To a bare event, also where nothing is done to the kit for speed."""
    event = {
        "version": "1.0",
        "session": {"new": True, "sessionId": "s", "application": {"applicationId": "a"}, "user": {"userId": "u"}},
        "context": {"System": {"application": {"applicationId": "a"}, "user": {"userId": "u"}}},
        "request": {
            "type": "LaunchRequest",
            "requestId": "r",
            "timestamp": "2026-01-01T00:00:00Z",
            "locale": "en-US",
        },
    }
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(built), json.dumps(event)]
    done = subprocess.run(command, env=switch, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer, *origins = json.loads(done.stdout)
    assert "Cramp Coach" in answer["response"]["outputSpeech"]["ssml"]
    assert all(origin.startswith(str(built)) for origin in origins)


def test_package_that_catches_its_own_assertions_keeps_them(built: Path) -> None:
    """Docstrings are left out by a switch that would take assertions along; dateutil goes by them."""
    code = "from dateutil.parser import parserinfo; import ask_sdk_core.skill as kit; print(kit.CustomSkill.__doc__)"
    code = f"import sys; sys.path.append({str(built)!r}); {code}; parserinfo().convertyear(-1)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "None\n"
    assert done.stderr.splitlines()[-1] == "AssertionError"


def test_licences_of_all_packages_ship(built: Path) -> None:
    """Each package is named with its licence, and each text and notice that came with one is there."""
    shipped = contents(built)
    index = shipped["licences/index.txt"].decode().splitlines()
    assert [line.partition(":")[0] for line in index] == [f"{name} {version}" for name, version in bundle.locked()]
    assert not [line for line in index if line.endswith("not stated")]
    for name in ("ask-sdk-model", "six", "python-dateutil", "cramp-coach"):
        assert len(shipped[f"licences/{name}/LICENSE"]) > 100
    assert "licences/ask-sdk-model/NOTICE.txt" in shipped


def test_nothing_that_ships_imports_what_does_not() -> None:
    """And what is excused from that is still there to be excused."""
    assert missing_imports(sources()) == DONE_WITHOUT
    locked = bundle.LOCK.read_text()
    assert not [name for name in bundle.LEFT_OUT if f"\n{name.replace('_', '-')}==" not in locked]
    installed = {path for name, version in bundle.locked() for path in _installed(name)}
    assert installed >= bundle.LEFT_OUT_FILES


def _installed(name: str) -> set[str]:
    return {file.as_posix() for file in bundle.metadata.distribution(name).files or ()}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ask_sdk_core/skill.py", "import requests"),
        ("ask_sdk_core/skill.py", "from .api_client import DefaultApiClient"),
        ("ask_sdk_core/__init__.py", "def get():\n    from .api_client import DefaultApiClient"),
        ("skill/alexa.py", "try:\n    from urllib3.util import Retry\nexcept ImportError:\n    pass"),
        ("lambda_function.py", "from ask_sdk_core import api_client"),
        ("triage/engine.py", "import yaml"),
    ],
)
def test_import_of_what_was_left_out_stops_the_build(path: str, source: str) -> None:
    """Wherever it stands: a newer kit may need what today's does not."""
    with pytest.raises(BundleError, match=f"{path} imports .* does not ship"):
        check_imports({**sources(), path: source.encode()})


def test_imports_that_never_run_do_not_count() -> None:
    """The kit imports for type checkers, too, and names there what does not exist."""
    source = "import typing\nif typing.TYPE_CHECKING:\n    import bool\nelse:\n    import json"
    assert missing_imports({"one.py": source.encode()}) == set()


def test_package_that_was_changed_by_hand_stops_the_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Something tried out in .venv must not ship."""
    (origin,) = [bundle.metadata.distribution("six").locate_file("six.py")]
    shutil.copy(str(origin), tmp_path / "six.py")
    folder = f"six-{bundle.metadata.version('six')}.dist-info"
    shutil.copytree(str(bundle.metadata.distribution("six").locate_file(folder)), tmp_path / folder)
    version = bundle.metadata.version("six")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "six.py" in bundle.package("six", version).sources
    with (tmp_path / "six.py").open("a") as changed:
        changed.write("print('tried out')\n")
    with pytest.raises(BundleError, match=r"six\.py of six was changed"):
        bundle.package("six", version)


@pytest.mark.parametrize(
    ("name", "version", "why"),
    [("six", "0.1", "0.1 is locked"), ("no-such-package", "1.0", "not installed"), ("markupsafe", None, "pure Python")],
)
def test_package_that_cannot_ship_stops_the_build(name: str, version: str | None, why: str) -> None:
    """Another version than the lock's, none at all, or one that was compiled for this processor."""
    with pytest.raises(BundleError, match=why):
        bundle.package(name, version or bundle.metadata.version(name))


def test_release_is_built_with_lambdas_python_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For tests another one does, and one line says so; who named one hears what it is."""
    monkeypatch.delenv("LAMBDA_PYTHON", raising=False)
    monkeypatch.setattr(bundle, "lambda_python", lambda: None)
    with pytest.raises(BundleError, match=r"Lambda runs Python 3\.13, and none was found"):
        choose_python(release=True)
    assert choose_python(release=False)[0] == sys.executable
    assert capsys.readouterr().out.count("for tests only") == 1

    found = {"version": [3, 13, 1], "executable": "/a/python3.13", "missing": []}
    monkeypatch.setattr(bundle, "lambda_python", lambda: found)
    assert choose_python(release=True) == ("/a/python3.13", "3.13.1")
    assert capsys.readouterr().out == ""

    monkeypatch.setenv("LAMBDA_PYTHON", "/a/python")
    monkeypatch.setattr(bundle, "lambda_python", lambda: {**found, "version": [3, 12, 1]})
    with pytest.raises(BundleError, match=r"LAMBDA_PYTHON=/a/python is Python 3\.12\.1, and Lambda runs Python 3\.13"):
        choose_python(release=True)
    assert choose_python(release=False) == ("/a/python3.13", "3.12.1")

    monkeypatch.setattr(bundle, "lambda_python", lambda: None)
    with pytest.raises(BundleError, match="LAMBDA_PYTHON=/a/python does not start"):
        choose_python(release=True)


def test_refusal_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever asked sam to build, who sees it among sam's own."""
    monkeypatch.setattr(bundle, "lambda_python", lambda: None)
    assert bundle.main(["--release"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
