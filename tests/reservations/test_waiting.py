"""Waiting lists, on a real database."""

import asyncio
from datetime import date

import pytest

from services.reservations.domain.refusals import (
    AlreadyBooked,
    AlreadyWaiting,
    FullWithWaitingList,
    NoWaitingList,
    PlacesAreLeft,
)
from services.reservations.domain.refusals_of_days import DeadlinePassed, NotThatWeekday
from services.reservations.domain.waiting import Entry
from services.reservations.usecases.import_programmes import import_programmes
from services.reservations.usecases.join_waiting_list import Hope, join_waiting_list
from services.reservations.usecases.show_month import show_month
from shared.errors import KeyReused, NotFound
from shared.mongo import Database
from tests.reservations.rig import (
    ATELIER,
    MONDAY,
    REPAS,
    TOWN,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    household,
    programme,
    set_up,
    town_file,
)


async def join(
    rig: Rig, activity: str = ATELIER, day: date = MONDAY, *, family: int = 2, child: int = 1, key: str = ""
) -> Entry:
    hope = Hope(
        household_id=household(family),
        child_id=child_of(family, child),
        activity_id=activity,
        date=day,
        key=key or rig.a_key(),
        fingerprint=f"{activity}{day}{child}",
    )
    return await join_waiting_list(hope, rig.stores.hall(rig.clock))


@pytest.fixture
async def full(rig: Rig) -> Rig:
    """Both places of Monday's workshop are taken."""
    await rig.book(ATELIER, MONDAY)
    await rig.book(ATELIER, MONDAY, child=2)
    return rig


async def test_ranks_follow_the_order_of_asking_and_are_told(full: Rig) -> None:
    first = await join(full)
    second = await join(full, child=2)

    assert (first.rank, second.rank) == (1, 2)
    assert [(name, told["rank"]) for name, told in await full.told("waiting")] == [
        ("waiting_list_joined", 1),
        ("waiting_list_joined", 2),
    ]


async def test_the_month_shows_the_rank(full: Rig) -> None:
    await join(full)
    await join(full, child=2)

    shown = await show_month(
        household(2), child_of(2, 2), programme("ateliers"), "2026-03", full.stores.desk(full.clock)
    )

    (row,) = shown.view.rows
    monday = next(day for day in row.days if day.date == MONDAY)
    assert (monday.state, shown.ranks[ATELIER, MONDAY]) == ("waiting", 2)


async def test_a_place_that_comes_back_is_not_left_for_others_to_book(full: Rig) -> None:
    await join(full)
    await full.choose(ATELIER, MONDAY, action="cancel")
    await full.validate()

    shown = await show_month(
        household(2), child_of(2, 2), programme("ateliers"), "2026-03", full.stores.desk(full.clock)
    )

    (row,) = shown.view.rows
    monday = next(day for day in row.days if day.date == MONDAY)
    assert (monday.state, monday.places_left, monday.can_book, monday.can_wait) == ("full", 0, False, True)
    with pytest.raises(FullWithWaitingList):
        await full.book(ATELIER, MONDAY, family=2, child=2)


async def test_the_same_key_answers_the_same_rank(full: Rig) -> None:
    first = await join(full, key="one-key-only")

    again = await join(full, key="one-key-only")
    assert (again.id, again.rank) == (first.id, first.rank)
    with pytest.raises(KeyReused):
        await join(full, child=2, key="one-key-only")
    assert len(await full.told("waiting")) == 1


async def test_the_same_key_sent_at_once_joins_once(full: Rig) -> None:
    entries = await asyncio.gather(*(join(full, key="one-key-only") for _ in range(5)))

    assert {entry.id for entry in entries} == {entries[0].id}


async def test_a_child_waits_once(full: Rig) -> None:
    await join(full)

    with pytest.raises(AlreadyWaiting) as refused:
        await join(full)
    assert refused.value.facts["rank"] == 1


async def test_there_is_nothing_to_wait_for_while_places_are_left(full: Rig) -> None:
    with pytest.raises(PlacesAreLeft):
        await join(full, day=TUESDAY)
    with pytest.raises(PlacesAreLeft):
        await join(full, activity=REPAS)


async def test_what_can_not_be_booked_can_not_be_waited_for(full: Rig) -> None:
    with pytest.raises(AlreadyBooked):
        await join(full, family=1)
    with pytest.raises(NotThatWeekday):
        await join(full, day=WEDNESDAY)
    with pytest.raises(DeadlinePassed):
        await join(full, day=date(2026, 3, 2))
    with pytest.raises(NotFound):
        await join(full, family=3)


async def test_a_regulation_without_waiting_list_has_none(full: Rig) -> None:
    asked = town_file().model_dump(mode="json", by_alias=True)
    workshop = asked["programmes"][3]["regulation"]
    workshop |= {"waiting_list": False, "version": workshop["version"] + 1}
    await import_programmes(
        TOWN, type(town_file()).model_validate(asked), catalogue=full.stores.catalogue, clock=full.clock
    )

    with pytest.raises(NoWaitingList):
        await join(full)


async def test_whoever_gets_a_place_leaves_the_list_and_the_others_move_up(full: Rig) -> None:
    await join(full)
    await join(full, child=2)
    await full.choose(ATELIER, MONDAY, action="cancel")
    await full.validate()
    await full.sweep()

    await full.book(ATELIER, MONDAY, family=2)

    ranks = await full.stores.waiting.of_child(household(2), child_of(2, 2), [(ATELIER, MONDAY)])
    assert ranks == {(ATELIER, MONDAY): 1}
    assert await full.stores.waiting.of_child(household(2), child_of(2, 1), [(ATELIER, MONDAY)]) == {}


async def test_a_crowd_that_joins_at_once_gets_ranks_without_a_gap(books: Database) -> None:
    rig = await set_up(books, places=1, families=31, children=1)
    await rig.book(ATELIER, MONDAY)

    entries = await asyncio.gather(*(join(rig, family=family) for family in range(2, 32)))

    assert sorted(entry.rank for entry in entries) == list(range(1, 31))
