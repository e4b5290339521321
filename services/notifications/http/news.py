"""The door for people: the news of the towns, as they are read."""

from aiohttp import web

from services.notifications.http.news_shapes import ShownNews, ShownNewsPage, edited_by, shown
from services.notifications.http.parts import COPIES, ENROLMENTS, NEWS, NEWS_READERS, Page
from services.notifications.store.news import cursor_of
from services.notifications.usecases.news import read
from shared.auth import Caller
from shared.web import CLOCK, GUARDIAN, Route, guardian_or_agent


class NewsPage(Page):
    municipality_id: str | None = None


async def list_news(request: web.Request, query: NewsPage, caller: Caller) -> ShownNewsPage:
    """The news of the caller's towns, newest first; those of one town with what is pinned before.

    A family reads what is for all of the town and what is for the places where its children are enrolled.
    """
    app = request.app
    found = await read.read_news(
        caller,
        query.municipality_id,
        cursor=query.cursor,
        limit=query.limit,
        news=app[NEWS],
        enrolments=app[ENROLMENTS],
        marks=app[NEWS_READERS],
        clock=app[CLOCK],
    )
    towns = await app[COPIES].town_names({item.municipality_id for item in found.items})
    return ShownNewsPage(
        items=[shown(item, towns.get(item.municipality_id, ""), read=item.id in found.read) for item in found.items],
        next_cursor=cursor_of(found.items[-1]) if len(found.items) == query.limit else None,
    )


async def show_news(request: web.Request, caller: Caller) -> ShownNews:
    """One article; a draft to its editors only."""
    app = request.app
    item = await read.read_one(
        caller,
        request.match_info["news_id"],
        editor_of=edited_by(caller),
        news=app[NEWS],
        enrolments=app[ENROLMENTS],
        clock=app[CLOCK],
    )
    marked = await app[NEWS_READERS].read_by(caller.household_id, [item.id]) if caller.household_id else frozenset()
    towns = await app[COPIES].town_names([item.municipality_id])
    return shown(item, towns.get(item.municipality_id, ""), read=item.id in marked)


async def mark_read(request: web.Request, caller: Caller) -> None:
    """The household has read it; harmless when repeated."""
    app = request.app
    await read.mark_read(
        caller,
        request.match_info["news_id"],
        news=app[NEWS],
        enrolments=app[ENROLMENTS],
        marks=app[NEWS_READERS],
        clock=app[CLOCK],
    )


ONE = "/api/v1/news/{news_id}"
ROUTES = [
    Route(
        method="GET",
        path="/api/v1/news",
        handler=list_news,
        who=guardian_or_agent(),
        query=NewsPage,
        answer=ShownNewsPage,
    ),
    Route(method="GET", path=ONE, handler=show_news, who=guardian_or_agent(), answer=ShownNews),
    Route(method="POST", path=f"{ONE}/reads", handler=mark_read, who=GUARDIAN),
]
