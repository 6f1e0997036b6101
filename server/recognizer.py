"""Words -> one intent and its slots, from the very JSON that is deployed. An approximation of Alexa, and no more.

It hands on only what Alexa would: the intent, and slots whose values are spans that fit them; never the sentence.
So whatever the skill understands here, the interaction model can carry. Real Alexa generalises differently: the
samples and synonyms are its training data, here they are matched with tolerance for order, inflection and spelling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from skill.denials import DENIED, OPEN
from skill.spotter import Match, Spotter, index
from skill.wording import FULL, SMALL, Token, Wording, spoken_words

from . import calendar_words, durations
from .carriers import Carriers
from .classifier import Classifier, Score

FALLBACK = "AMAZON.FallbackIntent"
LONGEST = 4_000  # characters; nobody says more in one breath

_SURE = 0.58  # score of a sample above which its intent is believed
_FAIR = 0.3  # the same, where all samples together make it likely
_LIKELY = 0.95  # the sum of both
_MOSTLY = 0.5  # likelihood above which all samples together say more than the best of them
_MORE = 2  # full words of its own that a command may have, where it is all but certain
_CERTAIN = 0.9  # the same, where the utterance could be an answer
_BRIEF = 6  # words: "mustard for cramps?"
_VERY_SURE = 0.74  # the same, for a wish beside a complaint of its own
_BARE = frozenset({"AMAZON.YesIntent", "AMAZON.NoIntent", "DontKnowIntent"})
_TELLING = frozenset({"CheckCrampIntent", "DescribeIntent", "DangerIntent"})
_ASIDES = frozenset(
    {"ThanksIntent", "WhyIntent", "SourceIntent", "ResumeIntent", "TellMeMoreIntent", "JustAskingIntent"}
)
_COMMANDS = frozenset(
    {"ReadyIntent", "DoneIntent", "HowMuchMoreIntent", "PreferIntent", "ForgetMeIntent"}
    | {"ReminderTimeIntent", "ListRemindersIntent", "CancelReminderIntent"}
)
_WISHES = frozenset(
    {"CauseIntent", "DoctorIntent", "HowLongItLastsIntent", "NightCrampIntent", "PreventIntent", "SorenessIntent"}
)
_DEFINITIONS = frozenset({"WhatIsCrampIntent", "WhatIsSpasmIntent"})
_OPEN_ENDED = "RemedyIntent"  # asks about anything, also what nobody listed
_ASKED_ABOUT = frozenset({"RemedyIntent", "OutOfScopeIntent"})
_ANSWERING = frozenset({"reply", "duration", "since", "choice"})
_COMPLAINT = frozenset({"site", "danger", "denied", "detail"})
_TOLD = _COMPLAINT | {"since", "answer"}
_ANOTHER_TIME = "another_time"  # a time that something else takes: "every morning", "next week"
_PETS = "pets"  # the topic whose legs are not ours
_SUBJECT = 1  # the last place of a sentence's first word of weight: "my horse", "the cat"
_RESUMED = 1.5  # the sum of how fully a sample is heard and how likely it is, for "back to my calf"
_RETURNING = "other_talk"  # the detail of "coming back to", which is a wish as well
_DATES = calendar_words.WORDS | {"week", "month", "year"}
_DATED = frozenset({"date", "time"})  # the slots of what lies ahead
_CLOCK = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)(?!\d)")
_ORDINAL = re.compile(r"\b([1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b", re.IGNORECASE)
_SLOT = re.compile(r"\{([a-z_]+)\}")


class SlotValue(NamedTuple):
    """One value of a slot: the words that were said, and the id of the value they resolve to, None when none."""

    slot: str
    words: str
    id: str | None


class Recognition(NamedTuple):
    """What Alexa would send."""

    intent: str
    slots: tuple[SlotValue, ...] = ()


class Recognizer:
    """Recognises speech with one interaction model. `words` is the language's words.yaml as data."""

    def __init__(self, model: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        language = model["interactionModel"]["languageModel"]
        self._wording = Wording(words)
        self._joins = {self._wording.fold(word) for word in (*words["joins"], *words["breaks"])}
        self._cramp_words = {self._wording.fold(word) for word in words["complaints"]}
        self._question_words = {self._wording.fold(word) for word in words["question_words"]}
        self._clause_starts = {self._wording.fold(word) for word in words["clause_starts"]}
        self._own = {self._wording.fold(word) for word in words["own"]}
        self._slots = {
            intent["name"]: {slot["name"]: slot["type"] for slot in intent.get("slots", ())}
            for intent in language["intents"]
        }
        values = [
            (phrase, f"{type_['name']}/{value['id']}")
            for type_ in language["types"]
            for value in type_["values"]
            for phrase in (value["name"]["value"], *value["name"]["synonyms"])
        ]
        self._spotter = Spotter(self._wording, words, index(values, self._wording))
        self._names: dict[tuple[str, str], str] = {
            (type_["name"], value["id"]): value["name"]["value"]
            for type_ in language["types"]
            for value in type_["values"]
        }
        self._synonyms = {
            (id_.partition("/")[0], _plain(phrase)): id_.partition("/")[2] for phrase, id_ in reversed(values)
        }
        said = [(intent["name"], sample) for intent in language["intents"] for sample in intent["samples"]]
        self._exact = {_plain(sample): name for name, sample in reversed(said) if "{" not in sample}
        self._classifier = Classifier(said, self._wording)
        around = (_plain(_SLOT.sub(" ", sample)) for name, sample in said if name == "ProgressIntent")
        self._around_progress = {self._wording.fold(word) for words in around for word in words.split()}
        self._carriers = Carriers((sample for name, sample in said if name == _OPEN_ENDED), "remedy")
        vocabulary = {word for phrase, _ in values for word in _plain(phrase).split()}
        vocabulary |= {word for _, sample in said for word in _plain(_SLOT.sub(" ", sample)).split()}
        families = {part for members in words["families"].values() for member in members for part in member.split("-")}
        vocabulary |= calendar_words.WORDS
        self._vocabulary = vocabulary | families | set(words["small"]) | set(words["light"]) | set(words["turns"])
        self._long_words = sorted(word for word in vocabulary if len(word) >= 6)
        self._mended: dict[str, str] = {}

    def recognize(self, text: str, today: date | None = None) -> Recognition:
        """The intent and slots of what was said. Nonsense is the fallback intent.

        `today` is what "tomorrow" follows on: where the speaker stands, or else in UTC.
        """
        spoken = self._spoken(text[:LONGEST])
        if not spoken:
            return Recognition(FALLBACK)
        plain = " ".join(word.lower() for word in spoken_words(spoken))
        exact = self._exact.get(plain)
        tokens = self._wording.tokens(spoken)
        matches = self._spotter.spot_tokens(tokens)
        fits = self._fitting(plain.split(), tokens, matches)
        if self._tells_more(tokens, fits):
            fits = [fit for fit in fits if fit.slot != "progress"]
        unlisted = None if exact else self._unlisted(plain.split(), fits)
        if unlisted is not None:
            return Recognition(_OPEN_ENDED, (SlotValue("remedy", unlisted, None),))
        when = self._when(plain.split(), tokens, today or datetime.now(UTC).date())
        intent = exact or self._intent(tokens, fits, when)
        if intent in _ASKED_ABOUT:
            fits = _one_slot_each(fits)
        allowed = self._slots.get(intent, {})
        if allowed.keys() >= _DATED:
            fits = [*(fit for fit in fits if fit.slot != "duration"), *when]
        return Recognition(intent, tuple(dict.fromkeys(fit.value for fit in fits if fit.slot in allowed)))

    def slots_of(self, intent: str) -> Mapping[str, str]:
        """The slots an intent declares, with their types."""
        return self._slots.get(intent, {})

    def name_of(self, type_: str, id_: str | None) -> str:
        """The canonical words of a slot value."""
        return self._names.get((type_, str(id_)), "")

    # ---- hearing

    def _spoken(self, text: str) -> str:
        """Typed text as a speech recogniser would write it: numbers as words, slips of the finger mended."""
        text = _CLOCK.sub(lambda time: f"{calendar_words.clock_in_words(int(time[1]), int(time[2]))} ", text)
        text = _ORDINAL.sub(lambda day: calendar_words.ordinal_in_words(int(day[1])), text)
        text = re.sub(
            r"\d{1,4}(?!\d)",
            lambda digits: f" {_number(digits.group())} ",
            text,
        )
        return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", lambda word: self._mend(word.group()), text).strip()

    def _mend(self, word: str) -> str:
        """Mends letters left out, doubled or swapped. Another letter makes another word: "swearing" is no sweating."""
        lower = word.lower().replace("’", "'")
        if len(lower) < 6 or "'" in lower or lower in self._vocabulary or self._wording.fold(lower) in self._vocabulary:
            return word
        if lower not in self._mended:
            most = 1 if len(lower) < 9 else 2
            near = [known for known in self._long_words if known[0] == lower[0] and _is_slip(lower, known, most)]
            best = process.extractOne(lower, near, scorer=DamerauLevenshtein.distance, score_cutoff=most)
            if len(self._mended) < 20_000:
                self._mended[lower] = str(best[0]) if best else word
        return self._mended.get(lower, word)

    def _unlisted(self, words: Sequence[str], fits: Sequence[_Fit]) -> str | None:
        """What an utterance asks about that is in no list: "does dragon oil help"."""
        if any(fit.slot not in {"answer", "reply"} for fit in fits):
            return None
        span = self._carriers.carried(words)
        value = "" if span is None else " ".join(words[span])
        return value if any(token.weight == FULL for token in self._wording.tokens(value)) else None

    def _fitting(self, words: Sequence[str], tokens: Sequence[Token], matches: Sequence[Match]) -> list[_Fit]:
        """The slot values the utterance holds, each with the tokens it rests on."""
        fits: list[_Fit] = []
        sites = self._places(tokens, matches)
        for match in matches:
            if match.id.startswith("Site/") and match not in sites:
                continue
            type_, _, id_ = match.id.partition("/")
            slot = self._slot_of(type_, id_, match, sites, words, tokens)
            if slot is None:
                continue
            start = match.start
            if match.polarity == DENIED and type_ in {"Detail", "Answer"}:
                start = self._cue(tokens, match)
            said = " ".join(words[start : match.end])
            resolved = self._synonyms.get((type_, said)) or (id_ if start == match.start else None)
            fits.append(_Fit(SlotValue(slot, said, resolved), slot, match.used))
        wished = [fit.used for fit in fits if fit.slot == "preference"]
        fits = [fit for fit in fits if fit.slot == "danger" or not any(fit.used < used for used in wished)]
        denied = [fit.used for fit in fits if fit.slot == "denied"]
        fits = [fit for fit in fits if fit.slot == "denied" or not any(fit.used <= used for used in denied)]
        for found in durations.find(words):
            used = frozenset(at for at, token in enumerate(tokens) if found.start <= token.word < found.end)
            # "Two days ago" says nothing of two sides.
            fits = [fit for fit in fits if fit.slot not in {"since", "side"} or not fit.used & used]
            fits.append(_Fit(SlotValue("duration", found.iso, None), "duration", used))
        return fits

    @staticmethod
    def _when(words: Sequence[str], tokens: Sequence[Token], today: date) -> list[_Fit]:
        """The date, the time and the while from now that an utterance names: what only a reminder has slots for."""
        found = [
            (each, frozenset(at for at, token in enumerate(tokens) if each.start <= token.word < each.end))
            for each in calendar_words.find(words, today)
        ]
        return [_Fit(SlotValue(each.slot, each.value, None), each.slot, used) for each, used in found if used]

    def _places(self, tokens: Sequence[Token], matches: Sequence[Match]) -> list[Match]:
        """The places that the slot carries: of several, those where something is the matter, and what goes with them.

        "My stomach's growling, and my quad's cramping" tells of one; "my calf and my hand are cramping" of two.
        """
        sites = [match for match in matches if match.id.startswith("Site/")]
        ills = [match for match in matches if match.id.startswith(("Danger/", "Detail/")) and match.polarity != OPEN]
        cramps = {at for at, token in enumerate(tokens) if token.folded in self._cramp_words}
        parts = self._parts(tokens, sites)

        def is_ill(site: Match) -> bool:
            part = next(part for part in parts if min(site.used) in part)
            return not cramps.isdisjoint(part) or any(min(ill.used) in part and ill.used != site.used for ill in ills)

        ill = [site for site in sites if is_ill(site)]
        return ill or sites

    def _parts(self, tokens: Sequence[Token], sites: Sequence[Match]) -> list[range]:
        """The parts of an utterance; a list of places ("my calf, hand and back") is not taken apart."""
        placed = frozenset().union(*(site.used for site in sites))
        starts = [0]
        for at in range(1, len(tokens)):
            parted = tokens[at].pause or tokens[at].folded in self._joins
            ahead = next((next_ for next_ in range(at, len(tokens)) if tokens[next_].weight == FULL), None)
            if parted and not (ahead in placed and any(before in placed for before in self._before(tokens, at))):
                starts.append(at)
        return [range(start, end) for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True)]

    @staticmethod
    def _before(tokens: Sequence[Token], at: int) -> list[int]:
        """The last full word before a token, if any."""
        return [before for before in range(at) if tokens[before].weight == FULL][-1:]

    def _slot_of(
        self,
        type_: str,
        id_: str,
        match: Match,
        sites: Sequence[Match],
        words: Sequence[str],
        tokens: Sequence[Token],
    ) -> str | None:
        if match.polarity == OPEN and type_ in {"Danger", "Detail", "Answer"}:
            return None
        if type_ == "Danger":
            return "denied" if match.polarity == DENIED else "danger"
        if type_ == "Site" and match.polarity == DENIED and self._is_taken_back(match, tokens):
            return None
        if type_ == "Side" and not self._is_side(match, sites, words):
            return None
        if type_ == "Choice" and (len(words) > 4 or not _DATES.isdisjoint(words[match.end : match.end + 1])):
            return None  # "last monday" chooses nothing
        if type_ == "Reply" and not _is_reply(match, tokens, id_):
            return None
        return type_.lower()

    def _is_taken_back(self, match: Match, tokens: Sequence[Token]) -> bool:
        """Whether a place is denied itself: "not my calf", but not "no swelling, a cramp in my calf"."""
        before = [
            token
            for token in tokens[: min(match.used)]
            if token.weight == FULL or token.folded in self._spotter.denials.words
        ]
        return bool(before) and before[-1].folded in self._spotter.denials.words

    @staticmethod
    def _is_side(match: Match, sites: Sequence[Match], words: Sequence[str]) -> bool:
        """Whether "left" or "right" names a side: "my right calf", "on the left", but not "right now"."""
        after = words[match.end : match.end + 1]
        if any(0 <= site.start - match.end <= 1 or site.start <= match.start < site.end for site in sites):
            return True
        if after and after[0] in {"side", "one", "hand", "leg", "arm"}:
            return True
        before = words[max(match.start - 2, 0) : match.start]
        return len(words) <= 3 or (bool(before) and before[-1] in {"my", "the", "his", "her", "your"} and not after)

    def _cue(self, tokens: Sequence[Token], match: Match) -> int:
        """Where the denial before a match begins, so that the value carries it: "isn't hard"."""
        first = min(match.used)
        for at in range(first, max(first - 8, -1), -1):
            if tokens[at].folded in self._spotter.denials.words:
                return tokens[at].word
        return match.start

    # ---- choosing the intent

    def _intent(self, tokens: Sequence[Token], fits: Sequence[_Fit], when: Sequence[_Fit]) -> str:
        asked_about = frozenset().union(*(fit.used for fit in fits if fit.slot in {"remedy", "topic"}))
        episode = [fit for fit in fits if fit.slot not in {"remedy", "topic", "answer"} and not fit.used <= asked_about]
        complaint = any(fit.slot in _COMPLAINT for fit in episode)
        asks = bool(tokens) and tokens[0].folded in self._question_words
        corrects = complaint and not asks and any(fit.slot == "correction" for fit in fits)
        danger = any(fit.slot == "danger" for fit in episode)
        scores = self._classifier.scores(self._readings(tokens, fits, when))
        for score in scores:
            if corrects or (score.whole and score.intent in _TELLING):
                break  # "sorry, I meant my shoulder" is told, and wishes nothing
            if not self._is_believed(score, tokens) or score.intent in _TELLING:
                continue
            if complaint and not asks and score.value < _VERY_SURE and not score.whole:
                continue  # "my arms ache two days after the gym, is that normal?" tells first
            apt = self._is_apt(score, tokens, [*fits, *when], complaint)
            if apt and not (danger and score.intent == "OutOfScopeIntent"):
                return score.intent
        if danger:
            return "DangerIntent"
        answers = any(fit.slot == "answer" for fit in fits)
        if episode and not answers and all(fit.slot == "reply" for fit in episode):
            reply = episode[0].value.id
            return {"yes": "AMAZON.YesIntent", "no": "AMAZON.NoIntent"}.get(str(reply), "DontKnowIntent")
        check = next((score.intent for score in scores if score.intent in _TELLING and score.value >= _SURE), "")
        said = [fit for fit in episode if fit.slot not in {"side", "reply", "correction", "choice"}]
        unknown = self._unknown(tokens, episode)
        wish = self._wish(tokens, episode, when)
        if wish is not None:
            return wish
        if said and unknown <= 3 + 3 * len(said):
            return check or "DescribeIntent"
        if (episode or answers) and unknown <= 1:
            return "DescribeIntent"
        return check or FALLBACK

    def _wish(self, tokens: Sequence[Token], episode: Sequence[_Fit], when: Sequence[_Fit]) -> str | None:
        """The intent of an utterance that names a preference, or a date or time, and little else."""
        ahead = _ahead(episode, when)
        if episode and all(fit.slot == "preference" for fit in episode):
            return "PreferIntent" if self._unknown(tokens, episode) <= _MORE else None
        told = [fit for fit in episode if not any(fit.used & each.used for each in ahead)]
        if ahead and all(fit.slot in {"reply", "correction"} for fit in told):
            return "ReminderTimeIntent" if self._unknown(tokens, [*episode, *ahead]) == 0 else None
        return None

    def _is_believed(self, score: Score, tokens: Sequence[Token]) -> bool:
        """Whether a sample is heard well enough; or fairly, where all samples together make the intent likely."""
        if score.value >= _SURE:
            return True
        telling = [token.folded for token in tokens if token.weight == FULL]
        known = sum(self._classifier.knows(word) for word in telling)
        return score.value >= _FAIR and score.value + score.likely >= _LIKELY and 2 * known > len(telling)

    def _is_apt(self, score: Score, tokens: Sequence[Token], fits: Sequence[_Fit], complaint: bool) -> bool:
        """Whether an intent fits the whole: a command or a bare answer is short, and says little else."""
        if score.intent == "ResumeIntent" and tokens[0].weight == SMALL and tokens[0].folded not in score.sample:
            return False  # "it goes from my back to my foot" leads back to nothing
        if score.intent == "ProgressIntent" and self._tells_more(tokens, fits):
            return False  # "the other calf's gone, too" answers nothing
        asked = frozenset().union(*(fit.used for fit in fits if fit.slot in {"remedy", "topic"}))
        if score.intent in _COMMANDS and not {tokens[at].folded for at in asked} <= score.sample:
            return False  # "how many bananas" is no "how many more"
        if score.intent == "ReminderTimeIntent" and not any(f"{{{fit.slot}}}" in score.sample for fit in fits):
            return False  # "better" names no time, though "monday is better" does
        on_topic = any(fit.slot == "topic" for fit in fits)
        answered = any(fit.slot in {"answer", "denied", "detail"} for fit in fits)
        if score.intent == "OutOfScopeIntent" and not on_topic and (answered or score.value < _VERY_SURE):
            return False  # "not really hard" is no "you're not really a person"
        own = {word for word in score.sample if not word.startswith("{") and self._wording.weight(word) == FULL}
        heard = {token.folded for token in tokens}
        likely = score.likely >= _MOSTLY
        if 2 * len(own & heard) < len(own) and not likely:
            return False  # "my left calf" shares its slots with "help my left calf", but no word of its own
        question = score.sample & self._question_words
        if question and not question & heard and not likely:
            return False  # "my calf just seized up" is no "why does my calf seize up"
        if score.intent == "OutOfScopeIntent" and self._is_of_another(tokens, fits):
            return True
        asks = tokens[0].folded in self._question_words
        answers = any(
            fit.slot == "answer" and not fit.used <= asked and not self._is_said(fit, tokens, score) for fit in fits
        )
        brief_answer = answers and not asks and len(tokens) <= _BRIEF and score.value < _CERTAIN
        if brief_answer and not score.intent.startswith("AMAZON."):
            return False  # "it's severe" answers a question, and asks for no doctor
        telling = {word for word in score.sample if self._wording.weight(word) != SMALL}
        bare = telling in ({"{remedy}"}, {"{topic}"})  # "and ice?"
        asking = bool(heard & self._question_words)
        if complaint and not asking and score.intent in _WISHES and score.value < _CERTAIN:
            return False  # "at night mostly" answers, "when i stand up it goes" tells
        if score.intent == "OutOfScopeIntent" and score.value < _CERTAIN and _names_a_remedy(fits):
            return False  # "how many bananas" asks about bananas
        tells = not asking and tokens[0].folded in self._clause_starts
        placed = complaint and any(fit.slot in {"site", "danger", "denied"} for fit in fits)
        unsure = bare and score.intent == "RemedyIntent" and score.likely < _CERTAIN
        if tells and score.intent in _ASKED_ABOUT and (placed or unsure):
            return False  # "i take magnesium and my calf still cramps" tells, as does "i was asleep"
        if (bare or score.intent in _DEFINITIONS) and not (likely and asking):
            return not complaint and (len(tokens) - len(asked) < _BRIEF or score.intent != "RemedyIntent")
        if score.intent in _ASKED_ABOUT and (complaint or any(fit.slot in _ANSWERING for fit in fits)):
            sure = (likely and asking) or score.value >= _VERY_SURE
            return sure and not any(fit.slot in _ANSWERING for fit in fits)
        brief = score.intent.startswith("AMAZON.") or score.intent in _BARE | _COMMANDS
        if not brief and score.intent not in _ASIDES:
            return True
        if any(fit.slot == "choice" for fit in fits):
            return False
        if complaint and any(
            fit.slot in _COMPLAINT and (score.intent in _BARE or not self._is_said(fit, tokens, score)) for fit in fits
        ):
            return False
        fitted = frozenset().union(
            *(fit.used for fit in fits if fit.slot == "reply" or f"{{{fit.slot}}}" in score.sample)
        )
        more = sum(
            token.weight == FULL and at not in fitted and token.folded not in score.sample
            for at, token in enumerate(tokens)
        )
        if score.likely >= _CERTAIN and score.intent not in _BARE:
            return more <= _MORE
        return more <= (0 if brief or answers else 1)

    def _tells_more(self, tokens: Sequence[Token], fits: Sequence[_Fit]) -> bool:
        """Whether anything stands beside how far a muscle has let go: a word that carries something, or a danger."""
        covered = frozenset().union(*(fit.used for fit in fits if fit.slot in {"progress", "reply"}))
        if any(fit.slot not in {"progress", "reply", "answer"} and not fit.used <= covered for fit in fits):
            return True
        return any(
            token.weight == FULL and at not in covered and token.folded not in self._around_progress
            for at, token in enumerate(tokens)
        )

    def _is_of_another(self, tokens: Sequence[Token], fits: Sequence[_Fit]) -> bool:
        """Whether a complaint has a topic as its subject: "the cat's limping", "my toothache is killing me".

        Not where a place of the speaker's own is told with it: "my dog pulled me over and my calf hurts".
        """
        subjects = [fit for fit in fits if fit.slot == "topic" and min(fit.used) <= _SUBJECT]
        others = [token for at, token in enumerate(tokens) if at > _SUBJECT and token.folded in self._own]
        illness = not any(fit.slot in {"site", "danger", "denied"} for fit in fits)
        return bool(subjects) and not others and (illness or any(fit.value.id == _PETS for fit in subjects))

    @staticmethod
    def _is_said(fit: _Fit, tokens: Sequence[Token], score: Score) -> bool:
        """Whether a sample holds the words of a slot value itself: "back" in "take me back", never a danger."""
        if score.intent == "ResumeIntent" and (fit.slot == "site" or fit.value.id == _RETURNING):
            return score.whole or score.value + score.likely >= _RESUMED
        return fit.slot not in {"danger", "denied"} and {tokens[at].folded for at in fit.used} <= score.sample

    def _unknown(self, tokens: Sequence[Token], episode: Sequence[_Fit]) -> int:
        """How many full words neither a slot nor a sample holds."""
        covered = frozenset().union(*(fit.used for fit in episode))
        return sum(
            token.weight == FULL and at not in covered and not self._classifier.knows(token.folded)
            for at, token in enumerate(tokens)
        )

    @staticmethod
    def _readings(tokens: Sequence[Token], fits: Sequence[_Fit], when: Sequence[_Fit]) -> list[list[str]]:
        """The utterance as plain words; with its places and topics in their slots; and with every value in its slot.

        And, where it names one, with its date and time in theirs: but "since this morning" looks back.
        """
        few = [fit for fit in fits if fit.slot in {"site", "side", "remedy", "topic", "duration", "preference"}]
        places = [fit for fit in few if fit.slot in {"site", "side"}]
        ahead = _ahead(fits, when)
        sides = [fit for fit in fits if fit.slot == "side"]  # "now the left arm" names no place of its own
        some = [each for each in (sides, ahead) if each]
        readings = [_slotted(tokens, each) for each in ((), places, few, fits, *some)]
        return [reading for at, reading in enumerate(readings) if reading not in readings[:at]]


def _slotted(tokens: Sequence[Token], fits: Sequence[_Fit]) -> list[str]:
    """The folded words, with {slot} in the place of each slot value; of two that begin alike, the longer one."""
    slot_at = {min(fit.used): fit for fit in sorted(fits, key=lambda fit: len(fit.used))}
    line: list[str] = []
    inside: frozenset[int] = frozenset()
    for at, token in enumerate(tokens):
        if at in inside:
            continue
        if at in slot_at:
            used = slot_at[at].used
            between = {other for other in range(at, max(used)) if tokens[other].weight == SMALL}
            inside = used | between  # "soap in the bed" is one value
            line.append(f"{{{slot_at[at].slot}}}")
        elif token.folded:
            line.append(token.folded)
    return line


def _ahead(fits: Sequence[_Fit], when: Sequence[_Fit]) -> list[_Fit]:
    """The dates and times whose words are no part of what is told: "since this morning", "at night"."""
    told = [fit.used for fit in fits if fit.slot in _TOLD and fit.value.id != _ANOTHER_TIME]

    def is_ahead(fit: _Fit) -> bool:
        if fit.slot == "duration" or ":" in fit.value.words:
            return not any(fit.used < used for used in told)
        return all(used.isdisjoint(fit.used) or used < fit.used for used in told)

    return [fit for fit in when if is_ahead(fit)]


