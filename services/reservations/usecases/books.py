"""The documents a booking touches, as the use cases see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool
from services.reservations.domain.order import Order, OrderLine, OrderState
from services.reservations.domain.places import Claim, HeldPlace
from services.reservations.domain.sheet import Change, Done, Sheet, SheetKey, Slot
from services.reservations.domain.town import Town
from services.reservations.usecases.beside import Elsewhere
from shared.contracts import Event


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def town_of_activity(self, activity_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...


class Sheets(Elsewhere, Protocol):
    async def get(self, key: SheetKey) -> Sheet: ...
    async def open(self, key: SheetKey) -> None: ...
    async def fence(self, key: SheetKey) -> Sheet: ...
    async def write(
        self, sheet: Sheet, change: Change, *, now: datetime, done: Done | None = None, undone: str = ""
    ) -> None: ...


class Places(Protocol):
    async def claim(self, pools: Sequence[Pool], claim: Claim, *, again: bool = False) -> frozenset[Pool]: ...
    async def confirm(self, pools: Iterable[Pool], claim: Claim) -> None: ...
    async def loosen(self, pools: Iterable[Pool], claim: Claim) -> None: ...
    async def free(self, pools: Iterable[Pool], claim: Claim) -> None: ...
    async def confirm_order(self, order_id: str) -> None: ...
    async def of_order(self, order_id: str) -> list[HeldPlace]: ...
    async def settle(self, place: HeldPlace, *, booked: bool) -> None: ...
    async def end_hold(self, place: HeldPlace) -> None: ...


class Waiting(Protocol):
    async def leave(self, child_id: str, slots: Iterable[Slot]) -> None: ...


class Closings(Protocol):
    async def exists(self, municipality_id: str, programme_id: str, month: str) -> bool: ...


class Orders(Protocol):
    async def open(
        self, order_id: str, household_id: str, municipality_id: str, lines: Iterable[OrderLine], *, hold: timedelta
    ) -> Order: ...
    async def get(self, order_id: str, household_id: str) -> Order | None: ...
    async def move(
        self,
        order: Order,
        to: OrderState,
        *events: Event,
        now: datetime,
        lines: Sequence[OrderLine] | None = None,
        late: bool = False,
        when_over: bool = False,
    ) -> bool: ...
    async def forget(self, order: Order) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Books:
    """What is written together: sheets first and last, around them places and what waits for them."""

    sheets: Sheets
    places: Places
    waiting: Waiting
    closings: Closings
    orders: Orders
