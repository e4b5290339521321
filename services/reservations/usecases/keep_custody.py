"""Keep whose days are whose, for children of two households, as identity tells it."""

from typing import Protocol

from shared.contracts import Told
from shared.contracts.households import CustodyPlanned


class Plans(Protocol):
    async def keep(self, told: CustodyPlanned, sequence: int) -> None: ...


async def keep_custody(told: Told[CustodyPlanned], *, custody: Plans) -> None:
    """From now on each household books and cancels on its own days only."""
    await custody.keep(told.event, told.sequence)
