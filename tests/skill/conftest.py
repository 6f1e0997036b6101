"""The words of the content, and a spotter with a few phrases of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from skill.spotter import Spotter, index
from skill.wording import Wording
from tools.yamlfile import ROOT, read

PHRASES = {
    "Danger/swelling": ["swollen", "calf swollen"],
    "Danger/red_or_hot": ["red", "hot"],
    "Danger/numbness": ["numb"],
    "Danger/chest_pain": ["chest pain", "chest tight", "chest hurts"],
    "Danger/cold_limb": ["foot cold", "leg cold", "cold"],
    "Danger/fever": ["fever"],
    "Danger/pop": ["pop"],
    "Danger/cannot_bear_weight": ["can't walk"],
    "Danger/breathless": ["can't breathe", "out of breath"],
    "Detail/strong_words": ["killing me"],
    "Detail/other_talk": ["leg day", "chest day", "off my chest"],
    "Detail/hard_knot": ["rock hard", "like a rock"],
    "Site/calf": ["calf"],
    "Site/leg": ["leg"],
    "Site/back": ["back"],
    "Site/hamstring": ["back of my leg"],
    "Side/left": ["left"],
}


@pytest.fixture(scope="session")
def words() -> dict[str, Any]:
    read_words: dict[str, Any] = read(ROOT / "content" / "phrases" / "en" / "words.yaml", text=True)
    return read_words


@pytest.fixture(scope="session")
def spotter(words: dict[str, Any]) -> Spotter:
    wording = Wording(words)
    pairs = [(phrase, id_) for id_, phrases in PHRASES.items() for phrase in phrases]
    return Spotter(wording, words, index(pairs, wording))


@pytest.fixture(scope="session")
def polarities(spotter: Spotter) -> Callable[[str], dict[str, str]]:
    """The danger signs in a text, by their short ids: said, denied or open. Said wins."""

    def of(text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for match in spotter.spot(text):
            type_, _, id_ = match.id.partition("/")
            if type_ == "Danger" and found.get(id_) != "said":
                found[id_] = match.polarity
        return found

    return of
