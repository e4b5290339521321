"""Receipts: one for each payment that came in, whatever brought it, numbered per cash office and year without a gap.

A receipt is entered as soon as the money is there, then shared out over what it was for, then it only changes by being
deposited or cancelled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Literal

from services.billing.domain.invoices import Invoice
from services.billing.domain.postings import Posting
from services.billing.domain.postings import Share as Product
from services.billing.domain.settlements import Settlement
from services.billing.domain.till.refusals import (
    ReceiptAlreadyCancelled,
    ReceiptNotCancellable,
    ReceiptNotSharedOut,
)

Mode = Literal["online", "cash", "cheque", "card", "transfer", "voucher", "debit", "treasury"]
COUNTER_MODES: frozenset[Mode] = frozenset({"cash", "cheque", "card", "transfer", "voucher"})
PieceKind = Literal["invoice", "order"]
Surplus = Literal["refund", "credit", "caller"]
RECEIPT = "Q"


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """A CESU or holiday voucher (ANCV), known by its serial number."""

    kind: Literal["cesu", "ancv"]
    serial: str
    cents: int


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a person hands over besides money: a cheque's number and bank, vouchers. Nobody's name."""

    cheque_number: str = ""
    bank: str = ""
    vouchers: tuple[Voucher, ...] = ()


