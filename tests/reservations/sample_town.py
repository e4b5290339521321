"""A small town for the rules' tests: two schools, a canteen, an after-school club, a leisure centre."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.reservations.domain.bookable import DayAnswer, Enrolment, RosterChild
from services.reservations.domain.calendar import Period, PeriodKind, TownCalendar
from services.reservations.domain.catalogue_file import CatalogueFile, read_catalogue
from services.reservations.domain.regulation import Action, Regulation
from services.reservations.domain.town import Contact, Town

TOWN = "sainte-aurore"
TERM = {"days": "school_day", "weekdays": [1, 2, 4, 5]}
TWO_DAYS_BEFORE = {"id": "j-2", "shape": "working_days_before", "days": 2, "time": "10:00"}
EVENING_BEFORE = {"id": "veille", "shape": "calendar_days_before", "days": 1, "time": "18:00"}
WINTER_WINDOW = {
    "from": "2026-02-16",
    "until": "2026-02-27",
    "opens": "2026-01-17T07:00",
    "opens_for_residents": "2026-01-10T07:00",
    "closes": "2026-01-31T23:59",
}
WINTER = {"id": "fenetre-hiver", "shape": "absolute_window", "windows": [WINTER_WINDOW]}

PERIODS = (
    Period(kind=PeriodKind.HOLIDAY, starts=date(2026, 2, 14), ends=date(2026, 3, 1), label="Vacances d'hiver"),
    Period(kind=PeriodKind.CLOSURE, starts=date(2026, 5, 15), ends=date(2026, 5, 15), label="Pont de l'Ascension"),
    Period(
        kind=PeriodKind.CLOSURE,
        starts=date(2026, 3, 12),
        ends=date(2026, 3, 12),
        label="Journée pédagogique",
        site_ids=frozenset({f"{TOWN}.ecole-jean-mace"}),
    ),
    Period(kind=PeriodKind.SCHOOL_DAY, starts=date(2026, 5, 20), ends=date(2026, 5, 20), label="Jour rattrapé"),
)


def regulation(*booking: Mapping[str, Any], cancelling: Sequence[Mapping[str, Any]] = (), **rest: Any) -> Regulation:
    rules = list(booking) or [TWO_DAYS_BEFORE]
    return Regulation.model_validate({"version": 3, "booking": rules, "cancelling": list(cancelling) or rules, **rest})


def catalogue_file() -> dict[str, Any]:
    """As programmes.json, to be changed freely."""
    return {
        "sites": [
            {"id": "ecole-des-tilleuls", "name": "École des Tilleuls", "kind": "school"},
            {"id": "ecole-jean-mace", "name": "École Jean-Macé", "kind": "school"},
        ],
        "programmes": [
            _programme(
                "restaurant",
                [TWO_DAYS_BEFORE],
                {"id": "repas", "name": "REPAS", "runs_on": [TERM], "excludes": ["pai"]},
                {"id": "pai", "name": "PAI", "runs_on": [TERM], "health": True},
            ),
            _programme(
                "garderie",
                [EVENING_BEFORE],
                {
                    "id": "avant-repas",
                    "name": "AVANT REPAS",
                    "runs_on": [{"days": "school_day", "weekdays": [1, 2, 3, 4, 5]}],
                },
                {"id": "soir-1", "name": "SOIR 1", "runs_on": [TERM]},
                {"id": "soir-2", "name": "SOIR 2", "runs_on": [TERM], "requires": ["soir-1"]},
            ),
            _programme(
                "loisirs",
                [{**WINTER, "on": "holiday"}, {**EVENING_BEFORE, "on": "school_day"}],
                {
                    "id": "journee",
                    "name": "JOURNÉE",
                    "runs_on": [
                        {"days": "school_day", "weekdays": [3]},
                        {"days": "holiday", "weekdays": [1, 2, 3, 4, 5]},
                    ],
                    "places": 2,
                },
                {"id": "stage", "name": "STAGE", "runs_on": [{"days": "holiday", "weekdays": [1, 2, 3, 4]}]},
            ),
        ],
    }


def _programme(code: str, rules: list[dict[str, Any]], *activities: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": code,
        "name": code.capitalize(),
        "billing_mode": "prepaid" if code == "loisirs" else "postpaid",
        "sites": ["ecole-des-tilleuls", "ecole-jean-mace"],
        "activities": list(activities),
        "regulation": {"version": 3, "booking": rules, "cancelling": rules, "waiting_list": True},
    }


def calendar(
    zone: str = "Europe/Paris", public_holidays: str = "metropole", periods: tuple[Period, ...] = PERIODS
) -> TownCalendar:
    return TownCalendar(zone=ZoneInfo(zone), public_holidays=public_holidays, periods=periods)


def town(days: TownCalendar | None = None) -> Town:
    catalogue = read_catalogue(CatalogueFile.model_validate(catalogue_file()), TOWN)
    return Town(
        municipality_id=TOWN,
        name="Sainte-Aurore",
        contact=Contact(email="enfance@sainte-aurore.example", phone="02 61 91 20 00", address="1 place de la Mairie"),
        calendar=days or calendar(),
        programmes=catalogue.programmes,
        sites=catalogue.sites,
    )


def child(*, site: str = "ecole-des-tilleuls", resident: bool = True, **changes: Any) -> RosterChild:
    enrolments = tuple(
        Enrolment(
            programme_id=f"{TOWN}.{programme}",
            site_id=f"{TOWN}.{site}",
            group="CE1",
            starts=date(2025, 9, 1),
            ends=date(2026, 7, 3),
        )
        for programme in ("restaurant", "garderie", "loisirs")
    )
    known = RosterChild(
        child_id="chd_1",
        municipality_id=TOWN,
        household_id="hsh_1",
        reference="E0001",
        first_name="Zoé",
        last_name="Marin",
        birth_date=date(2018, 4, 2),
        resident=resident,
        enrolments=enrolments,
    )
    return replace(known, **changes)


def paris(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A wall clock of Paris, as a UTC instant."""
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)


def ask(
    activity: str, day: date, *, now: datetime, action: Action = "book", who: RosterChild | None = None
) -> DayAnswer:
    return town().answer(f"{TOWN}.{activity}", day, action=action, child=who or child(), now=now)
