"""Whether a piece can be paid by its family now, and why not."""

from services.billing.domain.invoices import CREDIT_NOTE, Invoice, InvoiceAlreadyPaid
from shared.errors import N_, Refused


class CreditNoteNotPayable(Refused):
    code = "credit-note-not-payable"
    title = N_("Nothing to pay")
    sentence = N_("%(number)s is a credit note: the town owes it to you.")
    remedy = N_("It is used for your next invoices; ask the cash office to have it paid back.")


class InvoiceCancelled(Refused):
    code = "invoice-cancelled"
    title = N_("Invoice cancelled")
    sentence = N_("The invoice %(number)s was cancelled by a credit note; nothing is to be paid.")
    remedy = N_("Reload the list of your invoices.")


class DebitScheduled(Refused):
    code = "debit-scheduled"
    title = N_("Paid by direct debit")
    sentence = N_("The invoice %(number)s will be taken from your bank account on %(day)s; there is nothing to do.")
    remedy = N_("To pay in another way, ask the cash office before that day.")


class HandedOver(Refused):
    code = "handed-to-the-treasury"
    title = N_("Handed to the Treasury")
    sentence = N_("The invoice %(number)s was handed to the public accountant, who collects it now.")
    remedy = N_("Pay it as the notice of the public accountant says, with the structure and reference printed there.")


class PayTheTreasury(HandedOver):
    sentence = N_(
        "The invoice %(number)s was handed to the public accountant: structure %(structure)s, reference %(reference)s."
    )
    remedy = N_("Pay it on the page of the public finances, or as their notice says, with these two numbers.")


def check_owed(invoice: Invoice) -> None:
    """Raises why the family has nothing to pay here: `InvoiceAlreadyPaid` or one of the refusals above."""
    if invoice.kind == CREDIT_NOTE:
        raise CreditNoteNotPayable(number=invoice.number)
    if invoice.state == "cancelled":
        raise InvoiceCancelled(number=invoice.number)
    if invoice.state == "paid":
        raise InvoiceAlreadyPaid(number=invoice.number)
    if invoice.state == "handed_over":
        raise HandedOver(number=invoice.number)
    if invoice.debit_on:
        raise DebitScheduled(number=invoice.number, day=invoice.debit_on)
