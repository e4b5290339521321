"""What billing tells of a reminder."""

from services.billing.domain.tariffs import CashOffice
from services.billing.domain.unpaid.reminders import Reminder
from shared.contracts.billing_unpaid import RemindedInvoice, ReminderSent


def of_reminder(reminder: Reminder, office: CashOffice, addressee: str) -> ReminderSent:
    """`addressee`: the household that answers for the debt now, when it was merged into another one."""
    return ReminderSent(
        reminder_id=reminder.id,
        household_id=addressee,
        municipality_id=reminder.municipality_id,
        cash_office_id=reminder.cash_office_id,
        cash_office_name=office.name,
        by=reminder.by,
        step=reminder.step,
        total_cents=reminder.total_cents,
        invoices=tuple(
            RemindedInvoice(
                invoice_id=piece.invoice_id,
                number=piece.number,
                month=piece.month,
                due_date=piece.due_date,
                remaining_cents=piece.remaining_cents,
            )
            for piece in reminder.pieces
        ),
    )
