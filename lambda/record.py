"""Named tuples that cost next to nothing to declare.

`typing.NamedTuple` writes code for each class and compiles it, and a new process declares some thirty before its first
word. A Record is declared, made, read, compared and matched in the same way; to make one takes a little longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as Record  # which it is, to a type checker
else:
    from collections import _tuplegetter as field_at  # a named tuple's own: the quickest way to a place in a tuple

    _NEEDED = object()  # the default of a field that has none

    class _Declared(type):
        """Reads a class's fields: their names from its annotations, in their order, and their defaults."""

        def __new__(mcs, name, bases, names):
            fields = tuple(names.get("__annotations__", ()))
            if not fields and bases != (tuple,):
                # Python 3.14 would make the annotations later.
                raise TypeError(f"{name} has no fields, or its module has no `from __future__ import annotations`")
            defaults = tuple([names.get(field, _NEEDED) for field in fields])
            names |= {field: field_at(place, None) for place, field in enumerate(fields)}
            names |= {"_fields": fields, "_defaults": defaults, "__match_args__": fields, "__slots__": ()}
            return super().__new__(mcs, name, bases, names)

    class Record(tuple, metaclass=_Declared):  # noqa: SLOT001 - the metaclass gives the slots
        """As typing.NamedTuple; fields with a default come last."""

        def __new__(cls, *values, **named):
            """Raises TypeError for a field too many or too few."""
            if len(values) != len(cls._fields):
                given = len(values)
                values += tuple(map(named.pop, cls._fields[given:], cls._defaults[given:]))
                if len(values) != len(cls._fields) or _NEEDED in values:
                    raise TypeError(f"{cls.__name__} takes {', '.join(cls._fields)}: too many, or too few")
            if named:
                raise TypeError(f"{cls.__name__} takes no {', '.join(named)}")
            return tuple.__new__(cls, values)

        @classmethod
        def _make(cls, values):
            """Of all values, in their order."""
            return cls(*values)

        def _replace(self, **named):
            """The same with other values for some fields."""
            values = tuple(map(named.pop, self._fields, self))
            return type(self)(*values, **named)

        def _asdict(self):
            """Field -> value."""
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):  # for copies
            return tuple(self)

        def __repr__(self):
            fields = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"


__all__ = ["Record"]
