"""A town accepted, in a request, who else may collect a child; or it takes that back."""

from collections.abc import Callable
from typing import Protocol

from services.identity.domain.change_effects import household_changed
from services.identity.domain.guardians import writing_town
from services.identity.domain.households import Household
from services.identity.domain.pickup import PersonUnfit, PickupList, PickupPerson, TooManyPersons
from services.identity.usecases.pickup_persons import Pickup
from shared.contracts import Told
from shared.contracts.requests_effects import PickupDecided
from shared.errors import NotFound, Refused


class Families(Protocol):
    async def kept_of(self, household_id: str) -> str: ...


async def hear_pickup(
    told: Told[PickupDecided], *, pickup: Pickup, families: Families, alert: Callable[..., None]
) -> None:
    """The person stands for the request: a second decision changes it, a refusal takes it off. Hearing a decision
    again, or an older one, changes nothing. What cannot be done is told to the operators, once.

    Raises `Conflict`.
    """
    event = told.event
    try:
        household = await pickup.households.get(await families.kept_of(event.household_id))
    except NotFound:
        # Erased, or gone with a merge that was undone: there is nobody whose list it would be.
        return
    persons = await pickup.lists.of(household.id)
    if persons.has_heard(event.request_id, told.sequence):
        return
    person_id = person_of(event.request_id)
    try:
        after = _decided(persons, person_id, event, household)
    except (PersonUnfit, TooManyPersons, NotFound) as refusal:
        code = refusal.code if isinstance(refusal, Refused) else "not-found"
        alert("pickup_person_not_kept", request_id=event.request_id, household_id=household.id, code=code)
        after = persons
    changed = [person_id] if after is not persons else []
    events = [*after.told(household, changed), household_changed(household, "pickup_persons")] if changed else []
    heard = after.having_heard(event.request_id, told.sequence)
    await pickup.lists.save(heard, writing_town(household), events, pickup.clock())
    if after.known(person_id) is None:
        await pickup.photos.drop(household.id, person_id)


def person_of(request_id: str) -> str:
    """Of the request, so that it is one person however often the town decides."""
    return f"pck_{request_id.removeprefix('req_')}"


def _decided(persons: PickupList, person_id: str, event: PickupDecided, household: Household) -> PickupList:
    known = persons.known(person_id)
    if event.decision == "refused":
        return persons.without(person_id) if known else persons
    if event.valid_from is None:
        raise NotFound()
    person = PickupPerson(
        id=person_id,
        first_name=event.first_name,
        last_name=event.last_name,
        phone=event.phone,
        relationship=event.relationship,
        child_ids=event.child_ids,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        photo=known.photo if known else False,
    )
    person.check(household)
    return persons.with_person(person)
