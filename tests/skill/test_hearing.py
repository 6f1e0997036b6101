"""What one request says: ids decide, raw words are read too, and nothing odd in a slot breaks a turn."""

from __future__ import annotations

import gc
from types import FunctionType, ModuleType
from typing import Any

import pytest

from skill.hearing import Heard, ear, minutes_of
from tools.models import intents
from tools.phrases import Language
from triage import Reply, Site

MATCH, NO_MATCH = "ER_SUCCESS_MATCH", "ER_SUCCESS_NO_MATCH"


def value(words: str, id_: str | None = None, code: str = MATCH) -> dict[str, Any]:
    """A simple slot value, as Alexa sends it."""
    simple: dict[str, Any] = {"type": "Simple", "value": words}
    if id_ is not None or code != MATCH:
        authority: dict[str, Any] = {"authority": "amzn1.er-authority.x.Danger", "status": {"code": code}}
        if code == MATCH:
            authority["values"] = [{"value": {"name": words, "id": id_}}]
        simple["resolutions"] = {"resolutionsPerAuthority": [authority]}
    return simple


def one(words: str, id_: str | None = None, code: str = MATCH) -> dict[str, Any]:
    return {"value": words, "slotValue": value(words, id_, code)}


def many(*values: dict[str, Any]) -> dict[str, Any]:
    return {"slotValue": {"type": "List", "values": list(values)}}


def hear(slots: Any, *expecting: str) -> Heard:
    return ear("en").hear(slots, expecting)


def findings(slots: Any, *expecting: str) -> dict[str, Any]:
    return dict(hear(slots, *expecting).findings)


def test_an_id_decides_what_was_heard() -> None:
    assert findings({"danger": one("it has gone funny", "swelling")})["swelling"] == "present"
    assert findings({"denied": one("it has gone funny", "swelling")})["swelling"] == "absent"
    assert findings({"site": one("my thingy", "calf")}) == {"site": "calf"}
    assert findings({"side": one("left", "left")})["side"] == "left"


@pytest.mark.parametrize("slot", ["danger", "detail", "site", "answer", "reply", "correction"])
def test_danger_is_heard_in_any_slot_by_its_words_alone(slot: str) -> None:
    """A custom slot is no enumeration: Alexa may fill it with words that resolve to nothing, or to something else."""
    assert findings({slot: one("chest pain", None, NO_MATCH)})["chest_pain"] == "present"
    assert findings({slot: one("chest pain", "calf")})["chest_pain"] == "present"


def test_danger_is_heard_where_the_slot_names_a_harmless_thing() -> None:
    heard = findings({"site": one("calf and I can't breathe", "calf")})
    assert heard["site"] == "calf"
    assert heard["breathless"] == "present"


def test_a_no_in_the_words_denies_what_the_slot_says() -> None:
    assert findings({"danger": one("no swelling", None, NO_MATCH)})["swelling"] == "absent"


def test_words_in_the_denied_slot_are_denied() -> None:
    assert findings({"denied": one("swelling", None, NO_MATCH)})["swelling"] == "absent"


def test_said_outweighs_denied_in_one_turn() -> None:
    """If answers conflict, the riskier one counts, in whatever order they come."""
    said, denied = one("swollen", "swelling"), one("swelling", "swelling")
    assert findings({"danger": said, "denied": denied})["swelling"] == "present"
    assert findings({"denied": denied, "danger": said})["swelling"] == "present"


def test_several_values_are_all_heard() -> None:
    heard = findings({"danger": many(value("swollen", "swelling"), value("numb", "numbness"))})
    assert heard["swelling"] == heard["numbness"] == "present"


def test_the_first_site_leads_and_the_second_joins() -> None:
    heard = findings({"site": many(value("calf", "calf"), value("neck", "neck"), value("hand", "hand_forearm"))})
    assert (heard["site"], heard["second_site"]) == ("calf", "neck")


def test_both_sides_are_a_finding() -> None:
    assert findings({"side": one("both", "both")})["both_sides"] == "present"


@pytest.mark.parametrize(
    ("id_", "reply"), [("yes", Reply.YES), ("no", Reply.NO), ("not_sure", Reply.UNKNOWN), ("zork", Reply.NONE)]
)
def test_a_reply_comes_from_its_id(id_: str, reply: Reply) -> None:
    assert hear({"reply": one("well", id_)}).reply == reply


