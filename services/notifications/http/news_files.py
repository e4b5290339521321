"""The door for people: pictures and documents of articles. Browsers are told that they are nothing but that."""

from typing import Annotated, Literal
from urllib.parse import quote

from aiohttp import web
from pydantic import BeforeValidator, Field, StringConstraints

from services.notifications.domain.news.files import DOCUMENT_BYTES, PICTURE_BYTES, PICTURE_KINDS
from services.notifications.domain.news.item import NewsItem
from services.notifications.http.news_shapes import EDITORS, DeskNews, desk_answer, edited_by, tidied
from services.notifications.http.parts import COPIES, ENROLMENTS, NEWS, NEWS_FILES, NEWS_READERS, NEWS_WORKSHOP
from services.notifications.usecases.news import join, read
from shared.auth import Caller
from shared.errors import NotFound
from shared.web import CLOCK, Body, Route, agent, guardian_or_agent, read_limited

# Never executed, whatever somebody managed to hide in it.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-site",
}
DAY = 86_400
Alt = Annotated[str, BeforeValidator(tidied), StringConstraints(min_length=3, max_length=300)]


class PictureAdded(Body):
    """`alt`: what the picture shows, in words, for who does not see it."""

    alt: Alt


class DocumentAdded(Body):
    """`name`: the file's name as readers see it."""

    name: str = Field(min_length=1, max_length=255)


class PictureAsked(Body):
    size: Literal["large", "small"] = "large"


async def add_news_picture(request: web.Request, query: PictureAdded, caller: Caller) -> web.Response:
    """Join a picture: JPEG, PNG or WebP of at most 10 MB, drawn anew in two sizes with nothing that came with it."""
    app = request.app
    item = await join.add_picture(
        request.match_info["news_id"],
        edited_by(caller),
        await read_limited(request, PICTURE_BYTES),
        query.alt,
        news=app[NEWS],
        files=app[NEWS_FILES],
        workshop=app[NEWS_WORKSHOP],
        clock=app[CLOCK],
    )
    return await _answer(request, item, 201)


async def add_news_document(request: web.Request, query: DocumentAdded, caller: Caller) -> web.Response:
    """Join a PDF of at most 8 MB that runs nothing and carries no other file."""
    app = request.app
    item = await join.add_document(
        request.match_info["news_id"],
        edited_by(caller),
        await read_limited(request, DOCUMENT_BYTES),
        query.name,
        news=app[NEWS],
        files=app[NEWS_FILES],
        workshop=app[NEWS_WORKSHOP],
        clock=app[CLOCK],
    )
    return await _answer(request, item, 201)


async def remove_news_file(request: web.Request, caller: Caller) -> web.Response:
    """Take a picture or a document out of an article."""
    app = request.app
    item = await join.remove_file(
        request.match_info["news_id"],
        edited_by(caller),
        request.match_info["file_id"],
        news=app[NEWS],
        files=app[NEWS_FILES],
        clock=app[CLOCK],
    )
    return await _answer(request, item, 200)


async def _answer(request: web.Request, item: NewsItem, status: int) -> web.Response:
    towns = await request.app[COPIES].town_names([item.municipality_id])
    reads = await request.app[NEWS_READERS].counts(item.municipality_id, [item.id])
    return desk_answer(item, towns.get(item.municipality_id, ""), request.app[CLOCK](), reads, status)


async def show_news_picture(request: web.Request, query: PictureAsked, caller: Caller) -> web.Response:
    """A picture, to who may read its article; its address never shows another one."""
    item, file_id = await _readable(request, caller), request.match_info["file_id"]
    if file_id not in {one.id for one in item.pictures}:
        raise NotFound()
    tag = f'"{file_id}-{query.size}"'
    headers = {**HARMLESS, "Cache-Control": f"private, max-age={DAY}, immutable", "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    data = await request.app[NEWS_FILES].read(file_id, item.id, query.size)
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


async def show_news_document(request: web.Request, caller: Caller) -> web.Response:
    """A document to take away, to who may read its article."""
    item, file_id = await _readable(request, caller), request.match_info["file_id"]
    name = next((one.name for one in item.documents if one.id == file_id), "")
    if not name:
        raise NotFound()
    named = f"attachment; filename=\"document.pdf\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**HARMLESS, "Cache-Control": f"private, max-age={DAY}", "Content-Disposition": named}
    data = await request.app[NEWS_FILES].read(file_id, item.id, "whole")
    return web.Response(body=data, content_type="application/pdf", headers=headers)


async def _readable(request: web.Request, caller: Caller) -> NewsItem:
    app = request.app
    return await read.read_one(
        caller,
        request.match_info["news_id"],
        editor_of=edited_by(caller),
        news=app[NEWS],
        enrolments=app[ENROLMENTS],
        clock=app[CLOCK],
    )


WRITERS = agent(*EDITORS)
ONE = "/api/v1/news/{news_id}"
PICTURES, DOCUMENTS = f"{ONE}/pictures", f"{ONE}/documents"
ROUTES = [
    Route(
        method="POST",
        path=PICTURES,
        handler=add_news_picture,
        who=WRITERS,
        query=PictureAdded,
        takes=", ".join(PICTURE_KINDS),
        answer=DeskNews,
        status=201,
    ),
    Route(
        method="POST",
        path=DOCUMENTS,
        handler=add_news_document,
        who=WRITERS,
        query=DocumentAdded,
        takes="application/pdf",
        answer=DeskNews,
        status=201,
    ),
    Route(method="DELETE", path=f"{ONE}/files/{{file_id}}", handler=remove_news_file, who=WRITERS, answer=DeskNews),
    Route(
        method="GET",
        path=f"{PICTURES}/{{file_id}}",
        handler=show_news_picture,
        who=guardian_or_agent(),
        query=PictureAsked,
        gives="image/jpeg",
    ),
    Route(
        method="GET",
        path=f"{DOCUMENTS}/{{file_id}}",
        handler=show_news_document,
        who=guardian_or_agent(),
        gives="application/pdf",
    ),
]
