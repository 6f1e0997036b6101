"""content/speech and content/locales.yaml -> compiled/speech.<locale>.json: every sentence under one flat id.

The file of a language holds every sentence; the file of a locale beside it, only those that are said otherwise there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .clinical import blanks
from .yamlfile import ROOT, ContentError, read

FOLDER = ROOT / "content"
_NEEDED = {"language", "country", "emergency_number", "source", "confirmed_by"}


def locales(folder: Path = FOLDER) -> dict[str, Any]:
    """locales.yaml as data, checked."""
    path = folder / "locales.yaml"
    known = read(path)
    for locale, entry in known.items():
        if not isinstance(entry, Mapping):
            raise ContentError(path, locale, "holds nothing", "compare the entry beside it")
        for key in sorted(_NEEDED - set(entry)):
            raise ContentError(path, locale, f"lacks {key!r}", "compare the entry beside it")
        for key in sorted(set(entry) - _NEEDED - {"like"}):
            raise ContentError(path, locale, f"has {key!r}, which nothing reads", "compare the entry beside it")
        if any(letter.isdigit() for letter in str(entry["emergency_number"])):
            raise ContentError(
                path,
                locale,
                "emergency_number holds digits",
                "write them as words, so that no voice reads a quantity",
            )
        other = known.get(entry.get("like"), {})
        if "like" in entry and (other.get("language") != entry["language"] or "like" in other):
            raise ContentError(
                path,
                locale,
                f"is like {entry['like']!r}, and cannot be",
                "name a locale of the same language that is like no other",
            )
    return dict(known)


def own_files(locale: str, known: Mapping[str, Any], folder: Path) -> list[Path]:
    """The files of a folder with what a locale has of its own: first that of the locale it is like. Often none."""
    names = [name for name in (known[locale].get("like"), locale) if name]
    return [path for path in (folder / f"{name}.yaml" for name in names) if path.exists()]


def sources(folder: Path = FOLDER) -> dict[str, Any]:
    """sources.yaml as data; each source that somebody else stands behind has a name that can be spoken."""
    path = folder / "sources.yaml"
    known = read(path)
    for tag, entry in known.items():
        if bool(entry.get("spoken")) != (entry["read"] != "none"):
            raise ContentError(
                path,
                tag,
                "cannot be named aloud",
                "write who stands behind it under 'spoken'; nobody for our own rules",
            )
    return dict(known)


def compile_speech(language: str, locale: str | None = None, folder: Path = FOLDER) -> dict[str, Any]:
    """The sentences of a language as a locale says them, with its country and emergency number.

    Without a locale they are neutral: as the language has them, no country and no number.
    """
    path = folder / "speech" / f"{language}.yaml"
    content = read(path, text=True)
    if "safety" not in content:
        raise ContentError(path, "safety", "is missing", "write the words of the danger signs, as in en.yaml")
    safety = content.pop("safety")
    messages: dict[str, list[str]] = {}
    _flatten(path, "", content, messages)
    messages |= {f"source.{tag}": [entry["spoken"]] for tag, entry in sources(folder).items() if "spoken" in entry}
    entry = {"country": None, "emergency_number": None}
    if locale is not None:
        known = locales(folder)
        entry = known[locale]
        for own in own_files(locale, known, folder / "speech"):
            differ(own, messages, safety)
    return {
        "messages": messages,
        "safety": safety,
        "country": entry["country"],
        "emergency_number": entry["emergency_number"],
    }


def differ(path: Path, messages: dict[str, list[str]], safety: Mapping[str, Any]) -> None:
    """Puts the sentences of a locale's file in the place of others. What makes no difference stops the build."""
    content = read(path, text=True)
    for family, signs in content.pop("safety", {}).items():
        groups = [group["signs"] for group in safety.get(family, ())]
        for sign, words in signs.items():
            key = f"safety.{family}.{sign}"
            (said,) = [group for group in groups if sign in group] or [{}]
            _check_difference(path, key, [said[sign]] if sign in said else None, [words])
            said[sign] = words
    own: dict[str, list[str]] = {}
    _flatten(path, "", content, own)
    for id_, variants in own.items():
        _check_difference(path, id_, messages.get(id_), variants)
        messages[id_] = variants


def _check_difference(path: Path, id_: str, before: list[str] | None, after: list[str]) -> None:
    """A sentence of a locale takes the place of one that is there, has its blanks, and says something else."""
    if before is None:
        raise ContentError(path, id_, "is no sentence of the language", "mend the id, or write it for the language")
    if before == after:
        raise ContentError(path, id_, "is said like this already", "delete it: only what differs is written here")
    needed = {frozenset(blanks(variant)) for variant in before}
    for variant in after:
        if blanks(variant) not in needed:
            raise ContentError(path, id_, f"has the blanks {sorted(blanks(variant))}", "keep those of the language")


def _flatten(path: Path, prefix: str, content: Any, messages: dict[str, list[str]]) -> None:
    """Lists are variants of one sentence; the lists of "remedy" are steps, each a sentence of its own."""
    if isinstance(content, dict):
        for key, value in content.items():
            _flatten(path, f"{prefix}.{key}" if prefix else key, value, messages)
    elif isinstance(content, list) and prefix.startswith("remedy."):
        for number, step in enumerate(content, 1):
            messages[f"{prefix}.{number}"] = [step]
    elif isinstance(content, list) and all(isinstance(variant, str) for variant in content):
        if content:
            messages[prefix] = content
    elif isinstance(content, str):
        messages[prefix] = [content]
    else:
        raise ContentError(path, prefix, "is no sentence", "write a text, or a list of variants")
