"""calendar.csv: school holidays, closures and moved school days of a town, whole."""

from collections.abc import Collection

from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.calendar_changes import LONGEST_DAYS, in_order
from services.reservations.domain.imported import UnusableFile
from services.reservations.domain.spans import read_span
from shared.errors import N_
from shared.tables import Row, read_lines

COLUMNS = ("type", "debut", "fin", "libelle", "sites")
KINDS = {
    "vacances": PeriodKind.HOLIDAY,
    "fermeture": PeriodKind.CLOSURE,
    "jour_scolaire": PeriodKind.SCHOOL_DAY,
}


def read_calendar(raw: bytes, municipality_id: str, site_ids: Collection[str]) -> tuple[Period, ...]:
    """Every period once, sorted. Raises `UnusableFile` with every fault: half a calendar would open closed days.

    Raises `UnreadableFile`, `ColumnsMissing`.
    """
    periods, faults = read_lines(raw, needed=COLUMNS, read=lambda row: _period(row, municipality_id, site_ids))
    if faults:
        raise UnusableFile([fault.shown() for fault in faults])
    return in_order(periods)


def _period(row: Row, municipality_id: str, site_ids: Collection[str]) -> Period:
    kind = KINDS.get(row.text("type").lower())
    if kind is None:
        raise row.wrong("type", N_("“%(value)s” is none of %(known)s."), value=row["type"], known=", ".join(KINDS))
    starts, ends = read_span(row)
    if (ends - starts).days >= LONGEST_DAYS:
        raise row.wrong("fin", N_("The period is longer than a year."))
    return Period(
        kind=kind,
        starts=starts,
        ends=ends,
        label=row.text("libelle"),
        site_ids=_sites(row, municipality_id, site_ids),
    )


def _sites(row: Row, municipality_id: str, site_ids: Collection[str]) -> frozenset[str]:
    codes = [code.strip() for code in row["sites"].split(",") if code.strip()]
    for code in codes:
        if f"{municipality_id}.{code}" not in site_ids:
            raise row.wrong("sites", N_("“%(value)s” is no site of the town's programmes."), value=code)
    return frozenset(f"{municipality_id}.{code}" for code in codes)
