"""Amazon's rules for a skill in the store, one test each, where a machine can check them.

ASK stands for https://developer.amazon.com/en-US/docs/alexa. The other rules, those that other tests hold, and those
that only a person can check, are listed in docs/certification.md. Responses are those of a device with a screen, and of
stretches with sounds as well: nothing else plays whole scripts on them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

import lambda_function
from server.alexa_api import Alexa, upcoming
from server.conversation import Device, recognizer
from skill import coach as skill_coach
from skill import reply as skill_reply
from speech import open_book
from store.row import KEPT
from tools import manifest
from tools.walk.promises import silence
from tools.yamlfile import ROOT, read

PACKAGE = ROOT / "skill-package"
SCRIPTS = Path(__file__).parent / "dialogues"
MANIFEST: dict[str, Any] = json.loads((PACKAGE / "skill.json").read_text("utf-8"))["manifest"]
SHOWN: dict[str, Any] = MANIFEST["publishingInformation"]["locales"]
every_locale = pytest.mark.parametrize("locale", SHOWN)

LARGEST = 120_000  # bytes of a response
CHARACTERS = 8000  # of the speech, and of a card
SECONDS_OF_SOUND = 240
SECONDS_OF_SOUND_IN_A_REPROMPT = 90
INVITES = re.compile(r"\b(tell me|say|ask|name|try|go ahead)\b", re.IGNORECASE)


def model(locale: str) -> dict[str, Any]:
    """The interaction model that is deployed for a locale."""
    path = PACKAGE / "interactionModels" / "custom" / f"{locale}.json"
    language: dict[str, Any] = json.loads(path.read_text("utf-8"))["interactionModel"]["languageModel"]
    return language


def invocation(locale: str) -> str:
    """The words that open the skill."""
    return str(model(locale)["invocationName"])


def texts(locale: str) -> dict[str, str]:
    """Every text that the store shows of a locale, by name."""
    shown = SHOWN[locale]
    listed = {key: ", ".join(shown[key]) for key in ("keywords", "examplePhrases")}
    told = ("name", "summary", "description", "updatesDescription")
    return {key: shown[key] for key in told if key in shown} | listed


def said(locale: str) -> list[str]:
    """Every sentence that the skill can speak or show in a locale."""
    return [text for variants in open_book(locale)._messages.values() for text in variants]


def one_breath(locale: str) -> list[str]:
    """What an example asks for in one breath with the name."""
    name = invocation(locale)
    return [words for phrase in SHOWN[locale]["examplePhrases"] if (words := manifest.spoken(phrase, name))]


# ---- policy: ASK/custom-skills/policy-requirements-for-an-alexa-skill.html


@every_locale
def test_policy_the_description_says_that_the_skill_is_no_substitute(locale: str) -> None:
    """A health skill without this statement is refused.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    description = SHOWN[locale]["description"]
    for words in (
        "for education only",
        "does not give medical advice",
        "not a substitute for advice, diagnosis or treatment by a professional",
        "Ask your doctor",
    ):
        assert words in description, words


@every_locale
def test_policy_the_description_names_the_emergency_number_that_is_spoken(locale: str) -> None:
    """The sample disclaimer tells people to call; outside the US reviewers ask for "your local emergency response phone
    number" (https://pastebin.com/7Dne0Ln7). One number for a country, in the store and in the skill, and no other."""
    entry = read(ROOT / "content" / "locales.yaml")[locale]
    number = manifest.digits(entry["emergency_number"])
    description = SHOWN[locale]["description"]
    assert f"call your local emergency number ({number} in {entry['country']})" in description
    assert re.findall(r"\d+", description) == [number]


@every_locale
def test_policy_a_disclaimer_is_spoken_when_the_skill_opens(locale: str) -> None:
    """An older edition asks for it (https://github.com/jeffblankenburg/alexa, start_here/certification/policy.md)."""
    assert "not medical advice" in Device(locale=locale).open()["speech"]


