"""Remissions: what a town gives up of a debt (remise gracieuse, admission en non-valeur), with its reason."""

from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.invoices import CREDIT_NOTE, Invoice, settle
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement, known
from services.billing.domain.till.refusals import MoreThanRemains, NothingToSettle
from shared.money import Cents


@dataclass(frozen=True, kw_only=True)
class Remission:
    id: str
    cents: int
    reason: str
    by: str
    at: datetime


def remitted(invoice: Invoice, remission: Remission) -> Invoice:
    """The invoice after it; itself when it knows it. Raises `NothingToSettle`, `MoreThanRemains`."""
    act = settlement_of(remission)
    if known(invoice.settlements, act):
        return invoice
    if invoice.kind == CREDIT_NOTE or invoice.remaining_cents <= 0:
        raise NothingToSettle(number=invoice.number)
    if remission.cents > invoice.remaining_cents:
        raise MoreThanRemains(number=invoice.number, remaining=Cents(invoice.remaining_cents))
    return settle(invoice, act)


def settlement_of(remission: Remission) -> Settlement:
    return Settlement(source=remission.id, kind="remission", cents=remission.cents, at=remission.at)


def posting_of(remission: Remission, invoice: Invoice) -> Posting:
    return Posting(
        id=f"{remission.id}/remitted",
        kind="remitted",
        municipality_id=invoice.municipality_id,
        cash_office_id=invoice.cash_office_id,
        household_id=invoice.household_id,
        at=remission.at,
        cents=-remission.cents,
        piece=invoice.number,
        source=invoice.id,
        facts={"reason": remission.reason, "by": remission.by},
    )
