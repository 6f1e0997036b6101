"""A reminder to call the doctor: the time is proposed, agreed to, allowed, and only then set.

Danger and open questions of triage go first. Nothing is said to be set unless Alexa said so, and after every failure
the conversation goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from speech import Line
from triage import Disposition
from triage import Reply as Said

from ..caller import ASK_FOR, REMINDERS
from ..episode import advance, aside, ask_again, standing, tell
from ..reminder import BLIND, LATEST, SOONEST, due, from_token, later, needs_zone, number, planned, soon, token, when
from ..reminding import Plan, Reminding, Wish, wished
from ..reply import Reply, asking
from ..turn import Turn
from .assessment import with_reply
from .base import IntentHandler, TurnHandler

if TYPE_CHECKING:
    from datetime import datetime

    from ..alexa import Alert, Api

_SPOKEN = 3  # reminders that are read aloud
_ANSWERS = frozenset({"AMAZON.YesIntent", "AMAZON.NoIntent", "DontKnowIntent"})
_CARDS = {"absent": "elsewhere", "device": "elsewhere", "full": "full", "forbidden": "forbidden"}


def _api(turn: Turn) -> Api:
    """The API, imported only now: no other turn needs it, nor what it brings along."""
    from ..alexa import Api

    return Api(turn.caller)


def _trouble() -> type[Exception]:
    from ..alexa import TroubleError

    return TroubleError


class Remind(IntentHandler):
    """Somebody asks for a reminder, whatever else the sentence names."""

    intents = frozenset({"ReminderIntent"})

    def reply(self, turn: Turn) -> Reply:
        told, state = turn.state.told, turn.state
        if told is not None and told.disposition == Disposition.EMERGENCY:
            return tell(turn, state, told)
        wish = _wish(turn)
        if state.episode.open is not None:
            waiting = state.reminder._replace(step="", wish=wish, wanted=True)
            line = standing(turn) or (Line("remind.first_this"),)
            return aside(turn, state._replace(reminder=waiting, now=None), line)
        return _start(turn, wish)


class Agreed(TurnHandler):
    """The answer to what was asked about a reminder."""

    def takes(self, turn: Turn) -> bool:
        return turn.state.is_reminding and turn.intent in _ANSWERS | {"ReminderTimeIntent"}

    def reply(self, turn: Turn) -> Reply:
        if turn.intent == "ReminderTimeIntent":
            return self._timed(turn)
        state = turn.state
        yes = with_reply(turn).heard.reply == Said.YES
        if _was_asked(turn, "cancel", "remind.cancel_all"):
            return _cancel_all(turn) if yes else _go_on(turn, [Line("remind.kept")])
        if yes:
            return _set(turn, state.reminder.plan) if _was_proposed(turn) else _start(turn, state.reminder.wish)
        if _was_asked(turn, "agree", "remind.agree") and turn.intent == "AMAZON.NoIntent":
            return _ask_when(turn, (), state.reminder.plan)
        return _go_on(turn, [Line("remind.none")])

    @staticmethod
    def _timed(turn: Turn) -> Reply:
        wish = _wish(turn)
        if wish != Wish():
            return _propose(turn, wish, standing(turn) if _is_urgent(turn) else (), chosen=True)
        if turn.state.lost:
            return _go_on(turn, [Line("remind.none")])
        return _ask_when(turn, (Line("remind.vague"),), turn.state.reminder.plan, lost=1)


class Timed(IntentHandler):
    """A time that nobody asked for. It belongs to a reminder only where one has been talked about.

    "It started on Monday" and "at four this morning" come as the same times, and are told about what hurts.
    """

    intents = frozenset({"ReminderTimeIntent"})

    def reply(self, turn: Turn) -> Reply:
        state, wish = turn.state._replace(now=None), _wish(turn)
        if state.episode.open is not None:
            return aside(turn, state, ())
        if (state.reminder.offered or state.reminder.wanted) and (wish.date or wish.time):
            return _start(turn, wish)
        return advance(turn) if state.told is None else ask_again(turn, state._replace(lost=0), ())


class Allowed(TurnHandler):
    """What came of Alexa's own question for the permission. Our session may be lost: the token tells the time."""

    def takes(self, turn: Turn) -> bool:
        return bool(turn.caller.outcome)

    def reply(self, turn: Turn) -> Reply:
        outcome = turn.caller.outcome
        if outcome == "ACCEPTED":
            plan = from_token(turn.caller.token)
            return _set(turn, plan, allowed=True) if plan.at else _start(turn, Wish())
        if outcome == "DENIED":
            return _go_on(turn, [Line("remind.denied")])
        reply = _go_on(turn, [Line("remind.not_answered" if outcome == "NOT_ANSWERED" else "remind.not_asked")])
        return reply if turn.caller.carded else reply._replace(permission=REMINDERS)


