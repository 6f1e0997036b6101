"""The sample events in events/: as the build makes them, and answered on a bare function as is written beside them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import lambda_function
from skill import needed
from tools import events
from tools.limits import faults
from tools.walk.wire import intents
from tools.yamlfile import ROOT

EVENTS = {
    f"{path.parent.name}/{path.stem}": path
    for path in sorted(events.FOLDER.glob("*/*.json"))
    if not path.name.endswith(".answer.json")
}
WRONG = "outside/wrong_skill_id"
OURS = "amzn1.ask.skill.12345678-0000-0000-0000-000000000000"


def event(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(EVENTS[name].read_text("utf-8"))
    return made


def expected(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(EVENTS[name].with_suffix(".answer.json").read_text("utf-8"))
    return made


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    """What the door answers, in a process of its own that starts in the bundle root with an empty environment."""
    script = textwrap.dedent("""
        import json, sys
        from lambda_function import lambda_handler
        for event in json.load(sys.stdin):
            print(json.dumps(lambda_handler(event, None)))
    """)
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT / "lambda",
        env={"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {},
        input=json.dumps([event(name) for name in EVENTS]),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return dict(zip(EVENTS, map(json.loads, ran.stdout.splitlines()), strict=True))


def test_the_events_are_as_the_build_makes_them() -> None:
    made = events.build()
    assert {path for path in events.FOLDER.rglob("*") if path.is_file()} == {*made, events.SOURCE}
    assert [path for path, text in made.items() if path.read_text("utf-8") != text] == [], "run: make build"


@pytest.mark.parametrize("name", [name for name in EVENTS if name != WRONG])
def test_a_pasted_event_is_answered_as_is_written_beside_it(name: str, answers: dict[str, dict[str, Any]]) -> None:
    assert events.answered(answers[name]) == expected(name)
    assert faults(event(name), answers[name]) == []


def test_the_event_for_another_skill_fails_where_a_skill_id_is_set(
    monkeypatch: pytest.MonkeyPatch, answers: dict[str, dict[str, Any]]
) -> None:
    """And is opened like any other where none is: then the function asks for nobody's id."""
    assert events.answered(answers[WRONG]) == expected("opening/launch")
    monkeypatch.setattr(lambda_function, "_SKILL_ID", events.SKILL_ID)
    with pytest.raises(PermissionError) as raised:
        lambda_function.lambda_handler(event(WRONG), None)
    assert expected(WRONG) == {"errorMessage": str(raised.value), "errorType": type(raised.value).__name__}
    lambda_function.lambda_handler(event("opening/launch"), None)


def test_every_intent_of_the_model_has_an_event() -> None:
    sent = {event(name)["request"].get("intent", {}).get("name") for name in EVENTS}
    assert sorted(set(intents()) - sent) == []


def test_the_answers_cover_what_can_happen() -> None:
    """Each level, an open question, an offer, a card, a picture, a question to Alexa, silence, an end."""
    made = [expected(name) for name in EVENTS if name != WRONG]
    told = {(answer.get("sessionAttributes", {}).get("assessment") or {}).get("disposition") for answer in made}
    assert told >= {"EMERGENCY", "URGENT", "SELF_CARE", "ROUTINE", "INFO", "OUT_OF_SCOPE", None}
    keys = {key for answer in made for key in answer["response"]}
    assert keys == {"outputSpeech", "reprompt", "card", "directives", "shouldEndSession"}
    kinds = {directive["type"] for answer in made for directive in answer["response"].get("directives", ())}
    assert kinds == {"Alexa.Presentation.APL.RenderDocument", "Connections.SendRequest"}
    assert any(not answer["response"] for answer in made)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_holds_nothing_of_anybody(name: str) -> None:
    """Ids are invented, and there is no key to the Alexa API, nor the address of the stand-in."""
    text = EVENTS[name].read_text("utf-8")
    assert "apiAccessToken" not in text
    assert "127.0.0.1" not in text
    assert set(re.findall(r"amzn1\.(?:ask\.account|ask\.device|echo-api\.\w+)\.([\w-]+)", text)) <= {
        "INVENTED",
        "PRETEND",
    }


def test_the_names_are_fit_for_test_events() -> None:
    """Letters, digits, hyphens and underscores, each name once over all folders, and no longer than 64."""
    names = [name.replace("/", "-") for name in EVENTS]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)] == []


