"""What PayFiP's answers mean, who may pay what, and that money is settled once (golden test G10)."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.domain.invoices import InvoiceAlreadyPaid
from services.billing.domain.orders import (
    Order,
    OrderAlreadyPaid,
    OrderEnded,
    check_payable,
    hold,
    lost_cents,
    state_of,
)
from services.billing.domain.payfip import Code, Status, next_check, verdict
from services.billing.domain.paying.beginning import check_invoices, for_invoices, for_order, office_of_order
from services.billing.domain.payment_refusals import (
    AmountTooLarge,
    AmountTooSmall,
    NoOnlinePayment,
    OneCashOfficePerPayment,
)
from services.billing.domain.payments import (
    Oddity,
    Payment,
    allocate,
    decide,
    failed,
    opened,
    refund_days,
    reopened,
    rest,
    to_review,
)
from services.billing.domain.tidings import of_payment
from shared.contracts.billing import InvoicesPaid, OrderPaid, PaymentFailed, RefundDue
from shared.ids import new_id
from tests.billing.samples import NOW, OFFICE, OTHER_OFFICE, TARIFF, invoice, order, payment

PENDING = opened(payment(), "idop-1", NOW)
CODES: list[Code] = ["P", "V", "R", "Z", "A", "P1", "P5"]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def answer(code: Code, of: Payment = PENDING, **changed: Any) -> Status:
    status = Status(code=code, amount_cents=of.amount_cents, reference=of.reference, authorisation="112233")
    return replace(status, **changed)


@pytest.mark.parametrize(
    ("code", "age", "means"),
    [
        ("P", 1, "paid"),
        ("P", 5000, "paid"),
        ("V", 1, "paid"),
        ("R", 1, "refused"),
        ("Z", 1, "refused"),
        ("A", 3, "wait"),
        ("A", 19.9, "wait"),
        ("A", 20, "abandoned"),
        ("P5", 0, "wait"),
        ("P5", 19.9, "wait"),
        ("P5", 25, "expired"),
        ("P1", 3, "wait"),
        ("P1", 25, "expired"),
    ],
)
def test_an_answer_means_something_at_each_age(code: Code, age: float, means: str) -> None:
    assert verdict(code, minutes(age)) == means


def test_payfip_is_asked_at_1_3_10_30_minutes_then_hourly_for_three_days() -> None:
    asked = []
    now = NOW
    while (due := next_check(NOW, now)) is not None:
        asked.append(due - NOW)
        now = due

    assert asked[:6] == [minutes(1), minutes(3), minutes(10), minutes(30), minutes(90), minutes(150)]
    assert asked[-1] == timedelta(days=2, hours=23, minutes=30)
    assert len(asked) == 4 + 71


@given(st.timedeltas(timedelta(0), timedelta(days=4)))
def test_the_next_question_is_always_ahead(age: timedelta) -> None:
    due = next_check(NOW, NOW + age)

    assert due is None or NOW + age < due <= NOW + timedelta(days=3)


def test_money_settles_a_pending_payment() -> None:
    settled = decide(PENDING, answer("P"), NOW + minutes(4))

    assert (settled.state, settled.paid_at, settled.authorisation) == ("paid", NOW + minutes(4), "112233")
    assert settled.live


def test_abandoned_at_minute_3_then_paid_at_minute_9_is_paid() -> None:
    waiting = decide(PENDING, answer("A"), NOW + minutes(3))

    assert waiting is PENDING
    assert decide(waiting, answer("P"), NOW + minutes(9)).state == "paid"


def test_no_result_at_minute_25_is_expired() -> None:
    ended = decide(PENDING, Status(code="P5"), NOW + minutes(25))

    assert (ended.state, ended.live, ended.next_at) == ("expired", False, None)


@pytest.mark.parametrize(("code", "state"), [("R", "refused"), ("Z", "refused"), ("A", "abandoned"), ("P1", "expired")])
def test_a_payment_ends_without_money(code: Code, state: str) -> None:
    assert decide(PENDING, answer(code), NOW + minutes(21)).state == state


@pytest.mark.parametrize("wrong", [{"amount_cents": 1}, {"reference": "another"}, {"amount_cents": None}])
def test_money_that_is_not_what_was_asked_goes_to_review(wrong: dict[str, Any]) -> None:
    reviewed = decide(PENDING, answer("P", **wrong), NOW + minutes(4))

    assert (reviewed.state, reviewed.paid_at, reviewed.live) == ("review", None, True)
    assert of_payment(PENDING, reviewed) == []


def test_money_is_believed_after_the_attempt_was_given_up() -> None:
    expired = decide(PENDING, Status(code="P5"), NOW + minutes(25))
    late = decide(expired, answer("P"), NOW + minutes(40))

    assert late.state == "paid"
    assert not late.live


@given(st.lists(st.tuples(st.sampled_from(CODES), st.integers(0, 200)), max_size=8))
def test_whatever_payfip_says_money_is_settled_once_and_never_undone(said: list[tuple[Code, int]]) -> None:
    now, known, told = NOW, PENDING, []
    for code, later in said:
        now += minutes(later)
        after = decide(known, answer(code), now)
        told += of_payment(known, after)
        known = after

    paid = any(code in {"P", "V"} for code, _ in said)
    assert (known.state == "paid") is paid
    assert [type(event) for event in told].count(InvoicesPaid) == paid


def test_a_settled_payment_tells_what_it_paid() -> None:
    (event,) = of_payment(PENDING, decide(PENDING, answer("P"), NOW))

    assert isinstance(event, InvoicesPaid)
    assert (event.invoice_ids, event.invoice_numbers, event.amount_cents) == (("inv_1",), ("F2026-000001",), 7055)


def test_a_payment_that_ends_without_money_is_told_with_its_reason() -> None:
    (event,) = of_payment(PENDING, decide(PENDING, answer("R"), NOW))

    assert isinstance(event, PaymentFailed)
    assert (event.reason, event.invoice_ids) == ("refused", ("inv_1",))


def test_an_attempt_without_a_page_ends_in_silence() -> None:
    assert of_payment(payment(), failed(payment())) == []
    assert not failed(payment()).live
    again = reopened(failed(payment()), NOW + minutes(2))
    assert (again.state, again.live, again.opened_at) == ("opening", True, NOW + minutes(2))


def test_what_another_payment_settled_before_is_due_back() -> None:
    two = payment(invoice("inv_1"), invoice("inv_2", 2))
    settled = decide(opened(two, "i", NOW), answer("P", two), NOW)
    shared_out = allocate(settled, {"inv_2": 7055}, NOW)

    assert shared_out.allocated
    assert not shared_out.live
    (event,) = of_payment(settled, shared_out)
    assert isinstance(event, RefundDue)
    assert (event.amount_cents, event.reason) == (7055, "paid-twice")


def test_only_what_this_payment_settles_is_told_as_paid() -> None:
    two = opened(payment(invoice("inv_1"), invoice("inv_2", 2)), "i", NOW)
    (event,) = of_payment(two, decide(two, answer("P", two), NOW), {"inv_2"})

    assert isinstance(event, InvoicesPaid)
    assert (event.invoice_ids, event.amount_cents) == (("inv_1",), 7055)
    assert of_payment(two, decide(two, answer("P", two), NOW), {"inv_1", "inv_2"}) == []


def test_a_payment_waits_for_its_next_question_or_for_people() -> None:
    assert rest(replace(PENDING, next_at=NOW + minutes(5)), NOW + minutes(4)).next_at == NOW + minutes(10)
    assert rest(replace(PENDING, next_at=None), NOW + timedelta(days=3)).state == "review"
    asked_meanwhile = replace(PENDING, next_at=NOW)
    assert rest(asked_meanwhile, NOW) is asked_meanwhile
    assert rest(replace(decide(PENDING, answer("R"), NOW), next_at=NOW + minutes(1)), NOW).next_at is None


def test_the_page_closes_before_another_attempt_may_begin() -> None:
    assert PENDING.expires_at == NOW + minutes(15)
    assert PENDING.blocks_until == NOW + minutes(20)
    assert payment().blocks_until == NOW + minutes(1)


@given(st.builds(lambda: new_id("pay")))
def test_a_reference_is_what_payfip_takes(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{1,30}", payment(name=name).reference)


def test_references_differ_as_the_payments_do() -> None:
    assert len({payment(name=new_id("pay")).reference for _ in range(500)}) == 500


def test_one_payment_goes_to_one_cash_office() -> None:
    other = invoice("inv_2", cash_office_id=OTHER_OFFICE.id)

    with pytest.raises(OneCashOfficePerPayment) as refusal:
        check_invoices([invoice(), other], TARIFF.cash_offices)
    assert refusal.value.facts["offices"] == "Régie enfance, Régie restauration"


def test_a_paid_invoice_is_not_paid_again() -> None:
    with pytest.raises(InvoiceAlreadyPaid):
        check_invoices([invoice(state="paid")], TARIFF.cash_offices)


@pytest.mark.parametrize(("cents", "refusal"), [(99, AmountTooSmall), (10_000_001, AmountTooLarge)])
def test_an_amount_has_its_bounds(cents: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        payment(invoice(total_cents=cents))


@pytest.mark.parametrize("cents", [100, 10_000_000])
def test_the_bounds_of_an_amount_are_included(cents: int) -> None:
    assert payment(invoice(total_cents=cents)).amount_cents == cents


def test_small_invoices_are_paid_together() -> None:
    together = payment(invoice(total_cents=60), invoice("inv_2", 2, total_cents=40))

    assert together.amount_cents == sum(share.cents for share in together.allocations) == 100
    assert together.claims == ("inv_1", "inv_2")


def test_a_cash_office_without_a_client_number_takes_no_online_payment() -> None:
    with pytest.raises(NoOnlinePayment):
        for_invoices("pay_1", [invoice()], replace(OFFICE, payfip_client=None), key="k", fingerprint="f", now=NOW)


def attempt(held: Order, amount: int | None = None) -> Payment:
    held = replace(held, amount_cents=held.amount_cents if amount is None else amount)
    return for_order("pay_1", held, OTHER_OFFICE, key="k", fingerprint="f", now=NOW)


def test_an_order_is_paid_while_its_places_are_held() -> None:
    assert (attempt(order()).amount_cents, attempt(order()).claims) == (2400, ("ord_1",))


@pytest.mark.parametrize(
    ("held", "state"),
    [
        (order(), "held"),
        (order(expires_at=NOW), "expired"),
        (order(ended="expired"), "expired"),
        (order(ended="abandoned"), "released"),
        (order(expires_at=None, lines=()), "expired"),
        (order(paid_by="pay_1"), "paid"),
        (order(paid_by="pay_1", ended="expired"), "paid"),
        (order(paid_by="pay_1", lost=True), "lost"),
    ],
)
def test_an_order_has_a_state(held: Order, state: str) -> None:
    assert state_of(held, NOW) == state


@pytest.mark.parametrize(
    ("held", "refusal"),
    [
        (order(expires_at=NOW), OrderEnded),
        (order(ended="abandoned"), OrderEnded),
        (order(lost=True, paid_by="pay_1"), OrderEnded),
        (order(paid_by="pay_1"), OrderAlreadyPaid),
    ],
)
def test_an_order_that_is_over_is_not_paid(held: Order, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_payable(held, NOW)


def test_an_order_that_costs_nothing_is_paid_by_being_asked_for() -> None:
    free = attempt(order(), 0)

    assert (free.state, free.paid_at) == ("paid", NOW)
    (event,) = of_payment(None, free)
    assert isinstance(event, OrderPaid)
    assert allocate(free, {"ord_1": 0}, NOW).refunds == ()
    with pytest.raises(AmountTooSmall):
        attempt(order(), 50)


def test_an_order_belongs_to_the_cash_office_of_its_programmes() -> None:
    assert office_of_order(order(), TARIFF.cash_offices) == OTHER_OFFICE
    with pytest.raises(NoOnlinePayment):
        office_of_order(order(), [OFFICE])
    mixed = order(lines=(*order().lines, replace(order().lines[0], programme_id=OFFICE.programmes[0])))
    with pytest.raises(OneCashOfficePerPayment):
        office_of_order(mixed, TARIFF.cash_offices)


def test_the_amount_of_an_order_is_frozen_when_its_places_are_held() -> None:
    bare = order(lines=(), amount_cents=0, expires_at=None)
    held = hold(bare, order().lines, NOW + minutes(20))

    assert held.amount_cents == 2400
    assert hold(held, (), NOW) is held


def test_lost_places_are_given_back_once_and_never_above_what_was_paid() -> None:
    lines = order().lines
    lost = [(lines[0].child_id, lines[0].activity_id, lines[0].date)]
    assert lost_cents(order(), lost) == 1200
    paid = replace(attempt(order()), state="paid", paid_at=NOW)

    once = refund_days(paid, "event-1", 1200, NOW, "places-lost")
    assert once.refund_cents == 1200
    assert refund_days(once, "event-1", 1200, NOW, "places-lost") is once
    assert refund_days(once, "event-2", 2400, NOW, "places-lost").refund_cents == 2400


def test_a_payment_under_review_keeps_its_claims() -> None:
    odd = Oddity(why="other-amount", at=NOW)

    assert to_review(PENDING, odd).live
    assert decide(to_review(PENDING, odd), answer("P"), NOW).state == "review"
