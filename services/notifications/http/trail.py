"""The door for people: what was told to whom, by which channel, and what became of it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from services.notifications.domain.messages import Channel
from services.notifications.domain.topics import TOPICS, code_of
from services.notifications.domain.wording import kind_of
from services.notifications.http.parts import COPIES, DEVICES, TRAIL_OF_MAILS
from services.notifications.http.persons import reader_asking
from services.notifications.store.mail_documents import EVENTS
from services.notifications.store.trail import Asked, Entry, cursor_of
from shared import audit
from shared.auth import Caller, Role
from shared.errors import NotFound
from shared.local_dates import LocalDate
from shared.problems import CATALOGUES, language_of
from shared.web import Answer, Body, Route, guardian_or_agent

Id = Annotated[str, StringConstraints(max_length=80, pattern=r"^[A-Za-z0-9_.-]*$")]
WayNamed = Literal["inbox", "mail", "push", "sms"]
State = Literal["told", "pending", "gathered", "claimed", "sent", "refused", "expired", "bounced"]
TRAIL_ROLES = (Role.MANAGER, Role.REGISTRAR, Role.CASHIER)
CHANNELS: dict[WayNamed, Channel] = {"inbox": "app", "mail": "mail", "push": "push", "sms": "sms"}
WAYS: dict[Channel, WayNamed] = {channel: way for way, channel in CHANNELS.items()}


class TrailQuery(Body):
    """`event_id`: the event that caused it. `from` and `until`: days in the town's time zone, both included.

    `municipality_id` and `household_id`: of an agent's question; a family always sees its own, of all its towns.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    municipality_id: Annotated[str, StringConstraints(max_length=60)] = ""
    household_id: Id = ""
    event_id: Id = ""
    channel: WayNamed | None = None
    state: State | None = None
    since: Annotated[LocalDate | None, Field(alias="from")] = None
    until: LocalDate | None = None
    cursor: Annotated[str, StringConstraints(max_length=300)] = ""
    limit: int = Field(50, ge=1, le=100)


class ShownTry(Answer):
    """`outcome`: `sent`, `put_back`, `refused`, `expired` or `bounced`; `reason`: a code, such as `smtp-550`."""

    at: datetime
    outcome: str
    reason: str


class ShownEntry(Answer):
    """One message to one reader. `kind`: the noun of the event; `topic`: what it counts as in the preferences.

    `state`: `told` (in the space), `pending`, `claimed`, `gathered` (for the daily summary), `sent`, `refused`,
    `expired` or `bounced`. `recipient`: the guardian's name, empty for the household's space and for who is no guardian
    here; `second_address`: it went to their second address. `next_try_at`: when it is tried next.
    """

    message_id: str
    event_id: str
    kind: str
    topic: str
    topic_title: str
    channel: WayNamed
    household_id: str
    municipality_id: str
    recipient_id: str
    recipient: str
    second_address: bool
    state: str
    told_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    reason: str
    digest_id: str
    tries: list[ShownTry]


class ShownTrail(Answer):
    items: list[ShownEntry]
    next_cursor: str | None


async def show_notification_trail(request: web.Request, query: TrailQuery, caller: Caller) -> ShownTrail:
    """What was told: of an agent's town, or of the caller's own; latest first, never the words themselves."""
    if query.municipality_id and not (caller.is_guardian and not caller.is_agent):
        return await _of_town(request, query, caller)
    person = await reader_asking(request, caller)
    if not person.household_id:
        raise NotFound()
    devices = [one.id for one in await request.app[DEVICES].of_person(person.id)]
    readers = [person.id, f"{person.id}.2", *devices]
    asked = _asked(query, ZoneInfo("Europe/Paris"))
    found = await request.app[TRAIL_OF_MAILS].of_household(person.household_id, readers, asked)
    return await _answer(request, query, found)


async def _of_town(request: web.Request, query: TrailQuery, caller: Caller) -> ShownTrail:
    municipality_id = caller.agent_of(query.municipality_id, *TRAIL_ROLES)
    town = await request.app[COPIES].town(municipality_id)
    asked = _asked(query, ZoneInfo(town.time_zone if town else "Europe/Paris"))
    found = await request.app[TRAIL_OF_MAILS].of_town(municipality_id, asked, query.household_id)
    audit.about(request, municipality_id, households={query.household_id, *(one.household_id for one in found)})
    return await _answer(request, query, found)


def _asked(query: TrailQuery, zone: ZoneInfo) -> Asked:
    return Asked(
        event_id=query.event_id,
        channel=CHANNELS[query.channel] if query.channel else None,
        state=query.state or "",
        since=_midnight(query.since, zone) if query.since else None,
        until=_midnight(query.until + timedelta(days=1), zone) if query.until else None,
        after=query.cursor,
        limit=query.limit,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


async def _answer(request: web.Request, query: TrailQuery, found: list[Entry]) -> ShownTrail:
    names = await request.app[COPIES].guardian_names({one.household_id for one in found if one.household_id})
    return ShownTrail(
        items=[_shown(one, names, request) for one in found],
        next_cursor=cursor_of(found[-1]) if len(found) == query.limit else None,
    )


def _shown(entry: Entry, names: dict[str, str], request: web.Request) -> ShownEntry:
    guardian_id, _, second = entry.recipient_id.partition(".")
    contract = EVENTS.get(entry.topic)
    code = code_of(contract) if contract else ""
    title = TOPICS[code].title if code else ""
    return ShownEntry(
        message_id=entry.id,
        event_id=entry.event_id,
        kind=kind_of(entry.topic),
        topic=code,
        topic_title=request.app[CATALOGUES].translate(language_of(request), title),
        channel=WAYS[entry.channel],
        household_id=entry.household_id,
        municipality_id=entry.municipality_id,
        recipient_id=entry.recipient_id,
        recipient=names.get(guardian_id, ""),
        second_address=bool(second) and guardian_id in names,
        state=entry.state,
        told_at=entry.told_at,
        sent_at=entry.sent_at,
        next_try_at=entry.due_at if entry.state == "pending" else None,
        reason=entry.reason,
        digest_id=entry.digest_id,
        tries=[ShownTry(at=one.at, outcome=one.outcome, reason=one.reason) for one in entry.tries],
    )


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/notification-trail",
        handler=show_notification_trail,
        who=guardian_or_agent(*TRAIL_ROLES),
        query=TrailQuery,
        answer=ShownTrail,
        audit="notification_trail_read",
    ),
]
