"""Sentences and locales: what is compiled, and what stops the build."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.sentences import compile_speech, locales, sources
from tools.yamlfile import ContentError

LOCALE = {
    "language": "xx",
    "country": "Freedonia",
    "emergency_number": "one one two",
    "source": "https://example.org",
    "confirmed_by": None,
}
SOURCES = {"PRODUCT": {"read": "none"}, "NHS": {"read": "full", "spoken": "the National Health Service"}}
NAMED = {"source.NHS": ["the National Health Service"]}
SAFETY = {"leg": [{"ask": "Is it {signs}", "signs": {"swelling": "swollen"}}]}


def spoken(folder: Path, text: str) -> dict[str, Any]:
    """A language with these sentences, compiled."""
    (folder / "speech").mkdir(exist_ok=True)
    (folder / "speech" / "xx.yaml").write_text(f"safety: {json.dumps(SAFETY)}\n{text}", encoding="utf-8")
    (folder / "sources.yaml").write_text(json.dumps(SOURCES), "utf-8")
    return compile_speech("xx", None, folder)


def listed(folder: Path, **changes: Any) -> dict[str, Any]:
    """locales.yaml with one locale, changed; a change to None takes the key out."""
    entry = {**LOCALE, **changes}
    kept = {key: value for key, value in entry.items() if value is not ...}
    (folder / "locales.yaml").write_text(json.dumps({"xx-YY": kept}), "utf-8")
    return locales(folder)


def test_every_sentence_stands_under_one_flat_id(tmp_path: Path) -> None:
    """The path through the file is the id; a list holds variants; a single text is one variant."""
    made = spoken(tmp_path, "a: {b: [one, two], c: {d: three}, a.other: [four]}\nempty: []\n")
    assert made["messages"] == {
        "a.b": ["one", "two"],
        "a.c.d": ["three"],
        "a.a.other": ["four"],
        **NAMED,
    }
    assert made["safety"] == SAFETY


def test_the_steps_of_a_remedy_are_sentences_of_their_own(tmp_path: Path) -> None:
    """One step is told at a time, and never taken for a variant of another."""
    made = spoken(tmp_path, "remedy: {calf: [straighten, hold]}\n")
    assert made["messages"] == {"remedy.calf.1": ["straighten"], "remedy.calf.2": ["hold"], **NAMED}


def test_a_word_that_yaml_would_change_stays_a_word(tmp_path: Path) -> None:
    """ "Yes" and "no" may be ids and sentences."""
    made = spoken(tmp_path, "easing: {yes: [Good], no: [12]}\n")
    assert made["messages"] == {"easing.yes": ["Good"], "easing.no": ["12"], **NAMED}


@pytest.mark.parametrize("text", ["a: [[one]]", "a: [{b: c}]", "a: {b: [one, [two]]}"])
def test_what_is_no_sentence_stops_the_build(tmp_path: Path, text: str) -> None:
    """File, id and remedy are named."""
    with pytest.raises(ContentError, match=r"xx\.yaml: a(\.b)?: is no sentence \(write a text"):
        spoken(tmp_path, text)


@pytest.mark.parametrize("entry", [{"read": "full"}, {"read": "none", "spoken": "ourselves"}])
def test_a_source_without_a_spoken_name_stops_the_build(tmp_path: Path, entry: dict[str, str]) -> None:
    """Who asks "who says so?" hears who stands behind it; and behind our own rules nobody else does."""
    (tmp_path / "sources.yaml").write_text(json.dumps({"NHS": entry}), "utf-8")
    with pytest.raises(ContentError, match=r"sources\.yaml: NHS: cannot be named aloud \(write who"):
        sources(tmp_path)


def test_a_locale_gives_its_country_and_number(tmp_path: Path) -> None:
    """The number is an example of a country by name; a language without a country has neither."""
    neutral = spoken(tmp_path, "a: b\n")
    assert (neutral["country"], neutral["emergency_number"]) == (None, None)
    listed(tmp_path)
    made = compile_speech("xx", "xx-YY", tmp_path)
    assert (made["country"], made["emergency_number"]) == ("Freedonia", "one one two")
    assert made["messages"] == neutral["messages"]


def test_a_locale_is_read(tmp_path: Path) -> None:
    """A sound entry is taken as it stands."""
    assert listed(tmp_path) == {"xx-YY": LOCALE}


@pytest.mark.parametrize("key", sorted(LOCALE))
def test_a_locale_without_a_key_stops_the_build(tmp_path: Path, key: str) -> None:
    """Nobody inherits another country's emergency number."""
    with pytest.raises(ContentError, match=rf"locales\.yaml: xx-YY: lacks '{key}'"):
        listed(tmp_path, **{key: ...})


def test_digits_in_an_emergency_number_stop_the_build(tmp_path: Path) -> None:
    """A voice would read "112" as a quantity."""
    with pytest.raises(ContentError, match=r"xx-YY: emergency_number holds digits \(write them as"):
        listed(tmp_path, emergency_number="112")


