"""Writes events/: one ready event per intent and situation, each with its expected answer beside it.

python -m tools.events                      writes the files that have changed
python -m tools.events --check              writes nothing; fails when a file is not as it would be written
python -m tools.events --skill-id ID        writes them into build/events for the skill ID, for a deployed function
python -m tools.events --skill-id ID --put STACK [GROUP ...]
                                            and saves those of some groups as shareable test events of its function

Each event is the last turn of a conversation with a pretend device (events/events.yaml), so that it carries the session
attributes that the skill itself wrote in the turn before. Ids and times are invented, and always the same.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import lambda_function
from server.alexa_api import Alexa
from server.conversation import Device

from . import sentences
from .generated import settle
from .yamlfile import ROOT, read

FOLDER = ROOT / "events"
SOURCE = FOLDER / "events.yaml"
INTO = ROOT / "build" / "events"
FUNCTION = "SkillFunction"  # its logical id in template.yaml
SKILL_ID = "amzn1.ask.skill.00000000-0000-0000-0000-000000000000"
REFUSED = {"errorMessage": "the request is not for the skill in SKILL_ID", "errorType": "PermissionError"}
# All test events of a function are one schema, of 100,000 characters at most (AWS, "EventBridge Schemas API",
# CreateSchema: Content; as SAM writes it). The schema itself, made of the first event, takes some of them.
ROOM = 92_000
PUT = ("opening", "danger", "triage", "outside")  # unless other groups are named
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
_PAUSE, _OUTER = re.compile(r" <break [^>]*/>"), re.compile(r"</?(?:speak|prosody)[^>]*>")
_SKILL_ID = re.compile(r"amzn1\.ask\.skill\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as in template.yaml
_LONGEST = 230  # characters of an answer in the index


class Sample(NamedTuple):
    """An event and what it is answered with. `said`: the words, or what was sent in their place."""

    group: str
    name: str
    said: str
    shows: str
    event: dict[str, Any]
    answer: dict[str, Any]

    @property
    def path(self) -> Path:
        return FOLDER / self.group / f"{self.name}.json"

    @property
    def answer_path(self) -> Path:
        return self.path.with_suffix(".answer.json")

    @property
    def full_name(self) -> str:
        """Its name as a test event of the function."""
        return f"{self.group}-{self.name}"


class Recorder(Device):
    """A pretend device whose requests are the same in every run."""

    def __init__(self, entry: Mapping[str, Any], locale: str, alexa: Alexa) -> None:
        super().__init__(
            user="amzn1.ask.account.INVENTED",
            locale=locale,
            screen=entry.get("screen") == "yes",
            alexa=alexa,
            clock=lambda: NOW,
        )
        self.session = "INVENTED"
        self.sent: dict[str, Any] = {}

    def play(self, line: Any) -> None:
        """Says, touches or sends a line of events.yaml."""
        if isinstance(line, str):
            self.say(line) if line else self._send({"type": "SessionEndedRequest", "reason": "EXCEEDED_MAX_REPROMPTS"})
        elif "touch" in line:
            self.touch(line["touch"])
        elif "intent" in line:
            slots = {name: _slot(name, *value.split("/")) for name, value in line.get("slots", {}).items()}
            intent = {"name": line["intent"], "confirmationStatus": "NONE", "slots": slots}
            self._send({"type": "IntentRequest", "intent": intent, "dialogState": "STARTED"})
        else:
            self._send(copy.deepcopy(line["request"]))

    def hold(self, attributes: dict[str, Any]) -> None:
        """Has the session hold these attributes instead of the skill's."""
        self._attributes = attributes

    def _envelope(self, request: Mapping[str, Any]) -> dict[str, Any]:
        made = super()._envelope(request)
        made["request"]["requestId"] = "amzn1.echo-api.request.INVENTED"
        made["request"]["timestamp"] = NOW.isoformat().replace("+00:00", "Z")
        self.sent = made
        return made


