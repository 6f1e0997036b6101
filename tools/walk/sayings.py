"""What people say, with what it means: phrases of the content in everyday words of the walk's own.

The meaning is known because it was put in. What the skill makes of the words is never asked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from .content import content


class Said(NamedTuple):
    """One turn of a person. `text` "" is silence; `request` is sent as it is, instead of words."""

    move: str
    text: str = ""
    plain: str = ""  # the same without the words around it, for a shorter failure
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    site: str | None = None
    minutes: int | None = None
    reply: str = ""  # "yes", "no" or "unknown"
    choice: int | None = None
    topic: str = ""  # what was asked about
    corrects: bool = False
    restarts: bool = False
    leaves: bool = False
    request: Mapping[str, Any] | None = None
    session: bool = True  # whether a raw request carries its session


# What places are called, by the walk.
SITES = {
    "calf": ("calf", "left calf", "calf muscle"),
    "foot": ("foot", "big toe", "arch of my foot"),
    "hamstring": ("hamstring", "hammy", "back of my thigh"),
    "quadriceps": ("quad", "front of my thigh"),
    "adductor": ("groin", "inner thigh"),
    "glute": ("buttock", "right glute"),
    "hand_forearm": ("hand", "forearm", "thumb"),
    "neck": ("neck", "side of my neck"),
    "upper_back": ("upper back",),
    "lower_back": ("lower back", "small of my back"),
    "shoulder": ("shoulder", "right shoulder"),
    "abdomen": ("stomach muscle", "abs"),
    "jaw": ("jaw",),
    "eyelid": ("eyelid",),
    "ribs": ("ribs",),
    "leg": ("leg", "left leg"),
    "thigh": ("thigh",),
    "shin": ("shin",),
    "hip": ("hip",),
    "back": ("back",),
    "arm": ("arm",),
    "stitch": ("side stitch",),
}
# What a sign is called, by the walk: fits "no ..." and "I've got ...".
NOUNS = {
    "swelling": "swelling",
    "red_or_hot": "redness",
    "numbness": "numbness",
    "tingling": "pins and needles",
    "fever": "fever",
    "bad_headache": "splitting headache",
    "chest_pain": "chest pain",
    "breathless": "shortness of breath",
    "faint": "dizziness",
    "nausea": "nausea",
    "cold_sweat": "cold sweat",
    "palpitations": "palpitations",
    "new_weakness": "new weakness",
    "vision_trouble": "blurred vision",
    "rash": "rash",
    "vomiting": "vomiting",
    "diarrhoea": "diarrhoea",
    "dark_urine": "dark urine",
    "tingling_lips": "tingling lips",
    "testicle_pain": "testicle pain",
    "trouble_swallowing": "trouble swallowing",
    "coughing_blood": "blood when I cough",
    "bladder_bowel_trouble": "trouble peeing",
    "saddle_numbness": "numbness between the legs",
    "slurred_speech": "slurred speech",
    "confused": "confusion",
}
DENIALS = (
    "no {}",
    "there's no {}",
    "I don't have any {}",
    "I haven't got {}",
    "there isn't any {}",
    "not any {}",
    "without any {}",
    "{}? no",
)

_OPENERS = (
    "um ",
    "well ",
    "so ",
    "honestly ",
    "och ",
    "listen, ",
    "er hello, ",
    "ok so basically ",
    "hi there, ",
    "look ",
)
_RAMBLES = (
    "I was in the kitchen making tea and ",
    "my sister told me to ask you, ",
    "this will sound daft but ",
    "I got home from work and sat down, and ",
    "I've been meaning to ask somebody, because ",
    "the thing is, ",
    "I had my dinner, I watched the telly, and ",
)
_MINIMISERS = (
    "it's probably nothing but ",
    "I don't want to make a fuss but ",
    "I'm sure it's fine, but ",
    "I'm not one to moan but ",
    "it might just be my age but ",
    "don't laugh, but ",
)
_OTHERS = ("it's my husband, ", "it's for my mum, ", "my wife is here and ", "my mate here says ")
_TAILS = (
    ", you know",
    " so it is",
    ", pet",
    " eh",
    ", mate",
    " and that",
    ", if that helps",
    ", sorry",
    ", I suppose",
    " innit",
    " I think",
)
_DENY_BEFORE = ("no {} but ", "there's no {}, but ", "I don't have any {}, but ", "well no {} no, but ")
_DENY_AFTER = (", but no {}", ", no {}", " but I don't have any {}", ". no {}")

NONSENSE = (
    "purple monkey dishwasher",
    "flibberty gibbet zork",
    "the quick brown fox",
    "blah blah blah",
    "la la la",
    "mmm",
    "it's complicated",
    "you tell me",
    "sorry, what",
    "the kettle's boiling",
    "who are you talking to",
)
NO = (
    "no",
    "nope",
    "no, none of those",
    "nothing like that",
    "none of them",
    "no I don't",
    "nah",
    "not at all",
    "no, I'm fine otherwise",
)
YES = ("yes", "yeah", "yep", "yes I do", "aye", "yes it is", "yeah I have", "uh huh")
UNKNOWN = ("I don't know", "not sure", "hard to say", "dunno", "maybe", "I can't tell", "no idea", "how would I know")
CHOICES = {0: ("the first one", "the first"), 1: ("the second one", "the second"), -1: ("the last one", "the last")}
DURATIONS = {
    1: ("a minute", "about a minute"),
    2: ("two minutes", "a couple of minutes"),
    5: ("five minutes", "about 5 minutes"),
    20: ("twenty minutes",),
    60: ("an hour",),
    180: ("three hours",),
    2880: ("two days",),
    20160: ("two weeks",),
}


def wrapped(random: Random, core: str, *, deny: Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
    """A meaning in everyday words, and the signs that were denied beside it: some of `deny`, ids of NOUNS."""
    before = after = ""
    denied: tuple[str, ...] = ()
    if deny and random.random() < 0.3:
        sign = random.choice(list(deny))
        denied = (sign,)
        if random.random() < 0.5:
            before = random.choice(_DENY_BEFORE).format(NOUNS[sign])
        else:
            after = random.choice(_DENY_AFTER).format(NOUNS[sign])
    if not before and random.random() < 0.5:
        before = random.choice(random.choice((_OPENERS, _RAMBLES, _MINIMISERS, _OTHERS)))
    if not after and random.random() < 0.3:
        after = random.choice(_TAILS)
    return f"{before}{core}{after}", denied


def sign(random: Random, id_: str) -> str:
    """Words that mean a finding: one of the content's phrases, or what the walk calls it."""
    if id_ in NOUNS and random.random() < 0.35:
        return random.choice(("I've got {}", "there's {}", "I have {}", "{}", "a bit of {}")).format(NOUNS[id_])
    return random.choice(content().phrases[id_])


def denial(random: Random, ids: Sequence[str]) -> str:
    """Words that deny signs of NOUNS."""
    first, *rest = (NOUNS[id_] for id_ in ids)
    return (
        random.choice(DENIALS).format(first)
        if not rest
        else f"no {first}" + "".join(f" and no {more}" for more in rest)
    )


def place(random: Random, site: str) -> str:
    """What a site is called."""
    return random.choice(SITES[site])
