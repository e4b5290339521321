"""What a town's columns mean: guessed from their names, corrected by an agent, and the rows read accordingly."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.identity.domain.family_table import BORN, MANDATORY, OF_FAMILY, REFERENCE
from services.identity.domain.formulas import as_written
from shared.errors import N_, BadInput
from shared.tables import SURPLUS, TOO_LONG, Fault, Row
from shared.text import plain

OF_CHILD = ("reference_enfant", "enfant_nom", "enfant_prenom", BORN)
FIELDS = (REFERENCE, *OF_FAMILY, *OF_CHILD)
NEEDED = (REFERENCE, *MANDATORY)
MOST_COLUMNS = 100
LONGEST_CELL = 2_000

DAY_FIRST = "DD/MM/YYYY"
MONTH_FIRST = "MM/DD/YYYY"
YEAR_FIRST = "YYYY-MM-DD"
DATE_FORMATS: Mapping[str, re.Pattern[str]] = {
    DAY_FIRST: re.compile(r"(?P<d>[0-9]{1,2})[/.-](?P<m>[0-9]{1,2})[/.-](?P<y>[0-9]{4})"),
    MONTH_FIRST: re.compile(r"(?P<m>[0-9]{1,2})[/.-](?P<d>[0-9]{1,2})[/.-](?P<y>[0-9]{4})"),
    YEAR_FIRST: re.compile(r"(?P<y>[0-9]{4})[/.-]?(?P<m>[0-9]{2})[/.-]?(?P<d>[0-9]{2})"),
}
MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00(\.0+)?)?$")
# Words a town hall may name a column by; whom it is about is looked for apart.
CHILD = ("enfant", "eleve", "child")
SECOND = ("resp2", "responsable 2", "responsable2", "parent 2", "parent2", "rl2", "conjoint", "second")
FIRST = ("resp1", "resp", "responsable", "parent", "rl1", "pere", "mere")
SAID_OF_PERSONS = {"civilite": "civilite", "titre": "civilite", "prenom": "prenom", "prenoms": "prenom", "nom": "nom"}
SAID_OF_FAMILIES = {
    "email": ("mail", "courriel", "email", "e mail", "messagerie"),
    "telephone": ("telephone", "tel", "portable", "mobile"),
    "code_postal": ("code postal", "cp", "postal"),
    "ville": ("ville", "commune", "localite"),
    "domicilie": ("domicilie", "resident", "commune oui non"),
    "adresse": ("adresse", "rue", "voie"),
    BORN: ("naissance", "ne le", "nee le", "date naiss"),
}
REFERENCES = ("reference", "ref", "id", "identifiant", "numero", "num", "no", "n", "code", "matricule", "dossier")


class MappingRefused(BadInput):
    code = "mapping-refused"
    title = N_("Columns not understood")
    sentence = N_("The columns of the file and the fields they are given do not go together.")
    remedy = N_("Give each field one column of the file, and each column at most one field.")


class MappingIncomplete(BadInput):
    code = "mapping-incomplete"
    title = N_("Columns missing")
    sentence = N_("No column of the file is given to these fields: %(columns)s.")
    remedy = N_("Say which column holds each of them, or add them to the file and send it again.")

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__([], columns=", ".join(columns))


NO_SUCH_COLUMN = N_("The file has no column of this name.")
NO_SUCH_FIELD = N_("There is no field of this name.")
GIVEN_TWICE = N_("This field is given to two columns.")


@dataclass(frozen=True)
class ColumnMapping:
    """`fields`: column of the file → field; columns without one are ignored."""

    fields: Mapping[str, str] = field(default_factory=dict)
    date_format: str = DAY_FIRST

    @property
    def missing(self) -> tuple[str, ...]:
        given = set(self.fields.values())
        return tuple(one for one in NEEDED if one not in given)

    def check(self, columns: Iterable[str]) -> None:
        """Raises `MappingRefused`, naming every column and field that is wrong."""
        known, given = set(columns), list(self.fields.values())
        errors = [
            {"in": "body", "field": f"columns.{column}", "message": sentence, "facts": {}}
            for column, name in self.fields.items()
            for sentence, wrong in (
                (NO_SUCH_COLUMN, column not in known),
                (NO_SUCH_FIELD, name not in FIELDS),
                (GIVEN_TWICE, given.count(name) > 1),
            )
            if wrong
        ]
        if errors:
            raise MappingRefused(errors)

    def complete(self) -> None:
        """Raises `MappingIncomplete`."""
        if self.missing:
            raise MappingIncomplete(self.missing)


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """One name for each column: those without one are numbered, those of the same name told apart."""
    names: list[str] = []
    for place, written in enumerate(header, 1):
        name = written or f"({place})"
        twins = sum(1 for one in names if one == name or one.startswith(f"{name} ("))
        names.append(f"{name} ({twins + 1})" if twins else name)
    return tuple(names)


def guess(columns: Sequence[str], samples: Sequence[Sequence[str]], remembered: ColumnMapping | None) -> ColumnMapping:
    """What an agent said of columns of these names before, else what their names say."""
    former = {plain(column): name for column, name in remembered.fields.items()} if remembered else {}
    fields: dict[str, str] = {}
    for column in columns:
        name = former.get(plain(column)) or _meaning(plain(column))
        if name and name not in fields.values():
            fields[column] = name
    return ColumnMapping(fields, _date_format(columns, samples, fields, remembered))


def _meaning(name: str) -> str:
    """The field a column's plain name speaks of, "" when it says none."""
    exact = name.replace(" ", "_")
    if exact in FIELDS:
        return exact
    whom = _whom(name)
    if any(word in name for word in SAID_OF_FAMILIES[BORN]):
        return BORN if whom in ("", "enfant") else ""
    if any(word in REFERENCES for word in name.split()):
        return "reference_enfant" if whom == "enfant" else REFERENCE
    what = next((said for word, said in SAID_OF_PERSONS.items() if word in name.split()), "")
    if what and whom:
        return f"{whom}_{what}" if f"{whom}_{what}" in FIELDS else ""
    if what == "nom" and ("famille" in name or "foyer" in name):
        return "nom_famille"
    if whom == "resp2" or whom == "enfant":
        return ""
    return next((one for one, words in SAID_OF_FAMILIES.items() if any(_says(name, word) for word in words)), "")


