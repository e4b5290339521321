"""Calendar feeds: a private link under which calendar programs read the days of a household, or of one child."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.programmes import Activity
from services.reservations.domain.refusals_of_cart import TooManyFeeds
from services.reservations.domain.sheet import EXPECTED, Entry, Sheet, Slot
from services.reservations.domain.town import Town

MONTHS_BEFORE, MONTHS_SHOWN = 1, 13
MOST_FEEDS = 20
SURE = frozenset({"booked", "present", "present_unbooked"})


@dataclass(frozen=True, kw_only=True)
class Feed:
    """`child_id` is empty for all children of the household; only the hash of the link's secret is kept."""

    id: str
    household_id: str
    child_id: str
    secret_hash: str
    created_at: datetime
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """One activity on one day. `starts` and `ends` are instants, None when the town told no times: the whole day.

    `uid` stays the same for as long as the day is booked; `sure`: neither unpaid nor waiting for an agent.
    """

    uid: str
    title: str
    programme: str
    place: str
    day: date
    starts: datetime | None
    ends: datetime | None
    sure: bool


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def refuse_too_many(feeds: Iterable[Feed]) -> None:
    if sum(1 for _ in feeds) >= MOST_FEEDS:
        raise TooManyFeeds(most=MOST_FEEDS)


def months_shown(today: date) -> tuple[str, str]:
    """The first and the last month of a feed: last month and the year that follows."""
    first = today.year * 12 + today.month - 1 - MONTHS_BEFORE
    return _month(first), _month(first + MONTHS_SHOWN - 1)


def appointments(
    sheet: Sheet, town: Town, child: RosterChild | None, *, child_ids: Mapping[str, str]
) -> Iterator[Appointment]:
    """The days of a sheet the child is expected on; cancelled and absent ones are left out.

    `child_ids`: of children who have another id since households were merged.
    """
    programme = town.programmes.get(sheet.key.programme_id)
    known = {activity.id: activity for activity in programme.activities} if programme else {}
    child_id = child_ids.get(sheet.key.child_id, sheet.key.child_id)
    for slot, entry in sheet.days.items():
        if programme and slot[0] in known and _is_expected(entry):
            enrolment = child.enrolment_on(programme.id, slot[1]) if child else None
            site = town.sites.get(enrolment.site_id) if enrolment else None
            yield _appointment(
                slot, entry, known[slot[0]], town, programme.name, site.name if site else "", child, child_id
            )


def _is_expected(entry: Entry) -> bool:
    return entry.state in EXPECTED


def _appointment(
    slot: Slot,
    entry: Entry,
    activity: Activity,
    town: Town,
    programme: str,
    place: str,
    child: RosterChild | None,
    child_id: str,
) -> Appointment:
    day = slot[1]
    at = town.calendar.at
    timed = activity.starts is not None and activity.ends is not None
    return Appointment(
        uid=f"{child_id}.{activity.id}.{day.isoformat()}@preau",
        title=f"{child.first_name} – {activity.name}" if child and child.first_name else activity.name,
        programme=programme,
        place=place,
        day=day,
        starts=at(day, activity.starts) if timed and activity.starts else None,
        ends=at(day, activity.ends) if timed and activity.ends else None,
        sure=entry.state in SURE,
    )


def _month(count: int) -> str:
    return f"{count // 12:04}-{count % 12 + 1:02}"
