"""Loads code of the kit when it is first used.

Importing anything of ask_sdk_model imports its packages, and each imports all of its models: hundreds, of which a
conversation uses about forty. And each model imports pprint, for its `repr` alone, and six, for its `to_dict`, and
these bring inspect and importlib.util along. Here a package, pprint or six is a module as ever, whose code runs when
something in it is asked for that is not there yet. Installed files stay untouched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence, Set
from copy import deepcopy  # the kit imports it, too
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from .linked import Linked

if TYPE_CHECKING:  # in Python 3.11 it brings importlib.resources and tempfile along
    from importlib.abc import Loader

_KIT = "ask_sdk_model"
_SIX = "six"
_PACKAGES = frozenset({"ask_sdk_core.view_resolvers", "ask_sdk_runtime.view_resolvers"})  # templates; we have none
_WAITING: Mapping[str, Mapping[str, Any]] = {
    # What the kit's skill asks for while it loads; beside it stand questions about requests that nobody asks.
    "ask_sdk_core.utils": {
        "RESPONSE_FORMAT_VERSION": "1.0",
        "user_agent_info": lambda *given, **named: import_module("ask_sdk_runtime.utils").user_agent_info(
            *given, **named
        ),
    },
    "pprint": {},
    # What the kit's serializer asks for while it loads. Its path makes six.moves a module in it.
    _SIX: {"iteritems": lambda of: iter(of.items()), "text_type": str, "integer_types": (int,), "__path__": []},
}
_FACTORY = "ServiceClientFactory"


def install(tried: Mapping[str, Set[str]]) -> bool:
    """Makes the kit load later. False, and nothing changed, where its versions are not among those `tried`.

    What was imported before stays as it is.
    """
    fresh = _KIT not in sys.modules
    finder = _Finder(Linked(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))  # noqa: PTH100, PTH120
    sys.meta_path.insert(0, finder)
    try:
        versions = {package: import_module(f"{package}.__version__").__version__ for package in tried}
        known = all(versions[package] in tried[package] for package in tried)
    except (ImportError, AttributeError):
        known = False
    if not known:
        sys.meta_path.remove(finder)
        for name in (_KIT, f"{_KIT}.__version__") if fresh else ():
            sys.modules.pop(name, None)
        return False
    _hide_factory()
    return True


def _hide_factory() -> None:
    """Has the kit's skill take a stand-in for the class that imports every client of every service of Alexa's."""
    services = vars(import_module(f"{_KIT}.services"))
    if _FACTORY in services or "ask_sdk_core.skill" in sys.modules:
        return
    services[_FACTORY] = _make_factory
    try:
        import_module("ask_sdk_core.skill")
    finally:
        del services[_FACTORY]  # whoever else asks for it gets the kit's own
    vars(import_module("ask_sdk_core.attributes_manager"))["deepcopy"] = copied


def copied(data: Any) -> Any:
    """As `copy.deepcopy`, for what the kit copies on every turn: the attributes of a session.

    They are JSON data, which holds no part twice, and takes a tenth of the time; anything else goes to `deepcopy`.
    """
    if type(data) is dict:
        return {key: part if type(part) in _PLAIN else copied(part) for key, part in data.items()}
    if type(data) is list:
        return [part if type(part) in _PLAIN else copied(part) for part in data]
    return deepcopy(data)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _make_factory(api_configuration: Any) -> Any:
    """The kit's ServiceClientFactory, as its skill makes it where it was given an API client; ours has none."""
    from ask_sdk_model.services.service_client_factory import ServiceClientFactory

    return ServiceClientFactory(api_configuration)


class _Finder:
    """Finds what may wait, and what is linked: first in `sys.meta_path`, and silent about everything else."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a linked module, or of a package of the kit, of pprint or of six, with a loader that waits."""
        spec = self._linked.find_spec(name)
        if not name.startswith(_KIT) and name not in _PACKAGES and name not in _WAITING:
            if name.startswith(f"{_SIX}."):
                sys.modules[_SIX].moves  # noqa: B018 - its code adds the finder of its modules
            return spec
        spec = spec or PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        if name in _WAITING:
            spec.loader = cast("Loader", _Later(spec.loader, _WAITING[name]))
        elif spec.submodule_search_locations is not None:
            spec.loader = cast("Loader", _Package(spec.loader))
        return spec


class _Later:
    """Runs a module's code when a name is asked for that the module does not have. Some it may have before."""

    def __init__(self, loader: Loader, names: Mapping[str, Any] | None = None) -> None:
        self._loader = loader
        self._names = names or {}
        self._lock = RLock()  # threads share a process, and code must run once
        self._ran = False

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader  # from here on it looks like any other
        module.__loader__ = self._loader
        module.__dict__.update(self._names)
        module.__dict__["__getattr__"] = lambda name: self._find(module, name)
        module.__dict__["__dir__"] = lambda: self._listed(module)

    def _find(self, module: ModuleType, name: str) -> Any:
        if not name.startswith("__") or name == "__all__":
            self._run(module)
            if name in vars(module):
                return vars(module)[name]
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    def _listed(self, module: ModuleType) -> list[str]:
        self._run(module)
        return sorted(vars(module))

    def _run(self, module: ModuleType) -> None:
        with self._lock:
            if not self._ran:
                self._loader.exec_module(module)
                self._ran = True


class _Package(_Later):
    """A package of the kit, whose code only imports each model from the module that is named like it."""

    def _find(self, module: ModuleType, name: str) -> Any:
        """A model from its own module, "IntentRequest" from intent_request; where there is none, from the package."""
        if name.startswith("__"):
            return super()._find(module, name)
        within = f"{module.__name__}.{_file_of(name)}"
        try:
            found = import_module(within)
        except ModuleNotFoundError as error:
            if error.name != within:
                raise
            return super()._find(module, name)
        if within.endswith(f".{name}"):
            return found
        if name not in vars(found):
            return super()._find(module, name)
        vars(module)[name] = vars(found)[name]
        return vars(found)[name]

    def _run(self, module: ModuleType) -> None:
        """Without a lock, which could wait for one that an import holds: to import twice is to import once."""
        if not self._ran:
            self._loader.exec_module(module)
            self._ran = True


def _file_of(name: str) -> str:
    """ "IntentRequest" -> "intent_request"."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")
