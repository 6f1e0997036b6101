"""What people say: every slip in content/phrases stops the build with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from skill.spotter import Spotter, index
from tools.models import intents
from tools.phrases import LONGEST, Language
from tools.yamlfile import ContentError

WORDS = """
families: {swollen: [swelling, swells], calf: [calves]}
small: [my, the, is, it, a]
light: [really]
denials: [no, not]
"""
SITES = """
calf: {name: calf, phrases: [calf, lower leg], as_answer: [the lower one]}
foot: {name: foot, phrases: ["(foot|arch [of my foot])"]}
"""
SWELLING = "swelling: {name: swollen, phrases: [swollen, puffed up]}\n"
FEVER = "fever: {name: feverish, phrases: [fever]}\n"
KNOT = "hard_knot: {name: hard knot, phrases: [hard knot]}\n"
EVERY = 40  # one in so many phrases of the content: all of them would take a minute
TYPES = {"Site": "sites", "Danger": "danger", "Detail": "details"}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A small language, sound in every file."""
    folder = tmp_path / "xx"
    (folder / "danger").mkdir(parents=True)
    (folder / "words.yaml").write_text(WORDS, "utf-8")
    (folder / "sites.yaml").write_text(SITES, "utf-8")
    (folder / "details.yaml").write_text(KNOT, "utf-8")
    (folder / "danger" / "limb.yaml").write_text(SWELLING, "utf-8")
    (folder / "danger" / "skin.yaml").write_text(FEVER, "utf-8")
    return tmp_path


def language(content: Path) -> Language:
    """The language as the build reads it."""
    return Language("xx", TYPES, content)


def test_a_type_reads_a_file_or_every_file_of_a_folder(content: Path) -> None:
    """Values come in the order of the files, with their phrases written out."""
    types = language(content).types
    assert [entry.id for entry in types["Site"]] == ["calf", "foot"]
    assert types["Site"][1].phrases == ("foot", "arch of my foot", "arch")
    assert [entry.id for entry in types["Danger"]] == ["swelling", "fever"]


def test_an_entry_may_be_spread_over_files(content: Path) -> None:
    """Phrases of one finding join, whichever file they stand in; none is lost or doubled."""
    more = "swelling: {name: swollen, phrases: [swells up, swollen], as_answer: [bigger]}\n"
    (content / "xx" / "danger" / "skin.yaml").write_text(more, "utf-8")
    (entry,) = language(content).types["Danger"]
    assert entry.phrases == ("swollen", "puffed up", "swells up")
    assert entry.as_answer == ("bigger",)


