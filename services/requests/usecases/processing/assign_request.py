"""An agent takes a request in hand, or hands it to a colleague."""

from collections.abc import Collection
from typing import Protocol

from services.requests.domain.processing.assigning import assigned, moved
from services.requests.domain.records import Assignee
from services.requests.domain.refusals_of_processing import AgentUnknown
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.processing.desk import AgentAct, Desk


class Agents(Protocol):
    async def holds(self, account_id: str, municipality_id: str, roles: Collection[str]) -> bool: ...


async def assign_request(
    act: AgentAct, to: str | None, label: str, *, roles: Collection[str], agents: Agents, desk: Desk
) -> Request:
    """To that account, or (None) to nobody. Raises `AgentUnknown` for one without one of `roles` in the town, else as
    `assigned`, `NotFound`, `VersionPassed`, `Conflict`."""
    request = await act.request(desk.requests)
    if to and to != act.account_id and not await agents.holds(to, request.municipality_id, roles):
        raise AgentUnknown()
    now = moment(desk.clock)
    zone = await desk.towns.zone(request.municipality_id)
    wanted = Assignee(account_id=to, label=label, at=now) if to else None
    after, told = assigned(request, wanted, act.account_id, now, zone)
    if after is not request:
        await desk.requests.save_work(after, told, now)
    return after


async def move_request(act: AgentAct, step: str, *, desk: Desk) -> Request:
    """To that step of its workflow. Raises as `moved`, `NotFound`, `VersionPassed`, `Conflict`."""
    request = await act.request(desk.requests)
    now = moment(desk.clock)
    after = moved(request, step, act.account_id, now, await desk.towns.zone(request.municipality_id))
    if after is not request:
        await desk.requests.save_work(after, (), now)
    return after
