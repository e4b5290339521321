"""What the towns offer and its regulations: sites, programmes, activities, limits."""

from typing import Any

from deploy.sample.generate.leisure_centre import (
    LEISURE_CENTRE_ACTIVITIES,
    leisure_centre_booking,
    leisure_centre_counters,
)
from deploy.sample.generate.towns import SAINTE_AURORE, Site, Town

Json = dict[str, Any]

DIETS = [{"id": "sans-porc", "name": "Sans porc"}, {"id": "sans-viande", "name": "Sans viande"}]
MEAL_DAYS, WEEK, WEDNESDAY = [1, 2, 4, 5], [1, 2, 3, 4, 5], [3]


def programmes_of(town: Town) -> Json:
    schools = [site.id for site in town.schools]
    sites = [_site(site) for site in (*town.schools, *town.other_sites)]
    if town is SAINTE_AURORE:
        programmes = [_restaurant(schools), _after_school(schools), _leisure_centre(), _workshops(), _bus(schools)]
    else:
        programmes = [_southern_restaurant(schools), _southern_after_school(schools)]
    return {"sites": sites, "programmes": programmes, "diets": DIETS}


def _site(site: Site) -> Json:
    return {"id": site.id, "name": site.name, "kind": site.kind}


def _restaurant(schools: list[str]) -> Json:
    return {
        "id": "restaurant",
        "name": "Restaurant scolaire",
        "billing_mode": "postpaid",
        "sites": schools,
        "activities": [
            _activity("repas", "REPAS", MEAL_DAYS, excludes=["pai"]),
            _activity("pai", "PAI", MEAL_DAYS, excludes=["repas"], health=True),
        ],
        "regulation": _regulation(
            booking=[_working_days_before("reserver-j-2", 2, "10:00")],
            cancelling=[_working_days_before("annuler-j-2", 2, "10:00")],
        ),
        "headcount_freeze": _working_days_before("commande-j-1", 1, "10:00"),
    }


def _after_school(schools: list[str]) -> Json:
    until_half_past_four, until_half_past_six = "jusqu-a-16h30", "de-16h30-a-18h30"
    return {
        "id": "garderie",
        "name": "Garderie",
        "billing_mode": "postpaid",
        "sites": schools,
        "activities": [
            _activity("avant-repas", "AVANT REPAS", WEEK),
            _activity(until_half_past_four, "JUSQU'A 16H30", MEAL_DAYS),
            _activity(until_half_past_six, "16H30 A 18H30", MEAL_DAYS, requires=[until_half_past_four]),
        ],
        "regulation": _regulation(
            booking=[_calendar_days_before("reserver-la-veille", 1, "18:00")],
            cancelling=[_calendar_days_before("annuler-la-veille", 1, "18:00")],
        ),
    }


def _leisure_centre() -> Json:
    runs_on = [{"days": "school_day", "weekdays": WEDNESDAY}, {"days": "holiday", "weekdays": WEEK}]
    ids = [activity.id for activity in LEISURE_CENTRE_ACTIVITIES]
    return {
        "id": "centre-de-loisirs",
        "name": "Centre de loisirs",
        "billing_mode": "prepaid",
        "sites": ["centre-les-libellules"],
        "activities": [
            {
                "id": activity.id,
                "name": activity.name,
                "runs_on": runs_on,
                # One formula a day: each excludes all the others, of both age groups.
                "excludes": [other for other in ids if other != activity.id],
                "requires": [],
                "places": activity.places,
            }
            for activity in LEISURE_CENTRE_ACTIVITIES
        ],
        "regulation": _regulation(
            booking=leisure_centre_booking(),
            cancelling=[_calendar_days_before("annuler-j-7", 7, "18:00")],
            waiting_list={"enabled": True, "offer": "PT12H", "order": ["resident", "sibling", "asked"]},
        ),
        "counters": leisure_centre_counters(),
    }


def _workshops() -> Json:
    return {
        "id": "ateliers",
        "name": "Ateliers du mercredi",
        "billing_mode": "prepaid",
        "sites": ["maison-des-arts"],
        "activities": [_activity("atelier-poterie", "ATELIER POTERIE", WEDNESDAY, places=1)],
        # One place and a hold of less than a minute: a demonstration sees it fill, expire and come back.
        "regulation": _regulation(
            booking=[_calendar_days_before("reserver-la-veille", 1, "18:00")],
            cancelling=[_calendar_days_before("annuler-la-veille", 1, "18:00")],
            payment_hold="PT45S",
        ),
    }


def _bus(schools: list[str]) -> Json:
    return {
        "id": "transport",
        "name": "Transport scolaire",
        "billing_mode": "postpaid",
        "sites": schools,
        "activities": [_activity("bus-matin", "BUS MATIN", MEAL_DAYS), _activity("bus-soir", "BUS SOIR", MEAL_DAYS)],
        # A seat can be taken the day before but is paid to the carrier two months ahead: two different limits.
        "regulation": _regulation(
            booking=[_calendar_days_before("reserver-la-veille", 1, "12:00")],
            cancelling=[_calendar_days_before("annuler-j-60", 60, "12:00")],
        ),
    }


def _southern_restaurant(schools: list[str]) -> Json:
    return {
        "id": "restaurant",
        "name": "Restaurant scolaire",
        "billing_mode": "postpaid",
        "sites": schools,
        "activities": [
            _activity("repas", "REPAS", MEAL_DAYS, excludes=["pai"]),
            _activity("pai", "PAI", MEAL_DAYS, excludes=["repas"], health=True),
        ],
        "regulation": _regulation(
            booking=[_calendar_days_before("reserver-j-3", 3, "12:00")],
            cancelling=[_calendar_days_before("annuler-la-veille", 1, "12:00")],
        ),
    }


def _southern_after_school(schools: list[str]) -> Json:
    return {
        "id": "garderie",
        "name": "Garderie",
        "billing_mode": "postpaid",
        "sites": schools,
        "activities": [_activity("matin", "MATIN", WEEK), _activity("soir", "SOIR", MEAL_DAYS)],
        "regulation": _regulation(
            booking=[_working_days_before("reserver-j-1", 1, "16:00")],
            cancelling=[_working_days_before("annuler-j-1", 1, "16:00")],
        ),
    }


def _activity(
    activity_id: str,
    name: str,
    weekdays: list[int],
    *,
    excludes: list[str] | None = None,
    requires: list[str] | None = None,
    places: int | None = None,
    health: bool = False,
) -> Json:
    return {
        **({"health": True} if health else {}),
        "id": activity_id,
        "name": name,
        "runs_on": [{"days": "school_day", "weekdays": weekdays}],
        "excludes": excludes or [],
        "requires": requires or [],
        "places": places,
    }


def _regulation(
    *,
    booking: list[Json],
    cancelling: list[Json],
    payment_hold: str = "PT20M",
    waiting_list: bool | Json = True,
) -> Json:
    return {
        "version": 1,
        "booking": booking,
        "cancelling": cancelling,
        "payment_hold": payment_hold,
        "waiting_list": waiting_list,
    }


def _working_days_before(rule_id: str, days: int, time: str) -> Json:
    return {"id": rule_id, "shape": "working_days_before", "days": days, "time": time}


def _calendar_days_before(rule_id: str, days: int, time: str) -> Json:
    return {"id": rule_id, "shape": "calendar_days_before", "days": days, "time": time}
