"""A family sends what it was asked for."""

from typing import Protocol

from services.requests.domain.processing.asking import completed
from services.requests.domain.records import Sending
from services.requests.domain.refusals_of_processing import NothingAsked
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.processing.desk import Desk, FamilyAct
from shared.errors import Conflict, KeyReused


class Quotas(Protocol):
    async def release_request(self, request_id: str, household_id: str) -> None: ...


async def complete_request(act: FamilyAct, message: str, sent: Sending, *, quotas: Quotas, desk: Desk) -> Request:
    """The same for the same key. Raises as `completed`, `NotFound`, `KeyReused`, `VersionPassed`, `Conflict`."""
    request = await desk.requests.of_households(act.request_id, act.household_ids)
    if was_sent(request, sent):
        return request
    request = await act.request(desk.requests)
    now = moment(desk.clock)
    office = await desk.towns.office(request.municipality_id)
    try:
        after, told = completed(request, message, sent, act.account_id, now, office)
        await desk.requests.save_work(after, (told,), now)
    except (NothingAsked, Conflict):
        # The same click may have come twice at the same moment.
        request = await desk.requests.of_households(act.request_id, act.household_ids)
        if was_sent(request, sent):
            return request
        raise
    await quotas.release_request(request.id, request.household_id)
    return after


def was_sent(request: Request, sent: Sending) -> bool:
    """With this key before. Raises `KeyReused`."""
    for entry in request.history:
        if entry.sent and entry.sent.key == sent.key:
            if entry.sent.fingerprint != sent.fingerprint:
                raise KeyReused()
            return True
    return False
