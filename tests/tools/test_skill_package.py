"""The package that is deployed: the committed one, with the addresses of somebody's own functions in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools import skill_package
from tools.skill_package import AddressError, addressed
from tools.yamlfile import ROOT

BARE: dict[str, Any] = json.loads((ROOT / "skill-package" / "skill.json").read_text("utf-8"))
ARN = "arn:aws:lambda:{}:123456789012:function:cramp-coach-SkillFunction-Ab1:live"
US, EU, FE = ARN.format("us-east-1"), ARN.format("eu-west-1"), ARN.format("us-west-2")


def options(addresses: dict[str, str]) -> list[str]:
    """Addresses as they are given on the command line."""
    names = {"NA": "endpoint", "EU": "eu", "FE": "fe"}
    return [f"--{names[part]}={address}" for part, address in addresses.items()]


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its place in it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_without_an_address_the_package_is_the_committed_one(tmp_path: Path) -> None:
    """The first deployment creates the skill: its id is needed before there can be a function."""
    made = files(skill_package.write({}, target=tmp_path / "package"))
    committed = files(ROOT / "skill-package")
    assert set(made) == {name for name in committed if not name.endswith(".svg")}
    assert all(made[name] == committed[name] for name in made if name != "skill.json")
    assert json.loads(made["skill.json"]) == BARE


def test_one_function_serves_the_whole_world() -> None:
    """And gets the event that somebody left, so that what the texts promise becomes true."""
    inner = addressed(BARE, {"NA": EU})["manifest"]
    assert inner["apis"]["custom"] == {"endpoint": {"uri": EU}, **BARE["manifest"]["apis"]["custom"]}
    assert inner["events"] == {"endpoint": {"uri": EU}, "subscriptions": [{"eventName": "SKILL_DISABLED"}]}


def test_each_part_of_the_world_may_have_its_own() -> None:
    """Requests and events of a part go to the same function: each region has a table of its own."""
    inner = addressed(BARE, {"NA": US, "EU": EU, "FE": FE})["manifest"]
    regions = {part: {"endpoint": {"uri": arn}} for part, arn in {"NA": US, "EU": EU, "FE": FE}.items()}
    assert inner["apis"]["custom"]["regions"] == inner["events"]["regions"] == regions
    assert inner["apis"]["custom"]["endpoint"] == inner["events"]["endpoint"] == {"uri": US}


def test_a_web_service_is_called_over_a_trusted_certificate() -> None:
    """The one kind that is certified (Amazon, "Skill manifest", sslCertificateType)."""
    endpoint = {"uri": "https://coach.example.org/alexa", "sslCertificateType": "Trusted"}
    inner = addressed(BARE, {"NA": endpoint["uri"]})["manifest"]
    assert inner["apis"]["custom"]["endpoint"] == inner["events"]["endpoint"] == endpoint


def test_the_committed_manifest_stays_as_it_is() -> None:
    """An address must never find its way into the repository."""
    before = json.dumps(BARE)
    addressed(BARE, {"NA": US, "EU": EU})
    assert json.dumps(BARE) == before


@pytest.mark.parametrize(
    ("addresses", "says"),
    [
        ({"EU": EU}, "give it, too"),
        ({"NA": ""}, "ENDPOINT= is empty"),
        ({"NA": US, "FE": ""}, "FE= is empty"),
        ({"NA": "cramp-coach"}, "ENDPOINT=cramp-coach is no ARN"),
        ({"NA": US + " "}, "is no ARN"),
        ({"NA": US.replace(":lambda:", ":s3:")}, "is no ARN"),
        ({"NA": US.replace("123456789012", "1234")}, "is no ARN"),
        ({"NA": US.removesuffix(":live")}, "has to end in cramp-coach-SkillFunction-Ab1:live"),
        ({"NA": US.replace(":live", ":7")}, "has to end in cramp-coach-SkillFunction-Ab1:live"),
        ({"NA": US.replace(":live", ":$LATEST")}, "is no ARN"),
        ({"NA": ARN.format("mars-north-1")}, "is in mars-north-1; Alexa looks for ENDPOINT in us-east-1"),
        ({"NA": US, "EU": US}, "is in us-east-1; Alexa looks for EU in eu-west-1"),
        ({"NA": US, "FE": EU}, "is in eu-west-1; Alexa looks for FE in us-west-2 or ap-northeast-1"),
        ({"NA": "http://coach.example.org/alexa"}, "is no ARN"),
        ({"NA": "https://coach.example.org"}, "is no https address with a path"),
        ({"NA": "https://coach.example.org:8443/alexa"}, "on port 443"),
        ({"NA": "https://localhost/alexa"}, "is no https address"),
    ],
)
def test_an_address_that_alexa_could_not_call_is_refused(
    tmp_path: Path, addresses: dict[str, str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, and before anything is written."""
    with pytest.raises(AddressError, match=says.replace("$", r"\$")):
        skill_package.write(addresses, target=tmp_path / "package")
    assert skill_package.main(options(addresses), tmp_path / "package") == 1
    assert not (tmp_path / "package").exists()
    told = capsys.readouterr()
    assert told.err.startswith("make skill-package: ")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_the_command_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With an endpoint or without one: whoever forgets it deploys a skill that answers nobody."""
    assert skill_package.main([], tmp_path / "package") == 0
    told = capsys.readouterr().out
    assert "without an endpoint" in told
    assert "would lose its address" in told
    assert skill_package.main(options({"NA": US, "FE": FE}), tmp_path / "package") == 0
    assert f"which calls {US}, {FE}" in capsys.readouterr().out
    written = json.loads((tmp_path / "package" / "skill.json").read_text("utf-8"))
    assert written == addressed(BARE, {"NA": US, "FE": FE})


def test_what_was_written_before_is_gone(tmp_path: Path) -> None:
    """A model of a locale that is gone would be deployed still."""
    folder = skill_package.write({"NA": US}, target=tmp_path / "package")
    (folder / "interactionModels" / "custom" / "en-ZZ.json").write_text("{}", "utf-8")
    skill_package.write({}, target=folder)
    assert "endpoint" not in (folder / "skill.json").read_text("utf-8")
    assert not (folder / "interactionModels" / "custom" / "en-ZZ.json").exists()


def test_the_cli_finds_the_package() -> None:
    """ask-resources.json names the folder that is written, and no code: SAM deploys that."""
    project = json.loads((ROOT / "ask-resources.json").read_text("utf-8"))
    profile = project["profiles"]["default"]
    assert (ROOT / profile["skillMetadata"]["src"]).resolve() == skill_package.TARGET
    assert set(profile) == {"skillMetadata"}
