"""Who may import whom: doors -> skill -> triage, speech, store; doors -> watch. Never back, never sideways.

Read from the source, so that an import inside a function, or for type checking only, counts as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"fast", "triage", "speech", "store", "watch", "skill", "lambda_function", "server", "tools"}
ALEXA = {"ask_sdk_core", "ask_sdk_model", "ask_sdk_runtime", "ask_sdk_webservice_support"}
WEB = {"flask", "flask_ask_sdk", "werkzeug"}

# A room -> the files in it, and what they must never import.
ROOMS = {
    "triage": ("lambda/triage/**/*.py", (OURS - {"triage"}) | ALEXA | WEB),
    "speech": ("lambda/speech/**/*.py", (OURS - {"speech"}) | ALEXA | WEB),
    "store": ("lambda/store/**/*.py", (OURS - {"store"}) | (ALEXA - {"ask_sdk_core", "ask_sdk_model"}) | WEB),
    # It counts what passes a door, as JSON, and needs to know nothing of who made it.
    "watch": ("lambda/watch/**/*.py", (OURS - {"watch"}) | ALEXA | WEB),
    "fast": ("lambda/fast/**/*.py", (OURS - {"fast"}) | {"shelf"} | WEB),
    "shelf": ("lambda/shelf.py", OURS | ALEXA | WEB),
    "record": ("lambda/record.py", OURS | ALEXA | WEB | {"shelf"}),
    "start": ("lambda/start.py", OURS | ALEXA | WEB | {"record", "shelf"}),
    # What it stores and where stays behind the kit's persistence interface.
    "skill": (
        "lambda/skill/**/*.py",
        {"fast", "server", "tools", "watch", "lambda_function", "store.dynamodb", "store.sqlite"} | WEB,
    ),
    "bundle": ("lambda/**/*.py", {"yaml", "rapidfuzz", "server", "tools"} | WEB),
    # botocore is Lambda's own: one file may use it, and only when it is called.
    "no boto3": ("lambda/**/*.py", {"boto3"}),
    "no botocore": ("lambda/*.py lambda/s[kp]*/**/*.py lambda/triage/**/*.py lambda/store/[!e]*.py", {"botocore"}),
    "build": (
        """tools/build.py tools/clinical.py tools/lint_speech.py tools/manifest.py tools/models.py tools/phrases.py
        tools/sentences.py tools/signed.py""",
        {"server", "lambda_function"} | WEB,
    ),
    # They judge the interaction model without our recogniser, so they may share nothing with it.
    "judges": (
        "tools/judge/s[al]*.py tools/judge/word*.py tools/judge/meaning.py",
        {"server", "skill", "triage", "speech", "lambda_function", "tools.phrases", "tools.models", "tools.build"},
    ),
    "web door": (
        (
            "server/__init__.py server/door.py server/envelope.py server/g*.py server/kit.py server/re[af]*.py"
            " server/tally.py server/verifier.py server/web.py server/wsgi.py"
        ),
        {"server.simulator", "server.conversation", "server.recognizer", "server.talk", "tools"},
    ),
}


def files(patterns: str) -> list[Path]:
    """The source files that some patterns name."""
    found = [path for pattern in patterns.split() for path in sorted(ROOT.glob(pattern))]
    assert found, f"{patterns}: no such file"
    return found


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in full: "server.kit", "triage.model"."""
    package = path.relative_to(ROOT).parent.parts
    package = package[1:] if package[:1] == ("lambda",) else package
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            argument = node.args[0]
            yield argument.value if isinstance(argument, ast.Constant) else ""


def within(module: str, room: str) -> bool:
    """Whether a module is a room, or in it."""
    return module == room or module.startswith(f"{room}.")


@pytest.mark.parametrize("room", ROOMS)
def test_nobody_imports_what_they_must_not_know(room: str) -> None:
    """Triage knows no Alexa, speech no triage, the bundle only what ships, the web door no simulator."""
    patterns, forbidden = ROOMS[room]
    broken = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in files(patterns)
        for module in imports(path)
        if any(within(module, other) for other in forbidden)
    ]
    assert broken == []


def test_nobody_imports_lambda() -> None:
    """ "lambda" is a reserved word: it is on the import path, never in an import, however that is written."""
    for path in files("lambda/**/*.py server/**/*.py tools/**/*.py tests/**/*.py"):
        assert not any(within(module, "lambda") for module in imports(path)), path


def test_botocore_waits_until_it_is_needed() -> None:
    """Its import stands inside a function, never at the top of the one file that may have it."""
    path = ROOT / "lambda" / "store" / "environment.py"
    top = ast.parse(path.read_text("utf-8")).body
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    assert not any(within(name, "botocore") for name in names)
    assert "botocore.session" in set(imports(path))


def test_imports_are_really_read() -> None:
    """The reader above sees every way of importing; a check that sees nothing would always pass."""
    assert {"server.kit", "server.kit.SkillAdapter"} <= set(imports(ROOT / "server" / "door.py"))
    handlers = ROOT / "lambda" / "skill" / "handlers" / "assessment.py"
    assert {"skill.episode", "skill.handlers.base", "triage.settle"} <= set(imports(handlers))
    assert "triage.model" in set(imports(ROOT / "lambda" / "triage" / "__init__.py"))


@pytest.mark.parametrize(
    "package",
    [path.parent for path in files("lambda/**/__init__.py server/__init__.py tools/**/__init__.py")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_package_says_what_it_is_for(package: Path) -> None:
    """Each package begins with a docstring: what it knows, and what it must never know."""
    assert ast.get_docstring(ast.parse((package / "__init__.py").read_text("utf-8")))


def test_every_folder_of_source_is_a_package() -> None:
    """No file with code hides in a folder that the checks above do not see as a package."""
    for path in files("lambda/*/**/*.py server/**/*.py tools/**/*.py"):
        # Hello worlds, that run elsewhere, as bundles of their own.
        if not path.is_relative_to(ROOT / "tools" / "bench" / "sources"):
            assert (path.parent / "__init__.py").exists(), path


def test_tests_are_no_packages() -> None:
    """tests/triage must never hide triage."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []
