"""Words -> one intent and its slots, from the very JSON that is deployed. An approximation of Alexa, and no more.

It hands on only what Alexa would: the intent, and slots whose values are spans that fit them; never the sentence.
So whatever the skill understands here, the interaction model can carry. Real Alexa generalises differently: the
samples and synonyms are its training data, here they are matched with tolerance for order, inflection and spelling.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from skill.spotter import DENIED, OPEN, Match, Spotter, plant
from skill.wording import FULL, SMALL, Token, Wording, spoken_words

from . import durations

FALLBACK = "AMAZON.FallbackIntent"
LONGEST = 4_000  # characters; nobody says more in one breath

_WISH = 0.58  # share of a sample that must be heard before a wish is believed
_BARE = {"AMAZON.YesIntent", "AMAZON.NoIntent", "DontKnowIntent"}
_TELLING = ("CheckCrampIntent", "DescribeIntent", "DangerIntent")
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


class _Sample(NamedTuple):
    intent: str
    features: Mapping[str, float]
    weight: float
    content: frozenset[str]


class Recognizer:
    """Recognises speech with one interaction model. `words` is the language's words.yaml as data."""

    def __init__(self, model: Mapping[str, Any], words: Mapping[str, Any]) -> None:
        language = model["interactionModel"]["languageModel"]
        self._wording = Wording(words)
        self._slots = {intent["name"]: {slot["name"]: slot["type"] for slot in intent.get("slots", ())} for intent in language["intents"]}
        values = [
            (phrase, f"{type_['name']}/{value['id']}")
            for type_ in language["types"]
            for value in type_["values"]
            for phrase in (value["name"]["value"], *value["name"]["synonyms"])
        ]
        self._spotter = Spotter(self._wording, words, plant(values, self._wording))
        self._names = {(type_["name"], value["id"]): value["name"]["value"] for type_ in language["types"] for value in type_["values"]}
        self._synonyms = {(id_.partition("/")[0], _key(phrase)): id_.partition("/")[2] for phrase, id_ in reversed(values)}
        said = [(intent["name"], sample) for intent in language["intents"] for sample in intent["samples"]]
        self._exact = {_key(sample): name for name, sample in reversed(said) if "{" not in sample}
        self._samples, self._index = self._learn(said)
        vocabulary = {word for phrase, _ in values for word in _key(phrase).split()}
        vocabulary |= {word for _, sample in said for word in _key(_SLOT.sub(" ", sample)).split()}
        self._vocabulary = vocabulary | set(words["small"]) | set(words["light"]) | set(words["turns"])
        self._long_words = sorted(word for word in vocabulary if len(word) >= 6)
        self._mended: dict[str, str] = {}

    def recognize(self, text: str) -> Recognition:
        """The intent and slots of what was said. Nonsense is the fallback intent."""
        spoken = self._spoken(text[:LONGEST])
        if not spoken:
            return Recognition(FALLBACK)
        plain = " ".join(word.lower() for word in spoken_words(spoken))
        exact = self._exact.get(_key(plain))
        tokens = self._wording.tokens(spoken)
        matches = self._spotter.spot_tokens(tokens)
        fits = self._fitting(plain.split(), tokens, matches)
        intent = exact or self._intent(tokens, fits)
        allowed = self._slots.get(intent, {})
        if exact in _BARE and any(fit.slot == "danger" for fit in fits):
            intent, allowed = "DangerIntent", self._slots["DangerIntent"]
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
        text = re.sub(r"\d{1,4}(?!\d)", lambda digits: f" {durations.number_in_words(int(digits.group()))} ", text)
        return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)*", lambda word: self._mend(word.group()), text).strip()

    def _mend(self, word: str) -> str:
        lower = word.lower().replace("’", "'")
        if len(lower) < 6 or "'" in lower or lower in self._vocabulary or self._wording.fold(lower) in self._vocabulary:
            return word
        if lower not in self._mended:
            most = 1 if len(lower) < 9 else 2
            near = [known for known in self._long_words if known[0] == lower[0] and abs(len(known) - len(lower)) <= most]
            best = process.extractOne(lower, near, scorer=DamerauLevenshtein.distance, score_cutoff=most)
            if len(self._mended) < 20_000:
                self._mended[lower] = str(best[0]) if best else word
        return self._mended.get(lower, word)

    def _fitting(self, words: Sequence[str], tokens: Sequence[Token], matches: Sequence[Match]) -> list[_Fit]:
        """The slot values the utterance holds, each with the tokens it rests on."""
        fits: list[_Fit] = []
        sites = [match for match in matches if match.id.startswith("Site/")]
        for match in matches:
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
        for found in durations.find(words):
            used = frozenset(at for at, token in enumerate(tokens) if found.start <= token.word < found.end)
            if not any(fit.slot in {"detail", "danger"} and used <= fit.used for fit in fits):
                fits = [fit for fit in fits if fit.slot != "since" or not fit.used & used]
                fits.append(_Fit(SlotValue("duration", found.iso, None), "duration", used))
        return fits

    def _slot_of(
        self, type_: str, id_: str, match: Match, sites: Sequence[Match], words: Sequence[str], tokens: Sequence[Token]
    ) -> str | None:
        if match.polarity == OPEN and type_ in {"Danger", "Detail", "Answer"}:
            return None
        if type_ == "Danger":
            return "denied" if match.polarity == DENIED else "danger"
        if type_ == "Site" and match.polarity == DENIED:
            return None
        if type_ == "Side" and not self._is_side(match, sites, words):
            return None
        if type_ == "Choice" and len(words) > 7:
            return None
        if type_ == "Reply" and not _is_reply(match, tokens, id_):
            return None
        return type_.lower()

    @staticmethod
    def _is_side(match: Match, sites: Sequence[Match], words: Sequence[str]) -> bool:
        """Whether "left" or "right" names a side: "my right calf", "on the left", but not "right now"."""
        after = words[match.end : match.end + 1]
        if any(0 <= site.start - match.end <= 1 or site.start <= match.start < site.end for site in sites):
            return True
        if after and after[0] in {"side", "one", "hand", "leg", "arm"}:
            return True
        before = words[max(match.start - 2, 0) : match.start]
        return len(words) <= 3 or bool(before) and before[-1] in {"my", "the", "his", "her", "your"} and not after

    def _cue(self, tokens: Sequence[Token], match: Match) -> int:
        """Where the denial before a match begins, so that the value carries it: "isn't hard"."""
        first = min(match.used)
        for at in range(first, max(first - 8, -1), -1):
            if tokens[at].folded in self._spotter.denials:
                return tokens[at].word
        return match.start

    # ---- choosing the intent

    def _learn(self, said: Iterable[tuple[str, str]]) -> tuple[list[_Sample], dict[str, list[int]]]:
        drawn = [(intent, self._sample_features(sample)) for intent, sample in said]
        intents_with: dict[str, set[str]] = defaultdict(set)
        for intent, features in drawn:
            for feature in features:
                intents_with[feature].add(intent)
        count = len(self._slots)
        self._rarity = {feature: math.log(1 + count / len(intents)) for feature, intents in intents_with.items()}
        samples: list[_Sample] = []
        index: dict[str, list[int]] = defaultdict(list)
        for intent, features in drawn:
            weights = {feature: self._rarity[feature] for feature in features}
            content = frozenset(feature for feature in features if " " not in feature)
            for feature in weights:
                index[feature].append(len(samples))
            samples.append(_Sample(intent, weights, sum(weights.values()) or 1.0, content))
        return samples, dict(index)

    def _sample_features(self, sample: str) -> list[str]:
        pieces = re.split(r"(\{[a-z_]+\})", sample)
        line: list[str] = []
        for piece in pieces:
            if piece.startswith("{"):
                line.append(piece)
            else:
                line += [token.folded for token in self._wording.tokens(piece) if token.folded]
        return _features(line)

    def _intent(self, tokens: Sequence[Token], fits: Sequence[_Fit]) -> str:
        episode = [fit for fit in fits if fit.slot not in {"remedy", "topic", "answer"}]
        danger = any(fit.slot == "danger" for fit in episode)
        wish, score = self._wish(tokens, fits)
        if wish == "OutOfScopeIntent" and danger:
            wish = ""
        if wish in _BARE and any(fit.slot != "reply" for fit in episode):
            wish = ""
        if wish and score >= _WISH and wish not in _TELLING and self._is_apt(wish, tokens, episode):
            return wish
        covered = frozenset().union(*(fit.used for fit in episode)) if episode else frozenset()
        unknown = [at for at, token in enumerate(tokens) if token.weight == FULL and at not in covered and not self._knows(token)]
        if danger:
            return "DangerIntent"
        if episode and all(fit.slot == "reply" for fit in episode):
            reply = episode[0].value.id
            return {"yes": "AMAZON.YesIntent", "no": "AMAZON.NoIntent"}.get(str(reply), "DontKnowIntent")
        said = [fit for fit in episode if fit.slot not in {"side", "reply", "correction", "choice"}]
        if said and len(unknown) <= 3 + 3 * len(said):
            return wish if wish in _TELLING and score >= _WISH else "DescribeIntent"
        if (episode or any(fit.slot == "answer" for fit in fits)) and len(unknown) <= 1:
            return "DescribeIntent"
        return wish if wish in _TELLING and score >= 0.7 else FALLBACK

    @staticmethod
    def _is_apt(wish: str, tokens: Sequence[Token], episode: Sequence[_Fit]) -> bool:
        """A command or a bare answer is short; a story that holds its words is none."""
        if not wish.startswith("AMAZON.") and wish not in {"DontKnowIntent", "ThanksIntent", "WhyIntent", "TellMeMoreIntent"}:
            return True
        return len(tokens) <= 8 and not any(fit.slot in {"site", "danger", "denied", "detail"} for fit in episode)

    def _knows(self, token: Token) -> bool:
        return token.folded in self._rarity

    def _wish(self, tokens: Sequence[Token], fits: Sequence[_Fit]) -> tuple[str, float]:
        """The intent whose samples are heard most fully, and how fully (0 to 1)."""
        best, top = "", 0.0
        for line in self._readings(tokens, fits):
            heard = set(_features(line))
            hits: Counter[int] = Counter()
            total = 0.0
            for feature in heard:
                total += self._rarity.get(feature, 0.0)
                for number in self._index.get(feature, ()):
                    hits[number] += 1
            for number in hits:
                sample = self._samples[number]
                shared = sum(weight for feature, weight in sample.features.items() if feature in heard)
                if not shared:
                    continue
                recall = shared / sample.weight
                precision = shared / max(total, 1.0)
                # A long story with its question at the end is still that question: what the sample says weighs most.
                full = sum(1 for word in sample.content if word in heard) / len(sample.content)
                size = 1 - 0.35 ** len(sample.content)
                score = (0.55 * recall + 0.25 * full + 0.2 * precision) * size
                if score > top:
                    best, top = sample.intent, score
        return best, top

    def _readings(self, tokens: Sequence[Token], fits: Sequence[_Fit]) -> list[list[str]]:
        """The utterance as words, and with every slot value in its slot."""
        plain = [token.folded for token in tokens if token.folded]
        slot_at: dict[int, tuple[str, frozenset[int]]] = {}
        for fit in sorted(fits, key=lambda fit: len(fit.used)):
            slot_at[min(fit.used)] = (fit.slot, fit.used)
        slotted: list[str] = []
        inside: frozenset[int] = frozenset()
        for at, token in enumerate(tokens):
            if at in slot_at and at not in inside:
                slot, inside = slot_at[at]
                slotted.append(f"{{{slot}}}")
            elif at not in inside and token.folded:
                slotted.append(token.folded)
        return [plain, slotted] if slotted != plain else [plain]


class _Fit(NamedTuple):
    value: SlotValue
    slot: str
    used: frozenset[int]


def _features(line: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours."""
    return [*line, *(f"{one} {two}" for one, two in zip(line, line[1:], strict=False))]


def _is_reply(match: Match, tokens: Sequence[Token], id_: str) -> bool:
    """Whether a yes or no is an answer: at the very start, or in so many words."""
    first = min(match.used)
    opens = all(token.weight == SMALL or token.folded in {"no", "oh"} for token in tokens[:first])
    if len(match.used) >= 2:
        return True
    following = tokens[first + 1 : first + 2]
    alone = tokens[first].pause and (not following or following[0].pause)
    if not opens:
        return bool(alone)
    # "No swelling" denies a sign; "no, ..." and "no my foot ..." answer.
    return not (id_ == "no" and following and following[0].weight == FULL and not following[0].pause)


def _key(text: str) -> str:
    return " ".join(word.lower() for word in spoken_words(text.lower()))


