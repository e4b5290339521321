"""Days a family asked to book or to cancel, and what an agent's decision makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.reservations.domain.entry import Entry, Outcome, Slot, in_order, told_days
from services.reservations.domain.programmes import Programme
from services.reservations.domain.sheet import Change, Sheet
from shared.contracts import Event
from shared.contracts.reservations_by_town import BookingRequestDecided, DecisionWritten, NamedDay

Asked: TypeAlias = Literal["book", "cancel"]


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A day that waits for an agent. `rule`: the tier of the regulation under which it was asked; `at`: when it was
    booked or asked for, None for days written before that was kept.
    """

    asked: Asked
    household_id: str
    child_id: str
    programme_id: str
    activity_id: str
    date: date
    rule: str
    at: datetime | None

    @property
    def cursor(self) -> str:
        return f"{self.date.isoformat()}|{self.activity_id}|{self.child_id}|{self.household_id}"


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """An agent's decision. `refund`: cancelled days cost nothing, as if they had been cancelled in time; without it
    they are charged like late ones. `message`: to the family, as it is.
    """

    accepted: bool
    refund: bool
    message: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ToPay:
    """The order that accepted prepaid days wait with."""

    order_id: str
    expires_at: datetime


def asked_of(entry: Entry | None) -> Asked | None:
    """What an agent has to decide of a day; None for nothing."""
    if entry is None:
        return None
    if entry.state == "requested":
        return "book"
    return "cancel" if entry.asked else None


def pending_in(sheet: Sheet) -> list[Pending]:
    return [
        Pending(
            asked=asked,
            household_id=sheet.key.household_id,
            child_id=sheet.key.child_id,
            programme_id=sheet.key.programme_id,
            activity_id=activity_id,
            date=day,
            rule=entry.late,
            at=entry.at,
        )
        for (activity_id, day), entry in sheet.days.items()
        if (asked := asked_of(entry))
    ]


def decided(
    sheet: Sheet,
    slots: Iterable[Slot],
    ruling: Ruling,
    programme: Programme,
    *,
    to_pay: ToPay | None = None,
    first_name: str = "",
) -> Change:
    """The sheet after the decision, with what billing and the family are told. `to_pay`: for accepted prepaid days.

    A booking that is refused leaves nothing behind; a cancellation that is refused leaves the day booked.
    """
    asked = {kind: [slot for slot in slots if asked_of(sheet.days.get(slot)) == kind] for kind in ("book", "cancel")}
    change = _bookings(sheet, asked["book"], ruling, programme, to_pay)
    change = change.and_also(_cancellations(sheet, asked["cancel"], ruling, programme))
    return change.and_also(_told(sheet, asked, ruling, programme, to_pay, first_name))


def outcome_of(asked: Asked, ruling: Ruling, programme: Programme) -> Outcome:
    if not ruling.accepted:
        return "refused"
    if asked == "cancel":
        return "cancelled"
    return "held" if programme.billing_mode == "prepaid" else "confirmed"


def _bookings(
    sheet: Sheet, slots: Iterable[Slot], ruling: Ruling, programme: Programme, to_pay: ToPay | None
) -> Change:
    slots = in_order(slots)
    if not ruling.accepted:
        return Change(cells=dict.fromkeys(slots))
    if to_pay is None:
        return sheet.grant(slots, programme)
    return Change(cells={slot: replace(sheet.days[slot], state="held", order_id=to_pay.order_id) for slot in slots})


def _cancellations(sheet: Sheet, slots: Iterable[Slot], ruling: Ruling, programme: Programme) -> Change:
    if ruling.accepted:
        return sheet.cancel(slots, programme, kind="in_time" if ruling.refund else "late", at=ruling.at)
    return Change(cells={slot: replace(sheet.days[slot], asked="") for slot in slots})


def named_days(sheet: Sheet, slots: Iterable[Slot], programme: Programme, first_name: str) -> list[NamedDay]:
    """Days as a letter names them."""
    return [
        NamedDay(
            child_id=sheet.key.child_id,
            first_name=first_name,
            programme_id=programme.id,
            activity_id=activity_id,
            activity_name=programme.activity(activity_id).name,
            date=day,
        )
        for activity_id, day in in_order(slots)
    ]


def _told(
    sheet: Sheet,
    asked: dict[str, list[Slot]],
    ruling: Ruling,
    programme: Programme,
    to_pay: ToPay | None,
    first_name: str,
) -> Change:
    events: list[Event] = []
    for kind, slots in asked.items():
        if not slots:
            continue
        facts = {
            **sheet.subject(programme),
            "asked": kind,
            "accepted": ruling.accepted,
            "refund": ruling.refund and kind == "cancel",
            "days": told_days({slot: sheet.days[slot] for slot in in_order(slots)}),
            "pay_until": to_pay.expires_at if to_pay and kind == "book" else None,
        }
        order = {"order_id": to_pay.order_id} if to_pay and kind == "book" else {}
        events.append(BookingRequestDecided.model_validate({**facts, **order}))
        named = named_days(sheet, slots, programme, first_name)
        events.append(DecisionWritten.model_validate({**facts, "days": named, "message": ruling.message}))
    return Change(events=tuple(events))
