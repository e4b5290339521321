"""Credit notes of a family pay its prepaid orders first; only what they leave is paid online.

Planned when the attempt begins and used when it is settled: until then nothing is taken from a credit note. When it
was used for something else meanwhile, the order is not paid and all money that came for it is due back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.invoices import Invoice, settle
from services.billing.domain.payfip import SMALLEST_CENTS
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement, SettlementKind, known


@dataclass(frozen=True, kw_only=True)
class CreditUse:
    """The part of a credit note that pays a part of an order, in cents above zero."""

    credit_id: str
    number: str
    cents: int


def planned(order_cents: int, notes: Sequence[Invoice]) -> tuple[CreditUse, ...]:
    """What credit notes, given oldest first, pay of an order.

    All of it, or so much that what remains is an amount online payment takes (1 euro).
    """
    left = sum(-credit.remaining_cents for credit in notes)
    wanted = order_cents if left >= order_cents else min(left, order_cents - SMALLEST_CENTS)
    uses = []
    for credit in notes:
        part = min(wanted, -credit.remaining_cents)
        wanted -= part
        if part > 0:
            uses.append(CreditUse(credit_id=credit.id, number=credit.number, cents=part))
    return tuple(uses)


def taken(credit: Invoice, payment_id: str, use: CreditUse, at: datetime) -> Invoice:
    """The credit note after the payment took its part, all of it or nothing; itself when it did before."""
    if -credit.remaining_cents < use.cents:
        return credit
    return settle(credit, Settlement(source=payment_id, kind="credit", cents=-use.cents, at=at))


def released(credit: Invoice, payment_id: str, at: datetime) -> Invoice:
    """The credit note with what the payment took of it given back; itself when there is nothing to give back."""
    done = _entered(credit, payment_id, "credit", at)
    if done is None:
        return credit
    return settle(credit, Settlement(source=payment_id, kind="reversal", cents=-done.cents, at=at))


def holds(credit: Invoice, payment_id: str, at: datetime) -> bool:
    """Whether the payment took its part."""
    return _entered(credit, payment_id, "credit", at) is not None


def _entered(credit: Invoice, source: str, kind: SettlementKind, at: datetime) -> Settlement | None:
    return known(credit.settlements, Settlement(source=source, kind=kind, cents=0, at=at))


def use_posting(credit: Invoice, payment_id: str, order_id: str, cents: int, at: datetime) -> Posting:
    """What the journal holds of it; `cents` negative when it is given back."""
    return Posting(
        id=f"{credit.id}/{'used' if cents > 0 else 'released'}/{payment_id}",
        kind="credit_used",
        municipality_id=credit.municipality_id,
        cash_office_id=credit.cash_office_id,
        household_id=credit.household_id,
        at=at,
        cents=cents,
        piece=credit.number,
        source=order_id,
        facts={"pieces": order_id},
    )
