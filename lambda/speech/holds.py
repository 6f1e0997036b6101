"""The words of a hold: as long as the stretch is to be held, and never empty air.

The platform renders no more than ten seconds of breaks in a response, and its voice has no clock (Amazon, "SSML
reference": break). So a hold is talked through, and its silences are dealt out. Three ways:

- aloud: the seconds that are left, in fives with a calm cue after each; then the last ten (or five) one by one, each
  with so much silence that it takes a second. A number is always the time that is left, as the model of `duration` has
  it, and so agrees with a clock on a screen.
- quiet: a few cues, halfway and almost there; as much silence as the platform allows, in few long pieces.
- hosted: sounds somebody hosts, a soft tick each second (aloud) or real silence (quiet), in pieces of at most fifteen
  seconds with words in between, at five sounds in a response (the same page: audio).

The promise is in seconds. The pace changes how fast words and numbers are spoken, and so how much silence is left
between them, never how long the hold is nor when a number comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil, fsum
from operator import itemgetter

from record import Record

from .duration import together
from .marks import pause, sound
from .pace import RATES

STYLES = frozenset({"aloud", "quiet"})
SHORTEST, LONGEST = 10, 60  # seconds of a hold; our longest stretch is held for thirty
MOST_SILENCE = 9.4  # seconds of breaks in a hold; the rest of the platform's ten is for other lines of the response
LONGEST_SOUND, SHORTEST_SOUND = 15, 3  # seconds
SOUNDS = tuple(f"hold-{kind}-{n}" for kind in ("tick", "quiet") for n in range(SHORTEST_SOUND, LONGEST_SOUND + 1))

_STEP = 5  # seconds between the numbers that are said before the counting begins
_PIECE = 7.5  # seconds from one silence of a quiet hold to the next, about
_SHORTEST_PAUSE = 0.3  # seconds; less is no pause to the ear
_CHOICE = 5  # cues to choose the next from: enough to fit well, and few enough that all take turns
_LEAST = 0.6  # seconds of silence after each cue that counting down from ten must leave, or it begins at five


class Hold(Record):
    """A hold of so many seconds; `style`: aloud or quiet; `pace`: slow, normal or fast."""

    seconds: int
    style: str
    pace: str
    hosted: bool


def read(blanks: Mapping[str, str]) -> Hold:
    """A hold out of the blanks of a line. What is none of ours raises LookupError, TypeError or ValueError."""
    hold = Hold(int(blanks["seconds"]), blanks["style"], blanks["pace"], {"yes": True, "no": False}[blanks["hosted"]])
    if not SHORTEST <= hold.seconds <= LONGEST or hold.style not in STYLES or hold.pace not in RATES:
        raise ValueError(f"no hold of ours: {hold}")
    return hold


def compose(hold: Hold, messages: Mapping[str, Sequence[str]], turn: int) -> str:
    """The words and marks of a hold; `turn` varies them."""
    composer = _Composer(hold, messages, turn)
    if hold.hosted:
        composer.hosted()
    elif hold.style == "aloud":
        composer.aloud()
    else:
        composer.quiet()
    return composer.text()


class _Composer:
    """Puts a hold together from its start to its end, always by the clock: the next piece makes up for the last."""

    def __init__(self, hold: Hold, messages: Mapping[str, Sequence[str]], turn: int) -> None:
        self.seconds, self.rate, self.style = hold.seconds, RATES[hold.pace], hold.style
        self.said: list[str] = []
        self._silence = MOST_SILENCE  # seconds of breaks that are left
        self._numbers = messages["hold.numbers"]
        self._lead = {id_: messages[f"hold.{id_}"][turn % len(messages[f"hold.{id_}"])] for id_ in _LEADS}
        self._cues = deque((cue, _before_a_pause(cue, self.rate)) for cue in messages["hold.cue"])
        self._cues.rotate(-3 * turn)  # three on: a hold after a hold does not begin as the last one went on
        self._clock = 0.0  # seconds at the end of the last pause or sound
        self._since: list[str] = []  # what was said after it

    def aloud(self) -> None:
        ticks = self._counted()
        kept = fsum(self._beat(number) for number in range(1, ticks + 1))
        marks = [mark for mark in range(_STEP, self.seconds - 2, _STEP) if mark > ticks]  # leaves room to say the first
        marks = [*marks, self.seconds] if self.seconds > ticks else []
        for rest, mark in zip(range(len(marks), 0, -1), reversed(marks), strict=True):
            lead = [self._number(mark)] + ([self._lead["halfway"]] if 2 * mark == self.seconds else [])
            then = marks[rest - 2] if rest > 1 else ticks
            self._talk(lead, self.seconds - then, (self._silence - kept) / rest)
        for number in range(ticks, 0, -1):
            self._pause_after([self._number(number)], self.seconds - number + 1)

    def quiet(self) -> None:
        pieces = max(2, 2 * round(self.seconds / _PIECE / 2))
        for piece in range(pieces):
            lead = [self._lead["halfway"]] if 2 * piece == pieces else []
            if piece == pieces - 1 > 1:
                lead = [self._lead["almost"]]
            self._talk(lead, self.seconds * (piece + 1) / pieces, self._silence / (pieces - piece))

    def hosted(self) -> None:
        pieces = ceil(self.seconds / LONGEST_SOUND)
        kind = "tick" if self.style == "aloud" else "quiet"
        for piece in range(pieces):
            until = self.seconds * (piece + 1) / pieces
            if piece:
                left = self._numbers[round(self.seconds - self._now()) - 1]
                self._since = [self._lead["left"].format(number=left), self._cue(2.5) or ""]
            room = max(SHORTEST_SOUND, min(LONGEST_SOUND, round(until - self._now())))
            self._mark(sound(f"hold-{kind}-{room}"))

    def text(self) -> str:
        return " ".join([*self.said, *self._since])

    def _counted(self) -> int:
        """How many seconds are counted one by one at the end."""
        silence = MOST_SILENCE - fsum(self._beat(number) for number in range(1, 11))
        return 10 if silence >= _LEAST * (self.seconds - 10) / _STEP else 5

    def _beat(self, number: int) -> float:
        """Seconds of silence that make a number last a second."""
        return max(0.0, 1 - _before_a_pause(self._number(number), self.rate))

    def _number(self, number: int) -> str:
        return f"{self._numbers[number - 1]}."

    def _talk(self, lead: list[str], until: float, quiet: float) -> None:
        """Says `lead`, and cues until no more than `quiet` seconds are left; then is silent until the time given."""
        said = list(lead)
        while not said or until - self._now(said) > max(quiet, _SHORTEST_PAUSE):
            room = until - self._now([*said, pause(0)])
            cue = self._cue(room, room - quiet)
            if cue is None:
                break
            said.append(cue)
        self._pause_after(said, until)

    def _pause_after(self, said: list[str], until: float) -> None:
        self._since += said
        silence = min(until - self._now([pause(0)]), self._silence)
        if silence >= _SHORTEST_PAUSE:
            self._mark(pause(silence))
            self._silence -= silence

    def _cue(self, room: float, needed: float = 0) -> str | None:
        """The next cue that takes no longer than `room` seconds; of a few, the shortest that fills what is `needed`."""
        fitting = [entry for entry in self._cues if entry[1] <= room][:_CHOICE]
        if not fitting:
            return None
        filling = [entry for entry in fitting if entry[1] >= needed]
        cue = min(filling, key=itemgetter(1)) if filling else fitting[0]
        self._cues.remove(cue)
        self._cues.append(cue)
        return cue[0]

    def _mark(self, mark: str) -> None:
        self._clock = self._now([mark])
        self.said += [*self._since, mark]
        self._since = []

    def _now(self, more: Sequence[str] = ()) -> float:
        """Seconds since the hold began, at the end of what was said and of what more would be."""
        return self._clock + self._length([*self._since, *more])

    def _length(self, said: Sequence[str]) -> float:
        return together(said, self.rate)


@lru_cache(maxsize=512)
def _before_a_pause(words: str, rate: float) -> float:
    """Seconds of a cue or a number, which are the same in every hold."""
    return together([words, pause(0)], rate)


_LEADS = ("halfway", "almost", "left")
