"""The cart on a real database: two guardians, several children, one validation."""

import asyncio
from datetime import date, timedelta

import pytest

from services.reservations.domain.pattern import Wanted
from services.reservations.domain.refusals import AlreadyBooked, CartIsFull, NotBooked, PaymentAwaited, PeriodBackwards
from services.reservations.domain.refusals_of_days import DeadlinePassed, ExcludedBy, SchoolHolidayThen, StillRequired
from services.reservations.usecases.fill_cart import empty_cart, take_out_line
from services.reservations.usecases.fill_period import PeriodAsked, add_period
from services.reservations.usecases.show_cart import show_cart
from shared.errors import NotFound
from tests.reservations.rig import (
    ATELIER,
    FRIDAY,
    JOURNEE,
    MONDAY,
    PAI,
    REPAS,
    SOIR_1,
    SOIR_2,
    THURSDAY,
    TOWN,
    TUESDAY,
    WEDNESDAY,
    Rig,
    child_of,
    programme,
)


async def cart_of(rig: Rig) -> list[tuple[str, str, date]]:
    cart = await rig.stores.carts.get("hsh_1")
    return [(line.action, line.activity_id, line.date) for line in cart.lines]


async def period(rig: Rig, start: date, until: date, pattern: dict[str, list[int]], programme_code: str = "restaurant"):
    wanted = tuple(Wanted(activity_id=one, weekdays=frozenset(days)) for one, days in pattern.items())
    asked = PeriodAsked(
        child_id=child_of(1), programme_id=programme(programme_code), start=start, until=until, pattern=wanted
    )
    return await add_period("hsh_1", asked, rig.stores.shelf(rig.clock))


