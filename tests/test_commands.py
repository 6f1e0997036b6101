"""What the pages name is there: commands, under that name and with these options, and other pages and files.

What is Amazon's was read from its program's own help (ASK CLI 2.30.7, "ask smapi COMMAND --help"), for it is not here.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "events" / "README.md"]
)
# ask smapi: command -> the options it cannot do without, and those that we use besides
SMAPI: dict[str, tuple[set[str], set[str]]] = {
    "create-beta-test": ({"skill-id"}, set()),
    "delete-skill": ({"skill-id"}, set()),
    "get-skill-validations": ({"skill-id", "validation-id"}, {"stage"}),
    "set-skill-enablement": ({"skill-id"}, {"stage"}),
    "submit-skill-for-certification": ({"skill-id"}, set()),
    "submit-skill-validation": ({"skill-id", "locales"}, {"stage"}),
}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def code(page: Path) -> str:
    """What stands in a page as code, in a line or a block: a line for each."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```\w*\n.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))
    return "\n".join([*blocks, *inline])


def test_there_is_something_to_check() -> None:
    """Else the tests below would prove nothing."""
    every = "\n".join(map(code, PAGES))
    assert set(re.findall(r"ask smapi ([a-z-]+)", every)) == set(SMAPI)
    assert len(re.findall(r"-m (?:tools|server)", every)) > 3


@every_page
def test_every_command_of_make_is_one(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^|[;&] *)make ([a-z][a-z-]*)", code(page), re.MULTILINE)) <= targets


@every_page
def test_every_module_that_is_started_is_there(page: Path) -> None:
    for name in re.findall(r"-m ((?:tools|server)[\w.]*)", code(page)):
        assert importlib.util.find_spec(name), name


@every_page
def test_every_command_of_the_ask_cli_has_its_options(page: Path) -> None:
    for line in re.findall(r"ask smapi [^\n;#]+", code(page)):
        _, _, command, *given = line.split()
        assert command in SMAPI, command
        needed, more = SMAPI[command]
        options = {word.removeprefix("--") for word in given if word.startswith("--")}
        assert needed <= options <= needed | more, line
    assert set(re.findall(r"ask deploy --target ([a-z-]+)", code(page))) <= {"skill-metadata", "skill-infrastructure"}


def places(page: Path) -> set[str]:
    """The headings of a page, as a link names them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file of ours, and to a heading that is in it; other people's pages are not asked."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        name, _, place = link.partition("#")
        if name.startswith(("https:", "http:")):
            continue
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not place or place in places(target), link


def test_every_decision_that_is_referred_to_is_there() -> None:
    """By its number, or by the name of its file, wherever in code or content."""
    folder = ROOT / "docs" / "decisions"
    numbers = {path.name[:4] for path in folder.glob("*.md")}
    told: set[str] = set()
    for room in ("content", "docs", "events", "interaction-models", "lambda", "server", "tests", "tools"):
        for path in (ROOT / room).rglob("*"):
            if path.suffix not in {".py", ".yaml", ".md", ".js"} or not path.is_file():
                continue
            text = path.read_text("utf-8")
            told |= set(re.findall(r"\bdecisions/(\d{4})", text))
            told |= {number.zfill(4) for number in re.findall(r"\bdecision (\d+)\b", text)}
            for name in re.findall(r"\bdecisions/(\d{4}-[\w-]+\.md)", text):
                assert (folder / name).is_file(), f"{path.relative_to(ROOT)}: {name}"
    assert len(told) > 10
    assert told <= numbers
