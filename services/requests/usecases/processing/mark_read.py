"""Somebody of a household, or an agent of the town, has seen a request up to a version."""

from typing import Protocol

from services.requests.domain.processing.reading import Side, marked_read
from services.requests.domain.requests import Request
from services.requests.usecases.processing import desk
from shared.errors import Conflict

TRIES = 5


class Requests(desk.Requests, Protocol):
    async def save_read(self, request: Request) -> None: ...


async def mark_read(act: desk.AgentAct | desk.FamilyAct, version: int, *, requests: Requests) -> Request:
    """Raises `NotFound`, `Conflict`."""
    side: Side = "agents" if isinstance(act, desk.AgentAct) else "family"
    for left in reversed(range(TRIES)):
        request = marked_read(await act.request(requests), side, version)
        try:
            await requests.save_read(request)
        except Conflict:
            if not left:
                raise
            continue
        return request
    raise Conflict()
