"""What a person decides of a run: that an anomaly may stand, and that its drafts become invoices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from services.billing.domain.drafting.anomalies import QUESTIONS, Acceptance, AnomalyKind
from services.billing.domain.drafting.pool import PooledDraft, accept
from services.billing.domain.drafting.refusals import (
    AnomaliesOpen,
    CannotBeAccepted,
    DraftsChanged,
    RunNotDrafted,
)
from services.billing.domain.runs import Run, approve
from services.billing.usecases.months.desk import Counts
from shared.clock import Clock
from shared.errors import Conflict, KeyReused, NotFound

TRIES = 5


class Runs(Protocol):
    async def get(self, municipality_id: str, run_id: str) -> Run | None: ...
    async def save(self, run: Run) -> Run: ...


class Drafts(Protocol):
    async def get(self, run_id: str, household_id: str) -> PooledDraft | None: ...
    async def save(self, draft: PooledDraft) -> PooledDraft: ...
    async def counts(self, run_id: str) -> Counts: ...


@dataclass(frozen=True, kw_only=True)
class ReviewTable:
    """What deciding on a run reads and writes."""

    runs: Runs
    drafts: Drafts
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Accepting:
    """`by`: the agent's account."""

    kind: AnomalyKind
    household_ids: Sequence[str]
    reason: str
    by: str


@dataclass(frozen=True, kw_only=True)
class Approving:
    """`round`: of the drafts the agent looked at; others must be looked at again."""

    round: int
    by: str
    key: str
    fingerprint: str


async def accept_anomalies(municipality_id: str, run_id: str, asked: Accepting, *, table: ReviewTable) -> Run:
    """The run with an anomaly of these households accepted; harmless when repeated.

    Where the cash office leaves approval to the service, the run goes on by itself after the last one. A household
    without such an anomaly changes nothing. Raises `NotFound`, `RunNotDrafted`, `CannotBeAccepted`.
    """
    run = await _drafted(municipality_id, run_id, table)
    if asked.kind not in QUESTIONS:
        raise CannotBeAccepted(kind=asked.kind)
    acceptance = Acceptance(by=asked.by, reason=asked.reason, at=table.clock())
    for household_id in asked.household_ids:
        draft = await table.drafts.get(run.id, household_id)
        changed = accept(draft, asked.kind, acceptance) if draft else None
        if changed and changed is not draft:
            await table.drafts.save(changed)
    counts = await table.drafts.counts(run.id)
    return await table.runs.save(replace(run, open_anomalies=counts.open, next_at=table.clock()))


async def approve_run(municipality_id: str, run_id: str, asked: Approving, *, table: ReviewTable) -> Run:
    """The run, approved: from now on its drafts get their numbers. The same key answers the same.

    Raises `NotFound`, `KeyReused`, `RunNotDrafted`, `DraftsChanged`, `AnomaliesOpen`.
    """
    key = f"{asked.key} {asked.fingerprint}"
    for _ in range(TRIES):
        run = await table.runs.get(municipality_id, run_id)
        if run is not None and run.approval_key.partition(" ")[0] == asked.key:
            if run.approval_key != key:
                raise KeyReused()
            return run
        run = await _drafted(municipality_id, run_id, table)
        if run.round != asked.round:
            raise DraftsChanged()
        if run.open_anomalies:
            raise AnomaliesOpen(count=run.open_anomalies)
        try:
            return await table.runs.save(approve(run, table.clock(), by=asked.by, key=key))
        except Conflict:
            continue
    raise Conflict()


async def _drafted(municipality_id: str, run_id: str, table: ReviewTable) -> Run:
    run = await table.runs.get(municipality_id, run_id)
    if run is None:
        raise NotFound()
    if run.state != "drafted":
        raise RunNotDrafted()
    return run
