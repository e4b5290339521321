"""What an import of a town's categories makes of them."""

from dataclasses import replace
from typing import Any

import pytest

from services.requests.domain.categories import Revision, categories_of, revise
from services.requests.domain.refusals import CategoriesRefused
from shared.errors import NotFound
from tests.requests.samples import CATEGORY, TOWN, entry, form, text


def test_a_category_of_the_file_gets_the_town_in_its_id() -> None:
    [category] = categories_of(TOWN, [entry()])

    assert category == CATEGORY


def test_the_first_import_creates_everything() -> None:
    categories, revision = revise([], [CATEGORY])

    assert categories == (CATEGORY,)
    assert revision == Revision(created=1, updated=0, unchanged=0, withdrawn=0)


def test_importing_the_same_file_again_changes_nothing() -> None:
    categories, revision = revise([CATEGORY], [CATEGORY])

    assert categories == (CATEGORY,)
    assert revision == Revision(created=0, updated=0, unchanged=1, withdrawn=0)


def test_a_changed_category_gets_its_next_version() -> None:
    [category], revision = revise([replace(CATEGORY, version=4)], [replace(CATEGORY, name="Autre nom")])

    assert (category.version, category.name) == (5, "Autre nom")
    assert revision == Revision(created=0, updated=1, unchanged=0, withdrawn=0)


def test_a_category_left_out_is_withdrawn_once() -> None:
    categories, first = revise([CATEGORY], [])
    again, second = revise(categories, [])

    assert categories == again == (replace(CATEGORY, offered=False),)
    assert (first.withdrawn, second.withdrawn) == (1, 0)


def test_a_category_offered_again_as_it_was_keeps_its_version() -> None:
    [category], revision = revise([replace(CATEGORY, version=3, offered=False)], [CATEGORY])

    assert category == replace(CATEGORY, version=3)
    assert revision.updated == 1


def test_the_order_is_that_of_the_file() -> None:
    other = replace(CATEGORY, id=f"{TOWN}.autre")

    categories, _ = revise([CATEGORY, other], [other, CATEGORY])

    assert categories == (other, CATEGORY)


def test_every_error_of_the_file_is_named_at_once() -> None:
    bad = entry(id="b", form=form(champ={"type": "string"}, autre=text(pattern="(a+)+", maxLength=9)))

    with pytest.raises(CategoriesRefused) as refused:
        categories_of(TOWN, [entry(), bad])

    assert [error["field"] for error in refused.value.errors] == [
        "categories.1.form.properties.champ.title",
        "categories.1.form.properties.autre.pattern",
    ]


def test_a_code_there_twice_is_refused() -> None:
    with pytest.raises(CategoriesRefused) as refused:
        categories_of(TOWN, [entry(), entry()])

    assert refused.value.errors[0]["facts"] == {"name": "personne-autorisee"}


def test_a_slot_there_twice_is_refused() -> None:
    slot = {"slot": "photo", "name": "Photo", "mandatory": True}

    with pytest.raises(CategoriesRefused) as refused:
        categories_of(TOWN, [entry(attachments=[slot, slot])])

    assert refused.value.errors[0]["field"] == "categories.0.attachments"


def test_a_slot_the_category_has_not_is_not_found() -> None:
    assert CATEGORY.slot("courrier").name == "Courrier"
    with pytest.raises(NotFound):
        CATEGORY.slot("../../etc/passwd")


@pytest.mark.parametrize(
    "raw", [{"type": "object", "properties": {"a": []}}, {"type": "object", "properties": []}, {"properties": 3}, {}]
)
def test_a_form_of_any_shape_is_refused_whatever_is_said_of_showing_it(raw: Any) -> None:
    shown = {"ui": {"fields": {"a": {"prefill": "today"}}}, "translations": {"en": {"fields": {"a": {"title": "A"}}}}}

    with pytest.raises(CategoriesRefused):
        categories_of(TOWN, [entry(form=raw, **shown)])
