"""Letters about invoices, corrective invoices and credit notes: each comes with its paper."""

import base64
from collections.abc import Mapping
from typing import Any

from services.notifications.domain.paper import Attachment, Desk, Letter
from services.notifications.domain.paper import as_it_is as _plain
from services.notifications.domain.say import Say, month_name
from shared.contracts.billing import InvoiceDocument
from shared.errors import N_
from shared.money import Cents

CREDIT_NOTE = "A"


def invoice_letter(event: InvoiceDocument, desk: Desk) -> Letter:
    month = month_name(event.month, desk.recipient.language)
    facts = {"town": desk.town.name, "number": event.number, "month": month}
    if event.kind == CREDIT_NOTE:
        return _credit_note(event, desk, facts)
    if event.debit_on or event.remaining_cents == 0:
        return _invoice_without_payment(event, desk, facts)
    return Letter(
        subject=Say(N_("%(town)s: invoice %(number)s (%(month)s)"), facts),
        opening=Say(N_("Your invoice for the services of %(month)s comes with this message as a PDF file."), facts),
        details=(
            (Say(N_("Invoice")), _plain(event.number)),
            (Say(N_("Cash office")), _plain(event.cash_office_name)),
            (Say(N_("Amount to pay")), _plain(Cents(_remaining(event)))),
            (Say(N_("To pay by")), _plain(event.due_date)),
        ),
        action=(Say(N_("See and pay my invoices")), desk.page("factures")),
        attachments=(invoice_pdf(event),),
    )


def _remaining(event: InvoiceDocument) -> int:
    return event.total_cents if event.remaining_cents is None else event.remaining_cents


def _invoice_without_payment(event: InvoiceDocument, desk: Desk, facts: Mapping[str, Any]) -> Letter:
    """Its amount is taken from the bank account, or credit notes covered it."""
    taken = ((Say(N_("Taken from your account on")), _plain(event.debit_on)),) if event.debit_on else ()
    return Letter(
        subject=Say(N_("%(town)s: invoice %(number)s (%(month)s)"), facts),
        opening=Say(N_("Your invoice for %(month)s comes with this message. You have nothing to do."), facts),
        details=(
            (Say(N_("Invoice")), _plain(event.number)),
            (Say(N_("Cash office")), _plain(event.cash_office_name)),
            (Say(N_("Amount")), _plain(Cents(_remaining(event) if event.debit_on else event.total_cents))),
            *taken,
        ),
        action=(Say(N_("See my invoices")), desk.page("factures")),
        attachments=(invoice_pdf(event),),
    )


def _credit_note(event: InvoiceDocument, desk: Desk, facts: Mapping[str, Any]) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: credit note %(number)s (%(month)s)"), facts),
        opening=Say(N_("A credit note comes with this message: its amount is taken off what you pay next."), facts),
        details=(
            (Say(N_("Credit note")), _plain(event.number)),
            (Say(N_("Cash office")), _plain(event.cash_office_name)),
            (Say(N_("Amount in your favour")), _plain(Cents(-event.total_cents))),
        ),
        action=(Say(N_("See my invoices")), desk.page("factures")),
        attachments=(invoice_pdf(event),),
    )


def invoice_pdf(event: InvoiceDocument) -> Attachment:
    """Raises `ValueError` when the event's PDF is no base64."""
    content = base64.b64decode(event.pdf_base64, validate=True)
    return Attachment(filename=event.filename, content=content, media_type="application/pdf")
