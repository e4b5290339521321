"""What stands on an invoice's paper: every text ready to print, so that the template only lays it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.invoices import Invoice, InvoiceLine, month_bounds
from services.billing.domain.tariffs import CashOffice

LANGUAGE = "fr"
# A child whose name is not known here: every block needs a heading that can be read aloud.
UNNAMED = "Enfant"


class Unprintable(Exception):
    """The layout engine does not take these texts."""


UNIT_PRICE = "#,##0.00##\N{NO-BREAK SPACE}¤"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Everything known around an invoice when it is printed."""

    town: Town
    office: CashOffice
    household: Household
    programmes: Sequence[Programme]


def file_name(invoice: Invoice) -> str:
    return f"facture-{invoice.number}.pdf"


def paper(invoice: Invoice, setting: Setting) -> dict[str, Any]:
    """The texts of the template `invoice.typ`: amounts and dates as French readers write them."""
    return {
        "town": _town(setting.town),
        "office": setting.office.name,
        "structure_id": setting.office.structure_id,
        "reference": invoice.reference,
        "online": setting.office.payfip_client is not None,
        "number": invoice.number,
        "month": format_date(month_bounds(invoice.month)[0], "MMMM y", locale=LANGUAGE),
        "issue_date": _day(invoice.issue_date),
        "issued": [invoice.issue_date.year, invoice.issue_date.month, invoice.issue_date.day],
        "due_date": _day(invoice.due_date),
        "addressee": _addressee(setting.household),
        "children": _children(invoice, setting),
        "total": money(Decimal(invoice.total_cents)),
        "quotient_missing": not all(line.quotient_known for line in invoice.lines),
    }


def _town(town: Town) -> dict[str, str]:
    return {
        "name": town.name,
        "address": town.contact_address,
        "email": town.contact_email,
        "phone": town.contact_phone,
    }


def _addressee(household: Household) -> list[str]:
    names = [f"{adult.civility} {adult.first_name} {adult.last_name}".strip() for adult in household.guardians]
    return [*(names or [household.name]), *household.address.splitlines()]


def _children(invoice: Invoice, setting: Setting) -> list[dict[str, Any]]:
    """One block per child, in the household's order, each with its lines."""
    by_child: dict[str, list[InvoiceLine]] = {}
    for line in invoice.lines:
        by_child.setdefault(line.child_id, []).append(line)
    names = {child.id: f"{child.first_name} {child.last_name}" for child in setting.household.children}
    order = sorted(by_child, key=lambda child: (list(names).index(child) if child in names else len(names), child))
    activities = activity_names(setting.programmes)
    return [{"name": names.get(child, UNNAMED), "lines": _lines(by_child[child], activities)} for child in order]


def activity_names(programmes: Sequence[Programme]) -> dict[str, str]:
    return {activity.id: activity.name for programme in programmes for activity in programme.activities}


def _lines(lines: Sequence[InvoiceLine], activities: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {
            "activity": activities.get(line.activity_id, line.activity_id) + _surcharge(line),
            "days": ", ".join(f"{day.date.day}" for day in line.days),
            "quantity": str(line.quantity),
            "unit": money(line.unit_cents),
            "total": money(Decimal(line.total_cents)),
        }
        for line in lines
    ]


def _surcharge(line: InvoiceLine) -> str:
    return f" (réservation tardive : majoration de {money(line.surcharge_cents)} comprise)" * (line.surcharge_cents > 0)


def money(cents: Decimal) -> str:
    """`4,15 €`; a part of a cent is shown, never rounded away."""
    return format_currency(cents / 100, "EUR", format=UNIT_PRICE, locale=LANGUAGE, currency_digits=False)


def _day(day: date) -> str:
    """`1er décembre 2026`: French writes the first of a month as an ordinal, CLDR does not."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {format_date(day, 'MMMM y', locale=LANGUAGE)}"
