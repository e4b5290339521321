"""Warning the owner of an account: of a device never seen before, of a token used twice, of sessions ended."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.devices import Devices
from services.identity.domain.notices import NEW_DEVICE, notice
from shared.contracts import Event
from shared.errors import Conflict

TRIES = 3


class DeviceBook(Protocol):
    async def of(self, account_id: str) -> Devices: ...

    async def save(self, devices: Devices, events: Sequence[Event], at: datetime) -> None:
        """Raises `Conflict`."""


@dataclass(frozen=True, kw_only=True)
class Warnings:
    book: DeviceBook

    async def signed_in(self, account: Account, device: str, at: datetime) -> None:
        """Remember the device; its owner hears of one that is new. Two sign-ins at once tell it once."""
        for _ in range(TRIES):
            devices = await self.book.of(account.id)
            if not devices.is_worth_noting(device, at):
                return
            told = [notice(account, NEW_DEVICE, at, device=device)] if devices.is_new(device, at) else []
            try:
                await self.book.save(devices.used(device, at), told, at)
            except Conflict:
                continue
            return

    async def tell(self, account: Account, kind: str, at: datetime, device: str = "") -> None:
        """Raises `Conflict` when others keep writing."""
        told = [notice(account, kind, at, device=device)]
        for _ in range(TRIES - 1):
            with suppress(Conflict):
                await self.book.save(await self.book.of(account.id), told, at)
                return
        await self.book.save(await self.book.of(account.id), told, at)
