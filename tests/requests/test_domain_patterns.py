"""A pattern a town writes may not keep the service busy, whatever a family types."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.domain.patterns import PatternUnsupported, is_quick


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[0-9]{5}$",
        r"^0[1-9]( ?[0-9]{2}){4}$",
        r"^[A-Z]{2}-\d{3}-[A-Z]{2}$",
        r"^(lundi|mardi|jeudi|vendredi)$",
        r"^[^@ ]+@[^@ ]+$",
        r"^(?:M\.|Mme) [^ ]+$",
        r"",
        r"a|b|",
        r"^[\w.\-]+$",
        r"^\(\d+\)$",
    ],
)
def test_patterns_of_real_forms_are_quick(pattern: str) -> None:
    assert is_quick(pattern, longest=80)


@pytest.mark.parametrize(
    "pattern",
    [r"^(a+)+$", r"(a*)*b", r"(a|a)*$", r"(a|aa)+$", r"^(\w+\s?)*$", r"a*a*a*b", r"([a-z]+)+@", r"(x+x+)+y"],
)
def test_patterns_that_may_backtrack_for_hours_are_refused(pattern: str) -> None:
    assert not is_quick(pattern, longest=80)


def test_two_open_repetitions_are_quick_on_short_texts_only() -> None:
    assert is_quick(r"^\d+-\d+$", longest=50)
    assert not is_quick(r"^\d+-\d+$", longest=200)


def test_no_pattern_is_quick_on_a_text_without_bound() -> None:
    assert not is_quick(r"^a$", longest=100_000)


@pytest.mark.parametrize(
    "pattern",
    [r"(?=a)b", r"(a)\1", r"(?P<n>a)", r"a+?", r"a++", r"(?i)a", r"[a", r"(a", r"a)", r"a{2", r"*a", r"\bA", "a" * 101],
)
def test_what_browsers_and_python_may_read_differently_is_unsupported(pattern: str) -> None:
    with pytest.raises(PatternUnsupported):
        is_quick(pattern, longest=50)


PIECES = st.sampled_from(["a", "b", "[ab]", "(a|b)", "(a|ab)", "a?", "b*", "(ab)+", "a{1,3}", "(a?b){2}", "[^a]+", "|"])


@given(st.lists(PIECES, max_size=6).map("".join), st.text("ab", max_size=30))
def test_a_quick_pattern_can_really_be_searched(pattern: str, text: str) -> None:
    if is_quick(pattern, longest=30):
        re.search(pattern, text)


@pytest.mark.parametrize(
    "pattern", ["(?:(?:(?:){999}){999}){999}", "(?:(){999}){999}1", "(?:(?:a{99}){99}){99}", "(((((a?)*)*)*)*)*"]
)
def test_what_takes_nothing_a_thousand_million_times_is_refused(pattern: str) -> None:
    assert not is_quick(pattern, longest=80)


def test_deep_groups_do_not_break_the_reader() -> None:
    assert is_quick("(" * 49 + "a" + ")" * 49, longest=80)
