"""The kit is imported in one place, after its certificate check was made to refuse everything."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server import kit

ROOT = Path(__file__).parents[2]
NEEDS_THE_STAND_IN = ("flask_ask_sdk", "ask_sdk_webservice_support", "certvalidator", "oscrypto")
WORKING_VALIDATOR = """
class CertificateValidator:
    def __init__(self, *chain): pass
    def validate_usage(self, key_usage): return "passed"
"""


def run(script: str, *paths: Path) -> str:
    """What a fresh Python prints, with `paths` before everything else that can be imported."""
    path = os.pathsep.join(map(str, (*paths, ROOT, ROOT / "lambda")))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def working_validator(tmp_path: Path) -> Path:
    """A folder with a `certvalidator` that imports everywhere and lets every chain pass."""
    package = tmp_path / "certvalidator"
    package.mkdir()
    (package / "__init__.py").write_text(WORKING_VALIDATOR)
    (package / "errors.py").write_text("class PathError(Exception): pass\nValidationError = PathError\n")
    return tmp_path


def test_the_stock_verifier_cannot_pass(amazon, monkeypatch):
    """Even a good request with a good chain is refused by the kit's own check, by our stand-in."""
    from ask_sdk_webservice_support.verifier import RequestVerifier

    stock = RequestVerifier()
    monkeypatch.setattr(stock, "_load_cert_chain", lambda url: amazon.chain())
    body = amazon.body()
    with pytest.raises(kit.VerificationException) as refusal:
        stock.verify(amazon.sign(body), body.decode(), None)
    assert isinstance(refusal.value.__context__, kit.ValidationError)


@pytest.mark.parametrize("given", [(), (b"leaf",), (b"leaf", [b"between"])])
def test_the_stand_in_refuses_everything(given):
    """However it is called, it raises what the kit turns into a refusal."""
    with pytest.raises(kit.ValidationError):
        kit.CertificateValidator(*given)
    asked_without_init = kit.CertificateValidator.__new__(kit.CertificateValidator)
    with pytest.raises(kit.ValidationError):
        asked_without_init.validate_usage(key_usage={"digital_signature"})


@pytest.mark.parametrize("before", ["", "import certvalidator, certvalidator.errors"])
def test_the_stand_in_is_there_also_where_the_real_one_works(working_validator, before):
    """The host does not decide which code checks a chain."""
    script = f"""
{before}
from server import kit
from ask_sdk_webservice_support import verifier
import certvalidator, certvalidator.errors
assert verifier.CertificateValidator is kit.CertificateValidator
assert verifier.ValidationError is kit.ValidationError
assert verifier.PathError is kit.PathError
assert certvalidator.CertificateValidator is kit.CertificateValidator
print("in place")
"""
    assert run(script, working_validator).strip().endswith("in place")


def test_too_late_is_an_error(working_validator):
    """When something has imported the kit with another check before, there is no web door."""
    said = run("import ask_sdk_webservice_support.verifier\nimport server.kit", working_validator)
    assert "ImportError: Import server.kit before ask_sdk_webservice_support" in said


def test_only_the_kit_module_imports_the_kit():
    """The order holds because there is one place that keeps it."""
    importers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("server", "lambda", "tools")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if any(name.startswith(NEEDS_THE_STAND_IN) for name in _imported(node))
    }
    # The bench measures the kit beside us, as it is, in processes of its own.
    assert importers == {"server/kit.py", "tools/bench/stock.py"}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_importing_the_package_costs_nothing():
    """The speaker and the conversation do not pay for the kit, nor the production app for them."""
    script = "import sys\nbefore = set(sys.modules)\nimport server\nprint(set(sys.modules) - before)"
    loaded = run(script)
    for name in ("flask", "cryptography", "ask_sdk", "server."):
        assert name not in loaded


def test_the_production_app_never_contains_the_speaker():
    """Nothing of the browser's speaker is even imported by `create_app`."""
    script = """
import sys
from ask_sdk_core.skill_builder import SkillBuilder
from server import create_app
create_app(SkillBuilder().create(), skill_id="amzn1.ask.skill.x")
print(*sorted(name for name in sys.modules if name.startswith("server")))
"""
    rooms = "door envelope kit readiness refusal tally verifier".split()
    assert run(script).split() == ["server", *(f"server.{room}" for room in rooms)]
