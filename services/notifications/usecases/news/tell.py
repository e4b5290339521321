"""What is told of news: the copy of who is enrolled where, and the families an article is for."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date
from typing import Protocol

from services.notifications.domain.news.audience import Audience, Enrolment, Place
from services.notifications.domain.news.item import NewsItem
from services.notifications.domain.topics import Way
from shared.clock import Clock
from shared.contracts import Event, Told
from shared.contracts.notifications import NewsPublished
from shared.contracts.school import ChildEnrolled, EnrolmentEnded


class Enrolments(Protocol):
    async def keep(self, enrolment: Enrolment, sequence: int) -> None: ...
    async def end(self, enrolment: Enrolment, sequence: int) -> None: ...
    def households_meant(self, municipality_id: str, audience: Audience, today: date) -> AsyncIterator[list[str]]: ...


class Copies(Protocol):
    def households_in(self, municipality_id: str) -> AsyncIterator[list[str]]: ...


class News(Protocol):
    async def of_town(self, news_id: str, municipality_ids: Collection[str]) -> NewsItem | None: ...
    async def addressed(self, news_id: str, municipality_id: str, households: int) -> None: ...


class Telling(Protocol):
    async def households(self, told: Told[Event], household_ids: Sequence[str], ways: Collection[Way]) -> None: ...


async def keep_enrolment(told: Told[ChildEnrolled], *, enrolments: Enrolments) -> None:
    event = told.event
    await enrolments.keep(_enrolment(event, event.group, event.ends), told.sequence)


async def end_enrolment(told: Told[EnrolmentEnded], *, enrolments: Enrolments) -> None:
    """One that never began ends before everything."""
    await enrolments.end(_enrolment(told.event, "", told.event.last_day or date.min), told.sequence)


def _enrolment(event: ChildEnrolled | EnrolmentEnded, group: str, ends: date) -> Enrolment:
    place = Place(
        municipality_id=event.municipality_id, programme_id=event.programme_id, site_id=event.site_id, group=group
    )
    return Enrolment(id=event.enrolment_id, child_ids=event.child_ids, place=place, ends=ends)


async def announce_news(
    told: Told[NewsPublished], *, news: News, copies: Copies, enrolments: Enrolments, telling: Telling, clock: Clock
) -> None:
    """Every household it is for, by the ways its editor chose; nobody once it was taken back."""
    event = told.event
    item = await news.of_town(event.news_id, [event.municipality_id])
    if item is None or item.state == "withdrawn":
        return
    if item.audience.is_everybody:
        concerned = copies.households_in(event.municipality_id)
    else:
        concerned = enrolments.households_meant(event.municipality_id, item.audience, clock().date())
    households = 0
    async for some in concerned:
        if item.ways:
            await telling.households(told, some, item.ways)
        households += len(some)
    await news.addressed(item.id, item.municipality_id, households)
