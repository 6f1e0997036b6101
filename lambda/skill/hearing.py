"""What one request says: slots to findings, a bare reply, and what is asked about.

Slot ids decide; but a custom slot is no enumeration, so the raw value of every slot is read against the phrases as
well, and danger is found whichever slot or intent carries it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import shelf
from record import Record
from triage import ABSENT, PRESENT, Reply, Site, Value

from .denials import DENIED, OPEN, SAID
from .spotter import Spotter
from .table import Lookup, Table
from .wording import Wording

_DURATION = (
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_MINUTES = {
    "years": 525_600,
    "months": 43_200,
    "weeks": 10_080,
    "days": 1_440,
    "hours": 60,
    "minutes": 1,
}
_LONGEST = 50 * 525_600  # nobody has a cramp for longer; a larger number is a misheard one
_REPLIES = {"yes": Reply.YES, "no": Reply.NO, "not_sure": Reply.UNKNOWN}


class Heard(Record):
    """What a turn carries, before it is known which question it answers."""

    findings: Mapping[str, Value] = {}
    reply: Reply = Reply.NONE
    choice: int | None = None
    correcting: bool = False
    remedies: tuple[str, ...] = ()  # "" for one that is none of ours
    topic: str | None = None
    preference: str | None = None
    progress: str = ""  # how far a muscle has let go: eased, partly, still, hurts


class Spoken(Record):
    """One value of one slot as Alexa delivers it: the words, and the id they resolved to, if any."""

    words: str
    id: str | None


class Ear:
    """Reads the slots of one language: `content` is its phrases.<language>.json, the tables lie beside it."""

    def __init__(self, content: Mapping[str, Any], families: Lookup, phrases: Lookup) -> None:
        wording = Wording(content["words"], families, content["folds"], phrases)
        self._spotter = Spotter(wording, content["words"], phrases)
        self._answers: Mapping[str, Sequence[str]] = content["answers"]

    def hear(
        self,
        slots: Mapping[str, Any],
        expecting: Sequence[str] = (),
        places: Mapping[str, Site] = MappingProxyType({}),
    ) -> Heard:
        """The meaning of an intent's slots. `expecting`: what the open question asks about.

        Words that only mean a finding as an answer ("hot", "the back") count only while it is asked about. `places`
        tell what a vague place may be; beside its name such words count, too ("my thigh, the front").
        """
        findings: dict[str, Value] = {}
        sites: list[str] = []
        heard = Heard()
        # The slot of places goes first: in other values a place may stand cut off, "the back" of "back of my leg".
        given = sorted(_values(slots), key=lambda slot: slot[0] != "site")
        denied = {value.words for name, values in given if name == "denied" for value in values}
        for name, values in given:
            for value in values:
                if name == "duration":
                    minutes = minutes_of(value.words)
                    if minutes is not None:
                        findings["duration_minutes"] = minutes
                elif name == "since":
                    minutes = minutes_of(value.id or "")
                    if minutes is not None:
                        findings.setdefault("duration_minutes", minutes)
                elif name == "reply" and value.id in _REPLIES:
                    heard = heard._replace(reply=_REPLIES[value.id])
                elif name == "choice" and value.id is not None and re.fullmatch(r"-?\d", value.id):
                    heard = heard._replace(choice=int(value.id))
                elif name == "correction" and value.id is not None:
                    heard = heard._replace(correcting=True)
                elif name == "remedy":
                    heard = heard._replace(remedies=(*heard.remedies, value.id or ""))
                elif name == "topic":
                    heard = heard._replace(topic=value.id)
                elif name == "preference" and value.id is not None:
                    heard = heard._replace(preference=value.id)
                elif name == "progress" and value.id is not None:
                    heard = heard._replace(progress=value.id)
                elif name == "side" and value.id is not None:
                    findings["side"] = value.id
                named = name in {"remedy", "topic"} and value.id is not None  # "hot bath" is no sign
                if not named and name not in {"duration", "since", "choice"}:
                    slot = "denied" if value.words in denied else name
                    self._read(slot, value, expecting, findings, sites)
        if sites:
            narrow = places[sites[0]].narrow if sites[0] in places else ()
            findings["site"] = self._narrowed(sites[0], narrow, given)
            if len(sites) > 1:
                findings["second_site"] = sites[1]
        if findings.get("side") == "both":
            findings.setdefault("both_sides", PRESENT)
        return heard._replace(findings=findings)

    def _narrowed(self, site: str, options: Sequence[str], given: Iterable[tuple[str, list[Spoken]]]) -> str:
        """The exact place, where a vague one and a plain word for a part of it were said."""
        if options:
            words = (value.words for name, values in given if name == "answer" for value in values)
            said = (match for value in words for match in self._spotter.spot(value) if match.polarity == SAID)
            for match in said:
                for means in self._answers.get(match.id.removeprefix("Answer/"), ()):
                    if means.removeprefix("Site/") in options:
                        return means.removeprefix("Site/")
        return site

    def _read(
        self,
        slot: str,
        value: Spoken,
        expecting: Sequence[str],
        findings: dict[str, Value],
        sites: list[str],
    ) -> None:
        """Takes what a slot value means: its id, and every phrase in its words."""
        meant: dict[str, str] = {}
        placed = bool(sites)
        for match in self._spotter.spot(value.words):
            kind_of, _, id_ = match.id.partition("/")
            if kind_of == "Answer":
                for means in self._answers.get(id_, ()):
                    type_, _, asked = means.partition("/")
                    wanted = ("site" if type_ == "Site" else asked.partition(".")[0]) in expecting
                    # Denied, a bare word is no riddle: "no swelling, and no pop".
                    denied = match.polarity == DENIED and type_ == "Danger" and len(self._answers[id_]) == 1
                    if wanted or denied:
                        meant.setdefault(means, match.polarity)
            elif slot != "progress" or kind_of == "Danger":  # "let go" may be cut out of "it's still not let go"
                meant[match.id] = match.polarity
        kind = {"danger": "Danger", "denied": "Danger", "detail": "Detail", "site": "Site"}.get(slot)
        if kind is not None and value.id is not None:
            meant.setdefault(f"{kind}/{value.id}", SAID)
        for full_id, polarity in meant.items():
            kind_of, _, id_ = full_id.partition("/")
            if kind_of == "Site":
                if polarity != DENIED and slot != "denied" and id_ not in sites and (slot == "site" or not placed):
                    sites.append(id_)
                continue
            finding, _, opposite = id_.partition(".")
            if polarity == SAID and slot == "denied" and kind_of == "Danger":
                polarity = DENIED
            if polarity == OPEN or findings.get(finding) == PRESENT:
                continue
            said = (polarity == SAID and not opposite) or (polarity == DENIED and bool(opposite))
            findings[finding] = PRESENT if said else ABSENT


def minutes_of(duration: str) -> int | None:
    """Whole minutes of an ISO 8601 duration such as PT5M; None when it is none. Under a minute counts as one."""
    match = re.fullmatch(_DURATION, duration)
    if match is None or duration in {"P", "PT"} or duration.endswith("T"):
        return None
    parts = match.groupdict()
    minutes = sum(int(parts[unit]) * size for unit, size in _MINUTES.items() if parts[unit] and len(parts[unit]) < 9)
    return min(max(minutes, 1), _LONGEST)


@lru_cache(maxsize=4)
def ear(language: str) -> Ear:
    """The ear of a language; English where there is none."""
    if not (language.isalpha() and len(language) <= 3 and shelf.has(f"phrases.{language}.json")):
        language = "en"
    families, phrases = (Table(shelf.read(f"{name}.{language}.tsv")) for name in ("families", "phrases"))
    return Ear(json.loads(shelf.read(f"phrases.{language}.json")), families, phrases)


def _values(slots: Mapping[str, Any]) -> Iterator[tuple[str, list[Spoken]]]:
    """The values of each slot, from the request's JSON: one, a list, or none. Anything odd counts as none."""
    for name, slot in slots.items():
        if not isinstance(slot, dict):
            continue
        given = slot.get("slotValue")
        if isinstance(given, dict) and given.get("type") == "List":
            parts = given.get("values")
            simple = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        elif isinstance(given, dict):
            simple = [given]
        else:
            simple = [slot]
        values = [Spoken(part["value"][:4000], _id(part)) for part in simple if isinstance(part.get("value"), str)]
        if values:
            yield name, values


def _id(value: Mapping[str, Any]) -> str | None:
    resolutions = value.get("resolutions")
    authorities = resolutions.get("resolutionsPerAuthority") if isinstance(resolutions, dict) else None
    for authority in authorities if isinstance(authorities, list) else ():
        try:
            if authority["status"]["code"] == "ER_SUCCESS_MATCH":
                return str(authority["values"][0]["value"]["id"])
        except (KeyError, IndexError, TypeError):
            continue
    return None
