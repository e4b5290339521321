"""The kinds of letters about invoices, payments, debts and debits."""

import base64
from datetime import UTC, date, datetime
from typing import Any

from services.notifications.domain.debit_letters import ENDED
from services.notifications.domain.letter_kinds.kind import Fact, LetterKind, listed, money, month, told, when
from services.notifications.domain.say import Say
from shared.contracts.billing import InvoiceDocument, InvoicesPaid
from shared.contracts.billing_debits import DebitAnnounced, DebitRejected, MandateEnded, MandateSigned
from shared.contracts.billing_quotients import QuotientInvited, QuotientRefreshed
from shared.contracts.billing_unpaid import DebtHandedOver, DebtTakenBack, RemindedInvoice, ReminderSent
from shared.errors import N_

SCOPE = {"household_id": "hsh_sample", "municipality_id": "sample"}
OFFICE = {"cash_office_id": "sample.regie", "cash_office_name": "Régie restauration"}
INVOICE = InvoiceDocument(
    **SCOPE,
    invoice_id="inv_sample",
    number="F2026-000042",
    cash_office_name="Régie restauration",
    month="2026-10",
    total_cents=7049,
    due_date=date(2026, 12, 5),
    filename="facture-F2026-000042.pdf",
    pdf_base64=base64.b64encode(b"%PDF-1.7 a sample").decode(),
)
PAID = InvoicesPaid(
    **SCOPE,
    payment_id="pay_sample",
    invoice_ids=("inv_sample",),
    amount_cents=7049,
    paid_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    invoice_numbers=("F2026-000042",),
)
OWED = RemindedInvoice(
    invoice_id="inv_sample", number="F2026-000042", month="2026-09", due_date=date(2026, 10, 31), remaining_cents=7049
)
REMINDER = ReminderSent(
    **SCOPE, **OFFICE, reminder_id="rem_sample", by="mail", step=1, invoices=(OWED,), total_cents=7049
)
DEBT: dict[str, Any] = {
    **SCOPE,
    "order_id": "cor_sample",
    "invoice_ids": ("inv_sample",),
    "invoice_numbers": ("F2026-000042",),
    "amount_cents": 7049,
}
DEBIT: dict[str, Any] = {
    **SCOPE,
    "debit_id": "dbt_sample",
    "invoice_number": "F2026-000042",
    "amount_cents": 7049,
    "collect_on": date(2026, 12, 31),
}
MANDATE: dict[str, Any] = {**SCOPE, "mandate_id": "mdt_sample", "cash_office_id": "sample.regie"}

NUMBER = told("number", N_("Number of the invoice"))
DEBITED_NUMBER = told("number", N_("Number of the invoice"), "invoice_number")
NUMBERS = listed("numbers", N_("Numbers of the invoices"), "invoice_numbers")
MONTH = month("month", N_("Month of the services"))
CASH_OFFICE = told("cash_office", N_("Name of the cash office"), "cash_office_name")
TOTAL = money("amount", N_("Amount"), "total_cents")
AMOUNT = money("amount", N_("Amount"), "amount_cents")
COLLECTED = told("day", N_("Day of the debit"), "collect_on")
CREDIT_NOTE = "A"


def _nothing_to_pay(event: InvoiceDocument) -> bool:
    return event.kind != CREDIT_NOTE and (event.debit_on is not None or event.remaining_cents == 0)


