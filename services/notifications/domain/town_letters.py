"""The letters about what a town decided: days a family asked for, and days the town cancelled."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say, day_list
from shared.contracts import Event
from shared.contracts.reservations_by_town import DecisionWritten, DisruptionNoticed, NamedDay
from shared.errors import N_
from shared.i18n import show

DECISIONS = {
    ("book", True): N_("%(town)s accepted the days you asked for."),
    ("book", False): N_("%(town)s could not accept the days you asked for. They are not booked."),
    ("cancel", True): N_("%(town)s accepted your cancellation. These days will not be charged."),
    ("cancel", False): N_("%(town)s did not accept your cancellation. These days stay booked."),
}
CHARGED = N_("%(town)s accepted your cancellation. These days stay due.")
REASONS = {
    "strike": N_("strike"),
    "weather": N_("weather"),
    "trip": N_("school trip"),
    "staff": N_("staff absent"),
    "building": N_("building closed"),
    "other": N_("town hall's decision"),
}
CANCELLED = N_("%(town)s had to cancel these days (%(reason)s). They are not charged; what was paid is given back.")
RESTORED = N_("%(town)s takes back its cancellation: these days are booked again.")
NONE_RESTORED = N_("%(town)s takes back its cancellation. Your days could not be booked again.")
LOST = N_("Not booked again, please book them anew if they are needed: %(days)s")


def decision_of(event: DecisionWritten, town: str) -> Say:
    charged = event.asked == "cancel" and event.accepted and not event.refund
    return Say(CHARGED if charged else DECISIONS[event.asked, event.accepted], {"town": town})


def _to_pay(event: DecisionWritten, zone: ZoneInfo) -> tuple[Say, ...]:
    if event.pay_until is None:
        return ()
    until = event.pay_until.astimezone(zone)
    return (Say(N_("Pay them until %(until)s to book them: after that the places go to others."), {"until": until}),)


def _decided(event: DecisionWritten, desk: Desk) -> Letter:
    return Letter(
        subject=Say(N_("%(town)s: answer to your request about your bookings"), {"town": desk.town.name}),
        opening=decision_of(event, desk.town.name),
        listing=_lines(event.days, desk),
        quote=event.message,
        action=(Say(N_("See my bookings")), desk.page("reservations")),
        notes=_to_pay(event, ZoneInfo(desk.town.time_zone)),
    )


def _disrupted(event: DisruptionNoticed, desk: Desk) -> Letter:
    facts = {"town": desk.town.name, "reason": Say(REASONS[event.reason])}
    subject = N_("%(town)s: cancelled days (%(reason)s)")
    if event.kind == "restored":
        subject = N_("%(town)s: cancellation taken back (%(reason)s)")
    return Letter(
        subject=Say(subject, facts),
        opening=Say(opening_of(event), facts),
        listing=_lines(event.days, desk),
        quote=message_in(event, desk.recipient.language),
        action=(Say(N_("See my bookings")), desk.page("reservations")),
        notes=lost_in(event, desk.recipient.language),
    )


def opening_of(event: DisruptionNoticed) -> str:
    if event.kind == "cancelled":
        return CANCELLED
    return RESTORED if event.days else NONE_RESTORED


def message_in(event: DisruptionNoticed, language: str) -> str:
    """The town's own words belong to the cancellation, not to its end."""
    if event.kind == "restored":
        return ""
    return event.message_en if language == "en" and event.message_en else event.message


def lost_in(event: DisruptionNoticed, language: str) -> tuple[Say, ...]:
    if not event.lost:
        return ()
    return (Say(LOST, {"days": listed_days(event.lost, language)}),)


def _lines(days: Iterable[NamedDay], desk: Desk) -> tuple[str, ...]:
    ordered = sorted(days, key=lambda day: (day.date, day.first_name, day.activity_name))
    return tuple(
        " – ".join(
            part for part in (day.first_name, day.activity_name, show(day.date, desk.recipient.language)) if part
        )
        for day in ordered
    )


def listed_days(days: Iterable[NamedDay], language: str) -> str:
    """By child: two children may have the same days."""
    by_child: dict[str, list[NamedDay]] = {}
    for day in days:
        by_child.setdefault(day.first_name, []).append(day)
    listed = (
        (name, day_list([(one.activity_name, one.date) for one in own], language))
        for name, own in sorted(by_child.items())
    )
    return " – ".join(f"{name} {shown}".strip() for name, shown in listed)


TOWN_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {
    DecisionWritten: _decided,
    DisruptionNoticed: _disrupted,
}
