"""What an attendance mark makes of a day: present, absent, or there without a booking."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeAlias

from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals import NotYetThere, PaymentAwaited, WasNotExpected
from services.reservations.domain.sheet import Change, Entry, Sheet, SheetState
from shared.contracts.reservations import AttendanceMarked, Mark

Seen: TypeAlias = Literal["present", "absent_justified", "absent_unjustified"]
ABSENT = frozenset({"absent_justified", "absent_unjustified"})


@dataclass(frozen=True)
class Counts:
    """Heads of a list: `expected` are those booked, whatever was marked since."""

    expected: int = 0
    present: int = 0
    absent: int = 0
    unbooked: int = 0


def refuse_days_to_come(day: date, today: date) -> None:
    if day > today:
        raise NotYetThere(date=day)


def mark(sheet: Sheet, activity: Activity, day: date, seen: Seen, programme: Programme) -> Change | None:
    """The change one mark makes; None when the day says so already. Refused for whom the list does not expect."""
    sheet.refuse_when_closed()
    entry = marked(sheet.days.get((activity.id, day)), activity, day, seen, programme.regulation.version)
    if entry == sheet.days.get((activity.id, day)):
        return None
    told = AttendanceMarked(
        municipality_id=sheet.key.municipality_id,
        household_id=sheet.key.household_id,
        child_id=sheet.key.child_id,
        programme_id=programme.id,
        month=sheet.key.month,
        billing_mode=programme.billing_mode,
        marks=(Mark.model_validate({"activity_id": activity.id, "date": day, "outcome": entry.state}),),
    )
    return Change(cells={(activity.id, day): entry}, events=(told,))


def marked(entry: Entry | None, activity: Activity, day: date, seen: Seen, rule_version: int) -> Entry:
    """The cell after the mark. A child that came unbooked and is then marked absent was a slip of the pen:
    the absence counts as justified, so that nobody is billed for it.
    """
    if entry is not None and entry.state == "held":
        raise PaymentAwaited(activity=activity.name, date=day)
    expected = entry is not None and entry.state != "cancelled"
    if seen == "present" and (entry is None or not expected or entry.unbooked):
        known = entry or Entry(state="present_unbooked", rule_version=rule_version)
        return replace(known, state="present_unbooked", by="agent", unbooked=True)
    if entry is None or not expected or (entry.unbooked and seen != "absent_justified"):
        raise WasNotExpected(date=day)
    return replace(entry, state=seen)


def counted(states: Mapping[str, SheetState | None]) -> Counts:
    """Heads by child."""
    found = [state for state in states.values() if state]
    return Counts(
        expected=sum(state in {"booked", "present", *ABSENT} for state in found),
        present=sum(state in {"present", "present_unbooked"} for state in found),
        absent=sum(state in ABSENT for state in found),
        unbooked=found.count("present_unbooked"),
    )
