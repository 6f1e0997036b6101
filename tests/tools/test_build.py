"""What is generated is up to date, the same on every machine, and made of content that fits together."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import build, generated, sentences
from tools.phrases import Language
from tools.yamlfile import ROOT, ContentError

DIGESTS = """
import hashlib, json, sys
from tools import build
print(json.dumps({str(p): hashlib.sha256(t.encode()).hexdigest() for p, t in build.build().items()}))
"""


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    """Everything that is generated, from the content as it stands."""
    return build.build()


def test_generated_files_are_up_to_date(
    made: dict[Path, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is committed is what the sources make: nothing stale, nothing left over. If not: make build."""
    monkeypatch.setattr(build, "build", lambda: made)
    status = build.main(["--check"])
    assert status == 0, capsys.readouterr().err


def test_generated_files_are_the_same_everywhere(made: dict[Path, str]) -> None:
    """Another process, with another order of its sets, writes the same bytes."""
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(["lambda", "."])},
        capture_output=True,
        text=True,
        check=True,
    )
    here = {str(path): hashlib.sha256(text.encode()).hexdigest() for path, text in made.items()}
    assert json.loads(done.stdout) == here


def test_everything_that_is_needed_is_generated(made: dict[Path, str]) -> None:
    """Content and screen once; phrases and neutral sentences per language; sentences and a model per locale."""
    known = sentences.locales()
    expected = {build.COMPILED / "triage.json", build.COMPILED / "screen.json", build.MANIFEST}
    for locale, entry in known.items():
        language = entry["language"]
        expected |= {
            build.COMPILED / f"phrases.{language}.json",
            build.COMPILED / f"phrases.{language}.tsv",
            build.COMPILED / f"families.{language}.tsv",
            build.COMPILED / f"speech.{language}.json",
            build.COMPILED / f"speech.{locale}.json",
            build.MODELS / f"{locale}.json",
        }
    assert set(made) == expected
    for path, text in made.items():
        assert text.endswith("\n"), path
        if path.suffix == ".json":
            json.loads(text)


# ---- the command


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    """A build of two small files into an empty folder."""
    files = {tmp_path / "compiled" / "a.json": "{\n1}\n", tmp_path / "models" / "b.json": "{}\n"}
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    monkeypatch.setattr(build, "COMPILED", tmp_path / "compiled")
    monkeypatch.setattr(build, "MODELS", tmp_path / "models")
    monkeypatch.setattr(build, "build", lambda: files)
    return files


def test_a_build_writes_what_has_changed(house: dict[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The first time everything, the second time nothing; then the check is content."""
    assert build.main([]) == 0
    assert all(path.read_text("utf-8") == text for path, text in house.items())
    assert "2 generated files, 2 written" in capsys.readouterr().out
    assert build.main([]) == 0
    assert "2 generated files, 0 written" in capsys.readouterr().out
    assert build.main(["--check"]) == 0


def test_a_file_that_nothing_makes_is_found_and_removed(
    house: dict[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A model of a locale that is gone would be deployed still."""
    assert build.main([]) == 0
    stray = next(iter(house)).with_name("old.json")
    stray.write_text("{}", "utf-8")
    assert build.main(["--check"]) == 1
    assert "compiled/old.json: nothing makes this file; run: make build" in capsys.readouterr().err
    assert stray.exists(), "a check changes nothing"
    assert build.main([]) == 0
    assert not stray.exists()


@pytest.mark.parametrize("missing", [False, True])
def test_a_stale_file_is_named_with_the_difference_and_the_remedy(
    house: dict[Path, str], capsys: pytest.CaptureFixture[str], missing: bool
) -> None:
    """CI says what differs, and which command mends it; it does not mend it."""
    assert build.main([]) == 0
    stale = next(iter(house))
    if missing:
        stale.unlink()
    else:
        stale.write_text("{\n2}\n", "utf-8")
    assert build.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "compiled/a.json: not as the source would make it; run: make build" in told
    assert "+1}" in told
    assert missing != ("-2}" in told)
    assert stale.exists() is not missing


def test_a_mistake_in_the_content_is_one_line_and_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No stack of frames for somebody who edits a sentence."""

    def fails() -> dict[Path, str]:
        raise ContentError("content/x.yaml", "F01", "is odd", "mend it")

    monkeypatch.setattr(build, "build", fails)
    assert build.main([]) == 1
    assert capsys.readouterr().err == "content/x.yaml: F01: is odd (mend it)\n"


# ---- phrases and triage fit together

TRIAGE: dict[str, Any] = {
    "danger": ["swelling"],
    "details": ["hard_knot"],
    "sites": {"calf": {}},
    "topics": {"ice": {"evidence": "B"}, "causes": {}},
    "scope": {"pets": {}},
    "safety": {"leg": {"fills": ["swelling"]}},
    "questions": {"nature": {"fills": ["eased"]}},
}
PHRASES = {
    "Danger": "swelling: {name: swollen, phrases: [swollen], as_answer: [big]}",
    "Detail": "hard_knot: {name: knot, phrases: [knot]}",
    "Site": "calf: {name: calf, phrases: [calf], as_answer: [lower]}",
    "Remedy": "ice: {name: ice, phrases: [ice]}",
    "Topic": "pets: {name: pets, phrases: [my dog]}",
}


def check(folder: Path, **changes: str) -> None:
    """Checks the ids of a small language against the small triage above."""
    (folder / "xx").mkdir()
    words = "{families: {}, small: [my], light: [], denials: [no]}"
    (folder / "xx" / "words.yaml").write_text(words, "utf-8")
    for type_, text in {**PHRASES, **changes}.items():
        (folder / "xx" / f"{type_}.yaml").write_text(text, "utf-8")
    build._check_ids(Language("xx", {type_: type_ for type_ in PHRASES}, folder), TRIAGE)


def test_phrases_that_fit_are_accepted(tmp_path: Path) -> None:
    """Everything can be said, and everything said is known; "id.opposite" belongs to its id."""
    more = PHRASES["Danger"] + "\nswelling.no: {name: slim, phrases: [slim]}"
    check(tmp_path, Danger=more)


@pytest.mark.parametrize("type_", PHRASES)
def test_a_phrase_for_an_unknown_id_stops_the_build(tmp_path: Path, type_: str) -> None:
    """What nobody would act on is not listened for."""
    more = PHRASES[type_] + "\nodd: {name: odd, phrases: [odd]}"
    with pytest.raises(ContentError, match=rf"{type_}\.yaml: odd: is no {type_.lower()} that"):
        check(tmp_path, **{type_: more})


@pytest.mark.parametrize("type_", ["Danger", "Detail", "Site", "Remedy", "Topic"])
def test_what_nobody_can_say_stops_the_build(tmp_path: Path, type_: str) -> None:
    """A finding, a site, a remedy or a topic without a phrase could never be heard."""
    with pytest.raises(ContentError, match=rf"\({type_}\): \w+: nobody can say it \(add phrases"):
        check(tmp_path, **{type_: "{}"})


def test_an_answer_to_no_question_stops_the_build(tmp_path: Path) -> None:
    """ "Hard", alone, means a knot only while somebody asks about it."""
    text = "hard_knot: {name: knot, phrases: [knot], as_answer: [hard]}"
    with pytest.raises(ContentError, match=r"hard_knot: has answers, but no question asks about"):
        check(tmp_path, Detail=text)
