"""How long reservations keeps what: health to the end of the school year, attendance three years (domain.md 3.9)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

SCHOOL_YEAR_BEGINS = (9, 1)
# What a day may still cost its household.
MAY_BE_CHARGED = frozenset({"booked", "present", "absent_unjustified", "present_unbooked"})


def school_year_of(day: date) -> date:
    """The first of September on or before the day."""
    begins = date(day.year, *SCHOOL_YEAR_BEGINS)
    return begins if day >= begins else date(day.year - 1, *SCHOOL_YEAR_BEGINS)


def may_be_charged(cell: Mapping[str, Any]) -> bool:
    return cell["state"] in MAY_BE_CHARGED or cell.get("cancelled") == "late"


def still_needed(
    days: Mapping[str, Mapping[str, Any]], *, today: date, health: Collection[str], owed: bool
) -> dict[str, dict[str, Any]]:
    """The days of an open month that an erased household leaves behind: those it may still owe, without its health.

    A day that waits for a payment stays until the payment is decided. `health`: codes of activities; `owed`: the
    programme is paid afterwards.
    """
    kept = {
        day: {
            code: cell
            for code, cell in cells.items()
            if cell["state"] == "held"
            or (owed and code not in health and day <= today.isoformat() and may_be_charged(cell))
        }
        for day, cells in days.items()
    }
    return {day: cells for day, cells in kept.items() if cells}
