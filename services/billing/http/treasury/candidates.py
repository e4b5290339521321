"""What could be handed to the Treasury today, and what stays with the reason."""

from datetime import date

from aiohttp import web

from services.billing.domain.invoices import Invoice
from services.billing.domain.treasury.grouping import Candidate, Kept, cents_of
from services.billing.http.offices import office_asked
from services.billing.http.parts import COPIES
from services.billing.http.treasury.parts import TREASURY_DESK
from services.billing.http.unpaid.amounts import READERS
from services.billing.usecases.treasury.preview import candidates
from shared import audit
from shared.auth import Caller
from shared.web import Answer, Route, agent


class OwedInvoice(Answer):
    """`kept`: why it stays with the cash office, null for one that may be handed over."""

    invoice_id: str
    number: str
    month: str
    due_date: date
    remaining_cents: int
    kept: Kept | None


class DebtToBe(Answer):
    """The invoices of one debt: what is small goes together until it reaches the threshold."""

    cents: int
    invoices: list[OwedInvoice]


class ShownCandidate(Answer):
    household_id: str
    household_name: str
    cents: int
    debts: list[DebtToBe]
    kept: list[OwedInvoice]


class Candidates(Answer):
    cash_office_id: str
    debts: int
    cents: int
    items: list[ShownCandidate]


async def list_treasury_candidates(request: web.Request, caller: Caller) -> Candidates:
    """Every family with something overdue: the debts it would have at the Treasury, and what stays here"""
    office, tariff = await office_asked(request, caller, *READERS)
    found = [one async for one in candidates(tariff.id, office, desk=request.app[TREASURY_DESK])]
    audit.about(request, tariff.id, households=[one.household_id for one in found])
    names = await request.app[COPIES].names([one.household_id for one in found])
    return Candidates(
        cash_office_id=office.id,
        debts=sum(len(one.debts) for one in found),
        cents=sum(one.cents for one in found),
        items=[_shown(one, names.get(one.household_id, "")) for one in found],
    )


def _shown(found: Candidate, name: str) -> ShownCandidate:
    return ShownCandidate(
        household_id=found.household_id,
        household_name=name,
        cents=found.cents,
        debts=[DebtToBe(cents=cents_of(debt), invoices=[_owed(one, None) for one in debt]) for debt in found.debts],
        kept=[_owed(one, why) for one, why in found.kept],
    )


def _owed(invoice: Invoice, kept: Kept | None) -> OwedInvoice:
    return OwedInvoice(
        invoice_id=invoice.id,
        number=invoice.number,
        month=invoice.month,
        due_date=invoice.due_date,
        remaining_cents=invoice.remaining_cents,
        kept=kept,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/cash-offices/{cash_office_id}/treasury-candidates",
        handler=list_treasury_candidates,
        who=agent(*READERS),
        answer=Candidates,
        audit="treasury_candidates_listed",
    )
]
