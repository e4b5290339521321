"""The work of a validation: each line its own decision, each sheet one write, each town's prepaid days one order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.reservations.domain.capacity import full_slots
from services.reservations.domain.cart import Cart, Line, by_sheet
from services.reservations.domain.decision import no_place_left
from services.reservations.domain.order import Order, OrderLine
from services.reservations.domain.sheet import SheetKey
from services.reservations.domain.validation import LineOutcome, Validation, nothing_done
from services.reservations.domain.weeks import lines_beyond
from services.reservations.usecases.books import Books, Children, Towns
from services.reservations.usecases.settle_order import abandon_order, hold_order
from services.reservations.usecases.undo_lines import undo_lines
from services.reservations.usecases.write_lines import Judged, Share, judge, let_go, write_lines
from shared.clock import Clock
from shared.errors import NotFound, Refused


class Carts(Protocol):
    async def get(self, household_id: str) -> Cart: ...
    async def put(self, cart: Cart, *, now: datetime) -> None: ...
    async def take_out_validated(self, household_id: str, line_ids: list[str]) -> None: ...


class Validations(Protocol):
    async def find(self, household_id: str, key: str) -> Validation | None: ...
    async def begin(self, validation: Validation) -> Validation: ...
    async def resume(self, validation: Validation) -> bool: ...
    async def undo(self, validation: Validation) -> None: ...
    async def finish(self, validation: Validation, outcomes: Sequence[LineOutcome]) -> Validation: ...


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Where carts are validated: everything the work needs. `patience`: how often a key at work is looked at again."""

    carts: Carts
    validations: Validations
    catalogue: Towns
    roster: Children
    books: Books
    clock: Clock
    patience: int = 60


@dataclass(frozen=True, kw_only=True)
class Work:
    """A validation with what it needs at hand; `strangers` are lines whose child or activity is no longer there."""

    validation: Validation
    counter: Counter
    shares: tuple[Share, ...]
    orders: Mapping[str, Order]
    strangers: Mapping[str, Refused]

    @classmethod
    async def begin(cls, validation: Validation, counter: Counter) -> "Work":
        shares: list[Share] = []
        strangers: dict[str, Refused] = {}
        for key, lines in by_sheet(validation.lines, validation.household_id):
            try:
                shares.append(await _share(validation, key, lines, counter))
            except NotFound as refusal:
                strangers.update({line.id: refusal for line in lines})
        orders = await _open_orders(validation, shares, counter)
        return cls(
            validation=validation,
            counter=counter,
            shares=tuple(_with_order(share, orders) for share in shares),
            orders=orders,
            strangers=strangers,
        )

    async def possible(self) -> tuple[LineOutcome, ...]:
        """Do what can be done; each line that can not is refused by itself."""
        lines = [line for line in self.validation.lines if line.id in self.strangers]
        outcomes = [LineOutcome(line=line, outcome="refused", refusal=self.strangers[line.id]) for line in lines]
        for share in self.shares:
            refused = {outcome.line.id for outcome in outcomes if outcome.refused}
            beyond = tuple(line for line in share.beyond if line.id not in refused)
            outcomes += await write_lines(replace(share, beyond=beyond), self.counter.books)
        return self._in_order(await self._hold_orders(outcomes))

    async def all_or_nothing(self) -> tuple[LineOutcome, ...]:
        """Do everything, or take back what was done when a line falls out on the way."""
        if self.validation.undoing:
            return await self._take_back({})
        judged = [await judge(share, self.counter.books) for share in self.shares]
        if refused := await self._against(judged):
            return await self._fail(refused)
        outcomes: list[LineOutcome] = []
        for share, one in zip(self.shares, judged, strict=True):
            outcomes += await write_lines(replace(share, claimed=True), self.counter.books, judged=one)
        if not any(outcome.refused for outcome in outcomes):
            outcomes = await self._hold_orders(outcomes)
        if not any(outcome.refused for outcome in outcomes):
            return self._in_order(outcomes)
        return await self._fail({outcome.line.id: outcome.refusal for outcome in outcomes if outcome.refusal})

    async def _fail(self, refused: Mapping[str, Refused]) -> tuple[LineOutcome, ...]:
        """From here on it only goes backwards, though a crash came before: some sheets may have been written then."""
        await self.counter.validations.undo(self.validation)
        return await self._take_back(refused)

    async def _against(self, judged: Sequence[Judged]) -> dict[str, Refused]:
        """What speaks against all: lines refused as things are, else slots without a place. All places are held after
        an answer without refusals.
        """
        refused = dict(self.strangers)
        wanted: list[tuple[Share, tuple[Line, ...]]] = []
        for share, one in zip(self.shares, judged, strict=True):
            wanted.append((share, tuple(line for line in one.lines if line.action == "book")))
            refused.update(one.decision.refused)
        return refused or await self._claim_all(wanted)

    async def _claim_all(self, wanted: Sequence[tuple[Share, tuple[Line, ...]]]) -> dict[str, Refused]:
        places = self.counter.books.places
        claims = [share.claim(line.slot for line in lines) for share, lines in wanted]
        refused: dict[str, Refused] = {}
        for (share, lines), claim in zip(wanted, claims, strict=True):
            full = await places.claim(list(claim.capacities), claim, again=True)
            missed = full_slots(share.pools_of(line.slot for line in lines), full)
            refused.update({line.id: _full(share, line) for line in lines if line.slot in missed})
        if refused:
            for (share, _), claim in zip(wanted, claims, strict=True):
                await let_go(claim.capacities, claim, share.programme, self.counter.books)
        return refused

    async def _hold_orders(self, outcomes: list[LineOutcome]) -> list[LineOutcome]:
        """Tell each order that keeps something; lines whose order ended meanwhile are refused after all."""
        ended: set[str] = set()
        for town, order in self.orders.items():
            kept = [one for one in outcomes if one.outcome == "held" and one.line.municipality_id == town]
            held = [one.line for one in kept]
            lines = [OrderLine.of(one.line, one.surcharge) for one in kept]
            if not held:
                await abandon_order(order, self.counter.books, now=self.counter.clock())
            elif await hold_order(order, lines, self.counter.books, now=self.counter.clock()) is None:
                ended |= {line.id for line in held}
        return [self._too_late(outcome) if outcome.line.id in ended else outcome for outcome in outcomes]

    def _too_late(self, outcome: LineOutcome) -> LineOutcome:
        share = next(share for share in self.shares if outcome.line in share.lines)
        return LineOutcome(line=outcome.line, outcome="refused", refusal=share.hold_ended(outcome.line))

    async def _take_back(self, refused: Mapping[str, Refused]) -> tuple[LineOutcome, ...]:
        for share in self.shares:
            await undo_lines(share, self.counter.books)
        for order in self.orders.values():
            await abandon_order(order, self.counter.books, now=self.counter.clock())
        return nothing_done(self.validation.lines, refused)

    def _in_order(self, outcomes: Sequence[LineOutcome]) -> tuple[LineOutcome, ...]:
        """As the lines were in the cart."""
        by_id = {outcome.line.id: outcome for outcome in outcomes}
        return tuple(by_id[line.id] for line in self.validation.lines)