class List(IntentHandler):
    """Which reminders are set: the next three, by when they are due."""

    intents = frozenset({"ListRemindersIntent"})

    def reply(self, turn: Turn) -> Reply:
        try:
            alerts = _api(turn).reminders()
        except _trouble() as trouble:
            return _failed(turn, "list", trouble)
        return _go_on(turn, _listed(turn, alerts))


class Cancel(IntentHandler):
    """Cancels the one reminder; several only after a yes. "No reminder", said of one not set yet, cancels none."""

    intents = frozenset({"CancelReminderIntent"})

    def reply(self, turn: Turn) -> Reply:
        if turn.state.is_reminding and turn.state.reminder.step != "cancel":
            return _go_on(turn, [Line("remind.none")])
        try:
            api = _api(turn)
            alerts = api.reminders()
            if len(alerts) == 1:
                api.cancel(alerts[0])
        except _trouble() as trouble:
            return _failed(turn, "cancel", trouble)
        if not alerts:
            return _go_on(turn, [Line("remind.list.none")])
        if len(alerts) == 1:
            return _go_on(turn, [Line("remind.cancelled.one")])
        if turn.state.episode.open is not None:
            return _go_on(turn, [Line("remind.first_this")])
        state = turn.state._replace(offer="reminder", reminder=_talk(turn)._replace(step="cancel"), now=None, lost=0)
        return asking(
            [Line("remind.cancel_all", {"count": number(len(alerts))})], Line("remind.cancel_reprompt"), state
        )


def _wish(turn: Turn) -> Wish:
    def said(name: str) -> str:
        slot = turn.slots.get(name)
        value = slot.get("value") if isinstance(slot, dict) else None
        value = value if isinstance(value, str) else ""
        return wished(value).date or ("?" if value else "")

    return Wish(said("date"), said("time"), said("duration"))


def _is_urgent(turn: Turn) -> bool:
    told = turn.state.told
    return told is not None and told.disposition == Disposition.URGENT


def _was_proposed(turn: Turn) -> bool:
    """Whether the last thing said named the time: only then is a yes an informed one."""
    return _was_asked(turn, "agree", "remind.agree") and due(turn.state.reminder.plan) is not None


def _was_asked(turn: Turn, step: str, question: str) -> bool:
    lines = turn.state.lines
    return turn.state.reminder.step == step and bool(lines) and lines[-1].id == question


def _talk(turn: Turn) -> Reminding:
    return turn.state.reminder._replace(wanted=False, offered=True)


def _start(turn: Turn, wish: Wish) -> Reply:
    """Proposes a time: the one that was wished, else a sensible one."""
    if not _is_urgent(turn):
        return _propose(turn, wish)
    return _propose(turn, wish, standing(turn), chosen=False)


def _propose(turn: Turn, wish: Wish, before: tuple[Line, ...] = (), *, chosen: bool = True) -> Reply:
    """Asks for the informed yes: what, and when. Somebody who needs a doctor today is first offered an early time."""
    now = turn.caller.now
    try:
        api = _api(turn)
    except _trouble() as trouble:
        return _failed(turn, "set", trouble, before)
    plan: Plan | str = soon(wish, now)
    if chosen:
        plan = planned(wish, now, _zone(api) if needs_zone(wish) else "", turn.state.reminder.plan)
    if plan == "zone":
        before, plan = (*before, Line("remind.blind")), later(now, BLIND)
    if isinstance(plan, str):
        return _ask_when(turn, (*before, Line(f"remind.{plan}")), Plan())
    talk = _talk(turn)._replace(step="agree", plan=plan, wish=wish)
    state = turn.state._replace(offer="reminder", reminder=talk, now=None, lost=0)
    return asking([*before, Line("remind.agree", {"when": when(plan, now)})], Line("remind.agree_reprompt"), state)


def _zone(api: Api) -> str:
    """The device's time zone; "" where there is none to be had."""
    try:
        return api.time_zone()
    except _trouble():
        return ""


