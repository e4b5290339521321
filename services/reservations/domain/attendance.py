"""What an attendance mark makes of a day: present, absent, there without a booking, or nothing seen after all.

Tablets mark without a network and send later. Of two marks of a child's day the one seen later counts, whichever
arrives first, so that every order of arrival ends the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.calendar import TownCalendar
from services.reservations.domain.excuses import as_proven, unseen
from services.reservations.domain.programmes import Activity, Programme
from services.reservations.domain.refusals import NotYetThere, PaymentAwaited, WasNotExpected
from services.reservations.domain.refusals_at_the_door import LeftAnotherDay
from services.reservations.domain.sheet import Change, Entry, Sheet, SheetState
from shared.contracts import Event
from shared.contracts.reservations import AttendanceMarked, Mark
from shared.contracts.reservations_at_the_door import AttendanceUnmarked, UnmarkedDay

Seen: TypeAlias = Literal["present", "absent_justified", "absent_unjustified"]
Outcome: TypeAlias = Seen | Literal["unmarked"]
ABSENT = frozenset({"absent_justified", "absent_unjustified"})
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Heads of a list: `expected` are those booked, whatever was marked since."""

    expected: int = 0
    present: int = 0
    absent: int = 0
    unbooked: int = 0


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What staff say of a child's day, whole; `at`: when they saw it, on the clock of their `device`.

    `unmarked` takes back what was marked. `left_at`: when a child who was present was collected.
    """

    outcome: Outcome
    at: datetime
    device: str = ""
    left_at: datetime | None = None

    @property
    def order(self) -> tuple[datetime, str]:
        """Two devices may mark in the same instant: then their names decide, for everybody alike."""
        return self.at, self.device

    def by_the_clock(self, now: datetime) -> "Sighting":
        """No device saw what is still to come: one whose clock is fast must not win for ever. In milliseconds, which
        is what is kept.
        """
        at = min(self.at, now)
        return replace(self, at=at.replace(microsecond=at.microsecond // 1000 * 1000))


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """The activity and day to mark."""

    activity: Activity
    programme: Programme
    day: date
    calendar: TownCalendar

    @property
    def slot(self) -> tuple[str, date]:
        return self.activity.id, self.day

    def late_minutes(self, left_at: datetime | None) -> int | None:
        """Begun minutes after the end; None when nobody knows."""
        if left_at is None or self.activity.ends is None:
            return None
        return max(0, -((self.calendar.at(self.day, self.activity.ends) - left_at) // MINUTE))

    def minutes(self, left_at: datetime | None) -> int | None:
        """Begun minutes from its beginning until the child left; None when nobody knows."""
        if left_at is None or self.activity.starts is None:
            return None
        return max(0, -((self.calendar.at(self.day, self.activity.starts) - left_at) // MINUTE))


def newest(marks: Iterable[tuple[str, Sighting]]) -> tuple[dict[str, Sighting], list[tuple[str, Sighting]]]:
    """Of each child the sighting that counts, and those outdated by it; one sent twice is there once."""
    latest: dict[str, Sighting] = {}
    outdated: list[tuple[str, Sighting]] = []
    for child_id, sighting in marks:
        known = latest.setdefault(child_id, sighting)
        if sighting == known:
            continue
        latest[child_id], older = (sighting, known) if sighting.order >= known.order else (known, sighting)
        outdated.append((child_id, older))
    return latest, outdated


def refuse_days_to_come(day: date, today: date) -> None:
    if day > today:
        raise NotYetThere(date=day)


def outdated_by(entry: Entry | None, sighting: Sighting) -> Entry | None:
    """The mark already there, when it was seen later."""
    if entry is None or entry.seen_at is None:
        return None
    return entry if (entry.seen_at, entry.device) > sighting.order else None


def mark(sheet: Sheet, occasion: Occasion, sighting: Sighting) -> Change | None:
    """The change one mark makes; None when the day says so already. Refused for whom the list does not expect.

    A mark that says again what is known tells nothing, and is kept for its instant.
    """
    sheet.refuse_when_closed()
    before = sheet.days.get(occasion.slot)
    if outdated_by(before, sighting):
        return None
    after = _unmarked(before) if sighting.outcome == "unmarked" else marked(before, occasion, sighting.outcome)
    if after is None:
        return None
    after = replace(after, seen_at=sighting.at, device=sighting.device, left_at=_left(after, occasion, sighting))
    if after == before:
        return None
    same = before is not None and (before.state, before.left_at) == (after.state, after.left_at)
    return Change(cells={occasion.slot: after}, events=() if same else (_told(sheet, occasion, after),))


def marked(entry: Entry | None, occasion: Occasion, seen: Seen) -> Entry:
    """The cell after the mark. A child that came unbooked and is then marked absent was a slip of the pen:
    the absence counts as justified, so that nobody is billed for it.

    A request nobody decided on is granted by coming; a cancellation that waits for an agent is void when the child
    comes, and still to be decided when it does not.
    """
    if entry is not None and entry.state == "held":
        raise PaymentAwaited(activity=occasion.activity.name, date=occasion.day)
    expected = entry is not None and entry.state != "cancelled"
    if seen == "present" and (entry is None or not expected or entry.unbooked):
        version = occasion.programme.regulation_on(occasion.day).version
        known = entry or Entry(state="present_unbooked", rule_version=version)
        return replace(known, state="present_unbooked", by="agent", unbooked=True)
    if entry is None or not expected or (entry.unbooked and seen != "absent_justified"):
        raise WasNotExpected(date=occasion.day)
    return replace(entry, state=as_proven(entry, seen), asked="" if seen == "present" else entry.asked)


def _unmarked(entry: Entry | None) -> Entry | None:
    """As before any mark. Who was not booked has nothing again, which is kept as a day the town cancelled: an older
    mark that arrives later must find that it is outdated.
    """
    if entry is None or entry.state in ("held", "requested", "booked", "cancelled"):
        return entry
    if entry.unbooked:
        return replace(entry, state="cancelled", cancelled=entry.cancelled or "service", unbooked=False)
    return replace(entry, state=unseen(entry))


def _left(after: Entry, occasion: Occasion, sighting: Sighting) -> datetime | None:
    """Only who was there leaves, and on that day. Raises `LeftAnotherDay`."""
    if sighting.left_at is None or after.state not in ("present", "present_unbooked"):
        return None
    if occasion.calendar.today(sighting.left_at) != occasion.day:
        raise LeftAnotherDay(date=occasion.day)
    return sighting.left_at.replace(microsecond=0)


def _told(sheet: Sheet, occasion: Occasion, after: Entry) -> Event:
    subject = {
        "municipality_id": sheet.key.municipality_id,
        "household_id": sheet.key.household_id,
        "child_id": sheet.key.child_id,
        "programme_id": occasion.programme.id,
        "month": sheet.key.month,
        "billing_mode": occasion.programme.billing_mode,
    }
    activity_id, day = occasion.slot
    if after.state in ("booked", "cancelled"):
        again = UnmarkedDay(activity_id=activity_id, date=day, state=after.state, cancelled=after.cancelled)
        return AttendanceUnmarked.model_validate({**subject, "days": (again,)})
    seen = {
        "activity_id": activity_id,
        "date": day,
        "outcome": after.state,
        "left_at": after.left_at,
        "late_minutes": occasion.late_minutes(after.left_at),
        "minutes": occasion.minutes(after.left_at),
    }
    return AttendanceMarked.model_validate({**subject, "marks": (Mark.model_validate(seen),)})


def counted(states: Mapping[str, SheetState | None]) -> Counts:
    """Heads by child."""
    found = [state for state in states.values() if state]
    return Counts(
        expected=sum(state in {"booked", "requested", "present", *ABSENT} for state in found),
        present=sum(state in {"present", "present_unbooked"} for state in found),
        absent=sum(state in ABSENT for state in found),
        unbooked=found.count("present_unbooked"),
    )
