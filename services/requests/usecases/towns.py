"""The ports of use cases that name an instant or count days: where the town's clocks stand, when its hall works."""

from typing import Protocol
from zoneinfo import ZoneInfo

from services.requests.domain.working_days import Office


class Towns(Protocol):
    async def zone(self, municipality_id: str) -> ZoneInfo: ...


class Offices(Protocol):
    async def zone(self, municipality_id: str) -> ZoneInfo: ...
    async def office(self, municipality_id: str) -> Office: ...