def _ask_when(turn: Turn, before: tuple[Line, ...], plan: Plan, *, lost: int = 0) -> Reply:
    talk = _talk(turn)._replace(step="when", plan=plan)
    state = turn.state._replace(offer="reminder", reminder=talk, now=None, lost=lost)
    return asking([*before, Line("remind.when_ask")], Line("remind.when_reprompt"), state)


def _set(turn: Turn, plan: Plan, *, allowed: bool = False) -> Reply:
    """Sets what was agreed to. `allowed`: the permission was just given, and is not asked for again."""
    moment = due(plan)
    if moment is None or moment <= turn.caller.now:
        return _ask_when(turn, (Line("remind.past"),), Plan())
    if moment - turn.caller.now > LATEST:
        return _ask_when(turn, (Line("remind.far"),), Plan())
    if turn.caller.allowed is False and not allowed:
        return _ask_permission(turn, plan)
    try:
        api = _api(turn)
        if not _is_set(api, moment):
            api.remind(plan, turn.book.say(Line("remind.label")))
    except _trouble() as trouble:
        if getattr(trouble, "kind", "") == "permission" and not allowed:
            return _ask_permission(turn, plan)
        return _failed(turn, "set", trouble)
    return _go_on(turn, [Line("remind.done", {"when": when(plan, turn.caller.now)})])


def _is_set(api: Api, moment: datetime) -> bool:
    """Whether one is set for that moment already: Alexa may send a request twice, and our answer be lost between."""
    try:
        known = [due(alert.plan) for alert in api.reminders()]
    except _trouble():
        return False
    return any(at is not None and abs(at - moment) < SOONEST for at in known)


def _ask_permission(turn: Turn, plan: Plan) -> Reply:
    """Hands over to Alexa, who asks in her own words. The session ends for us, and her answer is a new request.

    Amazon, "Set up voice permissions for reminders". The token holds a time and a zone, and nothing else.
    """
    from ask_sdk_model.interfaces.connections import SendRequestDirective

    ask = SendRequestDirective(
        name=ASK_FOR,
        payload={"@type": "AskForPermissionsConsentRequest", "@version": "1", "permissionScope": REMINDERS},
        token=token(plan),
    )
    state = turn.state._replace(offer="reminder", reminder=_talk(turn)._replace(step="", plan=plan), now=None, lost=0)
    return Reply((), None, state, directives=(ask,))


def _go_on(turn: Turn, lines: Sequence[Line]) -> Reply:
    """Says something about a reminder, and leads back to the person."""
    offer = turn.state.offer if turn.state.offer != "reminder" else None
    talk = _talk(turn)._replace(step="", plan=Plan(), wish=Wish())
    return ask_again(turn, turn.state._replace(offer=offer, reminder=talk, now=None, lost=0), tuple(lines))


def _failed(turn: Turn, what: str, trouble: Exception, before: tuple[Line, ...] = ()) -> Reply:
    """What to say and to put on a card where `what`, "set", "list" or "cancel", came to nothing."""
    kind = str(getattr(trouble, "kind", "down"))
    line = Line(f"remind.trouble.{what}.{kind}")
    if not turn.book.has(line.id):
        line = Line(f"remind.trouble.{what}.down")
    reply = _go_on(turn, [*before, line])
    if kind == "permission":
        return reply._replace(permission=REMINDERS)
    told = _CARDS.get(kind, "app") if what == "set" else "app"
    return reply._replace(card=f"card.reminder_{told}")


def _listed(turn: Turn, alerts: Sequence[Alert]) -> list[Line]:
    spoken = [when(alert.plan, turn.caller.now) for alert in alerts if alert.plan.at][:_SPOKEN]
    if not spoken:
        return [Line("remind.list.none")]
    if len(alerts) == 1:
        return [Line("remind.list.one", {"when": spoken[0]})]
    ordinals = ("first", "second", "third")
    rows = [Line(f"remind.list.{nth}", {"when": due_}) for nth, due_ in zip(ordinals, spoken, strict=False)]
    return [Line("remind.list.count", {"count": number(len(alerts))}), *rows]


def _cancel_all(turn: Turn) -> Reply:
    try:
        api = _api(turn)
        for alert in api.reminders():
            api.cancel(alert)
    except _trouble() as trouble:
        return _failed(turn, "cancel", trouble)
    return _go_on(turn, [Line("remind.cancelled.all")])
