"""Do to one sheet what was asked of it: decide, claim the scarce places, write once, settle the places.

The order of the writes is what makes it safe: a place is held before the sheet says booked, and a place is freed only
after a fence made sure that no write decided earlier can still say so. Whatever is cut off in between is settled by
`usecases/sweep.py` in the same way.
"""

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.capacity import Pool, all_pools, full_slots
from services.reservations.domain.cart import Line
from services.reservations.domain.closing import may_be_closing
from services.reservations.domain.decision import Decision, decide
from services.reservations.domain.outcomes import NOTHING, Written, late_outcome
from services.reservations.domain.places import BRIEF, Claim
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import HoldEnded, MonthIsClosed
from services.reservations.domain.sheet import Author, Done, Outcome, Sheet, SheetKey, Slot, shown_month
from services.reservations.domain.town import Town
from services.reservations.domain.validation import LineOutcome
from services.reservations.usecases.beside import around, beside
from services.reservations.usecases.books import Books
from shared.errors import Conflict, KeyReused, Refused
from shared.ids import uuid7

TRIES = 8
ENDED = ("cancelled", None)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What is asked of one sheet. `key` and `fingerprint` are those of the request; `order_id` is the open order that
    prepaid days are held for, None when it can take no more; `claimed`: the places may be held already; `beyond`: what
    is asked at the same time of the child's other months in the programme.
    """

    sheet_key: SheetKey
    lines: tuple[Line, ...]
    town: Town
    child: RosterChild
    now: datetime
    key: str
    fingerprint: str
    order_id: str | None = None
    all_or_none: bool = False
    claimed: bool = False
    by: Author = "guardian"
    beyond: tuple[Line, ...] = ()

    @property
    def programme(self) -> Programme:
        return self.town.programme(self.sheet_key.programme_id)

    @property
    def prepaid(self) -> bool:
        return self.programme.billing_mode == "prepaid"

    @property
    def hold(self) -> timedelta:
        """How long a place may wait: for the payment, or for this request to end."""
        return self.programme.regulation.payment_hold if self.prepaid else BRIEF

    def pools_of(self, slots: Iterable[Slot]) -> Mapping[Slot, Mapping[Pool, int]]:
        """What the days take their places from, as far as those are limited."""
        return self.child.pools_of(self.programme, slots)

    def claim(self, slots: Iterable[Slot]) -> Claim:
        return Claim(
            key=self.sheet_key,
            attempt=uuid7(),
            capacities=all_pools(self.pools_of(slots)),
            order_id=self.order_id if self.prepaid else None,
            hold=self.hold,
        )

    def decide(self, sheet: Sheet, lines: tuple[Line, ...], full: Iterable[Slot] = ()) -> Decision:
        decision = decide(
            lines, sheet=sheet, town=self.town, child=self.child, now=self.now, full=frozenset(full), final=True
        )
        if not self.prepaid or self.order_id:
            return decision
        late = {line.id: self.hold_ended(line) for line in decision.possible if line.action == "book"}
        kept = tuple(line for line in decision.possible if line.id not in late)
        return replace(decision, possible=kept, refused={**decision.refused, **late})

    async def look_around(self, sheet: Sheet, books: Books) -> Sheet:
        """The sheet with all that is to be known beside it."""
        sheet = await beside(sheet, self.child, books.sheets)
        return await around(sheet, self.lines, self.programme, books.sheets, self.beyond)

    def hold_ended(self, line: Line) -> Refused:
        return HoldEnded(activity=self.programme.activity(line.activity_id).name, date=line.date)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A sheet with all that is beside it, what the key already did to it, and what is decided of the other lines."""

    sheet: Sheet
    before: Mapping[Slot, Outcome]
    lines: tuple[Line, ...]
    decision: Decision


async def judge(share: Share, books: Books, sheet: Sheet | None = None) -> Judged:
    """`sheet` saves the reading. Raises `KeyReused`."""
    sheet = await share.look_around(sheet or await books.sheets.get(share.sheet_key), books)
    before = _done_before(sheet, share)
    lines = tuple(line for line in share.lines if line.slot not in before)
    return Judged(sheet=sheet, before=before, lines=lines, decision=share.decide(sheet, lines))


