"""Limited places: counters that cover activities, split by site, class or age, with limits that hold for some days.

A pool is what a place is taken from: one counter, in one part of its split, on one date.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Pool: TypeAlias = tuple[str, date]
"""Name of a counter's part, and the date."""
Slot: TypeAlias = tuple[str, date]
"""An activity on a date."""
Split: TypeAlias = Literal["site", "group", "age"]


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Who asks for a place: where the child is that day, in which class, how old in completed years."""

    site_id: str = ""
    group: str = ""
    age: int | None = None


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many places, for whom and when; what is empty limits nothing. `ages`: from and to, both included."""

    places: int
    site_ids: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    ages: tuple[int, int] | None = None
    starts: date | None = None
    ends: date | None = None
    weekdays: frozenset[int] = frozenset()

    def holds(self, day: date, seat: Seat) -> bool:
        return self._of_day(day) and self._of(seat)

    def _of_day(self, day: date) -> bool:
        begun = self.starts is None or self.starts <= day
        over = self.ends is not None and self.ends < day
        return begun and not over and (not self.weekdays or day.isoweekday() in self.weekdays)

    def _of(self, seat: Seat) -> bool:
        if self.site_ids and seat.site_id not in self.site_ids:
            return False
        if self.groups and seat.group not in self.groups:
            return False
        if self.ages is None:
            return True
        return seat.age is not None and self.ages[0] <= seat.age <= self.ages[1]


@dataclass(frozen=True, kw_only=True)
class Counter:
    """One number of places for all of `activity_ids` together; a child takes one, in however many of them it is.

    Of the limits that hold the last one counts; where none does, places are not limited.
    """

    id: str
    activity_ids: frozenset[str]
    limits: tuple[Limit, ...]
    split_by: frozenset[Split] = frozenset()

    def pool(self, day: date, seat: Seat) -> tuple[Pool, int] | None:
        """The pool and how many places it has; None where places are not limited."""
        found = [limit for limit in self.limits if limit.holds(day, seat)]
        if not found:
            return None
        return (self.id + self._part(seat, found[-1]), day), found[-1].places

    def _part(self, seat: Seat, limit: Limit) -> str:
        parts = {"site": seat.site_id.partition(".")[2], "group": seat.group, "age": _ages(limit)}
        return "".join(f"@{name}={part}" for name, part in parts.items() if name in self.split_by)


def pools(counters: Iterable[Counter], activity_id: str, day: date, seat: Seat) -> Mapping[Pool, int]:
    """What a place must be taken from to book an activity on a day."""
    found = (counter.pool(day, seat) for counter in counters if activity_id in counter.activity_ids)
    return dict(one for one in found if one)


def all_pools(pools_of: Mapping[Slot, Mapping[Pool, int]]) -> dict[Pool, int]:
    """Every pool some days take their places from, with its places."""
    return {pool: places for pools in pools_of.values() for pool, places in pools.items()}


def left_for(
    pools_of: Mapping[Slot, Mapping[Pool, int]], left: Mapping[Pool, int], own: Container[Pool] = ()
) -> dict[Slot, int]:
    """Places left for each day: those of its scarcest pool. In the pools `own` the child has one already."""
    return {
        slot: min(max(left[pool], 1) if pool in own else left[pool] for pool in needed)
        for slot, needed in pools_of.items()
    }


def full_slots(pools_of: Mapping[Slot, Mapping[Pool, int]], full: Container[Pool]) -> frozenset[Slot]:
    """Days to book that find one of their pools without a free place."""
    return frozenset(slot for slot, needed in pools_of.items() if any(pool in full for pool in needed))


def counter_of(pool_id: str) -> str:
    """The counter a pool is part of."""
    return pool_id.partition("@")[0]


def age_on(birth_date: date | None, day: date) -> int | None:
    """Completed years; None while the birth date is not known."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def _ages(limit: Limit) -> str:
    return f"{limit.ages[0]}-{limit.ages[1]}" if limit.ages else ""
