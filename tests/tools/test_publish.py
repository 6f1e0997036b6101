"""The check before publishing: it refuses while anything is unsettled, and passes when all of it is."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from store.row import DAY, KEPT, LIFE, MARKED
from tools import manifest, publish, skill_package
from tools.publish import SETTLED, Finding
from tools.yamlfile import ROOT, read
from watch.meter import BATCH

BY = {"by": "Invented Person", "date": "2026-01-31"}
ARN = "arn:aws:lambda:us-east-1:123456789012:function:cramp-coach:live"
WEB = {"uri": "https://coach.example.com/alexa", "sslCertificateType": "Trusted"}  # as docs/web.md has it


@pytest.fixture(scope="module")
def settled_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is published, in which invented people have settled everything."""
    root = tmp_path_factory.mktemp("house")
    for part in ("content", "skill-package"):
        shutil.copytree(ROOT / part, root / part)
    (root / "lambda" / "compiled").mkdir(parents=True)
    for path in (ROOT / "lambda" / "compiled").glob("speech.*.json"):
        shutil.copy(path, root / "lambda" / "compiled")
    for path in (root / "content" / "triage").glob("*.yaml"):
        text = re.sub(
            r"review: \{status: \w+, reviewer: [^,]+, date: [^}]+\}",
            'review: {status: reviewed, reviewer: Invented Clinician, date: "2026-01-31"}',
            path.read_text("utf-8"),
        )
        path.write_text(text, "utf-8")
    locales = {locale: {**entry, "confirmed_by": BY} for locale, entry in _locales(root).items()}
    (root / "content" / "locales.yaml").write_text(yaml.safe_dump(locales), "utf-8")
    chosen = {
        "privacy_policy_url": "https://coach.cramps.health/privacy",
        "terms_of_use_url": None,
        "settled": dict.fromkeys(SETTLED, BY),
    }
    (root / "publisher.yaml").write_text(yaml.safe_dump(chosen), "utf-8")
    package = root / "skill-package"
    models = {locale: json.loads(_model(package, locale).read_text("utf-8")) for locale in locales}
    whole = manifest.build(locales, models, folder=manifest.FOLDER, publisher=root / "publisher.yaml")
    (package / "skill.json").write_text(manifest.text_of(whole), "utf-8")
    skill_package.write({"NA": ARN}, package, root / "build" / "skill-package")
    return root


@pytest.fixture
def house(settled_house: Path, tmp_path: Path) -> Path:
    """A copy of that, to be unsettled."""
    return shutil.copytree(settled_house, tmp_path / "house")


def _locales(root: Path) -> dict[str, Any]:
    return dict(read(root / "content" / "locales.yaml"))


def _model(package: Path, locale: str) -> Path:
    return package / "interactionModels" / "custom" / f"{locale}.json"


def found(root: Path) -> list[Finding]:
    """What stands in the way in a house."""
    return publish.findings(root)


