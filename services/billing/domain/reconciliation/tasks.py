"""Differences for people: each stays open until somebody says, with a reason, what it is."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from services.billing.domain.invoices import Invoice
from services.billing.domain.reconciliation.matching import Differs, Expected
from services.billing.domain.reconciliation.statements import Line, StatementKind
from services.billing.domain.settlements import Settlement
from services.billing.domain.treasury.collection import CollectionOrder, Returned
from services.billing.domain.treasury.imports import ImportedReturn
from services.billing.domain.treasury.returns import BeforeTitle, Said
from shared.errors import N_, BadInput, Refused

TaskKind = Literal[
    "unknown_line", "not_seen", "amount_differs", "before_title", "unknown_debt", "too_much_collected", "paid_elsewhere"
]
TaskState = Literal["open", "resolved", "settled"]
Act = Literal["match", "explain", "recorded", "write_off_difference"]
# How long money may be on its way before somebody is asked about it.
PATIENCE = timedelta(days=7)


class TaskDone(Refused):
    code = "reconciliation-task-done"
    title = N_("Already dealt with")
    sentence = N_("Somebody already said what this difference is.")
    remedy = N_("Reload the list.")


class AmountsDiffer(Refused):
    code = "reconciliation-amounts-differ"
    title = N_("Amounts differ")
    sentence = N_("These add up to %(found)s, the line says %(line)s.")
    remedy = N_("Choose others, or say why they differ with the act for a difference.")


class AlreadyMatched(Refused):
    code = "reconciliation-already-matched"
    title = N_("Already matched")
    sentence = N_("One of these belongs to another line already.")
    remedy = N_("Choose others.")


class ActUnfit(BadInput):
    code = "reconciliation-act-unfit"
    title = N_("Not possible for this difference")
    sentence = N_("This act does not answer this kind of difference.")
    remedy = N_("Choose one of the acts the task names.")


ACTS: dict[TaskKind, frozenset[Act]] = {
    "unknown_line": frozenset({"match", "explain", "recorded"}),
    "amount_differs": frozenset({"match", "explain", "write_off_difference"}),
    "not_seen": frozenset({"explain", "recorded"}),
    "before_title": frozenset({"explain", "recorded"}),
    "too_much_collected": frozenset({"explain", "recorded"}),
    "paid_elsewhere": frozenset({"explain", "recorded"}),
    "unknown_debt": frozenset({"explain", "recorded"}),
}


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What a person said it is. `ids`: what the line was matched with."""

    act: Act
    reason: str
    ids: tuple[str, ...]
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Task:
    """One difference. `id` is a natural key, so that it is raised once.

    `cents`: what came in; of a `not_seen`, what was expected. `difference_cents`: more came than was written down.
    `subject`: what it is about (a line, a payment, a receipt, a debt at the Treasury). `settled`: a later statement or
    receipt cleared it without anybody.
    """

    id: str
    municipality_id: str
    cash_office_id: str
    kind: TaskKind
    subject: str
    on: date
    cents: int
    raised_at: datetime
    statement_kind: StatementKind | None = None
    line_id: str = ""
    expected_id: str = ""
    difference_cents: int = 0
    label: str = ""
    state: TaskState = "open"
    resolution: Resolution | None = None
    settled_at: datetime | None = None
    version: int = 0

    @property
    def acts(self) -> tuple[Act, ...]:
        """What may be answered, sorted."""
        return tuple(sorted(ACTS[self.kind]))


def unknown(line: Line, now: datetime) -> Task:
    return Task(
        id=f"tsk_{line.id}",
        municipality_id=line.municipality_id,
        cash_office_id=line.cash_office_id,
        kind="unknown_line",
        subject=line.id,
        on=line.on,
        cents=line.cents,
        raised_at=now,
        statement_kind=line.kind,
        line_id=line.id,
        difference_cents=line.cents,
        label=line.label,
    )