@pytest.mark.parametrize(
    "changes",
    [{"like": "xx-ZZ"}, {"like": "xx-YY"}, {"like": "zz-ZZ"}],
)
def test_a_locale_like_no_fitting_one_stops_the_build(tmp_path: Path, changes: dict[str, str]) -> None:
    """It has to be listed, of the same language, and like no other itself: nobody follows a chain."""
    entries = {"xx-YY": {**LOCALE, **changes}, "zz-ZZ": {**LOCALE, "language": "zz"}}
    (tmp_path / "locales.yaml").write_text(json.dumps(entries), "utf-8")
    with pytest.raises(ContentError, match=r"xx-YY: is like '\w\w-\w\w', and cannot be \(name a locale"):
        locales(tmp_path)


def test_a_key_that_nothing_reads_stops_the_build(tmp_path: Path) -> None:
    """ "Like" misspelled would go unnoticed."""
    with pytest.raises(ContentError, match=r"xx-YY: has 'likes', which nothing reads"):
        listed(tmp_path, likes="xx-ZZ")


# ---- what a locale says otherwise


def otherwise(folder: Path, *texts: str) -> dict[str, Any]:
    """What xx-YY says, where its own file has the last text, and the file of the locale it is like the one before."""
    spoken(folder, "greeting: [Hello., Hi.]\nremedy: {calf: ['Pull {first}.', Hold.]}\n")
    (folder / "locales.yaml").write_text(
        json.dumps({"xx-AA": LOCALE, "xx-YY": {**LOCALE, "like": "xx-AA"}}), encoding="utf-8"
    )
    for name, text in zip(("xx-YY", "xx-AA"), reversed(texts), strict=False):
        (folder / "speech" / f"{name}.yaml").write_text(text, "utf-8")
    return compile_speech("xx", "xx-YY", folder)


def test_a_locale_says_otherwise_only_what_its_files_say(tmp_path: Path) -> None:
    """A message with all its variants, one step of a remedy, one sign; the rest is as the language has it."""
    made = otherwise(tmp_path, "greeting: [G'day.]\nremedy: {calf.2: Keep it.}\nsafety: {leg: {swelling: puffed up}}\n")
    assert made["messages"] == {
        "greeting": ["G'day."],
        "remedy.calf.1": ["Pull {first}."],
        "remedy.calf.2": ["Keep it."],
        **NAMED,
    }
    assert made["safety"] == {"leg": [{"ask": "Is it {signs}", "signs": {"swelling": "puffed up"}}]}


def test_a_locale_goes_on_from_the_one_it_is_like(tmp_path: Path) -> None:
    """Its own file has the last word, and may take a difference back."""
    made = otherwise(tmp_path, "greeting: [Ay up.]\nremedy: {calf.2: Keep it.}\n", "greeting: [Hello., Hi.]\n")
    assert made["messages"]["greeting"] == ["Hello.", "Hi."]
    assert made["messages"]["remedy.calf.2"] == ["Keep it."]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("greeting: [Hello., Hi.]", r"greeting: is said like this already \(delete it"),
        ("remedy: {calf.2: Hold.}", r"remedy\.calf\.2: is said like this already"),
        ("safety: {leg: {swelling: swollen}}", r"safety\.leg\.swelling: is said like this already"),
        ("greetings: [Hello.]", r"greetings: is no sentence of the language \(mend the id"),
        ("remedy: {calf.3: Rest.}", r"remedy\.calf\.3: is no sentence of the language"),
        ("safety: {leg: {fever: hot}}", r"safety\.leg\.fever: is no sentence of the language"),
        ("safety: {arm: {swelling: big}}", r"safety\.arm\.swelling: is no sentence of the language"),
        ("remedy: {calf.1: Pull.}", r"remedy\.calf\.1: has the blanks \[\] \(keep those"),
        ("greeting: ['Hello, {first}.']", r"greeting: has the blanks \['first'\]"),
    ],
)
def test_what_makes_no_difference_stops_the_build(tmp_path: Path, text: str, wrong: str) -> None:
    """By name: the same words again, an id the language does not have, other blanks."""
    with pytest.raises(ContentError, match=rf"xx-YY\.yaml: {wrong}"):
        otherwise(tmp_path, f"{text}\n")


def test_what_a_like_locale_says_already_stops_the_build(tmp_path: Path) -> None:
    """Only what differs from it is written."""
    with pytest.raises(ContentError, match=r"xx-YY\.yaml: greeting: is said like this already"):
        otherwise(tmp_path, "greeting: [Ay up.]\n", "greeting: [Ay up.]\n")


def test_a_language_without_sentences_stops_the_build(tmp_path: Path) -> None:
    """There is no falling back to another language."""
    with pytest.raises(ContentError, match=r"zz\.yaml: is missing"):
        compile_speech("zz", None, tmp_path)


def test_a_language_without_safety_questions_stops_the_build(tmp_path: Path) -> None:
    """Without the words of the danger signs there is no skill; the file and the key are named."""
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / "xx.yaml").write_text("a: b\n", "utf-8")
    with pytest.raises(ContentError, match=r"xx\.yaml: safety"):
        compile_speech("xx", None, tmp_path)
