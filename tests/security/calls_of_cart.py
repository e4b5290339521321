"""Calls about filling the cart by weeks and periods, about usual weeks, their reminders, and calendar links."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tests.security.call import CODE, Call, Make, fixed
from tests.security.world import POTTERY, REPAS, RESTAURANT, World

JANUARY = {"from": "2026-01-05", "until": "2026-01-09"}
PATTERN = [{"activity_id": REPAS, "weekdays": [1, 4], "weeks": "every"}]
USUAL = {"pattern": PATTERN, "from": "2025-12-01", "until": "2026-07-03"}
LINK = {"token": CODE}
WEDNESDAYS = iter(["2025-12-17", "2026-01-07", "2026-01-14", "2026-01-21", "2026-01-28", "2026-02-04"])


def _ids(world: World) -> dict[str, str]:
    return {"child_id": world.owner.child.id, "programme_id": RESTAURANT}


async def _set(world: World) -> dict[str, str]:
    ids = _ids(world)
    path = f"/children/{ids['child_id']}/usual-weeks/{ids['programme_id']}"
    answer = await world.owner.ask("PUT", path, USUAL)
    assert answer.status == 200, answer.content
    return ids


async def _one_week(world: World) -> Call:
    return Call(ids=await _set(world), names=True)


async def _weeks_of_child(world: World) -> Call:
    return Call(ids={"child_id": (await _set(world))["child_id"]}, names=True)


async def _usual_weeks(world: World) -> Call:
    await _set(world)
    await world.owner.ask("DELETE", "/cart")
    return Call(body=JANUARY)


async def _week_copy(world: World) -> Call:
    await world.cart_line()
    line = (await world.owner.get("/cart"))["lines"][0]
    week = _week_of(line["date"])
    world.copied.add((date.fromisoformat(line["date"]) + timedelta(weeks=1)).isocalendar()[:2])
    return Call(body={"child_id": world.owner.child.id, "week": week, "weeks": 1}, names=True)


def _week_of(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


async def _order(world: World) -> Call:
    """One of its own: the world's is still to be paid."""
    done = await world.owner.book(POTTERY, next(WEDNESDAYS))
    return Call(ids={"order_id": done["orders"][0]["order_id"]}, names=True)


async def _feed(world: World) -> Call:
    made = await world.owner.post("/calendar-feeds", {"child_id": None})
    return Call(ids={"feed_id": made["feed_id"]}, names=True)


async def _new_feed(world: World) -> Call:
    for feed in await world.owner.get("/calendar-feeds"):
        await world.owner.ask("DELETE", f"/calendar-feeds/{feed['feed_id']}")
    return Call(body={"child_id": world.owner.child.id}, names=True)


async def _calendar(world: World) -> Call:
    made = await world.owner.post("/calendar-feeds", {"child_id": None})
    return Call(ids={"token": made["url"].split("/")[-2]})


def _period(world: World) -> dict[str, Any]:
    return {**_ids(world), **JANUARY, "pattern": PATTERN}


CART_CALLS: Mapping[str, Make] = {
    "POST /api/v1/cart/period-previews": lambda world: Call(body=_period(world), names=True),
    "POST /api/v1/cart/usual-weeks": _usual_weeks,
    "DELETE /api/v1/cart/orders/{order_id}": _order,
    "POST /api/v1/cart/week-copies": _week_copy,
    "GET /api/v1/children/{child_id}/usual-weeks": _weeks_of_child,
    "GET /api/v1/children/{child_id}/usual-weeks/{programme_id}": _one_week,
    "PUT /api/v1/children/{child_id}/usual-weeks/{programme_id}": lambda world: Call(
        ids=_ids(world), body=USUAL, names=True
    ),
    "DELETE /api/v1/children/{child_id}/usual-weeks/{programme_id}": _one_week,
    "GET /api/v1/usual-week-links/{token}": fixed(ids=LINK),
    "POST /api/v1/usual-week-links/{token}": fixed(ids=LINK),
    "POST /api/v1/usual-week-links/{token}/opt-out": fixed(ids=LINK),
    "GET /api/v1/usual-week-reminders": fixed(),
    "PUT /api/v1/usual-week-reminders": fixed(body={"enabled": True}),
    "POST /api/v1/calendar-feeds": _new_feed,
    "GET /api/v1/calendar-feeds": fixed(),
    "DELETE /api/v1/calendar-feeds/{feed_id}": _feed,
    "GET /api/v1/calendar-feeds/{token}/calendar.ics": _calendar,
}
