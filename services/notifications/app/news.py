"""What news need of the process: a loop that publishes what is due, and a place where files are drawn and checked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from services.notifications.domain.news.files import Drawn, checked_pdf, drawn
from services.notifications.http.parts import ENROLMENTS, NEWS, NEWS_FILES, NEWS_READERS, NEWS_WORKSHOP
from services.notifications.store.enrolments import EnrolmentStore
from services.notifications.store.news import NewsStore
from services.notifications.store.news_files import NewsFileStore
from services.notifications.store.news_readers import NewsReaderStore
from services.notifications.usecases.news.write import publish_due
from shared.background import in_background
from shared.clock import Clock
from shared.mongo import Database

log = structlog.get_logger()
LOOK_SECONDS = 20.0
# A picture of forty million pixels takes a few hundred MB while it is drawn.
AT_ONCE = 1


class Workshop:
    """One file at a time, in a thread."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def draw(self, data: bytes) -> Drawn:
        async with self._room:
            return await asyncio.to_thread(drawn, data)

    async def check(self, data: bytes) -> None:
        async with self._room:
            await asyncio.to_thread(checked_pdf, data)


class Publisher:
    """Looks every twenty seconds for what is due; of several processes one publishes it."""

    def __init__(self, news: NewsStore, clock: Clock) -> None:
        self._news = news
        self._clock = clock

    @asynccontextmanager
    async def running(self, _: web.Application) -> AsyncIterator[None]:
        async with in_background(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            try:
                if count := await publish_due(news=self._news, clock=self._clock):
                    log.info("news_came_due", count=count)
            except Exception:
                log.exception("news_not_published")
            await asyncio.sleep(LOOK_SECONDS)


def add_news(app: web.Application, db: Database, wake: Callable[[str], None], clock: Clock) -> dict[str, object]:
    """Stores and loop of the news; what its message handlers need, by the names they have there."""
    news, enrolments = NewsStore(db, wake), EnrolmentStore(db)
    app[NEWS] = news
    app[ENROLMENTS] = enrolments
    app[NEWS_FILES] = NewsFileStore(db)
    app[NEWS_READERS] = NewsReaderStore(db)
    app[NEWS_WORKSHOP] = Workshop()
    app.cleanup_ctx.append(Publisher(news, clock).running)
    return {"news": news, "enrolments": enrolments}
