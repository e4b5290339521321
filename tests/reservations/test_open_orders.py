"""Orders that wait to be paid: shown with the cart, kept while the bank's page is open, given back, chosen again.

The database's clock runs by itself: these tests move what it is compared with.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.reservations.domain.late import Surcharge
from services.reservations.domain.open_orders import LONGEST, TO_TRY_AGAIN, chosen_again, open_order
from services.reservations.domain.order import Order, OrderLine
from services.reservations.messages import HANDLERS
from services.reservations.usecases.keep_orders import give_order_back, prolong_hold, reopen_cart, shorten_hold
from services.reservations.usecases.show_cart import show_cart
from shared.contracts import Told
from shared.contracts.billing import OrderPaid, PaymentFailed, PaymentStarted
from shared.contracts.identity import AdhesionEnded
from shared.errors import Conflict
from tests.reservations.asking import Http, refusal
from tests.reservations.rig import JOURNEE, NOW, TOWN, WEDNESDAY, Rig
from tests.reservations.test_orders import fill, names, order_of, state_of

CART = "/api/v1/cart"


def an_order(**changes: Any) -> Order:
    line = OrderLine(child_id="chd_1", programme_id=f"{TOWN}.loisirs", activity_id=JOURNEE, date=WEDNESDAY)
    known = {"id": "ord_1", "household_id": "hsh_1", "municipality_id": TOWN, "lines": (line,), "expires_at": NOW}
    return Order(**{**known, **changes})


def told(event: Any) -> Told[Any]:
    return Told(event=event, id="1", subject="pay_1", sequence=1, municipality_id=TOWN, time=NOW)


def started(order_id: str, page: datetime, payment: str = "pay_1") -> Told[PaymentStarted]:
    scope = {"household_id": "hsh_1", "municipality_id": TOWN}
    return told(PaymentStarted(payment_id=payment, order_id=order_id, expires_at=page, **scope))


def failed(order_id: str, payment: str = "pay_1") -> Told[PaymentFailed]:
    scope = {"household_id": "hsh_1", "municipality_id": TOWN}
    return told(PaymentFailed(payment_id=payment, order_id=order_id, reason="abandoned", **scope))


async def give_back(rig: Rig, order_id: str) -> None:
    await give_order_back("hsh_1", order_id, books=rig.stores.books, clock=rig.clock)


async def expiry(rig: Rig, order_id: str) -> datetime:
    order = await rig.stores.orders.get(order_id, "hsh_1")
    assert order is not None
    return order.expires_at


async def set_expiry(rig: Rig, order_id: str, at: datetime, **more: Any) -> None:
    await rig.database["orders"].update_one({"_id": order_id}, {"$set": {"exp": at, **more}})


async def days_in_cart(rig: Rig) -> list[date]:
    return sorted(line.date for line in (await rig.stores.carts.get("hsh_1")).lines)


def moment() -> datetime:
    """By the machine's clock, as the database reads it, to the millisecond it keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


# --- as a family sees them --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "minutes"), [(1200, 20), (1199, 20), (61, 2), (60, 1), (1, 1), (0, 0), (-30, 0)])
def test_minutes_left_count_the_one_that_has_begun(seconds: int, minutes: int) -> None:
    shown = open_order(an_order(expires_at=NOW + timedelta(seconds=seconds)), None, {}, NOW)

    assert shown.minutes_left == minutes


def test_the_amount_is_known_when_every_price_is() -> None:
    line = an_order().lines[0]
    other = OrderLine(child_id="chd_1", programme_id=line.programme_id, activity_id=f"{TOWN}.stage", date=WEDNESDAY)
    order = an_order(lines=(line, other))

    assert open_order(order, None, {JOURNEE: 1200}, NOW).amount_cents is None
    assert open_order(order, None, {JOURNEE: 1200, f"{TOWN}.stage": 800}, NOW).amount_cents == 2000


@pytest.mark.parametrize(("surcharge", "cents"), [(Surcharge(percent=25), 519), (Surcharge(cents=100), 515)])
def test_a_late_day_is_dearer(surcharge: Surcharge, cents: int) -> None:
    line = OrderLine(child_id="c", programme_id="p", activity_id="a", date=WEDNESDAY, surcharge=surcharge)

    assert open_order(an_order(lines=(line,)), None, {"a": 415}, NOW).amount_cents == cents


