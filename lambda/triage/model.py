"""The words of triage as types. Named tuples: immutable, cheap to import, and readable in a test's failure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from record import Record

PRESENT, ABSENT, UNKNOWN = "present", "absent", "unknown"

Value = str | int
Findings = Mapping[str, Value]
"""Finding id -> "present", "absent" or "unknown"; for `site`, `side` a word; for `duration_minutes` whole minutes."""


class Disposition(StrEnum):
    """What to do. The first two are no levels of urgency: a question answered, and a complaint that is not ours."""

    INFO = "INFO"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    SELF_CARE = "SELF_CARE"
    ROUTINE = "ROUTINE"
    URGENT = "URGENT"
    EMERGENCY = "EMERGENCY"


URGENCY = tuple(Disposition)
"""Ordered: what stands later must be acted on sooner."""


def most_urgent(levels: Iterable[Disposition]) -> Disposition:
    """The level to act on: an ambulance before today, today before an appointment, an appointment before self-care.

    Where two rules disagree the riskier one is followed, because a wasted call costs less than a missed one.
    """
    return max(levels, key=URGENCY.index)


class Reminder(StrEnum):
    """How strongly a person is reminded to see a doctor (clinical reference, section 8)."""

    SOFT = "soft"
    SOFT_PLUS = "soft_plus"
    FIRM = "firm"
    STRONG = "strong"
    EMERGENCY = "emergency"


class Rule(Record):
    """One line of content: holds when all of its parts hold.

    `level` is None where the content's section implies it. `action` goes before the flag's own; "" for none.
    """

    level: Disposition | None = None
    any: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()  # "with" in the content
    all: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    except_sites: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    minutes_from: int | None = None
    minutes_over: int | None = None
    minutes_below: int | None = None
    action: str = ""


class Flag(Record):
    """A rule set that means danger, or that makes an appointment right.

    `action`: what to do while help is sought. `condition`: what a flag is told as, "other" unless it says so.
    """

    id: str
    action: str
    condition: str
    rules: tuple[Rule, ...]


class Safety(Record):
    """A family of safety questions: the danger findings it asks about, and what makes an unknown answer riskier.

    `when`: findings that have it asked, whatever the site. `instead_of`: the families whose place it then takes.
    """

    fills: tuple[str, ...]
    risk: frozenset[str]
    when: frozenset[str]
    instead_of: frozenset[str]


class Site(Record):
    """A body site. `narrow` is empty unless the name is vague."""

    safety: str
    first_aid: str
    remedy: str
    narrow: tuple[str, ...]


class Condition(Record):
    """What it may be. `remedies`: group of sites -> remedy that goes before the site's own; "any" for every site.

    `remedies_with`: finding -> remedy that goes before all others while it is present.
    """

    id: str
    weighed: bool
    rules: tuple[Rule, ...]
    remedies: Mapping[str, str]
    remedies_with: Mapping[str, str]


class Topic(Record):
    """Something people ask about. `evidence`: A, B, C or "0" for a remedy, "" for plain knowledge.

    `cautions` in the order in which they are told; `rather`: finding id -> the topic that answers better; `about`: the
    conditions it tells more about.
    """

    evidence: str
    cautions: tuple[str, ...]
    rather: Mapping[str, str]
    about: frozenset[str]


class Caution(Record):
    """What is said of a remedy to a person for whom a rule holds; `instead` of the topic, or beside it."""

    id: str
    instead: bool
    rules: tuple[Rule, ...]


class Form(StrEnum):
    """How a question is put: whole; once more and plainer; "which one?"; or narrowing a vague site."""

    ASK = "ask"
    AGAIN = "again"
    WHICH = "which"
    NARROW = "narrow"


class Question(Record):
    """What to ask next. `family` finds its words; `fills` are the findings it still asks about, in spoken order."""

    id: str
    family: str
    form: Form
    fills: tuple[str, ...]


class Assessment(Record):
    """What to tell: what to do, what it most likely is, and the ids of flags and findings that decided it."""

    disposition: Disposition
    condition: str
    reasons: tuple[str, ...]
    remedy: str
    action: str
    reminder: Reminder


class Episode(Record):
    """All that is known of one complaint.

    `asked` and `clarified`: question ids in order; `open` awaits its answer. `dropped`: how many questions were put
    about a place that the person then took back; they count, though they are asked anew of the right place.
    """

    findings: Findings = {}
    asked: tuple[str, ...] = ()
    clarified: tuple[str, ...] = ()
    open: Question | None = None
    dropped: int = 0

    @property
    def questions(self) -> int:
        """How many questions were put."""
        return len(self.asked) + self.dropped


def merge(
    known: Findings, heard: Findings, *, correcting: bool = False, changing: frozenset[str] = frozenset()
) -> dict[str, Value]:
    """What is known after something more was heard. A sign once said stays said, unless plainly corrected.

    "Unknown" never replaces an answer; a different site or time does replace the one before, and so do the findings
    in `changing`, which a person may tell otherwise later: it eased, and now it does not.
    """
    merged = dict(known)
    for finding, value in heard.items():
        before = merged.get(finding)
        if value == UNKNOWN and before is not None:
            continue
        if before == PRESENT and value == ABSENT and not correcting and finding not in changing:
            continue
        merged[finding] = value
    return merged
