"""All a town offers, and what a new version of it may change."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as with_changes
from typing import Any

from services.reservations.domain.imported import Imported, UnusableFile
from services.reservations.domain.programmes import Programme, Site
from services.reservations.domain.succession import succeeded
from shared.contracts.reservations import ProgrammeActivity, ProgrammePublished
from shared.errors import N_


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    sites: Mapping[str, Site] = field(default_factory=dict)
    programmes: Mapping[str, Programme] = field(default_factory=dict)
    diets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class CatalogueFault:
    """What is wrong in a catalogue: the path of the field, and a msgid with its facts."""

    path: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As an entry of a problem's `errors`, translated where it is shown."""
        return {"field": self.path, "message": self.sentence, "facts": self.facts}


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """What a new catalogue changes: the programmes to tell of and the counts to report.

    `catalogue` is the new one with the former regulations that still hold for earlier days; `regulated` are the
    programmes whose regulation is a new version.
    """

    catalogue: Catalogue
    published: tuple[Programme, ...]
    regulated: tuple[Programme, ...]
    report: Imported

    @property
    def events(self) -> list[ProgrammePublished]:
        return [_told(programme) for programme in self.published]


def replace(old: Catalogue, new: Catalogue) -> Replacement:
    """Raises `UnusableFile` when something published would vanish or a regulation change without a new version.

    Bookings, enrolments and invoices name what was published; every refusal names the version it followed.
    """
    faults = [*_vanished(old, new), *_unversioned(old, new)]
    if faults:
        raise UnusableFile([fault.shown() for fault in faults])
    new = _with_former(old, new)
    outcomes = {programme.id: _outcome(old, programme) for programme in new.programmes.values()}
    counts = Counter(outcomes.values())
    return Replacement(
        catalogue=new,
        published=tuple(one for one in new.programmes.values() if outcomes[one.id] != "unchanged"),
        regulated=tuple(one for one in new.programmes.values() if _regulated(old, one)),
        report=Imported(created=counts["created"], updated=counts["updated"], unchanged=counts["unchanged"]),
    )


def _with_former(old: Catalogue, new: Catalogue) -> Catalogue:
    programmes = {}
    for programme in new.programmes.values():
        before = old.programmes.get(programme.id)
        former = succeeded(before.former, before.regulation, programme.regulation) if before else ()
        programmes[programme.id] = with_changes(programme, former=former)
    return with_changes(new, programmes=programmes)


def _regulated(old: Catalogue, programme: Programme) -> bool:
    before = old.programmes.get(programme.id)
    return before is None or before.regulation.version < programme.regulation.version


def _outcome(old: Catalogue, programme: Programme) -> str:
    before = old.programmes.get(programme.id)
    if before is None:
        return "created"
    return "unchanged" if before == programme else "updated"


def _vanished(old: Catalogue, new: Catalogue) -> Iterator[CatalogueFault]:
    gone = N_("“%(value)s” is published and must stay; leave its runs_on empty to stop it.")
    for site_id in old.sites.keys() - new.sites.keys():
        yield CatalogueFault(
            path="sites", sentence=N_("“%(value)s” is published and must stay."), facts={"value": site_id}
        )
    for programme in old.programmes.values():
        after = new.programmes.get(programme.id)
        if after is None:
            yield CatalogueFault(path="programmes", sentence=gone, facts={"value": programme.id})
            continue
        kept = {activity.id for activity in after.activities}
        for activity in programme.activities:
            if activity.id not in kept:
                field = f"programmes.{_code(programme.id)}.activities"
                yield CatalogueFault(path=field, sentence=gone, facts={"value": activity.id})


def _unversioned(old: Catalogue, new: Catalogue) -> Iterator[CatalogueFault]:
    for programme in new.programmes.values():
        before = old.programmes.get(programme.id)
        if before is None:
            continue
        was, now = before.regulation, programme.regulation
        if now.version < was.version or (now.version == was.version and now.content() != was.content()):
            yield CatalogueFault(
                path=f"programmes.{_code(programme.id)}.regulation.version",
                sentence=N_("The regulation changed: its version must be above %(version)s."),
                facts={"version": was.version},
            )


def _code(full_id: str) -> str:
    return full_id.partition(".")[2]


def _told(programme: Programme) -> ProgrammePublished:
    return ProgrammePublished(
        municipality_id=programme.municipality_id,
        programme_id=programme.id,
        name=programme.name,
        billing_mode=programme.billing_mode,
        regulation_version=programme.regulation.version,
        activities=tuple(
            ProgrammeActivity(activity_id=activity.id, name=activity.name, minutes=activity.minutes)
            for activity in programme.activities
        ),
    )
