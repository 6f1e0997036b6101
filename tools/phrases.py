"""content/phrases -> the slot types of the interaction model, and what the skill needs to read raw slot values."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from skill.spotter import WHOLE, core_of, index, is_alike, is_near
from skill.wording import FULL, SMALL, Wording, families_of

from .patterns import PatternError, expand
from .yamlfile import ROOT, ContentError, read

PHRASES = ROOT / "content" / "phrases"
_SIGNS = ("Danger", "Detail")
_DANGER = "Danger/"
LONGEST = 140  # characters of a slot value or synonym (interaction model limits of the platform)

_SPEAKABLE = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*[.']?(?: [^\W\d_]+(?:['.-][^\W\d_]+)*[.']?)*")


class Entry(NamedTuple):
    """One slot value: its id, its canonical words, and every phrase that means it."""

    path: Path
    id: str
    name: str
    phrases: tuple[str, ...]
    as_answer: tuple[str, ...]


class Language:
    """All phrases of one language, by slot type."""

    def __init__(self, language: str, types: Mapping[str, str], root: Path = PHRASES) -> None:
        folder = root / language
        self.words: dict[str, Any] = read(folder / "words.yaml", text=True)
        self.wording = Wording(self.words)
        self._denials = {self.wording.fold(word) for word in self.words["denials"]}
        self.types: dict[str, list[Entry]] = {
            type_: _merged(entry for path in _files(folder, source) for entry in _entries(path))
            for type_, source in types.items()
        }
        used = {path for source in types.values() for path in _files(folder, source)} | {folder / "words.yaml"}
        for path in sorted(folder.rglob("*.yaml")):
            if path not in used:
                raise ContentError(
                    path,
                    "",
                    "no slot type reads this file",
                    "name it in interaction-models/intents.yaml, or delete it",
                )
        self._refuse_weak()
        self._refuse_double_meanings()

    def compiled(self, types: tuple[str, ...]) -> dict[str, Any]:
        """What the skill reads at run time.

        `words` and `answers`, what each answer may mean, are read whole; of the tables `families` and `phrases` (an
        index, skill/spotter.py) only the lines of the words that were heard. `folds` are the words of `words` as they
        are heard.
        """
        pairs = [
            (phrase, f"{type_}/{entry.id}")
            for type_ in types
            for entry in self.types[type_]
            for phrase in entry.phrases
        ]
        answers: dict[str, set[str]] = {}
        for type_ in types:
            for entry in self.types[type_]:
                for phrase in entry.as_answer:
                    core = " ".join(self.wording.core(phrase))
                    answers.setdefault(core, set()).add(f"{type_}/{entry.id}")
                    pairs.append((phrase, f"Answer/{core}"))
        means = {core: sorted(ids) for core, ids in sorted(answers.items())}
        words = {name: listed for name, listed in self.words.items() if name != "families"}
        said = [phrase for listed in words.values() for phrase in listed]
        return {
            "words": words,
            "folds": {
                word: self.wording.fold(word)
                for word in sorted({part for phrase in said for part in (phrase, *phrase.split())})
            },
            "answers": means,
            # Speech holds no hyphen, and the words of `words` that do are among the folds.
            "families": {word: family for word, family in families_of(self.words).items() if "-" not in word},
            "phrases": index(pairs, self.wording),
        }

    def answers(self, types: tuple[str, ...]) -> list[Entry]:
        """The words that mean something only as an answer, each as a slot value of its own."""
        said: dict[str, Entry] = {}
        for type_ in types:
            for entry in self.types[type_]:
                for phrase in entry.as_answer:
                    core = " ".join(self.wording.core(phrase))
                    id_ = core.replace(" ", "_").replace("'", "")
                    before = said.get(id_)
                    phrases = (phrase,) if before is None else tuple(dict.fromkeys((*before.phrases, phrase)))
                    said[id_] = Entry(entry.path, id_, phrases[0], phrases, ())
        return [said[id_] for id_ in sorted(said)]

    def core_of(self, type_: str, id_: str, phrase: str) -> tuple[str, ...]:
        """The words by which a phrase of a slot value is heard."""
        return core_of(f"{type_}/{id_}", phrase, self.wording)

    def synonyms(self, type_: str, entry: Entry) -> list[str]:
        """The phrases of a slot value that the interaction model needs beside its name.

        Of phrases that are heard alike the first stands for all; and a sign's phrase is left out where shorter ones of
        the same sign that stay are heard in it, said as it is written and with a stray word in it, and hide what it
        hides: "my swollen calf" is heard by "swollen" alone, "heart racing after my run" is there to hide "heart
        racing".
        """
        own = f"{type_}/{entry.id}"
        alike: dict[tuple[str, ...], list[str]] = {}
        for phrase in entry.phrases:
            alike.setdefault(self.core_of(type_, entry.id, phrase), []).append(phrase)
        needed: dict[tuple[str, ...], str] = {}
        for core in sorted(alike, key=len):
            sign = type_ in _SIGNS and own not in WHOLE and not self._hidden(own, core)
            if not sign or not all(self._is_heard_by(needed, own, phrase) for phrase in alike[core]):
                needed[core] = alike[core][0]
        needed.pop(self.wording.core(entry.name, whole=True), None)
        said = set(needed.values())
        return [phrase for phrase in entry.phrases if phrase in said and phrase.lower() != entry.name.lower()]

    def _is_heard_by(self, needed: Container[tuple[str, ...]], own: str, phrase: str) -> bool:
        """Whether a sign is heard in its phrase by some of its needed ones, and what the phrase hides stays hidden."""
        words = self.wording.core(phrase)
        heard: list[set[int]] = []
        hidden: list[set[int]] = []
        for size in range(1, len(words)):
            for places in combinations(range(len(words)), size):
                part = tuple(words[place] for place in places)
                for core in {part, tuple(sorted(part))} if self.wording.is_free(part) else {part}:
                    if self._hidden(own, core):
                        hidden.append(set(places))
                    if core in needed and self._says_all(words, places):
                        heard.append(set(places))
        return bool(heard) and all(any(inside < places for places in heard) for inside in hidden)

    def _hidden(self, own: str, core: tuple[str, ...]) -> bool:
        """Whether a phrase of a sign takes the words of another sign's; of two dangers both are told."""
        return any(
            other != own and (not own.startswith(_DANGER) or not other.startswith(_DANGER) or is_alike(own, other))
            for other in self._meanings.get(core, ())
        )

    def _says_all(self, words: Sequence[str], places: Sequence[int]) -> bool:
        """Whether some words of a phrase are heard as a phrase of their own, with a stray one more, and undenied."""
        others = [at for at in range(len(words)) if at not in places]
        full = [at for at, word in enumerate(words) if self.wording.weight(word) == FULL]
        inside = [at for at in full if at in others and places[0] < at < places[-1]]
        near = len(places) == 1 or is_near(len(inside) + 1, sum(at in places for at in full))
        return near and not any(words[at] in self._denials for at in others)

    @cached_property
    def _meanings(self) -> dict[tuple[str, ...], set[str]]:
        """The core of each sign -> what it means, as "Type/id"."""
        meanings: dict[tuple[str, ...], set[str]] = {}
        for type_ in _SIGNS:
            for entry in self.types[type_]:
                for phrase in entry.phrases:
                    meanings.setdefault(self.core_of(type_, entry.id, phrase), set()).add(f"{type_}/{entry.id}")
        return meanings

    def _refuse_weak(self) -> None:
        """Small words alone, or one word that carries little or only denies, are no phrase: "it is my", "can"."""
        for type_ in _SIGNS:
            for entry in self.types[type_]:
                for phrase in (*entry.phrases, *entry.as_answer):
                    tokens = [token for token in self.wording.tokens(phrase) if token.weight != SMALL]
                    if not tokens and f"{type_}/{entry.id}" in WHOLE:
                        continue
                    weak = len(tokens) == 1 and (tokens[0].weight != FULL or tokens[0].folded in self._denials)
                    if weak or not tokens:
                        raise ContentError(
                            entry.path, f"{entry.id}: {phrase!r}", "is one weak word", "add a word that carries it"
                        )

    def _refuse_double_meanings(self) -> None:
        """A phrase may tell two things when it is written under both; a word that only folds like another may not."""
        for type_, entries in self.types.items():
            meant: dict[tuple[str, ...], tuple[Entry, str]] = {}
            for entry in entries:
                if f"{type_}/{entry.id}" in WHOLE:
                    continue  # heard word for word, and meant to take other phrases' words
                for phrase in entry.phrases:
                    core = self.wording.core(phrase)
                    other, written = meant.setdefault(core, (entry, phrase))
                    if len(core) == 1 and other.id != entry.id and written != phrase:
                        raise ContentError(
                            entry.path,
                            f"{entry.id}: {phrase!r}",
                            f"is heard like {written!r} of {other.id} in {other.path.name}",
                            "keep it under one of the two, or make one of them longer",
                        )


