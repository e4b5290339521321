"""The daily look at households nobody signs in for."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.inactivity import Notice, Patience, Silent, notices_told
from services.identity.usecases.erasures import Accounts, Erasures, Households, ask_erasure
from shared.contracts import Event


class Inactivity(Protocol):
    def silent(self, since: datetime) -> AsyncIterator[Silent]: ...
    async def notice(self, household_id: str) -> Notice | None: ...
    async def tell(self, notice: Notice, events: Sequence[Event], municipality_id: str) -> None: ...


async def end_inactive(
    now: datetime,
    *,
    patience: Patience,
    inactivity: Inactivity,
    accounts: Accounts,
    households: Households,
    erasures: Erasures,
) -> int:
    """How many were told or are erased now."""
    done = 0
    async for silent in inactivity.silent(patience.silent_since(now)):
        notice = await inactivity.notice(silent.household_id)
        if notice is None or not notice.still_holds(silent):
            fresh = patience.notice_of(silent, now)
            await inactivity.tell(fresh, notices_told(silent, fresh), silent.municipality_id)
        elif now.date() >= notice.erased_on:
            await ask_erasure(
                silent.household_id,
                asked_by="inactivity",
                accounts=accounts,
                households=households,
                erasures=erasures,
                clock=lambda: now,
            )
        else:
            continue
        done += 1
    return done
