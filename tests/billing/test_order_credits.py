"""A family's credit notes pay its prepaid orders first: whole, in part, once, and not when they are gone."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.app.work import Stores, counter_of, till_of
from services.billing.domain.invoices import Invoice
from services.billing.domain.orders import OrderAlreadyPaid
from services.billing.domain.paying.credits import planned
from services.billing.domain.payment_refusals import AmountTooSmall, CreditGone
from services.billing.domain.payments import refund_days
from services.billing.domain.settlements import Settlement
from services.billing.store import INVARIANTS
from services.billing.usecases.follow_payment import Till, follow_next, follow_payment
from services.billing.usecases.start_payment import Counter, pay_order
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, NOW, OFFICE, OTHER_OFFICE, draft, invoice, invoice_line, order
from tests.billing.telling import FakePayFiP, told_by
from tests.billing.test_domain_payments import attempt
from tests.billing.test_usecases_payments import asked


def note(cents: int, name: str = "inv_a") -> Invoice:
    return invoice(name, kind="A", total_cents=-cents)


def test_credit_notes_pay_an_order_oldest_first() -> None:
    uses = planned(2400, [note(1000, "inv_a"), note(5000, "inv_b")])

    assert [(use.credit_id, use.cents) for use in uses] == [("inv_a", 1000), ("inv_b", 1400)]


def test_what_is_left_to_pay_online_is_at_least_a_euro() -> None:
    assert sum(use.cents for use in planned(2400, [note(2350)])) == 2300
    assert planned(80, [note(50)]) == ()


@given(st.integers(0, 100_000), st.lists(st.integers(1, 60_000), max_size=5))
def test_an_order_is_paid_whole_by_credits_or_leaves_what_can_be_paid(cost: int, notes: list[int]) -> None:
    uses = planned(cost, [note(cents, f"inv_{at}") for at, cents in enumerate(notes)])

    used = sum(use.cents for use in uses)
    assert 0 <= used <= min(cost, sum(notes))
    assert all(use.cents > 0 for use in uses)
    assert used == cost or cost < 100 or cost - used >= 100


@pytest.fixture
def payfip() -> FakePayFiP:
    return FakePayFiP()


@pytest.fixture
def counter(town: Stores, payfip: FakePayFiP, clock: MovableClock) -> Counter:
    till = replace(till_of(town, payfip, clock), alert=lambda *_, **__: None)
    return counter_of(town, till, lambda _: "https://payfip.example")


@pytest.fixture
def till(counter: Counter) -> Till:
    return counter.till


async def credited(town: Stores, cents: int, occasion: str = "cnl_1", office: str = OTHER_OFFICE.id) -> Invoice:
    line = replace(invoice_line(1, cents), total_cents=-cents)
    changed = {"kind": "A", "total_cents": -cents, "lines": (line,), "occasion": occasion, "cash_office_id": office}
    return await town.invoices.issue(replace(draft(), **changed))  # type: ignore[arg-type]  # as the fields are


async def left(town: Stores, office: str = OTHER_OFFICE.id) -> list[int]:
    return [-one.remaining_cents for one in await town.credits.left(HOUSEHOLD_ID, office)]


async def paid_by(town: Stores) -> str | None:
    found = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    return found.paid_by if found else None


async def broken(db: Database) -> list[str]:
    names = ("every piece has the state of its settlements", "every settled payment paid something or is due back")
    names += ("no more is due back than was paid", "every credit an order used is its payment's")
    return [line for name in names for line in await INVARIANTS[name](db)]


async def posted(db: Database) -> list[tuple[str, int]]:
    found = [one async for piece in db["invoices"].find({"kind": "A"}) for one in piece.get("unsealed", [])]
    return [(one["id"].split("/")[1], one["cents"]) for one in found if one["kind"] == "credit_used"]


async def test_an_order_that_credits_cover_is_paid_without_a_page(
    town: Stores, counter: Counter, payfip: FakePayFiP, db: Database
) -> None:
    await town.orders.save(order())
    await credited(town, 1000)
    await credited(town, 2000, "cnl_2")

    payment = await pay_order("ord_1", asked(), counter=counter)
    again = await pay_order("ord_1", asked(), counter=counter)

    assert (payment.state, payment.amount_cents, payment.credit_cents, again.id) == ("paid", 0, 2400, payment.id)
    assert (await paid_by(town), await left(town), payfip.opened) == (payment.id, [600], {})
    assert [type(event).__name__ for event in await told_by(db, "payments")] == ["OrderPaid"]
    assert await posted(db) == [("used", 1000), ("used", 1400)]
    assert await broken(db) == []
    with pytest.raises(OrderAlreadyPaid):
        await pay_order("ord_1", asked("key-0000002"), counter=counter)


async def test_what_credits_leave_is_paid_online_and_they_are_used_only_then(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, db: Database
) -> None:
    await town.orders.save(order())
    await credited(town, 2350)
    payment = await pay_order("ord_1", asked(), counter=counter)
    assert payfip.opened["idop-1"].amount_cents == payment.amount_cents == 100
    assert await left(town) == [2350]
    payfip.pays("idop-1")

    await asyncio.gather(*(follow_payment(payment, till) for _ in range(3)))

    assert (await paid_by(town), await left(town)) == (payment.id, [50])
    assert [type(event).__name__ for event in await told_by(db, "payments")] == ["PaymentStarted", "OrderPaid"]
    assert await posted(db) == [("used", 2300)]
    assert await broken(db) == []


async def test_credits_of_another_cash_office_pay_nothing(town: Stores, counter: Counter) -> None:
    await town.orders.save(order())
    await credited(town, 2400, office=OFFICE.id)

    assert (await pay_order("ord_1", asked(), counter=counter)).amount_cents == 2400


async def test_a_small_order_without_enough_credit_is_refused(town: Stores, counter: Counter) -> None:
    await town.orders.save(order(amount_cents=80))
    await credited(town, 50)

    with pytest.raises(AmountTooSmall):
        await pay_order("ord_1", asked(), counter=counter)


async def use_elsewhere(town: Stores, credit: Invoice, cents: int) -> None:
    act = Settlement(source="inv_elsewhere", kind="credit", cents=-cents, at=NOW)
    await town.invoices.settle(HOUSEHOLD_ID, credit.id, act)


async def test_when_a_credit_went_elsewhere_the_order_is_not_paid_and_all_money_is_due_back(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, db: Database
) -> None:
    await town.orders.save(order())
    first, second = await credited(town, 1000), await credited(town, 1000, "cnl_2")
    payment = await pay_order("ord_1", asked(), counter=counter)
    await use_elsewhere(town, second, 1)
    payfip.pays("idop-1")

    settled = await follow_payment(payment, till)

    assert (settled.state, settled.falls_short, settled.refund_cents) == ("paid", True, 400)
    assert (await paid_by(town), await left(town)) == (None, [1000, 999])
    assert [type(event).__name__ for event in await told_by(db, "payments")] == ["PaymentStarted", "RefundDue"]
    assert await posted(db) == [("used", 1000), ("released", -1000)]
    assert first.id < second.id
    assert await broken(db) == []


class Before:
    """What was left of the credit notes before somebody else used them."""

    def __init__(self, notes: list[Invoice]) -> None:
        self._notes = notes

    async def left(self, *_: str) -> list[Invoice]:
        return self._notes


async def test_a_covered_order_whose_credit_went_elsewhere_may_be_begun_again(
    town: Stores, counter: Counter, till: Till, db: Database
) -> None:
    await town.orders.save(order())
    await credited(town, 1000)
    second = await credited(town, 1400, "cnl_2")
    before = Before(await town.credits.left(HOUSEHOLD_ID, OTHER_OFFICE.id))
    await use_elsewhere(town, second, 1)

    with pytest.raises(CreditGone):
        await pay_order("ord_1", asked(), counter=replace(counter, credits=before))
    while await follow_next(till):
        pass

    assert (await left(town), await town.payments.live(HOUSEHOLD_ID)) == ([1000, 1399], [])
    again = await pay_order("ord_1", asked("key-0000002"), counter=counter)
    assert (again.amount_cents, again.state) == (100, "pending")
    assert await posted(db) == [("used", 1000), ("released", -1000)]


async def test_a_covered_order_whose_request_died_is_paid_by_the_clock(
    town: Stores, counter: Counter, till: Till, clock: MovableClock
) -> None:
    await town.orders.save(order())
    await credited(town, 2400)

    class Dead(Exception):
        pass

    class Dying:
        """Dies once the credit is taken."""

        async def several(self, *arguments: Any) -> Any:
            return await town.invoices.several(*arguments)

        async def change(self, *arguments: Any, **named: Any) -> Any:
            await town.invoices.change(*arguments, **named)
            raise Dead

    with pytest.raises(Dead):
        await pay_order("ord_1", asked(), counter=replace(counter, till=replace(till, pieces=Dying())))
    assert await paid_by(town) is None
    clock.move(minutes=1)

    assert await follow_next(till)

    assert (await paid_by(town) is not None, await left(town)) == (True, [])


async def test_an_order_paid_on_two_pages_takes_its_credits_once(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    await town.orders.save(order(expires_at=NOW + timedelta(hours=1)))
    await credited(town, 1000)
    first = await pay_order("ord_1", asked(), counter=counter)
    clock.move(minutes=21)
    second = await pay_order("ord_1", asked("key-0000002"), counter=counter)
    payfip.pays("idop-1")
    payfip.pays("idop-2")

    await follow_payment(second, till)
    late = await follow_payment(await town.payments.reload(first), till)

    assert (await paid_by(town), await left(town)) == (second.id, [])
    assert (late.refund_cents, late.amount_cents) == (1400, 1400)
    assert await broken(db) == []


def test_days_given_back_may_come_to_more_than_the_money() -> None:
    begun = attempt(order())
    paid = replace(begun, amount_cents=400, credits=planned(2000, [note(2000)]), state="paid", paid_at=NOW)

    assert refund_days(paid, "event-1", 1200, NOW, "cancelled-in-time").refund_cents == 1200
    assert refund_days(paid, "event-1", 9900, NOW, "cancelled-in-time").refund_cents == 2400
