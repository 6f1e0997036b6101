"""content/speech and content/locales.yaml -> compiled/speech.<locale>.json: every sentence under one flat id."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .yamlfile import ROOT, ContentError, read

FOLDER = ROOT / "content"


def locales(folder: Path = FOLDER) -> dict[str, Any]:
    """locales.yaml as data, checked."""
    path = folder / "locales.yaml"
    known = read(path)
    for locale, entry in known.items():
        for key in ("language", "country", "emergency_number", "source", "confirmed_by"):
            if key not in entry:
                raise ContentError(path, locale, f"lacks {key!r}", "compare the entry beside it")
        if any(letter.isdigit() for letter in entry["emergency_number"]):
            raise ContentError(
                path,
                locale,
                "emergency_number holds digits",
                "write them as words, so that no voice reads a quantity",
            )
    return dict(known)


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


def compile_speech(language: str, locale: Mapping[str, Any] | None, folder: Path = FOLDER) -> dict[str, Any]:
    """The sentences of a language, with the locale's country and emergency number; both null for a neutral one."""
    path = folder / "speech" / f"{language}.yaml"
    content = read(path, text=True)
    if "safety" not in content:
        raise ContentError(path, "safety", "is missing", "write the words of the danger signs, as in en.yaml")
    safety = content.pop("safety")
    messages: dict[str, list[str]] = {}
    _flatten(path, "", content, messages)
    messages |= {f"source.{tag}": [entry["spoken"]] for tag, entry in sources(folder).items() if "spoken" in entry}
    return {
        "messages": messages,
        "safety": safety,
        "country": None if locale is None else locale["country"],
        "emergency_number": None if locale is None else locale["emergency_number"],
    }


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
