"""Days a town hall works: Monday to Friday but for public holidays by law. What families are promised is counted so."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.public_holidays import public_holidays

FRIDAY = 5


@dataclass(frozen=True, kw_only=True)
class Office:
    """Where a town hall's clocks stand, and which days are holidays there (a key of `public_holidays.SETS`)."""

    zone: ZoneInfo
    holidays: str

    def today(self, now: datetime) -> date:
        return now.astimezone(self.zone).date()

    def works_on(self, day: date) -> bool:
        return day.isoweekday() <= FRIDAY and day not in public_holidays(self.holidays, day.year)

    def after(self, day: date, working_days: int) -> date:
        """The n-th working day after a day; with 0 the day itself when it is one, else the next."""
        found = day
        left = working_days or int(not self.works_on(day))
        while left:
            found += timedelta(days=1)
            left -= self.works_on(found)
        return found

    def between(self, day: date, until: date) -> int:
        """Working days after `day`, `until` included; none once it is past."""
        return sum(self.works_on(day + timedelta(days=after)) for after in range(1, (until - day).days + 1))
