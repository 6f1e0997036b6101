"""Makes a private Python environment such as .venv, or mends it.  Called by make, never by hand.

Usage: bootstrap.py run|dev|judge|browser|listen|web|lambda|aws

.venv is the world of the skill. Two things that must not share it have one of their own: what Lambda's Python brings
(.venv-lambda), so that nothing else is there when a bundle runs, and Amazon's tools with their own pins (.venv-aws).

It starts before anything is installed, on whatever Python the machine has, even one far too old for
the skill: so it imports nothing of this project, and is written so that Python 2 can read it.

The environment is ready when its stamp says so: same place, same Python, same lock files.
The stamp is taken away before any change and written last, so an interrupted set-up starts again
from nothing.  It holds hashes, not times: a git checkout alone installs nothing.
"""

import os
import sys

# A script's own folder comes first on the path, and a neighbour in it may one day be called like a
# module of the standard library.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]

import glob  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import subprocess  # noqa: E402

OLDEST = (3, 11)
LAMBDA = (3, 13)  # what the skill runs on there; Runtime in template.yaml
CANDIDATES = ("python3.13", "python3.14", "python3.12", "python3.11", "python3", "python")
LOCKS = {
    "run": ("lambda/requirements.txt", "requirements-run.txt"),
    "dev": ("lambda/requirements.txt", "requirements-run.txt", "requirements-dev.txt"),
    "judge": (
        "lambda/requirements.txt",
        "requirements-run.txt",
        "requirements-dev.txt",
        "requirements-judge.txt",
    ),
    "browser": (
        "lambda/requirements.txt",
        "requirements-run.txt",
        "requirements-dev.txt",
        "requirements-browser.txt",
    ),
    "listen": ("lambda/requirements.txt", "requirements-run.txt", "requirements-listen.txt"),
    "web": ("lambda/requirements.txt", "requirements-run.txt", "requirements-web.txt"),
    "lambda": ("requirements-lambda.txt",),
    "aws": ("requirements-aws.txt",),
}
# Where the kinds live that do not share .venv, what is in there, and about how long it takes.
APART = {
    "lambda": (".venv-lambda", "what Lambda's own Python brings", 15),
    "aws": (".venv-aws", "Amazon's tools, a third of a gigabyte", 75),
}
# What each kind adds to what the skill runs on, and about how long that takes.
ADDED = {
    "dev": ("the test tools", 30),
    "judge": ("the test tools and the second judge", 75),
    "browser": ("the test tools and what drives a browser", 45),
    "listen": ("the microphone's speech recogniser, half a gigabyte", 120),
    "web": ("the web server", 15),
}

ROOT = os.path.dirname(HERE)

# What a Python tells about itself.  _base_executable is the one behind an active environment, for
# the active one may be the very .venv that is about to be replaced.
PROBE = """
import json, sys
missing = []
for name in ("venv", "ensurepip", "ssl", "zlib"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
print(json.dumps({
    "version": sys.version_info[:3],
    "missing": missing,
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
}))
"""


class SetUpError(Exception):
    """Something the person at the keyboard can mend; the message is one line and says how."""


class Place(object):
    """Where the environment of a kind is."""

    def __init__(self, kind):
        self.name = APART[kind][0] if kind in APART else ".venv"
        self.venv = os.path.join(ROOT, self.name)
        self.python = os.path.join(self.venv, "bin", "python")
        self.stamp = os.path.join(self.venv, "set-up.json")
        self.log = os.path.join(self.venv, "set-up.log")


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        sys.stderr.write("usage: bootstrap.py run|dev|judge|browser|listen|web|lambda|aws\n")
        return 2
    kind = arguments[0]
    os.chdir(ROOT)
    clean_environment()
    try:
        if not is_ready(kind):
            with OneAtATime():
                if not is_ready(kind):
                    set_up(kind)
    except SetUpError as error:
        sys.stderr.write("%s\n" % error)
        return 1
    except (IOError, OSError) as error:
        sys.stderr.write("Setting up %s failed: %s. Mend that and try again.\n" % (Place(kind).name, error))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nSet-up interrupted; the next make starts it again.\n")
        return 130
    return 0


