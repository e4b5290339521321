"""Attendance lists and marks, on a real database."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from services.reservations.domain.refusals import MonthIsClosed, NotYetThere, WasNotExpected
from services.reservations.usecases.close_month import ClosingAsked, close_month
from services.reservations.usecases.mark_attendance import list_attendance
from shared.errors import NotFound
from tests.reservations.marking import mark
from tests.reservations.rig import MONDAY, REPAS, SITE, TOWN, TUESDAY, Rig, child_of, programme

AFTER = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
APRIL = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)


async def close(rig: Rig) -> None:
    asked = ClosingAsked(
        municipality_id=TOWN,
        programme_id=programme("restaurant"),
        month="2026-03",
        accept_anomalies=True,
        key="closing-key",
        fingerprint="f",
    )
    await close_month(asked, rig.stores.office(rig.clock))


@pytest.fixture
async def there(rig: Rig) -> Rig:
    """Monday at noon; one child of each family is booked."""
    await rig.book(REPAS, MONDAY)
    await rig.book(REPAS, MONDAY, family=2)
    rig.now = AFTER
    return rig


async def test_the_list_has_every_enrolled_child_and_who_is_expected(there: Rig) -> None:
    found = await list_attendance(TOWN, REPAS, SITE, MONDAY, there.stores.door(there.clock))

    assert {child.child_id: found.states[child.child_id] for child in found.children} == {
        "chd_1_1": "booked",
        "chd_1_2": None,
        "chd_2_1": "booked",
        "chd_2_2": None,
    }
    assert (found.counts.expected, found.markable, found.final) == (2, True, False)
    assert set(found.groups.values()) == {"CE1"}


async def test_the_list_of_a_day_to_come_can_be_read_and_not_marked(there: Rig) -> None:
    found = await list_attendance(TOWN, REPAS, SITE, TUESDAY, there.stores.door(there.clock))

    assert not found.markable
    with pytest.raises(NotYetThere):
        await mark(there, TUESDAY, chd_1_1="present")


async def test_an_unknown_site_or_activity_has_no_list(there: Rig) -> None:
    with pytest.raises(NotFound):
        await list_attendance(TOWN, REPAS, f"{TOWN}.nulle-part", MONDAY, there.stores.door(there.clock))
    with pytest.raises(NotFound):
        await list_attendance(TOWN, f"{TOWN}.rien", SITE, MONDAY, there.stores.door(there.clock))


async def test_marks_are_told_one_by_one_and_counted(there: Rig) -> None:
    done = await mark(there, MONDAY, chd_1_1="present", chd_2_1="absent_justified", chd_1_2="present")

    assert (done.marked, done.unchanged, done.refused) == (3, 0, {})
    outcomes = {
        told["child_id"]: told["marks"][0]["outcome"]
        for name, told in await there.told()
        if name == "attendance_marked"
    }
    assert outcomes == {"chd_1_1": "present", "chd_2_1": "absent_justified", "chd_1_2": "present_unbooked"}
    found = await list_attendance(TOWN, REPAS, SITE, MONDAY, there.stores.door(there.clock))
    counts = found.counts
    assert (counts.expected, counts.present, counts.absent, counts.unbooked) == (2, 2, 1, 1)


async def test_marking_the_same_again_changes_nothing(there: Rig) -> None:
    await mark(there, MONDAY, chd_1_1="present")
    before = len(await there.told())

    again = await mark(there, MONDAY, chd_1_1="present")

    assert (again.marked, again.unchanged) == (0, 1)
    assert len(await there.told()) == before


async def test_a_mark_is_corrected(there: Rig) -> None:
    await mark(there, MONDAY, chd_1_1="absent_unjustified", chd_1_2="present")
    await mark(there, MONDAY, chd_1_1="absent_justified", chd_1_2="absent_justified")

    assert await there.state(REPAS, MONDAY) == "absent_justified"
    assert await there.state(REPAS, MONDAY, child=2) == "absent_justified"


async def test_who_was_not_expected_is_not_absent_and_who_is_unknown_is_not_found(there: Rig) -> None:
    done = await mark(there, MONDAY, chd_1_1="present", chd_1_2="absent_unjustified", chd_9_9="present")

    assert done.marked == 1
    assert {child: type(no) for child, no in done.refused.items()} == {
        "chd_1_2": WasNotExpected,
        "chd_9_9": NotFound,
    }


async def test_two_of_the_staff_mark_at_once(there: Rig) -> None:
    await asyncio.gather(
        mark(there, MONDAY, chd_1_1="present", chd_1_2="present"),
        mark(there, MONDAY, chd_2_1="present", chd_1_2="present"),
    )

    states = [
        await there.state(REPAS, MONDAY, family=family, child=child) for family, child in ((1, 1), (1, 2), (2, 1))
    ]
    assert states == ["present", "present_unbooked", "present"]
    assert sum(name == "attendance_marked" for name, _ in await there.told()) == 3


async def test_a_closed_month_takes_no_mark_and_no_change(there: Rig) -> None:
    there.now = APRIL
    await close(there)

    with pytest.raises(MonthIsClosed):
        await mark(there, MONDAY, chd_1_1="present")
    with pytest.raises(MonthIsClosed):
        await mark(there, MONDAY, chd_2_2="present")
    assert await there.state(REPAS, MONDAY) == "booked"


async def test_a_mark_that_meets_a_closing_on_its_way_is_in_it_or_refused(there: Rig) -> None:
    there.now = APRIL

    async def late(child: str) -> Any:
        return await mark(there, MONDAY, **{child: "present"})

    children = [child_of(family, child) for family in (1, 2) for child in (1, 2)]
    await asyncio.gather(close(there), *(late(child) for child in children), return_exceptions=True)

    closed = {told["child_id"]: told["days"][0]["state"] for name, told in await there.told() if name == "sheet_closed"}
    for sheet in await there.stores.sheets.of_programme(TOWN, programme("restaurant"), "2026-03"):
        state = sheet.state((REPAS, MONDAY))
        assert state == closed.get(sheet.key.child_id)
        assert sheet.closed or not sheet.days
    ((_, month),) = await there.told("closings")
    assert month["sheets"] == len(closed)
