"""Prepaid places: held, paid, expired, paid late; in whatever order and how often the messages come."""

import asyncio
from datetime import date, timedelta

import pytest

from services.reservations.domain.refusals import NoPlaceLeft, PaymentAwaited
from shared.errors import Conflict, KeyReused
from tests.reservations.rig import JOURNEE, REPAS, WEDNESDAY, Rig

WEDNESDAYS = [date(2026, 3, 11), date(2026, 3, 18)]


async def order_of(rig: Rig, family: int = 1) -> str:
    """An order for two Wednesdays of one child."""
    await rig.choose(JOURNEE, *WEDNESDAYS, family=family)
    validation = await rig.validate(family=family)
    assert [outcome.outcome for outcome in validation.outcomes] == ["held", "held"]
    return validation.order_ids["sainte-aurore"]


async def state_of(rig: Rig, order_id: str, family: int = 1) -> str:
    order = await rig.stores.orders.get(order_id, f"hsh_{family}")
    assert order is not None
    return order.state


async def fill(rig: Rig, family: int, day: date = WEDNESDAY) -> list[str]:
    """Both children of a family take the two places of a day, and pay."""
    booked = [await rig.book(JOURNEE, day, family=family, child=child) for child in (1, 2)]
    orders = [one.order.id for one in booked if one.order]
    for order_id in orders:
        await rig.pay(order_id, family=family)
    return orders


async def names(rig: Rig, collection: str = "orders") -> list[str]:
    return [name for name, _ in await rig.told(collection)]


async def test_prepaid_days_wait_for_their_payment(rig: Rig) -> None:
    order_id = await order_of(rig)

    ((name, told),) = await rig.told("orders")
    assert (name, told["order_id"], len(told["lines"])) == ("places_held", order_id, 2)
    assert await rig.told("sheets") == []
    assert await rig.state(JOURNEE, WEDNESDAY) == "held"
    assert await rig.places(JOURNEE, WEDNESDAY) == ["held"]
    assert await rig.violations() == []


async def test_a_mixed_cart_books_what_is_billed_later_and_holds_what_is_paid_first(rig: Rig) -> None:
    await rig.choose(REPAS, date(2026, 3, 9))
    await rig.choose(JOURNEE, WEDNESDAY)

    validation = await rig.validate()

    assert [outcome.outcome for outcome in validation.outcomes] == ["confirmed", "held"]
    assert await names(rig, "sheets") == ["booking_confirmed"]


async def test_a_paid_order_is_booked(rig: Rig) -> None:
    order_id = await order_of(rig)

    await rig.pay(order_id)

    ((name, told),) = await rig.told("sheets")
    assert (name, told["order_id"], len(told["days"])) == ("booking_confirmed", order_id, 2)
    assert [await rig.state(JOURNEE, day) for day in WEDNESDAYS] == ["booked", "booked"]
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    assert await state_of(rig, order_id) == "confirmed"
    assert await rig.violations() == []


@pytest.mark.parametrize("times", [2, 5])
async def test_a_payment_told_again_changes_nothing(rig: Rig, times: int) -> None:
    order_id = await order_of(rig)

    for _ in range(times):
        await rig.pay(order_id)

    assert await names(rig, "sheets") == ["booking_confirmed"]
    assert await names(rig) == ["places_held"]


async def test_a_payment_told_twice_at_once_books_once(rig: Rig) -> None:
    order_id = await order_of(rig)

    await asyncio.gather(*(rig.pay(order_id) for _ in range(4)), return_exceptions=True)
    await rig.pay(order_id)

    assert await names(rig, "sheets") == ["booking_confirmed"]
    assert await state_of(rig, order_id) == "confirmed"
    assert await rig.violations() == []


