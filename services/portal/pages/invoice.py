"""One invoice and the reasons of its lines; a line the family does not agree with is contested here."""

from typing import Any

from aiohttp import web

from services.portal.api import Refusal, ask, at
from services.portal.forms import typed_in
from services.portal.security import session_of
from services.portal.views import page, see
from shared.ids import uuid7


async def show_invoice(request: web.Request) -> web.StreamResponse:
    session_of(request)
    invoice = await ask(request, "GET", at("invoices", request.match_info["invoice"]))
    return page(request, "invoice.html", invoice=invoice, children=_by_child(invoice["lines"]))


def _by_child(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the invoice; lines about no child stand under no name."""
    names = dict.fromkeys((line["child_id"], line["child_name"]) for line in lines)
    return [{"name": name, "lines": [one for one in lines if one["child_id"] == child]} for child, name in names]


async def show_line(request: web.Request) -> web.StreamResponse:
    return await _line(request)


async def _line(
    request: web.Request, problem: dict[str, Any] | None = None, words: str = "", key: str = ""
) -> web.StreamResponse:
    session_of(request)
    line = await ask(request, "GET", at("invoices", *_asked(request), "trail"))
    status = int(problem["status"]) if problem else 200
    shown = {"line": line, "problem": problem, "words": words, "key": key or uuid7()}
    return page(request, "invoice_line.html", status=status, **shown)


async def contest(request: web.Request) -> web.StreamResponse:
    session_of(request)
    typed = await typed_in(request)
    words, key = typed.get("words", ""), typed.get("key", "")
    try:
        await ask(request, "POST", at("invoices", *_asked(request), "contestations"), key=key, body={"words": words})
    except Refusal as refusal:
        return await _line(request, refusal.problem, words, key)
    return see(request.path)


def _asked(request: web.Request) -> tuple[str, str, str]:
    return request.match_info["invoice"], "lines", request.match_info["line"]


ROUTES = [
    web.get("/factures/{invoice}", show_invoice),
    web.get("/factures/{invoice}/lignes/{line}", show_line),
    web.post("/factures/{invoice}/lignes/{line}", contest),
]
