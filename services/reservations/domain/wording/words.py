"""The small words rules share: weekdays, days of a month, instants on the town's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from shared.errors import N_, Listed, Said

Phrase: TypeAlias = Said | Listed
"""What can be said: one sentence, or several facts in a row."""
LAST_DAY = 31
ON_WEEKDAYS = {
    1: N_("on Mondays"),
    2: N_("on Tuesdays"),
    3: N_("on Wednesdays"),
    4: N_("on Thursdays"),
    5: N_("on Fridays"),
    6: N_("on Saturdays"),
    7: N_("on Sundays"),
}
WEEKDAYS = {
    1: N_("Monday"),
    2: N_("Tuesday"),
    3: N_("Wednesday"),
    4: N_("Thursday"),
    5: N_("Friday"),
    6: N_("Saturday"),
    7: N_("Sunday"),
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a town calls its activities, by code, and the zone its clocks show."""

    zone: ZoneInfo
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, code: str) -> str:
        return self.names.get(code, code)

    def instant(self, local: datetime) -> datetime:
        """As the clocks of the town show it."""
        return local.replace(tzinfo=self.zone)


def said(msgid: str, **facts: Any) -> Said:
    return Said(msgid=msgid, facts=facts)


def clock(at: time) -> str:
    return f"{at:%H:%M}"


def weekday(number: int) -> Said:
    return said(WEEKDAYS[number])


def on_weekdays(numbers: frozenset[int]) -> Listed:
    return Listed(parts=tuple(said(ON_WEEKDAYS[number]) for number in sorted(numbers)))


def day_of_month(number: int) -> Said:
    if number == 1:
        return said(N_("the first"))
    if number == LAST_DAY:
        return said(N_("the last day"))
    return said(N_("day %(number)s"), number=number)
