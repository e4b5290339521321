"""Which of a family's invoices a reminder names, and which step it is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.billing.domain.copies import Household
from services.billing.domain.invoices import Invoice, InvoiceState
from services.billing.domain.unpaid.ageing import days_late, owes
from services.billing.domain.unpaid.policy import By, ReminderPolicy, Step, pause_before

# Debited or collected by others: whoever pays by debit has nothing to do, and the Treasury writes by itself.
REMINDED: frozenset[InvoiceState] = frozenset({"open", "partly_paid"})


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """One invoice in a reminder, as it was that day. `step` counts from 1."""

    invoice_id: str
    number: str
    month: str
    due_date: date
    remaining_cents: int
    step: int


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """One letter to a household about what it owes one cash office. `on`: local date.

    `claims`: `invoice/step` of each of its pieces, unique among all reminders: a step is taken once.
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    on: date
    at: datetime
    by: By
    pieces: tuple[Reminded, ...]
    claims: tuple[str, ...]
    total_cents: int
    version: int = 0

    @property
    def step(self) -> int:
        """The furthest of its pieces: it gives the letter its tone."""
        return max(piece.step for piece in self.pieces)


@dataclass(frozen=True, kw_only=True)
class Past:
    """The last reminder of one invoice."""

    step: int
    on: date


def pasts(reminders: Iterable[Reminder]) -> dict[str, Past]:
    """The last reminder of each invoice named in these."""
    found: dict[str, Past] = {}
    for reminder in reminders:
        for piece in reminder.pieces:
            known = found.get(piece.invoice_id)
            if known is None or known.step < piece.step:
                found[piece.invoice_id] = Past(step=piece.step, on=reminder.on)
    return found


def step_due(steps: Sequence[Step], due: date, past: Past | None, today: date) -> int | None:
    """The number of the next step when its day has come, None otherwise.

    No step is left out, and between two a family has the days the policy puts between them, however late the first
    one was sent.
    """
    number = past.step + 1 if past else 1
    if number > len(steps) or days_late(due, today) < steps[number - 1].days:
        return None
    if past and today < past.on + timedelta(days=pause_before(steps, number)):
        return None
    return number


def first_due_before(policy: ReminderPolicy, today: date) -> date | None:
    """Invoices due on that day or before may be reminded; None when the policy reminds nobody."""
    if not policy.enabled or not policy.steps:
        return None
    return today - timedelta(days=policy.steps[0].days)


def remind(
    policy: ReminderPolicy,
    household: Household | None,
    invoices: Iterable[Invoice],
    *,
    past: Mapping[str, Past],
    held: Collection[str],
    today: date,
    now: datetime,
) -> Reminder | None:
    """The letter one household is due from one cash office today, None when it is due none.

    `held`: ids of invoices left out, because they are contested or just being paid. What is already reminded as far
    as the policy goes, or not old enough, does not stand in a letter either.
    """
    due = [
        (invoice, step)
        for invoice in sorted(invoices, key=lambda one: (one.due_date, one.number))
        if invoice.id not in held and (step := _step(policy, invoice, past, today))
    ]
    if not due:
        return None
    pieces = tuple(_piece(invoice, step) for invoice, step in due)
    furthest = max(step for _, step in due)
    return Reminder(
        id=f"rem_{policy.id}_{due[0][0].household_id}_{today}",
        municipality_id=policy.municipality_id,
        household_id=due[0][0].household_id,
        cash_office_id=policy.id,
        on=today,
        at=now,
        by=_by(policy.steps[furthest - 1], household),
        pieces=pieces,
        claims=tuple(f"{piece.invoice_id}/{piece.step}" for piece in pieces),
        total_cents=sum(piece.remaining_cents for piece in pieces),
    )


def _step(policy: ReminderPolicy, invoice: Invoice, past: Mapping[str, Past], today: date) -> int | None:
    if not owes(invoice) or invoice.state not in REMINDED:
        return None
    return step_due(policy.steps, invoice.due_date, past.get(invoice.id), today)


def _piece(invoice: Invoice, step: int) -> Reminded:
    return Reminded(
        invoice_id=invoice.id,
        number=invoice.number,
        month=invoice.month,
        due_date=invoice.due_date,
        remaining_cents=invoice.remaining_cents,
        step=step,
    )


def _by(step: Step, household: Household | None) -> By:
    reachable = household is not None and any(guardian.email for guardian in household.guardians)
    return step.by if reachable else "post"
