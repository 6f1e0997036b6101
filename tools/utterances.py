"""The single utterances of tests/utterances: reads them, and asks the simulated speaker what it heard.

A story shows where somebody ends; an utterance shows whether one sentence was understood by itself. What is said in
one locale stands in a file of its name, and is said to a speaker there; all the rest is said to one in en-US.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from server.conversation import DEFAULT_LOCALE, Device
from server.recognizer import FALLBACK

from .sentences import locales
from .stories import LEVELS, content, entries, one_of, refuse_unknown, texts, urgency
from .yamlfile import ROOT, ContentError

UTTERANCES = ROOT / "tests" / "utterances"

# What somebody does by saying a thing, and the intents that carry it.
# A complaint (tell) also has to be understood: see Hearing.acts.
ACTS = {
    "tell": ("CheckCrampIntent", "DescribeIntent", "DangerIntent", "WhatToDoIntent", "ProgressIntent"),
    "ask": (
        *("DifferenceIntent", "WhatIsCrampIntent", "WhatIsSpasmIntent", "CauseIntent", "HowLongItLastsIntent"),
        *("WhatIsStrainIntent", "WhatIsStitchIntent", "SorenessIntent", "NightCrampIntent"),
        *("PreventIntent", "DoctorIntent", "RemedyIntent"),
    ),
    "who_says": ("SourceIntent",),
    "resume": ("ResumeIntent",),
    "out_of_scope": ("OutOfScopeIntent",),
    "yes": ("AMAZON.YesIntent",),
    "no": ("AMAZON.NoIntent",),
    "unknown": ("DontKnowIntent",),
    "help": ("AMAZON.HelpIntent",),
    "repeat": ("AMAZON.RepeatIntent",),
    "next": ("AMAZON.NextIntent",),
    "back": ("AMAZON.PreviousIntent",),
    "start_over": ("AMAZON.StartOverIntent",),
    "stop": ("AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"),
    "thanks": ("ThanksIntent",),
    "why": ("WhyIntent",),
    "more": ("TellMeMoreIntent",),
    "just_asking": ("JustAskingIntent",),
    "coach": ("CoachIntent",),
    "ready": ("ReadyIntent",),
    "done": ("DoneIntent",),
    "other_side": ("OtherSideIntent",),
    "how_much_more": ("HowMuchMoreIntent",),
    "prefer": ("PreferIntent",),
    "pause": ("AMAZON.PauseIntent",),
    "forget_me": ("ForgetMeIntent",),
    "remind": ("ReminderIntent", "ReminderTimeIntent"),
    "reminders": ("ListRemindersIntent",),
    "no_reminder": ("CancelReminderIntent",),
}
_REPLIES = {"yes": "yes", "no": "no", "not_sure": "unknown"}  # ids of the slot "reply"
_KEYS = {"say", "act", "after", "site", "side", "flag", "level_min", "level_max"}
_SIDES = ("left", "right", "both")


class Utterance(NamedTuple):
    """One sentence, and what has to be heard in it. Empty where nothing is expected.

    `after`: what was said before it. `flag`, `level_min`: danger, and the level it must reach at once.
    `level_max`: harmless, and the level it must not exceed.
    """

    say: str
    act: str
    after: Sequence[str]
    site: str
    side: str
    flag: str
    level_min: str
    level_max: str
    locale: str = DEFAULT_LOCALE


class Hearing(NamedTuple):
    """An utterance, the reply to it, and the offer that was open before it."""

    utterance: Utterance
    reply: Mapping[str, Any]
    offer: str | None
    ended: bool

    @property
    def level(self) -> str | None:
        """What was told in this very turn."""
        told = self.reply["assessment"]
        return str(told["disposition"]) if told else None

    @property
    def acts(self) -> frozenset[str]:
        """All that this turn was taken to do; a sentence may ask and complain at once."""
        heard = self.reply["heard"]
        acts = {act for act, intents in ACTS.items() if heard["intent"] in intents}
        if not heard["findings"] and self.reply["question"] is None:
            acts -= {"tell"}  # an intent without a sign, a place or a question to follow is nothing understood
        acts |= {_REPLIES[value["id"]] for value in heard["slots"].get("reply", ()) if value["id"] in _REPLIES}
        if self.level in LEVELS:
            acts |= {"tell"}
        acts |= {"INFO": {"ask"}, "OUT_OF_SCOPE": {"out_of_scope"}}.get(str(self.level), set())
        if heard["intent"] == FALLBACK and self.utterance.after:
            acts |= {"unknown"}  # what is not understood while a question is open counts as "I don't know"
        if "yes" in acts and self.offer is not None:
            acts |= {"next"}
        if self.ended and self.level is None:
            acts |= {"stop", "thanks"}
        return frozenset(acts)

    @property
    def is_act_right(self) -> bool:
        """Whether what the person did was understood."""
        return self.utterance.act in self.acts

    @property
    def is_site_right(self) -> bool:
        """Whether the place was heard."""
        findings = self.reply["heard"]["findings"]
        return self.utterance.site in {findings.get("site"), findings.get("second_site")}

    @property
    def is_side_right(self) -> bool:
        """Whether left, right or both was heard."""
        return bool(self.reply["heard"]["findings"].get("side") == self.utterance.side)

    @property
    def is_recognised(self) -> bool:
        """Whether danger reached its level, or a higher one, at once."""
        return urgency(self.level) >= urgency(self.utterance.level_min)

    @property
    def is_alarmed(self) -> bool:
        """Whether a harmless sentence was told more than it should be."""
        return urgency(self.level) > urgency(self.utterance.level_max)

    @property
    def wrong(self) -> list[str]:
        """What is wrong, in words; empty when all is well."""
        said, wrong = self.utterance, []
        if not self.is_act_right:
            wrong.append(f"meant {said.act}, heard {', '.join(sorted(self.acts)) or 'nothing'}")
        if said.site and not self.is_site_right:
            wrong.append(f"meant the {said.site}, heard {self.reply['heard']['findings'].get('site', 'no place')}")
        if said.side and not self.is_side_right:
            wrong.append(f"meant {said.side}, heard {self.reply['heard']['findings'].get('side', 'no side')}")
        if said.level_min and not self.is_recognised:
            wrong.append(f"{said.flag} needs {said.level_min}, told {self.level or 'nothing yet'}")
        if said.level_max and self.is_alarmed:
            wrong.append(f"harmless, told {self.level}")
        return wrong


def utterances(path: Path = UTTERANCES) -> list[Utterance]:
    """The utterances of a file, or of all files in a folder. Raises ContentError, in one line, for anything odd."""
    told: dict[tuple[str, Sequence[str], str], Utterance] = {}
    for file, number, entry in entries(path, "utterances", "- {say: ...}"):
        said = _utterance(file, f"utterance {number}", entry)
        key = (said.locale, said.after, said.say.lower())
        if key in told:
            raise ContentError(file, f"utterance {number}", f"says {said.say!r} once more", "keep one of the two")
        told[key] = said
    return list(told.values())


def listen(utterance: Utterance) -> Hearing:
    """Says an utterance at the door: "Alexa, tell cramp coach ..."; or after what was said before."""
    device = Device(locale=utterance.locale)
    offer = None
    for before in utterance.after:
        offer = device.say(before)["offer"]
    return Hearing(utterance, device.say(utterance.say), offer, device.ended)


def _utterance(file: Path, id_: str, entry: object) -> Utterance:
    if not isinstance(entry, Mapping):
        raise ContentError(file, id_, "is no utterance", "write {say: ..., act: ...}")
    refuse_unknown(file, id_, entry, _KEYS)
    say, after = texts(file, id_, "say", entry.get("say", "")), texts(file, id_, "after", entry.get("after", []))
    if len(say) != 1:
        raise ContentError(file, id_, "says several things", "write one utterance for each")
    known = {
        "site": content()["sites"],
        "side": _SIDES,
        "flag": content()["flags"],
        "level_min": ("URGENT", "EMERGENCY"),
        "level_max": LEVELS,
    }
    given = {key: one_of(file, id_, f"{key} is", entry[key], choices) for key, choices in known.items() if key in entry}
    if ("flag" in given) != ("level_min" in given):
        raise ContentError(file, id_, "has a flag or a level_min alone", "danger needs both")
    if "level_min" in given and "level_max" in given:
        raise ContentError(file, id_, "has level_min and level_max", "say whether it is danger or harmless")
    act = one_of(file, id_, "act is", entry.get("act"), ACTS)
    locale = file.stem if file.stem in locales() else DEFAULT_LOCALE
    return Utterance(say[0], act, after, *(given.get(key, "") for key in known))._replace(locale=locale)
