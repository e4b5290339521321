"""enrolments.csv: which child goes where, in which class, from when to when; good lines count though others do not.

The columns `categorie` and `regime` may be left out: what is known of a child then stays as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.diets import OFFERED, is_diet
from services.reservations.domain.enrolments import LONGEST_REFERENCE, Enrolled, name_of
from services.reservations.domain.spans import read_span
from shared.errors import N_
from shared.tables import Fault, Row, read_lines

COLUMNS = ("reference_enfant", "programme", "site", "classe", "debut", "fin")
# Columns that a file may leave out, and what they say of an enrolment.
FURTHER = {"categorie": "category", "regime": "diet"}
LONGEST_CODE = 80


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a line says; `given` are the further fields its file has a column for."""

    enrolment: Enrolment
    given: frozenset[str] = frozenset()

    def upon(self, before: Enrolment | None) -> Enrolment:
        if before is None:
            return self.enrolment
        untold = {name: getattr(before, name) for name in FURTHER.values() if name not in self.given}
        return replace(self.enrolment, id=before.id, **untold)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A child's enrolments after a file, and what the file changed."""

    enrolled: Enrolled
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def created(self) -> int:
        return self.outcomes.get("created", 0)

    @property
    def updated(self) -> int:
        return self.outcomes.get("updated", 0)

    @property
    def unchanged(self) -> int:
        return self.outcomes.get("unchanged", 0)

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)


def read_enrolments(
    raw: bytes, municipality_id: str, catalogue: Catalogue
) -> tuple[Mapping[str, Sequence[Line]], list[Fault]]:
    """The good lines by the town's reference of the child, and the faults of the others.

    Raises `UnreadableFile`, `ColumnsMissing`.
    """

    def read(row: Row) -> tuple[str, Line]:
        given = frozenset(name for column, name in FURTHER.items() if column in row.cells)
        line = Line(enrolment=_enrolment(row, municipality_id, catalogue), given=given)
        return row.text("reference_enfant", LONGEST_REFERENCE), line

    lines, faults = read_lines(raw, needed=COLUMNS, read=read)
    by_child: defaultdict[str, list[Line]] = defaultdict(list)
    for reference, line in lines:
        by_child[reference].append(line)
    return by_child, faults


def _enrolment(row: Row, municipality_id: str, catalogue: Catalogue) -> Enrolment:
    programme = catalogue.programmes.get(f"{municipality_id}.{row.text('programme')}")
    if programme is None:
        raise row.wrong("programme", N_("“%(value)s” is no programme of the town."), value=row["programme"])
    site_id = f"{municipality_id}.{row.text('site')}"
    if site_id not in programme.site_ids:
        raise row.wrong("site", N_("“%(value)s” is no site of this programme."), value=row["site"])
    if not is_diet(row["regime"], catalogue.diets or OFFERED):
        raise row.wrong("regime", N_("“%(value)s” is none of the town's diets."), value=row["regime"])
    starts, ends = read_span(row)
    return Enrolment(
        programme_id=programme.id,
        site_id=site_id,
        group=row["classe"],
        starts=starts,
        ends=ends,
        category=row["categorie"][:LONGEST_CODE],
        diet=row["regime"],
    )


def merge(known: Enrolled, found: Sequence[Line]) -> Merged:
    """The same enrolment again replaces what it said before, another is added beside it."""
    after = {name_of(enrolment): enrolment for enrolment in known.enrolments}
    outcomes: Counter[str] = Counter()
    for line in found:
        before = after.get(name_of(line.enrolment))
        now = line.upon(before)
        outcomes["created" if before is None else "unchanged" if before == now else "updated"] += 1
        after[name_of(now)] = now
    return Merged(enrolled=replace(known, enrolments=tuple(sorted(after.values(), key=name_of))), outcomes=outcomes)
