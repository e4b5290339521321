"""What notifications tells: news of the towns."""

from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event


class NewsPublished(Event):
    """A town published a news item. Subject: the news item."""

    topic: ClassVar[str] = "notifications.news_published.v1"

    news_id: str
    municipality_id: str
    category: str
    published_at: AwareDatetime
