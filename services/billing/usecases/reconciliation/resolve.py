"""A person says what a difference is: nothing is closed without an act and a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from services.billing.domain.copies import zone_of
from services.billing.domain.reconciliation.matching import Expected
from services.billing.domain.reconciliation.statements import Line, explained, matched
from services.billing.domain.reconciliation.tasks import (
    AlreadyMatched,
    AmountsDiffer,
    Resolution,
    Task,
    resolved,
)
from services.billing.usecases.reconciliation.reconcile import Towns
from shared.errors import NotFound
from shared.money import Cents


class Tasks(Protocol):
    async def get(self, municipality_id: str, task_id: str) -> Task | None: ...
    async def save(self, task: Task) -> Task: ...


class Statements(Protocol):
    async def line(self, municipality_id: str, line_id: str) -> Line | None: ...
    async def save_line(self, line: Line) -> Line | None: ...


class Books(Protocol):
    async def several(self, cash_office_id: str, ids: Iterable[str], zone: ZoneInfo) -> list[Expected]: ...


@dataclass(frozen=True, kw_only=True)
class Clerk:
    """The parts of answering a difference."""

    tasks: Tasks
    statements: Statements
    books: Books
    copies: Towns


async def resolve(municipality_id: str, task_id: str, answer: Resolution, *, clerk: Clerk) -> Task:
    """The task with its answer; the line it is about is closed first, so that an answer is never without effect.

    Raises `NotFound`, `TaskDone`, `ActUnfit`, `AmountsDiffer`, `AlreadyMatched`, `Conflict`.
    """
    task = await clerk.tasks.get(municipality_id, task_id)
    if task is None:
        raise NotFound()
    done = resolved(task, answer)
    if done is task:
        return task
    if task.line_id:
        await _close_line(task, answer, clerk)
    return await clerk.tasks.save(done)


async def _close_line(task: Task, answer: Resolution, clerk: Clerk) -> None:
    line = await clerk.statements.line(task.municipality_id, task.line_id)
    if line is None or line.state != "open":
        # Closed by the same answer, cut off before the task knew.
        return
    closed = explained(line, answer.reason, answer.by)
    if answer.act == "write_off_difference":
        closed = matched(line, [task.expected_id], "agent", answer.by)
    if answer.act == "match":
        found = await _named(task, answer, clerk)
        total = sum(one.cents for one in found)
        if total != line.cents:
            raise AmountsDiffer(found=Cents(total), line=Cents(line.cents))
        closed = matched(line, [one.id for one in found], "agent", answer.by)
    if await clerk.statements.save_line(closed) is None:
        raise AlreadyMatched()


async def _named(task: Task, answer: Resolution, clerk: Clerk) -> list[Expected]:
    """What the agent says the line is the money of. Raises `NotFound` for anything that is not the cash office's."""
    zone = zone_of(await clerk.copies.town(task.municipality_id))
    found = await clerk.books.several(task.cash_office_id, answer.ids, zone)
    if not answer.ids or {one.id for one in found} != set(answer.ids):
        raise NotFound()
    return found
