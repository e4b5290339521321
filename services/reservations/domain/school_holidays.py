"""School holidays as published, to be taken over into a town's own calendar. Sources: docs/calendars.md.

Written as the orders write them: no class from the evening of the first day on, class again in the morning of the
second. Where an academy's days are not listed here, a town imports the ministry's file (see `calendar_ics`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from services.reservations.domain.calendar import Period, PeriodKind
from shared.errors import N_, Refused

SATURDAY = 6
AUTUMN, CHRISTMAS, WINTER = "Vacances de la Toussaint", "Vacances de Noël", "Vacances d'hiver"
SPRING, SUMMER, BRIDGE = "Vacances de printemps", "Vacances d'été", "Pont de l'Ascension"
CARNIVAL, EASTER = "Vacances de Carnaval", "Vacances de Pâques"
FIRST_BREAK, THIRD_BREAK = "Vacances après la 1re période", "Vacances après la 3e période"
FOURTH_BREAK = "Vacances après la 4e période"
SOUTHERN_SUMMER, SOUTHERN_WINTER = "Vacances d'été austral", "Vacances d'hiver austral"

Span = tuple[str, str, str]

# What zones A, B and C have in common.
MAINLAND: Mapping[str, tuple[Span, ...]] = {
    "2025-2026": (
        (AUTUMN, "2025-10-18", "2025-11-03"),
        (CHRISTMAS, "2025-12-20", "2026-01-05"),
        (BRIDGE, "2026-05-14", "2026-05-18"),
        (SUMMER, "2026-07-04", "2026-09-01"),
    ),
    "2026-2027": (
        (AUTUMN, "2026-10-17", "2026-11-02"),
        (CHRISTMAS, "2026-12-19", "2027-01-04"),
        (BRIDGE, "2027-05-05", "2027-05-10"),
        (SUMMER, "2027-07-03", "2027-09-01"),
    ),
    "2027-2028": (
        (AUTUMN, "2027-10-23", "2027-11-08"),
        (CHRISTMAS, "2027-12-18", "2028-01-03"),
        (BRIDGE, "2028-05-25", "2028-05-29"),
        (SUMMER, "2028-07-04", "2028-09-01"),
    ),
}
ZONES: Mapping[str, Mapping[str, tuple[Span, ...]]] = {
    "A": {
        "2025-2026": ((WINTER, "2026-02-07", "2026-02-23"), (SPRING, "2026-04-04", "2026-04-20")),
        "2026-2027": ((WINTER, "2027-02-13", "2027-03-01"), (SPRING, "2027-04-10", "2027-04-26")),
        "2027-2028": ((WINTER, "2028-02-19", "2028-03-06"), (SPRING, "2028-04-22", "2028-05-09")),
    },
    "B": {
        "2025-2026": ((WINTER, "2026-02-14", "2026-03-02"), (SPRING, "2026-04-11", "2026-04-27")),
        "2026-2027": ((WINTER, "2027-02-20", "2027-03-08"), (SPRING, "2027-04-17", "2027-05-03")),
        "2027-2028": ((WINTER, "2028-02-05", "2028-02-21"), (SPRING, "2028-04-08", "2028-04-24")),
    },
    "C": {
        "2025-2026": ((WINTER, "2026-02-21", "2026-03-09"), (SPRING, "2026-04-18", "2026-05-04")),
        "2026-2027": ((WINTER, "2027-02-06", "2027-02-22"), (SPRING, "2027-04-03", "2027-04-19")),
        "2027-2028": ((WINTER, "2028-02-12", "2028-02-28"), (SPRING, "2028-04-15", "2028-05-02")),
    },
}
# Academies with calendars of their own (articles D521-6 and D521-7 of the education code).
ELSEWHERE: Mapping[str, Mapping[str, tuple[Span, ...]]] = {
    "corse": {
        "2025-2026": (
            (AUTUMN, "2025-10-18", "2025-11-03"),
            (CHRISTMAS, "2025-12-20", "2026-01-05"),
            (WINTER, "2026-02-14", "2026-03-02"),
            (SPRING, "2026-04-11", "2026-04-27"),
            (BRIDGE, "2026-05-14", "2026-05-18"),
            (SUMMER, "2026-07-04", "2026-09-01"),
        ),
    },
    "martinique": {
        "2025-2026": (
            (AUTUMN, "2025-10-18", "2025-11-03"),
            (CHRISTMAS, "2025-12-20", "2026-01-05"),
            (CARNIVAL, "2026-02-07", "2026-02-23"),
            (EASTER, "2026-03-28", "2026-04-13"),
            (BRIDGE, "2026-05-13", "2026-05-18"),
            (SUMMER, "2026-07-04", "2026-09-01"),
        ),
    },
    "la-reunion": {
        "2025-2026": (
            (FIRST_BREAK, "2025-10-11", "2025-10-27"),
            (SOUTHERN_SUMMER, "2025-12-19", "2026-01-21"),
            (THIRD_BREAK, "2026-02-28", "2026-03-16"),
            (FOURTH_BREAK, "2026-05-02", "2026-05-18"),
            (SOUTHERN_WINTER, "2026-07-04", "2026-08-18"),
        ),
        "2026-2027": (
            (FIRST_BREAK, "2026-10-10", "2026-10-26"),
            (SOUTHERN_SUMMER, "2026-12-19", "2027-02-01"),
            (THIRD_BREAK, "2027-03-16", "2027-03-30"),
            (FOURTH_BREAK, "2027-05-05", "2027-05-19"),
        ),
    },
}


class SchoolYearUnknown(Refused):
    """Days nobody published must not look as if somebody had."""

    code = "school-year-unknown"
    title = N_("Calendar not known")
    sentence = N_("The school holidays of %(zone)s for %(school_year)s are not in this version. It knows: %(known)s.")
    remedy = N_("Import the file of the Ministry of Education (iCalendar), or enter the holidays by hand.")


def known() -> Iterator[tuple[str, str]]:
    """Every zone and school year there is."""
    for zone, years in {**ZONES, **ELSEWHERE}.items():
        yield from ((zone, year) for year in years)


def school_holidays(zone: str, school_year: str) -> tuple[Period, ...]:
    """In order. Raises `SchoolYearUnknown`."""
    if (zone, school_year) not in set(known()):
        listed = ", ".join(f"{one} {year}" for one, year in known())
        raise SchoolYearUnknown(zone=zone, school_year=school_year, known=listed)
    own = {**ZONES, **ELSEWHERE}[zone][school_year]
    spans = [*own, *(MAINLAND[school_year] if zone in ZONES else ())]
    return tuple(sorted((_period(*span) for span in spans), key=lambda period: period.starts))


def _period(label: str, no_class_after: str, class_again: str) -> Period:
    return Period(
        kind=PeriodKind.HOLIDAY,
        starts=first_day_of(date.fromisoformat(no_class_after)),
        ends=date.fromisoformat(class_again) - timedelta(days=1),
        label=label,
    )


def first_day_of(no_class_after: date) -> date:
    """Class is held on the day that is named, except on Saturdays, when few schools have any."""
    return no_class_after if no_class_after.isoweekday() == SATURDAY else no_class_after + timedelta(days=1)