@pytest.mark.parametrize(("id_", "choice"), [("0", 0), ("2", 2), ("-1", -1), ("12", None), ("x", None), ("", None)])
def test_a_choice_is_a_small_number(id_: str, choice: int | None) -> None:
    assert hear({"choice": one("the first", id_)}).choice == choice


def test_a_correction_a_remedy_and_a_topic() -> None:
    heard = hear(
        {
            "correction": one("i meant", "correction"),
            "remedy": one("pickle juice", "pickle_juice"),
            "topic": one("my dog", "pets"),
        }
    )
    assert heard.correcting
    assert heard.remedies == ("pickle_juice",)
    assert heard.topic == "pets"


def test_several_remedies_are_heard_in_order_and_an_unlisted_one_by_no_name() -> None:
    assert hear({"remedy": many(value("ice", "ice"), value("heat", "heat"))}).remedies == ("ice", "heat")
    assert hear({"remedy": one("dragon oil", None, NO_MATCH)}).remedies == ("",)


def test_danger_is_heard_in_a_remedy_or_topic_that_nobody_listed() -> None:
    """A slot may be filled with anything: what resolves to nothing is read for signs like all else."""
    for name in ("remedy", "topic"):
        assert findings({name: one("my foot's gone white and cold", None, NO_MATCH)})["pale_limb"] == "present"


def test_the_name_of_a_remedy_is_no_sign() -> None:
    """ "Heat" asked about is no hot limb, also while a question asks whether it is hot."""
    assert findings({"remedy": one("heat", "heat")}, "red_or_hot", "cold_limb") == {}


def test_no_answer_hides_a_sign_that_needs_no_question() -> None:
    """ "A bit numb" is numb, whether or not it was asked about: a longer phrase hides the shorter ones within it."""
    spot = ear("en")._spotter.spot
    for entry in (entry for entries in Language("en", intents()["types"]).types.values() for entry in entries):
        for phrase in entry.as_answer:
            words, whole = phrase.split(), {match.id for match in spot(phrase)}
            if any(id_.startswith("Danger/") for id_ in whole):
                continue
            parts = (words[at:end] for at in range(len(words)) for end in range(at + 1, len(words) + 1))
            hidden = {match.id for part in parts for match in spot(" ".join(part)) if match.polarity == "said"}
            assert not {id_ for id_ in hidden if id_.startswith("Danger/")}, f"{entry.id}: {phrase}"


def test_words_that_only_answer_count_only_while_they_are_asked_about() -> None:
    assert findings({"answer": one("hot", None, NO_MATCH)}, "red_or_hot")["red_or_hot"] == "present"
    assert "red_or_hot" not in findings({"answer": one("hot", None, NO_MATCH)}, "duration_minutes")
    assert "red_or_hot" not in findings({"answer": one("hot", None, NO_MATCH)})


# ---- lengths of time


@pytest.mark.parametrize(
    ("iso", "minutes"),
    [
        ("PT5M", 5),
        ("PT30S", 1),
        ("PT0S", 1),
        ("PT1H30M", 90),
        ("PT2H", 120),
        ("P1D", 1440),
        ("P3W", 30240),
        ("P1M", 43200),
        ("P1Y", 525600),
        ("P1DT2H", 1560),
        ("PT90M", 90),
        ("P99Y", 50 * 525600),
    ],
)
def test_a_duration_in_minutes(iso: str, minutes: int) -> None:
    assert minutes_of(iso) == minutes


@pytest.mark.parametrize(
    "iso",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "5 minutes",
        "?",
        "PT-5M",
        "PT5.5M",
        "pt5m",
        "PT5M ",
        "P1H",
        "NaN",
        "PT\u0665M",
        "P" + "9" * 40 + "D",
    ],
)
def test_what_is_no_duration_is_none_and_never_zero(iso: str) -> None:
    minutes = minutes_of(iso)
    assert minutes is None or minutes >= 1


def test_a_plain_duration_outweighs_a_vague_time() -> None:
    heard = findings({"since": one("since this morning", "PT6H"), "duration": one("PT5M")})
    assert heard["duration_minutes"] == 5
    assert findings({"since": one("since this morning", "PT6H")})["duration_minutes"] == 360
    assert findings({"duration": one("?")}) == {}


# ---- odd slots


