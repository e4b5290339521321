"""The letter before a cut-off: a child's usual week is not booked, and one link books it."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.domain.paper import Desk, Letter
from services.notifications.domain.say import Say
from shared.contracts import Event
from shared.contracts.reservations_weeks import UsualWeekReminder
from shared.errors import N_
from shared.i18n import show


def _usual_week(event: UsualWeekReminder, desk: Desk) -> Letter:
    until = event.until.astimezone(ZoneInfo(desk.town.time_zone))
    child = event.child_first_name or Say(N_("your child"))
    facts = {"town": desk.town.name, "child": child, "programme": event.programme_name, "until": until}
    days = (f"{day.activity_name} – {show(day.date, desk.recipient.language)}" for day in event.days)
    return Letter(
        subject=Say(N_("%(town)s: the usual week of %(child)s is not booked (%(programme)s)"), facts),
        opening=Say(
            N_(
                "These days that %(child)s usually has (%(programme)s) are not booked. "
                "You can book them until %(until)s."
            ),
            facts,
        ),
        listing=tuple(days),
        action=(Say(N_("Book these days")), desk.page(f"semaine/{event.token}")),
        notes=(
            Say(N_("The link works once, without signing in: do not pass this message on.")),
            Say(
                N_("Nothing is to be done if these days are not needed. The page of the link also stops such messages.")
            ),
        ),
    )


REMINDER_LETTERS: Mapping[type[Event], Callable[[Any, Desk], Letter]] = {UsualWeekReminder: _usual_week}
