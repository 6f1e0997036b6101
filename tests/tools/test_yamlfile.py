"""YAML as people write it: what it would change in silence stops the build instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.yamlfile import ROOT, ContentError, read


def written(folder: Path, text: str) -> Path:
    """A YAML file with this text."""
    path = folder / "flags.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("word", ["yes", "No", "on", "OFF", "true", "False"])
@pytest.mark.parametrize("place", ["answer: {}", "{}: said", "answers: [{}]", "a: {{b: [{}]}}"])
def test_a_bare_yes_or_no_is_refused(tmp_path: Path, word: str, place: str) -> None:
    """YAML turns a bare yes into a truth value, wherever it stands; the error says where, and what to write."""
    path = written(tmp_path, "first: line\n" + place.format(word))
    with pytest.raises(ContentError) as stopped:
        read(path)
    message = str(stopped.value)
    assert "flags.yaml" in message
    assert f"'{word}'" in message
    assert "line 2" in message
    assert "quotes" in message


@pytest.mark.parametrize("word", ['"yes"', "'no'", "present", "absent"])
def test_quotes_and_our_own_words_are_text(tmp_path: Path, word: str) -> None:
    """The remedy that the error names works."""
    assert read(written(tmp_path, f"answer: {word}")) == {"answer": word.strip("'\"")}


def test_for_words_that_people_say_everything_is_text(tmp_path: Path) -> None:
    """ "Yes", "12:30" and "1.10" are heard and said as they are written."""
    path = written(tmp_path, "no: [yes, 12:30, 1.10, null, 2026-11-23]")
    assert read(path, text=True) == {"no": ["yes", "12:30", "1.10", "null", "2026-11-23"]}


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("yaml", ["F01: a\nF02: b\nF01: c\n", "F01: {with: a,\n with: b}\n"])
def test_a_key_that_is_written_twice_is_refused(tmp_path: Path, yaml: str, text: bool) -> None:
    """YAML would keep the second one and drop a rule in silence."""
    with pytest.raises(ContentError, match=r"flags\.yaml: (F01|with): is written twice \(line \d\)"):
        read(written(tmp_path, yaml), text=text)


@pytest.mark.parametrize("yaml", ["F01: [a, b", "F01: a: b", "\tF01: a", "F01: {a: 1,, b: 2}"])
def test_broken_yaml_names_file_and_line(tmp_path: Path, yaml: str) -> None:
    """A slip of the keyboard is one line that says where, not a stack of frames."""
    with pytest.raises(ContentError, match=r"flags\.yaml: line \d+: .+ \(mend the YAML there\)"):
        read(written(tmp_path, f"title: x\n{yaml}\n"))


def test_no_yaml_may_make_objects(tmp_path: Path) -> None:
    """A tag that would run code is refused."""
    with pytest.raises(ContentError):
        read(written(tmp_path, "a: !!python/object/apply:os.getcwd []"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error says which file, and what to do."""
    with pytest.raises(ContentError, match=r"nothing\.yaml: is missing \(write the file"):
        read(tmp_path / "nothing.yaml")


def test_an_error_is_one_line_from_the_root_of_the_project() -> None:
    """Where, what, and how to mend it, as an editor's problem list likes it."""
    error = ContentError(ROOT / "content" / "a.yaml", "F01: any", "is odd", "mend it")
    assert str(error) == "content/a.yaml: F01: any: is odd (mend it)"
    assert str(ContentError("content", "", "is odd", "mend it")) == "content: is odd (mend it)"
