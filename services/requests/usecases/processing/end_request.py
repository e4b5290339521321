"""A family withdraws a request; an agent takes one up again."""

from services.requests.domain.processing.ending import reopened, withdrawn
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.processing.desk import AgentAct, Desk, FamilyAct


async def withdraw_request(act: FamilyAct, message: str, *, desk: Desk) -> Request:
    """Raises as `withdrawn`, `NotFound`, `VersionPassed`, `Conflict`."""
    request = await act.request(desk.requests)
    now = moment(desk.clock)
    zone = await desk.towns.zone(request.municipality_id)
    after, told = withdrawn(request, message, act.account_id, now, zone)
    await desk.requests.save_work(after, (told,), now)
    return after


async def reopen_request(act: AgentAct, reason: str, *, desk: Desk) -> Request:
    """Raises as `reopened`, `NotFound`, `VersionPassed`, `Conflict`."""
    request = await act.request(desk.requests)
    now = moment(desk.clock)
    office = await desk.towns.office(request.municipality_id)
    after, told = reopened(request, reason, act.account_id, now, office)
    await desk.requests.save_work(after, told, now)
    return after