async def _share(validation: Validation, key: SheetKey, lines: tuple[Line, ...], counter: Counter) -> Share:
    town = await counter.catalogue.town(key.municipality_id)
    programme = town.programme(key.programme_id)
    for line in lines:
        programme.activity(line.activity_id)
    child, now = await counter.roster.child(key.child_id, key.household_id, key.municipality_id), counter.clock()
    if behalf := validation.behalf:
        town, child = behalf.town(town), behalf.child(child)
    return Share(
        sheet_key=key,
        lines=lines,
        town=town,
        child=child,
        now=now,
        beyond=lines_beyond(validation.lines, key, town, child, now),
        # A key names one write only, and a validation writes one sheet after another.
        key=f"{validation.id}/{key.id}",
        fingerprint=validation.fingerprint,
        all_or_none=validation.mode == "all",
        by="agent" if behalf else "guardian",
    )


async def _open_orders(validation: Validation, shares: Sequence[Share], counter: Counter) -> dict[str, Order]:
    """One per town that has prepaid days in the cart, with the shortest time to pay of its programmes."""
    orders = {}
    for town, order_id in validation.order_ids.items():
        prepaid = [share for share in shares if share.sheet_key.municipality_id == town and share.prepaid]
        lines = [OrderLine.of(line) for share in prepaid for line in share.lines if line.action == "book"]
        if lines:
            hold = min(share.hold for share in prepaid)
            orders[town] = await counter.books.orders.open(order_id, validation.household_id, town, lines, hold=hold)
    return orders


def _with_order(share: Share, orders: Mapping[str, Order]) -> Share:
    """Only an order that nobody was told of yet can take more days."""
    order = orders.get(share.sheet_key.municipality_id)
    if order is None or order.state != "opening" or not share.prepaid:
        return share
    return replace(share, order_id=order.id)


def _full(share: Share, line: Line) -> Refused:
    return no_place_left(share.programme.activity(line.activity_id), line.date, share.programme)
