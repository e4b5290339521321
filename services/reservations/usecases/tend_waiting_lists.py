"""What happens by itself on waiting lists: offers end, lists follow the town's rules, places are offered."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

from services.reservations.domain.town import Town
from services.reservations.domain.waiting import Entry, ends_of, with_pools
from services.reservations.usecases.end_offers import end_entry, expire_offer, give_to_the_next, settle_left_over
from services.reservations.usecases.offer_places import Bench, needed_for, offer_kept, town_or_none
from services.reservations.usecases.remind_of_offers import remind_of_offer
from services.reservations.usecases.standing import standing_of
from shared.errors import NotFound

GO_THROUGH_EVERY = timedelta(minutes=5)
Do: TypeAlias = Callable[[Coroutine[Any, Any, Any]], Awaitable[None]]


async def tend_waiting_lists(bench: Bench, do: Do) -> None:
    """One round; `do` is given each thing by itself, so that what fails does not keep the rest waiting."""
    for entry in await bench.waiting.due():
        await do(give_to_the_next(entry, entry.due, bench))
    for entry in await bench.waiting.over():
        await do(expire_offer(entry, bench))
    for entry in await bench.waiting.ending():
        await do(remind_of_offer(entry, bench))
    for place in await bench.kept.left_over():
        await do(settle_left_over(place, bench))
    for municipality_id in await bench.waiting.waited_towns():
        town = await town_or_none(municipality_id, bench)
        if town is not None and _is_due(town, bench):
            await do(_go_through(town, bench))
        for entry in await bench.waiting.too_late(municipality_id, bench.clock()):
            await do(end_entry(entry, "over", bench))
    for pool in await bench.kept.kept_pools():
        await do(offer_kept(pool, bench))


async def _go_through(town: Town, bench: Bench) -> None:
    """Who waits for what, until when, and how many places there are, as the town and its roster say now."""
    waiting = await bench.waiting.waiting_in(town.municipality_id)
    found = [one for entry in waiting if (one := await _now_in(entry, town, bench))]
    await bench.waiting.requeue(found)
    before = {entry.id: entry.pools for entry in waiting}
    for entry in (entry for entry, _ in found if entry.pools != before[entry.id]):
        await bench.kept.want(entry.pools)
    bench.seen[town.municipality_id] = town, bench.clock()


def _is_due(town: Town, bench: Bench) -> bool:
    """Children move and leave without the town's rules changing."""
    seen, at = bench.seen.get(town.municipality_id, (None, bench.clock()))
    return seen is not town or bench.clock() - at >= GO_THROUGH_EVERY


async def _now_in(entry: Entry, town: Town, bench: Bench) -> tuple[Entry, str] | None:
    try:
        programme = town.programme_of(entry.activity_id)
        child = await bench.roster.child(entry.child_id, entry.household_id, entry.municipality_id)
    except NotFound:
        return None
    needed = needed_for(entry, child, programme)
    await bench.places.lay_out(needed)
    answer = town.answer(entry.activity_id, entry.date, action="book", child=child, now=bench.clock())
    now_in = replace(with_pools(entry, needed), ends=ends_of(entry.date, answer, town.calendar.zone))
    return now_in, await standing_of(child, entry.slot, programme, roster=bench.roster, sheets=bench.sheets)
