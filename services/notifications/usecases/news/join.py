"""An editor joins pictures and documents to an article."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal, Protocol

from services.notifications.domain.news import item as articles
from services.notifications.domain.news.files import Drawn, shown_name
from services.notifications.domain.news.item import Document, NewsItem, Picture
from services.notifications.usecases.news.write import News, item_of
from shared.clock import Clock
from shared.errors import NotFound
from shared.ids import new_id

Size = Literal["large", "small", "whole"]


class Files(Protocol):
    async def write(
        self, file_id: str, *, news_id: str, municipality_id: str, data: dict[Size, bytes], at: datetime
    ) -> None: ...
    async def drop(self, file_id: str, news_id: str) -> None: ...


class Workshop(Protocol):
    """Where files are checked and drawn, beside the event loop and not all at once."""

    async def draw(self, data: bytes) -> Drawn: ...
    async def check(self, data: bytes) -> None: ...


async def add_picture(
    news_id: str,
    towns: Collection[str],
    data: bytes,
    alt: str,
    *,
    news: News,
    files: Files,
    workshop: Workshop,
    clock: Clock,
) -> NewsItem:
    """Raises `NotFound`, `PictureUnreadable`, `PictureTooLarge`, `TooManyFiles`, `NewsGone`, `VersionPassed`."""
    item = await item_of(news_id, towns, news)
    drawn = await workshop.draw(data)
    picture = Picture(id=new_id("pic"), alt=alt, width=drawn.width, height=drawn.height)
    changed = articles.with_picture(item, picture)
    content: dict[Size, bytes] = {"large": drawn.large, "small": drawn.small}
    await _keep(changed, picture.id, content, news=news, files=files, now=clock())
    return changed


async def add_document(
    news_id: str,
    towns: Collection[str],
    data: bytes,
    name: str,
    *,
    news: News,
    files: Files,
    workshop: Workshop,
    clock: Clock,
) -> NewsItem:
    """Raises `NotFound`, `DocumentUnreadable`, `DocumentActive`, `TooManyFiles`, `NewsGone`, `VersionPassed`."""
    item = await item_of(news_id, towns, news)
    await workshop.check(data)
    document = Document(id=new_id("doc"), name=shown_name(name), size=len(data))
    changed = articles.with_document(item, document)
    await _keep(changed, document.id, {"whole": data}, news=news, files=files, now=clock())
    return changed


async def _keep(
    item: NewsItem, file_id: str, data: dict[Size, bytes], *, news: News, files: Files, now: datetime
) -> None:
    """The file first: what a crash leaves then is a file nobody names, which retention takes away."""
    await files.write(file_id, news_id=item.id, municipality_id=item.municipality_id, data=data, at=now)
    await news.save(item, [], now)


async def remove_file(
    news_id: str, towns: Collection[str], file_id: str, *, news: News, files: Files, clock: Clock
) -> NewsItem:
    """Raises `NotFound`, `VersionPassed`."""
    item = await item_of(news_id, towns, news)
    changed = articles.without_file(item, file_id)
    if changed is item:
        raise NotFound()
    await news.save(changed, [], clock())
    await files.drop(file_id, news_id)
    return changed
