"""CSV tables as they come out of town halls."""

from datetime import date

import pytest

from shared import tables
from shared.tables import (
    ColumnsMissing,
    Fault,
    FaultyLine,
    Row,
    TableTooLarge,
    UnreadableFile,
    read_lines,
    read_table,
)

NEEDED = ("reference", "prenom", "naissance")
HEADER = "reference;prenom;naissance"


def table(*lines: str) -> str:
    return "\r\n".join((HEADER, *lines))


def rows(text: str, encoding: str = "utf-8") -> list[tuple[int, list[str]]]:
    """Of each row its line and what it says in the needed columns."""
    return [(row.line, [row[name] for name in NEEDED]) for row in read_table(text.encode(encoding), needed=NEEDED)]


def row(**cells: str) -> Row:
    return Row(2, cells)


def fault(wrong: pytest.ExceptionInfo[FaultyLine]) -> tuple[int, str, str]:
    found = wrong.value.fault
    return found.line, found.column, found.sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_usual_encodings_are_read(encoding: str) -> None:
    assert rows(table("E1;Zoé;14/03/2052"), encoding) == [(2, ["E1", "Zoé", "14/03/2052"])]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_usual_separators_are_read(separator: str) -> None:
    assert rows(table("E1;Zoé;14/03/2052").replace(";", separator)) == [(2, ["E1", "Zoé", "14/03/2052"])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_usual_line_ends_are_read(end: str) -> None:
    assert [line for line, _ in rows(table("E1;;", "", "E2;;").replace("\r\n", end))] == [2, 4]


def test_columns_are_found_whatever_their_order_case_and_accents() -> None:
    text = " Prénom ;NAISSANCE;Référence\nZoé;14/03/2052;E1"

    assert rows(text) == [(2, ["E1", "Zoé", "14/03/2052"])]


def test_spaces_in_a_header_are_underscores() -> None:
    (read,) = read_table("Référence  famille\nF1".encode(), needed=["reference_famille"])

    assert read["reference_famille"] == "F1"


def test_columns_nobody_asked_for_are_ignored() -> None:
    assert rows("note;reference;prenom;naissance\nx;E1;Zoé;") == [(2, ["E1", "Zoé", ""])]


def test_cells_are_tidied() -> None:
    assert rows(table('  E1\u200b;"Zoé  Lou ";')) == [(2, ["E1", "Zoé Lou", ""])]


def test_a_short_line_lacks_its_last_cells() -> None:
    assert rows(table("E1")) == [(2, ["E1", "", ""])]


@pytest.mark.parametrize("blank", ["", ";;", " ; ;", ";;;;;", "\u200b;;"])
def test_blank_lines_are_passed_over_and_counted(blank: str) -> None:
    assert rows(table(blank, "E1;;", blank)) == [(3, ["E1", "", ""])]


def test_a_quoted_cell_may_hold_separators_quotes_and_line_ends() -> None:
    assert rows(table('E1;"Zoé; dite\r\n""Lou""";')) == [(2, ["E1", 'Zoé; dite "Lou"', ""])]


def test_a_line_is_named_by_where_it_starts_in_an_editor() -> None:
    assert [line for line, _ in rows(table('E1;"Zoé\r\n\r\nLou";', "E2;;", 'E3;"Max\nTom";'))] == [2, 5, 6]


def test_missing_columns_refuse_the_whole_file_and_are_named() -> None:
    with pytest.raises(ColumnsMissing) as refused:
        rows("Prénom;nom\nZoé;Lefèvre")

    assert refused.value.facts == {"columns": "reference, naissance"}
    assert [(error["line"], error["field"]) for error in refused.value.errors] == [(1, "reference"), (1, "naissance")]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"\n\n", 1),
        (b"\xef\xbb\xbf", 1),
        (b"\x00\x01\x02", 1),
        (HEADER.encode("utf-16-le"), 1),
        (b"\xff\xfe" + HEADER.encode("utf-16-le") + b"\x00", 1),
        (HEADER.encode() + b"\nE1;a\0;", 2),
        # No letter of cp1252, nor UTF-8.
        (HEADER.encode() + b"\nE1;;\nE2;\x81;", 3),
        (b'"reference;prenom', 1),
        (HEADER.encode() + b'\nE1;;\n"E2;;\nE3;;\n', 3),
        (HEADER.encode() + b'\n"E1"x;;\n', 2),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_line(content: bytes, line: int) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_table(content, needed=NEEDED)

    assert refused.value.facts == {"line": line}
    assert [(error["line"], error["field"]) for error in refused.value.errors] == [(line, "")]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER + "\nE1;" + "x" * tables.LONGEST_LINE, 2),
        (";" * tables.MOST_CELLS, 1),
        (HEADER + "\n" * tables.MOST_LINES + "E1;;", tables.MOST_LINES + 1),
        # One row of cells that each go on over two lines: never long, and without end.
        (HEADER + '\n"' + 'a\n";"' * 500, tables.MOST_LINES_OF_A_ROW + 2),
    ],
)
def test_a_file_made_to_exhaust_its_reader_is_refused_where_it_becomes_too_much(content: str, line: int) -> None:
    with pytest.raises(TableTooLarge) as refused:
        rows(content)

    assert refused.value.facts["line"] == line


