"""Debits: an invoice is planned to be collected on a day its family was told, goes to the bank in a file, and may come
back."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.billing.domain.debits.calendar import collection_day
from services.billing.domain.debits.creditors import Creditor
from services.billing.domain.debits.mandates import Mandate, Sequence, is_collectable, sequence_of
from services.billing.domain.invoices import CREDIT_NOTE, Invoice, followed

DebitState = Literal["planned", "batched", "collected", "rejected", "cancelled"]
WhyCancelled = Literal["", "paid", "mandate", "office", "account", "erased"]
"""Why it is not collected: nothing was left to pay, no mandate any more, the cash office decided, an unreadable
account number, the family was erased."""


@dataclass(frozen=True, kw_only=True)
class Debit:
    """`collect_on`: the day announced, later the one asked of the bank, never earlier than announced.

    `cents`: what is collected, at most what was announced. `end_to_end`: its name in files. `live`: another may not be
    planned for the same invoice. `sequence`, `amended`, `presented_before`: how it stands in its file.
    `receipt_id`: of the money, once it is entered; `taken_cents`: what of it settled the invoice.
    """

    id: str
    municipality_id: str
    household_id: str
    cash_office_id: str
    mandate_id: str
    rum: str
    invoice_id: str
    invoice_number: str
    cents: int
    end_to_end: str
    announced_at: datetime
    announced_on: date
    collect_on: date
    notice_days: int
    state: DebitState = "planned"
    live: bool = True
    batch_id: str | None = None
    sequence: Sequence | None = None
    amended: bool = False
    presented_before: date | None = None
    collected_at: datetime | None = None
    receipt_id: str = ""
    taken_cents: int = 0
    rejected_at: datetime | None = None
    reason: str = ""
    cancelled_for: WhyCancelled = ""
    version: int = 0


def end_to_end_of(debit_id: str) -> str:
    """Unique in all files: 30 of the 35 characters there may be."""
    digits = debit_id.removeprefix("dbt_").upper()
    return f"D{digits[:12]}{digits[13:30]}"


def is_debitable(invoice: Invoice) -> bool:
    """Whether a debit of it can be planned."""
    return (
        invoice.kind != CREDIT_NOTE
        and invoice.remaining_cents > 0
        and invoice.debit_on is None
        and invoice.handed_over_at is None
    )


def planned(
    debit_id: str, invoice: Invoice, mandate: Mandate, creditor: Creditor, *, today: date, now: datetime
) -> Debit | None:
    """The debit of an invoice that is announced now; None when nothing may be collected under the mandate by then.

    `today`: in the town.
    """
    notice = max(creditor.notice_days, mandate.notice_days)
    day = collection_day(today, notice_days=notice, day_of_month=creditor.day_of_month, due=invoice.due_date)
    if not is_debitable(invoice) or not is_collectable(mandate, day):
        return None
    return Debit(
        id=debit_id,
        municipality_id=invoice.municipality_id,
        household_id=invoice.household_id,
        cash_office_id=invoice.cash_office_id,
        mandate_id=mandate.id,
        rum=mandate.rum,
        invoice_id=invoice.id,
        invoice_number=invoice.number,
        cents=invoice.remaining_cents,
        end_to_end=end_to_end_of(debit_id),
        announced_at=now,
        announced_on=today,
        collect_on=day,
        notice_days=notice,
    )


def entered(debit: Debit, invoice: Invoice, mandate: Mandate, collect_on: date, *, alone: bool) -> Debit:
    """The debit as it stands in its file, decided once. `alone`: the first one of its mandate in that file."""
    if debit.sequence:
        return debit
    sequence = sequence_of(mandate)
    return replace(
        debit,
        collect_on=max(debit.collect_on, collect_on),
        cents=min(debit.cents, invoice.remaining_cents),
        # Of several under one mandate one is the first or the last, the others are between.
        sequence=sequence if alone else "RCUR",
        amended=mandate.account_changed and alone,
        presented_before=mandate.presented_on,
    )


def back_to_plan(debit: Debit) -> Debit:
    """Its file was withdrawn: it waits for another one; the day announced stays the earliest."""
    return replace(debit, state="planned", batch_id=None, sequence=None, amended=False, presented_before=None)


def cancelled(debit: Debit, why: WhyCancelled) -> Debit:
    """Itself when it is not planned or in a file any more."""
    if not debit.live:
        return debit
    return replace(debit, state="cancelled", live=False, cancelled_for=why)


def collected(debit: Debit, now: datetime) -> Debit:
    """The money came on its day, as far as nobody said otherwise."""
    if debit.state != "batched":
        return debit
    return replace(debit, state="collected", live=False, collected_at=now)


def received(debit: Debit, receipt_id: str, taken_cents: int) -> Debit:
    """Its money is entered."""
    return replace(debit, receipt_id=receipt_id, taken_cents=taken_cents)


def rejected(debit: Debit, reason: str, now: datetime) -> Debit:
    return replace(debit, state="rejected", live=False, rejected_at=now, reason=reason)


def scheduled(invoice: Invoice, day: date | None) -> Invoice:
    """The invoice with its debit planned for a day, or with none; itself when nothing changes."""
    return invoice if invoice.debit_on == day else followed(replace(invoice, debit_on=day))
