"""Make the file that takes planned debits to the bank; mark it sent; take it back.

Cut off anywhere, the next one who asks goes on with the same file: its debits are claimed, each is decided once, and
the same debits give the same bytes.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from services.billing.domain.debits.batches import (
    Batch,
    DebitFile,
    Entry,
    check_day,
    check_withdrawable,
    entry_of,
    made,
    message_of,
    purpose_of,
    sent,
    withdrawn,
)
from services.billing.domain.debits.creditors import Creditor, file_name
from services.billing.domain.debits.debits import Debit, WhyCancelled, back_to_plan, entered
from services.billing.domain.debits.mandates import Mandate, is_collectable, presented, taken_back
from services.billing.domain.debits.mandates import purpose_of as account_purpose
from services.billing.domain.debits.refusals import NoDirectDebit, NothingToDebit
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.plan import cancel
from services.billing.usecases.secrets import Unsealable
from shared.errors import Conflict, KeyReused, NotFound


@dataclass(frozen=True, kw_only=True)
class AskedBatch:
    """Everything announced for `collect_on` or before, collected that day. `key`: asking again is the same."""

    municipality_id: str
    cash_office_id: str
    collect_on: date
    by: str
    key: str
    fingerprint: str


async def make_batch(asked: AskedBatch, *, desk: DebitDesk) -> Batch:
    """The file, made once. Raises `NoDirectDebit`, `DayTooEarly`, `NothingToDebit`, `KeyReused`, `Conflict`."""
    known = await desk.batches.by_key(asked.municipality_id, asked.key)
    if known and known.fingerprint != asked.fingerprint:
        raise KeyReused()
    if known and known.state != "making":
        return known
    creditor = await desk.creditors.of(asked.municipality_id, asked.cash_office_id)
    if creditor is None:
        raise NoDirectDebit()
    batch = known or await desk.batches.making(asked.municipality_id, asked.cash_office_id)
    batch = batch or await _begun(asked, creditor, desk)
    return await _fill(batch, creditor, desk)


async def _begun(asked: AskedBatch, creditor: Creditor, desk: DebitDesk) -> Batch:
    try:
        return await _begin(asked, creditor, desk)
    except Conflict:
        # Somebody else asked at the same moment: it is one file.
        other = await desk.batches.making(asked.municipality_id, asked.cash_office_id)
        if other is None:
            raise
        return other


async def _begin(asked: AskedBatch, creditor: Creditor, desk: DebitDesk) -> Batch:
    today = await desk.today(asked.municipality_id)
    check_day(asked.collect_on, today, creditor)
    if not await desk.debits.count_planned(asked.municipality_id, asked.cash_office_id, asked.collect_on):
        raise NothingToDebit(day=asked.collect_on)
    batch_id = desk.new_id("dbb")
    return await desk.batches.save(
        Batch(
            id=batch_id,
            municipality_id=asked.municipality_id,
            cash_office_id=asked.cash_office_id,
            collect_on=asked.collect_on,
            message_id=message_of(batch_id),
            schema=creditor.schema,
            made_on=today,
            made_at=desk.clock(),
            made_by=asked.by,
            key=asked.key,
            fingerprint=asked.fingerprint,
        )
    )


async def _fill(batch: Batch, creditor: Creditor, desk: DebitDesk) -> Batch:
    await desk.debits.claim(batch.municipality_id, batch.cash_office_id, batch.collect_on, batch.id)
    claimed = [one for one in await desk.debits.of_batch(batch.municipality_id, batch.id) if one.live]
    pairs: list[tuple[Debit, Entry]] = []
    for _, group in groupby(sorted(claimed, key=lambda one: (one.mandate_id, one.id)), key=lambda one: one.mandate_id):
        pairs += await _entries(list(group), batch, creditor, desk)
    if not pairs:
        await desk.batches.save(withdrawn(batch, by=batch.made_by, why="empty", now=desk.clock()))
        raise NothingToDebit(day=batch.collect_on)
    entries = tuple(entry for _, entry in pairs)
    file = DebitFile(
        message_id=batch.message_id,
        created_at=batch.made_at,
        creditor=replace(creditor, schema=batch.schema),
        entries=entries,
    )
    content = await desk.writer.write(file)
    sha256 = hashlib.sha256(content).hexdigest()
    await desk.batches.keep_file(batch, desk.secrets.seal(content.decode(), purpose_of(batch.id)), sha256)
    number = 1 + await desk.batches.last_number(batch.municipality_id, batch.made_on)
    name = file_name(creditor, batch.made_on, number)
    whole = made(batch, [debit for debit, _ in pairs], file_name=name, number=number, sha256=sha256)
    return await desk.batches.save(whole)


async def _entries(debits: list[Debit], batch: Batch, creditor: Creditor, desk: DebitDesk) -> list[tuple[Debit, Entry]]:
    """The debits of one mandate; those that cannot be collected leave the plan."""
    mandate = await desk.mandates.get(debits[0].household_id, debits[0].mandate_id)
    iban = _iban(mandate, desk)
    kept = []
    for debit in debits:
        reason = await _obstacle(debit, mandate, iban, batch.collect_on, desk)
        if reason:
            await cancel(debit, reason, desk)
        else:
            kept.append(debit)
    if not kept or mandate is None:
        return []
    # The last of them is the mandate's last; otherwise the first is its first.
    chief = kept[-1] if mandate.last else kept[0]
    written = [await _entered(debit, mandate, batch, debit is chief, desk) for debit in kept]
    after = presented(mandate, batch.collect_on)
    if after != mandate:
        await desk.mandates.save(after, mandate)
    return [(debit, entry_of(debit, mandate, iban, creditor)) for debit in written]


def _iban(mandate: Mandate | None, desk: DebitDesk) -> str:
    if mandate is None:
        return ""
    try:
        return desk.secrets.open(mandate.iban, account_purpose(mandate.id))
    except Unsealable:
        # One account that cannot be read must not keep the others from being debited.
        desk.alert("mandate_account_unreadable", mandate_id=mandate.id)
        return ""


async def _obstacle(debit: Debit, mandate: Mandate | None, iban: str, day: date, desk: DebitDesk) -> WhyCancelled:
    invoice = await desk.invoices.get(debit.household_id, debit.invoice_id)
    if invoice is None or invoice.remaining_cents <= 0:
        return "paid"
    if invoice.debit_on is None or invoice.handed_over_at:
        return "office"
    if mandate is None or not (debit.sequence or is_collectable(mandate, day)):
        return "mandate"
    return "" if iban else "account"


async def _entered(debit: Debit, mandate: Mandate, batch: Batch, chief: bool, desk: DebitDesk) -> Debit:
    invoice = await desk.invoices.get(debit.household_id, debit.invoice_id)
    if invoice is None:
        raise NotFound()
    changed = entered(debit, invoice, mandate, batch.collect_on, alone=chief)
    return debit if changed is debit else await desk.debits.save(changed, debit)


async def mark_sent(batch: Batch, by: str, *, desk: DebitDesk) -> Batch:
    """The accountant has it. Marked before, it stays as it is. Raises `BatchWithdrawn`, `Conflict`."""
    marked = sent(batch, by, desk.clock())
    return batch if marked is batch else await desk.batches.save(marked)


async def withdraw(batch: Batch, *, by: str, why: str, by_bank: bool, desk: DebitDesk) -> Batch:
    """Its debits wait for another file; withdrawn before, it stays as it is. Raises `BatchSent`, `DebitCollected`."""
    check_withdrawable(batch, by_bank=by_bank)
    if batch.state != "withdrawn":
        batch = await desk.batches.save(withdrawn(batch, by=by, why=why, now=desk.clock()))
    for debit in await desk.debits.of_batch(batch.municipality_id, batch.id):
        await plan_again(debit, desk)
    return batch


async def plan_again(debit: Debit, desk: DebitDesk) -> None:
    """The mandate first: done again, it is as it was before the file."""
    if debit.state != "batched" or debit.sequence is None:
        return
    mandate = await desk.mandates.get(debit.household_id, debit.mandate_id)
    if mandate:
        back = taken_back(mandate, debit.sequence, before=debit.presented_before, amended=debit.amended)
        if back != mandate:
            await desk.mandates.save(back, mandate)
    await desk.debits.save(back_to_plan(debit), debit)
