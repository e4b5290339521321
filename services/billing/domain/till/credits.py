"""Credit notes used on invoices: both change together, oldest credit first, never above what remains of either."""

from collections.abc import Iterable
from datetime import datetime

from services.billing.domain.invoices import CREDIT_NOTE, Invoice, settle
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.till.refusals import CreditNotUsed

USABLE = frozenset({"open", "partly_paid"})


def oldest_first(notes: Iterable[Invoice]) -> list[Invoice]:
    """Those with something left, by issue date, then in the order of their numbers."""
    left = (credit for credit in notes if credit.kind == CREDIT_NOTE and credit.remaining_cents < 0)
    return sorted(left, key=lambda credit: (credit.issue_date, credit.year, credit.position))


def usable_on(invoice: Invoice) -> bool:
    """A credit note settles what the family itself still has to pay."""
    return invoice.kind != CREDIT_NOTE and invoice.state in USABLE and invoice.remaining_cents > 0


def use(credit: Invoice, invoice: Invoice, at: datetime) -> tuple[Invoice, Invoice, int]:
    """Credit note and invoice after the one is used on the other, and how many cents; 0 when nothing can be."""
    cents = min(-credit.remaining_cents, invoice.remaining_cents) if usable_on(invoice) else 0
    if cents <= 0:
        return credit, invoice, 0
    time = _times(credit, invoice.id) + 1
    used = settle(credit, Settlement(source=_nth(invoice.id, time), kind="credit", cents=-cents, at=at))
    paid = settle(invoice, Settlement(source=_nth(credit.id, time), kind="credit", cents=cents, at=at))
    return used, paid, cents


def take_back(credit: Invoice, invoice: Invoice, at: datetime) -> tuple[Invoice, Invoice, int]:
    """Both reopened by what the credit note had settled of the invoice, and how many cents: 0 a second time.

    Raises `CreditNotUsed`.
    """
    time = _times(credit, invoice.id)
    source = _nth(invoice.id, time)
    done = next((one for one in credit.settlements if (one.source, one.kind) == (source, "credit")), None)
    undone = any((one.source, one.kind) == (source, "reversal") for one in credit.settlements)
    if done is None:
        raise CreditNotUsed()
    if undone:
        return credit, invoice, 0
    opened = settle(credit, Settlement(source=source, kind="reversal", cents=-done.cents, at=at))
    owed = settle(invoice, Settlement(source=_nth(credit.id, time), kind="reversal", cents=done.cents, at=at))
    return opened, owed, -done.cents


def _times(credit: Invoice, invoice_id: str) -> int:
    """How often the credit note was used on the invoice, taken back or not."""
    return sum(one.kind == "credit" and one.source.partition("#")[0] == invoice_id for one in credit.settlements)


def _nth(name: str, time: int) -> str:
    """The source of the n-th use of one piece on another: the other's id, told apart from the second time on."""
    return name if time <= 1 else f"{name}#{time}"


def use_posting(credit: Invoice, invoice: Invoice, cents: int, at: datetime) -> Posting:
    """`cents` negative when a use is taken back."""
    uses = len(credit.settlements)
    return Posting(
        id=f"{credit.id}/used/{uses}",
        kind="credit_used",
        municipality_id=invoice.municipality_id,
        cash_office_id=invoice.cash_office_id,
        household_id=invoice.household_id,
        at=at,
        cents=cents,
        piece=credit.number,
        source=invoice.id,
        facts={"pieces": invoice.number},
    )
