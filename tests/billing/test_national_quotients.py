"""Asking the national service for quotients: only with consent, only for one's own household, again every month."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from deploy.sandbox.app import Addresses
from deploy.sandbox.quotients.http import TOKEN
from services.billing.app import FOLDER, share
from services.billing.app.prices import share_national
from services.billing.app.quotient_service import ApiParticulier
from services.billing.app.secrets import SealedSecrets
from services.billing.app.work import Stores, counter_of
from services.billing.domain.quotients.consents import Identity, read, written
from services.billing.domain.quotients.settings import QuotientSettings
from services.billing.http import ROUTES, parts
from services.billing.usecases.quotients.national import (
    NationalDesk,
    NotFiled,
    ServiceDown,
    ServiceRefused,
    refresh_due,
)
from shared.contracts.billing_quotients import QuotientRefreshed
from shared.mongo import Database
from shared.service import new_app
from tests.billing.conftest import MovableClock
from tests.billing.samples import FAMILY, HOUSEHOLD_ID, TOWN_ID, settings
from tests.billing.telling import told_by
from tests.billing.test_http import Issuer, Site, Till, expect_problem, issuer, parent, payfip, stranger, till

__all__ = ["issuer", "parent", "payfip", "stranger", "till"]
SIRET = "73282932000074"
PATH = f"/api/v1/quotient-consents/{TOWN_ID}"
CLAIRE = Identity(birth_name="Durand", first_names=("Claire",), sex="F", birth_date=date(1988, 4, 12))
BODY: dict[str, Any] = {
    "birth_name": "Durand",
    "first_names": ["Claire", "Anne"],
    "sex": "F",
    "birth_date": "1988-04-12",
    "birth_town": "38185",
}


class Service:
    """Answers what a test says."""

    offered = True
    answer: Decimal | Exception = Decimal(622)
    asked = 0

    async def ask(self, identity: Identity, siret: str) -> Decimal:
        self.asked += 1
        assert (identity.first_names[0], siret) == ("Claire", SIRET)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def door(
    town: Stores, till: Till, issuer: Issuer, clock: MovableClock, service: Service
) -> AsyncIterator[tuple[Site, NationalDesk]]:
    await town.quotient_settings.save(QuotientSettings(id=TOWN_ID, applies="on_receipt", siret=SIRET))
    app = new_app("billing", FOLDER, ROUTES, issuer.tokens(), clock)
    share(app, town, counter_of(town, till, str), settings())
    app[parts.NUDGE_PRICES] = lambda: None
    national = share_national(app, town, service, SealedSecrets(f"k1:{'ab' * 32}"))
    async with TestClient(TestServer(app)) as client:
        yield client, national


@pytest.fixture
def site(door: tuple[Site, NationalDesk]) -> Site:
    return door[0]


@pytest.fixture
def national(door: tuple[Site, NationalDesk]) -> NationalDesk:
    return door[1]


def test_an_identity_is_written_and_read_back() -> None:
    assert read(written(CLAIRE)) == CLAIRE


async def test_with_consent_the_quotient_is_asked_entered_and_told(
    national: NationalDesk, site: Site, db: Database, parent: dict[str, str]
) -> None:
    answer = await site.put(PATH, json=BODY, headers=parent)
    found = await answer.json()

    assert answer.status == 200
    assert (found["current"], found["quotients"][-1]["source"]) == ("622", "service")
    assert found["consent"] == {"given": True, "asked": "found", "asked_on": "2026-12-01", "next_on": "2027-01-01"}
    [event] = await told_by(db, "quotient_consents")
    assert isinstance(event, QuotientRefreshed)
    assert (event.before, event.after, [one.after_cents for one in event.prices]) == ("2000", "622", [100])
    kept = await db["quotient_consents"].find_one({})
    assert kept is not None
    assert "Durand" not in str(kept)
    listed = await (await site.get("/api/v1/quotients", headers=parent)).json()
    assert [(one["municipality_id"], one["current"]) for one in listed] == [(TOWN_ID, "622")]


@pytest.mark.parametrize(
    ("answer", "said"), [(NotFiled(), "not_found"), (ServiceRefused(), "refused"), (ServiceDown(), "unavailable")]
)
async def test_whatever_the_service_refuses_the_consent_stands_and_prices_stay(
    national: NationalDesk, site: Site, service: Service, parent: dict[str, str], answer: Exception, said: str
) -> None:
    service.answer = answer

    found = await (await site.put(PATH, json=BODY, headers=parent)).json()

    assert (found["current"], found["consent"]["asked"]) == ("2000", said)
    assert found["consent"]["next_on"] == ("2026-12-02" if said == "unavailable" else "2027-01-01")


async def test_it_is_asked_again_every_month_and_only_a_change_is_told(
    national: NationalDesk, site: Site, service: Service, db: Database, clock: MovableClock, parent: dict[str, str]
) -> None:
    await site.put(PATH, json=BODY, headers=parent)
    clock.move(days=20)
    early = await refresh_due(national)
    clock.move(days=12)
    same = await refresh_due(national)
    service.answer = Decimal(700)
    clock.move(days=31)
    changed = await refresh_due(national)

    events = [event for event in await told_by(db, "quotient_consents") if isinstance(event, QuotientRefreshed)]
    assert (early, same, changed, service.asked) == (0, 1, 1, 3)
    assert [(event.before, event.after) for event in events] == [("2000", "622"), ("622", "700")]


async def test_withdrawn_nothing_is_asked_any_more_and_the_identity_is_gone(
    national: NationalDesk, site: Site, town: Stores, service: Service, clock: MovableClock, parent: dict[str, str]
) -> None:
    await site.put(PATH, json=BODY, headers=parent)

    answers = [(await site.delete(PATH, headers=parent)).status for _ in range(2)]
    clock.move(days=60)

    consent = await town.consents.get(HOUSEHOLD_ID, TOWN_ID)
    assert consent is not None
    assert (answers, await refresh_due(national), service.asked) == ([204, 204], 0, 1)
    assert (consent.sealed, consent.next_on) == ("", None)
    family = await town.families.get(TOWN_ID, FAMILY.id)
    assert family is not None
    assert family.quotients[-1].value == 622


async def test_nobody_asks_for_what_others_earn_nor_again_and_again(
    national: NationalDesk, site: Site, service: Service, parent: dict[str, str], stranger: dict[str, str]
) -> None:
    other = await site.put(PATH, json={**BODY, "first_names": ["Zoé"]}, headers=parent)
    await expect_problem(other, 409, "not-a-guardian-of-the-household")
    await expect_problem(await site.put(PATH, json=BODY, headers=stranger), 404, "not-found")
    for _ in range(3):
        assert (await site.put(PATH, json=BODY, headers=parent)).status == 200
    await expect_problem(await site.put(PATH, json=BODY, headers=parent), 409, "quotient-asked-often")
    assert service.asked == 3


async def test_a_town_that_does_not_ask_says_how_else(
    national: NationalDesk, site: Site, town: Stores, service: Service, parent: dict[str, str]
) -> None:
    service.offered = False

    problem = await expect_problem(await site.put(PATH, json=BODY, headers=parent), 409, "quotient-service-not-offered")

    assert "justificatif" in problem["next"]
    assert await town.consents.get(HOUSEHOLD_ID, TOWN_ID) is None


async def test_what_is_no_identity_is_refused(national: NationalDesk, site: Site, parent: dict[str, str]) -> None:
    for changed in (
        {"sex": "X"},
        {"birth_date": "1899-12-31"},
        {"birth_country": "33100"},
        {"birth_town": "3818"},
        {"first_names": []},
        {"birth_name": {"$gt": ""}},
        {"household_id": "hsh_other"},
    ):
        await expect_problem(await site.put(PATH, json={**BODY, **changed}, headers=parent), 422, "invalid-input")


@pytest.fixture
async def client(sandbox: Addresses) -> AsyncIterator[ApiParticulier]:
    client = ApiParticulier(sandbox.quotients, TOKEN)
    yield client
    await client.close()


async def test_the_stand_in_answers_as_the_national_service(client: ApiParticulier, sandbox: Addresses) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.put(f"{sandbox.quotients}/sandbox/quotients/Durand", json={"value": 1234}),
    ):
        pass

    assert await client.ask(CLAIRE, SIRET) == 1234
    for name, error in (("Inconnu", NotFiled), ("Panne", ServiceDown), ("Interdit", ServiceRefused)):
        with pytest.raises(error):
            await client.ask(replace(CLAIRE, birth_name=name), SIRET)
    stranger = ApiParticulier(sandbox.quotients, "guessed")
    with pytest.raises(ServiceRefused):
        await stranger.ask(CLAIRE, SIRET)
    await stranger.close()


async def test_a_service_that_is_not_there_is_away() -> None:
    nowhere = ApiParticulier("http://127.0.0.1:9", TOKEN)

    with pytest.raises(ServiceDown):
        await nowhere.ask(CLAIRE, SIRET)
    await nowhere.close()
    assert not ApiParticulier("", TOKEN).offered