def clean_environment():
    """Drop settings that would put the packages elsewhere; proxies, mirrors and caches stay."""
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONWARNINGS", "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)
    for name in ("TARGET", "PREFIX", "ROOT", "CONSTRAINT", "REQUIREMENT", "DRY_RUN", "NO_COMPILE"):
        os.environ.pop("PIP_" + name, None)
    os.environ["PIP_USER"] = "0"  # Stronger than the same setting in a pip.conf.


# Is there anything to do?


def is_ready(kind):
    place = Place(kind)
    try:
        with open(place.stamp) as stamp:
            done = json.load(stamp)
        if done["place"] != os.path.realpath(place.venv) or done[kind] != fingerprint(kind):
            return False
        chosen = os.environ.get("LAMBDA_PYTHON" if kind == "lambda" else "PYTHON")
        if chosen:
            python = probe(chosen)
            if not python or os.path.realpath(python["executable"]) != done["executable"]:
                return False
        if os.path.realpath(sys.prefix) == os.path.realpath(place.venv):
            version = list(sys.version_info)
        else:
            version = (probe(place.python) or {"version": []})["version"]
        return version[:2] == done["version"][:2]
    except (IOError, OSError, ValueError, KeyError, TypeError):
        return False


def fingerprint(kind):
    digest = hashlib.sha256()
    for path in LOCKS[kind]:
        with open(os.path.join(ROOT, path), "rb") as lock:
            digest.update(lock.read())
    return digest.hexdigest()


def probe(command):
    """What a Python says about itself, or None when it does not start."""
    try:
        code, output = run([command, "-c", PROBE], stderr=subprocess.PIPE)
        return json.loads(output) if code == 0 else None
    except (IOError, OSError, ValueError):
        return None


class OneAtATime(object):
    """Two makes in two terminals: the second waits, then finds the work done.

    What we start inherits the lock: a pip that outlives a killed set-up is waited for as well.
    """

    def __enter__(self):
        self.file = open(os.path.join(HERE, "bootstrap.py"), "rb")
        try:
            import fcntl

            if hasattr(os, "set_inheritable"):
                os.set_inheritable(self.file.fileno(), True)
            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (IOError, OSError):
                say("Waiting for another set-up to finish ...")
                fcntl.flock(self.file, fcntl.LOCK_EX)
        except (ImportError, IOError, OSError):
            pass  # No locks on this file system: two at once is rare enough to go on.

    def __exit__(self, *_):
        self.file.close()


# Doing it


def set_up(kind):
    place = Place(kind)
    if os.path.lexists(place.venv) and not os.path.isdir(place.venv):
        raise SetUpError("%s is in the way, for it is not a folder. Remove it and try again." % place.name)
    python = (lambda_python() if kind == "lambda" else None) or choose_python()
    done = None
    if kind not in APART and is_ready("run"):
        with open(place.stamp) as stamp:
            done = json.load(stamp)
    if os.path.exists(place.stamp):
        os.remove(place.stamp)
    added, seconds = ADDED.get(kind, ("", 0))
    if done:
        say("Adding %s to .venv (once, about %d seconds) ..." % (added, seconds))
    else:
        doing = "Rebuilding" if os.path.exists(place.venv) else "Making"
        if kind in APART:
            contents, seconds = APART[kind][1:]
        else:
            contents = "what the skill runs on" + (", and " + added if added else "")
            seconds += 30
        what = (doing, place.name, dotted(python["version"]), contents, seconds)
        say("%s %s with Python %s and %s (once, about %d seconds) ..." % what)
        make_environment(place, python)
        done = {
            "place": os.path.realpath(place.venv),
            "executable": os.path.realpath(python["executable"]),
            "version": python["version"],
        }
    install(place, LOCKS[kind][-1])
    if kind not in APART:
        add_source_root(place)
    for each in LOCKS:
        if set(LOCKS[each]) <= set(LOCKS[kind]):
            done[each] = fingerprint(each)
    with open(place.stamp + ".new", "w") as stamp:
        json.dump(done, stamp)
    os.rename(place.stamp + ".new", place.stamp)


