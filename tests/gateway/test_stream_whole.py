"""From the broker to an open page: the reader, the hub and the route together."""

from datetime import UTC, datetime

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from services.gateway.app import build, new_hub
from services.gateway.stream.reader import following
from shared.contracts.notifications import NewsPublished
from shared.health import add_health
from shared.messaging.broker import Broker
from shared.messaging.envelope import pack
from tests.callers import Issuer
from tests.gateway.streaming import TOWN, Events
from tests.gateway.test_stream_http import settings_of
from tests.gateway.test_stream_reader import Own, own

__all__ = ["own"]
# Those who tell have another clock than ours: what counts is the log.
NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)


async def publish(own: Own, news_id: str) -> None:
    news = NewsPublished(news_id=news_id, municipality_id=TOWN, category="Information", published_at=NOW)
    async with Broker(own.admin_url) as broker:
        entries = pack([news], subject=news_id, sequence=2, municipality_id=TOWN, at=NOW)
        assert await broker.publish_all(entries) == [True]


async def test_what_a_service_tells_is_on_an_open_page_and_on_one_that_comes_back(own: Own) -> None:
    issuer = Issuer(lambda: NOW)
    await issuer.start()
    settings = settings_of(issuer, amqp_url=own.url)
    hub = new_hub(settings, lambda: NOW)
    async with aiohttp.ClientSession() as session, following(own.url, hub):
        app = build(settings=settings, session=session, tokens=issuer.tokens(), clock=lambda: NOW, hub=hub)
        add_health(app, {})
        async with TestClient(TestServer(app)) as client:
            headers = issuer.guardian("hsh_1", TOWN)
            async with client.get("/api/v1/stream", headers=headers) as answer:
                page = Events(answer.content)
                await page.next("opened")
                await publish(own, "nws_1")
                assert (await page.next())["about"] == {"news_id": "nws_1"}
            await publish(own, "nws_2")
            async with client.get("/api/v1/stream", headers={**headers, "Last-Event-ID": page.last_id}) as answer:
                again = Events(answer.content)
                await again.next("opened")
                assert (await again.next())["about"] == {"news_id": "nws_2"}
    await issuer.stop()
