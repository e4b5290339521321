"""Each invariant sees what breaks it, and a sound database breaks none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.reservations.store.invariants import INVARIANTS
from tests.reservations.rig import ATELIER, JOURNEE, MONDAY, REPAS, SOIR_1, SOIR_2, WEDNESDAY, Rig
from tests.reservations.test_waiting import join

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


async def test_a_link_whose_age_is_not_its_profiles(busy: Rig) -> None:
    born = {"child_id": "chd_1_1", "first_name": "Zoé", "last_name": "Marin", "birth_date": "2018-04-02"}
    await busy.database["profiles"].insert_one({"_id": "hsh_1", "sequence": 1, "children": [born]})

    assert await broken(busy) == {
        "every child has the age its household tells": ["sainte-aurore/E1-1: the link of hsh_1 has another age"]
    }
    await busy.stores.roster.copy_births("hsh_1")
    assert await broken(busy) == {}


async def test_an_enrolment_that_is_there_twice(busy: Rig) -> None:
    found = await busy.database["roster"].find_one({"reference": "E1-1"})
    assert found is not None
    await update(busy, "roster", {"reference": "E1-1"}, {"$push": {"enrolments": found["enrolments"][0]}})

    (lines,) = (await broken(busy)).values()
    assert len(lines) == 2


async def test_a_day_booked_though_the_town_cancelled_it(busy: Rig) -> None:
    day = MONDAY.isoformat()
    scope = {"id": "dsr_1", "site_ids": [], "groups": [], "starts": day, "ends": day, "label": "Grève"}
    done = {
        "_id": "dsr_1",
        "municipality_id": "sainte-aurore",
        "key": "k",
        "state": "done",
        "suspension": {**scope, "activity_ids": [REPAS]},
    }
    await busy.database["disruptions"].insert_one(done)

    assert await broken(busy) == {
        "nothing is booked that the town cancelled": [
            f"sht_chd_1_1_sainte-aurore.restaurant_2026-03: {REPAS} on {day} is booked in dsr_1"
        ]
    }


async def test_a_day_that_waits_for_an_agent_and_is_in_no_list(busy: Rig) -> None:
    cell = f"days.{MONDAY.isoformat()}.repas.asked"
    await update(busy, "sheets", {"programme_id": "sainte-aurore.restaurant"}, {"$set": {cell: "cancel"}})

    assert set(await broken(busy)) == {"every day that waits for an agent is found"}


async def test_a_programme_that_follows_what_nobody_published(busy: Rig) -> None:
    await busy.database["regulations"].delete_many({"programme_id": "sainte-aurore.restaurant"})

    assert set(await broken(busy)) == {"every regulation in force is the newest one published"}


async def test_a_published_version_that_was_changed(busy: Rig) -> None:
    scope = {"programme_id": "sainte-aurore.restaurant"}
    await update(busy, "regulations", scope, {"$set": {"regulation.cancelling_by": "agent"}})

    assert set(await broken(busy)) == {"every regulation in force is the newest one published"}


@pytest.fixture
async def offered(busy: Rig) -> Rig:
    """A place of the workshop that came back is offered to who waited."""
    await busy.book(ATELIER, MONDAY, child=2)
    await join(busy, ATELIER, MONDAY, family=2)
    await busy.choose(ATELIER, MONDAY, action="cancel")
    await busy.validate()
    await busy.sweep()
    assert await broken(busy) == {}
    return busy


async def test_an_offer_without_its_place(offered: Rig) -> None:
    await update(offered, "places", {"state": "offered"}, {"$set": {"state": "free"}, "$unset": {"child_id": ""}})

    assert set(await broken(offered)) == {"every offer that stands has its place"}


async def test_a_place_offered_long_after_its_time(offered: Rig) -> None:
    await update(offered, "places", {"state": "offered"}, {"$set": {"exp": LONG_AGO}})

    assert set(await broken(offered)) == {"no offered place outlives its offer"}
