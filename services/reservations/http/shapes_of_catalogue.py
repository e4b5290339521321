"""Shapes of sites, programmes and activities as agents edit them, with the version of the town they were read at."""

from typing import Annotated, Any

from pydantic import Field

from services.reservations.domain.catalogue_entries import ActivityEntry, DietEntry, Entry, ProgrammeEntry, SiteEntry
from services.reservations.domain.catalogue_file import activity_entry, programme_entry, site_entry
from services.reservations.domain.diets import OFFERED
from services.reservations.http.shapes import Id
from services.reservations.usecases.edit_catalogue import Edited
from shared.errors import NotFound
from shared.web import Answer, Body


class Whose(Body):
    municipality_id: Id


class ShownSite(Answer):
    site_id: str
    name: str
    kind: str


class ShownSites(Answer):
    """`version` is the town's, also the ETag: what a change sends back in If-Match."""

    version: int
    items: list[ShownSite]


class DietList(Body):
    """The boxes to tick of what a child does not eat; none: those every town has."""

    items: Annotated[tuple[DietEntry, ...], Field(max_length=20)]


class ShownDiets(DietList):
    version: int


class EditedSite(SiteEntry):
    """As it is written down, with its full id and the town's version."""

    site_id: str
    version: int


class EditedProgramme(ProgrammeEntry):
    programme_id: str
    version: int


class EditedActivity(ActivityEntry):
    activity_id: str
    version: int


def diets_of(edited: Edited) -> ShownDiets:
    known = edited.catalogue.diets or OFFERED
    return ShownDiets(
        items=tuple(DietEntry(id=code, name=name) for code, name in known.items()), version=edited.version
    )


def site_of(edited: Edited, site_id: str) -> EditedSite:
    site = edited.catalogue.sites.get(site_id)
    if site is None:
        raise NotFound()
    return EditedSite(**_fields(site_entry(site)), site_id=site_id, version=edited.version)


def programme_of(edited: Edited, programme_id: str) -> EditedProgramme:
    programme = edited.catalogue.programmes.get(programme_id)
    if programme is None:
        raise NotFound()
    return EditedProgramme(**_fields(programme_entry(programme)), programme_id=programme_id, version=edited.version)


def activity_of(edited: Edited, programme_id: str, activity_id: str) -> EditedActivity:
    activity = edited.catalogue.programmes[programme_id].activity(activity_id)
    return EditedActivity(**_fields(activity_entry(activity)), activity_id=activity_id, version=edited.version)


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in type(entry).model_fields}