def test_words_that_mean_something_only_as_an_answer_are_a_type_of_their_own(content: Path) -> None:
    """ "The lower one" is a value that the model carries, and the skill knows what it may mean."""
    made = language(content)
    assert [(entry.id, entry.phrases) for entry in made.answers(("Site", "Danger"))] == [
        ("lower_one", ("the lower one",))
    ]
    assert made.compiled(("Site", "Danger"))["answers"] == {"lower one": ["Site/calf"]}


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        pytest.param("sites.yaml", "calf: {phrases: [calf]}", "sites.yaml: calf: has no name", id="no name"),
        pytest.param(
            "sites.yaml",
            "calf: {name: calf, phrase: [calf]}",
            "sites.yaml: calf: has ['phrase'] (an entry has name, phrases and as_answer)",
            id="unknown key",
        ),
        pytest.param(
            "sites.yaml",
            "calf: {name: calf}",
            "sites.yaml: calf: has no phrases (write what people say",
            id="nothing to say",
        ),
        pytest.param(
            "sites.yaml",
            "calf: {name: calf, phrases: calf}",
            "sites.yaml: calf: phrases are a text (write them as a list)",
            id="a text instead of a list",
        ),
        pytest.param(
            "danger/limb.yaml",
            "swelling: {name: swollen, phrases: [(it|is swollen]}",
            "limb.yaml: swelling: '(it|is swollen': no ')' to close it (see tools/patterns.py)",
            id="brackets",
        ),
        pytest.param(
            "danger/limb.yaml",
            "swelling: {name: swollen, phrases: [swollen 2 days]}",
            "limb.yaml: swelling: 'swollen 2 days': holds a sign that cannot be spoken",
            id="digits",
        ),
        pytest.param(
            "danger/limb.yaml",
            'swelling: {name: swollen, phrases: ["swollen, hot"]}',
            "limb.yaml: swelling: 'swollen, hot': holds a sign that cannot be spoken",
            id="a comma",
        ),
        pytest.param(
            "danger/limb.yaml",
            'swelling: {name: swollen, phrases: ["swollen | hot"]}',
            "limb.yaml: swelling: 'swollen | hot': holds a sign that cannot be spoken",
            id="alternatives outside of brackets",
        ),
        pytest.param(
            "danger/limb.yaml",
            f"swelling: {{name: swollen, phrases: [{'very ' * 28}swollen]}}",
            f"is longer than {LONGEST} characters (shorten it)",
            id="too long",
        ),
        pytest.param(
            "danger/limb.yaml",
            SWELLING + "fever: {name: hot, phrases: [my swelling]}",
            "fever: 'my swelling': is heard like 'swollen' of swelling in limb.yaml",
            id="one word of two meanings",
        ),
        pytest.param(
            "danger/limb.yaml",
            "swelling: {name: swollen, phrases: [really]}",
            "limb.yaml: swelling: 'really': is one weak word (add a word that carries it)",
            id="a word that carries little",
        ),
        pytest.param(
            "details.yaml",
            "hard_knot: {name: hard knot, phrases: [is it not]}",
            "details.yaml: hard_knot: 'is it not': is one weak word (add",
            id="a word that only denies",
        ),
        pytest.param(
            "danger/limb.yaml",
            "swelling: {name: swollen, phrases: [it is my]}",
            "limb.yaml: swelling: 'it is my': is one weak word (add",
            id="small words only",
        ),
        pytest.param(
            "danger/limb.yaml",
            "swelling: {name: swollen, phrases: [swollen], as_answer: [it is]}",
            "limb.yaml: swelling: 'it is': is one weak word (add",
            id="an answer of small words only",
        ),
        pytest.param(
            "sites.yaml",
            'calf: {name: "calf, lower leg", phrases: [calf]}',
            "sites.yaml: calf: 'calf, lower leg': cannot be spoken (words and spaces only)",
            id="a name with a comma",
        ),
        pytest.param(
            "sites.yaml",
            "calf: {name: calf 2, phrases: [calf]}",
            "sites.yaml: calf: 'calf 2': cannot be spoken",
            id="a name with digits",
        ),
        pytest.param(
            "sites.yaml",
            f"calf: {{name: {'calf ' * 28}calf, phrases: [calf]}}",
            "calf': cannot be spoken (words and spaces only)",
            id="a name that is too long",
        ),
        pytest.param(
            "extra.yaml",
            "calf: {name: calf, phrases: [calf]}",
            "extra.yaml: no slot type reads this file (name it in interaction-models/intents.yaml",
            id="a file nobody reads",
        ),
        pytest.param(
            "danger/deep/extra.yaml",
            "calf: {name: calf, phrases: [calf]}",
            "extra.yaml: no slot type reads this file",
            id="a folder nobody reads",
        ),
    ],
)
def test_a_slip_stops_the_build(content: Path, file: str, text: str, says: str) -> None:
    """Each mistake is named with its file, its key and its remedy."""
    path = content / "xx" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    with pytest.raises(ContentError) as stopped:
        language(content)
    assert says in str(stopped.value)


@pytest.mark.parametrize("phrase", ["dr. said", "it's swollen", "charley-horse", "ma'am", "née"])
def test_what_can_be_spoken_is_accepted(content: Path, phrase: str) -> None:
    """Apostrophes, hyphens, full stops of abbreviations and accents are words."""
    text = f'swelling: {{name: swollen, phrases: ["{phrase}"]}}'
    (content / "xx" / "danger" / "limb.yaml").write_text(text, "utf-8")
    assert language(content).types["Danger"][0].phrases == (phrase,)


def test_a_phrase_may_tell_two_things_when_it_is_written_under_both(content: Path) -> None:
    """Written twice it is meant; only a word that folds like another by accident is refused."""
    text = SWELLING + "fever: {name: hot, phrases: [swollen]}"
    (content / "xx" / "danger" / "limb.yaml").write_text(text, "utf-8")
    (content / "xx" / "danger" / "skin.yaml").unlink()
    assert [entry.phrases[0] for entry in language(content).types["Danger"]] == ["swollen"] * 2


