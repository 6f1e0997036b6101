"""A person who walks through the dialogue: chooses what is said next, by chance and by what was just asked.

First they do as they please, then they go on answering like somebody who wants advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from . import sayings
from .content import content
from .sayings import NOUNS, Said, denial, place, sign, wrapped

COACH_OFFERS = frozenset({"coach", "ready", "easing", "resume"})
PLEASE, ANSWER = 7, 14  # at most so many turns as they please; then at most so many of answering

_TOPICS = {
    "what's the difference between a cramp and a spasm": "difference",
    "what is a cramp": "what_is_a_cramp",
    "what is a spasm": "what_is_a_spasm",
    "what causes cramps": "causes",
    "how long do cramps last": "how_long_it_lasts",
    "how do I prevent cramps": "prevention",
    "when should I see a doctor": "when_to_see_a_doctor",
}
_ASKS = ("does {} help", "is {} any good", "should I try {}", "can I use {} for this", "what about {}")
_ABOUT = {
    "help": ("help", "what can I say"),
    "repeat": ("repeat that", "say that again", "pardon"),
    "next": ("next", "next step please", "go on"),
    "previous": ("go back", "previous"),
    "why": ("why do you ask", "why"),
    "more": ("tell me more", "go on, more"),
    "who says": ("who says so", "are you a doctor", "how do you know that"),
    "what to do": ("what should I do", "what do I do now"),
    "just asking": ("I'm just asking", "nothing hurts, I'm just curious"),
    "thanks": ("thanks", "thank you, bye"),
    "stop": ("stop", "cancel", "goodbye"),
    "start over": ("start over", "start again"),
}
# What is said while a stretch is offered, led into, held or paused, beside a bare yes or no.
_COACHED = {
    "coach: wish": ("coach me", "talk me through it", "hold it with me", "what now"),
    "coach: ready": ("ready", "I'm in position", "okay, ready now"),
    "coach: done": ("done", "I held it"),
    "coach: again": ("again", "one more time"),
    "coach: pause": ("pause", "give me a minute"),
    "coach: resume": ("resume", "I'm back"),
    "coach: skip": ("skip this one", "previous"),
    "coach: other side": ("other side", "now the other leg"),
    "coach: how much more": ("how many more", "how long"),
    "coach: prefer": ("slower", "faster", "count quietly", "count out loud", "keep it short"),
    "coach: eased": ("it's gone", "better", "that did the trick"),
    "coach: partly": ("a bit", "kind of", "not completely"),
    "coach: still": ("still there", "didn't do anything", "barely"),
}
_COMPLAINTS = (
    "my {} just seized up",
    "I've got a cramp in my {}",
    "cramp in my {}",
    "my {} hurts",
    "my {} has cramped up",
    "is this a cramp in my {}",
    "help my {}",
    "my {} is killing me",
    "there's a pain in my {}",
    "my {} keeps twitching",
)
_VAGUE = ("is this a cramp", "I've got a cramp", "it hurts", "my muscle hurts", "ow ow ow cramp", "something's wrong")


class Person:
    """One walk. The same seed meets the same replies with the same words."""

    def __init__(self, seed: str) -> None:
        self.random = random = Random(seed)  # noqa: S311 - a walk, no secret
        self.site = random.choice(list(sayings.SITES))
        self.pleases = random.randint(1, PLEASE)
        self.is_plain = random.random() < 0.25  # has no sign of danger, and says so
        self.is_stubborn = not self.is_plain and random.random() < 0.15  # sorts out no list of signs
        self.plan = [] if self.is_plain or self.is_stubborn else self._plan()
        self.turns = 0

    def says(self, reply: Mapping[str, Any]) -> Said:
        """What is said to a reply; None when there is nothing more to say."""
        self.turns += 1
        if self.turns > self.pleases:
            return self._answer(reply)
        if self.turns == 1:
            return self._opening()
        random = self.random
        if self.plan and random.random() < 0.35:
            return self._danger(reply)
        if self.is_stubborn and str(reply["question"]).endswith("_safety"):
            return self._unclear()
        if reply["question"] is None and reply["offer"] in COACH_OFFERS and random.random() < 0.6:
            return self._coached()
        open_ = reply["question"] or reply["offer"]
        if open_ and random.random() < 0.6:
            return self._any_answer(reply)
        return self._anything(reply)

    def _coached(self) -> Said:
        move = self.random.choice(list(_COACHED))
        text = self.random.choice(_COACHED[move])
        return Said(move, text, text)

    # ---- danger

    def _plan(self) -> list[str]:
        """The findings to be said, in order: the parts of one rule of one flag, or a sign or two by themselves."""
        random, known = self.random, content()
        if random.random() < 0.4:
            return random.sample(sorted(known.danger), random.choice((1, 1, 2)))
        _, rule = random.choice(known.rules)
        parts = list(rule.get("all", ()))
        parts += [random.choice(sorted(rule[key])) for key in ("any", "with") if key in rule]
        parts += [f"{id_}.absent" for id_ in rule.get("denied", ())]
        if "sites" in rule:
            places = [
                site for name in rule["sites"] for site in known.groups.get(name, [name]) if site in sayings.SITES
            ]
            self.site = random.choice(places or [self.site])
        parts = [id_ for id_ in parts if id_.partition(".")[0] not in known.coached]  # what the coach did, nobody says
        if "minutes_from" in rule:
            parts.append("minutes")
        random.shuffle(parts)
        return parts

    def _danger(self, reply: Mapping[str, Any]) -> Said:
        """The next of what is planned, alone, together with another, or inside some other move."""
        random = self.random
        parts = [self.plan.pop() for _ in range(random.choice((1, 1, 2))) if self.plan]
        said = [self._part(part) for part in parts]
        core = random.choice((" and ", ", ", ". ")).join(one.text for one in said)
        signs = [id_ for one in said for id_ in one.present]
        others = [id_ for id_ in NOUNS if id_ not in signs]
        text, denied = wrapped(random, core, deny=others)
        move = "danger"
        if random.random() < 0.25:
            lead = random.choice(
                (
                    "help, ",
                    "next, ",
                    "no, but ",
                    "yes and ",
                    "yes but ",
                    "no. ",
                    "thanks but ",
                    "hang on, ",
                    "stop, ",
                    "why do you ask, ",
                )
            )
            text, move = f"{lead}{core}", f"danger after {lead.strip(' ,.')}"
            denied = ()
            reply_ = {"no, but ": "", "no. ": "no", "yes and ": "yes", "yes but ": "yes"}.get(lead, "")
        elif random.random() < 0.15:
            topic, name = self._remedy()
            text, move, denied, reply_ = f"{random.choice(_ASKS).format(name)}, {core}", "danger with remedy", (), ""
            return Said(
                move,
                text,
                core,
                tuple(signs),
                tuple(a for o in said for a in o.absent),
                minutes=self._minutes(said),
                topic=topic,
            )
        else:
            reply_ = ""
        absent = tuple(id_ for one in said for id_ in one.absent) + tuple(id_ for id_ in denied if id_ not in signs)
        return Said(move, text, core, tuple(signs), absent, minutes=self._minutes(said), reply=reply_)

    @staticmethod
    def _minutes(said: list[Said]) -> int | None:
        return next((one.minutes for one in said if one.minutes is not None), None)

    def _part(self, part: str) -> Said:
        if part == "minutes":
            return Said("", f"it's been {sayings.DURATIONS[180][0]}", minutes=180)
        if part.endswith(".absent"):
            if part in content().phrases:
                return Said("", self.random.choice(content().phrases[part]), absent=(part.removesuffix(".absent"),))
            return Said("", f"{NOUNS.get(part.removesuffix('.absent'), 'it')} no")
        return Said("", sign(self.random, part), present=(part,))

    # ---- the opening

    def _opening(self) -> Said:
        random = self.random
        kind = random.random()
        if kind < 0.12 and self.plan:
            return self._danger({})
        if kind < 0.2:
            text, _ = wrapped(random, random.choice(_VAGUE))
            return Said("opening without a place", text)
        if kind < 0.3:
            return self._anything({})
        return self._complaint("opening")

    def _complaint(self, move: str) -> Said:
        random = self.random
        core = random.choice(_COMPLAINTS).format(place(random, self.site))
        if self.site == "jaw":
            core = core.replace("just seized up", "hurts")  # a jaw that seized is a sign of danger
        if self.site == "stitch":
            core = random.choice(("I've got a side stitch", "there's a stitch in my side"))
        present: tuple[str, ...] = ()
        absent: tuple[str, ...] = ()
        if "twitch" in core:
            present = ("twitch",)
        joined = core
        if self.plan and random.random() < 0.3:
            part = self._part(self.plan.pop())
            joined = f"{core}{random.choice((' and ', ', ', '. '))}{part.text}"
            present, absent = present + part.present, part.absent
            text, denied = wrapped(random, joined)
            return Said(f"{move} with danger", text, joined, present, absent, self.site, part.minutes)
        text, denied = wrapped(random, joined, deny=list(NOUNS) if random.random() < 0.4 else ())
        return Said(move, text, core if not denied else "", present, denied, self.site)

    # ---- whatever comes to mind

    def _anything(self, reply: Mapping[str, Any]) -> Said:
        random = self.random
        moves: list[tuple[float, Callable[[], Said]]] = [
            (3, self._topic),
            (3, self._remedy_question),
            (2, self._scope),
            (2, self._nonsense),
            (1, lambda: Said("silence")),
            (5, self._about),
            (2, self._denies),
            (2, self._detail),
            (2, self._duration if self.is_plain else self._another_place),  # cramps in two places are a sign
            (1, lambda: self._complaint("complaint again")),
            (1, self._duration),
            (1, self._corrects),
            (1, self._coached),
        ]
        return random.choices([make for _, make in moves], [weight for weight, _ in moves])[0]()

    def _topic(self) -> Said:
        text = self.random.choice(list(_TOPICS))
        return Said("topic", wrapped(self.random, text)[0], text, topic=_TOPICS[text])

    def _remedy(self) -> tuple[str, str]:
        topic = self.random.choice(sorted(content().remedies))
        return topic, self.random.choice(content().remedies[topic])

    def _remedy_question(self) -> Said:
        topic, name = self._remedy()
        text = self.random.choice(_ASKS).format(name)
        return Said("remedy", text, text, topic=topic)

    def _scope(self) -> Said:
        topics = ["pets", "something_else", "period_cramps"] if self.is_plain else sorted(content().scope)
        topic = self.random.choice(topics)  # a bad takeaway is a sign of danger, and a headache may be one
        name = self.random.choice(content().scope[topic])
        text = self.random.choice(("what about {}", "{}", "I've got {}", "can you help with {}")).format(name)
        return Said(f"out of scope: {topic}", text, text, topic=topic)

    def _nonsense(self) -> Said:
        return Said("nonsense", self.random.choice(sayings.NONSENSE))

    def _about(self) -> Said:
        move = self.random.choices(list(_ABOUT), [4, 4, 4, 3, 4, 4, 2, 3, 1, 0.4, 0.4, 0.7])[0]
        text = self.random.choice(_ABOUT[move])
        return Said(move, text, text, restarts=move == "start over", leaves=move in {"stop", "thanks"})

    def _denies(self) -> Said:
        signs = self.random.sample(list(NOUNS), self.random.choice((1, 1, 2)))
        core = denial(self.random, signs)
        return Said(
            "denial", wrapped(self.random, core)[0] if self.random.random() < 0.5 else core, core, absent=tuple(signs)
        )

    def _detail(self) -> Said:
        if self.is_plain:
            return self._duration()
        id_ = self.random.choice(sorted(content().details - {"other_talk", "strong_words"}))
        core = self.random.choice(content().phrases[id_])
        return Said("detail", wrapped(self.random, core)[0], core, present=(id_,))

    def _another_place(self) -> Said:
        self.site = self.random.choice(list(sayings.SITES))
        if self.random.random() < 0.4:
            core = f"sorry, I meant my {place(self.random, self.site)}"
            return Said("corrects the place", core, core, site=self.site, corrects=True)
        core = self.random.choice(("it's in my {}", "and my {} too", "my {} hurts as well", "actually my {}")).format(
            place(self.random, self.site)
        )
        return Said("another place", core, core, site=self.site)

    def _duration(self) -> Said:
        minutes = self.random.choice([5, 1, 2] if self.is_plain else list(sayings.DURATIONS))
        core = self.random.choice(sayings.DURATIONS[minutes])
        return Said("duration", core, core, minutes=minutes)

    def _corrects(self) -> Said:
        noun = self.random.choice(list(NOUNS))
        core = self.random.choice(("no wait, there's no {}", "I meant no {}", "scratch that, no {}")).format(
            NOUNS[noun]
        )
        return Said("corrects a sign", core, core, absent=(noun,), corrects=True)

    # ---- every kind of answer

    def _any_answer(self, reply: Mapping[str, Any]) -> Said:
        random = self.random
        kind = random.random()
        if kind < 0.22:
            return Said("no", random.choice(sayings.NO), reply="no")
        if kind < 0.34 and not self.is_plain:
            return Said("yes", random.choice(sayings.YES), reply="yes")
        if kind < 0.42 and not self.is_plain:
            return Said("don't know", random.choice(sayings.UNKNOWN), reply="unknown")
        if kind < 0.5 and not self.is_plain:
            choice = random.choice(list(sayings.CHOICES))
            return Said("choice", random.choice(sayings.CHOICES[choice]), choice=choice)
        question = str(reply["question"] or "")
        if question.endswith("_safety"):
            return self._to_safety(question)
        if question == "where":
            if random.random() < 0.2 and not self.is_plain:
                return Said("answer: all over", "all over", present=("several_regions",))
            name = place(random, self.site)
            return Said(
                "answer: place",
                random.choice((name, f"my {name}", f"it's my {name}", f"um {name}")),
                name,
                site=self.site,
            )
        if question == "nature":
            text = random.choice(
                ("a hard knot", "a twitch", "a tight ache", "it went rock hard", "it's tight", "neither", "both")
            )
            return Said("answer: nature", text, text)
        if question == "how_long":
            minutes = random.choice([1, 2, 5] if self.is_plain else list(sayings.DURATIONS))
            text = random.choice(sayings.DURATIONS[minutes])
            more = random.choice(("", " and yes stretching helps", " and stretching doesn't help", ", yes", ", no"))
            return Said("answer: how long", text + more, text, minutes=minutes)
        if question == "breathing":
            text = random.choice(("yes it's settling", "it's settling down", "it's fine now", "still puffing"))
            return Said("answer: breathing", text, text, reply="no" if text == "still puffing" else "yes")
        return self._duration() if random.random() < 0.3 else Said("yes", random.choice(sayings.YES), reply="yes")

    def _unclear(self) -> Said:
        random = self.random
        if random.random() < 0.1:
            return self._nonsense()
        if len(self.site) % 2:  # a person keeps to one of the two
            return Said("yes", random.choice(sayings.YES), reply="yes")
        return Said("don't know", random.choice(sayings.UNKNOWN), reply="unknown")

    def _to_safety(self, question: str) -> Said:
        random = self.random
        fills = content().fills.get(family_of(question), [])
        named = [id_ for id_ in fills if id_ in NOUNS]
        if random.random() < 0.45 or self.is_plain:
            signs = random.sample(named, min(len(named), random.choice((1, 2)))) or ["fever"]
            core = denial(random, signs)
            return Said("answer: denies some", core, core, absent=tuple(signs))
        id_ = random.choice(fills or ["swelling"])
        answers = content().as_answer.get(id_, ())
        core = random.choice(answers) if answers and random.random() < 0.5 else sign(random, id_)
        text = random.choice(("{}", "yes, {}", "it's {}", "yeah {}", "no. well, yes, {}")).format(core)
        return Said("answer: a sign", text, core, present=(id_,), reply="yes")

    # ---- somebody who wants advice

    def _answer(self, reply: Mapping[str, Any]) -> Said:
        """A sensible answer to what was asked last."""
        random = self.random
        question, offer = reply["question"], reply["offer"]
        if question is None:
            # Mostly lets the stretch be held, and says how it went.
            if offer in COACH_OFFERS and random.random() < (0.56 if offer == "easing" else 0.8):
                text = random.choice(("no", "a bit", "still there", "yes") if offer == "easing" else ("yes",))
                return Said("goes along with the coach", text, reply={"yes": "yes", "no": "no"}.get(text, ""))
            if offer in {"anything_else", "more", "easing", "next_step", *COACH_OFFERS}:
                return Said(
                    "answers an offer", "yes" if offer == "easing" else "no", reply="no" if offer != "easing" else "yes"
                )
            return self._complaint("says what hurts")
        if question.endswith("_safety"):
            if self.plan:
                return self._danger(reply)
            if self.is_stubborn:
                return self._unclear()
            return Said("answers no", random.choice(sayings.NO[:5]), reply="no")
        if question == "where":
            name = place(random, self.site)
            return Said("answers where", f"my {name}", site=self.site)
        if question == "how_long":
            return Said("answers how long", "five minutes, and stretching helps", minutes=5)
        if question == "breathing":
            return Said("answers breathing", "yes, it's settling", reply="yes")
        return Said("answers nature", "a hard knot")


def family_of(question: str) -> str:
    """The family of a safety question's id, "" for another question: "calf_safety" asks about a leg."""
    if not question.endswith("_safety"):
        return ""
    name = question.removesuffix("_safety")
    return content().safety.get(name, name)
