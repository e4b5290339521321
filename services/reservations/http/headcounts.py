"""The door to counts of heads and to meal orders: for staff, and for partners' kitchens, which see no class."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from aiohttp import web

from services.reservations.domain.attendance import Counts
from services.reservations.domain.headcounts import Headcount, Table, without_groups
from services.reservations.domain.meal_orders import Amendment, MealOrder
from services.reservations.domain.programmes import Activity
from services.reservations.domain.refusals import BeyondTheHorizon, PeriodBackwards
from services.reservations.domain.town import Town
from services.reservations.http.attendance import STAFF
from services.reservations.http.parts import CATALOGUE, HEADS, MEAL_ORDERS
from services.reservations.http.shapes import Id
from services.reservations.usecases.count_heads import count_heads
from shared.auth import Caller
from shared.errors import NotFound
from shared.local_dates import LocalDate
from shared.web import Answer, Body, Route, Who

SCOPE = "headcounts.read"
WHO = Who(roles=STAFF, scope=SCOPE)
MOST_DAYS = 62


class WhichHeads(Body):
    municipality_id: Id
    date: LocalDate
    site_id: str = ""
    programme_id: str = ""


class ShownHeads(Answer):
    """`expected`: booked, whatever was marked since; `reported`: of these, whose family said they will be away;
    `to_prepare`: meals, say: neither away nor waiting for a payment (`held`). `group` is empty for partners; `site_id`
    for children who are enrolled nowhere that day.
    """

    programme_id: str
    activity_id: str
    activity_name: str
    site_id: str
    group: str
    diet: str
    expected: int
    present: int
    absent: int
    unbooked: int
    reported: int
    held: int
    to_prepare: int


class ShownHeadcounts(Answer):
    """`diets`: what their codes are called."""

    municipality_id: str
    date: date
    diets: dict[str, str]
    items: list[ShownHeads]


class WhichOrders(Body):
    """Days `date` to `until`, both included; of one day without `until`."""

    municipality_id: Id
    date: LocalDate
    until: LocalDate | None = None
    programme_id: str = ""


class ShownMeals(Answer):
    activity_id: str
    site_id: str
    diet: str
    count: int


class ShownChange(Answer):
    activity_id: str
    site_id: str
    diet: str
    before: int
    after: int


class ShownAmendment(Answer):
    number: int
    at: datetime
    changes: list[ShownChange]


class ShownMealOrder(Answer):
    """`due_at`: when the kitchen had to know; `ordered`: what it was told then; `current`: as amended since."""

    programme_id: str
    date: date
    due_at: datetime
    frozen_at: datetime
    ordered: list[ShownMeals]
    amendments: list[ShownAmendment]
    current: list[ShownMeals]


class ShownMealOrders(Answer):
    municipality_id: str
    diets: dict[str, str]
    items: list[ShownMealOrder]


async def headcount(request: web.Request, query: WhichHeads, caller: Caller) -> ShownHeadcounts:
    """How many children come on a day, by activity, site, class and diet."""
    town, found = await counted_for(request, caller, query)
    names = {one.id: one for one in offered(town, None, "")}
    return ShownHeadcounts(
        municipality_id=query.municipality_id,
        date=query.date,
        diets=dict(town.diets),
        items=[_heads(one, names[one.table.activity_id]) for one in found],
    )


async def counted_for(request: web.Request, caller: Caller, query: WhichHeads) -> tuple[Town, list[Headcount]]:
    """What this caller may see of the day. Raises `Forbidden`, and `NotFound` for a site or programme of nobody."""
    programmes = programmes_of(caller, query.municipality_id)
    town = await request.app[CATALOGUE].town(query.municipality_id)
    if query.site_id and query.site_id not in town.sites:
        raise NotFound()
    activities = offered(town, programmes, query.programme_id)
    app = request.app
    found = await count_heads(town.municipality_id, query.date, activities, app[HEADS], site_id=query.site_id)
    return town, visible(found, caller)


def visible(found: list[Headcount], caller: Caller) -> list[Headcount]:
    return without_groups(found) if caller.is_partner else found


def programmes_of(caller: Caller, municipality_id: str) -> frozenset[str] | None:
    """Those whose heads the caller may count; None for all of the town. Raises `Forbidden`."""
    if caller.is_partner:
        caller.partner_in(municipality_id, SCOPE)
        return None
    return caller.programmes_in(municipality_id, *STAFF)


def offered(town: Town, programmes: Collection[str] | None, programme_id: str) -> list[Activity]:
    """Raises `NotFound` for a programme that is not there, or not the caller's."""
    if programme_id and (programme_id not in town.programmes or programme_id not in (programmes or [programme_id])):
        raise NotFound()
    return [
        activity
        for programme in town.programmes.values()
        if programmes is None or programme.id in programmes
        if not programme_id or programme.id == programme_id
        for activity in programme.activities
    ]


def _heads(one: Headcount, activity: Activity) -> ShownHeads:
    table, counts = one.table, one.counts
    return ShownHeads(
        programme_id=activity.programme_id,
        activity_id=activity.id,
        activity_name=activity.name,
        site_id=table.site_id,
        group=table.group,
        diet=table.diet,
        reported=one.reported,
        held=one.held,
        to_prepare=one.to_prepare,
        **_counts(counts),
    )


def _counts(counts: Counts) -> dict[str, int]:
    return vars(counts)


async def meal_orders(request: web.Request, query: WhichOrders, caller: Caller) -> ShownMealOrders:
    """What kitchens were told to prepare, and every change since."""
    programmes = programmes_of(caller, query.municipality_id)
    until = query.until or query.date
    if until < query.date:
        raise PeriodBackwards(start=query.date, until=until)
    if until - query.date >= timedelta(days=MOST_DAYS):
        raise BeyondTheHorizon(days=MOST_DAYS)
    town = await request.app[CATALOGUE].town(query.municipality_id)
    wanted = {activity.programme_id for activity in offered(town, programmes, query.programme_id)}
    found = await request.app[MEAL_ORDERS].of_town(query.municipality_id, query.date, until, wanted)
    return ShownMealOrders(
        municipality_id=query.municipality_id, diets=dict(town.diets), items=[_order(one) for one in found]
    )


def _order(order: MealOrder) -> ShownMealOrder:
    return ShownMealOrder(
        programme_id=order.programme_id,
        date=order.date,
        due_at=order.due_at,
        frozen_at=order.frozen_at,
        ordered=_meals(order.ordered.items()),
        amendments=[_amendment(one) for one in order.amendments],
        current=_meals(order.current.items()),
    )


def _meals(counts: Iterable[tuple[Table, int]]) -> list[ShownMeals]:
    return [ShownMeals(**_where(table), count=count) for table, count in sorted(counts)]


def _amendment(one: Amendment) -> ShownAmendment:
    changes = [
        ShownChange(**_where(table), before=before, after=after)
        for table, (before, after) in sorted(one.changes.items())
    ]
    return ShownAmendment(number=one.number, at=one.at, changes=changes)


def _where(table: Table) -> dict[str, str]:
    return {"activity_id": table.activity_id, "site_id": table.site_id, "diet": table.diet}


ROUTES = [
    Route(
        method="GET", path="/api/v1/headcounts", handler=headcount, who=WHO, query=WhichHeads, answer=ShownHeadcounts
    ),
    Route(
        method="GET",
        path="/api/v1/meal-orders",
        handler=meal_orders,
        who=WHO,
        query=WhichOrders,
        answer=ShownMealOrders,
    ),
]