def test_phrases_of_several_words_may_be_heard_alike(content: Path) -> None:
    """One word alone must not mean two things; several words may, and then they tell both."""
    alike = "fever: {name: hot, phrases: [my swollen calf]}\nrash: {name: spots, phrases: [swelling calves]}\n"
    (content / "xx" / "danger" / "skin.yaml").write_text(alike, "utf-8")
    made = language(content)
    fever, rash = (made.core_of("Danger", entry.id, entry.phrases[0]) for entry in made.types["Danger"][1:])
    assert fever == rash
    assert len(fever) == 2


def test_a_figure_of_speech_may_be_made_of_small_words(content: Path) -> None:
    """Heard word for word, it is no weak phrase, and may take the words of others."""
    text = KNOT + "other_talk: {name: other talk, phrases: [is it my, hard knots]}"
    (content / "xx" / "details.yaml").write_text(text, "utf-8")
    assert language(content).types["Detail"][1].phrases == ("is it my", "hard knots")


@pytest.mark.parametrize("file", ["sites.yaml", "details.yaml", "danger/limb.yaml"])
def test_a_slot_type_without_a_file_is_named(content: Path, file: str) -> None:
    """What intents.yaml declares must be said somewhere: a file, or one at least in a folder."""
    path = content / "xx" / file
    name = path.name if path.parent.name == "xx" else f"{path.parent.name}.yaml"
    for other in [path] if path.parent.name == "xx" else path.parent.glob("*.yaml"):
        other.unlink()
    with pytest.raises(ContentError, match=rf"{name}: is missing \(write the phrases of this slot type, or take"):
        language(content)


def test_a_language_without_words_is_named(content: Path) -> None:
    """A translator who forgets words.yaml is told so."""
    (content / "xx" / "words.yaml").unlink()
    with pytest.raises(ContentError, match=r"words\.yaml: is missing"):
        language(content)


# ---- what the model may leave out, because it is heard anyway


def synonyms(content: Path, danger: str, details: str = KNOT) -> list[str]:
    """The synonyms of the first danger sign."""
    (content / "xx" / "danger" / "limb.yaml").write_text(danger, "utf-8")
    (content / "xx" / "details.yaml").write_text(details, "utf-8")
    said = language(content)
    return said.synonyms("Danger", said.types["Danger"][0])


@pytest.mark.parametrize(
    ("phrases", "needed"),
    [
        ("[puffed, my puffed calf]", ["puffed"]),
        ("[calf puffed, my calf puffed purple]", ["calf puffed"]),
        ("[calf puffed, puffed calf purple]", ["calf puffed"]),  # in any order
        (
            "[calf puffed, my calf is big puffed]",
            ["calf puffed", "my calf is big puffed"],
        ),  # no stray word more
        ("[calf big puffed, my calf is big blue puffed]", ["calf big puffed"]),
        ("[bend, not bend]", ["bend", "not bend"]),  # which the shorter one would deny
    ],
)
def test_a_phrase_is_left_out_where_a_shorter_one_is_heard_in_it(
    content: Path, phrases: str, needed: list[str]
) -> None:
    """Said as it is written, and with one stray word in it."""
    assert synonyms(content, f"swelling: {{name: swollen, phrases: {phrases}}}\n") == needed


def test_a_phrase_that_hides_another_sign_stays(content: Path) -> None:
    """ "Heart racing after my run" keeps "heart racing" from being heard; of two dangers both are heard anyway."""
    danger = "winded: {name: winded, phrases: [run, racing run]}\n"
    assert synonyms(content, danger, "effort: {name: effort, phrases: [racing]}\n") == ["run", "racing run"]
    assert synonyms(content, danger + "racing: {name: racing, phrases: [racing]}\n") == ["run"]


def test_a_phrase_that_a_needed_one_hides_as_well_may_go(content: Path) -> None:
    danger = "winded: {name: winded, phrases: [racing run, my racing run today]}\n"
    assert synonyms(content, danger, "effort: {name: effort, phrases: [racing]}\n") == ["racing run"]


def test_every_phrase_that_was_left_out_is_heard() -> None:
    """In the content itself: by the synonyms of the model alone, its own sign in each of its phrases."""
    said = Language("en", intents()["types"])
    kept = [
        (phrase, f"{type_}/{entry.id}")
        for type_, entries in said.types.items()
        for entry in entries
        for phrase in (entry.name, *said.synonyms(type_, entry))
    ]
    model = Spotter(said.wording, said.words, index(kept, said.wording))
    whole = Spotter(said.wording, said.words, said.compiled(tuple(said.types))["phrases"])
    phrases = [
        (phrase, f"{type_}/{entry.id}")
        for type_ in ("Danger", "Detail")
        for entry in said.types[type_]
        for phrase in entry.phrases
    ][::EVERY]
    lost = [
        phrase for phrase, own in phrases if any(own == id_ for id_, _ in _heard(whole, phrase) - _heard(model, phrase))
    ]
    assert len(phrases) > 1000
    assert lost == []


