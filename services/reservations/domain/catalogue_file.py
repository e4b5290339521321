"""programmes.json: sites, programmes and their regulations of a town, whole. Ids in it are codes within the town."""

from collections.abc import Callable, Iterable

from services.reservations.domain.capacity import Counter, Limit
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.catalogue_checks import faults_of
from services.reservations.domain.catalogue_entries import (
    ActivityEntry,
    CatalogueFile,
    CounterEntry,
    DietEntry,
    LimitEntry,
    ProgrammeEntry,
    RunsOnEntry,
    SiteEntry,
    WrittenCatalogue,
)
from services.reservations.domain.imported import UnusableFile
from services.reservations.domain.programmes import Activity, Programme, RunsOn, Site

__all__ = ["CatalogueFile", "read_catalogue", "written"]


def read_catalogue(file: WrittenCatalogue, municipality_id: str) -> Catalogue:
    """Ids become `<municipality>.<code>`, excludes go both ways. Raises `UnusableFile` with every fault."""
    if faults := list(faults_of(file)):
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
            counters=tuple(_counter(counter, full) for counter in entry.counters),
            headcount_freeze=entry.headcount_freeze,
        )
        for entry in file.programmes
    ]
    return Catalogue(
        sites={site.id: site for site in sites},
        programmes={one.id: one for one in programmes},
        diets={diet.id: diet.name for diet in file.diets},
    )


def _counter(entry: CounterEntry, full: Callable[[str], str]) -> Counter:
    limits = (
        Limit(
            places=limit.places,
            site_ids=frozenset(map(full, limit.sites)),
            groups=limit.groups,
            ages=limit.ages,
            starts=limit.starts,
            ends=limit.ends,
            weekdays=limit.weekdays,
        )
        for limit in entry.limits
    )
    activity_ids = frozenset(map(full, entry.activities))
    return Counter(id=full(entry.id), activity_ids=activity_ids, limits=tuple(limits), split_by=entry.split_by)


def _activity(entry: ActivityEntry, programme: ProgrammeEntry, municipality_id: str) -> Activity:
    def full(codes: Iterable[str]) -> frozenset[str]:
        return frozenset(f"{municipality_id}.{code}" for code in codes)

    return Activity(
        id=f"{municipality_id}.{entry.id}",
        programme_id=f"{municipality_id}.{programme.id}",
        name=entry.name,
        runs_on=tuple(RunsOn(days=rule.days, weekdays=rule.weekdays) for rule in entry.runs_on),
        excludes=full(programme.excluded(entry)),
        requires=full(entry.requires),
        places=entry.places,
        health=entry.health,
        starts=entry.starts,
        ends=entry.ends,
        audience=entry.audience,
    )


def written(catalogue: Catalogue) -> WrittenCatalogue:
    """What read again says the same; former regulations are left out."""
    return WrittenCatalogue(
        sites=tuple(site_entry(site) for site in catalogue.sites.values()),
        programmes=tuple(programme_entry(programme) for programme in catalogue.programmes.values()),
        diets=tuple(DietEntry(id=code, name=name) for code, name in catalogue.diets.items()),
    )


def site_entry(site: Site) -> SiteEntry:
    return SiteEntry(id=_code(site.id), name=site.name, kind=site.kind)


def programme_entry(programme: Programme) -> ProgrammeEntry:
    return ProgrammeEntry(
        id=_code(programme.id),
        name=programme.name,
        billing_mode=programme.billing_mode,
        sites=tuple(_code(site_id) for site_id in programme.site_ids),
        activities=tuple(activity_entry(activity) for activity in programme.activities),
        regulation=programme.regulation,
        counters=tuple(_counter_entry(counter) for counter in programme.counters),
        headcount_freeze=programme.headcount_freeze,
    )


def activity_entry(activity: Activity) -> ActivityEntry:
    return ActivityEntry(
        id=_code(activity.id),
        name=activity.name,
        runs_on=tuple(RunsOnEntry(days=rule.days, weekdays=rule.weekdays) for rule in activity.runs_on),
        excludes=_codes(activity.excludes),
        requires=_codes(activity.requires),
        places=activity.places,
        health=activity.health,
        starts=activity.starts,
        ends=activity.ends,
        audience=activity.audience,
    )


def _counter_entry(counter: Counter) -> CounterEntry:
    limits = tuple(_limit_entry(limit) for limit in counter.limits)
    activities = _codes(counter.activity_ids)
    return CounterEntry(id=_code(counter.id), activities=activities, limits=limits, split_by=counter.split_by)


def _limit_entry(limit: Limit) -> LimitEntry:
    days = {"from": limit.starts, "until": limit.ends}
    return LimitEntry(
        places=limit.places,
        sites=_codes(limit.site_ids),
        groups=limit.groups,
        ages=limit.ages,
        weekdays=limit.weekdays,
        **days,
    )


def _code(full_id: str) -> str:
    return full_id.partition(".")[2]


def _codes(full_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_code, full_ids))
