"""What a fresh process loads for its first answers: quiet stand-ins for the milliseconds that `make bench` measures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from functools import cache
from typing import Any

import pytest

from tools.yamlfile import ROOT

SCREEN = {"Alexa.Presentation.APL": {"runtime": {"maxVersion": "2024.3"}}}

# Nothing of these is needed to tell somebody to take the weight off a calf.
HEAVY = [
    "asyncio", "boto3", "botocore", "calendar", "certifi", "concurrent.futures", "ctypes", "dataclasses", "dateutil",
    "email", "glob", "hashlib", "html", "http", "http.client", "importlib.metadata", "importlib.resources", "inspect",
    "pathlib", "pickle", "random", "requests", "secrets", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "urllib.request", "urllib3", "uuid", "xml", "yaml", "zoneinfo",
]  # fmt: skip
OURS = ["skill.alexa", "store.dynamodb", "store.sqlite"]
# Beyond those that an empty process has; a little above what it is, for Python versions differ.
MOST_MODULES = 150

SCRIPT = """
    import json, sys
    started, opened = set(sys.modules), []
    def watch(event, arguments):
        if event == "open" and isinstance(arguments[0], str) and "compiled" in arguments[0]:
            opened.append(arguments[0].replace("\\\\", "/").rpartition("/")[2])
    sys.addaudithook(watch)
    import lambda_function
    told = [lambda_function.lambda_handler(event, None) for event in json.loads(sys.stdin.read())]
    import gc, fast
    new = sorted(set(sys.modules) - started)
    print(json.dumps({"told": told, "modules": new, "opened": opened, "gc": [gc.isenabled(), gc.get_freeze_count()],
                      "on": fast.is_on}))
"""


def event(locale: str, request: dict[str, Any], attributes: dict[str, Any], screen: bool) -> dict[str, Any]:
    """A request as a device sends it."""
    return {
        "version": "1.0",
        "session": {"new": not attributes, "attributes": attributes, "user": {"userId": "amzn1.ask.account.X"}},
        "context": {
            "System": {
                "application": {"applicationId": "amzn1.ask.skill.x"},
                "user": {"userId": "amzn1.ask.account.X"},
                "device": {"deviceId": "x", "supportedInterfaces": SCREEN if screen else {}},
            }
        },
        "request": {"requestId": "x", "timestamp": "2026-01-01T00:00:00Z", "locale": locale, **request},
    }


@cache
def started(locale: str = "en-US", *, screen: bool = False, plain: bool = False) -> dict[str, Any]:
    """A process that is asked for a launch and for a cramped calf."""
    slot = {"name": "site", "value": "calf", "confirmationStatus": "NONE"}
    describe = {"name": "DescribeIntent", "confirmationStatus": "NONE", "slots": {"site": slot}}
    events = [
        event(locale, {"type": "LaunchRequest"}, {}, screen),
        event(locale, {"type": "IntentRequest", "dialogState": "STARTED", "intent": describe}, {"version": 1}, screen),
    ]
    environ = {name: value for name, value in os.environ.items() if name in {"PATH", "SYSTEMROOT"}}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT)],
        env={**environ, "PYTHONPATH": str(ROOT / "lambda"), **({"CRAMP_COACH_PLAIN_KIT": "1"} if plain else {})},
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_nothing_heavy_is_loaded_for_the_first_answers() -> None:
    loaded = [
        module
        for module in started()["modules"]
        if any(module == heavy or module.startswith(f"{heavy}.") for heavy in [*HEAVY, *OURS])
    ]
    assert loaded == []


def test_not_many_modules_are_loaded() -> None:
    """The kit alone has six hundred; a start that loads many more than today is slower than today."""
    modules = started()["modules"]
    assert len(modules) <= MOST_MODULES
    assert sum(module.startswith("ask_sdk_model") for module in modules) <= 40


@pytest.mark.parametrize("screen", [False, True])
def test_only_what_is_needed_is_opened(screen: bool) -> None:
    """One language, one locale, each file once; the documents of the screen only where there is one."""
    opened = started(screen=screen)["opened"]
    speech = ["families.en.tsv", "phrases.en.json", "phrases.en.tsv", "speech.en-US.json", "triage.json"]
    assert sorted(opened) == sorted([*speech, *(["screen.json"] if screen else [])])


def test_garbage_is_looked_for_again_once_all_is_loaded() -> None:
    """And what is loaded by then is no longer looked at."""
    enabled, frozen = started()["gc"]
    assert enabled
    assert frozen > 10_000


def test_the_answers_are_the_same_without_the_room() -> None:
    """Switched off, the kit is loaded as it comes, whole, and says the same."""
    on, off = started(), started(plain=True)
    assert (on["on"], off["on"]) == (True, False)
    assert off["told"] == on["told"]
    assert "Is it swollen" in on["told"][1]["response"]["outputSpeech"]["ssml"]
    assert len(off["modules"]) > len(on["modules"]) + 200