@pytest.mark.parametrize(
    "slot",
    [
        None,
        "calf",
        7,
        [],
        {},
        {"value": None},
        {"value": 7},
        {"value": ["calf"]},
        {"slotValue": None},
        {"slotValue": "calf"},
        {"slotValue": {}},
        {"slotValue": {"type": "List"}},
        {"slotValue": {"type": "List", "values": None}},
        {"slotValue": {"type": "List", "values": "calf"}},
        {"slotValue": {"type": "List", "values": [None, 7, "calf", {}, {"value": 7}]}},
        {"slotValue": {"type": "Composite", "subSlots": {}}},
    ],
)
@pytest.mark.parametrize("name", ["site", "danger", "duration", "reply", "choice", "zork"])
def test_an_odd_slot_says_nothing(name: str, slot: Any) -> None:
    assert hear({name: slot}) == Heard(findings={})


@pytest.mark.parametrize(
    "resolutions",
    [
        None,
        [],
        "x",
        {"resolutionsPerAuthority": None},
        {"resolutionsPerAuthority": [None]},
        {"resolutionsPerAuthority": [{}]},
        {"resolutionsPerAuthority": [{"status": None}]},
        {"resolutionsPerAuthority": [{"status": {"code": MATCH}}]},
        {"resolutionsPerAuthority": [{"status": {"code": MATCH}, "values": []}]},
        {"resolutionsPerAuthority": [{"status": {"code": MATCH}, "values": [{"value": None}]}]},
        {"resolutionsPerAuthority": [{"status": {"code": "ER_ERROR_TIMEOUT"}}]},
    ],
)
def test_odd_resolutions_leave_the_words(resolutions: Any) -> None:
    assert findings({"danger": {"value": "chest pain", "resolutions": resolutions}})["chest_pain"] == "present"


def test_an_unknown_id_is_no_known_danger_but_its_words_are_read() -> None:
    heard = findings({"danger": one("chest pain", "from_an_older_model")})
    assert heard["chest_pain"] == "present"


def test_the_second_authority_may_know_what_the_first_does_not() -> None:
    slot = one("thingy", "swelling")
    authorities = slot["slotValue"]["resolutions"]["resolutionsPerAuthority"]
    authorities.insert(0, {"authority": "x", "status": {"code": NO_MATCH}})
    assert findings({"danger": slot})["swelling"] == "present"


def test_a_slot_of_the_old_kind_is_read() -> None:
    """Requests pasted from older logs have no slotValue."""
    old = value("calf", "calf") | {"name": "site"}
    del old["type"]
    assert findings({"site": old}) == {"site": "calf"}


def test_a_huge_value_is_cut_and_hurts_nobody() -> None:
    assert isinstance(findings({"danger": one("swollen " * 50_000)}), dict)


def test_the_language_is_english_where_there_is_none() -> None:
    for language in ("xx", "../en"):
        heard = ear(language).hear({"site": one("calf", "calf")})
        assert heard.findings["site"] == "calf"


def test_a_vague_place_is_narrowed_by_a_word_beside_it() -> None:
    slots = {"site": one("thigh", "thigh"), "answer": one("the front", "front")}
    places = {"thigh": Site("", "", "", ("hamstring", "quadriceps"))}
    assert ear("en").hear(slots, (), places).findings["site"] == "quadriceps"
    assert ear("en").hear(slots).findings["site"] == "thigh"


def test_a_place_cut_off_in_another_value_does_not_count_beside_the_slot_of_places() -> None:
    slots = {"danger": one("numb down the back", "numbness"), "site": one("back of my thigh", "hamstring")}
    assert findings(slots)["site"] == "hamstring"
    assert "second_site" not in findings(slots)


def kept(*roots: object) -> set[str]:
    """Every text that can be reached from some objects, code and classes apart."""
    left, seen, texts = list(roots), set[int](), set[str]()
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | FunctionType):
            continue
        seen.add(id(one))
        if isinstance(one, str):
            texts.add(one)
        left += gc.get_referents(one)
    return texts


def test_nothing_that_was_said_outlives_its_turn() -> None:
    """A warm process hears one person after another: it remembers words of ours, and never anybody's own."""
    said = "zorkelind's calf, brimmeling and zorkelinding since my gastrofrobnectomy"
    before = findings({"site": one(said, "calf"), "detail": one(said)})
    assert before["site"] == "calf"
    assert "calf" in kept(ear("en"))
    assert not [text for text in kept(ear("en")) if "zorkel" in text or "brimmel" in text or "frobn" in text]
    assert findings({"site": one(said, "calf"), "detail": one(said)}) == before
