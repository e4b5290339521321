"""The door for people: how they want to be told."""

from datetime import datetime, time
from typing import Annotated

from aiohttp import web
from pydantic import ConfigDict, Field, StringConstraints

from services.notifications.domain.preferences import Preferences
from services.notifications.domain.quiet import QuietHours
from services.notifications.domain.topics import TOPICS, WAYS, Topic, Way
from services.notifications.http.parts import PREFERENCES, WAYS_OFFERED
from services.notifications.http.persons import person_asking
from services.notifications.usecases.choose import choose
from services.notifications.usecases.people import Person
from shared.auth import Caller
from shared.problems import CATALOGUES, language_of
from shared.versions import etag
from shared.web import CLOCK, Answer, Body, Int, Route, guardian_or_agent

HourMinute = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
TopicCode = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]


class Quiet(Body):
    """Local times of the town, `HH:MM`; past midnight when `until` is the earlier one."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    start: Annotated[HourMinute, Field(alias="from")]
    end: Annotated[HourMinute, Field(alias="until")]

    def hours(self) -> QuietHours:
        return QuietHours(start=time.fromisoformat(self.start), end=time.fromisoformat(self.end))


class NewPreferences(Body):
    """All of them: what is left out goes as it usually does.

    `topics`: on or off by topic and channel (`inbox`, `mail`, `push`, `sms`). `digest_hour`: of the town's day, null to
    get each mail at once. `quiet_hours`: nothing but the safety of the account goes in them. `second_address`: whether
    copies go to it.
    """

    topics: dict[TopicCode, dict[Way, bool]] = Field(max_length=len(TOPICS))
    digest_hour: Int | None = Field(None, ge=0, le=23)
    quiet_hours: Quiet | None = None
    second_address: bool = True


class ShownWay(Answer):
    """`on`: whether it goes that way now; `chosen`: because the person said so."""

    channel: Way
    on: bool
    chosen: bool
    offered: bool


class ShownTopic(Answer):
    """`mandatory`: mail or inbox stays on; `fixed`: nothing to choose; `digest`: may be part of the daily summary."""

    topic: str
    title: str
    mandatory: bool
    fixed: bool
    digest: bool
    channels: list[ShownWay]


class ShownQuiet(Answer):
    model_config = ConfigDict(frozen=True, serialize_by_alias=True)

    start: Annotated[str, Field(serialization_alias="from")]
    end: Annotated[str, Field(serialization_alias="until")]


class ShownPreferences(Answer):
    """`channels`: those this installation has. `version`: 0 until something was chosen, also the ETag."""

    channels: list[Way]
    topics: list[ShownTopic]
    digest_hour: int | None
    quiet_hours: ShownQuiet | None
    second_address: bool
    has_second_address: bool
    has_phone: bool
    version: int
    changed_at: datetime | None


async def show_notification_preferences(request: web.Request, caller: Caller) -> web.Response:
    """How the caller is told of what, and what there is to choose."""
    person = await person_asking(request, caller)
    return _answer(request, person, await request.app[PREFERENCES].of(person.id, person.household_id))


async def set_notification_preferences(request: web.Request, body: NewPreferences, caller: Caller) -> web.Response:
    """Choose, whole; `If-Match` takes the ETag that was read."""
    person = await person_asking(request, caller)
    chosen = await choose(
        person,
        choices=body.topics,
        digest_hour=body.digest_hour,
        quiet=body.quiet_hours.hours() if body.quiet_hours else None,
        second_address=body.second_address,
        if_match=request.headers.get("If-Match", ""),
        preferences=request.app[PREFERENCES],
        clock=request.app[CLOCK],
    )
    return _answer(request, person, chosen)


def _answer(request: web.Request, person: Person, chosen: Preferences) -> web.Response:
    language = language_of(request)
    catalogues = request.app[CATALOGUES]
    offered = request.app[WAYS_OFFERED]
    quiet = chosen.quiet
    shown = ShownPreferences(
        channels=[way for way in WAYS if way in offered],
        topics=[
            ShownTopic(
                topic=topic.code,
                title=catalogues.translate(language, topic.title),
                mandatory=topic.mandatory,
                fixed=topic.fixed,
                digest=topic.digestible,
                channels=_ways(topic, chosen, person, offered),
            )
            for topic in TOPICS.values()
        ],
        digest_hour=chosen.digest_hour,
        quiet_hours=quiet and ShownQuiet(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}"),
        second_address=chosen.second_address,
        has_second_address=bool(person.second_address),
        has_phone=bool(person.phone),
        version=chosen.version,
        changed_at=chosen.changed_at,
    )
    text = shown.model_dump_json()
    return web.Response(text=text, content_type="application/json", headers={"ETag": etag(chosen.version)})


def _ways(topic: Topic, chosen: Preferences, person: Person, offered: frozenset[Way]) -> list[ShownWay]:
    return [
        ShownWay(
            channel=way,
            on=chosen.wants(topic, way, person.wishes),
            chosen=way in chosen.choices.get(topic.code, {}),
            offered=way in offered,
        )
        for way in topic.offered
    ]


ROUTES = [
    Route(
        method="GET",
        path="/api/v1/notification-preferences",
        handler=show_notification_preferences,
        who=guardian_or_agent(),
        answer=ShownPreferences,
    ),
    Route(
        method="PUT",
        path="/api/v1/notification-preferences",
        handler=set_notification_preferences,
        who=guardian_or_agent(),
        body=NewPreferences,
        answer=ShownPreferences,
    ),
]
