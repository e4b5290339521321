"""What people read: the news of their towns, the messages of their household."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.notifications.domain.copies import Names
from services.notifications.domain.messages import Message
from services.notifications.domain.news import NewsItem
from shared.contracts.notifications import NewsPublished
from shared.errors import NotFound


class News(Protocol):
    async def newest(self, municipality_ids: Collection[str], *, before: str, limit: int) -> list[NewsItem]: ...
    async def titles(self, municipality_ids: Collection[str], news_ids: Collection[str]) -> Mapping[str, str]: ...


class Messages(Protocol):
    async def newest(self, household_id: str, *, before: str, limit: int) -> list[Message]: ...


class Copies(Protocol):
    async def names(self, household_id: str, municipality_ids: Collection[str]) -> Names: ...
    async def town_names(self, municipality_ids: Collection[str]) -> Mapping[str, str]: ...


async def read_news(
    own: Collection[str], municipality_id: str | None, *, before: str, limit: int, news: News
) -> list[NewsItem]:
    """Of one of the caller's own towns, or of all of them. Raises `NotFound` for any other town."""
    if municipality_id is not None and municipality_id not in own:
        raise NotFound()
    return await news.newest(own if municipality_id is None else [municipality_id], before=before, limit=limit)


async def read_messages(
    household_id: str, *, before: str, limit: int, messages: Messages, copies: Copies, news: News
) -> tuple[Sequence[Message], Names]:
    """The messages, and the names their words need."""
    found = await messages.newest(household_id, before=before, limit=limit)
    towns = {message.municipality_id for message in found}
    names = await copies.names(household_id, towns)
    news_ids = {one.event.news_id for one in found if isinstance(one.event, NewsPublished)}
    titles = await news.titles(towns, news_ids) if news_ids else {}
    return found, Names(
        towns=names.towns,
        children=names.children,
        programmes=names.programmes,
        activities=names.activities,
        news=titles,
    )
