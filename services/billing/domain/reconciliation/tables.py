"""Statements as CSV files: what a bank exports, PayFiP's list of a day, the cheques of a deposit slip."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.billing.domain.reconciliation.statements import LONGEST_LABEL, Said, StatementKind
from shared.errors import N_
from shared.tables import TOO_LONG, Fault, FaultyLine, Row, read_lines

# “1 234,56”, “-12.00”, “+5”, with whatever space a spreadsheet puts between thousands.
AMOUNT = re.compile(r"(?P<sign>[+-]?)(?P<euros>[0-9]{1,9})(?:[.,](?P<cents>[0-9]{2}))?")
SPACES = re.compile(r"[\s\u00a0\u202f]")
NOT_AN_AMOUNT = N_("“%(value)s” is not an amount in euros with two decimals, such as 1234,56.")
LONGEST_REFERENCE = 60


@dataclass(frozen=True, kw_only=True)
class Columns:
    """`needed` must be there, in any order and with any others."""

    needed: Sequence[str]
    read: Callable[[Row], Said]


def read_table_of(kind: StatementKind, content: bytes) -> tuple[list[Said], list[Fault]]:
    """The lines and what is wrong with those that cannot be taken. Raises as `shared.tables.read_lines`."""
    columns = COLUMNS[kind]
    return read_lines(content, needed=columns.needed, read=columns.read)


def _bank(row: Row) -> Said:
    """One column of signed amounts, or one for what went out and one for what came in."""
    if row["montant"] or not (row["debit"] or row["credit"]):
        cents = amount(row, "montant")
    elif row["credit"] and row["debit"]:
        raise row.wrong("credit", N_("A line is either a debit or a credit."))
    else:
        cents = amount(row, "credit") if row["credit"] else -abs(amount(row, "debit"))
    label = row.text("libelle", LONGEST_LABEL)
    return Said(on=row.day("date"), cents=cents, label=label, reference=_reference(row, "reference"))


def _payfip(row: Row) -> Said:
    """`reference` is PayFiP's refdet, `autorisation` the bank's number of the payment."""
    row.text("reference", LONGEST_REFERENCE)
    label = f"PayFiP {row['autorisation']}".strip()
    return Said(
        on=row.day("date"), cents=_positive(row, "montant"), label=label, reference=_reference(row, "reference")
    )


def _cheque(row: Row) -> Said:
    """`numero`: of the cheque. `banque` and `bordereau` are kept as the label."""
    row.text("numero", LONGEST_REFERENCE)
    label = " ".join(part for part in (row["bordereau"], row["banque"]) if part)[:LONGEST_LABEL]
    return Said(on=row.day("date"), cents=_positive(row, "montant"), label=label, reference=_reference(row, "numero"))


def _reference(row: Row, column: str) -> str:
    if len(row[column]) > LONGEST_REFERENCE:
        raise row.wrong(column, TOO_LONG, limit=LONGEST_REFERENCE)
    return row[column]


def _positive(row: Row, column: str) -> int:
    cents = amount(row, column)
    if cents <= 0:
        raise row.wrong(column, N_("An amount above zero is expected."))
    return cents


def amount(row: Row, column: str) -> int:
    """Cents. Raises `FaultyLine`."""
    written = SPACES.sub("", row.text(column)).removesuffix("€").removesuffix("EUR")
    found = AMOUNT.fullmatch(written)
    if not found:
        raise _wrong(row, column)
    cents = int(found["euros"]) * 100 + int(found["cents"] or 0)
    return -cents if found["sign"] == "-" else cents


def _wrong(row: Row, column: str) -> FaultyLine:
    return row.wrong(column, NOT_AN_AMOUNT, value=row[column][:40])


COLUMNS: Mapping[StatementKind, Columns] = {
    "bank": Columns(needed=("date", "libelle"), read=_bank),
    "payfip": Columns(needed=("date", "reference", "montant"), read=_payfip),
    "cheques": Columns(needed=("date", "numero", "montant"), read=_cheque),
}
