"""families.csv: one line per child, gathered into families; a bad line refuses its family and no other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.identity.domain.families import Family, FileChild, FileGuardian
from services.identity.domain.formulas import as_written
from services.identity.domain.text import BAD_EMAIL, LINE_LENGTH, NAME_LENGTH, is_email, normal_email
from shared.errors import N_
from shared.tables import EMPTY, TOO_LONG, Fault, FaultyLine, Row, read_table
from shared.text import plain

REFERENCE = "reference_famille"
BORN = "enfant_naissance"
MANDATORY = (
    "nom_famille",
    "email",
    "resp1_civilite",
    "resp1_nom",
    "resp1_prenom",
    "reference_enfant",
    "enfant_nom",
    "enfant_prenom",
    BORN,
)
SECOND_GUARDIAN = ("resp2_civilite", "resp2_nom", "resp2_prenom")
# Written on each child's line and meant once: lines of one family must agree; an empty cell says nothing.
OF_FAMILY = (
    "nom_famille",
    "email",
    "telephone",
    "adresse",
    "code_postal",
    "ville",
    "resp1_civilite",
    "resp1_nom",
    "resp1_prenom",
    *SECOND_GUARDIAN,
    "domicilie",
)
LONG = {"adresse": LINE_LENGTH, "ville": LINE_LENGTH, "email": 254, "telephone": 30, "code_postal": 10}
CIVILITIES = {"m": "M.", "mr": "M.", "monsieur": "M.", "mme": "Mme", "madame": "Mme"}
ANSWERS = {"oui": True, "o": True, "non": False, "n": False, "": True}
FIRST_YEAR = 1920

BAD_CIVILITY = N_("M. or Mme is expected.")
IMPOSSIBLE_DATE = N_("This birth date is in the future or too far in the past.")
BAD_ANSWER = N_("“oui” or “non” is expected.")
HALF_GUARDIAN = N_("The second guardian is incomplete: civility, name and first name go together.")
DISAGREES = N_("This differs from line %(line)s of the same family.")
SAME_CHILD = N_("This child is already on line %(line)s of the same family.")


@dataclass(frozen=True)
class FamilyTable:
    families: tuple[Family, ...]
    faults: tuple[Fault, ...]
    """In line order; a family with a fault is not among `families`."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """By reference, where a family begins, the refused ones included."""


def read_families(content: bytes, today: date) -> FamilyTable:
    """Raises `UnreadableFile`, `ColumnsMissing`; everything else becomes a fault of its line."""
    rows = read_table(content, needed=(REFERENCE, *MANDATORY))
    return gather_families((_unescaped(row) for row in rows), today)


def gather_families(rows: Iterable[Row], today: date) -> FamilyTable:
    """Families of rows that name the columns as this module does."""
    groups: dict[str, list[Row]] = {}
    faults: list[Fault] = []
    for row in rows:
        if reference := row[REFERENCE]:
            groups.setdefault(reference, []).append(row)
        else:
            faults.append(Fault(row.line, REFERENCE, EMPTY))
    families = []
    for group in groups.values():
        if found := _faults(group, today):
            faults += found
        else:
            families.append(_family(group))
    lines = {reference: group[0].line for reference, group in groups.items()}
    return FamilyTable(tuple(families), tuple(sorted(faults, key=lambda fault: fault.line)), lines)


def _unescaped(row: Row) -> Row:
    return Row(row.line, {column: as_written(cell) for column, cell in row.cells.items()}, row.surplus)


def _faults(rows: Sequence[Row], today: date) -> list[Fault]:
    faults = [fault for row in rows for fault in _row_faults(row, rows[0], today)]
    return [*faults, *_repeated_children(rows), *_disagreements(rows)]


def _row_faults(row: Row, first: Row, today: date) -> list[Fault]:
    if row.surplus:
        return [row.surplus]
    return [
        *(Fault(row.line, column, EMPTY) for column in _missing(row, first)),
        *(Fault(row.line, column, sentence) for column, sentence in _misshapen(row)),
        *_birth_faults(row, today),
        *(Fault(row.line, column, TOO_LONG, {"limit": limit}) for column, limit in _too_long(row)),
    ]


def _missing(row: Row, first: Row) -> list[str]:
    """What the first line of a family says need not be said again."""
    empty = [column for column in MANDATORY if not row[column]]
    return [column for column in empty if column not in OF_FAMILY or not first[column]]


def _too_long(row: Row) -> list[tuple[str, int]]:
    limits = {column: LONG.get(column, NAME_LENGTH) for column in (REFERENCE, *MANDATORY, *OF_FAMILY)}
    return [(column, limit) for column, limit in limits.items() if len(row[column]) > limit]


def _misshapen(row: Row) -> list[tuple[str, str]]:
    checks = [
        ("email", BAD_EMAIL if not is_email(normal_email(row["email"])) else ""),
        ("resp1_civilite", BAD_CIVILITY if _civility(row["resp1_civilite"]) is None else ""),
        ("resp2_civilite", BAD_CIVILITY if _civility(row["resp2_civilite"]) is None else ""),
        ("domicilie", BAD_ANSWER if plain(row["domicilie"]) not in ANSWERS else ""),
    ]
    found = [(column, sentence) for column, sentence in checks if row[column] and sentence]
    empty = [column for column in SECOND_GUARDIAN if not row[column]]
    if empty and len(empty) < len(SECOND_GUARDIAN):
        found.append((empty[0], HALF_GUARDIAN))
    return found


def _birth_faults(row: Row, today: date) -> list[Fault]:
    if not row[BORN]:
        return []
    try:
        born = row.day(BORN)
    except FaultyLine as wrong:
        return [wrong.fault]
    return [] if born.year >= FIRST_YEAR and born <= today else [Fault(row.line, BORN, IMPOSSIBLE_DATE)]


def _civility(text: str) -> str | None:
    return CIVILITIES.get(plain(text))


def _repeated_children(rows: Sequence[Row]) -> list[Fault]:
    first: dict[str, Row] = {}
    return [
        Fault(row.line, "reference_enfant", SAME_CHILD, {"line": twin.line})
        for row in rows
        if row["reference_enfant"] and (twin := first.setdefault(row["reference_enfant"], row)) is not row
    ]


def _disagreements(rows: Sequence[Row]) -> list[Fault]:
    first: dict[str, Row] = {}
    return [
        Fault(row.line, column, DISAGREES, {"line": former.line})
        for row in rows
        for column in OF_FAMILY
        if row[column] and not _agree(former := first.setdefault(column, row), row, column)
    ]


def _agree(former: Row, row: Row, column: str) -> bool:
    """Written alike, but for case, accents and spacing."""
    if former[column] == row[column]:
        return True
    normal = normal_email if column == "email" else plain
    return normal(former[column]) == normal(row[column])


def _family(rows: Sequence[Row]) -> Family:
    said = {column: next((row[column] for row in rows if row[column]), "") for column in OF_FAMILY}
    place = " ".join(part for part in (said["code_postal"], said["ville"]) if part)
    return Family(
        reference=rows[0][REFERENCE],
        name=said["nom_famille"],
        email=normal_email(said["email"]),
        phone=said["telephone"],
        address=", ".join(part for part in (said["adresse"], place) if part),
        resident=ANSWERS[plain(said["domicilie"])],
        guardians=tuple(_guardians(said)),
        children=tuple(_child(row) for row in rows),
    )


def _guardians(said: dict[str, str]) -> list[FileGuardian]:
    return [
        FileGuardian(civility=civility, first_name=said[f"resp{place}_prenom"], last_name=said[f"resp{place}_nom"])
        for place in (1, 2)
        if (civility := _civility(said[f"resp{place}_civilite"]))
    ]


def _child(row: Row) -> FileChild:
    return FileChild(
        reference=row["reference_enfant"],
        first_name=row["enfant_prenom"],
        last_name=row["enfant_nom"],
        birth_date=row.day(BORN),
    )
