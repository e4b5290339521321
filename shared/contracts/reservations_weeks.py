"""What reservations tells before a cut-off: a child's usual week is not booked, and who may book it by one link."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime

from shared.contracts import Event, Exchange, Part


class MissedDay(Part):
    activity_id: str
    date: date


class UsualWeekMissed(Event):
    """Days a child usually has are not booked, and until `until` they can be. Subject: the reminder."""

    topic: ClassVar[str] = "reservations.usual_week_missed.v1"

    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    days: tuple[MissedDay, ...]
    until: AwareDatetime


class RemindedDay(Part):
    activity_name: str
    date: date


class UsualWeekReminder(Event):
    """The same with the names and the token of the link, for the letter to the guardians. Subject: the reminder."""

    topic: ClassVar[str] = "reservations.usual_week_reminder.v1"
    exchange: ClassVar[Exchange] = "profiles"

    reminder_id: str
    municipality_id: str
    household_id: str
    child_id: str
    programme_id: str
    child_first_name: str
    programme_name: str
    days: tuple[RemindedDay, ...]
    until: AwareDatetime
    token: str
    """Of a link that books these days once, without signing in."""
