"""Wrong fields, in words for people, in their language."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, Field, ValidationError

from shared.errors import N_, BadInput
from shared.fields import WORDS, field_error
from shared.i18n import Catalogues
from shared.problems import describe
from shared.web import Body, Int


def even(value: int) -> int:
    if value % 2:
        raise ValueError(N_("A whole number is expected."))
    return value


class Form(Body):
    name: str = Field("x", min_length=2, max_length=5, pattern="^[a-z]*$")
    size: int = Field(1, ge=0, le=9)
    ratio: float = Field(1.5, gt=1, lt=2)
    count: Int = 1
    ok: bool = True
    day: date = date(2026, 11, 20)
    at: AwareDatetime | None = None
    kind: Literal["a", "b"] = "a"
    many: list[int] = Field([1], min_length=1, max_length=2)
    pair: Annotated[int, AfterValidator(even)] = 2
    inner: "Form | None" = None


class Needed(Body):
    name: str


def told(model: type[Body], values: dict[str, Any], language: str = "fr") -> list[dict[str, Any]]:
    with pytest.raises(ValidationError) as error:
        model.model_validate(values)
    found = error.value.errors(include_url=False, include_input=False)
    problem = describe(BadInput([field_error("body", one) for one in found]), Catalogues(), language)
    errors: list[dict[str, Any]] = problem["errors"]
    return errors


@pytest.mark.parametrize(
    ("values", "french"),
    [
        ({"name": 1}, "Un texte est attendu."),
        ({"name": "a"}, "Il faut au moins 2 caractère(s)."),
        ({"name": "abcdef"}, "Il faut au plus 5 caractères."),
        ({"name": "ABC"}, "Ce n’est pas écrit sous la forme attendue."),
        ({"size": "x"}, "Un nombre entier est attendu."),
        ({"size": -1}, "Le plus petit nombre possible est 0."),
        ({"size": 10}, "Le plus grand nombre possible est 9."),
        ({"ratio": 1}, "Un nombre supérieur à 1 est attendu."),
        ({"ratio": "x"}, "Un nombre est attendu."),
        ({"count": "1"}, "Un nombre entier est attendu."),
        ({"ok": "perhaps"}, "La valeur attendue est vrai ou faux."),
        ({"day": "20/11/2026"}, "Une date est attendue, par exemple 2026-11-20."),
        ({"many": 1}, "Une liste est attendue."),
        ({"many": []}, "Il en faut au moins 1."),
        ({"many": [1, 2, 3]}, "Il en faut au plus 2."),
        ({"pair": 3}, "Un nombre entier est attendu."),
        ({"colour": 1}, "Ce champ n’est pas connu ici."),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_field_is_said_in_french(values: dict[str, Any], french: str) -> None:
    (error,) = told(Form, values)

    assert error == {"in": "body", "field": next(iter(values)), "message": french}


def test_a_missing_field_is_said_to_be_needed() -> None:
    assert told(Needed, {}) == [{"in": "body", "field": "name", "message": "Ce champ est obligatoire."}]


def test_the_choices_are_named() -> None:
    (error,) = told(Form, {"kind": "c"})

    assert error["message"].endswith("'a' or 'b'.")


def test_english_is_spoken_to_who_asks_for_it() -> None:
    (error,) = told(Needed, {}, "en")

    assert error["message"] == "This field is needed."


def test_an_instant_without_a_zone_is_refused_with_an_example() -> None:
    (error,) = told(Form, {"at": "2026-11-20T09:00:00"})

    assert "2026-11-20T09:00:00Z" in error["message"]


def test_a_field_within_a_field_is_named_by_its_path() -> None:
    assert [error["field"] for error in told(Form, {"inner": {"many": ["x"]}})] == ["inner.many.0"]


def test_what_nobody_thought_of_is_still_said_in_french() -> None:
    error = {"type": "unheard_of", "loc": ("x",), "msg": "Input should be a unicorn"}
    problem = describe(BadInput([field_error("body", error)]), Catalogues(), "fr")

    assert problem["errors"][0]["message"] == "Cette valeur n’est pas celle attendue."


def test_a_percent_sign_in_a_validator_s_reason_is_only_a_sign() -> None:
    error = {"type": "value_error", "loc": ("x",), "msg": "", "ctx": {"error": ValueError("100 %(x)s %")}}
    problem = describe(BadInput([field_error("body", error)]), Catalogues(), "fr")

    assert problem["errors"][0]["message"] == "100 %(x)s %"


@pytest.mark.parametrize("sentence", sorted(set(WORDS.values())))
def test_every_sentence_has_its_french(sentence: str) -> None:
    assert Catalogues().translate("fr", sentence) != sentence