def test_the_unicode_text_of_a_spreadsheet_is_read_too() -> None:
    assert rows(table("E1;Zoé;"), "utf-16") == [(2, ["E1", "Zoé", ""])]


def test_a_table_may_have_no_line() -> None:
    assert rows(HEADER) == []


def test_a_line_with_more_cells_than_columns_is_refused_rather_than_shifted() -> None:
    taken, faults = read_lines(table("E1;;;surplus", "E2;;;;").encode(), needed=NEEDED, read=lambda row: row.line)

    assert taken == [3]
    assert faults == [Fault(2, "reference", tables.SURPLUS)]


def test_a_wrong_line_is_named_and_leaves_the_others_alone() -> None:
    text = table("E1;Zoé;", ";Max;", "E3;Lou;")
    taken, faults = read_lines(text.encode(), needed=NEEDED, read=lambda row: row.text("reference"))

    assert taken == ["E1", "E3"]
    assert faults == [Fault(3, "reference", tables.EMPTY)]


def test_a_text_is_not_empty() -> None:
    with pytest.raises(FaultyLine) as wrong:
        row(prenom="").text("prenom")

    assert fault(wrong) == (2, "prenom", tables.EMPTY)


def test_a_text_may_have_a_limit() -> None:
    assert row(prenom="Zoé").text("prenom", 3) == "Zoé"
    with pytest.raises(FaultyLine) as wrong:
        row(prenom="Lili").text("prenom", 3)

    assert fault(wrong) == (2, "prenom", tables.TOO_LONG)
    assert wrong.value.fault.facts == {"limit": 3}


@pytest.mark.parametrize("written", ["02/09/2026", "2/9/2026"])
def test_a_day_is_written_as_the_french_do(written: str) -> None:
    assert row(naissance=written).day("naissance") == date(2026, 9, 2)


@pytest.mark.parametrize(
    "written",
    ["2026-09-02", "02-09-2026", "02/09/26", "31/02/2026", "02/13/2026", "00/01/2026", "01/01/0000", "demain"],
)
def test_what_is_no_day_is_told_as_it_is_written(written: str) -> None:
    with pytest.raises(FaultyLine) as wrong:
        row(naissance=written).day("naissance")

    assert fault(wrong) == (2, "naissance", tables.NOT_A_DAY)
    assert wrong.value.fault.facts == {"value": written}


def test_an_empty_day_is_a_missing_one() -> None:
    with pytest.raises(FaultyLine) as wrong:
        row().day("naissance")

    assert fault(wrong) == (2, "naissance", tables.EMPTY)
