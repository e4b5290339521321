"""Who does something with a request, and what doing it takes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.requests.domain.requests import Request
from services.requests.usecases.towns import Offices
from shared.clock import Clock
from shared.contracts import Event
from shared.versions import check_version


class Requests(Protocol):
    async def of_households(self, request_id: str, household_ids: Collection[str]) -> Request: ...
    async def of_towns(self, request_id: str, municipality_ids: Collection[str]) -> Request: ...
    async def save_work(self, request: Request, events: Sequence[Event], at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Desk:
    requests: Requests
    towns: Offices
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class AgentAct:
    """An agent about to change a request. `if_match`: the version they read, when they say it."""

    request_id: str
    account_id: str
    municipality_ids: Collection[str]
    if_match: str = ""

    async def request(self, requests: Requests) -> Request:
        """Raises `NotFound`, `VersionPassed`."""
        return as_read(await requests.of_towns(self.request_id, self.municipality_ids), self.if_match)


@dataclass(frozen=True, kw_only=True)
class FamilyAct:
    """A guardian about to change a request of their household, or of one merged into it."""

    request_id: str
    account_id: str
    household_ids: Collection[str]
    if_match: str = ""

    async def request(self, requests: Requests) -> Request:
        """Raises `NotFound`, `VersionPassed`."""
        return as_read(await requests.of_households(self.request_id, self.household_ids), self.if_match)


def as_read(request: Request, if_match: str) -> Request:
    """Without a version the change is only kept from meeting another one half-way. Raises `VersionPassed`."""
    if if_match:
        check_version(if_match, request.version)
    return request
