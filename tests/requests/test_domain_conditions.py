"""What a form asks only when other answers say so: what a town may write, and what families are asked then."""

from dataclasses import replace
from typing import Any

import pytest

from services.requests.domain.answers import errors_in
from services.requests.domain.asked import asked_only, fields_asked
from services.requests.domain.forms import read_form
from services.requests.domain.processing.asking import revised
from services.requests.domain.records import Asking
from services.requests.domain.refusals_of_processing import NotAsked
from tests.requests.samples import CATEGORY, DRAFT, NOW, form, messages, text

ONLY_OTHER = {
    "if": {"properties": {"lien": {"const": "autre"}}},
    "then": {"required": ["precision"]},
    "else": {"properties": {"precision": False}},
}
LINK = text(enum=["parent", "autre"])
NUMBER = {"type": "integer", "title": "Âge"}
DAYS = {"type": "array", "title": "Jours", "items": text(enum=["lundi", "mardi"])}


def conditional(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = form(lien=LINK, precision=text(), age=NUMBER, jours=DAYS, oui={"type": "boolean", "title": "Oui"})
    return {**fields, "allOf": list(rules), **more} if rules else {**fields, **more}


def problems(raw: Any) -> dict[str, str]:
    return {path: message for path, message, _ in read_form(raw)[1]}


def usable(raw: Any) -> dict[str, Any]:
    read, found = read_form(raw)
    assert found == []
    return dict(read)


def told(answers: dict[str, Any], raw: Any) -> dict[str, str]:
    return dict(messages(errors_in(answers, usable(raw), complete=True)))


@pytest.mark.parametrize("raw", [conditional(ONLY_OTHER), conditional(**ONLY_OTHER)], ids=["in a list", "alone"])
def test_a_field_is_mandatory_only_where_the_condition_holds(raw: dict[str, Any]) -> None:
    assert told({"lien": "parent"}, raw) == {}
    assert told({"lien": "autre"}, raw) == {"answers.precision": "“%(title)s” is missing."}
    assert told({"lien": "autre", "precision": "marraine"}, raw) == {}


def test_a_condition_on_an_answer_not_given_does_not_hold() -> None:
    assert told({}, conditional(ONLY_OTHER)) == {}
    assert usable(conditional(ONLY_OTHER))["allOf"][0]["if"]["required"] == ["lien"]


def test_a_field_that_is_not_asked_may_not_be_answered() -> None:
    found = told({"lien": "parent", "precision": "x"}, conditional(ONLY_OTHER))

    assert found == {"answers.precision": "This is not asked with your other answers."}


def test_what_two_conditions_ask_for_is_missing_once() -> None:
    other = {"if": {"properties": {"age": {"minimum": 3}}}, "then": {"required": ["precision"]}}
    errors = errors_in({"lien": "autre", "age": 5}, usable(conditional(ONLY_OTHER, other)), complete=True)

    assert [error["field"] for error in errors] == ["answers.precision"]


def test_a_draft_may_lack_what_a_condition_asks_for() -> None:
    assert errors_in({"lien": "autre"}, usable(conditional(ONLY_OTHER)), complete=False) == []


def test_an_answer_may_need_another_one() -> None:
    raw = conditional(dependentRequired={"age": ["lien"]})

    assert told({"age": 4}, raw) == {"answers.lien": "“%(title)s” is missing."}
    assert errors_in({"age": 4}, usable(raw), complete=False) == []


def test_conditions_look_into_lists_and_ranges_and_narrow_what_is_accepted() -> None:
    lists = {"if": {"properties": {"jours": {"contains": {"const": "mardi"}}}}, "then": {"required": ["precision"]}}
    small = {"if": {"properties": {"age": {"maximum": 2}}}, "then": {"properties": {"lien": {"const": "parent"}}}}
    raw = conditional(lists, small)

    assert told({"jours": ["lundi"]}, raw) == {}
    assert list(told({"jours": ["lundi", "mardi"]}, raw)) == ["answers.precision"]
    assert told({"age": 2, "lien": "autre"}, raw) == {"answers.lien": "Choose one of the answers offered."}


def test_answers_left_behind_when_a_family_changes_its_mind_go() -> None:
    chained = {
        "if": {"properties": {"precision": {"const": "oui"}}},
        "then": {},
        "else": {"properties": {"age": False}},
    }
    read = usable(conditional(ONLY_OTHER, chained))

    assert asked_only({"lien": "autre", "precision": "oui", "age": 3}, read)["age"] == 3
    assert asked_only({"lien": "parent", "precision": "oui", "age": 3}, read) == {"lien": "parent"}
    assert fields_asked({"lien": "parent"}, read) == ["lien", "jours", "oui"]


def test_conditions_of_a_group_stay_in_the_group() -> None:
    group = {**conditional(ONLY_OTHER), "title": "Groupe"}
    read = usable(form(personnes={"type": "array", "title": "Personnes", "items": group}))

    kept = asked_only({"personnes": [{"lien": "parent", "precision": "x"}, {"lien": "autre", "precision": "y"}]}, read)

    assert kept == {"personnes": [{"lien": "parent"}, {"lien": "autre", "precision": "y"}]}
    [error] = errors_in({"personnes": [{"lien": "autre"}]}, read, complete=True)
    assert error["field"] == "answers.personnes.0.precision"


CONDITION = {"properties": {"lien": {"const": "autre"}}}


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"then": {"required": ["lien"]}}, "allOf.0"),
        ({"if": CONDITION}, "allOf.0"),
        ({"if": CONDITION, "then": {}, "not": {}}, "allOf.0"),
        ({"if": {"properties": {}}, "then": {}}, "allOf.0.if.properties"),
        ({"if": {"not": CONDITION}, "then": {}}, "allOf.0.if"),
        ({"if": True, "then": {}}, "allOf.0.if"),
        ({"if": {"properties": {"lien": {"pattern": "a"}}}, "then": {}}, "allOf.0.if.properties.lien"),
        ({"if": {"properties": {"lien": {"const": "maire"}}}, "then": {}}, "allOf.0.if.properties.lien"),
        ({"if": {"properties": {"lien": {"enum": [{"$ne": 1}]}}}, "then": {}}, "allOf.0.if.properties.lien"),
        ({"if": {"properties": {"age": {"const": "3"}}}, "then": {}}, "allOf.0.if.properties.age"),
        ({"if": {"properties": {"oui": {"const": 1}}}, "then": {}}, "allOf.0.if.properties.oui"),
        ({"if": {"properties": {"jours": {"const": "lundi"}}}, "then": {}}, "allOf.0.if.properties.jours"),
        ({"if": {"properties": {"jours": {"contains": {"pattern": "x"}}}}, "then": {}}, "allOf.0.if.properties.jours"),
        ({"if": {"properties": {"autre": {"const": 1}}}, "then": {}}, "allOf.0.if.properties"),
        ({"if": CONDITION, "then": {"required": ["autre"]}}, "allOf.0.then.required"),
        ({"if": CONDITION, "then": {"required": [["lien"]]}}, "allOf.0.then.required"),
        ({"if": CONDITION, "then": {"allOf": []}}, "allOf.0.then"),
        ({"if": CONDITION, "then": {"properties": {"age": {"pattern": "a"}}}}, "allOf.0.then.properties.age"),
        ({"if": CONDITION, "then": {"properties": {"age": True}}}, "allOf.0.then.properties.age"),
        ({"if": CONDITION, "then": {"properties": {"age": {}}}}, "allOf.0.then.properties.age"),
        (
            {"if": CONDITION, "then": {"required": ["age"], "properties": {"age": False}}},
            "allOf.0.then.properties.age",
        ),
    ],
)
def test_conditions_that_no_page_could_follow_or_that_never_hold_are_named(rule: Any, path: str) -> None:
    assert path in problems(conditional(rule))


