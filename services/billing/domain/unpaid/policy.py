"""When a cash office reminds families of what they owe, and whom it leaves in peace.

The default steps, ten and thirty days after the due date, are those most published town regulations have (domain.md
3.11). A reminder is all that happens: no child is ever kept out of a canteen by a rule of this service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Literal

from shared.errors import N_, BadInput

By = Literal["mail", "post"]
MOST_STEPS = 6
LONGEST_DAYS = 365


class StepsUnordered(BadInput):
    code = "reminder-steps-unordered"
    title = N_("Steps out of order")
    sentence = N_("Each reminder comes later than the one before it.")
    remedy = N_("Give the steps with rising numbers of days.")


@dataclass(frozen=True, kw_only=True)
class Step:
    """`days` after the due date. `by`: how it reaches the family; without an e-mail address it goes by post anyway."""

    days: int
    by: By = "mail"


USUAL_STEPS = (Step(days=10), Step(days=30))


@dataclass(frozen=True, kw_only=True)
class ReminderPolicy:
    """One per cash office, whose id it has. `enabled` False: nobody is reminded by itself."""

    id: str
    municipality_id: str
    enabled: bool = True
    steps: tuple[Step, ...] = USUAL_STEPS
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A family that is not reminded, `until` a day included or for good. Seen by agents only, with its `reason`."""

    id: str
    municipality_id: str
    household_id: str
    reason: str
    until: date | None
    by: str
    at: datetime
    version: int = 0

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until


def exemption_id(municipality_id: str, household_id: str) -> str:
    return f"{municipality_id}/{household_id}"


def checked(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps as they are. Raises `StepsUnordered`."""
    if any(later.days <= earlier.days for earlier, later in pairwise(steps)):
        raise StepsUnordered()
    return tuple(steps)


def pause_before(steps: Sequence[Step], number: int) -> int:
    """Days a family has between the reminder before this one and this one; step numbers begin with 1."""
    return steps[number - 1].days - steps[number - 2].days if number > 1 else 0
