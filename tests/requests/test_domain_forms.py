"""Which forms a town may write, and what it is told about the others."""

from typing import Any

import pytest

from services.requests.domain.fields import MOST_FIELDS
from services.requests.domain.forms import read_form
from tests.requests.samples import FORM, form, text


def problems(raw: Any) -> dict[str, str]:
    """Message by path."""
    return {path: message for path, message, _ in read_form(raw)[1]}


def test_the_form_of_a_real_category_is_usable() -> None:
    assert read_form(FORM) == (FORM, [])


def test_objects_are_closed_so_that_nothing_unknown_is_kept() -> None:
    adresse = {"type": "object", "title": "Adresse", "properties": {"rue": text()}}

    usable, _ = read_form(form(adresse=adresse, enfants={"type": "array", "title": "Enfants", "items": adresse}))

    assert usable["additionalProperties"] is False
    assert usable["properties"]["adresse"]["additionalProperties"] is False
    assert usable["properties"]["enfants"]["items"]["additionalProperties"] is False


def test_definitions_are_put_where_they_are_used() -> None:
    raw = {**form(pere={"$ref": "#/$defs/tel", "title": "Père"}), "$defs": {"tel": text(format="tel")}}

    usable, found = read_form(raw)

    assert found == []
    assert usable["properties"]["pere"] == {"type": "string", "title": "Père", "format": "tel"}
    assert "$defs" not in usable


@pytest.mark.parametrize(
    "reference",
    ["https://example.org/form.json", "#/properties/nom", "#", "#/$defs/nothing", "file:///etc/passwd", 3],
)
def test_references_elsewhere_are_not_followed(reference: Any) -> None:
    assert "cannot be followed" in problems(form(nom={"$ref": reference}))[""]


def test_definitions_in_a_circle_are_refused() -> None:
    raw = {**form(a={"$ref": "#/$defs/a"}), "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}

    assert "circle" in problems(raw)[""]


def test_definitions_that_grow_without_end_are_refused() -> None:
    doubling = {f"d{n}": form(a={"$ref": f"#/$defs/d{n + 1}"}, b={"$ref": f"#/$defs/d{n + 1}"}) for n in range(30)}

    assert problems({**form(a={"$ref": "#/$defs/d0"}), "$defs": {**doubling, "d30": text()}})


@pytest.mark.parametrize("raw", [None, [], "object", 3, {"type": "array"}, {}, {"type": ["object"]}])
def test_a_form_is_an_object(raw: Any) -> None:
    assert problems(raw)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ({"type": "string"}, "properties.champ.title"),
        ({"type": "string", "title": "  "}, "properties.champ.title"),
        ({"title": "Sans type"}, "properties.champ"),
        ({"type": "null", "title": "Rien"}, "properties.champ"),
        ({"type": ["string", "null"], "title": "Deux types"}, "properties.champ"),
        (True, "properties.champ"),
        (text(minimum=3), "properties.champ.minimum"),
        (text(contentMediaType="text/html"), "properties.champ.contentMediaType"),
        (text(anyOf=[{"minLength": 2}]), "properties.champ.anyOf"),
        (text(format="uri"), "properties.champ.format"),
        (text(format=["date"]), "properties.champ.format"),
        (text(enum=[]), "properties.champ.enum"),
        (text(enum=[{"$ne": ""}]), "properties.champ.enum"),
        (text(default={"$ne": ""}), "properties.champ.default"),
        (text(examples=[["a"]]), "properties.champ.default"),
        (text(oneOf=[{"const": "a"}]), "properties.champ.oneOf"),
        (text(oneOf=[{"const": "a", "title": "A", "not": {}}]), "properties.champ.oneOf"),
        (text(pattern="^a$"), "properties.champ.pattern"),
        (text(pattern="^a$", maxLength=5000), "properties.champ.pattern"),
        (text(pattern="^a$", maxLength=True), "properties.champ.pattern"),
        (text(pattern="^(a+)+$", maxLength=50), "properties.champ.pattern"),
        (text(pattern="(?=a)", maxLength=50), "properties.champ.pattern"),
        (text(pattern=["a"], maxLength=50), "properties.champ.pattern"),
        (text(maxLength="long"), "properties.champ.maxLength"),
        ({"type": "integer", "title": "Âge", "minimum": "3"}, "properties.champ.minimum"),
        ({"type": "array", "title": "Liste"}, "properties.champ.items"),
        ({"type": "object", "title": "Rien", "properties": {}}, "properties.champ.properties"),
        ({**form(a=text()), "title": "Ouvert", "additionalProperties": True}, "properties.champ.additionalProperties"),
        ({**form(a=text()), "title": "Objet", "required": ["b"]}, "properties.champ.required"),
        ({**form(a=text()), "title": "Objet", "required": "a"}, "properties.champ.required"),
        ({"type": "object", "title": "Motifs", "patternProperties": {}}, "properties.champ.patternProperties"),
    ],
)
def test_what_a_page_could_not_show_or_check_is_named(field: Any, path: str) -> None:
    assert path in problems(form(champ=field))


@pytest.mark.parametrize("name", ["$where", "a.b", "Nom", "", "1er", "a" * 61, "__proto__", "nom\0"])
def test_field_names_are_plain(name: str) -> None:
    assert problems(form(**{name: text()}))


def test_forms_have_a_bounded_number_of_fields() -> None:
    assert problems(form(**{f"champ_{n}": text() for n in range(MOST_FIELDS)})) == {}
    assert problems(form(**{f"champ_{n}": text() for n in range(MOST_FIELDS + 1)})) != {}


def nested(levels: int) -> dict[str, Any]:
    field = text()
    for _ in range(levels):
        field = {**form(a=field), "title": "Groupe"}
    return field


def test_forms_have_a_bounded_depth() -> None:
    assert problems(nested(4)) == {}
    assert "too deep" in problems(nested(6))["properties.a.properties.a.properties.a.properties.a.properties.a"]
    assert "too deep" in problems(nested(200))[""]


def test_forms_have_a_bounded_size() -> None:
    long = {f"champ_{n}": text(description="x" * 3_000) for n in range(20)}

    assert "too large" in problems(form(**long))[""]


def test_numbers_that_are_none_are_refused() -> None:
    assert problems(form(age={"type": "integer", "title": "Âge", "maximum": float("inf")}))
