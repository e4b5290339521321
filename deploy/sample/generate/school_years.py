"""Holidays and closures from September 2024 to August 2028.

Sainte-Aurore follows zone B as published. Le Val-Doré's dates are invented after the rhythm of Réunion: the long
southern summer holidays in December and January, short ones every seven weeks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from vacances_scolaires_france import SchoolHolidayDates

from deploy.sample.generate.text import Row, french
from deploy.sample.generate.towns import LE_VAL_DORE, SAINTE_AURORE, Town

FIRST_DAY, LAST_DAY = date(2024, 9, 1), date(2028, 8, 31)
BRIDGE = "Pont de l'Ascension"


@dataclass(frozen=True, kw_only=True)
class Period:
    name: str
    first: date
    last: date


def holidays_of(town: Town) -> list[Period]:
    """In order, cut to the four school years, without the days that are only bridges."""
    return [period for period in _published(town) if period.name != BRIDGE]


def _published(town: Town) -> list[Period]:
    return list(_southern_holidays() if town is LE_VAL_DORE else _published_holidays(town.school_zone))


def _published_holidays(zone: str) -> Iterator[Period]:
    names = {
        day: str(entry["nom_vacances"])
        for year in range(FIRST_DAY.year, LAST_DAY.year + 1)
        for day, entry in SchoolHolidayDates().holidays_for_year_and_zone(year, zone).items()
        if FIRST_DAY <= day <= LAST_DAY
    }
    starts = [day for day in sorted(names) if names.get(day - timedelta(days=1)) != names[day]]
    for first in starts:
        last = first
        while names.get(last + timedelta(days=1)) == names[first]:
            last += timedelta(days=1)
        yield Period(name=names[first], first=first, last=last)


SOUTHERN_HOLIDAYS = (
    ("Vacances d'octobre", "2024-10-12", "2024-10-27"),
    ("Vacances d'été austral", "2024-12-21", "2025-01-26"),
    ("Vacances de mars", "2025-03-08", "2025-03-23"),
    ("Vacances de mai", "2025-05-10", "2025-05-25"),
    ("Vacances d'hiver austral", "2025-07-12", "2025-08-17"),
    ("Vacances d'octobre", "2025-10-11", "2025-10-26"),
    ("Vacances d'été austral", "2025-12-20", "2026-01-25"),
    ("Vacances de mars", "2026-03-07", "2026-03-22"),
    ("Vacances de mai", "2026-05-09", "2026-05-24"),
    ("Vacances d'hiver austral", "2026-07-11", "2026-08-16"),
    ("Vacances d'octobre", "2026-10-10", "2026-10-25"),
    ("Vacances d'été austral", "2026-12-19", "2027-01-24"),
    ("Vacances de mars", "2027-03-13", "2027-03-28"),
    ("Vacances de mai", "2027-05-08", "2027-05-23"),
    ("Vacances d'hiver austral", "2027-07-10", "2027-08-15"),
    ("Vacances d'octobre", "2027-10-09", "2027-10-24"),
    ("Vacances d'été austral", "2027-12-18", "2028-01-23"),
    ("Vacances de mars", "2028-03-11", "2028-03-26"),
    ("Vacances de mai", "2028-05-06", "2028-05-21"),
    ("Vacances d'hiver austral", "2028-07-08", "2028-08-13"),
)


def _southern_holidays() -> Iterator[Period]:
    for name, first, last in SOUTHERN_HOLIDAYS:
        yield Period(name=name, first=date.fromisoformat(first), last=date.fromisoformat(last))


@dataclass(frozen=True, kw_only=True)
class LocalDay:
    """What the town decides on top: a closure or a moved school day, for all sites when none is named."""

    kind: str
    first: date
    last: date
    name: str
    sites: tuple[str, ...] = ()


LEISURE = ("centre-les-libellules", "maison-des-arts")
LOCAL_DAYS = {
    SAINTE_AURORE.id: (
        LocalDay(kind="fermeture", first=date(2025, 5, 30), last=date(2025, 5, 30), name=BRIDGE),
        LocalDay(kind="fermeture", first=date(2026, 5, 15), last=date(2026, 5, 15), name=BRIDGE),
        LocalDay(
            kind="jour_scolaire",
            first=date(2026, 7, 6),
            last=date(2026, 7, 6),
            name=f"Journée rattrapée ({BRIDGE})",
            sites=("ecole-jean-mace",),
        ),
        *(
            LocalDay(
                kind="fermeture",
                first=date(year, 8, 3),
                last=date(year, 8, 21),
                name="Fermeture d'été",
                sites=LEISURE,
            )
            for year in range(2025, 2029)
        ),
        LocalDay(
            kind="fermeture",
            first=date(2027, 1, 14),
            last=date(2027, 1, 14),
            name="Journée pédagogique",
            sites=("ecole-des-tilleuls",),
        ),
    ),
    LE_VAL_DORE.id: (
        LocalDay(kind="fermeture", first=date(2027, 2, 5), last=date(2027, 2, 5), name="Journée pédagogique"),
    ),
}


def calendar_rows(town: Town) -> list[Row]:
    published = [
        LocalDay(
            kind="fermeture" if period.name == BRIDGE else "vacances",
            first=period.first,
            last=period.last,
            name=period.name,
        )
        for period in _published(town)
    ]
    days = sorted([*published, *LOCAL_DAYS[town.id]], key=lambda day: (day.first, day.kind))
    return [
        {
            "type": day.kind,
            "debut": french(day.first),
            "fin": french(day.last),
            "libelle": day.name,
            "sites": ",".join(day.sites),
        }
        for day in days
    ]
