"""One day of one child, explained: what can be done now, by which rule, until when, and else what to do next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.bookable import DayAnswer, RosterChild
from services.reservations.domain.cart import Line
from services.reservations.domain.decision import WAITING_LIST, decide
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals import FullWithWaitingList, NoPlaceLeft
from services.reservations.domain.refusals_of_days import (
    ClosedThen,
    DeadlinePassed,
    NotThatWeekday,
    NotYetOpen,
    NoWindow,
    OnlyInHolidays,
    PublicHolidayThen,
    SchoolHolidayThen,
)
from services.reservations.domain.sheet import Sheet, Slot
from services.reservations.domain.town import Town
from services.reservations.domain.verdict import Action
from services.reservations.domain.wording import Words, say_named
from services.reservations.domain.wording.policies import say_effect
from services.reservations.domain.wording.words import Phrase, said
from shared.errors import N_, Refused, Said

FURTHEST_AHEAD = 120
StepKind: TypeAlias = Literal["do_it", "come_back", "another_day", "waiting_list", "as_said"]
# What another day may be free of.
OF_THE_DAY = (
    ClosedThen,
    DeadlinePassed,
    NoPlaceLeft,
    NotThatWeekday,
    NoWindow,
    OnlyInHolidays,
    PublicHolidayThen,
    SchoolHolidayThen,
)
POSSIBLE = {
    "book": N_("“%(activity)s” on %(day)s can be booked until %(limit)s."),
    "cancel": N_("“%(activity)s” on %(day)s can be cancelled until %(limit)s."),
}
STILL_POSSIBLE = {
    "book": N_("The deadline is over; “%(activity)s” on %(day)s can still be booked until %(limit)s, %(effect)s."),
    "cancel": N_("The deadline is over; “%(activity)s” on %(day)s can still be cancelled until %(limit)s, %(effect)s."),
}
BY_AGENT = N_("“%(activity)s” on %(day)s can be cancelled until %(limit)s; the town hall decides on it.")


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """`day`: the next that could be booked; `at`: when to come back; `href`: where a waiting list is joined."""

    kind: StepKind
    said: Phrase
    day: date | None = None
    at: datetime | None = None
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Explained:
    """`rule` is the sentence of the rule that decided, None when none was asked."""

    answer: DayAnswer
    refusal: Refused | None
    said: Phrase
    rule: Phrase | None
    next: NextStep


@dataclass(frozen=True, kw_only=True)
class Question:
    """A child's day; `sheet` is that of its month, `full` whether no place is left."""

    child: RosterChild
    town: Town
    programme: Programme
    activity: Activity
    day: date
    sheet: Sheet
    full: bool
    now: datetime

    @property
    def slot(self) -> Slot:
        return self.activity.id, self.day

    def explain(self, action: Action) -> Explained:
        answer = self._answer(action, self.day)
        refusal = self._refusal(action)
        return Explained(
            answer=answer,
            refusal=refusal,
            said=_remark(refusal) if refusal else self._possible(action, answer),
            rule=self._rule(action, answer),
            next=self._next(action, answer, refusal),
        )

    def _answer(self, action: Action, day: date) -> DayAnswer:
        return self.town.answer(self.activity.id, day, action=action, child=self.child, now=self.now)

    def _refusal(self, action: Action) -> Refused | None:
        """By everything that counts when it is validated, but for the days of a week that may be added yet."""
        line = Line(
            id="",
            child_id=self.child.child_id,
            municipality_id=self.town.municipality_id,
            programme_id=self.programme.id,
            activity_id=self.activity.id,
            date=self.day,
            action=action,
            added_at=self.now,
        )
        full = (self.slot,) if self.full else ()
        decision = decide((line,), sheet=self.sheet, town=self.town, child=self.child, now=self.now, full=full)
        return decision.refused.get(line.id)

    def _possible(self, action: Action, answer: DayAnswer) -> Said:
        tier, facts = answer.tier, {"activity": self.activity.name, "day": self.day}
        if tier is None:
            return said(POSSIBLE[action], limit=answer.limit, **facts)
        if answer.late_until is None:
            return said(BY_AGENT, limit=answer.limit, **facts)
        return said(STILL_POSSIBLE[action], limit=answer.late_until, effect=say_effect(tier), **facts)

    def _rule(self, action: Action, answer: DayAnswer) -> Phrase | None:
        names = {one.code: one.name for one in self.programme.activities}
        words = Words(zone=self.town.calendar.zone, names=names)
        return say_named(self.programme.regulation_on(self.day), action, answer.rule_id, words)

    def _next(self, action: Action, answer: DayAnswer, refusal: Refused | None) -> NextStep:
        if refusal is None:
            do_it = N_("Book the day.") if action == "book" else N_("Cancel the day.")
            return NextStep(kind="do_it", said=said(do_it))
        if isinstance(refusal, NotYetOpen):
            return NextStep(kind="come_back", said=_remedy(refusal), at=answer.opens)
        if isinstance(refusal, FullWithWaitingList):
            return NextStep(kind="waiting_list", said=_remedy(refusal), href=WAITING_LIST)
        if action == "book" and isinstance(refusal, OF_THE_DAY):
            return self._another_day() or NextStep(kind="as_said", said=_remedy(refusal))
        return NextStep(kind="as_said", said=_remedy(refusal))

    def _another_day(self) -> NextStep | None:
        """The next day that can be booked in time, else the first that will open."""
        opens: datetime | None = None
        first = max(self.day, self.town.calendar.today(self.now))
        for ahead in range(1, FURTHEST_AHEAD + 1):
            day = first + timedelta(days=ahead)
            answer = self._answer("book", day)
            if answer.allowed and answer.tier is None and self.sheet.state((self.activity.id, day)) is None:
                step = said(N_("The next day to book is %(day)s."), day=day)
                return NextStep(kind="another_day", said=step, day=day)
            if opens is None and isinstance(answer.refusal, NotYetOpen):
                opens = answer.opens
        if opens is None:
            return None
        return NextStep(kind="come_back", said=said(N_("Come back from %(opens)s."), opens=opens), at=opens)


def _remark(refusal: Refused) -> Said:
    return Said(msgid=refusal.sentence, facts=refusal.facts)


def _remedy(refusal: Refused) -> Said:
    return Said(msgid=refusal.remedy, facts=refusal.facts)
