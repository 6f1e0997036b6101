"""`make talk`: the conversation of the browser page, in the terminal."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import TextIO

from server.conversation import DEFAULT_LOCALE, ConversationError, Conversations, locales
from server.simulator import Device

GREETING = """\
Type what you would say to the speaker. An empty line is silence. Ctrl-D ends.
Information, not medical advice, and not a diagnosis. What you say is never stored.
In an emergency, call your local emergency number.
"""
PERSON = "the person at the terminal"  # the same one in every session of a run
PROMPT = "you    "
WIDEST = 88


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m server.talk", description=__doc__)
    parser.add_argument("--locale", default=DEFAULT_LOCALE, help=f"where the device is at home: {', '.join(locales())}")
    locale = parser.parse_args(arguments).locale
    if locale not in locales():
        parser.error(f"{locale} is none of ours: LOCALE is one of {', '.join(locales())}")
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        talk(Conversations(), locale, sys.stdin, sys.stdout)
    except KeyboardInterrupt:
        print()
    except BrokenPipeError:  # the reader of our output went away
        sys.stderr.close()
    return 0


def talk(device: Device, locale: str, typed: TextIO, out: TextIO) -> None:
    """Opens the skill and takes turns until the input ends."""
    print(GREETING, file=out)
    session = _take_turn(device, None, locale, None, out)
    for line in _lines(typed, out):
        if session is None and not line:
            print("(The session has ended. Say something to start a new one.)\n", file=out)
            continue
        session = _take_turn(device, session, locale, line, out)


def _lines(typed: TextIO, out: TextIO) -> Iterator[str]:
    if typed is sys.stdin and typed.isatty():
        yield from _typed_lines()
        return
    for line in typed:
        said = line.strip()
        print(f"{PROMPT}{said or '(silence)'}", file=out)
        yield said


def _typed_lines() -> Iterator[str]:
    with contextlib.suppress(ImportError):  # Windows has no readline
        importlib.import_module("readline")  # lets the arrow keys bring lines back
    while True:
        try:
            yield input(PROMPT).strip()
        except EOFError:
            print()
            return


def _take_turn(device: Device, session: str | None, locale: str, text: str | None, out: TextIO) -> str | None:
    """Says one thing, prints the reply, and returns the session if it is still open."""
    try:
        reply = device.turn(session, PERSON, locale, text)
    except ConversationError as problem:
        print(f"error  {problem}\n", file=out)
        return session
    for label, words in _rows(reply):
        print(_paragraph(label, words), file=out)
    print(file=out, flush=True)
    if reply["ended"]:
        print("------ session ended ------\n", file=out, flush=True)
        return None
    return str(reply["session"])


def _rows(reply: dict[str, object]) -> Iterator[tuple[str, str]]:
    yield "heard", _heard(reply["heard"])
    assessment = reply["assessment"]
    if isinstance(assessment, dict):
        reasons = ", ".join(assessment["reasons"]) or "no reasons"
        condition = assessment["condition"] or "no condition"
        yield "found", f"{assessment['disposition']} | {condition} | {reasons}"
    label = "coach"
    if isinstance(assessment, dict) and assessment["disposition"] == "EMERGENCY":
        label = "COACH!"
    yield label, str(reply["speech"] or "(says nothing)")


def _heard(heard: object) -> str:
    """The intent, what filled its slots, and the findings, in one line."""
    if not isinstance(heard, dict):
        return "nothing"
    slots = [f"{name}={value['id'] or value['value']}" for name, values in heard["slots"].items() for value in values]
    findings = [f"{name} {value}" for name, value in heard["findings"].items()]
    parts = [heard["intent"], " ".join(slots), ", ".join(findings)]
    return " | ".join(part for part in parts if part)


def _paragraph(label: str, words: str) -> str:
    width = min(WIDEST, shutil.get_terminal_size().columns)
    margin = " " * len(PROMPT)
    return textwrap.fill(
        words,
        width=max(width, 40),
        initial_indent=f"{label:<{len(PROMPT)}}",
        subsequent_indent=margin,
        break_on_hyphens=False,
    )


if __name__ == "__main__":
    raise SystemExit(main())
