"""What families and agents read of the news."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from services.notifications.domain.news.audience import Place, Reader
from services.notifications.domain.news.item import NewsItem, ShownState
from shared.auth import Caller
from shared.clock import Clock
from shared.errors import NotFound

Size = Literal["large", "small", "whole"]


class News(Protocol):
    async def readable(self, news_id: str, reader: Reader, now: datetime) -> NewsItem | None: ...
    async def of_town(self, news_id: str, municipality_ids: Collection[str]) -> NewsItem | None: ...
    async def newest(
        self, reader: Reader, now: datetime, *, cursor: str = "", limit: int = 50, pinned_first: bool = False
    ) -> list[NewsItem]: ...


class Desk(Protocol):
    async def on_desk(
        self, municipality_id: str, state: ShownState | None, now: datetime, *, before: str, limit: int
    ) -> list[NewsItem]: ...
    async def counts(self, municipality_id: str, now: datetime) -> Mapping[ShownState, int]: ...


class Enrolments(Protocol):
    async def places_of(self, household_id: str, today: date) -> list[Place]: ...


class Marks(Protocol):
    async def mark(self, news_id: str, municipality_id: str, household_id: str, at: datetime) -> None: ...
    async def read_by(self, household_id: str, news_ids: Collection[str]) -> frozenset[str]: ...
    async def counts(self, municipality_id: str, news_ids: Collection[str]) -> Mapping[str, int]: ...


class Files(Protocol):
    async def read(self, file_id: str, news_id: str, size: Size) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Read:
    """Articles, and which of them the household has read."""

    items: tuple[NewsItem, ...]
    read: frozenset[str] = frozenset()


async def reader_of(caller: Caller, enrolments: Enrolments, clock: Clock) -> Reader:
    """What the caller's token and the enrolments of the household let them read."""
    places = await enrolments.places_of(caller.household_id, clock().date()) if caller.household_id else []
    return Reader(agent_of=caller.agent_towns, family_of=caller.municipality_ids, places=places)


async def read_news(
    caller: Caller,
    municipality_id: str | None,
    *,
    cursor: str,
    limit: int,
    news: News,
    enrolments: Enrolments,
    marks: Marks,
    clock: Clock,
) -> Read:
    """Newest first over all of the caller's towns; of one of them, what is pinned comes first.

    Raises `NotFound` for a town that is not theirs.
    """
    reader = await reader_of(caller, enrolments, clock)
    if municipality_id is not None:
        if municipality_id not in reader.towns:
            raise NotFound()
        reader = reader.only_in(municipality_id)
    found = await news.newest(reader, clock(), cursor=cursor, limit=limit, pinned_first=municipality_id is not None)
    return await _with_marks(caller, found, marks)


async def _with_marks(caller: Caller, found: list[NewsItem], marks: Marks) -> Read:
    if not caller.household_id or not found:
        return Read(items=tuple(found))
    return Read(items=tuple(found), read=await marks.read_by(caller.household_id, [one.id for one in found]))


async def read_one(
    caller: Caller, news_id: str, *, editor_of: Collection[str], news: News, enrolments: Enrolments, clock: Clock
) -> NewsItem:
    """In any state for who may edit it, otherwise when it is out. Raises `NotFound`."""
    own = await news.of_town(news_id, editor_of) if editor_of else None
    found = own or await news.readable(news_id, await reader_of(caller, enrolments, clock), clock())
    if found is None:
        raise NotFound()
    return found


async def mark_read(
    caller: Caller, news_id: str, *, news: News, enrolments: Enrolments, marks: Marks, clock: Clock
) -> None:
    """By the household, once. Raises `NotFound`."""
    household_id = caller.household()
    item = await read_one(caller, news_id, editor_of=(), news=news, enrolments=enrolments, clock=clock)
    await marks.mark(item.id, item.municipality_id, household_id, clock())


@dataclass(frozen=True, kw_only=True)
class OnDesk:
    """`reads`: households by article."""

    items: tuple[NewsItem, ...]
    counts: Mapping[ShownState, int]
    reads: Mapping[str, int]


async def read_desk(
    municipality_id: str,
    state: ShownState | None,
    *,
    before: str,
    limit: int,
    news: Desk,
    marks: Marks,
    clock: Clock,
) -> OnDesk:
    now = clock()
    items = await news.on_desk(municipality_id, state, now, before=before, limit=limit)
    counts = await news.counts(municipality_id, now)
    reads = await marks.counts(municipality_id, [one.id for one in items])
    return OnDesk(items=tuple(items), counts=counts, reads=reads)
