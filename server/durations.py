"""Spoken lengths of time -> ISO 8601, as the platform's AMAZON.DURATION delivers them ("half an hour" -> PT30M)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_UNITS = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), ("PT", "S")),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), ("PT", "M")),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), ("PT", "H")),
    **dict.fromkeys(("day", "days"), ("P", "D")),
    **dict.fromkeys(("week", "weeks", "wk", "wks"), ("P", "W")),
    **dict.fromkeys(("month", "months"), ("P", "M")),
    **dict.fromkeys(("year", "years", "yr", "yrs"), ("P", "Y")),
}
_HALVES = {"H": ("PT", 30, "M"), "M": ("PT", 30, "S"), "D": ("PT", 12, "H"), "W": ("P", 4, "D"), "Y": ("P", 6, "M")}
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NUMBERS = {word: number for number, word in enumerate(_ONES)} | {word: 20 + 10 * at for at, word in enumerate(_TENS)}
_ARTICLES = {"a", "an", "one"}

# "Three times an hour", "once a day": how often, and no length.
_RATE = {
    "times",
    "time",
    "once",
    "twice",
    "thrice",
    "every",
    "per",
    "few",
    "couple",
}
# "An hour" alone is a length; a day, a week, a month, a minute or a second only after words like these.
_BEFORE_ARTICLE = {
    "for",
    "about",
    "around",
    "bout",
    "over",
    "nearly",
    "almost",
    "lasted",
    "lasts",
    "been",
    "than",
    "within",
    "last",
    "under",
    "roughly",
    "maybe",
    "like",
    "its",
    "since",
    "of",
    "whole",
    "only",
    "say",
    "after",
}

# "A ten minute run", "six weeks pregnant", "ten minutes into it": lengths of something else.
_NOT_BEFORE = {
    "old",
    "pregnant",
    "along",
    "gone",
    "flight",
    "flights",
    "drive",
    "trip",
    "journey",
    "run",
    "ride",
    "hike",
    "class",
    "session",
    "workout",
    "shift",
    "swim",
    "walk",
    "cycle",
    "game",
    "match",
    "into",
    "before",
    "after",
    "later",
    "from",
    "until",
    "post",
    "marathon",
    "postpartum",
    "course",
    "bus",
    "train",
    "plane",
    "coach",
    "car",
    "hold",
}
_AGO_NEEDS = {
    "started",
    "start",
    "began",
    "begin",
    "happened",
    "came",
    "cramped",
    "seized",
    "grabbed",
    "locked",
    "went",
    "did",
    "since",
    "done",
    "hit",
    "kicked",
    "pulled",
    "tore",
    "strained",
    "hurt",
    "tweaked",
    "twisted",
    "sprained",
    "injured",
}


class Duration(NamedTuple):
    """A length of time in an utterance. `start` and `end` count words, end excluded."""

    iso: str
    start: int
    end: int


def number_in_words(number: int) -> str:
    """A whole number below ten thousand as it is spoken."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    whole, rest = divmod(number, size)
    return f"{number_in_words(whole)} {name}" + (f" {number_in_words(rest)}" if rest else "")


def is_unit(word: str) -> bool:
    """Whether a word is a unit of time: "minutes"."""
    return word in _UNITS


def find(words: Sequence[str]) -> list[Duration]:
    """The lengths of time in lower-case words, in order."""
    found: list[Duration] = []
    at = 0
    while at < len(words):
        duration = length_at(words, at)
        if duration is not None and _is_its_own(words, duration):
            found.append(duration)
        at = duration.end if duration is not None else at + 1
    return found