def _heard(spotter: Spotter, text: str) -> set[tuple[str, str]]:
    """Ids, and whether they are denied."""
    return {(match.id, match.polarity) for match in spotter.spot(text)}


# ---- what the people of a locale say besides


def dialect(content: Path, text: str, name: str = "xx-YY") -> Language:
    """The small language, and what a locale's file adds."""
    path = content / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return language(content).with_dialects([path])


def test_a_dialect_adds_its_phrases_to_the_values_of_the_language(content: Path) -> None:
    """Beside those that are there, under the same names; the language itself stays as it is."""
    plain = language(content)
    path = content / "xx-YY.yaml"
    path.write_text("Danger: {swelling: {phrases: [come up like a balloon], as_answer: [fat]}}\n", "utf-8")
    said = plain.with_dialects([path])
    swelling = said.types["Danger"][0]
    assert (swelling.id, swelling.name) == ("swelling", "swollen")
    assert swelling.phrases == ("swollen", "puffed up", "come up like a balloon")
    assert said.synonyms("Danger", swelling) == ["puffed up", "come up like a balloon"]
    assert [entry.id for entry in said.answers(("Danger",))] == ["fat"]
    assert plain.types["Danger"][0].phrases == ("swollen", "puffed up")


def test_several_dialects_are_heard_at_once(content: Path) -> None:
    """As the skill hears them, which is not told where a raw word comes from."""
    for name, phrase in (("xx-YY", "like a balloon"), ("xx-ZZ", "like a footy")):
        (content / f"{name}.yaml").write_text(f"Danger: {{swelling: {{phrases: [{phrase}]}}}}\n", "utf-8")
    said = language(content).with_dialects([content / "xx-YY.yaml", content / "xx-ZZ.yaml"])
    assert said.types["Danger"][0].phrases == ("swollen", "puffed up", "like a balloon", "like a footy")
    heard = " ".join(said.compiled(("Danger",))["phrases"].values())
    assert "balloon" in heard
    assert "footy" in heard


def test_a_phrase_that_a_dialect_hides_comes_back_into_the_model(content: Path) -> None:
    """What was left out because a shorter phrase is heard in it is needed where a dialect hides that one."""
    (content / "xx" / "danger" / "limb.yaml").write_text(
        "swelling: {name: swollen, phrases: [balloon, balloon party leg]}\n", "utf-8"
    )
    plain = language(content)
    swelling = plain.types["Danger"][0]
    assert plain.synonyms("Danger", swelling) == ["balloon"]
    said = dialect(content, "Detail: {hard_knot: {phrases: [party leg]}}\n")
    assert said.synonyms("Danger", said.types["Danger"][0]) == ["balloon", "balloon party leg"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Danger: {swelling: {phrases: [swells]}}", r"swelling: 'swells': is heard already, by 'swollen' \(delete"),
        ("Site: {calf: {as_answer: [lower one]}}", r"calf: 'lower one': is heard already, by 'the lower one'"),
        ("Danger: {fewer: {phrases: [hot]}}", r"Danger: fewer: is unknown \(mend the id"),
        ("Dangers: {fever: {phrases: [hot]}}", r"Dangers: is no slot type \(one of"),
        ("Danger: {fever: {name: hot, phrases: [hot]}}", r"Danger: fever: is no addition \(phrases and"),
        ("Danger: {fever: [hot]}", r"Danger: fever: is no addition"),
        ("Danger: {fever: {phrases: [really]}}", r"fever: 'really': is one weak word"),
        ("Danger: {fever: {phrases: [swelling]}}", r"fever: 'swelling': is heard like 'swollen' of swelling"),
        ("Danger: {fever: {phrases: hot}}", r"fever: phrases are a text \(write them as a list"),
    ],
)
def test_what_a_dialect_may_not_hold_stops_the_build(content: Path, text: str, wrong: str) -> None:
    """What is heard without it, what nobody listens for, and what would be too little for any phrase."""
    with pytest.raises(ContentError, match=rf"xx-YY\.yaml: {wrong}"):
        dialect(content, f"{text}\n")