def _slot(name: str, words: str, id_: str = "") -> dict[str, Any]:
    """A slot as Alexa fills it."""
    value: dict[str, Any] = {"type": "Simple", "value": words}
    if id_:
        authority = f"amzn1.er-authority.echo-sdk.{SKILL_ID}.{name.capitalize()}"
        found = {"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": words, "id": id_}}]}
        value["resolutions"] = {"resolutionsPerAuthority": [{"authority": authority, **found}]}
    flat = {key: part for key, part in value.items() if key != "type"}
    return {"name": name, "confirmationStatus": "NONE", "source": "USER", **flat, "slotValue": value}


def samples() -> list[Sample]:
    """All events, in the order of events.yaml."""
    if lambda_function._SKILL_ID is not None:
        raise SystemExit("The sample events are made for no skill in particular: unset SKILL_ID first.")
    log = logging.getLogger("cramp_coach")
    before, log.disabled = log.disabled, True  # some events are made to be logged
    try:
        return list(_made())
    finally:
        log.disabled = before


def _made() -> Iterator[Sample]:
    for group, entries in read(SOURCE, text=True).items():
        for name, entry in entries.items():
            if "each" in entry:
                yield from (_sample(group, f"{name}_{locale}", entry, locale) for locale in sorted(sentences.locales()))
            else:
                yield _sample(group, name, entry, entry.get("locale", "en-US"))


def _sample(group: str, name: str, entry: Mapping[str, Any], locale: str) -> Sample:
    alexa = Alexa(zone="Europe/London")
    try:
        device = _played(entry, locale, alexa)
    finally:
        alexa.close()
    event = json.loads(json.dumps(device.sent))
    system = event["context"]["System"]
    system["apiEndpoint"] = "https://api.amazonalexa.com"
    del system["apiAccessToken"]  # a key that is none would send the skill to Amazon, and be refused
    if entry.get("session") == "no":
        del event["session"]
    if "application" in entry:
        event = json.loads(json.dumps(event).replace(SKILL_ID, entry["application"]))
        answer = dict(REFUSED)
    else:
        answer = answered(lambda_function.lambda_handler(event, None))
    return Sample(group, name, " … ".join(map(_said, entry["said"])), entry.get("shows", ""), event, answer)


def _played(entry: Mapping[str, Any], locale: str, alexa: Alexa) -> Recorder:
    """The device after the last line of a conversation."""
    device = Recorder(entry, locale, alexa)
    *before, last = entry["said"]
    if entry.get("opens") != "no":
        device.open()
    for line in before:
        device.play(line)
    if "attributes" in entry:
        device.hold(entry["attributes"])
    device.play(last)
    return device


def answered(response: Mapping[str, Any]) -> dict[str, Any]:
    """A response without what differs from one Python to the next."""
    return {key: part for key, part in response.items() if key != "userAgent"}


def _said(line: Any) -> str:
    if isinstance(line, str):
        return f"“{line}”" if line else "(silence)"
    if "touch" in line:
        return f"(touches {', '.join(line['touch'])})"
    return str(line.get("intent") or line["request"]["type"])


def build() -> dict[Path, str]:
    """Every file of events/ but its source, as text."""
    made: dict[Path, str] = {}
    found = samples()
    for sample in found:
        made[sample.path] = _text(sample.event)
        made[sample.answer_path] = _text(sample.answer)
    made[FOLDER / "README.md"] = _index(found)
    return made


