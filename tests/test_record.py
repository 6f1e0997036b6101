"""What a Record does is what typing.NamedTuple does, to whoever declares, makes or reads one."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from record import Record

if TYPE_CHECKING:
    from collections.abc import Callable


class Ours(Record):
    """With a default, a property, and a field named as a method of tuples."""

    site: str
    count: int  # type: ignore[assignment]
    side: str = "left"

    @property
    def both(self) -> str:
        return f"{self.side} {self.site}"


class Theirs(NamedTuple):
    site: str
    count: int  # type: ignore[assignment]
    side: str = "left"

    @property
    def both(self) -> str:
        return f"{self.side} {self.site}"


@pytest.mark.parametrize(
    "make",
    [
        lambda kind: kind("calf", 1),
        lambda kind: kind("calf", 1, "right"),
        lambda kind: kind("calf", count=1, side="right"),
        lambda kind: kind(side="right", count=1, site="calf"),
        lambda kind: kind("calf", 1)._replace(count=2, side="right"),
        lambda kind: kind("calf", 1)._replace(),
        lambda kind: kind._make(iter(("calf", 1, "right"))),
        lambda kind: copy.deepcopy(kind("calf", 1)),
        lambda kind: copy.copy(kind("calf", 1)),
    ],
)
def test_it_is_made_and_read_as_a_named_tuple(make: Callable[[Any], Any]) -> None:
    ours, theirs = make(Ours), make(Theirs)
    assert (type(ours), type(theirs)) == (Ours, Theirs)
    assert ours == theirs
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert ours._asdict() == theirs._asdict()
    assert ours._fields == theirs._fields
    assert (ours.site, ours.count, ours.side, ours.both) == (theirs.site, theirs.count, theirs.side, theirs.both)


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_it_is_matched_by_place_and_by_name(kind: Any) -> None:
    match kind("calf", 1):
        case Ours(site, side=side) | Theirs(site, side=side):
            assert (site, side) == ("calf", "left")
        case _:
            pytest.fail("not matched")


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_it_does_not_change(kind: Any) -> None:
    made = kind("calf", 1)
    for name in ("site", "pain"):
        with pytest.raises(AttributeError):
            setattr(made, name, "foot")


@pytest.mark.parametrize("kind", [Ours, Theirs])
@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((), {}),
        (("calf",), {}),
        (("calf",), {"side": "left"}),
        (("calf", 1), {"pain": "much"}),
        (("calf", 1), {"site": "foot"}),
        (("calf", 1, "left"), {"side": "left"}),
        (("calf", 1, "left", 4), {}),
    ],
)
def test_a_field_too_many_or_too_few_is_a_mistake(kind: Any, values: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        kind(*values, **named)


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_nothing_is_replaced_that_is_not_there(kind: Any) -> None:
    with pytest.raises((TypeError, ValueError)):  # one on 3.13, the other before
        kind("calf", 1)._replace(pain="much")


def test_a_class_without_fields_is_a_mistake() -> None:
    """In a module without the import from __future__, Python 3.14 would make them later."""
    with pytest.raises(TypeError, match="__future__"):
        type(Record)("Empty", (Record,), {})
