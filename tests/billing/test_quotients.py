"""Quotients: from when they count, who enters them, who reads them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.app.work import Stores, quotient_desk_of
from services.billing.domain.quotients.refusals import ReceivedInTheFuture
from services.billing.domain.quotients.settings import QuotientSettings, counts_from
from services.billing.usecases.quotients.enter import Given, QuotientDesk, Whose, enter_quotient
from shared.auth import Role
from shared.errors import NotFound
from shared.mongo import Database
from tests.billing.conftest import MovableClock
from tests.billing.samples import HOUSEHOLD_ID, TOWN_ID
from tests.billing.test_http import Issuer, Site, cashier, expect_problem, issuer, parent, payfip, site, till

__all__ = ["cashier", "issuer", "parent", "payfip", "site", "till"]
MONTH_AFTER = QuotientSettings(id=TOWN_ID)
AT_ONCE = QuotientSettings(id=TOWN_ID, applies="on_receipt")
TODAY = date(2026, 12, 1)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("settings", "received", "expected"),
    [
        (MONTH_AFTER, date(2026, 12, 1), date(2027, 1, 1)),
        (MONTH_AFTER, date(2026, 11, 30), date(2026, 12, 1)),
        (MONTH_AFTER, date(2026, 8, 15), date(2026, 12, 1)),
        (AT_ONCE, date(2026, 12, 1), date(2026, 12, 1)),
        (AT_ONCE, date(2026, 11, 3), date(2026, 12, 1)),
    ],
)
def test_a_quotient_counts_from_the_month_after_it_came_or_at_once_but_never_for_past_days(
    settings: QuotientSettings, received: date, expected: date
) -> None:
    assert counts_from(settings, received, TODAY) == expected


@given(DAYS, DAYS, st.sampled_from([MONTH_AFTER, AT_ONCE]))
def test_no_quotient_counts_before_today(received: date, today: date, settings: QuotientSettings) -> None:
    first = counts_from(settings, received, today)

    assert first >= today
    assert first == today or first > received or settings.applies == "on_receipt"


@pytest.fixture
def desk(town: Stores, clock: MovableClock) -> QuotientDesk:
    return quotient_desk_of(town, clock, lambda: None)


WHOSE = Whose(municipality_id=TOWN_ID, household_id=HOUSEHOLD_ID)


async def test_what_an_agent_enters_is_kept_with_its_proof(town: Stores, desk: QuotientDesk) -> None:
    given = Given(value=Decimal("622.50"), source="agent", proof="caf", given_by="acc_1")

    family, quotient, outcome = await enter_quotient(WHOSE, given, desk)

    assert outcome == "created"
    assert (quotient.effective_on, quotient.received_on, quotient.proof) == (date(2027, 1, 1), TODAY, "caf")
    assert (await town.families.get(TOWN_ID, family.id)) == family
    assert family.reprice_on == TODAY


async def test_entered_twice_it_is_there_once(desk: QuotientDesk) -> None:
    given = Given(value=Decimal("622.50"), source="agent")

    outcomes = [(await enter_quotient(WHOSE, given, desk))[2] for _ in range(2)]
    corrected = (await enter_quotient(WHOSE, Given(value=Decimal(600), source="agent"), desk))[2]

    assert [*outcomes, corrected] == ["created", "unchanged", "updated"]


async def test_a_family_that_has_not_joined_yet_keeps_its_quotient_until_it_does(desk: QuotientDesk) -> None:
    whose = Whose(municipality_id=TOWN_ID, reference="F999")

    family, _, _ = await enter_quotient(whose, Given(value=Decimal(1), source="agent"), desk)

    assert (family.household_id, len(family.quotients)) == (None, 1)


async def test_neither_a_day_to_come_nor_an_unknown_household_is_taken(desk: QuotientDesk) -> None:
    with pytest.raises(ReceivedInTheFuture):
        await enter_quotient(WHOSE, Given(value=Decimal(1), source="agent", received_on=date(2026, 12, 2)), desk)
    with pytest.raises(NotFound):
        await enter_quotient(
            Whose(municipality_id=TOWN_ID, household_id="hsh_other"), Given(value=Decimal(1), source="agent"), desk
        )


PATH = "/api/v1/family-quotients"


def entered(**changed: Any) -> dict[str, Any]:
    return {"municipality_id": TOWN_ID, "household_id": HOUSEHOLD_ID, "value": "622.50", "proof": "caf", **changed}


async def test_an_agent_enters_and_reads_them_and_both_are_noted(
    site: Site, db: Database, cashier: dict[str, str]
) -> None:
    answer = await site.post(PATH, json=entered(), headers=cashier)
    query = {"municipality_id": TOWN_ID, "reference": "F001"}
    listed = await (await site.get(PATH, params=query, headers=cashier)).json()

    assert (answer.status, (await answer.json())["effective_on"]) == (201, "2027-01-01")
    assert (listed["current"], [one["value"] for one in listed["quotients"]]) == ("2000", ["2000", "622.50"])
    notes = [note async for note in db["audit"].find({}, {"action": 1})]
    assert [note["action"] for note in notes] == ["quotient_entered", "quotients_listed"]


WRONG: list[tuple[dict[str, Any], int]] = [
    *(({"value": value}, 422) for value in ("-1", "1e5", "1000000", "622.505", "NaN", 622, None)),
    ({"proof": "a friend"}, 422),
    ({"received_on": "2026-12-02"}, 422),
    ({"reference": "F001"}, 422),
    ({"household_id": {"$gt": ""}}, 422),
    ({"household_id": "$where"}, 422),
    ({"municipality_id": "le-val-dore"}, 403),
    ({"household_id": "hsh_other"}, 404),
]


async def test_what_is_no_quotient_of_a_family_of_the_town_is_refused(site: Site, cashier: dict[str, str]) -> None:
    for changed, status in WRONG:
        assert (await site.post(PATH, json=entered(**changed), headers=cashier)).status == status, changed


async def test_only_those_who_answer_for_money_enter_quotients(
    site: Site, parent: dict[str, str], issuer: Issuer
) -> None:
    for caller in (parent, issuer.agent(TOWN_ID, Role.EDITOR)):
        await expect_problem(await site.post(PATH, json=entered(), headers=caller), 403, "forbidden")


async def test_a_town_may_let_quotients_count_at_once(site: Site, issuer: Issuer, cashier: dict[str, str]) -> None:
    manager = issuer.agent(TOWN_ID, Role.MANAGER)
    path = f"/api/v1/quotient-settings?municipality_id={TOWN_ID}"
    chosen = {"applies": "on_receipt", "siret": "213800000 00019"}

    await expect_problem(await site.put(path, json=chosen, headers=manager), 422, "invalid-input")
    chosen["siret"] = "73282932000074"
    await expect_problem(await site.put(path, json=chosen, headers=manager), 428, "version-missing")
    await expect_problem(await site.put(path, json=chosen, headers=cashier), 403, "forbidden")
    saved = await site.put(path, json=chosen, headers={**manager, "If-Match": '"0"'})
    await expect_problem(
        await site.put(path, json=chosen, headers={**manager, "If-Match": '"0"'}), 412, "version-passed"
    )

    assert (saved.status, saved.headers["ETag"]) == (200, '"1"')
    assert (await (await site.get(path, headers=cashier)).json())["siret"] == "73282932000074"
    answer = await (await site.post(PATH, json=entered(), headers=cashier)).json()
    assert (answer["effective_on"], answer["current"]) == ("2026-12-01", "622.50")
