"""An offer that nobody answered ends soon: its family is told once more, while there is still time."""

from services.reservations.domain.waiting import Entry
from services.reservations.usecases.offer_places import Bench, town_or_none
from shared.contracts.reservations_of_waiting import WaitingOfferEnding
from shared.errors import NotFound


async def remind_of_offer(entry: Entry, bench: Bench) -> None:
    """Whoever answers at this very moment is not told; a child that left the town's roster is nobody to tell of."""
    town = await town_or_none(entry.municipality_id, bench)
    if town is None or entry.offer is None:
        return
    try:
        programme = town.programme_of(entry.activity_id)
        child = await bench.roster.child(entry.child_id, entry.household_id, entry.municipality_id)
    except NotFound:
        return
    (named,) = await bench.roster.named([child])
    ending = WaitingOfferEnding(
        municipality_id=entry.municipality_id,
        household_id=entry.household_id,
        child_id=entry.child_id,
        child_first_name=named.first_name,
        programme_id=programme.id,
        activity_id=entry.activity_id,
        activity_name=programme.activity(entry.activity_id).name,
        date=entry.date,
        offer_id=entry.offer.id,
        expires_at=entry.offer.until,
    )
    await bench.waiting.remind(entry, ending, bench.clock())
