"""The log of a town: every event once, in one order, without a gap, whatever crashes or competes."""

import asyncio
from datetime import timedelta

from services.partners.store import LogStore
from services.partners.store.invariants import gaps_in_the_log
from services.partners.store.recent import KEPT, RecentLog
from shared.mongo import Database
from tests.partners.samples import BASE, FROZEN, ISSUED, NOW, OTHER_TOWN, TOWN, entry


async def positions(db: Database, town: str = TOWN) -> list[tuple[int, str]]:
    found = db["log"].find({"municipality_id": town}, sort=[("position", 1)])
    return [(one["position"], one["subject"]) async for one in found]


async def test_events_are_numbered_per_town_in_the_order_they_came(db: Database) -> None:
    towns = await LogStore(db).append([entry(1), entry(2, town=OTHER_TOWN), entry(3)])

    assert towns == {TOWN, OTHER_TOWN}
    assert await positions(db) == [(1, "subject-1"), (2, "subject-3")]
    assert await positions(db, OTHER_TOWN) == [(1, "subject-2")]


async def test_what_is_read_twice_is_written_once(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(1), entry(2)])

    # As after a crash between writing and saving how far it was read, also within one batch.
    towns = await log.append([entry(1), entry(2), entry(3), entry(3)])

    assert towns == {TOWN}
    assert [position for position, _ in await positions(db)] == [1, 2, 3]
    assert await log.append([entry(1)]) == frozenset()


async def test_two_writers_leave_no_gap_and_lose_nothing(db: Database) -> None:
    stores = [LogStore(db) for _ in range(3)]
    await stores[0].append([entry(1)])
    await stores[1].append([entry(2)])

    # Each has its own idea of where the log ends.
    await asyncio.gather(
        *(stores[n % 3].append([entry(100 * n + m) for m in range(10)]) for n in range(1, 7)),
    )

    assert [position for position, _ in await positions(db)] == list(range(1, 63))
    assert await gaps_in_the_log(db) == []


async def test_a_page_begins_after_its_position_and_takes_only_its_types(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(1), entry(2, ISSUED), entry(3), entry(4, town=OTHER_TOWN)])

    assert [one.position for one in await log.page(TOWN, 1, 10)] == [2, 3]
    assert [one.position for one in await log.page(TOWN, 0, 10, [FROZEN])] == [1, 3]
    assert [one.position for one in await log.page(TOWN, 0, 2)] == [1, 2]


async def test_what_is_too_old_goes_and_positions_go_on(db: Database) -> None:
    log = LogStore(db)
    old = (NOW - timedelta(days=31)).isoformat()
    await log.append([entry(1, time=old), entry(2, time=old), entry(3)])

    assert await log.forget(NOW - timedelta(days=30)) == 2
    assert (await log.oldest(TOWN), await log.newest(TOWN)) == (3, 3)

    assert await log.forget(NOW + timedelta(days=1)) == 1
    assert (await LogStore(db).oldest(TOWN), await LogStore(db).newest(TOWN)) == (4, 3)
    await LogStore(db).append([entry(9)])
    assert await positions(db) == [(4, "subject-9")]


async def test_an_old_event_that_came_late_stays_until_those_before_it_go(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(1), entry(2, time=(NOW - timedelta(days=40)).isoformat()), entry(3)])

    assert await log.forget(NOW - timedelta(days=30)) == 0
    assert await gaps_in_the_log(db) == []


async def test_an_instant_is_found_in_the_log(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(n, time=(NOW + timedelta(hours=n)).isoformat()) for n in range(1, 6)])

    assert await log.position_at(TOWN, NOW + timedelta(hours=3)) == 3
    assert await log.position_at(TOWN, NOW - timedelta(days=3)) == 1
    assert await log.position_at(TOWN, NOW + timedelta(days=3)) == 6


async def test_who_follows_the_end_reads_what_one_of_them_read(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(n) for n in range(1, 6)])
    recent = RecentLog(log, BASE)
    assert [one.position for one in await recent.after(TOWN, 3, 10)] == [4, 5]

    await log.append([entry(n) for n in range(6, 9)])
    pages = await asyncio.gather(*(recent.after(TOWN, 5, 10) for _ in range(20)))

    assert {tuple(one.position for one in page) for page in pages} == {(6, 7, 8)}
    first, *others = (page[0] for page in pages)
    assert all(one is first for one in others)


async def test_who_is_far_behind_reads_in_order_until_the_end(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(n) for n in range(1, KEPT + 300)])
    recent = RecentLog(log, BASE)
    await recent.after(TOWN, KEPT + 250, 100)
    read: list[int] = []
    while page := await recent.after(TOWN, read[-1] if read else 0, 100):
        read += [one.position for one in page]

    assert read == list(range(1, KEPT + 300))


async def test_nothing_new_is_an_empty_page(db: Database) -> None:
    recent = RecentLog(LogStore(db), BASE)

    assert await recent.after(TOWN, 0, 10) == []
    assert await recent.after(TOWN, 7, 10) == []


async def test_what_a_profile_gets_is_made_once_for_all_who_have_it(db: Database) -> None:
    log = LogStore(db)
    await log.append([entry(1)])
    recent = RecentLog(log, BASE)
    (fact,) = await recent.after(TOWN, 0, 10)

    assert recent.minimised(fact, "kitchen") is recent.minimised(fact, "kitchen")
    assert recent.minimised(fact, "accounting") is None