@pytest.mark.parametrize(
    "more",
    [
        {"then": {"required": ["lien"]}},
        {"allOf": "many"},
        {"allOf": []},
        {"allOf": [ONLY_OTHER] * 21},
        {"dependentRequired": ["lien"]},
        {"dependentRequired": {"autre": ["lien"]}},
        {"dependentRequired": {"lien": "age"}},
        {"anyOf": [{}]},
        {"not": {}},
        {"$dynamicRef": "#x"},
        {"unevaluatedProperties": False},
    ],
)
def test_nothing_else_of_json_schema_gets_in_by_the_way_of_conditions(more: dict[str, Any]) -> None:
    assert problems(conditional(**more))


def test_a_field_always_mandatory_is_never_left_out() -> None:
    rule = {"if": CONDITION, "then": {"properties": {"lien": False}}}

    assert "allOf.0.then.properties.lien" in problems(conditional(rule, required=["lien"]))


def test_a_field_may_be_called_as_a_keyword() -> None:
    read = usable({**form(**{"if": text(), "then": text(), "type": text()}), "required": ["if"]})

    assert list(messages(errors_in({}, read, complete=True))) == ["answers.if"]


def test_definitions_may_hold_conditions_and_still_not_run_in_circles() -> None:
    raw = {**form(a={"$ref": "#/$defs/g"}), "$defs": {"g": {**conditional(ONLY_OTHER), "title": "Groupe"}}}
    circle = {**form(a=text()), "allOf": [{"$ref": "#/$defs/r"}], "$defs": {"r": {"if": {"$ref": "#/$defs/r"}}}}

    assert problems(raw) == {}
    assert "circle" in problems(circle)[""]


def test_conditions_in_long_lists_are_refused_unless_the_list_is_bounded() -> None:
    rules = [ONLY_OTHER] * 10
    group = {**conditional(*rules), "title": "Groupe"}
    many = {"type": "array", "title": "Personnes", "items": group}

    assert "too long together" in problems(form(personnes=many))[""]
    assert problems(form(personnes={**many, "maxItems": 20})) == {}


def test_patterns_in_long_lists_are_refused_unless_the_list_is_bounded() -> None:
    slow = text(pattern="^[a-z]{0,90}[a-z]{0,90}$", maxLength=180)
    many = {"type": "array", "title": "Mots", "items": slow}

    assert "too long together" in problems(form(mots=many))[""]
    assert problems(form(mots={**many, "maxItems": 20})) == {}


def test_answers_without_end_are_refused_before_any_condition_looks_at_them() -> None:
    read = usable(form(jours={"type": "array", "title": "Jours", "items": {**form(a=text()), "title": "Jour"}}))

    [error] = errors_in({"jours": [{"a": "x"}] * 2_000}, read, complete=False)

    assert error["message"] == "The answers are too long or too deep."


def test_what_is_asked_anew_brings_what_it_asks_for_with_it() -> None:
    category = replace(CATEGORY, form=usable(conditional(ONLY_OTHER)))
    asking = Asking(at=NOW, message="Quel lien ?", fields=("lien",))
    request = replace(DRAFT, category=category, answers={"lien": "parent", "age": 4}, asking=asking)

    other = revised(request, {"lien": "autre", "precision": "marraine", "age": 4})
    back = revised(other, {**other.answers, "lien": "parent"})

    assert (other.answers["precision"], back.answers) == ("marraine", {"lien": "parent", "age": 4})
    with pytest.raises(NotAsked):
        revised(request, {"lien": "parent", "age": 5})
