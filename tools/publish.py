"""What is left to settle before the skill may be submitted to the store. Refuses until nothing is.

python -m tools.publish    a line for each group of findings: how many, where, and what to do; exit status 1

It looks at what would be submitted: the reviewed content, the settings of the publisher, and build/skill-package. It
believes a name and a date, and checks no signature: docs/certification.md and docs/regulatory.md say what they mean.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jsonschema

from . import manifest, sentences
from .signed import is_name, is_past, is_signed
from .skill_package import EVENTS
from .yamlfile import ROOT, ContentError, read

SCHEMA = Path(__file__).with_name("skill_manifest.schema.json")
# What only people can settle; each is a key of "settled" in publisher.yaml, and docs/certification.md says more.
SETTLED = {
    "export_compliance": "whether export limits hold, which the owner of the developer account declares",
    "medical_device": "whether it is a medical device, for each country",
    "health_data": "which laws on health data hold, and that they are met",
    "spoken_words": "whether a clinician agrees with what is said, shown and listened for",
    "amazon_support": "whether Amazon takes our questions for collecting health data",
    "names_and_marks": "whether name, invocation name and icon infringe anybody's rights",
    "real_devices": "how it fares on real devices, in every locale",
    "privacy_page": "whether the page at privacy_policy_url is filled in, checked, and true of this skill",
}
_NOWHERE = re.compile(r"(^|\.)(example(\.(com|org|net))?|localhost|invalid|test|local|internal)$")


class Finding(NamedTuple):
    """One thing that stands in the way: where it is, what it is, and what to do."""

    group: str
    where: str
    what: str
    remedy: str


def findings(root: Path = ROOT) -> list[Finding]:
    """Everything that stands in the way, in the order in which it is best settled."""
    return [*_drafts(root), *_numbers(root), *_settings(root), *_package(root)]


def _drafts(root: Path) -> Iterator[Finding]:
    """Entries of the content that nobody has signed."""
    for path in sorted((root / "content" / "triage").glob("*.yaml")):
        for place, review in _reviews(read(path), ()):
            where = f"{path.relative_to(root)}: {place}"
            signed = review.get("status") == "reviewed" and is_name(review.get("reviewer"))
            if not signed or not is_past(review.get("date")):
                yield Finding("drafts", where, "nobody has signed it", "a clinician reviews each, and signs by name")


def _reviews(content: Any, place: tuple[str, ...]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(content, Mapping):
        for key, value in content.items():
            if key == "review":
                yield ".".join(place), value
            else:
                yield from _reviews(value, (*place, str(key)))
    elif isinstance(content, list):
        for number, value in enumerate(content, 1):
            yield from _reviews(value, (*place, str(number)))


def _numbers(root: Path) -> Iterator[Finding]:
    """Emergency numbers that nobody has confirmed; a wrong one is the worst mistake there is."""
    path = root / "content" / "locales.yaml"
    for locale, entry in sentences.locales(root / "content").items():
        where = f"{path.relative_to(root)}: {locale}"
        if not is_signed(entry["confirmed_by"]):
            number = manifest.digits(entry["emergency_number"])
            what = f"{number} for {entry['country']} is unconfirmed"
            remedy = "ask the national authority, and write {by: name, date: day} under confirmed_by"
            yield Finding("emergency numbers", where, what, remedy)
        # What was confirmed is what is said: a number that was mended on paper alone would be signed, and wrong.
        spoken = root / "lambda" / "compiled" / f"speech.{locale}.json"
        said = json.loads(spoken.read_text("utf-8"))["emergency_number"] if spoken.exists() else "nothing"
        if said != entry["emergency_number"]:
            what = f"is {entry['emergency_number']!r}, and the skill says {said!r}"
            yield Finding("emergency numbers", where, what, "make build, then deploy the function again")


def _settings(root: Path) -> Iterator[Finding]:
    """What the publisher has to say, and has not."""
    path = root / "publisher.yaml"
    chosen = manifest.settings(path)
    address = chosen["privacy_policy_url"]
    remedy = "fill in docs/privacy-policy.md, host it, and write its https address"
    if not address:
        yield Finding("privacy policy", f"{path.name}: privacy_policy_url", "is missing", remedy)
    for key in ("privacy_policy_url", "terms_of_use_url"):
        if chosen.get(key) and (problem := _wrong(str(chosen[key]))):
            yield Finding("privacy policy", f"{path.name}: {key}", problem, remedy)
    settled = chosen["settled"]
    group = "questions for people"
    for key, meaning in SETTLED.items():
        if not is_signed(settled.get(key)):
            yield Finding(group, f"{path.name}: {key}", f"nobody has settled {meaning}", "see docs/certification.md")
    for key in sorted(set(settled) - set(SETTLED)):
        yield Finding(group, f"{path.name}: {key}", "is no question of ours", "mend the key, or delete it")


def _wrong(address: str) -> str:
    """What is wrong with an address, "" for nothing. No domain may hold "alexa" (Amazon, "Policy requirements")."""
    found = re.fullmatch(r"https://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(/\S*)?", address)
    if found is None:
        return "is no https address"
    if _NOWHERE.search(found[1]):
        return "is a placeholder"
    return "has Amazon's mark in its domain" if re.search("alexa|amazon", found[1]) else ""


def _package(root: Path) -> Iterator[Finding]:
    """build/skill-package as it would be deployed."""
    folder = root / "build" / "skill-package"
    path = folder / "skill.json"
    where = path.relative_to(root).as_posix()
    again = "make skill-package ENDPOINT=arn"
    if not path.exists():
        yield Finding("package", where, "is missing", again)
        return
    try:
        deployed = json.loads(path.read_text("utf-8"))
    except ValueError:
        yield Finding("package", where, "is no JSON", again)
        return
    wrong = list(jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).iter_errors(deployed))
    for error in wrong:
        yield Finding("package", f"{where}: {'/'.join(map(str, error.absolute_path))}", error.message[:120], again)
    if wrong:  # the rest may not even be where it is looked for
        return
    committed = json.loads((root / "skill-package" / "skill.json").read_text("utf-8"))
    if _has_no_model(root) or committed != _generated(root):
        yield Finding(
            "package", "skill-package/skill.json", "is not as content/ and publisher.yaml have it", "make build"
        )
    inner = deployed.get("manifest", {})
    custom = inner.get("apis", {}).get("custom", {})
    if "endpoint" not in custom:
        yield Finding("package", where, "has no endpoint", again)
    for address in _called(custom):
        if _NOWHERE.search(urlsplit(address).hostname or ""):
            yield Finding("package", where, f"calls a placeholder, {address}", again)
    subscribed = {event.get("eventName") for event in inner.get("events", {}).get("subscriptions", ())}
    for name in sorted(set(EVENTS) - subscribed):
        yield Finding("package", where, f"is not told of {name}", again)
    if _shown(deployed) != _shown(committed):
        yield Finding("package", where, "is older than skill-package/skill.json", again)
    for source in sorted((root / "skill-package").rglob("*")):
        copy = folder / source.relative_to(root / "skill-package")
        ships = source.is_file() and source.suffix != ".svg" and source.name != "skill.json"
        if ships and not (copy.is_file() and copy.read_bytes() == source.read_bytes()):
            yield Finding("package", copy.relative_to(root).as_posix(), "is missing, or older than its source", again)
    yield from _promises(root, folder, inner)


def _called(custom: Mapping[str, Any]) -> Iterator[str]:
    """The address of each part of the world, of those that are given."""
    for part in (custom, *custom.get("regions", {}).values()):
        if "endpoint" in part:
            yield part["endpoint"]["uri"]


def _has_no_model(root: Path) -> bool:
    """Whether a locale was added, and not built."""
    folder = root / "skill-package" / "interactionModels" / "custom"
    return any(not (folder / f"{locale}.json").exists() for locale in sentences.locales(root / "content"))


def _generated(root: Path) -> dict[str, Any]:
    """The manifest that content/, the models and publisher.yaml make, as "make build" would write it."""
    locales = sentences.locales(root / "content")
    folder = root / "skill-package" / "interactionModels" / "custom"
    models = {locale: json.loads((folder / f"{locale}.json").read_text("utf-8")) for locale in locales}
    return manifest.build(locales, models, folder=root / "content" / "manifest", publisher=root / "publisher.yaml")


def _promises(root: Path, folder: Path, inner: Mapping[str, Any]) -> Iterator[Finding]:
    """What the store would show and Amazon be told: icons that are there, examples that are true, what was settled."""
    where = (folder / "skill.json").relative_to(root).as_posix()
    chosen = manifest.settings(root / "publisher.yaml")
    privacy = inner.get("privacyAndCompliance", {})
    older = "make build, then make skill-package ENDPOINT=arn"
    if is_signed(chosen["settled"].get("export_compliance")) and not privacy.get("isExportCompliant"):
        yield Finding("package", where, "declares no export compliance, though it is settled", older)
    for locale, shown in inner.get("publishingInformation", {}).get("locales", {}).items():
        address = privacy.get("locales", {}).get(locale, {}).get("privacyPolicyUrl")
        if address != chosen["privacy_policy_url"]:
            yield Finding("package", where, f"has another privacy policy for {locale}", older)
        for key in manifest.ICONS:
            icon = folder / str(shown.get(key, "")).removeprefix("file://")
            if not icon.is_file():
                yield Finding("package", icon.relative_to(root).as_posix(), f"is missing for {locale}", "make icons")
        model = folder / "interactionModels" / "custom" / f"{locale}.json"
        if not model.exists():
            yield Finding("package", model.relative_to(root).as_posix(), "is missing", "make build")
            continue
        source = root / "skill-package" / model.relative_to(folder)
        if source.is_file() and model.read_bytes() == source.read_bytes():
            continue  # on the source, the examples were tried as the manifest was made
        said = json.loads(model.read_text("utf-8"))
        name = said["interactionModel"]["languageModel"]["invocationName"]
        for example in shown.get("examplePhrases", ())[1:]:
            if not manifest.is_sample(manifest.spoken(example, name), said):
                yield Finding("package", where, f"{example!r} is no sample of {locale}", "mend content/manifest")


def _shown(whole: Mapping[str, Any]) -> Any:
    """A manifest without what depends on somebody's account."""
    inner = dict(whole.get("manifest", {}))
    inner.pop("events", None)
    custom = dict(inner.get("apis", {}).get("custom", {}))
    return {**inner, "apis": {"custom": {key: custom[key] for key in custom if key not in {"endpoint", "regions"}}}}


def main(root: Path = ROOT) -> int:
    """Prints what is left. Returns the exit status."""
    try:
        found = findings(root)
    except ContentError as error:
        print(error, file=sys.stderr)
        return 1
    if not found:
        print("Nothing is left to settle. Submitting is described in docs/certification.md.")
        return 0
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in found:
        groups.setdefault((finding.group, finding.where.partition(":")[0], finding.what), []).append(finding)
    for (group, _, what), members in groups.items():
        more = f" and {len(members) - 1} more" if len(members) > 1 else ""
        print(f"{group}: {members[0].where}{more}: {what} ({members[0].remedy})")
    print(f"make publish-check: {len(found)} things stand in the way of publishing.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
