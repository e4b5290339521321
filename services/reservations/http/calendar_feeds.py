"""The door to private calendar links, and to what calendar programs read under them (RFC 5545)."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from aiohttp import web
from icalendar import Calendar, Event

from services.reservations.domain.feeds import Appointment, Feed
from services.reservations.http.parts import PUBLIC_URL, RACK
from services.reservations.http.shapes import Id
from services.reservations.usecases.calendar_feeds import ReadFeed, make_feed, read_feed, revoke_feed
from shared.auth import Caller
from shared.web import ANYONE, GUARDIAN, Answer, Body, Route

MEDIA = "text/calendar"
# Programs that keep to it ask four times an hour.
FRESH = timedelta(minutes=15)


class NewFeed(Body):
    """`child_id`: of one child; null for all of the household."""

    child_id: Id | None


class ShownFeed(Answer):
    """`read_at`: when a calendar program last read it, to the day."""

    feed_id: str
    child_id: str | None
    created_at: datetime
    read_at: datetime


class MadeFeed(ShownFeed):
    """`url` is told this once: whoever knows it reads the household's days."""

    url: str


async def make_calendar_feed(request: web.Request, body: NewFeed, caller: Caller) -> MadeFeed:
    """Make a private link for calendar programs: the household's booked days, kept up to date."""
    feed, secret = await make_feed(caller.household(), body.child_id or "", request.app[RACK])
    url = f"{request.app[PUBLIC_URL]}/api/v1/calendar-feeds/{secret}/calendar.ics"
    return MadeFeed(**_members(feed), url=url)


async def calendar_feeds(request: web.Request, caller: Caller) -> list[ShownFeed]:
    """The household's calendar links, without their addresses."""
    return [ShownFeed(**_members(feed)) for feed in await request.app[RACK].feeds.of_household(caller.household())]


async def revoke_calendar_feed(request: web.Request, caller: Caller) -> None:
    """End a calendar link."""
    await revoke_feed(request.match_info["feed_id"], caller.household(), request.app[RACK])


def _members(feed: Feed) -> dict[str, Any]:
    return {
        "feed_id": feed.id,
        "child_id": feed.child_id or None,
        "created_at": feed.created_at,
        "read_at": feed.read_at,
    }


async def calendar_feed(request: web.Request) -> web.StreamResponse:
    """The booked days behind a link, from last month to a year ahead, for calendar programs."""
    found = await read_feed(request.match_info["token"], request.app[RACK])
    content = written(found)
    tag = hashlib.sha256(content).hexdigest()[:32]
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": f"private, max-age={int(FRESH.total_seconds())}",
        # The address is the secret.
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    if any(one.value in ("*", tag) for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, content_type=MEDIA, charset="utf-8", headers=headers)


def written(found: ReadFeed) -> bytes:
    """The same bytes for the same days."""
    shown = Calendar()
    shown.add("prodid", "-//Préau//calendar feed//FR")
    shown.add("version", "2.0")
    shown.add("method", "PUBLISH")
    shown.add("x-wr-calname", f"Préau – {found.name}" if found.name else "Préau")
    shown.add("refresh-interval", FRESH, parameters={"value": "DURATION"})
    for appointment in found.appointments:
        shown.add_component(_event(appointment, found.feed.created_at))
    return bytes(shown.to_ical())


def _event(one: Appointment, stamp: datetime) -> Event:
    event = Event()
    put = partial(event.add)
    put("uid", one.uid)
    put("dtstamp", stamp.astimezone(UTC))
    put("summary", one.title)
    put("description", one.programme)
    if one.place:
        put("location", one.place)
    if one.starts and one.ends:
        # In UTC: instants need no description of a time zone.
        put("dtstart", one.starts.astimezone(UTC))
        put("dtend", one.ends.astimezone(UTC))
    else:
        put("dtstart", one.day)
        put("dtend", one.day + timedelta(days=1))
    put("status", "CONFIRMED" if one.sure else "TENTATIVE")
    put("transp", "TRANSPARENT")
    return event


ROUTES = [
    Route(
        method="POST",
        path="/api/v1/calendar-feeds",
        handler=make_calendar_feed,
        who=GUARDIAN,
        body=NewFeed,
        answer=MadeFeed,
        status=201,
    ),
    Route(method="GET", path="/api/v1/calendar-feeds", handler=calendar_feeds, who=GUARDIAN, answer=list[ShownFeed]),
    Route(method="DELETE", path="/api/v1/calendar-feeds/{feed_id}", handler=revoke_calendar_feed, who=GUARDIAN),
    Route(
        method="GET",
        path="/api/v1/calendar-feeds/{token}/calendar.ics",
        handler=calendar_feed,
        who=ANYONE,
        gives=MEDIA,
    ),
]
