"""Debts at the Treasury: a family's own, with how they are paid there, and those of a cash office."""

from datetime import date

from aiohttp import web

from services.billing.domain.treasury.collection import CollectionOrder, OrderState
from services.billing.http.offices import office_asked
from services.billing.http.owners import owners
from services.billing.http.treasury.parts import COLLECTION_ORDERS
from services.billing.http.unpaid.amounts import READERS, Page
from shared import audit
from shared.auth import Caller
from shared.web import GUARDIAN, Answer, Route, agent


class OwedThere(Answer):
    invoice_id: str
    number: str
    month: str
    cents: int


class ShownDebt(Answer):
    """`structure_id` and `reference` are what the Treasury's page asks for; the notice it sends by post has them too.

    `collected_cents`: as far as the Treasury told. `state` rejected: paid to the cash office again.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    structure_id: str
    reference: str
    handed_over_on: date
    cents: int
    collected_cents: int
    state: OrderState
    invoices: list[OwedThere]


class OfficeDebt(ShownDebt):
    household_id: str
    batch_id: str
    number: str
    said: list[str]
    """What the Treasury said of it, oldest first: what, day, reason."""


class WhichDebts(Page):
    state: OrderState | None = None


class DebtsPage(Answer):
    items: list[OfficeDebt]
    next_cursor: str | None


async def list_own_collection_orders(request: web.Request, caller: Caller) -> list[ShownDebt]:
    """The household's debts that the Treasury collects, newest first"""
    found: list[CollectionOrder] = []
    for household_id in await owners(request, caller):
        found += await request.app[COLLECTION_ORDERS].of_household(household_id)
    return [ShownDebt.model_validate(_told(one)) for one in found]


def _told(order: CollectionOrder) -> dict[str, object]:
    return {
        "id": order.id,
        "municipality_id": order.municipality_id,
        "cash_office_id": order.cash_office_id,
        "structure_id": order.structure_id,
        "reference": order.reference,
        "handed_over_on": order.handed_over_at.date(),
        "cents": order.cents,
        "collected_cents": order.collected_cents,
        "state": order.state,
        "invoices": [
            OwedThere(invoice_id=owed.invoice_id, number=owed.number, month=owed.month, cents=owed.cents)
            for owed in order.debts
        ],
    }


async def list_office_collection_orders(request: web.Request, query: WhichDebts, caller: Caller) -> DebtsPage:
    """The debts of a cash office at the Treasury, newest first"""
    office, tariff = await office_asked(request, caller, *READERS)
    found = await request.app[COLLECTION_ORDERS].of_office(
        office.id, state=query.state, after=query.cursor, limit=query.limit + 1
    )
    page = found[: query.limit]
    audit.about(request, tariff.id, households=[one.household_id for one in page])
    return DebtsPage(
        items=[_of_office(one) for one in page], next_cursor=page[-1].id if len(found) > query.limit else None
    )


def _of_office(order: CollectionOrder) -> OfficeDebt:
    said = [f"{one.on} {one.what} {one.cents or ''} {one.reason}".strip() for one in order.returned]
    return OfficeDebt.model_validate(
        {
            **_told(order),
            "household_id": order.household_id,
            "batch_id": order.batch_id,
            "number": order.number,
            "said": [" ".join(line.split()) for line in said],
        }
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/collection-orders",
        handler=list_own_collection_orders,
        who=GUARDIAN,
        answer=list[ShownDebt],
    ),
    Route(
        method="GET",
        path="/api/v1/cash-offices/{cash_office_id}/collection-orders",
        handler=list_office_collection_orders,
        who=agent(*READERS),
        query=WhichDebts,
        answer=DebtsPage,
        audit="collection_orders_listed",
    ),
]
