"""A cancellation by the town, in one act: declared, carried out in the background, told once, and maybe undone.

cancelling → telling → waiting → cancelling … until a pass finds nothing more → done; done → restoring → undone. A
booking that was decided before the town said no may be written a moment later: only a pass that began a minute after
the one before it, and found nothing, is the last one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.reservations.domain.bookable import RosterChild
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals_of_decisions import DisruptionPast, NothingInScope
from services.reservations.domain.sheet import Change, Sheet, Slot, in_order, month_of
from services.reservations.domain.suspension import Suspension
from services.reservations.domain.town import Town
from shared.contracts.reservations_by_town import DisruptionDeclared, DisruptionFinished, DisruptionUndone, Reason

State: TypeAlias = Literal["cancelling", "telling", "waiting", "done", "restoring", "undone"]
UNDOABLE: tuple[State, ...] = ("waiting", "done")
"""Nobody is at work on it: what was cancelled so far is all there is to restore."""
ACTIVE: tuple[State, ...] = ("cancelling", "telling", "waiting", "restoring")
# Longer than any request lives, and than any process remembers an older town.
LEEWAY = timedelta(minutes=1)
GOING = ("booked", "requested")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """`held`: days that still wait for a payment; they are cancelled, and given back, once it came or failed."""

    households: int = 0
    children: int = 0
    days: int = 0
    held: int = 0
    restored: int = 0
    lost: int = 0


@dataclass(frozen=True, kw_only=True)
class Disruption:
    """`step` counts the programmes and months of its scope that are through, `after` is the last sheet looked at in
    the present one; `found`: days met in this pass. `counts` grow while it goes.
    """

    id: str
    municipality_id: str
    key: str
    fingerprint: str
    suspension: Suspension
    reason: Reason
    message: str
    message_en: str
    by: str
    declared_at: datetime
    state: State = "cancelling"
    step: int = 0
    after: str = ""
    passes: int = 0
    found: int = 0
    counts: Counts = field(default_factory=Counts)
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undo_key: str = ""
    version: int = 0

    def plan(self, town: Town) -> Sequence[tuple[str, str]]:
        """The programmes and months to go through."""
        wanted = {town.activity(activity_id).programme_id for activity_id in self.suspension.activity_ids}
        months = months_between(self.suspension.starts, self.suspension.ends)
        return [(programme_id, month) for programme_id in sorted(wanted) for month in months]

    def stepped(self, after: str, cancelled: int, held: int, *, through: bool) -> "Disruption":
        """After some sheets of one programme and month; `through`: there are no more of it."""
        counts = replace(self.counts, held=self.counts.held + held)
        met = replace(self, found=self.found + cancelled + held, counts=counts)
        return replace(met, step=self.step + 1, after="") if through else replace(met, after=after)

    def told(self) -> "Disruption":
        """After every family was told: done when nothing more was found, else once more in a while."""
        if self.passes and not self.found:
            return replace(self, state="done")
        return replace(self, state="waiting", passes=self.passes + 1)

    def again(self) -> "Disruption":
        return replace(self, state="cancelling", step=0, after="", found=0, counts=replace(self.counts, held=0))

    def undoing(self, key: str) -> "Disruption":
        return replace(self, state="restoring", after="", undo_key=key)

    def declared(self) -> DisruptionDeclared:
        scope = self.suspension
        return DisruptionDeclared(
            disruption_id=self.id,
            municipality_id=self.municipality_id,
            activity_ids=tuple(sorted(scope.activity_ids)),
            site_ids=tuple(sorted(scope.site_ids)),
            groups=tuple(sorted(scope.groups)),
            starts=scope.starts,
            ends=scope.ends,
            reason=self.reason,
        )

    def finished(self) -> DisruptionFinished:
        return DisruptionFinished(
            disruption_id=self.id,
            municipality_id=self.municipality_id,
            households=self.counts.households,
            children=self.counts.children,
            days=self.counts.days,
        )

    def undone(self) -> DisruptionUndone:
        return DisruptionUndone(
            disruption_id=self.id,
            municipality_id=self.municipality_id,
            days=self.counts.restored,
            lost=self.counts.lost,
        )


@dataclass(frozen=True, kw_only=True)
class Touched:
    """A household with days in the scope; `told` is how many days it was told of."""

    household_id: str
    sheet_ids: tuple[str, ...]
    told: int
    version: int


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a town wants to cancel, as it says it."""

    programme_ids: frozenset[str]
    activity_ids: frozenset[str]
    site_ids: frozenset[str]
    groups: frozenset[str]
    starts: date
    ends: date

    def programmes(self, town: Town) -> frozenset[str]:
        """Raises `NotFound` for what is not the town's."""
        named = {town.programme(programme_id).id for programme_id in self.programme_ids}
        return frozenset(named | {town.activity(activity_id).programme_id for activity_id in self.activity_ids})

    def suspension(self, disruption_id: str, town: Town, label: str, today: date) -> Suspension:
        """Raises `NotFound`, `NothingInScope`, `DisruptionPast`."""
        if self.starts < today:
            raise DisruptionPast(date=today)
        whole = (activity.id for name in self.programme_ids for activity in town.programme(name).activities)
        named = frozenset({*whole, *(town.activity(activity_id).id for activity_id in self.activity_ids)})
        if not named:
            raise NothingInScope()
        return Suspension(
            id=disruption_id,
            activity_ids=_with_dependents(named, town),
            site_ids=frozenset(town.site(site_id).id for site_id in self.site_ids),
            groups=self.groups,
            starts=self.starts,
            ends=self.ends,
            label=label,
        )


