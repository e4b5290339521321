"""The portal as a client of the gateway: patience where it was asked for, and one refresh for everybody."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from services.portal.api import Api, Refusal, SignedOut, at
from services.portal.sessions import SCHEMA, Session, SessionStore
from shared import mongo
from shared.mongo import Database
from tests.journeys.clock import MovableClock
from tests.portal.gateway import GRANTED, PARENT, FakeGateway, answering

NOT_YET = {"type": "/problems/not-found", "status": 404, "title": "…", "detail": "…"}
RENEWED = {"access_token": "at-2", "refresh_token": "rt-2", "expires_in": 600}


@dataclass
class Rig:
    """The portal's side; `pauses` are the seconds it would have waited."""

    gateway: FakeGateway
    api: Api
    sessions: SessionStore
    clock: MovableClock
    pauses: list[float] = field(default_factory=list)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def session(self) -> Session:
        found = await self.sessions.find(await self.sessions.open(GRANTED, PARENT))
        assert found is not None
        return found


@pytest.fixture
async def rig(database: Database) -> AsyncIterator[Rig]:
    gateway, clock = FakeGateway(), MovableClock()
    await mongo.apply(database, SCHEMA)
    sessions = SessionStore(database, clock)
    async with answering(gateway) as url, aiohttp.ClientSession() as http:
        built: list[Rig] = []
        api = Api(http, url, sessions, clock, lambda seconds: built[0].pause(seconds))
        built.append(Rig(gateway, api, sessions, clock))
        yield built[0]


async def test_what_is_still_on_its_way_is_asked_for_again_when_the_gateway_said_so(rig: Rig) -> None:
    for _ in range(2):
        rig.gateway.lay("POST", "/payments", NOT_YET, 404, Retry_After="1")
    rig.gateway.lay("POST", "/payments", {"payment_id": "pay_1"}, 201)

    answer = await rig.api.ask("POST", "/payments", headers={"Idempotency-Key": "one-key"}, patient=True)

    assert answer == {"payment_id": "pay_1"}
    assert rig.pauses == [1, 1]
    assert {one.headers["Idempotency-Key"] for one in rig.gateway.asked} == {"one-key"}


async def test_patience_ends(rig: Rig) -> None:
    rig.gateway.lay("POST", "/payments", NOT_YET, 404, Retry_After="1")

    with pytest.raises(Refusal):
        await rig.api.ask("POST", "/payments", headers={}, patient=True)

    assert rig.pauses == [1, 1, 1, 1]


@pytest.mark.parametrize("wait", ["60", "Fri, 20 Nov 2026 10:00:00 GMT", ""])
async def test_a_long_wait_is_the_persons_to_decide(wait: str, rig: Rig) -> None:
    rig.gateway.lay("POST", "/payments", NOT_YET, 429, Retry_After=wait)

    with pytest.raises(Refusal) as refused:
        await rig.api.ask("POST", "/payments", headers={}, patient=True)

    assert refused.value.status == 429
    assert rig.pauses == []


async def test_who_asked_for_no_patience_is_answered_at_once(rig: Rig) -> None:
    rig.gateway.lay("GET", "/cart", NOT_YET, 503, Retry_After="1")

    with pytest.raises(Refusal):
        await rig.api.ask("GET", "/cart", headers={})

    assert rig.gateway.times("GET", "/cart") == 1


async def test_a_refusal_tells_its_code_and_status(rig: Rig) -> None:
    rig.gateway.lay("GET", "/cart", NOT_YET, 404)

    with pytest.raises(Refusal) as refused:
        await rig.api.ask("GET", "/cart", headers={})

    assert (refused.value.code, refused.value.status) == ("not-found", 404)


async def test_an_empty_answer_is_nothing_and_a_document_its_bytes(rig: Rig) -> None:
    rig.gateway.lay("DELETE", "/cart", b"", 204)
    rig.gateway.lay("GET", "/invoices/1/pdf", b"%PDF", Content_Disposition='attachment; filename="f.pdf"')

    assert await rig.api.ask("DELETE", "/cart", headers={}) is None
    document = await rig.api.ask("GET", "/invoices/1/pdf", headers={}, raw=True)
    assert document == (b"%PDF", 'attachment; filename="f.pdf"')


async def test_a_token_that_is_good_for_a_while_is_used_as_it_is(rig: Rig) -> None:
    session = await rig.session()

    assert await rig.api.fresh(session) is session
    assert rig.gateway.asked == []


async def test_requests_at_once_refresh_the_session_once(rig: Rig) -> None:
    rig.gateway.lay("POST", "/sessions/refresh", RENEWED, 201)
    session = await rig.session()
    rig.clock.pass_time(minutes=10)

    fresh = await asyncio.gather(*(rig.api.fresh(session) for _ in range(10)))

    assert {one.access_token for one in fresh} == {"at-2"}
    assert rig.gateway.times("POST", "/sessions/refresh") == 1


async def test_a_refresh_identity_refuses_ends_the_session(rig: Rig, database: Database) -> None:
    rig.gateway.lay("POST", "/sessions/refresh", {"status": 401}, 401)
    session = await rig.session()
    rig.clock.pass_time(minutes=10)

    with pytest.raises(SignedOut):
        await rig.api.fresh(session)

    assert await database["sessions"].count_documents({}) == 0


async def test_a_refresh_nobody_answered_keeps_the_session_for_the_next_page(rig: Rig) -> None:
    rig.gateway.lay("POST", "/sessions/refresh", {"status": 503}, 503, Retry_After="2")
    rig.gateway.lay("POST", "/sessions/refresh", RENEWED, 201)
    session = await rig.session()
    rig.clock.pass_time(minutes=10)

    with pytest.raises(Refusal):
        await rig.api.fresh(session)

    assert (await rig.api.fresh(session)).access_token == "at-2"


@pytest.mark.parametrize(
    ("parts", "path"),
    [(("invoices", "inv_1"), "/invoices/inv_1"), (("a", "../b?c#d"), "/a/..%2Fb%3Fc%23d"), (("a", "é"), "/a/%C3%A9")],
)
def test_a_part_of_a_path_stays_one_part(parts: tuple[str, ...], path: str) -> None:
    assert at(*parts) == path
