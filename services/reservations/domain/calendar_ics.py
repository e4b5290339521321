"""Holidays from an iCalendar file, such as the Ministry of Education publishes.

Its events are whole days: the first without class, and the one class begins again; a bridge of one day begins and
ends on it. The file of all zones says in `LOCATION` whose days they are (`Zones A/B/C - Corse`) and cuts holidays
where zones come in or drop out; there are also days of teachers, and of beginnings alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from services.reservations.domain.calendar import Period, PeriodKind
from services.reservations.domain.calendar_changes import LONGEST_DAYS
from shared.errors import N_, BadInput
from shared.public_holidays import YEARS
from shared.text import plain, tidy

MOST_EVENTS = 2_000
LONGEST_LABEL = 120
LETTERS = re.compile(r"\bzones?\s+([abc](?:\s*(?:,|/|-|et)\s*[abc]\b)*)", re.IGNORECASE)
SAID_OF_ZONES = re.compile(r"\s*[-–(]\s*(zones?\s+[abc]\b|corse\b).*$", re.IGNORECASE)
CORSICA = "corse"
COMING_BACK = ("rentree", "prerentree", "pre rentree", "reprise")
OPEN_ENDED = ("debut des", "fin des cours")
TEACHERS = "enseignants"


class UnreadableCalendar(BadInput):
    code = "unreadable-calendar"
    title = N_("Unreadable calendar")
    sentence = N_("This file cannot be read as an iCalendar file, or holds more than %(most)s events.")
    remedy = N_("Download it again and send it unchanged.")


class ZoneMissing(BadInput):
    code = "zone-missing"
    title = N_("Say which zone")
    sentence = N_("This file has the holidays of several zones: %(zones)s.")
    remedy = N_("Say with “zone” which one is the town's.")


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """An event that is no holiday of the town: its words, and a msgid that says why."""

    label: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Read:
    label: str
    zones: frozenset[str]
    starts: date
    ends: date
    repeats: bool


def read_ics(raw: bytes, zone: str, here: ZoneInfo) -> tuple[tuple[Period, ...], list[LeftOut]]:
    """The periods of the town's zone, and what was left out. `here` says which day an event with a time falls on.

    Raises `UnreadableCalendar`, `ZoneMissing`.
    """
    read = list(_events(raw, here))
    wanted = plain(zone).removeprefix("zone ")
    zones = frozenset().union(*(event.zones for event in read)) if read else frozenset()
    if len(zones) > 1 and wanted not in zones:
        raise ZoneMissing(zones=", ".join(one.upper() if len(one) == 1 else one for one in sorted(zones)))
    periods: list[Period] = []
    out = []
    for event in sorted(read, key=lambda event: (event.starts, event.ends)):
        if reason := _reason(event, wanted):
            out.append(LeftOut(label=event.label, reason=reason))
        else:
            _join(periods, event)
    return tuple(periods), out


def _join(periods: list[Period], event: _Read) -> None:
    """Behind those before it; as one period with the last where it goes on with the same holidays."""
    new = Period(kind=PeriodKind.HOLIDAY, starts=event.starts, ends=event.ends, label=event.label)
    last = periods[-1] if periods else None
    if last and last.label == new.label and new.starts <= last.ends + timedelta(days=1):
        periods[-1] = replace(last, ends=max(last.ends, new.ends))
    else:
        periods.append(new)


def _events(raw: bytes, here: ZoneInfo) -> Iterator[_Read]:
    try:
        events = [event for event in Calendar.from_ical(raw).walk("VEVENT") if isinstance(event, Event)]
        if len(events) > MOST_EVENTS:
            raise ValueError(len(events))
        yield from [_event(event, here) for event in events]
    except (ValueError, RecursionError):
        raise UnreadableCalendar(most=MOST_EVENTS) from None


def _event(event: Event, here: ZoneInfo) -> _Read:
    said = tidy(str(event.get("SUMMARY") or event.get("DESCRIPTION") or ""))[:LONGEST_LABEL]
    starts, ends = _day(event.start, here), _day(event.end, here)
    return _Read(
        label=SAID_OF_ZONES.sub("", said),
        zones=_zones(str(event.get("LOCATION") or "")) or _zones(said),
        starts=starts,
        # The end is the first moment that is no longer part of it.
        ends=max(starts, ends - timedelta(days=1)),
        repeats="RRULE" in event or "RDATE" in event,
    )


def _zones(said: str) -> frozenset[str]:
    letters = {letter for found in LETTERS.findall(said) for letter in re.findall(r"\b[abc]\b", found.lower())}
    return frozenset(letters | ({CORSICA} if CORSICA in plain(said).split() else set()))


def _day(moment: date | datetime, here: ZoneInfo) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(here) if moment.tzinfo else moment).date()


def _reason(event: _Read, wanted: str) -> str:
    words = plain(event.label)
    if event.zones and wanted and wanted not in event.zones:
        return N_("This is for another zone.")
    if not words or words.startswith(COMING_BACK) or TEACHERS in words.split():
        return N_("This is no period of holidays.")
    if words.startswith(OPEN_ENDED):
        return N_("This says only when holidays begin.")
    if event.repeats:
        return N_("Events that repeat are not taken over.")
    if event.starts.year not in YEARS or (event.ends - event.starts).days >= LONGEST_DAYS:
        return N_("The period is longer than a year.")
    return ""
