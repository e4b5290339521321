"""The news of the towns: articles, whom they are for, when they are shown, what is joined to them."""

from services.notifications.domain.news.item import NewsItem
from services.notifications.domain.news.rich_text import sanitised

__all__ = ["NewsItem", "sanitised"]
