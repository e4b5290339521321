"""Until when, in words: one way of saying it for each shape."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.reservations.domain.deadlines import (
    AbsoluteWindow,
    CalendarDaysBefore,
    HoursBefore,
    Limited,
    MonthBefore,
    WeekBefore,
    WeekdayGroup,
    WeekdayGroups,
    Window,
    WorkingDays,
    WorkingDaysBefore,
)
from services.reservations.domain.wording.audiences import say_audience
from services.reservations.domain.wording.words import Phrase, Words, clock, day_of_month, said, weekday
from shared.errors import N_, Listed, Said


def say_limit(rule: Limited, words: Words) -> Phrase:
    """“until the day before at 18:00”."""
    return WAYS[type(rule)](rule, words)


def _working_days(rule: WorkingDaysBefore, _: Words) -> Phrase:
    at = clock(rule.time)
    limit = said(N_("until %(days)s working days before at %(time)s"), days=rule.days, time=at)
    if rule.days == 1:
        limit = said(N_("until the working day before at %(time)s"), time=at)
    counted = tuple(_counted(rule.working_days))
    if not counted:
        return limit
    return Listed(parts=(limit, *counted), by="comma")


def _counted(days: WorkingDays) -> Iterator[Said]:
    if days.saturdays:
        yield said(N_("Saturdays count"))
    if not days.wednesdays:
        yield said(N_("Wednesdays do not count"))
    if not days.school_holidays:
        yield said(N_("school holidays do not count"))
    if not days.town_closures:
        yield said(N_("days the town closes do not count"))
    if not days.site_closures:
        yield said(N_("days the child's site closes do not count"))
    for closed in days.closed:
        yield said(N_("%(first)s to %(last)s does not count"), first=closed.first, last=closed.last)


def _calendar_days(rule: CalendarDaysBefore, _: Words) -> Said:
    at = clock(rule.time)
    if rule.days == 0:
        return said(N_("until the day itself at %(time)s"), time=at)
    if rule.days == 1:
        return said(N_("until the day before at %(time)s"), time=at)
    return said(N_("until %(days)s days before at %(time)s"), days=rule.days, time=at)


def _hours(rule: HoursBefore, _: Words) -> Said:
    if rule.hours == 0:
        return said(N_("until it begins"))
    if rule.hours == 1:
        return said(N_("until one hour before it begins"))
    return said(N_("until %(hours)s hours before it begins"), hours=rule.hours)


def _week(rule: WeekBefore, _: Words) -> Said:
    facts: dict[str, Any] = {"weekday": weekday(rule.weekday), "time": clock(rule.time)}
    if rule.weeks == 1:
        return said(N_("until %(weekday)s of the week before at %(time)s"), **facts)
    return said(N_("until %(weekday)s %(weeks)s weeks before at %(time)s"), weeks=rule.weeks, **facts)


def _groups(rule: WeekdayGroups, _: Words) -> Phrase:
    ordinary = Listed(parts=tuple(map(_group, rule.groups)), by="comma")
    if not rule.holiday_weeks:
        return ordinary
    others = Listed(parts=tuple(map(_group, rule.holiday_weeks)), by="comma")
    return said(
        N_("%(groups)s; in weeks that begin with a public holiday %(others)s"),
        groups=ordinary,
        others=others,
    )


def _group(group: WeekdayGroup) -> Said:
    facts: dict[str, Any] = {
        "weekdays": Listed(parts=tuple(map(weekday, sorted(group.weekdays)))),
        "weekday": weekday(group.limit_weekday),
        "time": clock(group.time),
    }
    if group.weeks == 0:
        return said(N_("until the %(weekday)s before at %(time)s for %(weekdays)s"), **facts)
    sentence = N_("until the %(weekday)s before, %(weeks)s weeks earlier, at %(time)s for %(weekdays)s")
    return said(sentence, weeks=group.weeks, **facts)


def _month(rule: MonthBefore, _: Words) -> Said:
    facts: dict[str, Any] = {"day": day_of_month(rule.day), "time": clock(rule.time)}
    if rule.months == 1:
        return said(N_("until %(day)s of the month before at %(time)s"), **facts)
    return said(N_("until %(day)s of the month, %(months)s months before, at %(time)s"), months=rule.months, **facts)


def _windows(rule: AbsoluteWindow, words: Words) -> Phrase:
    return Listed(parts=tuple(_window(one, words) for one in rule.windows), by="comma")


def _window(window: Window, words: Words) -> Said:
    facts: dict[str, Any] = {"first": window.first, "last": window.last, "closes": words.instant(window.closes)}
    if window.opens is None:
        return said(N_("until %(closes)s for %(first)s to %(last)s"), **facts)
    facts["opens"] = words.instant(window.opens)
    earlier = tuple(_earlier(window, words))
    if not earlier:
        return said(N_("from %(opens)s until %(closes)s for %(first)s to %(last)s"), **facts)
    listed = Listed(parts=earlier, by="comma")
    return said(N_("from %(opens)s (%(earlier)s) until %(closes)s for %(first)s to %(last)s"), earlier=listed, **facts)


def _earlier(window: Window, words: Words) -> Iterator[Said]:
    if window.opens_for_residents:
        opens = words.instant(window.opens_for_residents)
        yield said(N_("from %(opens)s for children living in the town"), opens=opens)
    for one in window.openings:
        opens = words.instant(one.opens)
        yield said(N_("from %(opens)s for %(audience)s"), opens=opens, audience=say_audience(one.audience))


WAYS: Mapping[type[Limited], Callable[[Any, Words], Phrase]] = {
    WorkingDaysBefore: _working_days,
    CalendarDaysBefore: _calendar_days,
    HoursBefore: _hours,
    WeekBefore: _week,
    WeekdayGroups: _groups,
    MonthBefore: _month,
    AbsoluteWindow: _windows,
}
