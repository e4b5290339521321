"""Who else may collect a household's children, between which days."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from services.identity.domain.households import Household
from shared.contracts import Event
from shared.contracts.households import PickupPersonsChanged, PickupPersonsProfiled, ProfiledPickupPerson
from shared.errors import N_, BadInput, NotFound, Refused

MOST_PERSONS = 20


class TooManyPersons(Refused):
    code = "too-many-persons"
    title = N_("The list is full")
    sentence = N_("A household can name %(most)s persons at most.")
    remedy = N_("Remove somebody who no longer collects the children.")


class PersonUnfit(BadInput):
    code = "person-unfit"
    title = N_("This person cannot be kept so")
    sentence = N_("Some of what you wrote does not fit your household; see the fields.")
    remedy = N_("Choose among your own children, and days in their order.")


class PictureUnreadable(Refused):
    code = "picture-unreadable"
    status = 422
    title = N_("Photo not readable")
    sentence = N_("This file is no photo that could be read: JPEG, PNG and WebP are.")
    remedy = N_("Take the photo again, or save it as JPEG.")


class PictureTooLarge(Refused):
    code = "picture-too-large"
    status = 422
    title = N_("Photo too large")
    sentence = N_("This photo has more than %(most)s million pixels.")
    remedy = N_("Make it smaller and send it again.")


@dataclass(frozen=True, kw_only=True)
class PickupPerson:
    """Both days are included; without `valid_until` until taken off. `photo`: there is one."""

    id: str
    first_name: str
    last_name: str
    phone: str
    relationship: str
    child_ids: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None
    photo: bool = False

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def collects(self, child_id: str) -> bool:
        return child_id in self.child_ids

    def check(self, household: Household) -> None:
        """Raises `PersonUnfit`."""
        known = {child.id for child in household.children}
        errors = []
        if strangers := sorted(set(self.child_ids) - known):
            errors.append(_error("child_ids", N_("This child is not of your household: %(child)s."), strangers[0]))
        if self.valid_until and self.valid_until < self.valid_from:
            errors.append(_error("valid_until", N_("The last day must not be before the first.")))
        if errors:
            raise PersonUnfit(errors)


@dataclass(frozen=True, kw_only=True)
class PickupList:
    """A household's persons, whole; the last one added is the last.

    `heard`: the sequence of the last decision taken over of each request, so that an older one, or the same again,
    changes nothing a guardian may have changed since.
    """

    household_id: str
    persons: tuple[PickupPerson, ...] = ()
    version: int = 0
    heard: Mapping[str, int] = field(default_factory=dict)

    def has_heard(self, request_id: str, sequence: int) -> bool:
        return self.heard.get(request_id, 0) >= sequence

    def having_heard(self, request_id: str, sequence: int) -> "PickupList":
        return replace(self, heard={**self.heard, request_id: sequence})

    def known(self, person_id: str) -> PickupPerson | None:
        return next((one for one in self.persons if one.id == person_id), None)

    def person(self, person_id: str) -> PickupPerson:
        """Raises `NotFound`."""
        found = next((one for one in self.persons if one.id == person_id), None)
        if found is None:
            raise NotFound()
        return found

    def with_person(self, person: PickupPerson) -> "PickupList":
        """Added, or in place of the one with the same id. Raises `TooManyPersons`."""
        if any(one.id == person.id for one in self.persons):
            return replace(self, persons=tuple(person if one.id == person.id else one for one in self.persons))
        if len(self.persons) >= MOST_PERSONS:
            raise TooManyPersons(most=MOST_PERSONS)
        return replace(self, persons=(*self.persons, person))

    def without(self, person_id: str) -> "PickupList":
        """Raises `NotFound`."""
        gone = self.person(person_id)
        return replace(self, persons=tuple(one for one in self.persons if one != gone))

    def told(self, household: Household, about: Collection[str]) -> tuple[Event, ...]:
        """The ids for the world, the list for services' own copies. `about`: the persons that are different."""
        towns = tuple(one.municipality_id for one in household.adhesions)
        concerned = sorted({child for one in self.persons for child in one.child_ids})
        changed = PickupPersonsChanged(
            household_id=self.household_id,
            municipality_ids=towns,
            child_ids=tuple(concerned),
            person_ids=tuple(sorted(about)),
        )
        profiled = PickupPersonsProfiled(
            household_id=self.household_id,
            municipality_ids=towns,
            persons=tuple(_profiled(one) for one in self.persons),
        )
        return changed, profiled


def for_the_door(persons: Iterable[PickupPerson], child_id: str, day: date) -> list[PickupPerson]:
    """Those who may collect the child: valid that day first, then by name."""
    mine = (one for one in persons if one.collects(child_id))
    return sorted(mine, key=lambda one: (not one.is_valid_on(day), one.last_name, one.first_name))


def _profiled(one: PickupPerson) -> ProfiledPickupPerson:
    fields = {name: value for name, value in vars(one).items() if name not in ("id", "photo")}
    return ProfiledPickupPerson(person_id=one.id, **fields)


def _error(field: str, message: str, child: str = "") -> dict[str, object]:
    return {"in": "body", "field": field, "message": message, "facts": {"child": child} if child else {}}
