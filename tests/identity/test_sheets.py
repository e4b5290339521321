"""Workbooks and tables as people send them, and files made to exhaust whoever opens them."""

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from services.identity.domain.import_mapping import MOST_COLUMNS
from services.identity.store.sheets import (
    MOST_PARTS,
    UnreadableWorkbook,
    WorkbookTooLarge,
    read_sheet,
)
from shared.tables import MOST_LINES, TableTooLarge, UnreadableFile

SHEET = "xl/worksheets/sheet1.xml"
MIDNIGHT = datetime(2052, 3, 14)  # noqa: DTZ001  # a spreadsheet knows no time zone
MB = 1024 * 1024


def workbook(*rows: list[Any]) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(line, column, cell, day)
                else:
                    sheet.write(line, column, cell)
    return written.getvalue()


def with_parts(content: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """The same archive with parts replaced, added or (None) left out."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in dict.fromkeys([*source.namelist(), *changes]):
            part = changes[name] if name in changes else source.read(name)
            if part is not None:
                target.writestr(name, part)
    return written.getvalue()


def sheet_of(data: str, head: str = "") -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{head}<worksheet xmlns="{namespace}"><sheetData>{data}</sheetData></worksheet>'.encode()


PLAIN = workbook(["Nom", "Né le"], ["Lefèvre", date(2052, 3, 14)])


def test_the_cells_of_the_first_sheet_are_read_as_a_table_would_have_them():
    content = workbook(
        ["Nom", "CP", "Né le", "Domicilié", "Quotient"],
        ["  Lefèvre ", 37999, MIDNIGHT, True, 622.5],
    )
    sheet = read_sheet(content)
    assert sheet.format == "xlsx"
    assert sheet.header == ["Nom", "CP", "Né le", "Domicilié", "Quotient"]
    assert sheet.records == [(2, ["Lefèvre", "37999", "2052-03-14", "oui", "622.5"])]


def test_lines_are_counted_as_the_spreadsheet_shows_them():
    sheet = read_sheet(workbook([], [], ["Nom"], ["Lefèvre"], [], ["Benali"]))
    assert [(line, list(cells)) for line, cells in sheet.records] == [(4, ["Lefèvre"]), (6, ["Benali"])]


def test_a_formula_brings_its_last_value_and_never_itself():
    sheet = read_sheet(workbook(["Nom"], ['=HYPERLINK("http://x")']))
    assert all("HYPERLINK" not in cell for _, cells in sheet.records for cell in cells)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_tables_are_read_in_every_usual_form(encoding: str, separator: str, line_end: str):
    text = line_end.join(separator.join(row) for row in (["Nom", "Né le"], ['"Lefèvre"', "14/03/2052"]))
    sheet = read_sheet(text.encode(encoding))
    assert (sheet.format, sheet.header) == ("csv", ["Nom", "Né le"])
    assert sheet.records == [(2, ["Lefèvre", "14/03/2052"])]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and then nothing of the kind",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old or encrypted workbook",
        with_parts(PLAIN, {"xl/workbook.xml": None}),
        with_parts(PLAIN, {SHEET: b"<worksheet><sheetData><row></worksheet>"}),
        with_parts(PLAIN, {SHEET: b"\x00\x01\x02"}),
        with_parts(PLAIN, {SHEET: sheet_of('<row r="1"><c r="🙂1"/></row>')}),
        PLAIN[: len(PLAIN) // 2],
        b"",
        workbook(),
    ],
)
def test_what_is_no_workbook_is_refused_and_not_half_read(content: bytes):
    with pytest.raises((UnreadableWorkbook, UnreadableFile)):
        read_sheet(content)


def test_a_part_encrypted_inside_the_archive_is_refused():
    content = bytearray(PLAIN)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(signature, place + 4)
    with pytest.raises(UnreadableWorkbook):
        read_sheet(bytes(content))


def test_entities_that_multiply_are_refused_before_they_do():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))
    head = f"<!DOCTYPE worksheet [{laughs}]>"
    bomb = sheet_of('<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>', head)
    with pytest.raises(UnreadableWorkbook):
        read_sheet(with_parts(PLAIN, {SHEET: bomb}))


@pytest.mark.parametrize(
    "data",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row><row r="9999"><c r="A9999"><v>1</v></c></row>',
        f'<row r="{MOST_LINES + 1}"><c r="A{MOST_LINES + 1}"><v>1</v></c></row>',
        f'<row r="{MOST_LINES}"><c><v>1</v></c></row><row><c><v>1</v></c></row>',
    ],
)
def test_two_cells_in_far_corners_do_not_become_a_billion(data: str):
    with pytest.raises(WorkbookTooLarge):
        read_sheet(with_parts(PLAIN, {SHEET: sheet_of(data)}))


def test_a_sheet_that_only_claims_to_be_huge_is_read_as_what_it_holds():
    head = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
    )
    cells = '<row r="1"><c r="A1"><v>7</v></c></row>'
    sheet = f"{head}<sheetData>{cells}</sheetData></worksheet>".encode()
    assert read_sheet(with_parts(PLAIN, {SHEET: sheet})).header == ["7"]


def test_a_part_that_unpacks_into_far_more_than_it_takes_is_refused_on_the_way():
    padding = b"<!--" + b" " * (60 * MB) + b"-->"
    bomb = with_parts(PLAIN, {"xl/styles.xml": padding})
    assert len(bomb) < MB
    tracemalloc.start()
    with pytest.raises(WorkbookTooLarge):
        read_sheet(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MB


def test_a_part_that_lies_about_its_size_is_refused():
    honest = with_parts(PLAIN, {"xl/styles.xml": b"<!--" + b"ab" * MB + b"-->"})
    content = bytearray(honest)
    place = content.rfind(b"xl/styles.xml") - 46 + 24
    struct.pack_into("<I", content, place, 10)
    with pytest.raises((UnreadableWorkbook, WorkbookTooLarge)):
        read_sheet(bytes(content))


def test_pictures_and_whatever_else_a_workbook_carries_are_never_unpacked():
    heavy = with_parts(
        PLAIN, {"xl/media/image1.png": bytes(90 * MB), "../../etc/passwd": b"x", "xl/vbaProject.bin": b"x"}
    )
    assert read_sheet(heavy).header == ["Nom", "Né le"]


def test_an_archive_of_thousands_of_parts_is_refused():
    with pytest.raises(WorkbookTooLarge):
        read_sheet(with_parts(PLAIN, {f"xl/worksheets/sheet{n}.xml": b"<a/>" for n in range(2, MOST_PARTS + 2)}))


def test_two_parts_of_one_name_are_refused():
    written = io.BytesIO(PLAIN)
    with zipfile.ZipFile(written, "a") as target, pytest.warns(UserWarning, match="Duplicate name"):
        target.writestr(SHEET, sheet_of(""))
    with pytest.raises(UnreadableWorkbook):
        read_sheet(written.getvalue())


@pytest.mark.parametrize(
    "content", [";".join(f"c{n}" for n in range(MOST_COLUMNS + 1)).encode(), b"a\n" * (MOST_LINES + 1)]
)
def test_a_table_of_too_many_columns_or_lines_is_refused(content: bytes):
    with pytest.raises(TableTooLarge):
        read_sheet(content)
