"""Tables written while their rows come in: CSV for any office, XLSX for those with a spreadsheet."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import TypeAlias

import xlsxwriter

Rows: TypeAlias = AsyncIterator[Sequence[Sequence[str]]]
PIECE = 256 * 1024
# Cells stay what they are: no formula, link or number is made of a text that looks like one.
AS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


async def csv_pieces(header: Sequence[str], batches: Rows) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, semicolons, CRLF: what a French spreadsheet opens at a click."""
    yield "\ufeff".encode() + _lines([header])
    async for rows in batches:
        yield _lines(rows)


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(rows)
    return written.getvalue().encode()


async def xlsx_pieces(header: Sequence[str], batches: Rows) -> AsyncIterator[bytes]:
    """A workbook of one sheet; kept in a nameless file until its last row, for its index stands at its end."""
    with tempfile.TemporaryFile(prefix="preau-") as kept:
        workbook = xlsxwriter.Workbook(kept, AS_TEXT)
        sheet = workbook.add_worksheet("familles")
        line = _write(sheet, 0, [header])
        async for rows in batches:
            line = await asyncio.to_thread(_write, sheet, line, rows)
        await asyncio.to_thread(workbook.close)
        kept.seek(0)
        while piece := await asyncio.to_thread(kept.read, PIECE):
            yield piece


def _write(sheet: xlsxwriter.workbook.Worksheet, line: int, rows: Sequence[Sequence[str]]) -> int:
    for place, row in enumerate(rows, line):
        for column, cell in enumerate(row):
            sheet.write_string(place, column, cell)
    return line + len(rows)
