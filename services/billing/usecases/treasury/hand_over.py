"""Make a batch of debts: its invoices change hands one by one, then its file is written, once.

The batch is kept before anything changes hands, so that one that is cut off is taken up again: each invoice knows the
batch by its instant, each debt has an id of its place in the batch, the file is the first one stored.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.billing.domain.copies import today_in
from services.billing.domain.invoices import Invoice
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.treasury.collection import (
    Batch,
    CollectionOrder,
    NothingToHandOver,
    TreasuryNotSet,
    TreasurySettings,
    order_of,
)
from services.billing.domain.treasury.debtors import debtor_of
from services.billing.domain.treasury.grouping import group
from services.billing.domain.treasury.hand_over import hand_over, handed_over_posting, is_taken
from services.billing.domain.treasury.ormc import Flow, Piece, file_name, ormc
from services.billing.domain.treasury.tidings import of_hand_over
from services.billing.usecases.treasury.desk import Asked, TreasuryDesk
from services.billing.usecases.treasury.preview import candidates
from shared.errors import KeyReused

# A batch that is worked on is not taken up by others meanwhile.
PATIENCE = timedelta(minutes=2)
LARGEST = 2_000
"""Debts of one batch: what is more goes with the next one."""


async def hand_over_debts(asked: Asked, *, desk: TreasuryDesk) -> Batch:
    """The batch, ready to be downloaded. Raises `TreasuryNotSet`, `NothingToHandOver`, `KeyReused`, `Conflict`."""
    known = await desk.batches.by_key(asked.municipality_id, asked.key)
    if known and known.fingerprint != asked.fingerprint:
        raise KeyReused()
    batch = known or await _open(asked, desk)
    return await prepare(batch, desk=desk)


async def _open(asked: Asked, desk: TreasuryDesk) -> Batch:
    groups = await _groups(asked, desk)
    now = _to_millisecond(desk.clock())
    issued_on = today_in(await desk.copies.town(asked.municipality_id), now)
    batch = Batch(
        id=desk.new_id("trb"),
        municipality_id=asked.municipality_id,
        cash_office_id=asked.office.id,
        year=issued_on.year,
        number=0,
        issued_on=issued_on,
        created_at=now,
        created_by=asked.by,
        key=asked.key,
        fingerprint=asked.fingerprint,
        groups=tuple(groups),
    )
    return await desk.batches.open(batch)


async def _groups(asked: Asked, desk: TreasuryDesk) -> list[tuple[str, tuple[str, ...]]]:
    """The debts to make of what was asked for. An invoice that may not go refuses the whole."""
    settings = await desk.settings.of(asked.office.id, asked.municipality_id)
    if settings is None:
        raise TreasuryNotSet()
    wanted = None if asked.invoice_ids is None else set(asked.invoice_ids)
    found: list[tuple[str, tuple[str, ...]]] = []
    async for one in candidates(asked.municipality_id, asked.office, desk=desk):
        ready = [invoice for debt in one.debts for invoice in debt]
        chosen = ready if wanted is None else [invoice for invoice in ready if invoice.id in wanted]
        grouped = group(chosen, settings.threshold_cents)
        found += [(one.household_id, tuple(invoice.id for invoice in debt)) for debt in grouped.debts]
    named = {name for _, ids in found for name in ids}
    if not found or (wanted is not None and named != wanted):
        raise NothingToHandOver()
    return found[:LARGEST]


def _to_millisecond(at: datetime) -> datetime:
    """As the database keeps it: a batch is recognised by this instant."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def prepare(batch: Batch, *, desk: TreasuryDesk) -> Batch:
    """Everything that is left to do for a batch; nothing when it is ready. Raises `TreasuryNotSet`, `Conflict`."""
    if batch.state != "preparing":
        return batch
    settings = await desk.settings.of(batch.cash_office_id, batch.municipality_id)
    office = (await desk.tariffs.of(batch.municipality_id)).office(batch.cash_office_id)
    if settings is None or office is None:
        raise TreasuryNotSet()
    for place, (household_id, invoice_ids) in enumerate(batch.groups, start=1):
        await _debt(batch, place, household_id, invoice_ids, settings, office, desk)
    return await _close(batch, settings, office, desk)


async def prepare_unfinished(desk: TreasuryDesk) -> int:
    """Batches that were cut off."""
    unfinished = await desk.batches.unfinished(desk.clock() - PATIENCE)
    for batch in unfinished:
        await prepare(batch, desk=desk)
    return len(unfinished)


async def _debt(
    batch: Batch,
    place: int,
    household_id: str,
    invoice_ids: Sequence[str],
    settings: TreasurySettings,
    office: CashOffice,
    desk: TreasuryDesk,
) -> None:
    paying = await desk.unpaid.being_paid(household_id) | await desk.contestations.contested(household_id)
    taken: list[tuple[Invoice, int]] = []
    for name in invoice_ids:
        invoice = await _take(batch, household_id, name, desk, kept=name in paying)
        if invoice:
            taken.append((invoice, invoice.remaining_cents))
    if not taken:
        return
    order_id = f"cor_{batch.id}_{place:04d}"

    def made(position: int) -> CollectionOrder:
        return order_of(taken, batch, settings, order_id=order_id, position=position, structure_id=office.structure_id)

    addressee = await desk.former.kept_of(household_id)
    await desk.orders.add(order_id, made, lambda order: of_hand_over(order, office, addressee))


async def _take(batch: Batch, household_id: str, name: str, desk: TreasuryDesk, *, kept: bool) -> Invoice | None:
    """The invoice in the batch's hands, None when it was paid, contested or debited in the meantime."""
    invoice = await desk.invoices.get(household_id, name)
    if invoice is None or is_taken(invoice, batch):
        return invoice
    if kept:
        return None
    changed = await desk.invoices.change(
        household_id, name, lambda known: hand_over(known, batch), postings=[handed_over_posting(invoice, batch)]
    )
    return changed if is_taken(changed, batch) else None


async def _close(batch: Batch, settings: TreasurySettings, office: CashOffice, desk: TreasuryDesk) -> Batch:
    orders = await desk.orders.of_batch(batch.municipality_id, batch.id)
    if not orders:
        return await desk.batches.save(replace(batch, state="empty"))
    flow = Flow(
        batch=batch, settings=settings, subject=await _subject(batch, office, desk), pieces=await _pieces(orders, desk)
    )
    sha256 = await desk.batches.keep_file(batch, ormc(flow), desk.clock())
    ready = replace(
        batch,
        state="ready",
        orders=len(orders),
        cents=sum(order.cents for order in orders),
        file_name=file_name(settings, batch),
        sha256=sha256,
    )
    return await desk.batches.save(ready)


async def _subject(batch: Batch, office: CashOffice, desk: TreasuryDesk) -> str:
    """What families owe it for, in the town's own words."""
    programmes = await desk.copies.programmes(batch.municipality_id)
    names = [programme.name for programme in programmes if programme.id in office.programmes]
    return ", ".join(names) or office.name


async def _pieces(orders: Sequence[CollectionOrder], desk: TreasuryDesk) -> list[Piece]:
    pieces = []
    for order in orders:
        debtor = debtor_of(await desk.copies.household(await desk.former.kept_of(order.household_id)))
        if debtor is None:
            # Known a moment ago, when the batch was asked for: somebody emptied the address in between.
            raise NothingToHandOver()
        pieces.append(Piece(order=order, debtor=debtor))
    return pieces
