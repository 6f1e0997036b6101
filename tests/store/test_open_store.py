"""Which store the environment names, and that nothing is loaded for it before it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from store import open_store
from store.dynamodb import DynamoDBStore
from store.sqlite import SQLiteStore
from tools.yamlfile import ROOT

KEYS = {
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",  # where nobody listens
}


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({}, type(None)),
        ({"PREFERENCES_TABLE": "", "PREFERENCES_FILE": ""}, type(None)),
        ({"PREFERENCES_FILE": "x.sqlite3"}, SQLiteStore),
        ({"PREFERENCES_TABLE": "preferences"}, DynamoDBStore),
        ({"PREFERENCES_TABLE": "preferences", "PREFERENCES_FILE": "x.sqlite3"}, DynamoDBStore),
    ],
)
def test_the_environment_names_the_store(environ: dict[str, str], kind: type) -> None:
    assert type(open_store(environ)) is kind


def test_a_file_may_be_of_ones_own_folder() -> None:
    store = open_store({"PREFERENCES_FILE": "~/preferences.sqlite3"})
    assert isinstance(store, SQLiteStore)
    assert store._path == Path.home() / "preferences.sqlite3"


@pytest.mark.parametrize(
    ("environ", "wish", "loaded"),
    [
        ({}, True, []),
        ({"PREFERENCES_TABLE": "nowhere"}, False, []),
        ({"PREFERENCES_TABLE": "nowhere", **KEYS}, True, ["http.client", "ssl"]),
        ({"PREFERENCES_TABLE": "nowhere", **KEYS, "AWS_ACCESS_KEY_ID": ""}, True, ["botocore", "http.client", "ssl"]),
        ({"PREFERENCES_FILE": "preferences.sqlite3"}, True, ["sqlite3"]),
    ],
    ids=["no store", "a table that nobody needs", "a table", "a table without keys", "a file"],
)
def test_what_is_not_used_is_not_loaded(environ: dict[str, str], wish: bool, loaded: list[str], tmp_path: Path) -> None:
    """In a process of its own, from the door; a wish for another pace is what needs a store."""
    if "PREFERENCES_FILE" in environ:
        environ = {"PREFERENCES_FILE": str(tmp_path / environ["PREFERENCES_FILE"])}
    script = textwrap.dedent("""
        import json, sys
        from lambda_function import lambda_handler

        def event(request, attributes={}):
            user = {"user": {"userId": "amzn1.ask.account.INVENTED"}}
            request = {"requestId": "r", "timestamp": "2026-01-01T00:00:00Z", "locale": "en-US", **request}
            return {"version": "1.0", "session": {"new": True, "sessionId": "s", "attributes": attributes, **user},
                    "context": {"System": user}, "request": request}

        def intent(name, **slots):
            filled = {slot: {"name": slot, "value": id, "resolutions": {"resolutionsPerAuthority": [{
                "authority": "a", "status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": id, "id": id}}]
            }]}} for slot, id in slots.items()}
            return {"type": "IntentRequest", "intent": {"name": name, "slots": filled}}

        said = [{"type": "LaunchRequest"}, intent("DescribeIntent", site="calf"), intent("AMAZON.NoIntent")]
        if sys.argv[1] == "True":
            said += [intent("PreferIntent", preference="slower"), intent("ForgetMeIntent")]
        attributes = {}
        for request in said:
            response = lambda_handler(event(request, attributes), None)
            assert "went wrong" not in json.dumps(response), response
            attributes = response["sessionAttributes"]
        print(json.dumps(sorted({"boto3", "botocore", "http.client", "sqlite3", "ssl"} & set(sys.modules))))
    """)
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "HOME") if name in os.environ}
    aws = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    }
    ran = subprocess.run(
        [sys.executable, "-c", script, str(wish)],
        cwd=ROOT / "lambda",
        env={**kept, **aws, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(ran.stdout) == loaded
