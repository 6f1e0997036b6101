"""content/phrases -> the slot types of the interaction model, and what the skill needs to read raw slot values.

The folder of a language holds what everybody says; the file of a locale beside it, only what is said there besides.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
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


class _Wording(Wording):
    """Remembers what it has read: while the model is built, each phrase is looked at many times."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        super().__init__(words)
        self._cores: dict[tuple[str, bool], tuple[str, ...]] = {}

    def core(self, phrase: str, *, whole: bool = False) -> tuple[str, ...]:
        core = self._cores.get((phrase, whole))
        if core is None:
            core = self._cores[phrase, whole] = super().core(phrase, whole=whole)
        return core


class Language:
    """All phrases of one language, by slot type; `with_dialects` gives the same with what locales say besides."""

    def __init__(self, language: str, types: Mapping[str, str], root: Path = PHRASES) -> None:
        folder = root / language
        self.words: dict[str, Any] = read(folder / "words.yaml", text=True)
        self.wording = _Wording(self.words)
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
        self._base: Language | None = None
        self._added: dict[str, tuple[str, ...]] = {}  # "Type/id" -> the phrases of dialects alone
        self._needed_by: dict[str, dict[tuple[str, ...], str]] = {}
        self._meant: dict[tuple[str, tuple[str, ...]], tuple[Entry, str]] = {}
        self._refuse_weak(self.types)
        self._refuse_double_meanings(self.types)

    def with_dialects(self, paths: Iterable[Path]) -> Language:
        """This language with the phrases of some locales; what it says already stops the build, by name."""
        made = copy.copy(self)
        made.__dict__.pop("_meanings", None)
        made._base, made._added, made._needed_by, made._meant = self, {}, {}, dict(self._meant)
        made.types = dict(self.types)
        for path in paths:
            added = {type_: list(_additions(path, type_, entries)) for type_, entries in self._dialect(path)}
            made._refuse_known(added)
            made._refuse_weak(added)
            made._refuse_double_meanings(added)
            for type_, entries in added.items():
                made.types[type_] = _merged(iter([*made.types[type_], *entries]))
                for entry in entries:
                    own = f"{type_}/{entry.id}"
                    made._added[own] = (*made._added.get(own, ()), *entry.phrases)
        return made

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
        needed = dict(self._needed(type_, entry))
        needed.pop(self.wording.core(entry.name, whole=True), None)
        said = set(needed.values())
        return [phrase for phrase in entry.phrases if phrase in said and phrase.lower() != entry.name.lower()]

    def _needed(self, type_: str, entry: Entry) -> Mapping[tuple[str, ...], str]:
        """The phrases of a slot value that stay, by their cores. What a dialect adds takes none of them away."""
        own = f"{type_}/{entry.id}"
        if own in self._needed_by:
            return self._needed_by[own]
        needed: dict[tuple[str, ...], str] = {}
        looked_at: Iterable[str] = entry.phrases
        if self._base is not None and type_ in self.types:
            plain = next(known for known in self._base.types[type_] if known.id == entry.id)
            needed |= self._base._needed(type_, plain)
            looked_at = (*self._newly_hiding.get(own, ()), *self._added.get(own, ()))
        alike: dict[tuple[str, ...], list[str]] = {}
        for phrase in looked_at:
            alike.setdefault(self.core_of(type_, entry.id, phrase), []).append(phrase)
        for core in sorted((core for core in alike if core not in needed), key=len):
            sign = type_ in _SIGNS and own not in WHOLE and not self._hidden(own, core)
            if not sign or not all(self._is_heard_by(needed, own, phrase) for phrase in alike[core]):
                needed[core] = alike[core][0]
        self._needed_by[own] = needed
        return needed

    @cached_property
    def _cores(self) -> list[tuple[str, str, frozenset[str]]]:
        """Every phrase of a sign: what it means, as it is written, and the words it is heard by."""
        return [
            (f"{type_}/{entry.id}", phrase, frozenset(self.wording.core(phrase)))
            for type_ in _SIGNS
            for entry in self.types[type_]
            for phrase in entry.phrases
        ]

    @cached_property
    def _newly_hiding(self) -> Mapping[str, list[str]]:
        """By meaning: the phrases of the plain language that hold the words of what a dialect has for another sign."""
        added: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
        for own, phrases in self._added.items():
            if own.partition("/")[0] in _SIGNS:
                for phrase in phrases:
                    words = frozenset(self.wording.core(phrase))
                    added[max(words, key=lambda word: (len(word), word))].append((own, words))
        hiding: dict[str, list[str]] = defaultdict(list)
        for own, phrase, words in self._base._cores if self._base is not None else ():
            if any(other != own and inside <= words for word in words & added.keys() for other, inside in added[word]):
                hiding[own].append(phrase)
        return hiding

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
        said: Iterable[tuple[str, Sequence[str]]] = self._added.items()
        if self._base is None:
            said = ((f"{type_}/{entry.id}", entry.phrases) for type_ in _SIGNS for entry in self.types[type_])
        else:
            meanings = {core: set(meant) for core, meant in self._base._meanings.items()}
        for own, phrases in said:
            type_, _, id_ = own.partition("/")
            for phrase in phrases if type_ in _SIGNS else ():
                meanings.setdefault(self.core_of(type_, id_, phrase), set()).add(own)
        return meanings

    def _dialect(self, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
        """The parts of a locale's file: slot types, each with the ids of values that the language has."""
        for type_, entries in read(path, text=True).items():
            if type_ not in self.types:
                raise ContentError(path, type_, "is no slot type", f"one of {sorted(self.types)}")
            known = {entry.id for entry in self.types[type_]}
            for id_ in entries:
                if id_ not in known:
                    raise ContentError(
                        path, f"{type_}: {id_}", "is unknown", "mend the id, or add it for the whole language"
                    )
            yield type_, entries

    def _refuse_known(self, added: Mapping[str, Iterable[Entry]]) -> None:
        """A dialect holds only what differs: a line whose phrases are all heard already is one too many."""
        for type_, entries in added.items():
            for entry in entries:
                (plain,) = (known for known in self.types[type_] if known.id == entry.id)
                written, theirs = (
                    (plain.phrases, entry.phrases) if entry.phrases else (plain.as_answer, entry.as_answer)
                )
                heard = {self.core_of(type_, entry.id, phrase): phrase for phrase in written}
                same = [heard.get(self.core_of(type_, entry.id, phrase)) for phrase in theirs]
                if all(same):
                    raise ContentError(
                        entry.path,
                        f"{entry.id}: {theirs[0]!r}",
                        f"is heard already, by {same[0]!r}",
                        "delete it: only what differs is written here",
                    )

    def _refuse_weak(self, types: Mapping[str, Iterable[Entry]]) -> None:
        """Small words alone, or one word that carries little or only denies, are no phrase: "it is my", "can"."""
        for type_ in _SIGNS:
            for entry in types.get(type_, ()):
                for phrase in (*entry.phrases, *entry.as_answer):
                    tokens = [token for token in self.wording.tokens(phrase) if token.weight != SMALL]
                    if not tokens and f"{type_}/{entry.id}" in WHOLE:
                        continue
                    weak = len(tokens) == 1 and (tokens[0].weight != FULL or tokens[0].folded in self._denials)
                    if weak or not tokens:
                        raise ContentError(
                            entry.path, f"{entry.id}: {phrase!r}", "is one weak word", "add a word that carries it"
                        )

    def _refuse_double_meanings(self, types: Mapping[str, Iterable[Entry]]) -> None:
        """A phrase may tell two things when it is written under both; a word that only folds like another may not."""
        for type_, entries in types.items():
            for entry in entries:
                if f"{type_}/{entry.id}" in WHOLE:
                    continue  # heard word for word, and meant to take other phrases' words
                for phrase in entry.phrases:
                    core = self.wording.core(phrase)
                    other, written = self._meant.setdefault((type_, core), (entry, phrase))
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


def _additions(path: Path, type_: str, entries: Mapping[str, Any]) -> Iterator[Entry]:
    """What a locale's file says of one slot type, an entry for each pattern; the names are those of the language."""
    for id_, entry in entries.items():
        if not isinstance(entry, Mapping) or not entry or set(entry) - {"phrases", "as_answer"}:
            raise ContentError(path, f"{type_}: {id_}", "is no addition", "phrases and as_answer, and nothing else")
        for key, patterns in entry.items():
            for pattern in [patterns] if isinstance(patterns, str) else patterns:
                said = _written_out(path, id_, patterns if isinstance(patterns, str) else [pattern])
                yield Entry(path, id_, "", *((said, ()) if key == "phrases" else ((), said)))


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
