"""The single utterances of tests/utterances: whether one sentence is understood by itself.

Danger that is not told at once may still be asked about; that it is not lost is what the stories test. Here, shares
have floors; the list of what went wrong is printed by `make evaluate`.
"""

from __future__ import annotations

import json

import pytest

from server.conversation import MODELS
from tools.evaluate import utterance_shares
from tools.score import Share
from tools.stories import content
from tools.utterances import ACTS, Hearing, listen, utterances

SAID = utterances()
FLAGS = list(content()["flags"])

# In per cent, set as those of the stories: below what is reached, and high enough to catch a loss.
FLOORS = {
    "act understood": 93,
    "site": 94,
    "side": 72,
    "danger sentences recognised": 93,
    "  as the first sentence": 94,
    "  as an answer": 84,
    "  emergencies only": 94,
    "out of scope turned away": 68,
}
MOST_ALARMED = 15


@pytest.fixture(scope="module")
def hearings() -> list[Hearing]:
    """Every utterance, said once."""
    return [listen(utterance) for utterance in SAID]


@pytest.fixture(scope="module")
def table(hearings: list[Hearing]) -> dict[str, Share]:
    return {share.name: share for share in utterance_shares(hearings)}


@pytest.mark.parametrize("name", FLOORS)
def test_what_is_said_is_understood(name: str, table: dict[str, Share], hearings: list[Hearing]) -> None:
    wrong = [f"{hearing.utterance.say}: {'; '.join(hearing.wrong)}" for hearing in hearings if hearing.wrong]
    assert table[name].percent >= FLOORS[name], "\n".join(wrong)


def test_worried_words_raise_few_alarms(table: dict[str, Share], hearings: list[Hearing]) -> None:
    alarmed = [h.utterance.say for h in hearings if h.utterance.level_max and h.is_alarmed]
    assert table["harmless alarmed (*)"].percent <= MOST_ALARMED, "\n".join(alarmed)


def test_every_line_of_the_table_has_a_floor(table: dict[str, Share]) -> None:
    assert set(FLOORS) | {"harmless alarmed (*)"} == set(table)


# ---- what the body of utterances holds


def test_the_body_of_utterances_is_large_enough() -> None:
    assert len(SAID) >= 400
    assert len([said for said in SAID if said.level_max]) >= 80
    assert len([said for said in SAID if said.act == "out_of_scope"]) >= 30


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_is_said_in_a_sentence_of_its_own(flag: str) -> None:
    assert len([said for said in SAID if said.flag == flag and not said.after]) >= 2


def test_every_site_is_named() -> None:
    """The chest is no place for a harmless cramp: it is danger, and named among the dangers."""
    assert {said.site for said in SAID} >= set(content()["sites"]) - {"chest"}


def test_every_intent_is_an_act() -> None:
    """What the model can send, the score can sort. The fallback is nothing understood."""
    model = json.loads((MODELS / "en-US.json").read_text("utf-8"))
    intents = {intent["name"] for intent in model["interactionModel"]["languageModel"]["intents"]}
    acting = [name for names in ACTS.values() for name in names]
    assert sorted(acting) == sorted(intents - {"AMAZON.FallbackIntent"})
