"""skill-package/ and the address of the deployed skill -> build/skill-package, which the ASK CLI deploys.

python -m tools.skill_package                                          no address: creates the skill, which gives its id
python -m tools.skill_package --endpoint ARN [--eu ARN] [--fe ARN]     with it: the skill answers, and events arrive

An address belongs to one account, so it is never committed (docs/decisions/0034-the-manifest-is-generated.md).
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from .yamlfile import ROOT

SOURCE = ROOT / "skill-package"
TARGET = ROOT / "build" / "skill-package"
SHIPPED = ("skill.json", "interactionModels", "assets")
ALIAS = "live"  # template.yaml lets Alexa call the function by this alias only
# What the skill acts upon; every other event would wake it for nothing.
EVENTS = ("SKILL_DISABLED",)

# The AWS regions for each part of the world that Alexa serves from; what serves all of it may be in any of them.
# Amazon's samples name no others: https://github.com/alexa-samples/skill-sample-nodejs-trivia, instructions/2.
REGIONS = {
    "NA": ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"),
    "EU": ("eu-west-1",),
    "FE": ("us-west-2", "ap-northeast-1"),
}
NAMES = {"NA": "ENDPOINT", "EU": "EU", "FE": "FE"}  # as they are given to make
_ARN = re.compile(r"arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:([A-Za-z0-9_-]+)(?::([A-Za-z0-9_-]+))?")
_HTTPS = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)+(:443)?/\S*")


class AddressError(ValueError):
    """An address that Alexa could not call: one line, with what to do."""


def addressed(manifest: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
    """The manifest with its endpoints. `addresses`: "NA", "EU", "FE" -> ARN or https address; none leaves it as it is.

    NA is the default that serves every part of the world without an address of its own. Raises AddressError.
    """
    whole = deepcopy(dict(manifest))
    if not addresses:
        return whole
    if "NA" not in addresses:
        raise AddressError("EU and FE come beside ENDPOINT, which serves the rest of the world; give it, too")
    endpoints = {part: _endpoint(part, address) for part, address in addresses.items()}
    called: dict[str, Any] = {"endpoint": endpoints["NA"]}
    if len(endpoints) > 1:
        called["regions"] = {part: {"endpoint": endpoint} for part, endpoint in endpoints.items()}
    inner = whole["manifest"]
    inner["apis"]["custom"] = {**called, **inner["apis"]["custom"]}
    inner["events"] = {**deepcopy(called), "subscriptions": [{"eventName": name} for name in EVENTS]}
    return whole


def _endpoint(part: str, address: str) -> dict[str, str]:
    name = NAMES[part]
    if not address:  # a shell that has forgotten $endpoint; without one, the deployed skill would lose what it has
        raise AddressError(f"{name}= is empty; give the address, or leave {name} out to create the skill")
    if address.startswith("https:"):
        if not _HTTPS.fullmatch(address):
            raise AddressError(f"{name}={address} is no https address with a path, on port 443; see docs/deploy.md")
        return {"uri": address, "sslCertificateType": "Trusted"}
    found = _ARN.fullmatch(address)
    if found is None:
        raise AddressError(f"{name}={address} is no ARN of a Lambda function; it is among the outputs of the stack")
    region, _, function, alias = found.groups()
    if alias != ALIAS:
        raise AddressError(f"{name}={address} has to end in {function}:{ALIAS}, for Alexa may call that alias only")
    if region not in REGIONS[part]:
        raise AddressError(f"{name}={address} is in {region}; Alexa looks for {name} in {' or '.join(REGIONS[part])}")
    return {"uri": address}


def write(addresses: Mapping[str, str], source: Path = SOURCE, target: Path = TARGET) -> Path:
    """Writes the package anew, and returns its folder. Raises AddressError before anything is written."""
    manifest = addressed(json.loads((source / "skill.json").read_text("utf-8")), addresses)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in SHIPPED[1:]:
        shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("*.svg"))
    (target / "skill.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return target


def main(arguments: list[str] | None = None, target: Path = TARGET) -> int:
    """Writes the package. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.skill_package", description="Write the package to deploy.")
    for part, name in NAMES.items():
        parser.add_argument(f"--{name.lower()}", help=f"ARN (or https address) for {part}", dest=part)
    given = vars(parser.parse_args(arguments))
    addresses = {part: given[part] for part in NAMES if given[part] is not None}
    try:
        folder = write(addresses, target=target)
    except AddressError as error:
        print(f"make skill-package: {error}", file=sys.stderr)
        return 1
    where = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    if addresses:
        print(f"wrote {where}, which calls {', '.join(addresses.values())}; deploy it with: ask deploy")
    else:
        print(f"wrote {where} without an endpoint; ask deploy creates the skill, and tells its id")
        print("A skill that is there already would lose its address: give it with ENDPOINT=.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