async def write_lines(
    share: Share, books: Books, *, sheet: Sheet | None = None, judged: Judged | None = None
) -> tuple[LineOutcome, ...]:
    """What became of each line. The same key does nothing twice. `sheet` saves the first reading, `judged` the first
    decision: the write fails when the sheet has changed since, and all is done anew.

    Raises `KeyReused`, and `Conflict` when others keep changing the sheet.
    """
    writing = _Writing(share, books)
    try:
        for _ in range(TRIES):
            try:
                return await writing.attempt(judged or await judge(share, books, sheet))
            except Conflict:
                sheet = judged = None
        raise Conflict()
    finally:
        await writing.let_go_of_the_rest()


async def let_go(pools: Collection[Pool], claim: Claim, programme: Programme, books: Books) -> None:
    """End a claim by what the sheet says, after making older writes of it impossible."""
    if not pools:
        return
    sheet = await books.sheets.fence(claim.key)
    states = {pool: {sheet.state(slot) for slot in sheet.in_pool(pool, programme)} - {"cancelled"} for pool in pools}
    booked = [pool for pool, found in states.items() if found - {"held"}]
    await asyncio.gather(
        books.places.confirm(booked, claim),
        books.places.free([pool for pool, found in states.items() if not found], claim),
        books.waiting.leave(claim.key.child_id, [slot for pool in booked for slot in sheet.in_pool(pool, programme)]),
    )


@dataclass
class _Writing:
    """One share on its way; `_taken` remembers which claim holds which place until the place is settled."""

    share: Share
    books: Books
    _taken: dict[Pool, Claim] = field(default_factory=dict)
    _tried: bool = False

    async def attempt(self, judged: Judged) -> tuple[LineOutcome, ...]:
        share, sheet, before, lines = self.share, judged.sheet, judged.before, judged.lines
        decision = judged.decision
        if self._worth_writing(decision):
            decision = await self._claim(sheet, lines, decision)
        if self._worth_writing(decision):
            closing = await self._closing(sheet)
            if closing is not None:
                closed = Decision(possible=(), refused={line.id: closing for line in lines})
                return _outcomes(share, before, closed, sheet)
            await self._write(sheet, decision)
        return _outcomes(share, before, decision, sheet)

    def _worth_writing(self, decision: Decision) -> bool:
        return bool(decision.possible) and not (self.share.all_or_none and decision.refused)

    async def _claim(self, sheet: Sheet, lines: tuple[Line, ...], decision: Decision) -> Decision:
        """Take the places; what is full is decided again, for others of the day may depend on it."""
        booked = decision.slots("book")
        claim = self.share.claim(booked)
        if not claim.capacities:
            return decision
        again = self._tried or self.share.claimed or _may_have_places(booked, sheet)
        self._tried = True
        # Named before they are taken: whatever interrupts the taking, they are looked after.
        self._taken.update(dict.fromkeys(claim.capacities, claim))
        full = await self.books.places.claim(list(claim.capacities), claim, again=again)
        for pool in full:
            del self._taken[pool]
        return self.share.decide(sheet, lines, full_slots(self.share.pools_of(booked), full)) if full else decision

    async def _closing(self, sheet: Sheet) -> Refused | None:
        """A new sheet of a month that is over exists before anything is decided upon it: a closing then sees it."""
        key, town = self.share.sheet_key, self.share.town
        if not sheet.is_new or not may_be_closing(key.month, town.calendar, self.share.now):
            return None
        await self.books.sheets.open(key)
        if await self.books.closings.exists(key.municipality_id, key.programme_id, key.month):
            return MonthIsClosed(month=shown_month(key.month))
        raise Conflict()

    async def _write(self, sheet: Sheet, decision: Decision) -> None:
        share, places = self.share, self.books.places
        pools = share.pools_of(decision.slots("book"))
        written = Written.of(decision, share.programme, pools, at=share.now, by=share.by, order_id=share.order_id)
        freed = self._freed(written, sheet)
        if freed.capacities:
            self._taken.update(dict.fromkeys(freed.capacities, freed))
            await places.loosen(freed.capacities, replace(freed, order_id=None, hold=BRIEF))
        done = Done(
            key=share.key,
            fingerprint=share.fingerprint,
            lines=tuple(written.outcomes.items()),
            order_id=share.order_id if written.slots("held") else None,
        )
        await self.books.sheets.write(sheet, written.change(sheet), now=share.now, done=done)
        await self._settle(written, freed)

    def _freed(self, written: Written, sheet: Sheet) -> Claim:
        """The places of what is cancelled, unless another activity of the day needs them too."""
        gone = written.slots("cancelled")
        claim = self.share.claim(gone)
        known = {(name, slot[1]): 0 for slot in gone for name in sheet.days[slot].pools}
        pools = {**known, **claim.capacities}
        kept = {pool for pool in pools if pool in self._taken or self._still_needed(pool, gone, sheet)}
        return replace(claim, capacities={pool: limit for pool, limit in pools.items() if pool not in kept})

    def _still_needed(self, pool: Pool, gone: Collection[Slot], sheet: Sheet) -> bool:
        live = (slot for slot in sheet.in_pool(pool, self.share.programme) if slot not in gone)
        return any(sheet.state(slot) not in ENDED for slot in live)

    async def _settle(self, written: Written, freed: Claim) -> None:
        """The sheet is written: confirm what is booked, free what is cancelled unless it may have to come back."""
        booked = written.slots("confirmed", "requested")
        taken = {pool: self._taken.pop(pool) for pool in _pools(written, booked) if pool in self._taken}
        for pool in (*_pools(written, written.slots("held")), *freed.capacities):
            self._taken.pop(pool, None)
        steps: list[Coroutine[Any, Any, None]] = []
        if taken:
            steps.append(self.books.places.confirm(taken, next(iter(taken.values()))))
            steps.append(self.books.waiting.leave(self.share.child.child_id, booked))
        if freed.capacities and not self.share.all_or_none:
            steps.append(self.books.places.free(freed.capacities, freed))
        if steps:
            await asyncio.gather(*steps)

    async def let_go_of_the_rest(self) -> None:
        """Places held for lines that were then not written, or whose writing was answered as if it had failed."""
        by_claim: dict[str, tuple[Claim, list[Pool]]] = {}
        for pool, claim in self._taken.items():
            by_claim.setdefault(claim.attempt, (claim, []))[1].append(pool)
        for claim, pools in by_claim.values():
            await let_go(pools, claim, self.share.programme, self.books)


