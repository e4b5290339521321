"""What agents decide of a run: anomalies that may stand, and that its drafts become invoices."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.billing.domain.drafting.anomalies import AnomalyKind
from services.billing.http.months.runs_asked import READERS, town_of_run
from services.billing.http.parts import NUDGE_RUNS, REVIEW_TABLE
from services.billing.http.runs import InvoiceRun, shown_run
from services.billing.usecases.months.decide import Accepting, Approving, accept_anomalies, approve_run
from shared import audit
from shared.auth import Caller
from shared.web import Body, Int, Key, Route, agent

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class AnomaliesAccepted(Body):
    """One kind of anomaly, of these households, with the reason why it may stand."""

    kind: AnomalyKind
    household_ids: Annotated[list[Name], Field(min_length=1, max_length=200)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Approval(Body):
    """`round`: of the drafts that were looked at, as their list tells it."""

    round: Annotated[Int, Field(ge=1, le=1_000_000)]


async def accept_draft_anomalies(request: web.Request, body: AnomaliesAccepted, caller: Caller) -> InvoiceRun:
    """Let drafts be issued although they are unusual"""
    town = town_of_run(request, caller)
    asked = Accepting(
        kind=body.kind,
        household_ids=list(dict.fromkeys(body.household_ids)),
        reason=body.reason,
        by=caller.account_id,
    )
    audit.about(request, town, households=asked.household_ids, others=[request.match_info["run_id"]])
    run = await accept_anomalies(town, request.match_info["run_id"], asked, table=request.app[REVIEW_TABLE])
    request.app[NUDGE_RUNS]()
    return await shown_run(request, run)


async def approve_invoice_run(request: web.Request, body: Approval, caller: Caller, key: Key) -> InvoiceRun:
    """Issue the drafts of a run: they get their numbers and go out"""
    town = town_of_run(request, caller)
    asked = Approving(round=body.round, by=caller.account_id, key=key.value, fingerprint=key.fingerprint)
    audit.about(request, town, others=[request.match_info["run_id"]])
    run = await approve_run(town, request.match_info["run_id"], asked, table=request.app[REVIEW_TABLE])
    request.app[NUDGE_RUNS]()
    return await shown_run(request, run)


RUN = "/api/v1/invoice-runs/{run_id}"
ROUTES = [
    Route(
        method="POST",
        path=f"{RUN}/acceptances",
        handler=accept_draft_anomalies,
        who=agent(*READERS),
        body=AnomaliesAccepted,
        answer=InvoiceRun,
        audit="draft_anomalies_accepted",
    ),
    Route(
        method="POST",
        path=f"{RUN}/approval",
        handler=approve_invoice_run,
        who=agent(*READERS),
        body=Approval,
        answer=InvoiceRun,
        audit="invoice_run_approved",
        keyed=True,
    ),
]
