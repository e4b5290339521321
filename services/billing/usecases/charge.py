"""Enter what reservations tells of a child's days into its charge sheet."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeAlias

from services.billing.domain.prices import Surcharge
from services.billing.domain.sheets import ChargeSheet, Day, Fact, What, hear, knows
from services.billing.usecases.tariffs.pricing import PriceBook, pricing_for
from shared.contracts import Told
from shared.contracts.reservations import (
    AttendanceMarked,
    BookingCancelled,
    BookingConfirmed,
    HeldLine,
    SheetClosed,
    SheetDay,
)
from shared.contracts.reservations_at_the_door import AttendanceUnmarked

AboutSheet: TypeAlias = BookingConfirmed | BookingCancelled | AttendanceMarked | AttendanceUnmarked | SheetClosed


class Sheets(Protocol):
    async def get(self, household_id: str, sheet_id: str) -> ChargeSheet | None: ...
    async def save(self, sheet: ChargeSheet) -> ChargeSheet: ...


async def charge_booking(told: Told[BookingConfirmed], *, sheets: Sheets, book: PriceBook) -> None:
    event = told.event
    days = tuple(_booked(day) for day in event.days)
    fact = _fact(told, "booked", days, event.regulation_version)
    await _enter(told, replace(fact, order_id=event.order_id, by=event.booked_by), sheets, book)


def _booked(day: SheetDay) -> Day:
    return Day(
        activity_id=day.activity_id,
        date=day.date,
        state="booked",
        late=day.late,
        surcharge=surcharge_of(day),
        order_id=day.order_id,
    )


def surcharge_of(told: SheetDay | HeldLine) -> Surcharge | None:
    if told.surcharge_percent is None and told.surcharge_cents is None:
        return None
    return Surcharge(percent=told.surcharge_percent, cents=told.surcharge_cents)


async def discharge_cancellation(told: Told[BookingCancelled], *, sheets: Sheets, book: PriceBook) -> None:
    """In time or by the town it is not charged; late it stays charged."""
    event = told.event
    days = tuple(_cancelled(day, event) for day in event.days)
    await _enter(told, _fact(told, "cancelled", days, event.regulation_version), sheets, book)


def _cancelled(day: SheetDay, event: BookingCancelled) -> Day:
    return Day(activity_id=day.activity_id, date=day.date, state="cancelled", cancelled=event.kind)


async def charge_attendance(told: Told[AttendanceMarked], *, sheets: Sheets, book: PriceBook) -> None:
    marks = told.event.marks
    days = tuple(
        Day(
            activity_id=mark.activity_id,
            date=mark.date,
            state=mark.outcome,
            late_minutes=mark.late_minutes,
        )
        for mark in marks
    )
    await _enter(told, _fact(told, "marked", days), sheets, book)


async def discharge_marks(told: Told[AttendanceUnmarked], *, sheets: Sheets, book: PriceBook) -> None:
    """Marks taken back: what was booked is charged as booked again, what was not is charged no more."""
    again = told.event.days
    days = tuple(
        Day(activity_id=day.activity_id, date=day.date, state=day.state, cancelled=day.cancelled) for day in again
    )
    await _enter(told, _fact(told, "marked", days), sheets, book)


async def close_sheet(
    told: Told[SheetClosed], *, sheets: Sheets, book: PriceBook, nudge_runs: Callable[[], None]
) -> None:
    """The sheet is final: what it says of every day replaces what was heard before."""
    event = told.event
    days = tuple(replace(_booked(day), state=day.state, cancelled=day.cancelled) for day in event.days)
    fact = _fact(told, "closed", days, event.regulation_version)
    await _enter(told, replace(fact, closing_id=event.closing_id), sheets, book)
    nudge_runs()


def _fact(told: Told[AboutSheet], what: What, days: tuple[Day, ...], regulation_version: int | None = None) -> Fact:
    return Fact(
        event_id=told.id,
        sequence=told.sequence,
        what=what,
        at=told.time,
        days=days,
        regulation_version=regulation_version,
    )


async def _enter(told: Told[AboutSheet], fact: Fact, sheets: Sheets, book: PriceBook) -> None:
    event = told.event
    found, pricing = await asyncio.gather(
        sheets.get(event.household_id, told.subject),
        pricing_for(event.household_id, event.municipality_id, book),
    )
    sheet = found or _new_sheet(told)
    if not knows(sheet, fact):
        await sheets.save(hear(sheet, fact, pricing))


def _new_sheet(told: Told[AboutSheet]) -> ChargeSheet:
    event = told.event
    return ChargeSheet(
        id=told.subject,
        municipality_id=event.municipality_id,
        household_id=event.household_id,
        child_id=event.child_id,
        programme_id=event.programme_id,
        month=event.month,
        billing_mode=event.billing_mode,
    )
