"""Receipts and their cancellation; a family's own."""

from datetime import date, datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.till.receipts import Mode, Receipt
from services.billing.http.owners import first_of, owners
from services.billing.http.till.parts import MONEY, MONEY_TILL
from services.billing.http.till.shapes import (
    DESK,
    Limit,
    Name,
    OfficePeriod,
    Words,
    office_of,
    town_of,
)
from services.billing.usecases.till.cancel_receipt import Cancelling, cancel_receipt
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import GUARDIAN, Answer, Body, Key, Route, agent

CursorOfDays = Annotated[str, StringConstraints(pattern=r"^([0-9-]{10}/[0-9]{1,9})?$")]


class ReceiptPart(Answer):
    """`taken_cents`: what the piece took of it."""

    piece_id: str
    kind: Literal["invoice", "order"]
    number: str
    cents: int
    taken_cents: int


class ReceiptShown(Answer):
    """`surplus_cents`: what settled nothing. `cancelled_on`: the day of the books it was cancelled on."""

    id: str
    number: str
    household_id: str
    cash_office_id: str
    mode: Mode
    amount_cents: int
    surplus_cents: int
    received_at: datetime
    booked_on: date
    transaction: str
    parts: list[ReceiptPart]
    deposit_number: str
    cancelled_on: date | None
    cancelled_for: str


class ReceiptPage(Answer):
    items: list[ReceiptShown]
    next_cursor: str | None


class ReceiptsAsked(OfficePeriod):
    cursor: CursorOfDays = ""
    limit: Limit = 100


class ToCancel(Body):
    reason: Words


def shown(receipt: Receipt) -> ReceiptShown:
    return ReceiptShown(
        id=receipt.id,
        number=receipt.number,
        household_id=receipt.household_id,
        cash_office_id=receipt.cash_office_id,
        mode=receipt.mode,
        amount_cents=receipt.cents,
        surplus_cents=receipt.surplus_cents,
        received_at=receipt.at,
        booked_on=receipt.booked_on,
        transaction=receipt.transaction or receipt.means.cheque_number,
        parts=[
            ReceiptPart(
                piece_id=part.piece,
                kind=part.kind,
                number=part.number,
                cents=part.cents,
                taken_cents=part.taken_cents,
            )
            for part in receipt.parts
        ],
        deposit_number=receipt.deposit_number,
        cancelled_on=receipt.cancelled_on,
        cancelled_for=receipt.cancelled_for,
    )


async def list_receipts(request: web.Request, query: ReceiptsAsked, caller: Caller) -> ReceiptPage:
    """The receipts of a cash office booked in a period, in their order"""
    office = await office_of(request, caller, query.cash_office_id)
    day, _, position = query.cursor.partition("/")
    found = await request.app[MONEY].receipts.of_office(
        office.id,
        start=query.start,
        end=query.until,
        after=(day, int(position)) if query.cursor else None,
        limit=query.limit + 1,
    )
    page = found[: query.limit]
    audit.about(request, town_of(office), households=[one.household_id for one in page])
    last = f"{page[-1].booked_on}/{page[-1].position}" if len(found) > query.limit else None
    return ReceiptPage(items=[shown(one) for one in page], next_cursor=last)


class TownAsked(Body):
    municipality_id: Name


async def show_receipt(request: web.Request, query: TownAsked, caller: Caller) -> ReceiptShown:
    """One receipt"""
    town = caller.agent_of(query.municipality_id, *DESK)
    receipt = await request.app[MONEY].receipts.get(town, request.match_info["receipt_id"])
    if receipt is None:
        raise NotFound()
    audit.about(request, town, households=[receipt.household_id], others=[receipt.id])
    return shown(receipt)


async def cancel_one_receipt(
    request: web.Request,
    body: ToCancel,
    query: TownAsked,
    caller: Caller,
    key: Key,  # noqa: ARG001  # asked again it is the same act
) -> ReceiptShown:
    """Cancel a receipt, a cheque that bounced say: what it had settled is owed again"""
    town = caller.agent_of(query.municipality_id, *DESK)
    asked = Cancelling(reason=body.reason, by=caller.account_id)
    receipt = await cancel_receipt(town, request.match_info["receipt_id"], asked, till=request.app[MONEY_TILL])
    audit.about(request, town, households=[receipt.household_id], others=[receipt.id])
    return shown(receipt)


async def list_own_receipts(request: web.Request, caller: Caller) -> list[ReceiptShown]:
    """The household's receipts, newest first"""
    found: list[Receipt] = []
    for household_id in await owners(request, caller):
        found += await request.app[MONEY].receipts.of_household(household_id)
    return [shown(one) for one in sorted(found, key=lambda one: one.id, reverse=True)]


async def show_own_receipt(request: web.Request, caller: Caller) -> ReceiptShown:
    """One receipt of the household"""
    receipts, name = request.app[MONEY].receipts, request.match_info["receipt_id"]
    receipt = await first_of(await owners(request, caller), lambda one: receipts.of_family(one, name))
    if receipt is None:
        raise NotFound()
    return shown(receipt)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/receipts",
        handler=list_receipts,
        who=agent(*DESK),
        query=ReceiptsAsked,
        answer=ReceiptPage,
        audit="receipts_listed",
    ),
    Route(
        method="GET",
        path="/api/v1/receipts/{receipt_id}",
        handler=show_receipt,
        who=agent(*DESK),
        query=TownAsked,
        answer=ReceiptShown,
        audit="receipt_read",
    ),
    Route(
        method="POST",
        path="/api/v1/receipts/{receipt_id}/cancellation",
        handler=cancel_one_receipt,
        who=agent(*DESK),
        query=TownAsked,
        body=ToCancel,
        answer=ReceiptShown,
        keyed=True,
        audit="receipt_cancelled",
    ),
    Route(
        method="GET",
        path="/api/v1/household-receipts",
        handler=list_own_receipts,
        who=GUARDIAN,
        answer=list[ReceiptShown],
    ),
    Route(
        method="GET",
        path="/api/v1/household-receipts/{receipt_id}",
        handler=show_own_receipt,
        who=GUARDIAN,
        answer=ReceiptShown,
    ),
]
