"""How many children a day has: by activity, site, class and diet."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.reservations.domain.attendance import Counts, counted
from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.sheet import Entry

EXPECTED = frozenset({"booked", "requested"})
CAME = frozenset({"present", "present_unbooked"})


@dataclass(frozen=True, kw_only=True, order=True)
class Table:
    """Where children are counted together; `site_id` and `group` are empty for who is enrolled nowhere that day."""

    activity_id: str
    site_id: str = ""
    group: str = ""
    diet: str = ""


@dataclass(frozen=True, kw_only=True)
class Headcount:
    """`to_prepare`: meals, say, for who is booked and not known to be away, and who came; `reported`: booked, and the
    family said that the child will be away; `held` wait for a payment and are in no other count.
    """

    table: Table
    counts: Counts
    to_prepare: int
    reported: int
    held: int


def headcounts(
    days: Mapping[str, Mapping[str, Entry]],
    children: Mapping[str, RosterChild],
    programme_of: Mapping[str, str],
    day: date,
) -> list[Headcount]:
    """`days`: what each child has, by child and activity. Cancelled days count nowhere."""
    tables: defaultdict[Table, dict[str, Entry]] = defaultdict(dict)
    for child_id, entries in days.items():
        for activity_id, entry in entries.items():
            if entry.state != "cancelled":
                table = _table(children.get(child_id), activity_id, programme_of[activity_id], day)
                tables[table][child_id] = entry
    return [_counted(table, days) for table, days in sorted(tables.items(), key=lambda item: item[0])]


def _table(child: RosterChild | None, activity_id: str, programme_id: str, day: date) -> Table:
    enrolment = child.enrolment_on(programme_id, day) if child else None
    if enrolment is None:
        return Table(activity_id=activity_id)
    return Table(activity_id=activity_id, site_id=enrolment.site_id, group=enrolment.group, diet=enrolment.diet)


def _counted(table: Table, days: Mapping[str, Entry]) -> Headcount:
    found = days.values()
    return Headcount(
        table=table,
        counts=counted({child_id: entry.state for child_id, entry in days.items()}),
        to_prepare=sum(_comes(entry) for entry in found),
        reported=sum(entry.state in EXPECTED and entry.reported_at is not None for entry in found),
        held=sum(entry.state == "held" for entry in found),
    )


def _comes(entry: Entry) -> bool:
    return entry.state in CAME or (entry.state in EXPECTED and entry.reported_at is None)


def without_groups(found: Iterable[Headcount]) -> list[Headcount]:
    """For whom classes are none of their business."""
    joined: dict[Table, Headcount] = {}
    for one in found:
        table = replace(one.table, group="")
        joined[table] = _plus(joined[table], one, table) if table in joined else replace(one, table=table)
    return list(joined.values())


def _plus(one: Headcount, other: Headcount, table: Table) -> Headcount:
    return Headcount(
        table=table,
        counts=Counts(**{name: count + vars(other.counts)[name] for name, count in vars(one.counts).items()}),
        to_prepare=one.to_prepare + other.to_prepare,
        reported=one.reported + other.reported,
        held=one.held + other.held,
    )


def meals(found: Iterable[Headcount]) -> dict[Table, int]:
    """What is to prepare by activity, site and diet; classes are left out."""
    total: Counter[Table] = Counter()
    for one in found:
        total[replace(one.table, group="")] += one.to_prepare
    return {table: count for table, count in total.items() if count}
