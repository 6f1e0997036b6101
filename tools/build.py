"""Writes everything that is generated: the interaction models, the manifest, and the content the bundle reads.

python -m tools.build            writes the files that have changed
python -m tools.build --check    writes nothing; fails, and says what to do, when a file is not as it would be written
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from skill.table import written

from . import clinical, lint_speech, manifest, models, screen, sentences
from .generated import settle
from .phrases import PHRASES, Language
from .yamlfile import ROOT, ContentError

COMPILED = ROOT / "lambda" / "compiled"
MODELS = ROOT / "skill-package" / "interactionModels" / "custom"
MANIFEST = ROOT / "skill-package" / "skill.json"


def build() -> dict[Path, str]:
    """Every generated file, as text."""
    types = models.intents()["types"]
    known = sentences.locales()
    triage = clinical.compile_triage()
    made: dict[Path, str] = {
        COMPILED / "triage.json": _compact(triage),
        COMPILED / "screen.json": _compact(screen.compile_screen()),
    }
    for language_code in sorted({entry["language"] for entry in known.values()}):
        language = Language(language_code, types)
        _check_ids(language, triage)
        _speech(made, language_code, language_code, None, triage)
        dialects: dict[Path, None] = {}
        for locale in (locale for locale, entry in known.items() if entry["language"] == language_code):
            phrases = sentences.own_files(locale, known, PHRASES)
            samples = sentences.own_files(locale, known, models.SOURCE)
            dialects |= dict.fromkeys(phrases)
            model = models.build(language.with_dialects(phrases), language_code, samples)
            made[MODELS / f"{locale}.json"] = models.text_of(model)
            _speech(made, locale, language_code, locale, triage)
        # The skill reads what it is handed against the phrases of all dialects at once (docs/decisions/0033).
        everybody = language.with_dialects(dialects)
        made |= _phrases(everybody, language_code)
    deployed = {locale: json.loads(made[MODELS / f"{locale}.json"]) for locale in known}
    made[MANIFEST] = manifest.text_of(manifest.build(known, deployed))
    _refuse_strays(known)
    return made


def _phrases(language: Language, code: str) -> dict[Path, str]:
    """What is heard in a language: what is always needed as JSON, the rest as tables."""
    compiled = language.compiled(models.ANSWERED)
    tables = {name: written(compiled.pop(name)) for name in ("families", "phrases")}
    return {
        COMPILED / f"phrases.{code}.json": _compact(compiled),
        **{COMPILED / f"{name}.{code}.tsv": lines for name, lines in tables.items()},
    }


def _speech(made: dict[Path, str], name: str, language: str, locale: str | None, triage: dict[str, Any]) -> None:
    """Compiles the sentences of a language or a locale, and has them read."""
    speech = sentences.compile_speech(language, locale)
    screen.check_words(sentences.FOLDER / "speech" / f"{name}.yaml", speech["messages"], triage)
    lint_speech.check(name, triage, compiled=speech)
    made[COMPILED / f"speech.{name}.json"] = _compact(speech)


def _refuse_strays(known: dict[str, Any]) -> None:
    """A file for a locale that is not listed would be read by nobody."""
    named = {*known, *(entry["language"] for entry in known.values()), "intents"}
    for folder in (sentences.FOLDER / "speech", PHRASES, models.SOURCE):
        for path in sorted(folder.glob("*.yaml")):
            if path.stem not in named:
                raise ContentError(path, "", "is read by nobody", "list the locale in content/locales.yaml")


def _compact(content: Any) -> str:
    """JSON for machines, a line for each of the larger parts so that a change can be read."""
    return (
        json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"')
        + "\n"
    )


def _check_ids(language: Language, triage: dict[str, Any]) -> None:
    """Every id that phrases mean is known to triage, and every finding, site and topic can be said."""
    for type_, known in (
        ("Danger", triage["danger"]),
        ("Detail", triage["details"]),
        ("Site", triage["sites"]),
        ("Remedy", [id_ for id_, topic in triage["topics"].items() if "evidence" in topic]),
        ("Topic", triage["scope"]),
    ):
        said = {entry.id.partition(".")[0]: entry for entry in language.types[type_]}
        for id_, entry in said.items():
            if id_ not in known:
                raise ContentError(
                    entry.path,
                    id_,
                    f"is no {type_.lower()} that triage knows",
                    "mend the id, or add it to content/triage",
                )
        asked = {id_ for entry in (*triage["safety"].values(), *triage["questions"].values()) for id_ in entry["fills"]}
        for entry in language.types[type_]:
            if entry.as_answer and type_ != "Site" and entry.id.partition(".")[0] not in asked:
                raise ContentError(
                    entry.path,
                    entry.id,
                    "has answers, but no question asks about it",
                    "move them to its phrases, or delete them",
                )
        if type_ in {"Danger", "Detail", "Site", "Remedy", "Topic"}:
            for id_ in known:
                if id_ not in said:
                    raise ContentError(f"content/phrases ({type_})", id_, "nobody can say it", "add phrases for it")


def main(arguments: list[str] | None = None) -> int:
    """Builds, or checks. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.build", description="Build what is generated.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is out of date")
    check = parser.parse_args(arguments).check
    try:
        made = build()
    except ContentError as error:
        print(error, file=sys.stderr)
        return 1
    there = [path for folder in (COMPILED, MODELS) for path in folder.glob("*.*")]
    return settle(made, there, check=check)


if __name__ == "__main__":
    sys.exit(main())
