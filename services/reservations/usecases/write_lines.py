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
from services.reservations.domain.cart import Line
from services.reservations.domain.closing import may_be_closing
from services.reservations.domain.decision import Decision, decide
from services.reservations.domain.places import BRIEF, Claim
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import HoldEnded, MonthIsClosed
from services.reservations.domain.sheet import Change, Done, Outcome, Sheet, SheetKey, Slot, shown_month
from services.reservations.domain.town import Town
from services.reservations.domain.validation import LineOutcome
from services.reservations.usecases.beside import beside
from services.reservations.usecases.books import Books
from shared.errors import Conflict, KeyReused, Refused
from shared.ids import uuid7

TRIES = 8
ENDED = ("cancelled", None)


@dataclass(frozen=True, kw_only=True)
class Share:
    """What is asked of one sheet. `key` and `fingerprint` are those of the request; `order_id` is the open order that
    prepaid days are held for, None when it can take no more; `claimed`: the places may be held already.
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

    def capacities(self, lines: Iterable[Line]) -> dict[Slot, int]:
        """Those of the lines' slots whose places are limited."""
        places = {line.slot: self.programme.activity(line.activity_id).places for line in lines}
        return {slot: limit for slot, limit in places.items() if limit is not None}

    def claim(self, lines: Iterable[Line]) -> Claim:
        return Claim(
            key=self.sheet_key,
            attempt=uuid7(),
            capacities=self.capacities(lines),
            order_id=self.order_id if self.prepaid else None,
            hold=self.hold,
        )

    def decide(self, sheet: Sheet, lines: tuple[Line, ...], full: Iterable[Slot] = ()) -> Decision:
        decision = decide(lines, sheet=sheet, town=self.town, child=self.child, now=self.now, full=frozenset(full))
        if not self.prepaid or self.order_id:
            return decision
        late = {line.id: self.hold_ended(line) for line in decision.possible if line.action == "book"}
        kept = tuple(line for line in decision.possible if line.id not in late)
        return Decision(possible=kept, refused={**decision.refused, **late})

    def hold_ended(self, line: Line) -> Refused:
        return HoldEnded(activity=self.programme.activity(line.activity_id).name, date=line.date)


async def write_lines(share: Share, books: Books, *, sheet: Sheet | None = None) -> tuple[LineOutcome, ...]:
    """What became of each line. The same key does nothing twice. `sheet` saves the first reading.

    Raises `KeyReused`, and `Conflict` when others keep changing the sheet.
    """
    writing = _Writing(share, books)
    try:
        for _ in range(TRIES):
            try:
                return await writing.attempt(sheet or await books.sheets.get(share.sheet_key))
            except Conflict:
                sheet = None
        raise Conflict()
    finally:
        await writing.let_go_of_the_rest()


async def let_go(slots: Collection[Slot], claim: Claim, books: Books) -> None:
    """End a claim by what the sheet says, after making older writes of it impossible."""
    if not slots:
        return
    sheet = await books.sheets.fence(claim.key)
    states = {slot: sheet.state(slot) for slot in slots}
    booked = [slot for slot, state in states.items() if state not in (*ENDED, "held")]
    await asyncio.gather(
        books.places.confirm(booked, claim),
        books.places.free([slot for slot, state in states.items() if state in ENDED], claim),
        books.waiting.leave(claim.key.child_id, booked),
    )


