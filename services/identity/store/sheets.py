"""Files of tables as people send them: CSV in any usual form, or the first sheet of a workbook (XLSX).

A workbook is a compressed archive of markup. Before the library that understands it sees one, every part it may read
is unpacked here within bounds and held against them: the library allocates what a file claims, without asking.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

from services.identity.domain.import_mapping import MOST_COLUMNS
from shared.errors import N_, BadInput
from shared.tables import MOST_LINES, TableTooLarge, read_records
from shared.text import tidy

ARCHIVE = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
PARTS = re.compile(r"(\[Content_Types\]\.xml|_rels/\.rels|xl/(_rels/|worksheets/)?[\w-]+\.xml(\.rels)?)")
MOST_PARTS = 300
MOST_AREA = 3_000_000
MOST_UNPACKED = 96 * 1024 * 1024
# Markup of a full sheet packs into a tenth or a twentieth; only a file made for it packs into so little.
LARGEST_RATIO = 150
SMALL = 1024 * 1024
CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
PIECE = 64 * 1024


class UnreadableWorkbook(BadInput):
    code = "unreadable-workbook"
    title = N_("Unreadable workbook")
    sentence = N_("This file cannot be read as an XLSX workbook.")
    remedy = N_("Save it again as XLSX without a password, or export it as CSV (UTF-8, separated by semicolons).")

    def __init__(self) -> None:
        super().__init__([])


class WorkbookTooLarge(BadInput):
    code = "workbook-too-large"
    title = N_("Workbook too large")
    sentence = N_("Unpacked, this workbook goes beyond what is read: %(lines)s lines, %(columns)s columns, 96 MB.")
    remedy = N_("Delete sheets, pictures and empty rows that are not needed, or export the table as CSV.")

    def __init__(self) -> None:
        super().__init__([], lines=MOST_LINES, columns=MOST_COLUMNS)


@dataclass(frozen=True)
class Sheet:
    """`records`: tidied cells with the line they stand on, without the header."""

    format: str
    header: Sequence[str]
    records: Sequence[tuple[int, Sequence[str]]]


def read_sheet(content: bytes) -> Sheet:
    """Raises `UnreadableFile`, `TableTooLarge`, `UnreadableWorkbook`, `WorkbookTooLarge`."""
    if content.startswith(OLD_WORKBOOK):
        raise UnreadableWorkbook()
    workbook = content.startswith(ARCHIVE)
    records = _workbook_records(content) if workbook else read_records(content)
    filled = ((line, cells) for line, cells in records if any(cells))
    line, header = next(filled, (1, []))
    if not header:
        raise UnreadableWorkbook()
    header = _trimmed(header)
    if len(header) > MOST_COLUMNS:
        raise TableTooLarge(line, MOST_COLUMNS)
    return Sheet("xlsx" if workbook else "csv", header, list(filled))


def _trimmed(header: Sequence[str]) -> list[str]:
    """Without the empty columns at its end."""
    filled = [place for place, name in enumerate(header, 1) if name]
    return list(header[: filled[-1]])


def _workbook_records(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        unpacked = _repacked(content)
        sheet = CalamineWorkbook.from_filelike(unpacked).get_sheet_by_index(0)
        # Row by row: the library's own list of a full sheet takes more memory than the sheet.
        for line, cells in enumerate(sheet.iter_rows(), 1):
            yield line, [_written(cell) for cell in cells]
    except (CalamineError, zipfile.BadZipFile, expat.ExpatError, EOFError, RuntimeError, ValueError, OSError):
        # Not chained: what the library says may quote cells.
        raise UnreadableWorkbook() from None


def _repacked(content: bytes) -> io.BytesIO:
    """The parts that say what the sheets hold, unpacked, checked and stored as they are. Nothing else gets through."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as kept:
        parts = source.infolist()
        if len(parts) > MOST_PARTS:
            raise WorkbookTooLarge()
        if len({part.filename for part in parts}) < len(parts):
            raise zipfile.BadZipFile
        left = MOST_UNPACKED
        for part in parts:
            if PARTS.fullmatch(part.filename):
                unpacked = _unpacked(source, part, left)
                left -= len(unpacked)
                _check_markup(unpacked)
                kept.writestr(part.filename, unpacked)
    target.seek(0)
    return target


def _unpacked(source: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> bytes:
    """At most `limit` bytes, whatever the archive says of them."""
    if part.flag_bits & 1:
        raise zipfile.BadZipFile
    limit = min(limit, max(SMALL, part.compress_size * LARGEST_RATIO))
    unpacked = bytearray()
    with source.open(part) as packed:
        while piece := packed.read(PIECE):
            unpacked += piece
            if len(unpacked) > limit:
                raise WorkbookTooLarge()
    return bytes(unpacked)


def _check_markup(markup: bytes) -> None:
    """Well formed, without a document type (entities that multiply), no cell outside the bounds."""
    parser, area = expat.ParserCreate(), _Area()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = area.element
    parser.Parse(markup, True)


def _refuse(*_: Any) -> None:
    raise zipfile.BadZipFile


class _Area:
    """How far the cells of a sheet reach: the library keeps room for all between the first and the last."""

    def __init__(self) -> None:
        self._row = self._column = self._last_row = self._last_column = 0

    def element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._place(attributes.get("r", ""), self._row + 1, 0)
        elif kind == "c":
            self._place(attributes.get("r", ""), self._row, self._column + 1)

    def _place(self, reference: str, row: int, column: int) -> None:
        """`reference`: `AB12` of a cell, `12` of a row, empty when it just follows the one before."""
        if reference.isdecimal():
            row = int(reference[:8])
        elif reference:
            found = CELL.fullmatch(reference)
            if not found:
                raise zipfile.BadZipFile
            row, column = int(found[2]), _column(found[1])
        self._row, self._column = row, column
        self._last_row, self._last_column = max(row, self._last_row), max(column, self._last_column)
        if self._last_row > MOST_LINES or self._last_row * self._last_column > MOST_AREA:
            raise WorkbookTooLarge()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _written(cell: Any) -> str:
    """As a CSV export would write it, dates year first."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if isinstance(cell, timedelta) else tidy(str(cell))
