"""Reads every sentence the skill can speak, and stops the build at one that nobody should hear.

Limits: DESIGN section 4 of the house (a sentence of at most 18 words), what must never be said: clinical reference 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from skill.state import OFFERS
from speech import RATES, Line, Phrasebook
from speech.duration import heard
from speech.holds import LONGEST, SHORTEST, STYLES
from triage import Reminder

from .clinical import blanks
from .sentences import FOLDER, compile_speech
from .yamlfile import ContentError

LONGEST_SENTENCE = 18
LONGEST_MESSAGE = 40
HOLD_TOLERANCE = 0.1  # of its length
BLANKS = {"question", "signs", "country", "number", "first", "second", "pause", "hold"}
BLANKS |= {"when", "span", "time", "clock", "weekday", "month", "nth", "count", "hour", "minute", "tens", "ones"}

_SENTENCE = re.compile(r"[^.!?]+[.!?]?")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")
FORBIDDEN = {
    r"\bjust a cramp\b|\bonly a cramp\b": "it may be more: say 'sounds most like'",
    r"\bcure[sd]?\b": "nothing here cures",
    r"\bdiagnos": "the skill does not diagnose",
    r"\bnothing serious\b|\bdon't need a doctor\b|\bno need (for|to see) a doctor\b": "never talk a person out of care",
    r"\bdefinitely\b|\bcertainly\b": "never certain",
    r"\bsafe to take\b": "never said of a medicine",
    r"\bstop (taking )?your (tablets|medicine|medication|pills)\b": "a doctor or pharmacist decides that",
    r"\b(one|two|three|four|five|ten|\w+ hundred) ?(mg|milligrams?|tablets?|pills?|teaspoons?)\b": "never a dose",
    r"\bdrink as much as\b|\bplenty of (water|fluids)\b": "drinking to excess has killed athletes",
    r"\bpush through\b|\bwalk it off\b|\bno pain,? no gain\b": "never push through pain",
    r"\bambulance\b|\bi('ve| have)? call(ed|ing)? (for )?(help|an)\b|\bi can call\b": "the skill cannot call anybody",
    r"\d": "write numbers as words, so that every voice reads them alike",
    r"[<>&{}\[\]]": "no markup in a sentence",
}


def check(
    language: str, triage: dict[str, Any], folder: Path = FOLDER, *, compiled: dict[str, Any] | None = None
) -> None:
    """Stops the build at the first sentence of a language that is too long, forbidden, or missing.

    `compiled`: the sentences of a locale; `language` is the locale then.
    """
    path = folder / "speech" / f"{language}.yaml"
    compiled = compiled or compile_speech(language, None, folder)
    for id_, variant in spoken(compiled):
        _check_words(path, id_, variant)
    for family, groups in compiled["safety"].items():
        for group in groups:
            for text in (group["ask"], group.get("ask_other", group["ask"]), *group["signs"].values()):
                _check_words(path, f"safety.{family}", text)
    _check_complete(path, compiled, triage)
    _check_holds(path, Phrasebook(language, compiled))


def spoken(compiled: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every message id with each of its variants."""
    for id_, variants in compiled["messages"].items():
        if not id_.startswith("list."):
            for variant in variants:
                yield id_, variant


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text."""
    return [sentence.strip() for sentence in _SENTENCE.findall(text) if sentence.strip()]


def _check_words(path: Path, id_: str, text: str) -> None:
    unknown = blanks(text) - BLANKS
    if unknown:
        raise ContentError(path, id_, f"has the blank {sorted(unknown)[0]!r}", f"known blanks are {sorted(BLANKS)}")
    bare = re.sub(r"\{[a-z_]+\}", "it", text)
    for sentence in sentences_of(bare):
        count = len(words(sentence))
        if count > LONGEST_SENTENCE:
            raise ContentError(
                path,
                id_,
                f"has a sentence of {count} words: {sentence!r}",
                f"{LONGEST_SENTENCE} at most, one breath",
            )
    if len(words(bare)) > LONGEST_MESSAGE:
        raise ContentError(path, id_, f"has {len(words(bare))} words", f"{LONGEST_MESSAGE} at most; split it")
    for pattern, reason in FORBIDDEN.items():
        found = re.search(pattern, bare, re.IGNORECASE)
        if found:
            raise ContentError(path, id_, f"says {found.group()!r}", reason)


def _check_complete(path: Path, compiled: dict[str, Any], triage: dict[str, Any]) -> None:
    """Everything that triage can decide can be said."""
    messages = compiled["messages"]
    needed = {f"action.{flag['action']}" for flag in triage["flags"].values()}
    needed |= {
        f"action.{rule['action']}" for flag in triage["flags"].values() for rule in flag["rules"] if "action" in rule
    }
    needed |= {f"note.{id_}" for id_ in triage["noted"]}
    needed |= {
        f"step.{step}"
        for remedy in triage["remedies"].values()
        for change in remedy.get("changes", ())
        for step in change.get("instead", {}).values()
    }
    needed |= {f"why.{flag}" for flag in triage["flags"]} | {f"why.{family}" for family in triage["safety"]}
    needed |= {f"condition.{condition}" for condition in (*triage["conditions"], "unclear")}
    needed |= {f"question.{id_}.{form}" for id_ in triage["questions"] for form in ("ask", "again", "reprompt")}
    needed |= {f"question.where_{id_}.reprompt" for id_, site in triage["sites"].items() if site.get("narrow")}
    needed |= {f"offer.{offer}" for offer in (*OFFERS, "reprompt")} | {f"reminder.{strength}" for strength in Reminder}
    needed |= {"question.nature.which", "safety_form.again", "safety_form.which", "safety_form.reprompt", "sorry"}
    needed |= {f"first_aid.{site['first_aid']}" for site in triage["sites"].values()}
    needed |= {f"topic.{topic}.{part}" for topic in triage["topics"] for part in ("tell", "more")}
    needed |= {f"advice.{caution}" for caution in triage["cautions"]}
    needed |= {f"evidence.{topic['evidence']}" for topic in triage["topics"].values() if "evidence" in topic}
    needed |= {f"why.{id_}" for kind in ("routine", "conditions", "questions") for id_ in triage[kind]}
    needed |= {"why.unclear", "why.safety_unknown", "why.unclear_yes", "why.nothing"}
    needed |= {f"scope.{topic}" for topic in triage["scope"]}
    needed |= {
        f"remedy.{id_}.{step + 1}" for id_, remedy in triage["remedies"].items() for step in range(remedy["steps"])
    }
    needed |= {f"question.where_{id_}.narrow" for id_, site in triage["sites"].items() if site.get("narrow")}
    needed |= {f"refuse.{sign}" for remedy in triage["remedies"].values() for sign in remedy.get("avoid", ())}
    needed |= {f"hold.{part}" for part in ("cue", "halfway", "almost", "left", "numbers")}
    for id_ in sorted(needed - set(messages)):
        raise ContentError(path, id_, "has no words", "write the sentence")
    for id_, remedy in triage["remedies"].items():
        if f"remedy.{id_}.{remedy['steps'] + 1}" in messages:
            raise ContentError(
                path,
                f"remedy.{id_}",
                f"has more steps than the {remedy['steps']} of content/triage",
                "make them agree",
            )
    for family, safety in triage["safety"].items():
        said = [sign for group in compiled["safety"].get(family, ()) for sign in group["signs"]]
        if said != safety["fills"]:
            raise ContentError(
                path,
                f"safety.{family}",
                f"names {said}",
                f"name exactly {safety['fills']}, in this order",
            )


def _check_holds(path: Path, book: Phrasebook) -> None:
    """The numbers reach as far as the longest hold, and the cues fill the longest and the shortest of every kind."""
    for seconds, style, (pace, rate) in product((LONGEST, SHORTEST), sorted(STYLES), RATES.items()):
        line = Line("hold", {"seconds": str(seconds), "style": style, "pace": pace, "hosted": "no"})
        try:
            lasts = heard(book.say(line), rate)
        except IndexError:
            raise ContentError(path, "hold.numbers", f"ends before {seconds}", f"write them up to {LONGEST}") from None
        if abs(lasts - seconds) > HOLD_TOLERANCE * seconds:
            raise ContentError(
                path, "hold.cue", f"makes {lasts:.1f} s of a hold of {seconds}", "add cues of other lengths"
            )