@every_locale
def test_policy_no_life_saving_assistance_is_claimed(locale: str) -> None:
    """Neither by name nor in a description. ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    for text in (*texts(locale).values(), invocation(locale), *said(locale)):
        assert not re.search(r"life-?saving|sav\w+ (your|a|my) life|saves? lives", text, re.IGNORECASE), text


@every_locale
def test_policy_nobody_is_called_for_help(locale: str) -> None:
    """A skill may not let people contact emergency responders: it tells them to, and never offers or claims to.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    assert "This skill cannot call anyone for you" in SHOWN[locale]["description"]
    who = r"i'll|i will|i can|i'm|i am|let me|shall i|should i|want me to|we'll|we"
    offers = rf"\b({who}) (call(ing)?|dial(ing)?|phon(e|ing))\b"
    for text in (*texts(locale).values(), *said(locale)):
        assert not re.search(offers, text, re.IGNORECASE), text


@every_locale
def test_policy_no_cure_and_no_false_claim(locale: str) -> None:
    """No cure-all, no certainty, no medicine in the store.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    claims = r"\b(cures?|guarantee\w*|best|proven|instantly|definitely|just a cramp|miracle)\b"
    medicines = r"\b(ibuprofen|paracetamol|acetaminophen|aspirin|quinine|magnesium|diazepam|muscle relaxants?)\b"
    for name, text in texts(locale).items():
        assert not re.search(claims, text, re.IGNORECASE), name
        assert not re.search(medicines, text, re.IGNORECASE), name


@every_locale
def test_policy_no_name_promises_what_a_doctor_does(locale: str) -> None:
    """A skill with a condition and "cure" in its name was sent back, though it collected nothing
    (https://lovemyecho.com/2017/11/28/alexadev-tuesday-new-health-fitness-skill-policy/)."""
    promises = r"\b(cure|treat|diagnos|heal(s|ing|ed)?\b|doctor|medical|remed|relie[fv]|therap|clinic)"
    for text in (SHOWN[locale]["name"], invocation(locale), SHOWN[locale]["summary"], texts(locale)["keywords"]):
        assert not re.search(promises, text, re.IGNORECASE), text


@every_locale
def test_policy_nothing_is_advertised(locale: str) -> None:
    """No product, no address, no other skill, no begging for stars or money, by voice or on a card or screen.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    privacy = MANIFEST["privacyAndCompliance"]
    assert privacy["containsAds"] is False
    assert privacy["allowsPurchases"] is False
    begging = r"\b(buy|discount|offer code|donat\w+|five stars?|leave a review|rate (us|me|this))\b"
    for text in (*said(locale), *texts(locale).values()):
        assert not re.search(begging, text, re.IGNORECASE), text
        assert not re.search(r"https?:|www\.|\.com\b|®|™", text), text
        assert not re.search(r"\b(other|another|more) skills?\b", text, re.IGNORECASE), text


@every_locale
def test_policy_no_mark_of_amazons_is_used(locale: str) -> None:
    """No "Alexa" or device in what the skill is called, nor "... Alexa skill", nor in an address that is linked to.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    marks = r"\b(alexa|amazon|echo|fire tv)\b"
    for key in ("name", "summary", "keywords"):
        assert not re.search(marks, texts(locale)[key], re.IGNORECASE), key
    assert not re.search(r"alexa skill|amazon|\becho\b", SHOWN[locale]["description"], re.IGNORECASE)
    linked = MANIFEST["privacyAndCompliance"].get("locales", {}).get(locale, {})
    for address in linked.values():
        assert "alexa" not in address.split("/")[2], address


def test_policy_no_health_data_is_collected() -> None:
    """Information about anybody's condition may not be collected: what outlives a session is three words about how to
    be coached, and PHI is not declared. ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    assert MANIFEST["privacyAndCompliance"]["usesHealthInfo"] is False
    assert set(KEPT) == {"pace", "count", "wording"}


def test_policy_no_personal_data_is_asked_for() -> None:
    """The one permission is for reminders; personal data would need a policy, consent and more.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    assert MANIFEST["privacyAndCompliance"]["usesPersonalInfo"] is False
    assert [permission["name"] for permission in MANIFEST["permissions"]] == [manifest.REMINDERS]


@every_locale
def test_policy_the_description_tells_what_is_kept(locale: str) -> None:
    """What is remembered, and how to have it deleted, stands where people decide whether to enable the skill.
    https://developer.amazon.com/en-US/blogs/alexa/alexa-skills-kit/2023/02/certification-requirements-privacy-urls-feb-2023"""
    description = SHOWN[locale]["description"]
    assert "does not store what you tell it about your body" in description
    assert 'Say "forget me", or disable the skill, and that is deleted, too' in description


@every_locale
def test_policy_children_are_not_addressed(locale: str) -> None:
    """A skill for children needs a developer whom Amazon has approved.
    ASK/custom-skills/policy-requirements-for-an-alexa-skill.html"""
    assert MANIFEST["privacyAndCompliance"]["isChildDirected"] is False
    for name, text in texts(locale).items():
        assert not re.search(r"\b(kids?|child(ren)?|teens?|school)\b", text, re.IGNORECASE), name


# ---- the invocation name: ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html


@every_locale
def test_invocation_two_words_or_more(locale: str) -> None:
    """One word only for one's own brand. ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    assert len(invocation(locale).split()) >= 2


@every_locale
def test_invocation_no_article_and_no_preposition(locale: str) -> None:
    """Not in a name of two words. ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    refused = set("the a an for to of about up by at off with".split())
    assert not refused & set(invocation(locale).split())


@every_locale
def test_invocation_no_launch_word(locale: str) -> None:
    """ "Alexa, open open coach". ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    refused = set("run start play resume use launch ask open tell load begin enable".split())
    assert not refused & set(invocation(locale).split())


@every_locale
def test_invocation_no_connecting_word(locale: str) -> None:
    """They part the name from the question. ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    refused = set("to from in using with about for that by if and whether".split())
    assert not refused & set(invocation(locale).split())


@every_locale
def test_invocation_no_wake_word(locale: str) -> None:
    """Nor "skill" or "app". ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    refused = set("alexa amazon echo computer ziggy skill app".split())
    assert not refused & set(invocation(locale).split())


@every_locale
def test_invocation_lower_case_letters_and_spaces(locale: str) -> None:
    """Apostrophes and full stops have rules of their own.
    ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    assert re.fullmatch(r"[a-z]+( [a-z]+)+", invocation(locale))


@every_locale
def test_invocation_is_the_name_in_the_store(locale: str) -> None:
    """People say what they read. ASK/custom-skills/choose-the-invocation-name-for-a-custom-skill.html"""
    assert SHOWN[locale]["name"].lower() == invocation(locale)


# ---- example phrases: https://developer.amazon.com/blogs/alexa/post/74d0ed59-ad4f-470a-abcf-d37c10a1dfd6/


@every_locale
def test_examples_the_first_opens_the_skill(locale: str) -> None:
    """Wake word, launch word, and the name as it is.
    https://developer.amazon.com/blogs/alexa/post/74d0ed59-ad4f-470a-abcf-d37c10a1dfd6/"""
    assert SHOWN[locale]["examplePhrases"][0] == f"Alexa, open {invocation(locale)}"


@every_locale
def test_examples_are_samples_word_for_word(locale: str) -> None:
    """The commonest reason to be sent back (https://github.com/OneBusAway/onebusaway-alexa/issues/93).
    https://developer.amazon.com/blogs/alexa/post/74d0ed59-ad4f-470a-abcf-d37c10a1dfd6/"""
    deployed = {"interactionModel": {"languageModel": model(locale)}}
    assert len(one_breath(locale)) == 2
    for words in one_breath(locale):
        assert manifest.is_sample(words, deployed), words
        assert recognizer(locale).recognize(words).intent != "AMAZON.FallbackIntent"


@every_locale
def test_examples_are_answered_in_one_breath(locale: str) -> None:
    """A relevant answer at once: no greeting, no fallback.
    https://developer.amazon.com/blogs/alexa/post/74d0ed59-ad4f-470a-abcf-d37c10a1dfd6/"""
    for words in one_breath(locale):
        reply = Device(locale=locale).say(words)
        assert reply["question"] or reply["assessment"], words
        assert not reply["ended"]
        assert reply["reprompt"]


# ---- the conversation: ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html


def raw(intent: str, locale: str, device: Device | None = None, **slots: dict[str, Any]) -> dict[str, Any]:
    """The response body to an intent as it is, with no recogniser in between."""
    device = device or Device(locale=locale)
    request = {"name": intent, "confirmationStatus": "NONE", "slots": slots}
    return dict(device._send({"type": "IntentRequest", "intent": request, "dialogState": "STARTED"}))


def talking(locale: str) -> dict[str, Device]:
    """Devices in the moments that matter: just opened, in a question, in an offer, in a stretch."""
    lines = {
        "opened": [],
        "asked": ["my calf just cramped up"],
        "offered": ["my calf just cramped up", "no", "two minutes, stretching helps"],
        "stretching": ["my calf just cramped up", "no", "two minutes, stretching helps", "yes please", "ready"],
        "told": ["what is the difference between a cramp and a spasm"],
    }
    devices = {}
    for moment, told in lines.items():
        devices[moment] = Device(locale=locale)
        devices[moment].open()
        for line in told:
            devices[moment].say(line)
        assert not devices[moment].ended
    return devices


@every_locale
def test_session_opening_greets_and_says_what_can_be_asked(locale: str) -> None:
    """And waits for it. ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    reply = Device(locale=locale).open()
    assert SHOWN[locale]["name"] in reply["speech"]
    assert reply["speech"].endswith("?")
    assert reply["reprompt"]
    assert not reply["ended"]


@every_locale
def test_session_help_ends_in_a_question_and_listens(locale: str) -> None:
    """Wherever it is asked for; it says what can be said.
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    for moment, device in talking(locale).items():
        reply = raw("AMAZON.HelpIntent", locale, device)
        assert reply["speech"].endswith("?"), moment
        assert len(reply["speech"].split()) > 8, moment
        assert reply["reprompt"], moment
        assert not reply["ended"], moment


@every_locale
@pytest.mark.parametrize("intent", ["AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"])
def test_session_stop_cancel_and_home_leave(locale: str, intent: str) -> None:
    """Test 4.13; in the middle of a stretch, too.
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    for moment, device in talking(locale).items():
        reply = raw(intent, locale, device)
        assert reply["ended"], moment
        assert not reply["speech"].endswith("?"), moment


@every_locale
def test_session_goodbye_leaves(locale: str) -> None:
    """However it is said. ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    for said_ in ("goodbye", "thanks", "stop"):
        for moment, device in talking(locale).items():
            assert device.say(said_)["ended"], (said_, moment)


@every_locale
def test_session_what_is_not_understood_is_asked_again(locale: str) -> None:
    """It says what can be said, and listens; nobody is let go for one odd word.
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    for moment, device in talking(locale).items():
        reply = raw("AMAZON.FallbackIntent", locale, device)
        assert not reply["ended"], moment
        assert reply["reprompt"], moment
        assert reply["speech"].endswith("?") or INVITES.search(reply["speech"]), moment


def filled(name: str, type_: str, words: str) -> dict[str, Any]:
    """A slot with words that match no value of ours, as Alexa sends it (ASK/custom-skills/entity-resolution.html)."""
    authority = {"authority": f"amzn1.er-authority.echo-sdk.x.{type_}", "status": {"code": "ER_SUCCESS_NO_MATCH"}}
    value: dict[str, Any] = {"type": "Simple", "value": words}
    if not type_.startswith("AMAZON."):
        value["resolutions"] = {"resolutionsPerAuthority": [authority]}
    return {"name": name, "value": words, "confirmationStatus": "NONE", "source": "USER", "slotValue": value}


@every_locale
def test_session_an_odd_slot_value_gets_a_sensible_reply(locale: str) -> None:
    """Every slot is tried with what does not fit: never an error, always a question or an end.
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    sorry = set(open_book(locale)._messages["sorry"])
    for intent in model(locale)["intents"]:
        for slot in intent.get("slots", ()):
            for words in ("zork", "seventy times seven", "?", "P9999Y", "x" * 140):
                reply = raw(intent["name"], locale, None, **{slot["name"]: filled(slot["name"], slot["type"], words)})
                about = f"{intent['name']}, {slot['name']} = {words[:20]}: {reply['speech']}"
                assert reply["speech"], about
                assert reply["speech"] not in sorry, about
                assert bool(reply["reprompt"]) is not reply["ended"], about
                assert "zork" not in reply["speech"], about


@every_locale
def test_session_every_intent_is_reached_by_its_first_samples(locale: str) -> None:
    """Reviewers say them one after the other: each is answered, and none with an apology.
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    values = {type_["name"]: type_["values"][0]["name"]["value"] for type_ in model(locale)["types"]}
    values |= {"AMAZON.DURATION": "two minutes", "AMAZON.DATE": "tomorrow", "AMAZON.TIME": "nine in the morning"}
    sorry = set(open_book(locale)._messages["sorry"])
    for intent in model(locale)["intents"]:
        types = {slot["name"]: slot["type"] for slot in intent.get("slots", ())}
        for sample in intent["samples"][:3]:
            words = re.sub(r"\{(\w+)\}", lambda slot, types=types: values[types[slot[1]]], sample)
            reply = Device(locale=locale).say(words)
            assert reply["speech"], words
            assert reply["speech"] not in sorry, words


@every_locale
def test_session_help_and_stop_are_no_slot_values(locale: str) -> None:
    """A broad slot must not swallow them.
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    for type_ in model(locale)["types"]:
        for value in type_["values"]:
            names = {value["name"]["value"].lower(), *map(str.lower, value["name"]["synonyms"])}
            assert not names & {"help", "stop", "cancel", "alexa"}, value["id"]


def test_reminder_the_whole_action_is_told_before_the_yes() -> None:
    """What, when and how often, for each reminder; a permission is not consent.
    ASK/smapi/alexa-reminders-guidelines-for-usage.html"""
    alexa = Alexa(zone="Europe/London")
    device = Device(user="anna", alexa=alexa)
    device.open()
    asked = device.say("remind me to call my doctor tomorrow at nine")["speech"]
    assert re.search(r"remind you to call your doctor tomorrow, \w+, at nine in the morning\?$", asked)
    assert upcoming(alexa, "anna") == []
    device.say("yes")
    device.say("I approve")
    assert [reminder["says"] for reminder in upcoming(alexa, "anna")] == ["your check-up call"]


def test_reminder_the_testers_are_told_how_to_try_it() -> None:
    """A submission with the permission needs it. ASK/smapi/alexa-reminders-guidelines-for-usage.html"""
    told = MANIFEST["publishingInformation"]["testingInstructions"]
    assert "remind me to call my doctor" in told
    assert "I approve" in told
    assert "cancel my reminder" in told


def test_the_testers_instructions_are_true() -> None:
    """Each thing that they are told to say does what they are told it does.
    ASK/custom-skills/certification-requirements-for-custom-skills.html"""
    told = MANIFEST["publishingInformation"]["testingInstructions"]
    spoken_by_us = "your check-up call"
    assert spoken_by_us in told
    said_ = [words for words in re.findall(r'"([^"]+)"', told) if words != spoken_by_us]
    assert len(said_) > 10
    alexa = Alexa(zone="Europe/London")
    device = Device(user="anna", alexa=alexa)
    replies = {}
    for words in said_:
        if device.ended or words == "Alexa, open cramp coach":
            device = Device(user="anna", alexa=alexa)
            device.open()
        if words == "I approve":
            device.say("yes")
        if not words.startswith("Alexa, open"):
            replies[words] = device.say(words.removeprefix("Alexa, ask cramp coach "))
            assert replies[words]["heard"]["intent"] != "AMAZON.FallbackIntent", words
    assert replies["yes but my chest hurts"]["assessment"]["disposition"] == "EMERGENCY"
    assert replies["yes but my chest hurts"]["ended"]
    assert replies["what reminders do I have"]["speech"].startswith("You have one reminder")
    assert upcoming(alexa, "anna") == []


# ---- limits of a response: ASK/custom-skills/request-and-response-json-reference.html


class Turn(NamedTuple):
    """One turn of a script: what was said, and what came back."""

    script: str
    said: str
    reply: dict[str, Any]


@pytest.fixture(scope="module")
def turns() -> list[Turn]:
    """Every script, on a device with a screen; those with stretches once more, with sounds."""
    silent = [turn for path in sorted(SCRIPTS.glob("*/*.yaml")) for turn in _played(path)]
    with pytest.MonkeyPatch.context() as patch:
        for module in (skill_coach, skill_reply):
            patch.setattr(module, "AUDIO_BASE_URL", "https://sounds.example.org")
        return silent + [turn for path in sorted(SCRIPTS.glob("*/coach.yaml")) for turn in _played(path)]


def _played(path: Path) -> Iterator[Turn]:
    for script in read(path, text=True):
        device = Device(locale=path.parent.name, screen=True, alexa=Alexa(zone="Europe/London"))
        for line in [turn["U"] for turn in script["turns"] if "U" in turn]:
            if device.ended:
                break
            if line == "(opens)":
                reply = device.open()
            else:
                reply = device.silence() if line == "(silence)" else device.say(line)
            if reply["response"] is not None and reply["request"]["request"]["type"] != "SessionEndedRequest":
                yield Turn(f"{path.stem}: {script['name']}", line, reply)


def _spoken(turn: Turn) -> tuple[str, str]:
    """The SSML of the speech and of the reprompt of a turn, "" where there is none."""
    body = turn.reply["response"]["response"]
    parts = (body.get("outputSpeech"), (body.get("reprompt") or {}).get("outputSpeech"))
    speech, reprompt = ((part or {}).get("ssml", "") for part in parts)
    return speech, reprompt


def _asks_permission(turn: Turn) -> bool:
    """Whether Alexa herself speaks next: she ends the session, and comes back."""
    return turn.reply["alexa"] is not None


def test_limits_the_scripts_hold_what_they_measure(turns: list[Turn]) -> None:
    """Screens, sounds, cards, breaks and permissions are among them; else the tests below would prove nothing."""
    bodies = [turn.reply["response"]["response"] for turn in turns]
    assert len(turns) > 400
    assert any(
        directive["type"].startswith("Alexa.Pres") for body in bodies for directive in body.get("directives", ())
    )
    assert any("<audio" in _spoken(turn)[0] for turn in turns)
    assert any("<break" in _spoken(turn)[0] for turn in turns)
    assert any("card" in body for body in bodies)
    assert any(_asks_permission(turn) for turn in turns)


def test_limits_a_question_listens_and_an_end_asks_nothing(turns: list[Turn]) -> None:
    """The classic failure (https://github.com/alexa-samples/skill-sample-python-fact/issues/13).
    ASK/custom-skills/voice-interface-and-user-experience-testing-for-a-custom-skill.html"""
    for turn in turns:
        speech, ended = turn.reply["speech"], turn.reply["ended"]
        if _asks_permission(turn):
            continue
        last = re.split(r"(?<=[.!?])\s+", speech)[-1]
        asks = speech.endswith("?") or bool(INVITES.search(last))
        assert not (ended and speech.endswith("?")), turn[:2]
        assert ended or asks, turn[:2]
        assert bool(_spoken(turn)[1]) is not ended, turn[:2]


def test_limits_the_end_of_the_session_is_always_said(turns: list[Turn]) -> None:
    """Left out, it depends on the device. ASK/custom-skills/manage-skill-session-and-session-attributes.html"""
    for turn in turns:
        assert isinstance(turn.reply["response"]["response"].get("shouldEndSession"), bool), turn[:2]


def test_limits_a_response_is_120_kilobytes_at_most(turns: list[Turn]) -> None:
    """With its screen and its session. ASK/custom-skills/request-and-response-json-reference.html"""
    for turn in turns:
        size = len(json.dumps(turn.reply["response"], ensure_ascii=False).encode())
        assert size <= LARGEST, (*turn[:2], size)


def test_limits_speech_is_8000_characters_at_most(turns: list[Turn]) -> None:
    """The reprompt, too. ASK/custom-skills/request-and-response-json-reference.html"""
    for turn in turns:
        assert all(len(ssml) <= CHARACTERS for ssml in _spoken(turn)), turn[:2]


def test_limits_ten_seconds_of_breaks_and_five_sounds(turns: list[Turn]) -> None:
    """More, and nothing is spoken. ASK/custom-skills/speech-synthesis-markup-language-ssml-reference.html"""
    for turn in turns:
        seconds, sounds = silence(turn.reply["response"])
        assert seconds <= 10, turn[:2]
        assert sounds <= 5, turn[:2]


def test_limits_sounds_last_four_minutes_at_most(turns: list[Turn]) -> None:
    """A minute and a half in a reprompt; each over https. Our names end in their length in seconds.
    ASK/custom-skills/speech-synthesis-markup-language-ssml-reference.html"""
    for turn in turns:
        for ssml, most in zip(_spoken(turn), (SECONDS_OF_SOUND, SECONDS_OF_SOUND_IN_A_REPROMPT), strict=True):
            played = re.findall(r'<audio src="https://sounds\.example\.org/[a-z-]+-(\d+)\.mp3"/>', ssml)
            assert len(played) == ssml.count("<audio"), turn[:2]
            assert sum(map(int, played)) <= most, turn[:2]


def test_limits_only_documented_tags_are_spoken(turns: list[Turn]) -> None:
    """Well-formed, or the whole response fails; unknown tags are dropped in silence.
    ASK/custom-skills/speech-synthesis-markup-language-ssml-reference.html"""
    known = set("speak p s break emphasis prosody phoneme say-as sub w voice lang audio".split())
    for turn in turns:
        for ssml in filter(None, _spoken(turn)):
            root = ElementTree.fromstring(ssml)  # noqa: S314 - our own output
            assert root.tag == "speak", turn[:2]
            assert {part.tag for part in root.iter()} <= known, turn[:2]


def test_limits_a_card_is_8000_characters_at_most(turns: list[Turn]) -> None:
    """Title, text and addresses together. ASK/custom-skills/request-and-response-json-reference.html"""
    for turn in turns:
        card = turn.reply["response"]["response"].get("card", {})
        assert sum(len(part) for part in card.values() if isinstance(part, str)) <= CHARACTERS, turn[:2]


def test_limits_a_device_without_a_screen_gets_no_screen() -> None:
    """A directive for what a device has not got fails the response.
    ASK/alexa-presentation-language/apl-interface.html"""
    device = talking("en-US")["stretching"]
    body = device.say("yes")["response"]["response"]
    assert "directives" not in body


def test_limits_nothing_is_said_when_the_session_has_ended() -> None:
    """No speech may be returned then. ASK/custom-skills/request-and-response-json-reference.html"""
    device = Device()
    device.open()
    device.silence()
    ended = device.silence()
    assert ended["request"]["request"]["type"] == "SessionEndedRequest"
    assert set(ended["response"]["response"]) <= {"shouldEndSession"}


def test_limits_an_event_is_answered_with_nothing() -> None:
    """There is nobody to hear it. ASK/smapi/skill-events-in-alexa-skills.html"""
    event = {
        "version": "1.0",
        "context": {"System": {"application": {"applicationId": "x"}, "user": {"userId": "amzn1.ask.account.X"}}},
        "request": {
            "type": "AlexaSkillEvent.SkillDisabled",
            "requestId": "amzn1.echo-api.request.x",
            "timestamp": "2027-01-31T10:00:00Z",
            "eventCreationTime": "2027-01-31T09:59:58Z",
            "eventPublishingTime": "2027-01-31T10:00:00Z",
            "body": {"userInformationPersistenceStatus": "NOT_PERSISTED"},
        },
    }
    assert lambda_function.lambda_handler(event, None)["response"] == {}


# ---- the page


def test_the_page_names_tests_that_exist() -> None:
    """docs/certification.md says which test holds which rule: every one named there is one, every one here is named."""
    page = (ROOT / "docs" / "certification.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert named <= written, named - written
    here = set(re.findall(r"^def (test_\w+)", Path(__file__).read_text("utf-8"), re.MULTILINE))
    assert here - {test_the_page_names_tests_that_exist.__name__} <= named
