"""Which documents need not be sent again, until when, and for whom."""

from dataclasses import replace
from datetime import date

import pytest

from services.requests.domain.categories import Category, Slot, categories_of
from services.requests.domain.checklists import (
    Verified,
    check_validity,
    held_slots,
    usual_end,
    wanted_by,
)
from services.requests.domain.file_refusals import ValidityPast
from services.requests.domain.refusals import CategoriesRefused
from tests.requests.samples import CATEGORY, CHILD, DRAFT, HOUSEHOLD, NOW, PARIS, TOWN, entry, messages

TODAY = date(2026, 11, 20)
INSURANCE = Slot(id="assurance", name="Assurance", mandatory=True, document_kind="assurance")
VACCINES = Slot(id="vaccins", name="Vaccins", mandatory=True, document_kind="vaccins", document_of="child")
WANTING: Category = replace(CATEGORY, slots=(INSURANCE, VACCINES))
SEEN = Verified(
    id="vdc_1",
    household_id=HOUSEHOLD,
    municipality_id=TOWN,
    child_id=None,
    kind="assurance",
    valid_until=date(2027, 8, 31),
    verified_at=NOW,
    verified_by="acc_agent",
)
OF_CHILD = replace(SEEN, id="vdc_2", kind="vaccins", child_id=CHILD)


def held(*documents: Verified, child_id: str | None = CHILD, day: date = TODAY) -> dict[str, str]:
    found = held_slots(WANTING, child_id, documents, day)
    return {slot: one.document_id for slot, one in found.items()}


def test_what_the_town_has_seen_is_not_asked_for_again() -> None:
    assert held(SEEN, OF_CHILD) == {"assurance": "vdc_1", "vaccins": "vdc_2"}


def test_a_document_holds_on_its_last_day_and_no_longer() -> None:
    assert held(SEEN, day=date(2027, 8, 31)) == {"assurance": "vdc_1"}
    assert held(SEEN, day=date(2027, 9, 1)) == {}


@pytest.mark.parametrize(
    "document",
    [
        replace(SEEN, withdrawn_at=NOW),
        replace(SEEN, municipality_id="le-val-dore"),
        replace(SEEN, kind="autre"),
        replace(SEEN, child_id=CHILD),
        replace(OF_CHILD, child_id="chd_tom"),
        replace(OF_CHILD, child_id=None),
    ],
    ids=["withdrawn", "other town", "other kind", "of a child", "of another child", "of nobody"],
)
def test_a_document_that_does_not_fit_is_asked_for(document: Verified) -> None:
    assert held(document) == {}


def test_a_document_of_a_child_says_nothing_where_no_child_is_named() -> None:
    assert held(OF_CHILD, child_id=None) == {}


def test_of_several_the_one_that_holds_longest_counts() -> None:
    assert held(replace(SEEN, id="vdc_0", valid_until=TODAY), SEEN) == {"assurance": "vdc_1"}


def test_a_draft_whose_mandatory_documents_are_held_is_complete() -> None:
    draft = replace(DRAFT, category=WANTING)
    complete = replace(draft, held=held_slots(WANTING, CHILD, [SEEN, OF_CHILD], TODAY))

    filed, _ = complete.filed("acc_parent", NOW, PARIS)

    assert [error["field"] for error in draft.missing()] == ["assurance", "vaccins"]
    assert (complete.missing(), filed.held["assurance"].valid_until) == ([], date(2027, 8, 31))


@pytest.mark.parametrize(
    ("today", "months", "end"),
    [
        (date(2026, 11, 20), None, date(2027, 11, 20)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 15), 120, date(2036, 12, 15)),
    ],
)
def test_a_document_holds_for_so_many_months_to_the_day(today: date, months: int | None, end: date) -> None:
    assert usual_end(today, months) == end


@pytest.mark.parametrize("valid_until", [TODAY, date(2036, 11, 20)])
def test_a_document_may_hold_from_today_to_ten_years(valid_until: date) -> None:
    check_validity(valid_until, TODAY)


@pytest.mark.parametrize("valid_until", [date(2026, 11, 19), date(2036, 11, 21), date(9999, 12, 31)])
def test_a_document_that_is_past_or_holds_for_ever_is_refused(valid_until: date) -> None:
    with pytest.raises(ValidityPast):
        check_validity(valid_until, TODAY)


def test_ten_years_from_a_leap_day_are_counted() -> None:
    check_validity(date(2038, 2, 28), date(2028, 2, 29))


def test_withdrawing_twice_changes_nothing_more() -> None:
    once = SEEN.withdrawn(NOW)

    assert once.withdrawn(NOW) is once
    assert (once.version, once.withdrawn_at) == (2, NOW)


def test_a_town_wants_each_kind_once_and_only_of_what_it_offers() -> None:
    other = replace(WANTING, id=f"{TOWN}.autre", slots=(replace(INSURANCE, id="a", name="Autre nom"),))
    gone = replace(WANTING, offered=False, slots=(replace(INSURANCE, document_kind="ancien"),))

    assert [(one.kind, one.name) for one in wanted_by([WANTING, other, gone])] == [
        ("assurance", "Assurance"),
        ("vaccins", "Vaccins"),
    ]


def test_a_town_says_it_in_its_file() -> None:
    slot = {"slot": "assurance", "name": "Assurance", "mandatory": True, "document_kind": "assurance"}
    (category,) = categories_of(TOWN, [entry(attachments=[{**slot, "valid_months": 10}], keep_days=90)])

    assert category.keep_days == 90
    assert category.slots[0] == replace(INSURANCE, valid_months=10)


def test_a_document_of_a_child_needs_a_request_about_one() -> None:
    slot = {"slot": "vaccins", "name": "Vaccins", "mandatory": True, "document_kind": "vaccins", "document_of": "child"}

    with pytest.raises(CategoriesRefused) as refused:
        categories_of(TOWN, [entry(attachments=[slot], about_child=False)])

    assert list(messages(refused.value.errors)) == ["categories.0.attachments.0.document_of"]
