"""Tables as town halls export them: semicolons, a French header, UTF-8 with or without mark, or Windows' cp1252."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.reservations.domain.imported import Fault, UnusableFile
from services.reservations.domain.public_holidays import YEARS
from shared.errors import N_

DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
BROKEN = N_("From here on the file is not a table.")


class FaultyLine(Exception):
    """One field of a line is wrong."""

    def __init__(self, field: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.field = field
        self.message = message
        self.facts = facts


@dataclass(frozen=True)
class Line:
    """`number` as a text editor counts, the header being 1."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Raises `FaultyLine` when empty."""
        if not self.cells[column]:
            raise FaultyLine(column, N_("This field is empty."))
        return self.cells[column]

    def day(self, column: str) -> date:
        """A JJ/MM/AAAA date. Raises `FaultyLine` for anything else."""
        found = DAY.fullmatch(self.text(column))
        try:
            if found and int(found[3]) in YEARS:
                return date(int(found[3]), int(found[2]), int(found[1]))
        except ValueError:
            pass
        raise FaultyLine(column, N_("“%(value)s” is not a date as JJ/MM/AAAA."), value=self.cells[column])

    def fault(self, wrong: FaultyLine) -> Fault:
        return Fault(line=self.number, field=wrong.field, message=wrong.message, facts=wrong.facts)


def read_table(raw: bytes, columns: Sequence[str]) -> list[Line]:
    """The lines that are not blank. Raises `UnusableFile` when the file has not these columns or is no table."""
    text = _decoded(raw)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UnusableFile([Fault(line=line, field="", message=BROKEN)])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_header(header, columns)
        return list(_lines(reader, header))
    except csv.Error:
        raise UnusableFile([Fault(line=reader.line_num, field="", message=BROKEN)]) from None


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _check_header(header: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    if missing:
        message = N_("The first line must name this column.")
        raise UnusableFile([Fault(line=1, field=name, message=message) for name in missing])


def _lines(reader: Any, header: Sequence[str]) -> Iterator[Line]:
    # A quoted cell may span lines: a line is named by where it starts.
    number = reader.line_num + 1
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            padded = stripped + [""] * (len(header) - len(stripped))
            yield Line(number, dict(zip(header, padded, strict=False)))
        number = reader.line_num + 1
