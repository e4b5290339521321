"""enrolments.csv: which child goes where, in which class, from when to when; good lines count though others do not."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.programmes import Programme
from services.reservations.domain.spans import read_span
from shared.errors import N_
from shared.tables import Fault, Row, read_lines

COLUMNS = ("reference_enfant", "programme", "site", "classe", "debut", "fin")
LONGEST_REFERENCE = 80


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """A child's enrolments and the version they were read at, 0 before any."""

    version: int = 0
    enrolments: tuple[Enrolment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A child's enrolments after a file, and what the file changed."""

    enrolled: Enrolled
    created: int
    updated: int
    unchanged: int

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)


def read_enrolments(
    raw: bytes, municipality_id: str, programmes: Mapping[str, Programme]
) -> tuple[Mapping[str, Sequence[Enrolment]], list[Fault]]:
    """The good lines by the town's reference of the child, and the faults of the others.

    Raises `UnreadableFile`, `ColumnsMissing`.
    """

    def read(row: Row) -> tuple[str, Enrolment]:
        return row.text("reference_enfant", LONGEST_REFERENCE), _enrolment(row, municipality_id, programmes)

    lines, faults = read_lines(raw, needed=COLUMNS, read=read)
    by_child: defaultdict[str, list[Enrolment]] = defaultdict(list)
    for reference, enrolment in lines:
        by_child[reference].append(enrolment)
    return by_child, faults


def _enrolment(row: Row, municipality_id: str, programmes: Mapping[str, Programme]) -> Enrolment:
    programme = programmes.get(f"{municipality_id}.{row.text('programme')}")
    if programme is None:
        raise row.wrong("programme", N_("“%(value)s” is no programme of the town."), value=row["programme"])
    site_id = f"{municipality_id}.{row.text('site')}"
    if site_id not in programme.site_ids:
        raise row.wrong("site", N_("“%(value)s” is no site of this programme."), value=row["site"])
    starts, ends = read_span(row)
    return Enrolment(programme_id=programme.id, site_id=site_id, group=row["classe"], starts=starts, ends=ends)


def merge(known: Enrolled, found: Sequence[Enrolment]) -> Merged:
    """Programme and first day name an enrolment: the same again replaces it, another is added beside it."""
    after = {_name(enrolment): enrolment for enrolment in known.enrolments}
    outcomes: Counter[str] = Counter()
    for enrolment in found:
        before = after.get(_name(enrolment))
        outcomes["created" if before is None else "unchanged" if before == enrolment else "updated"] += 1
        after[_name(enrolment)] = enrolment
    return Merged(
        enrolled=Enrolled(version=known.version, enrolments=tuple(sorted(after.values(), key=_name))),
        created=outcomes["created"],
        updated=outcomes["updated"],
        unchanged=outcomes["unchanged"],
    )


def _name(enrolment: Enrolment) -> tuple[str, date]:
    return enrolment.programme_id, enrolment.starts
