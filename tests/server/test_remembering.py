"""Both ways of running the skill outside Lambda remember in the store that the environment names."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from server import create_app
from store import open_store
from tools.yamlfile import ROOT

SKILL_ID = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"


def slower() -> dict[str, Any]:
    """The intent that somebody would like it slower."""
    authority = {
        "authority": "a",
        "status": {"code": "ER_SUCCESS_MATCH"},
        "values": [{"value": {"name": "slower", "id": "slower"}}],
    }
    slot = {"name": "preference", "value": "slower", "resolutions": {"resolutionsPerAuthority": [authority]}}
    return {"name": "PreferIntent", "confirmationStatus": "NONE", "slots": {"preference": slot}}


@pytest.mark.usefixtures("patient")
def test_the_web_door_remembers_and_forgets(amazon: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[Any] = []

    def open_one() -> Any:
        opened.append(open_store())
        return opened[-1]

    monkeypatch.setenv("PREFERENCES_FILE", str(tmp_path / "preferences.sqlite3"))
    monkeypatch.setattr("store.open_store", open_one)  # the door never closes its store, and Python 3.13 warns of that
    app = create_app(skill_id=SKILL_ID, download=lambda url: amazon.chain(), roots=[amazon.root])

    def post(body: bytes) -> Any:
        answer = app.test_client().post("/alexa", data=body, headers=amazon.sign(body), content_type="application/json")
        assert answer.status_code == 200
        return answer.get_json()

    first, second = (post(amazon.body("IntentRequest", intent=slower())) for _ in range(2))
    assert "as slow as I go" not in str(first)
    assert "as slow as I go" in str(second)
    assert b"slow" in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    post(amazon.body("AlexaSkillEvent.SkillDisabled"))
    assert "as slow as I go" not in str(post(amazon.body("IntentRequest", intent=slower())))
    opened[0].close()


@pytest.mark.parametrize(
    ("environ", "store"),
    [
        ({}, f"SQLiteStore {ROOT / 'build' / 'preferences.sqlite3'}"),
        ({"PREFERENCES_FILE": ""}, "none"),
    ],
    ids=["by default", "switched off"],
)
def test_make_run_remembers_in_the_clone(environ: dict[str, str], store: str) -> None:
    """In a process of its own, because the skill is built once, on import."""
    script = textwrap.dedent("""
        import server.__main__ as run
        run.remember_in_the_clone()
        run.serve(run.open_socket(None)).server_close()
        import lambda_function
        bounded = lambda_function._SKILL.persistence_adapter
        store = bounded and bounded._store
        print(type(store).__name__ if store else "none", getattr(store, "_path", ""))
    """)
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "HOME", "PATH") if name in os.environ}
    path = os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout.strip() == store
