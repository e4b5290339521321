"""Refunds: money the town owes a family, from the day it is due until it is paid back or becomes a credit note."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from services.billing.domain.invoices import CREDIT_NOTE, Draft, Invoice, InvoiceLine, settle
from services.billing.domain.payments import Payment
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.till.receipts import Receipt
from services.billing.domain.till.refusals import NothingToSettle, RefundDecided, RefundNotPayable
from shared.errors import N_, Said

RefundState = Literal["due", "to_transfer", "paid", "credited", "dropped"]
Decision = Literal["transfer", "credit", "drop"]
Origin = Literal["surplus", "order", "credit_note"]
REFUND = "V"
OF_SURPLUS = frozenset({"paid-twice", "surplus"})
"""Reasons of money that settled nothing; any other gives back what prepaid days cost."""
AFTER: Mapping[Decision, frozenset[RefundState]] = {
    "transfer": frozenset({"to_transfer", "paid"}),
    "credit": frozenset({"credited"}),
    "drop": frozenset({"dropped"}),
}
REASONS: Mapping[str, str] = {
    "paid-twice": N_("Paid twice"),
    "surplus": N_("Paid too much"),
    "places-lost": N_("Places that were given to others"),
    "cancelled-in-time": N_("Days cancelled in time"),
    "cancelled-by-town": N_("Days cancelled by the town"),
    "credit-rest": N_("Rest of a credit note"),
}


@dataclass(frozen=True, kw_only=True)
class Refund:
    """`source`: the natural key of what it is for, so that one cause is paid back once. `piece`: number of the credit
    note whose rest it is. `number`: given when it is decided to be transferred, per cash office and year.

    `reference`: of the transfer. `credit_id`: the credit note it became.
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    source: str
    origin: Origin
    reason: str
    cents: int
    opened_at: datetime
    state: RefundState = "due"
    piece: str = ""
    year: int = 0
    position: int = 0
    number: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    paid_on: date | None = None
    paid_by: str = ""
    reference: str = ""
    credit_id: str | None = None
    key: str = ""
    version: int = 0


def dues_of(payment: Payment) -> dict[str, Refund]:
    """What a payment has to give back, by natural key; without ids."""
    return {
        f"{payment.id}/{due.ref}": Refund(
            id="",
            municipality_id=payment.municipality_id,
            household_id=payment.household_id,
            cash_office_id=payment.cash_office_id,
            source=f"{payment.id}/{due.ref}",
            origin="surplus" if due.reason in OF_SURPLUS else "order",
            reason=due.reason,
            cents=due.cents,
            opened_at=due.at,
        )
        for due in payment.refunds
    }


def due_of_surplus(receipt: Receipt) -> Refund:
    return Refund(
        id="",
        municipality_id=receipt.municipality_id,
        household_id=receipt.household_id,
        cash_office_id=receipt.cash_office_id,
        source=f"{receipt.id}/surplus",
        origin="surplus",
        reason="surplus",
        cents=receipt.surplus_cents,
        opened_at=receipt.at,
    )


def due_of_credit(credit: Invoice, refund_id: str, now: datetime, key: str) -> Refund:
    """The rest of a credit note, whole. Raises `NothingToSettle`."""
    if credit.kind != CREDIT_NOTE or credit.remaining_cents >= 0:
        raise NothingToSettle(number=credit.number)
    return Refund(
        id=refund_id,
        municipality_id=credit.municipality_id,
        household_id=credit.household_id,
        cash_office_id=credit.cash_office_id,
        source=f"{credit.id}/{refund_id}",
        origin="credit_note",
        reason="credit-rest",
        cents=-credit.remaining_cents,
        opened_at=now,
        piece=credit.number,
        key=key,
    )


def credit_of(refund: Refund) -> str:
    """The id of the credit note whose rest it is."""
    return refund.source.partition("/")[0]


def reservation_of(refund: Refund) -> Settlement:
    """What it takes of its credit note, so that nobody uses that meanwhile."""
    return Settlement(source=refund.id, kind="refund", cents=-refund.cents, at=refund.opened_at)


def release_of(refund: Refund, at: datetime) -> Settlement:
    return Settlement(source=refund.id, kind="reversal", cents=refund.cents, at=at)


