"""Documents an agent has seen and found good: as long as one is valid, the family is not asked for it again.

What is kept is that it was seen, of which kind and until when it holds: the paper itself may go (its purpose is met).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.requests.domain.categories import Category, Slot
from services.requests.domain.file_refusals import ValidityPast

DocumentOf = Literal["household", "child"]
MOST_YEARS = 10
USUAL_MONTHS = 12
"""How long a document holds where its slot does not say."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """`kind`: the town's code, such as `insurance`; `child_id` where it is about one child. `valid_until` is included.

    `request_id` and `slot`: where the agent saw it; empty for a paper shown at the counter.
    """

    id: str
    household_id: str
    municipality_id: str
    child_id: str | None
    kind: str
    valid_until: date
    verified_at: datetime
    verified_by: str
    request_id: str = ""
    slot: str = ""
    withdrawn_at: datetime | None = None
    version: int = 1

    def holds(self, day: date) -> bool:
        return self.withdrawn_at is None and day <= self.valid_until

    def withdrawn(self, now: datetime) -> "Verified":
        """To be asked for again; the same when it was before."""
        return self if self.withdrawn_at else replace(self, withdrawn_at=now, version=self.version + 1)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A slot the household need not fill: the town has seen such a document."""

    document_id: str
    kind: str
    valid_until: date


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A kind of document some category of the town asks for, by the name families read."""

    kind: str
    name: str
    of: DocumentOf
    valid_months: int | None


def check_validity(valid_until: date, today: date) -> None:
    """Raises `ValidityPast`."""
    if not today <= valid_until <= _years_after(today, MOST_YEARS):
        raise ValidityPast(years=MOST_YEARS)


def _years_after(day: date, years: int) -> date:
    last = min(day.day, 28) if day.month == 2 else day.day
    return day.replace(year=day.year + years, day=last)


def usual_end(today: date, months: int | None) -> date:
    """Until when a document seen today holds; the month's last day where the month is shorter."""
    count = today.month - 1 + (months or USUAL_MONTHS)
    year, month = today.year + count // 12, count % 12 + 1
    return date(year, month, min(today.day, _days_in(year, month)))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


def held_slots(
    category: Category, child_id: str | None, documents: Iterable[Verified], day: date
) -> Mapping[str, Held]:
    """The slots of the category that need not be filled that day, by their ids.

    `documents`: of the household (and those merged into it) in the category's town.
    """
    good = [one for one in documents if one.municipality_id == category.municipality_id and one.holds(day)]
    found = ((slot, _longest(slot, child_id, good)) for slot in category.slots if slot.document_kind)
    return {slot.id: Held(document_id=one.id, kind=one.kind, valid_until=one.valid_until) for slot, one in found if one}


def _longest(slot: Slot, child_id: str | None, documents: Sequence[Verified]) -> Verified | None:
    child = child_id if slot.document_of == "child" else None
    if slot.document_of == "child" and child is None:
        return None
    fitting = [one for one in documents if one.kind == slot.document_kind and one.child_id == child]
    return max(fitting, key=lambda one: one.valid_until, default=None)


def wanted_by(categories: Iterable[Category]) -> tuple[Wanted, ...]:
    """What the offered categories of a town ask for, each kind once, in their order."""
    found: dict[tuple[str, DocumentOf], Wanted] = {}
    for category in categories:
        for slot in category.slots if category.offered else ():
            if slot.document_kind:
                wanted = Wanted(
                    kind=slot.document_kind, name=slot.name, of=slot.document_of, valid_months=slot.valid_months
                )
                found.setdefault((wanted.kind, wanted.of), wanted)
    return tuple(found.values())