async def test_the_same_box_twice_is_in_the_cart_once(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(REPAS, MONDAY)

    assert await cart_of(rig) == [("book", REPAS, MONDAY)]


async def test_the_inverse_of_a_box_in_the_cart_takes_it_back(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    await rig.choose(REPAS, MONDAY, action="cancel")

    assert await cart_of(rig) == []


async def test_booking_again_what_is_chosen_to_cancel_keeps_the_booking(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.choose(REPAS, MONDAY, action="cancel")
    await rig.choose(REPAS, MONDAY)

    assert await cart_of(rig) == []
    assert await rig.state(REPAS, MONDAY) == "booked"


async def test_what_is_booked_is_not_put_into_the_cart_and_what_is_not_is_not_cancelled(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)

    with pytest.raises(AlreadyBooked):
        await rig.choose(REPAS, MONDAY)
    with pytest.raises(NotBooked):
        await rig.choose(REPAS, TUESDAY, action="cancel")


async def test_what_is_in_the_cart_counts_for_what_excludes_it(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)

    with pytest.raises(ExcludedBy):
        await rig.choose(PAI, MONDAY)
    await rig.choose(PAI, MONDAY, child=2)


async def test_a_meal_is_exchanged_for_another_in_one_cart(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.choose(REPAS, MONDAY, action="cancel")
    await rig.choose(PAI, MONDAY)

    validation = await rig.validate()

    assert [outcome.outcome for outcome in validation.outcomes] == ["cancelled", "confirmed"]
    assert (await rig.state(REPAS, MONDAY), await rig.state(PAI, MONDAY)) == ("cancelled", "booked")
    assert [name for name, _ in await rig.told()] == [
        "booking_confirmed",
        "booking_confirmed",
        "booking_cancelled",
    ]


async def test_the_first_evening_stays_while_the_second_does(rig: Rig) -> None:
    await rig.book(SOIR_1, MONDAY)
    await rig.book(SOIR_2, MONDAY)

    with pytest.raises(StillRequired):
        await rig.choose(SOIR_1, MONDAY, action="cancel")
    await rig.choose(SOIR_2, MONDAY, action="cancel")
    await rig.choose(SOIR_1, MONDAY, action="cancel")


async def test_two_guardians_fill_one_cart_at_once(rig: Rig) -> None:
    days = [MONDAY, TUESDAY, THURSDAY, FRIDAY]

    await asyncio.gather(*(rig.choose(REPAS, day) for day in days))

    assert sorted(await cart_of(rig)) == [("book", REPAS, day) for day in days]


async def test_a_line_is_taken_out_once_and_another_household_has_none(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY)
    (line,) = (await rig.stores.carts.get("hsh_1")).lines

    with pytest.raises(NotFound):
        await take_out_line("hsh_2", line.id, carts=rig.stores.carts)
    await take_out_line("hsh_1", line.id, carts=rig.stores.carts)
    with pytest.raises(NotFound):
        await take_out_line("hsh_1", line.id, carts=rig.stores.carts)


async def test_emptying_takes_out_bookings_and_cancellations(rig: Rig) -> None:
    await rig.book(REPAS, TUESDAY)
    await rig.choose(REPAS, MONDAY)
    await rig.choose(REPAS, TUESDAY, action="cancel")

    await empty_cart("hsh_1", carts=rig.stores.carts)

    assert await cart_of(rig) == []


async def test_a_period_adds_what_is_open_and_says_why_not_of_the_rest(rig: Rig) -> None:
    await rig.book(REPAS, MONDAY)
    await rig.choose(REPAS, TUESDAY)

    done = await period(rig, date(2026, 2, 27), date(2026, 3, 15), {REPAS: [1, 2, 4, 5]})

    assert [line.date for line in done.added] == [date(2026, 3, 5), date(2026, 3, 6), THURSDAY, FRIDAY]
    dropped = {(day.slot[1], type(day.refusal).__name__) for day in done.dropped}
    assert dropped == {
        (date(2026, 2, 27), "SchoolHolidayThen"),
        (date(2026, 3, 2), "DeadlinePassed"),
        (date(2026, 3, 3), "DeadlinePassed"),
        (MONDAY, "AlreadyBooked"),
        (TUESDAY, "AlreadyInCart"),
    }
    holiday = next(day.refusal for day in done.dropped if isinstance(day.refusal, SchoolHolidayThen))
    assert holiday.facts["label"] == "Vacances d'hiver"


async def test_a_period_with_both_evenings_takes_them_together(rig: Rig) -> None:
    done = await period(rig, MONDAY, MONDAY, {SOIR_1: [1], SOIR_2: [1]}, "garderie")

    assert (len(done.added), done.dropped) == (2, ())


async def test_a_period_skips_full_days(rig: Rig) -> None:
    await rig.book(ATELIER, MONDAY, family=2)
    await rig.book(ATELIER, MONDAY, family=2, child=2)

    done = await period(rig, MONDAY, TUESDAY, {ATELIER: [1, 2]}, "ateliers")

    assert [line.date for line in done.added] == [TUESDAY]
    assert [type(day.refusal).__name__ for day in done.dropped] == ["FullWithWaitingList"]


async def test_a_period_is_clipped_where_the_enrolment_ends_and_runs_forwards(rig: Rig) -> None:
    done = await period(rig, MONDAY, MONDAY + timedelta(days=900), {REPAS: [1]})

    assert done.period.clipped
    assert done.period.until == date(2026, 7, 5)
    with pytest.raises(PeriodBackwards):
        await period(rig, TUESDAY, MONDAY, {REPAS: [1]})


async def test_a_period_names_an_activity_of_its_programme(rig: Rig) -> None:
    with pytest.raises(NotFound):
        await period(rig, MONDAY, TUESDAY, {SOIR_1: [1]})


async def test_a_cart_has_an_end(rig: Rig) -> None:
    every_day = {REPAS: [1, 2, 4, 5]}
    cart = await rig.stores.carts.get("hsh_1")
    await period(rig, MONDAY, FRIDAY, every_day)
    cart = await rig.stores.carts.get("hsh_1")

    with pytest.raises(CartIsFull):
        cart.with_lines(cart.lines * 500)


async def test_the_cart_counts_per_child_and_activity_and_adds_up_known_prices(rig: Rig) -> None:
    await rig.stores.prices.set("hsh_1", TOWN, {REPAS: 415}, sequence=1)
    await rig.choose(REPAS, MONDAY, TUESDAY)
    await rig.choose(SOIR_1, MONDAY, child=2)
    await rig.choose(JOURNEE, WEDNESDAY, child=2)

    view = await show_cart("hsh_1", rig.stores.window(rig.clock))

    counts = [(child.child_id, [(one.name, one.book) for one in child.activities]) for child in view.children]
    assert counts == [("chd_1_1", [("REPAS", 2)]), ("chd_1_2", [("SOIR 1", 1), ("JOURNÉE", 1)])]
    assert (view.postpaid_total_cents, view.prepaid_total_cents, view.unpriced_lines) == (830, None, 2)
    assert [line.price_cents for line in view.lines] == [415, 415, None, None]


async def test_newer_prices_replace_older_ones_in_any_order(rig: Rig) -> None:
    await rig.stores.prices.set("hsh_1", TOWN, {REPAS: 500}, sequence=2)
    await rig.stores.prices.set("hsh_1", TOWN, {REPAS: 415}, sequence=1)

    assert await rig.stores.prices.of("hsh_1", [TOWN]) == {REPAS: 500}
    assert await rig.stores.prices.of("hsh_2", [TOWN]) == {}


async def test_a_line_whose_time_has_passed_shows_why_and_leaves_with_the_validation(rig: Rig) -> None:
    await rig.choose(REPAS, MONDAY, FRIDAY)
    rig.now += timedelta(days=4)

    shown = await show_cart("hsh_1", rig.stores.window(rig.clock))
    validation = await rig.validate()

    assert [type(line.refusal).__name__ for line in shown.lines] == ["DeadlinePassed", "NoneType"]
    assert [outcome.outcome for outcome in validation.outcomes] == ["refused", "confirmed"]
    assert isinstance(validation.outcomes[0].refusal, DeadlinePassed)
    assert await cart_of(rig) == []


async def test_a_held_day_is_neither_booked_nor_cancelled_before_it_is_paid(rig: Rig) -> None:
    await rig.book(JOURNEE, WEDNESDAY)

    with pytest.raises(PaymentAwaited):
        await rig.choose(JOURNEE, WEDNESDAY, action="cancel")
    with pytest.raises(PaymentAwaited):
        await rig.choose(JOURNEE, WEDNESDAY)
