"""Pieces: invoices of closed sheets, corrective invoices and credit notes; lines per child and activity.

An issued piece is never edited: what changes is only how it is settled.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from services.billing.domain.postings import Posting, PostingKind, Share
from services.billing.domain.prices import NOTHING, Price
from services.billing.domain.settlements import Settlement, known, part_of, settled_cents
from services.billing.domain.sheets import State
from shared.errors import N_, Refused

What = Literal["day", "late_pickup", "given_back"]
"""What a line is for: the days, minutes after their end, or days paid ahead and given back."""
Kind = Literal["F", "R", "A"]
"""F: invoice, R: corrective invoice, A: credit note, whose amounts are negative."""
InvoiceState = Literal["open", "partly_paid", "paid", "debit_scheduled", "handed_over", "cancelled"]
INVOICE: Kind = "F"
CORRECTION: Kind = "R"
CREDIT_NOTE: Kind = "A"
OWED: frozenset[InvoiceState] = frozenset({"open", "partly_paid", "debit_scheduled", "handed_over"})
POSTED_AS: Mapping[Kind, PostingKind] = {"F": "issued", "R": "corrected", "A": "credited"}


class InvoiceAlreadyPaid(Refused):
    code = "invoice-already-paid"
    title = N_("Already paid")
    sentence = N_("The invoice %(number)s is already paid.")
    remedy = N_("Reload the list of your invoices.")


@dataclass(frozen=True, kw_only=True)
class InvoicedDay:
    """A day a line charges, with the reasons of its price. `late`: the tier it was booked under after its deadline."""

    date: date
    state: State
    sheet_id: str
    event_ids: tuple[str, ...]
    regulation_version: int | None
    price: Price
    late: str = ""
    late_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """The days of one child in one activity at one unit price. Lists of invoices leave `days` out.

    `surcharge_cents`: what of each unit is for booking late. `reverses`: `<piece>/<place>` of the line it takes back,
    whose signs are turned; of what is taken or given back quantity and total are negative, the unit price never is.
    """

    child_id: str
    activity_id: str
    unit_cents: Decimal
    quantity: int
    total_cents: int
    days: tuple[InvoicedDay, ...] = ()
    surcharge_cents: Decimal = NOTHING
    what: What = "day"
    reverses: str = ""

    @property
    def quotient_known(self) -> bool:
        return all(day.price.quotient_known for day in self.days)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A piece that has no number yet. `year`: of issue, in the town; numbers begin again with it.

    `occasion`: what besides the month it was issued for, a natural key within household, office, month and kind; empty
    for a month's invoice. `corrects`: the invoice it corrects.
    """

    municipality_id: str
    household_id: str
    cash_office_id: str
    month: str
    kind: Kind
    year: int
    issue_date: date
    due_date: date
    lines: tuple[InvoiceLine, ...]
    total_cents: int
    run_id: str
    occasion: str = ""
    corrects: str | None = None


@dataclass(frozen=True, kw_only=True)
class Invoice(Draft):
    """`position`: its place in the numbering of its cash office, year and kind, from 1 without a gap.

    `documented`: its document is stored. `paid_by`, `paid_at`: of the act that settled its last cent.
    `debit_on`: the local day a direct debit of it is planned for. `handed_over_at`: when the Treasury took it over.
    """

    id: str
    position: int
    number: str
    state: InvoiceState = "open"
    documented: bool = False
    settlements: tuple[Settlement, ...] = ()
    debit_on: date | None = None
    handed_over_at: datetime | None = None
    paid_by: str | None = None
    paid_at: datetime | None = None
    version: int = 0

    @property
    def remaining_cents(self) -> int:
        """What is still to be paid; of a credit note, negative, what is still to be used."""
        return self.total_cents - settled_cents(self.settlements)

    @property
    def reference(self) -> str:
        """What the payer copies on a payment slip: the number without its dash."""
        return self.number.replace("-", "")


def state_of(invoice: Invoice) -> InvoiceState:
    """By what was settled first, then by who is to collect the rest."""
    if invoice.remaining_cents == 0:
        annulled = settled_cents(one for one in invoice.settlements if one.kind == "corrected")
        return "cancelled" if annulled == invoice.total_cents else "paid"
    if invoice.handed_over_at:
        return "handed_over"
    if invoice.debit_on:
        return "debit_scheduled"
    return "partly_paid" if invoice.remaining_cents != invoice.total_cents else "open"


def settle(invoice: Invoice, act: Settlement) -> Invoice:
    """The piece after an act, which settles no more than remains; itself when the act is known or settles nothing.

    A `reversal` gives back what was settled, and no more.
    """
    if known(invoice.settlements, act):
        return invoice
    if act.kind == "reversal":
        cents = -part_of(settled_cents(invoice.settlements), -act.cents)
    else:
        cents = part_of(invoice.remaining_cents, act.cents)
    if cents == 0:
        return invoice
    return followed(replace(invoice, settlements=(*invoice.settlements, replace(act, cents=cents))))


def followed(invoice: Invoice) -> Invoice:
    """The piece with the state its settlements and plans give it."""
    last = invoice.settlements[-1] if invoice.settlements and invoice.remaining_cents == 0 else None
    by, at = (last.source, last.at) if last else (None, None)
    return replace(invoice, state=state_of(invoice), paid_by=by, paid_at=at)


def taken_cents(invoice: Invoice, act: Settlement) -> int:
    """What an act settled of a piece, now or before; 0 when nothing was left to settle."""
    entered = known(invoice.settlements, act)
    return entered.cents if entered else 0


def posting_of(invoice: Invoice, at: datetime) -> Posting:
    """What the journal holds of its issue."""
    kind = POSTED_AS[invoice.kind]
    amounts: dict[str, int] = {}
    for line in invoice.lines:
        amounts[line.activity_id] = amounts.get(line.activity_id, 0) + line.total_cents
    return Posting(
        id=f"{invoice.id}/{kind}",
        kind=kind,
        municipality_id=invoice.municipality_id,
        cash_office_id=invoice.cash_office_id,
        household_id=invoice.household_id,
        at=at,
        cents=invoice.total_cents,
        piece=invoice.number,
        source=invoice.id,
        shares=tuple(Share(activity_id=name, cents=cents) for name, cents in sorted(amounts.items())),
        facts={"month": invoice.month, **({"corrects": invoice.corrects} if invoice.corrects else {})},
    )


def number_of(kind: Kind, year: int, position: int) -> str:
    return f"{kind}{year}-{position:06d}"


def numbering_of(draft: Draft) -> str:
    """The name of the series of numbers an invoice belongs to."""
    return f"{draft.cash_office_id}/{draft.year}/{draft.kind}"


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of `YYYY-MM`."""
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])
