"""When a family without a quotient is invited to give one: a day after its prices were told, once a school year."""

from dataclasses import replace
from datetime import date, timedelta

from services.billing.domain.prices import PriceList

# School years begin with September, as quotients are asked anew.
FIRST_MONTH = 9


def school_year(day: date) -> str:
    """`2026-2027`."""
    first = day.year if day.month >= FIRST_MONTH else day.year - 1
    return f"{first}-{first + 1}"


def followed(wanted: PriceList, known: PriceList | None, today: date) -> PriceList:
    """The new list with what is remembered of the one told last: its version, and since when a quotient is missing."""
    if known is None:
        return replace(wanted, unknown_since=None if wanted.quotient_known else today)
    since = None if wanted.quotient_known else known.unknown_since or today
    return replace(wanted, version=known.version, unknown_since=since, invited_for=known.invited_for)


def is_due(listed: PriceList, today: date) -> bool:
    """Not on the first day: its quotient may be on its way, in the town's file or from a request."""
    missing = listed.unknown_since is not None and listed.unknown_since < today
    return missing and listed.invited_for != school_year(today)


def next_look(listed: PriceList, today: date) -> date | None:
    """The day on which the family may be due to be invited, if its quotient stays unknown."""
    if listed.unknown_since is None:
        return None
    if listed.invited_for != school_year(today):
        return today + timedelta(days=1)
    return date(today.year + (today.month >= FIRST_MONTH), FIRST_MONTH, 1)
