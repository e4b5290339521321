"""The port of whoever changes a household and an account together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.identity.domain.accounts import Account
from services.identity.domain.households import Household
from shared.contracts import Event


class Writes(Protocol):
    async def save(
        self,
        *,
        at: datetime,
        municipality_id: str = "",
        household: tuple[Household, Sequence[Event]] | None = None,
        account: tuple[Account, Sequence[Event]] | None = None,
    ) -> None:
        """All or nothing. Raises `Conflict`, and `AccountExists` when an account takes an address that has one."""
