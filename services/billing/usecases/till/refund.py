"""Pay money back: take up what is due, decide how, number it, mark it as paid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.billing.domain.copies import Town, today_in
from services.billing.domain.invoices import Draft, Invoice, taken_cents
from services.billing.domain.payments import Payment
from services.billing.domain.postings import Posting
from services.billing.domain.settlements import Settlement
from services.billing.domain.till.accounts import TillSettings
from services.billing.domain.till.refunds import (
    Decision,
    Refund,
    credit_draft,
    credit_of,
    decided,
    decision_postings,
    due_of_credit,
    dues_of,
    paid,
    payment_posting,
    release_of,
    reservation_of,
    was_decided,
)
from services.billing.domain.till.refusals import NothingToSettle, RefundUnderWay
from shared.clock import Clock
from shared.errors import Conflict, NotFound


class Refunds(Protocol):
    async def open(self, refund: Refund) -> Refund: ...
    async def get(self, municipality_id: str, refund_id: str) -> Refund | None: ...
    async def by_key(self, municipality_id: str, key: str) -> Refund | None: ...
    async def save(self, refund: Refund, postings: Sequence[Posting] = ()) -> Refund: ...
    async def number_and_save(
        self, refund: Refund, year: int, postings: Callable[[Refund], list[Posting]]
    ) -> Refund: ...
    async def to_open_credit(self, limit: int = 100) -> list[Refund]: ...


class Invoices(Protocol):
    async def get(self, household_id: str, invoice_id: str) -> Invoice | None: ...
    async def settle(self, household_id: str, invoice_id: str, act: Settlement) -> Invoice: ...
    async def issue(self, draft: Draft) -> Invoice: ...


class PaidPayments(Protocol):
    async def with_dues(self, limit: int = 100) -> list[Payment]: ...
    async def mark_opened(self, payment: Payment) -> None: ...


class Settings(Protocol):
    async def of(self, cash_office_id: str, municipality_id: str) -> TillSettings: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town | None: ...


@dataclass(frozen=True, kw_only=True)
class RefundDesk:
    refunds: Refunds
    invoices: Invoices
    payments: PaidPayments
    settings: Settings
    copies: Towns
    clock: Clock


async def refund_credit(
    credit_id: str, household_id: str, municipality_id: str, *, refund_id: str, key: str, desk: RefundDesk
) -> Refund:
    """The rest of a credit note, to be paid back; from now on nothing of it can be used.

    Raises `NotFound`, `NothingToSettle`, `RefundUnderWay`.
    """
    known = await desk.refunds.by_key(municipality_id, key)
    if known is None:
        credit = await desk.invoices.get(household_id, credit_id)
        if credit is None or credit.municipality_id != municipality_id:
            raise NotFound()
        if any(one.kind == "refund" for one in credit.settlements) and not credit.remaining_cents:
            raise RefundUnderWay(number=credit.number)
        known = await desk.refunds.open(due_of_credit(credit, refund_id, desk.clock(), key))
    return await _reserve(known, desk)


async def _reserve(refund: Refund, desk: RefundDesk) -> Refund:
    """Take from the credit note what is to be paid back; of what was used meanwhile, less."""
    act = reservation_of(refund)
    credit = await desk.invoices.settle(refund.household_id, credit_of(refund), act)
    taken = -taken_cents(credit, act)
    if not taken:
        await desk.refunds.save(replace(refund, state="dropped", decided_at=desk.clock()))
        raise NothingToSettle(number=credit.number)
    return refund if taken == refund.cents else await desk.refunds.save(replace(refund, cents=taken))


async def decide_refund(
    municipality_id: str, refund_id: str, decision: Decision, *, by: str, desk: RefundDesk
) -> Refund:
    """The refund, decided: to be transferred with its number, a credit note, or, of a credit note, not after all.
    Decided the same way by the same agent, as it is.

    Raises `NotFound`, `RefundDecided`, `NothingToSettle`, `Conflict`.
    """
    refund = await desk.refunds.get(municipality_id, refund_id)
    if refund is None:
        raise NotFound()
    if was_decided(refund, decision, by):
        return refund
    if refund.state == "due" and refund.origin == "credit_note":
        refund = await _reserve(refund, desk)
    after = decided(refund, decision, by=by, at=desk.clock())
    if decision == "transfer":
        year = today_in(await desk.copies.town(municipality_id), desk.clock()).year
        return await desk.refunds.number_and_save(after, year, decision_postings)
    saved = await desk.refunds.save(after)
    if decision == "credit":
        return await _open_credit(saved, desk)
    await desk.invoices.settle(refund.household_id, credit_of(refund), release_of(refund, desk.clock()))
    return saved


async def _open_credit(refund: Refund, desk: RefundDesk) -> Refund:
    """The credit note it becomes, once."""
    on = today_in(await desk.copies.town(refund.municipality_id), refund.decided_at or desk.clock())
    draft = credit_draft(
        municipality_id=refund.municipality_id,
        household_id=refund.household_id,
        cash_office_id=refund.cash_office_id,
        cents=refund.cents,
        occasion=f"refund/{refund.id}",
        on=on,
    )
    credit = await desk.invoices.issue(draft)
    return await desk.refunds.save(replace(refund, credit_id=credit.id))


async def pay_refund(
    municipality_id: str, refund_id: str, *, on: date, reference: str, by: str, desk: RefundDesk
) -> Refund:
    """The refund, paid. Raises `NotFound`, `RefundNotPayable`, `Conflict`."""
    refund = await desk.refunds.get(municipality_id, refund_id)
    if refund is None:
        raise NotFound()
    if refund.state == "paid" and (refund.paid_on, refund.reference) == (on, reference):
        return refund
    after = paid(refund, on=on, reference=reference, by=by)
    return await desk.refunds.save(after, [payment_posting(after, desk.clock())])


async def take_up_dues(desk: RefundDesk) -> int:
    """A refund for everything payments have to give back; what the office's rules decide is decided at once."""
    done = 0
    for payment in await desk.payments.with_dues():
        for refund in dues_of(payment).values():
            opened = await desk.refunds.open(refund)
            await _by_rule(opened, desk)
            done += 1
        await desk.payments.mark_opened(payment)
    for refund in await desk.refunds.to_open_credit():
        await _open_credit(refund, desk)
    return done


async def _by_rule(refund: Refund, desk: RefundDesk) -> None:
    settings = await desk.settings.of(refund.cash_office_id, refund.municipality_id)
    if refund.state != "due" or not settings.becomes_credit(refund.reason):
        return
    try:
        await decide_refund(refund.municipality_id, refund.id, "credit", by="", desk=desk)
    except Conflict:
        # An agent decided at this very moment.
        return