def test_what_is_settled_may_be_published(settled_house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check can pass: it asks for nothing that nobody can give. It says where to go on."""
    assert publish.main(settled_house) == 0
    told = capsys.readouterr()
    assert "docs/certification.md" in told.out
    assert told.err == ""


def test_every_draft_of_ours_is_found() -> None:
    """As many as the files hold by their text; a name and a date would be asked for besides."""
    texts = [path.read_text("utf-8") for path in (ROOT / "content" / "triage").glob("*.yaml")]
    drafts = [finding for finding in publish.findings(ROOT) if finding.group == "drafts"]
    assert len(drafts) >= sum(text.count("status: draft") for text in texts)
    assert len({finding.where for finding in drafts}) == len(drafts)


def swap(old: str, new: str, *, times: int = 1) -> Callable[[Path], None]:
    """A change of the text of a file."""

    def change(path: Path) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, times), "utf-8")

    return change


def setting(**changes: Any) -> Callable[[Path], None]:
    """A change of publisher.yaml; "settled" is changed key by key."""

    def change(path: Path) -> None:
        chosen = yaml.safe_load(path.read_text("utf-8"))
        chosen["settled"] |= changes.pop("settled", {})
        path.write_text(yaml.safe_dump({**chosen, **changes}), "utf-8")

    return change


def deployed(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    """A change of the manifest that would be deployed."""

    def apply(path: Path) -> None:
        whole = json.loads(path.read_text("utf-8"))
        change(whole["manifest"])
        path.write_text(json.dumps(whole), "utf-8")

    return apply


SIGNED = 'review: {status: reviewed, reviewer: Invented Clinician, date: "2026-01-31"}'
PACKAGE = "build/skill-package/"


@pytest.mark.parametrize(
    ("file", "change", "group", "says"),
    [
        (
            "content/triage/flags.yaml",
            swap(SIGNED, 'review: {status: draft, reviewer: null, date: "2026-01-31"}'),
            "drafts",
            "content/triage/flags.yaml: F01: nobody has signed it",
        ),
        ("content/triage/flags.yaml", swap("Invented Clinician", "TODO"), "drafts", "F01: nobody has signed it"),
        ("content/triage/topics.yaml", swap('"2026-01-31"', '"2999-02-02"'), "drafts", "nobody has signed it"),
        ("content/triage/topics.yaml", swap('"2026-01-31"', "soon"), "drafts", "nobody has signed it"),
        (
            "content/locales.yaml",
            swap("emergency_number: triple zero", "emergency_number: one one two"),
            "emergency numbers",
            "en-AU: is 'one one two', and the skill says 'triple zero'",
        ),
        (
            "lambda/compiled/speech.en-IN.json",
            Path.unlink,
            "emergency numbers",
            "en-IN: is 'one one two', and the skill",
        ),
        (
            "content/manifest/en.yaml",
            swap("pickle juice", "vinegar"),
            "package",
            "skill-package/skill.json: is not as content/ and publisher.yaml have it",
        ),
        (
            "skill-package/interactionModels/custom/en-IN.json",
            Path.unlink,
            "package",
            "skill-package/skill.json: is not as content/ and publisher.yaml have it",
        ),
        (PACKAGE + "skill.json", lambda path: path.write_text("{", "utf-8"), "package", "is no JSON"),
        (PACKAGE + "skill.json", lambda path: path.write_text("[]", "utf-8"), "package", "skill.json: "),
        (PACKAGE + "skill.json", lambda path: path.write_text('{"manifest": null}', "utf-8"), "package", "manifest"),
        (
            "content/locales.yaml",
            swap("    by: Invented Person", "    by: null"),
            "emergency numbers",
            "is unconfirmed",
        ),
        ("content/locales.yaml", swap("2026-01-31", "2999-01-31"), "emergency numbers", "is unconfirmed"),
        ("publisher.yaml", setting(privacy_policy_url=None), "privacy policy", "privacy_policy_url: is missing"),
        (
            "publisher.yaml",
            setting(privacy_policy_url="https://www.example.com/privacy"),
            "privacy policy",
            "is a placeholder",
        ),
        ("publisher.yaml", setting(privacy_policy_url="http://cramps.health"), "privacy policy", "is no https address"),
        (
            "publisher.yaml",
            setting(terms_of_use_url="https://alexa.cramps.health"),
            "privacy policy",
            "terms_of_use_url: has Amazon's mark",
        ),
        (
            "publisher.yaml",
            setting(settled={"real_devices": None}),
            "questions for people",
            "real_devices: nobody has settled",
        ),
        (
            "publisher.yaml",
            setting(settled={"medical_device": {"by": "", "date": "2026-01-31"}}),
            "questions for people",
            "medical_device: nobody has settled",
        ),
        ("publisher.yaml", setting(settled={"medical": BY}), "questions for people", "medical: is no question of ours"),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner["apis"]["custom"].pop("endpoint")),
            "package",
            "has no endpoint",
        ),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner["apis"]["custom"].update(endpoint=WEB)),
            "package",
            "calls a placeholder, https://coach.example.com/alexa",
        ),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner["apis"]["custom"].update(regions={"EU": {"endpoint": WEB}})),
            "package",
            "calls a placeholder, https://coach.example.com/alexa",
        ),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner.pop("events")),
            "package",
            "is not told of SKILL_DISABLED",
        ),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner["privacyAndCompliance"].update(containsAds=True)),
            "package",
            "is older than skill-package/skill.json",
        ),
        (PACKAGE + "skill.json", deployed(lambda inner: inner.update(surprise=1)), "package", "'surprise'"),
        (PACKAGE + "skill.json", Path.unlink, "package", "skill.json: is missing"),
        (PACKAGE + "assets/images/icon-108.png", Path.unlink, "package", "icon-108.png: is missing for en-US"),
        (
            PACKAGE + "assets/images/icon-512.png",
            lambda path: path.write_bytes(b"another picture"),
            "package",
            "icon-512.png: is missing, or older",
        ),
        (
            PACKAGE + "interactionModels/custom/en-US.json",
            swap('"is this a cramp"', '"is this now a cramp"'),
            "package",
            "'Alexa, ask cramp coach is this a cramp' is no sample of en-US",
        ),
        (PACKAGE + "interactionModels/custom/en-US.json", Path.unlink, "package", "en-US.json: is missing"),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner["privacyAndCompliance"].pop("locales")),
            "package",
            "has another privacy policy for en-US",
        ),
        (
            PACKAGE + "skill.json",
            deployed(lambda inner: inner["privacyAndCompliance"].pop("isExportCompliant")),
            "package",
            "declares no export compliance",
        ),
    ],
)
def test_one_thing_unsettled_is_refused(
    house: Path, file: str, change: Callable[[Path], None], group: str, says: str
) -> None:
    """In its group, with the file; nothing else is, but for a package that is now older than its settings."""
    change(house / file)
    members = found(house)
    others = {finding.what for finding in members if finding.group != group}
    older = {f"has another privacy policy for {locale}" for locale in _locales(ROOT)}
    assert others <= older | {"is not as content/ and publisher.yaml have it"}
    assert any(says in f"{finding.where}: {finding.what}" for finding in members), members
    assert all(finding.remedy for finding in members)


def test_what_is_left_is_told_in_groups(
    house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for many of one kind in one file, how many there are, and a failure."""
    many = [Finding("drafts", f"content/x.yaml: F{n}", "nobody has signed it", "sign it") for n in range(41)]
    monkeypatch.setattr(publish, "findings", lambda root: [*many, Finding("package", "a.json", "is odd", "make it")])
    assert publish.main(house) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "drafts: content/x.yaml: F0 and 40 more: nobody has signed it (sign it)",
        "package: a.json: is odd (make it)",
    ]
    assert "42 things stand in the way" in told.err


