"""Calls about the town's calendar, enrolments and the school-year change."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tests.security.call import TOWN, Call, Make, fixed
from tests.security.world import RESTAURANT, SCHOOL, World

PERIODS, ENROLMENTS = "/calendar-periods", "/enrolments"
ICS = "text/calendar"
ANY_VERSION = {"If_Match": "*"}
# Far from the days other calls are about.
LATER = date(2032, 1, 5)
CHRISTMAS = b"\r\n".join(
    [
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        b"PRODID:-//preau//",
        b"BEGIN:VEVENT",
        b"UID:1",
        b"DTSTART;VALUE=DATE:20321218",
        b"DTEND;VALUE=DATE:20330103",
        b"SUMMARY:Vacances",
        b"END:VEVENT",
        b"END:VCALENDAR",
        b"",
    ]
)


def _day(world: World) -> str:
    """A new one each time: what is added stays."""
    world.hired += 1
    return (LATER + timedelta(days=world.hired)).isoformat()


def _closure(world: World) -> dict[str, Any]:
    day = _day(world)
    return {"kind": "closure", "from": day, "until": day, "label": "Travaux", "site_ids": [SCHOOL]}


async def _period(world: World) -> dict[str, str]:
    body = _closure(world)
    told = await world.aurore.manager.post(f"{PERIODS}?municipality_id={world.aurore.id}", body)
    return {"period_id": next(one["period_id"] for one in told["periods"] if one["from"] == body["from"])}


async def _changed_period(world: World) -> Call:
    ids = await _period(world)
    return Call(ids=ids, query=TOWN, body=_closure(world), headers=ANY_VERSION, names=True)


async def _removed_period(world: World) -> Call:
    return Call(ids=await _period(world), query=TOWN, headers=ANY_VERSION, names=True)


def _where(world: World) -> dict[str, str]:
    return {"site_id": SCHOOL, "group": "CM2", "from": _day(world), "until": "2040-08-31"}


def _enrolment(world: World) -> dict[str, str]:
    return {**TOWN, **_where(world), "programme_id": RESTAURANT, "child_id": world.owner.child.id}


async def _enrolled(world: World) -> dict[str, str]:
    told = await world.aurore.manager.post(ENROLMENTS, _enrolment(world))
    return {"enrolment_id": str(told["enrolment"]["enrolment_id"])}


async def _changed_enrolment(world: World) -> Call:
    return Call(ids=await _enrolled(world), query=TOWN, body=_where(world), headers=ANY_VERSION, names=True)


async def _ended_enrolment(world: World) -> Call:
    return Call(ids=await _enrolled(world), query=TOWN, headers=ANY_VERSION, names=True)


SCHOOL_CALLS: Mapping[str, Make] = {
    "GET /api/v1/calendar": fixed(query={**TOWN, "from": "2025-11-03", "until": "2025-11-07"}),
    "GET /api/v1/calendar-periods": fixed(query=TOWN, names=True),
    "POST /api/v1/calendar-periods": lambda world: Call(query=TOWN, body=_closure(world), names=True),
    "PUT /api/v1/calendar-periods/{period_id}": _changed_period,
    "DELETE /api/v1/calendar-periods/{period_id}": _removed_period,
    "GET /api/v1/calendar-periods/school-holidays": fixed(),
    "POST /api/v1/calendar-periods/school-holidays": fixed(
        query=TOWN, body={"zone": "B", "school_year": "2027-2028"}, names=True
    ),
    "POST /api/v1/calendar-periods/calendar-files": fixed(query=TOWN, content=CHRISTMAS, media=ICS, names=True),
    "GET /api/v1/enrolments": lambda world: Call(query={**TOWN, "child_id": world.owner.child.id}, names=True),
    "POST /api/v1/enrolments": lambda world: Call(body=_enrolment(world), names=True),
    "PUT /api/v1/enrolments/{enrolment_id}": _changed_enrolment,
    "DELETE /api/v1/enrolments/{enrolment_id}": _ended_enrolment,
    "POST /api/v1/school-year-changes": fixed(
        body={
            **TOWN,
            "from": "2031-09-01",
            "until": "2032-07-02",
            "enrolled_on": "2026-06-15",
            "moves": [{"site_id": SCHOOL, "group": "*"}],
            "dry_run": True,
        },
        names=True,
    ),
}
