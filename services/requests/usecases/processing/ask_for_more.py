"""An agent asks the family of a request for more."""

from collections.abc import Sequence

from services.requests.domain.processing.asking import asked_for_more
from services.requests.domain.requests import Request
from services.requests.usecases.moment import moment
from services.requests.usecases.processing.desk import AgentAct, Desk


async def ask_for_more(
    act: AgentAct, message: str, *, fields: Sequence[str], slots: Sequence[str], desk: Desk
) -> Request:
    """Raises as `asked_for_more`, `NotFound`, `VersionPassed`, `Conflict`."""
    request = await act.request(desk.requests)
    now = moment(desk.clock)
    office = await desk.towns.office(request.municipality_id)
    after, told = asked_for_more(
        request, message, fields=fields, slots=slots, by=act.account_id, now=now, office=office
    )
    await desk.requests.save_work(after, told, now)
    return after
