"""Named tuples that cost next to nothing to declare.

`typing.NamedTuple` writes code for each class and compiles it, and a new process declares some thirty before its first
word. A Record is declared, made, read, compared and matched in the same way, and as fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as Record  # which it is, to a type checker
else:
    from collections import _tuplegetter as field_at  # a named tuple's own: the quickest way to a place in a tuple
    from types import FunctionType

    new = tuple.__new__
    # How a Record is made, by the number of its fields. A class renames the arguments, and need not be compiled.
    # fmt: off
    _MAKERS = (
        lambda cls: new(cls),
        lambda cls,a: new(cls,(a,)),
        lambda cls,a,b: new(cls,(a,b)),
        lambda cls,a,b,c: new(cls,(a,b,c)),
        lambda cls,a,b,c,d: new(cls,(a,b,c,d)),
        lambda cls,a,b,c,d,e: new(cls,(a,b,c,d,e)),
        lambda cls,a,b,c,d,e,f: new(cls,(a,b,c,d,e,f)),
        lambda cls,a,b,c,d,e,f,g: new(cls,(a,b,c,d,e,f,g)),
        lambda cls,a,b,c,d,e,f,g,h: new(cls,(a,b,c,d,e,f,g,h)),
        lambda cls,a,b,c,d,e,f,g,h,i: new(cls,(a,b,c,d,e,f,g,h,i)),
        lambda cls,a,b,c,d,e,f,g,h,i,j: new(cls,(a,b,c,d,e,f,g,h,i,j)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k: new(cls,(a,b,c,d,e,f,g,h,i,j,k)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r,s: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r,s)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r,s,t: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r,s,t)),
        lambda cls,a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r,s,t,u: new(cls,(a,b,c,d,e,f,g,h,i,j,k,m,n,o,p,q,r,s,t,u)),
    )
    # fmt: on

    class _Declared(type):
        """Reads a class's fields: their names from its annotations, in their order, and their defaults."""

        def __new__(mcs, name, bases, names):
            fields = tuple(names.get("__annotations__", ()))
            if not fields and bases != (tuple,):
                # Python 3.14 would make the annotations later.
                raise TypeError(f"{name} has no fields, or its module has no `from __future__ import annotations`")
            made = _MAKERS[len(fields)].__code__
            made = made.replace(co_name="__new__", co_qualname=f"{name}.__new__", co_varnames=("cls", *fields))
            defaults = tuple([names[field] for field in fields if field in names])
            places = {field: place for place, field in enumerate(fields)}
            names |= {field: field_at(place, None) for field, place in places.items()}
            names |= {"__new__": FunctionType(made, globals(), "__new__", defaults)}
            names |= {"_fields": fields, "_places": places, "__match_args__": fields, "__slots__": ()}
            return super().__new__(mcs, name, bases, names)

    class Record(tuple, metaclass=_Declared):  # noqa: SLOT001 - the metaclass gives the slots
        """As typing.NamedTuple; fields with a default come last, and there are no more than twenty."""

        @classmethod
        def _make(cls, values):
            """Of all values, in their order."""
            return cls(*values)

        def _replace(self, **named):
            """The same with other values for some fields."""
            values, places = list(self), self._places
            for field, value in named.items():
                if field not in places:
                    raise TypeError(f"{type(self).__name__} has no {field}")
                values[places[field]] = value
            return new(type(self), values)

        def _asdict(self):
            """Field -> value."""
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):  # for copies
            return tuple(self)

        def __repr__(self):
            fields = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({fields})"


__all__ = ["Record"]
