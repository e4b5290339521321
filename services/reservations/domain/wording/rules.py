"""A rule in one sentence: what can be done, for which days and families, from when and until when."""

from collections.abc import Iterator
from typing import Any

from services.reservations.domain.deadlines import Limited, Scoped
from services.reservations.domain.deadlines.openings import DaysAhead, MonthsAhead, Opening, WeeksAhead
from services.reservations.domain.verdict import Action
from services.reservations.domain.wording.audiences import say_audience
from services.reservations.domain.wording.limits import say_limit
from services.reservations.domain.wording.words import Phrase, Words, clock, day_of_month, on_weekdays, said, weekday
from shared.errors import N_, Listed, Said

HEADS = {"book": N_("Booking"), "cancel": N_("Cancelling")}


def say_rule(action: Action, rule: Limited, words: Words) -> Said:
    """“Booking, on Wednesdays: until the day before at 18:00.”"""
    return said(N_("%(what)s: %(when)s."), what=said_scope(said(HEADS[action]), rule, words), when=_when(rule, words))


def said_scope(head: Said, scope: Scoped, words: Words) -> Listed:
    """`head`, narrowed to what the rule speaks of."""
    return Listed(parts=(head, *_scope(scope, words)), by="comma")


def _scope(scope: Scoped, words: Words) -> Iterator[Phrase]:
    if scope.activities:
        names = tuple(sorted(words.name(code) for code in scope.activities))
        yield said(N_("for %(activities)s"), activities=Listed(parts=names))
    if scope.on != "any_day":
        yield said(N_("on school days") if scope.on == "school_day" else N_("in the school holidays"))
    if scope.weekdays:
        yield on_weekdays(scope.weekdays)
    if scope.first or scope.last:
        yield _dates(scope)
    if scope.audience:
        yield said(N_("for %(audience)s"), audience=say_audience(scope.audience))


def _dates(scope: Scoped) -> Said:
    if scope.last is None:
        return said(N_("from %(first)s on"), first=scope.first)
    if scope.first is None:
        return said(N_("up to %(last)s"), last=scope.last)
    return said(N_("from %(first)s to %(last)s"), first=scope.first, last=scope.last)


def _when(rule: Limited, words: Words) -> Phrase:
    limit = say_limit(rule, words)
    if rule.opens is None:
        return limit
    earlier = (
        said(N_("%(opens)s for %(audience)s"), opens=_opening(one.opens, words), audience=say_audience(one.audience))
        for one in rule.openings
    )
    return Listed(parts=(_opening(rule.opens, words), *earlier, limit), by="comma")


def _opening(opens: Opening, words: Words) -> Said:
    if isinstance(opens, DaysAhead):
        days = opens.days_before
        return said(N_("from %(days)s days before at %(time)s"), days=days, time=clock(opens.time))
    if isinstance(opens, WeeksAhead):
        return _weeks_ahead(opens)
    if isinstance(opens, MonthsAhead):
        return _months_ahead(opens)
    return said(N_("from %(instant)s"), instant=words.instant(opens.opens_at))


def _weeks_ahead(opens: WeeksAhead) -> Said:
    facts: dict[str, Any] = {"weekday": weekday(opens.weekday), "time": clock(opens.time)}
    if opens.weeks_before == 1:
        return said(N_("from %(weekday)s of the week before at %(time)s"), **facts)
    return said(N_("from %(weekday)s %(weeks)s weeks before at %(time)s"), weeks=opens.weeks_before, **facts)


def _months_ahead(opens: MonthsAhead) -> Said:
    facts: dict[str, Any] = {"day": day_of_month(opens.day), "time": clock(opens.time)}
    if opens.months_before == 1:
        return said(N_("from %(day)s of the month before at %(time)s"), **facts)
    months = opens.months_before
    return said(N_("from %(day)s of the month, %(months)s months before, at %(time)s"), months=months, **facts)
