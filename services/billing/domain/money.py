"""Amounts: exact decimals until a line is complete, whole cents from then on."""

from decimal import ROUND_HALF_UP, Decimal


def half_up(cents: Decimal) -> int:
    """Whole cents, half a cent going up: where the published tariffs disagree, the common rule."""
    return int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def line_total(quantity: int, unit_cents: Decimal) -> int:
    """Cents of one line: rounded once, at its end, never per unit."""
    return half_up(quantity * unit_cents)


def comma_euros(cents: int) -> str:
    """As French tables show an amount: `−12,05`, with a minus sign that no spreadsheet takes for a formula."""
    sign = "\N{MINUS SIGN}" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100},{abs(cents) % 100:02}"


def euros(cents: Decimal) -> str:
    """A unit price in euros with all its digits, two at least: `4.15`, `0.375`."""
    amount = cents / 100
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{places}f}"
