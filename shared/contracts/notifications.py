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
    for_everybody: bool = True
    """False: only families with a child enrolled somewhere in particular are meant."""


class NewsWithdrawn(Event):
    """A town took a published news item back: nobody reads it any more. Subject: the news item."""

    topic: ClassVar[str] = "notifications.news_withdrawn.v1"

    news_id: str
    municipality_id: str
    withdrawn_at: AwareDatetime