INVOICE_KINDS = (
    LetterKind(
        key="invoice",
        label=N_("Invoice to pay"),
        contract=InvoiceDocument,
        sample=INVOICE,
        facts=(NUMBER, MONTH, CASH_OFFICE, TOTAL, told("due", N_("Day to pay by"), "due_date")),
        applies=lambda event: event.kind != CREDIT_NOTE and not _nothing_to_pay(event),
    ),
    LetterKind(
        key="invoice-nothing-to-pay",
        label=N_("Invoice that is debited or covered by credits"),
        contract=InvoiceDocument,
        sample=INVOICE.model_copy(update={"debit_on": date(2026, 12, 15)}),
        facts=(NUMBER, MONTH, CASH_OFFICE, TOTAL),
        applies=_nothing_to_pay,
    ),
    LetterKind(
        key="credit-note",
        label=N_("Credit note"),
        contract=InvoiceDocument,
        sample=INVOICE.model_copy(update={"kind": CREDIT_NOTE, "total_cents": -830, "number": "A2026-000001"}),
        facts=(NUMBER, MONTH, CASH_OFFICE),
        applies=lambda event: event.kind == CREDIT_NOTE,
    ),
    LetterKind(
        key="payment-received",
        label=N_("Payment received"),
        contract=InvoicesPaid,
        sample=PAID,
        facts=(AMOUNT, NUMBERS, when("paid_at", N_("When it was paid"), "paid_at")),
    ),
    LetterKind(
        key="first-reminder",
        label=N_("First reminder of unpaid invoices"),
        contract=ReminderSent,
        sample=REMINDER,
        facts=(TOTAL, CASH_OFFICE),
        applies=lambda event: event.step == 1,
    ),
    LetterKind(
        key="further-reminder",
        label=N_("Further reminder of unpaid invoices"),
        contract=ReminderSent,
        sample=REMINDER.model_copy(update={"step": 2}),
        facts=(TOTAL, CASH_OFFICE),
        applies=lambda event: event.step > 1,
    ),
    LetterKind(
        key="debt-handed-over",
        label=N_("Invoices handed to the public accountant"),
        contract=DebtHandedOver,
        sample=DebtHandedOver(
            **DEBT,
            cash_office_id="sample.regie",
            cash_office_name="Régie restauration",
            structure_id="123456",
            reference="2026-01-2026000017K",
        ),
        facts=(AMOUNT, NUMBERS, CASH_OFFICE, told("reference", N_("Reference at the public accountant"))),
        keeps_notes=True,
    ),
    LetterKind(
        key="debt-taken-back",
        label=N_("Invoices to be paid to the town again"),
        contract=DebtTakenBack,
        sample=DebtTakenBack(**DEBT, cash_office_id="sample.regie"),
        facts=(AMOUNT, NUMBERS),
    ),
    LetterKind(
        key="debit-announced",
        label=N_("Debit announced"),
        contract=DebitAnnounced,
        sample=DebitAnnounced(
            **DEBIT,
            creditor_name="Régie restauration",
            ics="FR72ZZZ123456",
            rum="M0192AABB",
            account="FR•• •••• 0189",
        ),
        facts=(AMOUNT, DEBITED_NUMBER, COLLECTED),
    ),
    LetterKind(
        key="debit-refused",
        label=N_("Debit refused by the bank"),
        contract=DebitRejected,
        sample=DebitRejected(**DEBIT, invoice_id="inv_sample", cash_office_id="sample.regie"),
        facts=(AMOUNT, DEBITED_NUMBER),
    ),
    LetterKind(
        key="mandate-signed",
        label=N_("Direct debit mandate signed"),
        contract=MandateSigned,
        sample=MandateSigned(**MANDATE, how="online"),
        keeps_notes=True,
    ),
    LetterKind(
        key="mandate-ended",
        label=N_("Direct debit mandate ended"),
        contract=MandateEnded,
        sample=MandateEnded(**MANDATE, why="revoked"),
        facts=(Fact(name="why", label=N_("Why it ended"), value=lambda event, _: Say(ENDED[event.why])),),
        needs=("why",),
    ),
    LetterKind(
        key="quotient-missing",
        label=N_("Family quotient missing"),
        contract=QuotientInvited,
        sample=QuotientInvited(**SCOPE, school_year="2026-2027", up_to_cents=3780),
    ),
    LetterKind(
        key="prices-change",
        label=N_("Prices change with the quotient"),
        contract=QuotientRefreshed,
        sample=QuotientRefreshed(**SCOPE, before="1200", after="622.50", effective_on=date(2026, 12, 1), prices=()),
        facts=(told("day", N_("Day from which it counts"), "effective_on"),),
    ),
)
