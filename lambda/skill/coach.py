"""Holds a stretch with somebody: into position, hold, ease off, "is it easing?", again or on.

Each function gives the reply to one wish of a person, at the moment where the coach stands (`State.coach`). Three
rounds at most on a side; the hold is timed by its words (speech/holds.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from speech import RATES, Line, pause, sound
from speech.duration import heard
from triage import ABSENT, PRESENT, Answer, Disposition, Stretch, assess, danger, forbidding, is_cleared, settle

from .episode import ask_again, cleared_stretch, take, tell
from .reply import AUDIO_BASE_URL, Reply, asking, ending
from .screen import Scene
from .state import Coaching, State
from .turn import Turn

# Added to the eight seconds that Alexa listens before and after the reprompt: ten seconds of breaks at most, or five
# hosted sounds, of ninety seconds in a reprompt (Amazon, "SSML reference").
_WAIT_SECONDS = 9.0
_QUIET, _MOST_SOUNDS = "hold-quiet-15", 5
_LENGTHS = {15: "fifteen", 20: "twenty", 30: "thirty"}
# What "keep it short" leaves out: words beside the action. Position, hold, ease off and the questions stay.
_CHATTER = frozenset({"coach.how_to_stop", "coach.rest", "coach.resumed", "coach.first_step"})
_NUMBERS = ("none", "one", "two", "three")


def can_hold(turn: Turn) -> bool:
    """Whether a stretch may be held now: one was told of, and nothing that is known forbids it."""
    return cleared_stretch(turn, turn.state) is not None


def start(turn: Turn, before: tuple[Line, ...] = ()) -> Reply:
    """The first turn of the coach: what is left of the way into position; the hold itself where nothing is."""
    return _into_position(turn, turn.state._replace(coach=Coaching("position")), before)


def may_begin(turn: Turn) -> bool:
    """Whether a question that is open is about time or kind alone: the signs of danger were denied before."""
    question, findings = turn.state.episode.open, turn.state.episode.findings
    decides_nothing = question is not None and question.family in {"how_long", "nature"} and turn.state.told is None
    return decides_nothing and is_cleared(turn.knowledge, findings)


def at_once(turn: Turn) -> Reply:
    """The stretch is wanted before an open question about time or kind is answered: it stays unanswered."""
    state = turn.state._replace(episode=take(turn)._replace(open=None))
    return tell(turn, state, danger(turn.knowledge, state.episode.findings) or assess(turn.knowledge, state.episode))


def ready(turn: Turn) -> Reply:
    """The person is where we sent them."""
    return _into_position(turn, turn.state)


def not_yet(turn: Turn) -> Reply:
    """The person needs longer."""
    return asking([Line("coach.not_yet"), Line("offer.ready")], Line("coach.no_hurry"), _going_on(turn.state))


def hold(turn: Turn, state: State, before: tuple[Line, ...] = ()) -> Reply:
    """One round: hold, ease off, and the question whether it helps."""
    held, coach = _held(turn, state), _coaching(state)
    if coach.held >= held.rounds:
        return _back(turn, state._replace(coach=coach._replace(moment="easing")), Line("coach.enough"))
    findings = {**state.episode.findings, "stretching": PRESENT}
    preferences = turn.preferences
    lines = [*before, Line("coach.hold")]
    if coach.held == 0:
        lines.append(Line("coach.how_to_stop"))
    lines = _brief(turn, lines)
    blanks = {
        "seconds": str(held.seconds),
        "style": preferences.count,
        "pace": preferences.pace,
        "hosted": _hosted(),
    }
    lead = heard(" ".join(turn.book.say(line, turn.state.turn) for line in lines), RATES[preferences.pace])
    lines += [Line("hold", blanks), Line("coach.ease_off"), Line("offer.easing")]
    state = _going_on(state)._replace(
        episode=state.episode._replace(findings=findings),
        coach=coach._replace(moment="easing", held=coach.held + 1, paused_at=""),
        offer="easing",
    )
    step = Line((held.again if coach.held == 1 and held.again else held.position)[-1])
    scene = Scene(state.remedy, "hold", step, held.seconds, lead, coach.held + 1, held.rounds)
    return asking(lines, Line("coach.easing_reprompt"), state)._replace(scene=scene)


def easing(turn: Turn) -> Reply:
    """It lets go: what follows, and the doctor once more; with an appointment advised, a reminder is offered."""
    state = turn.state
    held = cleared_stretch(turn, state)
    episode = settle(turn.knowledge, state.episode, Answer({"eased": PRESENT, "eases_with_stretch": PRESENT}))
    after = [Line(id_) for id_ in held.then[:1]] if held is not None else []
    assessment = assess(turn.knowledge, episode)
    state = _going_on(state)._replace(episode=episode, coach=None, remedy="", offer=None)
    lines = [Line("easing.yes"), *after, Line(f"reminder.{assessment.reminder}")]
    if assessment.disposition == Disposition.SELF_CARE and _level(state) == Disposition.SELF_CARE:
        return ending(lines, state)
    lines[-1] = Line("reminder.firm")
    return ask_again(turn, state._replace(offer="anything_else"), tuple(lines))


def not_easing(turn: Turn, before: tuple[Line, ...] = ()) -> Reply:
    """It has not let go: the next round, another way once where there is one; after the last one, a doctor."""
    state = turn.state
    held, coach = _held(turn, state), _coaching(state)
    if coach.held >= held.rounds:
        return _in_vain(turn, Line("coach.in_vain"))
    if coach.held == 1 and held.again:
        lines = [*before, Line("coach.rest"), *map(Line, held.again), Line("offer.ready")]
        scene = Scene(state.remedy, "position", Line(held.again[-1]), 0, 0.0, coach.held + 1, held.rounds)
        state = _going_on(state)._replace(
            coach=coach._replace(moment="position"), offer="ready", step=len(held.position)
        )
        return asking(_brief(turn, lines), Line("coach.no_hurry"), state)._replace(scene=scene)
    last = coach.held + 1 == held.rounds
    return hold(turn, state, (*before, Line("coach.last_round" if last else "coach.again")))


def partly_easing(turn: Turn) -> Reply:
    """It helps, but not all the way: the same once more; after the last round, what has eased will do."""
    held, coach = _held(turn, turn.state), _coaching(turn.state)
    if coach.held >= held.rounds:
        return easing(turn)
    return hold(turn, turn.state, (Line("coach.coming"),))


def hurting(turn: Turn) -> Reply:
    """It hurts: less of a pull first; the second time in a row the stretch is over, as one that was in vain."""
    if all(line.id != "coach.hurts" for line in turn.state.lines):
        return aside(turn, Line("coach.hurts"))
    return _in_vain(turn, Line("coach.stopped"))


def wait(turn: Turn) -> Reply:
    """A pause: the session is kept as long as the platform lets us."""
    coach = _coaching(turn.state)
    paused = coach if coach.moment == "paused" else coach._replace(moment="paused", paused_at=coach.moment)
    state = _going_on(turn.state)._replace(coach=paused, offer="resume")
    scene = Scene(state.remedy, "paused", Line("offer.resume"))
    return asking([Line("coach.paused"), Line("offer.resume")], _still_here(), state)._replace(scene=scene)


def go_on(turn: Turn) -> Reply:
    """After a pause: back into position, unless every round was held."""
    state = turn.state
    held, coach = _held(turn, state), _coaching(state)
    if coach.paused_at == "easing" and coach.held >= held.rounds:
        return _back(turn, state._replace(coach=coach._replace(moment="easing", paused_at="")))
    return _again_into(turn, coach._replace(moment="position", paused_at=""), Line("coach.resumed"))


def previous(turn: Turn) -> Reply:
    """Back to the position."""
    coach = _coaching(turn.state)
    first = [Line("coach.first_step")] if coach.moment == "position" else []
    return _again_into(turn, coach._replace(moment="position", paused_at=""), *first)


def other_side(turn: Turn) -> Reply:
    """The same on the other side, once."""
    state = turn.state
    held, coach = _held(turn, state), _coaching(state)
    if held.both_sides:
        return _back(turn, state, Line("coach.both_sides"))
    if coach.switched:
        return _back(turn, state, Line("coach.enough"))
    return _again_into(turn, Coaching("position", switched=True), Line("coach.other_side"))


def how_much_more(turn: Turn) -> Reply:
    """How many rounds are left, and how long a hold is; then back to where we were."""
    held, coach = _held(turn, turn.state), _coaching(turn.state)
    left = _NUMBERS[max(0, held.rounds - coach.held)]
    length = Line(f"coach.length.{_LENGTHS[held.seconds]}")
    return _back(turn, turn.state, Line(f"coach.left.{left}", {"hold": [length.id, {}]}))


def in_new_manner(turn: Turn, noted: Line) -> Reply:
    """Slower, or quieter: what is wished of the count is done at once, for it may have been said into one."""
    held, coach = _held(turn, turn.state), _coaching(turn.state)
    counts = noted.id.startswith(("prefer.pace.", "prefer.count."))
    if counts and coach.moment == "easing" and coach.held < held.rounds:
        return hold(turn, turn.state, (noted,))
    return aside(turn, noted)


def aside(turn: Turn, *lines: Line) -> Reply:
    """Something else was said within the stretch: a word on it, and back to where we were."""
    return _back(turn, turn.state, *lines)


def refusal(turn: Turn, state: State) -> Line:
    """Why nothing is stretched: the sign that forbids it, what it is, or that a doctor comes first."""
    findings, told = state.episode.findings, state.told
    reason = forbidding(turn.knowledge, findings)
    if reason:
        return Line(f"refuse.{reason}")
    if _level(state) == Disposition.URGENT:
        return Line("refuse.urgent")
    if told is not None and told.condition == "strain":
        return Line("refuse.strain")
    site = turn.knowledge.sites.get(str(findings.get("site", "")))
    waits = not state.remedy and site is not None and "after" in turn.knowledge.remedies[site.remedy]
    if waits or not is_cleared(turn.knowledge, findings):
        return Line("refuse.not_cleared")
    return Line("refuse.none" if state.remedy else "refuse.nothing_helps")


def is_on(state: State) -> bool:
    """Whether a stretch is going on."""
    return state.coach is not None and state.coach.moment != "wished"


def _into_position(turn: Turn, state: State, before: tuple[Line, ...] = ()) -> Reply:
    held = _held(turn, state)
    position = [Line(id_) for id_ in held.position[state.step :]]
    if not position:
        return hold(turn, state, before)
    state = _going_on(state)._replace(offer="ready", step=len(held.position))
    scene = Scene(state.remedy, "position", position[-1], 0, 0.0, _coaching(state).held + 1, held.rounds)
    reply = asking(_brief(turn, [*before, *position, Line("offer.ready")]), Line("coach.no_hurry"), state)
    return reply._replace(scene=scene if _coaching(state).held < held.rounds else None)


def _again_into(turn: Turn, coach: Coaching, *before: Line) -> Reply:
    """The last step of the position once more."""
    held = _held(turn, turn.state)
    state = turn.state._replace(coach=coach, step=len(held.position) - 1)
    return _into_position(turn, state, before)


def _in_vain(turn: Turn, why: Line) -> Reply:
    """It was stretched, and has not let go: for an appointment at least (clinical reference 5)."""
    state = turn.state
    findings = {"stretched_in_vain": PRESENT, "eases_with_stretch": ABSENT}
    episode = settle(turn.knowledge, state.episode, Answer(findings))
    assessment = danger(turn.knowledge, episode.findings) or assess(turn.knowledge, episode)
    state = _going_on(state)._replace(episode=episode, coach=None, offer=None)
    if assessment.disposition != Disposition.ROUTINE:
        return tell(turn, state, assessment, (why,))
    assessment = assessment._replace(remedy="")
    state = state._replace(told=assessment, now=assessment, remedy="", offer="anything_else")
    return ask_again(turn, state, (why, Line("reminder.firm")))


def _back(turn: Turn, state: State, *lines: Line) -> Reply:
    """Back to the question of the moment."""
    offer = _coaching(state).offer
    reprompt = {"ready": Line("coach.no_hurry"), "easing": Line("coach.easing_reprompt"), "resume": _still_here()}[
        offer
    ]
    return asking([*lines, Line(f"offer.{offer}")], reprompt, _going_on(state)._replace(offer=offer))


def _brief(turn: Turn, lines: Sequence[Line]) -> list[Line]:
    """The lines, as short as the person likes them."""
    if all(line.id not in _CHATTER for line in lines) or turn.preferences.wording == "full":
        return list(lines)
    return [line for line in lines if line.id not in _CHATTER]


def _still_here() -> Line:
    """What is said when nobody comes back from a pause: after the longest silence that a reprompt may hold."""
    silence = sound(_QUIET) * _MOST_SOUNDS if AUDIO_BASE_URL else pause(_WAIT_SECONDS)
    return Line("coach.still_here", {"pause": silence})


def _going_on(state: State) -> State:
    return state._replace(now=None, lost=0)


def _level(state: State) -> Disposition | None:
    return None if state.told is None else state.told.disposition


def _held(turn: Turn, state: State) -> Stretch:
    held = cleared_stretch(turn, state)
    if held is None:
        raise LookupError("the coach is on, and has no stretch")  # the handler asks `can_hold` first
    return held


def _coaching(state: State) -> Coaching:
    return state.coach or Coaching("position")


def _hosted() -> str:
    return "yes" if AUDIO_BASE_URL else "no"
