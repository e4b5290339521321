"""Articles as callers send them and as they are answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from services.notifications.domain.news.audience import Audience
from services.notifications.domain.news.item import NewsItem, Plan, ShownState, Words
from services.notifications.usecases.news.write import words_of
from shared.auth import Caller, Role
from shared.text import tidy
from shared.versions import etag
from shared.web import Answer, Body, Int


def tidied(value: Any) -> Any:
    """Before its length is looked at: a word of nothing seen is no word."""
    return tidy(value) if isinstance(value, str) else value


Title = Annotated[str, BeforeValidator(tidied), StringConstraints(min_length=1, max_length=150)]
Category = Annotated[str, BeforeValidator(tidied), StringConstraints(min_length=1, max_length=60)]
NewsText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Ways = Annotated[tuple[Literal["inbox", "mail", "push"], ...], Field(max_length=3)]
EDITORS = (Role.EDITOR, Role.MANAGER)


class AudienceBody(Body):
    """Families with a child enrolled in one of these programmes, at one of these sites, in one of these groups; a list
    that is empty asks for nothing, three empty ones mean every family.
    """

    programme_ids: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    site_ids: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    groups: Annotated[tuple[Id, ...], Field(max_length=100)] = ()

    def audience(self) -> Audience:
        return Audience(
            programme_ids=_each(self.programme_ids), site_ids=_each(self.site_ids), groups=_each(self.groups)
        )


def _each(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


class NewsBody(Body):
    """`body`: HTML limited to text formatting, lists and links, or plain text. `ways`: how families are told: none, not
    at all. `publish_at`: published by itself then; `until`: shown no longer from then on.
    """

    title: Title
    category: Category
    body: NewsText
    pinned: bool = False
    publish_at: AwareDatetime | None = None
    until: AwareDatetime | None = None
    audience: AudienceBody = AudienceBody()
    ways: Ways = ("inbox",)

    def words(self) -> Words:
        return words_of(title=self.title, category=self.category, body=self.body)

    def plan(self) -> Plan:
        return Plan(
            publish_at=self.publish_at,
            until=self.until,
            pinned=self.pinned,
            audience=self.audience.audience(),
            ways=tuple(dict.fromkeys(self.ways)),
        )


class NewNews(NewsBody):
    """`draft`: kept for later, shown to editors only."""

    municipality_id: str
    draft: bool = False


class ShownPicture(Answer):
    """`url` and `small_url` answer JPEGs, to who may read the article."""

    picture_id: str
    alt: str
    width: int
    height: int
    url: str
    small_url: str


class ShownDocument(Answer):
    document_id: str
    name: str
    bytes: int
    url: str


class ShownNews(Answer):
    """`body_html` is sanitised. `read`: the household marked it as read."""

    news_id: str
    municipality_id: str
    municipality_name: str
    title: str
    category: str
    body_html: str
    published_at: datetime | None
    until: datetime | None
    pinned: bool
    read: bool
    pictures: list[ShownPicture]
    documents: list[ShownDocument]


class ShownNewsPage(Answer):
    items: list[ShownNews]
    next_cursor: str | None


class ShownAudience(Answer):
    programme_ids: list[str]
    site_ids: list[str]
    groups: list[str]


class DeskNews(ShownNews):
    """What its editors see. `version` is the ETag that a change sends back in If-Match; `households`: how many it was
    for when it was published, `reads`: how many of them marked it as read.
    """

    state: ShownState
    publish_at: datetime | None
    audience: ShownAudience
    ways: list[str]
    version: Int
    households: Int
    reads: Int


class DeskPage(Answer):
    """`counts`: articles by state, whatever is asked for."""

    items: list[DeskNews]
    counts: dict[str, int]
    next_cursor: str | None


def edited_by(caller: Caller) -> frozenset[str]:
    """Towns whose news the caller writes."""
    return frozenset(town for town, held in caller.roles.items() if held & set(EDITORS))


def shown(item: NewsItem, town: str, *, read: bool = False) -> ShownNews:
    return ShownNews.model_validate(_shown(item, town, read=read))


def _shown(item: NewsItem, town: str, *, read: bool) -> dict[str, object]:
    return {
        "news_id": item.id,
        "municipality_id": item.municipality_id,
        "municipality_name": town,
        "title": item.title,
        "category": item.category,
        "body_html": item.body_html,
        "published_at": item.published_at,
        "until": item.until,
        "pinned": item.pinned,
        "read": read,
        **_files(item),
    }


def _files(item: NewsItem) -> dict[str, object]:
    base = f"/api/v1/news/{item.id}"
    pictures = [
        ShownPicture(
            picture_id=one.id,
            alt=one.alt,
            width=one.width,
            height=one.height,
            url=f"{base}/pictures/{one.id}",
            small_url=f"{base}/pictures/{one.id}?size=small",
        )
        for one in item.pictures
    ]
    documents = [
        ShownDocument(document_id=one.id, name=one.name, bytes=one.size, url=f"{base}/documents/{one.id}")
        for one in item.documents
    ]
    return {"pictures": pictures, "documents": documents}


def on_desk(item: NewsItem, town: str, now: datetime, reads: Mapping[str, int]) -> DeskNews:
    audience = item.audience
    return DeskNews.model_validate(
        {
            **_shown(item, town, read=False),
            "state": item.shown_state(now),
            "publish_at": item.publish_at,
            "audience": ShownAudience(
                programme_ids=list(audience.programme_ids),
                site_ids=list(audience.site_ids),
                groups=list(audience.groups),
            ),
            "ways": list(item.ways),
            "version": item.version,
            "households": item.addressed,
            "reads": reads.get(item.id, 0),
        }
    )


def desk_answer(item: NewsItem, town: str, now: datetime, reads: Mapping[str, int], status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        text=on_desk(item, town, now, reads).model_dump_json(),
        content_type="application/json",
        headers={"ETag": etag(item.version)},
    )
