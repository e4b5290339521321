"""CSV tables as town halls export them: any usual separator and encoding, headers however accented.

A file that is no such table is refused whole; what is wrong with one line is a `Fault`, for the service to report.
Lines are counted as a text editor does, the header being 1; one that goes on over several is named by its first.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from shared.errors import N_, BadInput
from shared.text import plain, tidy

SEPARATORS = ";,\t"
DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
EMPTY = N_("This cell is empty: it is mandatory.")
TOO_LONG = N_("More than %(limit)s characters.")
NOT_A_DAY = N_("“%(value)s” is not a date written DD/MM/YYYY.")
# A table of a town has far less; a file made to exhaust whoever reads it is refused before it does.
MOST_LINES = 100_000
MOST_CELLS = 500
LONGEST_LINE = 100_000
MOST_LINES_OF_A_ROW = 100
SURPLUS = N_("This line has more cells than there are columns: a separator inside a cell must be quoted.")

Read = TypeVar("Read")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: `sentence` is a msgid with its facts."""

    line: int
    column: str
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """As an entry of a problem's `errors`, translated where it is shown."""
        return {"line": self.line, "field": self.column, "message": self.sentence, "facts": self.facts}


class FaultyLine(Exception):
    """A line cannot be taken over."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


class UnreadableFile(BadInput):
    code = "unreadable-file"
    title = N_("Unreadable file")
    sentence = N_("This file cannot be read as a CSV table from line %(line)s on.")
    remedy = N_("Export it again as CSV (UTF-8, separated by semicolons) and send it unchanged.")

    def __init__(self, line: int) -> None:
        super().__init__([Fault(line, "", self.sentence, {"line": line}).shown()], line=line)


class TableTooLarge(BadInput):
    code = "table-too-large"
    title = N_("Table too large")
    sentence = N_("Line %(line)s is beyond what is read: %(lines)s lines, %(columns)s columns, %(length)s characters.")
    remedy = N_("Split the file, or check that it was exported with a separator and line ends.")

    def __init__(self, line: int, columns: int = MOST_CELLS) -> None:
        facts = {"line": line, "lines": MOST_LINES, "columns": columns, "length": LONGEST_LINE}
        super().__init__([Fault(line, "", self.sentence, facts).shown()], **facts)


class ColumnsMissing(BadInput):
    code = "columns-missing"
    title = N_("Columns missing")
    sentence = N_("The first line does not name these columns: %(columns)s.")
    remedy = N_("Add them; case, accents and order do not matter, other columns are ignored.")

    def __init__(self, columns: Sequence[str]) -> None:
        faults = [Fault(1, column, N_("The first line must name this column.")) for column in columns]
        super().__init__([fault.shown() for fault in faults], columns=", ".join(columns))


@dataclass(frozen=True)
class Row:
    """A line's tidied cells by column, "" for those it lacks; `surplus` when it has more than there are columns."""

    line: int
    cells: Mapping[str, str]
    surplus: Fault | None = None

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def wrong(self, column: str, sentence: str, **facts: Any) -> FaultyLine:
        return FaultyLine(Fault(self.line, column, sentence, facts))

    def text(self, column: str, limit: int | None = None) -> str:
        """Raises `FaultyLine` when empty or longer than `limit` characters."""
        if not self[column]:
            raise self.wrong(column, EMPTY)
        if limit is not None and len(self[column]) > limit:
            raise self.wrong(column, TOO_LONG, limit=limit)
        return self[column]

    def day(self, column: str) -> date:
        """A JJ/MM/AAAA date. Raises `FaultyLine` for anything else."""
        if found := DAY.fullmatch(self.text(column)):
            day, month, year = map(int, found.groups())
            try:
                return date(year, month, day)
            except ValueError:
                pass
        raise self.wrong(column, NOT_A_DAY, value=self[column])


def read_lines(content: bytes, *, needed: Sequence[str], read: Callable[[Row], Read]) -> tuple[list[Read], list[Fault]]:
    """What `read` makes of each row, and the faults of those it refuses with `FaultyLine`. Else as `read_table`."""
    taken: list[Read] = []
    faults: list[Fault] = []
    for row in read_table(content, needed=needed):
        try:
            if row.surplus:
                raise FaultyLine(row.surplus)
            taken.append(read(row))
        except FaultyLine as wrong:
            faults.append(wrong.fault)
    return taken, faults


def read_table(content: bytes, *, needed: Sequence[str]) -> list[Row]:
    """The rows that are not blank, by normalised column names. Raises `UnreadableFile`, `ColumnsMissing`."""
    records = _records(_decoded(content))
    _, header = next(records)
    columns = [plain(name).replace(" ", "_") for name in header]
    if missing := [name for name in needed if name not in columns]:
        raise ColumnsMissing(missing)
    rows = []
    for line, cells in records:
        surplus = Fault(line, needed[0], SURPLUS) if any(cells[len(columns) :]) else None
        if any(cells):
            rows.append(Row(line, dict(zip(columns, cells, strict=False)), surplus))
    return rows


def read_records(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row's tidied cells with the line it starts on, the header first.

    Raises, as far as it is read, `UnreadableFile` and `TableTooLarge`.
    """
    return _records(_decoded(content))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Tidied cells with the line they start on, the header first."""
    source = io.StringIO(text, newline="")
    header = source.readline()
    if not header.strip():
        raise UnreadableFile(line=1)
    source.seek(0)
    separator = max(SEPARATORS, key=header.count)
    lines = _Lines(source, separator)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            lines.of_row = 0
            yield line, [tidy(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableFile(line) from None


class _Lines:
    """Physical lines, counted and measured before the reader makes cells of them: it has no bounds of its own."""

    def __init__(self, source: io.StringIO, separator: str) -> None:
        self._source = source
        self._separator = separator
        self._number = 0
        self.of_row = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self._number += 1
        self.of_row += 1
        if (
            self._number > MOST_LINES
            or self.of_row > MOST_LINES_OF_A_ROW
            or len(line) > LONGEST_LINE
            or line.count(self._separator) >= MOST_CELLS
        ):
            raise TableTooLarge(self._number)
        return line


def _decoded(content: bytes) -> str:
    """UTF-8 with or without BOM, UTF-16 with one, else the encoding of French Windows. Text has no NUL."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise UnreadableFile(line=content.count(b"\n", 0, error.start) + 1) from None
    wrong = content.find(b"\0")
    for encoding in ("utf-8-sig", "cp1252") if wrong < 0 else ():
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            wrong = error.start
    raise UnreadableFile(line=content.count(b"\n", 0, wrong) + 1)