def lambda_python():
    """The Python that Lambda has, or None where this machine has none; LAMBDA_PYTHON names one, of whatever version.

    Also where pyenv and uv keep Pythons that no command starts.
    """
    chosen = os.environ.get("LAMBDA_PYTHON")
    if chosen:
        return probe(chosen)
    name = "python" + dotted(LAMBDA)
    kept = [
        os.path.join(os.environ.get("PYENV_ROOT") or "~/.pyenv", "versions", dotted(LAMBDA) + ".*", "bin", "python"),
        os.path.join("~/.local/share/uv/python", "cpython-" + dotted(LAMBDA) + ".*", "bin", name),
    ]
    found = [path for pattern in kept for path in sorted(glob.glob(os.path.expanduser(pattern)), reverse=True)]
    for command in [name, sys.executable] + found:
        python = probe(command)
        if python and tuple(python["version"][:2]) == LAMBDA and not python["missing"]:
            return python
    return None


def choose_python():
    chosen = os.environ.get("PYTHON")
    refusals = []
    incomplete = None
    for command in (chosen,) if chosen else CANDIDATES:
        python = probe(command)
        if not python:
            continue
        version = dotted(python["version"])
        if tuple(python["version"]) < OLDEST:
            refusals.append("%s is Python %s" % (command, version))
        elif python["missing"]:
            refusals.append("%s has no %s module" % (command, python["missing"][0]))
            incomplete = incomplete or dotted(python["version"][:2])
        else:
            return python
    if chosen:
        problem = "PYTHON=%s cannot be used: %s." % (
            chosen,
            refusals[0] if refusals else "it does not start",
        )
    else:
        problem = "Cramp Coach needs Python %s or newer, but %s." % (
            dotted(OLDEST),
            ", ".join(refusals) or "no Python was found that starts",
        )
    if incomplete:
        remedy = "On Debian and Ubuntu: sudo apt install python%s-venv" % incomplete
    else:
        remedy = "Install one (python.org), or name one: make PYTHON=/path/to/python3.13"
    raise SetUpError("%s %s" % (problem, remedy))


def make_environment(place, python):
    code, output = run([python["executable"], "-m", "venv", "--clear", place.venv])
    if code != 0:
        raise SetUpError(
            "%s could not make %s: %s Remove %s and try again, or name another Python: "
            "make PYTHON=/path/to/python3.13" % (python["executable"], place.name, last_words(output), place.name)
        )


def install(place, lock):
    command = [place.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # A lock names all there is to install; some pips look for more where a package asks for the extras of another.
    code, output = run(command + ["--no-input", "--no-deps", "--require-hashes", "-r", lock])
    if code != 0:
        with open(place.log, "w") as log:
            log.write(output)
        raise SetUpError(
            "The packages could not be installed: %s Check the network and try again; "
            "%s/set-up.log has the details." % (last_words(output), place.name)
        )


def add_source_root(place):
    """lambda/ is the source root (its name is a keyword of Python, so it can be no package)."""
    _, output = run([place.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    packages = output.strip()
    with open(os.path.join(packages, "cramp_coach.pth"), "w") as path_file:
        path_file.write(os.path.relpath(os.path.join(ROOT, "lambda"), packages) + "\n")


def run(command, stderr=subprocess.STDOUT):
    """Exit code and output of a command; close_fds lets it inherit the lock (see OneAtATime)."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, close_fds=False)
    output = process.communicate()[0].decode("utf-8", "replace")
    return process.returncode, output


def last_words(output):
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    words = (errors or lines or ["it did not say why"])[-1]
    return words if words.endswith(".") else words + "."


def dotted(version):
    return ".".join(str(part) for part in version)


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
