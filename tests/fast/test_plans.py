"""The quick serializer makes what the kit's own makes: the same models, the same JSON, the same exceptions."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from ask_sdk_core.exceptions import SerializationException
from ask_sdk_core.serialize import DefaultSerializer
from ask_sdk_model import Request, RequestEnvelope, Response, ResponseEnvelope
from ask_sdk_model.interfaces.alexa.presentation.apl import RenderDocumentDirective
from ask_sdk_model.ui import SimpleCard, SsmlOutputSpeech

from fast.plans import QuickSerializer, Serializer

KIT = DefaultSerializer()
QUICK = QuickSerializer()
KINDS = sorted(Request.discriminator_value_class_map)
SAMPLES = 12
DEEPEST = 7
# What no field was made for, and what a newer Alexa may send.
ODD: list[Any] = [
    None, "", "x", "NEW_VALUE", "2026-02-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", "1767225600", 0, -1, 1.5,
    True, [], {}, [None], [[]], ["x", 1], {"type": "New.Kind"}, {"type": 1}, {"type": None}, {"a": {"b": [1]}},
]  # fmt: skip
MORE = {"newField": {"deep": [1, None]}, "to_dict": "x", "object_type": "other", "_private": 1, "__class__": "y", "": 1}


def seeded(by: str) -> random.Random:
    """Chance that is the same every time."""
    return random.Random(by)  # noqa: S311 - nothing secret


def said(random_: random.Random, type_: str, deep: int = 0) -> Any:
    """JSON of a type, as the kit names it: mostly as Alexa would send it, now and then odd."""
    if random_.random() < 0.02:
        return copy.deepcopy(random_.choice(ODD))
    plain = {
        "str": ["", "text", "5", "Zürich"],
        "int": [0, 7, "7"],
        "float": [1.5, 2, "2.5"],
        "bool": [True, False, 0],
        "object": [{"any": [1, "x"]}, "x", 3],
        "datetime": ["2026-03-01T10:00:00Z", "2026-03-01T10:00:00.250Z", "2026-03-01T10:00:00+02:00", "March 1st 2026"],
    }
    if type_ in plain:
        return copy.deepcopy(random_.choice(plain[type_]))
    inner = re.fullmatch(r"list\[(.*)\]", type_)
    if inner is not None:
        return [said(random_, inner[1], deep + 1) for _ in range(random_.randrange(3))]
    inner = re.fullmatch(r"dict\(str, (.*)\)", type_)
    if inner is not None:
        return {name: said(random_, inner[1], deep + 1) for name in ("one", "two")[: random_.randrange(3)]}
    return model(random_, QUICK._class_of(type_), deep)


def model(random_: random.Random, class_: Any, deep: int, kind: str = "") -> Any:
    """JSON of a class of the kit."""
    if issubclass(class_, Enum):
        return random_.choice([member.value for member in class_])
    kinds = class_.__dict__.get("discriminator_value_class_map")
    if kinds:
        kind = kind or random_.choice(sorted(kinds))
        class_ = QUICK._class_of(kinds[kind])
    data = {
        class_.attribute_map[name]: said(random_, type_, deep + 1)
        for name, type_ in class_.deserialized_types.items()
        if random_.random() < (0.8 if deep < DEEPEST else 0.0)
    }
    if kind:
        data[class_.json_discriminator_key] = kind
    if random_.random() < 0.03:
        name = random_.choice(sorted(MORE))
        data[name] = copy.deepcopy(MORE[name])
    return data


def shape(value: Any) -> Any:
    """A tree of models as plain values: every class and every attribute, also those that only the kit sees."""
    if isinstance(value, Enum):
        return type(value), value.value
    if isinstance(value, datetime):
        return value, value.utcoffset()  # dateutil's zone and ours are of two classes, and equal
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [shape(part) for part in value]
    if hasattr(value, "deserialized_types"):
        return type(value), {name: shape(part) for name, part in vars(value).items()}
    return type(value), value


def outcome(serializer: DefaultSerializer, data: Any, type_: Any = RequestEnvelope) -> Any:
    """What comes of JSON: the shape of the model, or the class of the exception.

    Not its words: of two things that are wrong it names the first, and which is read first is no promise.
    """
    try:
        return shape(serializer.deserialize(json.dumps(data), type_))
    except Exception as error:  # noqa: BLE001 - whatever the kit raises
        return (type(error),)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_request_becomes_the_same_model(kind: str) -> None:
    """Attribute by attribute, whatever the request holds: new fields, nulls, wrong types, unknown words."""
    random_ = seeded(f"request {kind}")
    for _ in range(SAMPLES):
        envelope = model(random_, RequestEnvelope, 0)
        envelope["request"] = model(random_, Request, 1, kind)
        assert outcome(QUICK, envelope) == outcome(KIT, envelope)


def test_both_ways_of_ending_are_among_them() -> None:
    """Of the requests above some can be read, and some cannot: neither would be much of a test alone."""
    random_ = seeded("both")
    assert {outcome(QUICK, model(random_, RequestEnvelope, 0))[0] for _ in range(30)} == {
        RequestEnvelope,
        SerializationException,
    }


def oddities() -> Iterator[Any]:
    yield from ODD
    for odd in ODD:
        yield {"version": odd, "session": odd, "context": odd, "request": odd}
        yield {"request": {"type": "IntentRequest", "timestamp": odd, "intent": odd, "dialogState": odd}}
        yield {"request": {"type": "IntentRequest", "intent": {"name": odd, "slots": {"site": odd}}}}
        yield {"request": {"type": "IntentRequest", "intent": {"slots": {"site": {"slotValue": odd}}}}}
        yield {"session": {"new": odd, "attributes": odd, "user": {"permissions": {"scopes": odd}}}}
        yield {"context": {"System": {"device": odd, "application": odd}, "Viewports": odd, "Viewport": odd}}
    for name, value in MORE.items():
        yield {name: value}
        yield {"request": {"type": "LaunchRequest", name: value}}
    nested: Any = "deep"
    for _ in range(3_000):
        nested = [nested]
    yield {"request": nested}


@pytest.mark.parametrize("data", list(oddities()), ids=lambda _: "")
def test_what_is_odd_becomes_what_the_kit_makes_of_it(data: Any) -> None:
    """A value in the wrong place, at every depth: the same model, or the same exception with the same words."""
    assert outcome(QUICK, data) == outcome(KIT, data)


def test_values_within_values_end_somewhere() -> None:
    """A list of lists of slot values deeper than Python goes is refused, as the kit refuses it."""
    value: Any = {"type": "Simple", "value": "calf"}
    for _ in range(40):
        value = {"type": "List", "values": [value]}
    data = {"request": {"type": "IntentRequest", "intent": {"slots": {"site": {"slotValue": value}}}}}
    assert outcome(QUICK, data) == outcome(KIT, data)


@pytest.mark.parametrize("text", ["", "{", "null", "NaN", '"x"', "[]", "{}", '{"request": {"type": "LaunchRequest"}}'])
def test_text_is_read_as_the_kit_reads_it(text: str) -> None:
    def read(serializer: DefaultSerializer) -> Any:
        try:
            return shape(serializer.deserialize(text, RequestEnvelope))
        except SerializationException as error:
            return str(error)

    assert read(QUICK) == read(KIT)


@pytest.mark.parametrize(
    "type_", ["str", "int", "date", "datetime", "list[str]", "list[int, str]", "dict(str, int)", "Nothing", "no.Thing"]
)
@pytest.mark.parametrize("data", ["5", 5, "2026-03-01T10:00:00Z", ["5", 6], {"a": "5"}, None])
def test_types_are_named_as_the_kit_names_them(type_: str, data: Any) -> None:
    assert outcome(QUICK, data, type_) == outcome(KIT, data, type_)


def test_nothing_stays_from_one_request_to_the_next() -> None:
    """A field that one request has, or adds, is not in the model of the next one."""
    with_much = {"request": {"type": "LaunchRequest", "locale": "en-GB", "newField": 1}, "version": "1.0"}
    bare = {"request": {"type": "LaunchRequest"}}
    QUICK.read(with_much, RequestEnvelope)
    assert shape(QUICK.read(bare, RequestEnvelope)) == outcome(KIT, bare)


def responses() -> list[Any]:
    speech = SsmlOutputSpeech(ssml="<speak>Stop.</speak>")
    response = Response(
        output_speech=speech,
        card=SimpleCard("Cramp Coach", "Text"),
        directives=[RenderDocumentDirective(token="screen", document={"a": [1, None]}, datasources={"coach": {}})],
        should_end_session=False,
    )
    return [
        ResponseEnvelope(
            version="1.0", session_attributes={"turn": 1, "none": None, "l": [1.5, (2,)]}, response=response
        ),
        ResponseEnvelope(response=Response()),
        {"a": [datetime(2026, 1, 1)], "b": Kind.ONE, "c": StrKind.ONE},  # noqa: DTZ001
        [speech, None, "x", b"x"],
        None,
    ]


class Kind(Enum):
    ONE = "one"


class StrKind(str, Enum):  # noqa: UP042 - as old code writes it
    ONE = "one"


@pytest.mark.parametrize("number", range(len(responses())))
def test_every_response_becomes_the_same_json(number: int) -> None:
    made = responses()[number]
    assert shape(QUICK.serialize(made)) == shape(KIT.serialize(made))


def test_what_cannot_be_written_raises_what_the_kit_raises() -> None:
    with pytest.raises(AttributeError):
        KIT.serialize(object())
    with pytest.raises(AttributeError):
        QUICK.serialize(object())


def test_requests_are_written_as_they_came() -> None:
    """There and back is the same for both, for every kind of request."""
    for kind in KINDS:
        envelope = {"version": "1.0", "request": model(seeded(kind), Request, 1, kind)}
        try:
            read = KIT.deserialize(json.dumps(envelope), RequestEnvelope)
        except SerializationException:
            continue
        assert QUICK.serialize(QUICK.read(envelope, RequestEnvelope)) == QUICK.serialize(read) == KIT.serialize(read)


def test_the_plain_one_reads_data_as_well() -> None:
    """Both have the same three methods, so that a door need not know which it has."""
    data = {"request": {"type": "LaunchRequest", "timestamp": "2026-01-01T00:00:00Z"}}
    assert shape(Serializer().read(data, RequestEnvelope)) == shape(QUICK.read(data, RequestEnvelope))
