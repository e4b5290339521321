"""Events about what a family owes, as billing tells them."""

from datetime import date

from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack, RemindedInvoice, ReminderSent

SCOPE = {
    "household_id": "hsh_1",
    "municipality_id": "sainte-aurore",
    "cash_office_id": "sainte-aurore.regie-restauration",
}
REMINDER = ReminderSent(
    **SCOPE,
    reminder_id="rem_1",
    cash_office_name="Régie restauration",
    by="mail",
    step=1,
    invoices=(
        RemindedInvoice(
            invoice_id="inv_1",
            number="F2026-000042",
            month="2026-09",
            due_date=date(2026, 10, 31),
            remaining_cents=7055,
        ),
    ),
    total_cents=7055,
)
DEBT = {**SCOPE, "order_id": "cor_1", "invoice_ids": ("inv_1",), "invoice_numbers": ("F2026-000042",)}
HANDED_OVER = DebtHandedOver(
    **DEBT,
    cash_office_name="Régie restauration",
    structure_id="123456",
    reference="2026-01-2026000017K",
    amount_cents=7055,
)
TAKEN_BACK = DebtTakenBack(**DEBT, amount_cents=7055)
REMINDER_BY_POST = REMINDER.model_copy(update={"by": "post", "reminder_id": "rem_2"})
