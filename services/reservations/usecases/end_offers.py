"""An offer ends: nobody answered in time, it was declined, or whoever made it died on the way.

Whatever is cut off between the entry and its place is done again by the next round (`Entry.due`, `left_over`).
"""

from services.reservations.domain.places import OfferedPlace
from services.reservations.domain.waiting import HAS_IT, Entry, EntryState, Trace, line_of
from services.reservations.usecases.offer_places import Bench


async def expire_offer(entry: Entry, bench: Bench) -> None:
    """Nobody answered in time. Whoever is accepting at this very moment has the place already, and is let finish."""
    if entry.offer and not await bench.kept.take_back(entry.offer.id, entry.pools):
        if await _has_it(entry, bench):
            await bench.waiting.leave(entry.child_id, [entry.slot])
            return
        if await bench.kept.is_claimed(entry):
            return
    await end_entry(entry, "expired", bench)


async def end_entry(entry: Entry, to: EntryState, bench: Bench, *, by: str = "town", reason: str = "") -> bool:
    """False when the entry changed since it was read."""
    trace = Trace(at=bench.clock(), step=to, by=by, reason=reason)
    if not await bench.waiting.move(entry, to, *entry.ended(to), trace=trace):
        return False
    if entry.state == "offered" and entry.offer:
        await give_to_the_next(entry, entry.offer.id, bench)
    return True


async def give_to_the_next(entry: Entry, offer_id: str, bench: Bench) -> None:
    await bench.kept.take_back(offer_id, entry.pools)
    await bench.waiting.settled(entry, offer_id)


async def settle_left_over(place: OfferedPlace, bench: Bench) -> None:
    """Whoever offered it died before the entry said so, or before the place knew until when."""
    entry = await bench.waiting.by_id(place.entry_id)
    if entry is None or entry.state != "offered" or entry.offer is None or entry.offer.id != place.offer_id:
        await bench.kept.take_back(place.offer_id, [place.pool])
    elif await bench.waiting.stands(entry):
        await bench.kept.keep_until(entry.offer.id, [place.pool], entry.offer.until)
    else:
        await expire_offer(entry, bench)


async def _has_it(entry: Entry, bench: Bench) -> bool:
    town = await bench.catalogue.town(entry.municipality_id)
    line = line_of(entry, town.programme_of(entry.activity_id).id, bench.clock())
    sheet = await bench.sheets.get(line.sheet_key(entry.household_id))
    return sheet.state(entry.slot) in HAS_IT
