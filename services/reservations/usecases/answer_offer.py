"""A family accepts or declines the place it was offered: in the portal, or by the link in its mail."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals import NoPlaceLeft
from services.reservations.domain.refusals_of_waiting import OfferOver
from services.reservations.domain.town import Town
from services.reservations.domain.waiting import Entry, Offer, Trace, secret_hash
from services.reservations.usecases.book_day import Booked, Wish, book_day
from services.reservations.usecases.books import Books
from services.reservations.usecases.end_offers import end_entry
from services.reservations.usecases.offer_places import Bench
from shared.errors import Conflict, NotFound

HAS_ANSWERED = ("accepted", "booked")


class Offers(Protocol):
    async def get(self, entry_id: str, household_id: str) -> Entry | None: ...
    async def of_offer(self, offer_id: str, household_id: str) -> Entry | None: ...
    async def of_secret(self, secret_hash: str) -> Entry | None: ...


class Names(Protocol):
    async def children_of(self, household_id: str) -> list[RosterChild]: ...


@dataclass(frozen=True, kw_only=True)
class Lectern:
    """Where offers are answered."""

    offers: Offers
    names: Names
    books: Books
    bench: Bench


@dataclass(frozen=True, kw_only=True)
class ShownOffer:
    """What the page behind a mail's link shows."""

    entry: Entry
    offer: Offer
    town: Town
    programme: Programme
    child: str
    stands: bool

    @property
    def activity(self) -> Activity:
        return self.programme.activity(self.entry.activity_id)


async def own_offer(offer_id: str, household_id: str, desk: Lectern) -> Entry:
    """Raises `NotFound`."""
    return _found(await desk.offers.of_offer(offer_id, household_id))


async def linked_offer(token: str, desk: Lectern) -> Entry:
    """Raises `NotFound` alike for a link that is not one and for one that a later offer replaced."""
    return _found(await desk.offers.of_secret(secret_hash(token)))


async def show_offer(entry: Entry, desk: Lectern) -> ShownOffer:
    """The offer and whether it can still be accepted. Raises `NotFound` when the day is no longer offered at all."""
    if entry.offer is None:
        raise NotFound()
    town = await desk.bench.catalogue.town(entry.municipality_id)
    names = {child.child_id: child.first_name for child in await desk.names.children_of(entry.household_id)}
    return ShownOffer(
        entry=entry,
        offer=entry.offer,
        town=town,
        programme=town.programme_of(entry.activity_id),
        child=names.get(entry.child_id, ""),
        stands=await desk.bench.waiting.stands(entry),
    )


async def accept_offer(entry: Entry, desk: Lectern) -> Booked:
    """The day, booked or held until it is paid, as any other booking; accepting again answers the same.

    Raises `OfferOver`, and what refuses the booking.
    """
    if entry.offer is None:
        raise NotFound()
    if not await desk.bench.waiting.stands(entry) and not await _answered(entry, desk):
        raise await _over(entry, desk)
    bench = desk.bench
    try:
        booked = await book_day(
            _wish(entry, entry.offer.id),
            catalogue=bench.catalogue,
            roster=bench.roster,
            books=desk.books,
            clock=bench.clock,
            claimed=True,
        )
    except NoPlaceLeft:
        raise await _over(entry, desk) from None
    await _note_accepted(entry, desk)
    return booked


async def _answered(entry: Entry, desk: Lectern) -> bool:
    """Accepted before, or at this very moment."""
    current = await desk.offers.get(entry.id, entry.household_id)
    return current is not None and current.offer == entry.offer and current.state in HAS_ANSWERED


async def _note_accepted(entry: Entry, desk: Lectern) -> None:
    """It may have left the list already, by being booked."""
    current = await desk.offers.get(entry.id, entry.household_id)
    if entry.state == "offered" and current and current.state in ("offered", "booked"):
        trace = Trace(at=desk.bench.clock(), step="accepted", by="family")
        await desk.bench.waiting.move(current, "accepted", *entry.ended("accepted"), trace=trace)


async def decline_offer(entry: Entry, desk: Lectern) -> None:
    """The place goes to the next in line at once. Declining again changes nothing. Raises `OfferOver`."""
    if entry.state == "declined":
        return
    if entry.state != "offered":
        raise await _over(entry, desk)
    if not await end_entry(entry, "declined", desk.bench, by="family"):
        raise Conflict()


async def leave_waiting_list(entry_id: str, household_id: str, desk: Lectern) -> None:
    """Waits no more; an offer it has goes to the next in line. Raises `NotFound`, `Conflict`."""
    entry = _found(await desk.offers.get(entry_id, household_id))
    if entry.state in ("waiting", "offered") and not await end_entry(entry, "left", desk.bench, by="family"):
        raise Conflict()


async def _over(entry: Entry, desk: Lectern) -> OfferOver:
    town = await desk.bench.catalogue.town(entry.municipality_id)
    day: date = entry.date
    return OfferOver(activity=town.activity(entry.activity_id).name, date=day)


def _wish(entry: Entry, offer_id: str) -> Wish:
    """Keyed by the offer: accepted twice, in the portal and by the link, it books once."""
    return Wish(
        household_id=entry.household_id,
        child_id=entry.child_id,
        activity_id=entry.activity_id,
        date=entry.date,
        key=offer_id,
        fingerprint=offer_id,
    )


def _found(entry: Entry | None) -> Entry:
    if entry is None:
        raise NotFound()
    return entry
