"""The door for editors: writing, planning, publishing and taking back."""

from typing import Literal

import structlog
from aiohttp import web

from services.notifications.domain.news.item import NewsItem
from services.notifications.http.news_shapes import (
    EDITORS,
    DeskNews,
    DeskPage,
    NewNews,
    NewsBody,
    desk_answer,
    edited_by,
    on_desk,
)
from services.notifications.http.parts import COPIES, NEWS, NEWS_READERS, Page
from services.notifications.usecases.news import read, write
from shared.auth import Caller
from shared.web import CLOCK, Route, agent

log = structlog.get_logger()


class DeskQuery(Page):
    """`state`: only those of it."""

    municipality_id: str
    state: Literal["draft", "scheduled", "published", "ended", "withdrawn"] | None = None


async def publish(request: web.Request, body: NewNews, caller: Caller) -> web.Response:
    """Write a news item: published at once, unless it is a draft or says when. Pictures are joined to a draft first."""
    item = await write.write_news(
        caller.agent_of(body.municipality_id, *EDITORS),
        caller.account_id,
        body.words(),
        body.plan(),
        as_draft=body.draft,
        news=request.app[NEWS],
        clock=request.app[CLOCK],
    )
    return await _answer(request, item, "news_written", status=201)


async def list_desk(request: web.Request, query: DeskQuery, caller: Caller) -> DeskPage:
    """All articles of the town, last written first, with how many there are of each state and who read them."""
    app = request.app
    found = await read.read_desk(
        caller.agent_of(query.municipality_id, *EDITORS),
        query.state,
        before=query.cursor,
        limit=query.limit,
        news=app[NEWS],
        marks=app[NEWS_READERS],
        clock=app[CLOCK],
    )
    towns = await app[COPIES].town_names([query.municipality_id])
    town, now = towns.get(query.municipality_id, ""), app[CLOCK]()
    return DeskPage(
        items=[on_desk(item, town, now, found.reads) for item in found.items],
        counts=dict(found.counts),
        next_cursor=found.items[-1].id if len(found.items) == query.limit else None,
    )


async def show_desk_news(request: web.Request, caller: Caller) -> web.Response:
    """One article as its editors see it; the ETag is what a change needs."""
    item = await write.item_of(request.match_info["news_id"], edited_by(caller), request.app[NEWS])
    return await _answer(request, item)


async def edit_news(request: web.Request, body: NewsBody, caller: Caller) -> web.Response:
    """All of an article anew; If-Match says which version was read. Once it is out: its words, its end, whether it is
    pinned; families are not told again.
    """
    item = await write.edit_news(
        request.match_info["news_id"],
        edited_by(caller),
        body.words(),
        body.plan(),
        request.headers.get("If-Match", ""),
        news=request.app[NEWS],
        clock=request.app[CLOCK],
    )
    return await _answer(request, item, "news_edited")


async def publish_draft(request: web.Request, caller: Caller) -> web.Response:
    """Publish a draft, or a scheduled article before its time."""
    item = await write.publish_now(
        request.match_info["news_id"],
        edited_by(caller),
        caller.account_id,
        news=request.app[NEWS],
        clock=request.app[CLOCK],
    )
    return await _answer(request, item, "news_published")


async def withdraw_news(request: web.Request, caller: Caller) -> web.Response:
    """Take it back: nobody reads it any more but the town's editors."""
    news_id, news = request.match_info["news_id"], request.app[NEWS]
    item = await write.withdraw_news(news_id, edited_by(caller), news=news, clock=request.app[CLOCK])
    return await _answer(request, item, "news_withdrawn")


async def _answer(request: web.Request, item: NewsItem, done: str = "", status: int = 200) -> web.Response:
    if done:
        log.info(done, news_id=item.id, state=item.state, version=item.version)
    towns = await request.app[COPIES].town_names([item.municipality_id])
    reads = await request.app[NEWS_READERS].counts(item.municipality_id, [item.id])
    return desk_answer(item, towns.get(item.municipality_id, ""), request.app[CLOCK](), reads, status)


WRITERS = agent(*EDITORS)
NEWS_PATH = "/api/v1/news"
ONE = f"{NEWS_PATH}/{{news_id}}"
DESK = "/api/v1/news-desk"
ROUTES = [
    Route(method="POST", path=NEWS_PATH, handler=publish, who=WRITERS, body=NewNews, answer=DeskNews, status=201),
    Route(method="GET", path=DESK, handler=list_desk, who=WRITERS, query=DeskQuery, answer=DeskPage),
    Route(method="GET", path=f"{DESK}/{{news_id}}", handler=show_desk_news, who=WRITERS, answer=DeskNews),
    Route(method="PUT", path=ONE, handler=edit_news, who=WRITERS, body=NewsBody, answer=DeskNews),
    Route(method="POST", path=f"{ONE}/publication", handler=publish_draft, who=WRITERS, answer=DeskNews),
    Route(method="POST", path=f"{ONE}/withdrawal", handler=withdraw_news, who=WRITERS, answer=DeskNews),
]
