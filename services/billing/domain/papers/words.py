"""How papers write amounts, days and people: as French readers do."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency

from services.billing.domain.copies import Household, Programme, Town
from services.billing.domain.tariffs import CashOffice

LANGUAGE = "fr"
# A child whose name is not known here: every block needs a heading that can be read aloud.
UNNAMED = "Enfant"
UNIT_PRICE = "#,##0.00##\N{NO-BREAK SPACE}¤;\N{MINUS SIGN}#,##0.00##\N{NO-BREAK SPACE}¤"


class Unprintable(Exception):
    """The layout engine does not take these texts."""


def money(cents: Decimal | int) -> str:
    """`4,15 €`; a part of a cent is shown, never rounded away."""
    euros = Decimal(cents) / 100
    return format_currency(euros, "EUR", format=UNIT_PRICE, locale=LANGUAGE, currency_digits=False)


def long_day(day: date) -> str:
    """`1er décembre 2026`: French writes the first of a month as an ordinal, CLDR does not."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {format_date(day, 'MMMM y', locale=LANGUAGE)}"


def short_day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def month_words(month: date) -> str:
    """`novembre 2026`."""
    return format_date(month, "MMMM y", locale=LANGUAGE)


def of_month(month: date) -> str:
    """`de novembre 2026`, `d’avril 2026`."""
    words = month_words(month)
    return f"d’{words}" if words[0] in "ao" else f"de {words}"


def listed(words: Sequence[str]) -> str:
    """`2, 3 et 5`."""
    return " et ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def grouped(digits: str, size: int = 4) -> str:
    """`FR76 3000 6000…`: a long number as people read it out."""
    return " ".join(digits[at : at + size] for at in range(0, len(digits), size))


def addressee(household: Household) -> list[str]:
    names = [f"{adult.civility} {adult.first_name} {adult.last_name}".strip() for adult in household.guardians]
    return [*(names or [household.name]), *household.address.splitlines()]


def child_names(household: Household) -> dict[str, str]:
    """By id, in the household's order."""
    return {child.id: f"{child.first_name} {child.last_name}" for child in household.children}


def activity_names(programmes: Sequence[Programme]) -> dict[str, str]:
    return {activity.id: activity.name for programme in programmes for activity in programme.activities}


def letter_head(town: Town, office: CashOffice, household: Household, day: date) -> dict[str, Any]:
    """What stands above every paper of an office, and its date as the layout engine wants it."""
    return {**town_head(town, household, day), "office": office.name}


def town_head(town: Town, household: Household, day: date) -> dict[str, Any]:
    """The same of a paper that no cash office signs."""
    return {
        "town": {
            "name": town.name,
            "address": town.contact_address.splitlines(),
            "email": town.contact_email,
            "phone": town.contact_phone,
        },
        "office": "",
        "addressee": addressee(household),
        "issued": [day.year, day.month, day.day],
    }
