"""What people read: the messages of their household."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.notifications.domain.copies import Names
from services.notifications.domain.messages import Message, View
from shared.contracts.notifications import NewsPublished


class News(Protocol):
    async def titles(self, municipality_ids: Collection[str], news_ids: Collection[str]) -> Mapping[str, str]: ...


class Messages(Protocol):
    async def newest(
        self, household_id: str, *, before: str, limit: int, view: View | None = None
    ) -> list[Message]: ...


class Copies(Protocol):
    async def names(self, household_id: str, municipality_ids: Collection[str]) -> Names: ...
    async def town_names(self, municipality_ids: Collection[str]) -> Mapping[str, str]: ...


async def read_messages(
    household_id: str,
    *,
    before: str,
    limit: int,
    messages: Messages,
    copies: Copies,
    news: News,
    view: View | None = None,
) -> tuple[Sequence[Message], Names]:
    """The messages, and the names their words need."""
    found = await messages.newest(household_id, before=before, limit=limit, view=view)
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
