"""Paying on a real database with a PayFiP that answers what a test says (golden test G10)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from services.billing.app.work import Stores, counter_of, till_of
from services.billing.domain.invoices import InvoiceAlreadyPaid
from services.billing.domain.orders import AFTER_PAGE, OrderAlreadyPaid, OrderEnded, OrderUnknown
from services.billing.domain.payfip import ProviderDown, ProviderRefused
from services.billing.domain.paying.beginning import for_invoices
from services.billing.domain.payment_refusals import (
    AmountTooSmall,
    NoOnlinePayment,
    OneCashOfficePerPayment,
    PaymentInProgress,
    PaymentUnderReview,
)
from services.billing.domain.payments import Payment
from services.billing.store import INVARIANTS
from services.billing.usecases.follow_payment import Till, follow_next, follow_payment, follow_soon
from services.billing.usecases.start_payment import Asked, Counter, pay_invoices, pay_order
from shared.contracts.billing import InvoicesPaid, OrderPaid, PaymentFailed, PaymentStarted, RefundDue
from shared.errors import Conflict, KeyReused, NotFound
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    HOUSEHOLD_ID,
    NOW,
    OFFICE,
    OTHER_OFFICE,
    TARIFF,
    draft,
    order,
)
from tests.billing.telling import FakePayFiP, told_by


@pytest.fixture
def payfip() -> FakePayFiP:
    return FakePayFiP()


@pytest.fixture
def alerts() -> list[str]:
    return []


@pytest.fixture
def counter(town: Stores, payfip: FakePayFiP, clock: MovableClock, alerts: list[str]) -> Counter:
    till = till_of(town, payfip, clock)
    till = replace(till, alert=lambda name, **_: alerts.append(name))
    return counter_of(town, till, lambda payment: f"https://payfip.example/?idop={payment.idop}")


@pytest.fixture
def till(counter: Counter) -> Till:
    return counter.till


async def issued(stores: Stores, *months: str, cents: int = 7055, office: str = OFFICE.id) -> list[str]:
    drafts = [replace(draft(month=month, cash_office_id=office), total_cents=cents) for month in months]
    return [(await stores.invoices.issue(one)).id for one in drafts]


def asked(key: str = "key-0000001", fingerprint: str = "f", household_id: str = HOUSEHOLD_ID) -> Asked:
    return Asked(household_id=household_id, key=key, fingerprint=fingerprint)


async def states(stores: Stores) -> dict[str, tuple[str, str | None]]:
    return {one.id: (one.state, one.paid_by) for one in await stores.invoices.of_household(HOUSEHOLD_ID)}


async def broken(db: Database) -> list[str]:
    skipped = {"every invoice is the sum of its lines", "no day is invoiced twice"}
    return [line for name, check in INVARIANTS.items() if name not in skipped for line in await check(db)]


async def test_several_invoices_are_one_payment_with_its_own_reference(
    town: Stores, counter: Counter, payfip: FakePayFiP, db: Database
) -> None:
    names = await issued(town, "2026-10", "2026-11")

    payment = await pay_invoices(names, asked(), counter=counter)

    assert (payment.state, payment.amount_cents, payment.idop) == ("pending", 14110, "idop-1")
    opening = payfip.opened["idop-1"]
    assert (opening.client, opening.reference, opening.amount_cents) == ("012345", payment.reference, 14110)
    assert (opening.email, opening.year) == ("claire@courriel.example", 2026)
    assert await broken(db) == []


async def test_the_attempt_is_recorded_before_payfip_hears_of_it(town: Stores, counter: Counter, db: Database) -> None:
    names = await issued(town, "2026-11")
    seen: list[Any] = []

    class Watching(FakePayFiP):
        async def open(self, opening: Any) -> str:
            seen.append(await db["payments"].find_one({"reference": opening.reference}))
            return await super().open(opening)

    watched = replace(counter, till=replace(counter.till, provider=Watching()))
    await pay_invoices(names, asked(), counter=watched)

    assert [(one["state"], one["amount_cents"]) for one in seen] == [("opening", 7055)]


async def test_the_same_key_gives_the_same_payment(town: Stores, counter: Counter, payfip: FakePayFiP) -> None:
    names = await issued(town, "2026-11")

    first = await pay_invoices(names, asked(), counter=counter)
    again = await pay_invoices(names, asked(), counter=counter)

    assert again == first
    assert len(payfip.opened) == 1
    with pytest.raises(KeyReused):
        await pay_invoices(names, asked(fingerprint="other"), counter=counter)


async def test_the_same_request_twice_at_once_is_one_payment(town: Stores, counter: Counter, db: Database) -> None:
    names = await issued(town, "2026-11")

    outcomes = await asyncio.gather(
        *(pay_invoices(names, asked(), counter=counter) for _ in range(4)), return_exceptions=True
    )

    assert await db["payments"].count_documents({}) == 1
    stored = await db["payments"].find_one({})
    assert stored is not None
    for outcome in outcomes:
        assert isinstance(outcome, Conflict | PaymentInProgress) or outcome.idop == stored["idop"]  # type: ignore[union-attr]  # nothing else comes


async def test_another_attempt_on_the_same_invoice_waits_twenty_minutes(
    town: Stores, counter: Counter, clock: MovableClock
) -> None:
    one, other = await issued(town, "2026-10", "2026-11")
    await pay_invoices([one], asked(), counter=counter)

    clock.move(minutes=10)
    with pytest.raises(PaymentInProgress) as refusal:
        await pay_invoices([one, other], asked("key-0000002"), counter=counter)
    assert refusal.value.facts["limit"] == NOW + timedelta(minutes=20)
    assert refusal.value.facts["next_href"] == "https://payfip.example/?idop=idop-1"

    clock.move(minutes=8)
    with pytest.raises(PaymentInProgress) as refusal:
        await pay_invoices([one], asked("key-0000003"), counter=counter)
    assert "next_href" not in refusal.value.facts

    clock.move(minutes=2)
    assert (await pay_invoices([one, other], asked("key-0000004"), counter=counter)).state == "pending"


async def test_of_many_attempts_at_once_one_begins(town: Stores, counter: Counter, payfip: FakePayFiP) -> None:
    names = await issued(town, "2026-11")

    outcomes = await asyncio.gather(
        *(pay_invoices(names, asked(f"key-{number:07}"), counter=counter) for number in range(6)),
        return_exceptions=True,
    )

    assert len(payfip.opened) == 1
    assert sum(isinstance(outcome, Payment) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, PaymentInProgress) for outcome in outcomes) == 5


async def test_a_refused_card_may_be_followed_by_another_attempt_at_once(
    town: Stores, counter: Counter, payfip: FakePayFiP, db: Database
) -> None:
    names = await issued(town, "2026-11")
    await pay_invoices(names, asked(), counter=counter)
    payfip.pays("idop-1", "R")

    again = await pay_invoices(names, asked("key-0000002"), counter=counter)

    assert again.idop == "idop-2"
    (event,) = await told_by(db, "payments")
    assert isinstance(event, PaymentFailed)
    assert event.reason == "refused"


async def test_invoices_of_two_cash_offices_are_two_payments(town: Stores, counter: Counter) -> None:
    (one,) = await issued(town, "2026-11")
    (other,) = await issued(town, "2026-11", office=OTHER_OFFICE.id)

    with pytest.raises(OneCashOfficePerPayment):
        await pay_invoices([one, other], asked(), counter=counter)


async def test_an_invoice_of_another_household_does_not_exist(town: Stores, counter: Counter) -> None:
    names = await issued(town, "2026-11")

    with pytest.raises(NotFound):
        await pay_invoices(names, asked(household_id="hsh_other"), counter=counter)
    with pytest.raises(NotFound):
        await pay_invoices([*names, "inv_unknown"], asked(), counter=counter)


async def test_an_amount_below_one_euro_is_refused(town: Stores, counter: Counter) -> None:
    names = await issued(town, "2026-11", cents=99)

    with pytest.raises(AmountTooSmall):
        await pay_invoices(names, asked(), counter=counter)


async def test_a_cash_office_without_payfip_takes_no_payment(town: Stores, counter: Counter) -> None:
    names = await issued(town, "2026-11")
    tariff = await town.tariffs.of(TARIFF.id)
    offline = replace(OFFICE, payfip_client=None)
    await town.tariffs.save(replace(tariff, cash_offices=(offline, OTHER_OFFICE)))

    with pytest.raises(NoOnlinePayment):
        await pay_invoices(names, asked(), counter=counter)


async def test_payfip_down_frees_the_invoice_and_the_same_key_tries_again(
    town: Stores, counter: Counter, payfip: FakePayFiP
) -> None:
    names = await issued(town, "2026-11")
    payfip.down = True
    with pytest.raises(ProviderDown):
        await pay_invoices(names, asked(), counter=counter)

    payfip.down = False
    again = await pay_invoices(names, asked(), counter=counter)

    assert (again.state, again.idop) == ("pending", "idop-1")


async def test_payfip_refusing_frees_the_invoice(town: Stores, counter: Counter, payfip: FakePayFiP) -> None:
    names = await issued(town, "2026-11")
    payfip.refuses = "T2"
    with pytest.raises(ProviderRefused) as refusal:
        await pay_invoices(names, asked(), counter=counter)
    assert refusal.value.facts["code"] == "T2"

    payfip.refuses = ""
    assert (await pay_invoices(names, asked("key-0000002"), counter=counter)).state == "pending"


async def test_an_attempt_whose_process_died_frees_the_invoice_after_a_minute(
    town: Stores, counter: Counter, till: Till, clock: MovableClock
) -> None:
    (name,) = await issued(town, "2026-11")
    invoice = await town.invoices.get(HOUSEHOLD_ID, name)
    assert invoice is not None
    await town.payments.add(for_invoices("pay_dead", [invoice], OFFICE, key="dead-key", fingerprint="f", now=NOW), [])

    with pytest.raises(PaymentInProgress):
        await pay_invoices([name], asked(), counter=counter)
    clock.move(minutes=1)
    assert (await pay_invoices([name], asked(), counter=counter)).state == "pending"
    assert (await town.payments.get(HOUSEHOLD_ID, "pay_dead")).state == "failed"  # type: ignore[union-attr]  # it is there


async def test_the_clock_frees_a_dead_attempt_too(town: Stores, till: Till, clock: MovableClock) -> None:
    (name,) = await issued(town, "2026-11")
    invoice = await town.invoices.get(HOUSEHOLD_ID, name)
    assert invoice is not None
    await town.payments.add(for_invoices("pay_dead", [invoice], OFFICE, key="dead-key", fingerprint="f", now=NOW), [])
    clock.move(minutes=1)

    assert await follow_next(till)
    assert not await follow_next(till)
    assert await town.payments.live(HOUSEHOLD_ID) == []


async def test_an_invoice_paid_between_look_and_attempt_is_not_paid_again(
    town: Stores, counter: Counter, payfip: FakePayFiP
) -> None:
    (name,) = await issued(town, "2026-11")
    looked: list[int] = []

    class Overtaken:
        """Another payment settles the invoice just after it was looked at."""

        async def several(self, household_id: str, names: list[str]) -> Any:
            found = await town.invoices.several(household_id, names)
            if not looked:
                await town.invoices.pay(household_id, name, "pay_before", found[0].total_cents, NOW)
            looked.append(1)
            return found

    with pytest.raises(InvoiceAlreadyPaid):
        await pay_invoices([name], asked(), counter=replace(counter, invoices=Overtaken()))

    assert payfip.opened == {}
    assert await town.payments.live(HOUSEHOLD_ID) == []


async def begun(town: Stores, counter: Counter) -> Payment:
    return await pay_invoices(await issued(town, "2026-10", "2026-11"), asked(), counter=counter)


async def events(db: Database) -> list[str]:
    return [type(event).__name__ for event in await told_by(db, "payments")]


async def notified(town: Stores, till: Till, clock: MovableClock) -> None:
    assert await town.payments.check_now("idop-1", clock())
    while await follow_next(till):
        pass


async def returned(payment: Payment, till: Till) -> None:
    await follow_soon(payment, till, 5.0)


async def test_a_payment_is_settled_once_whoever_tells_first_and_however_often(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    payment = await begun(town, counter)
    payfip.pays("idop-1")

    async def notify() -> None:
        await town.payments.check_now("idop-1", clock())
        await follow_next(till)

    async def come_back() -> None:
        await returned(payment, till)

    for one, other in permutations((notify, come_back)):
        await one()
        await other()
        await one()

    assert await events(db) == ["InvoicesPaid"]
    assert set((await states(town)).values()) == {("paid", payment.id)}
    assert await broken(db) == []


async def test_everybody_at_once_settles_once(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, db: Database
) -> None:
    payment = await begun(town, counter)
    payfip.pays("idop-1")

    await asyncio.gather(*(follow_payment(payment, till) for _ in range(8)))

    assert await events(db) == ["InvoicesPaid"]
    assert set((await states(town)).values()) == {("paid", payment.id)}
    assert await broken(db) == []


async def test_without_any_notification_the_clock_finds_out(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    await begun(town, counter)
    assert not await follow_next(till)
    clock.move(minutes=1)
    assert await follow_next(till)
    assert not await follow_next(till)
    payfip.pays("idop-1")
    clock.move(minutes=2)

    assert await follow_next(till)

    assert await events(db) == ["InvoicesPaid"]


async def test_an_unknown_idop_is_nothing(town: Stores, till: Till, clock: MovableClock) -> None:
    assert not await town.payments.check_now("idop-unknown", clock())
    assert not await follow_next(till)


async def test_abandoned_at_minute_3_then_paid_at_minute_9(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    payment = await begun(town, counter)
    payfip.pays("idop-1", "A")
    clock.move(minutes=3)
    await notified(town, till, clock)
    assert (await town.payments.reload(payment)).state == "pending"

    payfip.pays("idop-1")
    clock.move(minutes=6)
    await notified(town, till, clock)

    assert await events(db) == ["InvoicesPaid"]


async def test_no_result_at_minute_25_is_expired_and_frees_the_invoices(
    town: Stores, counter: Counter, till: Till, clock: MovableClock, db: Database
) -> None:
    payment = await begun(town, counter)
    clock.move(minutes=25)
    await notified(town, till, clock)

    assert (await town.payments.reload(payment)).state == "expired"
    assert await town.payments.live(HOUSEHOLD_ID) == []
    assert await events(db) == ["PaymentFailed"]


async def test_money_that_comes_after_the_end_still_settles(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    await begun(town, counter)
    clock.move(minutes=25)
    await notified(town, till, clock)
    payfip.pays("idop-1")
    await notified(town, till, clock)

    assert await events(db) == ["PaymentFailed", "InvoicesPaid"]
    assert {state for state, _ in (await states(town)).values()} == {"paid"}
    assert await broken(db) == []


@pytest.mark.parametrize("changed", [{"amount_cents": 1}, {"reference": "Pother"}])
async def test_another_amount_or_reference_is_an_alert_and_settles_nothing(
    town: Stores,
    counter: Counter,
    till: Till,
    payfip: FakePayFiP,
    clock: MovableClock,
    db: Database,
    alerts: list[str],
    changed: Any,
) -> None:
    payment = await begun(town, counter)
    payfip.pays("idop-1", **changed)
    await notified(town, till, clock)

    assert (await town.payments.reload(payment)).state == "review"
    assert alerts == ["payment_to_review"]
    assert await events(db) == []
    assert {state for state, _ in (await states(town)).values()} == {"open"}
    with pytest.raises(PaymentUnderReview):
        await pay_invoices([share.invoice_id for share in payment.allocations], asked("key-0000002"), counter=counter)
    assert not await town.payments.check_now("idop-1", clock())


async def test_payfip_down_is_asked_again_later(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock
) -> None:
    payment = await begun(town, counter)
    payfip.down = True
    clock.move(minutes=1)

    assert await follow_next(till)

    stored = await town.payments.reload(payment)
    assert (stored.state, stored.next_at) == ("pending", NOW + timedelta(minutes=3))
    assert (await follow_soon(stored, till, 5.0)).state == "pending"


async def test_after_three_days_without_an_answer_people_look(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, alerts: list[str]
) -> None:
    payment = await begun(town, counter)
    payfip.down = True
    clock.move(days=3)
    assert await follow_next(till)

    assert (await town.payments.reload(payment)).state == "review"
    assert alerts == ["payment_to_review"]


async def test_a_crash_between_settling_and_sharing_out_is_made_good(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    payment = await begun(town, counter)
    payfip.pays("idop-1")

    class Crash(Exception):
        pass

    class Dying:
        """Dies when the second invoice is to be marked."""

        def __init__(self) -> None:
            self.marked = 0

        async def pay(self, *arguments: Any) -> int:
            self.marked += 1
            if self.marked == 2:
                raise Crash
            return await town.invoices.pay(*arguments)

        async def paid_by_others(self, *arguments: Any) -> set[str]:
            return await town.invoices.paid_by_others(*arguments)

    with pytest.raises(Crash):
        await follow_payment(payment, replace(till, invoices=Dying()))
    assert sorted(state for state, _ in (await states(town)).values()) == ["open", "paid"]

    while await follow_next(till):
        pass

    assert {state for state, _ in (await states(town)).values()} == {"paid"}
    assert await events(db) == ["InvoicesPaid"]
    assert await broken(db) == []


async def test_an_invoice_paid_twice_is_due_back_once(
    town: Stores,
    counter: Counter,
    till: Till,
    payfip: FakePayFiP,
    clock: MovableClock,
    db: Database,
    alerts: list[str],
) -> None:
    one, other = await issued(town, "2026-10", "2026-11")
    first = await pay_invoices([one], asked(), counter=counter)
    clock.move(minutes=21)
    second = await pay_invoices([one, other], asked("key-0000002"), counter=counter)
    payfip.pays("idop-1")
    payfip.pays("idop-2")

    await follow_payment(second, till)
    await follow_payment(await town.payments.reload(first), till)
    await follow_payment(await town.payments.reload(first), till)

    assert set((await states(town)).values()) == {("paid", second.id)}
    told = await told_by(db, "payments")
    assert [type(event) for event in told] == [PaymentFailed, InvoicesPaid, RefundDue]
    assert isinstance(told[2], RefundDue)
    assert (told[2].payment_id, told[2].amount_cents, told[2].reason) == (first.id, 7055, "paid-twice")
    assert alerts == ["payment_settled_twice"]
    assert await broken(db) == []


async def held(town: Stores, **changed: Any) -> None:
    await town.orders.save(order(**changed))


async def test_an_order_is_paid_and_told(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    await held(town)
    payment = await pay_order("ord_1", asked(), counter=counter)
    payfip.pays("idop-1", "V")
    await notified(town, till, clock)

    started, event = await told_by(db, "payments")
    assert isinstance(started, PaymentStarted)
    assert isinstance(event, OrderPaid)
    assert (event.order_id, event.amount_cents, event.payment_id) == ("ord_1", 2400, payment.id)
    with pytest.raises(OrderAlreadyPaid):
        await pay_order("ord_1", asked("key-0000002"), counter=counter)
    assert await broken(db) == []


async def test_an_order_nobody_told_yet_may_come(town: Stores, counter: Counter) -> None:
    with pytest.raises(OrderUnknown) as refusal:
        await pay_order("ord_1", asked(), counter=counter)
    assert refusal.value.retry_after == 1
    await held(town)
    with pytest.raises(OrderUnknown):
        await pay_order("ord_1", asked(household_id="hsh_other"), counter=counter)


@pytest.mark.parametrize("ended", [{"ended": "expired"}, {"ended": "abandoned"}, {"expires_at": NOW}])
async def test_an_order_that_is_over_is_refused(town: Stores, counter: Counter, ended: Any) -> None:
    await held(town, **ended)

    with pytest.raises(OrderEnded):
        await pay_order("ord_1", asked(), counter=counter)


async def test_the_late_payment_of_a_released_order_is_still_told(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    await held(town)
    await pay_order("ord_1", asked(), counter=counter)
    known = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    assert known is not None
    await town.orders.save(replace(known, ended="expired"))
    clock.move(minutes=21)
    payfip.pays("idop-1")
    await notified(town, till, clock)

    assert await events(db) == ["PaymentStarted", "OrderPaid"]


async def test_an_order_waits_while_its_payment_page_is_open_and_a_little_longer(
    town: Stores, counter: Counter, db: Database
) -> None:
    await held(town, expires_at=NOW + timedelta(minutes=2))

    payment = await pay_order("ord_1", asked(), counter=counter)

    (event,) = await told_by(db, "payments")
    assert isinstance(event, PaymentStarted)
    assert (event.order_id, event.payment_id, event.expires_at) == ("ord_1", payment.id, payment.expires_at)
    known = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    assert known is not None
    assert known.expires_at == payment.expires_at + AFTER_PAGE


async def test_an_order_that_has_more_time_than_its_page_keeps_it(town: Stores, counter: Counter) -> None:
    await held(town, expires_at=NOW + timedelta(hours=1))

    await pay_order("ord_1", asked(), counter=counter)

    known = await town.orders.get(HOUSEHOLD_ID, "ord_1")
    assert known is not None
    assert known.expires_at == NOW + timedelta(hours=1)


async def test_an_order_paid_twice_is_told_once_and_due_back_once(
    town: Stores, counter: Counter, till: Till, payfip: FakePayFiP, clock: MovableClock, db: Database
) -> None:
    await held(town, expires_at=NOW + timedelta(hours=1))
    first = await pay_order("ord_1", asked(), counter=counter)
    clock.move(minutes=21)
    second = await pay_order("ord_1", asked("key-0000002"), counter=counter)
    payfip.pays("idop-1")
    payfip.pays("idop-2")
    await follow_payment(await town.payments.reload(first), till)
    await follow_payment(second, till)

    assert await events(db) == ["PaymentStarted", "PaymentFailed", "PaymentStarted", "OrderPaid", "RefundDue"]
    assert await broken(db) == []


async def test_an_order_that_costs_nothing_needs_no_page(
    town: Stores, counter: Counter, payfip: FakePayFiP, db: Database
) -> None:
    await held(town, amount_cents=0)

    payment = await pay_order("ord_1", asked(), counter=counter)
    again = await pay_order("ord_1", asked(), counter=counter)

    assert (payment.state, payment.idop, payment.allocated) == ("paid", None, True)
    assert again.id == payment.id
    assert payfip.opened == {}
    assert await events(db) == ["OrderPaid"]


async def test_a_page_given_to_one_of_two_equal_requests_is_the_one_of_both(
    town: Stores, counter: Counter, payfip: FakePayFiP
) -> None:
    names = await issued(town, "2026-11")

    class Slow(FakePayFiP):
        """While it answers, the same request comes again and gets its page first."""

        async def open(self, opening: Any) -> str:
            if not self.opened:
                self.opened["mine"] = opening
                await pay_invoices(names, asked(), counter=counter)
                return "mine"
            return await super().open(opening)

    slow = Slow()
    payment = await pay_invoices(names, asked(), counter=replace(counter, till=replace(counter.till, provider=slow)))

    assert payment.idop == "idop-1"
    assert set(payfip.opened) == {"idop-1"}
