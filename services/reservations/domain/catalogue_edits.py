"""Changes to one thing of what a town offers; the whole is checked afterwards as a file of it would be."""

from collections.abc import Iterable
from typing import Any, TypeVar

from services.reservations.domain.catalogue_entries import (
    ActivityEntry,
    ActivityParts,
    DietEntry,
    Entry,
    Named,
    ProgrammeEntry,
    ProgrammeParts,
    SiteEntry,
    SiteParts,
    WrittenCatalogue,
)
from services.reservations.domain.refusals_of_rules import CodeTaken
from services.reservations.domain.regulation import Regulation
from shared.errors import NotFound

E = TypeVar("E", bound=Named)
M = TypeVar("M", bound=Entry)


def with_site(town: WrittenCatalogue, site: SiteEntry) -> WrittenCatalogue:
    return _changed(town, sites=_added(town.sites, site))


def with_changed_site(town: WrittenCatalogue, code: str, parts: SiteParts) -> WrittenCatalogue:
    return _changed(town, sites=_replaced(town.sites, code, parts))


def with_programme(town: WrittenCatalogue, programme: ProgrammeEntry) -> WrittenCatalogue:
    return _changed(town, programmes=_added(town.programmes, programme))


def with_changed_programme(town: WrittenCatalogue, code: str, parts: ProgrammeParts) -> WrittenCatalogue:
    """Its activities and its regulation stay."""
    return _changed(town, programmes=_replaced(town.programmes, code, parts))


def with_activity(town: WrittenCatalogue, programme: str, activity: ActivityEntry) -> WrittenCatalogue:
    activities = _added(_of(town, programme).activities, activity)
    return _changed(town, programmes=_with(town, programme, activities=activities))


def with_changed_activity(town: WrittenCatalogue, programme: str, code: str, parts: ActivityParts) -> WrittenCatalogue:
    activities = _replaced(_of(town, programme).activities, code, parts)
    return _changed(town, programmes=_with(town, programme, activities=_unsaid(activities, code, parts)))


def with_diets(town: WrittenCatalogue, diets: tuple[DietEntry, ...]) -> WrittenCatalogue:
    return _changed(town, diets=diets)


def with_regulation(town: WrittenCatalogue, programme: str, regulation: Regulation) -> WrittenCatalogue:
    return _changed(town, programmes=_with(town, programme, regulation=regulation))


def _unsaid(activities: Iterable[ActivityEntry], code: str, parts: ActivityParts) -> tuple[ActivityEntry, ...]:
    """An exclusion is said by both: what one no longer says the other must not say for it."""
    return tuple(
        one if one.id == code or one.id in parts.excludes else _changed(one, excludes=one.excludes - {code})
        for one in activities
    )


def _of(town: WrittenCatalogue, programme: str) -> ProgrammeEntry:
    for one in town.programmes:
        if one.id == programme:
            return one
    raise NotFound()


def _with(town: WrittenCatalogue, programme: str, **parts: Any) -> tuple[ProgrammeEntry, ...]:
    changed = _changed(_of(town, programme), **parts)
    return tuple(changed if one.id == programme else one for one in town.programmes)


def _added(entries: tuple[E, ...], entry: E) -> tuple[E, ...]:
    if any(one.id == entry.id for one in entries):
        raise CodeTaken(value=entry.id)
    return (*entries, entry)


def _replaced(entries: tuple[E, ...], code: str, parts: Entry) -> tuple[E, ...]:
    if not any(one.id == code for one in entries):
        raise NotFound()
    fields = {name: getattr(parts, name) for name in type(parts).model_fields}
    return tuple(_changed(one, **fields) if one.id == code else one for one in entries)


def _changed(entry: M, **parts: Any) -> M:
    return entry.model_copy(update=parts)
