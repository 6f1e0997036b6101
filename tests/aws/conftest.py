"""The bundle as sam builds it, in an emulated Lambda under Amazon's own runtime client; and a table to share."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tools.bootstrap import LAMBDA, dotted
from tools.runtime import Environment, python_command

ROOT = Path(__file__).resolve().parents[2]
LAMBDA_PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
SAM = ROOT / ".venv-aws" / "bin" / "sam"


def lambda_version() -> str:
    """The version of the Python in .venv-lambda."""
    told = [str(LAMBDA_PYTHON), "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()


def pytest_report_header() -> str:
    """What the results are true for."""
    if not LAMBDA_PYTHON.exists():
        return "Lambda: not set up; make test-aws does that"
    version = lambda_version()
    own = version.startswith(f"{dotted(LAMBDA)}.")
    return f"Lambda: bytecode and runtime of Python {version}" + (
        ", as Lambda has it" if own else f"; no Python {dotted(LAMBDA)}, as Lambda has it, was found here"
    )


def sam_build(folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs sam build into a folder."""
    command = [SAM, "build", "--build-dir", folder, "--template-file", ROOT / "template.yaml"]
    environment = {
        **os.environ,
        "PATH": f"{SAM.parent}{os.pathsep}{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": "us-east-1",
        "HTTPS_PROXY": "http://127.0.0.1:9",  # whatever would like to look something up finds nobody
        **settings,
    }
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def lambda_python() -> Path:
    """The Python that stands for Lambda's: it has what that brings, and nothing else."""
    return LAMBDA_PYTHON


@pytest.fixture(scope="session")
def sam() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Has sam build into a folder; named arguments are variables of its environment."""
    return sam_build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What sam built for the function."""
    folder = tmp_path_factory.mktemp("sam") / "build"
    settings = {"LAMBDA_PYTHON": str(LAMBDA_PYTHON)}
    if not lambda_version().startswith(f"{dotted(LAMBDA)}."):
        settings["UNRELEASED"] = "1"
    done = sam_build(folder, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "SkillFunction"


@pytest.fixture(scope="session")
def start(built: Path) -> Iterator[Callable[..., Environment]]:
    """Makes execution environments of the built bundle, and ends them all when the tests are done."""
    made: list[Environment] = []

    def make(variables: Mapping[str, str] | None = None, *, folder: Path = built, **settings: Any) -> Environment:
        handler = settings.pop("handler", "lambda_function.lambda_handler")
        made.append(Environment(folder, python_command(LAMBDA_PYTHON, handler), variables=variables, **settings))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture(scope="session")
def function(start: Callable[..., Environment]) -> Environment:
    """One environment for all who want to talk; nothing is remembered between sessions."""
    return start()


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[str]:
    """The address of a server on the loopback that speaks as DynamoDB does."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def table(dynamodb: str) -> dict[str, str]:
    """A new table as in template.yaml: the variables of a function that keeps preferences there."""
    name = f"preferences-{uuid.uuid4()}"
    client = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1").client(
        "dynamodb", endpoint_url=dynamodb
    )
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "person", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "person", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return {"PREFERENCES_TABLE": name, "AWS_ENDPOINT_URL_DYNAMODB": dynamodb}
