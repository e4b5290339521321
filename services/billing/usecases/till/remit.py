"""Remit: write off what remains of an invoice, or a part of it, with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.billing.domain.invoices import Invoice
from services.billing.domain.postings import Posting
from services.billing.domain.till.remissions import Remission, posting_of, remitted
from shared.clock import Clock
from shared.errors import NotFound


class Invoices(Protocol):
    async def get(self, household_id: str, invoice_id: str) -> Invoice | None: ...
    async def change(
        self,
        household_id: str,
        invoice_id: str,
        step: Callable[[Invoice], Invoice],
        *,
        postings: Sequence[Posting] = (),
    ) -> Invoice: ...


@dataclass(frozen=True, kw_only=True)
class ToRemit:
    """`cents` None: all that remains. `id`: the same for the same asking."""

    id: str
    municipality_id: str
    household_id: str
    invoice_id: str
    cents: int | None
    reason: str
    by: str


async def remit(asked: ToRemit, *, invoices: Invoices, clock: Clock) -> Invoice:
    """The invoice after the remission. Raises `NotFound`, `NothingToSettle`, `MoreThanRemains`, `Conflict`."""
    invoice = await invoices.get(asked.household_id, asked.invoice_id)
    if invoice is None or invoice.municipality_id != asked.municipality_id:
        raise NotFound()
    cents = invoice.remaining_cents if asked.cents is None else asked.cents
    remission = Remission(id=asked.id, cents=cents, reason=asked.reason, by=asked.by, at=clock())
    return await invoices.change(
        asked.household_id,
        asked.invoice_id,
        lambda known: remitted(known, remission),
        postings=[posting_of(remission, invoice)],
    )