def test_events_for_a_skill_of_its_own_are_saved_one_by_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each under its name, with the skill's id in place of the invented one, but in the event for another skill."""
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(events, "INTO", tmp_path / "events")
    monkeypatch.setattr(events, "ROOT", tmp_path)
    monkeypatch.setattr(events.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(events.subprocess, "run", run)
    assert events.main(["--skill-id", OURS, "--put", "my-stack"]) == 0
    saved = [name for name in EVENTS if name.split("/")[0] in events.PUT]
    assert len(ran) == len(saved) > 30
    first = ran[0]
    assert first[:7] == ["sam", "remote", "test-event", "put", "SkillFunction", "--stack-name", "my-stack"]
    assert first[7:10] == ["--name", Path(first[10]).stem, "--file"]
    assert first[11:] == ["--force"]
    for name in EVENTS:
        text = (tmp_path / "events" / f"{name.replace('/', '-')}.json").read_text("utf-8")
        assert events.SKILL_ID not in text
        assert (OURS in text) is (name != WRONG)
    assert f"{len(saved)} of {len(saved)}" in capsys.readouterr().out
    ran.clear()
    assert events.main(["--skill-id", OURS, "--put", "my-stack", "coach", "reminder"]) == 0
    assert {command[8].partition("-")[0] for command in ran} == {"coach", "reminder"}


def test_no_more_is_saved_than_a_function_has_room_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All test events of a function are one schema of 100,000 characters; nothing is begun that cannot be ended."""

    def run(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(events, "INTO", tmp_path / "events")
    monkeypatch.setattr(events, "ROOT", tmp_path)
    monkeypatch.setattr(events.subprocess, "run", run)
    groups = sorted({name.split("/")[0] for name in EVENTS})
    assert events.main(["--skill-id", OURS, "--put", "my-stack", *groups]) == 1
    assert "name fewer groups" in capsys.readouterr().err
    assert events.main(["--skill-id", OURS, "--put", "my-stack", "zork"]) == 1
    assert "opening" in capsys.readouterr().err


def test_saving_stops_where_sam_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(events, "INTO", tmp_path / "events")
    monkeypatch.setattr(events, "ROOT", tmp_path)
    monkeypatch.setattr(events.shutil, "which", lambda name: None)
    assert events.main(["--skill-id", OURS, "--put", "my-stack"]) == 1
    with pytest.raises(SystemExit):
        events.main(["--put", "my-stack"])


def test_the_page_about_the_consoles_names_events_that_are_there() -> None:
    page = (ROOT / "docs" / "console.md").read_text("utf-8")
    groups = "|".join(sorted({name.split("/")[0] for name in EVENTS}))
    named = re.findall(rf"\b((?:{groups})[-/][A-Za-z0-9_-]+)", page)
    assert len(set(named)) > 12
    assert sorted({name.replace("-", "/", 1) if "/" not in name else name for name in named} - set(EVENTS)) == []


def test_the_page_about_the_consoles_names_the_groups_that_are_saved() -> None:
    page = (ROOT / "docs" / "console.md").read_text("utf-8")
    assert f"groups {', '.join(events.PUT[:-1])} and {events.PUT[-1]}" in page


@pytest.mark.parametrize("wrong", ["amzn1.ask.skill.YOUR-ID", "amzn1.ask.skill.", OURS + "0", OURS.upper(), "zork"])
def test_what_is_no_skill_id_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    """Copied as it stands in the page, it would make events that the function only answers with PermissionError."""
    monkeypatch.setattr(events, "INTO", tmp_path / "events")
    with pytest.raises(SystemExit):
        events.main(["--skill-id", wrong])
    assert "is no skill id" in capsys.readouterr().err
    assert not (tmp_path / "events").exists()


@pytest.mark.parametrize("name", [name for name in EVENTS if name != WRONG])
def test_what_the_door_leaves_unread_changes_no_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the event stays as it came: the meter reads it, too."""
    given = event(name)
    answer = lambda_function.lambda_handler(given, None)
    assert given == event(name)
    monkeypatch.setattr(lambda_function, "needed", lambda event: event)
    assert lambda_function.lambda_handler(given, None) == answer


def test_what_is_needed_of_a_request() -> None:
    given = event("triage/complaint")
    slots = given["request"]["intent"]["slots"]
    held = {
        name: {key: slot[key] for key in ("name", "value", "slotValue")}
        for name, slot in slots.items()
        if "slotValue" in slot
    }
    assert 0 < len(held) < len(slots)
    given["context"]["Viewport"] = {"shape": "ROUND"}
    some = needed(given)
    intent = {"name": given["request"]["intent"]["name"], "slots": held}
    assert some["request"] == {**given["request"], "intent": intent}
    system = given["context"]["System"]
    assert some["context"] == {"System": {name: part for name, part in system.items() if name != "application"}}
    assert some["session"] == {"attributes": given["session"]["attributes"]}
    given["session"]["user"] = {"userId": "somebody else"}
    assert needed(given)["session"] == given["session"]


@pytest.mark.parametrize(
    "odd",
    [
        *(
            None,
            7,
            [],
            {},
            {"request": 7},
            {"request": {"intent": []}},
            {"request": {"intent": {"slots": {"site": 7}}}},
        ),
        *({"context": 7, "session": 7}, {"context": {"System": 7}, "session": {"user": 7}}),
    ],
)
def test_what_is_odd_is_all_needed(odd: Any) -> None:
    assert needed(odd) == odd
