"""Reading a town's list of quotients: every line is taken or refused with its number, its column and the reason."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from services.billing.domain.families import Quotient
from shared.errors import N_, BadInput

COLUMNS = ("reference_famille", "quotient", "date_effet")
VALUE = re.compile(r"\d{1,6}([.,]\d{1,2})?")
DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
MARK = "\ufeff"
LONGEST_REFERENCE = 100


class UnreadableFile(BadInput):
    code = "unreadable-file"
    title = N_("Unreadable file")
    sentence = N_("The file must be CSV in UTF-8, separated by semicolons, with the columns %(columns)s.")
    remedy = N_("Correct the first line of the file and send it again.")


@dataclass(frozen=True, kw_only=True)
class QuotientLine:
    reference: str
    quotient: Quotient


@dataclass(frozen=True, kw_only=True)
class LineRefused:
    """`line` counts from 1, the header included; `message` is a msgid."""

    line: int
    column: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class _Wrong(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def read_quotients(raw: bytes) -> tuple[list[QuotientLine], list[LineRefused]]:
    """The lines that hold and those that do not. Raises `UnreadableFile` when it is no such list at all."""
    taken: dict[tuple[str, date], QuotientLine] = {}
    refused: list[LineRefused] = []
    for number, row in _rows(raw):
        try:
            line = _line(row)
            if (line.reference, line.quotient.effective_on) in taken:
                raise _Wrong("reference_famille", N_("This family already has a line for that day."))
            taken[line.reference, line.quotient.effective_on] = line
        except _Wrong as wrong:
            refused.append(LineRefused(line=number, column=wrong.column, message=wrong.message))
    return list(taken.values()), refused


def _rows(raw: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    if b"\0" in raw:
        raise UnreadableFile(columns=", ".join(COLUMNS))
    try:
        reader = csv.DictReader(raw.decode().removeprefix(MARK).splitlines(), delimiter=";", restval="")
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise UnreadableFile(columns=", ".join(COLUMNS))
        for row in reader:
            yield reader.line_num, {name: row[name].strip() for name in COLUMNS}
    except (UnicodeDecodeError, csv.Error):
        raise UnreadableFile(columns=", ".join(COLUMNS)) from None


def _line(row: Mapping[str, str]) -> QuotientLine:
    if not row["reference_famille"]:
        raise _Wrong("reference_famille", N_("The family's reference is missing."))
    if len(row["reference_famille"]) > LONGEST_REFERENCE:
        raise _Wrong("reference_famille", N_("This reference is too long."))
    quotient = Quotient(effective_on=_day(row["date_effet"]), value=_value(row["quotient"]))
    return QuotientLine(reference=row["reference_famille"], quotient=quotient)


def _value(text: str) -> Decimal:
    if not VALUE.fullmatch(text):
        raise _Wrong("quotient", N_("A quotient is a positive amount with at most two decimals, such as 622,50."))
    return Decimal(text.replace(",", "."))


def _day(text: str) -> date:
    found = DAY.fullmatch(text)
    try:
        if found:
            day, month, year = map(int, found.groups())
            return date(year, month, day)
    except ValueError:
        pass
    raise _Wrong("date_effet", N_("A day is written DD/MM/YYYY and must exist."))