def _says(name: str, word: str) -> bool:
    return f" {word} " in f" {name} "


def _whom(name: str) -> str:
    for whom, words in (("enfant", CHILD), ("resp2", SECOND), ("resp1", FIRST)):
        if any(_says(name, word) for word in words):
            return whom
    return ""


def _date_format(
    columns: Sequence[str],
    samples: Sequence[Sequence[str]],
    fields: Mapping[str, str],
    remembered: ColumnMapping | None,
) -> str:
    place = next((n for n, column in enumerate(columns) if fields.get(column) == BORN), None)
    dates = [row[place] for row in samples if len(row) > place and row[place]] if place is not None else []
    asked = remembered.date_format if remembered else DAY_FIRST
    # Day first before month first: where both can be read, this is France.
    fitting = (one for one in (asked, DAY_FIRST, YEAR_FIRST, MONTH_FIRST) if all(_day(cell, one) for cell in dates))
    return next(fitting, asked)


def mapped_rows(
    columns: Sequence[str], records: Iterable[tuple[int, Sequence[str]]], mapping: ColumnMapping
) -> Iterator[Row]:
    """Rows as the family table names and writes them; blank ones are passed over."""
    places = [(place, mapping.fields[name]) for place, name in enumerate(columns) if name in mapping.fields]
    for line, cells in records:
        if not any(cells):
            continue
        surplus = Fault(line, REFERENCE, SURPLUS) if any(cells[len(columns) :]) else _too_long(line, columns, cells)
        written = {name: as_written(cells[place]) for place, name in places if place < len(cells)}
        yield Row(line, {name: _read(name, cell, mapping.date_format) for name, cell in written.items()}, surplus)


def _too_long(line: int, columns: Sequence[str], cells: Sequence[str]) -> Fault | None:
    found = (column for column, cell in zip(columns, cells, strict=False) if len(cell) > LONGEST_CELL)
    column = next(found, None)
    return Fault(line, column, TOO_LONG, {"limit": LONGEST_CELL}) if column else None


def _read(name: str, cell: str, date_format: str) -> str:
    if name == BORN:
        day = _day(cell, date_format) or _day(cell, YEAR_FIRST)
        return f"{day:%d/%m/%Y}" if day else cell
    # Spreadsheets take the leading zero from what they take for numbers.
    if name == "code_postal" and len(cell) == 4 and cell.isdecimal():
        return f"0{cell}"
    if name == "telephone" and len(cell) == 9 and cell.isdecimal() and cell[0] != "0":
        return f"0{cell}"
    return cell


def _day(cell: str, date_format: str) -> date | None:
    found = DATE_FORMATS[date_format].fullmatch(MIDNIGHT.sub("", cell))
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])) if found else None
    except ValueError:
        return None
