"""What a town writes down of its sites, programmes and activities: the parts of programmes.json, ids as codes."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from services.reservations.domain.audience import Audience
from services.reservations.domain.capacity import Split
from services.reservations.domain.deadlines import Rule
from services.reservations.domain.programmes import DaysKind
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.written import (
    WHOLE,
    Clock,
    Code,
    Codes,
    LocalDay,
    Weekday,
    Weekdays,
    ordered_texts,
)
from shared.contracts.reservations import BillingMode
from shared.errors import N_


def _in_order(ages: tuple[int, int]) -> tuple[int, int]:
    if ages[1] < ages[0]:
        raise ValueError(N_("The ages go from the younger to the older."))
    return ages


def _ordered(values: frozenset[int]) -> list[int]:
    return sorted(values)


Name = Annotated[str, Field(min_length=1, max_length=120)]
Names = Annotated[frozenset[Name], PlainSerializer(ordered_texts, when_used="json")]
Age = Annotated[int, Field(ge=0, le=25), WHOLE]
Ages = Annotated[tuple[Age, Age], AfterValidator(_in_order)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
AnyWeekdays = Annotated[frozenset[Weekday], PlainSerializer(_ordered, when_used="json")]
Splits = Annotated[frozenset[Split], PlainSerializer(ordered_texts, when_used="json")]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)


class Named(Entry):
    id: Code


class SiteParts(Entry):
    name: Name
    kind: Kind = "school"


class SiteEntry(SiteParts, Named):
    """Where programmes take place."""


class RunsOnEntry(Entry):
    days: DaysKind
    weekdays: Weekdays


class LimitEntry(Entry):
    """So many places, for some sites, classes, ages (from and to, completed years), days or weekdays; see `Limit`."""

    places: Annotated[int, Field(ge=0, le=5000), WHOLE]
    sites: Codes = frozenset()
    groups: Names = frozenset()
    ages: Ages | None = None
    starts: Annotated[LocalDay | None, Field(alias="from")] = None
    ends: Annotated[LocalDay | None, Field(alias="until")] = None
    weekdays: AnyWeekdays = frozenset()


class CounterEntry(Named):
    """Places that several activities share, split by site, class or age."""

    activities: Annotated[Codes, Field(min_length=1)]
    limits: Annotated[tuple[LimitEntry, ...], Field(min_length=1, max_length=100)]
    split_by: Splits = frozenset()


class ActivityParts(Entry):
    """No `runs_on`: no longer offered, though what was booked stays readable. `health`: see `programmes.Activity`."""

    name: Name
    runs_on: tuple[RunsOnEntry, ...]
    excludes: Codes = frozenset()
    requires: Codes = frozenset()
    places: Annotated[int, Field(ge=1, le=5000), WHOLE] | None = None
    health: bool = False
    starts: Clock | None = None
    ends: Clock | None = None
    audience: Audience | None = None


class ActivityEntry(ActivityParts, Named):
    """What is booked."""


class DietEntry(Entry):
    """A box to tick of what a child does not eat; see `diets`."""

    id: Code
    name: Name


class ProgrammeParts(Entry):
    """What is said of a programme besides its activities and its regulation.

    `headcount_freeze`: when its kitchen must know how many come, as a rule is written; for its activities, or all.
    """

    name: Name
    billing_mode: BillingMode
    sites: Annotated[tuple[Code, ...], Field(min_length=1)]
    counters: tuple[CounterEntry, ...] = ()
    headcount_freeze: Rule | None = None


class ProgrammeEntry(ProgrammeParts, Named):
    activities: Annotated[tuple[ActivityEntry, ...], Field(min_length=1)]
    regulation: Regulation

    def excluded(self, activity: ActivityEntry) -> frozenset[str]:
        """What excludes the activity or is excluded by it: either says it for both."""
        return activity.excludes | {other.id for other in self.activities if activity.id in other.excludes}


class WrittenCatalogue(Entry):
    """All a town offers, as it writes it down."""

    sites: tuple[SiteEntry, ...]
    programmes: tuple[ProgrammeEntry, ...]
    diets: Annotated[tuple[DietEntry, ...], Field(max_length=20)] = ()

    def counters(self) -> Iterator[CounterEntry]:
        for programme in self.programmes:
            yield from programme.counters


class CatalogueFile(WrittenCatalogue):
    """A file that describes no programme was surely not meant."""

    programmes: Annotated[tuple[ProgrammeEntry, ...], Field(min_length=1)]
