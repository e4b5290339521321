"""Enrol the children of an accepted request, as the category of the request says where."""

from datetime import date

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.enrolments import AlreadyEnrolled
from services.reservations.domain.school_year import end_of_school_year
from services.reservations.usecases.enrol import Registry, enrol
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from shared.errors import NotFound, Unavailable


async def enrol_from_request(told: Told[RequestAnswered], *, registry: Registry) -> None:
    """Heard again, it finds them enrolled; what an agent changed meanwhile stays.

    Raises `UnusableEnrolment` for a programme or site the town has not: the message waits for an operator. Raises
    `Unavailable` for a child whose adhesion did not arrive yet.
    """
    event = told.event
    starts = event.starts or await _today(event.municipality_id, registry)
    new = Enrolment(
        programme_id=event.facts.get("programme", ""),
        site_id=event.facts.get("site", ""),
        group=event.facts.get("group", ""),
        category=event.facts.get("category", ""),
        starts=starts,
        ends=event.ends or end_of_school_year(starts),
    )
    for child_id in event.child_ids:
        try:
            await enrol(event.municipality_id, "", child_id, new, registry)
        except AlreadyEnrolled:
            continue
        except NotFound:
            raise Unavailable() from None


async def _today(municipality_id: str, registry: Registry) -> date:
    town = await registry.catalogue.town(municipality_id)
    return town.calendar.today(registry.clock())
