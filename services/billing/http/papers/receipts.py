"""The paper of a receipt and the data of an invoice, as files."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.papers.receipt import ReceiptSetting, receipt_file, receipt_paper
from services.billing.domain.till.receipts import Receipt
from services.billing.http.owners import first_of, owners
from services.billing.http.papers.pieces import READERS, piece_asked
from services.billing.http.parts import COPIES, DOCUMENTS, PRINTER, TARIFFS
from services.billing.http.till.parts import MONEY
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound, Unavailable
from shared.web import GUARDIAN, Body, Route, agent, guardian_or_agent


class WhichTown(Body):
    municipality_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]


async def show_receipt_pdf(request: web.Request, query: WhichTown, caller: Caller) -> web.Response:
    """A receipt as a PDF file"""
    town = caller.agent_of(query.municipality_id, *READERS)
    receipt = await request.app[MONEY].receipts.get(town, request.match_info["receipt_id"])
    if receipt is None:
        raise NotFound()
    audit.about(request, town, households=[receipt.household_id], others=[receipt.id])
    return await _printed(request, receipt)


async def show_own_receipt_pdf(request: web.Request, caller: Caller) -> web.Response:
    """A receipt of the household as a PDF file"""
    receipts, name = request.app[MONEY].receipts, request.match_info["receipt_id"]
    receipt = await first_of(await owners(request, caller), lambda one: receipts.of_family(one, name))
    if receipt is None:
        raise NotFound()
    return await _printed(request, receipt)


async def _printed(request: web.Request, receipt: Receipt) -> web.Response:
    town = await request.app[COPIES].town(receipt.municipality_id)
    household = await request.app[COPIES].household(receipt.household_id)
    office = (await request.app[TARIFFS].of(receipt.municipality_id)).office(receipt.cash_office_id)
    if town is None or household is None or office is None:
        raise Unavailable()
    texts = receipt_paper(receipt, ReceiptSetting(town=town, office=office, household=household))
    return as_file(await request.app[PRINTER].print(texts), receipt_file(receipt), "application/pdf")


async def show_invoice_facturx(request: web.Request, caller: Caller) -> web.Response:
    """The invoice as data: Factur-X (EN 16931), the same as inside its PDF file"""
    invoice = await piece_asked(request, caller)
    xml = await request.app[DOCUMENTS].facturx(invoice.household_id, invoice.id)
    if not xml:
        raise Unavailable()
    return as_file(xml.encode(), f"{invoice.number}.xml", "application/xml")


def as_file(content: bytes, name: str, media_type: str) -> web.Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=content, content_type=media_type, headers=headers)


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/receipts/{receipt_id}/pdf",
        handler=show_receipt_pdf,
        who=agent(*READERS),
        query=WhichTown,
        gives="application/pdf",
        audit="receipt_read",
    ),
    Route(
        method="GET",
        path="/api/v1/household-receipts/{receipt_id}/pdf",
        handler=show_own_receipt_pdf,
        who=GUARDIAN,
        gives="application/pdf",
    ),
    Route(
        method="GET",
        path="/api/v1/invoices/{invoice_id}/facturx",
        handler=show_invoice_facturx,
        who=guardian_or_agent(*READERS),
        gives="application/xml",
        audit="invoice_read",
    ),
]
