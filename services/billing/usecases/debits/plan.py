"""Plan the debit of an invoice and announce it; take it back out of the plan."""

from collections.abc import Iterable

from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.debits import Debit, WhyCancelled, cancelled, is_debitable, planned, scheduled
from services.billing.domain.debits.mandates import Mandate, check_collectable
from services.billing.domain.debits.refusals import DebitUnderWay, NoDirectDebit, NothingToDebit
from services.billing.domain.debits.tidings import of_plan
from services.billing.domain.invoices import Invoice
from services.billing.domain.owed import check_owed
from services.billing.usecases.debits.desk import DebitDesk


async def plan_new(invoices: Iterable[Invoice], mandates: dict[tuple[str, str], Mandate], *, desk: DebitDesk) -> int:
    """Plan what was just issued, before its paper says how to pay it; how many.

    `mandates`: those in force, by household and cash office. Taken up again, it finds the debit it had planned.
    """
    creditors: dict[str, Creditor | None] = {}
    count = 0
    for invoice in invoices:
        mandate = mandates.get((invoice.household_id, invoice.cash_office_id))
        if mandate is None or not is_debitable(invoice):
            continue
        if invoice.cash_office_id not in creditors:
            creditors[invoice.cash_office_id] = await desk.creditors.of(invoice.municipality_id, invoice.cash_office_id)
        creditor = creditors[invoice.cash_office_id]
        if creditor and not await _is_spent(mandate, invoice, desk):
            count += await _plan(invoice, mandate, creditor, desk) is not None
    return count


async def _is_spent(mandate: Mandate, invoice: Invoice, desk: DebitDesk) -> bool:
    """A mandate for one debit has it already."""
    if mandate.kind == "recurrent":
        return False
    others = await desk.debits.of_mandate(mandate.household_id, mandate.id, "planned")
    return mandate.used or any(other.invoice_id != invoice.id for other in others)


async def _plan(invoice: Invoice, mandate: Mandate, creditor: Creditor, desk: DebitDesk) -> Debit | None:
    today = await desk.today(invoice.municipality_id)
    debit = planned(desk.new_id("dbt"), invoice, mandate, creditor, today=today, now=desk.clock())
    if debit is None:
        return None
    debit = await desk.debits.add(debit, of_plan(debit, mandate, creditor))
    # What is in a file already keeps the day of the file.
    await desk.invoices.change(
        invoice.household_id, invoice.id, lambda known: scheduled(known, debit.collect_on) if debit.live else known
    )
    return debit


async def plan_one(invoice: Invoice, *, desk: DebitDesk) -> Debit:
    """Plan an invoice that was not, or present it again after the bank refused it.

    Raises `NoDirectDebit`, `MandateEnded`, `MandateLapsed`, `NothingToDebit`, and why nothing is owed (`check_owed`).
    """
    check_owed(invoice)
    mandate = await desk.mandates.in_force(invoice.household_id, invoice.cash_office_id)
    creditor = await desk.creditors.of(invoice.municipality_id, invoice.cash_office_id)
    if mandate is None or creditor is None:
        raise NoDirectDebit()
    today = await desk.today(invoice.municipality_id)
    check_collectable(mandate, today)
    debit = None if await _is_spent(mandate, invoice, desk) else await _plan(invoice, mandate, creditor, desk)
    if debit is None:
        raise NothingToDebit(day=today)
    return debit


async def drop(debit: Debit, why: WhyCancelled, *, desk: DebitDesk) -> Debit:
    """Out of the plan: the family pays otherwise. Dropped before, it stays as it is. Raises `DebitUnderWay`."""
    if debit.state == "batched":
        raise DebitUnderWay(day=debit.collect_on)
    return await cancel(debit, why, desk)


async def cancel(debit: Debit, why: WhyCancelled, desk: DebitDesk) -> Debit:
    """The invoice first: cut off in between, the debit of an invoice that plans none is left out of the next file."""
    changed = cancelled(debit, why)
    if changed is debit:
        return debit
    await desk.invoices.change(debit.household_id, debit.invoice_id, lambda known: scheduled(known, None))
    return await desk.debits.save(changed, debit)


async def drop_planned(mandate: Mandate, *, desk: DebitDesk) -> None:
    """Nothing is planned under a mandate that is not active."""
    for debit in await desk.debits.of_mandate(mandate.household_id, mandate.id, "planned"):
        await cancel(debit, "mandate", desk)
