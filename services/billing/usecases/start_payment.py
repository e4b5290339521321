"""Begin a payment: check, record the attempt, and only then ask its provider for a page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.billing.domain.copies import Household, Town, payer_email, today_in, zone_of
from services.billing.domain.invoices import Invoice
from services.billing.domain.orders import AFTER_PAGE, Order, OrderUnknown
from services.billing.domain.payfip import Opening, ProviderDown, ProviderRefused
from services.billing.domain.paying.accounts import Account, account_of
from services.billing.domain.paying.beginning import check_invoices, for_invoices, for_order, office_of_order
from services.billing.domain.payment_refusals import CreditGone, PaymentInProgress, PaymentUnderReview
from services.billing.domain.payments import Claimed, Payment, opened, reopened
from services.billing.domain.tariffs import CashOffice, Tariff
from services.billing.domain.tidings import of_page, of_payment
from services.billing.usecases.follow_payment import Till, follow_payment, give_up, pay_by_credits, resume, share_out
from shared.contracts import Event
from shared.errors import Conflict, KeyReused, NotFound, Refused, Unavailable

TRIES = 3


class Payments(Protocol):
    async def by_key(self, household_id: str, key: str) -> Payment | None: ...
    async def add(self, payment: Payment, events: list[Event]) -> Payment: ...
    async def save(self, payment: Payment, events: list[Event]) -> Payment: ...
    async def reload(self, payment: Payment) -> Payment: ...


class Invoices(Protocol):
    async def several(self, household_id: str, invoice_ids: list[str]) -> list[Invoice]: ...


class Orders(Protocol):
    async def get(self, household_id: str, order_id: str) -> Order | None: ...
    async def prolong(self, household_id: str, order_id: str, until: datetime) -> None: ...


class Tariffs(Protocol):
    async def of(self, municipality_id: str) -> Tariff: ...


class Accounts(Protocol):
    async def of_town(self, municipality_id: str) -> Mapping[str, Account]: ...


class Credits(Protocol):
    async def left(self, household_id: str, cash_office_id: str) -> list[Invoice]: ...


class Copies(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...
    async def household(self, household_id: str) -> Household | None: ...


@dataclass(frozen=True, kw_only=True)
class Counter:
    """Where a payment begins. `page`: the address of the payment page of an attempt that has one."""

    payments: Payments
    invoices: Invoices
    orders: Orders
    tariffs: Tariffs
    accounts: Accounts
    credits: Credits
    copies: Copies
    till: Till
    new_id: Callable[[], str]
    page: Callable[[Payment], str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, and the key under which asking again is the same."""

    household_id: str
    key: str
    fingerprint: str


Draft = Callable[[datetime], Awaitable[Payment]]


async def pay_invoices(invoice_ids: list[str], asked: Asked, *, counter: Counter, cents: int | None = None) -> Payment:
    """An open attempt to pay the household's invoices, all of what remains or `cents` of it.

    Raises `NotFound`, `OneCashOfficePerPayment`, what `check_owed` and `for_invoices` do, `PaymentInProgress`,
    `PaymentUnderReview`, `ProviderRefused`, `ProviderDown`, `KeyReused`, `Conflict`.
    """

    async def draft(now: datetime) -> Payment:
        invoices = await counter.invoices.several(asked.household_id, invoice_ids)
        if len(invoices) < len(set(invoice_ids)):
            raise NotFound()
        offices = [await _office(invoice, counter) for invoice in invoices]
        check_invoices(invoices, offices)
        account = await _account(offices[0], counter)
        return for_invoices(
            counter.new_id(),
            invoices,
            offices[0],
            key=asked.key,
            fingerprint=asked.fingerprint,
            now=now,
            account=account,
            cents=cents,
        )

    return await _start(draft, asked, counter)


async def _office(invoice: Invoice, counter: Counter) -> CashOffice:
    tariff = await counter.tariffs.of(invoice.municipality_id)
    office = tariff.office(invoice.cash_office_id)
    if office is None:
        raise NotFound()
    return office


async def _account(office: CashOffice, counter: Counter) -> Account:
    return account_of(office, await counter.accounts.of_town(office.id.partition(".")[0]))


async def pay_order(order_id: str, asked: Asked, *, counter: Counter) -> Payment:
    """An open attempt to pay a prepaid order; one that costs nothing, or what credit notes cover, is paid at once.

    Raises `OrderUnknown`, `OrderEnded`, `OrderAlreadyPaid`, `CreditGone` and what `pay_invoices` does.
    """

    async def draft(now: datetime) -> Payment:
        order = await counter.orders.get(asked.household_id, order_id)
        if order is None:
            raise OrderUnknown()
        tariff = await counter.tariffs.of(order.municipality_id)
        office = office_of_order(order, tariff.cash_offices)
        return for_order(
            counter.new_id(),
            order,
            office,
            key=asked.key,
            fingerprint=asked.fingerprint,
            now=now,
            account=await _account(office, counter),
            notes=await counter.credits.left(asked.household_id, office.id),
        )

    return await _start(draft, asked, counter)


