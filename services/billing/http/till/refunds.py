"""Refunds: what is due to families, decided and paid."""

from datetime import date, datetime
from typing import Literal

from aiohttp import web

from services.billing.domain.till.refunds import Decision, Refund, RefundState, reason_said
from services.billing.http.till.parts import MONEY, REFUND_DESK
from services.billing.http.till.shapes import DESK, Cursor, Limit, Name, Reference
from services.billing.usecases.till.refund import decide_refund, pay_refund, refund_credit
from shared import audit
from shared.auth import Caller
from shared.ids import new_id
from shared.local_dates import LocalDate
from shared.problems import CATALOGUES, language_of
from shared.web import Answer, Body, Key, Route, agent


class RefundsAsked(Body):
    municipality_id: Name
    state: RefundState | None = None
    cursor: Cursor = ""
    limit: Limit = 100


class RefundTown(Body):
    municipality_id: Name


class CreditToRefund(Body):
    """The rest of a credit note, whole."""

    household_id: Name
    credit_id: Name


class RefundDecisionMade(Body):
    """`transfer`: to be paid, with a number; `credit`: as a credit note; `drop`: of a credit note, not after all."""

    decision: Decision


class RefundPaidOut(Body):
    """`reference`: of the transfer."""

    paid_on: LocalDate
    reference: Reference


class RefundShown(Answer):
    """`reason_text`: the reason in the caller's language. `piece`: number of the credit note it is the rest of."""

    id: str
    number: str
    household_id: str
    cash_office_id: str
    origin: Literal["surplus", "order", "credit_note"]
    reason: str
    reason_text: str
    amount_cents: int
    state: RefundState
    opened_at: datetime
    piece: str
    paid_on: date | None
    reference: str
    credit_id: str | None


class RefundPage(Answer):
    items: list[RefundShown]
    next_cursor: str | None


async def list_refunds(request: web.Request, query: RefundsAsked, caller: Caller) -> RefundPage:
    """What is due to families, oldest first"""
    town = caller.agent_of(query.municipality_id, *DESK)
    found = await request.app[MONEY].refunds.of_town(
        town, state=query.state, after=query.cursor or None, limit=query.limit + 1
    )
    page = found[: query.limit]
    audit.about(request, town, households=[one.household_id for one in page])
    last = page[-1].id if len(found) > query.limit else None
    return RefundPage(items=[_shown(request, one) for one in page], next_cursor=last)


async def refund_credit_note(
    request: web.Request, body: CreditToRefund, query: RefundTown, caller: Caller, key: Key
) -> RefundShown:
    """Pay the rest of a credit note back: from now on nothing of it can be used"""
    town = caller.agent_of(query.municipality_id, *DESK)
    refund = await refund_credit(
        body.credit_id,
        body.household_id,
        town,
        refund_id=new_id("rfd"),
        key=f"{caller.account_id}/{key.value}/{key.fingerprint}",
        desk=request.app[REFUND_DESK],
    )
    return _about(request, refund)


async def decide_one_refund(
    request: web.Request,
    body: RefundDecisionMade,
    query: RefundTown,
    caller: Caller,
    key: Key,  # noqa: ARG001  # asked again it is the same act
) -> RefundShown:
    """Decide how a refund is paid"""
    town = caller.agent_of(query.municipality_id, *DESK)
    refund = await decide_refund(
        town,
        request.match_info["refund_id"],
        body.decision,
        by=caller.account_id,
        desk=request.app[REFUND_DESK],
    )
    return _about(request, refund)


async def pay_one_refund(
    request: web.Request,
    body: RefundPaidOut,
    query: RefundTown,
    caller: Caller,
    key: Key,  # noqa: ARG001  # asked again it is the same act
) -> RefundShown:
    """Mark a refund as paid"""
    town = caller.agent_of(query.municipality_id, *DESK)
    refund = await pay_refund(
        town,
        request.match_info["refund_id"],
        on=body.paid_on,
        reference=body.reference,
        by=caller.account_id,
        desk=request.app[REFUND_DESK],
    )
    return _about(request, refund)


def _about(request: web.Request, refund: Refund) -> RefundShown:
    audit.about(request, refund.municipality_id, households=[refund.household_id], others=[refund.id])
    return _shown(request, refund)


def _shown(request: web.Request, refund: Refund) -> RefundShown:
    said = reason_said(refund).msgid
    return RefundShown(
        id=refund.id,
        number=refund.number,
        household_id=refund.household_id,
        cash_office_id=refund.cash_office_id,
        origin=refund.origin,
        reason=refund.reason,
        reason_text=request.app[CATALOGUES].translate(language_of(request), said),
        amount_cents=refund.cents,
        state=refund.state,
        opened_at=refund.opened_at,
        piece=refund.piece,
        paid_on=refund.paid_on,
        reference=refund.reference,
        credit_id=refund.credit_id,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/refunds",
        handler=list_refunds,
        who=agent(*DESK),
        query=RefundsAsked,
        answer=RefundPage,
        audit="refunds_listed",
    ),
    Route(
        method="POST",
        path="/api/v1/refunds",
        handler=refund_credit_note,
        who=agent(*DESK),
        query=RefundTown,
        body=CreditToRefund,
        answer=RefundShown,
        status=201,
        keyed=True,
        audit="refund_opened",
    ),
    Route(
        method="POST",
        path="/api/v1/refunds/{refund_id}/decision",
        handler=decide_one_refund,
        who=agent(*DESK),
        query=RefundTown,
        body=RefundDecisionMade,
        answer=RefundShown,
        keyed=True,
        audit="refund_decided",
    ),
    Route(
        method="POST",
        path="/api/v1/refunds/{refund_id}/payment",
        handler=pay_one_refund,
        who=agent(*DESK),
        query=RefundTown,
        body=RefundPaidOut,
        answer=RefundShown,
        keyed=True,
        audit="refund_paid",
    ),
]
