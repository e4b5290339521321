"""Enrol the children of an accepted request, as the category of the request says where; or take that back."""

from collections.abc import Callable
from datetime import date, timedelta

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.enrolments import (
    AlreadyEnrolled,
    Enrolled,
    checked,
    ended,
    having_decided,
    with_changed,
    with_new,
)
from services.reservations.domain.school_year import end_of_school_year
from services.reservations.usecases.enrol import Registry, save
from shared.contracts import Told
from shared.contracts.requests import RequestAnswered
from shared.errors import NotFound, Unavailable


async def enrol_from_request(
    told: Told[RequestAnswered], *, registry: Registry, alert: Callable[..., None] = lambda *_, **__: None
) -> None:
    """Heard again, or heard late, it changes nothing; what an agent changed meanwhile stays. A decision on a request
    that was reopened changes the enrolment the first one made, or ends it yesterday; days booked stay booked, and
    operators are told of them.

    Raises `UnusableEnrolment` for a programme or site the town has not: the message waits for an operator. Raises
    `Unavailable` for a child whose adhesion did not arrive yet, `Conflict`.
    """
    for place, child_id in enumerate(told.event.child_ids):
        try:
            await _decide(told, enrolment_of(told.event.request_id, place), child_id, registry, alert)
        except NotFound:
            raise Unavailable() from None


def enrolment_of(request_id: str, place: int) -> str:
    """Of the request, so that a later decision finds what an earlier one made."""
    return f"enr_{request_id.removeprefix('req_')}{f'_{place}' if place else ''}"


async def _decide(
    told: Told[RequestAnswered], name: str, child_id: str, registry: Registry, alert: Callable[..., None]
) -> None:
    event = told.event
    reference, before = await registry.enrolments.of_child(event.municipality_id, child_id)
    if before.decisions.get(event.request_id, 0) >= told.sequence:
        return
    if event.decision == "accepted":
        after = await _accepted(before, name, event, registry)
    else:
        after = await _refused(before, name, event, registry, alert)
    decided = having_decided(after, event.request_id, told.sequence)
    changed = {reference: (before, decided)}
    await save(event.municipality_id, changed, roster=registry.roster, clock=registry.clock)


async def _accepted(before: Enrolled, name: str, event: RequestAnswered, registry: Registry) -> Enrolled:
    current = await registry.catalogue.versioned(event.municipality_id)
    new = checked(await _enrolment(name, event, registry), current.catalogue)
    try:
        if any(one.id == name for one in before.enrolments):
            return with_changed(before, name, new)
        return with_new(before, new)
    except AlreadyEnrolled:
        # By an agent, for the same first day: theirs stays.
        return before


async def _refused(
    before: Enrolled, name: str, event: RequestAnswered, registry: Registry, alert: Callable[..., None]
) -> Enrolled:
    made = next((one for one in before.enrolments if one.id == name), None)
    if made is None:
        return before
    today = await _today(event.municipality_id, registry)
    after = ended(before, name, today - timedelta(days=1))
    booked = await registry.booked.of_children(event.municipality_id, made.programme_id, before.child_ids, today)
    if uncovered := sum(not after.covers(made.programme_id, day) for _, day in booked):
        alert("booked_without_enrolment", request_id=event.request_id, enrolment_id=name, days=uncovered)
    return after


async def _enrolment(name: str, event: RequestAnswered, registry: Registry) -> Enrolment:
    starts = event.starts or await _today(event.municipality_id, registry)
    return Enrolment(
        id=name,
        programme_id=event.facts.get("programme", ""),
        site_id=event.facts.get("site", ""),
        group=event.facts.get("group", ""),
        category=event.facts.get("category", ""),
        starts=starts,
        ends=event.ends or end_of_school_year(starts),
    )


async def _today(municipality_id: str, registry: Registry) -> date:
    town = await registry.catalogue.town(municipality_id)
    return town.calendar.today(registry.clock())
