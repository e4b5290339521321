"""Calls around papers: what offices say on them, why a line is what it is, lists of pieces, tax certificates."""

from collections.abc import Mapping
from typing import Any

from tests.journeys.clock import eventually
from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import World

OFFICE = "sainte-aurore.regie-restauration"
PAPERS = {"ids": {"cash_office_id": OFFICE}, "headers": {"If_Match": "*"}, "names": True}


def _of_invoice(world: World) -> Call:
    return Call(ids={"invoice_id": world.invoice_id}, names=True)


def _of_line(world: World) -> Call:
    return Call(ids={"invoice_id": world.invoice_id, "line": "1"}, names=True)


def _contested(world: World) -> Call:
    return Call(ids={"invoice_id": world.invoice_id, "line": "1"}, body={"words": "Zoé était absente"}, names=True)


def _of_household(world: World) -> Call:
    return Call(ids={"year": "2025"}, query={**TOWN, "household_id": world.owner.household_id}, names=True)


def _pieces(world: World) -> Call:
    return Call(query={**TOWN, "household_id": world.owner.household_id}, names=True)


async def _contestations(world: World) -> Call:
    """The first call contests; later ones are told that it was."""
    path = f"/invoices/{world.invoice_id}/lines/1/contestations"
    await world.owner.ask("POST", path, {"words": "Zoé était absente"}, key="new")
    return Call(query=TOWN, names=True)


async def _own_receipt(world: World) -> Call:
    return Call(ids={"receipt_id": await _receipt(world)}, names=True)


async def _one_receipt(world: World) -> Call:
    return Call(ids={"receipt_id": await _receipt(world)}, query=TOWN, names=True)


async def _receipt(world: World) -> str:
    """Of one cent of the invoice, taken at the counter by the first call that needs one."""
    if not (found := await world.owner.get("/household-receipts")):
        piece = {"invoice_id": world.invoice_id, "cents": 1}
        paid = {"cash_office_id": OFFICE, "household_id": world.owner.household_id, "cents": 1, "mode": "cash"}
        await world.aurore.manager.post("/counter-payments", {**paid, "pieces": [piece]}, key="new")
        found = await eventually("the receipt", lambda: world.owner.get("/household-receipts"))
    return str(found[0]["id"])


SAID: Mapping[str, Any] = {
    **dict.fromkeys(("siret", "iban", "bic", "holder"), ""),
    "seller": "Commune de Sainte-Aurore",
    "childcare": ["sainte-aurore.garderie-soir"],
}
PAPER_CALLS: Mapping[str, Make] = {
    "GET /api/v1/cash-offices/{cash_office_id}/papers": fixed(**PAPERS),
    "PUT /api/v1/cash-offices/{cash_office_id}/papers": fixed(**PAPERS, body=SAID),
    "GET /api/v1/invoices/{invoice_id}/facturx": _of_invoice,
    "GET /api/v1/invoices/{invoice_id}/lines/{line}/trail": _of_line,
    "POST /api/v1/invoices/{invoice_id}/lines/{line}/contestations": _contested,
    "GET /api/v1/contestations": _contestations,
    "GET /api/v1/household-invoices": _pieces,
    "GET /api/v1/household-invoice-exports": _pieces,
    "GET /api/v1/receipts/{receipt_id}/pdf": _one_receipt,
    "GET /api/v1/household-receipts/{receipt_id}/pdf": _own_receipt,
    "GET /api/v1/tax-certificates/{year}": _of_household,
    "GET /api/v1/tax-certificates/{year}/pdf": _of_household,
}
