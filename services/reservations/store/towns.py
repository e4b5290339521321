"""A town's document ↔ the domain. Days are ISO texts, ids are full."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from services.reservations.domain.audience import Audience
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.capacity import Counter, Limit
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.deadlines import Rule
from services.reservations.domain.diets import OFFERED
from services.reservations.domain.programmes import Activity, Programme, RunsOn, Site
from services.reservations.domain.regulation import Regulation
from services.reservations.domain.town import Contact, Town
from services.reservations.store.periods import periods_of
from services.reservations.store.suspensions import suspensions_of
from shared.contracts.identity import MunicipalitySet
from shared.mongo import Document

FREEZE: TypeAdapter[Rule | None] = TypeAdapter(Rule | None)


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
        suspensions=suspensions_of(found),
        diets=catalogue.diets or OFFERED,
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
    diets = {diet["id"]: diet["name"] for diet in found.get("diets", [])}
    return Catalogue(
        sites={site.id: site for site in sites}, programmes={one.id: one for one in programmes}, diets=diets
    )


def catalogue_document(catalogue: Catalogue) -> Document:
    return {
        "sites": [vars(site) for site in catalogue.sites.values()],
        "programmes": [_programme_document(programme) for programme in catalogue.programmes.values()],
        "diets": [{"id": code, "name": name} for code, name in catalogue.diets.items()],
    }


def _programme(found: Mapping[str, Any]) -> Programme:
    return Programme(
        id=found["id"],
        municipality_id=found["municipality_id"],
        name=found["name"],
        billing_mode=found["billing_mode"],
        site_ids=tuple(found["site_ids"]),
        activities=tuple(_activity(activity, found["id"]) for activity in found["activities"]),
        regulation=Regulation.model_validate(found["regulation"]),
        counters=tuple(_counter(counter) for counter in found.get("counters", ())),
        former=tuple(Regulation.model_validate(former) for former in found.get("former", ())),
        headcount_freeze=FREEZE.validate_python(found.get("headcount_freeze")),
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
        "counters": [_counter_document(counter) for counter in programme.counters],
        "former": [former.model_dump(mode="json") for former in programme.former],
        "headcount_freeze": programme.headcount_freeze and programme.headcount_freeze.model_dump(mode="json"),
    }


def _counter(found: Mapping[str, Any]) -> Counter:
    return Counter(
        id=found["id"],
        activity_ids=frozenset(found["activity_ids"]),
        limits=tuple(_limit(limit) for limit in found["limits"]),
        split_by=frozenset(found["split_by"]),
    )


def _limit(found: Mapping[str, Any]) -> Limit:
    return Limit(
        places=found["places"],
        site_ids=frozenset(found["site_ids"]),
        groups=frozenset(found["groups"]),
        ages=(found["ages"][0], found["ages"][1]) if found["ages"] else None,
        starts=date.fromisoformat(found["starts"]) if found["starts"] else None,
        ends=date.fromisoformat(found["ends"]) if found["ends"] else None,
        weekdays=frozenset(found["weekdays"]),
    )


def _counter_document(counter: Counter) -> Document:
    return {
        "id": counter.id,
        "activity_ids": sorted(counter.activity_ids),
        "limits": [_limit_document(limit) for limit in counter.limits],
        "split_by": sorted(counter.split_by),
    }


def _limit_document(limit: Limit) -> Document:
    return {
        "places": limit.places,
        "site_ids": sorted(limit.site_ids),
        "groups": sorted(limit.groups),
        "ages": list(limit.ages) if limit.ages else None,
        "starts": limit.starts.isoformat() if limit.starts else None,
        "ends": limit.ends.isoformat() if limit.ends else None,
        "weekdays": sorted(limit.weekdays),
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
        starts=_clock(found.get("starts")),
        ends=_clock(found.get("ends")),
        audience=Audience.model_validate(found["audience"]) if found.get("audience") else None,
    )


def _clock(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _activity_document(activity: Activity) -> Document:
    return {
        "id": activity.id,
        "name": activity.name,
        "runs_on": [{"days": rule.days, "weekdays": sorted(rule.weekdays)} for rule in activity.runs_on],
        "excludes": sorted(activity.excludes),
        "requires": sorted(activity.requires),
        "places": activity.places,
        "health": activity.health,
        "starts": f"{activity.starts:%H:%M}" if activity.starts else None,
        "ends": f"{activity.ends:%H:%M}" if activity.ends else None,
        "audience": activity.audience.model_dump(mode="json") if activity.audience else None,
    }
