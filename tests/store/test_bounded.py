"""However a store behaves, a turn goes on: in time, without an exception of the store's own, and with little said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from ask_sdk_core.attributes_manager import AbstractPersistenceAdapter
from ask_sdk_model import RequestEnvelope

from store import Bounded, StoreError
from store.bounded import FRESH, MOST, PATIENCE, REST

Said = Callable[..., RequestEnvelope]
SLACK = 0.5  # seconds by which a busy computer may be late
PATIENT = 5.0  # seconds, where not the time is tried but what comes of an answer


class Slow(AbstractPersistenceAdapter):
    """Answers when it is let, or after some seconds; counts what it was asked."""

    def __init__(self, seconds: float | None = None, error: BaseException | None = None) -> None:
        self.go = threading.Event()
        self.asked: list[str] = []
        self.saved: Mapping[str, object] = {}
        self.answer: dict[str, object] = {"pace": "slow"}
        self._seconds, self._error = seconds, error

    def _work(self, what: str) -> None:
        self.asked.append(what)
        if self._seconds is None:
            self.go.wait(10)
        else:
            time.sleep(self._seconds)
        if self._error is not None:
            raise self._error

    def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, object]:
        self._work("get")
        return self.answer

    def save_attributes(self, request_envelope: RequestEnvelope, attributes: Mapping[str, object]) -> None:
        self._work("save")
        self.saved = attributes

    def delete_attributes(self, request_envelope: RequestEnvelope) -> None:
        self._work("delete")


@pytest.fixture
def hanging() -> Iterator[Slow]:
    """A store that answers to nobody until the test lets it, or is over."""
    store = Slow()
    yield store
    store.go.set()
    settle()


def settle() -> None:
    """Waits until no store works any more."""
    for thread in threading.enumerate():
        if thread.name == "store":
            thread.join(5)


def took(call: Callable[[], object]) -> float:
    """How long a call takes that fails, in seconds."""
    began = time.perf_counter()
    with pytest.raises(StoreError):
        call()
    return time.perf_counter() - began


def test_a_quick_store_is_simply_asked(said: Said) -> None:
    store = Slow(0.0)
    bounded = Bounded(store, patience=PATIENT)
    assert bounded.get_attributes(said()) == {"pace": "slow"}
    bounded.save_attributes(said(), {"pace": "fast"})
    bounded.delete_attributes(said())
    assert store.asked == ["get", "save", "delete"]


def test_a_store_that_takes_a_moment_is_waited_for(said: Said) -> None:
    assert Bounded(Slow(0.1), patience=PATIENT).get_attributes(said()) == {"pace": "slow"}


def test_a_store_that_takes_longer_is_not(said: Said) -> None:
    assert PATIENCE == 0.3
    assert 0.29 <= took(lambda: Bounded(Slow(1.0)).get_attributes(said())) < 0.3 + SLACK
    settle()


def test_load_and_save_of_a_request_share_their_patience(said: Said) -> None:
    request = said()
    bounded = Bounded(Slow(0.7), patience=1.2)
    began = time.perf_counter()
    assert bounded.get_attributes(request) == {"pace": "slow"}
    took(lambda: bounded.save_attributes(request, {"pace": "fast"}))  # it would be done after 1.4 seconds
    assert time.perf_counter() - began >= 1.19
    settle()


@pytest.mark.parametrize("error", [RuntimeError("my chest"), OSError(), KeyError("x"), SystemExit(), MemoryError()])
def test_a_failing_store_raises_one_thing_only(
    said: Said, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """Its type is logged, what it said is not."""
    for ask in (
        lambda bounded: bounded.get_attributes(said()),
        lambda bounded: bounded.save_attributes(said(), {"pace": "slow"}),
        lambda bounded: bounded.delete_attributes(said()),
    ):
        bounded = Bounded(Slow(0.0, error), patience=PATIENT)
        caplog.clear()
        with pytest.raises(StoreError) as raised:
            ask(bounded)
        assert raised.value.__cause__ is None
        assert caplog.messages == [f"the store of preferences: {type(error).__name__}"]
        assert not caplog.records[0].exc_info


def test_a_hanging_store_costs_one_turn_and_then_none(hanging: Slow, said: Said, clock: Any) -> None:
    bounded = Bounded(hanging, patience=0.1, clock=clock)
    assert 0.09 <= took(lambda: bounded.get_attributes(said())) < 0.1 + SLACK
    began = time.perf_counter()
    for _ in range(20):
        took(lambda: bounded.get_attributes(said("bert")))
        took(lambda: bounded.get_attributes(said()))
    took(lambda: bounded.save_attributes(said(), {"pace": "slow"}))
    assert time.perf_counter() - began < 20 * 0.1  # none of the forty-one waited, or very few
    assert hanging.asked == ["get", "save"]  # what is to be kept is tried, and not waited for
    clock.now += REST
    assert took(lambda: bounded.get_attributes(said("bert"))) >= 0.09


def test_after_a_rest_it_is_asked_again(said: Said, clock: Any) -> None:
    store = Slow(0.0, RuntimeError())
    bounded = Bounded(store, patience=PATIENT, clock=clock)
    for _ in range(3):
        took(lambda: bounded.get_attributes(said()))
    assert store.asked == ["get"]
    store._error = None
    clock.now += REST
    assert bounded.get_attributes(said()) == {"pace": "slow"}


def test_a_clock_that_was_set_back_prolongs_no_rest(said: Said, clock: Any) -> None:
    """A failure "tomorrow" is no reason not to ask today."""
    store = Slow(0.0, RuntimeError())
    bounded = Bounded(store, patience=PATIENT, clock=clock)
    clock.now += 86_400
    took(lambda: bounded.get_attributes(said()))
    clock.now -= 86_400
    store._error = None
    assert bounded.get_attributes(said()) == {"pace": "slow"}


def test_a_late_result_is_there_for_a_later_turn(hanging: Slow, said: Said, clock: Any) -> None:
    """Also while nobody waits any more, and without asking the store again; for this person only."""
    bounded = Bounded(hanging, patience=0.05, clock=clock)
    took(lambda: bounded.get_attributes(said()))
    hanging.go.set()
    settle()
    took(lambda: bounded.get_attributes(said("bert")))
    assert bounded.get_attributes(said()) == {"pace": "slow"}
    assert hanging.asked == ["get"]


def test_a_late_result_does_not_undo_what_was_said_since(hanging: Slow, said: Said, clock: Any) -> None:
    for undone in (
        lambda bounded: bounded.save_attributes(said(), {"pace": "fast"}),
        lambda bounded: bounded.delete_attributes(said()),
    ):
        hanging.go.clear()
        bounded = Bounded(hanging, patience=0.05, for_deletion=0.05, clock=clock)
        took(lambda: bounded.get_attributes(said()))  # noqa: B023 - called at once
        took(lambda: undone(bounded))  # noqa: B023
        hanging.go.set()
        settle()
        hanging.answer = {"pace": "fast"}
        clock.now += REST
        bounded._patience = PATIENT
        assert bounded.get_attributes(said()) == {"pace": "fast"}
        hanging.answer = {"pace": "slow"}


def test_a_result_that_is_too_late_is_asked_for_anew(hanging: Slow, said: Said, clock: Any) -> None:
    """A thread may stand still for hours; another device may have changed everything."""
    bounded = Bounded(hanging, patience=0.05, clock=clock)
    took(lambda: bounded.get_attributes(said()))
    clock.now += FRESH
    hanging.go.set()
    settle()
    bounded._patience = PATIENT
    assert bounded.get_attributes(said()) == {"pace": "slow"}
    assert hanging.asked == ["get", "get"]


def test_a_save_that_was_cut_short_goes_on_and_is_not_made_again(hanging: Slow, said: Said) -> None:
    bounded = Bounded(hanging, patience=0.05)
    took(lambda: bounded.save_attributes(said(), {"pace": "fast"}))
    hanging.go.set()
    settle()
    assert hanging.saved == {"pace": "fast"}
    assert hanging.asked == ["save"]


def test_deletion_waits_longer_and_while_others_rest(said: Said) -> None:
    """Who asks to be forgotten wants to know whether it was done."""
    bounded = Bounded(Slow(0.2), patience=0.05)
    took(lambda: bounded.get_attributes(said()))
    bounded.delete_attributes(said())
    hanging = Slow(1.0)
    assert 0.09 <= took(lambda: Bounded(hanging, for_deletion=0.1).delete_attributes(said())) < 0.1 + SLACK
    settle()


def test_a_hanging_store_does_not_collect_threads(hanging: Slow, said: Said, clock: Any) -> None:
    bounded = Bounded(hanging, patience=0.0, for_deletion=0.0, clock=clock)
    for turn in range(5 * MOST):
        took(lambda: bounded.save_attributes(said(f"user {turn}"), {"pace": "slow"}))  # noqa: B023 - called at once
    assert sum(thread.name == "store" for thread in threading.enumerate()) == MOST
    hanging.go.set()
    settle()
    clock.now += REST
    Bounded(hanging, patience=PATIENT).save_attributes(said(), {"pace": "fast"})


def test_where_no_thread_can_start_there_is_no_answer(
    said: Said, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    took(lambda: Bounded(Slow(0.0)).get_attributes(said()))
    assert caplog.messages == ["the store of preferences: RuntimeError"]


def test_nobody_in_particular_is_not_asked_for(said: Said) -> None:
    store = Slow(0.0)
    took(lambda: Bounded(store).get_attributes(said(None)))
    assert store.asked == []


def test_many_people_at_once_each_get_their_own(said: Said) -> None:
    class Echo(Slow):
        def get_attributes(self, request_envelope: RequestEnvelope) -> dict[str, object]:
            time.sleep(0.01)
            return {"user": request_envelope.context.system.user.user_id}

    bounded, heard = Bounded(Echo(), patience=PATIENT), {}

    def one(user: str) -> None:
        heard[user] = bounded.get_attributes(said(user))

    threads = [threading.Thread(target=one, args=(f"user {number}",)) for number in range(MOST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {f"user {number}": {"user": f"user {number}"} for number in range(MOST)}
