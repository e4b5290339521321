"""The yearly reading of the file: asking every household of a town, and answering."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Protocol

from services.identity.domain.confirmations import PEACE, Confirmation, NothingToConfirm, campaign_until, check_day
from services.identity.domain.municipalities import Municipality
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict, NotFound


class Towns(Protocol):
    async def get(self, municipality_id: str) -> Municipality: ...


class EveryTown(Protocol):
    async def all(self) -> list[Municipality]: ...


class Confirmations(Protocol):
    def joined(self, municipality_id: str) -> AsyncIterator[list[str]]: ...
    async def of_town(self, municipality_id: str, household_ids: Sequence[str]) -> dict[str, Confirmation]: ...

    async def save_all(
        self, municipality_id: str, changed: Sequence[tuple[Confirmation, Sequence[Event]]], at: datetime
    ) -> None:
        """Raises `Conflict`."""


async def ask_for_confirmation(
    municipality_id: str, until: date, *, towns: Towns, confirmations: Confirmations, clock: Clock
) -> int:
    """How many households were asked now; asked again with the same day, only those that joined since.

    Raises `DayPassed`, `Conflict`.
    """
    now = clock()
    zone = (await towns.get(municipality_id)).zone
    check_day(until, now.astimezone(zone).date())
    return await _ask(municipality_id, until, now, lambda known: known.until != until, confirmations)


async def begin_campaigns(*, towns: EveryTown, confirmations: Confirmations, clock: Clock) -> int:
    """Asks the households of every town whose month of the year has come, by its own calendar; how many were asked.

    Repeated, only those that joined since are asked. Whoever was asked by hand not long ago is left in peace. A town
    whose households change at this very moment is asked again with the next round.
    """
    now, asked = clock(), 0
    for town in await towns.all():
        until = campaign_until(town.reconfirmation_month, now.astimezone(town.zone))
        if until:
            with suppress(Conflict):
                asked += await _ask(town.id, until, now, lambda known: known.asked_at < now - PEACE, confirmations)
    return asked


async def _ask(
    municipality_id: str,
    until: date,
    now: datetime,
    again: Callable[[Confirmation], bool],
    confirmations: Confirmations,
) -> int:
    """Those never asked, and of the others those `again` says."""
    asked = 0
    async for household_ids in confirmations.joined(municipality_id):
        known = await confirmations.of_town(municipality_id, household_ids)
        new = [
            _asked(municipality_id, household_id, until, now, known.get(household_id))
            for household_id in household_ids
            if household_id not in known or again(known[household_id])
        ]
        await confirmations.save_all(municipality_id, [(one, [one.asked_told()]) for one in new], now)
        asked += len(new)
    return asked


def _asked(
    municipality_id: str, household_id: str, until: date, now: datetime, known: Confirmation | None
) -> Confirmation:
    if known:
        return known.asked_again(until, now)
    return Confirmation(municipality_id=municipality_id, household_id=household_id, until=until, asked_at=now)


async def confirm_file(
    household_id: str,
    municipality_id: str,
    *,
    municipality_ids: frozenset[str],
    confirmations: Confirmations,
    clock: Clock,
) -> Confirmation:
    """`municipality_ids`: the household's. Raises `NotFound`, `NothingToConfirm`, `Conflict`."""
    if municipality_id not in municipality_ids:
        raise NotFound()
    known = (await confirmations.of_town(municipality_id, [household_id])).get(household_id)
    if known is None:
        raise NothingToConfirm()
    now = clock()
    confirmed, told = known.confirmed(now)
    await confirmations.save_all(municipality_id, [(confirmed, [told])], now)
    return confirmed
