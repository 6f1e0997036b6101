"""The kit that loads later is the same kit: every name, every class, also for threads and for who comes first."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

import fast
from fast.later import copied
from tools.yamlfile import ROOT

PLAIN = {"CRAMP_COACH_PLAIN_KIT": "1"}

NAMES = """
    import json, pkgutil
    from importlib import import_module
    import fast
    import ask_sdk_model
    packages = ["ask_sdk_model"] + [m.name for m in pkgutil.walk_packages(ask_sdk_model.__path__, "ask_sdk_model.") if m.ispkg]
    named = {}
    for package in packages:
        module = import_module(package)
        names = [name for name in dir(module) if not name.startswith("__")]
        found = {name: getattr(module, name) for name in names}
        named[package] = {name: f"{getattr(v, '__module__', '')}.{getattr(v, '__qualname__', v.__class__.__name__)}"
                          for name, v in found.items()}
    print(json.dumps([fast.is_on, named]))
"""  # noqa: E501

KNOWN_ONLY_BY_NAME = """
    import json
    import fast
    from ask_sdk_model.interfaces.conversations import APIRequest
    from ask_sdk_model.interfaces.viewport import APLTViewportState, apl_viewport_state
    from ask_sdk_model import services, IntentRequest, ui
    from ask_sdk_model.intent_request import IntentRequest as Own
    import ask_sdk_model.services.reminder_management
    assert IntentRequest is Own and ui.SimpleCard and services.reminder_management.Trigger
    assert APIRequest and APLTViewportState and apl_viewport_state.APLViewportState
    space = {}
    exec("from ask_sdk_model.ui import *", space)
    assert {"SimpleCard", "Reprompt"} <= set(space)
    for name in ("Nothing", "nothing", "__nothing__"):
        assert not hasattr(ask_sdk_model, name), name
    try:
        from ask_sdk_model import Nothing
    except ImportError:
        print(json.dumps("done"))
"""

PRINTER = """
    import json
    import fast
    import pprint
    from ask_sdk_model import Intent
    shown = repr(Intent(name="x"))
    from pprint import PrettyPrinter, pformat
    assert PrettyPrinter is pprint.PrettyPrinter and pformat({"a": 1}) == "{'a': 1}"
    class Own(pprint.PrettyPrinter): ...
    print(json.dumps([shown, Own().pformat([1])]))
"""

SIX = """
    import json, sys
    import fast
    import ask_sdk_core.serialize, ask_sdk_model.intent
    assert fast.is_on == ("moves" not in vars(sys.modules["six"]))
    import six
    from six import integer_types, iteritems, text_type
    assert isinstance("x", text_type) and isinstance(1, integer_types) and list(iteritems({"a": 1})) == [("a", 1)]
    from six.moves import range as moved
    import six.moves.urllib.parse
    from dateutil import parser
    assert moved is range and six.PY3 and parser.parse("2026-01-01").year == 2026
    print(json.dumps(sorted(name for name in dir(six) if not name.startswith("__"))))
"""

FACTORY = """
    import json
    import fast
    from ask_sdk_core.skill_builder import CustomSkillBuilder
    from ask_sdk_model import RequestEnvelope
    from ask_sdk_model.services import ApiClient, ServiceClientFactory
    from ask_sdk_model.services.service_client_factory import ServiceClientFactory as Own
    assert ServiceClientFactory is Own
    builder = CustomSkillBuilder(api_client=ApiClient())
    builder.request_handler(lambda i: True)(lambda i: i.response_builder.speak(
        type(i.service_client_factory).__name__ + " " + type(i.service_client_factory.get_ups_service()).__name__).response)
    data = {"request": {"type": "LaunchRequest"}, "context": {"System": {"apiEndpoint": "x", "apiAccessToken": "y"}}}
    answer = builder.create().invoke(fast.serializer().read(data, RequestEnvelope), None)
    print(json.dumps(answer.response.output_speech.ssml))
"""  # noqa: E501

THREADS = """
    import json, threading
    import fast
    names = ["IntentRequest", "Response", "Slot", "User", "Session", "Context", "Device", "Person"] * 4
    start, found, wrong = threading.Barrier(len(names)), [], []
    def load(name):
        try:
            start.wait()
            import ask_sdk_model, pprint
            from ask_sdk_model.services import ServiceException
            from ask_sdk_model.interfaces.alexa.presentation import apl
            apl.RenderDocumentDirective, dir(ask_sdk_model.ui), pprint.PrettyPrinter
            found.append((name, id(getattr(ask_sdk_model, name)), id(pprint.PrettyPrinter)))
        except BaseException as error:
            wrong.append(repr(error))
    threads = [threading.Thread(target=load, args=(name,)) for name in names]
    for thread in threads: thread.start()
    for thread in threads: thread.join(60)
    print(json.dumps([wrong, len(found), len(set(found))]))
