"""The port every use case that names an instant needs: where the town's clocks stand."""

from typing import Protocol
from zoneinfo import ZoneInfo


class Towns(Protocol):
    async def zone(self, municipality_id: str) -> ZoneInfo: ...
