"""Open a closed month again, for corrections: its sheets change as before, and the next closing tells them anew.

The taking back is written first, then every sheet is opened, then it is told. The same key, or the sweeper after a
crash, goes on where it stopped.
"""

from dataclasses import dataclass, replace

from services.reservations.domain.closing import Closing, Reopening
from services.reservations.domain.month_view import days_of
from services.reservations.domain.refusals_of_closing import ClosingUnderWay, MonthNotClosed
from services.reservations.domain.sheet import shown_month
from services.reservations.usecases.close_month import Office
from shared.errors import KeyReused, NotFound


@dataclass(frozen=True, kw_only=True)
class ReopeningAsked:
    municipality_id: str
    programme_id: str
    month: str
    reason: str
    by: str
    key: str
    fingerprint: str


async def reopen_month(asked: ReopeningAsked, office: Office) -> Closing:
    """The closing that was taken back; the same key answers the same.

    Raises `NotFound`, `KeyReused`, `MonthNotClosed`, `ClosingUnderWay`.
    """
    town = await office.catalogue.town_of_programme(asked.programme_id)
    if town.municipality_id != asked.municipality_id:
        raise NotFound()
    days_of(asked.month)
    begun = await office.closings.reopened_with(asked.municipality_id, asked.key)
    return await finish_reopening(begun or await _begin(asked, office), office, asked.fingerprint)


async def _begin(asked: ReopeningAsked, office: Office) -> Closing:
    closing = await office.closings.latest(asked.municipality_id, asked.programme_id, asked.month)
    if closing is None or closing.state == "reopened":
        raise MonthNotClosed(month=shown_month(asked.month))
    reopening = Reopening(
        key=asked.key, fingerprint=asked.fingerprint, reason=asked.reason, by=asked.by, at=office.clock()
    )
    if not await office.closings.begin_reopening(closing, reopening):
        raise ClosingUnderWay(month=shown_month(asked.month))
    return replace(closing, state="reopening", reopening=reopening)


async def finish_reopening(closing: Closing, office: Office, fingerprint: str | None = None) -> Closing:
    """Do what is left of it. `fingerprint`: of who asks again under its key."""
    if fingerprint and closing.reopening and closing.reopening.fingerprint != fingerprint:
        raise KeyReused()
    if closing.state != "reopening":
        return closing
    await office.sheets.reopen(closing.municipality_id, closing.programme_id, closing.month)
    return await office.closings.finish_reopening(closing, now=office.clock())
