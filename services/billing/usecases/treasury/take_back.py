"""A debt the Treasury does not take: its invoices are the cash office's again, and the family is told."""

from services.billing.domain.treasury.collection import CollectionOrder
from services.billing.domain.treasury.hand_over import take_back, taken_back_posting
from services.billing.domain.treasury.tidings import of_taking_back
from services.billing.usecases.treasury.desk import TreasuryDesk


async def take_back_debt(order: CollectionOrder, *, desk: TreasuryDesk) -> CollectionOrder:
    """The debt as given, stored once its invoices are back. Raises `Conflict`."""
    for owed in order.debts:
        invoice = await desk.invoices.get(order.household_id, owed.invoice_id)
        if invoice is not None:
            posting = taken_back_posting(invoice, order, desk.clock())
            await desk.invoices.change(
                order.household_id, owed.invoice_id, lambda known: take_back(known, order), postings=[posting]
            )
    addressee = await desk.former.kept_of(order.household_id)
    return await desk.orders.save(order, [of_taking_back(order, addressee)])