async def _start(draft: Draft, asked: Asked, counter: Counter) -> Payment:
    known = await counter.payments.by_key(asked.household_id, asked.key)
    if known and known.fingerprint != asked.fingerprint:
        raise KeyReused()
    payment = known or await _claim(draft, counter)
    if payment.state == "failed" and payment.short:
        raise CreditGone()
    if payment.state == "failed" and payment.resolution is None:
        payment = await _claim_again(payment, draft, counter)
    if payment.state == "opening" and not payment.amount_cents:
        return await _covered(payment, counter)
    if payment.state == "opening":
        return await _open(payment, counter)
    return await share_out(payment, counter.till)


async def _covered(payment: Payment, counter: Counter) -> Payment:
    paid = await pay_by_credits(payment, counter.till)
    if paid.short:
        raise CreditGone()
    return paid


async def _claim(draft: Draft, counter: Counter) -> Payment:
    """Record the attempt. From then on no other may begin for the same, so what it pays is checked once more."""
    for _ in range(TRIES):
        payment = await draft(counter.till.clock())
        try:
            payment = await counter.payments.add(payment, of_payment(None, payment))
        except Claimed as claimed:
            await _make_room(claimed.by, counter)
            continue
        return await _checked(payment, draft, counter)
    raise Conflict()


async def _claim_again(payment: Payment, draft: Draft, counter: Counter) -> Payment:
    try:
        payment = await counter.payments.save(reopened(payment, counter.till.clock()), [])
    except Claimed as claimed:
        await _make_room(claimed.by, counter)
        raise Conflict() from None
    return await _checked(payment, draft, counter)


async def _checked(payment: Payment, draft: Draft, counter: Counter) -> Payment:
    if payment.state != "opening":
        return payment
    try:
        again = await draft(counter.till.clock())
        if (again.amount_cents, again.shares) != (payment.amount_cents, payment.shares):
            # Another payment took a part of it between the look and the attempt.
            raise Conflict()
    except Refused:
        await give_up(payment, counter.till)
        raise
    return payment


async def _make_room(blocking: Payment, counter: Counter) -> None:
    """Ask what became of the attempt in the way. Raises `PaymentInProgress` while it may still be paid."""
    now = counter.till.clock()
    if blocking.state == "opening" and now >= blocking.blocks_until:
        await resume(blocking, counter.till)
        return
    try:
        blocking = await follow_payment(blocking, counter.till)
    except ProviderDown:
        if now >= blocking.blocks_until:
            raise
    if blocking.state == "review":
        raise PaymentUnderReview()
    if blocking.state in {"opening", "pending"}:
        raise await _in_progress(blocking, now, counter)


async def _in_progress(blocking: Payment, now: datetime, counter: Counter) -> PaymentInProgress:
    until = blocking.blocks_until.astimezone(zone_of(await counter.copies.town(blocking.municipality_id)))
    facts = {"next_href": counter.page(blocking)} if blocking.idop and now < blocking.expires_at else {}
    return PaymentInProgress(limit=until, **facts)


async def _open(payment: Payment, counter: Counter) -> Payment:
    try:
        idop = await counter.till.provider.open(await _opening(payment, counter))
    except (Unavailable, ProviderRefused):
        await give_up(payment, counter.till)
        raise
    if payment.order_id:
        await counter.orders.prolong(payment.household_id, payment.order_id, payment.expires_at + AFTER_PAGE)
    try:
        told: list[Event] = [of_page(payment)] if payment.order_id else []
        return await counter.payments.save(opened(payment, idop, counter.till.clock()), told)
    except Conflict:
        # The same request sent twice at once: the page that was stored first is the one.
        stored = await counter.payments.reload(payment)
        if stored.idop is None:
            raise
        return stored


async def _opening(payment: Payment, counter: Counter) -> Opening:
    town = await counter.copies.town(payment.municipality_id)
    household = await counter.copies.household(payment.household_id)
    if town is None or household is None:
        raise Unavailable()
    invoices = " ".join(share.number for share in payment.allocations)
    return Opening(
        payment_id=payment.id,
        provider=payment.provider,
        client=payment.client,
        mode=payment.mode,
        reference=payment.reference,
        year=today_in(town, payment.opened_at).year,
        amount_cents=payment.amount_cents,
        email=payer_email(household, town),
        subject=f"{town.name} {invoices or 'reservations'}".strip(),
    )
