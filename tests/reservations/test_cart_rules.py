"""Carts, periods, validations and their views, without a database."""

from datetime import UTC, date, datetime

import pytest

from services.reservations.domain.cart import Cart, Line, by_sheet
from services.reservations.domain.cart_view import CartLine, cart_view
from services.reservations.domain.order import Order, OrderLine
from services.reservations.domain.period import Period
from services.reservations.domain.refusals import AllOrNothing, CartIsFull, NotBooked, PeriodBackwards
from services.reservations.domain.validation import Validation, nothing_done
from shared.errors import KeyReused

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MONDAY = date(2026, 3, 9)


def line(name: str, day: date = MONDAY, *, child: str = "chd_1", programme: str = "t.restaurant", book: bool = True):
    return Line(
        id=f"crt_{child}_{name}_{day}",
        child_id=child,
        municipality_id="t",
        programme_id=programme,
        activity_id=f"t.{name}",
        date=day,
        action="book" if book else "cancel",
        added_at=NOW,
    )


def test_a_cart_finds_the_line_of_a_cell() -> None:
    cart = Cart(household_id="hsh_1", lines=(line("repas"), line("repas", child="chd_2")))

    found = cart.line_at("chd_2", ("t.repas", MONDAY))

    assert found is not None
    assert found.child_id == "chd_2"
    assert cart.line_at("chd_1", ("t.pai", MONDAY)) is None


def test_taking_a_line_out_leaves_the_others() -> None:
    cart = Cart(household_id="hsh_1", lines=(line("repas"), line("pai")))

    assert [one.activity_id for one in cart.without({cart.lines[0].id}).lines] == ["t.pai"]


def test_a_cart_takes_two_thousand_lines() -> None:
    cart = Cart(household_id="hsh_1", lines=(line("repas"),) * 1999)

    assert len(cart.with_lines([line("pai")]).lines) == 2000
    with pytest.raises(CartIsFull):
        cart.with_lines([line("pai"), line("pai")])


def test_lines_are_grouped_by_sheet_in_a_fixed_order() -> None:
    lines = [line("repas"), line("soir", programme="t.garderie"), line("repas", date(2026, 4, 7)), line("pai")]

    groups = list(by_sheet(lines, "hsh_1"))

    assert [key.id for key, _ in groups] == [
        "sht_chd_1_t.garderie_2026-03",
        "sht_chd_1_t.restaurant_2026-03",
        "sht_chd_1_t.restaurant_2026-04",
    ]
    assert [one.activity_id for one in groups[1][1]] == ["t.repas", "t.pai"]


@pytest.mark.parametrize(("days", "clipped"), [(399, False), (400, True)])
def test_a_period_covers_four_hundred_days(days: int, clipped: bool) -> None:
    period = Period.asked(date(2026, 1, 1), date.fromordinal(date(2026, 1, 1).toordinal() + days))

    assert (period.clipped is not None) is clipped
    assert (period.until - period.start).days == 399


def test_a_period_that_runs_backwards_is_refused() -> None:
    with pytest.raises(PeriodBackwards):
        Period.asked(date(2026, 3, 10), MONDAY)


def test_all_or_nothing_refuses_what_was_possible_too_and_says_why() -> None:
    lines = (line("repas"), line("pai"))

    first, second = nothing_done(lines, {lines[1].id: NotBooked()})

    assert isinstance(first.refusal, AllOrNothing)
    assert isinstance(second.refusal, NotBooked)
    assert first.refused
    assert second.refused


def test_a_validation_answers_its_own_request_only() -> None:
    validation = Validation(id="v", household_id="h", key="k", fingerprint="f", mode="all", lines=())

    validation.refuse_other("f")
    with pytest.raises(KeyReused):
        validation.refuse_other("g")


def shown(one: Line, price: int | None, *, prepaid: bool = False) -> CartLine:
    return CartLine(
        line=one,
        activity_name=one.activity_id.removeprefix("t.").upper(),
        billing_mode="prepaid" if prepaid else "postpaid",
        price_cents=price,
        refusal=None,
    )


def test_a_cart_is_counted_per_child_and_activity() -> None:
    lines = (line("repas"), line("repas", date(2026, 3, 10)), line("pai", child="chd_2", book=False))
    cart = Cart(household_id="hsh_1", lines=lines)

    view = cart_view(cart, [shown(one, None) for one in lines], {"chd_1": ("TEST", "ENFANT")})

    first, second = view.children
    assert (first.last_name, [(one.name, one.book) for one in first.activities]) == ("ENFANT", [("REPAS", 2)])
    assert (second.first_name, [(one.name, one.book, one.cancel) for one in second.activities]) == ("", [("PAI", 0, 1)])


def test_seventeen_meals_at_4_15_are_70_55() -> None:
    lines = [shown(line("repas", date(2026, 3, day)), 415) for day in range(1, 18)]

    view = cart_view(Cart(household_id="hsh_1", lines=tuple(one.line for one in lines)), lines, {})

    assert view.postpaid_total_cents == 7055


def test_what_is_paid_first_is_added_up_apart_and_what_is_cancelled_costs_nothing() -> None:
    lines = [
        shown(line("repas"), 415),
        shown(line("journee"), 1200, prepaid=True),
        shown(line("pai", book=False), 415),
        shown(line("soir"), None),
    ]

    view = cart_view(Cart(household_id="hsh_1", lines=tuple(one.line for one in lines)), lines, {})

    assert (view.postpaid_total_cents, view.prepaid_total_cents, view.unpriced_lines) == (415, 1200, 1)


def test_a_total_nobody_can_know_is_none() -> None:
    lines = [shown(line("repas"), None)]

    view = cart_view(Cart(household_id="hsh_1", lines=(lines[0].line,)), lines, {})

    assert (view.postpaid_total_cents, view.prepaid_total_cents, view.unpriced_lines) == (None, None, 1)


def order(*lines: OrderLine) -> Order:
    return Order(id="ord_1", household_id="hsh_1", municipality_id="t", lines=lines, expires_at=NOW)


def test_an_order_knows_its_sheets_once_each_and_their_days() -> None:
    lines = [OrderLine.of(line("journee", day)) for day in (MONDAY, date(2026, 3, 16), date(2026, 4, 6))]

    keys = order(*lines).sheet_keys()

    assert [key.month for key in keys] == ["2026-03", "2026-04"]
    assert order(*lines).slots_in(keys[0]) == (("t.journee", MONDAY), ("t.journee", date(2026, 3, 16)))


def test_an_order_tells_what_it_keeps_and_until_when() -> None:
    one = OrderLine.of(line("journee"))

    held, released, lost = (
        order(one).places_held([one]),
        order(one).places_released("expired"),
        order(one).places_lost(),
    )

    assert (held.expires_at, held.lines[0].activity_id) == (NOW, "t.journee")
    assert released.reason == "expired"
    assert lost.lines == held.lines