def _names_a_remedy(fits: Sequence[_Fit]) -> bool:
    slots = {fit.slot for fit in fits}
    return "remedy" in slots and "topic" not in slots


class _Fit(NamedTuple):
    value: SlotValue
    slot: str
    used: frozenset[int]


def _one_slot_each(fits: Sequence[_Fit]) -> list[_Fit]:
    """Without the values that stand inside what is asked about, as "hot" in "a hot bath": words fill one slot.

    What is asked about gives way to a longer value ("water" in "water tablets"); a danger sign stays beside a topic.
    """
    asked = [fit for fit in fits if fit.slot in {"remedy", "topic"}]
    own = [fit for fit in asked if not any(fit.used < other.used for other in fits)] or asked
    return [
        fit
        for fit in fits
        if fit in own
        or (
            fit not in asked
            and not any(fit.used <= other.used and (other.slot, fit.slot) != ("topic", "danger") for other in own)
        )
    ]


def _is_slip(word: str, known: str, most: int) -> bool:
    longer = abs(len(word) - len(known))
    return 0 < longer <= most or (longer == 0 and sorted(word) == sorted(known))


def _number(digits: str) -> str:
    """Digits as they are spoken: emergency numbers one by one."""
    if digits in {"911", "999", "000", "112", "111"}:
        return " ".join(durations.number_in_words(int(digit)) for digit in digits)
    return durations.number_in_words(int(digits))


def _is_reply(match: Match, tokens: Sequence[Token], id_: str) -> bool:
    """Whether a yes or no is an answer: at the very start, or in so many words."""
    first = min(match.used)
    opens = all(token.weight == SMALL or token.folded in {"no", "oh"} for token in tokens[:first])
    if len(match.used) >= 2:
        return True
    if tokens[first].folded == "none":
        return True
    following = tokens[first + 1 : first + 2]
    alone = tokens[first].pause and (not following or following[0].pause)
    if not opens:
        return bool(alone)
    # "No swelling" denies a sign; "no, ..." and "no my foot ..." answer.
    return not (id_ == "no" and following and following[0].weight == FULL and not following[0].pause)


def _plain(text: str) -> str:
    """A sample or synonym as it is heard: lower-case words and single spaces."""
    return " ".join(text.lower().replace("-", " ").split())
