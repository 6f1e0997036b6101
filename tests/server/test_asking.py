"""How people ask about remedies is heard, and how they tell of a cramp is not taken for it."""

from __future__ import annotations

import json

import pytest

from server.conversation import recognizer
from tools.yamlfile import ROOT

MODEL = json.loads((ROOT / "skill-package/interactionModels/custom/en-US.json").read_text("utf-8"))
TYPES = {type_["name"]: type_["values"] for type_ in MODEL["interactionModel"]["languageModel"]["types"]}


def heard(text: str) -> tuple[str, list[str | None]]:
    """The intent of what was said, and the remedies it is about."""
    recognition = recognizer("en-US").recognize(text)
    return recognition.intent, list(dict.fromkeys(value.id for value in recognition.slots if value.slot == "remedy"))


@pytest.mark.parametrize("value", TYPES["Remedy"], ids=lambda value: value["id"])
def test_each_remedy_is_heard_by_all_its_names(value: dict[str, object]) -> None:
    name = value["name"]
    assert isinstance(name, dict)
    for words in (name["value"], *name["synonyms"]):
        assert heard(f"does {words} help") == ("RemedyIntent", [value["id"]]), words


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("my nan swears by vinegar", "vinegar"),
        ("my granny swears by mustard", "mustard"),
        ("I heard bananas stop cramps", "bananas"),
        ("is yoga a load of nonsense", "yoga"),
        ("would a wee dram do any harm", "alcohol"),
        ("any harm in tonic water", "quinine"),
        ("would you rate acupuncture", "acupuncture"),
        ("should I give it a rub", "massage"),
        ("should my mum have pickle juice", "pickle_juice"),
        ("is it okay to take potassium tablets", "potassium"),
        ("can I take magnesium, I'm on a blood thinner", "magnesium"),
        ("is there any evidence for foam rolling", "foam_roller"),
        ("everyone says eat bananas, do bananas help", "bananas"),
        ("what about water", "water"),
        ("and ice?", "ice"),
        ("mustard for cramps?", "mustard"),
        ("should I keep running", "exercising_on"),
        ("can I stretch it, I'm over seventy", "stretching"),
    ],
)
def test_people_ask_in_many_ways(said: str, remedy: str) -> None:
    assert heard(said) == ("RemedyIntent", [remedy])


@pytest.mark.parametrize("said", ["does dragon oil help", "is dragon oil any good", "can I take powdered unicorn horn"])
def test_an_unlisted_remedy_is_asked_about_all_the_same(said: str) -> None:
    assert heard(said) == ("RemedyIntent", [None])


@pytest.mark.parametrize(
    "said",
    [
        "my calf cramped after a hot bath",
        "I hurt my calf in the cold water",
        "my calf locked up while I was stretching",
        "I drank water and stretched but my calf is still locked",
        "I was running and my calf seized up",
        "new shoes, and my calf is cramping",
        "I take magnesium and my calf still cramps",
        "my hamstring grabbed doing yoga",
        "I did something to my calf",
        "it goes from my back to my foot",
    ],
)
def test_a_complaint_with_a_remedy_in_it_is_a_complaint(said: str) -> None:
    assert heard(said)[0] in {"DescribeIntent", "DangerIntent", "CheckCrampIntent"}


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("where did you get that", "SourceIntent"),
        ("says who", "SourceIntent"),
        ("what's your source", "SourceIntent"),
        ("is that true", "SourceIntent"),
        ("how do you know", "SourceIntent"),
        ("why do you ask", "WhyIntent"),
        ("why do you say that", "WhyIntent"),
        ("back to my calf", "ResumeIntent"),
        ("where were we", "ResumeIntent"),
        ("carry on", "AMAZON.NextIntent"),
        ("start over", "AMAZON.StartOverIntent"),
        ("tell me about night cramps", "NightCrampIntent"),
        ("I get night cramps in my calf", "DescribeIntent"),
    ],
)
def test_wishes_about_the_conversation_are_told_apart(said: str, intent: str) -> None:
    assert heard(said)[0] == intent
