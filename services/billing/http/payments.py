"""Paying: beginning a payment, looking at it, and the ways the provider comes back."""

from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qs

import structlog
from aiohttp import web
from pydantic import Field, RootModel, StringConstraints

from services.billing.domain.paying.accounts import CARD
from services.billing.domain.payments import Payment, PaymentState
from services.billing.http.owners import first_of, owners
from services.billing.http.parts import CARDS, COUNTER, INVOICES, NUDGE_PAYMENTS, ORDERS, PAYMENTS, PORTAL_URL
from services.billing.http.paying.cards import fields_of
from services.billing.usecases.follow_payment import follow_soon
from services.billing.usecases.paying.hear_card import hear_card
from services.billing.usecases.start_payment import Asked, Counter, pay_invoices, pay_order
from shared.auth import Caller
from shared.errors import NotFound, TooLarge
from shared.web import ANYONE, CLOCK, GUARDIAN, Answer, Body, Int, Key, Route, read_limited

log = structlog.get_logger()
FORM_LIMIT = 4 * 1024
# How long a browser waits for PayFiP's word; the clock finds out what it did not hear.
RETURN_PATIENCE = 8.0

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class InvoicesToPay(Body):
    """`amount_cents`: a part of what remains, where the cash office takes parts; left out, all of it."""

    invoice_ids: Annotated[list[Name], Field(min_length=1, max_length=50)]
    amount_cents: Annotated[Int, Field(ge=1, le=100_000_000)] | None = None


class OrderToPay(Body):
    order_id: Name


class PaymentAsked(RootModel[InvoicesToPay | OrderToPay]):
    """Invoices of one cash office, or one prepaid order. What is owed is computed here, never taken from the caller."""


class PaymentBegun(Answer):
    """`redirect_url`: the payment page, open until `expires_at`."""

    payment_id: str
    redirect_url: str
    amount_cents: int
    expires_at: datetime


class PaymentShown(Answer):
    """`reference`: the reference the provider shows. `credit_cents`: what credit notes pay of its order besides.

    `refund_due_cents`: what the cash office has to give back.
    """

    id: str
    state: PaymentState
    amount_cents: int
    credit_cents: int
    cash_office_id: str
    invoice_ids: list[str]
    order_id: str | None
    reference: str
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    redirect_url: str | None
    refund_due_cents: int


async def begin_payment(request: web.Request, body: PaymentAsked, caller: Caller, key: Key) -> PaymentBegun:
    """Begin a payment and get the address of its page"""
    counter = request.app[COUNTER]
    asked = Asked(household_id=await _payer(request, body, caller), key=key.value, fingerprint=key.fingerprint)
    if isinstance(body.root, OrderToPay):
        payment = await pay_order(body.root.order_id, asked, counter=counter)
    else:
        names = list(dict.fromkeys(body.root.invoice_ids))
        payment = await pay_invoices(names, asked, counter=counter, cents=body.root.amount_cents)
    request.app[NUDGE_PAYMENTS]()
    return PaymentBegun(
        payment_id=payment.id,
        redirect_url=_page(payment, counter) or _portal_page(request, payment),
        amount_cents=payment.amount_cents,
        expires_at=payment.expires_at,
    )


async def _payer(request: web.Request, body: PaymentAsked, caller: Caller) -> str:
    """The household whose debt it is: the caller's, or one merged into it. Each is paid apart from the other's."""
    households = await owners(request, caller)
    orders, invoices, asked = request.app[ORDERS], request.app[INVOICES], body.root

    async def owns(household_id: str) -> str | None:
        if isinstance(asked, OrderToPay):
            found: object = await orders.get(household_id, asked.order_id)
        else:
            found = await invoices.get(household_id, asked.invoice_ids[0])
        return household_id if found else None

    return await first_of(households[1:], owns) or households[0]


def _page(payment: Payment, counter: Counter) -> str | None:
    return counter.page(payment) if payment.idop else None


async def show_payment(request: web.Request, caller: Caller) -> PaymentShown:
    """What became of a payment"""
    payments, payment_id = request.app[PAYMENTS], request.match_info["payment_id"]
    payment = await first_of(await owners(request, caller), lambda one: payments.get(one, payment_id))
    if payment is None:
        raise NotFound()
    return PaymentShown(
        id=payment.id,
        state=payment.state,
        amount_cents=payment.amount_cents,
        credit_cents=payment.credit_cents,
        cash_office_id=payment.cash_office_id,
        invoice_ids=[share.invoice_id for share in payment.allocations],
        order_id=payment.order_id,
        reference=payment.reference,
        created_at=payment.opened_at,
        expires_at=payment.expires_at,
        paid_at=payment.paid_at,
        redirect_url=_page(payment, request.app[COUNTER]) if payment.state == "pending" else None,
        refund_due_cents=payment.refund_cents,
    )


async def return_from_payment(request: web.Request) -> web.Response:
    """Where the browser comes back from the payment page; what it says is believed only when the provider signed it"""
    payment = await request.app[PAYMENTS].of_return(request.match_info["payment_id"])
    if payment is None:
        return _see(f"{request.app[PORTAL_URL]}/")
    if payment.provider in CARD:
        followed = await hear_card(fields_of(request.query_string), request.app[CARDS]) or payment
    else:
        followed = await follow_soon(payment, request.app[COUNTER].till, RETURN_PATIENCE)
    return _see(_portal_page(request, followed))


def _see(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})


def _portal_page(request: web.Request, payment: Payment) -> str:
    return f"{request.app[PORTAL_URL]}/payments/{payment.id}"


async def hear_payfip(request: web.Request) -> web.Response:
    """PayFiP says that something happened to a payment: it names it and nothing else is read"""
    idop = _idop(await _form(request))
    if idop and await request.app[PAYMENTS].check_now(idop, request.app[CLOCK]()):
        request.app[NUDGE_PAYMENTS]()
    else:
        log.info("notification_without_payment")
    return web.Response(text="")


async def _form(request: web.Request) -> bytes:
    try:
        return await read_limited(request, FORM_LIMIT)
    except TooLarge:
        return b""


def _idop(form: bytes) -> str:
    fields = parse_qs(form.decode("ascii", "replace"), max_num_fields=None)
    named = {name.lower(): values for name, values in fields.items()}
    return named.get("idop", [""])[0]


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/payments",
        handler=begin_payment,
        who=GUARDIAN,
        body=PaymentAsked,
        answer=PaymentBegun,
        status=201,
        keyed=True,
    ),
    Route(method="GET", path="/api/v1/payments/{payment_id}", handler=show_payment, who=GUARDIAN, answer=PaymentShown),
    Route(
        method="GET",
        path="/api/v1/payment-returns/{payment_id}",
        handler=return_from_payment,
        who=ANYONE,
        status=303,
    ),
    Route(
        method="POST",
        path="/api/v1/payment-notifications/payfip",
        handler=hear_payfip,
        who=ANYONE,
        takes="application/x-www-form-urlencoded, */*",
        gives="text/plain",
    ),
]
