"""A change a family asks of a town: the old value and the new one, for an agent to accept or refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from services.identity.domain.households import Adhesion, Child, Household
from shared.contracts import Event
from shared.contracts.households import ChangeAnswered, ChangeDecided, ChangeKind, ChangeRequested
from shared.errors import N_, NotFound, Refused

State: TypeAlias = Literal["requested", "accepted", "refused", "withdrawn"]
Values: TypeAlias = Mapping[str, Any]
MOST_WAITING = 20


class ChangeSettled(Refused):
    code = "change-settled"
    title = N_("Already answered")
    sentence = N_("This request was already answered or taken back.")
    remedy = N_("Make a new request if something else must change.")


class ChangeOutdated(Refused):
    """What the request would replace is no longer there."""

    code = "change-outdated"
    title = N_("The file changed meanwhile")
    sentence = N_("What this request would replace has changed since it was made.")
    remedy = N_("Refuse it, saying so; the family can make a new request.")


class ChangeWaits(Refused):
    code = "change-waits"
    title = N_("A request waits already")
    sentence = N_("You have already asked for such a change; the town hall has not answered yet.")
    remedy = N_("Wait for the answer, or take the former request back and make a new one.")


class TooManyChanges(Refused):
    code = "too-many-changes"
    title = N_("Too many requests wait")
    sentence = N_("%(most)s requests of your household wait for an answer; more cannot be made.")
    remedy = N_("Wait for the answers, or take one back.")


class NothingChanges(Refused):
    code = "nothing-changes"
    status = 422
    title = N_("Nothing would change")
    sentence = N_("What you ask for is already written so.")
    remedy = N_("Check what you typed.")


class NoTown(Refused):
    code = "no-town"
    title = N_("No town yet")
    sentence = N_("Your household has joined no town that could answer.")
    remedy = N_("Join a town with the code it sent you.")


class ReferenceNeeded(Refused):
    code = "reference-needed"
    status = 422
    title = N_("A reference is needed")
    sentence = N_("To accept a new child, give the reference under which your town will know it.")
    remedy = N_("Give the child a reference in your own software first, then type it here.")


class ReferenceTaken(Refused):
    code = "reference-taken"
    title = N_("Reference already used")
    sentence = N_("The family's file already has a child with this reference.")
    remedy = N_("Check the reference in your own software.")


@dataclass(frozen=True, kw_only=True)
class ChangeRequest:
    """`about`: the guardian or child concerned, empty for a new child. `old` and `new` are what people compare."""

    id: str
    household_id: str
    municipality_id: str
    account_id: str
    kind: ChangeKind
    about: str
    old: Values
    new: Values
    justification: str
    requested_at: datetime
    state: State = "requested"
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    version: int = 0

    @property
    def waits(self) -> bool:
        return self.state == "requested"

    def requested_told(self) -> ChangeRequested:
        return ChangeRequested(
            change_id=self.id,
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            kind=self.kind,
        )

    def withdrawn(self, now: datetime) -> tuple["ChangeRequest", list[Event]]:
        """Raises `ChangeSettled`."""
        return self._ended("withdrawn", now, by=self.account_id, reason="")

    def decided(self, accepted: bool, now: datetime, *, by: str, reason: str) -> tuple["ChangeRequest", list[Event]]:
        """With what there is to tell, the letter included. Raises `ChangeSettled`."""
        ended, events = self._ended("accepted" if accepted else "refused", now, by=by, reason=reason)
        letter = ChangeAnswered(
            change_id=self.id,
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            kind=self.kind,
            accepted=accepted,
            reason=reason,
        )
        return ended, [*events, letter]

    def _ended(
        self, state: Literal["accepted", "refused", "withdrawn"], now: datetime, *, by: str, reason: str
    ) -> tuple["ChangeRequest", list[Event]]:
        if not self.waits:
            raise ChangeSettled()
        ended = replace(self, state=state, decided_at=now, decided_by=by, reason=reason)
        told = ChangeDecided(
            change_id=self.id,
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            kind=self.kind,
            outcome=state,
        )
        return ended, [told]


def town_of_child(household: Household, child_id: str) -> Adhesion:
    """The town whose file has the child; of several the one joined first. Raises `NotFound`."""
    for adhesion in household.adhesions:
        if child_id in adhesion.child_ids.values():
            return adhesion
    raise NotFound()


def first_town(household: Household) -> Adhesion:
    """Raises `NoTown`."""
    if not household.adhesions:
        raise NoTown()
    return household.adhesions[0]


def child_of(household: Household, child_id: str) -> Child:
    """Raises `NotFound`."""
    found = next((child for child in household.children if child.id == child_id), None)
    if found is None:
        raise NotFound()
    return found


def names_of_child(child: Child) -> dict[str, Any]:
    return {"first_name": child.first_name, "last_name": child.last_name}


def whole_child(child: Child) -> dict[str, Any]:
    return {**names_of_child(child), "birth_date": child.birth_date.isoformat()}


def names_of_guardian(household: Household, guardian_id: str) -> dict[str, Any]:
    """Raises `NotFound`."""
    guardian = household.guardian(guardian_id)
    if guardian is None:
        raise NotFound()
    return {"civility": guardian.civility, "first_name": guardian.first_name, "last_name": guardian.last_name}


def birth_date_of(values: Values) -> date:
    return date.fromisoformat(str(values["birth_date"]))
