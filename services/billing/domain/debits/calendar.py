"""On which day a debit can be collected: banks do not settle on weekends and TARGET holidays."""

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
DAYS_OF_A_WEEK, FRIDAY = 7, 5


def easter(year: int) -> date:
    """Easter Sunday (the anonymous Gregorian computation)."""
    golden, century = year % 19, year // 100
    leap, moon = century // 4, (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - moon + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - epact - year % 100 % 4) % 7
    fall = (golden + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * fall + 114, 31)
    return date(year, month, day + 1)


def is_settled(day: date) -> bool:
    """Whether the interbank system TARGET works on that day."""
    if day.isoweekday() > FRIDAY or (day.month, day.day) in {(1, 1), (5, 1), (12, 25), (12, 26)}:
        return False
    return (day - easter(day.year)).days not in {-2, 1}


def settled_from(day: date) -> date:
    """That day or the next one on which banks settle."""
    while not is_settled(day):
        day += ONE_DAY
    return day


def settled_after(day: date, working_days: int) -> date:
    """So many settlement days after a day."""
    for _ in range(working_days):
        day = settled_from(day + ONE_DAY)
    return day


def collection_day(announced: date, *, notice_days: int, day_of_month: int | None, due: date) -> date:
    """The first day that leaves the family its notice: the office's day of the month, or from the due date on."""
    earliest = announced + timedelta(days=notice_days)
    if day_of_month is None:
        return settled_from(max(earliest, due))
    wanted = earliest.replace(day=day_of_month)
    if wanted < earliest:
        wanted = (earliest.replace(day=1) + timedelta(days=32)).replace(day=day_of_month)
    return settled_from(wanted)
