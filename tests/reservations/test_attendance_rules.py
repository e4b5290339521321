"""What a mark makes of a day, and when a month can be closed: without a database."""

from datetime import UTC, date, datetime

import pytest

from services.reservations.domain.attendance import Seen, counted, mark, marked, refuse_days_to_come
from services.reservations.domain.closing import may_be_closing, refuse_running_month
from services.reservations.domain.refusals import (
    MonthIsClosed,
    MonthNotOver,
    NotYetThere,
    PaymentAwaited,
    WasNotExpected,
)
from services.reservations.domain.sheet import Entry, Sheet, SheetState
from shared.contracts.reservations import AttendanceMarked
from tests.reservations.marking import NOON, occasion, seen
from tests.reservations.sample_town import TOWN, calendar, paris, town
from tests.reservations.test_sheet import KEY

REPAS = town().activity(f"{TOWN}.repas")
MONDAY = date(2026, 3, 9)


def entry_after(state: SheetState | None, outcome: Seen, *, unbooked: bool = False) -> Entry:
    before = Entry(state=state, unbooked=unbooked) if state else None
    return marked(before, occasion(), outcome)


@pytest.mark.parametrize("outcome", ["present", "absent_justified", "absent_unjustified"])
@pytest.mark.parametrize("state", ["booked", "present", "absent_justified", "absent_unjustified"])
def test_a_booked_day_becomes_what_was_seen_however_it_was_marked_before(state: SheetState, outcome: Seen) -> None:
    assert entry_after(state, outcome).state == outcome


@pytest.mark.parametrize("state", [None, "cancelled"])
def test_a_child_without_booking_that_came_is_present_unbooked(state: SheetState | None) -> None:
    after = entry_after(state, "present")

    assert (after.state, after.unbooked) == ("present_unbooked", True)


@pytest.mark.parametrize("state", [None, "cancelled"])
@pytest.mark.parametrize("outcome", ["absent_justified", "absent_unjustified"])
def test_a_child_without_booking_is_not_absent(state: SheetState | None, outcome: Seen) -> None:
    with pytest.raises(WasNotExpected):
        entry_after(state, outcome)


def test_a_slip_of_the_pen_is_put_right_without_a_bill() -> None:
    assert entry_after("present_unbooked", "absent_justified", unbooked=True).state == "absent_justified"
    with pytest.raises(WasNotExpected):
        entry_after("present_unbooked", "absent_unjustified", unbooked=True)


def test_a_child_without_booking_stays_so_when_it_is_marked_again() -> None:
    assert entry_after("present_unbooked", "present", unbooked=True).state == "present_unbooked"
    assert entry_after("absent_justified", "present", unbooked=True).state == "present_unbooked"


def test_a_day_that_waits_for_its_payment_is_not_marked() -> None:
    with pytest.raises(PaymentAwaited):
        entry_after("held", "present")


def test_a_mark_is_one_change_and_one_fact() -> None:
    sheet = Sheet(key=KEY, days={(REPAS.id, MONDAY): Entry(state="booked")})

    change = mark(sheet, occasion(), seen("absent_unjustified"))

    assert change is not None
    (told,) = change.events
    assert isinstance(told, AttendanceMarked)
    assert [(one.date, one.outcome) for one in told.marks] == [(MONDAY, "absent_unjustified")]


def test_a_mark_that_is_there_already_changes_nothing() -> None:
    sheet = Sheet(key=KEY, days={(REPAS.id, MONDAY): Entry(state="present", seen_at=NOON)})

    assert mark(sheet, occasion(), seen("present")) is None


def test_a_closed_sheet_takes_no_mark() -> None:
    with pytest.raises(MonthIsClosed):
        mark(Sheet(key=KEY, closed=True), occasion(), seen("present"))


def test_attendance_is_marked_from_the_day_on() -> None:
    refuse_days_to_come(MONDAY, MONDAY)
    with pytest.raises(NotYetThere):
        refuse_days_to_come(date(2026, 3, 10), MONDAY)


def test_heads_are_counted() -> None:
    counts = counted(
        {"a": "booked", "b": "present", "c": "absent_justified", "d": "present_unbooked", "e": None, "f": "cancelled"}
    )

    assert (counts.expected, counts.present, counts.absent, counts.unbooked) == (3, 2, 1, 1)


def test_a_running_month_is_not_closed() -> None:
    with pytest.raises(MonthNotOver) as refused:
        refuse_running_month("2026-12", calendar(), paris(2026, 12, 31, 23, 59))
    assert refused.value.facts["date"] == date(2027, 1, 1)

    refuse_running_month("2026-12", calendar(), paris(2027, 1, 1))


def test_a_month_ends_earlier_on_an_island_in_the_east() -> None:
    reunion = calendar("Indian/Reunion", "la-reunion")
    nine_in_the_evening_in_paris = datetime(2026, 3, 31, 20, 30, tzinfo=UTC)

    refuse_running_month("2026-03", reunion, nine_in_the_evening_in_paris)
    with pytest.raises(MonthNotOver):
        refuse_running_month("2026-03", calendar(), nine_in_the_evening_in_paris)


def test_writers_look_out_for_a_closing_one_minute_before_it_can_begin() -> None:
    assert not may_be_closing("2026-03", calendar(), paris(2026, 3, 31, 23, 58))
    assert may_be_closing("2026-03", calendar(), datetime(2026, 3, 31, 21, 59, 30, tzinfo=UTC))
