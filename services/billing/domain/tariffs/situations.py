"""What is priced: one child in one activity on one day; and what conditions ask of that child."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Charge = Literal["booking", "absence", "unbooked", "late_pickup"]
"""What of a day costs: the day itself, an absence nobody excused, coming without a booking, leaving after the end."""
BOOKING: Charge = "booking"
CHARGES: tuple[Charge, ...] = ("booking", "absence", "unbooked", "late_pickup")
# What a town has no price of its own for costs what the booking would have; leaving late costs nothing then.
AS_BOOKED: frozenset[Charge] = frozenset({"absence", "unbooked"})


@dataclass(frozen=True, kw_only=True)
class Situation:
    """`minutes`: how long it lasted, None when nobody knows; of `late_pickup` the begun minutes after the end."""

    child_id: str
    activity_id: str
    day: date
    charge: Charge = BOOKING
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The child as conditions see it that day.

    `age` in completed years, None while the birth date is not known. `rank` among the children of the household by
    birth, from 1; `rank_enrolled` among those of them who are enrolled in the same programme that day. `category`:
    the town's code of the child's enrolment, empty for none.
    """

    resident: bool = True
    age: int | None = None
    rank: int = 1
    rank_enrolled: int = 1
    category: str = ""
