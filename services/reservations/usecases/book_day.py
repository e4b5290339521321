"""One tap: book one day, decided like any cart, without one. Two readings at the same time, then one write."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.reservations.domain.cart import Line
from services.reservations.domain.decision import decide
from services.reservations.domain.late import Surcharge
from services.reservations.domain.order import Order, OrderLine
from services.reservations.domain.sheet import Outcome, Sheet
from services.reservations.domain.town import Town
from services.reservations.domain.validation import LineOutcome
from services.reservations.usecases.beside import beside
from services.reservations.usecases.books import Books, Children, Towns
from services.reservations.usecases.settle_order import abandon_order, hold_order
from services.reservations.usecases.write_lines import Share, write_lines
from shared.clock import Clock
from shared.errors import Conflict
from shared.ids import new_id


@dataclass(frozen=True, kw_only=True)
class Booked:
    """`order`: what is to pay, for a prepaid day; `late` and `surcharge` as in `LineOutcome`."""

    line: Line
    outcome: Outcome
    order: Order | None = None
    late: str = ""
    surcharge: Surcharge | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a household asks for in one tap; the key is the caller's."""

    household_id: str
    child_id: str
    activity_id: str
    date: date
    key: str
    fingerprint: str

    def line(self, town: Town, now: datetime) -> Line:
        programme = town.programme_of(self.activity_id)
        return Line(
            id="",
            child_id=self.child_id,
            municipality_id=town.municipality_id,
            programme_id=programme.id,
            activity_id=self.activity_id,
            date=self.date,
            action="book",
            added_at=now,
        )


async def book_day(
    wish: Wish, *, catalogue: Towns, roster: Children, books: Books, clock: Clock, claimed: bool = False
) -> Booked:
    """The day, booked or held until it is paid; the same key answers the same. Raises what refuses it.

    `claimed`: a place is kept for the child.
    """
    now = clock()
    town = await catalogue.town_of_activity(wish.activity_id)
    line = wish.line(town, now)
    key = line.sheet_key(wish.household_id)
    child, sheet = await asyncio.gather(
        roster.child(wish.child_id, wish.household_id, town.municipality_id), books.sheets.get(key)
    )
    sheet = await beside(sheet, child, books.sheets)
    share = Share(
        sheet_key=key,
        lines=(line,),
        town=town,
        child=child,
        now=now,
        key=f"{wish.household_id}/{wish.key}",
        fingerprint=wish.fingerprint,
        claimed=claimed,
    )
    return await (_hold(share, sheet, books) if share.prepaid else _book(share, sheet, books))


async def _book(share: Share, sheet: Sheet, books: Books) -> Booked:
    (outcome,) = await write_lines(share, books, sheet=sheet)
    if outcome.refusal:
        raise outcome.refusal
    return _booked(outcome)


def _booked(outcome: LineOutcome) -> Booked:
    return Booked(line=outcome.line, outcome=outcome.outcome, late=outcome.late, surcharge=outcome.surcharge)


async def _hold(share: Share, sheet: Sheet, books: Books) -> Booked:
    """A prepaid day: its order is opened first, and told once the day is held."""
    order = await _order_of(share, sheet, books)
    (outcome,) = await write_lines(replace(share, order_id=order.id), books, sheet=sheet)
    if outcome.refusal:
        await abandon_order(order, books, now=share.now)
        raise outcome.refusal
    if outcome.outcome == "requested":
        await abandon_order(order, books, now=share.now)
        return _booked(outcome)
    order = await _agreed(order, share, books)
    held = await hold_order(order, [OrderLine.of(outcome.line, outcome.surcharge)], books, now=share.now)
    if held is None:
        raise share.hold_ended(outcome.line)
    return replace(_booked(outcome), order=held)


async def _agreed(order: Order, share: Share, books: Books) -> Order:
    """The order the sheet names: the same key sent twice at the same moment opens two, and one of them holds."""
    sheet = await books.sheets.get(share.sheet_key)
    named = [done.order_id for done in sheet.done_with(share.key) if done.order_id]
    if not named or named[-1] == order.id:
        return order
    await abandon_order(order, books, now=share.now)
    return await _known(named[-1], share, books)


async def _known(order_id: str, share: Share, books: Books) -> Order:
    order = await books.orders.get(order_id, share.sheet_key.household_id)
    if order is None:
        raise Conflict()
    return order


async def _order_of(share: Share, sheet: Sheet, books: Books) -> Order:
    """The order this key opened before, or a new one when the day can be booked."""
    line = share.lines[0]
    household_id = share.sheet_key.household_id
    if known := [done.order_id for done in sheet.done_with(share.key) if done.order_id]:
        return await _known(known[-1], share, books)
    decision = decide((line,), sheet=sheet, town=share.town, child=share.child, now=share.now)
    if line.id in decision.refused:
        raise decision.refused[line.id]
    return await books.orders.open(
        new_id("ord"), household_id, line.municipality_id, [OrderLine.of(line)], hold=share.hold
    )
