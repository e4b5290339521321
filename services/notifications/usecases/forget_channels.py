"""Nobody signs in with an account any more: its devices are told nothing, and what an agent chose is forgotten."""

from typing import Protocol

from shared.contracts import Told
from shared.contracts.identity import AccountClosed


class Channels(Protocol):
    async def forget_account(self, account_id: str) -> None: ...


async def forget_channels(told: Told[AccountClosed], *, devices: Channels, preferences: Channels) -> None:
    """A guardian stays one without an account, with what they chose; harmless when repeated."""
    await devices.forget_account(told.event.account_id)
    await preferences.forget_account(told.event.account_id)
