"""JSON to the kit's models and back, as the kit does it, in a fifth of the time.

The kit looks a class up by its name for every field of every request, and reads its types with regular expressions.
Here each class is looked at once and becomes a plan. A plan knows the plain case only: whatever is odd, down to one
value, is handed to the kit's own code, so that it becomes the same thing, or raises the same exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from ask_sdk_core.exceptions import SerializationException
from ask_sdk_core.serialize import DefaultSerializer

_Reader = Callable[[Any], Any]

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]{3})?Z")
_LIST, _DICT = re.compile(r"list\[([^,\[\]]+)\]"), re.compile(r"dict\(str, ([^,()]+)\)")
_PRIMITIVES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_PLAIN: frozenset[type] = frozenset({str, int, float, bool, type(None)})


class Serializer(DefaultSerializer):
    """The kit's own, with a way in for JSON that was parsed already."""

    def read(self, data: Any, obj_type: Any) -> Any:
        """As `deserialize`, for what `json.loads` gave instead of its text."""
        return self.deserialize(json.dumps(data), obj_type)


class QuickSerializer(Serializer):
    """Makes the same models of the same JSON, and the same JSON of the same models.

    What `read` gives may share lists and objects with the data it was given. A moment is in `datetime.UTC`, where the
    kit has dateutil's equal. Threads may share one.
    """

    def __init__(self) -> None:
        # Two threads may make the same plan at once: the later one wins, and both are right.
        self._readers: dict[Any, _Reader] = {}  # of a class, or of a type named as the kit names it
        self._writers: dict[type, Callable[[Any], Any]] = {
            **dict.fromkeys(_PLAIN, _same),
            dict: self._write_dict,
            list: self._write_list,
        }

    def deserialize(self, payload: str | None, obj_type: Any) -> Any:
        """As the kit's: a model of JSON text. Raises SerializationException."""
        try:
            data = json.loads(payload) if type(payload) is str else None
        except (ValueError, RecursionError):
            data = None
        if data is None:
            return super().deserialize(payload, obj_type)
        return self.read(data, obj_type)

    def read(self, data: Any, obj_type: Any) -> Any:
        return self._reader(obj_type)(data)

    def serialize(self, obj: Any) -> Any:
        """As the kit's: JSON data of a model, or of what is made of models."""
        writer = self._writers.get(type(obj))
        if writer is None:
            writer = self._writers[type(obj)] = self._write_model_of(type(obj))
        return writer(obj)

    def _kit(self, data: Any, obj_type: Any) -> Any:
        """What the kit makes of data."""
        return self._DefaultSerializer__deserialize(data, obj_type)  # type: ignore[attr-defined]

    # ---- JSON to models

    def _reader(self, type_: Any) -> _Reader:
        reader = self._readers.get(type_)
        if reader is None:
            reader = self._readers[type_] = self._make_reader(type_)
        return reader

    def _make_reader(self, type_: Any) -> _Reader:
        if not isinstance(type_, str):
            return self._model(type_)
        if type_ == "object":
            return _same
        if type_ == "datetime":
            return self._moment
        inner = _LIST.fullmatch(type_)
        if inner is not None:
            return self._list(type_, inner[1])
        inner = _DICT.fullmatch(type_)
        if inner is not None:
            return self._dict(type_, inner[1])
        if "." in type_:
            return self._reader(self._class_of(type_))
        if type_ == "float":
            return lambda data: float(data) if type(data) is int else self._kit(data, type_)
        return lambda data: self._kit(data, type_)  # what needs no reading was told apart before

    def _class_of(self, name: str) -> Any:
        return self._DefaultSerializer__load_class_from_name(name)  # type: ignore[attr-defined]

    def _moment(self, data: Any) -> Any:
        if type(data) is str and _MOMENT.fullmatch(data):
            try:
                return datetime.fromisoformat(data)
            except ValueError:
                pass  # the 31st of February
        return self._kit(data, "datetime")

    def _list(self, name: str, inner: str) -> _Reader:
        def read(data: Any) -> Any:
            if type(data) is not list:
                return self._kit(data, name)
            if not data:
                return []
            reader = self._reader(inner)
            return [reader(part) for part in data]

        return read

    def _dict(self, name: str, inner: str) -> _Reader:
        def read(data: Any) -> Any:
            if type(data) is not dict:
                return self._kit(data, name)
            if not data or inner == "object":
                return data.copy()
            reader = self._reader(inner)
            return {key: reader(part) for key, part in data.items()}

        return read

    def _model(self, class_: Any) -> _Reader:
        if issubclass(class_, Enum):
            return self._enumeration(class_)
        if not _is_plain(class_):
            return lambda data: self._kit(data, class_)
        if hasattr(class_, "get_real_child_model"):
            return self._kinds(class_)
        return self._fields(class_, class_)

    def _enumeration(self, class_: type[Enum]) -> _Reader:
        members: dict[Any, Enum] = {member.value: member for member in class_ if type(member.value) is str}

        def read(data: Any) -> Any:
            member = members.get(data) if type(data) is str else None
            return self._kit(data, class_) if member is None else member

        return read

    def _kinds(self, class_: Any) -> _Reader:
        """A class that stands for several; a field of the data says for which."""
        key: str = class_.json_discriminator_key
        names: Mapping[str, str] = class_.discriminator_value_class_map
        plans: dict[str, _Reader] = {}

        def read(data: Any) -> Any:
            kind = data.get(key) if type(data) is dict else None
            if type(kind) is not str:
                return self._kit(data, class_)
            plan = plans.get(kind)
            if plan is None:
                name = names.get(kind)
                if name is None:
                    return self._kit(data, class_)
                child = self._class_of(name)
                plan = plans[kind] = (
                    self._fields(child, class_) if _is_plain(child) else lambda data: self._kit(data, class_)
                )
            return plan(data)

        return read

    def _fields(self, class_: Any, declared: Any) -> _Reader:
        """Reads a class; what is odd in the data is left to the kit, which is asked for the class `declared`."""
        blank = vars(class_())
        types: Mapping[str, str] = class_.deserialized_types
        # The place of a field in the JSON -> the attribute, the type that needs no reading, and the one that does.
        fields = {
            class_.attribute_map.get(name, name): (name, _PRIMITIVES.get(type_, type(None)), type_)
            for name, type_ in types.items()
        }
        readers = self._readers  # one is made when it is first needed, for it may load another class
        new = class_.__new__

        def read(data: Any) -> Any:
            if type(data) is not dict:
                return self._kit(data, declared)
            values = blank.copy()
            more: list[str] = []
            try:
                for key, part in data.items():
                    field = fields.get(key)
                    if field is not None:
                        name, plain, type_ = field
                        if type(part) is plain or part is None:
                            values[name] = part
                        else:
                            values[name] = (readers.get(type_) or self._reader(type_))(part)
                    elif type(key) is not str or key.startswith("_"):
                        return self._kit(data, declared)
                    else:
                        more.append(key)
            except SerializationException:
                raise
            except Exception:  # noqa: BLE001 - whatever it is, the kit has its own way with it
                return self._kit(data, declared)
            for key in more:  # the kit keeps them, too, and after all others
                values[key] = data[key]
            model = new(class_)
            model.__dict__ = values
            return model

        return read

    # ---- models to JSON

    def _write_dict(self, data: dict[Any, Any]) -> dict[Any, Any]:
        return {key: part if type(part) in _PLAIN else self.serialize(part) for key, part in data.items()}

    def _write_list(self, data: list[Any]) -> list[Any]:
        return [part if type(part) in _PLAIN else self.serialize(part) for part in data]

    def _write_model_of(self, class_: Any) -> Callable[[Any], Any]:
        if issubclass(class_, DefaultSerializer.PRIMITIVE_TYPES):
            return _same
        if issubclass(class_, Enum):
            return _value
        if not hasattr(class_, "deserialized_types") or not _is_plain(class_):
            return super().serialize
        fields = [(name, class_.attribute_map.get(name, name)) for name in class_.deserialized_types]

        def write(model: Any) -> dict[str, Any]:
            values = vars(model)
            written = {}
            for name, key in fields:
                part = values[name] if name in values else getattr(model, name)
                if part is not None:
                    written[key] = part if type(part) in _PLAIN else self.serialize(part)
            return written

        return write


def _same(data: Any) -> Any:
    return data


def _value(member: Enum) -> Any:
    return member.value


def _is_plain(class_: Any) -> bool:
    """Whether a class is as the kit writes its models: a name and a type for each field, and no code behind them."""
    types, names = getattr(class_, "deserialized_types", None), getattr(class_, "attribute_map", None)
    if not isinstance(types, dict) or not isinstance(names, dict):
        return False
    if class_.__setattr__ is not object.__setattr__ or class_.__new__ is not object.__new__:
        return False
    if any(hasattr(getattr(class_, name, None), "__set__") for name in types):
        return False
    try:
        blank = vars(class_())
    except TypeError:  # it cannot be made of nothing, or has slots
        return False
    return all(value is None or isinstance(value, str | int | float | Enum) for value in blank.values())
