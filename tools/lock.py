"""Writes the lock files from the dependency groups in pyproject.toml.

Usage: python -m tools.lock [--upgrade]     (make lock; needs the program "uv" and the network)

Every lock holds exact versions and hashes for all supported Pythons, Linux and macOS at once, and
begins with the lock it builds upon.  A package that two of them name has one version in both.
What has an environment of its own is locked by itself.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
HEADER = '# Written by "make lock" from the group "{group}" in pyproject.toml; never by hand.\n'
LOCKS = {  # group -> file, and the lock before it as that file names it
    "bundle": ("lambda/requirements.txt", None),
    "web": ("requirements-web.txt", "lambda/requirements.txt"),
    "run": ("requirements-run.txt", "lambda/requirements.txt"),
    "dev": ("requirements-dev.txt", "requirements-run.txt"),
    "judge": ("requirements-judge.txt", "requirements-dev.txt"),
    "browser": ("requirements-browser.txt", "requirements-dev.txt"),
    "listen": ("requirements-listen.txt", "requirements-run.txt"),
}
# In environments of their own, so they need not agree with the others, nor with each other.
APART = {"lambda": "requirements-lambda.txt", "aws": "requirements-aws.txt"}


def main(arguments: list[str]) -> int:
    uv = shutil.which("uv")
    if uv is None:
        print('make lock needs the program "uv": pipx install uv', file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        everything = Path(folder, "everything.txt")
        everything.write_text("\n".join(kept_pins(path for path, _ in LOCKS.values())))
        compile_groups(uv, list(LOCKS), everything, arguments)  # one version of each package, whoever asks for it
        closures = {
            group: compile_groups(uv, [group], Path(folder, f"{group}.txt"), ["--constraint", str(everything)])
            for group in LOCKS
        }
    group_of = {path: group for group, (path, _) in LOCKS.items()}
    for group, (path, base) in LOCKS.items():
        begin = f"-r {base}\n" if base else ""
        known = closures[group_of[base]] if base else []
        new = [pin for pin in closures[group] if pin not in known]
        (ROOT / path).write_text(begin + HEADER.format(group=group) + "".join(new))
    for group, path in APART.items():
        with tempfile.TemporaryDirectory() as folder:
            alone = Path(folder, "alone.txt")
            alone.write_text("\n".join(kept_pins([path])))
            new = compile_groups(uv, [group], alone, arguments)
        (ROOT / path).write_text(HEADER.format(group=group) + "".join(new))
    return 0


def kept_pins(paths: Iterable[str]) -> list[str]:
    """The pins of today: without --upgrade they change only where they must."""
    locks = [ROOT / path for path in paths]
    return [pin for lock in locks if lock.exists() for pin in pins(lock.read_text())]


def compile_groups(uv: str, groups: list[str], output: Path, options: list[str]) -> list[str]:
    command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--python-version", OLDEST_PYTHON, "--no-header", "--no-annotate", *options]
    for group in groups:
        command += ["--group", f"pyproject.toml:{group}"]
    command += ["--output-file", str(output)]
    subprocess.run(command, cwd=ROOT, check=True)
    return pins(output.read_text())


def pins(text: str) -> list[str]:
    """Each pin with its hashes, as it stands in the file."""
    return re.findall(r"^[A-Za-z0-9].*==(?:.*\\\n)*.*\n?", text, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
