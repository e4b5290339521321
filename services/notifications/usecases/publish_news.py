"""A town publishes a news item, at once."""

from typing import Protocol

from services.notifications.domain.news import NewsItem, sanitised
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.notifications import NewsPublished
from shared.ids import new_id


class News(Protocol):
    async def add(self, item: NewsItem, *events: Event) -> None: ...


async def publish_news(
    municipality_id: str, account_id: str, *, title: str, category: str, body: str, news: News, clock: Clock
) -> NewsItem:
    """Raises `NewsEmpty`."""
    item = NewsItem(
        id=new_id("nws"),
        municipality_id=municipality_id,
        title=title,
        category=category,
        body_html=sanitised(body),
        published_at=clock(),
        published_by=account_id,
    )
    published = NewsPublished(
        news_id=item.id, municipality_id=municipality_id, category=category, published_at=item.published_at
    )
    await news.add(item, published)
    return item
