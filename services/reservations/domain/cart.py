"""The cart: bookings and cancellations a household has chosen and not yet validated."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.reservations.domain.refusals import CartIsFull
from services.reservations.domain.regulation import Action
from services.reservations.domain.sheet import SheetKey, Slot, month_of

MOST_LINES = 2_000


@dataclass(frozen=True, kw_only=True)
class Line:
    """One activity on one date for one child, to book or to cancel."""

    id: str
    child_id: str
    municipality_id: str
    programme_id: str
    activity_id: str
    date: date
    action: Action
    added_at: datetime

    @property
    def slot(self) -> Slot:
        return self.activity_id, self.date

    def sheet_key(self, household_id: str) -> SheetKey:
        return SheetKey(
            household_id=household_id,
            municipality_id=self.municipality_id,
            child_id=self.child_id,
            programme_id=self.programme_id,
            month=month_of(self.date),
        )


@dataclass(frozen=True, kw_only=True)
class Cart:
    """At most one line per child, activity and date, in the order they were added."""

    household_id: str
    lines: tuple[Line, ...] = ()
    version: int = 0

    def line_at(self, child_id: str, slot: Slot) -> Line | None:
        return next((line for line in self.lines if line.child_id == child_id and line.slot == slot), None)

    def of_sheet(self, key: SheetKey) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.sheet_key(self.household_id) == key)

    def with_lines(self, added: Iterable[Line]) -> "Cart":
        lines = (*self.lines, *added)
        if len(lines) > MOST_LINES:
            raise CartIsFull(most=MOST_LINES)
        return replace(self, lines=lines)

    def without(self, line_ids: Collection[str]) -> "Cart":
        return replace(self, lines=tuple(line for line in self.lines if line.id not in line_ids))

    def actions_for(self, child_id: str) -> Mapping[Slot, Action]:
        return {line.slot: line.action for line in self.lines if line.child_id == child_id}


def by_sheet(lines: Iterable[Line], household_id: str) -> Iterator[tuple[SheetKey, tuple[Line, ...]]]:
    """Lines grouped by the sheet they change, sheets always in the same order, lines in the order given."""
    grouped: dict[SheetKey, list[Line]] = {}
    for line in lines:
        grouped.setdefault(line.sheet_key(household_id), []).append(line)
    for key in sorted(grouped, key=lambda key: key.id):
        yield key, tuple(grouped[key])