def _text(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _index(found: list[Sample]) -> str:
    lines = [
        "# Sample events",
        "",
        "Written by `make build` from [events.yaml](events.yaml); do not edit.",
        "Paste `NAME.json` into the Lambda console; the answer is in `NAME.answer.json` beside it, less `userAgent`.",
        "A deployed function answers its own skill only: [docs/console.md](../docs/console.md) tells how to name it.",
        "All ids are invented, and so is what people say.",
    ]
    group = ""
    for sample in found:
        if sample.group != group:
            group = sample.group
            lines += [
                "",
                f"## {group.replace('_', ' ').capitalize()}",
                "",
                "| event | sent | answered |",
                "| --- | --- | --- |",
            ]
        name = f"[{sample.name}]({group}/{sample.name}.json)"
        answer = f"[{_heard(sample.answer)}]({group}/{sample.name}.answer.json)"
        lines.append(f"| {name} | {sample.said}{f'. {sample.shows}' if sample.shows else ''} | {answer} |")
    return "\n".join(lines) + "\n"


def _heard(answer: Mapping[str, Any]) -> str:
    """What a person would hear."""
    if "errorType" in answer:
        return str(answer["errorType"])
    body = answer["response"]
    speech = str(body.get("outputSpeech", {}).get("ssml", ""))
    speech = _PAUSE.sub(". …", _OUTER.sub("", speech))
    kinds = [directive["type"] for directive in body.get("directives", ())]
    heard = " ".join([*([speech] if speech else []), *(f"({kind})" for kind in kinds)]) or "(silence)"
    heard = heard.replace("|", "\\|").replace("<", "&lt;")
    return heard if len(heard) <= _LONGEST else f"{heard[:_LONGEST].rpartition(' ')[0]} …"


def _for_skill(skill_id: str, folder: Path) -> list[tuple[str, Path]]:
    """Writes the events for a skill of its own id; their names and files."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = []
    for path in sorted(FOLDER.glob("*/*.json")):
        if not path.name.endswith(".answer.json"):
            name = f"{path.parent.name}-{path.stem}"
            text = path.read_text("utf-8").replace(SKILL_ID, skill_id)
            (folder / f"{name}.json").write_text(text, "utf-8")
            made.append((name, folder / f"{name}.json"))
    return made


def _put(stack: str, groups: Sequence[str], made: list[tuple[str, Path]]) -> int:
    """Saves the events of some groups as shareable test events, in place of those of the same name.

    Stops at the first failure, and before the first one where they would not fit.
    """
    known = {name.partition("-")[0] for name, _ in made}
    if not known.issuperset(groups):
        print(f"There are these groups: {', '.join(sorted(known))}.", file=sys.stderr)
        return 1
    made = [(name, path) for group in groups for name, path in made if name.partition("-")[0] == group]
    size = sum(len(json.dumps({name: {"value": json.loads(path.read_text("utf-8"))}})) for name, path in made)
    if size > ROOM:
        print(
            f"These are {size:,} characters, and a function has room for {ROOM:,}: name fewer groups.", file=sys.stderr
        )
        return 1
    if shutil.which("sam") is None:
        print("The AWS SAM CLI is not there: https://docs.aws.amazon.com/serverless-application-model", file=sys.stderr)
        return 1
    for done, (name, path) in enumerate(made, 1):
        print(f"{done:3} of {len(made)}  {name}", flush=True)
        command = ["sam", "remote", "test-event", "put", FUNCTION, "--stack-name", stack]
        ran = subprocess.run([*command, "--name", name, "--file", str(path), "--force"], check=False)
        if ran.returncode:
            print(f"sam could not save {name}; what it says stands above.", file=sys.stderr)
            return ran.returncode
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Builds, checks, or makes the events of a skill. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.events", description="Write the sample events.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")
    parser.add_argument("--skill-id", metavar="ID", help="write the events for this skill into build/events")
    parser.add_argument("--put", nargs="+", metavar=("STACK", "GROUP"), help="save them as test events, too")
    chosen = parser.parse_args(arguments)
    if chosen.skill_id:
        if not _SKILL_ID.fullmatch(chosen.skill_id):
            parser.error(
                f"{chosen.skill_id} is no skill id: amzn1.ask.skill. and 36 characters, as ask deploy printed it"
            )
        made = _for_skill(chosen.skill_id, INTO)
        print(f"{len(made)} events in {INTO.relative_to(ROOT)}")
        if not chosen.put:
            return 0
        stack, *groups = chosen.put
        return _put(stack, groups or PUT, made)
    if chosen.put:
        parser.error("--put needs --skill-id: a deployed function answers its own skill only")
    return settle(build(), FOLDER.glob("*/*.json"), check=chosen.check)


if __name__ == "__main__":
    sys.exit(main())
