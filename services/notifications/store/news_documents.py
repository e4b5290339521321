"""An article as its document, and back; one of before there were states and audiences is read with their defaults."""

from dataclasses import asdict
from typing import Any

from services.notifications.domain.news.audience import EVERYBODY, Audience
from services.notifications.domain.news.item import Document as JoinedDocument
from services.notifications.domain.news.item import NewsItem, Picture
from shared.mongo import Document


def document_of(item: NewsItem) -> Document:
    """`audience`: null for every family of the town."""
    whole: Document = {
        "_id": item.id,
        "municipality_id": item.municipality_id,
        "title": item.title,
        "category": item.category,
        "body_html": item.body_html,
        "published_at": item.published_at,
        "published_by": item.published_by,
        "state": item.state,
        "publish_at": item.publish_at,
        "until": item.until,
        "pinned": item.pinned,
        "ways": list(item.ways),
        "version": item.version,
        "edited_at": item.edited_at,
    }
    return {
        **whole,
        "audience": None if item.audience.is_everybody else _listed(item.audience),
        "pictures": [asdict(one) for one in item.pictures],
        "documents": [asdict(one) for one in item.documents],
    }


def _listed(audience: Audience) -> dict[str, list[str]]:
    return {name: list(values) for name, values in asdict(audience).items()}


def item_of(found: Document) -> NewsItem:
    return NewsItem(
        id=found["_id"],
        municipality_id=found["municipality_id"],
        title=found["title"],
        category=found["category"],
        body_html=found["body_html"],
        published_at=found["published_at"],
        published_by=found["published_by"],
        state=found.get("state", "published"),
        publish_at=found.get("publish_at"),
        until=found.get("until"),
        pinned=found.get("pinned", False),
        audience=_audience(found.get("audience")),
        ways=tuple(found.get("ways", ("inbox",))),
        pictures=tuple(Picture(**one) for one in found.get("pictures", ())),
        documents=tuple(JoinedDocument(**one) for one in found.get("documents", ())),
        version=found.get("version", 1),
        edited_at=found.get("edited_at"),
        addressed=found.get("addressed", 0),
    )


def _audience(found: Any) -> Audience:
    return Audience(**{name: tuple(values) for name, values in found.items()}) if found else EVERYBODY