def differing(found: Differs, now: datetime) -> Task:
    return replace(
        unknown(found.line, now),
        kind="amount_differs",
        subject=found.expected.id,
        expected_id=found.expected.id,
        difference_cents=found.cents,
    )


def not_seen(one: Expected, kind: StatementKind, office: tuple[str, str], now: datetime) -> Task:
    """`office`: municipality and cash office."""
    return Task(
        id=f"tsk_{kind}_{one.id}",
        municipality_id=office[0],
        cash_office_id=office[1],
        kind="not_seen",
        subject=one.id,
        on=one.on,
        cents=one.cents,
        raised_at=now,
        statement_kind=kind,
        expected_id=one.id,
        difference_cents=-one.cents,
    )


def before_title(loose: BeforeTitle, done: ImportedReturn) -> Task:
    """Money at the Treasury for which no debt was handed over (P503)."""
    return _of_return(done, "before_title", loose.key, on=loose.on, cents=loose.cents, label=loose.label)


def unknown_debt(said: Said, done: ImportedReturn) -> Task:
    """The Treasury names a debt that is none of ours."""
    subject = f"{said.year}/{said.number}/{said.returned.key}"
    label = said.returned.reason
    return _of_return(done, "unknown_debt", subject, on=said.returned.on, cents=said.returned.cents, label=label)


def too_much(order: CollectionOrder, said: Returned, cents: int, done: ImportedReturn) -> Task:
    """`cents`: what was collected of a debt beyond what its invoices still owed."""
    subject = f"{order.id}/{said.key}"
    found = _of_return(done, "too_much_collected", subject, on=said.on, cents=said.cents, label=order.number)
    return replace(found, difference_cents=cents)


def paid_elsewhere(invoice: Invoice, settlement: Settlement, now: datetime) -> Task:
    """The cash office took money for an invoice that is the Treasury's to collect: the accountant must hear of it."""
    words = f"{invoice.id}\n{settlement.source}\n{settlement.kind}"
    return Task(
        id=f"tsk_{hashlib.sha256(words.encode()).hexdigest()[:32]}",
        municipality_id=invoice.municipality_id,
        cash_office_id=invoice.cash_office_id,
        kind="paid_elsewhere",
        subject=invoice.id,
        on=settlement.at.date(),
        cents=settlement.cents,
        raised_at=now,
        difference_cents=settlement.cents,
        label=invoice.number,
    )


def _of_return(done: ImportedReturn, kind: TaskKind, subject: str, *, on: date, cents: int, label: str) -> Task:
    words = f"{done.cash_office_id}\n{kind}\n{subject}"
    return Task(
        id=f"tsk_{hashlib.sha256(words.encode()).hexdigest()[:32]}",
        municipality_id=done.municipality_id,
        cash_office_id=done.cash_office_id,
        kind=kind,
        subject=subject,
        on=on,
        cents=cents,
        raised_at=done.imported_at,
        difference_cents=cents,
        label=label,
    )


def is_overdue(one: Expected, *, told_until: date | None) -> bool:
    """Statements reach far enough past its day to say that it did not come."""
    return told_until is not None and told_until >= one.on + PATIENCE


def resolved(task: Task, resolution: Resolution) -> Task:
    """Raises `TaskDone`, `ActUnfit`; said twice in the same words, it stays as it was."""
    if task.state != "open":
        if task.resolution and _same(task.resolution, resolution):
            return task
        raise TaskDone()
    if resolution.act not in ACTS[task.kind]:
        raise ActUnfit()
    return replace(task, state="resolved", resolution=resolution)


def _same(one: Resolution, other: Resolution) -> bool:
    return (one.act, one.reason, one.ids, one.by) == (other.act, other.reason, other.ids, other.by)


def settled(task: Task, now: datetime) -> Task:
    """Cleared by what came later; one that somebody answered stays answered."""
    return replace(task, state="settled", settled_at=now) if task.state == "open" else task