def _files(folder: Path, source: str) -> list[Path]:
    single = folder / f"{source}.yaml"
    files = [single] if single.exists() else sorted((folder / source).glob("*.yaml"))
    if not files:
        raise ContentError(
            single, "", "is missing", "write the phrases of this slot type, or take it out of intents.yaml"
        )
    return files


def _entries(path: Path) -> Iterator[Entry]:
    for id_, entry in read(path, text=True).items():
        unknown = set(entry) - {"name", "phrases", "as_answer"}
        if unknown or "name" not in entry:
            raise ContentError(
                path,
                id_,
                f"has {sorted(unknown) or 'no name'}",
                "an entry has name, phrases and as_answer",
            )
        phrases = _written_out(path, id_, entry.get("phrases", ()))
        as_answer = _written_out(path, id_, entry.get("as_answer", ()))
        if not phrases and not as_answer:
            raise ContentError(path, id_, "has no phrases", "write what people say, or delete the entry")
        if len(entry["name"]) > LONGEST or not _SPEAKABLE.fullmatch(entry["name"]):
            raise ContentError(path, f"{id_}: {entry['name']!r}", "cannot be spoken", "words and spaces only")
        yield Entry(path, id_, entry["name"], phrases, as_answer)


def _written_out(path: Path, id_: str, patterns: Any) -> tuple[str, ...]:
    if isinstance(patterns, str):
        raise ContentError(path, id_, "phrases are a text", "write them as a list")
    phrases: dict[str, None] = {}
    for pattern in patterns:
        try:
            expanded = expand(pattern)
        except PatternError as error:
            raise ContentError(path, f"{id_}: {pattern!r}", str(error), "see tools/patterns.py") from error
        for phrase in expanded:
            if len(phrase) > LONGEST:
                raise ContentError(path, f"{id_}: {phrase!r}", f"is longer than {LONGEST} characters", "shorten it")
            if not _SPEAKABLE.fullmatch(phrase):
                raise ContentError(
                    path,
                    f"{id_}: {phrase!r}",
                    "holds a sign that cannot be spoken",
                    "letters, spaces, hyphens and apostrophes only; numbers as words",
                )
            phrases[phrase] = None
    return tuple(phrases)


def _merged(entries: Iterator[Entry]) -> list[Entry]:
    """Entries of the same id, from several files, as one."""
    merged: dict[str, Entry] = {}
    for entry in entries:
        before = merged.get(entry.id)
        if before is not None:
            entry = before._replace(
                phrases=tuple(dict.fromkeys((*before.phrases, *entry.phrases))),
                as_answer=tuple(dict.fromkeys((*before.as_answer, *entry.as_answer))),
            )
        merged[entry.id] = entry
    return list(merged.values())
