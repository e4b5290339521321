"""A prepaid order: places kept for one household in one town until they are paid or the time is over.

opening → held → paid → confirmed; opening or held → releasing → released; released → paid (paid late) → confirmed or
lost. What an order did to sheets and places can be done again from any of these states, so that a crash between two
writes is settled by doing the step once more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.reservations.domain.cart import Line
from services.reservations.domain.late import Surcharge
from services.reservations.domain.sheet import SheetKey, Slot, month_of
from shared.contracts.reservations import HeldLine, PlacesHeld, PlacesLost, PlacesReleased

OrderState: TypeAlias = Literal["opening", "held", "paid", "confirmed", "releasing", "released", "lost"]
Reason: TypeAlias = Literal["expired", "abandoned"]
OVER: frozenset[OrderState] = frozenset({"releasing", "released", "lost"})


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    child_id: str
    programme_id: str
    activity_id: str
    date: date
    surcharge: Surcharge | None = None

    @property
    def slot(self) -> Slot:
        return self.activity_id, self.date

    @classmethod
    def of(cls, line: Line, surcharge: Surcharge | None = None) -> "OrderLine":
        return cls(
            child_id=line.child_id,
            programme_id=line.programme_id,
            activity_id=line.activity_id,
            date=line.date,
            surcharge=surcharge,
        )


@dataclass(frozen=True, kw_only=True)
class Order:
    """`told`: it was held and the world knows of it; `late`: paid after its places had been given back.

    `paying_until`: when its payment page closes, while one is open.
    """

    id: str
    household_id: str
    municipality_id: str
    lines: tuple[OrderLine, ...]
    state: OrderState = "opening"
    expires_at: datetime
    version: int = 0
    told: bool = False
    late: bool = False
    paying_until: datetime | None = None

    def sheet_keys(self) -> tuple[SheetKey, ...]:
        """The sheets its lines are in, each once, always in the same order."""
        keys = {(line.child_id, line.programme_id, month_of(line.date)) for line in self.lines}
        return tuple(
            SheetKey(
                household_id=self.household_id,
                municipality_id=self.municipality_id,
                child_id=child_id,
                programme_id=programme_id,
                month=month,
            )
            for child_id, programme_id, month in sorted(keys)
        )

    def slots_in(self, key: SheetKey) -> tuple[Slot, ...]:
        return tuple(
            line.slot
            for line in self.lines
            if (line.child_id, line.programme_id, month_of(line.date)) == (key.child_id, key.programme_id, key.month)
        )

    def places_held(self, lines: Iterable[OrderLine]) -> PlacesHeld:
        return PlacesHeld(
            order_id=self.id,
            municipality_id=self.municipality_id,
            household_id=self.household_id,
            lines=told_lines(lines),
            expires_at=self.expires_at,
        )

    def places_released(self, reason: Reason) -> PlacesReleased:
        return PlacesReleased(
            order_id=self.id,
            municipality_id=self.municipality_id,
            household_id=self.household_id,
            reason=reason,
        )

    def places_lost(self) -> PlacesLost:
        return PlacesLost(
            order_id=self.id,
            municipality_id=self.municipality_id,
            household_id=self.household_id,
            lines=told_lines(self.lines),
        )


def told_lines(lines: Iterable[OrderLine]) -> tuple[HeldLine, ...]:
    return tuple(
        HeldLine(
            child_id=line.child_id,
            programme_id=line.programme_id,
            activity_id=line.activity_id,
            date=line.date,
            surcharge_percent=line.surcharge.percent if line.surcharge else None,
            surcharge_cents=line.surcharge.cents if line.surcharge else None,
        )
        for line in lines
    )
