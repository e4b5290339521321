"""The door to a reminder's link, which needs no log-in, and to whether a household wants reminders."""

from datetime import date, datetime
from typing import Literal

from aiohttp import web

from services.reservations.domain.validation import Validation
from services.reservations.http.parts import COUNTER, LETTERBOX, ORDERS, REMINDERS
from services.reservations.http.shapes import ShownRefusal, shown
from services.reservations.usecases.use_week_link import Link, look_at_link, silence_link, use_link
from shared.auth import Caller
from shared.web import ANYONE, CLOCK, GUARDIAN, Answer, Body, Route

PATH = "/api/v1/usual-week-links/{token}"


class LinkedDay(Answer):
    activity_id: str
    activity_name: str
    date: date


class ShownLink(Answer):
    """`state`: open until `until`, then over; used when its days were asked for once."""

    municipality_id: str
    town_name: str
    time_zone: str
    child_first_name: str
    programme_name: str
    until: datetime
    state: Literal["open", "used", "over"]
    days: list[LinkedDay]


class LinkedOutcome(LinkedDay):
    outcome: str
    problem: ShownRefusal | None


class UsedLink(Answer):
    """`pay_until`: when days that are kept must be paid, for a programme that is paid beforehand."""

    town_name: str
    child_first_name: str
    programme_name: str
    days: list[LinkedOutcome]
    pay_until: datetime | None


class Reminding(Body):
    enabled: bool


class ShownReminding(Answer):
    """Whether the household is told before a cut-off that a usual week is not booked."""

    enabled: bool


async def show_week_link(request: web.Request) -> ShownLink:
    """What a reminder's link would book. Looking books nothing."""
    link = await look_at_link(request.match_info["token"], request.app[LETTERBOX])
    names = _names(link)
    return ShownLink(
        municipality_id=link.town.municipality_id,
        town_name=link.town.name,
        time_zone=link.town.calendar.zone.key,
        child_first_name=link.child.first_name,
        programme_name=link.programme.name,
        until=link.town.calendar.local(link.reminder.until),
        state="used" if link.reminder.used_at else "over" if link.over else "open",
        days=[
            LinkedDay(activity_id=activity_id, activity_name=names.get(activity_id, activity_id), date=day)
            for activity_id, day in link.reminder.slots
        ],
    )


async def book_week_link(request: web.Request) -> UsedLink:
    """Book the days of a reminder's link, each as far as it is possible; once, without signing in."""
    app = request.app
    link, done = await use_link(request.match_info["token"], app[LETTERBOX], app[COUNTER])
    names = _names(link)
    return UsedLink(
        town_name=link.town.name,
        child_first_name=link.child.first_name,
        programme_name=link.programme.name,
        days=[
            LinkedOutcome(
                activity_id=one.line.activity_id,
                activity_name=names.get(one.line.activity_id, one.line.activity_id),
                date=one.line.date,
                outcome=one.outcome,
                problem=shown(one.refusal, request),
            )
            for one in done.outcomes
        ],
        pay_until=await _pay_until(done, link, request),
    )


async def _pay_until(done: Validation, link: Link, request: web.Request) -> datetime | None:
    if not any(one.outcome == "held" for one in done.outcomes):
        return None
    order = await request.app[ORDERS].get(done.order_ids[link.town.municipality_id], done.household_id)
    return link.town.calendar.local(order.expires_at) if order else None


async def silence_week_link(request: web.Request) -> None:
    """No more reminders for this household; its account page can ask for them again."""
    await silence_link(request.match_info["token"], request.app[LETTERBOX])


def _names(link: Link) -> dict[str, str]:
    return {activity.id: activity.name for activity in link.programme.activities}


async def week_reminders(request: web.Request, caller: Caller) -> ShownReminding:
    """Whether the household wants reminders of its usual weeks."""
    household_id = caller.household()
    return ShownReminding(enabled=household_id not in await request.app[REMINDERS].quiet_among([household_id]))


async def set_week_reminders(request: web.Request, body: Reminding, caller: Caller) -> ShownReminding:
    """Ask for reminders of usual weeks, or for none."""
    household_id, reminders = caller.household(), request.app[REMINDERS]
    if body.enabled:
        await reminders.speak_again(household_id)
    else:
        await reminders.keep_quiet(household_id, now=request.app[CLOCK]())
    return ShownReminding(enabled=body.enabled)


ROUTES = [
    Route(method="GET", path=PATH, handler=show_week_link, who=ANYONE, answer=ShownLink),
    Route(method="POST", path=PATH, handler=book_week_link, who=ANYONE, answer=UsedLink),
    Route(method="POST", path=f"{PATH}/opt-out", handler=silence_week_link, who=ANYONE),
    Route(
        method="GET", path="/api/v1/usual-week-reminders", handler=week_reminders, who=GUARDIAN, answer=ShownReminding
    ),
    Route(
        method="PUT",
        path="/api/v1/usual-week-reminders",
        handler=set_week_reminders,
        who=GUARDIAN,
        body=Reminding,
        answer=ShownReminding,
    ),
]
