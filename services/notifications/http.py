"""The door for people: news of the towns, messages of a household."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from services.notifications.domain.copies import Names
from services.notifications.domain.messages import Message
from services.notifications.domain.news import NewsItem
from services.notifications.domain.say import speak
from services.notifications.domain.wording import kind_of, words_of
from services.notifications.store import CopyStore, MessageStore, NewsStore
from services.notifications.usecases import publish_news, read
from shared.auth import Caller, Role
from shared.i18n import Catalogues
from shared.problems import CATALOGUES, language_of
from shared.web import CLOCK, GUARDIAN, Answer, Body, Route, agent, guardian_or_agent

COPIES = web.AppKey("copies", CopyStore)
MESSAGES = web.AppKey("messages", MessageStore)
NEWS = web.AppKey("news", NewsStore)

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=150)]
Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
NewsText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class Page(Body):
    """`cursor`: the `next_cursor` of the page before."""

    cursor: str = Field("", max_length=200)
    limit: int = Field(50, ge=1, le=100)


class NewsPage(Page):
    municipality_id: str | None = None


class NewNews(Body):
    """`body`: HTML limited to text formatting, lists and links, or plain text."""

    municipality_id: str
    title: Title
    category: Category
    body: NewsText


class ShownNews(Answer):
    """`body_html` is sanitised."""

    news_id: str
    municipality_id: str
    municipality_name: str
    title: str
    category: str
    body_html: str
    published_at: datetime


class ShownNewsPage(Answer):
    items: list[ShownNews]
    next_cursor: str | None


class ShownMessage(Answer):
    """`kind` is the noun of the event that caused it; `about_type` and `about_id` name what a click should open."""

    message_id: str
    municipality_id: str
    municipality_name: str
    kind: str
    title: str
    body: str
    about_type: str
    about_id: str
    created_at: datetime


class ShownMessagePage(Answer):
    items: list[ShownMessage]
    next_cursor: str | None


async def list_news(request: web.Request, query: NewsPage, caller: Caller) -> ShownNewsPage:
    """The news of the caller's towns, newest first."""
    own = caller.municipality_ids | caller.agent_towns
    news = request.app[NEWS]
    found = await read.read_news(own, query.municipality_id, before=query.cursor, limit=query.limit, news=news)
    towns = await request.app[COPIES].town_names({item.municipality_id for item in found})
    return ShownNewsPage(
        items=[_shown_news(item, towns.get(item.municipality_id, "")) for item in found],
        next_cursor=found[-1].id if len(found) == query.limit else None,
    )


async def publish(request: web.Request, body: NewNews, caller: Caller) -> ShownNews:
    """Publish a news item of a town, at once."""
    municipality_id = caller.agent_of(body.municipality_id, Role.EDITOR, Role.MANAGER)
    item = await publish_news.publish_news(
        municipality_id,
        caller.account_id,
        title=body.title,
        category=body.category,
        body=body.body,
        news=request.app[NEWS],
        clock=request.app[CLOCK],
    )
    towns = await request.app[COPIES].town_names([municipality_id])
    return _shown_news(item, towns.get(municipality_id, ""))


async def list_messages(request: web.Request, query: Page, caller: Caller) -> ShownMessagePage:
    """What the household was told, newest first, in the words of the caller's language."""
    app = request.app
    found, names = await read.read_messages(
        caller.household(),
        before=query.cursor,
        limit=query.limit,
        messages=app[MESSAGES],
        copies=app[COPIES],
        news=app[NEWS],
    )
    language = language_of(request)
    return ShownMessagePage(
        items=[_shown_message(message, names, app[CATALOGUES], language) for message in found],
        next_cursor=found[-1].id if len(found) == query.limit else None,
    )


def _shown_news(item: NewsItem, municipality_name: str) -> ShownNews:
    return ShownNews(
        news_id=item.id,
        municipality_id=item.municipality_id,
        municipality_name=municipality_name,
        title=item.title,
        category=item.category,
        body_html=item.body_html,
        published_at=item.published_at,
    )


def _shown_message(message: Message, names: Names, catalogues: Catalogues, language: str) -> ShownMessage:
    words = words_of(message.event, names, language)
    return ShownMessage(
        message_id=message.id,
        municipality_id=message.municipality_id,
        municipality_name=names.towns.get(message.municipality_id, ""),
        kind=kind_of(message.event.topic),
        title=speak(words.title, catalogues, language),
        body=speak(words.body, catalogues, language),
        about_type=words.about_type,
        about_id=words.about_id,
        created_at=message.told_at,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/news",
        handler=list_news,
        who=guardian_or_agent(),
        query=NewsPage,
        answer=ShownNewsPage,
    ),
    Route(
        method="POST",
        path="/api/v1/news",
        handler=publish,
        who=agent(Role.EDITOR, Role.MANAGER),
        body=NewNews,
        answer=ShownNews,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/messages",
        handler=list_messages,
        who=GUARDIAN,
        query=Page,
        answer=ShownMessagePage,
    ),
]
