"""A household's prepaid orders."""

from collections.abc import Iterable
from datetime import date, datetime

from aiohttp import web

from services.billing.domain.orders import Order, OrderState, OrderUnknown, state_of
from services.billing.domain.paying.beginning import office_of_order
from services.billing.domain.paying.credits import planned
from services.billing.domain.tariffs import CashOffice
from services.billing.http.invoices import names_of, town_of
from services.billing.http.owners import first_of, owners
from services.billing.http.parts import COUNTER, ORDERS, PAYMENTS
from services.billing.http.payable import NotPayable, by_claim, order_refusal
from shared.auth import Caller
from shared.errors import Refused
from shared.web import CLOCK, GUARDIAN, Answer, Route


class OrderRow(Answer):
    child_id: str
    child_name: str
    activity_id: str
    activity_name: str
    date: date
    price_cents: int
    surcharge_cents: int = 0


class OrderDetail(Answer):
    """`credit_cents`: what the family's credit notes would pay of it now; `to_pay_cents`: what then is paid online."""

    id: str
    municipality_id: str
    cash_office_id: str | None
    cash_office_name: str | None
    state: OrderState
    amount_cents: int
    credit_cents: int
    to_pay_cents: int
    expires_at: datetime | None
    lines: list[OrderRow]
    payable: bool
    not_payable: NotPayable | None


async def show_order(request: web.Request, caller: Caller) -> OrderDetail:
    """A prepaid order: its lines, its amount, until when it can be paid"""
    orders, order_id = request.app[ORDERS], request.match_info["order_id"]
    order = await first_of(await owners(request, caller), lambda one: orders.get(one, order_id))
    if order is None:
        raise OrderUnknown()
    town, tariff = await town_of(request, order.municipality_id)
    office = _office(order, tariff.cash_offices)
    live = by_claim(await request.app[PAYMENTS].live(order.household_id))
    refusal = order_refusal(request, order, town, office, live)
    credit = await _credit(request, order, office) if refusal is None else 0
    return OrderDetail(
        id=order.id,
        municipality_id=order.municipality_id,
        cash_office_id=office.id if office else None,
        cash_office_name=office.name if office else None,
        state=state_of(order, request.app[CLOCK]()),
        amount_cents=order.amount_cents,
        credit_cents=credit,
        to_pay_cents=order.amount_cents - credit if refusal is None else 0,
        expires_at=order.expires_at,
        lines=_order_rows(order, await names_of(request, order.household_id, order.municipality_id)),
        payable=refusal is None,
        not_payable=refusal,
    )


async def _credit(request: web.Request, order: Order, office: CashOffice | None) -> int:
    notes = await request.app[COUNTER].credits.left(order.household_id, office.id) if office else []
    return sum(use.cents for use in planned(order.amount_cents, notes))


def _office(order: Order, offices: Iterable[CashOffice]) -> CashOffice | None:
    try:
        return office_of_order(order, list(offices))
    except Refused:
        return None


def _order_rows(order: Order, names: dict[str, str]) -> list[OrderRow]:
    return [
        OrderRow(
            child_id=line.child_id,
            child_name=names.get(line.child_id, ""),
            activity_id=line.activity_id,
            activity_name=names.get(line.activity_id, line.activity_id),
            date=line.date,
            price_cents=line.cents,
            surcharge_cents=line.surcharge_cents,
        )
        for line in order.lines
    ]


ROUTES = [Route(method="GET", path="/api/v1/orders/{order_id}", handler=show_order, who=GUARDIAN, answer=OrderDetail)]
