"""Payments that came back different from what was asked, or of which nothing was heard: for people to decide."""

from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, RootModel, StringConstraints

from services.billing.domain.paying.reviews import Deciding
from services.billing.domain.payments import Payment, PaymentState
from services.billing.http.imports import Town
from services.billing.http.parts import COUNTER, NUDGE_PAYMENTS, PAYMENTS
from services.billing.usecases.paying.resolve_payment import resolve_payment
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.web import Answer, Body, Int, Key, Route, agent

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Accepted(Body):
    """That money came: `amount_cents` is what the provider told, or what its back office shows when it told nothing."""

    decision: Literal["accept"]
    amount_cents: Annotated[Int, Field(ge=1, le=100_000_000)]
    reason: Reason


class Dismissed(Body):
    """No money came, or none of ours: what it would have paid can be paid again."""

    decision: Literal["dismiss"]
    reason: Reason


class Decision(RootModel[Annotated[Accepted | Dismissed, Field(discriminator="decision")]]):
    """What the payment was."""


class PaymentReview(Answer):
    """`why`: the provider told another amount, another reference, or never anything. `told_…`: what it said."""

    payment_id: str
    state: PaymentState
    household_id: str
    cash_office_id: str
    reference: str
    amount_cents: int
    invoice_numbers: list[str]
    order_id: str | None
    begun_at: datetime
    why: str
    told_cents: int | None
    told_reference: str | None
    authorisation: str | None
    refund_due_cents: int


async def list_payment_reviews(request: web.Request, query: Town, caller: Caller) -> list[PaymentReview]:
    """Payments that wait for a decision, oldest first"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER, Role.CASHIER)
    waiting = await request.app[PAYMENTS].in_review(town)
    audit.about(request, town, households=[payment.household_id for payment in waiting])
    return [_shown(payment) for payment in waiting]


async def resolve_payment_review(
    request: web.Request, body: Decision, query: Town, caller: Caller, key: Key
) -> PaymentReview:
    """Decide what a payment was: money that is settled, or nothing"""
    town = caller.agent_of(query.municipality_id, Role.MANAGER, Role.CASHIER)
    payment = await request.app[PAYMENTS].of_town(town, request.match_info["payment_id"])
    if payment is None:
        raise NotFound()
    audit.about(request, town, households=[payment.household_id], others=[payment.id])
    wanted = body.root
    decision = Deciding(
        cents=wanted.amount_cents if isinstance(wanted, Accepted) else 0,
        reason=wanted.reason,
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    decided = await resolve_payment(payment, decision, till=request.app[COUNTER].till)
    request.app[NUDGE_PAYMENTS]()
    return _shown(decided)


def _shown(payment: Payment) -> PaymentReview:
    oddity = payment.oddity
    return PaymentReview(
        payment_id=payment.id,
        state=payment.state,
        household_id=payment.household_id,
        cash_office_id=payment.cash_office_id,
        reference=payment.reference,
        amount_cents=payment.resolution.asked_cents if payment.resolution else payment.amount_cents,
        invoice_numbers=[share.number for share in payment.allocations],
        order_id=payment.order_id,
        begun_at=payment.opened_at,
        why=oddity.why if oddity else "other-amount",
        told_cents=oddity.told_cents if oddity else None,
        told_reference=oddity.told_reference if oddity else None,
        authorisation=oddity.authorisation if oddity else None,
        refund_due_cents=payment.refund_cents,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/payment-reviews",
        handler=list_payment_reviews,
        who=agent(Role.MANAGER, Role.CASHIER),
        query=Town,
        answer=list[PaymentReview],
        audit="payment_reviews_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/payment-reviews/{payment_id}/resolution",
        handler=resolve_payment_review,
        who=agent(Role.MANAGER, Role.CASHIER),
        query=Town,
        body=Decision,
        answer=PaymentReview,
        keyed=True,
        audit="payment_review_decided",
    ),
]
