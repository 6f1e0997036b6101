"""Every word a rule may use, on both sides of its threshold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import ABSENT, PRESENT, UNKNOWN, Findings, Value
from triage.model import Rule
from triage.rules import deciding, signs_of, sites_of

STEADY = settings(derandomize=True, deadline=None, database=None, max_examples=120)
NOTHING: frozenset[str] = frozenset()


def rule(
    *,
    any: str = "",
    also: str = "",
    all: str = "",
    without: str = "",
    denied: str = "",
    sites: str = "",
    except_sites: str = "",
    conditions: str = "",
    minutes_from: int | None = None,
    minutes_over: int | None = None,
    minutes_below: int | None = None,
) -> Rule:
    """A rule from words separated by spaces."""

    def ids(text: str) -> frozenset[str]:
        return frozenset(text.split())

    return Rule(
        None,
        ids(any),
        ids(also),
        ids(all),
        ids(without),
        ids(denied),
        ids(sites),
        ids(except_sites),
        ids(conditions),
        minutes_from,
        minutes_over,
        minutes_below,
        "",
    )


def said(text: str, **values: Value) -> dict[str, Value]:
    """Findings: "a" is present, "-a" absent, "?a" unknown; sites and minutes by name."""
    marks = {"-": ABSENT, "?": UNKNOWN}
    signs = {word.lstrip("-?"): marks.get(word[0], PRESENT) for word in text.split()}
    return {**signs, **values}


@pytest.mark.parametrize(
    ("tested", "holds", "fails"),
    [
        pytest.param(rule(any="a b"), said("b"), said("c"), id="any: one is enough"),
        pytest.param(rule(any="a"), said("a"), said("-a"), id="any: a denied sign is no sign"),
        pytest.param(rule(any="a"), said("a"), said("?a"), id="any: an unknown sign is no sign"),
        pytest.param(rule(any="a", also="b c"), said("a c"), said("a"), id="with: one of each"),
        pytest.param(rule(any="a", also="b"), said("a b"), said("b"), id="with: never instead"),
        pytest.param(rule(all="a b"), said("a b"), said("a"), id="all: every one"),
        pytest.param(rule(all="a b"), said("a b"), said("a ?b"), id="all: unknown is not enough"),
        pytest.param(rule(any="a", without="b"), said("a -b"), said("a b"), id="without"),
        pytest.param(rule(any="a", without="b"), said("a ?b"), said("a b"), id="without: unknown"),
        pytest.param(rule(all="a", denied="b"), said("a -b"), said("a"), id="denied: said no"),
        pytest.param(rule(all="a", denied="b"), said("a -b"), said("a ?b"), id="denied: unknown"),
        pytest.param(rule(denied="b c"), said("-b -c"), said("-b"), id="denied: every one"),
        pytest.param(rule(sites="calf foot"), said("", site="foot"), said("", site="neck"), id="s"),
        pytest.param(
            rule(sites="calf"),
            said("", site="neck", second_site="calf"),
            said("", site="neck", second_site="foot"),
            id="sites: the second one counts",
        ),
        pytest.param(rule(sites="calf", any="a"), said("a", site="calf"), said("a"), id="no site"),
        pytest.param(
            rule(any="a", except_sites="rib"),
            said("a", site="calf"),
            said("a", site="rib"),
            id="except_sites",
        ),
        pytest.param(rule(any="a", except_sites="rib"), said("a"), said("-a"), id="no site named"),
        pytest.param(
            rule(minutes_from=60),
            said("", duration_minutes=60),
            said("", duration_minutes=59),
            id="minutes_from: that long or longer",
        ),
        pytest.param(
            rule(minutes_over=10),
            said("", duration_minutes=11),
            said("", duration_minutes=10),
            id="minutes_over: longer than that",
        ),
        pytest.param(
            rule(minutes_below=15),
            said("", duration_minutes=14),
            said("", duration_minutes=15),
            id="minutes_below: shorter than that",
        ),
    ],
)
def test_both_sides_of_each_word(tested: Rule, holds: Findings, fails: Findings) -> None:
    """Each word of the vocabulary lets through what it names, and stops what is just beside it."""
    assert deciding(tested, holds) is not None
    assert deciding(tested, fails) is None


@pytest.mark.parametrize("word", ["minutes_from", "minutes_over", "minutes_below"])
def test_no_time_no_rule_over_time(word: str) -> None:
    """While nobody has said how long, no rule over time holds."""
    timed = rule(any="a")._replace(**{word: 10})
    assert deciding(timed, said("a")) is None
    assert deciding(timed, said("a", duration_minutes=UNKNOWN)) is None


def test_a_rule_over_conditions_holds_only_for_them() -> None:
    """A trigger for soreness says nothing about a cramp."""
    over = rule(any="a", conditions="doms strain")
    assert deciding(over, said("a"), "doms") is not None
    assert deciding(over, said("a"), "cramp") is None
    assert deciding(over, said("a")) is None


def test_the_reasons_are_what_decided_and_nothing_else() -> None:
    """ "Why?" is answered from the findings that made the rule hold: each once, in a stable order."""
    every = rule(any="a b", also="c b", all="d", denied="e", sites="calf", minutes_from=5)
    findings = said("b c d z -e", site="calf", duration_minutes=6)
    assert deciding(every, findings) == ["d", "b", "c", "e", "duration_minutes"]


def test_a_site_is_the_reason_when_it_alone_decides() -> None:
    """A "cramp in my chest" is explained by its site."""
    assert deciding(rule(sites="chest"), said("", site="chest")) == ["site"]
    assert deciding(rule(sites="chest", any="a"), said("a", site="chest")) == ["a"]


def test_sites_and_signs_are_read_as_said() -> None:
    """Both sites count; only what is present is a sign."""
    assert sites_of({}) == NOTHING
    assert sites_of({"site": "calf", "second_site": "foot"}) == {"calf", "foot"}
    assert signs_of(said("b a -c ?d")) == {"a", "b"}


ids = st.sampled_from("abcdef")
some_ids = st.frozensets(ids, max_size=3)
rules = st.builds(
    Rule,
    level=st.none(),
    any=some_ids,
    also=some_ids,
    all=some_ids,
    without=st.just(NOTHING),
    denied=st.just(NOTHING),
    sites=st.just(NOTHING),
    except_sites=st.just(NOTHING),
    conditions=st.just(NOTHING),
    minutes_from=st.none(),
    minutes_over=st.none(),
    minutes_below=st.none(),
)


@STEADY
@given(
    tested=rules,
    findings=st.dictionaries(ids, st.sampled_from([PRESENT, ABSENT, UNKNOWN])),
    more=st.sets(ids),
)
def test_more_signs_never_undo_a_rule(tested: Rule, findings: dict[str, Value], more: set[str]) -> None:
    """A rule that says nothing of "without" or "denied" still holds when more signs are said."""
    if deciding(tested, findings) is not None:
        assert deciding(tested, {**findings, **dict.fromkeys(more, PRESENT)}) is not None
