"""The stream as a front end reads it, and everything that ends it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.app import build
from services.gateway.settings import Settings
from services.gateway.stream.hub import Hub
from shared.auth import Caller, Role
from shared.health import add_health
from tests.callers import Issuer
from tests.gateway.conftest import FRONT_END, NOWHERE
from tests.gateway.streaming import START_MS, TOWN, Events, fact, id_at, new_hub
from tests.messaging.things import until

NOW = datetime.fromtimestamp(START_MS / 1000, UTC)


@dataclass
class Live:
    """A gateway with nothing behind it but the hub, at a time that stands still."""

    client: TestClient[Any, Any]
    hub: Hub
    issuer: Issuer
    session: aiohttp.ClientSession
    now: datetime = NOW

    @asynccontextmanager
    async def reading(self, headers: dict[str, str], *, last_id: str = "") -> AsyncIterator[Events]:
        """After the greeting."""
        asked = {**headers, "Last-Event-ID": last_id} if last_id else headers
        async with self.client.get("/api/v1/stream", headers=asked) as answer:
            assert answer.status == 200, await answer.text()
            events = Events(answer.content)
            await events.next("opened")
            yield events

    def guardian(self, number: int = 1) -> dict[str, str]:
        return self.issuer.guardian(f"hsh_{number}", TOWN, account_id=f"acc_{number}")


def settings_of(issuer: Issuer, **chosen: Any) -> Settings:
    names = [name for name in Settings.model_fields if name.endswith("_url") and name not in ("jwks_url", "amqp_url")]
    told: dict[str, Any] = {**dict.fromkeys(names, NOWHERE), "cors_origins": FRONT_END, **chosen}
    return Settings(http_port=0, jwks_url=issuer.jwks_url, **told)


@asynccontextmanager
async def live_with(**chosen: Any) -> AsyncIterator[Live]:
    hub = new_hub(most_of_account=2)
    held: list[Live] = []

    def now() -> datetime:
        return held[0].now if held else NOW

    issuer = Issuer(now)
    await issuer.start()
    settings = settings_of(issuer, **chosen)
    async with aiohttp.ClientSession() as session:
        app = build(settings=settings, session=session, tokens=issuer.tokens(), clock=now, hub=hub)
        add_health(app, {})
        async with TestClient(TestServer(app)) as client:
            held[:] = [Live(client, hub, issuer, session)]
            yield held[0]
    await issuer.stop()


@pytest.fixture
async def live() -> AsyncIterator[Live]:
    async with live_with() as live:
        yield live


async def test_a_household_reads_what_happens_to_it_as_it_happens(live: Live) -> None:
    async with live.reading(live.guardian()) as events:
        live.hub.tell(fact(ms=START_MS, number=1, child_id="chd_1"))
        live.hub.tell(fact(ms=START_MS, number=2, household_id="hsh_2"))
        live.hub.tell(fact("billing.invoices_paid.v1", ms=START_MS, number=3, payment_id="pay_1"))

        booked, paid = await events.next(), await events.next()

    assert (booked["type"], booked["about"]["child_id"]) == ("reservations.booking_confirmed.v1", "chd_1")
    assert (paid["type"], paid["about"]["payment_id"]) == ("billing.invoices_paid.v1", "pay_1")
    assert events.last_id == id_at(START_MS, 3)


async def test_a_stream_is_neither_kept_nor_gathered_on_its_way(live: Live) -> None:
    async with live.client.get("/api/v1/stream", headers={**live.guardian(), "Origin": FRONT_END}) as answer:
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["Access-Control-Allow-Origin"] == FRONT_END


async def test_a_lost_stream_is_taken_up_where_it_was(live: Live) -> None:
    async with live.reading(live.guardian()) as events:
        live.hub.tell(fact(ms=START_MS, number=1))
        await events.next()
    live.hub.tell(fact(ms=START_MS, number=2))

    async with live.reading(live.guardian(), last_id=events.last_id) as again:
        assert "type" in await again.next()
        assert again.last_id == id_at(START_MS, 2)


async def test_an_id_that_nobody_knows_is_a_new_start_not_an_error(live: Live) -> None:
    async with live.reading(live.guardian(), last_id="%27%3b-- drop") as events:
        assert await events.next("reset") == {}


async def test_a_sign_of_life_carries_the_place_of_a_reader_without_news() -> None:
    async with live_with(stream_heartbeat_seconds=0.01) as live, live.reading(live.guardian()) as events:
        live.hub.tell(fact(ms=START_MS, household_id="hsh_2"))

        while not events.last_id:
            assert "data" not in await events.block()

    assert events.last_id == id_at(START_MS)


async def test_a_stream_ends_with_its_token() -> None:
    async with live_with(stream_heartbeat_seconds=0.01) as live, live.reading(live.guardian()) as events:
        live.now += timedelta(seconds=600)

        assert await events.next("end") == {"reason": "token"}
        with pytest.raises(EOFError):
            await events.next()


async def test_nobody_reads_without_a_token_and_no_partner_reads_here(live: Live) -> None:
    partner = Caller(account_id="par_1", scopes=frozenset({"events.read"}), municipality_ids=frozenset({TOWN}))
    stranger = Caller(account_id="acc_1")

    statuses = [
        (await live.client.get("/api/v1/stream", headers=headers)).status
        for headers in ({}, {"Authorization": "Bearer x"}, live.issuer.headers(partner), live.issuer.headers(stranger))
    ]

    assert statuses == [401, 401, 403, 403]
    assert not len(live.hub)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_stream_is_only_read(live: Live, method: str) -> None:
    answer = await live.client.request(method, "/api/v1/stream", headers=live.guardian())

    assert answer.status in (404, 405)


async def test_an_agent_reads_of_their_town_and_of_their_work_only(live: Live) -> None:
    async with live.reading(live.issuer.agent(TOWN, Role.CASHIER)) as events:
        live.hub.tell(fact(ms=START_MS, number=1))
        live.hub.tell(fact("billing.invoice_issued.v1", ms=START_MS, number=2, municipality_id="le-val-dore"))
        live.hub.tell(fact("billing.invoice_issued.v1", ms=START_MS, number=3))

        await events.next()

    assert events.last_id == id_at(START_MS, 3)


async def test_the_third_stream_of_an_account_is_refused_until_one_ends(live: Live) -> None:
    async with live.reading(live.guardian()), live.reading(live.guardian()):
        refused = await live.client.get("/api/v1/stream", headers=live.guardian())
        assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
        async with live.reading(live.guardian(2)):
            assert len(live.hub) == 3


async def test_a_reader_that_left_is_forgotten() -> None:
    async with live_with(stream_heartbeat_seconds=0.01) as live:
        async with live.reading(live.guardian()):
            assert len(live.hub) == 1

        await until(lambda: not len(live.hub))


async def test_a_reader_that_does_not_read_is_cut_off(live: Live) -> None:
    async with live.client.get("/api/v1/stream", headers=live.guardian()) as answer:
        number = 0
        while len(live.hub):
            number += 1
            for key in range(100):
                live.hub.tell(fact(ms=START_MS + number, number=key, subject="x", child_id="c" * 2_000))
            await asyncio.sleep(0)

        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_gateway_that_stops_ends_its_streams_and_says_come_back(live: Live) -> None:
    async with live.reading(live.guardian()) as events:
        await live.hub.close()

        assert await events.next("end") == {"reason": "restart"}


async def test_without_a_broker_there_is_no_stream_and_all_else_is_answered() -> None:
    async with live_with() as live:
        session = live.session
        tokens = live.issuer.tokens()
        app = build(settings=settings_of(live.issuer), session=session, tokens=tokens, clock=lambda: NOW)
        add_health(app, {})
        async with TestClient(TestServer(app)) as client:
            assert (await client.get("/api/v1/stream", headers=live.guardian())).status == 404
            assert (await client.get("/docs")).status == 200


async def test_the_stream_is_described_with_everything_else(live: Live) -> None:
    described = await (await live.client.get("/api/v1/openapi.json")).json()

    operation = described["paths"]["/api/v1/stream"]["get"]
    assert "text/event-stream" in operation["responses"]["200"]["content"]
