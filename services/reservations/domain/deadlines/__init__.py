"""The shapes deadlines have in town regulations, as data: each says until when (and from when) a day can be changed.

The limit is inclusive and on the town's clock. Shapes and examples come from published regulations of towns.
"""

from typing import Annotated, TypeAlias

from pydantic import Field

from services.reservations.domain.deadlines.asked import Asked, Span
from services.reservations.domain.deadlines.before import (
    CalendarDaysBefore,
    HoursBefore,
    WorkingDays,
    WorkingDaysBefore,
    working_days_before,
)
from services.reservations.domain.deadlines.openings import Earlier, Opening
from services.reservations.domain.deadlines.scope import Limited, Scoped
from services.reservations.domain.deadlines.together import MonthBefore, WeekBefore, WeekdayGroup, WeekdayGroups
from services.reservations.domain.deadlines.windows import AbsoluteWindow, Window
from services.reservations.domain.written import WHOLE, Clock, Code, LocalDay, LocalInstant, Weekday, Weekdays

Rule: TypeAlias = Annotated[
    WorkingDaysBefore | CalendarDaysBefore | HoursBefore | WeekBefore | WeekdayGroups | MonthBefore | AbsoluteWindow,
    Field(discriminator="shape"),
]

__all__ = [
    "WHOLE",
    "AbsoluteWindow",
    "Asked",
    "CalendarDaysBefore",
    "Clock",
    "Code",
    "Earlier",
    "HoursBefore",
    "Limited",
    "LocalDay",
    "LocalInstant",
    "MonthBefore",
    "Opening",
    "Rule",
    "Scoped",
    "Span",
    "WeekBefore",
    "Weekday",
    "WeekdayGroup",
    "WeekdayGroups",
    "Weekdays",
    "Window",
    "WorkingDays",
    "WorkingDaysBefore",
    "working_days_before",
]