def _number(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """The number that begins here, and where it ends."""
    if at >= len(words) or words[at] not in _NUMBERS:
        return None
    value, at = _NUMBERS[words[at]], at + 1
    if value >= 20 and at < len(words) and 0 < _NUMBERS.get(words[at], 0) < 10:
        value, at = value + _NUMBERS[words[at]], at + 1
    if at < len(words) and words[at] == "hundred":
        value, at = value * 100, at + 1
    return value, at


def length_at(words: Sequence[str], start: int) -> Duration | None:
    """The length of time that begins at a word, whatever it is the length of."""
    at = start
    number = _number(words, at)
    three_quarters = words[at : at + 2] in (["three", "quarters"], ["three", "quarter"])
    if three_quarters or (number is None and words[at] in {"half", "quarter"}):
        return _fraction(words, start)
    if number is None:
        bare = words[at] in {"hour", "hr"} and words[at + 1 : at + 2] == ["and"]  # "over hour and a half"
        if not bare and (words[at] not in _ARTICLES or at + 1 >= len(words)):
            return None
        value, at = 1, at if bare else at + 1
    else:
        value, at = number
        # "ten to fifteen minutes", "five or ten minutes": the longer one, to be safe.
        if at + 1 < len(words) and words[at] in {"to", "or"} and (more := _number(words, at + 1)) is not None:
            value, at = max(value, more[0]), more[1]
        while at < len(words) and words[at] in {"odd", "or", "so", "whole", "good", "full", "more"}:
            at += 1
    while number is None and at < len(words) and words[at] in {"good", "whole", "full", "solid"}:
        at += 1
    half = words[at : at + 3] == ["and", "a", "half"]
    at += 3 if half else 0
    if at >= len(words) or words[at] not in _UNITS:
        return None
    date_or_time, unit = _UNITS[words[at]]
    at += 1
    if words[at : at + 3] == ["and", "a", "half"]:
        half, at = True, at + 3
    elif words[at : at + 3] == ["and", "a", "quarter"] and unit == "H":
        return Duration(f"PT{value}H15M", start, at + 3)
    elif words[at : at + 3] == ["and", "a", "bit"]:
        return Duration(f"{date_or_time}{value}{unit}", start, at + 3)
    iso = f"{date_or_time}{value}{unit}"
    if half and unit in _HALVES:
        prefix, extra, smaller = _HALVES[unit]
        iso = f"{iso}{extra}{smaller}" if prefix == date_or_time else f"{iso}T{extra}{smaller}"
    if (
        words[at : at + 1] == ["and"]
        and (rest := length_at(words, at + 1)) is not None
        and unit == "H"
        and rest.iso.endswith("M")
    ):
        return Duration(f"{iso}{rest.iso.removeprefix('PT')}", start, rest.end)
    more = _number(words, at + 1) if unit == "H" and not half and words[at : at + 1] == ["and"] else None
    if more is not None and more[0] >= 5:  # "an hour and twenty", but "and three cramps"
        return Duration(f"PT{value}H{more[0]}M", start, more[1])
    return None if at == start + 1 else Duration(iso, start, at)


def _fraction(words: Sequence[str], start: int) -> Duration | None:
    """Half an hour, a quarter of an hour, three quarters of an hour."""
    minutes = {"half": 30, "quarter": 15, "three": 45}[words[start]]
    at = start + (2 if words[start] == "three" else 1)
    while at < len(words) and words[at] in {"of", "a", "an"}:
        at += 1
    if at < len(words) and words[at] == "hour":
        return Duration(f"PT{minutes}M", start, at + 1)
    if words[start] == "half" and words[at : at + 1] == ["minute"]:
        return Duration("PT30S", start, at + 1)
    return None


def _is_its_own(words: Sequence[str], duration: Duration) -> bool:
    before = words[duration.start - 1] if duration.start else ""
    after = words[duration.end] if duration.end < len(words) else ""
    days = duration.iso[-1] in "DW" and after in {"after", "later"}  # "still sore nine days after the squats"
    if after in _NOT_BEFORE and not days:
        return False
    said = words[duration.start : duration.end]
    if said[0] in {"a", "an"} and before in _RATE:
        return False
    plain = len(said) == 2 and said[1] not in {"hour", "hr"} and after != "ago"
    if said[0] in {"a", "an"} and plain and before and before not in _BEFORE_ARTICLE:
        return False
    if before in {"every", "per", "each", "in", "next", "after", "another"} and after != "ago":
        return False
    return after != "ago" or len(words) <= 6 or bool(_AGO_NEEDS & set(words))
