"""Enrol a child in a programme, change or end what it is enrolled in, and tell it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, TypeAlias

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments import Enrolled, checked, ended, find, told, with_changed, with_new
from services.reservations.domain.sheet import Slot
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.contracts import Event
from shared.ids import new_id
from shared.versions import check_version

SAVED_AT_ONCE = 500
Found: TypeAlias = tuple[str, Enrolled]
"""A child, by the town's reference, and its enrolments."""


class Current(Protocol):
    @property
    def catalogue(self) -> Catalogue: ...


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def versioned(self, municipality_id: str) -> Current: ...


class Roster(Protocol):
    async def enrolled(self, municipality_id: str, references: Iterable[str]) -> Mapping[str, Enrolled]: ...
    async def save_enrolled(
        self,
        municipality_id: str,
        changed: Mapping[str, Enrolled],
        told: Mapping[str, Mapping[str, Event]],
        at: datetime,
    ) -> None: ...


class Enrolments(Protocol):
    async def of_child(self, municipality_id: str, child_id: str) -> Found: ...
    async def by_id(self, municipality_id: str, enrolment_id: str) -> Found: ...


class BookedDays(Protocol):
    async def of_children(
        self, municipality_id: str, programme_id: str, child_ids: Iterable[str], since: date
    ) -> Sequence[Slot]: ...


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What enrolling takes."""

    catalogue: Towns
    roster: Roster
    enrolments: Enrolments
    booked: BookedDays
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A child's enrolment after a change, None when it never began and is gone.

    `uncovered`: days booked in the programme from today on that no enrolment covers; they stay booked.
    """

    reference: str
    enrolled: Enrolled
    enrolment: Enrolment | None
    uncovered: int = 0


async def enrol(municipality_id: str, reference: str, child_id: str, new: Enrolment, registry: Registry) -> Placed:
    """By the town's reference of the child, or else by the child's id; the same enrolment again changes nothing.

    Raises `NotFound`, `UnusableEnrolment`, `AlreadyEnrolled`, `Conflict`.
    """
    current = await registry.catalogue.versioned(municipality_id)
    checked(new, current.catalogue)
    if reference:
        before = (await registry.roster.enrolled(municipality_id, [reference]))[reference]
    else:
        reference, before = await registry.enrolments.of_child(municipality_id, child_id)
    after = await _save(municipality_id, reference, before, with_new(before, new), registry)
    return Placed(reference=reference, enrolled=after, enrolment=next(one for one in after.enrolments if one == new))


async def change_enrolment(
    municipality_id: str,
    enrolment_id: str,
    change: Callable[[Enrolment], Enrolment],
    registry: Registry,
    *,
    if_match: str,
) -> Placed:
    """Raises `NotFound`, `VersionMissing`, `VersionPassed`, `UnusableEnrolment`, `AlreadyEnrolled`, `Conflict`."""
    reference, before = await registry.enrolments.by_id(municipality_id, enrolment_id)
    check_version(if_match, before.version)
    current = await registry.catalogue.versioned(municipality_id)
    new = checked(change(find(before, enrolment_id)), current.catalogue)
    after = await _save(municipality_id, reference, before, with_changed(before, enrolment_id, new), registry)
    return await _placed(municipality_id, reference, after, find(after, enrolment_id), new.programme_id, registry)


async def end_enrolment(
    municipality_id: str, enrolment_id: str, last_day: date | None, registry: Registry, *, if_match: str
) -> Placed:
    """`last_day`: None for today. Raises `NotFound`, `VersionMissing`, `VersionPassed`, `Conflict`."""
    reference, before = await registry.enrolments.by_id(municipality_id, enrolment_id)
    check_version(if_match, before.version)
    programme_id = find(before, enrolment_id).programme_id
    day = last_day or await _today(municipality_id, registry)
    after = await _save(municipality_id, reference, before, ended(before, enrolment_id, day), registry)
    left = next((one for one in after.enrolments if one.id == enrolment_id), None)
    return await _placed(municipality_id, reference, after, left, programme_id, registry)


async def _placed(
    municipality_id: str,
    reference: str,
    after: Enrolled,
    enrolment: Enrolment | None,
    programme_id: str,
    registry: Registry,
) -> Placed:
    today = await _today(municipality_id, registry)
    booked = await registry.booked.of_children(municipality_id, programme_id, after.child_ids, today)
    uncovered = sum(not after.covers(programme_id, day) for _, day in booked)
    return Placed(reference=reference, enrolled=after, enrolment=enrolment, uncovered=uncovered)


async def _today(municipality_id: str, registry: Registry) -> date:
    town = await registry.catalogue.town(municipality_id)
    return town.calendar.today(registry.clock())


async def _save(
    municipality_id: str, reference: str, before: Enrolled, after: Enrolled, registry: Registry
) -> Enrolled:
    if after == before:
        return before
    saved = await save(municipality_id, {reference: (before, after)}, roster=registry.roster, clock=registry.clock)
    return saved[reference]


async def save(
    municipality_id: str, changed: Mapping[str, tuple[Enrolled, Enrolled]], *, roster: Roster, clock: Clock
) -> Mapping[str, Enrolled]:
    """Each child's enrolments before and after; as they are then, with ids and their next version.

    Some hundred at a time: others want to be answered while a town is saved. Raises `Conflict` when a child changed
    meanwhile; part of the others is saved then.
    """
    saved: dict[str, Enrolled] = {}
    references = list(changed)
    for start in range(0, len(references), SAVED_AT_ONCE):
        part = {reference: changed[reference] for reference in references[start : start + SAVED_AT_ONCE]}
        named = {reference: _named(after) for reference, (_, after) in part.items()}
        facts = {
            reference: told(municipality_id, reference, before, named[reference])
            for reference, (before, _) in part.items()
        }
        await roster.save_enrolled(municipality_id, named, facts, clock())
        saved |= {reference: replace(after, version=after.version + 1) for reference, after in named.items()}
    return saved


def _named(enrolled: Enrolled) -> Enrolled:
    return replace(enrolled, enrolments=tuple(replace(one, id=one.id or new_id("enr")) for one in enrolled.enrolments))
