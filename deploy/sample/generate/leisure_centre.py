"""The leisure centre: formulas by age group, and when each period can be booked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from deploy.sample.generate.school_years import Period, holidays_of
from deploy.sample.generate.towns import SAINTE_AURORE

Json = dict[str, Any]

OPENS, CLOSES, RESIDENTS_FIRST = timedelta(days=42), timedelta(days=10), timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class CentreActivity:
    id: str
    name: str
    places: int


AGE_GROUPS = (("3-5-ans", "3-5 ANS", 0), ("6-11-ans", "6-11 ANS", 1))
FORMULAS = (
    ("journee", "JOURNEE", (16, 24)),
    ("journee-sans-repas", "JOURNEE SANS REPAS", (2, 2)),
    ("matin-repas", "MATIN REPAS", (4, 6)),
    ("matin", "MATIN", (2, 4)),
)
LEISURE_CENTRE_ACTIVITIES = tuple(
    CentreActivity(id=f"{formula}-{group}", name=f"{name} ({ages})", places=places[index])
    for group, ages, index in AGE_GROUPS
    for formula, name, places in FORMULAS
)


# The rooms of an age group hold so many in all formulas together, fewer on Wednesdays.
ROOMS = ((22, 18), (34, 28))


def leisure_centre_counters() -> list[Json]:
    return [
        {
            "id": f"salles-{group}",
            "activities": [f"{formula}-{group}" for formula, _, _ in FORMULAS],
            "limits": [{"places": ROOMS[index][0]}, {"places": ROOMS[index][1], "weekdays": [3]}],
        }
        for group, _, index in AGE_GROUPS
    ]


def leisure_centre_booking() -> list[Json]:
    """Holidays by windows, residents first; Wednesdays of term time until two days before."""
    windows = [_window(holiday) for holiday in holidays_of(SAINTE_AURORE)]
    return [
        {"id": "vacances", "shape": "absolute_window", "on": "holiday", "windows": windows},
        {"id": "mercredis-j-2", "shape": "calendar_days_before", "on": "school_day", "days": 2, "time": "18:00"},
    ]


def _window(holiday: Period) -> Json:
    """Residents from 07:00, the others from 07:00 a week later, all until a last minute well before."""
    residents = holiday.first - OPENS
    return {
        "from": holiday.first.isoformat(),
        "until": holiday.last.isoformat(),
        "opens": f"{residents + RESIDENTS_FIRST}T07:00",
        "closes": f"{holiday.first - CLOSES}T23:59",
        "opens_for_residents": f"{residents}T07:00",
    }
