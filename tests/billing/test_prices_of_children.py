"""Prices that ask for the child: enrolments, births and adhesions are learned, and each child's price is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.billing.app.work import Stores, book_of, pricing_of
from services.billing.domain.tariffs import Modifier, Situation
from services.billing.domain.tariffs.conditions import Conditions, Siblings, Span
from services.billing.usecases.learn import learn_household
from services.billing.usecases.set_prices import Pricing, join_family, set_due_prices
from services.billing.usecases.tariffs.learn_enrolments import learn_end_of_enrolment, learn_enrolment
from services.billing.usecases.tariffs.pricing import pricing_for
from shared.contracts.billing import PricesSet
from shared.contracts.identity import AdhesionJoined, HouseholdProfiled, JoinedChild, ProfiledChild
from shared.contracts.school import ChildEnrolled, EnrolmentEnded
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import (
    CANTEEN,
    CHILD_ID,
    HOUSEHOLD_ID,
    MEAL,
    PROGRAMMES,
    TARIFF,
    TOWN,
    TOWN_ID,
    grid,
    told,
)
from tests.billing.telling import told_by

HUGO = "chd_hugo"
TODAY = date(2026, 12, 1)
SECOND = Conditions(siblings=Siblings(ranks=Span(first=2), among="enrolled"))
SMALL = Conditions(ages=Span(first=0, last=5))
HALF = Modifier(reason="Deuxième enfant", percent=Decimal(50), when=SECOND)
ULIS = Modifier(reason="Ulis", cents=Decimal(50), when=Conditions(categories=("ulis",)))
LITTLE = Modifier(reason="Petits", cents=Decimal(200), when=SMALL)


def profile(*births: date) -> HouseholdProfiled:
    children = tuple(
        ProfiledChild(child_id=name, first_name="X", last_name="Martin", birth_date=birth)
        for name, birth in zip((CHILD_ID, HUGO), births, strict=False)
    )
    return HouseholdProfiled(
        household_id=HOUSEHOLD_ID, name="Martin", municipality_ids=(TOWN_ID,), guardians=(), children=children
    )


ADHESION = AdhesionJoined(
    household_id=HOUSEHOLD_ID,
    municipality_id=TOWN_ID,
    family_file_id="fil_1",
    family_reference="F001",
    resident=True,
    children=(JoinedChild(child_id=CHILD_ID, reference="E1"), JoinedChild(child_id=HUGO, reference="E2")),
)


def enrolled(reference: str, **changed: object) -> ChildEnrolled:
    said = {
        "municipality_id": TOWN_ID,
        "enrolment_id": f"enr_{reference}",
        "reference": reference,
        "programme_id": CANTEEN,
        "site_id": "s",
        "group": "CP",
        "starts": date(2026, 9, 1),
        "ends": date(2027, 7, 2),
    }
    return ChildEnrolled.model_validate({**said, **changed})


@pytest.fixture
async def pricing(stores: Stores, clock: MovableClock) -> Pricing:
    """A town whose meal costs less for the second child enrolled, for small ones and in one category."""
    await stores.copies.put_town(TOWN, 1)
    for programme in PROGRAMMES:
        await stores.copies.put_programme(programme, 1)
    await stores.tariffs.save(replace(TARIFF, grids=(grid("repas", modifiers=(HALF, LITTLE, ULIS)),)))
    pricing = pricing_of(stores, clock)
    births = profile(date(2017, 3, 9), date(2019, 12, 5))
    await learn_household(told(births), copies=stores.copies, families=stores.families, pricing=pricing)
    await join_family(told(ADHESION), pricing=pricing)
    return pricing


async def learn(stores: Stores, pricing: Pricing, events: Sequence[ChildEnrolled | EnrolmentEnded]) -> None:
    parts = {"enrolments": stores.enrolments, "families": stores.families, "pricing": pricing}
    for number, event in enumerate(events, start=1):
        if isinstance(event, ChildEnrolled):
            await learn_enrolment(told(event, sequence=number), **parts)
        else:
            await learn_end_of_enrolment(told(event, sequence=number), **parts)


async def last_prices(db: Database) -> dict[str | None, int]:
    events = [event for event in await told_by(db, "price_lists") if isinstance(event, PricesSet)]
    return {price.child_id: price.cents for price in events[-1].prices}


async def test_where_all_pay_the_same_one_price_is_told(pricing: Pricing, db: Database) -> None:
    assert await last_prices(db) == {None: 415}


async def test_once_both_are_enrolled_the_second_child_is_told_its_own_price(
    pricing: Pricing, stores: Stores, db: Database
) -> None:
    await learn(stores, pricing, [enrolled("E1"), enrolled("E2")])
    assert await set_due_prices(pricing) == 1

    assert await last_prices(db) == {None: 415, CHILD_ID: 415, HUGO: 208}
    price = await pricing_for(HOUSEHOLD_ID, TOWN_ID, book_of(stores))
    found = price(Situation(child_id=HUGO, activity_id=MEAL, day=date(2026, 12, 8)))
    assert found is not None
    assert [step.reason for step in found.steps] == ["Deuxième enfant"]


async def test_a_category_and_the_end_of_an_enrolment_change_the_price(
    pricing: Pricing, stores: Stores, db: Database, clock: MovableClock
) -> None:
    ended = EnrolmentEnded(
        municipality_id=TOWN_ID,
        enrolment_id="enr_E1",
        reference="E1",
        programme_id=CANTEEN,
        site_id="s",
        last_day=date(2026, 12, 10),
    )
    await learn(stores, pricing, [enrolled("E1", category="ulis"), enrolled("E2"), ended])
    await set_due_prices(pricing)
    assert await last_prices(db) == {None: 415, CHILD_ID: 50, HUGO: 208}

    clock.move(days=10)
    await set_due_prices(pricing)

    assert await last_prices(db) == {None: 415}


async def test_an_end_heard_before_its_beginning_holds_on_no_day(pricing: Pricing, stores: Stores) -> None:
    never = EnrolmentEnded(
        municipality_id=TOWN_ID, enrolment_id="enr_E1", reference="E1", programme_id=CANTEEN, site_id="s"
    )
    await learn(stores, pricing, [never])

    family = await stores.families.of_household(HOUSEHOLD_ID, TOWN_ID)
    assert family is not None
    assert await stores.enrolments.of(family) == ()


async def test_a_birthday_changes_the_price_on_its_day(
    pricing: Pricing, stores: Stores, db: Database, clock: MovableClock
) -> None:
    younger = profile(date(2017, 3, 9), date(2020, 12, 5))
    parts = {"copies": stores.copies, "families": stores.families, "pricing": pricing}
    await learn_household(told(younger, sequence=2), **parts)
    await set_due_prices(pricing)
    before = await last_prices(db)

    clock.move(days=4)
    await set_due_prices(pricing)

    assert before == {None: 415, CHILD_ID: 415, HUGO: 200}
    assert await last_prices(db) == {None: 415}
