"""What identity tells of households besides who they are: changes, custody, pick-up persons, yearly confirmation."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts import Event, Exchange, Part

ChangeKind = Literal["guardian_name", "child_name", "child_added", "child_removed", "custody"]


class CustodyException(Part):
    """Days, both included, that are another household's than the weeks say, such as holidays."""

    starts: date
    ends: date
    household_id: str


class CustodyPlan(Part):
    """Whose days are whose, for a child of two households; here because every service must read it alike.

    A custody week begins on `changeover` (ISO weekday, that whole day included) and has the number of the ISO week in
    which it begins. Weeks 53 and 1 are both odd: the same household then has two in a row, as decisions of judges are
    read in France. Of several exceptions for a day the last one counts.
    """

    even_weeks: str
    odd_weeks: str
    changeover: Annotated[int, Field(ge=1, le=7)] = 1
    exceptions: tuple[CustodyException, ...] = ()

    @property
    def household_ids(self) -> frozenset[str]:
        return frozenset((self.even_weeks, self.odd_weeks, *(one.household_id for one in self.exceptions)))

    def household_on(self, day: date) -> str:
        excepted = [one.household_id for one in self.exceptions if one.starts <= day <= one.ends]
        return excepted[-1] if excepted else self._by_week(day)

    def _by_week(self, day: date) -> str:
        begun = day - timedelta(days=(day.isoweekday() - self.changeover) % 7)
        return self.even_weeks if begun.isocalendar().week % 2 == 0 else self.odd_weeks

    def spans(self, start: date, until: date) -> Iterator[tuple[date, date, str]]:
        """The days from `start` to `until` as ranges of one household each."""
        first = start
        for offset in range((until - start).days + 1):
            day = start + timedelta(days=offset)
            if day == until or self.household_on(day + timedelta(days=1)) != self.household_on(day):
                yield first, day, self.household_on(day)
                first = day + timedelta(days=1)


class HouseholdChanged(Event):
    """Something of a household is different; who shows it hears the profile. Subject: the household."""

    topic: ClassVar[str] = "identity.household_changed.v1"

    household_id: str
    municipality_ids: tuple[str, ...]
    changed: tuple[str, ...]
    """Of `contact`, `guardians`, `children`, `custody`, `pickup_persons`."""


class GuardianChanged(Event):
    """`log_in`: the guardian signs in with an account of their own from now on. Subject: the household."""

    topic: ClassVar[str] = "identity.guardian_changed.v1"

    household_id: str
    guardian_id: str
    change: Literal["contact", "name", "added", "log_in"]


class ChildChanged(Event):
    """Subject: the household."""

    topic: ClassVar[str] = "identity.child_changed.v1"

    household_id: str
    child_id: str
    change: Literal["name", "added", "removed"]


class CustodySet(Event):
    """A town knows whose weeks a child's are, or no longer does. Subject: `<municipality>/<child>`."""

    topic: ClassVar[str] = "identity.custody_set.v1"

    municipality_id: str
    child_id: str
    household_ids: tuple[str, ...]
    """Empty when there is no plan any more."""


class CustodyPlanned(Event):
    """The plan itself, whole; None when there is none any more. Subject: `<municipality>/<child>`."""

    topic: ClassVar[str] = "identity.custody_planned.v1"
    exchange: ClassVar[Exchange] = "profiles"

    municipality_id: str
    child_id: str
    plan: CustodyPlan | None


class ChangeRequested(Event):
    """A family asks a town to change its file. Subject: the change request."""

    topic: ClassVar[str] = "identity.change_requested.v1"

    change_id: str
    household_id: str
    municipality_id: str
    kind: ChangeKind


class ChangeDecided(Event):
    """The town answered, or the family took its request back. Subject: the change request."""

    topic: ClassVar[str] = "identity.change_decided.v1"

    change_id: str
    household_id: str
    municipality_id: str
    kind: ChangeKind
    outcome: Literal["accepted", "refused", "withdrawn"]


class ChangeAnswered(Event):
    """The town's answer in its words, for the letter to the family. Subject: the change request."""

    topic: ClassVar[str] = "identity.change_answered.v1"
    exchange: ClassVar[Exchange] = "profiles"

    change_id: str
    household_id: str
    municipality_id: str
    kind: ChangeKind
    accepted: bool
    reason: str


class PickupPersonsChanged(Event):
    """Who may collect a household's children is different. Subject: the household's pick-up list."""

    topic: ClassVar[str] = "identity.pickup_persons_changed.v1"

    household_id: str
    municipality_ids: tuple[str, ...]
    child_ids: tuple[str, ...]
    person_ids: tuple[str, ...]


class ProfiledPickupPerson(Part):
    person_id: str
    first_name: str
    last_name: str
    phone: str
    relationship: str
    child_ids: tuple[str, ...]
    valid_from: date
    valid_until: date | None = None


class PickupPersonsProfiled(Event):
    """Who may collect a household's children, whole. Subject: the household's pick-up list."""

    topic: ClassVar[str] = "identity.pickup_persons_profiled.v1"
    exchange: ClassVar[Exchange] = "profiles"

    household_id: str
    municipality_ids: tuple[str, ...]
    persons: tuple[ProfiledPickupPerson, ...]


class ReconfirmationAsked(Event):
    """A town asks a household to read its file again and confirm it. Subject: the household's confirmation."""

    topic: ClassVar[str] = "identity.reconfirmation_asked.v1"

    household_id: str
    municipality_id: str
    until: date
    at: AwareDatetime


class HouseholdReconfirmed(Event):
    """Subject: the household's confirmation."""

    topic: ClassVar[str] = "identity.household_reconfirmed.v1"

    household_id: str
    municipality_id: str
    at: AwareDatetime