def test_the_lines_of_an_order_are_chosen_again_under_the_same_names() -> None:
    order = an_order()

    assert chosen_again(order, NOW) == chosen_again(order, NOW)
    assert [line.slot for line in chosen_again(order, NOW)] == [line.slot for line in order.lines]


async def test_the_cart_shows_what_waits_for_its_payment(rig: Rig) -> None:
    await rig.stores.prices.set("hsh_1", TOWN, {JOURNEE: 1200}, sequence=1)
    order_id = await order_of(rig)
    await set_expiry(rig, order_id, moment() + timedelta(hours=1))
    rig.now = moment()

    (order,) = (await show_cart("hsh_1", rig.stores.window(rig.clock))).orders

    assert (order.order.id, order.amount_cents, order.minutes_left) == (order_id, 2400, 60)
    assert [(line.activity_name, line.price_cents) for line in order.lines] == [("JOURNÉE", 1200)] * 2


async def test_another_household_sees_and_gives_back_nothing(
    rig: Rig, http: Http, parent: dict[str, str], neighbour: dict[str, str]
) -> None:
    order_id = await order_of(rig)

    mine = await (await http.get(CART, headers=parent)).json()
    theirs = await (await http.get(CART, headers=neighbour)).json()

    assert [one["order_id"] for one in mine["orders"]] == [order_id]
    assert (mine["orders"][0]["pay_href"], mine["lines"]) == ("/api/v1/payments", [])
    assert theirs["orders"] == []
    answer = await http.delete(f"{CART}/orders/{order_id}", headers=neighbour)
    assert await refusal(answer) == (404, "not-found")
    assert await state_of(rig, order_id) == "held"