def without_answers(path: Path) -> None:
    """Of all that is settled only the word is left."""
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text("utf-8")), "settled": None}), "utf-8")


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("content/locales.yaml", swap("en-US:", "en-US: {a: 1, a: 2}\nen-NZ:"), "is written twice"),
        ("content/locales.yaml", swap("emergency_number: nine nine nine", "emergency_number: 999"), "holds digits"),
        ("content/locales.yaml", swap("confirmed_by:", "confirmed:"), "lacks 'confirmed_by'"),
        ("content/locales.yaml", swap("en-US:", "en-NZ: null\nen-US:"), "en-NZ: holds nothing"),
        ("publisher.yaml", swap("settled:", "unsettled:"), "settled: is missing"),
        ("publisher.yaml", without_answers, "settled: is no list of questions"),
    ],
)
def test_a_mistake_in_the_content_is_one_line(
    house: Path, capsys: pytest.CaptureFixture[str], file: str, change: Callable[[Path], None], says: str
) -> None:
    """No stack of frames."""
    change(house / file)
    assert publish.main(house) == 1
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_the_publisher_is_asked_each_question_of_ours() -> None:
    """publisher.yaml lists the very questions that the check asks, and docs/certification.md explains each."""
    assert set(read(manifest.PUBLISHER)["settled"]) == set(SETTLED)
    page = (ROOT / "docs" / "certification.md").read_text("utf-8")
    assert [key for key in SETTLED if f"`{key}`" not in page] == []


def test_the_policy_to_be_hosted_is_true() -> None:
    """The draft that a publisher fills in stands by itself, names its blanks, and has the numbers of the code."""
    head, _, policy = (ROOT / "docs" / "privacy-policy.md").read_text("utf-8").partition("-->")
    blanks = r"\b[A-Z]{4,}(?:-[A-Z]+)?\b"
    assert set(re.findall(blanks, head)) == set(re.findall(blanks, policy)) != set()
    assert "](" not in policy  # our other pages are not hosted beside it
    template = (ROOT / "template.yaml").read_text("utf-8")
    (days,) = re.findall(r"LogDays:\n +Type: Number\n +Default: (\d+)", template)
    assert f"deleted after {days} days" in policy
    assert f"at most {LIFE // DAY} days after you last used it" in policy
    assert (MARKED, BATCH) == (DAY, 20)
    assert 'For a day after "forget me"' in policy
    assert "for twenty conversations together" in policy
    assert f"the {KEPT[0]}, the {KEPT[1]}, and the {KEPT[2]}" in policy
    assert len(KEPT) == 3
    (label,) = read(ROOT / "content" / "speech" / "en.yaml")["remind"]["label"]
    assert f'Its text is "{label}"' in policy
    model = json.loads(_model(ROOT / "skill-package", "en-US").read_text("utf-8"))
    assert all(manifest.is_sample(words, model) for words in ("forget me", "cancel my reminder"))
