"""Close a programme's month: every sheet becomes final and tells its days, then the month is told closed.

The closing is written first. From then on no new sheet of the month gets a day, and each existing one either gets its
change before it is closed, or not at all. The same key, or the sweeper after a crash, goes on where it stopped.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.reservations.domain.closing import Anomaly, Closing, Reopening, closing_id, findings, refuse_running_month
from services.reservations.domain.month_view import days_of
from services.reservations.domain.programmes import Programme
from services.reservations.domain.refusals import AlreadyClosed, DaysUnmarked, PaymentsPending
from services.reservations.domain.refusals_of_closing import RequestsUndecided
from services.reservations.domain.sheet import Change, Sheet, shown_month
from services.reservations.domain.town import Town
from shared.clock import Clock
from shared.errors import Conflict, KeyReused, NotFound

ROUNDS = 20
BATCH = 200


class Towns(Protocol):
    async def town(self, municipality_id: str) -> Town: ...
    async def town_of_programme(self, programme_id: str) -> Town: ...


class Sheets(Protocol):
    async def of_programme(self, municipality_id: str, programme_id: str, month: str) -> list[Sheet]: ...
    async def write_all(self, changes: Sequence[tuple[Sheet, Change]], *, now: datetime) -> bool: ...
    async def reopen(self, municipality_id: str, programme_id: str, month: str) -> None: ...


class Closings(Protocol):
    async def by_key(self, municipality_id: str, key: str) -> Closing | None: ...
    async def latest(self, municipality_id: str, programme_id: str, month: str) -> Closing | None: ...
    async def begin(self, closing: Closing) -> Closing | None: ...
    async def finish(self, closing: Closing, sheets: int, *, now: datetime) -> Closing: ...
    async def reopened_with(self, municipality_id: str, key: str) -> Closing | None: ...
    async def begin_reopening(self, closing: Closing, reopening: Reopening) -> bool: ...
    async def finish_reopening(self, closing: Closing, *, now: datetime) -> Closing: ...


@dataclass(frozen=True, kw_only=True)
class Office:
    """What closing a month, and opening it again, reads and writes."""

    catalogue: Towns
    sheets: Sheets
    closings: Closings
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class ClosingAsked:
    """`accepted`: the anomalies that may stand, one by one; `accept_anomalies`: whatever they are."""

    municipality_id: str
    programme_id: str
    month: str
    accept_anomalies: bool
    key: str
    fingerprint: str
    accepted: frozenset[Anomaly] = frozenset()


async def close_month(asked: ClosingAsked, office: Office) -> Closing:
    """The closing, done; the same key answers the same. Raises what refuses it."""
    town = await office.catalogue.town_of_programme(asked.programme_id)
    if town.municipality_id != asked.municipality_id:
        raise NotFound()
    days_of(asked.month)
    begun = await office.closings.by_key(asked.municipality_id, asked.key)
    if begun is not None and begun.fingerprint != asked.fingerprint:
        raise KeyReused()
    return await finish_closing(begun or await _begin(asked, town, office), office)


async def finish_closing(closing: Closing, office: Office) -> Closing:
    """Do what is left of it."""
    if closing.state != "closing":
        return closing
    town = await office.catalogue.town(closing.municipality_id)
    programme = town.programme(closing.programme_id)
    for _ in range(ROUNDS):
        sheets = await office.sheets.of_programme(closing.municipality_id, closing.programme_id, closing.month)
        left = [sheet for sheet in sheets if not sheet.closed]
        if not left:
            told = sum(bool(sheet.days) for sheet in sheets)
            return await office.closings.finish(closing, told, now=office.clock())
        # A sheet that still waits for a payment or a decision can not be final; the sweeper comes back for it.
        _refuse_pending(left)
        await _close(left, closing, programme, office)
    raise Conflict()


async def _close(left: list[Sheet], closing: Closing, programme: Programme, office: Office) -> None:
    for start in range(0, len(left), BATCH):
        batch = [(sheet, sheet.close(closing.id, programme)) for sheet in left[start : start + BATCH]]
        await office.sheets.write_all(batch, now=office.clock())


async def _begin(asked: ClosingAsked, town: Town, office: Office) -> Closing:
    refuse_running_month(asked.month, town.calendar, office.clock())
    sheets = await office.sheets.of_programme(asked.municipality_id, asked.programme_id, asked.month)
    _refuse_pending(sheets)
    anomalies = _anomalies(sheets)
    if not asked.accept_anomalies:
        _refuse_unaccepted([one for one in anomalies if one not in asked.accepted])
    before = await office.closings.latest(asked.municipality_id, asked.programme_id, asked.month)
    # While the latest stands, its own name is taken: `begin` then finds the same key, or refuses.
    round_ = before.round + (before.state == "reopened") if before else 1
    closing = Closing(
        id=closing_id(asked.programme_id, asked.month, round_),
        municipality_id=asked.municipality_id,
        programme_id=asked.programme_id,
        month=asked.month,
        key=asked.key,
        fingerprint=asked.fingerprint,
        anomalies=anomalies,
        round=round_,
    )
    begun = await office.closings.begin(closing)
    if begun is None:
        raise AlreadyClosed(month=shown_month(asked.month))
    if begun.fingerprint != asked.fingerprint:
        raise KeyReused()
    return begun


def _refuse_pending(sheets: Sequence[Sheet]) -> None:
    pending = sum(entry.state == "held" for sheet in sheets for entry in sheet.days.values())
    if pending:
        raise PaymentsPending(count=pending)
    undecided = [one for one in findings(sheets) if one.kind in ("requested", "cancellation_asked")]
    if undecided:
        raise RequestsUndecided(count=len(undecided))


def _refuse_unaccepted(anomalies: Collection[Anomaly]) -> None:
    if anomalies:
        listed = [{"child_id": a.child_id, "activity_id": a.activity_id, "date": a.date.isoformat()} for a in anomalies]
        raise DaysUnmarked(count=len(anomalies), anomalies=listed)


def _anomalies(sheets: Sequence[Sheet]) -> tuple[Anomaly, ...]:
    return tuple(
        Anomaly(child_id=sheet.key.child_id, activity_id=activity_id, date=day)
        for sheet in sheets
        for activity_id, day in sheet.unmarked()
    )
