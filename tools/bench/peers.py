"""Where our peers live: an environment of Python and a folder of Node's modules, made when they are first needed.

Both are in build/peers, with fixed versions, and need the network once. Nothing of ours depends on them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build" / "peers"
# The last one that is installed wins the package that both of these bring; this one can read OpenSSL's version.
PATCHED = "elements-oscrypto==1.4.0b1"
PACKAGES = {
    "ask-sdk-core": "2.14.0",
    "ask-sdk-model": "1.86.0",
    "ask-sdk-express-adapter": "2.14.0",
    "express": "5.3.0",
}


class PeersError(Exception):
    """A peer that cannot be made here, in one line."""


def python() -> Path:
    """A Python like ours with all that our web service has, and a flask-ask-sdk that verifies. Raises PeersError."""
    venv = FOLDER / f"web-{sys.version_info[0]}.{sys.version_info[1]}"
    found = venv / "bin" / "python"
    done = venv / "done"
    locks = "".join((ROOT / name).read_text("utf-8") for name in ("lambda/requirements.txt", "requirements-web.txt"))
    if not done.exists() or done.read_text("utf-8") != locks:
        print(f"Making {venv.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        done.unlink(missing_ok=True)
        _run([sys.executable, "-m", "venv", "--clear", str(venv)])
        pip = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--requirement", str(ROOT / "requirements-web.txt")])
        _run([*pip, "--no-deps", "--force-reinstall", PATCHED])
        done.write_text(locks, "utf-8")
    return found


def node_modules() -> Path:
    """The folder in which Node finds Amazon's express adapter. Raises PeersError."""
    folder = FOLDER / "web-node"
    if not shutil.which("node") or not shutil.which("npm"):
        raise PeersError("There is no Node here.")
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    done = folder / "done"
    if not done.exists() or done.read_text("utf-8") != " ".join(wanted):
        print(f"Making {folder.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n', "utf-8")
        _run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder), *wanted])
        done.write_text(" ".join(wanted), "utf-8")
    return folder


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PeersError(f"Failed: {' '.join(command[:4])} ...") from error
