"""Marks made without a network: whatever order they arrive in, the newest sighting of a child's day stands."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reservations.domain.attendance import Outcome, Sighting, mark, newest, outdated_by
from services.reservations.domain.refusals import WasNotExpected
from services.reservations.domain.refusals_at_the_door import LeftAnotherDay
from services.reservations.domain.sheet import Change, Entry, Sheet, SheetState
from shared.contracts.reservations import AttendanceMarked
from shared.contracts.reservations_at_the_door import AttendanceUnmarked
from tests.reservations.marking import NOON, occasion, seen
from tests.reservations.test_sheet import KEY

LUNCH = occasion()
SLOT = LUNCH.slot
PARIS = ZoneInfo("Europe/Paris")


def minutes(count: int) -> datetime:
    return NOON + timedelta(minutes=count)


def applied(entry: Entry | None, *sightings: Sighting) -> Entry | None:
    """The cell after marks that arrive in this order; those refused change nothing."""

    def one(sheet: Sheet, sighting: Sighting) -> Sheet:
        try:
            change = mark(sheet, LUNCH, sighting)
        except WasNotExpected:
            return sheet
        cells = change.cells if change else {}
        days = {slot: cell for slot, cell in {**sheet.days, **cells}.items() if cell is not None}
        return Sheet(key=KEY, days=days)

    return reduce(one, sightings, Sheet(key=KEY, days={SLOT: entry} if entry else {})).days.get(SLOT)


def changed(before: Entry | None, sighting: Sighting) -> Change:
    change = mark(Sheet(key=KEY, days={SLOT: before} if before else {}), LUNCH, sighting)
    assert change is not None
    return change


outcomes = st.sampled_from(["present", "absent_justified", "absent_unjustified", "unmarked"])
sightings = st.builds(
    Sighting,
    outcome=outcomes,
    at=st.integers(0, 3).map(minutes),
    device=st.sampled_from(["a", "b"]),
)


@settings(deadline=None)
@given(st.lists(sightings, min_size=1, max_size=4, unique_by=lambda one: one.order))
def test_every_order_of_arrival_ends_the_same_for_a_booked_child(marks: list[Sighting]) -> None:
    booked = Entry(state="booked")

    ends = {repr(applied(booked, *order)) for order in permutations(marks)}

    assert len(ends) == 1
    last = max(marks, key=lambda one: one.order)
    end = applied(booked, *marks)
    assert end is not None
    assert end.state == ("booked" if last.outcome == "unmarked" else last.outcome)


@settings(deadline=None)
@given(st.lists(sightings, min_size=1, max_size=4, unique_by=lambda one: one.order))
def test_marks_sent_again_change_nothing(marks: list[Sighting]) -> None:
    booked = Entry(state="booked")

    assert applied(booked, *marks, *marks) == applied(booked, *marks)


def test_an_older_mark_is_outdated_by_the_one_that_is_there() -> None:
    known = Entry(state="present", seen_at=minutes(5), device="tablet-1")

    assert outdated_by(known, seen("absent_unjustified", minutes(4))) == known
    assert outdated_by(known, seen("absent_unjustified", minutes(6))) is None
    assert mark(Sheet(key=KEY, days={SLOT: known}), occasion(), seen("absent_unjustified", minutes(4))) is None


def test_a_mark_from_before_instants_were_kept_gives_way() -> None:
    assert outdated_by(Entry(state="present"), seen("absent_unjustified")) is None


def test_saying_the_same_later_tells_nothing_and_outdates_what_came_between() -> None:
    known = Entry(state="present", seen_at=minutes(0))

    change = changed(known, seen("present", minutes(9)))

    assert change.events == ()
    after = change.cells[SLOT]
    assert after is not None
    assert outdated_by(after, seen("absent_unjustified", minutes(5))) == after


def test_of_several_marks_of_a_child_the_newest_is_taken_and_the_others_named() -> None:
    first, second, third = (
        seen("present", minutes(0)),
        seen("absent_justified", minutes(2)),
        seen("present", minutes(1)),
    )

    latest, outdated = newest([("a", first), ("a", second), ("b", first), ("a", third), ("b", first)])

    assert latest == {"a": second, "b": first}
    assert outdated == [("a", first), ("a", third)]


def test_no_device_sees_what_is_still_to_come() -> None:
    assert seen("present", minutes(90)).by_the_clock(NOON).at == NOON
    assert seen("present", minutes(-90)).by_the_clock(NOON).at == minutes(-90)


def test_instants_are_kept_as_the_database_keeps_them() -> None:
    assert seen("present", NOON.replace(microsecond=123_456)).by_the_clock(minutes(1)).at.microsecond == 123_000


@pytest.mark.parametrize(
    ("before", "state", "cancelled"),
    [
        (Entry(state="present"), "booked", None),
        (Entry(state="absent_unjustified"), "booked", None),
        (Entry(state="present_unbooked", unbooked=True), "cancelled", "service"),
        (Entry(state="present_unbooked", unbooked=True, cancelled="late"), "cancelled", "late"),
        (Entry(state="absent_justified", unbooked=True), "cancelled", "service"),
    ],
)
def test_a_mark_taken_back_leaves_what_was_there_before(before: Entry, state: str, cancelled: str | None) -> None:
    change = changed(before, seen("unmarked"))

    (told,) = change.events
    assert isinstance(told, AttendanceUnmarked)
    assert [(day.state, day.cancelled) for day in told.days] == [(state, cancelled)]
    after = change.cells[SLOT]
    assert after is not None
    assert (after.state, after.cancelled, after.unbooked) == (state, cancelled, False)


@pytest.mark.parametrize("state", ["booked", "cancelled", "requested", "held"])
def test_taking_back_what_nobody_marked_tells_nothing(state: SheetState) -> None:
    assert changed(Entry(state=state), seen("unmarked")).events == ()


def test_taking_back_a_mark_of_a_child_without_anything_changes_nothing() -> None:
    assert mark(Sheet(key=KEY), occasion(), seen("unmarked")) is None


def test_coming_grants_a_request_and_voids_a_cancellation_that_waits() -> None:
    assert applied(Entry(state="requested", pools=("atelier",)), seen("present")) == Entry(
        state="present", pools=("atelier",), seen_at=NOON
    )
    came = applied(Entry(state="booked", asked="cancel"), seen("present"))
    stayed_away = applied(Entry(state="booked", asked="cancel"), seen("absent_unjustified"))
    assert came is not None
    assert stayed_away is not None
    assert (came.asked, stayed_away.asked) == ("", "cancel")


def evening(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 3, 9, hour, minute, second, tzinfo=PARIS)


def told_late(left_at: datetime, ends: time | None) -> tuple[Any, Any]:
    where = occasion(ends=ends)
    change = mark(Sheet(key=KEY, days={SLOT: Entry(state="booked")}), where, seen("present", left_at=left_at))
    assert change is not None
    (told,) = change.events
    assert isinstance(told, AttendanceMarked)
    return told.marks[0].left_at, told.marks[0].late_minutes


@pytest.mark.parametrize(
    ("left", "late"), [((18, 20), 0), ((18, 30), 0), ((18, 30, 1), 1), ((18, 45), 15), ((18, 45, 20), 16)]
)
def test_begun_minutes_after_the_end_are_told(left: tuple[int, ...], late: int) -> None:
    assert told_late(evening(*left), time(18, 30)) == (evening(*left), late)


@pytest.mark.parametrize(("left", "stayed"), [((16, 20), 0), ((18, 20), 110), ((18, 20, 5), 111)])
def test_begun_minutes_from_the_beginning_are_told(left: tuple[int, ...], stayed: int) -> None:
    plain = occasion()
    where = replace(plain, activity=replace(plain.activity, starts=time(16, 30)))

    assert where.minutes(evening(*left)) == stayed
    assert replace(where, activity=replace(plain.activity, starts=None)).minutes(evening(*left)) is None
    assert replace(where.activity, ends=time(18, 30)).minutes == 120
    assert where.activity.minutes is None


def test_nobody_is_late_where_the_end_is_not_told() -> None:
    assert told_late(evening(23, 0), None) == (evening(23, 0), None)


def test_a_child_leaves_on_the_day_it_was_there() -> None:
    after_midnight = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)

    with pytest.raises(LeftAnotherDay):
        told_late(after_midnight, None)
    assert occasion().day == date(2026, 3, 9)


@pytest.mark.parametrize("outcome", ["absent_justified", "unmarked"])
def test_who_was_not_there_did_not_leave(outcome: Outcome) -> None:
    after = applied(Entry(state="present", left_at=evening(18, 0), seen_at=NOON), seen(outcome, minutes(1)))

    assert after is not None
    assert after.left_at is None


def test_leaving_later_than_first_told_is_told_again() -> None:
    before = Entry(state="present", left_at=evening(18, 0), seen_at=NOON)

    assert len(changed(before, seen("present", minutes(1), left_at=evening(18, 10))).events) == 1