"""

ASIDE = """
    import json, sys
    import ask_sdk_core.__version__ as version
    version.__version__ = "99.0"
    import lambda_function, fast
    event = {"version": "1.0", "request": {"type": "LaunchRequest", "locale": "en-US"}, "context": {"System": {}}}
    answer = lambda_function.lambda_handler(event, None)
    import ask_sdk_model
    ours = [finder for finder in sys.meta_path if "fast" in getattr(finder, "__module__", "")]
    print(json.dumps([fast.is_on, ours == [], "Response" in vars(ask_sdk_model), answer]))
"""


def run(script: str, **environ: str) -> Any:
    """What a script prints, in a process of its own: the kit can be imported only once."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        # Also where all other tests run with the room switched off.
        env={**os.environ, "CRAMP_COACH_PLAIN_KIT": "", "PYTHONPATH": str(ROOT / "lambda"), **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_name_of_every_package_is_there() -> None:
    """What `dir` lists and `getattr` gives is the same with the room and without it."""
    on, quick = run(NAMES)
    off, plain = run(NAMES, **PLAIN)
    assert on
    assert not off
    assert quick == plain
    assert sum(map(len, quick.values())) > 600


def test_names_that_are_no_files_are_found_too() -> None:
    """A model in a file of another name, a submodule, a star; and what is not there is not there."""
    assert run(KNOWN_ONLY_BY_NAME) == "done"


def test_pprint_is_pprint_for_whoever_needs_it() -> None:
    assert run(PRINTER) == run(PRINTER, **PLAIN)


def test_six_is_six_for_whoever_needs_it() -> None:
    """The kit's serializer alone runs none of its code; modules in it, which dateutil imports, are there."""
    assert run(SIX) == run(SIX, **PLAIN)


def test_the_skill_of_somebody_with_an_api_client_gets_the_kit_s_own_factory() -> None:
    """The stand-in is for the kit's skill alone, and makes the real one when it is called."""
    assert run(FACTORY) == run(FACTORY, **PLAIN) == "<speak>ServiceClientFactory UpsServiceClient</speak>"


def test_threads_may_be_the_first_to_ask() -> None:
    """Thirty-two at once: nobody waits for ever, and each class is made once."""
    wrong, found, different = run(THREADS)
    assert wrong == []
    assert (found, different) == (32, 8)


def test_a_kit_of_another_version_is_used_as_it_comes() -> None:
    """The room takes its hands off, and the skill answers what it answers otherwise."""
    on, untouched, eager, answer = run(ASIDE)
    assert (on, untouched, eager) == (False, True, True)
    assert "Cramp" in answer["response"]["outputSpeech"]["ssml"]


def test_the_kit_that_is_locked_was_tried() -> None:
    """A newer kit is slower until somebody has run these tests with it, and has added it to TRIED."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "lambda" / "requirements.txt").read_text("utf-8"), re.M))
    for package, tried in fast.TRIED.items():
        assert locked[package.replace("_", "-")] in tried


@pytest.mark.parametrize("value", ["", "0", "no"])
def test_only_a_one_switches_it_off(value: str) -> None:
    """As README and docs/decisions/0028 say it."""
    assert run("import json, fast; print(json.dumps(fast.is_on))", CRAMP_COACH_PLAIN_KIT=value) is True


@pytest.mark.parametrize("given", [None, {}, {"a": [1, 2.5, True, None, "x", {"b": [[]]}]}, [date(2026, 1, 1)]])
def test_the_attributes_of_a_session_are_copied_as_the_kit_copies_them(given: Any) -> None:
    """Who changes the copy changes nothing of the request, however deep."""

    def parts(data: Any) -> list[Any]:
        inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else []
        return [data, *(found for part in inner for found in parts(part))]

    copy = copied(given)
    assert copy == given
    assert repr(copy) == repr(deepcopy(given))
    changeable = [part for part in parts(given) if isinstance(part, dict | list)]
    assert not {id(part) for part in changeable} & {id(part) for part in parts(copy)}


def test_the_kit_copies_with_ours() -> None:
    script = """
        import json
        import fast
        from ask_sdk_core import attributes_manager
        print(json.dumps([attributes_manager.deepcopy.__module__, fast.is_on]))
    """
    assert run(script) == ["fast.later", True]
    assert run(script, **PLAIN) == ["copy", False]
