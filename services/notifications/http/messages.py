"""The door for people: the messages of a household."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints

from services.notifications.domain.copies import Names
from services.notifications.domain.messages import Message
from services.notifications.domain.say import speak
from services.notifications.domain.topics import code_of
from services.notifications.domain.wording import kind_of, words_of
from services.notifications.http.parts import COPIES, MESSAGES, NEWS, Page
from services.notifications.http.persons import reader_asking, view_of
from services.notifications.store.messages import Mark
from services.notifications.usecases import read
from shared.auth import Caller
from shared.errors import NotFound
from shared.i18n import Catalogues
from shared.problems import CATALOGUES, language_of
from shared.web import GUARDIAN, Answer, Body, Route

MOST_COUNTED = 100


class MessagesPage(Page):
    """`unread`: only those the caller has not read. `archived`: those put away instead of those that are not."""

    unread: bool = False
    archived: bool = False


class ReadUntil(Body):
    """`message_id`: the newest message that was seen; it and all older ones count as read."""

    message_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class UnreadCount(Answer):
    """`unread`: counted up to 100; `more`: there are more than that."""

    unread: int
    more: bool


class ShownMessage(Answer):
    """`kind` is the noun of the event that caused it; `about_type` and `about_id` name what a click should open.

    `topic`: what it counts as in the preferences. `read`, `archived`: by the caller, not by the household.
    """

    message_id: str
    municipality_id: str
    municipality_name: str
    kind: str
    title: str
    body: str
    about_type: str
    about_id: str
    created_at: datetime
    topic: str
    read: bool
    archived: bool


class ShownMessagePage(Answer):
    items: list[ShownMessage]
    next_cursor: str | None


async def list_messages(request: web.Request, query: MessagesPage, caller: Caller) -> ShownMessagePage:
    """What the household was told, newest first, in the words of the caller's language."""
    app = request.app
    person = await reader_asking(request, caller)
    view = await view_of(request, person, unread=query.unread, archived=query.archived)
    found, names = await read.read_messages(
        caller.household(),
        before=query.cursor,
        limit=query.limit,
        messages=app[MESSAGES],
        copies=app[COPIES],
        news=app[NEWS],
        view=view,
    )
    language = language_of(request)
    return ShownMessagePage(
        items=[_shown_message(message, names, app[CATALOGUES], language, person.id) for message in found],
        next_cursor=found[-1].id if len(found) == query.limit else None,
    )


async def count_unread_messages(request: web.Request, caller: Caller) -> UnreadCount:
    """How many messages the caller has not read, up to 100."""
    view = await view_of(request, await reader_asking(request, caller), unread=True, archived=False)
    found = await request.app[MESSAGES].count(caller.household(), view, most=MOST_COUNTED + 1)
    return UnreadCount(unread=min(found, MOST_COUNTED), more=found > MOST_COUNTED)


async def mark_messages_read(request: web.Request, body: ReadUntil, caller: Caller) -> UnreadCount:
    """Everything up to this message is read."""
    person = await reader_asking(request, caller)
    messages = request.app[MESSAGES]
    await messages.mark(caller.household(), person.id, "read", on=True, until=body.message_id)
    return await count_unread_messages(request, caller)


async def mark_message_read(request: web.Request, caller: Caller) -> None:
    """The caller has read it."""
    await _mark(request, caller, "read", on=True)


async def mark_message_unread(request: web.Request, caller: Caller) -> None:
    """As if the caller had not read it."""
    await _mark(request, caller, "read", on=False)


async def archive_message(request: web.Request, caller: Caller) -> None:
    """Put it away for the caller; the other guardian still sees it."""
    await _mark(request, caller, "archived", on=True)


async def bring_back_message(request: web.Request, caller: Caller) -> None:
    """Take it out of what was put away."""
    await _mark(request, caller, "archived", on=False)


async def _mark(request: web.Request, caller: Caller, mark: Mark, *, on: bool) -> None:
    person = await reader_asking(request, caller)
    ids = [request.match_info["message_id"]]
    if not await request.app[MESSAGES].mark(caller.household(), person.id, mark, on=on, ids=ids):
        raise NotFound()


def _shown_message(
    message: Message, names: Names, catalogues: Catalogues, language: str, person_id: str
) -> ShownMessage:
    words = words_of(message.event, names, language)
    return ShownMessage(
        message_id=message.id,
        municipality_id=message.municipality_id,
        municipality_name=names.towns.get(message.municipality_id, ""),
        kind=kind_of(message.event.topic),
        title=speak(words.title, catalogues, language),
        body=speak(words.body, catalogues, language),
        about_type=words.about_type,
        about_id=words.about_id,
        created_at=message.told_at,
        topic=code_of(type(message.event)),
        read=message.is_read_by(person_id),
        archived=person_id in message.archived_by,
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/messages",
        handler=list_messages,
        who=GUARDIAN,
        query=MessagesPage,
        answer=ShownMessagePage,
    ),
    Route(
        method="GET",
        path="/api/v1/messages/unread-count",
        handler=count_unread_messages,
        who=GUARDIAN,
        answer=UnreadCount,
    ),
    Route(
        method="POST",
        path="/api/v1/messages/read-marks",
        handler=mark_messages_read,
        who=GUARDIAN,
        body=ReadUntil,
        answer=UnreadCount,
    ),
    Route(method="PUT", path="/api/v1/messages/{message_id}/read", handler=mark_message_read, who=GUARDIAN),
    Route(method="DELETE", path="/api/v1/messages/{message_id}/read", handler=mark_message_unread, who=GUARDIAN),
    Route(method="PUT", path="/api/v1/messages/{message_id}/archive", handler=archive_message, who=GUARDIAN),
    Route(method="DELETE", path="/api/v1/messages/{message_id}/archive", handler=bring_back_message, who=GUARDIAN),
]
