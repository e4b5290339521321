"""How pages write days, instants and money, in the reader's language and by the clocks of the town."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency

from shared.i18n import show
from shared.money import Cents

# A unit price: part of a cent is shown, never rounded away.
EXACT = {"fr": "#,##0.00##\N{NO-BREAK SPACE}¤", "en": "¤#,##0.00##"}
SHORT_INSTANT = {"fr": "EEE d MMM 'à' HH:mm", "en": "EEE d MMM 'at' HH:mm"}


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _dated(pattern: str) -> Callable[[date | str, str], str]:
    return lambda value, language: str(format_date(_day(value), pattern, locale=language))


def _month(pattern: str) -> Callable[[str, str], str]:
    return lambda value, language: str(format_date(_day(f"{value}-01"), pattern, locale=language))


def _weekday(pattern: str) -> Callable[[int, str], str]:
    # 1 January 2024 was a Monday.
    return lambda number, language: str(format_date(date(2024, 1, number), pattern, locale=language))


def _there(value: str, zone: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(ZoneInfo(zone))


def _short_instant(value: str, language: str, zone: str) -> str:
    local = _there(value, zone).replace(tzinfo=None)
    return str(format_datetime(local, SHORT_INSTANT[language], locale=language))


# Each is told the value and the language, and what the template adds (a time zone).
FORMATS: dict[str, Callable[..., str]] = {
    "money": lambda cents, language: show(Cents(cents), language),
    "euros": lambda amount, language: str(format_currency(Decimal(amount), "EUR", EXACT[language], language, False)),
    "day": lambda value, language: show(_day(value), language),
    "short_day": lambda value, _: _day(value).strftime("%d/%m/%Y"),
    "weekday": _dated("EEE d"),
    "weekday_month": _dated("EEE d MMM"),
    "day_month": _dated("d MMM"),
    "month": _month("LLLL y"),
    "short_month": _month("LLL"),
    "weekday_name": _weekday("EEE"),
    "weekday_full": _weekday("EEEE"),
    "instant": lambda value, language, zone: show(_there(value, zone), language),
    "short_instant": _short_instant,
    "day_there": lambda value, language, zone: show(_there(value, zone).date(), language),
}


def as_filter(written: Callable[..., str]) -> Callable[..., str]:
    """For a template, which knows its language."""

    @jinja2.pass_context
    def filtered(context: jinja2.runtime.Context, value: Any, *more: Any) -> str:
        return written(value, context["language"], *more)

    return filtered
