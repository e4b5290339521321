"""Reading a town's list of quotients: every line is taken or refused with its number, its column and the reason."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.billing.domain.families import Quotient
from shared.errors import N_
from shared.tables import Fault, Row, read_lines

COLUMNS = ("reference_famille", "quotient", "date_effet")
VALUE = re.compile(r"[0-9]{1,6}([.,][0-9]{1,2})?")
LONGEST_REFERENCE = 100


@dataclass(frozen=True, kw_only=True)
class QuotientLine:
    reference: str
    quotient: Quotient


def read_quotients(raw: bytes) -> tuple[list[QuotientLine], list[Fault]]:
    """The lines that hold and those that do not. Raises `UnreadableFile`, `ColumnsMissing`."""
    seen: set[tuple[str, date]] = set()

    def read(row: Row) -> QuotientLine:
        line = _line(row)
        key = (line.reference, line.quotient.effective_on)
        if key in seen:
            raise row.wrong("reference_famille", N_("This family already has a line for that day."))
        seen.add(key)
        return line

    return read_lines(raw, needed=COLUMNS, read=read)


def _line(row: Row) -> QuotientLine:
    reference = row.text("reference_famille", LONGEST_REFERENCE)
    quotient = Quotient(effective_on=row.day("date_effet"), value=_value(row))
    return QuotientLine(reference=reference, quotient=quotient)


def _value(row: Row) -> Decimal:
    if not VALUE.fullmatch(row["quotient"]):
        raise row.wrong("quotient", N_("A quotient is a positive amount with at most two decimals, such as 622,50."))
    return Decimal(row["quotient"].replace(",", "."))
