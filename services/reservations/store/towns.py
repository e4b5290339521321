"""A town's document ↔ the domain. Days are ISO texts, ids are full."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from services.reservations.domain.calendar import Period, PeriodKind, TownCalendar
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.programmes import Activity, Programme, RunsOn, Site
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.town import Contact, Town
from shared.contracts.identity import MunicipalitySet
from shared.mongo import Document


def town_of(found: Document) -> Town:
    """From a document with settings."""
    settings = found["settings"]
    catalogue = catalogue_of(found)
    return Town(
        municipality_id=found["_id"],
        name=settings["name"],
        contact=Contact(**settings["contact"]),
        calendar=TownCalendar(
            zone=ZoneInfo(settings["time_zone"]),
            public_holidays=settings["public_holidays"],
            periods=periods_of(found),
        ),
        programmes=catalogue.programmes,
        sites=catalogue.sites,
    )


def settings_document(told: MunicipalitySet) -> Document:
    return {
        "name": told.name,
        "time_zone": told.time_zone,
        "public_holidays": told.public_holidays,
        "contact": {"email": told.contact_email, "phone": told.contact_phone, "address": told.contact_address},
    }


def catalogue_of(found: Document) -> Catalogue:
    sites = [Site(**site) for site in found.get("sites", [])]
    programmes = [_programme(programme) for programme in found.get("programmes", [])]
    return Catalogue(sites={site.id: site for site in sites}, programmes={one.id: one for one in programmes})


def catalogue_document(catalogue: Catalogue) -> Document:
    return {
        "sites": [vars(site) for site in catalogue.sites.values()],
        "programmes": [_programme_document(programme) for programme in catalogue.programmes.values()],
    }


def periods_of(found: Document) -> tuple[Period, ...]:
    return tuple(
        Period(
            kind=PeriodKind(period["kind"]),
            starts=date.fromisoformat(period["starts"]),
            ends=date.fromisoformat(period["ends"]),
            label=period["label"],
            site_ids=frozenset(period["site_ids"]),
        )
        for period in found.get("periods", [])
    )


def periods_document(periods: Iterable[Period]) -> list[Document]:
    return [
        {
            "kind": str(period.kind),
            "starts": period.starts.isoformat(),
            "ends": period.ends.isoformat(),
            "label": period.label,
            "site_ids": sorted(period.site_ids),
        }
        for period in periods
    ]


def _programme(found: Mapping[str, Any]) -> Programme:
    return Programme(
        id=found["id"],
        municipality_id=found["municipality_id"],
        name=found["name"],
        billing_mode=found["billing_mode"],
        site_ids=tuple(found["site_ids"]),
        activities=tuple(_activity(activity, found["id"]) for activity in found["activities"]),
        regulation=Regulation.model_validate(found["regulation"]),
    )


def _programme_document(programme: Programme) -> Document:
    return {
        "id": programme.id,
        "municipality_id": programme.municipality_id,
        "name": programme.name,
        "billing_mode": programme.billing_mode,
        "site_ids": list(programme.site_ids),
        "activities": [_activity_document(activity) for activity in programme.activities],
        "regulation": programme.regulation.model_dump(mode="json"),
    }


def _activity(found: Mapping[str, Any], programme_id: str) -> Activity:
    return Activity(
        id=found["id"],
        programme_id=programme_id,
        name=found["name"],
        runs_on=tuple(RunsOn(days=rule["days"], weekdays=frozenset(rule["weekdays"])) for rule in found["runs_on"]),
        excludes=frozenset(found["excludes"]),
        requires=frozenset(found["requires"]),
        places=found["places"],
        health=found.get("health", False),
    )


def _activity_document(activity: Activity) -> Document:
    return {
        "id": activity.id,
        "name": activity.name,
        "runs_on": [{"days": rule.days, "weekdays": sorted(rule.weekdays)} for rule in activity.runs_on],
        "excludes": sorted(activity.excludes),
        "requires": sorted(activity.requires),
        "places": activity.places,
        "health": activity.health,
    }
