"""An agent decides on days families asked to book, or to cancel: sheet by sheet, each one write with its facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool
from services.reservations.domain.deciding import Pending, Ruling, ToPay, asked_of, decided, outcome_of, pending_in
from services.reservations.domain.order import Order, OrderLine
from services.reservations.domain.places import Claim
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_decisions import NothingAsked
from services.reservations.domain.sheet import Change, Done, Outcome, Sheet, SheetKey, Slot, in_order, month_of
from services.reservations.domain.town import Town
from services.reservations.usecases.books import Books
from services.reservations.usecases.clear_days import claim_on, clear_days
from services.reservations.usecases.settle_order import hold_order
from services.reservations.usecases.write_lines import TRIES
from shared.clock import Clock
from shared.errors import Conflict, KeyReused, NotFound, Refused
from shared.ids import uuid7

# The family is not waiting in front of a payment page: it has two days, but not longer than until the day itself.
TO_PAY = timedelta(days=2)


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...


class Children(Protocol):
    async def child(self, child_id: str, household_id: str, municipality_id: str) -> RosterChild: ...
    async def children_in(self, municipality_id: str, child_ids: Sequence[str]) -> dict[str, RosterChild]: ...


class PendingSheets(Protocol):
    async def undecided(self, municipality_id: str) -> list[Sheet]: ...


@dataclass(frozen=True, kw_only=True)
class Docket:
    """What deciding takes."""

    catalogue: Towns
    roster: Children
    lists: PendingSheets
    books: Books
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class AskedDay:
    """Which day of whom is decided."""

    household_id: str
    child_id: str
    activity_id: str
    date: date

    @property
    def slot(self) -> Slot:
        return self.activity_id, self.date


@dataclass(frozen=True, kw_only=True)
class Decisions:
    municipality_id: str
    days: tuple[AskedDay, ...]
    ruling: Ruling
    key: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class DecidedDay:
    """`refusal` is there when nothing waited for a decision; `to_pay`: what the family pays before it is booked."""

    day: AskedDay
    outcome: Outcome | None = None
    refusal: Refused | None = None
    to_pay: ToPay | None = None


@dataclass(frozen=True, kw_only=True)
class PendingPage:
    items: tuple[Pending, ...]
    children: Mapping[str, RosterChild]
    next_cursor: str | None


async def list_requests(
    municipality_id: str, programme_ids: frozenset[str] | None, docket: Docket, *, after: str = "", limit: int = 100
) -> PendingPage:
    """By date; of `programme_ids` only, for agents of some programmes."""
    sheets = await docket.lists.undecided(municipality_id)
    mine = [sheet for sheet in sheets if programme_ids is None or sheet.key.programme_id in programme_ids]
    days = sorted((day for sheet in mine for day in pending_in(sheet)), key=lambda day: day.cursor)
    rest = [day for day in days if day.cursor > after]
    page = tuple(rest[:limit])
    return PendingPage(
        items=page,
        children=await docket.roster.children_in(municipality_id, sorted({day.child_id for day in page})),
        next_cursor=page[-1].cursor if len(rest) > limit else None,
    )


async def decide_requests(asked: Decisions, docket: Docket) -> tuple[DecidedDay, ...]:
    """What became of each day, in the order asked. The same key answers the same.

    Raises `NotFound` for an activity that is not the town's, `KeyReused`, `Conflict`.
    """
    town = await docket.catalogue.town(asked.municipality_id)
    by_sheet: dict[SheetKey, list[AskedDay]] = {}
    for day in asked.days:
        by_sheet.setdefault(_sheet_key(day, town), []).append(day)
    done: dict[AskedDay, DecidedDay] = {}
    for key, days in by_sheet.items():
        for one in await _Deciding(key, tuple(days), asked, town, docket).run():
            done[one.day] = one
    return tuple(done[day] for day in asked.days)


def _sheet_key(day: AskedDay, town: Town) -> SheetKey:
    return SheetKey(
        household_id=day.household_id,
        municipality_id=town.municipality_id,
        child_id=day.child_id,
        programme_id=town.activity(day.activity_id).programme_id,
        month=month_of(day.date),
    )


@dataclass(frozen=True)
class _Deciding:
    """The decision on the days of one sheet."""

    key: SheetKey
    days: tuple[AskedDay, ...]
    asked: Decisions
    town: Town
    docket: Docket

    async def run(self) -> list[DecidedDay]:
        for _ in range(TRIES):
            sheet = await self.docket.books.sheets.get(self.key)
            try:
                return await self._before(sheet) or await self._decide(sheet)
            except Conflict:
                continue
        raise Conflict()

    async def _before(self, sheet: Sheet) -> list[DecidedDay]:
        """What the same key did, brought to its end. Raises `KeyReused` when it did something else."""
        traces = sheet.done_with(self.trace_key)
        if not traces:
            return []
        [trace] = traces
        if trace.fingerprint != self.asked.fingerprint:
            raise KeyReused()
        known = dict(trace.lines)
        to_pay = await self._go_on(sheet, trace) if trace.order_id else None
        return [self._answer(day, known.get(day.slot), to_pay) for day in self.days]

    async def _go_on(self, sheet: Sheet, trace: Done) -> ToPay | None:
        """The order of a decision that was cut off before it could be told."""
        order = await self.docket.books.orders.get(trace.order_id or "", self.key.household_id)
        if order is None:
            return None
        held = sheet.held_for(order.id)
        if order.state != "opening" or not held:
            return ToPay(order_id=order.id, expires_at=order.expires_at)
        await self._keep_places(claim_on(sheet, held, self.programme, await self._child()).capacities, order)
        return await self._hold(order, held)

    async def _decide(self, sheet: Sheet) -> list[DecidedDay]:
        sheet.refuse_when_closed()
        asked = {day.slot: kind for day in self.days if (kind := asked_of(sheet.days.get(day.slot)))}
        if not asked:
            return [self._answer(day, None) for day in self.days]
        outcomes = {slot: outcome_of(kind, self.asked.ruling, self.programme) for slot, kind in asked.items()}
        paying = [slot for slot, outcome in outcomes.items() if outcome == "held"]
        order = await self._open_order(paying) if paying else None
        await self._write(sheet, outcomes, order)
        to_pay = await self._hold(order, paying) if order else None
        return [self._answer(day, outcomes.get(day.slot), to_pay) for day in self.days]

    async def _write(self, sheet: Sheet, outcomes: Mapping[Slot, Outcome], order: Order | None) -> None:
        books, ruling, now = self.docket.books, self.asked.ruling, self.docket.clock()
        to_pay = ToPay(order_id=order.id, expires_at=order.expires_at) if order else None
        gone = [slot for slot, outcome in outcomes.items() if outcome == "cancelled" or self._declined(sheet, slot)]
        held = [slot for slot, outcome in outcomes.items() if outcome == "held"]
        child = await self._child()
        claim = claim_on(sheet, held, self.programme, child)
        # Loose until the sheet says held: a crash before leaves the day requested, and the sweeper confirms its place.
        await books.places.loosen(claim.capacities, claim)
        done = Done(
            key=self.trace_key,
            fingerprint=self.asked.fingerprint,
            lines=tuple(outcomes.items()),
            order_id=order.id if order else None,
        )
        name = await self._first_name()
        change: Change = decided(sheet, outcomes, ruling, self.programme, to_pay=to_pay, first_name=name)
        await clear_days(sheet, change, gone, programme=self.programme, child=child, books=books, now=now, done=done)
        if order:
            await self._keep_places(claim.capacities, order)

    def _declined(self, sheet: Sheet, slot: Slot) -> bool:
        return not self.asked.ruling.accepted and asked_of(sheet.days.get(slot)) == "book"

    async def _child(self) -> RosterChild | None:
        key = self.key
        try:
            return await self.docket.roster.child(key.child_id, key.household_id, key.municipality_id)
        except NotFound:
            return None

    async def _first_name(self) -> str:
        known = await self.docket.roster.children_in(self.key.municipality_id, [self.key.child_id])
        child = known.get(self.key.child_id)
        return child.first_name if child else ""

    async def _open_order(self, slots: Sequence[Slot]) -> Order:
        """The same for the same key: what was cut off goes on with it."""
        name = sha256(f"{self.trace_key}/{self.asked.municipality_id}".encode()).hexdigest()[:32]
        key = self.key
        lines = self._lines(slots)
        return await self.docket.books.orders.open(
            f"ord_{name}", key.household_id, key.municipality_id, lines, hold=self._time_to_pay(slots)
        )

    def _lines(self, slots: Sequence[Slot]) -> list[OrderLine]:
        return [
            OrderLine(child_id=self.key.child_id, programme_id=self.key.programme_id, activity_id=name, date=day)
            for name, day in in_order(slots)
        ]

    def _time_to_pay(self, slots: Sequence[Slot]) -> timedelta:
        calendar = self.town.calendar
        first = min(day for _, day in slots)
        left = datetime(first.year, first.month, first.day, tzinfo=calendar.zone) - self.docket.clock()
        return max(self.programme.regulation.payment_hold, min(TO_PAY, left))

    async def _hold(self, order: Order, slots: Sequence[Slot]) -> ToPay:
        held = await hold_order(order, self._lines(slots), self.docket.books, now=self.docket.clock())
        if held is None:
            raise Conflict()
        return ToPay(order_id=held.id, expires_at=held.expires_at)

    async def _keep_places(self, pools: Mapping[Pool, int], order: Order) -> None:
        """From now on the places go where the order goes."""
        hold = self._time_to_pay([day.slot for day in self.days])
        claim = Claim(key=self.key, attempt=uuid7(), capacities=pools, order_id=order.id, hold=hold)
        await self.docket.books.places.loosen(pools, claim)

    @property
    def programme(self) -> Programme:
        return self.town.programme(self.key.programme_id)

    @property
    def trace_key(self) -> str:
        # A key names one write only, and a decision writes one sheet after another.
        return f"{self.asked.key}/{self.key.second_id}"

    def _answer(self, day: AskedDay, outcome: Outcome | None, to_pay: ToPay | None = None) -> DecidedDay:
        if outcome is None:
            name = self.programme.activity(day.activity_id).name
            return DecidedDay(day=day, refusal=NothingAsked(activity=name, date=day.date))
        return DecidedDay(day=day, outcome=outcome, to_pay=to_pay if outcome == "held" else None)
