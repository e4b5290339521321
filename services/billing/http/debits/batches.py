"""The files that take debits to the bank: made, downloaded, marked as sent, withdrawn."""

import hashlib
from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.billing.domain.debits.batches import Batch, BatchState, purpose_of
from services.billing.domain.debits.creditors import Schema
from services.billing.http.debits.mandates import Id
from services.billing.http.debits.parts import BATCHES, DEBITS, DESK
from services.billing.http.imports import Town
from services.billing.http.parts import SECRETS
from services.billing.usecases.debits.make_batch import AskedBatch, make_batch, mark_sent, withdraw
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound, OurFault
from shared.web import Answer, Body, Key, Route, agent

WHO = agent(Role.MANAGER, Role.CASHIER)
ROLES = (Role.MANAGER, Role.CASHIER)
MOST = 200


class BatchAsked(Body):
    """`collect_on`: a banking day; everything announced for that day or before is collected then."""

    municipality_id: str
    cash_office_id: Id
    collect_on: date


class OfficeBatches(Body):
    municipality_id: str
    cash_office_id: Id


class BatchWithdrawn(Body):
    municipality_id: str
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]


class DebitBatch(Answer):
    """`state`: `making` (cut off: asking for it again goes on with it), `made`, `sent`, `collected`, `withdrawn`.
    `sha256`: of the file, which is never changed.
    """

    id: str
    cash_office_id: str
    collect_on: date
    state: BatchState
    file_name: str
    file_format: Schema
    message_id: str
    count: int
    total_cents: int
    sha256: str
    made_at: datetime
    sent_at: datetime | None
    collected_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_for: str


async def make_debit_batch(request: web.Request, body: BatchAsked, caller: Caller, key: Key) -> DebitBatch:
    """Make the file of what is to be collected on a day"""
    asked = AskedBatch(
        municipality_id=caller.agent_of(body.municipality_id, *ROLES),
        cash_office_id=body.cash_office_id,
        collect_on=body.collect_on,
        by=caller.account_id,
        key=key.value,
        fingerprint=key.fingerprint,
    )
    batch = await make_batch(asked, desk=request.app[DESK])
    await _note_families(request, batch)
    return _shown(batch)


async def list_debit_batches(request: web.Request, query: OfficeBatches, caller: Caller) -> list[DebitBatch]:
    """The files of a cash office, newest first"""
    town = caller.agent_of(query.municipality_id, *ROLES)
    return [_shown(batch) for batch in await request.app[BATCHES].of_office(town, query.cash_office_id, MOST)]


async def show_debit_batch(request: web.Request, query: Town, caller: Caller) -> DebitBatch:
    """One file: what it holds and how far it has come"""
    return _shown(await _asked(request, caller, query.municipality_id))


async def download_debit_batch(request: web.Request, query: Town, caller: Caller) -> web.Response:
    """The file itself, as it was made; it holds families' account numbers"""
    batch = await _asked(request, caller, query.municipality_id)
    sealed = await request.app[BATCHES].file(batch)
    if sealed is None or batch.state == "making":
        raise NotFound()
    content = request.app[SECRETS].open(sealed, purpose_of(batch.id)).encode()
    if hashlib.sha256(content).hexdigest() != batch.sha256:
        raise OurFault()
    await _note_families(request, batch)
    headers = {
        "Content-Disposition": f'attachment; filename="{batch.file_name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "ETag": f'"{batch.sha256}"',
    }
    return web.Response(body=content, content_type="application/xml", headers=headers)


async def _note_families(request: web.Request, batch: Batch) -> None:
    debits = await request.app[DEBITS].of_batch(batch.municipality_id, batch.id)
    households = [debit.household_id for debit in debits]
    audit.about(request, batch.municipality_id, households=households, others=[batch.id])


async def mark_debit_batch_sent(request: web.Request, body: Town, caller: Caller) -> DebitBatch:
    """Say that the accountant has the file: on its day it becomes money"""
    batch = await _asked(request, caller, body.municipality_id)
    audit.about(request, batch.municipality_id, others=[batch.id])
    return _shown(await mark_sent(batch, caller.account_id, desk=request.app[DESK]))


async def withdraw_debit_batch(request: web.Request, body: BatchWithdrawn, caller: Caller) -> DebitBatch:
    """Take back a file that was not sent: its debits wait for another one"""
    batch = await _asked(request, caller, body.municipality_id)
    audit.about(request, batch.municipality_id, others=[batch.id])
    by, desk = caller.account_id, request.app[DESK]
    return _shown(await withdraw(batch, by=by, why=body.reason, by_bank=False, desk=desk))


async def _asked(request: web.Request, caller: Caller, municipality_id: str) -> Batch:
    """Raises `Forbidden`, `NotFound`."""
    town = caller.agent_of(municipality_id, *ROLES)
    batch = await request.app[BATCHES].get(town, request.match_info["batch_id"])
    if batch is None:
        raise NotFound()
    return batch


def _shown(batch: Batch) -> DebitBatch:
    return DebitBatch(
        id=batch.id,
        cash_office_id=batch.cash_office_id,
        collect_on=batch.collect_on,
        state=batch.state,
        file_name=batch.file_name,
        file_format=batch.schema,
        message_id=batch.message_id,
        count=batch.count,
        total_cents=batch.total_cents,
        sha256=batch.sha256,
        made_at=batch.made_at,
        sent_at=batch.sent_at,
        collected_at=batch.collected_at,
        withdrawn_at=batch.withdrawn_at,
        withdrawn_for=batch.withdrawn_for,
    )


PATH = "/api/v1/debit-batches"
ROUTES = [
    Route(
        method="POST",
        path=PATH,
        handler=make_debit_batch,
        who=WHO,
        body=BatchAsked,
        answer=DebitBatch,
        status=201,
        keyed=True,
        audit="debit_batch_made",
    ),
    Route(method="GET", path=PATH, handler=list_debit_batches, who=WHO, query=OfficeBatches, answer=list[DebitBatch]),
    Route(method="GET", path=f"{PATH}/{{batch_id}}", handler=show_debit_batch, who=WHO, query=Town, answer=DebitBatch),
    Route(
        method="GET",
        path=f"{PATH}/{{batch_id}}/file",
        handler=download_debit_batch,
        who=WHO,
        query=Town,
        gives="application/xml",
        audit="debit_batch_downloaded",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{batch_id}}/sending",
        handler=mark_debit_batch_sent,
        who=WHO,
        body=Town,
        answer=DebitBatch,
        audit="debit_batch_sent",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{batch_id}}/withdrawal",
        handler=withdraw_debit_batch,
        who=WHO,
        body=BatchWithdrawn,
        answer=DebitBatch,
        audit="debit_batch_withdrawn",
    ),
]
