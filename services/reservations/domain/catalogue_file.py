"""programmes.json: sites, programmes and their regulations of a town, whole. Ids in it are codes within the town."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.reservations.domain.catalogue import Catalogue, CatalogueFault
from services.reservations.domain.deadlines import WHOLE, Code, Weekdays
from services.reservations.domain.imported import UnusableFile
from services.reservations.domain.programmes import Activity, DaysKind, Programme, RunsOn, Site
from services.reservations.domain.regulation import Regulation
from shared.contracts.reservations import BillingMode
from shared.errors import N_

Name = Annotated[str, Field(min_length=1, max_length=120)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteEntry(Entry):
    id: Code
    name: Name
    kind: Kind = "school"


class RunsOnEntry(Entry):
    days: DaysKind
    weekdays: Weekdays


class ActivityEntry(Entry):
    """No `runs_on`: no longer offered, though what was booked stays readable. `health`: see `programmes.Activity`."""

    id: Code
    name: Name
    runs_on: tuple[RunsOnEntry, ...]
    excludes: frozenset[Code] = frozenset()
    requires: frozenset[Code] = frozenset()
    places: Annotated[int, Field(ge=1, le=5000), WHOLE] | None = None
    health: bool = False


class ProgrammeEntry(Entry):
    id: Code
    name: Name
    billing_mode: BillingMode
    sites: Annotated[tuple[Code, ...], Field(min_length=1)]
    activities: Annotated[tuple[ActivityEntry, ...], Field(min_length=1)]
    regulation: Regulation


class CatalogueFile(Entry):
    sites: tuple[SiteEntry, ...]
    programmes: Annotated[tuple[ProgrammeEntry, ...], Field(min_length=1)]


def read_catalogue(file: CatalogueFile, municipality_id: str) -> Catalogue:
    """Ids become `<municipality>.<code>`, excludes go both ways. Raises `UnusableFile` with every fault."""
    faults = [*_repeated(file), *_dangling(file), *_impossible(file)]
    if faults:
        raise UnusableFile([fault.shown() for fault in faults])

    def full(code: str) -> str:
        return f"{municipality_id}.{code}"

    sites = [Site(id=full(site.id), name=site.name, kind=site.kind) for site in file.sites]
    programmes = [
        Programme(
            id=full(entry.id),
            municipality_id=municipality_id,
            name=entry.name,
            billing_mode=entry.billing_mode,
            site_ids=tuple(full(code) for code in entry.sites),
            activities=tuple(_activity(activity, entry, municipality_id) for activity in entry.activities),
            regulation=entry.regulation,
        )
        for entry in file.programmes
    ]
    return Catalogue(sites={site.id: site for site in sites}, programmes={one.id: one for one in programmes})


def _activity(entry: ActivityEntry, programme: ProgrammeEntry, municipality_id: str) -> Activity:
    def full(codes: Iterable[str]) -> frozenset[str]:
        return frozenset(f"{municipality_id}.{code}" for code in codes)

    return Activity(
        id=f"{municipality_id}.{entry.id}",
        programme_id=f"{municipality_id}.{programme.id}",
        name=entry.name,
        runs_on=tuple(RunsOn(days=rule.days, weekdays=rule.weekdays) for rule in entry.runs_on),
        excludes=full(_excluded(entry, programme)),
        requires=full(entry.requires),
        places=entry.places,
        health=entry.health,
    )


def _excluded(entry: ActivityEntry, programme: ProgrammeEntry) -> frozenset[str]:
    return entry.excludes | {other.id for other in programme.activities if entry.id in other.excludes}


def _repeated(file: CatalogueFile) -> Iterator[CatalogueFault]:
    """Activities have one name space per town: tariffs name them without their programme."""
    activities = [activity.id for programme in file.programmes for activity in programme.activities]
    for field, codes in (
        ("sites", [site.id for site in file.sites]),
        ("programmes", [programme.id for programme in file.programmes]),
        ("programmes.activities", activities),
    ):
        for code in (code for code, count in Counter(codes).items() if count > 1):
            yield CatalogueFault(path=field, sentence=N_("“%(value)s” is there twice."), facts={"value": code})


def _dangling(file: CatalogueFile) -> Iterator[CatalogueFault]:
    """References to what is not there. Excludes and requires stay within a programme, decided on one month sheet."""
    sites = {site.id for site in file.sites}
    for programme in file.programmes:
        at = f"programmes.{programme.id}"
        for code in (code for code in programme.sites if code not in sites):
            yield CatalogueFault(
                path=f"{at}.sites", sentence=N_("“%(value)s” is no site of this file."), facts={"value": code}
            )
        known = {activity.id for activity in programme.activities}
        for activity in programme.activities:
            for name, codes in (("excludes", activity.excludes), ("requires", activity.requires)):
                for code in sorted(codes - known):
                    yield CatalogueFault(
                        path=f"{at}.activities.{activity.id}.{name}",
                        sentence=N_("“%(value)s” is no activity of this programme."),
                        facts={"value": code},
                    )


def _impossible(file: CatalogueFile) -> Iterator[CatalogueFault]:
    """Activities that need themselves, or two that exclude each other: nobody could ever book them."""
    for programme in file.programmes:
        needs = {activity.id: activity.requires for activity in programme.activities}
        excluded = {activity.id: _excluded(activity, programme) for activity in programme.activities}
        for activity in programme.activities:
            field = f"programmes.{programme.id}.activities.{activity.id}"
            together = _needed(activity.id, needs)
            if activity.id in together:
                message = N_("The activity requires itself, directly or through others.")
                yield CatalogueFault(path=f"{field}.requires", sentence=message)
            together.add(activity.id)
            if any(excluded.get(code, frozenset()) & together for code in together):
                message = N_("The activity requires or excludes in a way that makes it impossible to book.")
                yield CatalogueFault(path=f"{field}.excludes", sentence=message)


def _needed(code: str, needs: Mapping[str, frozenset[str]]) -> set[str]:
    """Everything `code` requires, through any number of steps."""
    found: set[str] = set()
    ahead = list(needs[code])
    while ahead:
        step = ahead.pop()
        if step not in found:
            found.add(step)
            ahead.extend(needs.get(step, ()))
    return found