def decided(refund: Refund, decision: Decision, *, by: str, at: datetime) -> Refund:
    """Raises `RefundDecided` unless it is due; the rest of a credit note is a credit already, and can be dropped only.

    What was paid or what days cost is never dropped: the town owes it.
    """
    if refund.state != "due":
        raise RefundDecided()
    of_credit = refund.origin == "credit_note"
    if (decision == "credit" and of_credit) or (decision == "drop" and not of_credit):
        raise RefundDecided()
    states: Mapping[Decision, RefundState] = {"transfer": "to_transfer", "credit": "credited", "drop": "dropped"}
    return replace(refund, state=states[decision], decided_at=at, decided_by=by)


def was_decided(refund: Refund, decision: Decision, by: str) -> bool:
    """Asked again by whoever did it, nothing changes."""
    return refund.state in AFTER[decision] and refund.decided_by == by


def numbered(refund: Refund, year: int, position: int) -> Refund:
    return replace(refund, year=year, position=position, number=f"{REFUND}{year}-{position:06d}")


def annulled(refund: Refund, at: datetime) -> Refund:
    """Of money that was not there after all."""
    return replace(refund, state="dropped", decided_at=at)


def annulled_credit(credit: Invoice, *, source: str, at: datetime) -> Invoice:
    """The credit note over such money; one of which something was used stays as it is."""
    if credit.remaining_cents != credit.total_cents:
        return credit
    return settle(credit, Settlement(source=source, kind="corrected", cents=credit.total_cents, at=at))


def annulment_of(credit: Invoice, at: datetime) -> Posting:
    """Of a credit note over such money."""
    return Posting(
        id=f"{credit.id}/cancelled",
        kind="cancelled",
        municipality_id=credit.municipality_id,
        cash_office_id=credit.cash_office_id,
        household_id=credit.household_id,
        at=at,
        cents=-credit.total_cents,
        piece=credit.number,
        source=credit.id,
    )


def paid(refund: Refund, *, on: date, reference: str, by: str) -> Refund:
    """Raises `RefundNotPayable`."""
    if refund.state != "to_transfer":
        raise RefundNotPayable()
    return replace(refund, state="paid", paid_on=on, reference=reference, paid_by=by)


def decision_postings(refund: Refund) -> list[Posting]:
    """Prepaid days paid back are income no more; as a credit note the note says so, and a surplus never was."""
    if refund.origin != "order" or refund.state != "to_transfer" or refund.decided_at is None:
        return []
    return [_posting(refund, "cancelled", refund.decided_at)]


def payment_posting(refund: Refund, at: datetime) -> Posting:
    return _posting(refund, "refunded", at)


def _posting(refund: Refund, kind: Literal["cancelled", "refunded"], at: datetime) -> Posting:
    facts = {"reason": refund.reason, "of": refund.origin, "pieces": refund.piece, "transaction": refund.reference}
    return Posting(
        id=f"{refund.id}/{kind}",
        kind=kind,
        municipality_id=refund.municipality_id,
        cash_office_id=refund.cash_office_id,
        household_id=refund.household_id,
        at=at,
        cents=-refund.cents,
        piece=refund.number,
        source=refund.source,
        mode="transfer" if kind == "refunded" else "",
        facts={name: value for name, value in facts.items() if value},
    )


def credit_draft(
    *, municipality_id: str, household_id: str, cash_office_id: str, cents: int, occasion: str, on: date
) -> Draft:
    """A credit note over money a family has with the town, of no child or activity."""
    line = InvoiceLine(child_id="", activity_id="", unit_cents=Decimal(-cents), quantity=1, total_cents=-cents, days=())
    return Draft(
        municipality_id=municipality_id,
        household_id=household_id,
        cash_office_id=cash_office_id,
        month=f"{on:%Y-%m}",
        kind=CREDIT_NOTE,
        year=on.year,
        issue_date=on,
        due_date=on,
        lines=(line,),
        total_cents=-cents,
        run_id="",
        occasion=occasion,
    )


def reason_said(refund: Refund) -> Said:
    return Said(msgid=REASONS.get(refund.reason, refund.reason))
