"""Take what an order's payment planned to take of credit notes, or give it back; each counts once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.billing.domain.invoices import Invoice
from services.billing.domain.paying.credits import CreditUse, holds, released, taken, use_posting
from services.billing.domain.payments import Payment
from services.billing.domain.postings import Posting


class Pieces(Protocol):
    async def several(self, household_id: str, invoice_ids: list[str]) -> list[Invoice]: ...
    async def change(
        self,
        household_id: str,
        invoice_id: str,
        step: Callable[[Invoice], Invoice],
        *,
        postings: Sequence[Posting] = (),
    ) -> Invoice: ...


async def take_credits(payment: Payment, pieces: Pieces, now: datetime) -> bool:
    """True when the credit notes gave all that was planned, now or before."""
    uses = {use.credit_id: use for use in payment.credits}
    for credit in await pieces.several(payment.household_id, list(uses)):
        use = uses.pop(credit.id)
        step = _take(payment.id, use, now)
        told = use_posting(credit, payment.id, payment.order_id or "", use.cents, now)
        if not holds(await pieces.change(payment.household_id, credit.id, step, postings=[told]), payment.id, now):
            return False
    return not uses


def _take(payment_id: str, use: CreditUse, now: datetime) -> Callable[[Invoice], Invoice]:
    return lambda credit: taken(credit, payment_id, use, now)


async def release_credits(payment: Payment, pieces: Pieces, now: datetime) -> None:
    """The credit notes have again what this payment took; nothing when it took nothing, or gave it back before."""
    uses = {use.credit_id: use for use in payment.credits}
    for credit in await pieces.several(payment.household_id, list(uses)):
        told = use_posting(credit, payment.id, payment.order_id or "", -uses[credit.id].cents, now)
        await pieces.change(
            payment.household_id, credit.id, lambda one: released(one, payment.id, now), postings=[told]
        )
