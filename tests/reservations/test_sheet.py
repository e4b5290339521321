"""The month sheet: what one write changes and tells."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reservations.domain.refusals import MonthIsClosed
from services.reservations.domain.sheet import Change, Entry, Sheet, SheetKey, in_order, month_of, shown_month
from services.reservations.store.sheet_documents import new_sheet, scope_of
from services.reservations.store.sheet_documents import sheet_of as stored
from shared.contracts.reservations import BookingCancelled, BookingConfirmed, SheetClosed
from tests.reservations.sample_town import TOWN, town

REPAS, PAI = f"{TOWN}.repas", f"{TOWN}.pai"
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
KEY = SheetKey(
    household_id="hsh_1",
    municipality_id=TOWN,
    child_id="chd_1",
    programme_id=f"{TOWN}.restaurant",
    month="2026-03",
)
RESTAURANT = town().programme(f"{TOWN}.restaurant")
LOISIRS = town().programme(f"{TOWN}.loisirs")


def sheet(**days: str) -> Sheet:
    """`repas_09="booked"` and so on."""
    entries = {
        (f"{TOWN}.{name[:-3]}", date(2026, 3, int(name[-2:]))): Entry(state=state)  # type: ignore[arg-type]  # a literal
        for name, state in days.items()
    }
    return Sheet(key=KEY, days=entries)


def after(before: Sheet, change: Change) -> dict[str, str]:
    days = {slot: entry for slot, entry in {**before.days, **change.cells}.items() if entry}
    return {f"{activity.split('.')[1]}_{day:%d}": entry.state for (activity, day), entry in days.items()}


def test_a_sheet_is_named_after_its_child_programme_and_month() -> None:
    assert KEY.id == "sht_chd_1_sainte-aurore.restaurant_2026-03"
    assert (month_of(MONDAY), shown_month("2026-03")) == ("2026-03", "03/2026")


def test_booking_days_tells_them_once_in_the_order_of_the_calendar() -> None:
    change = sheet().book([(REPAS, TUESDAY), (REPAS, MONDAY)], RESTAURANT)

    (told,) = change.events
    assert isinstance(told, BookingConfirmed)
    assert [day.date for day in told.days] == [MONDAY, TUESDAY]
    assert (told.regulation_version, told.billing_mode, told.order_id) == (3, "postpaid", None)


def test_booking_nothing_tells_nothing() -> None:
    assert sheet().book([], RESTAURANT) == Change()
    assert sheet().cancel([], RESTAURANT) == Change()


def test_holding_days_tells_nothing_of_the_sheet() -> None:
    change = sheet().hold([(REPAS, MONDAY)], LOISIRS, order_id="ord_1")

    assert after(sheet(), change) == {"repas_09": "held"}
    assert change.events == ()


def test_confirming_an_order_books_what_it_held_and_nothing_else() -> None:
    held = Entry(state="held", order_id="ord_1")
    before = Sheet(key=KEY, days={(REPAS, MONDAY): held, (REPAS, TUESDAY): Entry(state="held", order_id="ord_2")})

    change = before.confirm("ord_1", LOISIRS)

    assert after(before, change) == {"repas_09": "booked", "repas_10": "held"}
    (told,) = change.events
    assert isinstance(told, BookingConfirmed)
    assert told.order_id == "ord_1"
    assert before.confirm("ord_3", LOISIRS) == Change()


def test_releasing_an_order_clears_what_it_held() -> None:
    before = Sheet(key=KEY, days={(REPAS, MONDAY): Entry(state="held", order_id="ord_1")})

    assert before.release("ord_1").cells == {(REPAS, MONDAY): None}
    assert before.release("ord_2").cells == {}


def test_cancelling_keeps_the_day_and_how_it_was_cancelled() -> None:
    before = sheet(repas_09="booked", repas_10="booked")

    change = before.cancel([(REPAS, MONDAY)], RESTAURANT)

    assert after(before, change) == {"repas_09": "cancelled", "repas_10": "booked"}
    (told,) = change.events
    assert isinstance(told, BookingCancelled)
    assert (told.kind, len(told.days)) == ("in_time", 1)


def test_booking_and_cancelling_in_one_write_tell_one_fact_each() -> None:
    before = sheet(repas_09="booked")

    change = before.book([(PAI, MONDAY)], RESTAURANT).and_also(before.cancel([(REPAS, MONDAY)], RESTAURANT))

    assert after(before, change) == {"repas_09": "cancelled", "pai_09": "booked"}
    assert [type(event) for event in change.events] == [BookingConfirmed, BookingCancelled]


def test_closing_tells_every_day_whole_and_leaves_out_what_was_never_paid() -> None:
    before = sheet(repas_10="present", repas_09="cancelled", pai_12="held")

    change = before.close("cls_1", RESTAURANT)

    (told,) = change.events
    assert isinstance(told, SheetClosed)
    assert [(day.date.day, day.state) for day in told.days] == [(9, "cancelled"), (10, "present")]
    assert change.closes


def test_closing_an_empty_sheet_tells_nothing() -> None:
    change = sheet().close("cls_1", RESTAURANT)

    assert (change.events, change.closes) == ((), True)


def test_a_closed_sheet_refuses() -> None:
    with pytest.raises(MonthIsClosed) as refused:
        Sheet(key=KEY, closed=True).refuse_when_closed()
    assert refused.value.facts["month"] == "03/2026"


def test_a_child_is_expected_where_it_is_booked_held_or_was_seen() -> None:
    before = sheet(repas_09="booked", pai_09="cancelled", journee_09="held", stage_09="absent_justified")

    assert before.expected_on(MONDAY) == {REPAS, f"{TOWN}.journee"}
    assert before.expected_on(TUESDAY) == frozenset()


def test_places_are_taken_by_date_then_activity() -> None:
    assert in_order([("b", TUESDAY), ("b", MONDAY), ("a", TUESDAY)]) == (
        ("b", MONDAY),
        ("a", TUESDAY),
        ("b", TUESDAY),
    )


def test_a_stored_day_is_the_same_however_it_is_made() -> None:
    kept: dict[str, Any] = {
        "state": "present",
        "by": "agent",
        "rule_version": 3,
        "pools": ("cantine",),
        "excused": "due",
    }

    assert Entry.of(kept) == Entry(**kept)
    assert Entry.of({"state": "booked"}) == Entry(state="booked")
    assert hash(Entry.of(kept)) == hash(Entry(**kept))
    assert replace(Entry.of(kept), state="booked").rule_version == 3


def test_traces_are_found_by_their_key_and_by_no_other() -> None:
    traces = [
        {"k": "a", "f": "1", "lines": ["2026-03-09|repas|confirmed"], "order_id": None},
        {"k": "b", "f": "2", "lines": [], "order_id": "ord_1"},
        {"k": "a", "f": "1", "lines": ["2026-03-10|repas|held"], "order_id": None},
    ]
    sheet = stored({**new_sheet(KEY), **scope_of(KEY), "_id": "sht", "revision": 1, "idem": traces})

    assert [done.lines[0][1] for done in sheet.done_with("a")] == ["confirmed", "held"]
    assert [done.order_id for done in sheet.done_with("b")] == ["ord_1"]
    assert sheet.done_with("c") == ()
    assert (list(sheet.done), len(sheet.done)) == (["a", "b"], 2)
