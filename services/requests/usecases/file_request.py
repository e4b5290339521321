"""A family submits its draft, once."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from services.requests.domain.processing.receiving import acknowledged
from services.requests.domain.refusals import AlreadyFiled
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.towns import Offices
from shared.clock import Clock
from shared.contracts import Event
from shared.errors import Conflict, KeyReused


class Requests(Protocol):
    async def of_household(self, request_id: str, household_id: str) -> Request: ...
    async def filed_with(self, household_id: str, key: str) -> tuple[Request, str] | None: ...
    async def file(
        self, request: Request, events: Sequence[Event], *, key: str, fingerprint: str, at: datetime
    ) -> None: ...


class Quotas(Protocol):
    async def release_request(self, request_id: str, household_id: str) -> None: ...


async def as_it_is(request: Request) -> Request:
    return request


async def file_request(
    request_id: str,
    *,
    key: str,
    fingerprint: str,
    account_id: str,
    household_id: str,
    requests: Requests,
    quotas: Quotas,
    towns: Offices,
    clock: Clock,
    held: Callable[[Request], Awaitable[Request]] = as_it_is,
) -> Request:
    """The request as filed, the same for the same key. `held`: the draft with the slots that need not be filled.

    Raises `NotFound`, `AlreadyFiled`, `RequestIncomplete`,
    `KeyReused`, `Conflict`."""
    if done := await _done_before(household_id, key, fingerprint, requests):
        return done
    request = await requests.of_household(request_id, household_id)
    now = moment(clock)
    try:
        office = await towns.office(request.municipality_id)
        draft, event = (await held(request)).filed(account_id, now, office.zone)
        filed, receipt = acknowledged(draft, office, now)
        await requests.file(filed, (event, receipt), key=key, fingerprint=fingerprint, at=now)
    except (AlreadyFiled, Conflict):
        # The same click may have come twice at the same moment: the other one's effect is this one's answer.
        if done := await _done_before(household_id, key, fingerprint, requests):
            return done
        raise
    await quotas.release_request(request_id, household_id)
    return filed


async def _done_before(household_id: str, key: str, fingerprint: str, requests: Requests) -> Request | None:
    found = await requests.filed_with(household_id, key)
    if found is None:
        return None
    request, used_for = found
    if used_for != fingerprint:
        raise KeyReused()
    return request
