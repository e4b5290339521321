"""An invoice given to the Treasury and taken back, and what the journal holds of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.billing.domain.invoices import Invoice, followed
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.treasury.collection import Batch, CollectionOrder
from services.billing.domain.unpaid.ageing import owes
from services.billing.domain.unpaid.reminders import REMINDED


def is_taken(invoice: Invoice, batch: Batch) -> bool:
    """Handed over by this very batch, now or before it was cut off."""
    return invoice.handed_over_at == batch.created_at


def hand_over(invoice: Invoice, batch: Batch) -> Invoice:
    """The invoice in the Treasury's hands; itself when nothing is left of it, or others collect it."""
    if not owes(invoice) or invoice.state not in REMINDED:
        return invoice
    return followed(replace(invoice, handed_over_at=batch.created_at))


def take_back(invoice: Invoice, order: CollectionOrder) -> Invoice:
    """The cash office's again, to be paid there; itself when it is, or when another batch has it by now."""
    if invoice.handed_over_at != order.handed_over_at:
        return invoice
    return followed(replace(invoice, handed_over_at=None))


def handed_over_posting(invoice: Invoice, batch: Batch) -> Posting:
    return _posting(
        invoice, f"{invoice.id}/handed_over/{batch.id}", -invoice.remaining_cents, batch.id, batch.created_at
    )


def taken_back_posting(invoice: Invoice, order: CollectionOrder, at: datetime) -> Posting:
    return _posting(invoice, f"{invoice.id}/taken_back/{order.id}", invoice.remaining_cents, order.id, at)


def _posting(invoice: Invoice, name: str, cents: int, source: str, at: datetime) -> Posting:
    return Posting(
        id=name,
        kind="handed_over",
        municipality_id=invoice.municipality_id,
        cash_office_id=invoice.cash_office_id,
        household_id=invoice.household_id,
        at=at,
        cents=cents,
        piece=invoice.number,
        source=source,
    )


def paid_at_the_office(invoice: Invoice) -> Sequence[Settlement]:
    """What the cash office took of an invoice after it was handed over: the Treasury asks for it all the same."""
    since = invoice.handed_over_at
    if since is None:
        return ()
    return [one for one in invoice.settlements if one.kind in {"payment", "credit"} and one.at >= since]


def shares(order: CollectionOrder, already: int, cents: int) -> Sequence[tuple[str, int]]:
    """By invoice, what `cents` pay of the debt of which `already` is collected: the oldest first.

    What is more than the debt stands on its last invoice, so that nothing the Treasury collected is left out.
    """
    found: list[tuple[str, int]] = []
    start, last = 0, len(order.debts) - 1
    for place, owed in enumerate(order.debts):
        end = start + owed.cents if place < last else already + cents
        part = min(max(end, start), already + cents) - max(start, already)
        if part > 0:
            found.append((owed.invoice_id, part))
        start = end
    return found
