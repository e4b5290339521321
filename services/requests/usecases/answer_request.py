"""An agent of the town answers a request, once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.towns import Towns
from shared.clock import Clock
from shared.contracts import Event
from shared.contracts.requests import Decision


class Requests(Protocol):
    async def of_towns(self, request_id: str, municipality_ids: Collection[str]) -> Request: ...
    async def answer(self, request: Request, events: tuple[Event, ...], at: datetime) -> None: ...


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
) -> Request:
    """Raises `NotFound`, `AlreadyAnswered`, `EffectIncomplete`, `Conflict`."""
    request = await requests.of_towns(request_id, municipality_ids)
    now = moment(clock)
    zone = await towns.zone(request.municipality_id)
    answered, told, written = request.answered(decision, message, account_id, now, zone, given=given)
    quotient = request.accepted_quotient(given or {}, zone) if decision == "accepted" else None
    await requests.answer(answered, (told, written, *([quotient] if quotient else [])), now)
    return answered
