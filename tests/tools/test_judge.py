"""The judges that know nothing of our recogniser, on a small model of an interaction."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from tools.judge import __main__ as judge
from tools.judge.samples import Sentence, deployed, filled, training
from tools.judge.score import Case, cases, is_alike, new_wording, shares, thefts
from tools.judge.slots import SlotJudge
from tools.judge.wordpiece import VOCABULARY, word_pieces
from tools.judge.words import FALLBACK, WordJudge, features
from tools.yamlfile import ContentError

SITES = {"calf": ["lower leg", "back of the leg"], "foot": ["sole", "toes"], "neck": ["nape"]}
MODEL: dict[str, Any] = {
    "intents": [
        {
            "name": "HurtIntent",
            "slots": [{"name": "site", "type": "Site"}, {"name": "time", "type": "AMAZON.DURATION"}],
            "samples": ["my {site} hurts", "a cramp in my {site}", "it has hurt for {time}", "aching all over"],
        },
        {"name": "AskIntent", "slots": [], "samples": ["what is a cramp", "tell me about cramps", "explain cramps"]},
        {"name": FALLBACK, "samples": []},
    ],
    "types": [
        {
            "name": "Site",
            "values": [{"id": id_, "name": {"value": id_, "synonyms": said}} for id_, said in SITES.items()],
        }
    ],
}


# ---- sentences


def test_each_sample_is_filled_once_and_always_alike() -> None:
    """No slot stays open, and a value of the right type stands in its place."""
    sentences = filled(MODEL)
    assert [sentence.sample for sentence in sentences] == [each for i in MODEL["intents"] for each in i["samples"]]
    assert sentences == filled(MODEL)
    said = {phrase for id_, synonyms in SITES.items() for phrase in (id_, *synonyms)}
    assert sentences[0].text.removeprefix("my ").removesuffix(" hurts") in said
    assert not any("{" in sentence.text for sentence in sentences)


def test_what_is_learned_is_bounded_different_and_fills_what_is_few() -> None:
    """As many sentences of each intent as there are, up to a number; samples with slots are filled again."""
    learned = training(MODEL, 12)
    assert len({sentence.text for sentence in learned}) == len(learned)
    count = {name: sum(sentence.intent == name for sentence in learned) for name in ("HurtIntent", "AskIntent")}
    assert count == {"HurtIntent": 12, "AskIntent": 3}
    assert {sentence.sample for sentence in learned} == {sentence.sample for sentence in filled(MODEL)}


def test_the_judges_read_the_file_that_is_deployed() -> None:
    """Its intents are there, with ids in its types."""
    model = deployed()
    assert {"DescribeIntent", "DangerIntent", FALLBACK} <= {intent["name"] for intent in model["intents"]}
    assert len(filled(model)) == sum(len(intent["samples"]) for intent in model["intents"])


# ---- by words


def test_words_pairs_and_pieces_are_what_counts() -> None:
    """The beginning and the end of a sentence count as neighbours."""
    assert features("It's a") == {"it's", "a", " it's", "it's a", "a ", *("#<it", "#it'", "#t's", "#'s>"), "#<a>"} | {
        "#<it'",
        "#it's",
        "#t's>",
    }


def test_a_judge_hears_other_words() -> None:
    """Pieces of words carry over."""
    heard = WordJudge(training(MODEL, 200)).hear(["my feet hurt", "could you explain a cramp"])
    assert heard == ["HurtIntent", "AskIntent"]


def test_a_judge_refuses_what_is_like_nothing_it_has_learned() -> None:
    """Unlike one in fifty of the samples that it was not shown at first."""
    assert WordJudge(training(deployed(), 50)).hear(["zyxw vut qqq", "pineapples"]) == [FALLBACK, FALLBACK]


# ---- by spelling


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it is my Calf", {"calf"}),
        ("the back of the leg and the nape", {"calf", "neck"}),
        ("the lower legs", {"calf"}),
        ("nothing of the kind", set()),
    ],
)
def test_slot_values_are_found_by_their_spelling(text: str, found: set[str]) -> None:
    """Word for word, or nearly so."""
    assert SlotJudge(MODEL).find(text, "site") == found


# ---- by meaning


def test_the_vocabulary_is_the_published_one() -> None:
    """bert-base-uncased, vocab.txt, unchanged."""
    digest = hashlib.sha256(VOCABULARY.read_bytes()).hexdigest()
    assert digest == "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", "[CLS] [SEP]"),
        ("My calf's cramping!", "[CLS] my calf ' s cr ##amp ##ing ! [SEP]"),
        ("naïve", "[CLS] naive [SEP]"),
        ("ᚠ", "[CLS] [UNK] [SEP]"),
    ],
)
def test_text_is_cut_into_the_longest_known_pieces(text: str, pieces: str) -> None:
    """Small letters, no accents, signs by themselves."""
    known = VOCABULARY.read_text("utf-8").splitlines()
    assert " ".join(known[number] for number in word_pieces(text)) == pieces


def test_the_judge_by_meaning_hears_what_no_word_says() -> None:
    """Only where "make judge" has installed it: words that no sample holds, and what none comes near."""
    meaning = pytest.importorskip("tools.judge.meaning", reason="make judge installs it", exc_type=ImportError)
    judge_ = meaning.MeaningJudge(training(deployed(), 40))
    heard = judge_.hear(["ouch, that ankle is awfully painful", "is my ailment grave", "tangerine marmalade sky"])
    assert is_alike("DescribeIntent", heard[0])
    assert heard[1:] == ["DoctorIntent", FALLBACK]


# ---- the score


def corpus(folder: Path, text: str) -> Path:
    """A file of cases."""
    path = folder / "en-US.yaml"
    path.write_text(text, "utf-8")
    return path


def test_cases_are_read_with_the_slots_they_carry(tmp_path: Path) -> None:
    """What is a sample word for word is known, but counts for nothing."""
    path = corpus(tmp_path, "HurtIntent: [my sole is sore: {site: foot}, Aching all over]\nAskIntent: [why me]")
    told = cases(MODEL, path)
    assert told[0] == Case("HurtIntent", "my sole is sore", {"site": "foot"})
    assert [case.text for case in new_wording(told, MODEL)] == ["my sole is sore", "why me"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("NoIntent: [no]", "NoIntent: is no intent of the model (rename it here"),
        ("HurtIntent: [my head: {site: head}]", "HurtIntent: my head: site has no head (use a slot and id it has"),
        ("AskIntent: [why: {site: calf}]", "AskIntent: why: site has no calf"),
    ],
)
def test_a_case_that_the_model_cannot_meet_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    """An intent, slot or id that was renamed is named in one line."""
    with pytest.raises(ContentError, match=re.escape(problem)):
        cases(MODEL, corpus(tmp_path, text))


def test_intents_are_alike_when_nobody_would_notice() -> None:
    """Telling is telling, turning away is turning away, and leaving is leaving."""
    assert is_alike("DescribeIntent", "DangerIntent")
    assert is_alike(FALLBACK, "OutOfScopeIntent")
    assert is_alike("ThanksIntent", "AMAZON.StopIntent")
    assert not is_alike("DescribeIntent", "DoctorIntent")
    assert not is_alike("DescribeIntent", FALLBACK)


def test_shares_and_thefts_count_what_they_say() -> None:
    """What is ours and what is not are counted apart."""
    told = [Case(intent, "", {}) for intent in ("DescribeIntent", "DescribeIntent", "DoctorIntent", "CauseIntent")]
    told += [Case(FALLBACK, "", {}), Case(FALLBACK, "", {})]
    heard = ["DescribeIntent", "DangerIntent", FALLBACK, "DoctorIntent", "OutOfScopeIntent", "DoctorIntent"]
    assert [(share.hits, share.n) for share in shares(told, heard)] == [(2, 4), (1, 4), (1, 4), (1, 2)]
    assert thefts(told, heard) == {
        ("DoctorIntent", FALLBACK): 1,
        ("CauseIntent", "DoctorIntent"): 1,
        (FALLBACK, "DoctorIntent"): 1,
    }


def test_the_report_names_every_judge_and_every_miss(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes on without the judge by meaning where that one is not installed."""
    told = [
        Case("DescribeIntent", "my left calf locked up", {"site": "calf", "side": "left"}),
        Case("DescribeIntent", "flibbertigibbet", {}),
        Case("DoctorIntent", "flibbertigibbets", {}),
        Case("DoctorIntent", "flibberti", {}),
    ]
    few = [Sentence("DescribeIntent", "my calf locked up", ""), Sentence("DoctorIntent", "should i see a doctor", "")]
    monkeypatch.setattr(judge, "cases", lambda _: told)
    monkeypatch.setattr(judge, "training", lambda *_: few)
    monkeypatch.setattr(judge, "_by_meaning", lambda *_: None)
    assert judge.main(["--misses", "--slots"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("4 invented sentences that are no samples (0 more are, and count for nothing).\n")
    assert re.search(r"our recogniser +share +95 % interval +n\n  intent heard, or one alike +25\.0%", said)
    assert re.search(r"\n  DescribeIntent +1 +1 +2\n", said)
    assert "'flibbertigibbet' is DescribeIntent, not AMAZON.FallbackIntent" in said
    assert re.search(r"\n  site +1 +1 +1\n  side +1 +1 +1\n", said)
