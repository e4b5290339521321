"""An agent of the town answers a request, once until it is reopened."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from services.requests.domain.apart import told_apart
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.processing.desk import as_read
from services.requests.usecases.towns import Towns
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.requests import Decision


class Requests(Protocol):
    async def of_towns(self, request_id: str, municipality_ids: Collection[str]) -> Request: ...
    async def save_work(self, request: Request, events: tuple[Event, ...], at: datetime) -> None: ...


async def answer_request(
    request_id: str,
    decision: Decision,
    message: str,
    *,
    account_id: str,
    municipality_ids: Collection[str],
    requests: Requests,
    towns: Towns,
    clock: Clock,
    given: Mapping[str, str] | None = None,
    if_match: str = "",
) -> Request:
    """Raises `NotFound`, `AlreadyAnswered`, `AlreadyWithdrawn`, `EffectIncomplete`, `VersionPassed`, `Conflict`."""
    request = as_read(await requests.of_towns(request_id, municipality_ids), if_match)
    now = moment(clock)
    zone = await towns.zone(request.municipality_id)
    answered, told, written = request.answered(decision, message, account_id, now, zone, given=given)
    await requests.save_work(answered, (told, written, *told_apart(answered, decision, given or {}, zone)), now)
    return answered
