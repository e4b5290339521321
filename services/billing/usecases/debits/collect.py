"""On its day a sent file is collected: each debit becomes money, unless the bank refused it before."""

from services.billing.domain.debits.batches import Batch, collected_at
from services.billing.domain.debits.debits import Debit, collected, received, scheduled
from services.billing.domain.debits.mandates import collected as used
from services.billing.domain.till.receipts import Part, Received
from services.billing.usecases.debits.desk import DebitDesk
from services.billing.usecases.debits.give_back import give_back
from services.billing.usecases.till.receive import receive


async def collect_due(*, desk: DebitDesk, limit: int = 20) -> int:
    """Collect the files whose day has come in their town; how many."""
    done = 0
    for batch in await desk.batches.sent_until(desk.clock().date(), limit):
        if batch.collect_on <= await desk.today(batch.municipality_id):
            await _collect(batch, desk)
            done += 1
    return done


async def _collect(batch: Batch, desk: DebitDesk) -> None:
    for debit in await desk.debits.of_batch(batch.municipality_id, batch.id):
        await _take(debit, desk)
    await desk.batches.save(collected_at(batch, desk.clock()))


async def _take(debit: Debit, desk: DebitDesk) -> None:
    """The debit first: whoever hears from the bank meanwhile knows that its money may be there.

    Cut off anywhere, or overtaken by the bank's answer, it is done again until nothing is left to do.
    """
    if debit.state == "batched":
        debit = await desk.debits.save(collected(debit, desk.clock()), debit)
    if debit.state == "collected" and not debit.receipt_id:
        receipt = await receive(_money(debit, desk), till=desk.till)
        await desk.invoices.change(debit.household_id, debit.invoice_id, lambda known: scheduled(known, None))
        await _close_mandate(debit, desk)
        await desk.debits.save(received(debit, receipt.id, receipt.taken_cents), debit)
    elif debit.state == "rejected":
        await give_back(debit, debit.reason, desk)


async def _close_mandate(debit: Debit, desk: DebitDesk) -> None:
    mandate = await desk.mandates.get(debit.household_id, debit.mandate_id)
    if mandate and debit.sequence:
        after = used(mandate, debit.sequence, desk.clock())
        if after != mandate:
            await desk.mandates.save(after, mandate)


def _money(debit: Debit, desk: DebitDesk) -> Received:
    return Received(
        source=debit.id,
        municipality_id=debit.municipality_id,
        household_id=debit.household_id,
        cash_office_id=debit.cash_office_id,
        mode="debit",
        cents=debit.cents,
        at=desk.clock(),
        on=debit.collect_on,
        transaction=debit.end_to_end,
        parts=(Part(piece=debit.invoice_id, number=debit.invoice_number, cents=debit.cents),),
    )
