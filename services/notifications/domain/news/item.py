"""An article: written, shown from one moment to another, taken back. Pure: the clock is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from services.notifications.domain.news.audience import EVERYBODY, Audience
from services.notifications.domain.news.refusals import (
    NewsEndsTooSoon,
    NewsGone,
    NewsOut,
    TooManyFiles,
)
from services.notifications.domain.topics import Way
from shared.contracts import Event
from shared.contracts.notifications import NewsPublished, NewsWithdrawn

State: TypeAlias = Literal["draft", "scheduled", "published", "withdrawn"]
ShownState: TypeAlias = Literal["draft", "scheduled", "published", "ended", "withdrawn"]
MOST_PICTURES = 12
MOST_DOCUMENTS = 6


@dataclass(frozen=True, kw_only=True)
class Picture:
    """`alt`: what it shows, for who does not see it. Pixels are those of the large one."""

    id: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Document:
    """A PDF to take away. `name`: as readers see it."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, kw_only=True)
class NewsItem:
    """`body_html` is safe to show; instants are aware UTC.

    `published_at`: when families could first read it, None before. `publish_at`: when it is to be published by
    itself. `until`: no longer shown from then on. `ways`: how families are told that it is there, none: not at all.
    `addressed`: how many households were concerned when it was published.
    """

    id: str
    municipality_id: str
    title: str
    category: str
    body_html: str
    published_at: datetime | None
    published_by: str
    state: State = "published"
    publish_at: datetime | None = None
    until: datetime | None = None
    pinned: bool = False
    audience: Audience = EVERYBODY
    ways: tuple[Way, ...] = ("inbox",)
    pictures: tuple[Picture, ...] = ()
    documents: tuple[Document, ...] = ()
    version: int = 1
    edited_at: datetime | None = None
    addressed: int = 0

    def is_current(self, now: datetime) -> bool:
        """Families it is for can read it."""
        return self.state == "published" and (self.until is None or now < self.until)

    def shown_state(self, now: datetime) -> ShownState:
        return "ended" if self.state == "published" and not self.is_current(now) else self.state

    @property
    def first_picture(self) -> Picture | None:
        return self.pictures[0] if self.pictures else None


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an editor writes, `body_html` sanitised."""

    title: str
    category: str
    body_html: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When, for whom and how."""

    publish_at: datetime | None = None
    until: datetime | None = None
    pinned: bool = False
    audience: Audience = EVERYBODY
    ways: tuple[Way, ...] = ("inbox",)


def drafted(news_id: str, municipality_id: str, account_id: str, words: Words, plan: Plan, now: datetime) -> NewsItem:
    """Kept for later: by hand, or at `plan.publish_at`. Raises `NewsEndsTooSoon`."""
    item = NewsItem(
        id=news_id,
        municipality_id=municipality_id,
        title=words.title,
        category=words.category,
        body_html=words.body_html,
        published_at=None,
        published_by=account_id,
        state="draft",
        edited_at=now,
    )
    return _planned(item, plan, now)


def published(item: NewsItem, account_id: str, now: datetime) -> tuple[NewsItem, Sequence[Event]]:
    """Families can read it from now on, and are told. Raises `NewsOut`, `NewsGone`, `NewsEndsTooSoon`."""
    if item.state == "withdrawn":
        raise NewsGone()
    if item.state == "published":
        raise NewsOut()
    _check_end(item.until, now)
    out = replace(
        item,
        state="published",
        published_at=now,
        published_by=account_id,
        publish_at=None,
        version=item.version + 1,
    )
    return out, [_published(out, now)]


def _published(item: NewsItem, now: datetime) -> NewsPublished:
    return NewsPublished(
        news_id=item.id,
        municipality_id=item.municipality_id,
        category=item.category,
        published_at=now,
        for_everybody=item.audience.is_everybody,
    )


def due(item: NewsItem, now: datetime) -> tuple[NewsItem, Sequence[Event]]:
    """As `published`, when its time has come; one whose end passed meanwhile waits as a draft for its editor."""
    if item.until is not None and item.until <= now:
        return replace(item, state="draft", publish_at=None, version=item.version + 1), []
    return published(item, item.published_by, now)


def edited(item: NewsItem, words: Words, plan: Plan, now: datetime) -> NewsItem:
    """Other words, another end; before it is out also another beginning, audience and way of telling.

    Raises `NewsGone` for what was taken back, `NewsOut` when families were told of it already, `NewsEndsTooSoon`.
    """
    if item.state == "withdrawn":
        raise NewsGone()
    if item.state == "published" and (plan.audience != item.audience or plan.ways != item.ways or plan.publish_at):
        raise NewsOut()
    changed = replace(
        item,
        title=words.title,
        category=words.category,
        body_html=words.body_html,
        version=item.version + 1,
        edited_at=now,
    )
    if item.state == "published":
        return replace(changed, until=plan.until, pinned=plan.pinned)
    return _planned(changed, plan, now)


def _planned(item: NewsItem, plan: Plan, now: datetime) -> NewsItem:
    _check_end(plan.until, max(plan.publish_at or now, now))
    return replace(
        item,
        state="scheduled" if plan.publish_at else "draft",
        publish_at=plan.publish_at,
        until=plan.until,
        pinned=plan.pinned,
        audience=plan.audience,
        ways=plan.ways,
    )


def _check_end(until: datetime | None, begins: datetime) -> None:
    if until is not None and until <= begins:
        raise NewsEndsTooSoon()


def withdrawn(item: NewsItem, now: datetime) -> tuple[NewsItem, Sequence[Event]]:
    """Nobody reads it any more but the town's editors; families are not told. Raises `NewsGone`."""
    if item.state == "withdrawn":
        raise NewsGone()
    gone = replace(item, state="withdrawn", publish_at=None, version=item.version + 1, edited_at=now)
    if item.state != "published":
        return gone, []
    return gone, [NewsWithdrawn(news_id=item.id, municipality_id=item.municipality_id, withdrawn_at=now)]


def with_picture(item: NewsItem, picture: Picture) -> NewsItem:
    """Raises `TooManyFiles`, `NewsGone`."""
    _check_room(item, len(item.pictures), MOST_PICTURES)
    return replace(item, pictures=(*item.pictures, picture), version=item.version + 1)


def with_document(item: NewsItem, document: Document) -> NewsItem:
    """Raises `TooManyFiles`, `NewsGone`."""
    _check_room(item, len(item.documents), MOST_DOCUMENTS)
    return replace(item, documents=(*item.documents, document), version=item.version + 1)


def _check_room(item: NewsItem, held: int, most: int) -> None:
    if item.state == "withdrawn":
        raise NewsGone()
    if held >= most:
        raise TooManyFiles(most=most)


def without_file(item: NewsItem, file_id: str) -> NewsItem:
    """The same article when it has no such file."""
    pictures = tuple(one for one in item.pictures if one.id != file_id)
    documents = tuple(one for one in item.documents if one.id != file_id)
    if (pictures, documents) == (item.pictures, item.documents):
        return item
    return replace(item, pictures=pictures, documents=documents, version=item.version + 1)
