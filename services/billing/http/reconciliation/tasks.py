"""Differences between what outside parties say and the books, for people to answer."""

from datetime import date, datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field

from services.billing.domain.reconciliation.statements import StatementKind
from services.billing.domain.reconciliation.tasks import Act, Resolution, Task, TaskKind, TaskState
from services.billing.http.offices import office_asked
from services.billing.http.reconciliation.parts import CLERK, TASKS
from services.billing.http.unpaid.amounts import READERS, Name, Page, Reason
from services.billing.usecases.reconciliation.resolve import resolve
from shared import audit
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import CLOCK, Answer, Body, Route, agent


class WhichTasks(Page):
    state: TaskState | None = "open"
    kind: TaskKind | None = None


class ResolutionBody(Body):
    """`ids`: with the act `match`, the payments, receipts, deposits or debits the line is the money of."""

    act: Act
    reason: Reason
    ids: Annotated[list[Name], Field(max_length=500, default_factory=list)]


class ShownResolution(Answer):
    act: Act
    reason: str
    ids: list[str]
    by: str
    at: datetime


class ShownTask(Answer):
    """`difference_cents`: positive when more came than was written down. `acts`: how it may be answered."""

    id: str
    kind: TaskKind
    state: TaskState
    statement_kind: StatementKind | None
    subject: str
    line_id: str
    expected_id: str
    on: date
    cents: int
    difference_cents: int
    label: str
    raised_at: datetime
    acts: list[Act]
    resolution: ShownResolution | None
    settled_at: datetime | None


class TasksPage(Answer):
    """`open`: how many wait in the whole cash office."""

    open: int
    items: list[ShownTask]
    next_cursor: str | None


async def list_reconciliation_tasks(request: web.Request, query: WhichTasks, caller: Caller) -> TasksPage:
    """Differences of a cash office; the open ones unless another state is asked for"""
    office, tariff = await office_asked(request, caller, *READERS)
    tasks = request.app[TASKS]
    found = await tasks.of_office(
        office.id, state=query.state, kind=query.kind, after=query.cursor, limit=query.limit + 1
    )
    page = found[: query.limit]
    audit.about(request, tariff.id, others=[one.id for one in page])
    return TasksPage(
        open=await tasks.count_open(office.id),
        items=[_shown(one) for one in page],
        next_cursor=page[-1].id if len(found) > query.limit else None,
    )


async def resolve_reconciliation_task(request: web.Request, body: ResolutionBody, caller: Caller) -> ShownTask:
    """Say what a difference is, with the act and the reason; said again in the same words it changes nothing"""
    office, tariff = await office_asked(request, caller, *READERS)
    name = request.match_info["task_id"]
    known = await request.app[TASKS].get(tariff.id, name)
    if known is None or known.cash_office_id != office.id:
        raise NotFound()
    audit.about(request, tariff.id, others=[name])
    answer = Resolution(
        act=body.act,
        reason=body.reason,
        ids=tuple(dict.fromkeys(body.ids)),
        by=caller.account_id,
        at=request.app[CLOCK](),
    )
    return _shown(await resolve(tariff.id, name, answer, clerk=request.app[CLERK]))


def _shown(task: Task) -> ShownTask:
    told = {name: getattr(task, name) for name in ShownTask.model_fields if name != "resolution"}
    answer = task.resolution
    shown = None
    if answer:
        shown = ShownResolution(act=answer.act, reason=answer.reason, ids=list(answer.ids), by=answer.by, at=answer.at)
    return ShownTask.model_validate({**told, "resolution": shown})


PATH = "/api/v1/cash-offices/{cash_office_id}/reconciliation-tasks"
ROUTES = [
    Route(
        method="GET",
        path=PATH,
        handler=list_reconciliation_tasks,
        who=agent(*READERS),
        query=WhichTasks,
        answer=TasksPage,
        audit="reconciliation_tasks_listed",
    ),
    Route(
        method="POST",
        path=f"{PATH}/{{task_id}}/resolution",
        handler=resolve_reconciliation_task,
        who=agent(*READERS),
        body=ResolutionBody,
        answer=ShownTask,
        audit="reconciliation_task_resolved",
    ),
]
