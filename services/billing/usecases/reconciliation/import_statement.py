"""Take over a statement from outside: every line once, however statements overlap, then match it with the books."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.billing.domain.reconciliation.camt import read_camt
from services.billing.domain.reconciliation.statements import Line, Said, Statement, StatementKind, lines_of
from services.billing.domain.reconciliation.tables import read_table_of
from services.billing.domain.tariffs import CashOffice
from services.billing.usecases.reconciliation.reconcile import Reconciled, ReconciliationDesk, reconcile
from shared.errors import N_, BadInput
from shared.tables import Fault

LONGEST_STATEMENT_DAYS = 400


class EmptyStatement(BadInput):
    code = "empty-statement"
    title = N_("Nothing in this statement")
    sentence = N_("No line of this file could be taken over.")
    remedy = N_("Check that it is the statement you meant, and its columns.")


class StatementTooLong(BadInput):
    code = "statement-too-long"
    title = N_("Statement too long")
    sentence = N_("This file goes from %(begin)s to %(end)s: that is no statement of one period.")
    remedy = N_("Check its dates, or bring it in several files.")


class Statements(Protocol):
    async def by_content(self, cash_office_id: str, kind: StatementKind, sha256: str) -> Statement | None: ...
    async def add(self, statement: Statement) -> Statement: ...
    async def add_lines(self, lines: Sequence[Line]) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A file as an agent brought it; `xml` says which of the two ways it is written in."""

    municipality_id: str
    office: CashOffice
    kind: StatementKind
    content: bytes
    xml: bool
    by: str


@dataclass(frozen=True, kw_only=True)
class Imported:
    """`faults`: lines that could not be read; the others were taken over."""

    statement: Statement
    faults: Sequence[Fault]
    done: Reconciled


async def import_statement(
    brought: Brought, *, statements: Statements, desk: ReconciliationDesk, new_id: Callable[[], str]
) -> Imported:
    """Raises `EmptyStatement`, `StatementTooLong`, and as `read_camt` and `read_table_of`."""
    sha256 = hashlib.sha256(brought.content).hexdigest()
    said, faults = _read(brought)
    known = await statements.by_content(brought.office.id, brought.kind, sha256)
    statement = known or await _keep(brought, said, sha256, statements, desk, new_id())
    done = await reconcile(brought.municipality_id, brought.office.id, brought.kind, desk=desk)
    return Imported(statement=statement, faults=faults, done=done)


def _read(brought: Brought) -> tuple[list[Said], list[Fault]]:
    said, faults = (read_camt(brought.content), []) if brought.xml else read_table_of(brought.kind, brought.content)
    if not said:
        raise EmptyStatement([fault.shown() for fault in faults])
    begin, end = min(one.on for one in said), max(one.on for one in said)
    if (end - begin).days > LONGEST_STATEMENT_DAYS:
        raise StatementTooLong(begin=begin, end=end)
    return said, faults


async def _keep(
    brought: Brought,
    said: Sequence[Said],
    sha256: str,
    statements: Statements,
    desk: ReconciliationDesk,
    name: str,
) -> Statement:
    lines = list(
        lines_of(
            said,
            municipality_id=brought.municipality_id,
            cash_office_id=brought.office.id,
            statement_id=name,
            kind=brought.kind,
        )
    )
    statement = Statement(
        id=name,
        municipality_id=brought.municipality_id,
        cash_office_id=brought.office.id,
        kind=brought.kind,
        sha256=sha256,
        imported_at=desk.clock(),
        imported_by=brought.by,
        begins_on=min(one.on for one in said),
        ends_on=max(one.on for one in said),
        lines=len(lines),
        fresh=await statements.add_lines(lines),
        total_cents=sum(one.cents for one in said),
    )
    return await statements.add(statement)
