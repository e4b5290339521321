"""Naming who else may collect the children, with a photo; and looking them up at the door."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from services.identity.domain.change_effects import household_changed
from services.identity.domain.guardians import writing_town
from services.identity.domain.households import Household
from services.identity.domain.pickup import PickupList, PickupPerson, for_the_door
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound


class Households(Protocol):
    async def get(self, household_id: str) -> Household: ...


class Homes(Protocol):
    async def households_of(self, municipality_id: str, child_id: str) -> list[str]: ...


class Lists(Protocol):
    async def of(self, household_id: str) -> PickupList: ...
    async def of_some(self, household_ids: Sequence[str]) -> list[PickupList]: ...

    async def save(self, persons: PickupList, municipality_id: str, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""


class Photos(Protocol):
    async def put(self, household_id: str, person_id: str, content: bytes) -> None: ...
    async def get(self, household_id: str, person_id: str) -> bytes | None: ...
    async def drop(self, household_id: str, person_id: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class AtTheDoor:
    """A person as staff see them: of which household, and whether today is one of their days."""

    household_id: str
    person: PickupPerson
    valid_today: bool


@dataclass(frozen=True, kw_only=True)
class Pickup:
    households: Households
    homes: Homes
    lists: Lists
    photos: Photos
    made_anew: Callable[[bytes], Awaitable[bytes]]
    clock: Clock

    async def put(self, household_id: str, person: PickupPerson) -> PickupPerson:
        """Added, or changed when there is one with this id; its photo stays.

        Raises `PersonUnfit`, `TooManyPersons`, `Conflict`.
        """
        household, persons = await self._read(household_id)
        person.check(household)
        known = next((one for one in persons.persons if one.id == person.id), None)
        kept = replace(person, photo=known.photo if known else False)
        await self._save(persons.with_person(kept), household, [kept.id])
        return kept

    async def change(self, household_id: str, person: PickupPerson) -> PickupPerson:
        """As `put`, for one that is there. Raises `NotFound`."""
        (await self.lists.of(household_id)).person(person.id)
        return await self.put(household_id, person)

    async def remove(self, household_id: str, person_id: str) -> None:
        """Raises `NotFound`, `Conflict`."""
        household, persons = await self._read(household_id)
        await self._save(persons.without(person_id), household, [person_id])
        await self.photos.drop(household_id, person_id)

    async def set_photo(self, household_id: str, person_id: str, content: bytes) -> None:
        """Raises `NotFound`, `PictureUnreadable`, `PictureTooLarge`, `Conflict`."""
        household, persons = await self._read(household_id)
        person = persons.person(person_id)
        await self.photos.put(household_id, person_id, await self.made_anew(content))
        if not person.photo:
            await self._save(persons.with_person(replace(person, photo=True)), household, [person_id])

    async def drop_photo(self, household_id: str, person_id: str) -> None:
        """Raises `NotFound`, `Conflict`."""
        household, persons = await self._read(household_id)
        person = persons.person(person_id)
        await self.photos.drop(household_id, person_id)
        if person.photo:
            await self._save(persons.with_person(replace(person, photo=False)), household, [person_id])

    async def photo(self, household_id: str, person_id: str) -> bytes:
        """A JPEG. Raises `NotFound`."""
        (await self.lists.of(household_id)).person(person_id)
        found = await self.photos.get(household_id, person_id)
        if found is None:
            raise NotFound()
        return found

    async def at_the_door(self, municipality_id: str, child_id: str, today: date) -> list[AtTheDoor]:
        """Valid today first, of every household of the child. Raises `NotFound` for a child the town does not know."""
        homes = await self.homes.households_of(municipality_id, child_id)
        if not homes:
            raise NotFound()
        lists = await self.lists.of_some(homes)
        owners = {one.id: found.household_id for found in lists for one in found.persons}
        persons = [one for found in lists for one in found.persons]
        return [
            AtTheDoor(household_id=owners[one.id], person=one, valid_today=one.is_valid_on(today))
            for one in for_the_door(persons, child_id, today)
        ]

    async def _read(self, household_id: str) -> tuple[Household, PickupList]:
        return await self.households.get(household_id), await self.lists.of(household_id)

    async def _save(self, persons: PickupList, household: Household, about: list[str]) -> None:
        events = [*persons.told(household, about), household_changed(household, "pickup_persons")]
        await self.lists.save(persons, writing_town(household), events, self.clock())
