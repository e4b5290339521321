"""From which day to which a line of a town's file holds."""

from datetime import date

from shared.errors import N_
from shared.public_holidays import YEARS
from shared.tables import NOT_A_DAY, Row


def read_span(row: Row) -> tuple[date, date]:
    """`debut` and `fin`, both included, in order, in years whose public holidays are known. Raises `FaultyLine`."""
    starts, ends = _day(row, "debut"), _day(row, "fin")
    if ends < starts:
        raise row.wrong("fin", N_("The period ends before it starts."))
    return starts, ends


def _day(row: Row, column: str) -> date:
    day = row.day(column)
    if day.year not in YEARS:
        raise row.wrong(column, NOT_A_DAY, value=row[column])
    return day
