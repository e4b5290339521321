"""Calls of cashiers at the month's end: drafts of invoice runs, what they decide of them, how an office wants it."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.journeys.clock import eventually
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import OCTOBER, World

RESTAURATION = "sainte-aurore.regie-restauration"
CHILDHOOD = "sainte-aurore.regie-enfance"
RUN_OF_OCTOBER = {"run_id": f"run_{RESTAURATION}_{OCTOBER[:7]}"}
POLICY = {"approval": "agent", "unusual_percent": 300}
_past = count(1)


async def _drafted(world: World) -> str:
    """The run of an empty month that waits for its approval."""
    months = next(_past)
    month = f"{2024 - months // 12}-{12 - months % 12:02}"
    manager = world.aurore.manager
    await manager.ask("PUT", f"/cash-offices/{CHILDHOOD}/run-policy", POLICY, If_Match="*")
    for programme in ("garderie", "transport"):
        closing = {**TOWN, "programme_id": f"sainte-aurore.{programme}", "month": month, "accept_anomalies": True}
        await manager.post("/month-closings", closing, key="new")
    run_id = f"run_{CHILDHOOD}_{month}"

    async def look() -> Any:
        answer = await manager.ask("GET", f"/invoice-runs/{run_id}")
        return answer.status == 200 and answer.json["state"] == "drafted"

    await eventually("the drafts", look)
    return run_id


async def _to_approve(world: World) -> Call:
    return Call(ids={"run_id": await _drafted(world)}, body={"round": 1}, names=True)


async def _to_accept(world: World) -> Call:
    accepted = {
        "kind": "unusual_amount",
        "household_ids": [world.owner.household_id],
        "reason": "Un troisième enfant",
    }
    return Call(ids={"run_id": await _drafted(world)}, body=accepted, names=True)


OFFICE = {"cash_office_id": CHILDHOOD}
MONTH_CALLS: Mapping[str, Make] = {
    "GET /api/v1/invoice-runs/{run_id}": fixed(ids=RUN_OF_OCTOBER, names=True),
    "GET /api/v1/invoice-runs/{run_id}/drafts": fixed(ids=RUN_OF_OCTOBER, names=True),
    "GET /api/v1/invoice-runs/{run_id}/draft-exports": fixed(ids=RUN_OF_OCTOBER, names=True),
    "POST /api/v1/invoice-runs/{run_id}/acceptances": _to_accept,
    "POST /api/v1/invoice-runs/{run_id}/approval": _to_approve,
    "GET /api/v1/cash-offices/{cash_office_id}/run-policy": fixed(ids=OFFICE, names=True),
    "PUT /api/v1/cash-offices/{cash_office_id}/run-policy": fixed(
        ids=OFFICE, body=POLICY, headers={"If_Match": "*"}, names=True
    ),
}
