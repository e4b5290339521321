"""The towns of this portal: public, and the same for everybody for a minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from services.portal.api import ask
from shared.clock import Clock

KEPT = timedelta(minutes=1)
Town = dict[str, Any]


class Towns:
    """What identity last said of them; each is as in `GET /municipalities`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: list[Town] = []
        self._until: datetime | None = None

    async def all(self, request: web.Request) -> list[Town]:
        if self._until is None or self._until <= self._clock():
            await self._ask(request)
        return self._known

    async def by_id(self, request: web.Request, needed: Iterable[str]) -> dict[str, Town]:
        """All of them; asks again when one that is needed has only just been opened."""
        known = {town["municipality_id"]: town for town in await self.all(request)}
        if not set(needed) <= known.keys():
            await self._ask(request)
        return {town["municipality_id"]: town for town in self._known}

    async def _ask(self, request: web.Request) -> None:
        self._known = await ask(request, "GET", "/municipalities", anonymous=True)
        self._until = self._clock() + KEPT


TOWNS: web.AppKey[Towns] = web.AppKey("towns", Towns)
