"""Absences: said beforehand by the family, proven afterwards or free by a quota, and what staff mark besides.

They come in any order. Who was seen was there, whatever was said or proven; a proven absence is the same absence
however it is marked. No reason is asked for and none is kept: an illness is nobody's business here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.absence_runs import free_days, runs_of
from services.reservations.domain.absences import AbsencePolicy
from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.entry import Entry, SheetState, Slot, in_order
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Change, Sheet
from shared.contracts import Event
from shared.contracts.reservations import AttendanceMarked, Mark, Outcome
from shared.contracts.reservations_at_the_door import AttendanceUnmarked, UnmarkedDay
from shared.contracts.reservations_by_town import AbsenceProofDecided, AbsenceReported, AbsentDay

Ruling: TypeAlias = Literal["free", "due"]
QUOTA = "quota"
AWAY: frozenset[SheetState] = frozenset({"booked", "absent_justified", "absent_unjustified"})
"""States of a day the child was, or may still be, absent from."""


def as_proven(entry: Entry, seen: Outcome) -> SheetState:
    if seen == "absent_unjustified" and entry.excused == "free":
        return "absent_justified"
    return seen


def unseen(entry: Entry) -> SheetState:
    """What a booked day is while staff say nothing of it."""
    if not entry.excused:
        return "booked"
    return "absent_justified" if entry.excused == "free" else "absent_unjustified"


def reported(sheet: Sheet, slots: Iterable[Slot], programme: Programme, now: datetime) -> Change:
    """The days stay booked, and staff see that the child will be away."""
    cells = {slot: replace(sheet.days[slot], reported_at=now) for slot in in_order(slots)}
    if not cells:
        return Change()
    facts = sheet.subject(programme)
    del facts["billing_mode"]
    return Change(cells=cells, events=(AbsenceReported.model_validate({**facts, "days": _days(cells)}),))


def excused(sheet: Sheet, rulings: Mapping[Slot, Ruling], programme: Programme, *, proof: str) -> Change:
    """Days the regulation makes free or due; told like marks, for they decide what is charged.

    What was free stays free when a second proof would make it due.
    """
    kept = {slot: ruling for slot, ruling in rulings.items() if sheet.days[slot].excused != "free"}
    cells: dict[Slot, Entry] = {}
    for slot in in_order(kept):
        entry = replace(sheet.days[slot], excused=kept[slot], proof=proof)
        cells[slot] = replace(entry, state=unseen(entry))
    if not cells:
        return Change()
    marks = [
        Mark.model_validate({"activity_id": slot[0], "date": slot[1], "outcome": entry.state})
        for slot, entry in cells.items()
        if entry.state != sheet.days[slot].state
    ]
    told = (AttendanceMarked.model_validate({**sheet.subject(programme), "marks": marks}),) if marks else ()
    return Change(cells=cells, events=told)


def proven(sheet: Sheet, rulings: Mapping[Slot, Ruling], programme: Programme, *, request_id: str) -> Change:
    """The days an accepted proof covers. Hearing of the same proof again changes nothing."""
    new = {slot: ruling for slot, ruling in rulings.items() if sheet.days[slot].proof != request_id}
    change = excused(sheet, new, programme, proof=request_id)
    if not change.cells:
        return Change()
    facts = sheet.subject(programme)
    del facts["billing_mode"]
    told = AbsenceProofDecided.model_validate(
        {
            **facts,
            "request_id": request_id,
            "free": _days(slot for slot in change.cells if new[slot] == "free"),
            "due": _days(slot for slot in change.cells if new[slot] == "due"),
        }
    )
    return change.and_also(Change(events=(told,)))


def unproven(sheet: Sheet, programme: Programme, *, request_id: str) -> Change:
    """The days that proof covers, as they are without it: booked, or absent where staff marked them so."""
    cells: dict[Slot, Entry] = {}
    for slot in in_order(slot for slot, entry in sheet.days.items() if entry.proof == request_id):
        entry = replace(sheet.days[slot], excused="", proof="")
        cells[slot] = replace(entry, state=_as_seen(entry))
    if not cells:
        return Change()
    subject = sheet.subject(programme)
    again = [
        UnmarkedDay(activity_id=activity_id, date=day, state="booked")
        for (activity_id, day), entry in cells.items()
        if entry.state == "booked" and sheet.days[activity_id, day].state != "booked"
    ]
    marks = [
        Mark.model_validate({"activity_id": slot[0], "date": slot[1], "outcome": entry.state})
        for slot, entry in cells.items()
        if entry.state not in ("booked", sheet.days[slot].state)
    ]
    events: list[Event] = []
    if again:
        events.append(AttendanceUnmarked.model_validate({**subject, "days": again}))
    if marks:
        events.append(AttendanceMarked.model_validate({**subject, "marks": marks}))
    return Change(cells=cells, events=tuple(events))


def _as_seen(entry: Entry) -> SheetState:
    if entry.state not in ("absent_justified", "absent_unjustified"):
        return entry.state
    return "absent_unjustified" if entry.seen_at else "booked"


def _days(slots: Iterable[Slot]) -> tuple[AbsentDay, ...]:
    return tuple(AbsentDay(activity_id=activity_id, date=day) for activity_id, day in slots)


def rulings_of(
    sheets: Sequence[Sheet], starts: date, ends: date, programme: Programme, *, in_time: bool
) -> dict[date, Ruling]:
    """What each day of a proven absence costs in a programme, by the absences it really is: days in a row, of those
    booked, on which the child was not seen.
    """
    booked = {day for sheet in sheets for (_, day), entry in sheet.days.items() if entry.state in (*AWAY, "present")}
    seen = {day for sheet in sheets for (_, day), entry in sheet.days.items() if entry.state == "present"}
    away = {day for day in booked - seen if starts <= day <= ends}
    rulings: dict[date, Ruling] = dict.fromkeys(away, "due")
    for run in runs_of(away, booked):
        free = free_days(_policy(programme, run[0]), run) if in_time else frozenset()
        rulings |= dict.fromkeys(free, "free")
    return rulings


def _policy(programme: Programme, day: date) -> AbsencePolicy:
    return programme.regulation_on(day).absences


def proof_due(programme: Programme, first: date, calendar: TownCalendar) -> datetime:
    """Until when an absence that began that day is to be proven: counted from when the first activity begins, or from
    midnight where the town does not say.
    """
    begins = min((one.starts for one in programme.activities if one.starts), default=time())
    return calendar.at(first, begins) + timedelta(hours=_policy(programme, first).proof_hours)


def quota_left(sheets: Iterable[Sheet], policy: AbsencePolicy, day: date) -> int:
    """How many absences are still free, whatever their reason, in the month or school year of that day."""
    if policy.quota is None:
        return 0
    first, last = period_of(policy, day)
    used = {
        on for sheet in sheets for (_, on), entry in sheet.days.items() if entry.proof == QUOTA and first <= on <= last
    }
    return max(0, policy.quota.most - len(used))


def period_of(policy: AbsencePolicy, day: date) -> tuple[date, date]:
    """The month, or the school year from September on."""
    if policy.quota and policy.quota.per == "year":
        begins = day.year if day.month >= 9 else day.year - 1  # September
        return date(begins, 9, 1), date(begins + 1, 8, 31)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
