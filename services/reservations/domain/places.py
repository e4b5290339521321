"""A place: one of the numbered seats of a pool whose number is limited. Whoever holds its document has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.capacity import Pool
from services.reservations.domain.sheet import Sheet, SheetKey, month_of

BRIEF = timedelta(seconds=30)
"""Longer than any request lives."""
PlaceState: TypeAlias = Literal["free", "held", "confirmed", "withdrawn", "kept", "offered"]
"""`withdrawn`: not given while the town has more bookings than it now allows; `kept` for whoever waits, then `offered`
to one of them."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Whose claim on places it is; `capacities` are the pools they are taken from and how many places each has.

    `attempt` is new with every try, so that a slow one frees nobody else's place; `order_id` is the prepaid order the
    places wait with, if any.
    """

    key: SheetKey
    attempt: str
    capacities: Mapping[Pool, int]
    order_id: str | None = None
    hold: timedelta = BRIEF


@dataclass(frozen=True, kw_only=True)
class HeldPlace:
    """A place whose hold is over: taken by `household_id` for `child_id`, and not yet known to be booked."""

    id: str
    pool: Pool
    attempt: str
    household_id: str
    municipality_id: str
    child_id: str
    programme_id: str
    order_id: str | None

    @property
    def sheet_key(self) -> SheetKey:
        return SheetKey(
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            child_id=self.child_id,
            programme_id=self.programme_id,
            month=month_of(self.pool[1]),
        )


@dataclass(frozen=True, kw_only=True)
class OfferedPlace:
    """A place that was offered to a child that waited, and whose time is over."""

    pool: Pool
    offer_id: str
    entry_id: str


def nobody_needs(pool: Pool, sheet: Sheet) -> bool:
    """Whether no day of the sheet can have its place there. A day that was booked before its places were limited does
    not say where it has one: then the answer is no.
    """
    name, day = pool
    live = [entry for slot, entry in sheet.days.items() if slot[1] == day and entry.state != "cancelled"]
    return all(entry.pools and name not in entry.pools for entry in live)
