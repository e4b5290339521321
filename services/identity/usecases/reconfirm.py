"""The yearly reading of the file: asking every household of a town, and answering."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Protocol

from services.identity.domain.confirmations import Confirmation, NothingToConfirm, check_day
from services.identity.domain.municipalities import Municipality
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import NotFound


class Towns(Protocol):
    async def get(self, municipality_id: str) -> Municipality: ...


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
    asked = 0
    async for household_ids in confirmations.joined(municipality_id):
        known = await confirmations.of_town(municipality_id, household_ids)
        new = [
            _asked(municipality_id, household_id, until, now, known.get(household_id))
            for household_id in household_ids
            if household_id not in known or known[household_id].until != until
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
