"""calendar.csv: school holidays, closures and moved school days of a town, whole."""

from collections.abc import Collection, Sequence
from datetime import date

from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.imported import Fault, UnusableFile
from services.reservations.domain.tables import FaultyLine, Line, read_table
from shared.errors import N_

COLUMNS = ("type", "debut", "fin", "libelle", "sites")
KINDS = {
    "vacances": PeriodKind.HOLIDAY,
    "fermeture": PeriodKind.CLOSURE,
    "jour_scolaire": PeriodKind.SCHOOL_DAY,
}
LONGEST_DAYS = 366


def read_calendar(raw: bytes, municipality_id: str, site_ids: Collection[str]) -> tuple[Period, ...]:
    """Every period once, sorted. Raises `UnusableFile` with every fault: half a calendar would open closed days."""
    periods: set[Period] = set()
    faults: list[Fault] = []
    for line in read_table(raw, COLUMNS):
        try:
            periods.add(_period(line, municipality_id, site_ids))
        except FaultyLine as wrong:
            faults.append(line.fault(wrong))
    if faults:
        raise UnusableFile(faults)
    return tuple(sorted(periods, key=_order))


def _order(period: Period) -> tuple[date, date, str, Sequence[str]]:
    return period.starts, period.ends, period.kind, sorted(period.site_ids)


def _period(line: Line, municipality_id: str, site_ids: Collection[str]) -> Period:
    kind = KINDS.get(line.text("type").lower())
    if kind is None:
        raise FaultyLine(
            "type", N_("“%(value)s” is none of %(known)s."), value=line.text("type"), known=", ".join(KINDS)
        )
    starts, ends = line.day("debut"), line.day("fin")
    if ends < starts:
        raise FaultyLine("fin", N_("The period ends before it starts."))
    if (ends - starts).days >= LONGEST_DAYS:
        raise FaultyLine("fin", N_("The period is longer than a year."))
    return Period(
        kind=kind,
        starts=starts,
        ends=ends,
        label=line.text("libelle"),
        site_ids=_sites(line, municipality_id, site_ids),
    )


def _sites(line: Line, municipality_id: str, site_ids: Collection[str]) -> frozenset[str]:
    codes = [code.strip() for code in line.cells["sites"].split(",") if code.strip()]
    for code in codes:
        if f"{municipality_id}.{code}" not in site_ids:
            raise FaultyLine("sites", N_("“%(value)s” is no site of the town's programmes."), value=code)
    return frozenset(f"{municipality_id}.{code}" for code in codes)