def _may_have_places(slots: Iterable[Slot], sheet: Sheet) -> bool:
    """The child is in another activity on one of the days, which may share a place with it."""
    days = {day for _, day in slots}
    return any(day in days and entry.state != "cancelled" for (_, day), entry in sheet.days.items())


def _pools(written: Written, slots: Iterable[Slot]) -> dict[Pool, int]:
    return {pool: limit for slot in slots for pool, limit in written.pools.get(slot, {}).items()}


def _done_before(sheet: Sheet, share: Share) -> Mapping[Slot, Outcome]:
    """What this key already did to the sheet. Raises `KeyReused` when it was for something else."""
    before: dict[Slot, Outcome] = {}
    for done in sheet.done_with(share.key):
        if done.fingerprint != share.fingerprint:
            raise KeyReused()
        before.update(done.lines)
    return before


def _outcomes(
    share: Share, before: Mapping[Slot, Outcome], decision: Decision, sheet: Sheet
) -> tuple[LineOutcome, ...]:
    stopped = share.all_or_none and bool(decision.refused)
    outcomes = []
    for line in share.lines:
        if line.slot in before:
            entry = sheet.days.get(line.slot, NOTHING)
            known = LineOutcome(line=line, outcome=before[line.slot], late=entry.late, surcharge=entry.surcharge)
            outcomes.append(known)
        elif refusal := decision.refused.get(line.id):
            outcomes.append(LineOutcome(line=line, outcome="refused", refusal=refusal))
        elif stopped:
            outcomes.append(LineOutcome(line=line, outcome="refused"))
        else:
            outcomes.append(late_outcome(line, decision, share.programme))
    return tuple(outcomes)