def _with_dependents(activity_ids: frozenset[str], town: Town) -> frozenset[str]:
    """With what requires one of them the same day: it cannot take place alone."""
    every = [activity for programme in town.programmes.values() for activity in programme.activities]
    found = activity_ids
    while more := {activity.id for activity in every if activity.requires & found} - found:
        found |= more
    return found


def plan_of(suspension: Suspension, town: Town) -> Sequence[tuple[str, str]]:
    """The programmes and months to go through."""
    wanted = {town.activity(activity_id).programme_id for activity_id in suspension.activity_ids}
    months = months_between(suspension.starts, suspension.ends)
    return [(programme_id, month) for programme_id in sorted(wanted) for month in months]


def months_between(starts: date, ends: date) -> list[str]:
    months, day = [], starts.replace(day=1)
    while day <= ends:
        months.append(month_of(day))
        day = (day + timedelta(days=31)).replace(day=1)
    return months


def slots_in(sheet: Sheet, suspension: Suspension, child: RosterChild | None, states: Iterable[str]) -> list[Slot]:
    """The days of the sheet in the scope that are in one of the states."""
    if sheet.closed:
        return []
    wanted = set(states)
    return [
        slot
        for slot, entry in sheet.days.items()
        if entry.state in wanted and suspension.holds(*slot, sheet.key.programme_id, child)
    ]


def cancelled_by(sheet: Sheet, disruption_id: str) -> tuple[Slot, ...]:
    """The days that went with it and were not booked otherwise since."""
    return in_order(
        slot for slot, entry in sheet.days.items() if entry.state == "cancelled" and entry.disruption == disruption_id
    )


def restored_by(sheet: Sheet, disruption_id: str) -> tuple[Slot, ...]:
    """The days that went with it and are booked again since it was undone."""
    return in_order(
        slot for slot, entry in sheet.days.items() if entry.state == "booked" and entry.disruption == disruption_id
    )


def cancelling(
    sheet: Sheet, slots: Iterable[Slot], programme: Programme, disruption: Disruption, *, now: datetime
) -> Change:
    """Never billed, whatever the regulation says of cancellations."""
    return sheet.cancel(slots, programme, kind="service", at=now, disruption=disruption.id)


def restorable(sheet: Sheet, disruption_id: str, programme: Programme, today: date) -> tuple[Slot, ...]:
    """Days that may be booked again as they were; what was prepaid is given back instead, and must be booked anew."""
    if sheet.closed or programme.billing_mode == "prepaid":
        return ()
    return tuple(slot for slot in cancelled_by(sheet, disruption_id) if slot[1] >= today)
