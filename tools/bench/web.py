"""How many requests a second the web doors answer, ours and its peers'.

Usage: python -m tools.bench.web [--rounds 5] [--seconds 3] [door ...]

All doors run at once and are asked in turn, there and back, so that what disturbs the computer disturbs all alike; each
ratio is taken within its round, then the median; on a busy computer the time of a processor that a request costs is the
quieter figure. Four connections, a launch of 3 kB as a device with a screen sends it,
every answer checked. The peers are made in build/peers on first use (tools.bench.peers).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tools.amazon import Amazon, rsa_key
from tools.bench.load import LoadError, post, put_load_on
from tools.bench.peers import ROOT, PeersError, node_modules, python

PATIENCE = 30.0  # seconds for a door to open
FLAT_OUT = 0.5  # seconds to warm up


class Door(NamedTuple):
    """A web door under a server: its name in the table, and the command that opens it on a port."""

    name: str
    command: Callable[[int], list[str]]


class Round(NamedTuple):
    """One door in one round; `cpu` is milliseconds of a processor for each request, None where nobody counts them."""

    rate: float
    p50: float
    p99: float
    cpu: float | None


class Row(NamedTuple):
    """What the rounds came to: medians, and ratios of the rate to the doors of the targets."""

    rate: float
    p50: float
    p99: float
    cpu: float | None
    ratios: dict[str, float]


def gthread(app: str) -> Callable[[int], list[str]]:
    """gunicorn, one process of four threads: what flask-ask-sdk is usually hosted on."""
    options = "-m gunicorn -w 1 -k gthread --threads 4 --keep-alive 75 --log-level error".split()
    return lambda port: [str(python()), *options, "-b", f"127.0.0.1:{port}", f"tools.bench.doors:door_{app}"]


def recommended(app: str) -> Callable[[int], list[str]]:
    """The server of docs/web.md, as `make serve` configures it, with one process."""
    script = "import sys; from server.web import *; serve(Settings('127.0.0.1', int(sys.argv[1]), 1), sys.argv[2])"
    return lambda port: [str(python()), "-c", script, str(port), f"tools.bench.doors:door_{app}"]


def node(port: int) -> list[str]:
    return ["node", str(ROOT / "tools" / "bench" / "express.js")]


STOCK_OFF, STOCK_ON, NODE = (
    "flask-ask-sdk, verification off",
    "flask-ask-sdk, verified",
    "Node express adapter, verified",
)
DOORS = (
    Door(STOCK_OFF, gthread("stock_off")),
    Door(STOCK_ON, gthread("stock_on")),
    Door("ours, verified, same hello world", gthread("ours_hello")),
    Door("ours, verified, the real skill", gthread("ours_skill")),
    Door("Flask alone, a constant", gthread("floor")),
    Door(NODE, node),
    Door("ours on granian, verified, same hello world", recommended("ours_hello")),
    Door("ours on granian, verified, the real skill", recommended("ours_skill")),
)
BASES = (STOCK_OFF, STOCK_ON, NODE)


def launch(amazon: Amazon) -> bytes:
    """A launch as a device with a screen sends it, of now, signed, as it goes over the wire."""
    envelope = amazon.envelope()
    system = envelope["context"]["System"]
    system["apiAccessToken"] = "x" * 900
    system["user"]["userId"] = envelope["session"]["user"]["userId"] = "amzn1.ask.account." + "A" * 180
    system["device"] = {"deviceId": "amzn1.ask.device." + "B" * 160, "supportedInterfaces": {"AudioPlayer": {}}}
    video = {"codecs": ["H_264_42", "H_264_41"]}
    size = {"type": "DISCRETE", "pixelWidth": 1280, "pixelHeight": 800}
    envelope["context"]["AudioPlayer"] = {"playerActivity": "IDLE"}
    envelope["context"]["Viewports"] = [
        {
            "type": "APL",
            "id": "main",
            "shape": "RECTANGLE",
            "dpi": 213,
            "presentationType": "STANDARD",
            "canRotate": False,
            "configuration": {"current": {"mode": "HUB", "video": video, "size": size}},
        }
    ]
    envelope["context"]["Viewport"] = {
        "experiences": [{"arcMinuteWidth": 346, "arcMinuteHeight": 216, "canRotate": False, "canResize": False}],
        "mode": "HUB",
        "shape": "RECTANGLE",
        "dpi": 213,
        "pixelWidth": 1280,
        "pixelHeight": 800,
        "currentPixelWidth": 1280,
        "currentPixelHeight": 800,
        "touch": ["SINGLE"],
        "video": video,
    }
    envelope["request"]["timestamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = json.dumps(envelope).encode()
    return post("/alexa", amazon.sign(body), body)


@contextlib.contextmanager
def opened(doors: list[Door], amazon: Amazon) -> Iterator[dict[str, tuple[int, int]]]:
    """The doors, open and warm: name -> port and process. Those that cannot be opened here are left out, and told."""
    ports: dict[str, tuple[int, int]] = {}
    processes: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as at_end:
        at_end.callback(_stop, processes)
        Path(folder, "root.pem").write_bytes(amazon.chain(amazon.root))
        Path(folder, "chain.pem").write_bytes(amazon.chain())
        log = at_end.enter_context(Path(folder, "log").open("wb"))
        for door in doors:
            port = _free_port()
            try:
                command = door.command(port)
                environ = _environ(folder, port, needs_node=command[0] == "node")
            except PeersError as problem:
                print(f"{door.name}: {problem}", file=sys.stderr)
                continue
            processes.append(subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log))
            try:
                _warm_up(port, amazon)
                ports[door.name] = port, processes[-1].pid
            except (OSError, LoadError) as problem:
                print(f"{door.name} does not answer: {problem}", file=sys.stderr)
        yield ports


def _environ(folder: str, port: int, *, needs_node: bool) -> dict[str, str]:
    path = os.pathsep.join((str(ROOT), str(ROOT / "lambda")))
    environ = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore", "BENCH_AMAZON": folder, "PORT": str(port)}
    if needs_node:
        environ |= {"BENCH_MODULES": str(node_modules()), "NODE_ENV": "production"}
    return environ


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _warm_up(port: int, amazon: Amazon) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:  # alone first: the stock verifier reads the system's authorities then, which two threads cannot do at once
            put_load_on(port, launch(amazon), seconds=FLAT_OUT / 5, connections=1)
            break
        except (OSError, LoadError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    put_load_on(port, launch(amazon), seconds=FLAT_OUT)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()


def measure(doors: list[Door], *, rounds: int, seconds: float) -> dict[str, Row]:
    """Door by name -> what it came to. Raises LoadError when one that was open answers with anything but 200."""
    amazon = Amazon(datetime.now(UTC).replace(microsecond=0), authority_key=rsa_key)
    found: dict[str, list[Round]] = {}
    with opened(doors, amazon) as ports:
        for number in range(rounds):
            names = list(ports) if number % 2 == 0 else list(reversed(ports))
            print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
            for name in names:
                found.setdefault(name, []).append(_one_round(*ports[name], launch(amazon), seconds))
    return {name: _row(loads, found) for name, loads in found.items()}


def _one_round(port: int, process: int, request: bytes, seconds: float) -> Round:
    before = _processor_time(process)
    load = put_load_on(port, request, seconds=seconds)
    after = _processor_time(process)
    spent = None if before is None or after is None else 1000 * (after - before) / load.answers
    return Round(load.answers / load.seconds, load.p50, load.p99, spent)


def _processor_time(process: int) -> float | None:
    """Seconds that a process and its children have had, in hundredths; None where there is no /proc."""
    ticks = 0
    try:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                fields = stat.read_text().rpartition(")")[2].split()
                if process in (int(stat.parent.name), int(fields[1])):
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK") if ticks else None
    except (OSError, ValueError):
        return None


def _row(rounds: list[Round], found: dict[str, list[Round]]) -> Row:
    ratios = {
        base: statistics.median(mine.rate / other.rate for mine, other in zip(rounds, found[base], strict=True))
        for base in BASES
        if base in found
    }
    rate, p50, p99 = (statistics.median(column) for column in zip(*(one[:3] for one in rounds), strict=True))
    spent = [one.cpu for one in rounds if one.cpu is not None]
    return Row(rate, p50, p99, statistics.median(spent) if spent else None, ratios)


def table(rows: dict[str, Row]) -> str:
    """The rows as a table of Markdown."""
    bases = [base for base in BASES if base in rows]
    head = ["web door", "requests/s", *(f"to {base}" for base in bases), "p50 ms", "p99 ms", "CPU ms"]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    for name, row in rows.items():
        ratios = [f"{row.ratios[base]:.2f}" for base in bases]
        line = [name, f"{row.rate:.0f}", *ratios, f"{row.p50:.1f}", f"{row.p99:.1f}"]
        lines.append([*line, "-" if row.cpu is None else f"{row.cpu:.2f}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.web", description="Requests a second at the web doors."
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each door in each round")
    parser.add_argument("doors", nargs="*", help="parts of names in the table; all without")
    chosen: Any = parser.parse_args(arguments)
    doors = [door for door in DOORS if not chosen.doors or any(part in door.name for part in chosen.doors)]
    try:
        rows = measure(doors, rounds=chosen.rounds, seconds=chosen.seconds)
    except (PeersError, LoadError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}\n")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
