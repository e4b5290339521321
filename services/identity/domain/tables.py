"""Spreadsheets as town halls export them: any usual separator and encoding, headers however accented."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.identity.domain.text import plain, tidy
from shared.errors import N_, BadInput

SEPARATORS = ";,\t"
MISSING = N_("This column is empty: it is mandatory.")
TOO_LONG = N_("More than %(limit)s characters.")
BAD_EMAIL = N_("This is not an e-mail address.")
SURPLUS = N_("This line has more cells than there are columns: a separator inside a cell must be quoted.")


class UnreadableFile(BadInput):
    code = "unreadable-file"
    title = N_("Unreadable file")
    sentence = N_("This file cannot be read as a CSV table from line %(line)s on.")
    remedy = N_("Export it again as CSV (UTF-8, separated by semicolons) and send it unchanged.")


class ColumnsMissing(BadInput):
    code = "columns-missing"
    title = N_("Columns missing")
    sentence = N_("The first line does not name these columns: %(columns)s.")
    remedy = N_("Add them; case, accents and order do not matter, other columns are ignored.")


@dataclass(frozen=True)
class Fault:
    """Why a line is refused: the column and a sentence (msgid) with its facts. Lines count from 1, the header."""

    line: int
    column: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line's cells by column; `surplus` when it has more cells than there are columns."""

    line: int
    cells: Mapping[str, str]
    surplus: bool = False

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_table(content: bytes, *, needed: Iterable[str]) -> Iterator[Row]:
    """Rows that are not empty, their columns by normalised name. Raises `UnreadableFile`, `ColumnsMissing`."""
    text = _decoded(content)
    header = text.partition("\n")[0]
    if not header.strip():
        raise UnreadableFile(line=1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=header.count), strict=True)
    try:
        yield from _rows(reader, needed)
    except csv.Error:
        raise UnreadableFile(line=reader.line_num) from None


def _rows(reader: Any, needed: Iterable[str]) -> Iterator[Row]:
    columns = [column_name(cell) for cell in next(reader)]
    if missing := [name for name in needed if name not in columns]:
        raise ColumnsMissing(columns=", ".join(missing))
    started = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            named = {name: tidy(cell) for name, cell in zip(columns, cells, strict=False)}
            yield Row(started, named, surplus=any(cell.strip() for cell in cells[len(columns) :]))
        started = reader.line_num + 1


def column_name(header: str) -> str:
    """`Référence famille` → `reference_famille`."""
    return plain(header).replace(" ", "_")


def _decoded(content: bytes) -> str:
    """UTF-8 with or without BOM, else the encoding of French spreadsheets on Windows."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile(line=1)
