"""Places that several activities share, split by site or age: on a real database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.reservations.app.stores import Stores
from services.reservations.domain.catalogue_file import CatalogueFile
from services.reservations.domain.refusals import NoPlaceLeft
from services.reservations.store.places import PlaceStore
from services.reservations.usecases.import_programmes import import_programmes
from tests.reservations.rig import (
    ATELIER,
    AVANT,
    MONDAY,
    SOIR_1,
    SOIR_2,
    TOWN,
    TUESDAY,
    Rig,
    child_of,
    enrolled,
    town_file,
)
from tests.reservations.test_waiting import join

JEAN_MACE = f"{TOWN}.ecole-jean-mace"
EVENINGS = {"id": "soirs", "activities": ["soir-1", "soir-2"], "limits": [{"places": 2}]}


async def with_counters(rig: Rig, *counters: dict[str, Any], code: str = "garderie", **changes: Any) -> Rig:
    """The same town after its file said so; another process, which remembers nothing of before."""
    document = town_file().model_dump(mode="json", by_alias=True)
    programme = next(one for one in document["programmes"] if one["id"] == code)
    programme |= {"counters": list(counters), **changes}
    await import_programmes(
        TOWN, CatalogueFile.model_validate(document), catalogue=rig.stores.catalogue, clock=rig.clock
    )
    return Rig(rig.database, Stores(rig.database, lambda _: None), _keys=rig._keys + 100)


async def move(rig: Rig, family: int, child: int, site_id: str, *, day: date = date(2025, 9, 1)) -> None:
    reference = f"E{family}-{child}"
    known = (await rig.stores.roster.enrolled(TOWN, [reference]))[reference]
    moved = tuple(replace(one, site_id=site_id, starts=day) for one in enrolled().enrolments)
    await rig.stores.roster.save_enrolled(TOWN, {reference: replace(known, enrolments=moved)})


async def taken(rig: Rig, pool: str, day: date = MONDAY) -> list[str]:
    return await rig.places(f"{TOWN}.{pool}", day)


async def cancel(rig: Rig, *activities: str, family: int = 1, child: int = 1) -> None:
    for activity in activities:
        await rig.choose(activity, MONDAY, action="cancel", family=family, child=child)
    await rig.validate(family=family)


async def test_a_child_has_one_place_in_however_many_activities_of_the_counter(rig: Rig) -> None:
    rig = await with_counters(rig, EVENINGS)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_2, MONDAY)
    assert await taken(rig, "soirs") == ["confirmed"]

    await rig.book(SOIR_1, MONDAY, child=2)
    with pytest.raises(NoPlaceLeft):
        await rig.book(SOIR_1, MONDAY, family=2)
    await rig.book(SOIR_2, MONDAY, child=2)

    assert await taken(rig, "soirs") == ["confirmed"] * 2
    assert await rig.violations() == []


async def test_the_place_is_free_when_the_last_of_its_days_is_cancelled(rig: Rig) -> None:
    rig = await with_counters(rig, EVENINGS)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_2, MONDAY)

    await cancel(rig, SOIR_2)
    assert await taken(rig, "soirs") == ["confirmed"]
    await cancel(rig, SOIR_1)

    assert await taken(rig, "soirs") == []
    assert await rig.violations() == []


async def test_a_day_needs_a_place_in_each_counter_that_covers_it(rig: Rig) -> None:
    morning = {"id": "cour", "activities": ["avant-repas", "soir-1"], "limits": [{"places": 1}]}
    rig = await with_counters(rig, EVENINGS, morning)
    await rig.book(AVANT, MONDAY)

    with pytest.raises(NoPlaceLeft):
        await rig.book(SOIR_1, MONDAY, family=2)

    assert (await taken(rig, "soirs"), await taken(rig, "cour")) == ([], ["confirmed"])
    await rig.book(SOIR_1, MONDAY)
    assert await rig.violations() == []


async def test_each_site_has_its_own_places(rig: Rig) -> None:
    split = {**EVENINGS, "split_by": ["site"], "limits": [{"places": 1}, {"places": 2, "sites": ["ecole-jean-mace"]}]}
    rig = await with_counters(rig, split)
    for family, child in ((2, 1), (2, 2)):
        await move(rig, family, child, JEAN_MACE)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_1, MONDAY, family=2)
    await rig.book(SOIR_1, MONDAY, family=2, child=2)

    with pytest.raises(NoPlaceLeft):
        await rig.book(SOIR_1, MONDAY, child=2)
    assert await taken(rig, "soirs@site=ecole-jean-mace") == ["confirmed"] * 2
    assert await rig.violations() == []


async def test_a_child_that_moves_keeps_its_place_where_it_is_and_gives_it_back_there(rig: Rig) -> None:
    rig = await with_counters(rig, {**EVENINGS, "split_by": ["site"], "limits": [{"places": 1}]})
    await rig.book(SOIR_1, MONDAY)
    await move(rig, 1, 1, JEAN_MACE)
    assert await taken(rig, "soirs@site=ecole-des-tilleuls") == ["confirmed"]
    assert await rig.violations() == []

    await cancel(rig, SOIR_1)

    assert await taken(rig, "soirs@site=ecole-des-tilleuls") == []
    assert await rig.violations() == []


async def test_those_who_booked_before_the_counter_have_their_places_by_where_they_sit(rig: Rig) -> None:
    await move(rig, 2, 1, JEAN_MACE)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_2, MONDAY)
    await rig.book(SOIR_1, MONDAY, family=2)
    rig = await with_counters(rig, {**EVENINGS, "split_by": ["site"]})

    await rig.book(SOIR_1, MONDAY, child=2)
    with pytest.raises(NoPlaceLeft):
        await rig.book(SOIR_1, MONDAY, family=2, child=2)

    assert await taken(rig, "soirs@site=ecole-des-tilleuls") == ["confirmed"] * 2
    await cancel(rig, SOIR_2, SOIR_1)
    await rig.book(SOIR_1, MONDAY, family=2, child=2)
    assert await rig.violations() == []


async def test_an_unpaid_day_gives_back_no_place_that_a_paid_one_needs(rig: Rig) -> None:
    rig = await with_counters(rig, EVENINGS, billing_mode="prepaid")
    first = (await rig.book(SOIR_1, MONDAY)).order
    assert first is not None
    await rig.pay(first.id)
    await rig.book(SOIR_2, MONDAY)
    assert await taken(rig, "soirs") == ["held"]

    await rig.let_holds_end()
    for _ in range(2):
        await rig.sweep()

    assert (await rig.state(SOIR_1, MONDAY), await rig.state(SOIR_2, MONDAY)) == ("booked", None)
    assert await taken(rig, "soirs") == ["confirmed"]
    assert await rig.violations() == []


async def test_of_two_orders_in_one_pool_the_one_that_is_paid_keeps_the_place(rig: Rig) -> None:
    rig = await with_counters(rig, EVENINGS, billing_mode="prepaid")
    first, second = (await rig.book(SOIR_1, MONDAY)).order, None
    await rig.choose(SOIR_1, TUESDAY)
    await rig.validate()
    assert first is not None
    assert second is None
    await rig.pay(first.id)

    await rig.let_holds_end()
    for _ in range(2):
        await rig.sweep()

    assert await taken(rig, "soirs") == ["confirmed"]
    assert await taken(rig, "soirs", TUESDAY) == []
    assert await rig.violations() == []


async def test_a_place_withdrawn_by_a_lower_limit_comes_back_when_one_beyond_it_does(rig: Rig) -> None:
    for child in (1, 2):
        await rig.book(SOIR_1, MONDAY, child=child)
    rig = await with_counters(rig, {**EVENINGS, "limits": [{"places": 4}]})
    await rig.book(SOIR_1, MONDAY, family=2)
    limits: Sequence[int] = (3, 2)
    for places in limits:
        rig = await with_counters(rig, {**EVENINGS, "limits": [{"places": places}]})
        with pytest.raises(NoPlaceLeft):
            await rig.book(SOIR_1, MONDAY, family=2, child=2)

    await cancel(rig, SOIR_1)
    with pytest.raises(NoPlaceLeft):
        await rig.book(SOIR_1, MONDAY, family=2, child=2)
    await cancel(rig, SOIR_1, family=2)

    rig.stores.places = PlaceStore(rig.database, monotonic=lambda: 0.0)
    assert (await rig.book(SOIR_1, MONDAY, family=2, child=2)).outcome == "confirmed"
    assert await rig.violations() == []


async def test_no_pool_has_more_children_than_places(rig: Rig) -> None:
    rig = await with_counters(rig, EVENINGS)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_1, MONDAY, child=2)
    await rig.database["places"].delete_one({"child_id": child_of(1, 2)})

    broken = await rig.violations()

    assert any("2 booked, 1 places" in line for line in broken)
    assert any("without a place in" in line for line in broken)


async def test_an_activity_s_own_places_and_a_shared_counter_both_count(rig: Rig) -> None:
    rig = await with_counters(
        rig, {"id": "salle", "activities": ["atelier"], "limits": [{"places": 1}]}, code="ateliers"
    )
    await rig.book(ATELIER, MONDAY)

    with pytest.raises(NoPlaceLeft):
        await rig.book(ATELIER, MONDAY, family=2)
    assert await rig.places(ATELIER, MONDAY) == ["confirmed"]
    assert await rig.violations() == []


async def test_who_booked_while_another_process_did_not_know_of_the_limit_gets_a_place(rig: Rig) -> None:
    unaware = Rig(rig.database, Stores(rig.database, lambda _: None), _keys=50)
    await unaware.stores.catalogue.town(TOWN)
    now = 100.0
    aware = await with_counters(rig, {**EVENINGS, "limits": [{"places": 1}]})
    aware.stores.places = PlaceStore(rig.database, monotonic=lambda: now)
    aware.stores.books = replace(aware.stores.books, places=aware.stores.places)
    await aware.book(SOIR_1, MONDAY)
    await unaware.book(SOIR_1, MONDAY, family=2)
    assert await taken(aware, "soirs") == ["confirmed"]

    now += 60
    with pytest.raises(NoPlaceLeft):
        await aware.book(SOIR_1, MONDAY, child=2)
    assert await taken(aware, "soirs") == ["confirmed"] * 2

    await cancel(aware, SOIR_1)
    with pytest.raises(NoPlaceLeft):
        await aware.book(SOIR_1, MONDAY, child=2)
    await cancel(aware, SOIR_1, family=2)
    now += 1
    assert (await aware.book(SOIR_1, MONDAY, child=2)).outcome == "confirmed"
    assert await aware.violations() == []


async def test_a_child_that_moved_while_it_waited_waits_where_it_sits_now(rig: Rig) -> None:
    rig = await with_counters(rig, {**EVENINGS, "split_by": ["site"], "limits": [{"places": 1}]})
    await move(rig, 2, 2, JEAN_MACE)
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_1, MONDAY, family=2, child=2)
    await join(rig, SOIR_1, MONDAY, family=1, child=2)
    await join(rig, SOIR_1, MONDAY, family=2)
    await move(rig, 2, 1, JEAN_MACE)

    await cancel(rig, SOIR_1, family=2, child=2)
    await rig.sweep()
    assert await taken(rig, "soirs@site=ecole-jean-mace") == ["offered"]
    await rig.let_offers_end()
    for _ in range(2):
        await rig.sweep()

    assert await taken(rig, "soirs@site=ecole-jean-mace") == []
    assert await taken(rig, "soirs@site=ecole-des-tilleuls") == ["confirmed"]
    assert await rig.violations() == []
