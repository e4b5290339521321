"""Whether something can be paid now and, when not, why, in the caller's language."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from services.billing.domain.copies import Town, zone_of
from services.billing.domain.invoices import Invoice
from services.billing.domain.orders import Order, check_payable
from services.billing.domain.owed import PayTheTreasury, check_owed
from services.billing.domain.payment_refusals import NoOnlinePayment, PaymentInProgress, PaymentUnderReview
from services.billing.domain.payments import Payment
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.treasury.collection import CollectionOrder
from services.billing.http.parts import COUNTER
from services.billing.http.treasury.parts import COLLECTION_ORDERS
from shared.errors import Refused
from shared.problems import CATALOGUES, describe, language_of
from shared.web import CLOCK, Answer


class NotPayable(Answer):
    """`code`: the end of the problem type a payment would be refused with."""

    code: str
    detail: str
    until: datetime | None = None
    next_href: str | None = None


def by_claim(payments: Iterable[Payment]) -> dict[str, Payment]:
    """The live attempt on each invoice or order."""
    return {claim: payment for payment in payments for claim in payment.claims}


async def debts_of(request: web.Request, invoices: Iterable[Invoice]) -> dict[str, CollectionOrder]:
    """What the Treasury collects of these invoices, by invoice."""
    households = {invoice.household_id for invoice in invoices if invoice.state == "handed_over"}
    orders = [order for one in sorted(households) for order in await request.app[COLLECTION_ORDERS].of_household(one)]
    # Oldest first: of an invoice handed over again, the last order counts.
    return {debt.invoice_id: order for order in reversed(orders) for debt in order.debts}


def invoice_refusal(
    request: web.Request,
    invoice: Invoice,
    town: Town | None,
    office: CashOffice | None,
    live: Mapping[str, Payment],
    debts: Mapping[str, CollectionOrder],
) -> NotPayable | None:
    try:
        debt = debts.get(invoice.id) if invoice.state == "handed_over" else None
        if debt:
            raise PayTheTreasury(number=invoice.number, structure=debt.structure_id, reference=debt.reference)
        check_owed(invoice)
        _check(request, live.get(invoice.id), town, office)
    except Refused as refusal:
        return _told(request, refusal)
    return None


def order_refusal(
    request: web.Request, order: Order, town: Town | None, office: CashOffice | None, live: Mapping[str, Payment]
) -> NotPayable | None:
    try:
        check_payable(order, request.app[CLOCK]())
        _check(request, live.get(order.id), town, office)
    except Refused as refusal:
        return _told(request, refusal)
    return None


def _check(request: web.Request, payment: Payment | None, town: Town | None, office: CashOffice | None) -> None:
    now = request.app[CLOCK]()
    if payment and payment.state == "review":
        raise PaymentUnderReview()
    if payment and now < payment.blocks_until:
        facts: dict[str, Any] = {"limit": payment.blocks_until.astimezone(zone_of(town))}
        if payment.idop and now < payment.expires_at:
            facts["next_href"] = request.app[COUNTER].page(payment)
        raise PaymentInProgress(**facts)
    if office is None or not office.payfip_client:
        raise NoOnlinePayment()


def _told(request: web.Request, refusal: Refused) -> NotPayable:
    problem = describe(refusal, request.app[CATALOGUES], language_of(request))
    return NotPayable(
        code=refusal.code,
        detail=problem["detail"],
        until=refusal.facts.get("limit"),
        next_href=refusal.facts.get("next_href"),
    )
