"""What is shown again after a refusal, and where."""

from typing import Any

from multidict import MultiDict, MultiDictProxy

from services.portal.forms import FILL_IN, Form, shown_again


def typed(*pairs: tuple[str, str]) -> MultiDictProxy[str]:
    return MultiDictProxy(MultiDict(pairs))


def problem(**members: Any) -> dict[str, Any]:
    return {"type": "/problems/invalid-input", "title": "Saisie incorrecte", "detail": "…", "status": 422, **members}


def error(field: str) -> dict[str, str]:
    return {"in": "body", "field": field, "message": f"{field} est à corriger"}


def test_what_was_typed_wins_over_what_the_form_started_with() -> None:
    form = Form(typed(("family_name", "Martin")))

    assert form.value("family_name", "Lefèvre") == "Martin"
    assert form.value("phone", "06") == "06"


def test_an_error_goes_to_its_field_and_the_problem_says_no_more() -> None:
    sent = typed(("guardians.0.first_name", "x"))
    form, above = shown_again(sent, problem(errors=[error("guardians.0.first_name")]))

    assert form.errors == {"guardians.0.first_name": "guardians.0.first_name est à corriger"}
    assert (above["title"], above["detail"], above["errors"]) == ("", "", [])


def test_a_field_left_empty_is_simply_to_be_filled_in() -> None:
    form, _ = shown_again(typed(("family_name", "  ")), problem(errors=[error("family_name")]))

    assert form.errors == {"family_name": FILL_IN}


def test_an_error_of_a_list_is_told_by_that_of_its_item() -> None:
    """A list one item of which is wrong counts as too short as well."""
    sent = typed(("guardians.0.first_name", "x"))
    _, above = shown_again(sent, problem(errors=[error("guardians"), error("guardians.0.first_name")]))

    assert above["errors"] == []


def test_an_error_of_no_field_stays_above_the_form() -> None:
    form, above = shown_again(typed(("title", "x")), problem(errors=[error("municipality_id")]))

    assert form.errors == {}
    assert above["title"] == "Saisie incorrecte"
    assert [one["field"] for one in above["errors"]] == ["municipality_id"]


def test_a_refusal_about_one_field_is_said_there_with_its_remedy() -> None:
    weak = problem(type="/problems/password-too-short", detail="Trop court.", next="Prenez quatre mots.")

    form, above = shown_again(typed(("password", "x")), weak)

    assert form.errors == {"password": "Trop court. Prenez quatre mots."}
    assert above["title"] == ""


def test_the_person_goes_on_at_the_first_wrong_field() -> None:
    sent = typed(("a", "1"), ("b", "2"), ("c", "3"))
    form = Form(sent, {"c": "…", "b": "…"})

    assert [form.is_first_wrong(name) for name in "abc"] == [False, True, False]


def test_ticks_stay_ticked() -> None:
    form = Form(typed(("day", "x|1"), ("day", "x|4")))

    assert form.ticked("day", "x|4")
    assert not form.ticked("day", "x|5")
