"""What time brings: a date that was promised passes, a family does not send what it is asked for."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from services.requests.domain.processing.asking import reminded
from services.requests.domain.processing.ending import escalated, overdue_since
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.towns import Offices
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict


class Requests(Protocol):
    def overdue_before(self, day: date) -> AsyncIterator[Request]: ...
    def waiting_since(self, before: datetime, reminders: int) -> AsyncIterator[Request]: ...
    async def save_work(self, request: Request, events: Sequence[Event], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Escalated:
    overdue: int
    reminded: int


async def escalate(*, requests: Requests, towns: Offices, clock: Clock, remind_after: Sequence[timedelta]) -> Escalated:
    """One pass; harmless when repeated or run by several processes at once: each tells a thing once.

    `remind_after`: how long after it was asked a family is reminded, once each.
    """
    now = moment(clock)
    return Escalated(
        overdue=await _overdue(now, requests, towns),
        reminded=await _reminded(now, requests, remind_after),
    )


async def _overdue(now: datetime, requests: Requests, towns: Offices) -> int:
    told = 0
    # Everywhere on earth: each is held against its own town's day below.
    async for request in requests.overdue_before((now + timedelta(days=1)).date()):
        due_on = overdue_since(request, (await towns.office(request.municipality_id)).today(now))
        if due_on is None:
            continue
        # Changed meanwhile: the next pass sees how it stands then.
        with suppress(Conflict):
            after, event = escalated(request, due_on)
            await requests.save_work(after, (event,), now)
            told += 1
    return told


async def _reminded(now: datetime, requests: Requests, remind_after: Sequence[timedelta]) -> int:
    told = 0
    # The last one that is due stands for those before it: who was away does not remind twice in a row.
    for step, after in reversed(list(enumerate(remind_after, start=1))):
        async for request in requests.waiting_since(now - after, step):
            with suppress(Conflict):
                changed, event = reminded(request, step)
                await requests.save_work(changed, (event,), now)
                told += 1
    return told
