"""An editor writes, plans, publishes and takes back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from services.notifications.domain.news import item as articles
from services.notifications.domain.news.item import NewsItem, Plan, Words
from services.notifications.domain.news.rich_text import sanitised
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound
from shared.ids import new_id
from shared.versions import VersionPassed, check_version


class News(Protocol):
    async def add(self, item: NewsItem, *events: Event) -> None: ...
    async def save(self, item: NewsItem, events: Sequence[Event], at: datetime) -> None: ...
    async def of_town(self, news_id: str, municipality_ids: Collection[str]) -> NewsItem | None: ...
    async def due(self, now: datetime, limit: int = 100) -> list[NewsItem]: ...


def words_of(*, title: str, category: str, body: str) -> Words:
    """Raises `NewsEmpty`."""
    return Words(title=title, category=category, body_html=sanitised(body))


async def write_news(
    municipality_id: str, account_id: str, words: Words, plan: Plan, *, as_draft: bool, news: News, clock: Clock
) -> NewsItem:
    """Published at once unless it is a draft or has a time of its own. Raises `NewsEndsTooSoon`."""
    now = clock()
    item = articles.drafted(new_id("nws"), municipality_id, account_id, words, plan, now)
    if as_draft or plan.publish_at is not None:
        await news.add(item)
        return item
    out, events = articles.published(item, account_id, now)
    await news.add(out, *events)
    return out


async def edit_news(
    news_id: str, towns: Collection[str], words: Words, plan: Plan, if_match: str, *, news: News, clock: Clock
) -> NewsItem:
    """Raises `NotFound`, `VersionMissing`, `VersionPassed`, `NewsOut`, `NewsGone`, `NewsEndsTooSoon`."""
    item = await item_of(news_id, towns, news)
    check_version(if_match, item.version)
    now = clock()
    changed = articles.edited(item, words, plan, now)
    await news.save(changed, [], now)
    return changed


async def publish_now(news_id: str, towns: Collection[str], account_id: str, *, news: News, clock: Clock) -> NewsItem:
    """Raises `NotFound`, `VersionPassed`, `NewsOut`, `NewsGone`, `NewsEndsTooSoon`."""
    now = clock()
    out, events = articles.published(await item_of(news_id, towns, news), account_id, now)
    await news.save(out, events, now)
    return out


async def withdraw_news(news_id: str, towns: Collection[str], *, news: News, clock: Clock) -> NewsItem:
    """Raises `NotFound`, `VersionPassed`, `NewsGone`."""
    now = clock()
    gone, events = articles.withdrawn(await item_of(news_id, towns, news), now)
    await news.save(gone, events, now)
    return gone


async def publish_due(*, news: News, clock: Clock) -> int:
    """Whatever is scheduled for now or earlier; how much was. Another process may be at it too."""
    now = clock()
    published = 0
    for item in await news.due(now):
        out, events = articles.due(item, now)
        try:
            await news.save(out, events, now)
        except VersionPassed:
            continue
        published += 1
    return published


async def item_of(news_id: str, towns: Collection[str], news: News) -> NewsItem:
    """Of one of the caller's towns. Raises `NotFound` for any other, as for none."""
    item = await news.of_town(news_id, towns)
    if item is None:
        raise NotFound()
    return item
