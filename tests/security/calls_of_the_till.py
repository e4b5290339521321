"""Calls of cashiers and accountants: payments at the counter, receipts, credits, refunds, deposits, the books.

Each pays a cent of the family's invoice, or brings a cent too much.
"""

from collections.abc import Mapping
from typing import Any

from tests.journeys.clock import eventually
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

OFFICE = {"cash_office_id": "sainte-aurore.regie-restauration"}
ALL_DAYS = {**OFFICE, "from": "2025-01-01", "until": "2026-12-31"}
SEPTEMBER = {**OFFICE, "day": "2025-09-01"}
"""Closed before anything is booked."""


def _cent(world: World, **changed: Any) -> dict[str, Any]:
    pieces = [{"invoice_id": world.invoice_id, "cents": 1}]
    plain = {**OFFICE, "household_id": world.owner.household_id, "cents": 1, "mode": "cash", "pieces": pieces}
    return {**plain, **changed}


async def _receipt(world: World, **changed: Any) -> Any:
    return await world.aurore.manager.post("/counter-payments", _cent(world, **changed), key="new")


async def _one_receipt(world: World) -> Call:
    receipt = await _receipt(world)
    return Call(ids={"receipt_id": receipt["id"]}, query=TOWN, names=True)


async def _own_receipt(world: World) -> Call:
    return Call(ids={"receipt_id": (await _receipt(world))["id"]}, names=True)


async def _own_receipts(world: World) -> Call:
    await _receipt(world)
    return Call()


async def _cancelled(world: World) -> Call:
    call = await _one_receipt(world)
    return Call(ids=call.ids, query=TOWN, body={"reason": "Une erreur de saisie"}, names=True)


async def _credit(world: World) -> str:
    """A credit note over a cent."""
    await _receipt(world, cents=2, surplus="credit")
    query = f"cash_office_id={OFFICE['cash_office_id']}&household_id={world.owner.household_id}"
    found = await world.aurore.manager.get(f"/credits?{query}")
    return str(found[-1]["id"])


async def _credits(world: World) -> Call:
    await _credit(world)
    return Call(query={**OFFICE, "household_id": world.owner.household_id}, names=True)


def _use(world: World) -> dict[str, Any]:
    return {"household_id": world.owner.household_id, "invoice_id": world.invoice_id}


async def _credit_use(world: World) -> Call:
    await _credit(world)
    return Call(body=_use(world), names=True)


async def _credit_taken_back(world: World) -> Call:
    credit_id = await _credit(world)
    await world.aurore.manager.post("/credit-uses", _use(world), key="new")
    return Call(body={**_use(world), "credit_id": credit_id}, names=True)


async def _to_refund(world: World) -> Call:
    body = {"household_id": world.owner.household_id, "credit_id": await _credit(world)}
    return Call(query=TOWN, body=body, names=True)


async def _refund(world: World) -> str:
    call = await _to_refund(world)
    path = f"/refunds?municipality_id={TOWN['municipality_id']}"
    return str((await world.aurore.manager.post(path, call.body, key="new"))["id"])


async def _refunds(world: World) -> Call:
    await _refund(world)
    return Call(query=TOWN, names=True)


async def _to_decide(world: World) -> Call:
    return Call(ids={"refund_id": await _refund(world)}, query=TOWN, body={"decision": "transfer"}, names=True)


async def _to_pay(world: World) -> Call:
    call = await _to_decide(world)
    path = f"/refunds/{call.ids['refund_id']}/decision?municipality_id={TOWN['municipality_id']}"
    await world.aurore.manager.post(path, call.body, key="new")
    return Call(ids=call.ids, query=TOWN, body={"paid_on": "2025-12-01", "reference": "VIR 1"}, names=True)


def _remission(world: World) -> Call:
    return Call(body={**_use(world), "cents": 1, "reason": "Décision du CCAS"}, names=True)


async def _to_deposit(world: World) -> Call:
    receipt = await _receipt(world)
    return Call(body={**OFFICE, "mode": "cash", "until": receipt["booked_on"]}, names=True)


async def _deposit(world: World) -> Call:
    call = await _to_deposit(world)
    made = await world.aurore.manager.post("/deposits", call.body, key="new")
    return Call(ids={"deposit_id": made["id"]}, query=TOWN, names=True)


async def _receipts(world: World) -> Call:
    await _receipt(world)
    return Call(query=ALL_DAYS, names=True)


async def _journal(world: World) -> Call:
    path = f"/journal?cash_office_id={OFFICE['cash_office_id']}&from=2025-01-01&until=2026-12-31"

    async def sealed() -> Any:
        return (await world.aurore.manager.get(path))["items"]

    await eventually("the journal", sealed)
    return Call(query=ALL_DAYS, names=True)


TILL_CALLS: Mapping[str, Make] = {
    "POST /api/v1/counter-payments": lambda world: Call(body=_cent(world), names=True),
    "GET /api/v1/receipts": _receipts,
    "GET /api/v1/receipts/{receipt_id}": _one_receipt,
    "POST /api/v1/receipts/{receipt_id}/cancellation": _cancelled,
    "GET /api/v1/household-receipts": _own_receipts,
    "GET /api/v1/household-receipts/{receipt_id}": _own_receipt,
    "GET /api/v1/credits": _credits,
    "POST /api/v1/credit-uses": _credit_use,
    "POST /api/v1/credit-uses/cancellation": _credit_taken_back,
    "POST /api/v1/remissions": _remission,
    "GET /api/v1/refunds": _refunds,
    "POST /api/v1/refunds": _to_refund,
    "POST /api/v1/refunds/{refund_id}/decision": _to_decide,
    "POST /api/v1/refunds/{refund_id}/payment": _to_pay,
    "POST /api/v1/deposits": _to_deposit,
    "GET /api/v1/deposits": fixed(query=OFFICE, names=True),
    "GET /api/v1/deposits/{deposit_id}": _deposit,
    "GET /api/v1/cash-offices/{cash_office_id}/accounting": fixed(ids=OFFICE, names=True),
    "PUT /api/v1/cash-offices/{cash_office_id}/accounting": fixed(
        ids=OFFICE, body={"accounts": [], "default_code": "7067"}, headers={"If_Match": "*"}, names=True
    ),
    "GET /api/v1/journal": _journal,
    "GET /api/v1/journal-exports": fixed(query=ALL_DAYS, names=True),
    "POST /api/v1/day-closes": fixed(body=SEPTEMBER, names=True),
    "GET /api/v1/day-closes": fixed(query=OFFICE, names=True),
    "GET /api/v1/receipt-statements": fixed(query=ALL_DAYS, names=True),
    "GET /api/v1/receipt-statement-exports": fixed(query=ALL_DAYS, names=True),
}
