"""Take over a return of the Treasury: sums collected, debts refused or given up, money nobody had asked for.

A file may come twice, overlap another one or be cut off: what it says of a debt has a natural key, so that each thing
counts once; the money is entered before the debt remembers it, under a source made of that key.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Protocol

from services.billing.domain.reconciliation.tasks import Task, before_title, too_much, unknown_debt
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.till.receipts import Part, Received
from services.billing.domain.treasury.collection import (
    OPEN,
    CollectionOrder,
    Returned,
    TreasuryNotSet,
    TreasurySettings,
    heard,
)
from services.billing.domain.treasury.hand_over import shares
from services.billing.domain.treasury.imports import ImportedReturn, OtherOffice, return_id
from services.billing.domain.treasury.returns import Said, TreasuryReturn, read_return
from services.billing.usecases.till.receive import MoneyTill, receive
from services.billing.usecases.till.remit import ToRemit, remit
from services.billing.usecases.treasury.desk import TreasuryDesk
from services.billing.usecases.treasury.take_back import take_back_debt
from shared.errors import NotFound, Refused


class Returns(Protocol):
    async def get(self, municipality_id: str, return_id: str) -> ImportedReturn | None: ...
    async def keep(self, done: ImportedReturn) -> ImportedReturn: ...


class Tasks(Protocol):
    async def raise_once(self, task: Task) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Mailroom:
    """The parts of taking over what the Treasury sends."""

    desk: TreasuryDesk
    till: MoneyTill
    returns: Returns
    tasks: Tasks


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A file as an agent brought it."""

    municipality_id: str
    office: CashOffice
    content: bytes
    by: str


async def import_return(brought: Brought, *, room: Mailroom) -> ImportedReturn:
    """What the file did; the same file again does nothing and says what it did.

    Raises `TreasuryNotSet`, `OtherOffice`, and as `read_return`: then nothing of the file was taken over.
    """
    settings = await room.desk.settings.of(brought.office.id, brought.municipality_id)
    if settings is None:
        raise TreasuryNotSet()
    sha256 = hashlib.sha256(brought.content).hexdigest()
    name = return_id(brought.office.id, sha256)
    if known := await room.returns.get(brought.municipality_id, name):
        return known
    found = read_return(brought.content)
    _check_office(found, settings)
    done = ImportedReturn(
        id=name,
        municipality_id=brought.municipality_id,
        cash_office_id=brought.office.id,
        sha256=sha256,
        imported_at=room.desk.clock(),
        imported_by=brought.by,
        said=len(found.said) + len(found.before_title),
    )
    for one in found.said:
        done = await _hear(one, done, room)
    for loose in found.before_title:
        raised = await room.tasks.raise_once(before_title(loose, done))
        done = replace(done, before_title=done.before_title + 1, fresh=done.fresh + raised)
    return await room.returns.keep(done)


def _check_office(found: TreasuryReturn, settings: TreasurySettings) -> None:
    """A file that names no codes is believed to be this office's: an agent chose it for it."""
    told = (found.post, found.collectivity)
    own = (settings.post, settings.collectivity)
    if any(one and one != ours for one, ours in zip(told, own, strict=True)):
        raise OtherOffice(found=" ".join(told), own=" ".join(own))


async def _hear(one: Said, done: ImportedReturn, room: Mailroom) -> ImportedReturn:
    order = await room.desk.orders.by_number(done.cash_office_id, one.year, one.number)
    if order is None or order.municipality_id != done.municipality_id:
        raised = await room.tasks.raise_once(unknown_debt(one, done))
        unknown = tuple(dict.fromkeys((*done.unknown, one.number)))
        return replace(done, unknown=unknown, fresh=done.fresh + raised)
    after = heard(order, one.returned)
    if after is order:
        return done
    await _follow(order, after, one.returned, done, room)
    return _counted(done, one.returned)


def _counted(done: ImportedReturn, said: Returned) -> ImportedReturn:
    return replace(
        done,
        fresh=done.fresh + 1,
        collected_cents=done.collected_cents + said.cents,
        rejected=done.rejected + (said.what == "rejected"),
    )


async def _follow(
    order: CollectionOrder, after: CollectionOrder, said: Returned, done: ImportedReturn, room: Mailroom
) -> None:
    """The money and the invoices first, the debt's own memory last."""
    if said.what == "collected":
        await _enter(order, said, done, room)
    if said.what == "remitted":
        await _give_up(order, said, done, room)
    if said.what == "rejected" and order.state in OPEN:
        await take_back_debt(after, desk=room.desk)
        return
    await room.desk.orders.save(after)


async def _enter(order: CollectionOrder, said: Returned, done: ImportedReturn, room: Mailroom) -> None:
    parts = tuple(
        Part(piece=name, cents=cents, number=_number(order, name))
        for name, cents in shares(order, order.collected_cents, said.cents)
    )
    # Noon, so that it is that day in every town's time zone.
    at = datetime.combine(said.on, time(12), tzinfo=UTC)
    money = Received(
        source=f"trs_{order.id}/{said.key}",
        municipality_id=order.municipality_id,
        household_id=order.household_id,
        cash_office_id=order.cash_office_id,
        mode="treasury",
        cents=said.cents,
        at=at,
        on=said.on,
        parts=parts,
        transaction=order.reference,
        surplus="caller",
    )
    receipt = await receive(money, till=room.till)
    if receipt.surplus_cents:
        await room.tasks.raise_once(too_much(order, said, receipt.surplus_cents, done))


def _number(order: CollectionOrder, invoice_id: str) -> str:
    return next(owed.number for owed in order.debts if owed.invoice_id == invoice_id)


async def _give_up(order: CollectionOrder, said: Returned, done: ImportedReturn, room: Mailroom) -> None:
    """Nothing more will come: what remains is written off, with the Treasury's reason."""
    for owed in order.debts:
        asked = ToRemit(
            id=f"{order.id}/{owed.invoice_id}",
            municipality_id=order.municipality_id,
            household_id=order.household_id,
            invoice_id=owed.invoice_id,
            cents=None,
            reason=said.reason,
            by=done.imported_by,
        )
        try:
            await remit(asked, invoices=room.desk.invoices, clock=room.desk.clock)
        except NotFound:
            continue
        except Refused:
            # Nothing is left of it.
            continue
