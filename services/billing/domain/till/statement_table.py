"""The receipts statement as a table, line by line, in French as accountants read it."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from services.billing.domain.till.statement import Row, Statement, Sum, cells_of

MODES = {
    "online": "Paiement en ligne",
    "cash": "Espèces",
    "cheque": "Chèque",
    "card": "Carte bancaire (guichet)",
    "transfer": "Virement",
    "voucher": "CESU / chèques-vacances",
    "debit": "Prélèvement",
    "treasury": "Trésor public",
}
HEADER = (
    "Régie",
    "Date",
    "Quittance",
    "Foyer",
    "Pièces",
    "Produit",
    "Compte",
    "Mode",
    "Montant",
    "Montant (centimes)",
    "Référence de transaction",
    "Bordereau",
    "Annulée",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Line = tuple[str | int, ...]


def euros(cents: int) -> str:
    """`-4,15`: with the comma a French spreadsheet takes for a number."""
    whole, part = divmod(abs(cents), 100)
    return f"{'-' * (cents < 0)}{whole},{part:02}"


def lines_of(
    rows: Iterable[Row], office: str, code_of: Callable[[str], str], name_of: Callable[[str], str]
) -> Iterator[Line]:
    """A line for each activity a receipt paid. What an agent typed in never runs as a formula."""
    code, name = cache(code_of), cache(name_of)
    for row in rows:
        typed = f"'{row.transaction}" if row.transaction.startswith(FORMULA) else row.transaction
        mode = MODES.get(row.mode, row.mode)
        gone = "oui" if row.cancelled else ""
        for cell in cells_of(row, code):
            yield (
                office,
                row.day,
                row.number,
                row.household_id,
                row.pieces,
                name(cell.activity_id) if cell.activity_id else "",
                cell.code,
                mode,
                euros(cell.cents),
                cell.cents,
                typed,
                row.deposit,
                gone,
            )


def csv_of(rows: Iterable[Row], office: str, code_of: Callable[[str], str], name_of: Callable[[str], str]) -> str:
    """The same lines as CSV. Most receipts paid one activity with words that need no quotes: those are quick."""
    code, name, head = cache(code_of), cache(name_of), quoted(office)
    told = cache(lambda activity_id: (quoted(name(activity_id)), quoted(code(activity_id))))
    written: list[str] = []
    for row in rows:
        plain = len(row.products) == 1 and row.products[0][1] == row.cents and PLAIN(row.transaction)
        if not plain:
            written += [";".join([quoted(str(cell)) for cell in line]) for line in lines_of([row], office, code, name)]
            continue
        product, account = told(row.products[0][0])
        cents = row.sign * row.cents
        written.append(
            f"{head};{row.day};{row.number};{row.household_id};{row.pieces};{product};{account};"
            f"{MODES[row.mode]};{euros(cents)};{cents};{row.transaction};{row.deposit};{'oui' if row.cancelled else ''}"
        )
    return "".join([f"{line}\r\n" for line in written])


PLAIN = re.compile(r"[A-Za-z0-9]*").fullmatch


def quoted(cell: str) -> str:
    """As RFC 4180 has it."""
    if any(mark in cell for mark in (";", '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def totals_of(statement: Statement, office: str) -> Iterator[Line]:
    """What comes after the receipts: totals by means and code, and what families owe."""
    for one in statement.by_mode:
        yield _total(office, "Total", MODES.get(one.name, one.name), "", one)
    for one in statement.by_code:
        yield _total(office, "Total", "", one.name or "sans compte", one)
    yield _total(office, "Total encaissé", "", "", statement.total)
    owed = statement.owed
    for label, cents in (
        ("Reste dû à l'ouverture", owed.opening_cents),
        ("Constaté sur la période", owed.charged_cents),
        ("Encaissé sur pièces", -owed.collected_cents),
        ("Avoirs remboursés", owed.refunded_cents),
        ("Reste dû à la clôture", owed.closing_cents),
    ):
        yield (office, "", label, "", "", "", "", "", euros(cents), cents, "", "", "")


def _total(office: str, label: str, mode: str, code: str, found: Sum) -> Line:
    cancelled = f"dont annulé {euros(found.cancelled_cents)}" if found.cancelled_cents else ""
    return (office, "", label, "", "", "", code, mode, euros(found.net_cents), found.net_cents, "", "", cancelled)
