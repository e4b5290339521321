"""The school-year change: new enrolments beside the old ones, each group moved on as the town says.

Nothing is lost and nothing is done twice: what a child was enrolled in stays, and a child that has an enrolment of
the new year already keeps it as it is.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from services.reservations.domain.bookable import Enrolment
from services.reservations.domain.calendar import DayKind, TownCalendar
from services.reservations.domain.catalogue import Catalogue
from services.reservations.domain.enrolments import Enrolled, name_of
from services.reservations.domain.programmes import Programme
from services.reservations.domain.retention import school_year_of
from shared.errors import N_, BadInput

# How long summer holidays may be: the last day of class is looked for so far back.
LONGEST_SUMMER = 120
EVERY_GROUP = "*"
LEFT, UNCHANGED = "left", "unchanged"


@dataclass(frozen=True, kw_only=True)
class Move:
    """Where the children of a site and group go; `group` `*` is every group of it that no other move names.

    `to_site_id` empty: to the same site; `to_group` None: into a group of the same name. `leaves`: they go elsewhere.
    """

    site_id: str
    group: str
    to_site_id: str = ""
    to_group: str | None = None
    leaves: bool = False


@dataclass(frozen=True, kw_only=True)
class OneChild:
    """What holds for a child, by the town's reference, whatever its group does: one that repeats a class, say."""

    reference: str
    to_site_id: str = ""
    to_group: str | None = None
    leaves: bool = False


@dataclass(frozen=True, kw_only=True)
class SchoolYear:
    """Enrolments from `starts` to `ends` for those enrolled on `enrolled_on` in one of the programmes."""

    starts: date
    ends: date
    enrolled_on: date
    programme_ids: frozenset[str]
    moves: Sequence[Move]
    exceptions: Mapping[str, OneChild] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """A child that no move says anything of, or one to a site the programme has not."""

    reference: str
    programme_id: str
    site_id: str
    group: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Advanced:
    """A child in the new year. `outcomes` counts its programmes: created, unchanged, left, unplaced."""

    enrolled: Enrolled
    outcomes: Counter[str]
    unplaced: tuple[Unplaced, ...] = ()


class UnusableYear(BadInput):
    code = "unusable-school-year"
    title = N_("Unusable school year")
    sentence = N_("The children cannot be moved into a new school year so.")
    remedy = N_("Correct what “errors” names and send it again.")


def checked(year: SchoolYear, catalogue: Catalogue) -> SchoolYear:
    """Raises `UnusableYear`."""
    if faults := list(_faults(year, catalogue)):
        raise UnusableYear([{"in": "body", "field": name, "message": said, "facts": {}} for name, said in faults])
    return year


def _faults(year: SchoolYear, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if not 0 <= (year.ends - year.starts).days <= 400:
        yield "until", N_("A school year lasts at most 400 days.")
    if year.enrolled_on >= year.starts:
        yield "enrolled_on", N_("The children of the old year are those of a day before the new one.")
    if not year.programme_ids or not year.programme_ids <= catalogue.programmes.keys():
        yield "programme_ids", N_("One of these is no programme of the town.")
    named = Counter((move.site_id, move.group) for move in year.moves)
    if named and max(named.values()) > 1:
        yield "moves", N_("Two moves are for the same site and group.")
    sites = {move.to_site_id for move in year.moves} | {one.to_site_id for one in year.exceptions.values()}
    if not sites - {""} <= catalogue.sites.keys():
        yield "moves", N_("One of these is no site of the town.")


def end_of_school_year(day: date) -> date:
    """The thirty-first of August after the first of September on or before the day."""
    begins = school_year_of(day)
    return date(begins.year + 1, begins.month, begins.day) - timedelta(days=1)


def last_day_of_class(calendar: TownCalendar, before: date) -> date:
    """The last school day before that day; a year's summer back when the calendar has none."""
    days = (before - timedelta(days=back) for back in range(1, LONGEST_SUMMER + 1))
    return next(
        (day for day in days if calendar.kind_of(day).kind is DayKind.SCHOOL_DAY),
        before - timedelta(days=LONGEST_SUMMER),
    )


def advance(reference: str, known: Enrolled, year: SchoolYear, programmes: Mapping[str, Programme]) -> Advanced:
    """The child's enrolments with those of the new year, and what became of each programme.

    An old enrolment that goes on into the new year ends before it, for who moves and who leaves.
    """
    new: list[Enrolment] = []
    over: list[Enrolment] = []
    unplaced: list[Unplaced] = []
    outcomes: Counter[str] = Counter()
    for old in _of_old_year(known, year):
        found = _next(reference, known, old, year, programmes[old.programme_id])
        if isinstance(found, Unplaced):
            unplaced.append(found)
        if isinstance(found, Enrolment):
            new.append(found)
        if isinstance(found, Enrolment) or found == LEFT:
            over.append(old)
        outcomes[_outcome(found)] += 1
    eve = year.starts - timedelta(days=1)
    kept = [replace(one, ends=min(one.ends, eve)) if one in over else one for one in known.enrolments]
    changed = bool(new) or kept != list(known.enrolments)
    after = replace(known, enrolments=tuple(sorted([*kept, *new], key=name_of))) if changed else known
    return Advanced(enrolled=after, outcomes=outcomes, unplaced=tuple(unplaced))


def _outcome(found: Enrolment | Unplaced | str) -> str:
    if isinstance(found, Enrolment):
        return "created"
    return "unplaced" if isinstance(found, Unplaced) else found


def _of_old_year(known: Enrolled, year: SchoolYear) -> list[Enrolment]:
    """Of each programme the one that counts that day."""
    there = (one for one in known.enrolments if one.starts <= year.enrolled_on <= one.ends)
    latest = {one.programme_id: one for one in sorted(there, key=lambda one: one.starts)}
    return [one for programme_id, one in sorted(latest.items()) if programme_id in year.programme_ids]


def _next(
    reference: str, known: Enrolled, old: Enrolment, year: SchoolYear, programme: Programme
) -> Enrolment | Unplaced | str:
    if any(one.programme_id == old.programme_id and year.starts <= one.starts <= year.ends for one in known.enrolments):
        return UNCHANGED
    move = year.exceptions.get(reference) or _move_of(old, year.moves)
    if move is None:
        return _unplaced(reference, old, N_("No move names this site and group."))
    if move.leaves:
        return LEFT
    site_id = move.to_site_id or old.site_id
    if site_id not in programme.site_ids:
        return _unplaced(reference, old, N_("The programme does not take place at the new site."))
    group = old.group if move.to_group is None else move.to_group
    return replace(old, id="", site_id=site_id, group=group, starts=year.starts, ends=year.ends)


def _move_of(old: Enrolment, moves: Sequence[Move]) -> Move | None:
    here = {move.group: move for move in moves if move.site_id == old.site_id}
    return here.get(old.group) or here.get(EVERY_GROUP)


def _unplaced(reference: str, old: Enrolment, reason: str) -> Unplaced:
    return Unplaced(
        reference=reference, programme_id=old.programme_id, site_id=old.site_id, group=old.group, reason=reason
    )
