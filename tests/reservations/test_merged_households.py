"""Two households were one family: what the merged one booked stays, is seen by the kept one, and by staff."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.reservations.usecases.book_day import Wish, book_day
from services.reservations.usecases.keep_roster import end_adhesion, link_children
from services.reservations.usecases.list_bookings import list_bookings
from services.reservations.usecases.mark_attendance import list_attendance
from shared.contracts import Event, Told
from shared.contracts.identity import (
    AdhesionEnded,
    AdhesionJoined,
    HouseholdsMerged,
    HouseholdsUnmerged,
    JoinedChild,
    MergedChild,
)
from shared.former_households import follow_merge, follow_unmerge
from tests.reservations.rig import FRIDAY, MONDAY, REPAS, SITE, TUESDAY, Rig, child_of, household
from tests.reservations.sample_town import TOWN

ZOE, TWIN, KEPT, MERGED = child_of(1), child_of(2, 1), household(1), household(2)
FACT: dict[str, Any] = {
    "merge_id": "mrg_1",
    "municipality_id": TOWN,
    "kept_household_id": KEPT,
    "merged_household_id": MERGED,
    "children": (MergedChild(kept=ZOE, merged=TWIN),),
}


def told(event: Any, sequence: int, subject: str = KEPT) -> Told[Any]:
    return Told(
        event=event,
        id=f"{subject}-{sequence}",
        subject=subject,
        sequence=sequence,
        municipality_id=TOWN,
        time=datetime(2026, 11, 20, tzinfo=UTC),
    )


def joined(home: str, children: dict[str, str]) -> Event:
    return AdhesionJoined(
        household_id=home,
        municipality_id=TOWN,
        family_file_id="ff_1",
        family_reference="F1",
        resident=True,
        children=tuple(JoinedChild(child_id=child_id, reference=one) for one, child_id in children.items()),
    )


async def book(rig: Rig, day: Any, home: str, child: str) -> None:
    stores = rig.stores
    wish = Wish(household_id=home, child_id=child, activity_id=REPAS, date=day, key=rig.a_key(), fingerprint="f")
    await book_day(wish, catalogue=stores.catalogue, roster=stores.roster, books=stores.books, clock=rig.clock)


async def seen(rig: Rig, home: str) -> list[tuple[Any, str]]:
    known = await rig.stores.former.with_formers(home)
    days, _ = await list_bookings(known, MONDAY, FRIDAY, after="", limit=10, sheets=rig.stores.sheets)
    return [(one.date, one.child_id) for one in days]


@pytest.fixture
async def merged(rig: Rig) -> Rig:
    """Both had booked for what is one child."""
    await book(rig, MONDAY, KEPT, ZOE)
    await book(rig, TUESDAY, MERGED, TWIN)
    stores = rig.stores
    await follow_merge(told(HouseholdsMerged(**FACT), 7), former=stores.former)
    await link_children(told(joined(KEPT, {"E1-1": ZOE, "E2-1": ZOE}), 7), roster=stores.roster)
    ended = AdhesionEnded(household_id=MERGED, municipality_id=TOWN, family_file_id="ff_2")
    await end_adhesion(told(ended, 7, MERGED), roster=stores.roster, carts=stores.carts, waiting_lists=stores.waiting)
    return rig


async def test_the_kept_household_sees_what_both_had_booked_as_one_child_s(merged: Rig) -> None:
    assert await seen(merged, KEPT) == [(MONDAY, ZOE), (TUESDAY, ZOE)]


async def test_the_child_is_one_child_with_the_enrolments_of_both_references(merged: Rig) -> None:
    children = [one for one in await merged.stores.roster.children_of(KEPT) if one.child_id == ZOE]
    assert len(children) == 1
    assert len(children[0].enrolments) >= 2


async def test_staff_still_see_who_eats_that_day(merged: Rig) -> None:
    for day, child in ((MONDAY, ZOE), (TUESDAY, TWIN)):
        shown = await list_attendance(TOWN, REPAS, SITE, day, merged.stores.door(merged.clock))
        assert shown.states[child] == "booked"


async def test_undone_each_sees_its_own_again_whatever_order_the_facts_come_in(merged: Rig) -> None:
    former = merged.stores.former
    await follow_unmerge(told(HouseholdsUnmerged(**FACT), 8), former=former)
    await follow_merge(told(HouseholdsMerged(**FACT), 7), former=former)
    assert await seen(merged, KEPT) == [(MONDAY, ZOE)]
    assert await seen(merged, MERGED) == [(TUESDAY, TWIN)]


async def test_a_merge_of_merges_is_followed_down(merged: Rig) -> None:
    deeper = {**FACT, "merge_id": "mrg_0", "kept_household_id": MERGED, "merged_household_id": household(3)}
    deeper["children"] = (MergedChild(kept=TWIN, merged=child_of(3, 1)),)
    await follow_merge(told(HouseholdsMerged(**deeper), 2, MERGED), former=merged.stores.former)
    known = await merged.stores.former.with_formers(KEPT)
    assert known.household_ids == (KEPT, MERGED, household(3))
    assert known.child_ids == {TWIN: ZOE, child_of(3, 1): ZOE}
