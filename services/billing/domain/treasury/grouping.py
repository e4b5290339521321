"""Which unpaid invoices become which debts for the Treasury.

Below 15 EUR a local body's debt is not put into collection (CGCT D1611-1). Small debts of one debtor are therefore put
together, across months, until they reach it; what does not reach it stays with the cash office and is looked at again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.billing.domain.invoices import Invoice
from services.billing.domain.unpaid.ageing import owes
from services.billing.domain.unpaid.policy import ReminderPolicy
from services.billing.domain.unpaid.reminders import REMINDED, Past

LEGAL_THRESHOLD_CENTS = 1500

Kept = Literal["not_reminded", "too_recent", "exempt", "held", "debit_scheduled", "below_threshold", "debtor_unknown"]
"""Why an overdue invoice stays with its cash office. `held`: contested, or just being paid."""


@dataclass(frozen=True, kw_only=True)
class Grouped:
    """`debts`: each the invoices of one debt, oldest first; `below`: those that together do not reach the threshold."""

    debts: tuple[tuple[Invoice, ...], ...] = ()
    below: tuple[Invoice, ...] = ()


def group(invoices: Iterable[Invoice], threshold_cents: int = LEGAL_THRESHOLD_CENTS) -> Grouped:
    """The invoices of one household and cash office as debts of at least `threshold_cents`.

    What reaches the threshold alone is a debt alone, so that it can be paid and disputed alone. The small ones are one
    debt together; when even that is too small, they go with the oldest large one, if there is one.
    """
    ordered = sorted(invoices, key=lambda one: (one.due_date, one.number))
    large = [(one,) for one in ordered if one.remaining_cents >= threshold_cents]
    small = tuple(one for one in ordered if one.remaining_cents < threshold_cents)
    if not small:
        return Grouped(debts=tuple(large))
    if cents_of(small) >= threshold_cents:
        return Grouped(debts=(*large, small))
    if not large:
        return Grouped(below=small)
    return Grouped(debts=((*large[0], *small), *large[1:]))


def cents_of(invoices: Iterable[Invoice]) -> int:
    return sum(one.remaining_cents for one in invoices)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a cash office waits before it hands a debt over: `after_days` since its last reminder."""

    policy: ReminderPolicy
    after_days: int

    def reason(self, invoice: Invoice, past: Past | None, today: date) -> Kept | None:
        """Why it is too early, None when it is time. Without reminders, the days of the last step count as given."""
        steps = self.policy.steps if self.policy.enabled else ()
        if not steps:
            wait = self.policy.steps[-1].days if self.policy.steps else 0
            return "too_recent" if today < invoice.due_date + timedelta(days=wait + self.after_days) else None
        if past is None or past.step < len(steps):
            return "not_reminded"
        return "too_recent" if today < past.on + timedelta(days=self.after_days) else None


def kept_back(
    invoice: Invoice, patience: Patience, *, past: Mapping[str, Past], held: Collection[str], exempt: bool, today: date
) -> Kept | None:
    """Why one overdue invoice is not handed over, None when it may be."""
    if invoice.state == "debit_scheduled":
        return "debit_scheduled"
    if exempt:
        return "exempt"
    if invoice.id in held:
        return "held"
    return patience.reason(invoice, past.get(invoice.id), today)


def may_be_owed(invoice: Invoice, today: date) -> bool:
    """Overdue, and nobody else collects it yet."""
    return owes(invoice) and invoice.due_date < today and invoice.state in {*REMINDED, "debit_scheduled"}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One household in a preview: the debts it would have, and what is kept back with the reason."""

    household_id: str
    debts: tuple[tuple[Invoice, ...], ...]
    kept: tuple[tuple[Invoice, Kept], ...] = ()

    @property
    def cents(self) -> int:
        return sum(cents_of(debt) for debt in self.debts)


def candidate(
    household_id: str, ready: Sequence[Invoice], kept: Sequence[tuple[Invoice, Kept]], *, debtor: bool, threshold: int
) -> Candidate:
    """`debtor` False: nobody's name and address are known, so that no debt of it can be written."""
    if not debtor:
        unknown: Kept = "debtor_unknown"
        return Candidate(household_id=household_id, debts=(), kept=(*kept, *((one, unknown) for one in ready)))
    grouped = group(ready, threshold)
    small: Kept = "below_threshold"
    return Candidate(
        household_id=household_id, debts=grouped.debts, kept=(*kept, *((one, small) for one in grouped.below))
    )