NOTHING_SPECIAL = Means()


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a payment brings to one piece. `products`: the same by activity, once it is shared out.

    `taken_cents`: what the piece took of `cents`; the rest found nothing left to settle.
    """

    piece: str
    kind: PieceKind = "invoice"
    cents: int
    number: str = ""
    taken_cents: int = 0
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Received:
    """Money that came in. `source`: the natural key of what brought it (a payment, a collected debit); empty at the
    counter, where the receipt's own id stands for it. `key`: under which an agent may ask again.

    `transaction`: how the bank calls it. `surplus`: what becomes of money that settles nothing: paid back, a credit
    note, or the caller's business. `on`: the local day it came, today when None. `by`: the agent's account.
    """

    municipality_id: str
    household_id: str
    cash_office_id: str
    source: str = ""
    mode: Mode
    cents: int
    at: datetime
    parts: tuple[Part, ...] = ()
    transaction: str = ""
    means: Means = NOTHING_SPECIAL
    surplus: Surplus = "refund"
    on: date | None = None
    by: str = ""
    key: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, kw_only=True)
class Receipt(Received):
    """`booked_on`: the local day of the books, the first that was open when it came. `shared_out`: its pieces know.

    `deposit_number`: of the deposit it went to the bank with. `cancelled_on`: the open day it was cancelled on.
    `to_reopen`: it is cancelled, and its pieces may not know yet.
    """

    id: str
    year: int
    position: int
    number: str
    booked_on: date
    shared_out: bool = False
    deposit_id: str | None = None
    deposit_number: str = ""
    cancelled_at: datetime | None = None
    cancelled_on: date | None = None
    cancelled_by: str = ""
    cancelled_for: str = ""
    to_reopen: bool = False
    version: int = 0

    @property
    def taken_cents(self) -> int:
        return sum(part.taken_cents for part in self.parts)

    @property
    def surplus_cents(self) -> int:
        """What settled nothing."""
        return self.cents - self.taken_cents


def numbered(money: Received, receipt_id: str, position: int, booked_on: date) -> Receipt:
    content: dict[str, Any] = {field.name: getattr(money, field.name) for field in fields(Received)}
    return Receipt(
        **{**content, "source": money.source or receipt_id},
        id=receipt_id,
        year=booked_on.year,
        position=position,
        number=f"{RECEIPT}{booked_on.year}-{position:06d}",
        booked_on=booked_on,
        version=1,
    )


def settlement_of(receipt: Receipt, part: Part) -> Settlement:
    kind: Literal["treasury", "payment"] = "treasury" if receipt.mode == "treasury" else "payment"
    return Settlement(source=receipt.source, kind=kind, cents=part.cents, at=receipt.at)


def reversal_of(receipt: Receipt, part: Part, at: datetime) -> Settlement:
    return Settlement(source=receipt.source, kind="reversal", cents=-part.taken_cents, at=at)


def part_taken(part: Part, invoice: Invoice, act: Settlement) -> Part:
    """The part after its invoice took what it could of it, by activity."""
    entered = 0
    for one in invoice.settlements:
        if (one.source, one.kind) == (act.source, act.kind):
            products = products_paid(invoice, entered, one.cents)
            return replace(part, number=invoice.number, taken_cents=one.cents, products=products)
        entered += one.cents
    return replace(part, number=invoice.number)


def products_paid(invoice: Invoice, before_cents: int, cents: int) -> tuple[Product, ...]:
    """By activity, what `cents` pay of an invoice of which `before_cents` are settled: in the order of its lines.

    One payment after the other fills the lines, so that an invoice paid in parts comes out to the cent of each line.
    What a line reverses lowers the activity it stands for.
    """
    found: list[Product] = []
    start = 0
    for activity_id, owed in _owed_by_activity(invoice):
        end = start + owed
        part = min(end, before_cents + cents) - max(start, before_cents)
        if part > 0:
            found.append(Product(activity_id=activity_id, cents=part))
        start = end
    return tuple(found)


def _owed_by_activity(invoice: Invoice) -> Sequence[tuple[str, int]]:
    """What is to be paid by activity. Where one is due back, the others bear it, the last ones first."""
    amounts: dict[str, int] = {}
    for line in invoice.lines:
        amounts[line.activity_id] = amounts.get(line.activity_id, 0) + line.total_cents
    left = invoice.total_cents
    owed = []
    for activity_id, cents in amounts.items():
        part = min(max(cents, 0), left)
        owed.append((activity_id, part))
        left -= part
    return owed


def shared(receipt: Receipt, parts: Iterable[Part]) -> Receipt:
    """The receipt once its pieces took what they could."""
    return replace(receipt, parts=tuple(parts), shared_out=True)


def posting_of(receipt: Receipt) -> Posting:
    """What the journal holds of the money: when its pieces took it, so that it says what it paid."""
    return Posting(
        id=f"{receipt.id}/received",
        kind="received",
        municipality_id=receipt.municipality_id,
        cash_office_id=receipt.cash_office_id,
        household_id=receipt.household_id,
        at=receipt.at,
        cents=receipt.cents,
        piece=receipt.number,
        source=receipt.source,
        mode=receipt.mode,
        shares=_by_activity(receipt),
        facts=_facts(receipt, {"booked_on": receipt.booked_on.isoformat()}),
    )


def _by_activity(receipt: Receipt) -> tuple[Product, ...]:
    amounts: dict[str, int] = {}
    for part in receipt.parts:
        for product in part.products:
            amounts[product.activity_id] = amounts.get(product.activity_id, 0) + product.cents
    if receipt.surplus_cents:
        amounts[""] = amounts.get("", 0) + receipt.surplus_cents
    return tuple(Product(activity_id=name, cents=cents) for name, cents in sorted(amounts.items()))


def _facts(receipt: Receipt, more: dict[str, str]) -> dict[str, str]:
    told = {
        "pieces": " ".join(part.number or part.piece for part in receipt.parts),
        "transaction": receipt.transaction or receipt.means.cheque_number,
    }
    return {name: value for name, value in {**told, **more}.items() if value}


def check_cancellable(receipt: Receipt) -> None:
    """Raises `ReceiptAlreadyCancelled`, `ReceiptNotSharedOut`, `ReceiptNotCancellable` for what an order took."""
    if receipt.cancelled_at:
        raise ReceiptAlreadyCancelled(number=receipt.number)
    if not receipt.shared_out:
        raise ReceiptNotSharedOut()
    if any(part.kind == "order" for part in receipt.parts):
        raise ReceiptNotCancellable(number=receipt.number)


def cancelled(receipt: Receipt, *, by: str, reason: str, at: datetime, on: date) -> Receipt:
    """Raises what `check_cancellable` does. `on`: the first open day of the books."""
    check_cancellable(receipt)
    return replace(receipt, cancelled_at=at, cancelled_on=on, cancelled_by=by, cancelled_for=reason, to_reopen=True)


def cancellation_posting(receipt: Receipt) -> Posting:
    """Of a cancelled receipt."""
    posting = posting_of(receipt)
    on = receipt.cancelled_on or receipt.booked_on
    return replace(
        posting,
        id=f"{receipt.id}/cancelled",
        kind="receipt_cancelled",
        at=receipt.cancelled_at or receipt.at,
        cents=-receipt.cents,
        shares=tuple(replace(share, cents=-share.cents) for share in posting.shares),
        facts=_facts(receipt, {"booked_on": on.isoformat(), "reason": receipt.cancelled_for}),
    )
