"""A place: one of the numbered seats of a slot whose number is limited. Whoever holds its document has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.sheet import SheetKey, Slot, month_of

BRIEF = timedelta(seconds=30)
"""Longer than any request lives."""
PlaceState: TypeAlias = Literal["free", "held", "confirmed", "withdrawn"]
"""`withdrawn`: not given while the town has more bookings than it now allows."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Whose claim on places it is. `attempt` is new with every try, so that a slow one frees nobody else's place;
    `order_id` is the prepaid order the places wait with, if any.
    """

    key: SheetKey
    attempt: str
    capacities: Mapping[Slot, int]
    order_id: str | None = None
    hold: timedelta = BRIEF


@dataclass(frozen=True, kw_only=True)
class HeldPlace:
    """A place whose hold is over: taken by `household_id` for `child_id`, and not yet known to be booked."""

    id: str
    slot: Slot
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
            month=month_of(self.slot[1]),
        )
