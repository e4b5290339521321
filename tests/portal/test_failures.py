"""Whatever goes wrong, people read a page in their language that says what to do."""

from io import BytesIO

import pytest
from aiohttp import ClientResponse

from services.portal.api import SESSIONS
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT, Client, FakeGateway, portal_before

NOWHERE = "http://127.0.0.1:9"


async def shown(answer: ClientResponse) -> tuple[int, str]:
    return answer.status, await answer.text()


async def sign_in(client: Client) -> None:
    secret = await client.app[SESSIONS].open(GRANTED, PARENT)
    client.session.cookie_jar.update_cookies({"preau": secret}, client.make_url("/"))


async def test_a_page_that_does_not_exist(database: Database) -> None:
    async with portal_before(FakeGateway(), database, MovableClock()) as client:
        status, text = await shown(await client.get("/nulle-part"))

    assert status == 404
    assert "Cette page n’est pas disponible" in text


async def test_a_gateway_that_does_not_answer(database: Database) -> None:
    async with portal_before(FakeGateway(), database, MovableClock(), gateway_url=NOWHERE) as client:
        status, text = await shown(await client.get("/"))

    assert status == 503
    assert "Indisponible pour le moment" in text
    assert 'href="/">Réessayer' in text


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"[1]"])
async def test_an_answer_that_is_no_problem_document(body: bytes, database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", "/municipalities", body, 502)
    async with portal_before(gateway, database, MovableClock()) as client:
        status, text = await shown(await client.get("/"))

    assert status == 502
    assert "Cela n’a pas marché" in text


@pytest.mark.filterwarnings("ignore")
async def test_a_failure_of_ours_shows_no_trace(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", "/invoices", [{"unexpected": True}])
    async with portal_before(gateway, database, MovableClock()) as client:
        await sign_in(client)
        status, text = await shown(await client.get("/factures"))

    assert status == 500
    assert "Un problème est survenu de notre côté" in text
    assert "KeyError" not in text


async def test_a_refusal_in_a_page_is_the_gateways_sentence(database: Database) -> None:
    gateway = FakeGateway()
    problem = {
        "type": "/problems/too-many-requests",
        "title": "Trop de tentatives",
        "status": 429,
        "detail": "Doucement.",
    }
    gateway.lay("GET", "/invoices", problem, 429, Retry_After="60")
    async with portal_before(gateway, database, MovableClock()) as client:
        await sign_in(client)
        status, text = await shown(await client.get("/factures"))

    assert status == 429
    assert "Doucement." in text
    assert gateway.times("GET", "/invoices") == 1


async def test_a_token_the_gateway_no_longer_takes_ends_the_session_and_remembers_the_page(database: Database) -> None:
    gateway = FakeGateway()
    gateway.lay("GET", "/invoices", {"status": 401}, 401)
    async with portal_before(gateway, database, MovableClock()) as client:
        await sign_in(client)
        answer = await client.get("/factures", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (303, "/connexion?retour=/factures")
    assert 'preau=""' in answer.headers["Set-Cookie"]
    assert await database["sessions"].count_documents({}) == 0


async def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(database: Database) -> None:
    async with portal_before(FakeGateway(), database, MovableClock()) as client:
        form, headers = {"back": "/reservations/chd_1/x/2026-01#s3"}, {"Sec-Fetch-Site": "same-origin"}
        answer = await client.post("/panier/vider", data=form, headers=headers, allow_redirects=False)

    assert answer.headers["Location"] == "/connexion?retour=/reservations/chd_1/x/2026-01%23s3"


async def test_a_form_that_is_too_long_is_refused_as_a_page(database: Database) -> None:
    async with portal_before(FakeGateway(), database, MovableClock()) as client:
        await sign_in(client)
        body = BytesIO(b"body=" + b"x" * 1_500_000)
        status, text = await shown(await client.post("/actualites", data=body, headers={**FORM, **OURS}))

    assert status == 413
    assert "C’est trop long" in text


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OURS = {"Sec-Fetch-Site": "same-origin"}


async def test_a_method_no_page_takes_is_a_page_that_is_not_there(database: Database) -> None:
    async with portal_before(FakeGateway(), database, MovableClock()) as client:
        status, text = await shown(await client.get("/panier/valider"))

    assert status == 404
    assert text.startswith("<!doctype html>")
