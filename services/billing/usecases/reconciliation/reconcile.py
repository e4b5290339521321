"""Match what outside statements say with the books, and raise every difference for a person.

Nothing here changes the books: a match is written on the line of the statement, a difference is a task. Run again, it
finds the same; a line that is matched later, because its receipt was typed late, clears its task.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from services.billing.domain.copies import Town, zone_of
from services.billing.domain.reconciliation.matching import Expected, Outcome, match
from services.billing.domain.reconciliation.statements import Line, StatementKind, matched
from services.billing.domain.reconciliation.tasks import Task, differing, is_overdue, not_seen, settled, unknown
from shared.clock import Clock

# How far back the books are looked through: what is older was a task long ago.
LONGEST = timedelta(days=400)
# Money that is named may come in long after it was written down; without a name, only within the window.
LOOKED_BACK = timedelta(days=60)


class Statements(Protocol):
    async def open_lines(self, cash_office_id: str, kind: StatementKind) -> list[Line]: ...
    async def save_line(self, line: Line) -> Line | None: ...
    async def matched(self, kind: StatementKind, ids: Collection[str]) -> set[str]: ...
    async def told_from(self, cash_office_id: str, kind: StatementKind) -> date | None: ...
    async def told_until(self, cash_office_id: str, kind: StatementKind) -> date | None: ...
    async def kinds(self) -> list[tuple[str, str, StatementKind]]: ...


class Books(Protocol):
    async def of(
        self, cash_office_id: str, kind: StatementKind, *, since: date, until: date, zone: ZoneInfo
    ) -> list[Expected]: ...


class Tasks(Protocol):
    async def raise_once(self, task: Task) -> bool: ...
    async def save(self, task: Task) -> Task: ...
    async def open_of_statements(self, cash_office_id: str, kind: str) -> list[Task]: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


@dataclass(frozen=True, kw_only=True)
class ReconciliationDesk:
    statements: Statements
    books: Books
    tasks: Tasks
    copies: Towns
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """Of one run: lines matched, differences raised, differences cleared."""

    matched: int = 0
    raised: int = 0
    cleared: int = 0


async def reconcile_all(desk: ReconciliationDesk) -> None:
    for municipality_id, cash_office_id, kind in await desk.statements.kinds():
        await reconcile(municipality_id, cash_office_id, kind, desk=desk)


async def reconcile(
    municipality_id: str, cash_office_id: str, kind: StatementKind, *, desk: ReconciliationDesk
) -> Reconciled:
    """One kind of statement of one cash office."""
    begins = await desk.statements.told_from(cash_office_id, kind)
    ends = await desk.statements.told_until(cash_office_id, kind)
    if begins is None or ends is None:
        return Reconciled()
    lines = await desk.statements.open_lines(cash_office_id, kind)
    since = max(begins - LOOKED_BACK, ends - LONGEST)
    zone = zone_of(await desk.copies.town(municipality_id))
    written = await desk.books.of(cash_office_id, kind, since=since, until=ends + timedelta(days=1), zone=zone)
    gone = await desk.statements.matched(kind, [one.id for one in written])
    # What came in before the first statement may stand in one nobody brought.
    looked_for = [one for one in written if one.id not in gone]
    outcome = match(lines, looked_for)
    done = await _keep_matches(outcome, desk)
    raised = await _raise(outcome, kind, (municipality_id, cash_office_id), begins, ends, desk)
    return Reconciled(matched=done, raised=raised, cleared=await _clear(cash_office_id, kind, desk))


async def _keep_matches(outcome: Outcome, desk: ReconciliationDesk) -> int:
    kept = [await desk.statements.save_line(matched(one.line, one.ids, one.rule)) for one in outcome.matches]
    return sum(one is not None for one in kept)


async def _raise(
    outcome: Outcome,
    kind: StatementKind,
    office: tuple[str, str],
    begins: date,
    ends: date,
    desk: ReconciliationDesk,
) -> int:
    now = desk.clock()
    found = [differing(one, now) for one in outcome.differences]
    found += [unknown(line, now) for line in outcome.lines]
    found += [
        not_seen(one, kind, office, now)
        for one in outcome.expected
        if _must_be_seen(one, kind, begins) and is_overdue(one, told_until=ends)
    ]
    return sum([await desk.tasks.raise_once(task) for task in found])


def _must_be_seen(one: Expected, kind: StatementKind, begins: date) -> bool:
    """What came in before the first statement may stand in one nobody brought.

    A day's online payments are credited to the account as one sum, by another list than the bank's: PayFiP's own list
    is what says that each came in.
    """
    return one.on >= begins and not (kind == "bank" and one.group)


async def _clear(cash_office_id: str, kind: StatementKind, desk: ReconciliationDesk) -> int:
    """Differences that are none any more: their line or their money was matched since."""
    waiting = await desk.tasks.open_of_statements(cash_office_id, kind)
    lines = {line.id for line in await desk.statements.open_lines(cash_office_id, kind)}
    seen = await desk.statements.matched(kind, [task.expected_id for task in waiting if not task.line_id])
    cleared = [task for task in waiting if (task.line_id not in lines if task.line_id else task.expected_id in seen)]
    for task in cleared:
        await desk.tasks.save(settled(task, desk.clock()))
    return len(cleared)
