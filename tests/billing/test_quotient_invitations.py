"""A family without a quotient is invited to give it, once a school year, with what it could save."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.billing.app.work import Stores, pricing_of, quotient_desk_of
from services.billing.domain.prices import PriceList, price_list
from services.billing.domain.quotients.invitations import followed, is_due, next_look, school_year
from services.billing.domain.quotients.savings import changed_prices, most_saved
from services.billing.domain.tariffs import Tariff
from services.billing.domain.tariffs.payers import Payer
from services.billing.usecases.quotients.accept import accept_quotient
from services.billing.usecases.set_prices import Pricing, join_family, set_due_prices
from shared.contracts.billing import PricesSet
from shared.contracts.billing_quotients import QuotientInvited
from shared.contracts.identity import AdhesionJoined
from shared.contracts.requests import QuotientAccepted
from shared.errors import Unavailable
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CHILD_ID,
    FAMILY,
    HOUSEHOLD,
    HOUSEHOLD_ID,
    MEAL,
    NOW,
    PROGRAMMES,
    TARIFF,
    TOWN,
    TOWN_ID,
    empty_sheet,
    grid,
    price,
    told,
    with_quotients,
)
from tests.billing.telling import told_by

TODAY = date(2026, 12, 1)
UNKNOWN = PriceList(id="x", household_id="h", municipality_id=TOWN_ID)


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 8, 31), "2025-2026"), (date(2026, 9, 1), "2026-2027"), (TODAY, "2026-2027")]
)
def test_school_years_begin_in_september(day: date, year: str) -> None:
    assert school_year(day) == year


def test_nobody_is_invited_on_the_first_day_nor_twice_in_a_school_year() -> None:
    first = followed(UNKNOWN, None, TODAY)
    next_day = followed(UNKNOWN, first, date(2026, 12, 2))
    invited = replace(next_day, invited_for="2026-2027")

    assert (is_due(first, TODAY), next_look(first, TODAY)) == (False, date(2026, 12, 2))
    assert is_due(next_day, date(2026, 12, 2))
    assert (is_due(invited, date(2027, 1, 5)), next_look(invited, date(2027, 1, 5))) == (False, date(2027, 9, 1))
    assert is_due(followed(UNKNOWN, invited, date(2027, 9, 1)), date(2027, 9, 1))


def test_where_no_price_asks_for_a_quotient_none_is_missing() -> None:
    flat = Tariff(id=TOWN_ID, grids=(grid("repas"),))

    assert price_list(flat, Payer(family=FAMILY), HOUSEHOLD_ID, TODAY).quotient_known
    assert not price_list(TARIFF, Payer(family=FAMILY), HOUSEHOLD_ID, TODAY).quotient_known


def test_a_quotient_that_comes_ends_it() -> None:
    known = followed(replace(UNKNOWN, quotient_known=True), followed(UNKNOWN, None, TODAY), TODAY)

    assert (known.unknown_since, is_due(known, TODAY), next_look(known, TODAY)) == (None, False, None)


def test_the_most_that_could_be_saved_is_the_lowest_price_for_the_days_there_were() -> None:
    payer = Payer(family=FAMILY)

    assert most_saved(TARIFF, payer, {(CHILD_ID, MEAL): 12}, TODAY) == 12 * (415 - 100)
    assert most_saved(TARIFF, payer, {}, TODAY) == 0


def test_what_another_quotient_changes_is_shown_before_and_after() -> None:
    changed = changed_prices(TARIFF, Payer(family=FAMILY), Decimal(2000), Decimal(500), TODAY)

    assert [(one.activity_id, one.before_cents, one.after_cents) for one in changed] == [(MEAL, 415, 100)]


@pytest.fixture
async def unknown(stores: Stores, clock: MovableClock) -> Pricing:
    """A town with a family that joined without a quotient, and ate twelve meals last month."""
    await stores.copies.put_town(TOWN, 1)
    for programme in PROGRAMMES:
        await stores.copies.put_programme(programme, 1)
    await stores.copies.put_household(HOUSEHOLD, 1)
    await stores.tariffs.save(TARIFF)
    pricing = pricing_of(stores, clock)
    joined = AdhesionJoined(
        household_id=HOUSEHOLD_ID,
        municipality_id=TOWN_ID,
        family_file_id="fil_1",
        family_reference="F001",
        resident=True,
        children=(),
    )
    await join_family(told(joined), pricing=pricing)
    return pricing


async def test_the_family_is_invited_the_day_after_and_told_what_it_could_save(
    unknown: Pricing, stores: Stores, db: Database, clock: MovableClock
) -> None:
    line = {"activity_id": MEAL, "price": {"cents": str(price().cents)}}
    await stores.sheets.save(empty_sheet())
    await db["sheets"].update_one({}, {"$set": {"lines": [line] * 12}})

    looked = []
    for _ in range(4):
        looked.append(await set_due_prices(unknown))
        clock.move(days=1)

    told_events = await told_by(db, "price_lists")
    assert [type(event) for event in told_events] == [PricesSet, QuotientInvited]
    invited = told_events[1]
    assert isinstance(invited, QuotientInvited)
    assert (invited.school_year, invited.up_to_cents) == ("2026-2027", 12 * 315)
    assert looked == [0, 1, 0, 0]


async def test_a_quotient_that_came_meanwhile_keeps_the_invitation_away(
    unknown: Pricing, stores: Stores, db: Database, clock: MovableClock
) -> None:
    family = await stores.families.get(TOWN_ID, FAMILY.id)
    assert family is not None
    quotients = with_quotients(("2026-12-01", "500")).quotients
    await stores.families.save(replace(family, quotients=quotients, reprice_on=TODAY))

    clock.move(days=1)
    await set_due_prices(unknown)

    assert [type(event) for event in await told_by(db, "price_lists")] == [PricesSet, PricesSet]


ACCEPTED = QuotientAccepted(
    request_id="req_1",
    household_id=HOUSEHOLD_ID,
    municipality_id=TOWN_ID,
    value="622.50",
    proof="caf",
    received_on=date(2026, 11, 28),
)


async def test_a_quotient_read_off_a_request_counts_once(town: Stores, clock: MovableClock) -> None:
    desk = quotient_desk_of(town, clock, lambda: None)

    await accept_quotient(told(ACCEPTED), quotient_desk=desk)
    clock.move(days=40)
    await accept_quotient(told(ACCEPTED), quotient_desk=desk)

    family = await town.families.get(TOWN_ID, FAMILY.id)
    assert family is not None
    assert [(one.value, one.effective_on, one.source) for one in family.quotients[1:]] == [
        (Decimal("622.50"), date(2026, 12, 1), "request")
    ]
    assert NOW.date() == TODAY


async def test_one_of_a_household_not_known_yet_is_heard_again_later(town: Stores, clock: MovableClock) -> None:
    stranger = ACCEPTED.model_copy(update={"household_id": "hsh_later"})

    with pytest.raises(Unavailable):
        await accept_quotient(told(stranger), quotient_desk=quotient_desk_of(town, clock, lambda: None))
