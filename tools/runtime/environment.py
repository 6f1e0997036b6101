"""One execution environment: starts a bundle cold, hands it events, kills it when it hangs, and starts it again.

Everything happens in the thread that calls `start` or `invoke`: the service does nothing while a function thinks, and a
thread more would be measured with it. Several environments at a time are several objects, one thread for each.

Sources: Amazon, "Using the Lambda runtime API for custom runtimes"
(https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), "Understanding the Lambda execution environment
lifecycle" (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html), "Defined runtime environment
variables" (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html); for the words of an environment
that was killed or has died, https://github.com/aws/aws-lambda-runtime-interface-emulator.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .life import Life, as_error, read_json

DEFAULT_HANDLER = "lambda_function.lambda_handler"

_INIT_SECONDS = 10.0  # what the service allows for everything before the first event
_ARN = "arn:aws:lambda:us-east-1:123456789012:function:cramp-coach"


class InitError(Exception):
    """The environment did not come up; `error` is what the service would answer: errorType, errorMessage."""

    def __init__(self, error: Mapping[str, Any], log: Sequence[str]) -> None:
        super().__init__(f"{error.get('errorType')}: {error.get('errorMessage')}")
        self.error = dict(error)
        self.log = tuple(log)


@dataclass(frozen=True)
class Result:
    """What came of one event.

    `payload` is the function's answer as data, `body` the same as it was sent; where `error` is not None (errorType,
    errorMessage, and what else the client told) they are None and empty. `seconds` run from the event being handed out
    to the answer being there. `init_seconds` is set for the first event of an environment: from the start of the
    process to its first request for an event. `log` are the lines printed since the result before, by whatever way.
    """

    payload: Any
    body: bytes
    error: dict[str, Any] | None
    seconds: float
    init_seconds: float | None
    log: tuple[str, ...]
    request_id: str


@dataclass(frozen=True)
class Usage:
    """What a process has used so far: seconds of a processor, and the most bytes that were in memory at a time."""

    cpu_seconds: float
    peak_bytes: int


def python_command(python: Path | str = sys.executable, handler: str = DEFAULT_HANDLER) -> list[str]:
    """How a Python that has awslambdaric starts a handler."""
    return [str(python), "-m", "awslambdaric", handler]


def node_command(client: Path | str, handler: str, node: str = "node") -> list[str]:
    """How Node starts a handler; `client` is the script bin/index.mjs of an installed aws-lambda-ric."""
    return [node, str(client), handler]


class Environment:
    """A bundle that can be invoked. Starts by itself with the first event, and again after it was killed or has died.

    `command` starts a runtime client, in the folder `task_root`. `variables` are all that the function is configured
    with: nothing of our own environment gets in but PATH. `timeout` is the function's, in seconds. With `freeze`, the
    process stands still between two events, as on Lambda, its threads too.
    """

    def __init__(
        self,
        task_root: Path | str,
        command: Sequence[str] | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        timeout: float = 7.0,
        memory: int = 512,
        runtime: str = "python3.13",
        freeze: bool = False,
    ) -> None:
        self._task_root = Path(task_root).resolve()
        self._command = list(command or python_command())
        self._variables = dict(variables or {})
        self._timeout, self._memory, self._runtime, self._freeze = timeout, memory, runtime, freeze
        self._life: Life | None = None
        self._init_seconds: float | None = None  # of a life that has answered no event yet

    def __enter__(self) -> Environment:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        return self._life is not None

    def start(self) -> float:
        """Starts a cold environment, and gives the seconds until it asked for its first event. Raises InitError."""
        self.stop()
        life = Life(self._command, self._task_root, self._environment())
        asked = life.wait(lambda: life.asking is not None or life.failed is not None, life.began + _INIT_SECONDS)
        seconds = time.perf_counter() - life.began
        if asked and life.failed is None:
            self._life, self._init_seconds = life, seconds
            return seconds
        error = life.failed or (_timed_out(None, _INIT_SECONDS) if life.alive() else _exited(None, life.exit_code()))
        life.end()
        raise InitError(error, life.taken())

    def invoke(self, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Result:
        """Hands an event to the function and waits for what comes of it, as long as the function's timeout.

        `event` is data, or JSON in bytes. A start that fails is an error of the event, as with Lambda.
        """
        request_id = str(uuid.uuid4())
        if self._life is None:
            try:
                self.start()
            except InitError as failure:
                return Result(None, b"", failure.error, 0.0, None, failure.log, request_id)
        life, init_seconds = self._life, self._init_seconds
        if life is None:
            raise RuntimeError("an environment that has started is running")
        self._init_seconds, life.answer = None, None
        headers = self._headers(request_id, client_context)
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        if self._freeze:
            life.signal(signal.SIGCONT)
        # A runtime that died after its answer before is noticed here, and one that has hung.
        asked = life.wait(lambda: life.asking is not None, time.perf_counter() + self._timeout)
        began = time.perf_counter()
        if asked:
            life.hand_out(request_id, headers, body)
            life.wait(lambda: life.answer is not None, began + self._timeout)
        seconds = time.perf_counter() - began
        if life.answer is None:
            error = _timed_out(request_id, self._timeout) if life.alive() else _exited(request_id, life.exit_code())
            self.stop()
            return Result(None, b"", error, seconds, init_seconds, life.taken(), request_id)
        good, answer = life.answer
        if self._freeze:
            life.wait(lambda: life.asking is not None, time.perf_counter() + self._timeout)
            life.signal(signal.SIGSTOP)
        payload, fault = (read_json(answer), None) if good else (None, as_error(answer))
        return Result(payload, answer if good else b"", fault, seconds, init_seconds, life.taken(), request_id)

    def usage(self) -> Usage | None:
        """What the process has used; None where none runs, or the machine does not tell (only Linux does)."""
        if self._life is None or not sys.platform.startswith("linux"):
            return None
        pid = self._life.pid
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            cpu = time.clock_gettime(
                (~pid << 3) | 2
            )  # another process's clock (clock_getcpuclockid); /proc has only ticks
        except OSError:
            return None
        kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
        return Usage(cpu, int(kilobytes) * 1024)

    def stop(self) -> None:
        """Ends the environment at once, as the service does; the next event starts a cold one."""
        if self._life is not None:
            self._life.end()
            self._life = None

    def _environment(self) -> dict[str, str]:
        function = _ARN.rpartition(":")[2]
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",  # Amazon's own example of one
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_SESSION_TOKEN": "example",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self._runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "2000/01/01/[$LATEST]00000000000000000000000000000000",
            "PYTHONDONTWRITEBYTECODE": "1",  # /var/task is read-only
            **self._variables,
            "LAMBDA_TASK_ROOT": str(self._task_root),
            "_HANDLER": self._command[-1],
        }

    def _headers(self, request_id: str, client_context: Mapping[str, Any] | None) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": str(round((time.time() + self._timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": _ARN,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{request_id.replace('-', '')[:24]};Sampled=0",
        }
        if client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = json.dumps(client_context)
        return headers


def _error(kind: str, request_id: str | None, message: str) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": f"RequestId: {request_id} Error: {message}" if request_id else message}


def _timed_out(request_id: str | None, seconds: float) -> dict[str, Any]:
    return _error("Sandbox.Timedout", request_id, f"Task timed out after {seconds:.2f} seconds")


def _exited(request_id: str | None, code: int | None) -> dict[str, Any]:
    how = f"signal: {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit status {code}"
    return _error("Runtime.ExitError", request_id, f"Runtime exited with error: {how}")
