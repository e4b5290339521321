"""Each invariant sees what breaks it, and a sound database breaks none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.reservations.store.invariants import INVARIANTS
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, REPAS, SOIR_1, SOIR_2, WEDNESDAY, Rig

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BOOKED = {"state": "booked", "by": "guardian", "rule_version": 3}


@pytest.fixture
async def busy(rig: Rig) -> Rig:
    """A bit of everything."""
    await rig.book(REPAS, MONDAY)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_2, MONDAY)
    await rig.book(ATELIER, MONDAY)
    await rig.book(JOURNEE, WEDNESDAY)
    return rig


async def broken(rig: Rig) -> dict[str, list[str]]:
    found = {name: await check(rig.database) for name, check in INVARIANTS.items()}
    return {name: lines for name, lines in found.items() if lines}


async def update(rig: Rig, collection: str, wanted: dict[str, Any], change: dict[str, Any]) -> None:
    done = await rig.database[collection].update_many(wanted, change)
    assert done.modified_count


async def test_a_sound_database_breaks_none(busy: Rig) -> None:
    assert await broken(busy) == {}


async def test_a_slot_sold_beyond_its_places(busy: Rig) -> None:
    await busy.book(ATELIER, MONDAY, child=2)
    sheet = await busy.database["sheets"].find_one({"programme_id": "sainte-aurore.ateliers"})
    assert sheet is not None
    extra = {**sheet, "_id": sheet["_id"].replace("chd_1_", "chd_3_"), "child_id": "chd_3_1", "outbox": []}
    del extra["idem"]
    await busy.database["sheets"].insert_one(extra)

    assert set(await broken(busy)) == {
        "no slot has more bookings than places",
        "every limited booking has its own place",
    }


async def test_a_booked_day_without_its_place(busy: Rig) -> None:
    await update(busy, "places", {"state": "confirmed"}, {"$set": {"state": "free"}, "$unset": {"child_id": ""}})

    assert set(await broken(busy)) == {"every limited booking has its own place"}


async def test_a_confirmed_place_that_nobody_booked(busy: Rig) -> None:
    await update(
        busy, "sheets", {"programme_id": "sainte-aurore.ateliers"}, {"$unset": {"days.2026-03-09.atelier": ""}}
    )

    assert set(await broken(busy)) == {"every confirmed place is booked"}


@pytest.mark.parametrize("collection", ["places", "orders"])
async def test_a_hold_that_nobody_settles(busy: Rig, collection: str) -> None:
    await update(busy, collection, {"state": "held"}, {"$set": {"exp": LONG_AGO}})

    assert set(await broken(busy)) == {"no hold outlives its time"}


async def test_a_day_that_waits_for_an_order_which_is_over(busy: Rig) -> None:
    await update(busy, "orders", {}, {"$set": {"state": "released"}})

    assert set(await broken(busy)) == {"no day waits for an order that is over"}


@pytest.mark.parametrize(
    ("programme", "change"),
    [
        ("sainte-aurore.restaurant", {"$set": {"days.2026-03-09.pai": BOOKED}}),
        ("sainte-aurore.garderie", {"$unset": {"days.2026-03-09.soir-1": ""}}),
    ],
)
async def test_activities_that_do_not_go_together(busy: Rig, programme: str, change: dict[str, Any]) -> None:
    await update(busy, "sheets", {"programme_id": programme}, change)

    assert set(await broken(busy)) == {"no child is booked in activities that exclude each other"}


@pytest.mark.parametrize(
    "change", [{"$set": {"days.2026-04-01": {"repas": BOOKED}}}, {"$set": {"child_id": "chd_1_2"}}]
)
async def test_a_day_that_could_be_in_two_sheets(busy: Rig, change: dict[str, Any]) -> None:
    await update(busy, "sheets", {"programme_id": "sainte-aurore.restaurant"}, change)

    assert "no day is booked twice" in await broken(busy)
