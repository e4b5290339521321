"""The yearly reading: a town asks each household to check its file and say that it is right."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shared.contracts.households import HouseholdReconfirmed, ReconfirmationAsked
from shared.errors import N_, Refused

LAST_DAY_TO_BEGIN = 15
FIRST_HOUR = 8
# Longer than a campaign of the calendar lasts, much shorter than a year.
PEACE = timedelta(days=90)


class DayPassed(Refused):
    code = "day-passed"
    status = 422
    title = N_("A day to come is needed")
    sentence = N_("Families need time to read their file: %(until)s has passed already.")
    remedy = N_("Choose a day to come.")


class NothingToConfirm(Refused):
    code = "nothing-to-confirm"
    title = N_("Nothing to confirm")
    sentence = N_("This town does not ask your household to confirm its file at the moment.")
    remedy = N_("Nothing need be done; the town hall will write when the time comes.")


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What one town asked of one household; `confirmed_at` once it answered."""

    municipality_id: str
    household_id: str
    until: date
    asked_at: datetime
    confirmed_at: datetime | None = None
    version: int = 0

    @property
    def id(self) -> str:
        return f"{self.municipality_id}/{self.household_id}"

    def asked_again(self, until: date, now: datetime) -> "Confirmation":
        return replace(self, until=until, asked_at=now, confirmed_at=None)

    def asked_told(self) -> ReconfirmationAsked:
        return ReconfirmationAsked(
            household_id=self.household_id,
            municipality_id=self.municipality_id,
            until=self.until,
            at=self.asked_at,
        )

    def confirmed(self, now: datetime) -> tuple["Confirmation", HouseholdReconfirmed]:
        """Also after the day: late is better than never. Raises `NothingToConfirm`."""
        if self.confirmed_at:
            raise NothingToConfirm()
        told = HouseholdReconfirmed(household_id=self.household_id, municipality_id=self.municipality_id, at=now)
        return replace(self, confirmed_at=now), told


def campaign_until(month: int | None, local: datetime) -> date | None:
    """By when families answer a campaign that may be begun at this moment on the town's clock; None for none.

    From eight o'clock on, so that no letter wakes anybody, and in the first half of the month, so that all have time.
    """
    if month != local.month or local.day > LAST_DAY_TO_BEGIN or local.hour < FIRST_HOUR:
        return None
    return date(local.year, local.month, monthrange(local.year, local.month)[1])


def check_day(until: date, today: date) -> None:
    """Raises `DayPassed`."""
    if until < today:
        raise DayPassed(until=until)
