"""Why a line of an invoice is what it is: every fact told of each of its days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.billing.domain.invoices import InvoicedDay, InvoiceLine
from services.billing.domain.sheets import ChargeSheet, Day, Fact
from shared.errors import N_, Said

MARKED: Mapping[str, str] = {
    "present": N_("Marked present."),
    "absent_justified": N_("Marked absent with an accepted reason: not charged."),
    "absent_unjustified": N_("Marked absent without an accepted reason: charged."),
    "present_unbooked": N_("Marked present without a booking."),
}
CANCELLED: Mapping[str | None, str] = {
    "in_time": N_("Cancelled in time: not charged."),
    "late": N_("Cancelled after the deadline: charged."),
    "service": N_("Cancelled by the town: not charged."),
}
BOOKED: Mapping[str, str] = {
    "guardian": N_("Booked by the family."),
    "agent": N_("Booked by the town for the family."),
    "": N_("Booked."),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One fact about one day. `by`: who booked, empty where it was not told."""

    at: datetime
    what: str
    state: str
    by: str
    said: tuple[Said, ...]


@dataclass(frozen=True, kw_only=True)
class DayTrail:
    """`steps` is empty for days whose sheet is no longer kept, and for what is about no day."""

    day: InvoicedDay
    steps: tuple[Step, ...]


def trail_of(line: InvoiceLine, sheets: Iterable[ChargeSheet]) -> tuple[DayTrail, ...]:
    known = {sheet.id: sheet for sheet in sheets}
    return tuple(
        DayTrail(day=day, steps=tuple(_steps(line.activity_id, day, known.get(day.sheet_id)))) for day in line.days
    )


def _steps(activity_id: str, day: InvoicedDay, sheet: ChargeSheet | None) -> Iterator[Step]:
    for fact in sheet.facts if sheet else ():
        for told in fact.days:
            if (told.activity_id, told.date) == (activity_id, day.date):
                yield Step(at=fact.at, what=fact.what, state=told.state, by=fact.by, said=tuple(_said(fact, told)))


def _said(fact: Fact, told: Day) -> Iterator[Said]:
    if fact.what == "booked":
        yield Said(msgid=BOOKED.get(fact.by, BOOKED[""]))
        if told.late:
            yield Said(msgid=N_("That was after the deadline, under the rule “%(rule)s”."), facts={"rule": told.late})
    elif fact.what == "closed":
        yield Said(msgid=N_("The month was closed; the day stood so then."))
    elif told.state == "cancelled":
        yield Said(msgid=CANCELLED.get(told.cancelled, CANCELLED["late"]))
    else:
        yield Said(msgid=MARKED.get(told.state, N_("A mark was taken back: booked again.")))
    if told.late_minutes:
        yield Said(msgid=N_("Collected %(minutes)s minutes after the end."), facts={"minutes": str(told.late_minutes)})
