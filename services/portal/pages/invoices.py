"""Invoices to pay and paid, and the payment of one or several in one go."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask, at
from services.portal.forms import typed_in
from services.portal.security import session_of
from services.portal.views import page, see
from shared.errors import N_
from shared.ids import uuid7
from shared.web import CLOCK

UNFINISHED = frozenset({"refused", "abandoned", "expired", "failed"})
NOTHING_CHOSEN = {
    "status": 422,
    "title": N_("No invoice is chosen"),
    "detail": N_("Tick at least one invoice to pay."),
}


async def show_invoices(request: web.Request) -> web.StreamResponse:
    return await _invoices(request)


async def _invoices(request: web.Request, problem: dict[str, Any] | None = None) -> web.StreamResponse:
    session_of(request)
    found = await ask(request, "GET", "/invoices")
    return page(
        request,
        "invoices.html",
        status=int(problem["status"]) if problem else 200,
        problem=problem,
        offices=_by_office([invoice for invoice in found if _is_owed(invoice)]),
        credits=[invoice for invoice in found if _is_credit(invoice)],
        paid=[invoice for invoice in found if not _is_owed(invoice) and not _is_credit(invoice)],
        today=f"{request.app[CLOCK]():%Y-%m-%d}",
    )


def _is_owed(invoice: dict[str, Any]) -> bool:
    return bool(invoice["remaining_cents"] > 0)


def _is_credit(invoice: dict[str, Any]) -> bool:
    """A credit note with something left."""
    return bool(invoice["remaining_cents"] < 0)


def _by_office(invoices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One payment goes to one cash office, so each has its form."""
    return [
        {
            "invoices": theirs,
            "payable_cents": sum(one["remaining_cents"] for one in theirs if one["payable"]),
            "key": uuid7(),
        }
        for office in dict.fromkeys(_office(invoice) for invoice in invoices)
        if (theirs := [invoice for invoice in invoices if _office(invoice) == office])
    ]


def _office(invoice: dict[str, Any]) -> tuple[str, str]:
    return invoice["municipality_id"], invoice["cash_office_id"]


async def pdf(request: web.Request) -> web.StreamResponse:
    session_of(request)
    path = at("invoices", request.match_info["invoice"], "pdf")
    body, filename = await ask(request, "GET", path, raw=True, patient=True)
    return web.Response(body=body, content_type="application/pdf", headers={"Content-Disposition": filename})


async def pay(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    order_id, chosen = typed.get("order_id", ""), typed.getall("invoice", [])
    if not order_id and not chosen:
        return await _invoices(request, NOTHING_CHOSEN)
    body = {"order_id": order_id} if order_id else {"invoice_ids": chosen}
    try:
        payment = await ask(request, "POST", "/payments", key=typed.get("key", ""), body=body, patient=True)
    except Refusal as refusal:
        if order_id:
            return _order_refused(request, refusal)
        return await _invoices(request, refusal.problem)
    return see(payment["redirect_url"])


def _order_refused(request: web.Request, refusal: Refusal) -> web.StreamResponse:
    shown = {"problem": refusal.problem, "back": "/reservations"}
    return page(request, "refused_line.html", status=refusal.status, **shown)


async def show_payment(request: web.Request) -> web.StreamResponse:
    """Where the bank sends the family back; the truth is what billing pulled from the bank."""
    session_of(request)
    payment = await ask(request, "GET", at("payments", request.match_info["payment"]))
    again = payment["state"] in UNFINISHED and await _is_payable(request, payment["order_id"])
    return page(request, "payment.html", payment=payment, again=again, key=uuid7())


async def _is_payable(request: web.Request, order_id: str | None) -> bool:
    """An order whose places are still held can be paid by another attempt."""
    if order_id is None:
        return False
    order = await ask(request, "GET", at("orders", order_id))
    return bool(order["payable"])


ROUTES = [
    web.get("/factures", show_invoices),
    web.get("/factures/{invoice}/pdf", pdf),
    web.post("/payer", pay),
    web.get("/payments/{payment}", show_payment),
]
