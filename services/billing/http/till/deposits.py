"""Deposits of what came in at the counter."""

from datetime import date, datetime
from typing import Literal

from aiohttp import web

from services.billing.domain.till.deposits import Carried, Deposit, kept_cents
from services.billing.domain.till.receipts import Mode
from services.billing.http.parts import COPIES
from services.billing.http.till.parts import MONEY
from services.billing.http.till.shapes import DESK, Cursor, Limit, Name, Office, Reference, office_of, town_of
from services.billing.usecases.till.deposit import ToDeposit, make_deposit
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.ids import new_id
from shared.local_dates import LocalDate
from shared.web import CLOCK, Answer, Body, Key, Route, agent


class DepositAsked(Body):
    """Every receipt of that means that nobody deposited, up to that day of the books, a thousand at most."""

    cash_office_id: Office
    mode: Literal["cash", "cheque", "card", "transfer", "voucher"]
    until: LocalDate
    reference: Reference = ""


class DepositsAsked(Body):
    cash_office_id: Office
    cursor: Cursor = ""
    limit: Limit = 100


class DepositTown(Body):
    municipality_id: Name


class DepositShown(Answer):
    id: str
    number: str
    cash_office_id: str
    mode: Mode
    until: date
    count: int
    amount_cents: int
    made_at: datetime
    reference: str


class CarriedReceipt(Answer):
    receipt_id: str
    number: str
    household_id: str
    amount_cents: int
    transaction: str
    cancelled_on: date | None


class DepositDetail(DepositShown):
    """`kept_cents`: what was not cancelled since."""

    kept_cents: int
    receipts: list[CarriedReceipt]


class DepositPage(Answer):
    items: list[DepositShown]
    next_cursor: str | None


async def make_one_deposit(request: web.Request, body: DepositAsked, caller: Caller, key: Key) -> DepositShown:
    """Group what came in by one means up to a day"""
    office = await office_of(request, caller, body.cash_office_id)
    asked = ToDeposit(
        municipality_id=town_of(office),
        cash_office_id=office.id,
        mode=body.mode,
        until=body.until,
        reference=body.reference,
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    deposit = await make_deposit(
        asked,
        deposit_id=new_id("dep"),
        deposits=request.app[MONEY].deposits,
        towns=request.app[COPIES],
        clock=request.app[CLOCK],
    )
    return DepositShown(**_fields(deposit))


async def list_deposits(request: web.Request, query: DepositsAsked, caller: Caller) -> DepositPage:
    """The deposits of a cash office, newest first"""
    office = await office_of(request, caller, query.cash_office_id)
    found = await request.app[MONEY].deposits.of_office(office.id, after=query.cursor or None, limit=query.limit + 1)
    page = found[: query.limit]
    last = page[-1].id if len(found) > query.limit else None
    return DepositPage(items=[DepositShown(**_fields(one)) for one in page], next_cursor=last)


async def show_deposit(request: web.Request, query: DepositTown, caller: Caller) -> DepositDetail:
    """A deposit with its receipts; those cancelled afterwards say so"""
    town = caller.agent_of(query.municipality_id, *DESK)
    deposit = await request.app[MONEY].deposits.get(town, request.match_info["deposit_id"])
    if deposit is None:
        raise NotFound()
    carried = await request.app[MONEY].deposits.receipts(deposit)
    audit.about(request, town, households=[one.household_id for one in carried], others=[deposit.id])
    return DepositDetail(
        **_fields(deposit), kept_cents=kept_cents(carried), receipts=[_carried(one) for one in carried]
    )


def _fields(deposit: Deposit) -> dict[str, object]:
    return {
        "id": deposit.id,
        "number": deposit.number,
        "cash_office_id": deposit.cash_office_id,
        "mode": deposit.mode,
        "until": deposit.until,
        "count": deposit.count,
        "amount_cents": deposit.cents,
        "made_at": deposit.made_at,
        "reference": deposit.reference,
    }


def _carried(one: Carried) -> CarriedReceipt:
    return CarriedReceipt(
        receipt_id=one.receipt_id,
        number=one.number,
        household_id=one.household_id,
        amount_cents=one.cents,
        transaction=one.transaction,
        cancelled_on=one.cancelled_on,
    )


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/deposits",
        handler=make_one_deposit,
        who=agent(*DESK),
        body=DepositAsked,
        answer=DepositShown,
        status=201,
        keyed=True,
    ),
    Route(
        method="GET",
        path="/api/v1/deposits",
        handler=list_deposits,
        who=agent(*DESK),
        query=DepositsAsked,
        answer=DepositPage,
    ),
    Route(
        method="GET",
        path="/api/v1/deposits/{deposit_id}",
        handler=show_deposit,
        who=agent(*DESK),
        query=DepositTown,
        answer=DepositDetail,
        audit="deposit_read",
    ),
]
