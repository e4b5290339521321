"""Bring a run as far as it goes now: draft it, and issue it once nothing needs a person or a person said so."""

from dataclasses import replace

from services.billing.domain.runs import Run, approve, awaited, collected_after
from services.billing.domain.tariffs import CashOffice
from services.billing.usecases.months.desk import HOLD, LOOK_AGAIN, Desk
from services.billing.usecases.months.draft_run import draft_run
from services.billing.usecases.months.issue_run import issue_run
from shared import context


async def advance_next_run(desk: Desk) -> Run | None:
    """The run that was looked at; None when no run waits for it."""
    run = await desk.runs.take_due(desk.clock(), HOLD)
    if run is None:
        return None
    context.correlation_id.set(run.correlation_id)
    office = (await desk.tariffs.of(run.municipality_id)).office(run.cash_office_id)
    if office is None:
        return await desk.runs.save(replace(run, state="blocked", problem="cash office unknown", next_at=None))
    # One that was being issued before there were drafts begins with them: what it issued is found again.
    if run.state in ("waiting", "drafting", "blocked") or run.round == 0:
        run = await _draft(run, office, desk)
    if run.state == "drafted":
        run = await _approved(run, desk)
    return await issue_run(run, office, desk) if run.state in ("approved", "issuing") else run


async def _draft(run: Run, office: CashOffice, desk: Desk) -> Run:
    closed = await desk.closings.closed_programmes(run.municipality_id, run.month)
    reopened = await desk.closings.reopened_programmes(run.municipality_id, run.month)
    programmes = collected_after(office, await desk.copies.programmes(run.municipality_id))
    waiting = awaited(programmes, closed, reopened & set(office.programmes))
    if waiting:
        again = desk.clock() + LOOK_AGAIN
        return await desk.runs.save(replace(run, state="waiting", waiting_for=waiting, next_at=again))
    return await draft_run(run, tuple(sorted(closed & set(office.programmes))), desk)


async def _approved(run: Run, desk: Desk) -> Run:
    """By itself, where the cash office leaves that to us and no draft waits for a person."""
    policy = await desk.policies.of(run.municipality_id, run.cash_office_id)
    if run.open_anomalies or policy.approval == "agent":
        return await desk.runs.save(replace(run, next_at=None))
    return await desk.runs.save(approve(run, desk.clock()))
