"""make bench: cold start, warm turns, memory and size of the real bundle, beside its peers, as ratios of one run.

python -m tools.bench [--rounds 9] [--requests 200]     (the web doors: python -m tools.bench.web)
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from tools import bundle
from tools.runtime import python_command
from tools.yamlfile import ROOT

from . import bundles, functions
from .functions import Function, Measured, ratio
from .table import Table
from .turns import record

# What is asked of ours, beside whom, and how much of theirs it may be.
_TARGETS = (
    ("cold start to the first triage answer", "ours", "cold", "hello", 0.50),
    ("the same", "ours", "cold", "node", 1.3),
    ("warm p50, triage turns", "ours", "warm", "hello", 0.70),
    ("warm p99, triage turns", "ours", "p99", "hello", 1.0),
    ("warm p50, a request of 20 kB", "ours", "large", "hello", 0.55),
    ("cold start to a turn that loads and saves", "ours, saving", "cold", "saving", 0.85),
    ("warm p50 of such a turn", "ours, saving", "warm", "saving", 0.60),
    ("peak memory", "ours", "memory", "hello", 1.0),
)
_WHAT = {
    "floor": "a constant, no kit",
    "hello": "ask-sdk-core, hello world",
    "hello 2": "the same with the packages that we lock",
    "node": "ask-sdk-core for Node, hello world",
    "ours": "Cramp Coach, no store",
    "saving": "ask-sdk with its DynamoDB adapter",
    "ours, saving": "Cramp Coach, a load and a save",
}
_LARGEST_MB = 3.3


def main() -> int:
    """Measures and prints; 1 where nothing could be measured. A target that is missed is told, and is no error."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description="Measures the bundle beside its peers.")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is started (default 9)")
    parser.add_argument("--requests", type=int, default=200, help="warm requests in a round (default 200)")
    parser.add_argument(
        "--python", default=None, help="the Python to run all of them with (default: Lambda's, if here)"
    )
    given = parser.parse_args()
    try:
        measured, zipped, python = _measure(given.rounds, given.requests)
    except (bundles.BundleError, bundle.BundleError, functions.FunctionError) as error:
        print(f"make bench stopped: {error}", file=sys.stderr)
        return 1
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    print(f"{machine}, {python}, {given.rounds} rounds of {given.requests} requests\n")
    _print_times(measured)
    _print_ratios(measured, zipped)
    return 0


def _measure(rounds: int, requests: int) -> tuple[dict[str, Measured], float, str]:
    python = lambda_python()
    command = python_command(python)
    _making("the bundle")
    bundle.build(bundles.BUILT / "ours", str(python))
    zipped = bundle.pack(bundles.BUILT / "ours", bundles.BUILT / "ours.zip")
    ours = bundles.BUILT / "ours"
    asked = [
        Function("floor", bundles.with_python("floor", python, _making), command),
        Function("hello", bundles.with_python("hello", python, _making), command),
        Function("hello 2", bundles.with_python("hello, our packages", python, _making), command),
        Function("ours", ours, command),
    ]
    try:
        node = bundles.with_node(_making)
        asked.append(Function("node", node, ["node", str(node / "bootstrap.mjs")]))
    except bundles.BundleError as error:
        print(error, file=sys.stderr)
    with Table() as table:
        variables = {
            "PREFERENCES_TABLE": "preferences",
            "AWS_ENDPOINT_URL_DYNAMODB": table.endpoint,
            "AWS_CA_BUNDLE": str(table.roots),
        }
        saving = bundles.with_python("saving", python, _making)
        asked.append(Function("saving", saving, command, variables, table))
        asked.append(Function("ours, saving", ours, command, variables, table))
        measured = functions.measure(asked, record(), rounds=rounds, requests=requests, tell=tell)
    tell("")
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()
    return measured, zipped / 1e6, version


def lambda_python() -> Path:
    """The Python of Lambda, as "make bench" sets it up: nothing in it but what Lambda brings."""
    python = ROOT / ".venv-lambda" / "bin" / "python"
    if not python.exists():
        raise bundles.BundleError("no .venv-lambda here; make sets it up: make bench")
    return python


def _print_times(measured: dict[str, Measured]) -> None:
    print("| | cold ms | of it init | CPU ms | warm p50 ms | p99 ms | CPU ms | 20 kB p50 ms | memory MB |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: |")
    for name, one in measured.items():
        times = [one.median("cold"), one.median("init"), one.median("cpu")]
        row = [f"{value:.0f}" for value in times] + [f"{one.median(what):.2f}" for what in ("warm", "p99", "work")]
        row += [f"{one.median('large'):.2f}" if one.large else "", f"{one.median('memory'):.1f}"]
        print(f"| {_WHAT[name]} | {' | '.join(row)} |")
    print()


def _print_ratios(measured: dict[str, Measured], zipped: float) -> None:
    print("| measure | beside | ratio | at most | |")
    print("| --- | --- | --: | --: | --- |")
    for told, mine, what, peer, most in _TARGETS:
        if mine in measured and peer in measured:
            value = ratio(measured[mine], measured[peer], what)
            print(f"| {told} | {_WHAT[peer]} | {value:.2f} | {most:.2f} | {_verdict(value <= most)} |")
    print(f"| bundle, zipped | | {zipped:.2f} MB | {_LARGEST_MB} MB | {_verdict(zipped <= _LARGEST_MB)} |")


def _verdict(met: bool) -> str:
    return "met" if met else "missed"


def _making(what: str) -> None:
    tell("")
    print(f"making {what} ...", file=sys.stderr)


def tell(what: str) -> None:
    """Shows how far it is, in one line where somebody looks."""
    print(f"\r\033[K{what}" if sys.stderr.isatty() else what, end="" if sys.stderr.isatty() else "\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
