"""Prices that differ from child to child: the cart and the month show each child its own."""

from datetime import UTC, datetime

from services.reservations.domain.prices import price_in
from services.reservations.usecases.set_prices import set_prices
from services.reservations.usecases.show_cart import show_cart
from shared.contracts import Told
from shared.contracts.billing import PricesSet, UnitPrice
from tests.reservations.rig import MONDAY, REPAS, TOWN, TUESDAY, Rig, child_of, household, sheet_key


async def tell(rig: Rig, *prices: UnitPrice) -> None:
    event = PricesSet(household_id=household(1), municipality_id=TOWN, prices=prices, quotient_known=True)
    told = Told(
        event=event,
        id="e1",
        subject=household(1),
        sequence=1,
        municipality_id=TOWN,
        time=datetime(2026, 9, 1, tzinfo=UTC),
    )
    await set_prices(told, prices=rig.stores.prices)


async def test_the_cart_shows_each_child_its_own_price(rig: Rig) -> None:
    await tell(
        rig,
        UnitPrice(activity_id=REPAS, cents=415),
        UnitPrice(activity_id=REPAS, cents=208, child_id=child_of(1, 2)),
    )
    await rig.choose(REPAS, MONDAY)
    await rig.choose(REPAS, TUESDAY, child=2)

    cart = await show_cart(household(1), rig.stores.window(rig.clock))

    assert {(line.line.child_id, line.price_cents) for line in cart.lines} == {
        (child_of(1), 415),
        (child_of(1, 2), 208),
    }


async def test_the_month_shows_the_price_of_its_child(rig: Rig) -> None:
    await tell(
        rig,
        UnitPrice(activity_id=REPAS, cents=415),
        UnitPrice(activity_id=REPAS, cents=208, child_id=child_of(1, 2)),
    )

    pages = [await rig.stores.pages.page(sheet_key(REPAS, MONDAY, child=child)) for child in (1, 2)]

    assert [page.prices for page in pages] == [{REPAS: 415}, {REPAS: 208}]


def test_what_is_no_price_of_the_child_is_that_of_every_child_or_none() -> None:
    assert price_in({"a": 1, "a|zoe": 2}, "a", "zoe") == 2
    assert price_in({"a": 1, "a|zoe": 2}, "a", "hugo") == 1
    assert price_in({"a|zoe": 2}, "a", "hugo") is None
