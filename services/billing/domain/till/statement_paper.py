"""The receipts statement on paper: every text ready to print, so that the template only lays it out."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from services.billing.domain.copies import Town
from services.billing.domain.tariffs import CashOffice
from services.billing.domain.till.statement import Age, Row, Statement, Sum
from services.billing.domain.till.statement_table import MODES, euros, lines_of

MOST_ROWS = 2_000
"""Lines a paper lists; longer ones are in the table, the paper has their totals."""
SHOWN = (2, 3, 4, 5, 6, 7, 8, 10, 11, 12)
"""Places of the table's cells that the paper shows after the day; amounts once, in euros."""


def paper(
    statement: Statement,
    rows: Sequence[Row],
    *,
    town: Town,
    office: CashOffice,
    code_of: Callable[[str], str],
    name_of: Callable[[str], str],
    printed_on: date,
    complete: bool,
) -> dict[str, Any]:
    """The texts of the template `statement.typ`."""
    lines = lines_of(rows, office.name, code_of, name_of)
    return {
        "template": "statement",
        "number": statement.cash_office_id,
        "town": town.name,
        "office": office.name,
        "period": f"du {_day(statement.start)} au {_day(statement.end)}",
        "issued": [printed_on.year, printed_on.month, printed_on.day],
        "printed_on": _day(printed_on),
        "modes": [[MODES.get(one.name, one.name), *_sum(one)] for one in statement.by_mode],
        "codes": {},
        "accounts": [[one.name or "sans compte", *_sum(one)] for one in statement.by_code],
        "total": ["Total", *_sum(statement.total)],
        "owed": _owed(statement),
        "unpaid": [[_age(one), str(one.count), f"{euros(one.cents)} €"] for one in statement.unpaid],
        "rows": [[_day(date.fromisoformat(str(line[1]))), *(str(line[place]) for place in SHOWN)] for line in lines],
        "complete": complete,
    }


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _sum(one: Sum) -> list[str]:
    return [str(one.count), f"{euros(one.cents)} €", f"{euros(one.cancelled_cents)} €", f"{euros(one.net_cents)} €"]


def _owed(statement: Statement) -> list[list[str]]:
    owed = statement.owed
    told = (
        ("Reste dû à l’ouverture", owed.opening_cents),
        ("Constaté sur la période (factures, avoirs, commandes, remises)", owed.charged_cents),
        ("Encaissé sur ces pièces", -owed.collected_cents),
        ("Avoirs remboursés", owed.refunded_cents),
        ("Reste dû à la clôture", owed.closing_cents),
    )
    return [[label, f"{euros(cents)} €"] for label, cents in told]


def _age(one: Age) -> str:
    if one.since is None:
        return "Non échu"
    return f"{one.since} à {one.until} jours" if one.until is not None else f"Plus de {one.since - 1} jours"
