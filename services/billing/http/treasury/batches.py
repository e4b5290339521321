"""Batches of debts for the Treasury: made, downloaded, sent, answered. A file never changes once it is made."""

from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.treasury.collection import Batch, BatchState
from services.billing.http.offices import office_asked
from services.billing.http.treasury.parts import BATCHES, COLLECTION_ORDERS, TREASURY_DESK
from services.billing.http.unpaid.amounts import READERS, Name, Page
from services.billing.usecases.treasury.answer import answer_batch, mark_sent
from services.billing.usecases.treasury.desk import Asked
from services.billing.usecases.treasury.hand_over import hand_over_debts
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import Answer, Body, Key, Route, agent


class BatchAsked(Body):
    """`invoice_ids`: some of the candidates; null, said so, for all that may be handed over today."""

    invoice_ids: Annotated[list[Name], Field(min_length=1, max_length=5_000)] | None


class BatchAnswer(Body):
    """What the Treasury said of the file. Refused, all its debts come back to the cash office."""

    accepted: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ShownBatch(Answer):
    """`number`: IdBord. `sha256` and `file_name` are empty until the file is made; `state` empty: nothing could go."""

    id: str
    cash_office_id: str
    year: int
    number: int
    state: BatchState
    issued_on: date
    created_at: datetime
    created_by: str
    orders: int
    cents: int
    file_name: str
    sha256: str
    sent_at: datetime | None
    answered_at: datetime | None
    answer: str


class BatchesPage(Answer):
    items: list[ShownBatch]
    next_cursor: str | None


async def hand_over_to_treasury(request: web.Request, body: BatchAsked, caller: Caller, key: Key) -> ShownBatch:
    """Hand unpaid invoices to the Treasury: a batch of debts, with the file that tells it of them"""
    office, tariff = await office_asked(request, caller, *READERS)
    asked = Asked(
        municipality_id=tariff.id,
        office=office,
        invoice_ids=None if body.invoice_ids is None else tuple(dict.fromkeys(body.invoice_ids)),
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    batch = await hand_over_debts(asked, desk=request.app[TREASURY_DESK])
    await _note(request, batch)
    return _shown(batch)


async def _note(request: web.Request, batch: Batch) -> None:
    orders = await request.app[COLLECTION_ORDERS].of_batch(batch.municipality_id, batch.id)
    households = [order.household_id for order in orders]
    audit.about(request, batch.municipality_id, households=households, others=[batch.id])


async def list_treasury_batches(request: web.Request, query: Page, caller: Caller) -> BatchesPage:
    """The batches of a cash office, newest first"""
    office, _ = await office_asked(request, caller, *READERS)
    found = await request.app[BATCHES].of_office(office.id, after=query.cursor, limit=query.limit + 1)
    page = found[: query.limit]
    return BatchesPage(
        items=[_shown(one) for one in page], next_cursor=page[-1].id if len(found) > query.limit else None
    )


async def show_treasury_batch(request: web.Request, caller: Caller) -> ShownBatch:
    """One batch"""
    return _shown(await _asked(request, caller))


async def _asked(request: web.Request, caller: Caller) -> Batch:
    office, tariff = await office_asked(request, caller, *READERS)
    batch = await request.app[BATCHES].get(tariff.id, request.match_info["batch_id"])
    if batch is None or batch.cash_office_id != office.id:
        raise NotFound()
    return batch


async def download_treasury_file(request: web.Request, caller: Caller) -> web.Response:
    """The file for the Treasury (PES v2 ORMC), with names and addresses: byte for byte the same each time"""
    batch = await _asked(request, caller)
    stored = await request.app[BATCHES].file(batch.municipality_id, batch.id)
    if stored is None or not batch.sha256:
        raise NotFound()
    await _note(request, batch)
    content, sha256 = stored
    headers = {
        "Content-Disposition": f'attachment; filename="{batch.file_name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "ETag": f'"{sha256}"',
    }
    return web.Response(body=content, content_type="application/xml", charset="iso-8859-1", headers=headers)


async def mark_treasury_batch_sent(request: web.Request, caller: Caller) -> ShownBatch:
    """The file was given to the Treasury"""
    batch = await _asked(request, caller)
    return _shown(await mark_sent(batch.municipality_id, batch.id, desk=request.app[TREASURY_DESK]))


async def answer_treasury_batch(request: web.Request, body: BatchAnswer, caller: Caller) -> ShownBatch:
    """The Treasury took the file, or refused it whole"""
    batch = await _asked(request, caller)
    await _note(request, batch)
    done = await answer_batch(
        batch.municipality_id,
        batch.id,
        accepted=body.accepted,
        reason=body.reason,
        desk=request.app[TREASURY_DESK],
    )
    return _shown(done)


def _shown(batch: Batch) -> ShownBatch:
    return ShownBatch(**{name: getattr(batch, name) for name in ShownBatch.model_fields})


PATH = "/api/v1/cash-offices/{cash_office_id}/treasury-batches"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=hand_over_to_treasury,
        who=agent(*READERS),
        body=BatchAsked,
        answer=ShownBatch,
        audit="debts_handed_to_treasury",
        status=201,
        keyed=True,
    ),
    Route(
        method="GET",
        path=PATH,
        handler=list_treasury_batches,
        who=agent(*READERS),
        query=Page,
        answer=BatchesPage,
    ),
    Route(
        method="GET", path=f"{PATH}/{{batch_id}}", handler=show_treasury_batch, who=agent(*READERS), answer=ShownBatch
    ),
    Route(
        method="GET",
        path=f"{PATH}/{{batch_id}}/file",
        handler=download_treasury_file,
        who=agent(*READERS),
        gives="application/xml",
        audit="treasury_file_downloaded",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{batch_id}}/sending",
        handler=mark_treasury_batch_sent,
        who=agent(*READERS),
        answer=ShownBatch,
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{batch_id}}/answer",
        handler=answer_treasury_batch,
        who=agent(*READERS),
        body=BatchAnswer,
        answer=ShownBatch,
        audit="treasury_batch_answered",
    ),
]
