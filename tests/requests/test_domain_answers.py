"""What families are told about each answer."""

from typing import Any

import pytest

from services.requests.domain.answers import errors_in, without_blanks
from services.requests.domain.forms import read_form
from tests.requests.samples import ANSWERS, FORM, form, messages, text

NUMBER = {"type": "number", "title": "Quotient", "minimum": 0, "exclusiveMaximum": 1000}
LIST = {
    "type": "array",
    "title": "Jours",
    "items": text(enum=["lundi"]),
    "minItems": 1,
    "maxItems": 2,
    "uniqueItems": True,
}


def told(answers: dict[str, Any], raw: dict[str, Any] = FORM, *, complete: bool = True) -> dict[str, str]:
    usable, problems = read_form(raw)
    assert problems == []
    return dict(messages(errors_in(answers, usable, complete=complete)))


def test_answers_that_fit_are_told_nothing() -> None:
    assert told(ANSWERS) == {}


def test_a_mandatory_answer_is_named_with_its_title() -> None:
    [error] = errors_in({"nom": "Dupont"}, FORM, complete=True)

    assert error["field"] == "answers.depuis"
    assert error["facts"]["title"] == "À partir du"


def test_a_draft_may_lack_mandatory_answers() -> None:
    assert told({}, complete=False) == {}


def test_a_draft_may_not_hold_what_can_never_fit() -> None:
    assert told({"depuis": "demain"}, complete=False) == {"answers.depuis": "A date is expected, as year-month-day."}


@pytest.mark.parametrize(
    ("field", "answer", "message"),
    [
        (text(), 3, "A text is expected."),
        (text(), {"$ne": ""}, "A text is expected."),
        (text(), None, "A text is expected."),
        (text(minLength=2), "a", "At least %(limit)s characters are expected."),
        (text(maxLength=2), "abc", "At most %(limit)s characters are accepted."),
        (text(enum=["a", "b"]), "c", "Choose one of the answers offered."),
        (text(oneOf=[{"const": "a", "title": "A"}]), "c", "Choose one of the answers offered."),
        (text(pattern="^[0-9]{5}$", maxLength=5), "7500", "This is not in the expected form."),
        (text(format="date"), "2026-02-30", "A date is expected, as year-month-day."),
        (text(format="date"), "20261120", "A date is expected, as year-month-day."),
        (text(format="time"), "25:00", "A time is expected, as hours:minutes."),
        (text(format="time"), "9h", "A time is expected, as hours:minutes."),
        (text(format="email"), "camille@", "An e-mail address is expected."),
        (text(format="email"), "a@b." + "c" * 300, "An e-mail address is expected."),
        (text(format="tel"), "mon portable", "A telephone number is expected."),
        (NUMBER, "12", "A number is expected."),
        (NUMBER, -1, "The smallest value accepted is %(limit)s."),
        (NUMBER, 1000, "A value below %(limit)s is expected."),
        ({"type": "integer", "title": "Âge"}, 1.5, "A whole number is expected."),
        ({"type": "integer", "title": "Âge"}, True, "A whole number is expected."),
        ({"type": "boolean", "title": "Oui ?"}, "oui", "Yes or no is expected."),
        (LIST, [], "At least %(limit)s answers are expected."),
        (LIST, "lundi", "A list is expected."),
        ({**form(a=text()), "title": "Groupe"}, "a", "Several fields are expected here."),
    ],
)
def test_each_broken_rule_has_its_sentence(field: dict[str, Any], answer: Any, message: str) -> None:
    assert told({"champ": answer}, form(champ=field)) == {"answers.champ": message}


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        (text(format="date"), "2028-02-29"),
        (text(format="time"), "16:30"),
        (text(format="email"), "camille.martin@mairie.example.org"),
        (text(format="tel"), "+33 6 12 34 56 78"),
        (text(oneOf=[{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]), "b"),
        (NUMBER, 622.01),
        ({"type": "integer", "title": "Âge"}, 7),
        (LIST, ["lundi"]),
    ],
)
def test_what_families_really_write_is_accepted(field: dict[str, Any], answer: Any) -> None:
    assert told({"champ": answer}, form(champ=field)) == {}


def test_lists_name_the_answer_that_is_wrong() -> None:
    assert told({"champ": ["lundi", "lundi", "mardi"]}, form(champ=LIST)) == {
        "answers.champ": "The same answer is given twice.",
        "answers.champ.2": "Choose one of the answers offered.",
    }


def test_every_field_that_is_not_in_the_form_is_named() -> None:
    found = told({**ANSWERS, "role": "admin", "$where": "1"})

    assert found == {f"answers.{name}": "This field is not in the form." for name in ("role", "$where")}


def test_a_text_too_long_for_its_pattern_is_not_searched() -> None:
    hostile = "a" * 4_000 + "!"

    found = told({"champ": hostile}, form(champ=text(pattern="^[a-z]+[a-z]+$", maxLength=40)))

    assert found == {"answers.champ": "At most %(limit)s characters are accepted."}


def deep(levels: int) -> Any:
    value: Any = "fond"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "answers",
    [
        {"nom": deep(150)},
        {"nom": "x" * 5_001},
        {"nom": ["x"] * 2_000},
        {"x" * 6_000: "a"},
        {"nom": 10**40},
        {"nom": float("nan")},
        {"nom": "avec\0zéro"},
    ],
    ids=["deep", "long text", "many", "long name", "huge number", "no number", "nul"],
)
def test_answers_out_of_all_bounds_are_refused_before_anything_reads_them(answers: dict[str, Any]) -> None:
    assert list(told(answers).values()) == ["The answers are too long or too deep."]


def test_fields_left_blank_are_not_answers() -> None:
    given = {
        "nom": "Dupont",
        "lien": "",
        "adresse": {"rue": " ", "ville": "Lyon"},
        "age": None,
        "non": False,
        "zero": 0,
    }

    assert without_blanks(given) == {"nom": "Dupont", "adresse": {"ville": "Lyon"}, "non": False, "zero": 0}