async def test_an_unpaid_order_gives_its_places_back(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()

    await rig.sweep()

    assert await names(rig) == ["places_held", "places_released"]
    assert await state_of(rig, order_id) == "released"
    assert await rig.state(JOURNEE, WEDNESDAY) is None
    assert await rig.places(JOURNEE, WEDNESDAY) == []
    assert (await rig.book(JOURNEE, WEDNESDAY)).outcome == "held"
    assert await rig.violations() == []


async def test_an_order_in_its_time_is_left_alone(rig: Rig) -> None:
    order_id = await order_of(rig)

    assert await rig.sweep() == 0
    assert await state_of(rig, order_id) == "held"


async def test_sweeping_again_tells_nothing_again(rig: Rig) -> None:
    await order_of(rig)
    await rig.let_holds_end()

    for _ in range(3):
        await rig.sweep()

    assert await names(rig) == ["places_held", "places_released"]


async def test_paid_after_the_end_and_the_places_are_still_there(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()

    await rig.pay(order_id)
    await rig.pay(order_id)

    assert await names(rig, "sheets") == ["booking_confirmed"]
    assert await names(rig) == ["places_held", "places_released"]
    assert await state_of(rig, order_id) == "confirmed"
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    assert await rig.violations() == []


async def test_paid_after_the_end_and_one_place_is_gone_loses_them_all(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()
    await fill(rig, 2, WEDNESDAYS[1])

    await rig.pay(order_id)
    await rig.pay(order_id)

    assert sorted(await names(rig)) == ["places_held"] * 3 + ["places_lost", "places_released"]
    assert await state_of(rig, order_id) == "lost"
    assert [await rig.state(JOURNEE, day) for day in WEDNESDAYS] == [None, None]
    assert await rig.places(JOURNEE, WEDNESDAYS[0]) == []
    assert await rig.places(JOURNEE, WEDNESDAYS[1]) == ["confirmed", "confirmed"]
    assert await rig.violations() == []


async def test_paid_after_the_end_for_a_day_the_family_booked_again_meanwhile(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()
    await rig.sweep()
    again = await rig.book(JOURNEE, WEDNESDAY)
    assert again.order is not None
    await rig.pay(again.order.id, payment="pay_2")

    await rig.pay(order_id)

    assert await state_of(rig, order_id) == "lost"
    assert await rig.state(JOURNEE, WEDNESDAY) == "booked"
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    assert await rig.violations() == []


async def test_paid_at_the_moment_it_expires_is_either_booked_or_released_then_booked(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.let_holds_end()

    await asyncio.gather(rig.sweep(), rig.pay(order_id), return_exceptions=True)
    await rig.pay(order_id)
    await rig.sweep()

    assert await state_of(rig, order_id) == "confirmed"
    assert await names(rig, "sheets") == ["booking_confirmed"]
    assert await rig.places(JOURNEE, WEDNESDAY) == ["confirmed"]
    assert await rig.violations() == []


async def test_a_payment_of_an_unknown_order_is_tried_again_later(rig: Rig) -> None:
    with pytest.raises(Conflict):
        await rig.pay("ord_unknown")


async def test_a_held_place_counts_as_taken(rig: Rig) -> None:
    await rig.book(JOURNEE, WEDNESDAY)
    await rig.book(JOURNEE, WEDNESDAY, child=2)

    with pytest.raises(NoPlaceLeft):
        await rig.book(JOURNEE, WEDNESDAY, family=2)
    assert await rig.database["orders"].count_documents({"household_id": "hsh_2"}) == 0


async def test_one_tap_on_a_prepaid_day_opens_an_order_and_the_same_key_names_it_again(rig: Rig) -> None:
    first = await rig.book(JOURNEE, WEDNESDAY, key="one-key-only")
    again = await rig.book(JOURNEE, WEDNESDAY, key="one-key-only")

    assert first.order is not None
    assert again.order == first.order
    assert first.order.expires_at > rig.now - timedelta(days=3650)
    with pytest.raises(PaymentAwaited):
        await rig.book(JOURNEE, WEDNESDAY)
    with pytest.raises(KeyReused):
        await rig.book(JOURNEE, WEDNESDAY, key="one-key-only", fingerprint="other")


async def test_one_tap_sent_many_times_at_once_leaves_one_order(rig: Rig) -> None:
    answers = await asyncio.gather(*(rig.book(JOURNEE, WEDNESDAY, key="one-key-only") for _ in range(6)))

    assert len({answer.order.id for answer in answers if answer.order}) == 1
    assert await names(rig) == ["places_held"]
    assert await rig.database["orders"].count_documents({"state": "opening"}) == 0
    assert await rig.violations() == []


async def test_an_order_of_which_nothing_could_be_kept_leaves_no_trace(rig: Rig) -> None:
    await rig.choose(JOURNEE, WEDNESDAY)
    await fill(rig, 2)

    validation = await rig.validate()

    assert [outcome.outcome for outcome in validation.outcomes] == ["refused"]
    assert await rig.database["orders"].count_documents({"household_id": "hsh_1"}) == 0


async def test_a_paid_day_cancelled_in_time_is_told_and_its_place_is_free(rig: Rig) -> None:
    order_id = await order_of(rig)
    await rig.pay(order_id)
    await rig.choose(JOURNEE, WEDNESDAY, action="cancel")

    await rig.validate()

    (_, (name, told)) = await rig.told("sheets")
    assert (name, told["kind"], told["billing_mode"]) == ("booking_cancelled", "in_time", "prepaid")
    assert await rig.places(JOURNEE, WEDNESDAY) == []
    assert await rig.violations() == []
