"""Reads the YAML that people write, and refuses what YAML would silently change.

A duplicate key, or a bare yes, no, on or off, stops the build with the file, the key and the remedy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

try:  # ten times as fast, where PyYAML was built with libyaml, as its wheels are
    from yaml import CBaseLoader as BaseLoader
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import BaseLoader, SafeLoader  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent


class ContentError(Exception):
    """A mistake in the content: where it is, what is wrong, and how to mend it. One line."""

    def __init__(self, path: Path | str, key: str, problem: str, remedy: str) -> None:
        if isinstance(path, Path) and path.is_relative_to(ROOT):
            path = path.relative_to(ROOT)
        super().__init__(f"{path}: {key}: {problem} ({remedy})" if key else f"{path}: {problem} ({remedy})")


class _Strict(SafeLoader):
    """Plain data; numbers stay numbers, everything doubtful is refused."""

    name: str  # of the file


class _Text(BaseLoader):
    """Every scalar is the text that was written."""

    name: str


def _mapping(loader: _Strict | _Text, node: yaml.MappingNode, deep: bool = True) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in made:
            raise ContentError(
                Path(loader.name),
                str(key),
                f"is written twice (line {key_node.start_mark.line + 1})",
                "keep one of the two",
            )
        made[key] = loader.construct_object(value_node, deep=deep)
    return made


def _boolean(loader: _Strict, node: yaml.ScalarNode) -> Any:
    raise ContentError(
        Path(loader.name),
        node.value,
        f"bare {node.value!r} on line {node.start_mark.line + 1} changes its type in YAML",
        "put it in quotes, or write present / absent",
    )


for _loader in (_Strict, _Text):
    _loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Strict.add_constructor("tag:yaml.org,2002:bool", _boolean)


def read(path: Path, *, text: bool = False) -> Any:
    """The data of a YAML file. With `text`, every scalar is text: for words that people say."""
    try:
        with path.open(encoding="utf-8") as stream:
            loader = _Text(stream) if text else _Strict(stream)
            loader.name = str(path)
            try:
                return loader.get_single_data()
            finally:
                loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(path, f"line {line}", str(error.problem), "mend the YAML there") from error
    except FileNotFoundError as error:
        raise ContentError(
            path, "", "is missing", "write the file, or take its name out of what refers to it"
        ) from error
