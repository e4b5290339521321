"""What billing tells of debts: reminders, and what is handed to the Treasury and comes back from it."""

from datetime import date
from typing import ClassVar, Literal

from shared.contracts import Event, Part


class RemindedInvoice(Part):
    invoice_id: str
    number: str
    month: str
    due_date: date
    remaining_cents: int


class ReminderSent(Event):
    """A household is reminded of what it owes one cash office. Subject: the reminder.

    `by`: `post` letters are printed and sent by the cash office. `step`: the furthest of its invoices, from 1.
    """

    topic: ClassVar[str] = "billing.reminder_sent.v1"

    reminder_id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    cash_office_name: str
    by: Literal["mail", "post"]
    step: int
    invoices: tuple[RemindedInvoice, ...]
    total_cents: int


class DebtHandedOver(Event):
    """A debt is the Treasury's to collect from now on: it is paid there, under that reference. Subject: the debt."""

    topic: ClassVar[str] = "billing.debt_handed_over.v1"

    order_id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    cash_office_name: str
    structure_id: str
    reference: str
    invoice_ids: tuple[str, ...]
    invoice_numbers: tuple[str, ...]
    amount_cents: int


class DebtTakenBack(Event):
    """The Treasury did not take a debt: its invoices are paid to the cash office again. Subject: the debt."""

    topic: ClassVar[str] = "billing.debt_taken_back.v1"

    order_id: str
    household_id: str
    municipality_id: str
    cash_office_id: str
    invoice_ids: tuple[str, ...]
    invoice_numbers: tuple[str, ...]
    amount_cents: int