@dataclass
class _Writing:
    """One share on its way; `_taken` remembers which claim holds which place until the place is settled."""

    share: Share
    books: Books
    _taken: dict[Slot, Claim] = field(default_factory=dict)
    _tried: bool = False

    async def attempt(self, sheet: Sheet) -> tuple[LineOutcome, ...]:
        share = self.share
        sheet = await beside(sheet, share.child, self.books.sheets)
        before = _done_before(sheet, share)
        lines = tuple(line for line in share.lines if line.slot not in before)
        decision = share.decide(sheet, lines)
        if self._worth_writing(decision):
            decision = await self._claim(sheet, lines, decision)
        if self._worth_writing(decision):
            closing = await self._closing(sheet)
            if closing is not None:
                return _outcomes(share, before, Decision(possible=(), refused={line.id: closing for line in lines}))
            await self._write(sheet, decision)
        return _outcomes(share, before, decision)

    def _worth_writing(self, decision: Decision) -> bool:
        return bool(decision.possible) and not (self.share.all_or_none and decision.refused)

    async def _claim(self, sheet: Sheet, lines: tuple[Line, ...], decision: Decision) -> Decision:
        """Take the places; what is full is decided again, for others of the day may depend on it."""
        booked = [line for line in decision.possible if line.action == "book"]
        claim = self.share.claim(booked)
        if not claim.capacities:
            return decision
        again = self._tried or self.share.claimed
        self._tried = True
        # Named before they are taken: whatever interrupts the taking, they are looked after.
        self._taken.update(dict.fromkeys(claim.capacities, claim))
        full = await self.books.places.claim(list(claim.capacities), claim, again=again)
        for slot in full:
            del self._taken[slot]
        return self.share.decide(sheet, lines, full) if full else decision

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
        booked, cancelled = decision.slots("book"), decision.slots("cancel")
        freed = share.claim(line for line in decision.possible if line.action == "cancel")
        if freed.capacities:
            self._taken.update(dict.fromkeys(freed.capacities, freed))
            await places.loosen(freed.capacities, replace(freed, order_id=None, hold=BRIEF))
        done = Done(
            key=share.key,
            fingerprint=share.fingerprint,
            lines=tuple((line.slot, self._outcome(line)) for line in decision.possible),
            order_id=share.order_id if share.prepaid and booked else None,
        )
        await self.books.sheets.write(sheet, self._change(sheet, booked, cancelled), now=share.now, done=done)
        await self._settle([slot for slot in booked if slot in self._taken], freed)

    def _outcome(self, line: Line) -> Outcome:
        if line.action == "cancel":
            return "cancelled"
        return "held" if self.share.prepaid else "confirmed"

    def _change(self, sheet: Sheet, booked: tuple[Slot, ...], cancelled: tuple[Slot, ...]) -> Change:
        programme, order_id = self.share.programme, self.share.order_id
        made = sheet.hold(booked, programme, order_id=order_id) if self.share.prepaid and order_id else None
        return (made or sheet.book(booked, programme)).and_also(sheet.cancel(cancelled, programme))

    async def _settle(self, taken: list[Slot], freed: Claim) -> None:
        """The sheet is written: confirm what is booked, free what is cancelled unless it may have to come back."""
        claims = [self._taken.pop(slot) for slot in (*taken, *freed.capacities)]
        steps: list[Coroutine[Any, Any, None]] = []
        if taken and not self.share.prepaid:
            steps.append(self.books.places.confirm(taken, claims[0]))
            steps.append(self.books.waiting.leave(self.share.child.child_id, taken))
        if freed.capacities and not self.share.all_or_none:
            steps.append(self.books.places.free(freed.capacities, freed))
        await asyncio.gather(*steps)

    async def let_go_of_the_rest(self) -> None:
        """Places held for lines that were then not written, or whose writing was answered as if it had failed."""
        by_claim: dict[str, tuple[Claim, list[Slot]]] = {}
        for slot, claim in self._taken.items():
            by_claim.setdefault(claim.attempt, (claim, []))[1].append(slot)
        for claim, slots in by_claim.values():
            await let_go(slots, claim, self.books)


def _done_before(sheet: Sheet, share: Share) -> Mapping[Slot, Outcome]:
    """What this key already did to the sheet. Raises `KeyReused` when it was for something else."""
    before: dict[Slot, Outcome] = {}
    for done in sheet.done_with(share.key):
        if done.fingerprint != share.fingerprint:
            raise KeyReused()
        before.update(done.lines)
    return before


def _outcomes(share: Share, before: Mapping[Slot, Outcome], decision: Decision) -> tuple[LineOutcome, ...]:
    made: Outcome = "held" if share.prepaid else "confirmed"
    stopped = share.all_or_none and bool(decision.refused)
    outcomes = []
    for line in share.lines:
        if line.slot in before:
            outcomes.append(LineOutcome(line=line, outcome=before[line.slot]))
        elif refusal := decision.refused.get(line.id):
            outcomes.append(LineOutcome(line=line, outcome="refused", refusal=refusal))
        elif stopped:
            outcomes.append(LineOutcome(line=line, outcome="refused"))
        else:
            outcomes.append(LineOutcome(line=line, outcome="cancelled" if line.action == "cancel" else made))
    return tuple(outcomes)
