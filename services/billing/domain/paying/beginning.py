"""How an attempt to pay begins: what may be paid together, by whom it is collected, and how much it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.billing.domain.invoices import Invoice
from services.billing.domain.orders import Order, check_payable
from services.billing.domain.owed import check_owed
from services.billing.domain.payfip import LARGEST_CENTS, SMALLEST_CENTS
from services.billing.domain.paying.accounts import Account, account_of, provider_of
from services.billing.domain.paying.credits import planned
from services.billing.domain.payment_refusals import (
    AmountAboveOwed,
    AmountTooLarge,
    AmountTooSmall,
    NoOnlinePayment,
    NoPartialPayment,
    OneCashOfficePerPayment,
)
from services.billing.domain.payments import OPENING_PATIENCE, Allocation, Payment, reference_of
from services.billing.domain.tariffs import CashOffice
from shared.money import Cents


def check_invoices(invoices: Sequence[Invoice], offices: Iterable[CashOffice]) -> None:
    """One payment per cash office, of invoices that are owed here. Raises what `check_owed` does."""
    concerned = {invoice.cash_office_id for invoice in invoices}
    if len(concerned) > 1:
        raise OneCashOfficePerPayment(offices=_names(concerned, offices))
    for invoice in invoices:
        check_owed(invoice)


def office_of_order(order: Order, offices: Sequence[CashOffice]) -> CashOffice:
    """Who collects an order. Raises when nobody does, or more than one."""
    programmes = {line.programme_id for line in order.lines}
    concerned = [office for office in offices if programmes & set(office.programmes)]
    if len(concerned) > 1:
        raise OneCashOfficePerPayment(offices=_names({office.id for office in concerned}, offices))
    if not concerned or not programmes <= set(concerned[0].programmes):
        raise NoOnlinePayment()
    return concerned[0]


def _names(ids: Iterable[str], offices: Iterable[CashOffice]) -> str:
    known = {office.id: office.name for office in offices}
    return ", ".join(sorted(known.get(name, name) for name in ids))


def check_amount(cents: int) -> None:
    """What online payment takes at once: 1 to 100,000 euros (PayFiP's M3 and M5), the same for cards."""
    if cents < SMALLEST_CENTS:
        raise AmountTooSmall(amount=Cents(cents), smallest=Cents(SMALLEST_CENTS))
    if cents > LARGEST_CENTS:
        raise AmountTooLarge(amount=Cents(cents), largest=Cents(LARGEST_CENTS))


def spread(invoices: Sequence[Invoice], cents: int) -> tuple[Allocation, ...]:
    """An amount over what remains of the invoices, the oldest due first; those it does not reach are left out."""
    shares = []
    for invoice in sorted(invoices, key=lambda one: (one.due_date, one.number)):
        part = min(cents, invoice.remaining_cents)
        cents -= part
        if part > 0:
            shares.append(Allocation(invoice_id=invoice.id, number=invoice.number, cents=part))
    return tuple(shares)


def for_invoices(
    payment_id: str,
    invoices: Sequence[Invoice],
    office: CashOffice,
    *,
    key: str,
    fingerprint: str,
    now: datetime,
    account: Account | None = None,
    cents: int | None = None,
) -> Payment:
    """An attempt to pay open invoices of one cash office: all that remains of them, computed here and nowhere else.

    `cents`: a part of it, when the office takes parts. `account`: how the office takes money, by default its tariff's.
    Raises `AmountTooSmall`, `AmountTooLarge`, `AmountAboveOwed`, `NoPartialPayment`, `NoOnlinePayment`.
    """
    account = account or account_of(office, {})
    owed = sum(invoice.remaining_cents for invoice in invoices)
    amount = owed if cents is None else _part(cents, owed, account)
    check_amount(amount)
    shares = spread(invoices, amount)
    return Payment(
        id=payment_id,
        household_id=invoices[0].household_id,
        municipality_id=invoices[0].municipality_id,
        cash_office_id=office.id,
        provider=provider_of(account),
        client=account.client,
        mode=account.mode,
        reference=reference_of(payment_id),
        amount_cents=amount,
        allocations=shares,
        claims=tuple(share.invoice_id for share in shares),
        opened_at=now,
        key=key,
        fingerprint=fingerprint,
        next_at=now + OPENING_PATIENCE,
    )


def _part(cents: int, owed: int, account: Account) -> int:
    if cents > owed:
        raise AmountAboveOwed(amount=Cents(cents), owed=Cents(owed))
    if cents < owed and not account.partial:
        raise NoPartialPayment(owed=Cents(owed))
    return cents


def for_order(
    payment_id: str,
    order: Order,
    office: CashOffice,
    *,
    key: str,
    fingerprint: str,
    now: datetime,
    account: Account | None = None,
    notes: Sequence[Invoice] = (),
) -> Payment:
    """An attempt to pay an order; one that costs nothing is paid by being asked for.

    `notes`: the family's credit notes with that office, oldest first; they pay before anything else does.
    """
    check_payable(order, now)
    account = account or account_of(office, {})
    uses = planned(order.amount_cents, notes)
    amount = order.amount_cents - sum(use.cents for use in uses)
    # Where credits pay it whole they are still to be taken: only what costs nothing at all is paid already.
    free, gratis = amount == 0, order.amount_cents == 0
    if not free:
        check_amount(amount)
    return Payment(
        id=payment_id,
        household_id=order.household_id,
        municipality_id=order.municipality_id,
        cash_office_id=office.id,
        provider="payfip" if free else provider_of(account),
        client="" if free else account.client,
        mode=account.mode,
        reference=reference_of(payment_id),
        amount_cents=amount,
        order_id=order.id,
        credits=uses,
        claims=(order.id,),
        state="paid" if gratis else "opening",
        paid_at=now if gratis else None,
        opened_at=now,
        key=key,
        fingerprint=fingerprint,
        next_at=now + OPENING_PATIENCE,
    )