async def test_a_paid_order_waits_no_more(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    order_id = await order_of(rig)
    await rig.pay(order_id)

    assert (await (await http.get(CART, headers=parent)).json())["orders"] == []
    assert await refusal(await http.delete(f"{CART}/orders/{order_id}", headers=parent)) == (409, "order-not-open")


# --- given back -------------------------------------------------------------------------------------------------------


async def test_an_order_given_back_frees_its_places_at_once(rig: Rig, http: Http, parent: dict[str, str]) -> None:
    order_id = await order_of(rig)

    assert (await http.delete(f"{CART}/orders/{order_id}", headers=parent)).status == 204

    assert await state_of(rig, order_id) == "released"
    assert await rig.places(JOURNEE, WEDNESDAY) == []
    assert await days_in_cart(rig) == []
    assert [(name, body.get("reason")) for name, body in await rig.told("orders")] == [
        ("places_held", None),
        ("places_released", "abandoned"),
    ]
    assert await rig.violations() == []


async def test_two_guardians_give_it_back_at_once_and_it_is_told_once(rig: Rig) -> None:
    order_id = await order_of(rig)

    await asyncio.gather(*(give_back(rig, order_id) for _ in range(4)), return_exceptions=True)

    assert await names(rig) == ["places_held", "places_released"]


async def test_given_back_by_one_guardian_and_paid_by_the_other_at_once(rig: Rig) -> None:
    order_id = await order_of(rig)

    results = await asyncio.gather(give_back(rig, order_id), rig.pay(order_id), return_exceptions=True)
    if isinstance(results[1], Conflict):
        await rig.pay(order_id)

    assert await state_of(rig, order_id) == "confirmed"
    assert await rig.state(JOURNEE, WEDNESDAY) == "booked"
    assert await rig.violations() == []


async def test_while_the_payment_page_is_open_an_order_is_not_given_back(
    rig: Rig, http: Http, parent: dict[str, str]
) -> None:
    order_id = await order_of(rig)
    await prolong_hold(started(order_id, rig.now + timedelta(minutes=15)), holds=rig.stores.orders)

    answer = await http.delete(f"{CART}/orders/{order_id}", headers=parent)
    assert await refusal(answer) == (409, "payment-under-way")
    rig.now += timedelta(minutes=16)
    await give_back(rig, order_id)
    assert await state_of(rig, order_id) == "released"


# --- while the payment page is open -----------------------------------------------------------------------------------


async def test_an_open_payment_page_prolongs_the_hold_by_five_minutes_more(rig: Rig) -> None:
    order_id = await order_of(rig)
    page = moment() + timedelta(minutes=30)

    await prolong_hold(started(order_id, page), holds=rig.stores.orders)
    await prolong_hold(started(order_id, page), holds=rig.stores.orders)

    assert await expiry(rig, order_id) == page + timedelta(minutes=5)


async def test_a_page_that_closes_before_the_order_shortens_nothing(rig: Rig) -> None:
    order_id = await order_of(rig)
    before = await expiry(rig, order_id)

    await prolong_hold(started(order_id, moment() + timedelta(minutes=1)), holds=rig.stores.orders)

    assert await expiry(rig, order_id) == before


async def test_pages_opened_again_and_again_keep_places_for_an_hour_at_most(rig: Rig) -> None:
    order_id = await order_of(rig)
    over = moment() - LONGEST - timedelta(seconds=1)
    later = moment() + timedelta(minutes=3)
    await set_expiry(rig, order_id, later, first_exp=over)

    await prolong_hold(started(order_id, moment() + timedelta(minutes=15)), holds=rig.stores.orders)

    assert await expiry(rig, order_id) == later


async def test_a_failed_payment_leaves_the_rest_of_the_time_or_a_moment(rig: Rig) -> None:
    order_id = await order_of(rig)
    own = await expiry(rig, order_id)
    await prolong_hold(started(order_id, moment() + timedelta(minutes=30)), holds=rig.stores.orders)
    await shorten_hold(failed(order_id), holds=rig.stores.orders)
    assert await expiry(rig, order_id) == own

    await set_expiry(rig, order_id, moment() + timedelta(seconds=30), first_exp=moment() - timedelta(minutes=1))
    await prolong_hold(started(order_id, moment() + timedelta(minutes=15)), holds=rig.stores.orders)
    await shorten_hold(failed(order_id), holds=rig.stores.orders)
    left = await expiry(rig, order_id) - moment()
    assert timedelta() < left <= TO_TRY_AGAIN


async def test_a_failure_told_late_does_not_end_the_next_payment(rig: Rig) -> None:
    order_id = await order_of(rig)
    page = moment() + timedelta(minutes=30)
    await prolong_hold(started(order_id, moment() + timedelta(minutes=25), "pay_1"), holds=rig.stores.orders)
    await prolong_hold(started(order_id, page, "pay_2"), holds=rig.stores.orders)

    await shorten_hold(failed(order_id, "pay_1"), holds=rig.stores.orders)

    assert await expiry(rig, order_id) == page + timedelta(minutes=5)


async def test_an_order_that_is_over_is_not_brought_back(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()

    await prolong_hold(started(order_id, moment() + timedelta(minutes=15)), holds=rig.stores.orders)
    await shorten_hold(failed(order_id), holds=rig.stores.orders)

    assert await state_of(rig, order_id) == "released"
    assert await rig.places(JOURNEE, WEDNESDAY) == []


async def test_the_page_opens_at_the_moment_the_order_ends_and_either_keeps_it_or_comes_too_late(rig: Rig) -> None:
    order_id = await order_of(rig)
    await set_expiry(rig, order_id, moment() - timedelta(milliseconds=5))

    await asyncio.gather(
        rig.sweep(), prolong_hold(started(order_id, moment() + timedelta(minutes=15)), holds=rig.stores.orders)
    )

    kept = await state_of(rig, order_id) == "held"
    assert (await rig.places(JOURNEE, WEDNESDAY) == ["held"]) is kept
    assert await rig.violations() == []


async def test_payments_of_invoices_prolong_nothing(rig: Rig) -> None:
    order_id = await order_of(rig)
    before = await expiry(rig, order_id)
    event = PaymentStarted(payment_id="pay_1", household_id="hsh_1", municipality_id=TOWN, expires_at=NOW)
    fail = PaymentFailed(payment_id="pay_1", household_id="hsh_1", municipality_id=TOWN, reason="expired")

    await prolong_hold(told(event), holds=rig.stores.orders)
    await shorten_hold(told(fail), holds=rig.stores.orders)

    assert await expiry(rig, order_id) == before


# --- not paid in time -------------------------------------------------------------------------------------------------


async def test_days_not_paid_in_time_lie_in_the_cart_again(rig: Rig) -> None:
    await order_of(rig)
    await rig.let_holds_end()

    await rig.sweep()

    assert await days_in_cart(rig) == [date(2026, 3, 11), date(2026, 3, 18)]
    assert await rig.places(JOURNEE, WEDNESDAY) == []
    validation = await rig.validate()
    assert [outcome.outcome for outcome in validation.outcomes] == ["held", "held"]
    assert await rig.violations() == []


async def test_they_come_back_once_and_beside_what_was_chosen_meanwhile(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.choose(JOURNEE, date(2026, 3, 25))
    order = await rig.stores.orders.get(order_id, "hsh_1")
    assert order is not None
    await rig.let_holds_end()

    # As if a process had died after the cart was written and before the order said so.
    for _ in range(2):
        await reopen_cart(order, carts=rig.stores.carts, roster=rig.stores.roster, clock=rig.clock)
    await rig.sweep()

    assert await days_in_cart(rig) == [date(2026, 3, 11), date(2026, 3, 18), date(2026, 3, 25)]


async def test_days_that_passed_and_children_that_left_stay_out_of_the_cart(rig: Rig) -> None:
    order_id = await order_of(rig)
    order = await rig.stores.orders.get(order_id, "hsh_1")
    assert order is not None
    stores = rig.stores
    rig.now += timedelta(days=12)
    await reopen_cart(order, carts=stores.carts, roster=stores.roster, clock=rig.clock)
    assert await days_in_cart(rig) == [date(2026, 3, 18)]

    await stores.carts.empty("hsh_1")
    left = AdhesionEnded(household_id="hsh_1", municipality_id=TOWN, family_file_id="ff_1")
    await stores.roster.unlink_children(left, 2)
    await reopen_cart(order, carts=stores.carts, roster=stores.roster, clock=rig.clock)
    assert await days_in_cart(rig) == []


class NobodyErased:
    async def erased_at(self, household_id: str) -> None:
        return None


async def paid(rig: Rig, order_id: str) -> None:
    """As the message of the payment arrives."""
    stores = rig.stores
    event = OrderPaid(
        payment_id="pay_1",
        order_id=order_id,
        household_id="hsh_1",
        municipality_id=TOWN,
        amount_cents=2400,
        paid_at=rig.now,
    )
    parts: dict[str, Any] = {
        "tombstones": NobodyErased(),
        "books": stores.books,
        "catalogue": stores.catalogue,
        "roster": stores.roster,
        "carts": stores.carts,
        "clock": rig.clock,
    }
    await HANDLERS[OrderPaid](told(event), **parts)


async def test_paid_after_all_the_days_are_booked_and_leave_the_cart(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()

    await paid(rig, order_id)

    assert await state_of(rig, order_id) == "confirmed"
    assert await days_in_cart(rig) == []


async def test_paid_after_the_family_ordered_again_is_lost_and_charged_once(rig: Rig) -> None:
    first = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()
    validation = await rig.validate()
    second = validation.order_ids[TOWN]
    await rig.database["orders"].update_one({"_id": second}, {"$set": {"exp": moment() + timedelta(hours=1)}})

    await paid(rig, first)

    assert (await state_of(rig, first), await state_of(rig, second)) == ("lost", "held")
    assert (await names(rig)).count("places_lost") == 1
    assert await rig.violations() == []


async def test_the_last_place_goes_to_the_next_family_when_the_time_is_over(rig: Rig) -> None:
    """G12: held, not paid in time, taken by somebody else; the late payment is given back."""
    order_id = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()
    await fill(rig, 2)

    await paid(rig, order_id)

    assert await state_of(rig, order_id) == "lost"
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed", "confirmed"]
    assert await rig.state(JOURNEE, WEDNESDAY) is None
    assert await rig.violations() == []
