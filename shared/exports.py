"""Tables written while their rows come in: CSV for any office, XLSX for those with a spreadsheet."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from typing import Literal, TypeAlias

import xlsxwriter
from aiohttp import web

Cell: TypeAlias = str | int
Rows: TypeAlias = AsyncIterator[Sequence[Sequence[Cell]]]
Format: TypeAlias = Literal["csv", "xlsx"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
GIVES = f"text/csv, {XLSX}"
PIECE = 256 * 1024
# Cells stay what they are: no formula, link or number is made of a text that looks like one.
AS_TEXT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# What a spreadsheet that opens a CSV file would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def send_table(
    request: web.Request, name: str, kind: Format, header: Sequence[str], batches: Rows, *, inert: bool = True
) -> web.StreamResponse:
    """Stream the rows as a file `name.kind`; `inert` as of `csv_pieces`."""
    headers = {"Content-Type": MEDIA[kind], "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(request)
    pieces = csv_pieces(header, batches, inert=inert) if kind == "csv" else xlsx_pieces(header, batches)
    async for piece in pieces:
        await answer.write(piece)
    return answer


async def csv_pieces(header: Sequence[str], batches: Rows, *, inert: bool = True) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, semicolons, CRLF: what a French spreadsheet opens at a click.

    `inert`: an apostrophe stands before what a spreadsheet would run as a formula; not for files that are read back.
    """
    yield "\ufeff".encode() + _lines([header])
    async for rows in batches:
        yield _lines([[harmless(cell) for cell in row] for row in rows] if inert else rows)


def harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _lines(rows: Sequence[Sequence[Cell]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";").writerows(rows)
    return written.getvalue().encode()


async def xlsx_pieces(header: Sequence[str], batches: Rows, title: str = "Feuille 1") -> AsyncIterator[bytes]:
    """A workbook of one sheet; kept in a nameless file until its last row, for its index stands at its end."""
    with tempfile.TemporaryFile(prefix="preau-") as kept:
        workbook = xlsxwriter.Workbook(kept, AS_TEXT)
        sheet = workbook.add_worksheet(title)
        line = _write(sheet, 0, [header])
        async for rows in batches:
            line = await asyncio.to_thread(_write, sheet, line, rows)
        await asyncio.to_thread(workbook.close)
        kept.seek(0)
        while piece := await asyncio.to_thread(kept.read, PIECE):
            yield piece


def _write(sheet: xlsxwriter.workbook.Worksheet, line: int, rows: Sequence[Sequence[Cell]]) -> int:
    for place, row in enumerate(rows, line):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(place, column, cell)
            else:
                sheet.write_string(place, column, cell)
    return line + len(rows)
